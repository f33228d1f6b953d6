//! A product as product_list returns it: comma decimals, switches by request.

use super::json::{Obj, Shape};
use super::number::comma;
use super::time::WireDate;
use crate::model::{Id, Price, Product};
use crate::state::company::Company;
use std::collections::BTreeMap;

/// The `return_*` switches of product_list.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the request")]
pub(crate) struct ProductView {
    pub(crate) stock: bool,
    pub(crate) free: bool,
    pub(crate) reservation: bool,
    pub(crate) pricelist: bool,
    pub(crate) tax_factor: bool,
    pub(crate) partner_info: bool,
    pub(crate) category: bool,
    pub(crate) compound: bool,
    pub(crate) last_purchase_price: bool,
    pub(crate) expected: bool,
}

/// Fills the object of one product.
pub(crate) fn write(obj: &mut Obj<'_>, company: &Company, product: &Product, view: ProductView) {
    obj.text("count_code", &product.count_code);
    obj.show("mk_id", product.mk_id);
    obj.text("code", &product.code);
    obj.opt("barcode", product.barcode.as_deref());
    obj.text("name", &product.name);
    obj.opt("name_desc", product.name_desc.as_deref());
    obj.text("unit", &product.unit);
    obj.flag("service", product.service);
    obj.flag("sales", product.sales);
    obj.flag("activated", product.activated);
    obj.flag("purchasing", product.purchasing);
    obj.flag("eshop_sync", product.eshop_sync);
    obj.show_opt("weight", product.weight.map(comma));
    obj.opt("customs_fee", product.customs_fee.as_deref());
    obj.list("localization", company.collapsing(), &product.localization, |obj, (language, name, desc)| {
        obj.text("language", language);
        obj.text("name", name);
        obj.opt("name_desc", desc.as_deref());
    });
    for key in ["asset", "compound", "expiration_dates", "lot_numbers", "norm", "serial_numbers", "work"] {
        obj.flag(key, false);
    }
    obj.opt("country", product.country.as_deref());
    obj.show_opt("min_stock", product.min_stock.map(comma));
    for (key, value) in company.extras.product_fields.get(&product.mk_id).into_iter().flatten() {
        obj.value(key, value);
    }
    obj.list("extra_column", company.plain_list(), &product.extra_column, |obj, (name, value)| {
        obj.text("name", name);
        obj.text("value", value);
    });
    if view.pricelist {
        obj.list("pricelist", company.plain_list(), &product.prices, |obj, price| {
            write_price(obj, company, price, view.tax_factor);
        });
    }
    if view.category {
        write_categories(obj, company, &product.categories);
    }
    write_amounts(obj, company, product, view);
    write_related(obj, company, product, view);
}

fn write_price(obj: &mut Obj<'_>, company: &Company, price: &Price, tax_factor: bool) {
    obj.text("count_code", &price.pricelist_code);
    obj.object("price_def", |obj| {
        obj.show_opt("amount_from", price.amount_from.map(|amount| amount.normalize()));
        obj.show_opt("amount_to", price.amount_to.map(|amount| amount.normalize()));
        obj.show_opt("discount", price.discount.map(|discount| discount.normalize()));
        obj.opt("tax", Some(&price.tax));
        let tax = company.registers.taxes.iter().find(|(code, _, _)| *code == price.tax);
        if let Some((_, factor, percent)) = tax.filter(|_| tax_factor) {
            obj.text("tax_desc", percent);
            obj.show("tax_factor", factor.normalize());
        }
        obj.show("price", price.price.normalize());
    });
    obj.text("title", &price.pricelist_title);
    obj.opt("buyer", price.buyer.as_deref());
    obj.show_opt("valid_from", price.valid_from.map(WireDate));
    obj.show_opt("valid_to", price.valid_to.map(WireDate));
    obj.text("sales_purchase", if price.sales { "sales" } else { "purchase" });
    obj.text("currency_code", &price.currency);
}

fn write_categories(obj: &mut Obj<'_>, company: &Company, path: &[String]) {
    let Some((label, rest)) = path.split_first() else {
        return;
    };
    let shape = company.plain_list();
    obj.list("category_tree_list", shape, [label], |obj, label| node(obj, label, rest, 0, shape));
}

fn node(obj: &mut Obj<'_>, label: &str, rest: &[String], depth: u32, shape: Shape) {
    obj.text("tree_node_container", if rest.is_empty() { "false" } else { "true" });
    obj.show("tree_node_id", node_id(label, depth));
    obj.text("tree_node_label", label);
    if let Some((next, deeper)) = rest.split_first() {
        obj.list("tree_node_list", shape, [next], |obj, next| node(obj, next, deeper, depth + 1, shape));
    }
    obj.text("tree_node_visible", "true");
}

/// A stable id for a category: the tree itself is not kept, only paths on products.
fn node_id(label: &str, depth: u32) -> u64 {
    let hash = label.bytes().fold(u64::from(depth) + 17, |hash, byte| (hash * 31 + u64::from(byte)) % 1_000_000);
    1_600_000_000 + hash
}

fn write_amounts(obj: &mut Obj<'_>, company: &Company, product: &Product, view: ProductView) {
    let rows = company.stock.rows.get(&product.mk_id).map_or(&[][..], Vec::as_slice);
    let active = |id: Id| company.warehouses.get(&id).filter(|warehouse| warehouse.active);
    if view.stock {
        let amount = rows.iter().filter(|row| active(row.warehouse).is_some()).map(|row| row.amount).sum();
        obj.show("amount", comma(amount));
        obj.list("amount_detail", company.plain_list(), rows, |obj, row| {
            if let Some(warehouse) = company.warehouses.get(&row.warehouse) {
                obj.text("warehouse_mark", &warehouse.mark);
                obj.text("warehouse_name", &warehouse.name);
            }
            obj.opt("microlocation", row.microlocation.as_deref());
            obj.opt("lot_number", row.lot_number.as_deref());
            obj.show("amount", comma(row.amount));
        });
    }
    let reserved: BTreeMap<Id, _> = company
        .stock
        .reserved
        .range((product.mk_id, Id::MIN)..=(product.mk_id, Id::MAX))
        .map(|((_, warehouse), amount)| (*warehouse, *amount))
        .collect();
    if view.free {
        let amount: rust_decimal::Decimal = rows.iter().map(|row| row.amount).sum();
        let held: rust_decimal::Decimal = reserved.values().copied().sum();
        obj.show("free_amount", comma(amount - held));
    }
    if view.reservation {
        obj.list("reservation_detail", company.plain_list(), &reserved, |obj, (warehouse, amount)| {
            if let Some(warehouse) = company.warehouses.get(warehouse) {
                obj.text("warehouse_mark", &warehouse.mark);
                obj.text("warehouse_name", &warehouse.name);
            }
            obj.show("amount", comma(*amount));
        });
    }
}

fn write_related(obj: &mut Obj<'_>, company: &Company, product: &Product, view: ProductView) {
    if view.partner_info {
        let codes = company.extras.supplier_codes.get(&product.mk_id).map_or(&[][..], Vec::as_slice);
        obj.list("product_partner_info", company.plain_list(), codes, |obj, code| {
            obj.show("mk_id", code.mk_id);
            obj.show("product_id", product.mk_id);
            obj.opt("product_code", code.product_code.as_deref());
            obj.opt("product_name", code.product_name.as_deref());
            obj.show("partner_id", code.partner);
            obj.opt("partner_name", company.partners.get(&code.partner).map(|partner| partner.customer.as_str()));
        });
    }
    if view.compound {
        obj.text("compound_type", "norm");
    }
    if view.last_purchase_price {
        let price = product.prices.iter().find(|price| !price.sales);
        obj.show_opt("last_purchase_price", price.map(|price| price.price.normalize()));
    }
    if view.expected {
        let expected = super::stock::expected(company, product.mk_id);
        obj.list("order_in_delivery", company.plain_list(), expected, super::stock::write_expected);
    }
}
