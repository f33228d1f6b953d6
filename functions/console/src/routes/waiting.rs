//! What waits for a person, and deletions that a person lets pass.

use app::registers;
use app::twoway::oversight;
use axum::{Extension, extract::State, response::Response};
use domain::{Object, RecordId, Text};
use http::StatusCode;
use jiff::Timestamp;
use runtime::{Code, Language, Permission, http::Query};
use serde::Deserialize;
use std::{collections::BTreeSet, sync::Arc};

use super::{Seen, see_other};
use crate::{
    Shared,
    form::Form,
    page::{self, Chrome},
    place::Place,
    refusal::Refusal,
    session::Session,
    twoway::waiting::{DeletionList, WaitingRow, deletion_list, waiting_row},
    visit::Visit,
    wording::{DeedTexts, FileTexts, PeopleTexts, StoryTexts, SyncTexts, Texts},
};

/// So many records are on a page.
const PAGE: usize = 20;

/// What was just done, said once after the redirect.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Done {
    Settled,
    Decided,
    Looked,
    Deletions,
    Restored,
    Asked,
    FilesAsked,
    Merged,
    Unmerged,
    Unlinked,
    Linked,
}

impl Done {
    pub(super) fn text(self, language: Language) -> &'static str {
        let w = SyncTexts::of(language);
        match self {
            Self::Settled => w.notice_settled,
            Self::Decided => w.notice_decided,
            Self::Looked => w.notice_looked,
            Self::Deletions => w.notice_deletions,
            Self::Restored => w.notice_restored,
            Self::Asked => DeedTexts::of(language).notice_asked,
            Self::FilesAsked => FileTexts::of(language).notice_asked,
            Self::Merged => PeopleTexts::of(language).notice_merged,
            Self::Unmerged => PeopleTexts::of(language).notice_unmerged,
            Self::Unlinked => PeopleTexts::of(language).notice_unlinked,
            Self::Linked => PeopleTexts::of(language).notice_linked,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    done: Option<Done>,
    /// The last record of the part before, with its time.
    after: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Approval {
    csrf: String,
    object: Object,
    /// The hash of the list that was shown.
    list: String,
}

#[derive(askama::Template)]
#[template(path = "waiting.html")]
struct WaitingPage<'a> {
    chrome: Chrome,
    t: &'static Texts,
    w: &'static SyncTexts,
    csrf: &'a str,
    notice: Option<&'static str>,
    records: Vec<WaitingRow>,
    can_settle: bool,
    deletions: Vec<DeletionList>,
    s: &'static StoryTexts,
    /// Statuses without a meaning, with the kind of their documents.
    unmapped: Vec<String>,
    is_first: bool,
    next: Option<String>,
}

/// `GET /console/waiting`.
pub(crate) async fn page(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let after = asked.after.as_deref().map(place).transpose()?;
    let tenant = session.tenant(&shared);
    let seen = Seen { session: &session, visit: &visit, tenant: &tenant };
    let query = after.map(|(at, id)| format!("after={}", mark(at, id))).unwrap_or_default();
    let chrome = seen.chrome(Place::Waiting, Place::Waiting.address(), &query).await?;
    let reader = session.reader(&shared, &visit);
    let (entries, next) = oversight::waiting(&tenant, after, PAGE).await?;
    let mut deletions = Vec::new();
    for of in oversight::deletions(&tenant, shared.console.services.clock.now()).await? {
        let word = tenant.deletion_approval(of.object).await?;
        deletions.push(deletion_list(&of, word.as_ref(), shared.console.services.clock.now(), &reader));
    }
    let known = registers::known(&tenant).await?;
    let unmapped = known.registers.unmapped(&known.meanings);
    let named = |(kind, name, labels): (_, &Text, &BTreeSet<Text>)| {
        let name = labels.first().unwrap_or(name);
        format!("{}: {name}", reader.phrases().document_kind(kind))
    };
    let page = WaitingPage {
        chrome,
        t: reader.texts(),
        w: reader.sync_texts(),
        csrf: &session.csrf,
        notice: asked.done.map(|done| done.text(visit.language)),
        records: entries.iter().map(|entry| waiting_row(entry, &reader)).collect(),
        can_settle: reader.may(Permission::LogsResolve),
        deletions,
        s: StoryTexts::of(visit.language),
        unmapped: unmapped.map(named).collect(),
        is_first: after.is_none(),
        next: next.map(|(at, id)| mark(at, id)),
    };
    Ok(page::show(StatusCode::OK, &page))
}

/// `POST /console/deletions/approve`: lets exactly the list pass that was shown.
pub(crate) async fn approve(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Form(word): Form<Approval>,
) -> Result<Response, Refusal> {
    session.authorise(&word.csrf, Permission::LogsResolve)?;
    let tenant = session.tenant(&shared);
    let by = session.by(&visit);
    oversight::approve_deletions(&shared.console.services, &tenant, word.object, &word.list, by).await?;
    Ok(see_other("/console/waiting?done=deletions"))
}

/// A place in the list, as an address names it.
fn mark(at: Timestamp, id: RecordId) -> String {
    format!("{}.{id}", at.as_millisecond())
}

fn place(mark: &str) -> Result<(Timestamp, RecordId), Refusal> {
    let read = || {
        let (at, id) = mark.split_once('.')?;
        Some((Timestamp::from_millisecond(at.parse().ok()?).ok()?, id.parse().ok()?))
    };
    read().ok_or_else(|| Code::InvalidCursor.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_comes_back_from_its_address_and_nothing_else_is_one() {
        let id: RecordId = format!("con_{:032x}", 7).parse().expect("a record id");
        let at = Timestamp::from_millisecond(1_790_000_000_123).expect("a time");
        assert_eq!(place(&mark(at, id)).ok(), Some((at, id)));
        for bad in ["", ".", "1.", "x.con_1", "99999999999999999999.con_1", "1790000000123"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
