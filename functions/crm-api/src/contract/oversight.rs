//! What people look at and decide: settings, plans, what waits, certificates, what was taken back.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::{Change, CrmRecord, DocumentKind, ObjectName, RecordId, RegisterStatus, Reports, Rule, Run, Timestamp};

/// A record's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct History {
    /// The newest first.
    pub changes: Vec<Change>,
}

/// What waits for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Attention {
    /// Records with a conflict or a reason, the longest waiting first.
    pub records: Vec<CrmRecord>,
    /// Deletions by the CRM that the guard holds back.
    pub deletions: Vec<Deletions>,
    /// Statuses of documents that nobody knows the meaning of.
    pub statuses: Vec<RegisterStatus>,
    /// Where the next part of the records begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Deletions of an object type that wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Deletions {
    /// The object type.
    pub object: ObjectName,
    /// How many.
    pub count: u64,
    /// The first hundred of them.
    pub records: Vec<RecordId>,
    /// What an approval names: the hash of the whole list.
    pub list: String,
    /// Why a person is asked; missing when they go on by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A word that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Approved {
    /// The hash of the list.
    pub list: String,
}

/// The settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// Grows by one with every change.
    pub version: u64,
    /// Nothing is written on either side until a plan was approved.
    pub read_only: bool,
    /// By object type.
    #[schema(value_type = BTreeMap<ObjectName, ObjectSettings>)]
    pub objects: BTreeMap<ObjectName, ObjectSettings>,
    /// The ERP's reports that print a type of document, where they are not the usual ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<DocumentKind, Reports>)]
    pub reports: BTreeMap<DocumentKind, Reports>,
    /// How many calls of the ERP the schedule may make in a day. Above four fifths of them sweeps wait for the next day,
    /// above all of them every reading that nobody asked for; writes and what you ask for never wait.
    pub calls_a_day: u32,
}

/// The settings of an object type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectSettings {
    /// Which way it travels.
    pub direction: Direction,
    /// Nothing of it is written until someone resumes it.
    pub paused: bool,
    /// By field: who wins when both sides changed it to different values.
    pub rules: BTreeMap<String, Rule>,
    /// A record that the CRM deleted is deleted in the ERP, as far as its API goes.
    pub deletes_in_erp: bool,
    /// A record that is gone from the ERP is archived in the CRM.
    pub archives_in_crm: bool,
}

/// Which way an object type travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both ways.
    Both,
    /// From the ERP to the CRM only.
    ToCrm,
    /// From the CRM to the ERP only.
    ToErp,
}

/// Plans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Plans {
    /// The newest first.
    pub plans: Vec<Plan>,
}

/// A plan: what would be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Plan {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub state: PlanState,
    /// When it was asked for.
    pub made_at: Timestamp,
    /// What an approval names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// The version of the settings that it was made under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_version: Option<u64>,
    /// How many records by what would be done with them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
    /// The records: what would be done, what the CRM would be told, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<Value>,
    /// The guard's word on the deletions, by object type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub guard: BTreeMap<String, Value>,
    /// What came of an approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub outcome: Option<Value>,
}

/// How far a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// It is being made.
    Making,
    /// It can be approved.
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

/// Certificates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Certificates {
    /// The newest first.
    pub certificates: Vec<Certificate>,
}

/// Whether both sides held the same on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Certificate {
    /// The day, in UTC.
    pub day: String,
    /// The object type.
    pub object: ObjectName,
    /// When both sides were compared.
    pub at: Timestamp,
    /// Both hold the same.
    pub equal: bool,
    /// How many records the CRM holds of those that both know.
    pub crm_count: u64,
    /// How many the ERP holds.
    pub erp_count: u64,
    /// A digest of the CRM's side, whatever the order of records.
    pub crm_digest: String,
    /// A digest of the ERP's side.
    pub erp_digest: String,
    /// The first hundred differences: the record, and how it differs.
    pub differences: Vec<Difference>,
    /// How many more there are.
    pub more: u64,
}

/// A record that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// The record.
    pub record: RecordId,
    /// `differs`, `only_crm`, `only_erp`.
    pub kind: String,
}

/// What was taken back of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Undone {
    /// The undo, as a run.
    pub run: Run,
    /// By record: the pieces that were set back, those that stay because somebody changed them later, those that cannot
    /// be set back and why, with what to do instead.
    #[schema(value_type = Vec<Object>)]
    pub records: Vec<Value>,
}
