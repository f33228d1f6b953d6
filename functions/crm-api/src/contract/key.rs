//! Keys of programs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Timestamp;

/// A permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Scope {
    /// See records.
    #[serde(rename = "view")]
    View,
    /// Change connection, mapping, rules of conflict.
    #[serde(rename = "configure")]
    Configure,
    /// Start runs, and change records.
    #[serde(rename = "sync")]
    Sync,
    /// See errors and runs in detail.
    #[serde(rename = "logs.view")]
    LogsView,
    /// Settle errors and conflicts.
    #[serde(rename = "logs.resolve")]
    LogsResolve,
    /// See and export reports.
    #[serde(rename = "reports")]
    Reports,
    /// Write rules.
    #[serde(rename = "automations")]
    Automations,
}

/// A key with which a program calls the API: `Authorization: Bearer crmk_...`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    /// Its id: `key_` and 32 hexadecimal digits. It is no secret.
    #[schema(pattern = "^key_[0-9a-f]{32}$")]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// When it was renewed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_at: Option<Timestamp>,
    /// From when on it is not accepted any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Until when the secret before the last renewal is still accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_accepted_until: Option<Timestamp>,
}

/// A key with its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewApiKey {
    /// The key.
    pub key: ApiKey,
    /// What the program sends. It is shown this once; a repeated request with the same `Idempotency-Key` does not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// All keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKeys {
    /// The oldest first.
    pub keys: Vec<ApiKey>,
}
