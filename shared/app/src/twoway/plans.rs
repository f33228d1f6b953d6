//! Plans: what would be written, a person's word on it, and carrying out exactly that.
//!
//! Decides which records are looked at. Must not write anything that is not in
//! the approved plan: what moved since is named, and nothing of it is written.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use cloud::{Work, WorkMessage};
use domain::{Object, RecordId, Settings};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::{Commit, PlanRow, RecordWrite, Row, StoreError, Tenant};
use sync::plan::{Action, Item, Looked, Moved, Plan, Sizes, compare, plan};
use sync::twoway::{Ended, Entry as Sides, Probed, Timing, found_for, search_keys};
use thiserror::Error;

use super::edit::{By, settings};
use super::push::CALLS_OF_A_VISIT;
use super::rows::{entry_of_row, pack};
use super::visit::Visited;
use crate::Services;
use crate::drive::{Slice, SliceError, Worker};

/// The most records of a plan that have something to be written.
const MOST: usize = 5_000;

/// How far a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// It is being made.
    Making,
    /// It can be looked at and approved.
    Made,
    /// It is approved, and carried out.
    Approved,
    /// It was carried out.
    Applied,
    /// Something moved before it was carried out: nothing was written.
    Refused,
    /// It could not be made.
    Failed,
}

/// What came of carrying out a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanOutcome {
    /// What moved since the plan was made. When there is anything, nothing was written.
    #[serde(default)]
    pub moved: Vec<Moved>,
    /// Records whose write was carried out or was found to be done.
    #[serde(default)]
    pub written: Vec<RecordId>,
    /// Records that wait: for time, for the ERP, for another record.
    #[serde(default)]
    pub waiting: Vec<RecordId>,
    /// Records that moved while the plan was carried out; nothing of them was written.
    #[serde(default)]
    pub refused: Vec<RecordId>,
}

/// A plan as people look at it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanView {
    /// Its row, without what it says.
    pub row: PlanRow,
    /// How far it is.
    pub state: PlanState,
    /// What it says, when it is made.
    pub plan: Option<Plan>,
    /// What came of it, when it was carried out.
    pub outcome: Option<PlanOutcome>,
}

/// Why a plan is not made or approved.
#[derive(Debug, Error)]
pub enum PlanError {
    /// There is no such plan.
    #[error("there is no such plan")]
    NotFound,
    /// The hash is another plan's, or the plan was carried out, or is not made.
    #[error("this plan cannot be approved: {0}")]
    Moved(&'static str),
    /// The tenant has no connection.
    #[error("there is no connection")]
    NoConnection,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] cloud::QueueError),
}

fn state_of(row: &PlanRow) -> Result<PlanState, StoreError> {
    let name = serde_json::Value::String(row.state.clone());
    serde_json::from_value(name).map_err(|_| StoreError::Corrupt { what: "plan" })
}

fn name_of(state: PlanState) -> &'static str {
    match state {
        PlanState::Making => "making",
        PlanState::Made => "made",
        PlanState::Approved => "approved",
        PlanState::Applied => "applied",
        PlanState::Refused => "refused",
        PlanState::Failed => "failed",
    }
}

/// Where what a plan says lies, and where what came of it.
fn said(id: &str) -> String {
    format!("{id}.plan")
}

fn came(id: &str) -> String {
    format!("{id}.outcome")
}

/// Asks for a plan. It is made by the worker, which alone reads the ERP.
pub async fn request(services: &Services, tenant: &Tenant) -> Result<PlanRow, PlanError> {
    if tenant.connection().await?.is_none() {
        return Err(PlanError::NoConnection);
    }
    let row = PlanRow {
        id: services.plan_id(),
        version: 1,
        made_at: services.clock.now(),
        state: name_of(PlanState::Making).to_owned(),
        hash: String::new(),
        bytes: Vec::new(),
    };
    tenant.keep_plan(&row).await?;
    services.queue.send(&message(tenant, &row.id), Duration::ZERO).await?;
    Ok(row)
}

/// A plan, with what it says and what came of it.
pub async fn view(tenant: &Tenant, id: &str) -> Result<PlanView, PlanError> {
    let row = tenant.plan(id).await?.ok_or(PlanError::NotFound)?;
    let plan = read(tenant, &said(id)).await?;
    let outcome = read(tenant, &came(id)).await?;
    Ok(PlanView { state: state_of(&row)?, row, plan, outcome })
}

/// The newest plans.
pub async fn list(tenant: &Tenant, limit: usize) -> Result<Vec<PlanRow>, StoreError> {
    // Up to three more rows belong to each.
    let rows = tenant.plans(limit * 4).await?;
    Ok(rows.into_iter().filter(|r| !r.id.contains('.')).take(limit).collect())
}

/// A person approves the plan with this hash: exactly that is carried out, or it is refused with what moved.
pub async fn approve(
    services: &Services,
    tenant: &Tenant,
    id: &str,
    hash: &str,
    by: By<'_>,
) -> Result<PlanRow, PlanError> {
    let view = view(tenant, id).await?;
    if view.state != PlanState::Made {
        return Err(PlanError::Moved("it is not waiting for an approval"));
    }
    let plan = view.plan.ok_or(PlanError::Moved("it is not made"))?;
    if plan.hash() != hash {
        return Err(PlanError::Moved("the hash is another plan's"));
    }
    if settings(tenant).await?.version != plan.settings_version {
        return Err(PlanError::Moved("the settings have changed"));
    }
    tracing::info!(plan = id, actor = by.actor, "a plan was approved");
    let row = tenant.advance_plan(&view.row, name_of(PlanState::Approved)).await?;
    services.queue.send(&message(tenant, id), Duration::ZERO).await?;
    Ok(row)
}

fn message(tenant: &Tenant, id: &str) -> WorkMessage {
    WorkMessage::new(tenant.id().clone(), Work::Plan(id.to_owned()))
}

async fn read<T: for<'de> Deserialize<'de>>(tenant: &Tenant, id: &str) -> Result<Option<T>, StoreError> {
    let Some(row) = tenant.plan(id).await? else { return Ok(None) };
    serde_json::from_slice(&row.bytes).map(Some).map_err(|_| StoreError::Corrupt { what: "plan" })
}

/// What came of looking at everything that waits.
enum Looks {
    All(Box<Plan>),
    /// It is too much for one plan.
    TooMany,
    /// The ERP may not be asked so often now.
    NotNow,
}

impl Worker<'_> {
    /// Makes the plan that was asked for, or carries out the one that was approved.
    pub(crate) async fn plan(&mut self, id: &str) -> Result<Slice, SliceError> {
        let Some(row) = self.tenant.plan(id).await? else { return Ok(Slice::Over) };
        match state_of(&row)? {
            PlanState::Making => return self.make(&row).await,
            PlanState::Approved => return self.apply(&row).await,
            _ => {}
        }
        Ok(Slice::Over)
    }

    async fn make(&mut self, row: &PlanRow) -> Result<Slice, SliceError> {
        let state = match self.look_at_all().await? {
            Looks::NotNow => return Ok(Slice::Paused),
            Looks::All(plan) => {
                self.keep(&said(&row.id), &plan.hash(), &plan).await?;
                PlanState::Made
            }
            Looks::TooMany => PlanState::Failed,
        };
        self.tenant.advance_plan(row, name_of(state)).await?;
        Ok(Slice::Over)
    }

    async fn keep(&self, id: &str, hash: &str, value: &impl Serialize) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(value).map_err(|_| StoreError::Corrupt { what: "plan" })?;
        let made_at = self.services.clock.now();
        let row =
            PlanRow { id: id.to_owned(), version: 1, made_at, state: "part".to_owned(), hash: hash.to_owned(), bytes };
        match self.tenant.keep_plan(&row).await {
            // An earlier attempt at the same message has kept it.
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Looks at both sides of everything that waits for a write, in one go.
    async fn look_at_all(&mut self) -> Result<Looks, SliceError> {
        let settings = settings(self.tenant).await?;
        let now = self.services.clock.now();
        let mut ids: Vec<RecordId> =
            self.tenant.due_visits(jiff::Timestamp::MAX, MOST + 1).await?.into_iter().map(|(_, id)| id).collect();
        ids.extend(self.tenant.for_guard().await?);
        ids.extend(self.tenant.for_people(None, MOST).await?.into_iter().map(|(_, id)| id));
        if ids.len() > MOST {
            tracing::error!(count = ids.len(), "too many records wait for one plan");
            return Ok(Looks::TooMany);
        }
        let calls = u32::try_from(ids.len()).unwrap_or(u32::MAX).saturating_mul(CALLS_OF_A_VISIT);
        if !ids.is_empty() && !self.may_call(calls).await? {
            return Ok(Looks::NotNow);
        }
        let mut looked = Vec::with_capacity(ids.len());
        let mut sizes: BTreeMap<Object, Sizes> = BTreeMap::new();
        for id in ids {
            self.keep_lease(self.services.clock.now()).await?;
            looked.extend(self.look_at(id).await?);
            if let Entry::Vacant(vacant) = sizes.entry(id.object()) {
                let live = self.tenant.count(id.object()).await?;
                vacant.insert(Sizes { live, ..Sizes::default() });
            }
        }
        Ok(Looks::All(Box::new(plan(self.tenant.id(), looked, &settings, &sizes, Timing::STANDARD, now))))
    }

    async fn look_at(&mut self, id: RecordId) -> Result<Option<Looked>, SliceError> {
        let mut hands = self.hands(None, None);
        let Some(entry) = hands.load(id).await? else { return Ok(None) };
        let known = entry.erp_id.or_else(|| entry.intent.as_ref().and_then(|i| i.done));
        if let Some(erp_id) = known {
            let side = hands.read(id, erp_id).await?;
            return Ok(Some(Looked::linked(entry, side)));
        }
        if let Some(erp_id) = entry.chosen {
            let side = hands.read(id, erp_id).await?;
            let target = hands.row_of(id.object(), erp_id).await?;
            return Ok(Some(Looked::chosen(entry, side, target)));
        }
        let probed = hands.probe(id, &search_keys(&entry)).await?;
        let found = match &probed {
            Probed::Answered { found, .. } => found_for(&entry, found),
            Probed::CannotTell => None,
        };
        let target = match found {
            Some(erp_id) => hands.row_of(id.object(), erp_id).await?,
            None => None,
        };
        Ok(Some(Looked::of_crm(entry, probed, target)))
    }

    /// Carries out what was approved: only if nothing moved, and then only that.
    async fn apply(&mut self, row: &PlanRow) -> Result<Slice, SliceError> {
        let Some(approved) = read::<Plan>(self.tenant, &said(&row.id)).await? else { return Ok(Slice::Over) };
        let begun = read::<PlanOutcome>(self.tenant, &began(&row.id)).await?.is_some();
        if !begun {
            // Too much waits by now: nothing can be compared, so nothing is carried out.
            let moved = match self.look_at_all().await? {
                Looks::NotNow => return Ok(Slice::Paused),
                Looks::TooMany => None,
                Looks::All(now) => Some(compare(&approved, &now).err().unwrap_or_default()),
            };
            if moved.as_ref().is_none_or(|moved| !moved.is_empty()) {
                let moved = moved.unwrap_or_default();
                self.keep(&came(&row.id), "", &PlanOutcome { moved, ..PlanOutcome::default() }).await?;
                self.tenant.advance_plan(row, name_of(PlanState::Refused)).await?;
                return Ok(Slice::Over);
            }
            // From here on a stop goes on with the items: what is written no longer is as it was planned.
            self.keep(&began(&row.id), "", &PlanOutcome::default()).await?;
        }
        let settings = settings(self.tenant).await?;
        let mut outcome = PlanOutcome::default();
        for item in approved.items.iter().filter(|i| i.writes()) {
            if self.services.clock.now() >= self.deadline || !self.may_call(CALLS_OF_A_VISIT).await? {
                return Ok(Slice::Paused);
            }
            let list = match self.apply_one(item, &settings).await? {
                Some(Ended::NoAccess) => return Ok(Slice::Over),
                Some(Ended::Waits | Ended::Moved) => &mut outcome.waiting,
                Some(_) => &mut outcome.written,
                None => &mut outcome.refused,
            };
            list.push(item.record);
        }
        self.keep(&came(&row.id), "", &outcome).await?;
        if settings.read_only {
            let open = Settings { version: settings.version + 1, read_only: false, ..settings.clone() };
            let stored = self.tenant.settings().await?.map_or(0, |s| s.version);
            self.tenant.replace_settings_if(stored, &open).await?;
        }
        self.tenant.advance_plan(row, name_of(PlanState::Applied)).await?;
        Ok(Slice::Over)
    }

    /// `None`: it moved, and nothing was written.
    async fn apply_one(&mut self, item: &Item, settings: &Settings) -> Result<Option<Ended>, SliceError> {
        if item.action == Action::DeleteInErp {
            self.release_one(item.record).await?;
        }
        Ok(match self.visit(item.record, settings, Some(item), None).await? {
            Visited::Ended(report) => Some(report.ended),
            Visited::NotApproved => None,
        })
    }

    /// The person who approved the plan saw this deletion and the guard's word on it.
    async fn release_one(&mut self, id: RecordId) -> Result<(), SliceError> {
        let Some(row @ Row::Record(_)) = self.tenant.row(id).await? else { return Ok(()) };
        let entry = entry_of_row(&row)?;
        let Row::Record(stored) = row else { return Ok(()) };
        if entry.released || entry.crm_deleted_at.is_none() {
            return Ok(());
        }
        let mut commit = Commit::new(&self.lease);
        let part = pack(&Sides { released: true, ..entry }, Some(&stored.record))?;
        let write = RecordWrite::replace(&stored, stored.record.to_bytes(), None).still_missing(&stored);
        commit.writes.push(write.with_two_way(Some(part)));
        self.tenant.commit(&commit, self.services.clock.now()).await?;
        Ok(())
    }
}

fn began(id: &str) -> String {
    format!("{id}.began")
}
