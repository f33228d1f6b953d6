//! What the pages about both sides show: what waits, records, plans, settings, certificates, undone runs.
//!
//! Decides the form only. Each view is pure, so that each state of a page can be
//! tested as a value.

pub(crate) mod certificates;
pub(crate) mod deed_form;
pub(crate) mod deed_told;
pub(crate) mod deeds;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod making;
pub(crate) mod offering;
pub(crate) mod people;
pub(crate) mod plan;
pub(crate) mod record;
pub(crate) mod registers;
pub(crate) mod settings;
pub(crate) mod story;
pub(crate) mod undone;
pub(crate) mod waiting;

mod item;
mod outcome;

#[cfg(test)]
mod samples;

use domain::RecordId;
use sync::twoway::Entry;

use crate::reader::Reader;

/// A record to which a page leads.
pub(crate) struct RecordLink {
    pub(crate) id: String,
    pub(crate) object: &'static str,
    /// What people call it.
    pub(crate) name: String,
}

impl RecordLink {
    /// A record of which only the ids are known.
    pub(crate) fn of_id(id: RecordId, crm_id: Option<&str>, reader: &Reader<'_>) -> Self {
        let text = id.to_string();
        Self {
            name: crm_id.map_or_else(|| text.clone(), str::to_owned),
            id: text,
            object: reader.phrases().object(id.object()),
        }
    }

    /// A record with its name.
    pub(crate) fn of_entry(entry: &Entry, reader: &Reader<'_>) -> Self {
        let text = |piece: &str| entry.crm.get(piece).and_then(|v| v.as_str()).map(str::to_owned);
        let name = text("name").or_else(|| text("number")).or_else(|| text("title"));
        let name = name.filter(|n| !n.trim().is_empty());
        let link = Self::of_id(entry.id, entry.crm_id.as_deref(), reader);
        Self { name: name.unwrap_or(link.name), ..link }
    }
}

/// How many there are, as texts count.
pub(crate) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
