//! Stock rows as warehouse_stock and the stock webhook write them.

use super::json::{Obj, object};
use super::number::comma;
use crate::model::{DocType, Document, Id, Product, StockRow};
use crate::state::company::Company;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Fills one row. `product` is the row's product.
pub(crate) fn write_row(obj: &mut Obj<'_>, company: &Company, product: &Product, row: &StockRow) {
    obj.show("warehouse_id", row.warehouse);
    obj.show("mk_id", product.mk_id);
    obj.text("count_code", &product.count_code);
    obj.text("code", &product.code);
    obj.text("title", &product.name);
    obj.show("amount", comma(row.amount));
    if company.settings.reservations {
        // The reservation of a product and warehouse is repeated on each of their rows, as in the real answers.
        let reserved = company.stock.reserved(product.mk_id, row.warehouse);
        obj.show("reserved_amount", comma(reserved));
        obj.show("free_amount", comma(row.amount - reserved));
    }
    obj.opt("microlocation", row.microlocation.as_deref());
    obj.opt("lot_number", row.lot_number.as_deref());
    obj.text("unit", &product.unit);
}

/// The body of the stock event: every active warehouse of the product, also those with nothing in them.
pub(crate) fn event_body(company: &Company, product: &Product) -> String {
    let mut rows: Vec<StockRow> = Vec::new();
    for warehouse in company.warehouses.values().filter(|warehouse| warehouse.active) {
        let known = company.stock.rows.get(&product.mk_id).into_iter().flatten();
        let before = rows.len();
        rows.extend(known.filter(|row| row.warehouse == warehouse.mk_id).cloned());
        if rows.len() == before {
            rows.push(StockRow {
                warehouse: warehouse.mk_id,
                product: product.mk_id,
                microlocation: None,
                lot_number: None,
                amount: Decimal::ZERO,
            });
        }
    }
    object(|obj| {
        obj.text("opr_code", "0");
        obj.text("opr_time_ms", "0");
        obj.show("stock_list_count", rows.len());
        obj.list("stock_list", company.plain_list(), &rows, |obj, row| write_row(obj, company, product, row));
    })
}

/// Goods of a purchase order that are still to come.
pub(crate) struct Expected {
    product: Id,
    amount: Decimal,
    date: Option<Date>,
    warehouse: Option<(Id, String)>,
}

/// What purchase orders will still bring of a product.
pub(crate) fn expected(company: &Company, product: Id) -> Vec<Expected> {
    company
        .indexes
        .with_product(product)
        .filter_map(|id| company.documents.get(&id))
        .filter(|doc| doc.doc_type == DocType::PurchaseOrder)
        .filter(|doc| !matches!(doc.status.as_deref(), Some("completed" | "canceled" | "manually_closed")))
        .flat_map(|doc| doc.rows.iter().filter(|row| row.product == Some(product)).map(move |row| (doc, row)))
        .map(|(doc, row)| Expected {
            product,
            amount: row.amount,
            date: doc.other.get("delivery_date").and_then(|date| super::time::parse_date(date.as_str()?)),
            warehouse: destination(company, doc),
        })
        .collect()
}

/// Where the goods of an order go: the warehouse of the delivery, else the order's own.
fn destination(company: &Company, doc: &Document) -> Option<(Id, String)> {
    let delivery = doc.other.get("warehouse_delivery").and_then(|mark| company.warehouse(mark.as_str()?));
    let warehouse = company.warehouses.get(&delivery.or(doc.warehouse)?)?;
    Some((warehouse.mk_id, warehouse.mark.clone()))
}

/// Fills one expected delivery.
#[expect(clippy::needless_pass_by_value, reason = "the list writer hands its items over")]
pub(crate) fn write_expected(obj: &mut Obj<'_>, expected: Expected) {
    obj.show("mk_id", expected.product);
    obj.show("expect_order_amount", comma(expected.amount));
    obj.show_opt("export_order_delivery_date", expected.date);
    if let Some((id, mark)) = &expected.warehouse {
        obj.show("warehouse_id", id);
        obj.text("warehouse_mark", mark);
    }
}
