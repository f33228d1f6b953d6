//! Runs.

use domain::Object;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::{RunId, Timestamp, scalar::named};

/// An object type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectName(pub Object);

impl PartialSchema for ObjectName {
    fn schema() -> RefOr<Schema> {
        named("An object type.", Object::ALL.map(Object::name))
    }
}

impl ToSchema for ObjectName {}

/// How far a run looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everything.
    Full,
    /// What changed.
    Changes,
    /// What webhooks named.
    Hints,
    /// A run was taken back.
    Undo,
}

/// Why a run was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The first run of a connection.
    Connected,
    /// The schedule.
    Schedule,
    /// A person or the CRM.
    Request,
    /// A webhook.
    Webhook,
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waiting for its turn.
    Queued,
    /// Going on.
    Running,
    /// Done.
    Succeeded,
    /// Ended early: what it wrote is right, the rest comes with the next run.
    Failed,
}

/// What a run did to one object type. `read` is the sum of `created`, `updated`, `unchanged` and `parked`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Distinct ERP records read.
    pub read: u64,
    /// Records made.
    pub created: u64,
    /// Records changed.
    pub updated: u64,
    /// Records that were equal to what we had.
    pub unchanged: u64,
    /// ERP records that could not be understood.
    pub parked: u64,
    /// Records that the ERP no longer has.
    pub missing: u64,
    /// How many there are to read, as far as the ERP said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunError {
    /// Stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do, in the language of `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The object type it happened at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectName>,
    /// Whether trying again can help.
    pub retryable: bool,
}

/// A run: one synchronisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    pub objects: Vec<ObjectName>,
    /// ERP records read so far, of all object types.
    pub processed: u64,
    /// How many there are to read; null until the ERP has said it for every object type.
    #[schema(required)]
    pub total: Option<u64>,
    /// What it did so far, by object type.
    pub counts: BTreeMap<ObjectName, Counts>,
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
