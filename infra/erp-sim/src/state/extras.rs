//! The smaller things a company keeps: messages, the blacklist, stickers, jobs, rules, inventories.

use crate::model::Id;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeMap;

/// An outbound or inbound message of a chat channel, or an e-mail.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) mk_id: Id,
    pub(crate) channel: String,
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) sender_message_id: Option<String>,
    pub(crate) doc: Option<Id>,
    pub(crate) inbound: bool,
    pub(crate) at: Timestamp,
}

/// An entry of the blacklist.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blacklisted {
    pub(crate) mk_id: Id,
    pub(crate) customer: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) reason: Option<String>,
}

/// A code that a supplier uses for a product.
#[derive(Clone, Debug)]
pub(crate) struct SupplierCode {
    pub(crate) mk_id: Id,
    pub(crate) product_code: Option<String>,
    pub(crate) product_name: Option<String>,
    pub(crate) partner: Id,
}

/// A report or an export that is being made.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) done_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) progress_told: Option<Timestamp>,
    pub(crate) file: Vec<u8>,
    pub(crate) content_type: &'static str,
    pub(crate) label: String,
}

/// One counted product of an inventory.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) warehouse: Id,
    pub(crate) product: Id,
    pub(crate) before: Decimal,
    pub(crate) after: Decimal,
}

/// An inventory document.
#[derive(Clone, Debug)]
pub(crate) struct Inventory {
    pub(crate) mk_id: Id,
    pub(crate) date: Date,
    pub(crate) imported: Timestamp,
    pub(crate) counted: Vec<Counted>,
}

/// A sticker of a carrier.
#[derive(Clone, Debug)]
pub(crate) struct Sticker {
    pub(crate) tracking_code: String,
    pub(crate) url: String,
    pub(crate) valid_until: Timestamp,
}

/// Everything else.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    pub(crate) messages: Vec<Message>,
    pub(crate) blacklist: Vec<Blacklisted>,
    pub(crate) supplier_codes: BTreeMap<Id, Vec<SupplierCode>>,
    pub(crate) jobs: BTreeMap<String, Job>,
    /// Attachments and other files by token.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) export_busy_until: Option<Timestamp>,
    pub(crate) inventories: BTreeMap<Id, Inventory>,
    pub(crate) stickers: BTreeMap<Id, Sticker>,
    pub(crate) carts: BTreeMap<String, Value>,
    pub(crate) change_warehouse: Vec<Value>,
    pub(crate) forbidden_products: Vec<Value>,
    /// Fields of products that the model has no place for, as they came: (height, width ...).
    pub(crate) product_fields: BTreeMap<Id, BTreeMap<String, Value>>,
}
