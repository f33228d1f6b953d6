//! A document as get_document and `result_type: doc` return it.
//!
//! Partner and receiver are rendered from what they are now, sums are computed, zero
//! values and empty lists are left out.

use super::json::{Obj, Shape};
use super::number::slovenian;
use super::partner::write_embedded;
use super::time::{SlovenianDate, WireDate, WireTime, instant};
use crate::downloads;
use crate::model::{DocType, Document, Row};
use crate::state::company::Company;
use crate::state::sums::Sums;
use jiff::civil::Time;
use rust_decimal::Decimal;
use serde_json::Value;

/// The `show_*` and `return_*` switches of a request.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the request")]
pub(crate) struct DocView {
    pub(crate) payments: bool,
    pub(crate) last_payment: bool,
    pub(crate) product_detail: bool,
    pub(crate) tax_factor: bool,
    pub(crate) row_meta: bool,
    pub(crate) attachments: bool,
    pub(crate) log: bool,
    pub(crate) delivery_events: bool,
    pub(crate) delivery_stats: bool,
    pub(crate) credit_notes: bool,
    pub(crate) tracking_url: bool,
    pub(crate) stickers: bool,
    pub(crate) purchase_price: bool,
    pub(crate) split_orders: bool,
    pub(crate) sum_credit: bool,
    /// The second until which addresses of files hold, where they do not hold for ever.
    pub(crate) files_until: Option<i64>,
}

/// Keys of `other` that are for the simulator only.
const HIDDEN: &[&str] = &["row_details", "head_tracking_code"];

/// Fills the object of one document.
pub(crate) fn write(obj: &mut Obj<'_>, company: &Company, doc: &Document, view: DocView) {
    obj.show("mk_id", doc.mk_id);
    obj.text("doc_type", doc.doc_type.name());
    obj.text("opr_code", "0");
    obj.text("count_code", &doc.count_code);
    obj.show("doc_date", WireDate(doc.doc_date));
    write_parties(obj, company, doc);
    write_head(obj, company, doc);
    write_rows(obj, company, doc, view);
    if doc.doc_type != DocType::Complaint && doc.doc_type != DocType::TransferOrder {
        write_sums(obj, company, doc, view);
    }
    obj.list("doc_link_list", company.plain_list(), linked(company, doc), |obj, other| {
        obj.show("mk_id", other.mk_id);
        obj.text("count_code", &other.count_code);
        obj.text("doc_type", other.doc_type.name());
    });
    obj.list("extra_column", company.plain_list(), &doc.extra_column, |obj, (name, value)| {
        obj.text("name", name);
        obj.text("value", value);
    });
    obj.list("meta_data", company.plain_list(), &doc.meta_data, |obj, (key, value)| {
        obj.text("key", key);
        obj.text("value_string", value);
    });
    write_switched(obj, company, doc, view);
    for (key, value) in &doc.other {
        if !HIDDEN.contains(&key.as_str()) {
            obj.value(key, value);
        }
    }
}

fn linked<'a>(company: &'a Company, doc: &Document) -> Vec<&'a Document> {
    doc.links.iter().filter_map(|id| company.documents.get(id)).collect()
}

fn write_parties(obj: &mut Obj<'_>, company: &Company, doc: &Document) {
    if let Some(partner) = doc.partner.and_then(|id| company.partners.get(&id)) {
        obj.object("partner", |obj| write_embedded(obj, partner, doc.partner_address));
    }
    if let Some(receiver) = doc.receiver.and_then(|id| company.partners.get(&id)) {
        let same = doc.receiver == doc.partner;
        obj.object("receiver", |obj| write_embedded(obj, receiver, doc.partner_address.filter(|_| same)));
    }
}

fn write_head(obj: &mut Obj<'_>, company: &Company, doc: &Document) {
    if let Some(key) = &doc.status {
        if doc.doc_type == DocType::Complaint {
            obj.text("status_code", key);
        } else {
            obj.text("status_code", label(company, doc.doc_type, key));
            obj.text("status_desc", key);
        }
    }
    obj.text("currency_code", &doc.currency);
    obj.opt("title", doc.title.as_deref());
    obj.opt("notes", doc.notes.as_deref());
    obj.opt("buyer_order", doc.buyer_order.as_deref());
    let warehouse = doc.warehouse.and_then(|id| company.warehouses.get(&id));
    if doc.doc_type == DocType::TransferOrder {
        if let Some(warehouse) = warehouse {
            obj.show("warehouseIdFrom", warehouse.mk_id);
            obj.text("warehouse_mark_from", &warehouse.mark);
        }
    } else {
        obj.opt("warehouse", warehouse.map(|warehouse| warehouse.mark.as_str()));
    }
    obj.opt("delivery_type", doc.delivery_type.as_deref());
    obj.opt("method_of_payment", doc.method_of_payment.as_deref());
    obj.show_opt("duo_payment", doc.due_date.map(WireDate));
    obj.show_opt("service_from_date", doc.service_from.map(WireDate));
    obj.show_opt("service_to_date", doc.service_to.map(WireDate));
    obj.show_opt("valid_to", doc.valid_to.map(WireDate));
    if let Some(discount) = doc.discount_percent.filter(|discount| !discount.is_zero()) {
        obj.show("discount_percent", discount.normalize());
    }
    obj.show_opt("publish_ts", doc.published.map(WireTime));
    match doc.doc_type {
        DocType::SalesOrder => {
            obj.show("created_ts", WireTime(doc.created));
            if !doc.other.contains_key("order_create_ts") {
                obj.show("order_create_ts", WireTime(doc.created));
            }
        }
        DocType::Complaint => {
            obj.show("created_ts", WireTime(doc.created));
            obj.show("last_change_ts", WireTime(doc.last_change));
            obj.text("last_change_user", &doc.last_change_user);
        }
        kind if kind.is_bill() => obj.text("last_change_user", &doc.last_change_user),
        _ => {}
    }
}

/// The label of a status key.
pub(crate) fn label<'a>(company: &'a Company, kind: DocType, key: &'a str) -> &'a str {
    register(company, kind).iter().find(|(known, _)| known == key).map_or(key, |(_, label)| label)
}

/// The status register of a kind: (key, label).
pub(crate) fn register(company: &Company, kind: DocType) -> &[(String, String)] {
    match kind {
        DocType::SalesOrder | DocType::PurchaseOrder => &company.registers.order_status,
        kind if kind.is_bill() || kind == DocType::SalesOffer => &company.registers.bill_status,
        _ => &company.registers.warehouse_status,
    }
}

fn write_rows(obj: &mut Obj<'_>, company: &Company, doc: &Document, view: DocView) {
    let details = doc.other.get("row_details");
    let (key, shape) = if doc.doc_type == DocType::Complaint {
        ("complaint_products", company.collapsing())
    } else {
        ("product_list", company.plain_list())
    };
    obj.list(key, shape, &doc.rows, |obj, row| {
        write_row(obj, company, doc.doc_type, row, view);
        let own = details.and_then(|details| details.get(row.mk_row_id.to_string()));
        for (key, value) in own.and_then(Value::as_object).into_iter().flatten() {
            if key != "meta_data" || view.row_meta {
                obj.value(key, value);
            }
        }
    });
}

fn write_row(obj: &mut Obj<'_>, company: &Company, kind: DocType, row: &Row, view: DocView) {
    let product = row.product.and_then(|id| company.products.get(&id));
    if let Some(product) = product {
        obj.text("count_code", &product.count_code);
        obj.show("mk_id", product.mk_id);
        obj.text("code", &product.code);
    }
    obj.opt("name", Some(&row.name));
    obj.opt("doc_desc", row.doc_desc.as_deref());
    obj.opt("unit", Some(&row.unit));
    obj.show("amount", row.amount.normalize());
    if kind == DocType::TransferOrder {
        obj.show("amount_original", row.amount.normalize());
    } else {
        obj.show("price", row.price.normalize());
        if !row.discount.is_empty() {
            let chain: Vec<String> = row.discount.iter().map(|percent| percent.normalize().to_string()).collect();
            obj.text("discount", &chain.join(";"));
        }
        obj.opt("tax", Some(&row.tax));
    }
    if view.tax_factor
        && let Some((_, factor, percent)) = company.registers.taxes.iter().find(|(code, _, _)| *code == row.tax)
    {
        obj.show("tax_factor", factor.normalize());
        obj.text("tax_desc", percent);
    }
    if view.product_detail {
        obj.text("type", if product.is_some_and(|product| product.service) { "service" } else { "material" });
        obj.show("mk_row_id", row.mk_row_id);
    }
    if view.purchase_price
        && let Some(product) = product
    {
        let price = product.prices.iter().find(|price| !price.sales);
        obj.list("purchase_price_list", Shape::List, [product], |obj, product| {
            obj.show("mk_id", product.mk_id);
            obj.text("code", &product.code);
            obj.show_opt("pricelist_price", price.map(|price| price.price.normalize()));
            obj.show("amount", row.amount.normalize());
        });
    }
}

fn write_sums(obj: &mut Obj<'_>, company: &Company, doc: &Document, view: DocView) {
    let sums: Sums = company.sums(doc);
    let mut sum = |key: &str, value: Decimal| {
        if !value.is_zero() {
            obj.show(key, value.normalize());
        }
    };
    sum("sum_basic", sums.basic);
    sum("sum_discount", sums.discount);
    for (code, tax) in &sums.taxes {
        sum(&format!("sum_tax_{}", code.to_lowercase()), *tax);
    }
    sum("sum_all", sums.all);
    sum("sum_paid", sums.paid);
    let credit: Decimal = linked(company, doc)
        .into_iter()
        .filter(|other| other.doc_type == DocType::SalesBillCreditNote && doc.doc_type != DocType::SalesBillCreditNote)
        .map(|note| company.sums(note).all.abs())
        .sum();
    sum("sum_creditnote", credit);
    if view.sum_credit {
        sum("sum_credit", credit);
    }
    if let Some(last) = doc.payments.last() {
        if sums.open() <= Decimal::ZERO {
            obj.show("sum_full_paid_when", WireDate(last.date));
        }
        if view.last_payment || view.payments {
            obj.show("last_paid_date", SlovenianDate(last.date));
            obj.show("last_paid_sum", last.amount.normalize());
        }
    }
    if view.payments {
        obj.list("mark_paid", company.plain_list(), &doc.payments, |obj, payment| {
            obj.text("payment_type", &payment.payment_type);
            obj.show("date", SlovenianDate(payment.date));
            obj.text("amount", &slovenian(payment.amount.abs()));
            let back = payment.amount.is_sign_negative();
            obj.text("payment_tip", if back { "Vračilo" } else { "Prejemek" });
            if payment.payment_type == "Gotovina" {
                obj.text("cashRegister", "Blagajna 1");
            }
            obj.opt("notes", payment.notes.as_deref());
        });
    }
}

fn write_switched(obj: &mut Obj<'_>, company: &Company, doc: &Document, view: DocView) {
    let list = company.plain_list();
    if view.attachments {
        obj.list("attachment_list", list, &doc.attachments, |obj, (_, url)| match view.files_until {
            Some(until) if url.contains(downloads::FILES) => {
                obj.text("source_url", &downloads::signed(url, until));
            }
            _ => obj.text("source_url", url),
        });
    }
    if view.log {
        obj.list("document_info", list, &doc.log, |obj, entry| {
            obj.text("user_email", &entry.user_email);
            obj.text("operation_type", &entry.operation);
            obj.opt("notes", entry.notes.as_deref());
            obj.opt("value_previous", entry.previous.as_deref());
            obj.opt("value_new", entry.new.as_deref());
            obj.show("operation_time", WireTime(entry.at));
        });
    }
    if view.delivery_events {
        obj.list("delivery_service_events", list, &doc.delivery_events, |obj, (code, at, status)| {
            obj.text("event_code", code);
            match instant(*at).filter(|_| at.time() != Time::midnight()) {
                Some(at) => obj.show("event_date", WireTime(at)),
                None => obj.show("event_date", WireDate(at.date())),
            }
            obj.text("event_status", status);
        });
    }
    if view.delivery_stats
        && let (Some(first), Some(last)) = (doc.delivery_events.first(), doc.delivery_events.last())
    {
        obj.object("delivery_stats", |obj| {
            obj.show("order_create_ts", WireDate(doc.doc_date));
            obj.show("date_delivery_service_accepted", WireDate(first.1.date()));
            obj.text("last_delivery_service_event_code", &last.0);
            obj.show("last_delivery_service_event_date", WireDate(last.1.date()));
        });
    }
    let of_kind = |kind: DocType| -> Vec<&Document> {
        linked(company, doc).into_iter().filter(|other| other.doc_type == kind).collect()
    };
    if view.credit_notes {
        obj.list("credit_note_list", list, of_kind(DocType::SalesBillCreditNote), |obj, note| {
            obj.show("mk_id", note.mk_id);
            obj.text("count_code", &note.count_code);
        });
    }
    if view.split_orders {
        obj.list("split_orders", list, of_kind(DocType::SalesOrder), |obj, order| {
            let plain = DocView { split_orders: false, ..view };
            write(obj, company, order, plain);
        });
    }
    if let Some(sticker) = company.extras.stickers.get(&doc.mk_id) {
        if view.tracking_url {
            obj.text("tracking_url", &format!("https://tracking.example.si/{}", sticker.tracking_code));
        }
        if view.stickers {
            obj.list("sticker_list", list, [sticker], |obj, sticker| {
                obj.text("url", &sticker.url);
                obj.show("valid_until", WireTime(sticker.valid_until));
            });
        }
    }
}
