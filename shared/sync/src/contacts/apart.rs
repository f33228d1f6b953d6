//! A person takes a contact of the CRM and its partner apart, or joins two.
//!
//! Decides what each of the two keeps. The CRM's contact keeps its values and
//! waits for a person: nothing matches it or makes it in the ERP by itself. The
//! partner stays as the ERP has it and is nobody's.

use std::collections::BTreeMap;

use domain::change::ChangeKind;
use domain::{Fields, ObjectSettings, RecordId, TenantId};
use jiff::Timestamp;
use thiserror::Error;

use super::merge::difference;
use super::names::freed;
use crate::twoway::{Change, Entry, Hold, HoldReason, Winner, claim_as};

/// What taking a contact and its partner apart leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Apart {
    /// The ERP's record, which no record of the CRM has.
    pub record: Entry,
    /// What is told of it; it comes first.
    pub record_told: Change,
    /// The CRM's record, which waits for a person.
    pub open: Entry,
    /// What is told of it, against what the other one has by then.
    pub open_told: Change,
}

/// Why they are not taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApartError {
    /// The contact has no partner.
    #[error("the contact is not linked to a record of the ERP")]
    NotLinked,
    /// A write is under way.
    #[error("a write to the ERP is under way")]
    Busy,
    /// It is deleted or archived.
    #[error("the record is deleted: restore it first")]
    Deleted,
}

/// Takes a contact of the CRM and its partner apart.
///
/// # Errors
///
/// There is nothing to take apart, or not now.
pub fn unlink(tenant: &TenantId, entry: &Entry, by: &str, now: Timestamp) -> Result<Apart, ApartError> {
    let (Some(crm_id), Some(erp_id)) = (&entry.crm_id, entry.erp_id) else { return Err(ApartError::NotLinked) };
    if entry.intent.is_some() {
        return Err(ApartError::Busy);
    }
    if entry.crm_deleted_at.is_some() || entry.archived_at.is_some() {
        return Err(ApartError::Deleted);
    }
    let revision = entry.revision + 1;
    let record = Entry { revision, ..Entry::of_erp(entry.id, erp_id, entry.in_erp_names()) };
    let id = RecordId::for_crm(tenant, entry.id.object(), crm_id);
    let mut open = Entry { revision, ..Entry::of_crm(id, crm_id.clone(), entry.crm.clone()) };
    // Should the two be joined again, the entries are the same ones.
    open.aliases.clone_from(&entry.aliases);
    open.absorbed.clone_from(&entry.absorbed);
    open.crm_edited_at = entry.crm_edited_at;
    open.hold =
        Some(Hold { reason: HoldReason::Unlinked { by: by.to_owned(), erp_id }, since: now, candidates: Vec::new() });
    let told = |before: &Fields, after: &Fields| Change {
        from: Winner::Crm,
        kind: ChangeKind::Unlinked,
        fields: difference(before, after),
        decided: BTreeMap::new(),
        matched: None,
    };
    Ok(Apart { record_told: told(&entry.crm, &record.crm), open_told: told(&record.crm, &open.crm), record, open })
}

/// Joins a contact that only the CRM has with `known`, a record of the ERP that is nobody's: equal pieces are adopted,
/// different ones go by the rule or wait for a person. `ours` is what the CRM has.
pub fn link_to(
    open: &Entry,
    ours: &Fields,
    known: &Entry,
    settings: &ObjectSettings,
    now: Timestamp,
) -> (Entry, Change) {
    let crm_id = open.crm_id.clone().unwrap_or_default();
    let ours = freed(ours, &known.in_erp_names());
    let (mut entry, change) = claim_as(known, crm_id, ours, &open.aliases, settings, now);
    entry.revision = known.revision.max(open.revision) + 1;
    entry.absorbed.clone_from(&open.absorbed);
    entry.crm_edited_at = open.crm_edited_at;
    let fields = difference(&open.crm, &entry.crm);
    (entry, Change { from: Winner::Erp, kind: ChangeKind::Linked, fields, decided: change.decided, matched: None })
}

/// A person lets a contact that was taken apart be searched for and made in the ERP like any other.
pub fn let_go(entry: &mut Entry, now: Timestamp) -> Option<Change> {
    if !entry.is_unlinked() {
        return None;
    }
    let before = std::mem::take(&mut entry.crm);
    entry.crm = freed(&before, &Fields::default());
    entry.aliases.clear();
    entry.hold = None;
    entry.due = Some(now);
    let fields = difference(&before, &entry.crm);
    entry.revision += u64::from(!fields.is_empty());
    Some(Change { fields, ..Change::of_erp(BTreeMap::new()) })
}
