//! Taking back what a run changed, piece by piece.
//!
//! Decides which pieces are set back to what the CRM had, which stay because
//! somebody changed them later, and what cannot be taken back. Setting back is an
//! edit like any other: it reaches the ERP by the normal visit, it is told, and
//! it can be undone. Must not take an edit that [`accept`] would refuse.
//!
//! Where a rule let one side win, the value that lost is what comes back. So an
//! undo of a value pulled from the ERP wants the CRM's old value on both sides.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::ChangeKind;
use domain::fields::owner;
use domain::{ObjectSettings, Owner, RecordId, Rule, Settings};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fold::Told;
use crate::twoway::{Change, CrmEdit, Entry, Refusal, Winner, accept};

/// A piece that is set back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// What the CRM has now.
    pub is: Option<Value>,
    /// What it is set to.
    pub to: Option<Value>,
}

/// Who changed a piece later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    /// The change.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// The side that the value came from.
    pub from: Winner,
}

/// Why something is not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// The record is deleted, archived or no longer there.
    Deleted,
    /// The run met the record for the first time.
    Added,
    /// The run made it in the ERP, or joined it with a record there: the two stay one.
    Linked,
    /// The run deleted or archived it.
    DeletedInRun,
    /// The run took it back from deletion.
    RestoredInRun,
    /// The value is the ERP's own.
    OwnedByErp,
    /// It is set when the record is made, and stays.
    SetAtCreation,
    /// The object type travels to the CRM only.
    Direction,
    /// Both sides changed it, and a person must say.
    Conflict,
}

/// What can be done instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instead {
    /// Restore the record, then undo.
    Restore,
    /// Delete it in the CRM; the deletion goes to the ERP as far as settings, guard and the ERP's API let it.
    DeleteInCrm,
    /// Change it in the ERP.
    ChangeInErp,
    /// Settle the conflict.
    Settle,
}

/// What is taken back of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The record, by the id that it has now.
    pub record: RecordId,
    /// Pieces that are set back.
    pub set: BTreeMap<String, Back>,
    /// Pieces that stay, because somebody changed them later; who, when the log was given that far.
    pub kept: BTreeMap<String, Option<Later>>,
    /// Pieces that cannot be set back.
    pub refused: BTreeMap<String, Refused>,
    /// What cannot be taken back of the record as a whole.
    pub whole: Option<Refused>,
}

/// What an undo did to a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Undone {
    /// What is told; `None` when nothing changed.
    pub change: Option<Change>,
    /// Pieces that were changed after the undo was decided, and stay.
    pub left: Vec<String>,
}

impl Refused {
    /// What can be done instead.
    pub const fn instead(self) -> Instead {
        match self {
            Self::Deleted | Self::DeletedInRun => Instead::Restore,
            Self::Added | Self::Linked | Self::RestoredInRun => Instead::DeleteInCrm,
            Self::OwnedByErp | Self::SetAtCreation | Self::Direction => Instead::ChangeInErp,
            Self::Conflict => Instead::Settle,
        }
    }
}

/// What the run did to a piece in the end.
struct Effect<'a> {
    /// The last change of the run to it.
    seq: u64,
    before: Option<&'a Value>,
    after: After<'a>,
}

/// What a piece had after a change.
#[derive(Clone, Copy, PartialEq)]
enum After<'a> {
    Told(Option<&'a Value>),
    /// The CRM's value won, which the log does not say again.
    Untold,
}

/// Decides the undo of `run`, the changes of one run, per record in order.
///
/// `later` are the changes of the same records after it; `entries` their rows; both may hold more.
pub fn undo(run: &[Told], later: &[Told], entries: &BTreeMap<RecordId, Entry>, settings: &Settings) -> Vec<Undo> {
    let moves: BTreeMap<RecordId, RecordId> = run
        .iter()
        .chain(later)
        .filter(|t| !matches!(t.change.kind, ChangeKind::Unlinked | ChangeKind::Unmerged))
        .filter_map(|t| t.was.filter(|was| *was != t.record).map(|was| (was, t.record)))
        .collect();
    let mut records: BTreeMap<RecordId, (Vec<&Told>, Vec<&Told>)> = BTreeMap::new();
    let ran: BTreeSet<u64> = run.iter().map(|t| t.seq).collect();
    for told in run {
        records.entry(last_id(&moves, told.record)).or_default().0.push(told);
    }
    for told in later.iter().filter(|t| !ran.contains(&t.seq)) {
        if let Some((_, after)) = records.get_mut(&last_id(&moves, told.record)) {
            after.push(told);
        }
    }
    let one = |(record, (mut run, mut later)): (RecordId, (Vec<&Told>, Vec<&Told>))| {
        run.sort_by_key(|t| t.seq);
        later.sort_by_key(|t| t.seq);
        undo_one(record, &run, &later, entries.get(&record), &settings.of(record.object()))
    };
    records.into_iter().map(one).collect()
}

/// The id that a record has by now. An id never comes back, so the way ends.
fn last_id(moves: &BTreeMap<RecordId, RecordId>, mut id: RecordId) -> RecordId {
    for _ in 0..=moves.len() {
        match moves.get(&id) {
            Some(next) => id = *next,
            None => break,
        }
    }
    id
}

fn undo_one(
    record: RecordId,
    run: &[&Told],
    later: &[&Told],
    entry: Option<&Entry>,
    settings: &ObjectSettings,
) -> Undo {
    let mut out = Undo {
        record,
        set: BTreeMap::new(),
        kept: BTreeMap::new(),
        refused: BTreeMap::new(),
        whole: whole(run, entry),
    };
    let Some(entry) = entry else { return out };
    if matches!(out.whole, Some(Refused::Deleted | Refused::DeletedInRun | Refused::Added)) {
        return out;
    }
    for (piece, effect) in effects(run) {
        let (is, to) = (entry.crm.get(&piece), effect.before);
        if effect.after == After::Told(to) {
            continue;
        }
        let touched = later.iter().rev().find(|t| t.seq > effect.seq && touches(t, &piece));
        if let Some(t) = touched {
            let who = Later { seq: t.seq, at: t.at, by: t.by.clone(), from: t.change.from };
            out.kept.insert(piece, Some(who));
        } else if entry.conflicts.contains_key(&piece) {
            out.refused.insert(piece, Refused::Conflict);
        } else if is == to {
            // It has that value already.
        } else if effect.after != After::Told(is) && effect.after != After::Untold {
            out.kept.insert(piece, None);
        } else if let Err(refused) = try_back(entry, &piece, to, settings) {
            out.refused.insert(piece, refused);
        } else {
            out.set.insert(piece, Back { is: is.cloned(), to: to.cloned() });
        }
    }
    out
}

/// What cannot be taken back of the record as a whole.
fn whole(run: &[&Told], entry: Option<&Entry>) -> Option<Refused> {
    let did = |kind| run.iter().any(|t| t.change.kind == kind);
    if entry.is_none_or(|e| e.crm_deleted_at.is_some() || e.archived_at.is_some()) {
        return Some(if did(ChangeKind::Deleted) { Refused::DeletedInRun } else { Refused::Deleted });
    }
    let refused = [
        (ChangeKind::Added, Refused::Added),
        (ChangeKind::Linked, Refused::Linked),
        (ChangeKind::Restored, Refused::RestoredInRun),
    ];
    refused.into_iter().find(|(kind, _)| did(*kind)).map(|(_, refused)| refused)
}

/// What the run did to each piece. Where somebody else changed a piece between two changes of the run, what the run
/// did before that is history.
fn effects<'a>(run: &[&'a Told]) -> BTreeMap<String, Effect<'a>> {
    let mut out: BTreeMap<String, Effect<'a>> = BTreeMap::new();
    for told in run {
        for (piece, field) in &told.change.fields {
            let (before, after) = (field.before.as_ref(), field.after.as_ref());
            let first = out.get(piece).filter(|e| e.after == After::Told(before)).map_or(before, |e| e.before);
            out.insert(piece.clone(), Effect { seq: told.seq, before: first, after: After::Told(after) });
        }
        for (piece, lost) in overwritten(&told.change) {
            out.insert(piece.to_owned(), Effect { seq: told.seq, before: lost, after: After::Untold });
        }
    }
    out
}

/// The pieces in which the CRM's value won over one of the ERP, and what the ERP had.
fn overwritten(change: &Change) -> impl Iterator<Item = (&str, Option<&Value>)> {
    let untold = change.decided.iter().filter(|(piece, _)| !change.fields.contains_key(*piece));
    let erps = untold.filter(|(_, (rule, _))| change.from == Winner::Erp || *rule == Rule::Crm);
    erps.map(|(piece, (_, lost))| (piece.as_str(), lost.as_ref()))
}

fn touches(told: &Told, piece: &str) -> bool {
    told.change.fields.contains_key(piece) || overwritten(&told.change).any(|(p, _)| p == piece)
}

/// Whether the piece may be set back: what an edit of the CRM may do.
fn try_back(entry: &Entry, piece: &str, to: Option<&Value>, settings: &ObjectSettings) -> Result<(), Refused> {
    let mut trial = entry.clone();
    let mut fields = entry.crm.clone();
    fields.put(piece, to);
    let edit = CrmEdit { fields, seen: entry.crm.clone(), told_since: BTreeSet::new(), edited_at: None };
    match accept(&mut trial, &edit, settings, Timestamp::UNIX_EPOCH) {
        Ok(_) => Ok(()),
        Err(Refusal::Deleted) => Err(Refused::Deleted),
        Err(Refusal::Direction) => Err(Refused::Direction),
        Err(Refusal::OwnedByErp(_)) if owner(entry.id.object(), piece) == Owner::AtCreation => {
            Err(Refused::SetAtCreation)
        }
        Err(Refusal::OwnedByErp(_)) => Err(Refused::OwnedByErp),
    }
}

/// Sets the pieces back, as an edit of ours at `now`. A piece that is no longer what the undo was decided on stays.
///
/// # Errors
///
/// What [`accept`] refuses, when row or settings changed since; nothing was set then.
pub fn apply(entry: &mut Entry, undo: &Undo, settings: &ObjectSettings, now: Timestamp) -> Result<Undone, Refusal> {
    let (mut fields, mut left) = (entry.crm.clone(), Vec::new());
    for (piece, back) in &undo.set {
        if entry.crm.get(piece) == back.is.as_ref() && !entry.conflicts.contains_key(piece) {
            fields.put(piece, back.to.as_ref());
        } else {
            left.push(piece.clone());
        }
    }
    let edit = CrmEdit { fields, seen: entry.crm.clone(), told_since: BTreeSet::new(), edited_at: Some(now) };
    let change = accept(entry, &edit, settings, now)?;
    Ok(Undone { change, left })
}
