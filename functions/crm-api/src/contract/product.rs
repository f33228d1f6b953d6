//! Products with their prices.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::{Date, Decimal, ErpId, RecordId, Timestamp};

/// A product or service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags, named as the ERP has them")]
pub struct Product {
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
    /// The seller's code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Description; may hold HTML, which nobody may render as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Unit of measure.
    pub unit: String,
    /// EAN or another bar code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// A service: no stock.
    pub service: bool,
    /// Can be sold.
    pub sales: bool,
    /// Can be bought.
    pub purchasing: bool,
    /// In use; false is retired.
    pub active: bool,
    /// Offered in the web shop.
    pub webshop: bool,
    /// Kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Decimal>,
    /// Least stock that the company wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_stock: Option<Decimal>,
    /// Category path, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Prices by list and tier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// Names in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, String>,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
    /// Customs code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customs_code: Option<String>,
    /// Country of origin, two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// One price: a list and a tier of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Price {
    /// The price list's code.
    pub list: String,
    /// The price list's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_title: Option<String>,
    /// The one customer that the list is for, by name; missing when it is for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<String>,
    /// Of a sales list (true) or a purchase list.
    pub sales: bool,
    /// Currency, three letters.
    pub currency: String,
    /// From this amount on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_from: Option<Decimal>,
    /// Up to this amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_to: Option<Decimal>,
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// Price of one unit; with tax when `with_tax`.
    pub price: Decimal,
    /// Whether `price` includes tax.
    pub with_tax: bool,
    /// Percent off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Decimal>,
    /// The company's tax code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<String>,
    /// What the tax code means, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_percent: Option<Decimal>,
}
