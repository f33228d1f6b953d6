//! Going through what is due: actions, then the guard, then one visit a record.
//!
//! Decides which records are visited, and when the next look is. What is in the
//! index of due rows is only a finder: each visit reads its row anew. Must not
//! write to the ERP while the tenant is read-only.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cloud::{Work, WorkMessage};
use domain::{ContentHash, Object, RecordId};
use jiff::{SignedDuration, Timestamp};
use store::{Commit, CommitError, DeletionApproval, RecordWrite, Row, StoreError, Stored, Tenant};
use sync::guard::{self, Approval, Verdict};
use sync::twoway::{Ended, Entry};

use super::edit::settings;
use super::rows::{entry_of, entry_of_row, pack};
use super::visit::Visited;
use crate::actions::next_due;
use crate::drive::{Slice, SliceError, Worker};

/// How many due records are looked up at once.
const AT_ONCE: usize = 100;
/// About how many calls a visit makes.
pub(crate) const CALLS_OF_A_VISIT: u32 = 3;
/// How many deletions go through before the slice looks at the clock again.
const RELEASED_AT_ONCE: usize = 40;

impl Worker<'_> {
    /// Does and visits what is due. `Paused` when the budget is used up and more is due.
    pub(crate) async fn push(&mut self) -> Result<Slice, SliceError> {
        if settings(self.tenant).await?.read_only {
            return Ok(Slice::Over);
        }
        match Box::pin(self.act_on_due()).await? {
            Some(Slice::Over) => {}
            Some(Slice::Paused) => return Ok(Slice::Paused),
            None => return Ok(Slice::Over),
        }
        self.release_deletions().await?;
        let mut visited: BTreeSet<RecordId> = BTreeSet::new();
        loop {
            let now = self.services.clock.now();
            let due = self.tenant.due_visits(now, AT_ONCE + visited.len()).await?;
            let fresh: Vec<RecordId> = due.into_iter().map(|(_, id)| id).filter(|id| !visited.contains(id)).collect();
            if fresh.is_empty() {
                break;
            }
            for id in fresh {
                if self.services.clock.now() >= self.deadline || !self.may_call(CALLS_OF_A_VISIT).await? {
                    return Ok(Slice::Paused);
                }
                visited.insert(id);
                if self.visit_if_due(id).await? == Some(Ended::NoAccess) {
                    return Ok(Slice::Over);
                }
            }
        }
        self.come_back().await?;
        Ok(Slice::Over)
    }

    /// Settings are read for each visit: whoever makes the tenant read-only stops the next write.
    async fn visit_if_due(&mut self, id: RecordId) -> Result<Option<Ended>, SliceError> {
        let settings = settings(self.tenant).await?;
        let row = self.tenant.row(id).await?;
        let due = row.as_ref().map(entry_of_row).transpose()?.and_then(|e| e.due);
        if settings.read_only || due.is_none_or(|due| due > self.services.clock.now()) {
            return Ok(None);
        }
        Ok(match self.visit(id, &settings, None, None).await? {
            Visited::Ended(report) => Some(report.ended),
            Visited::NotApproved => None,
        })
    }

    /// A message for the time when the next record is due. It may come late or never: the schedule looks as well.
    async fn come_back(&self) -> Result<(), SliceError> {
        let now = self.services.clock.now();
        let Ok(horizon) = now.checked_add(SignedDuration::try_from(cloud::MAX_DELAY).unwrap_or_default()) else {
            return Ok(());
        };
        let visit = self.tenant.due_visits(horizon, 1).await?.into_iter().next().map(|(at, _)| at);
        let action = next_due(self.tenant, horizon).await?;
        let Some(next) = visit.into_iter().chain(action).min() else { return Ok(()) };
        let delay = Duration::try_from(next.duration_since(now)).unwrap_or_default().max(Duration::from_secs(1));
        let message = WorkMessage::new(self.tenant.id().clone(), Work::Push);
        if let Err(error) = self.services.queue.send(&message, delay).await {
            tracing::warn!(%error, "the next look is left to the schedule");
        }
        Ok(())
    }

    /// Judges what the CRM deleted, over the whole set of each object type and before the first deletion in the ERP.
    async fn release_deletions(&mut self) -> Result<(), SliceError> {
        for (object, waiting) in waiting_deletions(self.tenant).await? {
            let now = self.services.clock.now();
            let verdict = judge(self.tenant, object, &waiting.keys().copied().collect(), now).await?;
            let approval = self.tenant.deletion_approval(object).await?;
            let approved = approval.and_then(approval_of).is_some_and(|a| guard::approve(&verdict, &a, now).is_ok());
            if verdict != Verdict::Go && !approved {
                tracing::warn!(object = %object, count = waiting.len(), "deletions wait for a person");
                continue;
            }
            self.tenant.note_released(object, waiting.len(), now, day_before(now)).await?;
            let rows: Vec<(Stored, Entry)> = waiting.into_values().collect();
            for part in rows.chunks(RELEASED_AT_ONCE) {
                self.release(part, now).await?;
            }
        }
        Ok(())
    }

    async fn release(&mut self, part: &[(Stored, Entry)], now: Timestamp) -> Result<(), SliceError> {
        let mut commit = Commit::new(&self.lease);
        commit.seq = self.position.seq;
        for (stored, entry) in part {
            let released = Entry { released: true, due: Some(now), ..entry.clone() };
            let write = RecordWrite::replace(stored, stored.record.to_bytes(), None);
            commit.writes.push(write.with_two_way(Some(pack(&released, Some(&stored.record))?)));
        }
        match self.tenant.commit(&commit, now).await {
            // Somebody changed one of them: the next look judges the set anew.
            Ok(_) | Err(CommitError::RecordMoved(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A day ago: so long deletions that went through count.
fn day_before(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN)
}

/// A kept word about a list; none when its hash is not one.
fn approval_of(kept: DeletionApproval) -> Option<Approval> {
    let list = u64::from_str_radix(&kept.list, 16).ok().map(ContentHash)?;
    Some(Approval { list, at: kept.at, by: kept.by })
}

/// Deletions that wait for the guard, with their rows.
type Waiting = BTreeMap<RecordId, (Stored, Entry)>;

/// The deletions that wait, by object type, as their rows are now.
pub(crate) async fn waiting_deletions(tenant: &Tenant) -> Result<BTreeMap<Object, Waiting>, StoreError> {
    let mut out: BTreeMap<Object, Waiting> = BTreeMap::new();
    for id in tenant.for_guard().await? {
        let Some(Row::Record(stored)) = tenant.row(id).await? else { continue };
        let entry = entry_of(&stored)?;
        let waits = entry.crm_deleted_at.is_some() && !entry.released && entry.erp_id.is_some() && entry.hold.is_none();
        if waits {
            out.entry(id.object()).or_default().insert(id, (*stored, entry));
        }
    }
    Ok(out)
}

/// The guard's word on these deletions.
pub(crate) async fn judge(
    tenant: &Tenant,
    object: Object,
    list: &BTreeSet<RecordId>,
    now: Timestamp,
) -> Result<Verdict, StoreError> {
    let live = tenant.count(object).await?.saturating_sub(list.len());
    let today = tenant.released_since(object, day_before(now)).await?;
    Ok(guard::judge(list, live, None, today))
}
