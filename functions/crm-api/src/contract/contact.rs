//! Contacts: companies and people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Decimal, ErpId, RecordId, Timestamp};

/// A company or a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags, named as the ERP has them")]
pub struct Contact {
    /// Its id.
    pub id: RecordId,
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// Grows by one with every change; the `ETag` is made of it.
    pub version: u64,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Since when the ERP no longer has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<Timestamp>,
    /// The visible number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Name of the company or person.
    pub name: String,
    /// A company (true) or a person.
    pub company: bool,
    /// Liable for VAT; missing when the ERP never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxpayer: Option<bool>,
    /// From outside Slovenia, as the ERP marks it.
    pub foreign: bool,
    /// Tax number, with its country's prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<String>,
    /// Register number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// Buys from us.
    pub buyer: bool,
    /// Sells to us.
    pub supplier: bool,
    /// Addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// Persons and mailboxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<Person>,
    /// Discounts by category.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<CategoryDiscount>,
}

/// What an address is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// The main one, on invoices.
    Billing,
    /// Where goods go.
    Delivery,
    /// A branch.
    Branch,
    /// Another kind, as the ERP names it.
    Other(String),
}

/// An address of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Address {
    /// Its id in the ERP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// What it is for.
    pub kind: AddressKind,
    /// Street and house number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_code: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// Country, two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Days to pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_due_days: Option<u32>,
    /// Language register value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Currency, three letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// A person or mailbox at a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// Its id in the ERP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// The address it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<ErpId>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Mobile phone, as E.164 where it is understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// Land line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Fax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fax: Option<String>,
}

/// A discount on categories of products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CategoryDiscount {
    /// Category path, outermost first.
    pub categories: Vec<String>,
    /// Percent.
    pub percent: Decimal,
    /// Replaces the price list's own discount.
    pub overrides: bool,
}

/// How a contact stands on the ERP's blacklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Blacklist {
    /// How it stands.
    pub state: BlacklistState,
    /// The values by which it is listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hits: Vec<BlacklistHit>,
    /// When the ERP was asked. An answer of the last five minutes is given again.
    pub as_of: Timestamp,
}

/// How a contact stands on the blacklist. Only `not_listed` says that it is not on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlacklistState {
    /// On it.
    Listed,
    /// Not on it, by any of its e-mail addresses, phone numbers and its name.
    NotListed,
    /// The company has no blacklist in the ERP.
    NotAvailable,
    /// The connection names no user of the ERP (`api_user_email`) in whose name it could be asked.
    NoUser,
    /// It has more values than are asked for, and none of those asked for is listed.
    TooMany,
}

/// A value of a contact that is on the blacklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlacklistHit {
    /// What it is.
    pub by: BlacklistKey,
    /// The value.
    pub value: String,
    /// Why, as the ERP has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlacklistKey {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// The name.
    Name,
}
