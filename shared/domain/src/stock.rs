//! Stock: what is where, per product and warehouse.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{ErpId, Text};

/// A warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warehouse {
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// The code used in documents.
    pub mark: Text,
    /// Name.
    pub name: Text,
    /// In use.
    pub active: bool,
    /// The main one.
    pub main: bool,
}

/// The stock of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// The product's id in the ERP.
    pub erp_id: ErpId,
    /// The product's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Text>,
    /// The product's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Unit of measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// Levels by warehouse id, one each.
    pub levels: Vec<StockLevel>,
    /// What is ordered and on its way, sorted by day, an unknown day last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incoming: Vec<Incoming>,
}

/// An amount that is ordered from a supplier and expected on one day in one warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// The warehouse's id in the ERP; `None` when the order names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<ErpId>,
    /// The day; `None` when nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// How much.
    #[serde(with = "crate::value::decimal_text")]
    pub amount: Decimal,
}

/// The stock of one product in one warehouse, over all its places and lots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLevel {
    /// The warehouse's id in the ERP.
    pub warehouse: ErpId,
    /// What is there. Negative stock is normal in the ERP.
    #[serde(with = "crate::value::decimal_text")]
    pub on_hand: Decimal,
    /// Reserved by open orders; `None` when the company does not use reservations.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub reserved: Option<Decimal>,
    /// `on_hand` without what is reserved.
    #[serde(with = "crate::value::decimal_text")]
    pub free: Decimal,
}
