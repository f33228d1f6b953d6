//! Products and services with their prices.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{Country, Currency, ErpId, Text};

/// A product or service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags, named as the ERP has them")]
pub struct Product {
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// The visible number (`count_code`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Text>,
    /// The seller's code.
    pub code: Text,
    /// Name.
    pub name: Text,
    /// Description; may hold HTML, which nobody may render as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Unit of measure.
    pub unit: Text,
    /// EAN or another bar code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barcode: Option<Text>,
    /// A service: no stock.
    pub service: bool,
    /// Can be sold.
    pub sales: bool,
    /// Can be bought.
    pub purchasing: bool,
    /// In use; `false` is retired.
    pub active: bool,
    /// Offered in the web shop.
    pub webshop: bool,
    /// Kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub weight: Option<Decimal>,
    /// Least stock that the company wants.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub min_stock: Option<Decimal>,
    /// Category path, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Text>,
    /// Prices by list and tier, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// Names in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, Text>,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Text>,
    /// Customs code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customs_code: Option<Text>,
    /// Country of origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Country>,
}

/// One price: a list and a tier of it. An atomic group: price, tax, currency and discount are merged whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Price {
    /// The price list's code.
    pub list: Text,
    /// The price list's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_title: Option<Text>,
    /// The one customer that the list is for, by name: the ERP does not say the id. `None` is for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<Text>,
    /// Of a sales list (true) or a purchase list.
    pub sales: bool,
    /// Currency.
    pub currency: Currency,
    /// Least amount of the tier.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub amount_from: Option<Decimal>,
    /// Largest amount of the tier.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub amount_to: Option<Decimal>,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// Price of one unit; with tax when `with_tax`.
    #[serde(with = "crate::value::decimal_text")]
    pub price: Decimal,
    /// Whether `price` includes tax.
    pub with_tax: bool,
    /// Percent off.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub discount: Option<Decimal>,
    /// The company's tax code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Text>,
    /// What the tax code means, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub tax_percent: Option<Decimal>,
}
