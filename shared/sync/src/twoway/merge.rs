//! The three-way merge, piece by piece.
//!
//! Decides which side's value a piece has, or that a person must say. A value
//! that loses is kept in the change. Must not write: what is to go to the ERP
//! afterwards is what [`pending`] says.

use domain::change::{ChangeKind, FieldChange};
use domain::fields::{field_of, owner};
use domain::{Direction, Fields, ObjectSettings, Owner, Rule};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

use super::entry::{Change, Conflict, Entry, Winner};

/// When each side last changed the record, as far as it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// The CRM's time.
    pub crm: Option<Timestamp>,
    /// The ERP's time.
    pub erp: Option<Timestamp>,
}

/// What a rule says.
fn judge(rule: Rule, times: Times) -> Option<Winner> {
    match rule {
        Rule::Crm => Some(Winner::Crm),
        Rule::Erp => Some(Winner::Erp),
        Rule::Park => None,
        Rule::Newest => match (times.crm, times.erp) {
            (Some(crm), Some(erp)) if crm > erp => Some(Winner::Crm),
            (Some(crm), Some(erp)) if erp > crm => Some(Winner::Erp),
            // No times, or the same: a rule by time cannot say.
            _ => None,
        },
    }
}

/// The pieces that are to be written to the ERP, in order.
pub fn pending(entry: &Entry) -> Vec<String> {
    let object = entry.id.object();
    entry
        .crm
        .differing(&entry.agreed)
        .into_iter()
        .filter(|p| owner(object, p) == Owner::Both && !entry.conflicts.contains_key(*p))
        .map(str::to_owned)
        .collect()
}

/// Gives list entries that the ERP has under a new name and with the same content the name that they had: a document that
/// is written anew gets new names for all its rows.
pub(crate) fn keep_names(entry: &mut Entry, erp: &Fields) {
    let named = entry.in_crm_names(erp);
    let mut gone: Vec<(String, &Value)> = entry
        .erp
        .iter()
        .filter(|(piece, _)| piece.contains('/') && named.get(piece).is_none())
        .map(|(piece, value)| (piece.to_owned(), value))
        .collect();
    let mut pairs = Vec::new();
    for (theirs, value) in erp.iter().filter(|(piece, _)| piece.contains('/')) {
        if entry.erp.get(theirs).is_some() || entry.aliases.contains_key(theirs) {
            continue;
        }
        let same = |(piece, was): &(String, &Value)| field_of(piece) == field_of(theirs) && *was == value;
        if let Some(at) = gone.iter().position(same) {
            pairs.push((theirs.to_owned(), gone.remove(at).0));
        }
    }
    for (theirs, ours) in pairs {
        entry.aliases.retain(|_, name| *name != ours);
        entry.aliases.insert(theirs, ours);
    }
}

/// Takes what the ERP has now into the entry. The change is what the CRM is to be told; `None` when it need not be.
///
/// Calling it again with the same fields changes nothing.
pub fn absorb(entry: &mut Entry, erp: &Fields, settings: &ObjectSettings, times: Times) -> Option<Change> {
    let object = entry.id.object();
    keep_names(entry, erp);
    let erp = entry.in_crm_names(erp);
    let mut told = BTreeMap::new();
    let mut decided = BTreeMap::new();
    let moved: Vec<String> = erp.differing(&entry.erp).into_iter().map(str::to_owned).collect();
    for piece in moved {
        let (now, was_crm) = (erp.get(&piece).cloned(), entry.crm.get(&piece).cloned());
        let base = entry.agreed.get(&piece).cloned();
        let crm_moved = was_crm != base && owner(object, &piece) == Owner::Both;
        entry.erp.put(&piece, now.as_ref());
        if crm_moved && was_crm == now {
            entry.agreed.put(&piece, now.as_ref());
            entry.conflicts.remove(&piece);
            continue;
        }
        if settings.direction == Direction::ToErp && owner(object, &piece) == Owner::Both {
            // The CRM's value is written over it.
            entry.agreed.put(&piece, now.as_ref());
            continue;
        }
        let winner = if crm_moved {
            let rule = settings.rule(&piece);
            let winner = judge(rule, times);
            decided
                .insert(piece.clone(), (rule, if winner == Some(Winner::Erp) { was_crm.clone() } else { now.clone() }));
            winner
        } else {
            Some(Winner::Erp)
        };
        match winner {
            Some(Winner::Erp) => {
                entry.agreed.put(&piece, now.as_ref());
                entry.conflicts.remove(&piece);
                if was_crm != now {
                    entry.crm.put(&piece, now.as_ref());
                    told.insert(piece, FieldChange { before: was_crm, after: now });
                }
            }
            Some(Winner::Crm) => {
                entry.conflicts.remove(&piece);
                entry.agreed.put(&piece, now.as_ref());
            }
            None => {
                let base = entry.conflicts.get(&piece).map_or(base, |c| c.base.clone());
                entry.conflicts.insert(piece, Conflict { base, crm: was_crm, erp: now });
            }
        }
    }
    if told.is_empty() && decided.is_empty() {
        return None;
    }
    entry.revision += u64::from(!told.is_empty());
    Some(Change { from: Winner::Erp, kind: ChangeKind::Updated, fields: told, decided, matched: None })
}

/// Settles a parked piece. `None` when it is not parked (any more).
pub fn settle_conflict(entry: &mut Entry, piece: &str, winner: Winner) -> Option<Change> {
    let conflict = entry.conflicts.remove(piece)?;
    let present = entry.crm.get(piece).cloned();
    let mut fields = BTreeMap::new();
    let lost = match winner {
        Winner::Erp => {
            entry.crm.put(piece, conflict.erp.as_ref());
            entry.agreed.put(piece, conflict.erp.as_ref());
            entry.revision += 1;
            fields.insert(piece.to_owned(), FieldChange { before: present.clone(), after: conflict.erp });
            present
        }
        Winner::Crm => {
            // Pending again: the CRM's value differs from what is agreed.
            entry.agreed.put(piece, conflict.erp.as_ref());
            conflict.erp
        }
    };
    let rule = if winner == Winner::Erp { Rule::Erp } else { Rule::Crm };
    let decided = BTreeMap::from([(piece.to_owned(), (rule, lost))]);
    Some(Change { from: winner, kind: ChangeKind::Updated, fields, decided, matched: None })
}
