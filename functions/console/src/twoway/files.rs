//! The files of a document, and what can be fetched for it.

use app::files::{
    LookView,
    attached::{Attached, Fate, Origin},
};
use domain::{Document, Object, PrintLanguage, Settings};
use runtime::{Code, Language, Permission, catalogue};

use crate::{
    reader::{Badge, Reader, When},
    wording::FileTexts,
};

/// A file of a document.
pub(crate) struct FileRow {
    pub(crate) id: String,
    pub(crate) name: String,
    /// `None` for one that is not kept.
    pub(crate) size: Option<String>,
    pub(crate) from: &'static str,
    pub(crate) seen: When,
    pub(crate) badge: Badge,
    /// Why it is not kept.
    pub(crate) why: Option<&'static str>,
}

/// The files of a document as its page shows them.
pub(crate) struct FilesView {
    pub(crate) rows: Vec<FileRow>,
    pub(crate) looked: Option<When>,
    pub(crate) is_looking: bool,
    /// Why the last look did not see everything.
    pub(crate) problem: Option<String>,
    pub(crate) can_refresh: bool,
    /// Printed forms: the query of each, and its language when there are several.
    pub(crate) prints: Vec<(&'static str, &'static str)>,
    pub(crate) has_proof: bool,
}

impl FilesView {
    /// What `reader` sees of them.
    pub(crate) fn of(
        all: &[Attached],
        look: &LookView,
        document: &Document,
        settings: &Settings,
        reader: &Reader<'_>,
    ) -> Self {
        let described = |code: &String| {
            let text = catalogue::describe(code, reader.language);
            text.map_or_else(|| code.clone(), |text| format!("{} {}", text.detail, text.remedy))
        };
        let languages = [(PrintLanguage::Sl, "Slovenščina"), (PrintLanguage::En, "English")];
        let has_report = |language: &PrintLanguage| settings.report(document.kind, *language).is_some();
        let is_order = document.kind.object() == Object::Orders;
        Self {
            rows: all.iter().map(|file| file_row(file, reader)).collect(),
            looked: look.looked_at.map(|at| reader.when(at)),
            is_looking: look.pending,
            problem: look.problem.as_ref().map(described),
            can_refresh: reader.may(Permission::Sync),
            prints: languages.iter().filter(|(l, _)| has_report(l)).map(|(l, name)| (l.name(), *name)).collect(),
            has_proof: is_order && document.buyer_order.is_some() && document.tracking.number.is_some(),
        }
    }
}

fn file_row(file: &Attached, reader: &Reader<'_>) -> FileRow {
    let f = FileTexts::of(reader.language);
    let (size, why) = match file.fate {
        Fate::Kept { size, .. } => (Some(size_text(size, reader.language)), None),
        Fate::Refused { why } => {
            let code = Code::parse(why.code()).unwrap_or(Code::FileTypeRefused);
            (None, Some(code.text(reader.language).detail))
        }
    };
    let (tone, text) = match (size.is_some(), file.in_erp) {
        (false, _) => ("warn", f.not_kept),
        (true, Some(true)) => ("good", f.kept),
        (true, Some(false)) => ("idle", f.gone),
        (true, None) => ("busy", f.on_its_way),
    };
    FileRow {
        id: file.id.clone(),
        name: file.name.clone(),
        size,
        from: match file.origin {
            Origin::Erp => f.from_erp,
            Origin::Crm => f.from_crm,
        },
        seen: reader.when(file.first_seen),
        badge: Badge { tone, text },
        why,
    }
}

/// `12 KB`, `1.234 KB`: rounded up, so that no file is nothing.
fn size_text(bytes: u64, language: Language) -> String {
    format!("{} KB", crate::wording::number(language, bytes.div_ceil(1024)))
}
