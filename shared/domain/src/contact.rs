//! Contacts: companies and people, Metakocka's partners.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Country, Currency, Email, ErpId, Phone, TaxNumber, Text};

/// A company or a person we trade with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags, named as the ERP has them")]
pub struct Contact {
    /// The partner's id in the ERP.
    pub erp_id: ErpId,
    /// The visible number (`count_code`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    /// Name of the company or person.
    pub name: Text,
    /// A company (true) or a person.
    pub company: bool,
    /// Liable for VAT; `None` when the ERP never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxpayer: Option<bool>,
    /// From outside Slovenia, as the ERP marks it.
    pub foreign: bool,
    /// Tax number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<TaxNumber>,
    /// Register number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<Text>,
    /// Buys from us.
    pub buyer: bool,
    /// Sells to us.
    pub supplier: bool,
    /// Addresses by ERP id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// Persons by ERP id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<Person>,
    /// Discounts by category.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<CategoryDiscount>,
}

/// What an address is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// The main one, on invoices (`Račun`).
    Billing,
    /// Where goods go (`Dobava`).
    Delivery,
    /// A branch (`Poslovna enota`).
    Branch,
    /// A kind that the ERP names otherwise, as it names it.
    Other(Text),
}

/// An address of a contact. One atomic group: it is merged whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Its id in the ERP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// What it is for.
    pub kind: AddressKind,
    /// Street and house number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<Text>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_code: Option<Text>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<Text>,
    /// Province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<Text>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Days to pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_due_days: Option<u32>,
    /// Language register value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Text>,
    /// Currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// A person or mailbox at a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Its id in the ERP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// The address it hangs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<ErpId>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// E-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Mobile phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<Phone>,
    /// Land line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Fax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fax: Option<Phone>,
}

/// A discount that a contact has on categories of products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryDiscount {
    /// Category path, outermost first.
    pub categories: Vec<Text>,
    /// Percent.
    #[serde(with = "crate::value::decimal_text")]
    pub percent: Decimal,
    /// Replaces the price list's own discount.
    pub overrides: bool,
}
