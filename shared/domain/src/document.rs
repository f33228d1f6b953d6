//! Documents: sales, purchase, warehouse, work orders, complaints.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{Currency, DocumentKind, ErpId, Making, Text};

/// A document with its lines and payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// Its kind.
    pub kind: DocumentKind,
    /// The visible number (`count_code`).
    pub number: Text,
    /// Date of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Text>,
    /// Status, label and key apart.
    #[serde(default, skip_serializing_if = "Status::is_empty")]
    pub status: Status,
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartyRef>,
    /// Who receives the goods, when the document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<PartyRef>,
    /// The customer's own order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_order: Option<Text>,
    /// Currency of every sum on it.
    pub currency: Currency,
    /// Warehouse mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<Text>,
    /// Delivery type, a register value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_type: Option<Text>,
    /// Payment method, a register value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<Text>,
    /// Day on which it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// Last day on which an offer is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// First day of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_from: Option<Date>,
    /// Last day of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_to: Option<Date>,
    /// An issued invoice; a draft is not.
    pub issued: bool,
    /// Percent off the whole.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub discount_percent: Option<Decimal>,
    /// Lines in the order of the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// Sums, as the ERP calculated them.
    pub sums: Sums,
    /// Payments; the ERP gives them no ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// Documents it is linked to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<DocumentLink>,
    /// Parts of a bill that are due on days of their own, by day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub installments: Vec<Installment>,
    /// The shipment, once it has a number.
    #[serde(default, skip_serializing_if = "Tracking::is_empty")]
    pub tracking: Tracking,
    /// What the carrier reported, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delivery_events: Vec<DeliveryEvent>,
    /// Custom fields (`extra_column`), the tracking number among them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Text>,
    /// Free key-value pairs (`meta_data`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub meta: BTreeMap<String, Text>,
    /// What only documents of its kind have, by the ERP's names: [`crate::DocumentType::particulars`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub particulars: BTreeMap<String, Text>,
}

/// Where a document is listed among those of its contact: by its date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listing {
    /// The contact's id in the ERP.
    pub partner: ErpId,
    /// The document's date.
    pub date: Option<Date>,
}

impl Document {
    /// Where it is listed; nowhere when it has no partner.
    pub fn listing(&self) -> Option<Listing> {
        self.partner.as_ref().map(|partner| Listing { partner: partner.erp_id, date: self.date })
    }
}

/// A status as read. The label is what people see, the key is what is written; the ERP shows one and takes the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// `Odpremljen`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// `shipped`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Text>,
}

impl Status {
    /// Neither label nor key.
    pub const fn is_empty(&self) -> bool {
        self.label.is_none() && self.key.is_none()
    }

    /// What it goes by: its key, or its label when the ERP shows no key.
    pub fn name(&self) -> Option<&Text> {
        self.key.as_ref().or(self.label.as_ref())
    }
}

/// A party on a document: the link to a contact and the name it had when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyRef {
    /// The partner's id in the ERP.
    pub erp_id: ErpId,
    /// The name shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// The partner's address that is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<ErpId>,
}

/// A line of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Row id in the ERP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// The product's id in the ERP; some rows have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ErpId>,
    /// The product's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Text>,
    /// Name on the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Description on the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// Amount.
    #[serde(with = "crate::value::decimal_text")]
    pub amount: Decimal,
    /// Net price of one unit.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub price: Option<Decimal>,
    /// Price of one unit with tax.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub price_with_tax: Option<Decimal>,
    /// Percentages, applied one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "crate::value::decimal_text_list")]
    pub discounts: Vec<Decimal>,
    /// The company's tax code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Text>,
    /// How a work order makes it.
    #[serde(default, skip_serializing_if = "Making::is_empty")]
    pub making: Making,
}

/// Sums in the document's currency. They are the ERP's: we show them, we never calculate them into a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Net after discounts.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub net: Option<Decimal>,
    /// Discount.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub discount: Option<Decimal>,
    /// Tax by lower-case tax code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "crate::value::decimal_text_map")]
    pub taxes: BTreeMap<String, Decimal>,
    /// The rate of each lower-case tax code on the lines, `0.22`. A code that lines give two rates has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "crate::value::decimal_text_map")]
    pub rates: BTreeMap<String, Decimal>,
    /// What the customer pays.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub gross: Option<Decimal>,
    /// Paid so far; nothing said means nothing paid.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub paid: Option<Decimal>,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Payment type, a register value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Text>,
    /// Day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Amount; missing when the ERP pays the whole document without saying it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub amount: Option<Decimal>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Text>,
}

/// A link to another document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DocumentLink {
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// Its visible number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    /// Its kind, as the ERP names it.
    pub kind: Text,
}

/// A part of a bill that is due on a day of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Installment {
    /// The day on which it is due.
    pub due: Date,
    /// How much, in the document's currency.
    #[serde(with = "crate::value::decimal_text")]
    pub amount: Decimal,
}

/// Where a shipment can be followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// The carrier's number of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    /// The carrier's page about it, as the ERP gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Text>,
}

impl Tracking {
    /// Neither number nor page.
    pub const fn is_empty(&self) -> bool {
        self.number.is_none() && self.url.is_none()
    }
}

/// What a carrier reported.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeliveryEvent {
    /// The day, in Ljubljana.
    pub date: Date,
    /// The moment; `None` when the ERP gave a day only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The carrier's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Text>,
    /// The carrier's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Text>,
}
