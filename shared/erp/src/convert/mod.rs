//! From the wire to the product's own values.
//!
//! Decides which field of the wire means which field of the product, how a
//! number or date is written there, and what a record needs to be one. A record
//! that does not fit is refused with the path of the value and a reason; nothing
//! is guessed and nothing else on the page suffers from it. Does not do any I/O.

mod contact;
mod decimal;
mod document;
mod field;
mod product;
mod refusal;
mod sampled;
mod stock;
#[cfg(test)]
mod tests;
mod workorder;

pub(crate) use contact::contact;
pub(crate) use decimal::Style;
pub(crate) use document::document;
pub(crate) use field::{At, Field, one};
pub(crate) use product::product;
pub use refusal::{Problem, Refusal};
pub(crate) use sampled::{
    sampled_document, sampled_partners, sampled_products, sampled_search, sampled_stock, sampled_warehouses,
};
pub use stock::{IncomingRow, StockRow, aggregate};
pub(crate) use stock::{incoming_row, stock_row, warehouse};
