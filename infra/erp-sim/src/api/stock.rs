//! warehouse_list, warehouse_stock, sync_stock, source_stock.

use super::{Call, Done, Refusal};
use crate::model::{DocType, Id, Warehouse};
use crate::wire::json::{Obj, Shape};
use crate::wire::number::comma;
use crate::wire::stock::{expected, write_expected, write_row};
use crate::wire::time::day;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Most rows on a page.
const PAGE: usize = 1000;

/// All warehouses.
pub(crate) fn warehouses(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let (offset, limit) = page(call)?;
    let list: Vec<&Warehouse> = call.company.warehouses.values().skip(offset).take(limit).collect();
    obj.show("offset", offset);
    obj.show("limit", limit);
    obj.show("warehouse_list_count", list.len());
    obj.list("warehouse_list", call.company.plain_list(), list, |obj, warehouse| {
        obj.show("mk_id", warehouse.mk_id);
        obj.text("mark", &warehouse.mark);
        obj.text("name", &warehouse.name);
        obj.text("same_address_as_company", "false");
        obj.flag("main_warehouse", warehouse.main);
        obj.opt("street", Some(&warehouse.street));
        obj.opt("post", Some(&warehouse.post));
        obj.opt("place", Some(&warehouse.place));
        obj.text("country", "Slovenija");
        obj.text("include_in_stock_info", "true");
        obj.flag("active", warehouse.active);
        obj.text("warehouse_type", "normal");
        obj.text("show_product_free_stock", "true");
    });
    Ok(())
}

fn page(call: &Call<'_>) -> Result<(usize, usize), Refusal> {
    let number = |key: &str, default: usize| match call.body.text(key) {
        None => Ok(default),
        Some(text) => text
            .trim()
            .parse::<usize>()
            .map_err(|_| Refusal::invalid(format!("Paramether '{key}' has invalid value : {text}"))),
    };
    Ok((number("offset", 0)?, number("limit", PAGE)?.min(PAGE)))
}

/// Stock rows: several per product and warehouse, none for products that never moved.
pub(crate) fn list(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let (offset, limit) = page(call)?;
    let company = &mut *call.company;
    let warehouses: BTreeSet<Id> = body.texts("wh_id_list").iter().filter_map(|id| id.parse().ok()).collect();
    let named = body.has("product_mk_id_list") || body.has("product_code_list");
    let mut wanted: BTreeSet<Id> = body.texts("product_mk_id_list").iter().filter_map(|id| id.parse().ok()).collect();
    for code in body.texts("product_code_list") {
        wanted.extend(company.product_by_code(&code));
    }
    let shop = body.flag("eshop_sync");
    let key = format!("stock {warehouses:?} {named} {wanted:?} {shop:?}");
    let named_products = if named { wanted.clone() } else { BTreeSet::new() };
    // Each hit is a row: the product's id, one for each of its rows that is wanted.
    let hits = company.hits(&key, |company, touched| {
        let ids: Vec<Id> =
            if named { wanted.into_iter().collect() } else { company.stock.rows.keys().copied().collect() };
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(product) = company.products.get(&id) else { continue };
            if shop.is_some_and(|shop| shop != product.eshop_sync) {
                continue;
            }
            for row in company.stock.rows.get(&id).into_iter().flatten() {
                *touched += 1;
                if warehouses.is_empty() || warehouses.contains(&row.warehouse) {
                    rows.push(id);
                }
            }
        }
        rows
    });
    let mut page = Vec::with_capacity(limit);
    let end = hits.len().min(offset.saturating_add(limit));
    let mut at = offset.min(end);
    // The first product of the page may have rows on the page before.
    let mut skip = hits[..at].iter().rev().take_while(|id| hits.get(at) == Some(id)).count();
    while at < end {
        let id = hits[at];
        let rows = company.stock.rows.get(&id).into_iter().flatten();
        let rows = rows.filter(|row| warehouses.is_empty() || warehouses.contains(&row.warehouse));
        for row in rows.skip(skip) {
            if at < end {
                page.push((id, row.clone()));
                at += 1;
            }
        }
        skip = 0;
    }
    let page = call.cut_page(page);
    for key in ["wh_id_list", "product_code_list", "product_mk_id_list"] {
        obj.opt(key, body.text(key).as_deref());
    }
    obj.show("offset", offset);
    obj.show("limit", limit);
    obj.show("stock_list_count", page.len());
    let company = &*call.company;
    obj.list("stock_list", company.plain_list(), &page, |obj, (id, row)| {
        if let Some(product) = company.products.get(id) {
            write_row(obj, company, product, row);
        }
    });
    if body.is_on("return_expect_order_delivery_date") {
        // All that is to come of each product of the page, and of those that were asked for by name.
        let ids: BTreeSet<Id> = page.iter().map(|(id, _)| *id).chain(named_products).collect();
        let coming: Vec<_> = ids.into_iter().flat_map(|id| expected(company, id)).collect();
        obj.list("order_in_delivery", company.plain_list(), coming, write_expected);
    }
    Ok(())
}

/// Writes a complete stock list: what is not in it is taken out.
pub(crate) fn sync(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let rows = call.body.list("stock_list");
    if rows.is_empty() {
        return Err(Refusal::invalid("Polje stock_list je obvezno."));
    }
    let company = &mut *call.company;
    let (mut set, mut errors) = (Vec::new(), Vec::new());
    for row in rows {
        let code = row.text("product_code").unwrap_or_default();
        let product = company.product_by_code(&code);
        let warehouse = row.id("warehouse_id").filter(|id| company.warehouses.contains_key(id));
        match (product, warehouse, row.decimal("amount")) {
            (Some(product), Some(warehouse), Some(amount)) => set.push((code, product, warehouse, amount)),
            (None, ..) => errors.push((code.clone(), format!("Product with code {code} not found"))),
            (_, None, _) => errors.push((code, "Warehouse not found".to_owned())),
            (_, _, None) => errors.push((code, "Amount is not valid".to_owned())),
        }
    }
    let named: BTreeSet<(Id, Id)> = set.iter().map(|(_, product, warehouse, _)| (*product, *warehouse)).collect();
    let mut removed: BTreeSet<(Id, Id)> = BTreeSet::new();
    for row in company.stock.rows.values().flatten() {
        if !row.amount.is_zero() && !named.contains(&(row.product, row.warehouse)) {
            removed.insert((row.product, row.warehouse));
        }
    }
    for (product, warehouse) in &removed {
        company.set_stock(*product, *warehouse, Decimal::ZERO);
    }
    for (_, product, warehouse, amount) in &set {
        company.set_stock(*product, *warehouse, *amount);
    }
    obj.text("opr_desc", "Sync successful");
    obj.list("stock_list", company.plain_list(), &set, |obj, (code, product, warehouse, amount)| {
        obj.text("product_code", code);
        obj.show("product_id", product);
        obj.show("warehouse_id", warehouse);
        obj.show("amount", amount.normalize());
    });
    obj.list("stock_remove_list", company.collapsing(), &removed, |obj, (product, warehouse)| {
        obj.opt("product_code", company.products.get(product).map(|product| product.code.as_str()));
        obj.show("product_id", product);
        obj.show("warehouse_id", warehouse);
    });
    obj.list("error_list", company.plain_list(), &errors, |obj, (code, text)| {
        obj.text("product_code", code);
        obj.text("error_desc", text);
    });
    Ok(())
}

/// Stock less what was invoiced today.
#[expect(clippy::unnecessary_wraps, reason = "handlers share one signature")]
pub(crate) fn source(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let company = &*call.company;
    let today = day(call.now);
    let mut sold: std::collections::BTreeMap<Id, Decimal> = std::collections::BTreeMap::new();
    for kind in [DocType::SalesBillDomestic, DocType::SalesBillForeign, DocType::SalesBillRetail] {
        for doc in company.indexes.dated(kind, today, today).filter_map(|id| company.documents.get(&id)) {
            for row in &doc.rows {
                if let Some(product) = row.product {
                    *sold.entry(product).or_default() += row.amount;
                }
            }
        }
    }
    let rows: Vec<_> =
        company.stock.rows.iter().filter_map(|(id, rows)| Some((company.products.get(id)?, rows))).collect();
    obj.list("stock_list", Shape::List, rows, |obj, (product, rows)| {
        let amount: Decimal = rows.iter().map(|row| row.amount).sum();
        let today = sold.get(&product.mk_id).copied().unwrap_or_default();
        obj.show("product_id", product.mk_id);
        obj.text("product_code", &product.code);
        obj.show("amount", comma(amount - today));
        obj.show("current_day_invoice_amount", comma(today));
    });
    Ok(())
}
