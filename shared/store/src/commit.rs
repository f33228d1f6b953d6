//! A commit: everything that a step of a run or a request of the CRM writes, in one transaction.
//!
//! Decides the order and the conditions of the writes, and what a failed
//! condition means. Must not decide what is written. A commit happens whole or
//! not at all; a worker whose lease has passed on changes nothing. An id of the
//! CRM leads to one place: to an open row or to a link, never to both.

use domain::change::ChangeKind;
use domain::{Acted, ErpId, IndexPage, Object, Parked, RecordId, Registers, Run, Warehouse};
use jiff::Timestamp;
use thiserror::Error;

use crate::action::ActionWrite;
use crate::change::NewChange;
use crate::error::StoreError;
use crate::inbox::InboxKey;
use crate::item::{binary, pack};
use crate::lease::Lease;
use crate::record::RecordWrite;
use crate::state::{SeenChunk, StateWrite};
use crate::tenant::Tenant;
use crate::transaction::TransactError;
use crate::twoway::{Close, Link, OpenWrite, Relink};
use crate::write::Write;

/// What a step of a run, a visit or a request of the CRM writes.
#[derive(Clone, Debug)]
pub struct Commit<'a> {
    /// The lease that it is written under; none for a request of the CRM, which its rows' versions guard.
    pub lease: Option<&'a Lease>,
    /// The machine's next state.
    pub state: Option<StateWrite>,
    /// The number of the last change that the writer knows of. Only needed when something is told.
    pub seq: u64,
    /// Ids that the sweep has seen.
    pub seen: Option<SeenChunk>,
    /// Index pages, whole.
    pub pages: Vec<(Object, IndexPage)>,
    /// Records with their changes; these get the numbers after `seq`, in order.
    pub writes: Vec<RecordWrite>,
    /// Records that only the CRM has; their changes are numbered after those of `writes`.
    pub opens: Vec<OpenWrite>,
    /// Records that only the CRM had, as they must be. The link that takes one's place belongs into
    /// the same commit.
    pub closes: Vec<Close>,
    /// Records that are one from now on. [`CommitError::RecordMoved`] names the hash of the CRM's id when it leads
    /// elsewhere: to another record, or to an open row that this commit does not close.
    pub links: Vec<Link>,
    /// Records of the CRM that are another record's from now on.
    pub relinks: Vec<Relink>,
    /// Records that are taken apart.
    pub unlinks: Vec<Link>,
    /// ERP records to set aside. The time of the first setting aside stays.
    pub parked: Vec<Parked>,
    /// ERP records that are understood now.
    pub unparked: Vec<(Object, ErpId)>,
    /// The run as it stands.
    pub run: Option<&'a Run>,
    /// The next version of an action. At another version it is a [`StoreError::Conflict`].
    pub action: Option<ActionWrite>,
    /// Events that are done.
    pub inbox_done: Vec<InboxKey>,
    /// The ERP's warehouses.
    pub warehouses: Option<Vec<Warehouse>>,
    /// What was met of the registers that the ERP does not list.
    pub registers: Option<Registers>,
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
    /// Places of documents among those of their contacts, made and taken away.
    pub listings: usize,
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
    /// How many records a commit takes: each is two items, and the rest of the hundred is for everything else. Documents
    /// that are new to a contact are three: see [`Commit::items`].
    pub const MAX_RECORDS: usize = 40;

    /// A commit of nothing under `lease`.
    pub fn new(lease: &'a Lease) -> Self {
        Self { lease: Some(lease), ..Self::unleased() }
    }

    /// A commit of nothing, without a lease.
    pub const fn unleased() -> Self {
        Self {
            lease: None,
            state: None,
            seq: 0,
            seen: None,
            pages: Vec::new(),
            writes: Vec::new(),
            opens: Vec::new(),
            closes: Vec::new(),
            links: Vec::new(),
            relinks: Vec::new(),
            unlinks: Vec::new(),
            parked: Vec::new(),
            unparked: Vec::new(),
            run: None,
            action: None,
            inbox_done: Vec::new(),
            warehouses: None,
            registers: None,
            release: false,
        }
    }

    /// How many items of the transaction's hundred it takes, the lease's among them.
    pub fn items(&self) -> usize {
        let told = self.told();
        let rows = self.writes.len()
            + self.opens.len()
            + self.closes.len()
            + self.links.len()
            + self.unlinks.len()
            + self.relinks.len();
        let checks = self.unlinked().count() + self.unopened().count();
        let change_rows = rows + checks + told + usize::from(told > 0);
        let registers = [self.warehouses.is_some(), self.registers.is_some()];
        let single = [self.state.is_some(), self.seen.is_some(), self.run.is_some(), self.action.is_some()]
            .into_iter()
            .chain(registers);
        let places: usize = self.writes.iter().map(|w| w.listings().count()).sum();
        usize::from(self.lease.is_some())
            + change_rows
            + places
            + single.filter(|there| *there).count()
            + self.pages.len()
            + self.parked.len()
            + self.unparked.len()
            + self.inbox_done.len()
    }
}

impl Commit<'_> {
    /// How many changes it tells.
    fn told(&self) -> usize {
        let writes = self.writes.iter().filter(|w| w.change.is_some()).count();
        writes + self.opens.iter().filter(|w| w.change.is_some()).count()
    }

    /// The action that a change tells of.
    fn told_of(&self, change: &NewChange) -> Option<&Acted> {
        let told = self.action.as_ref().and_then(|a| a.told.as_ref());
        told.filter(|_| change.kind == ChangeKind::Acted)
    }

    /// Links whose ids of the CRM must have no open row, for it is not closed here.
    fn unopened(&self) -> impl Iterator<Item = RecordId> {
        let closes = |crm: RecordId| self.closes.iter().any(|close| close.id == crm);
        self.links.iter().map(|l| l.crm).filter(move |crm| !closes(*crm))
    }

    /// New open rows whose ids of the CRM must have no link, for it is not taken away here.
    fn unlinked(&self) -> impl Iterator<Item = RecordId> {
        let unlinks = |crm: RecordId| self.unlinks.iter().any(|link| link.crm == crm);
        self.opens.iter().filter(|w| w.is_new()).map(|w| w.id).filter(move |crm| !unlinks(*crm))
    }

    /// Whether it writes what only the holder of the lease may.
    const fn needs_lease(&self) -> bool {
        self.state.is_some()
            || self.seen.is_some()
            || !self.pages.is_empty()
            || self.registers.is_some()
            || self.release
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
        if let Some(lease) = commit.lease {
            self.own(lease.tenant())?;
        } else if commit.needs_lease() {
            return Err(StoreError::Refused("a step of a run without a lease".to_owned()).into());
        }
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
        match commit.lease {
            Some(lease) if commit.release => {
                batch.add(Guarded::Lease, self.releasing(lease));
                report.control += 1;
            }
            Some(lease) => batch.add(Guarded::Lease, self.holding(lease)),
            None => {}
        }
        if let Some(state) = &commit.state {
            batch.add(Guarded::State, self.state_write(state)?);
            report.control += 1;
        }
        let by = commit.told() as u64;
        if by > 0 {
            batch.add(Guarded::Seq, self.seq_write(commit.seq, by));
            report.control += 1;
            report.seq = commit.seq.saturating_add(by);
        }
        if let Some(action) = &commit.action {
            batch.add(Guarded::Nothing, self.action_write(action)?);
            report.control += 1;
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
        let mut seqs = commit.seq.saturating_add(1)..;
        for write in &commit.writes {
            let seq = write.change.as_ref().and_then(|_| seqs.next());
            let packed = binary(pack(&write.bytes)?);
            if let (Some(change), Some(seq)) = (&write.change, seq) {
                let change =
                    self.change_write(&write.changed(), change, commit.told_of(change), Some(&packed), seq, now)?;
                batch.add(Guarded::Nothing, change);
            }
            batch.add(Guarded::Record(write.id), self.record_write(write, packed, seq, now)?);
            for place in write.listings() {
                batch.add(Guarded::Nothing, self.listing_write(write.id, place));
                report.listings += 1;
            }
        }
        for write in &commit.opens {
            let seq = write.change.as_ref().and_then(|_| seqs.next());
            if let (Some(change), Some(seq)) = (&write.change, seq) {
                let change = self.change_write(&write.changed(), change, None, None, seq, now)?;
                batch.add(Guarded::Nothing, change);
            }
            batch.add(Guarded::Record(write.id), self.open_write(write, seq, now)?);
        }
        // It may have been opened and linked since the writer looked.
        for crm in commit.unlinked() {
            batch.add(Guarded::Record(crm), Write::check(self.keys.link(crm)).when_absent());
        }
        for close in &commit.closes {
            batch.add(Guarded::Record(close.id), self.close_write(close));
        }
        for link in &commit.links {
            batch.add(Guarded::Record(link.crm), self.link_write(link));
        }
        for crm in commit.unopened() {
            batch.add(Guarded::Record(crm), Write::check(self.keys.open(crm)).when_absent());
        }
        for relink in &commit.relinks {
            batch.add(Guarded::Record(relink.link.crm), self.relink_write(relink));
        }
        for link in &commit.unlinks {
            batch.add(Guarded::Record(link.crm), self.unlink_write(link));
        }
        report.records = commit.writes.len() + commit.opens.len();
        report.changes = commit.told();
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
        if let Some(registers) = &commit.registers {
            batch.add(Guarded::Nothing, self.registers_write(registers)?);
        }
        report.other = batch.writes.len() - before;
        Ok(())
    }
}
