//! Deletions: what the CRM deletes, what the ERP no longer has, and taking it back.
//!
//! Decides that an edit beats a deletion. Must not decide how many deletions are
//! believed: that is the guard's, over the whole set and before the first one.

use std::collections::BTreeMap;

use domain::change::ChangeKind;
use jiff::Timestamp;

use super::entry::{Change, Entry, HoldReason, Winner};
use super::merge::pending;
use crate::guard;

/// A change that says what happened and no piece.
pub(super) const fn told(from: Winner, kind: ChangeKind) -> Change {
    Change { from, kind, fields: BTreeMap::new(), decided: BTreeMap::new(), matched: None }
}

/// The CRM deleted the record. What is told is only history: the CRM knows.
pub fn delete_by_crm(entry: &mut Entry, now: Timestamp) -> Option<Change> {
    if entry.crm_deleted_at.is_some() {
        return None;
    }
    entry.crm_deleted_at = Some(now);
    entry.revision += 1;
    if entry.is_unlinked() {
        // Nothing of it is in the ERP, and it stays apart when it is taken back.
        return Some(told(Winner::Crm, ChangeKind::Deleted));
    }
    entry.hold = None;
    if entry.intent.is_none() {
        entry.due = Some(now);
    }
    Some(told(Winner::Crm, ChangeKind::Deleted))
}

/// The ERP no longer has the record; evidence and guard have been passed. The CRM is told to archive it,
/// unless it has changed it: then a person decides.
pub fn archive(entry: &mut Entry, now: Timestamp) -> Option<Change> {
    if entry.archived_at.is_some() || entry.hold.is_some() {
        return None;
    }
    if !pending(entry).is_empty() || !entry.conflicts.is_empty() {
        entry.park(HoldReason::GoneInErp, now);
        return None;
    }
    entry.archived_at = Some(now);
    entry.due = None;
    entry.revision += 1;
    Some(told(Winner::Erp, ChangeKind::Deleted))
}

/// Takes an archived or deleted record back, within 30 days.
///
/// A deletion that has reached the ERP is not undone there: the record has no ERP side any more and is made anew.
pub fn restore(entry: &mut Entry, now: Timestamp) -> Result<Option<Change>, guard::RestoreError> {
    let Some(since) = entry.archived_at.or(entry.crm_deleted_at) else { return Ok(None) };
    guard::restore(since, now)?;
    entry.archived_at = None;
    entry.crm_deleted_at = None;
    entry.released = false;
    entry.revision += 1;
    entry.due = (!entry.is_unlinked()).then_some(now);
    Ok(Some(told(Winner::Crm, ChangeKind::Restored)))
}
