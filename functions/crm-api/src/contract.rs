//! The contract: what a client of the API sends and receives, as types.
//!
//! Decides the API's description, which is generated from these types. Answers
//! are serialised straight from the domain's values; a test proves that both
//! have one form, so a field that is added to the domain is added here on
//! purpose, and what is stored can change without the contract.

mod action;
mod connection;
mod contact;
mod document;
mod event;
mod file;
mod key;
mod oversight;
mod page;
mod price;
mod product;
mod run;
mod scalar;
mod stock;
mod story;
mod twoway;

pub use action::{
    Action, ActionHow, ActionId, ActionInput, ActionName, ActionState, Actions, AllowedAction, EndedAction, InputKind,
};
pub use connection::{Cadence, Connection, ConnectionState, SavedConnection};
pub use contact::{
    Address, AddressKind, Blacklist, BlacklistHit, BlacklistKey, BlacklistState, CategoryDiscount, Contact, Person,
};
pub use document::{
    DeliveryEvent, Document, DocumentKind, DocumentLink, Installment, Line, Party, Payment, Status, Sums, Tracking,
};
pub use event::{
    DeliveryId, DisabledReason, Event, EventAttempt, EventData, EventDelivery, EventEndpoint, EventEndpointId,
    EventEndpoints, EventFilter, EventHealth, EventState, Redelivery, SecretEndpoint,
};
pub use file::{Attachment, Attachments, AttachmentsLook, Bytes, FileId, FileState, Making, PrintLanguage, Reports};
pub use key::{ApiKey, ApiKeys, NewApiKey, Scope};
pub use oversight::{
    Approved, Attention, Certificate, Certificates, Deletions, Difference, Direction, History, ObjectSettings, Plan,
    PlanState, Plans, Settings, Undone,
};
pub use page::{Page, Parked, Warehouse};
pub use price::{Categories, Category, DiscountSource, PriceDiscount, PriceReason, PriceSides, Quote, Quotes};
pub use product::{Price, Product};
pub use run::{Counts, Mode, ObjectName, Run, RunError, RunState, Trigger};
pub use scalar::{Date, Decimal, ErpId, RecordId, RunId, Timestamp};
pub use stock::{
    Availability, Enough, Incoming, ProductAvailability, Stock, StockLevel, StockTotal, WarehouseAvailability,
};
pub use story::{
    ContactDocument, Delivery, DeliveryState, Derived, Due, DueState, LineCounts, Mapping, Meaning, Paid, PaymentState,
    RegisterStatus, RegisterTax, Registers, StatusState, TimeIs, Timeline, TimelineEntry, TimelineKind, TimelineSource,
    Validity, ValidityState,
};
pub use twoway::{
    BulkAnswer, BulkResult, Candidate, Change, ChangeKind, Changes, Conflict, ContactPair, CrmRecord, Decided,
    Evidence, FieldChange, Hold, LastChange, Matched, Origin, Rule, SyncBadge, SyncState,
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The function answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Always `ok`.
    pub status: HealthStatus,
}

/// How the function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// It answers.
    Ok,
}

/// A problem (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Address of the code's description.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    pub kind: String,
    /// HTTP status.
    pub status: u16,
    /// A few words, in the language of `Accept-Language` (sl, en).
    pub title: String,
    /// What happened.
    pub detail: String,
    /// Stable code; texts may change, it does not.
    pub code: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// What to do.
    pub remedy: String,
    /// Under this id the log knows the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// What is wrong with which part of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// What the ERP itself said, where it refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp: Option<ErpSaid>,
}

/// What the ERP itself said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErpSaid {
    /// Its code.
    pub code: String,
    /// Its text, in its language.
    pub text: String,
}

/// What is wrong with a part of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// JSON path, parameter or header.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
}
