//! What the CRM can have done to a document of the ERP, beyond its content.
//!
//! Decides what a deed says and by which tag it is found again. Whether a
//! document allows it is decided by `transition`; whether it was done, by `sync`.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

use crate::{ActionId, ErpId, RecordId, Text, ValueError};

/// The most characters of a payment's notes: the ERP takes 100, and our tag needs its room.
pub const MAX_PAYMENT_NOTES: usize = 75;
/// The most bytes of a file that is attached: in base64 it must fit a request of 6 MB.
pub const MAX_FILE: usize = 4 * 1024 * 1024;

/// The kind of a deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeedKind {
    /// Book a payment.
    Payment,
    /// Set the status.
    Status,
    /// Cancel it: the status `canceled`.
    Cancel,
    /// Mark it as shipped: the status `shipped` and a day.
    Ship,
    /// Make an order of an offer.
    OrderFromOffer,
    /// File a complaint about an order.
    Complaint,
    /// Attach a file.
    Attachment,
}

impl DeedKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Payment,
        Self::Status,
        Self::Cancel,
        Self::Ship,
        Self::OrderFromOffer,
        Self::Complaint,
        Self::Attachment,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Status => "status",
            Self::Cancel => "cancel",
            Self::Ship => "ship",
            Self::OrderFromOffer => "order_from_offer",
            Self::Complaint => "complaint",
            Self::Attachment => "attachment",
        }
    }
}

impl fmt::Display for DeedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DeedKind {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        Self::ALL.into_iter().find(|k| k.name() == s).ok_or(ValueError::new("deed", "one of the listed actions"))
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// Book a payment.
    Payment(PaymentDeed),
    /// Set the status.
    Status {
        /// Its key, as the company's register has it.
        key: Text,
    },
    /// Cancel it.
    Cancel,
    /// Mark it as shipped.
    Ship {
        /// The day of shipment.
        on: Date,
    },
    /// Make an order of an offer.
    OrderFromOffer {
        /// The customer's order number; one of our own when there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        buyer_order: Option<Text>,
    },
    /// File a complaint.
    Complaint(ComplaintDeed),
    /// Attach a file, whose bytes are in the file store.
    Attachment {
        /// Its name.
        file_name: Text,
        /// How many bytes it has.
        bytes: u32,
        /// The hash that they are kept under.
        hash: String,
    },
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDeed {
    /// What it is.
    pub mode: PaymentMode,
    /// Payment type, a value of the company's register.
    pub payment_type: Text,
    /// Day.
    pub date: Date,
    /// Amount in the document's currency, above zero also when money is given back.
    #[serde(with = "crate::value::decimal_text")]
    pub amount: Decimal,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Text>,
    /// It may be more than what is open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
}

/// What a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMode {
    /// A payment.
    Payment,
    /// A payment before there is an invoice.
    Prepayment,
    /// Money given back.
    Return,
}

/// A complaint about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintDeed {
    /// What is wanted.
    pub claim: ClaimType,
    /// E-mail of the user of the ERP in whose name it is filed.
    pub user_email: Text,
    /// Reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// The goods.
    pub lines: Vec<ComplaintLine>,
}

/// What a complaint wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimType {
    /// Repair or money.
    Reclamation,
    /// Goods come back.
    Return,
    /// Other goods in their place.
    Replacement,
}

/// Goods of a complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintLine {
    /// The product; it must be on the order.
    pub product: ErpId,
    /// How much of it, above zero.
    #[serde(with = "crate::value::decimal_text")]
    pub amount: Decimal,
}

impl Deed {
    /// Its kind.
    pub const fn kind(&self) -> DeedKind {
        match self {
            Self::Payment(_) => DeedKind::Payment,
            Self::Status { .. } => DeedKind::Status,
            Self::Cancel => DeedKind::Cancel,
            Self::Ship { .. } => DeedKind::Ship,
            Self::OrderFromOffer { .. } => DeedKind::OrderFromOffer,
            Self::Complaint(_) => DeedKind::Complaint,
            Self::Attachment { .. } => DeedKind::Attachment,
        }
    }

    /// The key of the status that the document has afterwards, if the deed is a change of it.
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Status { key } => Some(key.as_str()),
            Self::Cancel => Some("canceled"),
            Self::Ship { .. } => Some("shipped"),
            _ => None,
        }
    }
}

/// What an action of this id is found again by: unique, at most 18 characters.
pub fn tag(id: ActionId) -> String {
    format!("A-{:016x}", id.low_bits())
}

/// A text with the tag of an action behind it.
pub fn tagged(text: Option<&Text>, id: ActionId) -> String {
    let tag = tag(id);
    text.map_or_else(|| format!("[{tag}]"), |text| format!("{} [{tag}]", text.as_str()))
}

/// How an action ended: what history, feed and audit say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    /// The action.
    pub id: ActionId,
    /// What was to be done.
    pub deed: Deed,
    /// How it ended.
    pub ended: ActionEnd,
    /// Why, when it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The record that was made, if it is one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<RecordId>,
}

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionEnd {
    /// It is done, once.
    Done,
    /// It is not done: it was refused.
    Rejected,
    /// Nobody can tell without looking: a person decides.
    NeedsPerson,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(n: u128) -> ActionId {
        ActionId::new(Uuid::from_u128(n))
    }

    #[test]
    fn a_payments_notes_and_the_tag_fit_into_what_the_erp_takes() {
        let notes = Text::required(&"č".repeat(MAX_PAYMENT_NOTES)).expect("text");
        assert!(tagged(Some(&notes), id(u128::MAX)).chars().count() <= 100);
        assert_eq!(tagged(None, id(7)), "[A-0000000000000007]");
        assert_ne!(tag(id(7)), tag(id(8)));
    }

    #[test]
    fn a_deed_comes_back_equal_from_json_and_names_its_kind() {
        let text = |s| Text::required(s).expect("text");
        let on = jiff::civil::date(2026, 3, 10);
        let deeds = [
            Deed::Payment(PaymentDeed {
                mode: PaymentMode::Return,
                payment_type: text("Gotovina"),
                date: on,
                amount: Decimal::new(1050, 2),
                notes: None,
                over: true,
            }),
            Deed::Status { key: text("paused") },
            Deed::Cancel,
            Deed::Ship { on },
            Deed::OrderFromOffer { buyer_order: None },
            Deed::Complaint(ComplaintDeed {
                claim: ClaimType::Return,
                user_email: text("ana@example.com"),
                reason: None,
                description: Some(text("poškodovano")),
                lines: vec![ComplaintLine { product: ErpId::new(7), amount: Decimal::ONE }],
            }),
            Deed::Attachment { file_name: text("a.pdf"), bytes: 3, hash: "00".repeat(32) },
        ];
        for (deed, kind) in deeds.iter().zip(DeedKind::ALL) {
            let json = serde_json::to_value(deed).expect("JSON");
            assert_eq!(json["deed"], kind.name());
            assert_eq!(serde_json::from_value::<Deed>(json).expect("a deed"), *deed);
            assert_eq!((deed.kind(), kind.name().parse()), (kind, Ok(kind)));
        }
    }
}
