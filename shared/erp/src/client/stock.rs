//! Warehouses and stock.

use domain::{ErpId, Warehouse};

use super::{
    Client, ErpError, RowError,
    call::{WAREHOUSE_LIST, WAREHOUSE_STOCK},
    page::{check_count, convert, count},
};
use crate::{
    IncomingRow, StockRow, convert as make,
    wire::{StockAnswer, WarehouseList},
};

/// The most rows of a page of stock.
const MAX_LIMIT: u32 = 1000;

/// Which stock is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StockQuery {
    /// Of these products; of all when empty.
    pub products: Vec<ErpId>,
    /// In these warehouses; in all when empty.
    pub warehouses: Vec<ErpId>,
    /// Rows to skip.
    pub offset: u64,
}

/// A page of stock. A product's rows may lie on both sides of its end: `aggregate` wants them all.
#[derive(Debug)]
pub struct StockPage {
    /// The rows; one that does not fit is an error of its own.
    pub rows: Vec<Result<StockRow, RowError>>,
    /// What is on its way; one that does not fit is an error of its own. A product that is on several pages is named
    /// with all its deliveries on each.
    pub incoming: Vec<Result<IncomingRow, RowError>>,
    /// Where the next page starts; `None` after the last one.
    pub next: Option<u64>,
}

impl Client {
    /// The warehouses.
    pub async fn warehouses(&self) -> Result<Vec<Result<Warehouse, RowError>>, ErpError> {
        let body = self.body(|object| object.text("limit", &MAX_LIMIT.to_string()));
        self.ask(&WAREHOUSE_LIST, body, |answer| {
            let list = answer.read::<WarehouseList<'_>>()?;
            let items = list.warehouse_list.items();
            check_count(answer, count(answer, list.warehouse_list_count)?, items.len())?;
            if items.is_empty() && list.warehouse_list_count.raw().is_empty() {
                return Err(answer.inconsistent("neither warehouses nor their number"));
            }
            Ok(convert(items, |row| row.mk_id, make::warehouse))
        })
        .await
    }

    /// A page of stock.
    pub async fn stock(&self, query: &StockQuery) -> Result<StockPage, ErpError> {
        let ids = |ids: &[ErpId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let body = self.body(|object| {
            if !query.products.is_empty() {
                object.text("product_mk_id_list", &ids(&query.products));
            }
            if !query.warehouses.is_empty() {
                object.text("wh_id_list", &ids(&query.warehouses));
            }
            object.text("offset", &query.offset.to_string());
            object.text("limit", &MAX_LIMIT.to_string());
            object.text("return_expect_order_delivery_date", "true");
        });
        self.ask(&WAREHOUSE_STOCK, body, |answer| {
            let stock = answer.read::<StockAnswer<'_>>()?;
            if stock.opr_code.raw().is_empty() {
                return Err(answer.inconsistent("it does not say that it is right"));
            }
            let items = stock.stock_list.items();
            check_count(answer, count(answer, stock.stock_list_count)?, items.len())?;
            let full = items.len() >= MAX_LIMIT as usize;
            Ok(StockPage {
                rows: convert(items, |row| row.mk_id, make::stock_row),
                incoming: convert(stock.order_in_delivery.items(), |row| row.mk_id, make::incoming_row),
                next: full.then(|| query.offset + items.len() as u64),
            })
        })
        .await
    }
}
