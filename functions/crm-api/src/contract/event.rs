//! Endpoints that are told of changes, and what became of the events.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ChangeKind, ErpId, ObjectName, RecordId, Timestamp};

/// An id of an endpoint. Ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(pattern = "^evt_[0-9a-f]{32}$")]
pub struct EventEndpointId(pub String);

/// An id of a delivery of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(pattern = "^dlv_[0-9]{14}_[0-9]{1,20}$")]
pub struct DeliveryId(pub String);

/// An event: that a record changed, and where to read how. It comes with the headers of Standard Webhooks: `webhook-id`, the
/// same for every attempt, `webhook-timestamp`, and `webhook-signature` with a signature for each secret that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// The record's type and what happened: `contact.updated`, `stock.added`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it changed.
    pub timestamp: Timestamp,
    /// What changed.
    pub data: EventData,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventData {
    /// The record.
    pub record: RecordId,
    /// Its type.
    pub object: ObjectName,
    /// What happened.
    pub kind: ChangeKind,
    /// Your own id of it; missing while no record of yours is linked to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm_id: Option<String>,
    /// The ERP's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// The record's version after it.
    pub version: u64,
    /// The record's revision after it.
    pub revision: u64,
    /// Give it to `GET /v1/changes` as `cursor`: the answer begins with this change.
    pub cursor: String,
}

/// Which changes an endpoint is told of. A list that is empty leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventFilter {
    /// Of records of these types.
    #[serde(default)]
    pub objects: Vec<ObjectName>,
    /// Of these kinds.
    #[serde(default)]
    pub kinds: Vec<ChangeKind>,
}

/// An endpoint of yours that is told of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventEndpoint {
    /// Its id.
    pub id: EventEndpointId,
    /// Grows by one with every change of it. Name it in `If-Match` with your next change.
    pub version: u64,
    /// Where it is.
    #[schema(format = "uri")]
    pub url: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which changes it is told of.
    pub filter: EventFilter,
    /// Whether it is told at all. What changes while it is off waits until it is on again.
    pub enabled: bool,
    /// Why it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<DisabledReason>,
    /// Since when it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
    /// How it does.
    pub health: EventHealth,
    /// Since when every attempt failed; after five days of that it is turned off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// Events that failed and are tried again.
    pub waiting: u64,
    /// When the next of them is tried at the earliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How an endpoint does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventHealth {
    /// The last attempt succeeded, or there was none.
    Well,
    /// The last attempt failed.
    Failing,
    /// Several failed in a row. It is tried with one event at a time; the others are kept until one succeeds.
    Down,
}

/// Why an endpoint is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// A person turned it off.
    Person,
    /// It answered 410.
    Gone,
    /// It failed for five days.
    Failing,
}

/// Your endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventEndpoints {
    /// The endpoints, the oldest first.
    pub endpoints: Vec<EventEndpoint>,
}

/// An endpoint and its new secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretEndpoint {
    /// The endpoint.
    pub endpoint: EventEndpoint,
    /// What its events are signed with: `whsec_` and base64. It is shown this once: a repeated request gets no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "password", read_only)]
    pub secret: Option<String>,
}

/// What became of an event for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// The `webhook-id` of all its attempts.
    pub message_id: String,
    /// The event's type: `contact.updated`.
    pub event: String,
    /// The record that changed; left out for a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// How it stands.
    pub state: EventState,
    /// When it is tried again at the earliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    /// Its last attempts, the oldest first; at most 20.
    pub attempts: Vec<EventAttempt>,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// The endpoint took it.
    Delivered,
    /// It is tried again.
    Waiting,
    /// It was tried ten times over three days, or was a test; ask for it with `redeliver`.
    GivenUp,
}

/// An attempt to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventAttempt {
    /// When.
    pub at: Timestamp,
    /// The HTTP status that the endpoint answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What was wrong: `refused`, `redirected`, `throttled`, `gone`, `timeout`, `connection`, `address_refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// What is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Redelivery {
    /// How many changes are looked at again; those that the filter takes are sent.
    pub changes: u64,
}
