//! create_complaint (answers without an id) and update_complaint.

use super::fields::{Fields, scalar};
use super::{Call, Done, Refusal, author, rows};
use crate::model::{DocType, Id};
use crate::wire::json::Obj;
use crate::wire::time::parse_time;
use serde_json::Value;

const TYPES: &[&str] = &["reclamation", "return", "replacement"];
const KEPT: &[&str] = &["claim_type", "claim_reason", "claim_description", "claim_note", "return_tracking_code"];

fn claim_type(body: Fields<'_>) -> Result<String, Refusal> {
    let kind = body.text("claim_type").ok_or_else(|| Refusal::application("claim_type is required"))?;
    if TYPES.contains(&kind.as_str()) { Ok(kind) } else { Err(Refusal::application("claim_type is not valid")) }
}

fn order(call: &Call<'_>) -> Result<Id, Refusal> {
    let (body, company) = (call.body, &*call.company);
    let found = if let Some(order) = body.text("sales_order_customer_order") {
        company.by_buyer_order(DocType::SalesOrder, &order)
    } else if let Some(code) = body.text("sales_order_count_code") {
        company.by_count_code(DocType::SalesOrder, &code)
    } else if let Some(code) = body.text("sales_order_tracking_code") {
        company.indexes.with_tracking_code(&code).next()
    } else {
        return Err(Refusal::application("sales order is required"));
    };
    found.ok_or_else(|| Refusal::application("Sales order not found"))
}

/// A new complaint about an order.
pub(crate) fn create(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let user = body.text("api_user_email").ok_or_else(|| Refusal::application("api_user_email is required"))?;
    claim_type(body)?;
    if let Some(text) = body.text("datetime")
        && parse_time(&text).is_none()
    {
        return Err(Refusal::application("datetime is not valid"));
    }
    let order = order(call)?;
    if body.list("complaint_products").is_empty() {
        return Err(Refusal::application("complaint_products is required"));
    }
    let read = rows::read(call, "complaint_products", false)?;
    let by = author(&user, call.now, None);
    let mut doc = call.company.blank_document(DocType::Complaint, by);
    doc.count_code = call.company.next_number("");
    doc.status = Some(body.text("claim_status").unwrap_or_else(|| "draft".to_owned()));
    if let Some(own) = call.company.documents.get(&order) {
        doc.partner = own.partner;
        doc.partner_address = own.partner_address;
        doc.currency.clone_from(&own.currency);
        doc.buyer_order = own.buyer_order.clone().or_else(|| Some(own.count_code.clone()));
    }
    doc.rows = read.rows;
    keep(&mut doc.other, body);
    let replacements = body.list("replacement_products");
    if !replacements.is_empty() {
        let list = replacements.iter().map(|item| item.value().clone()).collect();
        doc.other.insert("replacement_products".to_owned(), Value::Array(list));
    }
    let id = call.company.insert_document(doc, by);
    call.company.link(id, order);
    Ok(())
}

/// Keeps what only complaints have.
pub(crate) fn keep(other: &mut std::collections::BTreeMap<String, Value>, body: Fields<'_>) {
    for key in KEPT {
        if let Some(text) = body.value().get(*key).and_then(scalar) {
            other.insert((*key).to_owned(), Value::String(text));
        }
    }
}

/// Changes a complaint.
pub(crate) fn update(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let id = body.id("claim_id").ok_or_else(|| Refusal::application("claim_id is required"))?;
    claim_type(body)?;
    let status = body.text("claim_status").ok_or_else(|| Refusal::application("claim_status is required"))?;
    let known = call.company.documents.get(&id).is_some_and(|doc| doc.doc_type == DocType::Complaint);
    if !known {
        return Err(Refusal::application(format!("Complaint with id {id} not found")));
    }
    let user = call.user();
    call.company.edit_document(id, author(&user, call.now, None), |doc| {
        doc.status = Some(status);
        keep(&mut doc.other, body);
    });
    Ok(())
}
