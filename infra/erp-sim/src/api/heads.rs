//! Head fields of a document: read from a request, checked against the registers.

use super::fields::{Fields, scalar};
use super::{Call, Refusal};
use crate::model::{DocType, Document, Payment};
use crate::state::company::Company;
use crate::wire::document::register;
use crate::wire::time::{day, parse_date};
use rust_decimal::Decimal;
use serde_json::Value;

/// Fields that are kept and returned as they came.
const KEPT: &[&str] = &[
    "notes_header",
    "pariteta",
    "parcel_shop_id",
    "profit_center",
    "priority",
    "delivery_deadline",
    "delivery_date",
    "finish_date",
    "shipped_date",
    "shipped_date_expected_seller",
    "order_create_ts",
    "salesOrderTrackingType",
    "webshop_eshop_sync_id",
    "link_to_web_store",
    "sales_pricelist_code",
    "purchase_pricelist_code",
    "prepayment_percent",
    "prepayment_value",
    "discount_value",
    "doc_created_email",
    "commercialist_email",
    "duo_payment_days",
    "receive_date",
    "valid_days",
    "inquiry_num",
    "bank_ref_prefix",
    "bank_ref_number",
    "credit_note_type",
    "credit_note_bill",
    "count_code_internal",
    "warehouse_delivery",
    "tracking_intermediate_code",
    "write_off",
    "offer_list",
    "order_list",
    "sales_order_list",
    "workorder_list",
    "receiving_note_list",
    "delivery_note_list",
];

/// Sets every head field that is sent. An unknown delivery type is dropped in silence, as the ERP does.
pub(crate) fn set(company: &Company, doc: &mut Document, sent: Fields<'_>) -> Result<(), Refusal> {
    let date = |key: &str| match sent.text(key) {
        None => Ok(None),
        Some(text) => parse_date(&text)
            .map(Some)
            .ok_or_else(|| Refusal::invalid(format!("Paramether '{key}' has invalid value : {text}"))),
    };
    if let Some(date) = date("doc_date")? {
        doc.doc_date = date;
    }
    for (key, own) in [
        ("duo_payment", &mut doc.due_date),
        ("service_from_date", &mut doc.service_from),
        ("service_to_date", &mut doc.service_to),
        ("valid_to", &mut doc.valid_to),
    ] {
        if let Some(date) = date(key)? {
            *own = Some(date);
        }
    }
    for (key, own) in [
        ("title", &mut doc.title),
        ("notes", &mut doc.notes),
        ("buyer_order", &mut doc.buyer_order),
        ("method_of_payment", &mut doc.method_of_payment),
    ] {
        if let Some(text) = sent.text(key) {
            *own = Some(text);
        }
    }
    if let Some(order) = sent.text("customer_order") {
        doc.buyer_order = Some(order);
    }
    if let Some(currency) = sent.text("currency_code") {
        doc.currency = currency;
    }
    if let Some(percent) = sent.decimal("discount_percent") {
        doc.discount_percent = Some(percent);
    }
    if let Some(kind) = sent.text("delivery_type").filter(|kind| company.registers.delivery_types.contains(kind)) {
        doc.delivery_type = Some(kind);
    }
    if let Some(mark) = sent.text("warehouse") {
        let warehouse = company.warehouse(&mark);
        doc.warehouse =
            Some(warehouse.ok_or_else(|| Refusal::invalid(format!("Warehouse with mark {mark} not found")))?);
    }
    if let Some(status) = sent.text("status_code") {
        doc.status = Some(status_key(company, doc.doc_type, &status)?);
    }
    for (key, own) in [("extra_column", &mut doc.extra_column), ("meta_data", &mut doc.meta_data)] {
        let (name, value) = if key == "meta_data" { ("key", "value_string") } else { ("name", "value") };
        for item in sent.list(key) {
            if let Some(name) = item.text(name) {
                let value = item.sent(value).unwrap_or_default();
                match own.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, own)) => *own = value,
                    None => own.push((name, value)),
                }
            }
        }
    }
    for key in KEPT {
        if let Some(value) = sent.value().get(*key).filter(|value| !value.is_null()) {
            let value = scalar(value).map_or_else(|| value.clone(), Value::String);
            doc.other.insert((*key).to_owned(), value);
        }
    }
    Ok(())
}

/// The key of a status as it was written: the key, or the label where the switch allows it.
pub(crate) fn status_key(company: &Company, kind: DocType, written: &str) -> Result<String, Refusal> {
    let register = register(company, kind);
    let labels = company.settings.accept_status_labels;
    let known = register.iter().find(|(key, label)| key == written || (labels && label == written));
    if let Some((key, _)) = known {
        return Ok(key.clone());
    }
    let valid: Vec<&str> = register.iter().map(|(key, _)| key.as_str()).collect();
    Err(Refusal::invalid(if kind == DocType::SalesOrder {
        format!("Dinamični šifrant : status with code {written} must be set")
    } else {
        format!("Paramether 'status_code' has invalid value : {written}. Valid values : {}", valid.join(","))
    }))
}

/// `mark_paid`: the whole document is paid; what was paid before is deleted.
pub(crate) fn mark_paid(call: &Call<'_>, doc: &mut Document) -> Result<(), Refusal> {
    let marks = call.body.list("mark_paid");
    let Some(mark) = marks.first() else {
        return Ok(());
    };
    let kind = mark.text("payment_type").unwrap_or_default();
    if !call.company.registers.payment_types.contains(&kind) {
        return Err(Refusal::invalid(format!("Dinamični šifrant : payment type {kind} must be set")));
    }
    let amount = call.company.sums(doc).all;
    doc.payments.clear();
    if !amount.is_zero() {
        doc.payments.push(Payment {
            payment_type: kind,
            date: mark.date("date").unwrap_or_else(|| day(call.now)),
            amount,
            notes: mark.text("notes"),
        });
    }
    Ok(())
}

/// The number of a new document: given, from a series chosen by prefix, or the next one.
pub(crate) fn number(call: &mut Call<'_>, kind: DocType) -> Result<String, Refusal> {
    let Some(code) = call.body.text("count_code") else {
        let series = if kind == DocType::Complaint { "" } else { kind.series() };
        return Ok(call.company.next_number(series));
    };
    if let Some(prefix) = code.strip_prefix("COUNT_CODE_SELECT#") {
        return Ok(call.company.next_number(prefix));
    }
    if call.company.settings.unique_count_code && call.company.by_count_code(kind, &code).is_some() {
        return Err(Refusal::application(format!("Document with count_code {code} already exists")));
    }
    Ok(code)
}

/// What bills must have.
pub(crate) fn check(doc: &Document) -> Result<(), Refusal> {
    if doc.doc_type.is_bill() && doc.due_date.is_none() {
        return Err(Refusal::invalid("Polje duo_payment je obvezno."));
    }
    if doc.doc_type.is_sales_bill() && doc.service_to.is_none() {
        return Err(Refusal::invalid("Polje service_to_date je obvezno."));
    }
    if doc.discount_percent.is_some_and(|percent| percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED) {
        return Err(Refusal::invalid("Paramether 'discount_percent' has invalid value"));
    }
    Ok(())
}
