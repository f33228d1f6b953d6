//! What happened to a document, what follows from it, and the registers that it refers to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Date, Decimal, DeliveryEvent, DocumentKind, DocumentLink, EndedAction, ErpId, Payment, RecordId, Status, Sums,
    Timestamp, Tracking, Warehouse,
};

/// What follows from a document on a day. A state that depends on a status which nobody mapped is not decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Derived {
    /// The day it holds for, in Ljubljana.
    pub day: Date,
    /// What its status means; missing when it has no status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusState>,
    /// How much of it is paid; offers are not paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentState>,
    /// Whether its payment is late; invoices only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<DueState>,
    /// How long an offer is good; only when it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<ValidityState>,
    /// Where its goods are; orders with a shipment or a status that says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryState>,
}

/// What a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Not given to anybody yet.
    Draft,
    /// It waits.
    Open,
    /// Both agree on it.
    Confirmed,
    /// Somebody works on it.
    InWork,
    /// The goods have left.
    Shipped,
    /// The goods are there.
    Delivered,
    /// Done.
    Completed,
    /// It no longer counts.
    Canceled,
    /// Somebody has to look at it.
    Problem,
}

/// Who says what a status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mapping {
    /// A person said it.
    Chosen,
    /// The ERP's documentation names the key.
    Standard,
    /// Nobody knows it: it stands on the list of what waits for a person.
    Unknown,
}

/// A status and its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusState {
    /// Its meaning; missing when nobody knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
    /// Who says so.
    pub mapping: Mapping,
    /// The status itself.
    pub of: Status,
}

/// How much is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Paid {
    /// All of it; also when there is nothing to pay.
    Paid,
    /// A part.
    PartlyPaid,
    /// Nothing.
    Unpaid,
    /// More than there is to pay.
    Overpaid,
}

/// How much of a document is paid, with the sums it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentState {
    /// How much.
    pub state: Paid,
    /// What there is to pay; negative on a credit note that says so.
    pub gross: Decimal,
    /// What is paid.
    pub paid: Decimal,
    /// What is left; negative when the other side owes.
    pub open: Decimal,
    /// Currency of all three, three letters.
    pub currency: String,
}

/// Whether a payment is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// A draft is not owed.
    NotIssued,
    /// It no longer counts.
    Canceled,
    /// Nothing is open.
    Settled,
    /// Something is open, and no day is set for it.
    NoDueDate,
    /// It is not late: `days` are left, none on the day itself.
    NotYet,
    /// It has been late for `days`.
    Overdue,
    /// Its status means nothing to us, so it may be canceled.
    Undecided,
}

/// Whether a payment is late, with what it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DueState {
    /// Whether.
    pub state: Due,
    /// The day that it is measured from: of the oldest part that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// Days left or days late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// How much of it is late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue: Option<Decimal>,
}

/// Whether an offer is still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// It is good; `days` are left, none on its last day.
    Valid,
    /// It has been over for `days`.
    Expired,
}

/// Whether an offer is still good, with its last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ValidityState {
    /// Whether.
    pub state: Validity,
    /// The last day on which it is good.
    pub valid_to: Date,
    /// Days left or days over.
    pub days: i64,
}

/// Where the goods of an order are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The carrier knows of the parcel and does not have it.
    Announced,
    /// The carrier has it.
    OnItsWay,
    /// It is there.
    Delivered,
    /// It came back.
    Returned,
}

/// Where the goods of an order are, with what says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryState {
    /// Where.
    pub state: Delivery,
    /// The event that says so; missing when only the status or the number does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<DeliveryEvent>,
    /// Whether it is the status that says so.
    pub by_status: bool,
    /// Where it can be followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking>,
}

/// What happened to a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Timeline {
    /// What follows from the document as it is; missing for one that only you have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derived>,
    /// What happened, by time.
    pub data: Vec<TimelineEntry>,
    /// Where the next part begins; null at the end.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// Whether there is more.
    pub has_more: bool,
    /// Whether it goes back to the first change: only the newest 500 changes of a document are told.
    pub complete: bool,
}

/// One thing that happened. Once told it stays, even when the ERP no longer shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    /// The same whenever it is told; unique within the story.
    pub key: String,
    /// What happened.
    pub kind: TimelineKind,
    /// Who says so.
    pub source: TimelineSource,
    /// When; missing when only the day is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// On which day of Ljubljana, when only that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// What this time is.
    pub time_is: TimeIs,
    /// When we saw it.
    pub seen_at: Timestamp,
    /// Who wrote it down: a user of yours, or `sync`.
    pub by: String,
    /// The status before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Status>,
    /// The status after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Status>,
    /// The payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// What the carrier reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryEvent>,
    /// The number and the page of the shipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<Tracking>,
    /// The other document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentLink>,
    /// Its record, when documents of its kind are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// How many lines changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<LineCounts>,
    /// Which other fields changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The action that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<EndedAction>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    /// It was made; in the ERP on its own date.
    Created,
    /// Its status changed: `from`, `to`.
    Status,
    /// It was issued.
    Issued,
    /// A payment appeared: `payment`.
    Payment,
    /// A payment is no longer there: `payment`.
    PaymentGone,
    /// The carrier reported something: `delivery`.
    Delivery,
    /// The shipment got a number or a page: `tracking`; without it, they were taken away.
    Tracking,
    /// Another document was linked: `document`.
    Linked,
    /// Another document is no longer linked: `document`.
    Unlinked,
    /// Lines changed: `lines`.
    Lines,
    /// Other fields changed: `fields`.
    Fields,
    /// Your record and one of the ERP are one from now on.
    Joined,
    /// The ERP no longer has it.
    Missing,
    /// The ERP has it again.
    Found,
    /// One side deleted it.
    Deleted,
    /// It was taken back.
    Restored,
    /// An action that you asked for ended: `action`.
    Acted,
}

/// Who says that something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimelineSource {
    /// The ERP.
    Erp,
    /// You.
    Crm,
    /// This service.
    Us,
    /// The carrier, through the ERP.
    Carrier,
}

/// What a time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeIs {
    /// When it happened.
    Event,
    /// When we saw it: it happened before.
    Seen,
}

/// How many lines changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineCounts {
    /// New ones.
    pub added: u32,
    /// Others than before.
    pub changed: u32,
    /// Gone.
    pub removed: u32,
}

/// A document of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactDocument {
    /// Its id.
    pub id: RecordId,
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// Since when the ERP no longer has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<Timestamp>,
    /// Its kind.
    pub kind: DocumentKind,
    /// The visible number.
    pub number: String,
    /// Date of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Currency of every sum on it, three letters.
    pub currency: String,
    /// Sums, as the ERP calculated them.
    pub sums: Sums,
    /// What follows from it today.
    pub derived: Derived,
}

/// The ERP's registers as they were met on records, and what the statuses mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Registers {
    /// The version of what people said about the statuses; zero when nobody said anything.
    pub version: u64,
    /// Statuses by document kind.
    pub statuses: Vec<RegisterStatus>,
    /// Units of products and lines.
    pub units: Vec<String>,
    /// Tax codes.
    pub taxes: Vec<RegisterTax>,
    /// Delivery types.
    pub delivery_types: Vec<String>,
    /// Payment types.
    pub payment_types: Vec<String>,
    /// Payment methods.
    pub payment_methods: Vec<String>,
    /// Warehouses.
    pub warehouses: Vec<Warehouse>,
}

/// A status of a kind of document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegisterStatus {
    /// The kind of document.
    pub kind: DocumentKind,
    /// Its key; its label when the ERP shows no key.
    pub key: String,
    /// The labels that the ERP showed for it; none for one that only a person named.
    pub labels: Vec<String>,
    /// What it means; missing when nobody knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
    /// Who says so.
    pub mapping: Mapping,
}

/// A tax code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegisterTax {
    /// The company's code.
    pub code: String,
    /// The rates that documents gave it, `0.22`; none when none did.
    pub rates: Vec<Decimal>,
}
