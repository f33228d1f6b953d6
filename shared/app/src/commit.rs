//! Carrying out a commit: the machine's batch as one transaction under the lease.

use std::collections::BTreeMap;

use domain::{ErpId, Record, RunId};
use jiff::Timestamp;
use store::{Commit, CommitError, InboxKey, Lease, RecordWrite, SeenChunk, StateWrite, StoreError, Stored, Tenant};
use sync::{Batch, SyncState};

use crate::twoway::rows::pack;
use crate::twoway::visit::new_change;

/// Who writes what a run pulls.
const ACTOR: &str = "sync";
/// How often a commit is sent while others number their changes.
const ATTEMPTS: usize = 8;

/// Where the rows stand that every commit moves on.
pub(crate) struct Position {
    /// How many times the state was saved.
    pub(crate) step: u64,
    /// The number of the last change.
    pub(crate) seq: u64,
}

/// What a commit is made under.
pub(crate) struct Under<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) lease: &'a Lease,
    /// The records that the batch changes, as they were loaded.
    pub(crate) stored: &'a BTreeMap<ErpId, Stored>,
    /// The events that are done when the run ends well.
    pub(crate) done: &'a [InboxKey],
    pub(crate) now: Timestamp,
}

/// Commits a batch. When this returns `Ok`, it is written, once.
pub(crate) async fn commit(
    under: &Under<'_>,
    position: &mut Position,
    batch: Batch,
    saved: &SyncState,
) -> Result<(), CommitError> {
    let Under { tenant, lease, stored, done, now } = *under;
    let bytes = serde_json::to_vec(saved).map_err(|_| StoreError::Corrupt { what: "run state" })?;
    let run = batch.run.clone();
    let mut commit = Commit::new(lease);
    commit.state = Some(StateWrite { bytes, expected_step: position.step });
    commit.seq = position.seq;
    commit.seen = batch.chunk.map(|(n, bytes)| SeenChunk { pass: pass_of(run.id), n, bytes });
    commit.pages = batch.pages;
    commit.writes = batch.writes.into_iter().map(|w| record_write(w, stored, run.id, now)).collect::<Result<_, _>>()?;
    commit.parked = batch.parked;
    commit.unparked = batch.unparked;
    commit.warehouses = match batch.warehouses {
        Some(read) if tenant.warehouses().await?.as_ref() == Some(&read) => None,
        read => read,
    };
    commit.registers = batch.registers;
    commit.run = Some(&run);
    commit.release = batch.last;
    if batch.last && run.error.is_none() {
        commit.inbox_done = done.to_vec();
    }
    let report = send(tenant, commit, position, now).await?;
    position.step += 1;
    position.seq = report;
    Ok(())
}

/// Sends the commit until it is known whether it is written. Answers with the number of the last change.
async fn send(
    tenant: &Tenant,
    mut commit: Commit<'_>,
    position: &Position,
    now: Timestamp,
) -> Result<u64, CommitError> {
    for _ in 0..ATTEMPTS {
        match tenant.commit(&commit, now).await {
            Ok(report) => return Ok(report.seq),
            // The CRM's requests number their changes as well; nothing was written.
            Err(CommitError::SeqMoved) => commit.seq = tenant.seq().await?,
            // Perhaps written: the step says.
            Err(CommitError::Store(StoreError::Unavailable(_))) => {
                let step = tenant.state().await?.map_or(0, |s| s.step);
                if step == position.step + 1 {
                    return Ok(tenant.seq().await?);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(CommitError::Store(StoreError::Unavailable("commit")))
}

fn record_write(
    write: sync::RecordWrite,
    stored: &BTreeMap<ErpId, Stored>,
    run: RunId,
    now: Timestamp,
) -> Result<RecordWrite, StoreError> {
    let change = write.change.as_ref().map(|c| new_change(c, ACTOR, Some(run)));
    let part = match &write.entry {
        Some(entry) => {
            let mirror = Record::from_bytes(&write.bytes).map_err(|_| StoreError::Corrupt { what: "record" })?;
            Some(pack(entry, Some(&mirror))?)
        }
        None => None,
    };
    let listing = write.listing;
    let written = match stored.get(&write.erp_id).filter(|_| write.expected.is_some()) {
        None => RecordWrite::create(write.id, write.erp_id, write.bytes, change),
        Some(old) if write.missing => RecordWrite::mark_missing(old, old.missing_since.unwrap_or(now), change),
        Some(old) => RecordWrite::replace(old, write.bytes, change),
    };
    Ok(written.listed(listing).with_two_way(part))
}

/// The number under which the ids that a run met are kept: the low half of its id.
pub(crate) fn pass_of(run: RunId) -> u64 {
    run.low_bits()
}
