//! Two contacts of the CRM that are one.
//!
//! Decides what the one that stays has afterwards and what the one that went
//! leaves: its id leads to the other, its values stay in its own row. The CRM
//! says which one stays, so of two values of the CRM that one's counts; between
//! the CRM and the ERP the rules decide as they do for any edit. Can be taken
//! back until something was built on it.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{ChangeKind, FieldChange};
use domain::fields::owner;
use domain::{ContentHash, Direction, ErpId, Fields, ObjectSettings, Owner, RecordId, Rule, TenantId};
use jiff::Timestamp;
use serde_json::Value;
use thiserror::Error;

use super::alias::{FURTHEST, way_through};
use super::names::{freed, is_entry, is_known, new_name, same_in};
use crate::twoway::{Change, CrmEdit, Entry, Merged, Refusal, Winner, accept, is_form_of, pending};

/// What a merge makes of both records.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// The one that stays. It has the row of the ERP's record when either had one.
    pub survivor: Entry,
    /// What is told of it, against what the CRM had of it.
    pub told: Change,
    /// The one that went: an open row that leads to the other.
    pub alias: Entry,
    /// What is told of that.
    pub alias_told: Change,
    /// The row of the ERP's record goes from the one that went to the one that stays.
    pub moves: bool,
}

/// Why two contacts are not merged. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// The one that is to stay leads to the one that is to go, by these ids.
    #[error("{} already is {}: a merge would lead in a circle", .0.first().map_or("", String::as_str), .0.last().map_or("", String::as_str))]
    Cyclic(Vec<String>),
    /// Each is linked to another partner.
    #[error("{} is partner {} of the ERP and {} is partner {}", gone.0, gone.1, survivor.0, survivor.1)]
    BothLinked {
        /// The one that is to go, and its partner.
        gone: (String, ErpId),
        /// The one that is to stay, and its partner.
        survivor: (String, ErpId),
    },
    /// A write of this one is under way.
    #[error("a write of {0} to the ERP is under way")]
    Busy(String),
    /// This one is deleted or archived.
    #[error("{0} is deleted: restore it first")]
    Deleted(String),
    /// More contacts went into one another than is followed.
    #[error("{0} has taken in a chain of {FURTHEST} contacts already")]
    TooDeep(String),
    /// The records are of the CRM's in name only.
    #[error("a record that is not linked to the CRM cannot be merged")]
    NotOfCrm,
}

/// What taking a merge back makes of both records.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmerge {
    /// The one that had gone.
    pub gone: Entry,
    /// What is told of it.
    pub gone_told: Change,
    /// The one that stayed.
    pub survivor: Entry,
    /// What is told of it.
    pub told: Change,
    /// The row of the ERP's record goes back to the one that had gone.
    pub moves: bool,
}

/// Why a merge is not taken back.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Built {
    /// It is no merge.
    #[error("the record was not merged")]
    NotMerged,
    /// The one that stayed has changed since.
    #[error("{0} has changed since")]
    Changed(String),
    /// What the merge added has reached the ERP, or a person decided about it.
    #[error("what it added to {0} is in the ERP, or was decided about")]
    Written(String),
    /// A write is under way.
    #[error("a write of {0} to the ERP is under way")]
    Busy(String),
    /// The one that stayed went into another one since.
    #[error("{0} went into {1} since: take that back first")]
    WentOn(String, String),
}

/// Makes `gone` and `survivor` one.
///
/// # Errors
///
/// They cannot be: see [`Refused`].
pub fn merge(
    tenant: &TenantId,
    gone: &Entry,
    survivor: &Entry,
    settings: &ObjectSettings,
    by: &str,
    now: Timestamp,
) -> Result<Merge, Refused> {
    let (Some(going), Some(staying)) = (gone.crm_id.clone(), survivor.crm_id.clone()) else {
        return Err(Refused::NotOfCrm);
    };
    if going == staying || gone.id == survivor.id {
        return Err(Refused::Cyclic(vec![going]));
    }
    for (entry, crm_id) in [(gone, &going), (survivor, &staying)] {
        if let Some(merged) = &entry.merged {
            return Err(Refused::Cyclic(vec![crm_id.clone(), merged.into.clone()]));
        }
        if entry.crm_deleted_at.is_some() || entry.archived_at.is_some() {
            return Err(Refused::Deleted(crm_id.clone()));
        }
        let is_open = entry.id == RecordId::for_crm(tenant, entry.id.object(), crm_id);
        // One that was deleted in the ERP and taken back is about to be made there anew.
        if entry.intent.is_some() || is_open == entry.erp_id.is_some() {
            return Err(Refused::Busy(crm_id.clone()));
        }
    }
    if let (Some(a), Some(b)) = (gone.erp_id, survivor.erp_id) {
        return Err(Refused::BothLinked { gone: (going, a), survivor: (staying, b) });
    }
    let way = way_through(gone);
    if way > FURTHEST {
        return Err(Refused::TooDeep(going));
    }
    let moves = gone.erp_id.is_some();
    let (mut out, decided) =
        if moves { taken_over(gone, survivor, settings, now) } else { filled_in(gone, survivor, settings, now) };
    out.crm_id = Some(staying.clone());
    out.revision = gone.revision.max(survivor.revision) + 1;
    out.absorbed.clone_from(&survivor.absorbed);
    out.absorbed.insert(going.clone(), way);
    let told = Change {
        from: Winner::Erp,
        kind: ChangeKind::Merged,
        fields: difference(&survivor.crm, &out.crm),
        decided,
        matched: None,
    };
    let merged = Merged {
        into: staying,
        by: by.to_owned(),
        since: now,
        gone: gone.clone(),
        survivor: survivor.clone(),
        revision: out.revision,
        base: base_of(&out),
    };
    let id = RecordId::for_crm(tenant, gone.id.object(), &going);
    let mut alias = Entry::of_crm(id, going, gone.crm.clone());
    alias.revision = gone.revision + 1;
    alias.absorbed.clone_from(&gone.absorbed);
    alias.crm_edited_at = gone.crm_edited_at;
    alias.merged = Some(Box::new(merged));
    // A row that is new says all of it; one that was there said it before.
    let fields = if moves { difference(&Fields::default(), &alias.crm) } else { BTreeMap::new() };
    let alias_told =
        Change { from: Winner::Crm, kind: ChangeKind::Merged, fields, decided: BTreeMap::new(), matched: None };
    Ok(Merge { survivor: out, told, alias, alias_told, moves })
}

type Decided = BTreeMap<String, (Rule, Option<Value>)>;

/// The one that stays with what it lacked and the one that went had.
fn filled_in(gone: &Entry, survivor: &Entry, settings: &ObjectSettings, now: Timestamp) -> (Entry, Decided) {
    let mut out = survivor.clone();
    let mut decided = Decided::new();
    let mut wanted = out.crm.clone();
    for (piece, value) in freed(&gone.crm, &survivor.in_erp_names()).iter() {
        let here = if is_entry(piece) { same_in(&survivor.crm, piece, value) } else { Some(piece) };
        match here.and_then(|name| Some((name, survivor.crm.get(name)?))) {
            Some((name, own)) if !is_form_of(value, own) => {
                decided.insert(name.to_owned(), (Rule::Crm, Some(value.clone())));
            }
            None if may_set(&out, piece, settings) => {
                let is_taken = |name: &str| is_known(&out, name) || wanted.get(name).is_some();
                let name =
                    if is_entry(piece) && is_taken(piece) { new_name(piece, is_taken) } else { piece.to_owned() };
                wanted.put(&name, Some(value));
            }
            Some(_) | None => {}
        }
    }
    let edit = CrmEdit {
        fields: wanted,
        seen: out.crm.clone(),
        told_since: BTreeSet::new(),
        edited_at: survivor.crm_edited_at.max(gone.crm_edited_at),
    };
    take(&mut out, &edit, settings, now, &mut decided);
    (out, decided)
}

/// The one that stays with the ERP's record of the one that went. What it had is an edit of that.
fn taken_over(gone: &Entry, survivor: &Entry, settings: &ObjectSettings, now: Timestamp) -> (Entry, Decided) {
    let mut out = gone.clone();
    let mut decided = Decided::new();
    let own = freed(&survivor.crm, &gone.in_erp_names());
    rename_to(&mut out, &own);
    let open_pieces: BTreeSet<String> = pending(&out).into_iter().chain(out.conflicts.keys().cloned()).collect();
    let (mut wanted, mut told_since) = (out.crm.clone(), BTreeSet::new());
    for (piece, value) in own.iter() {
        let theirs = out.crm.get(piece);
        if theirs == Some(value) {
            continue;
        }
        if !may_set(&out, piece, settings) {
            decided.insert(piece.to_owned(), (Rule::Erp, Some(value.clone())));
            continue;
        }
        // What the ERP has as well is between the CRM and the ERP; what it does not have yet is the CRM's alone.
        if theirs.is_some() && !open_pieces.contains(piece) {
            told_since.insert(piece.to_owned());
        }
        wanted.put(piece, Some(value));
    }
    let edit = CrmEdit { fields: wanted, seen: out.crm.clone(), told_since, edited_at: survivor.crm_edited_at };
    take(&mut out, &edit, settings, now, &mut decided);
    let waits = !pending(&out).is_empty() && out.hold.is_none();
    out.due = out.due.or_else(|| waits.then_some(now));
    (out, decided)
}

/// Takes the edit by the usual rules. What could be refused was left out of it.
fn take(out: &mut Entry, edit: &CrmEdit, settings: &ObjectSettings, now: Timestamp, decided: &mut Decided) {
    let before = out.clone();
    match accept(out, edit, settings, now) {
        Ok(change) => decided.extend(change.into_iter().flat_map(|c| c.decided)),
        Err(Refusal::OwnedByErp(_) | Refusal::Direction | Refusal::Deleted) => *out = before,
    }
}

fn may_set(entry: &Entry, piece: &str, settings: &ObjectSettings) -> bool {
    settings.direction != Direction::ToCrm
        && match owner(entry.id.object(), piece) {
            Owner::Both => true,
            Owner::AtCreation => entry.erp_id.is_none(),
            Owner::Erp => false,
        }
}

/// Gives the entries of a partner the names that the CRM's record `own` has for the same ones.
fn rename_to(out: &mut Entry, own: &Fields) {
    let pairs = pairs_of(out, own);
    let moved = |name: &str| pairs.get(name).cloned().unwrap_or_else(|| name.to_owned());
    let rename =
        |fields: &Fields| -> Fields { fields.iter().map(|(name, value)| (moved(name), value.clone())).collect() };
    let entries = out.erp.iter().map(|(name, _)| name).filter(|name| is_entry(name));
    let aliases = entries.map(|name| (out.erp_name(name).to_owned(), moved(name))).filter(|(erp, crm)| erp != crm);
    let aliases = aliases.collect();
    let conflicts = out.conflicts.iter().map(|(name, conflict)| (moved(name), conflict.clone())).collect();
    (out.crm, out.agreed, out.erp) = (rename(&out.crm), rename(&out.agreed), rename(&out.erp));
    (out.aliases, out.conflicts) = (aliases, conflicts);
    // What says the same in other words is agreed in the words of the one that stays.
    for (piece, value) in own.iter().filter(|(piece, _)| is_entry(piece)) {
        let Some(now) = out.crm.get(piece).cloned() else { continue };
        if is_form_of(value, &now) && out.agreed.get(piece) == Some(&now) {
            out.crm.put(piece, Some(value));
            out.agreed.put(piece, Some(value));
        }
    }
}

/// The new name of each entry of `out` that gets one.
fn pairs_of(out: &Entry, own: &Fields) -> BTreeMap<String, String> {
    let mut rest = out.crm.clone();
    rest.retain(is_entry);
    let mut pairs = BTreeMap::new();
    for (piece, value) in own.iter().filter(|(piece, _)| is_entry(piece)) {
        // By the ERP's own name it is the same one whatever it says by now.
        let by_name = out.aliases.get(piece).map_or(piece, String::as_str);
        let is_of_erp = out.erp.get(by_name).is_some() && out.erp_name(by_name) == piece;
        let same = if is_of_erp { rest.get(by_name).map(|_| by_name) } else { same_in(&rest, piece, value) };
        if let Some(name) = same.map(str::to_owned) {
            rest.put(&name, None);
            pairs.insert(name, piece.to_owned());
        }
    }
    // Another entry that has one of these names by chance gets the ERP's, or a new one.
    for (name, _) in rest.iter().filter(|(name, _)| own.get(name).is_some()) {
        let erp = out.erp_name(name);
        let is_taken = |n: &str| is_known(out, n) || own.get(n).is_some();
        let free = if erp != name && own.get(erp).is_none() { erp.to_owned() } else { new_name(name, is_taken) };
        pairs.insert(name.to_owned(), free);
    }
    pairs
}

pub(super) fn difference(before: &Fields, after: &Fields) -> BTreeMap<String, FieldChange> {
    let change = |p: &str| FieldChange { before: before.get(p).cloned(), after: after.get(p).cloned() };
    after.differing(before).into_iter().map(|piece| (piece.to_owned(), change(piece))).collect()
}

/// What both sides agreed on and what a person has still to decide, as a hash.
fn base_of(entry: &Entry) -> u64 {
    let erp_id = entry.erp_id.map_or(0, ErpId::get).to_be_bytes();
    let (agreed, erp) = (entry.agreed.hash().0.to_be_bytes(), entry.erp.hash().0.to_be_bytes());
    let open: Vec<u8> = entry.conflicts.keys().flat_map(|piece| [piece.as_bytes(), b"\n"].concat()).collect();
    ContentHash::of(&[&erp_id, &agreed, &erp, &open]).0
}

/// Makes two of the one again: `alias`, which went, and `survivor`, which stayed.
///
/// # Errors
///
/// Something was built on the merge: see [`Built`].
pub fn unmerge(alias: &Entry, survivor: &Entry, now: Timestamp) -> Result<Unmerge, Built> {
    let (Some(merged), Some(going)) = (&alias.merged, &alias.crm_id) else { return Err(Built::NotMerged) };
    let staying = merged.into.clone();
    if let Some(on) = &survivor.merged {
        return Err(Built::WentOn(staying, on.into.clone()));
    }
    let is_same = survivor.crm_id.as_ref() == Some(&staying) && survivor.absorbed.contains_key(going);
    if !is_same || survivor.revision != merged.revision || survivor.crm_deleted_at.is_some() {
        return Err(Built::Changed(staying));
    }
    if survivor.intent.is_some() {
        return Err(Built::Busy(staying));
    }
    if base_of(survivor) != merged.base {
        return Err(Built::Written(staying));
    }
    let moves = merged.gone.erp_id.is_some();
    let back = |was: &Entry, revision: u64| {
        let waits = was.hold.is_none() && (was.erp_id.is_none() || !pending(was).is_empty());
        Entry { revision, due: waits.then_some(now), ..was.clone() }
    };
    let revision = survivor.revision + 1;
    let gone = back(&merged.gone, if moves { revision } else { alias.revision + 1 });
    let stayed = back(&merged.survivor, revision);
    let told = |before: &Fields, after: &Fields| Change {
        from: Winner::Erp,
        kind: ChangeKind::Unmerged,
        fields: difference(before, after),
        decided: BTreeMap::new(),
        matched: None,
    };
    // Where the row goes back, the one that stayed goes on from what the row has by then.
    let (of_gone, of_survivor) = if moves {
        (told(&survivor.crm, &gone.crm), told(&gone.crm, &stayed.crm))
    } else {
        (told(&alias.crm, &gone.crm), told(&survivor.crm, &stayed.crm))
    };
    Ok(Unmerge { gone, gone_told: of_gone, survivor: stayed, told: of_survivor, moves })
}
