//! update_document (fields of orders, status of bills, warehouse documents, transfers) and change_document_status.

use super::documents::{invoice, kind_of, locate};
use super::fields::Fields;
use super::matching::resolve;
use super::{Call, Done, Refusal, author, complaints, heads, rows, transfers};
use crate::model::{DocType, Document, Id};
use crate::wire::json::Obj;
use rust_decimal::Decimal;
use serde_json::Value;

/// Only differences are applied.
pub(crate) fn update(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let kind = kind_of(call)?;
    match kind {
        DocType::TransferOrder => transfers::update_transfer(call),
        DocType::SalesOrder => order(call),
        kind if kind.is_warehouse() => {
            let id = locate(call, kind, "mk_id")?;
            apply_fields(call, kind, id)?;
            obj.text("document_type_short", kind.short());
            obj.show("mk_id", id);
            obj.opt("count_code", call.company.documents.get(&id).map(|doc| doc.count_code.as_str()));
            Ok(())
        }
        kind if kind.is_bill() => bill(call, kind),
        kind => Err(Refusal::invalid(format!("Unknown document type : {}", kind.name()))),
    }
}

/// On bills only the status can be changed.
fn bill(call: &mut Call<'_>, kind: DocType) -> Done {
    let id = locate(call, kind, "mk_id")?;
    let status = call.body.text("status_code").ok_or_else(|| Refusal::invalid("Polje status_code je obvezno."))?;
    let key = heads::status_key(call.company, kind, &status)?;
    let (user, notes) = (call.user(), call.notes()?);
    call.company.edit_document(id, author(&user, call.now, notes.as_deref()), |doc| doc.status = Some(key));
    Ok(())
}

fn order(call: &mut Call<'_>) -> Done {
    let id = locate(call, DocType::SalesOrder, "mk_id")?;
    let has_invoice = call.company.documents.get(&id).is_some_and(|doc| {
        doc.links
            .iter()
            .any(|link| call.company.documents.get(link).is_some_and(|other| other.doc_type.is_sales_bill()))
    });
    let makes_invoice = call.body.is_on("create_invoice");
    if call.body.text("tracking_code").is_some() && !has_invoice && !makes_invoice {
        return Err(Refusal::application("No invoice for given sales order. Tracking code cannot be add."));
    }
    apply_fields(call, DocType::SalesOrder, id)?;
    if makes_invoice && !has_invoice {
        invoice(call, id);
    }
    Ok(())
}

/// Applies the fields, rows and partners that are sent.
pub(crate) fn apply_fields(call: &mut Call<'_>, kind: DocType, id: Id) -> Done {
    let (user, notes) = (call.user(), call.notes()?);
    let mut doc = call.company.documents.get(&id).cloned().ok_or_else(|| Refusal::invalid("Document not found"))?;
    if let Some(partner) = resolve(call, "partner")? {
        if doc.partner != Some(partner.id) || partner.address.is_some() {
            doc.partner_address = partner.address;
        }
        doc.partner = Some(partner.id);
    }
    if let Some(receiver) = resolve(call, "receiver")? {
        doc.receiver = Some(receiver.id);
    }
    match kind {
        DocType::TransferOrder => transfers::set_places(call, &mut doc)?,
        DocType::Workorder => transfers::set_plans(call, &mut doc),
        DocType::Complaint => complaints::keep(&mut doc.other, call.body),
        _ => {}
    }
    // On an order the number that identifies it is not a change of it.
    let kept = doc.buyer_order.clone();
    heads::set(call.company, &mut doc, call.body)?;
    if kind == DocType::SalesOrder && !call.body.has("mk_id") {
        doc.buyer_order = kept;
    }
    if let Some(code) = call.body.text("count_code_new") {
        doc.count_code = code;
    }
    if let Some(code) = call.body.text("tracking_code") {
        set_column(&mut doc, "tracking_number", code);
    }
    clear(&mut doc, call.body);
    remove_rows(call, &mut doc)?;
    for key in ["product_list", "product_add"] {
        put_rows(call, &mut doc, key, kind)?;
    }
    heads::mark_paid(call, &mut doc)?;
    call.company.edit_document(id, author(&user, call.now, notes.as_deref()), |own| *own = doc);
    Ok(())
}

fn set_column(doc: &mut Document, name: &str, value: String) {
    match doc.extra_column.iter_mut().find(|(known, _)| known == name) {
        Some((_, own)) => *own = value,
        None => doc.extra_column.push((name.to_owned(), value)),
    }
}

fn clear(doc: &mut Document, body: Fields<'_>) {
    for key in body.texts("clear") {
        match key.as_str() {
            "tracking_code" => doc.extra_column.retain(|(name, _)| name != "tracking_number"),
            "notes" => doc.notes = None,
            other => {
                doc.other.remove(other);
            }
        }
    }
}

/// `product_remove`: whole rows, or an amount taken off across equal rows.
fn remove_rows(call: &Call<'_>, doc: &mut Document) -> Done {
    for data in call.body.list("product_remove") {
        if let Some(row) = data.id("mk_row_id") {
            doc.rows.retain(|own| own.mk_row_id != row);
            continue;
        }
        let by_number = data.text("count_code").and_then(|code| call.company.product_by_number(&code));
        let by_code = || data.text("code").and_then(|code| call.company.product_by_code(&code));
        let product = by_number.or_else(by_code).or_else(|| data.id("mk_id"));
        let product = product.filter(|id| doc.rows.iter().any(|row| row.product == Some(*id)));
        let product = product.ok_or_else(|| Refusal::invalid("Product to remove not found on document"))?;
        let Some(mut left) = data.decimal("amount") else {
            doc.rows.retain(|row| row.product != Some(product));
            continue;
        };
        for row in doc.rows.iter_mut().filter(|row| row.product == Some(product)) {
            let off = left.min(row.amount);
            row.amount -= off;
            left -= off;
        }
        doc.rows.retain(|row| row.product != Some(product) || !row.amount.is_zero());
    }
    Ok(())
}

/// A row with its id is changed (or deleted when marked), without one added.
fn put_rows(call: &mut Call<'_>, doc: &mut Document, key: &str, kind: DocType) -> Done {
    let list = call.body.list(key);
    let mut added = Vec::new();
    for data in &list {
        let Some(id) = data.id("mk_row_id") else {
            added.push(data.value().clone());
            continue;
        };
        let at = doc.rows.iter().position(|row| row.mk_row_id == id);
        let at = at.ok_or_else(|| Refusal::invalid(format!("Row with mk_row_id {id} not found")))?;
        if data.is_on("mark_delete") {
            doc.rows.remove(at);
            continue;
        }
        rows::change(call, &mut doc.rows[at], *data)?;
        if kind.is_warehouse() && doc.rows[at].amount.is_zero() {
            return Err(Refusal::invalid("Amount must not be 0"));
        }
    }
    if added.is_empty() {
        return Ok(());
    }
    let request = Value::Object([(key.to_owned(), Value::Array(added))].into_iter().collect());
    let read = {
        let mut inner = Call {
            company: &mut *call.company,
            body: Fields(&request),
            now: call.now,
            base: call.base,
            seem_empty: false,
            drop_rows: 0,
            whole: None,
        };
        rows::read(&mut inner, key, kind == DocType::SalesOrder)?
    };
    if kind.is_warehouse() && read.rows.iter().any(|row| row.amount == Decimal::ZERO) {
        return Err(Refusal::invalid("Amount must not be 0"));
    }
    doc.rows.extend(read.rows);
    if !read.details.is_empty() {
        let own = doc.other.entry("row_details".to_owned()).or_insert_with(|| Value::Object(serde_json::Map::new()));
        if let Some(own) = own.as_object_mut() {
            own.extend(read.details);
        }
    }
    Ok(())
}

/// The status of one or many orders or receiving notes, by key.
pub(crate) fn change_status(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let kind = kind_of(call)?;
    if !matches!(kind, DocType::SalesOrder | DocType::WarehouseReceivingNote) {
        return Err(Refusal::invalid(format!("Unknown document type : {}", kind.name())));
    }
    let status = call.body.text("status_code").ok_or_else(|| Refusal::invalid("Polje status_code je obvezno."))?;
    let key = heads::status_key(call.company, kind, &status)?;
    let mut ids = Vec::new();
    for text in call.body.texts("mk_id_list") {
        let id = text.parse().ok();
        let id = id.filter(|id| call.company.documents.get(id).is_some_and(|doc| doc.doc_type == kind));
        ids.push(id.ok_or_else(|| Refusal::invalid(format!("Document with mk_id {text} not found")))?);
    }
    if ids.is_empty() {
        ids.push(locate(call, kind, "mk_id")?);
    }
    let user = call.user();
    for id in ids {
        call.company.edit_document(id, author(&user, call.now, None), |doc| doc.status = Some(key.clone()));
    }
    Ok(())
}
