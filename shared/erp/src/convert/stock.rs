//! Warehouses and stock. A product has several rows in a warehouse, one for each lot or place.

use domain::{ErpId, Incoming, Stock, StockLevel, Text as Canonical, Warehouse};
use jiff::civil::Date;
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

/// One delivery that is ordered and on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingRow {
    /// The product.
    pub product: ErpId,
    /// The delivery.
    pub incoming: Incoming,
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

/// The delivery that the wire holds.
pub(crate) fn incoming_row(row: &wire::OrderInDelivery<'_>, at: At<'_>) -> Result<IncomingRow, Refusal> {
    let product = at.field("mk_id", row.mk_id);
    let amount = at.field("expect_order_amount", row.expect_order_amount);
    Ok(IncomingRow {
        product: product.required(product.id()?)?,
        incoming: Incoming {
            warehouse: at.field("warehouse_id", row.warehouse_id).id()?,
            date: at.field("export_order_delivery_date", row.export_order_delivery_date).date()?,
            amount: amount.required(amount.decimal(Style::Comma)?)?,
        },
    })
}

/// The stock of each product, by id, with one level for each warehouse.
///
/// Amounts add up. A reservation belongs to the warehouse and is repeated on
/// each of its rows, so equal ones count once; different ones can only be parts.
/// The rows must be all the rows of the products: a product's rows may lie on
/// both sides of a page's end. A product that only something comes of has no
/// level. Deliveries of one day to one warehouse are one; the deliveries must be
/// those of one page for each product, because every page names them all.
pub fn aggregate(
    rows: impl IntoIterator<Item = StockRow>,
    incoming: impl IntoIterator<Item = IncomingRow>,
) -> Vec<Stock> {
    let mut products: BTreeMap<ErpId, Sums> = BTreeMap::new();
    for row in rows {
        products.entry(row.product).or_default().add(row);
    }
    for row in incoming {
        products.entry(row.product).or_default().expect(row.incoming);
    }
    products.into_iter().map(|(erp_id, sums)| sums.stock(erp_id)).collect()
}

#[derive(Default)]
struct Level {
    on_hand: Decimal,
    reserved: BTreeSet<Decimal>,
}

/// What the rows of one product say together.
#[derive(Default)]
struct Sums {
    /// The first row: all say the same of the product.
    first: Option<StockRow>,
    levels: BTreeMap<ErpId, Level>,
    /// By day, an unknown day last, and warehouse.
    incoming: BTreeMap<(bool, Option<Date>, Option<ErpId>), Decimal>,
}

impl Sums {
    fn add(&mut self, row: StockRow) {
        let level = self.levels.entry(row.warehouse).or_default();
        level.on_hand = level.on_hand.saturating_add(row.on_hand);
        level.reserved.extend(row.reserved);
        self.first.get_or_insert(row);
    }

    fn expect(&mut self, Incoming { warehouse, date, amount }: Incoming) {
        let sum = self.incoming.entry((date.is_none(), date, warehouse)).or_default();
        *sum = sum.saturating_add(amount);
    }

    fn stock(self, erp_id: ErpId) -> Stock {
        let level = |(warehouse, level): (ErpId, Level)| {
            let reserved = level.reserved.into_iter().reduce(Decimal::saturating_add);
            let free = level.on_hand.saturating_sub(reserved.unwrap_or(Decimal::ZERO));
            StockLevel { warehouse, on_hand: level.on_hand, reserved, free }
        };
        let (code, name, unit) = self.first.map(|row| (row.code, row.name, row.unit)).unwrap_or_default();
        let coming = self.incoming.into_iter().filter(|(_, amount)| !amount.is_zero());
        Stock {
            erp_id,
            code,
            name,
            unit,
            levels: self.levels.into_iter().map(level).collect(),
            incoming: coming.map(|((_, date, warehouse), amount)| Incoming { warehouse, date, amount }).collect(),
        }
    }
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
