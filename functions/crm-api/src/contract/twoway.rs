//! The CRM's own records: what it sends, what it is told.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::{EndedAction, ErpId, Fault, ObjectName, RecordId, RunId, Timestamp};

/// A record of the CRM: both sides of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CrmRecord {
    /// The record. It changes once, when a record that the CRM made is made in the ERP.
    pub record: RecordId,
    /// Your own id of it; missing while no record of yours is linked to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm_id: Option<String>,
    /// Grows by one with every change that you are told. Name it in `If-Match` with your next edit.
    pub revision: u64,
    /// Its pieces, as you have them or have been told them: `name`, `tax`, `lines/123`.
    #[schema(value_type = Object)]
    pub fields: BTreeMap<String, Value>,
    /// The ERP's id of it, when the ERP has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// How the two sides stand.
    pub sync: SyncState,
    /// Why it waits for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// Pieces that both sides changed and a person must settle.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conflicts: BTreeMap<String, Conflict>,
    /// The ERP's id of entries of lists that you have under a name of your own: `addresses/a1`. A person names the address
    /// that it is at by that id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub entry_ids: BTreeMap<String, ErpId>,
    /// The id of yours that was asked for, or this one, went into this other one of yours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<String>,
    /// Ids of yours that were merged into this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged_ids: Vec<String>,
}

/// How a record stands: what a badge shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncBadge {
    /// The record.
    pub record: RecordId,
    /// The object type.
    pub object: ObjectName,
    /// Your own id of it; missing while no record of yours is linked to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm_id: Option<String>,
    /// The ERP's id of it, when the ERP has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// How the two sides stand.
    pub sync: SyncState,
    /// The revision that you are told.
    pub revision: u64,
    /// Why it waits for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// Pieces that both sides changed and a person must settle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// Pieces of yours that are on their way to the ERP.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<String>,
    /// The last change of either side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change: Option<LastChange>,
    /// The company is read-only: nothing is written until a plan was approved.
    pub read_only: bool,
}

/// The last change of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastChange {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: ChangeKind,
    /// Which side it came from.
    pub from: Origin,
    /// Who: a user of the CRM, a key, or `sync`.
    pub actor: String,
}

/// Two contacts of yours after a merge, or after it was taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ContactPair {
    /// The one that stays, or stayed.
    pub survivor: CrmRecord,
    /// The one that went, or had gone.
    pub gone: CrmRecord,
}

/// How the two sides of a record stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// Both sides have the same.
    InStep,
    /// Something is on its way to the ERP.
    Waiting,
    /// It waits for a person.
    Held,
    /// Its deletion is on its way.
    Deleting,
    /// The CRM deleted it.
    Deleted,
    /// The ERP no longer has it.
    Archived,
    /// It went into another record of yours.
    Merged,
}

/// Why a record waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// Stable code: `rejected`, `ambiguous`, `different`, `link_taken`, `given_up`, `edit_against_delete`, `gone_in_erp`, `not_in_api`, `one_way`, `unlinked`.
    pub code: String,
    /// Since when.
    pub since: Timestamp,
    /// What it is about: the ERP's code, or the records that were found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// The partners that a contact could be, those with the strongest evidence first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

/// A partner that a contact could be, as it was when the two were compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// Its name.
    pub name: String,
    /// Its visible number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What speaks for it and against it.
    pub evidence: Vec<Evidence>,
}

/// What speaks for or against a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// It has all that was sent in a write whose answer was lost.
    Sent,
    /// The tax numbers are equal.
    TaxNumber,
    /// The digits of the tax numbers are equal, and one of them does not say its country.
    TaxDigits,
    /// An e-mail address is on both.
    Email,
    /// The names are equal or share a word.
    Name,
    /// Post code and street of an address are equal.
    Address,
    /// The names share no word. This speaks against it.
    DifferentName,
}

/// By what a contact was found to be a partner, or what a person said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Matched {
    /// The partner; missing when it is none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// What speaks for and against that partner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// The partners that it is not, by a person's word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub none_of: Vec<ErpId>,
    /// The reason that the person gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A piece that both sides changed to different values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Conflict {
    /// What both had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub base: Option<Value>,
    /// What the CRM has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub crm: Option<Value>,
    /// What the ERP has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub erp: Option<Value>,
}

/// What came of many requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkAnswer {
    /// In the order of the items.
    pub results: Vec<BulkResult>,
}

/// What came of one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkResult {
    /// Your id of the record.
    pub crm_id: String,
    /// The status that the same request alone would have had.
    pub status: u16,
    /// The record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// Its revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// Why nothing was changed: the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What is wrong with which piece.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

/// A part of the feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Changes {
    /// In the order in which they happened.
    pub changes: Vec<Change>,
    /// Where the next part begins. Keep it when the changes are applied.
    pub cursor: String,
    /// There is more at once.
    pub more: bool,
    /// The company is read-only: nothing is told until a plan was approved.
    pub read_only: bool,
}

/// One change of one record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Its number; there are no gaps.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The object type.
    pub object: ObjectName,
    /// The record.
    pub record: RecordId,
    /// Your id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm_id: Option<String>,
    /// The ERP's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// The record's revision after it.
    pub revision: u64,
    /// What happened.
    pub kind: ChangeKind,
    /// The side that it came from. Apply those of the ERP.
    pub from: Origin,
    /// Who: a user of the CRM, or `sync`.
    pub actor: String,
    /// The run that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The request that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The action that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<EndedAction>,
    /// Pieces before and after.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldChange>,
    /// Pieces that both sides had changed: the rule that decided, and the value that lost.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub decided: BTreeMap<String, Decided>,
    /// By what a contact was found to be a partner, or what a person said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<Matched>,
}

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// Its content changed.
    Updated,
    /// The ERP no longer has it.
    Missing,
    /// It was missing and is there again.
    Found,
    /// Your record and one of the ERP are one from now on.
    Linked,
    /// It is deleted: archive it.
    Deleted,
    /// It was deleted and is taken back.
    Restored,
    /// Another record of yours and this one are one from now on.
    Merged,
    /// They are two again.
    Unmerged,
    /// A person took your record and that of the ERP apart.
    Unlinked,
    /// An action on it ended. What the action changed is told by the changes that follow.
    Acted,
}

/// A side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The ERP.
    Erp,
    /// The CRM.
    Crm,
}

/// A piece before and after; missing where it was not set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldChange {
    /// Before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub before: Option<Value>,
    /// After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub after: Option<Value>,
}

/// How it was decided which side's value a piece has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Decided {
    /// The rule.
    pub rule: Rule,
    /// The value that lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub lost: Option<Value>,
}

/// Who wins when both sides changed a field to different values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The CRM.
    Crm,
    /// The ERP.
    Erp,
    /// The later change, when both sides give times; else a person.
    Newest,
    /// A person.
    Park,
}
