//! Runs: what a run is asked to do, where it is and what it did.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{ErpId, Object, RunId};

/// How far a run looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everything: full reads of every object asked for.
    Full,
    /// What is due: change windows, new documents, and full reads whose time has come.
    Changes,
    /// The products whose stock a webhook named.
    Hints,
    /// A run before it was taken back.
    Undo,
}

/// Why a run was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The first run after a connection was made.
    Connected,
    /// The schedule.
    Schedule,
    /// A person or the CRM, through the API.
    Request,
    /// A webhook.
    Webhook,
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waiting for its turn.
    Queued,
    /// Going on.
    Running,
    /// Done; every object was read whole.
    Succeeded,
    /// Ended early; what it wrote is right, what it did not reach comes with the next run.
    Failed,
}

/// What a run did to one object type. `read` is the sum of the four that follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Distinct ERP records read.
    pub read: u64,
    /// Records made.
    pub created: u64,
    /// Records changed.
    pub updated: u64,
    /// Records equal to what we had: they cost no write.
    pub unchanged: u64,
    /// ERP records that could not be understood; each has a reason.
    pub parked: u64,
    /// Records that the ERP no longer has. Flagged, not deleted.
    #[serde(default)]
    pub missing: u64,
    /// How many there are to read, as far as the ERP said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Why a run failed, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// Stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The object type it happened at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Object>,
    /// Whether trying again can help.
    pub retryable: bool,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// How far it looks.
    pub mode: Mode,
    /// Why it was started.
    pub trigger: Trigger,
    /// Where it is.
    pub state: RunState,
    /// What it was asked for, in the order of a run.
    pub objects: Vec<Object>,
    /// What it did so far.
    pub counts: BTreeMap<Object, Counts>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
}

impl Run {
    /// A run that waits for its turn.
    pub fn queued(id: RunId, mode: Mode, trigger: Trigger, objects: &[Object], now: Timestamp) -> Self {
        let mut objects = objects.to_vec();
        objects.sort_unstable();
        objects.dedup();
        Self {
            id,
            mode,
            trigger,
            state: RunState::Queued,
            objects,
            counts: BTreeMap::new(),
            requested_at: now,
            started_at: None,
            finished_at: None,
            error: None,
        }
    }

    /// Whether it has ended.
    pub const fn is_over(&self) -> bool {
        matches!(self.state, RunState::Succeeded | RunState::Failed)
    }
}

/// How often an object type is synchronised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cadence {
    /// Seconds from one look for changes to the next.
    pub every_s: u32,
    /// Seconds from one full read to the next.
    pub full_every_s: u32,
    /// Not read by the schedule until someone resumes it.
    #[serde(default)]
    pub paused: bool,
}

impl Cadence {
    /// How often an object type is read until the tenant says otherwise.
    pub const fn standard(object: Object) -> Self {
        let entry = object.entry();
        Self { every_s: entry.every_s, full_every_s: entry.full_every_s, paused: false }
    }
}

/// An ERP record that could not be understood, set aside for a person. It is read again by every later run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Its object type.
    pub object: Object,
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// Where in the record: `product_list[3].amount`.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
    /// When it was first seen so.
    pub since: Timestamp,
}
