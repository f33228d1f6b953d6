//! Transfers between warehouses and work orders.

use super::documents::locate;
use super::fields::scalar;
use super::matching::resolve;
use super::{Call, Done, Refusal, author, heads, rows};
use crate::model::{DocType, Document, Id};
use crate::wire::json::Obj;
use serde_json::Value;

fn answer(call: &Call<'_>, obj: &mut Obj<'_>, id: Id) {
    if let Some(doc) = call.company.documents.get(&id) {
        obj.show("mk_id", id);
        obj.text("count_code", &doc.count_code);
        obj.text("document_type_short", doc.doc_type.short());
    }
}

/// A transfer; it moves stock once it is confirmed.
pub(crate) fn put_transfer(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let user = call.user();
    let by = author(&user, call.now, None);
    let read = read_transfer_rows(call)?;
    let mut doc = call.company.blank_document(DocType::TransferOrder, by);
    set_transfer(call, &mut doc)?;
    doc.count_code = heads::number(call, DocType::TransferOrder)?;
    if doc.warehouse.is_none() || !doc.other.contains_key("warehouseIdTo") {
        return Err(Refusal::invalid("warehouseIdFrom and warehouseIdTo must be set"));
    }
    set_rows(&mut doc, read);
    let id = call.company.insert_document(doc, by);
    answer(call, obj, id);
    Ok(())
}

/// A transfer anew with its full product list.
pub(crate) fn update_transfer(call: &mut Call<'_>) -> Done {
    let id = locate(call, DocType::TransferOrder, "mk_id")?;
    let user = call.user();
    let by = author(&user, call.now, None);
    let mut doc = call.company.documents.get(&id).cloned().ok_or_else(|| Refusal::invalid("Document not found"))?;
    set_transfer(call, &mut doc)?;
    if call.body.has("product_list") {
        let read = read_transfer_rows(call)?;
        set_rows(&mut doc, read);
    }
    call.company.edit_document(id, by, |own| *own = doc);
    Ok(())
}

/// Here, unlike elsewhere, a product may be named by its id alone.
fn read_transfer_rows(call: &mut Call<'_>) -> Result<rows::Rows, Refusal> {
    let mut list = Vec::new();
    for data in call.body.list("product_list") {
        let mut value = data.value().clone();
        let product = data.id("mk_id").and_then(|id| call.company.products.get(&id));
        if let (Some(product), Some(fields)) = (product, value.as_object_mut()) {
            fields.insert("count_code".to_owned(), Value::String(product.count_code.clone()));
        }
        list.push(value);
    }
    let request = Value::Object([("product_list".to_owned(), Value::Array(list))].into_iter().collect());
    let mut inner = Call {
        company: &mut *call.company,
        body: super::fields::Fields(&request),
        now: call.now,
        base: call.base,
        seem_empty: false,
        drop_rows: 0,
        whole: None,
    };
    rows::read(&mut inner, "product_list", false)
}

fn set_rows(doc: &mut Document, read: rows::Rows) {
    doc.rows = read.rows;
    doc.other.remove("row_details");
    if !read.details.is_empty() {
        doc.other.insert("row_details".to_owned(), Value::Object(read.details));
    }
}

fn set_transfer(call: &Call<'_>, doc: &mut Document) -> Done {
    heads::set(call.company, doc, call.body)?;
    set_places(call, doc)
}

/// From where to where the goods of a transfer go, and whether they went.
pub(crate) fn set_places(call: &Call<'_>, doc: &mut Document) -> Done {
    let (body, company) = (call.body, &*call.company);
    let place = |id_key: &str, mark_key: &str| match body.text(id_key).or_else(|| body.text(mark_key)) {
        None => Ok(None),
        Some(mark) => company
            .warehouse(&mark)
            .map(Some)
            .ok_or_else(|| Refusal::invalid(format!("Warehouse with mark {mark} not found"))),
    };
    if let Some(from) = place("warehouseIdFrom", "warehouse_mark_from")? {
        doc.warehouse = Some(from);
    }
    if let Some(to) = place("warehouseIdTo", "warehouse_mark_to")? {
        let mark = company.warehouses.get(&to).map(|warehouse| warehouse.mark.clone()).unwrap_or_default();
        doc.other.insert("warehouseIdTo".to_owned(), Value::String(to.to_string()));
        doc.other.insert("warehouse_mark_to".to_owned(), Value::String(mark));
    }
    if body.is_on("confirmed") || body.is_on("confirm_save") {
        doc.other.insert("confirmed".to_owned(), Value::String("true".to_owned()));
    }
    Ok(())
}

/// Everything of a work order beyond the head is kept as it came.
const PLANS: &[&str] = &[
    "start_date",
    "end_date",
    "produce_deadline_date",
    "doc_date_finished",
    "warehouse_code",
    "create_product_plan_list",
    "material_plan_list",
    "material_realization_list",
    "work_plan_list",
    "work_realization_list",
];

fn set_workorder(call: &mut Call<'_>, doc: &mut Document) -> Done {
    let partner = resolve(call, "partner")?;
    if let Some(partner) = partner {
        doc.partner = Some(partner.id);
        doc.partner_address = partner.address;
    }
    heads::set(call.company, doc, call.body)?;
    set_plans(call, doc);
    Ok(())
}

/// What is planned and done in a work order.
pub(crate) fn set_plans(call: &Call<'_>, doc: &mut Document) {
    for key in PLANS {
        if let Some(value) = call.body.value().get(*key).filter(|value| !value.is_null()) {
            let value = scalar(value).map_or_else(|| value.clone(), Value::String);
            let key = if *key == "create_product_plan_list" { "create_product_realization_list" } else { key };
            doc.other.insert(key.to_owned(), value);
        }
    }
}

/// A work order.
pub(crate) fn put_workorder(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let user = call.user();
    let by = author(&user, call.now, None);
    let existing = if call.body.has("mk_id") { Some(locate(call, DocType::Workorder, "mk_id")?) } else { None };
    let mut doc = match existing.and_then(|id| call.company.documents.get(&id).cloned()) {
        Some(doc) => doc,
        None => call.company.blank_document(DocType::Workorder, by),
    };
    set_workorder(call, &mut doc)?;
    let id = doc.mk_id;
    if existing.is_some() {
        call.company.edit_document(id, by, |own| *own = doc);
    } else {
        doc.count_code = heads::number(call, DocType::Workorder)?;
        call.company.insert_document(doc, by);
    }
    answer(call, obj, id);
    Ok(())
}

/// Changes what is sent of a work order.
pub(crate) fn update_workorder(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let id = locate(call, DocType::Workorder, "mk_id")?;
    let user = call.user();
    let mut doc = call.company.documents.get(&id).cloned().ok_or_else(|| Refusal::invalid("Document not found"))?;
    set_workorder(call, &mut doc)?;
    call.company.edit_document(id, author(&user, call.now, None), |own| *own = doc);
    answer(call, obj, id);
    Ok(())
}
