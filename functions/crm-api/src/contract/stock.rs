//! Stock: what is there, what comes, and whether it is enough.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Date, Decimal, ErpId, RecordId, Timestamp};

/// How a product stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Nothing is free and nothing comes.
    Out,
    /// Nothing is free, and something comes.
    Incoming,
    /// Something is free, and less than `min_stock`. Only a product as a whole can be low.
    Low,
    /// Enough is free.
    In,
    /// A service: it is not kept in stock and can always be had.
    NotStocked,
    /// Out of use, or gone from the ERP: it is not to be offered, whatever lies there.
    Retired,
    /// The stock was never read, or the ERP does not have the product yet.
    Unknown,
}

/// When an amount can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Enough {
    /// Now.
    Now,
    /// On `date`, when what is expected until then has come.
    ByDate,
    /// When all that is ordered has come; of some of it nobody knows when.
    Undated,
    /// Not even then.
    No,
    /// Nobody knows: see `availability`.
    Unknown,
}

/// An amount that is ordered from a supplier and on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Incoming {
    /// How much.
    pub amount: Decimal,
    /// The day; missing when nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Where to, the warehouse's id in the ERP; missing when the order does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<ErpId>,
    /// The day has passed: it still comes, and nobody knows when.
    pub late: bool,
}

/// The stock of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stock {
    /// Its id.
    pub id: RecordId,
    /// The product's id in the ERP.
    pub erp_id: ErpId,
    /// Grows by one with every change of the stock. The `ETag` is made of the whole answer: the product and the day say how it stands too.
    pub version: u64,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Since when the ERP no longer has it: nothing is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<Timestamp>,
    /// The product's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The product's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Unit of measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Least stock that the company wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_stock: Option<Decimal>,
    /// How the product stands.
    pub availability: Availability,
    /// What comes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_incoming: Option<Incoming>,
    /// All warehouses together. What one lacks is owed by the others.
    pub total: StockTotal,
    /// By warehouse: those that have a stock and those that something comes to.
    pub levels: Vec<StockLevel>,
    /// What comes, sorted by day, an unknown day last.
    pub incoming: Vec<Incoming>,
}

/// The stock of one product in all warehouses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StockTotal {
    /// What is there. Negative stock is normal in the ERP.
    pub on_hand: Decimal,
    /// Reserved by open orders; missing when the company does not use reservations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<Decimal>,
    /// `on_hand` without what is reserved.
    pub free: Decimal,
    /// What comes.
    pub incoming: Decimal,
}

/// The stock of one product in one warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StockLevel {
    /// The warehouse's id in the ERP.
    pub warehouse: ErpId,
    /// What is there. Negative stock is normal in the ERP.
    pub on_hand: Decimal,
    /// Reserved by open orders; missing when the company does not use reservations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<Decimal>,
    /// `on_hand` without what is reserved.
    pub free: Decimal,
    /// How the product stands here.
    pub availability: Availability,
    /// What comes here next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_incoming: Option<Incoming>,
}

/// Whether an amount of a product can be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductAvailability {
    /// The product, as you named it.
    pub product: String,
    /// The amount.
    pub amount: Decimal,
    /// When all warehouses together have it.
    pub enough: Enough,
    /// The day, of `by_date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// How the product stands.
    pub availability: Availability,
    /// What is free in all warehouses.
    pub free: Decimal,
    /// What comes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_incoming: Option<Incoming>,
    /// When each warehouse has the whole amount alone.
    pub warehouses: Vec<WarehouseAvailability>,
}

/// Whether one warehouse has an amount of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WarehouseAvailability {
    /// The warehouse's id in the ERP.
    pub warehouse: ErpId,
    /// When it has the whole amount alone.
    pub enough: Enough,
    /// The day, of `by_date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// What is free there.
    pub free: Decimal,
    /// What comes there next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_incoming: Option<Incoming>,
}
