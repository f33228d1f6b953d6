//! Taking an edit from the CRM.
//!
//! Decides what the CRM changed: the difference to what it had seen, not to
//! what we have now. So an edit on an old revision takes nothing back that it
//! did not touch. Sending the same edit again changes no value.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{ChangeKind, FieldChange};
use domain::fields::owner;
use domain::{Direction, Fields, ObjectSettings, Owner, Rule};
use jiff::Timestamp;
use thiserror::Error;

use super::entry::{Change, Conflict, Entry, Winner};

/// An edit by the CRM: its whole value of the record.
#[derive(Clone, Debug, PartialEq)]
pub struct CrmEdit {
    /// The value.
    pub fields: Fields,
    /// The value that it was made on: what the CRM had been told at the revision that it names. Of an edit that names
    /// none, because the answer to its first one was lost, what that first one said.
    pub seen: Fields,
    /// The pieces that the CRM was told new values of since, because the ERP changed them.
    pub told_since: BTreeSet<String>,
    /// When, by the CRM's clock.
    pub edited_at: Option<Timestamp>,
}

/// Why an edit is refused. Nothing was taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// These pieces are the ERP's.
    #[error("{} cannot be changed by the CRM", .0.join(", "))]
    OwnedByErp(Vec<String>),
    /// The object type travels to the CRM only.
    #[error("this object type is only read from the ERP")]
    Direction,
    /// The record is deleted or archived: restore it first.
    #[error("the record is deleted: restore it first")]
    Deleted,
}

/// Takes an edit. `Ok(None)` when it changes nothing.
pub fn accept(
    entry: &mut Entry,
    edit: &CrmEdit,
    settings: &ObjectSettings,
    now: Timestamp,
) -> Result<Option<Change>, Refusal> {
    let object = entry.id.object();
    let changed = edit.fields.differing(&edit.seen);
    let unlinked = entry.erp_id.is_none() && entry.intent.is_none();
    let refused: Vec<String> = changed
        .iter()
        .filter(|p| edit.fields.get(p) != entry.crm.get(p))
        .filter(|p| match owner(object, p) {
            Owner::Both => false,
            Owner::AtCreation => !unlinked,
            Owner::Erp => true,
        })
        .map(|p| (*p).to_owned())
        .collect();
    if !refused.is_empty() {
        return Err(Refusal::OwnedByErp(refused));
    }
    if changed.is_empty() {
        return Ok(None);
    }
    if settings.direction == Direction::ToCrm {
        return Err(Refusal::Direction);
    }
    if entry.crm_deleted_at.is_some() || entry.archived_at.is_some() {
        return Err(Refusal::Deleted);
    }
    let (mut fields, mut decided) = (BTreeMap::new(), BTreeMap::new());
    for piece in changed {
        let (new, seen, have) = (edit.fields.get(piece), edit.seen.get(piece), entry.crm.get(piece).cloned());
        if new == have.as_ref() {
            continue;
        }
        if !edit.told_since.contains(piece) {
            fields.insert(piece.to_owned(), FieldChange { before: have, after: new.cloned() });
            entry.crm.put(piece, new);
            if let Some(conflict) = entry.conflicts.get_mut(piece) {
                conflict.crm = new.cloned();
            }
            continue;
        }
        // The CRM was told another value meanwhile: both sides changed the piece.
        let rule = settings.rule(piece);
        match rule {
            Rule::Erp => {
                decided.insert(piece.to_owned(), (rule, new.cloned()));
            }
            Rule::Crm => {
                decided.insert(piece.to_owned(), (rule, have.clone()));
                fields.insert(piece.to_owned(), FieldChange { before: have, after: new.cloned() });
                entry.crm.put(piece, new);
                if let Some(conflict) = entry.conflicts.get_mut(piece) {
                    conflict.crm = new.cloned();
                }
            }
            Rule::Newest | Rule::Park => {
                decided.insert(piece.to_owned(), (rule, have.clone()));
                let conflict = Conflict { base: seen.cloned(), crm: new.cloned(), erp: have.clone() };
                entry.conflicts.insert(piece.to_owned(), conflict);
                fields.insert(piece.to_owned(), FieldChange { before: have, after: new.cloned() });
                entry.crm.put(piece, new);
            }
        }
    }
    if fields.is_empty() && decided.is_empty() {
        return Ok(None);
    }
    entry.revision += u64::from(!fields.is_empty());
    if !fields.is_empty() {
        entry.crm_edited_at = edit.edited_at;
    }
    // What a person took apart is not matched again because of an edit.
    if !fields.is_empty() && !entry.is_unlinked() {
        entry.due = Some(entry.due.map_or(now, |due| if entry.intent.is_some() { due } else { due.min(now) }));
        // An edit is a new fact: what a person was asked for may be answered by it.
        entry.hold = None;
    }
    Ok(Some(Change { from: Winner::Crm, kind: ChangeKind::Updated, fields, decided, matched: None }))
}
