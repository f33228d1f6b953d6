//! Taking a run back: what it told is set back where nobody changed it since.
//!
//! Decides which changes were the run's. What is set back, kept and refused is
//! for `sync::undo` to say. An undo is a run of its own and can be undone.

use std::collections::BTreeMap;

use domain::{Mode, Object, RecordId, Run, RunId, RunState, Trigger};
use jiff::{SignedDuration, Timestamp};
use store::{Change, Commit, CommitError, OpenWrite, RecordWrite, Row, Side, StoreError, Tenant};
use sync::fold::Told;
use sync::twoway::{Entry, Winner};
use sync::undo::{Undo, apply, undo};
use thiserror::Error;

use super::edit::{By, settings};
use super::rows::{entry_of_row, pack};
use super::visit::new_change;
use crate::Services;

/// The most changes of a run that is undone.
const MOST: usize = 2_000;
/// How many changes are read at once.
const PAGE: usize = 500;
/// How many later changes of a record are looked at.
const LATER: usize = 200;
/// How often a row is written anew because somebody else wrote it.
const ATTEMPTS: usize = 8;

/// What an undo did.
#[derive(Clone, Debug)]
pub struct Undone {
    /// The undo as a run.
    pub run: Run,
    /// What was decided, by record.
    pub records: Vec<Undo>,
    /// Pieces that somebody changed while it went on, by record: they stay.
    pub left: BTreeMap<RecordId, Vec<String>>,
}

/// Why a run is not undone.
#[derive(Debug, Error)]
pub enum UndoError {
    /// There is no such run.
    #[error("there is no such run")]
    NotFound,
    /// It is not over.
    #[error("the run is not over")]
    NotOver,
    /// It changed too much.
    #[error("the run made more than {MOST} changes")]
    TooLarge,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Others kept writing.
    #[error("others kept changing the records")]
    Contended,
}

/// Takes back what the run told.
pub async fn undo_run(services: &Services, tenant: &Tenant, id: RunId, by: By<'_>) -> Result<Undone, UndoError> {
    let run = tenant.run(id).await?.ok_or(UndoError::NotFound)?;
    if !run.is_over() {
        return Err(UndoError::NotOver);
    }
    let told = changes_of(tenant, &run).await?;
    let mut entries: BTreeMap<RecordId, Entry> = BTreeMap::new();
    let mut later: BTreeMap<u64, Told> = BTreeMap::new();
    for record in told.iter().map(|c| c.record) {
        if entries.contains_key(&record) {
            continue;
        }
        let Some(row) = tenant.row(record).await? else { continue };
        entries.insert(record, entry_of_row(&row)?);
        let first = told.iter().filter(|c| c.record == record).map(|c| c.seq).min().unwrap_or(0);
        let after = tenant.history(record, LATER).await?;
        later.extend(after.into_iter().filter(|c| c.seq > first && c.run != Some(id)).map(|c| (c.seq, of_log(&c))));
    }
    let told: Vec<Told> = told.iter().map(of_log).collect();
    let later: Vec<Told> = later.into_values().collect();
    let settings = settings(tenant).await?;
    let decided = undo(&told, &later, &entries, &settings);
    let mut undone = Undone { run: begin(services, tenant, &decided).await?, records: decided, left: BTreeMap::new() };
    for one in undone.records.iter().filter(|u| !u.set.is_empty()) {
        let left = set_back(services, tenant, one, undone.run.id, by).await?;
        if !left.is_empty() {
            undone.left.insert(one.record, left);
        }
    }
    undone.run.state = RunState::Succeeded;
    undone.run.finished_at = Some(services.clock.now());
    let mut commit = Commit::unleased();
    commit.run = Some(&undone.run);
    tenant.commit(&commit, services.clock.now()).await.map_err(|_| UndoError::Contended)?;
    Ok(undone)
}

async fn begin(services: &Services, tenant: &Tenant, decided: &[Undo]) -> Result<Run, UndoError> {
    let now = services.clock.now();
    let objects: Vec<Object> = decided.iter().map(|u| u.record.object()).collect();
    let mut run = Run::queued(services.run_id(), Mode::Undo, Trigger::Request, &objects, now);
    run.state = RunState::Running;
    run.started_at = Some(now);
    for one in decided {
        let counts = run.counts.entry(one.record.object()).or_default();
        counts.read += 1;
        *(if one.set.is_empty() { &mut counts.unchanged } else { &mut counts.updated }) += 1;
    }
    tenant.create_run(&run).await?;
    Ok(run)
}

/// Sets one record back; answers with the pieces that somebody changed meanwhile.
async fn set_back(
    services: &Services,
    tenant: &Tenant,
    one: &Undo,
    run: RunId,
    by: By<'_>,
) -> Result<Vec<String>, UndoError> {
    for _ in 0..ATTEMPTS {
        let now = services.clock.now();
        let Some(row) = tenant.row(one.record).await? else { return Ok(one.set.keys().cloned().collect()) };
        let mut entry = entry_of_row(&row)?;
        let settings = settings(tenant).await?.of(one.record.object());
        let Ok(done) = apply(&mut entry, one, &settings, now) else {
            return Ok(one.set.keys().cloned().collect());
        };
        let Some(change) = done.change else { return Ok(done.left) };
        // The CRM is told, as of everything that it did not say itself.
        let change = new_change(&sync::twoway::Change { from: Winner::Erp, ..change }, by.actor, Some(run));
        let mut commit = Commit::unleased();
        commit.seq = tenant.seq().await?;
        match &row {
            Row::Open(open) => commit.opens.push(OpenWrite::replace(open, pack(&entry, None)?, change)),
            Row::Record(stored) => {
                let part = pack(&entry, Some(&stored.record))?;
                let write = RecordWrite::replace(stored, stored.record.to_bytes(), change).still_missing(stored);
                commit.writes.push(write.with_two_way(Some(part)));
            }
        }
        match tenant.commit(&commit, now).await {
            Ok(_) => return Ok(done.left),
            Err(
                CommitError::SeqMoved | CommitError::RecordMoved(_) | CommitError::Store(StoreError::Unavailable(_)),
            ) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
            Err(_) => return Err(UndoError::Contended),
        }
    }
    Err(UndoError::Contended)
}

/// The changes that a run made. They lie between its beginning and its end, and numbers go with time.
async fn changes_of(tenant: &Tenant, run: &Run) -> Result<Vec<Change>, UndoError> {
    let (Some(from), Some(to)) = (run.started_at, run.finished_at) else { return Ok(Vec::new()) };
    // Clocks differ: a minute on both sides, and the run's id says which are its own.
    let minute = SignedDuration::from_mins(1);
    let (from, to) = (from.saturating_sub(minute).unwrap_or(from), to.saturating_add(minute).unwrap_or(to));
    let mut after = first_since(tenant, from).await?;
    let mut found = Vec::new();
    loop {
        let part = tenant.changes(after, PAGE).await?;
        let Some(last) = part.last() else { return Ok(found) };
        after = last.seq;
        let is_past = last.at > to;
        found.extend(part.into_iter().filter(|c| c.run == Some(run.id)));
        if found.len() > MOST {
            return Err(UndoError::TooLarge);
        }
        if is_past {
            return Ok(found);
        }
    }
}

/// The number before the first change at or after `from`.
async fn first_since(tenant: &Tenant, from: Timestamp) -> Result<u64, StoreError> {
    let (mut low, mut high) = (0, tenant.seq().await?);
    while low < high {
        let middle = u64::midpoint(low, high);
        match tenant.changes(middle, 1).await?.first() {
            Some(change) if change.at < from => low = change.seq,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// Changes of the log, as the engine reads them: a record that got another id is told to have moved.
pub fn of_whole_log(changes: &[Change]) -> Vec<Told> {
    let records: BTreeMap<u64, RecordId> = changes.iter().map(|c| (c.seq, c.record)).collect();
    let was = |c: &Change| c.prev.and_then(|prev| records.get(&prev).copied()).filter(|was| *was != c.record);
    changes.iter().map(|c| Told { was: was(c), ..of_log(c) }).collect()
}

/// A change of the log, as the engine reads it.
pub(crate) fn of_log(change: &Change) -> Told {
    Told {
        seq: change.seq,
        at: change.at,
        by: change.actor.clone(),
        record: change.record,
        was: None,
        crm_id: change.crm_id.clone(),
        erp_id: change.erp_id,
        revision: change.revision,
        change: sync::twoway::Change {
            from: if change.side == Side::Crm { Winner::Crm } else { Winner::Erp },
            kind: change.kind,
            fields: change.fields.clone(),
            decided: change.decided.iter().map(|(p, d)| (p.clone(), (d.rule, d.lost.clone()))).collect(),
            matched: change.matched.clone(),
        },
        action: change.action.clone(),
    }
}
