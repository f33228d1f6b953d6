//! The connection to the ERP. No secret is part of any answer.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::{ObjectName, Run, Timestamp};

/// Whether a connection is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// It is used.
    Connected,
    /// It is not used until a person acts.
    Paused,
}

/// How often an object type is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cadence {
    /// Seconds from one look for changes to the next.
    #[schema(minimum = 60, maximum = 86_400)]
    pub every_s: u32,
    /// Seconds from one full read to the next.
    #[schema(minimum = 900, maximum = 2_592_000)]
    pub full_every_s: u32,
    /// Not read by the schedule until someone resumes it.
    #[serde(default)]
    pub paused: bool,
}

/// A connection to a company in the ERP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Connection {
    /// The company's id in the ERP. It never changes.
    pub company_id: String,
    /// Where the ERP is.
    #[schema(format = "uri")]
    pub base_url: String,
    /// Whether it is used.
    pub state: ConnectionState,
    /// Why it is paused: a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_code: Option<String>,
    /// What to do about it, in the language of `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_remedy: Option<String>,
    /// The ERP does not answer, for all companies at this address, and is asked again then. Left out while it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_away_until: Option<Timestamp>,
    /// Where the ERP's webhooks go. Shown to those who may configure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    pub webhook_url: Option<String>,
    /// How often each object type is read.
    pub cadence: BTreeMap<ObjectName, Cadence>,
    /// Grows by one with every change; the `ETag` is made of it.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A connection that was saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedConnection {
    /// The connection as it is now.
    pub connection: Connection,
    /// The first run; null unless the connection is new.
    #[schema(required)]
    pub first_run: Option<Run>,
}
