//! Warehouses and stock. A product has several rows in a warehouse, one for each lot or place.

use domain::{ErpId, Stock, StockLevel, Text as Canonical, Warehouse};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

use super::{At, Refusal, Style};
use crate::wire;

/// One row of stock: a product in one place or lot of a warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockRow {
    /// The product.
    pub product: ErpId,
    /// The product's code.
    pub code: Option<Canonical>,
    /// The product's name.
    pub name: Option<Canonical>,
    /// Unit of measure.
    pub unit: Option<Canonical>,
    /// The warehouse.
    pub warehouse: ErpId,
    /// What is there.
    pub on_hand: Decimal,
    /// What is reserved in the whole warehouse; the ERP repeats it on every row.
    pub reserved: Option<Decimal>,
}

/// The row that the wire holds.
pub(crate) fn stock_row(row: &wire::StockRow<'_>, at: At<'_>) -> Result<StockRow, Refusal> {
    let product = at.field("mk_id", row.mk_id);
    let warehouse = at.field("warehouse_id", row.warehouse_id);
    let amount = at.field("amount", row.amount);
    Ok(StockRow {
        product: product.required(product.id()?)?,
        code: at.field("code", row.code).text()?,
        name: at.field("title", row.title).text()?,
        unit: at.field("unit", row.unit).text()?,
        warehouse: warehouse.required(warehouse.id()?)?,
        on_hand: amount.required(amount.decimal(Style::Comma)?)?,
        reserved: at.field("reserved_amount", row.reserved_amount).decimal(Style::Comma)?,
    })
}

/// The stock of each product, by id, with one level for each warehouse.
///
/// Amounts add up. A reservation belongs to the warehouse and is repeated on
/// each of its rows, so equal ones count once; different ones can only be parts.
/// The rows must be all the rows of the products: a product's rows may lie on
/// both sides of a page's end.
pub fn aggregate(rows: impl IntoIterator<Item = StockRow>) -> Vec<Stock> {
    struct Level {
        on_hand: Decimal,
        reserved: BTreeSet<Decimal>,
    }
    let mut products: BTreeMap<ErpId, (StockRow, BTreeMap<ErpId, Level>)> = BTreeMap::new();
    for row in rows {
        let (_, levels) = products.entry(row.product).or_insert_with(|| (row.clone(), BTreeMap::new()));
        let level =
            levels.entry(row.warehouse).or_insert_with(|| Level { on_hand: Decimal::ZERO, reserved: BTreeSet::new() });
        level.on_hand = level.on_hand.saturating_add(row.on_hand);
        level.reserved.extend(row.reserved);
    }
    let stock = |(erp_id, (first, levels)): (ErpId, (StockRow, BTreeMap<ErpId, Level>))| Stock {
        erp_id,
        code: first.code,
        name: first.name,
        unit: first.unit,
        levels: levels
            .into_iter()
            .map(|(warehouse, level)| {
                let reserved = level.reserved.into_iter().reduce(Decimal::saturating_add);
                let free = level.on_hand.saturating_sub(reserved.unwrap_or(Decimal::ZERO));
                StockLevel { warehouse, on_hand: level.on_hand, reserved, free }
            })
            .collect(),
    };
    products.into_iter().map(stock).collect()
}

/// The warehouse that a row of `warehouse_list` is.
pub(crate) fn warehouse(row: &wire::Warehouse<'_>, at: At<'_>) -> Result<Warehouse, Refusal> {
    let id = at.field("mk_id", row.mk_id);
    let mark = at.field("mark", row.mark);
    let name = at.field("name", row.name);
    let mark = mark.required(mark.text()?)?;
    Ok(Warehouse {
        erp_id: id.required(id.id()?)?,
        name: name.text()?.unwrap_or_else(|| mark.clone()),
        mark,
        active: at.field("active", row.active).flag()?.unwrap_or(true),
        main: at.field("main_warehouse", row.main_warehouse).flag()?.unwrap_or(false),
    })
}
