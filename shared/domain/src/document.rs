//! Documents: sales, purchase, warehouse, work orders, complaints.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{Currency, DocumentKind, ErpId, Text};

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
