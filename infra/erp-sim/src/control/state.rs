//! Canonical state: dot decimals, RFC 3339 times in UTC, ids as strings, ascending by id.
//!
//! It is what tests compare with the other side, so it shows values and not wire forms.

use super::{Answer, Refused, cell, ok};
use crate::model::{DocType, Document, Id, Partner, Product, StockRow, Warehouse};
use crate::sim::Sim;
use crate::state::company::Company;
use crate::state::sums::row_net;
use crate::wire::document::label;
use crate::wire::number::cents;
use axum::extract::{Path, Query, State};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most items on a page.
const PAGE: usize = 1000;

#[derive(Deserialize)]
pub(super) struct Wanted {
    doc_type: Option<String>,
    after: Option<Id>,
    limit: Option<usize>,
}

pub(super) async fn read(
    State(sim): State<Sim>,
    Path((id, what)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let cell = cell(&sim, &id)?;
    let company = cell.lock();
    let (after, limit) = (wanted.after, wanted.limit.unwrap_or(PAGE).min(PAGE));
    let from = after.map_or(0, |after| after + 1);
    let items: Vec<(Id, Value)> = match what.as_str() {
        "partners" => company.partners.range(from..).take(limit).map(|(id, item)| (*id, partner(item))).collect(),
        "products" => company.products.range(from..).take(limit).map(|(id, item)| (*id, product(item))).collect(),
        "warehouses" => company.warehouses.range(from..).take(limit).map(|(id, item)| (*id, warehouse(item))).collect(),
        "stock" => {
            let rows = company.stock.rows.range(from..).take(limit);
            rows.map(|(id, rows)| (*id, stock(&company, *id, rows))).collect()
        }
        "documents" => {
            let ids = documents(&company, wanted.doc_type.as_deref(), from, limit)?;
            let found = ids.into_iter().filter_map(|id| company.documents.get(&id));
            found.map(|doc| (doc.mk_id, document(&company, doc))).collect()
        }
        other => {
            return Err(Refused::missing(
                format!("no state {other}"),
                "use partners, products, warehouses, stock or documents",
            ));
        }
    };
    let next = if items.len() == limit { items.last().map(|(id, _)| id.to_string()) } else { None };
    let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    Ok(ok(&json!({"items": items, "next": next})))
}

fn documents(company: &Company, kind: Option<&str>, from: Id, limit: usize) -> Result<Vec<Id>, Refused> {
    let Some(name) = kind.filter(|kind| !kind.is_empty()) else {
        return Ok(company.documents.range(from..).take(limit).map(|(id, _)| *id).collect());
    };
    let kind = DocType::parse(name)
        .ok_or_else(|| Refused::bad(format!("no doc_type {name}"), "use a wire name such as sales_order"))?;
    let ids = company.indexes.of_type(kind);
    let start = ids.partition_point(|id| *id < from);
    Ok(ids[start..].iter().take(limit).copied().collect())
}

fn decimal(value: Decimal) -> String {
    value.normalize().to_string()
}

fn partner(partner: &Partner) -> Value {
    let addresses: Vec<Value> = partner
        .addresses
        .iter()
        .map(|address| {
            json!({
                "id": address.mk_id.to_string(),
                "type": address.address_type,
                "street": address.street,
                "post_number": address.post_number,
                "city": address.city,
                "province": address.province,
                "country": address.country,
                "country_iso": crate::wire::country::find(&address.country).map(|country| country.iso),
                "payment_due_days": address.payment_due_days,
                "language": address.language,
                "currency": address.currency,
            })
        })
        .collect();
    let contacts: Vec<Value> = partner
        .contacts
        .iter()
        .map(|contact| {
            json!({
                "id": contact.mk_id.to_string(),
                "address_id": contact.address_id.to_string(),
                "name": contact.name,
                "gsm": contact.gsm,
                "phone": contact.phone,
                "fax": contact.fax,
                "email": contact.email,
            })
        })
        .collect();
    let discounts: Vec<Value> = partner
        .discounts
        .iter()
        .map(|discount| {
            json!({
                "categories": discount.categories,
                "percent": decimal(discount.percent),
                "override_existing": discount.override_existing,
            })
        })
        .collect();
    json!({
        "id": partner.mk_id.to_string(),
        "count_code": partner.count_code,
        "name": partner.customer,
        "business_entity": partner.business_entity,
        "taxpayer": partner.taxpayer,
        "foreign": partner.foreign,
        "tax_id": partner.tax_id,
        "registration_number": partner.registration_number,
        "buyer": partner.buyer,
        "supplier": partner.supplier,
        "addresses": addresses,
        "contacts": contacts,
        "discounts": discounts,
    })
}

fn product(product: &Product) -> Value {
    let prices: Vec<Value> = product
        .prices
        .iter()
        .map(|price| {
            json!({
                "pricelist": price.pricelist_code,
                "title": price.pricelist_title,
                "buyer": price.buyer,
                "sales": price.sales,
                "currency": price.currency,
                "valid_from": price.valid_from,
                "valid_to": price.valid_to,
                "amount_from": price.amount_from.map(decimal),
                "amount_to": price.amount_to.map(decimal),
                "price": decimal(price.price),
                "discount": price.discount.map(decimal),
                "tax": price.tax,
            })
        })
        .collect();
    json!({
        "id": product.mk_id.to_string(),
        "count_code": product.count_code,
        "code": product.code,
        "name": product.name,
        "name_desc": product.name_desc,
        "unit": product.unit,
        "barcode": product.barcode,
        "service": product.service,
        "sales": product.sales,
        "purchasing": product.purchasing,
        "activated": product.activated,
        "eshop_sync": product.eshop_sync,
        "weight": product.weight.map(decimal),
        "min_stock": product.min_stock.map(decimal),
        "categories": product.categories,
        "prices": prices,
        "extra_column": pairs(&product.extra_column),
        "customs_fee": product.customs_fee,
        "country": product.country,
    })
}

fn warehouse(warehouse: &Warehouse) -> Value {
    json!({
        "id": warehouse.mk_id.to_string(),
        "mark": warehouse.mark,
        "name": warehouse.name,
        "street": warehouse.street,
        "post": warehouse.post,
        "place": warehouse.place,
        "main": warehouse.main,
        "active": warehouse.active,
    })
}

fn stock(company: &Company, product: Id, rows: &[StockRow]) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "warehouse_id": row.warehouse.to_string(),
                "microlocation": row.microlocation,
                "lot_number": row.lot_number,
                "amount": decimal(row.amount),
            })
        })
        .collect();
    let reserved: Map<String, Value> = company
        .stock
        .reserved
        .range((product, Id::MIN)..=(product, Id::MAX))
        .map(|((_, warehouse), amount)| (warehouse.to_string(), Value::String(decimal(*amount))))
        .collect();
    json!({"product_id": product.to_string(), "rows": rows, "reserved": reserved})
}

fn pairs(list: &[(String, String)]) -> Vec<Value> {
    list.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// The canonical form of a document.
pub(super) fn document(company: &Company, doc: &Document) -> Value {
    let sums = company.sums(doc);
    let rows: Vec<Value> = doc
        .rows
        .iter()
        .map(|row| {
            json!({
                "row_id": row.mk_row_id.to_string(),
                "product_id": row.product.map(|id| id.to_string()),
                "name": row.name,
                "doc_desc": row.doc_desc,
                "unit": row.unit,
                "amount": decimal(row.amount),
                "price": decimal(row.price),
                "discount": row.discount.iter().copied().map(decimal).collect::<Vec<_>>(),
                "tax": row.tax,
                "net": decimal(cents(row_net(row))),
            })
        })
        .collect();
    let payments: Vec<Value> = doc
        .payments
        .iter()
        .map(|payment| {
            json!({
                "payment_type": payment.payment_type,
                "date": payment.date,
                "amount": decimal(payment.amount),
                "notes": payment.notes,
            })
        })
        .collect();
    let taxes: Map<String, Value> =
        sums.taxes.iter().map(|(code, tax)| (code.clone(), Value::String(decimal(*tax)))).collect();
    let mut value = json!({
        "id": doc.mk_id.to_string(),
        "doc_type": doc.doc_type.name(),
        "count_code": doc.count_code,
        "doc_date": doc.doc_date,
        "title": doc.title,
        "notes": doc.notes,
        "partner_id": doc.partner.map(|id| id.to_string()),
        "partner_address_id": doc.partner_address.map(|id| id.to_string()),
        "receiver_id": doc.receiver.map(|id| id.to_string()),
        "buyer_order": doc.buyer_order,
        "currency": doc.currency,
        "status": doc.status,
        "status_label": doc.status.as_deref().map(|key| label(company, doc.doc_type, key)),
        "warehouse_id": doc.warehouse.map(|id| id.to_string()),
        "warehouse": doc.warehouse.and_then(|id| company.warehouses.get(&id)).map(|warehouse| &warehouse.mark),
        "delivery_type": doc.delivery_type,
        "method_of_payment": doc.method_of_payment,
        "due_date": doc.due_date,
        "service_from": doc.service_from,
        "service_to": doc.service_to,
        "valid_to": doc.valid_to,
        "discount_percent": doc.discount_percent.map(decimal),
        "rows": rows,
        "payments": payments,
        "extra_column": pairs(&doc.extra_column),
        "meta_data": pairs(&doc.meta_data),
        "links": doc.links.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "attachments": doc.attachments.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "published": doc.published,
        "created": doc.created,
        "last_change": doc.last_change,
        "last_change_user": doc.last_change_user,
    });
    // What only some kinds have, as it is on the wire.
    value["other"] = json!(doc.other);
    value["sums"] = json!({
        "basic": decimal(sums.basic),
        "discount": decimal(sums.discount),
        "taxes": taxes,
        "all": decimal(sums.all),
        "paid": decimal(sums.paid),
        "open": decimal(sums.open()),
    });
    value
}
