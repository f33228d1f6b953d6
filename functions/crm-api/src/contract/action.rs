//! Actions on documents.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::{ErpId, RecordId, Timestamp};

/// An id of an action. Ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(pattern = "^act_[0-9a-f]{32}$")]
pub struct ActionId(pub String);

/// What can be done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionName {
    /// Book a payment. It cannot be taken back over the API.
    Payment,
    /// Set the status by its key.
    Status,
    /// Cancel an order.
    Cancel,
    /// Mark an order as shipped.
    Ship,
    /// Make an order of an offer.
    OrderFromOffer,
    /// File a complaint about an order.
    Complaint,
    /// Attach a file.
    Attachment,
}

/// How far an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionState {
    /// It waits to be sent.
    Planned,
    /// It was sent, and the ERP has not said yet whether it is done.
    Sending,
    /// It is done, once.
    Done,
    /// It was refused; nothing was done.
    Rejected,
    /// Nobody can tell without looking: look into the ERP, and ask anew if it is not done.
    NeedsPerson,
}

/// How it is known that an action is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionHow {
    /// The ERP said so.
    Answered,
    /// The answer was lost, and a look at the document found it.
    Found,
    /// It was so before anything was sent.
    Already,
}

/// An action on a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Action {
    /// Its id.
    pub id: ActionId,
    /// The document's record.
    pub document: RecordId,
    /// What is done.
    pub action: ActionName,
    /// Its inputs; of a file its name, size and SHA-256.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub inputs: BTreeMap<String, Value>,
    /// Who asked for it.
    pub actor: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// How far it is.
    pub state: ActionState,
    /// How often it was sent so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<u32>,
    /// When it is looked at next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_look_at: Option<Timestamp>,
    /// How it is known that it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<ActionHow>,
    /// Why it is not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the code means, in the language of `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What the ERP made of it: the id of an order or a complaint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<ErpId>,
}

/// What a document allows, and what was done to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actions {
    /// What it allows by its kind and status, as it was last read.
    pub allowed: Vec<AllowedAction>,
    /// The last 50 actions, the newest first.
    pub actions: Vec<Action>,
}

/// An action that a document allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AllowedAction {
    /// Which.
    pub action: ActionName,
    /// Its inputs.
    pub inputs: Vec<ActionInput>,
}

/// An input of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionInput {
    /// Its name.
    pub name: String,
    /// What it looks like.
    pub kind: InputKind,
    /// It must be there.
    pub required: bool,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// What an input looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// A decimal as text.
    Amount,
    /// A day.
    Date,
    /// A text.
    Text,
    /// `true` or `false`.
    Flag,
    /// One of the choices.
    Choice,
    /// A list of `{"product": "<id in the ERP>", "amount": "2"}`.
    Lines,
    /// A file of at most 4 MiB, in base64.
    File,
}

/// An action that ended, as feed and history tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndedAction {
    /// Its id.
    pub id: ActionId,
    /// What was to be done.
    pub action: ActionName,
    /// Its inputs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub inputs: BTreeMap<String, Value>,
    /// How it ended: `done`, `rejected` or `needs_person`.
    pub state: ActionState,
    /// Why it is not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The record that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<RecordId>,
}
