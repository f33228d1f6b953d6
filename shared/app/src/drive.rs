//! The run's interpreter: carries out each effect that the machine asks for, in slices.
//!
//! Makes no choices about records. A slice ends when its budget is used up: the
//! position is saved and another slice goes on from there. An interpreter that
//! dies at any point leaves a state from which the next one goes on.

use std::collections::BTreeMap;

use domain::{DayCalls, ErpId, IndexPage, Object, RecordId};
use jiff::{SignedDuration, Timestamp};
use store::{CommitError, InboxKey, Lease, LeaseError, StoreError, Stored, Tenant};
use sync::door::slow_down;
use sync::twoway::Entry;
use sync::{Effect, Input, Machine, Read, StoredRecord};
use thiserror::Error;

use crate::Services;
use crate::commit::{Position, Under, commit};
use crate::door::Gate;
use crate::files::FilesError;
use crate::pacing::WorkerPace;
use crate::reading::{Erp, Fetched, ReadError};
use crate::twoway::rows::{entry_of, entry_of_open};

/// How long a lease holds without being renewed.
pub(crate) const LEASE_TTL: SignedDuration = SignedDuration::from_secs(60);
/// A lease with less than this left is renewed before the next effect.
const RENEW_BELOW: SignedDuration = SignedDuration::from_secs(40);
/// More ids than this are looked up in the whole index instead of page by page.
const POINT_LOOKUPS: usize = 150;
/// So many calls are asked for at once, at most.
pub(crate) const MOST_AT_ONCE: u32 = 20;

/// How a slice ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slice {
    /// The run is over.
    Over,
    /// The budget is used up; another slice goes on.
    Paused,
}

/// Why a slice stopped where it should not. What is committed stays right; the work comes again.
#[derive(Debug, Error)]
pub enum SliceError {
    /// Another worker has the tenant.
    #[error("another worker has the tenant")]
    Lease(#[from] LeaseError),
    /// A commit was refused or its fate is not known.
    #[error("a step of the run was not committed")]
    Commit(#[from] CommitError),
    /// The table failed.
    #[error("the table could not be read")]
    Store(#[from] StoreError),
    /// No read could be made.
    #[error("the ERP cannot be read")]
    Read(#[from] ReadError),
    /// A look at the files of a document was not taken.
    #[error("the files of a document cannot be looked at")]
    Files(#[from] Box<FilesError>),
}

/// One worker's hold on a tenant.
pub(crate) struct Worker<'a> {
    pub(crate) services: &'a Services,
    pub(crate) tenant: &'a Tenant,
    pub(crate) erp: Erp<'a>,
    pub(crate) lease: Lease,
    pub(crate) position: Position,
    pub(crate) pace: WorkerPace,
    pub(crate) gate: Gate<'a>,
    /// When the slice must end.
    pub(crate) deadline: Timestamp,
    /// How many calls the schedule has a day; `None` when somebody asked for this work and waits for it.
    pub(crate) calls_a_day: Option<u32>,
    /// How many calls of this slice the lease counts already.
    pub(crate) counted: u32,
}

impl Worker<'_> {
    /// Drives the machine until its run is over or the budget is used up. `done` are the events that the run follows up.
    pub(crate) async fn drive(&mut self, machine: &mut Machine, done: &[InboxKey]) -> Result<Slice, SliceError> {
        let mut stored: BTreeMap<ErpId, Stored> = BTreeMap::new();
        let mut input = Input::Begin;
        loop {
            let now = self.services.clock.now();
            if now >= self.deadline {
                return self.stop(machine, &stored).await;
            }
            self.keep_lease(now).await?;
            input = match machine.step(input, now) {
                Effect::Done => return Ok(Slice::Over),
                Effect::LoadIndex { object, ids } => Input::Index(self.load_index(object, ids).await?),
                Effect::LoadRecords { object, ids, open } => {
                    // First the open ones: a create that is linked in between is among the records then.
                    let open = if open { self.load_open(object).await? } else { Vec::new() };
                    stored = self.load_records(object, &ids).await?;
                    let found = stored.iter().map(|(id, s)| Ok((*id, seen(s)?))).collect::<Result<_, StoreError>>()?;
                    Input::Records { found, open }
                }
                Effect::Read(_) if self.is_spent(now) => return self.stop(machine, &stored).await,
                // What was asked for and not read is asked for again by the next slice.
                Effect::Read(read) if !self.may_call(calls_of(&read)).await? => {
                    return self.stop(machine, &stored).await;
                }
                Effect::Read(read) => self.read(read).await?,
                Effect::ReadRows(ids) => Input::Rows(self.erp.read_rows(&ids)),
                Effect::Commit(batch) => {
                    let last = batch.last;
                    self.commit(machine, *batch, &stored, done).await?;
                    if last {
                        return Ok(Slice::Over);
                    }
                    Input::Committed
                }
            };
        }
    }

    /// Saves where the run is, for another slice to go on from there.
    async fn stop(&mut self, machine: &mut Machine, stored: &BTreeMap<ErpId, Stored>) -> Result<Slice, SliceError> {
        let batch = machine.checkpoint();
        self.commit(machine, batch, stored, &[]).await?;
        self.give_back().await?;
        Ok(Slice::Paused)
    }

    /// Gives the lease back, with the calls that were made under it.
    pub(crate) async fn give_back(&mut self) -> Result<(), StoreError> {
        self.count_calls();
        self.tenant.release_lease(&self.lease).await
    }

    /// Notes on the lease how many calls were made; it is written when the lease is given back.
    pub(crate) fn count_calls(&mut self) {
        let made = self.erp.client().outcomes().calls;
        let more = made.saturating_sub(self.counted);
        if more > 0 {
            self.lease.calls = Some(DayCalls::plus(self.lease.calls, more, self.services.clock.now()));
            self.counted = made;
        }
    }

    /// Whether the schedule has made all calls that it may make today.
    fn is_spent(&mut self, now: Timestamp) -> bool {
        self.count_calls();
        self.calls_a_day.is_some_and(|most| DayCalls::on(self.lease.calls, now) >= most)
    }

    /// Whether so many more calls of the ERP may be made. If not, the slice is over.
    pub(crate) async fn may_call(&mut self, calls: u32) -> Result<bool, StoreError> {
        let (so_far, now) = (self.erp.client().outcomes(), self.services.clock.now());
        let may = if so_far.quota > 0 {
            self.gate.come_back(now + slowed(&self.lease))
        } else {
            self.gate.may_call(so_far, calls).await?
        };
        if !may {
            self.deadline = now;
        }
        Ok(may)
    }

    async fn commit(
        &mut self,
        machine: &Machine,
        batch: sync::Batch,
        stored: &BTreeMap<ErpId, Stored>,
        done: &[InboxKey],
    ) -> Result<(), SliceError> {
        self.count_calls();
        let now = self.services.clock.now();
        let under = Under { tenant: self.tenant, lease: &self.lease, stored, done, now };
        Ok(commit(&under, &mut self.position, batch, &machine.saved()).await?)
    }

    pub(crate) async fn keep_lease(&mut self, now: Timestamp) -> Result<(), SliceError> {
        if self.lease.until.duration_since(now) < RENEW_BELOW {
            self.lease = self.tenant.renew_lease(&self.lease, now, LEASE_TTL).await?;
        }
        Ok(())
    }

    /// Reads the ERP. A long answer must not outlive the lease unnoticed: the commit that follows is fenced anyway.
    async fn read(&mut self, read: Read) -> Result<Input, SliceError> {
        self.pace.before_read(self.tenant, &self.lease, &self.services.clock).await?;
        Ok(match self.erp.read(read).await? {
            Fetched::Page(page) => Input::Page(page),
            Fetched::Failed(failure) => Input::Failed(failure),
        })
    }

    async fn load_index(&self, object: Object, ids: Option<Vec<ErpId>>) -> Result<Vec<IndexPage>, StoreError> {
        let Some(ids) = ids.filter(|ids| ids.len() <= POINT_LOOKUPS) else {
            return self.tenant.index_pages(object).await;
        };
        let mut pages: BTreeMap<ErpId, IndexPage> = BTreeMap::new();
        for id in ids {
            // Pages do not overlap: one that was read answers for all ids up to its last.
            let covered =
                pages.range(..=id).next_back().is_some_and(|(_, p)| p.entries.last().is_some_and(|e| e.erp_id >= id));
            if covered {
                continue;
            }
            if let Some(page) = self.tenant.index_page_of(object, id).await? {
                pages.insert(page.first, page);
            }
        }
        Ok(pages.into_values().collect())
    }

    async fn load_records(&self, object: Object, ids: &[ErpId]) -> Result<BTreeMap<ErpId, Stored>, StoreError> {
        let keys: Vec<_> = ids.iter().map(|id| RecordId::for_erp(self.tenant.id(), object, *id)).collect();
        let found = self.tenant.records(&keys).await?;
        Ok(found.into_values().map(|s| (s.erp_id, s)).collect())
    }

    async fn load_open(&self, object: Object) -> Result<Vec<Entry>, StoreError> {
        let rows = self.tenant.open_rows(object).await?;
        let entries: Vec<Entry> = rows.iter().map(entry_of_open).collect::<Result<_, _>>()?;
        // One that was deleted before it was sent makes nothing.
        Ok(entries.into_iter().filter(|e| e.crm_deleted_at.is_none() || e.intent.is_some()).collect())
    }
}

/// How long a company waits now that its quota is used up.
fn slowed(lease: &Lease) -> SignedDuration {
    SignedDuration::from_secs(i64::from(slow_down(lease.slowed_s)))
}

/// About how many calls a read makes. What it makes besides is paid by the next one.
fn calls_of(read: &Read) -> u32 {
    let items = match read {
        Read::Contacts { ids } => ids.len(),
        Read::Lookup { items, .. } => items.len(),
        Read::Warehouses | Read::Products { .. } | Read::Documents { .. } | Read::Stock { .. } => 1,
    };
    u32::try_from(items).unwrap_or(MOST_AT_ONCE).clamp(1, MOST_AT_ONCE)
}

fn seen(stored: &Stored) -> Result<StoredRecord, StoreError> {
    let entry = stored.two_way.as_ref().map(|_| entry_of(stored)).transpose()?;
    Ok(StoredRecord {
        id: stored.id,
        version: stored.version,
        missing_since: stored.missing_since,
        record: stored.record.clone(),
        entry: entry.map(Box::new),
    })
}
