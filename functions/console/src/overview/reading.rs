//! What the overview is made of, read through the tenant's own handle.
//!
//! Decides what is read and how much of it. Must not judge what was read.

use domain::{Object, Parked, Run, RunId, RunState};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use store::{Connection, SavedState, StoreError, Tenant};
use sync::{Cursor, Pass, SyncState};

use super::Counter;

/// How many runs are shown.
const RUNS: usize = 10;
/// How many parked records are shown.
pub(super) const PARKED: usize = 50;
/// A run that waits longer than this is not waited for with short polls.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// A tenant's synchronisation as it was read.
pub(crate) struct Snapshot {
    /// When.
    pub(super) now: Timestamp,
    pub(super) connection: Option<Connection>,
    /// How far each object type has been read.
    pub(super) cursors: BTreeMap<Object, Cursor>,
    /// The run that a worker has begun, with the object types of its remaining passes, the current one first.
    pub(super) ahead: Option<(RunId, Vec<Object>)>,
    /// The newest first.
    pub(super) runs: Vec<Run>,
    /// One more than is shown, if there are more.
    pub(super) parked: Vec<Parked>,
    pub(super) counts: BTreeMap<Object, u64>,
}

impl Snapshot {
    /// The run that is going on, or the one that comes next.
    pub(super) fn current(&self) -> Option<&Run> {
        let running = self.runs.iter().find(|r| r.state == RunState::Running);
        running.or_else(|| self.runs.iter().rev().find(|r| r.state == RunState::Queued))
    }

    /// Whether the page is worth asking for every two seconds.
    pub(super) fn is_lively(&self) -> bool {
        is_lively(&self.runs, self.now)
    }
}

fn is_lively(runs: &[Run], now: Timestamp) -> bool {
    runs.iter().any(|run| match run.state {
        RunState::Running => true,
        RunState::Queued => now.duration_since(run.requested_at) < PATIENCE,
        RunState::Succeeded | RunState::Failed => false,
    })
}

/// Reads what the overview needs.
pub(crate) async fn read(tenant: &Tenant, counter: &Counter, now: Timestamp) -> Result<Snapshot, StoreError> {
    let (connection, state, runs, parked, seq) = tokio::try_join!(
        tenant.connection(),
        tenant.state(),
        tenant.runs(None, RUNS),
        tenant.parked(None, PARKED + 1),
        tenant.seq(),
    )?;
    let counts = counter.count(tenant, seq, is_lively(&runs, now), now).await?;
    let state = state.as_ref().map(parse).transpose()?.unwrap_or_default();
    let ahead = state.active.map(|active| (active.run.id, active.passes.iter().map(Pass::object).collect()));
    Ok(Snapshot { now, connection, cursors: state.cursors, ahead, runs, parked, counts })
}

fn parse(saved: &SavedState) -> Result<SyncState, StoreError> {
    serde_json::from_slice(&saved.bytes).map_err(|_| StoreError::Corrupt { what: "run state" })
}
