//! What follows from a document: whether it is paid, overdue, expired, delivered.
//!
//! Decides each state from the facts of the document and a day, and names the
//! facts that it comes from. A state that depends on a status which nobody
//! mapped is not decided. Must not read a clock; calculates in decimals only.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::day::days_between;
use crate::registers::{Mapping, Meaning, Meanings};
use crate::value::normal;
use crate::{Currency, DeliveryEvent, Document, DocumentKind, Object, Status, Tracking};

/// All that follows from a document on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Derived {
    /// The day it holds for, in Ljubljana.
    pub day: Date,
    /// What its status means; missing when it has no status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusState>,
    /// How much of it is paid; offers are not paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentState>,
    /// Whether its payment is late; invoices only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<DueState>,
    /// How long an offer is good; only when it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity: Option<ValidityState>,
    /// Where its goods are; orders with a shipment or a status that says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryState>,
}

/// What a status means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusState {
    /// Its meaning; missing when nobody knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
    /// Who says so.
    pub mapping: Mapping,
    /// The status itself.
    pub of: Status,
}

/// How much is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentState {
    /// How much.
    pub state: Paid,
    /// What there is to pay; negative on a credit note that says so.
    #[serde(with = "crate::value::decimal_text")]
    pub gross: Decimal,
    /// What is paid.
    #[serde(with = "crate::value::decimal_text")]
    pub paid: Decimal,
    /// What is left; negative when the other side owes.
    #[serde(with = "crate::value::decimal_text")]
    pub open: Decimal,
    /// Currency of all three.
    pub currency: Currency,
}

/// Whether a payment is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DueState {
    /// Whether.
    pub state: Due,
    /// The day that it is measured from: of the oldest part that is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// Days left or days late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// How much of it is late.
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub overdue: Option<Decimal>,
}

/// Whether an offer is still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// It is good; `days` are left, none on its last day.
    Valid,
    /// It has been over for `days`.
    Expired,
}

/// Whether an offer is still good, with its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ValidityState {
    /// Whether.
    pub state: Validity,
    /// The last day on which it is good.
    pub valid_to: Date,
    /// Days left or days over.
    pub days: i64,
}

/// Where the goods of an order are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryState {
    /// Where.
    pub state: Delivery,
    /// The event that says so; missing when only the status or the number does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<DeliveryEvent>,
    /// Whether it is the status that says so.
    pub by_status: bool,
    /// Where it can be followed.
    #[serde(skip_serializing_if = "Tracking::is_empty")]
    pub tracking: Tracking,
}

/// All that follows from a document on `day`, Ljubljana's day.
pub fn derive(document: &Document, meanings: &Meanings, day: Date) -> Derived {
    let status = meanings.of(document.kind, &document.status).map(|(meaning, mapping)| StatusState {
        meaning,
        mapping,
        of: document.status.clone(),
    });
    let payment = document.kind.entry().is_paid.then(|| payment(document));
    Derived {
        day,
        due: payment.and_then(|payment| due(document, status.as_ref(), payment, day)),
        payment,
        validity: validity(document, day),
        delivery: delivery(document, status.as_ref().and_then(|s| s.meaning)),
        status,
    }
}

/// The ERP leaves zero sums out, so a sum that is missing is zero.
fn payment(document: &Document) -> PaymentState {
    let gross = normal(document.sums.gross.unwrap_or_default());
    let paid = normal(document.sums.paid.unwrap_or_default());
    // On a credit note both sums are negative: what counts is how far the payment goes towards the sum.
    let (whole, part) = if gross.is_sign_negative() { (-gross, -paid) } else { (gross, paid) };
    let state = match part {
        part if part > whole => Paid::Overpaid,
        part if part == whole => Paid::Paid,
        part if part > Decimal::ZERO => Paid::PartlyPaid,
        _ => Paid::Unpaid,
    };
    PaymentState { state, gross, paid, open: normal(gross.saturating_sub(paid)), currency: document.currency }
}

fn due(document: &Document, status: Option<&StatusState>, payment: PaymentState, day: Date) -> Option<DueState> {
    if document.kind.object() != Object::Invoices {
        return None;
    }
    let plain = |state| DueState { state, due_date: None, days: None, overdue: None };
    let meaning = status.map(|s| s.meaning);
    Some(if !document.issued {
        plain(Due::NotIssued)
    } else if payment.open <= Decimal::ZERO {
        plain(Due::Settled)
    } else if meaning == Some(Some(Meaning::Canceled)) {
        plain(Due::Canceled)
    } else if meaning == Some(None) {
        plain(Due::Undecided)
    } else {
        late(&open_parts(document, payment), day).unwrap_or_else(|| plain(Due::NoDueDate))
    })
}

/// What is open, by the day on which it is due. What is paid counts for the oldest part first.
fn open_parts(document: &Document, payment: PaymentState) -> Vec<(Date, Decimal)> {
    if document.installments.is_empty() {
        return document.due_date.map(|due| (due, payment.open)).into_iter().collect();
    }
    let mut parts: Vec<(Date, Decimal)> = document.installments.iter().map(|part| (part.due, part.amount)).collect();
    parts.sort();
    let mut paid = payment.paid;
    for (_, amount) in &mut parts {
        let covered = (*amount).min(paid).max(Decimal::ZERO);
        *amount = amount.saturating_sub(covered);
        paid = paid.saturating_sub(covered);
    }
    parts.retain(|(_, amount)| *amount > Decimal::ZERO);
    // More is open than the parts say: the rest has the document's own day.
    let told = parts.iter().fold(Decimal::ZERO, |sum, (_, amount)| sum.saturating_add(*amount));
    let rest = payment.open.saturating_sub(told);
    if let Some(due) = document.due_date.filter(|_| rest > Decimal::ZERO) {
        parts.push((due, rest));
        parts.sort();
    }
    parts
}

/// `None` when no part has a day. Due today is not late.
fn late(parts: &[(Date, Decimal)], day: Date) -> Option<DueState> {
    let (first, _) = parts.first()?;
    let days = days_between(*first, day);
    let is_late = days > 0;
    let late = parts.iter().filter(|(due, _)| *due < day);
    let overdue = late.fold(Decimal::ZERO, |sum, (_, amount)| sum.saturating_add(*amount));
    Some(DueState {
        state: if is_late { Due::Overdue } else { Due::NotYet },
        due_date: Some(*first),
        days: Some(days.abs()),
        overdue: is_late.then(|| normal(overdue)),
    })
}

fn validity(document: &Document, day: Date) -> Option<ValidityState> {
    let valid_to = document.valid_to.filter(|_| document.kind == DocumentKind::SalesOffer)?;
    let left = days_between(day, valid_to);
    let state = if left < 0 { Validity::Expired } else { Validity::Valid };
    Some(ValidityState { state, valid_to, days: left.abs() })
}

/// The carrier's events decide; without any, the status does.
fn delivery(document: &Document, meaning: Option<Meaning>) -> Option<DeliveryState> {
    if document.kind != DocumentKind::SalesOrder {
        return None;
    }
    let of = |state, event: Option<&DeliveryEvent>, by_status| {
        Some(DeliveryState { state, event: event.cloned(), by_status, tracking: document.tracking.clone() })
    };
    let told: Vec<_> = document.delivery_events.iter().map(|event| (says(event), event)).collect();
    // Where it ended is said last. Of what comes before, the furthest counts: events of one day come in any order.
    let ended = told.iter().rev().find(|(state, _)| *state >= Delivery::Delivered);
    let furthest = told.iter().rev().max_by_key(|(state, _)| *state);
    match (ended.or(furthest), meaning) {
        (Some((Delivery::Announced, _)) | None, Some(Meaning::Delivered)) => of(Delivery::Delivered, None, true),
        (Some((Delivery::Announced, _)) | None, Some(Meaning::Shipped)) => of(Delivery::OnItsWay, None, true),
        (Some((state, event)), _) => of(*state, Some(event), false),
        (None, _) if !document.tracking.is_empty() => of(Delivery::Announced, None, false),
        (None, _) => None,
    }
}

/// Words that say that a parcel is there.
const DELIVERED: &[&str] =
    &["dostavljen", "dostavljena", "dostavljeno", "vročen", "vročena", "vročeno", "delivered", "zugestellt", "uručena"];
/// Words that say that it came back.
const RETURNED: &[&str] = &["vrnjen", "vrnjena", "vrnjeno", "returned", "retourniert", "vraćena"];
/// Words beside which the others say the opposite, or something still to come.
const NOT_YET: &[&str] = &["ni", "ne", "not", "nicht", "nije", "bo", "will", "be", "wird", "kann", "cannot", "could"];
/// Texts that say no more than that the carrier was told of a parcel.
const ANNOUNCED: &[&str] = &[
    "koda za sledenje",
    "podatki poslani",
    "data sent",
    "registration",
    "registered",
    "not yet shipped",
    "label created",
    "najavljen",
];

/// What an event says. Carriers have no common codes, so their words are read; a text without any known one says that
/// the parcel is on its way.
fn says(event: &DeliveryEvent) -> Delivery {
    let text = event.text.as_ref().map(|t| t.as_str().to_lowercase()).unwrap_or_default();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let is_sure = !has(NOT_YET);
    if is_sure && has(RETURNED) {
        Delivery::Returned
    } else if is_sure && has(DELIVERED) {
        Delivery::Delivered
    } else if ANNOUNCED.iter().any(|known| text.contains(known)) {
        Delivery::Announced
    } else {
        Delivery::OnItsWay
    }
}

#[cfg(test)]
mod tests;
