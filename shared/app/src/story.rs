//! The story of a document, and the documents of a contact.
//!
//! Decides how much is read: a document's changes along their chain, a contact's
//! documents along their places. What they tell is decided by `sync::timeline`
//! and `domain::derived`.

use std::collections::BTreeMap;

use domain::day::day_of;
use domain::{Derived, Record, RecordId, derive};
use jiff::Timestamp;
use jiff::civil::Date;
use store::{Row, StoreError, Stored, Tenant};
use sync::timeline::{Event, timeline};

use crate::twoway::undo::of_whole_log;

/// The most changes of a document that its story is told from, the newest.
pub const MOST_CHANGES: usize = 500;

/// The story of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// What follows from the document as it is; none of one that only the CRM has.
    pub derived: Option<Derived>,
    /// What happened, the oldest first.
    pub events: Vec<Event>,
    /// Whether it goes back to the first change.
    pub is_whole: bool,
}

/// The story of a document; `None` when there is no such document.
///
/// # Errors
///
/// The table failed.
pub async fn story(tenant: &Tenant, id: RecordId, now: Timestamp) -> Result<Option<Story>, StoreError> {
    if !id.object().is_document() {
        return Ok(None);
    }
    let Some(row) = tenant.row(id).await? else { return Ok(None) };
    let derived = match &row {
        Row::Record(stored) => derived_of(tenant, stored, now).await?,
        Row::Open(_) => None,
    };
    let mut changes = tenant.history(id, MOST_CHANGES).await?;
    let is_whole = changes.last().is_none_or(|oldest| oldest.prev.is_none());
    changes.reverse();
    Ok(Some(Story { derived, events: timeline(&of_whole_log(&changes)), is_whole }))
}

/// What follows from a document as it is now; `None` when it is no document.
///
/// # Errors
///
/// The table failed.
pub async fn derived_of(tenant: &Tenant, stored: &Stored, now: Timestamp) -> Result<Option<Derived>, StoreError> {
    let Record::Document(document) = &stored.record else { return Ok(None) };
    Ok(Some(derive(document, &tenant.meanings().await?, day_of(now))))
}

/// Where a document stands among those of its contact.
pub type Place = (Option<Date>, RecordId);

/// A part of a contact's documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Documents {
    /// Documents with what follows from each, the latest date first.
    pub documents: Vec<(Stored, Derived)>,
    /// Behind which place the next part begins; `None` at the end.
    pub next: Option<Place>,
}

/// At most `limit` documents of a contact, from behind `after`: one query, one batch read, the meanings. Those that the
/// ERP no longer has are left out unless `with_missing`, so a part may hold fewer and still have more behind it.
///
/// # Errors
///
/// The table failed.
pub async fn documents_of(
    tenant: &Tenant,
    contact: RecordId,
    after: Option<Place>,
    limit: usize,
    with_missing: bool,
    now: Timestamp,
) -> Result<Documents, StoreError> {
    let mut places = tenant.documents_of(contact, after, limit + 1).await?;
    let more = places.len() > limit;
    places.truncate(limit);
    let next = places.last().copied().filter(|_| more);
    let meanings = tenant.meanings().await?;
    let ids: Vec<RecordId> = places.iter().map(|(_, id)| *id).collect();
    let mut found: BTreeMap<RecordId, Stored> = tenant.records(&ids).await?;
    let mut documents = Vec::with_capacity(ids.len());
    for stored in ids.iter().filter_map(|id| found.remove(id)) {
        let Record::Document(document) = &stored.record else { continue };
        if with_missing || stored.missing_since.is_none() {
            let derived = derive(document, &meanings, day_of(now));
            documents.push((stored, derived));
        }
    }
    Ok(Documents { documents, next })
}
