//! A commit: everything that a step of a run writes, in one transaction under the lease.
//!
//! Decides the order and the conditions of the writes, and what a failed
//! condition means. Must not decide what is written. A commit happens whole or
//! not at all; a worker whose lease has passed on changes nothing.

use domain::{ErpId, IndexPage, Object, Parked, RecordId, Run, Warehouse};
use jiff::Timestamp;
use thiserror::Error;

use crate::error::StoreError;
use crate::inbox::InboxKey;
use crate::item::{binary, pack};
use crate::lease::Lease;
use crate::record::RecordWrite;
use crate::state::{SeenChunk, StateWrite};
use crate::tenant::Tenant;
use crate::transaction::TransactError;
use crate::write::Write;

/// What a step of a run writes.
#[derive(Clone, Debug)]
pub struct Commit<'a> {
    /// The lease that it is written under.
    pub lease: &'a Lease,
    /// The machine's next state.
    pub state: Option<StateWrite>,
    /// The number of the last change that the writer knows of. Only needed with `writes`.
    pub seq: u64,
    /// Ids that the sweep has seen.
    pub seen: Option<SeenChunk>,
    /// Index pages, whole.
    pub pages: Vec<(Object, IndexPage)>,
    /// Records with their changes; these get the numbers after `seq`, in order.
    pub writes: Vec<RecordWrite>,
    /// ERP records to set aside. The time of the first setting aside stays.
    pub parked: Vec<Parked>,
    /// ERP records that are understood now.
    pub unparked: Vec<(Object, ErpId)>,
    /// The run as it stands.
    pub run: Option<&'a Run>,
    /// Events that are done.
    pub inbox_done: Vec<InboxKey>,
    /// The ERP's warehouses.
    pub warehouses: Option<Vec<Warehouse>>,
    /// Gives the lease back with this commit.
    pub release: bool,
}

/// What a commit wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CommitReport {
    /// Lease (when given back), state, sequence, run.
    pub control: usize,
    /// Records.
    pub records: usize,
    /// Changes.
    pub changes: usize,
    /// Index pages.
    pub pages: usize,
    /// Seen sets, parked and unparked records, events done, registers.
    pub other: usize,
    /// The number of the last change after it.
    pub seq: u64,
}

/// Why a commit wrote nothing, or may not have written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommitError {
    /// The lease has passed to another worker, or was given back.
    #[error("the lease has passed to another worker")]
    Fenced,
    /// The machine's state is at another step.
    #[error("the run has moved on since its state was read")]
    StateMoved,
    /// There are changes that the writer does not know of.
    #[error("changes were written since the sequence was read")]
    SeqMoved,
    /// A record is at another version.
    #[error("record {0} has changed since it was read")]
    RecordMoved(RecordId),
    /// More items or bytes than a transaction takes. Write in smaller parts.
    #[error("too much for one transaction")]
    TooLarge,
    /// The table failed. After [`StoreError::Unavailable`] it may have been written: read the state again.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for CommitError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::TooLarge => Self::TooLarge,
            e => Self::Store(e),
        }
    }
}

/// Whose condition failed, by position in the transaction.
enum Guarded {
    Lease,
    State,
    Seq,
    Record(RecordId),
    Nothing,
}

impl<'a> Commit<'a> {
    /// How many records a commit takes: each is two items, and the rest of the hundred is for everything else.
    pub const MAX_RECORDS: usize = 40;

    /// A commit of nothing under `lease`.
    pub const fn new(lease: &'a Lease) -> Self {
        Self {
            lease,
            state: None,
            seq: 0,
            seen: None,
            pages: Vec::new(),
            writes: Vec::new(),
            parked: Vec::new(),
            unparked: Vec::new(),
            run: None,
            inbox_done: Vec::new(),
            warehouses: None,
            release: false,
        }
    }

    /// How many items of the transaction's hundred it takes, the lease's among them.
    pub fn items(&self) -> usize {
        let change_rows = if self.writes.is_empty() { 0 } else { 2 * self.writes.len() + 1 };
        let single = [self.state.is_some(), self.seen.is_some(), self.run.is_some(), self.warehouses.is_some()];
        1 + change_rows
            + single.iter().filter(|there| **there).count()
            + self.pages.len()
            + self.parked.len()
            + self.unparked.len()
            + self.inbox_done.len()
    }
}

/// The transaction in the making: writes, and what each guards.
struct Batch {
    writes: Vec<Write>,
    guards: Vec<Guarded>,
}

impl Batch {
    fn add(&mut self, guard: Guarded, write: Write) {
        self.writes.push(write);
        self.guards.push(guard);
    }

    fn error_of(&self, failed: &[usize]) -> CommitError {
        // The batch starts with the lease, the state and the sequence, so the first failure is the weightiest.
        match failed.iter().find_map(|n| self.guards.get(*n)) {
            Some(Guarded::Lease) => CommitError::Fenced,
            Some(Guarded::State) => CommitError::StateMoved,
            Some(Guarded::Seq) => CommitError::SeqMoved,
            Some(Guarded::Record(id)) => CommitError::RecordMoved(*id),
            Some(Guarded::Nothing) | None => CommitError::Store(StoreError::Conflict),
        }
    }
}

impl Tenant {
    /// Writes all of the commit or nothing, in exactly one transaction.
    pub async fn commit(&self, commit: &Commit<'_>, now: Timestamp) -> Result<CommitReport, CommitError> {
        self.own(commit.lease.tenant())?;
        let mut batch = Batch { writes: Vec::new(), guards: Vec::new() };
        let mut report = CommitReport { seq: commit.seq, ..CommitReport::default() };
        self.add_control(commit, &mut batch, &mut report)?;
        self.add_records(commit, now, &mut batch, &mut report)?;
        self.add_rest(commit, now, &mut batch, &mut report)?;
        let writes = std::mem::take(&mut batch.writes);
        match self.calls().transact(writes).await {
            Ok(()) => Ok(report),
            Err(TransactError::Conditions(failed)) => Err(batch.error_of(&failed)),
            Err(TransactError::Store(e)) => Err(e.into()),
        }
    }

    fn add_control(&self, commit: &Commit<'_>, batch: &mut Batch, report: &mut CommitReport) -> Result<(), StoreError> {
        if commit.release {
            batch.add(Guarded::Lease, self.releasing(commit.lease));
            report.control += 1;
        } else {
            batch.add(Guarded::Lease, self.holding(commit.lease));
        }
        if let Some(state) = &commit.state {
            batch.add(Guarded::State, self.state_write(state)?);
            report.control += 1;
        }
        if !commit.writes.is_empty() {
            let by = commit.writes.len() as u64;
            batch.add(Guarded::Seq, self.seq_write(commit.seq, by));
            report.control += 1;
            report.seq = commit.seq.saturating_add(by);
        }
        if let Some(run) = commit.run {
            batch.add(Guarded::Nothing, Write::put(self.run_draft(run)?));
            report.control += 1;
        }
        Ok(())
    }

    fn add_records(
        &self,
        commit: &Commit<'_>,
        now: Timestamp,
        batch: &mut Batch,
        report: &mut CommitReport,
    ) -> Result<(), StoreError> {
        for (seq, write) in (commit.seq.saturating_add(1)..).zip(&commit.writes) {
            let packed = binary(pack(&write.bytes)?);
            let change = self.change_write(write, &packed, seq, now)?;
            batch.add(Guarded::Record(write.id), self.record_write(write, packed, now)?);
            batch.add(Guarded::Nothing, change);
        }
        report.records = commit.writes.len();
        report.changes = commit.writes.len();
        Ok(())
    }

    fn add_rest(
        &self,
        commit: &Commit<'_>,
        now: Timestamp,
        batch: &mut Batch,
        report: &mut CommitReport,
    ) -> Result<(), StoreError> {
        for (object, page) in &commit.pages {
            batch.add(Guarded::Nothing, self.index_write(*object, page));
        }
        report.pages = commit.pages.len();
        let before = batch.writes.len();
        if let Some(seen) = &commit.seen {
            batch.add(Guarded::Nothing, self.seen_write(seen, now)?);
        }
        for parked in &commit.parked {
            batch.add(Guarded::Nothing, self.park_write(parked)?);
        }
        for (object, erp_id) in &commit.unparked {
            batch.add(Guarded::Nothing, Write::delete(self.keys.parked(*object, *erp_id)));
        }
        for done in &commit.inbox_done {
            batch.add(Guarded::Nothing, self.inbox_done_write(done, now)?);
        }
        if let Some(warehouses) = &commit.warehouses {
            batch.add(Guarded::Nothing, self.warehouses_write(warehouses)?);
        }
        report.other = batch.writes.len() - before;
        Ok(())
    }
}
