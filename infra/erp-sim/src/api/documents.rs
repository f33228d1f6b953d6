//! get_document, put_document (insert or whole rewrite), delete_document.

use super::fields::Fields;
use super::matching::resolve;
use super::{Call, Done, Refusal, attachments, author, carts, heads, inventory, rows};
use crate::model::{DocType, Document, Id};
use crate::state::documents::Author;
use crate::state::settings::UniqueBuyerOrder;
use crate::wire::country;
use crate::wire::document::{DocView, write};
use crate::wire::json::{Obj, write_object};
use crate::wire::number::two_places;
use serde_json::Value;

/// The switches of get_document and of search with full documents.
pub(crate) fn read_view(body: Fields<'_>) -> DocView {
    DocView {
        payments: body.is_on("show_payment_detail"),
        last_payment: body.is_on("show_last_payment_date"),
        product_detail: body.is_on("show_product_detail"),
        tax_factor: body.is_on("show_tax_factor"),
        row_meta: body.is_on("show_product_metadata"),
        attachments: body.is_on("show_attachments"),
        log: body.is_on("return_document_info"),
        delivery_events: body.is_on("return_delivery_service_events"),
        delivery_stats: body.is_on("return_delivery_stats"),
        credit_notes: body.is_on("return_credit_note_for_invoice"),
        tracking_url: body.is_on("show_tracking_url"),
        stickers: body.is_on("return_stickers_url"),
        purchase_price: body.is_on("return_purchase_price"),
        split_orders: body.is_on("show_split_orders"),
        sum_credit: body.is_on("show_sum_credit"),
        files_until: None,
    }
}

/// The kind that a request names.
pub(crate) fn kind_of(call: &Call<'_>) -> Result<DocType, Refusal> {
    let name = call.body.text("doc_type").ok_or_else(|| Refusal::invalid("Polje doc_type je obvezno."))?;
    if name == "bill" {
        return Ok(DocType::SalesBillDomestic);
    }
    DocType::parse(&name).ok_or_else(|| Refusal::invalid(format!("Unknown document type : {name}")))
}

/// The document that a request names by id, number or customer's order number.
pub(crate) fn locate(call: &Call<'_>, kind: DocType, id_key: &str) -> Result<Id, Refusal> {
    let (body, company) = (call.body, &*call.company);
    let (asked, found) = if let Some(text) = body.text(id_key) {
        let id = text.trim().parse().ok();
        let id = id.filter(|id| company.documents.get(id).is_some_and(|doc| doc.doc_type == kind));
        (format!("{id_key} {text}"), id)
    } else if let Some(code) = body.text("doc_count_code") {
        (format!("count_code {code}"), company.by_count_code(kind, &code))
    } else if let Some(order) = body.text("buyer_order") {
        (format!("buyer_order {order}"), company.by_buyer_order(kind, &order))
    } else {
        return Err(Refusal::invalid(format!("Polje {id_key} je obvezno.")));
    };
    found.ok_or_else(|| Refusal::invalid(format!("Document with {asked} not found")))
}

/// One document.
pub(crate) fn get(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    if call.body.text("doc_type").as_deref() == Some("warehouse_inventory") {
        return inventory::get(call, obj);
    }
    let kind = kind_of(call)?;
    let id = locate(call, kind, "doc_id")?;
    let holds = i64::from(call.company.settings.attachment_seconds);
    let files_until = (holds > 0).then(|| call.now.as_second().saturating_add(holds));
    let view = DocView { files_until, ..read_view(call.body) };
    if view.stickers {
        super::shipping::renew_sticker(call, id);
    }
    let company = &*call.company;
    if let Some(doc) = company.documents.get(&id) {
        write(obj, company, doc, view);
    }
    Ok(())
}

/// A new document, or with `mk_id` the whole document anew.
pub(crate) fn put(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    if call.body.text("doc_type").as_deref() == Some("abandoned_cart") {
        return carts::put(call, obj);
    }
    let kind = kind_of(call)?;
    if matches!(kind, DocType::TransferOrder | DocType::Workorder | DocType::Complaint) {
        return Err(Refusal::invalid(format!("Unknown document type : {}", kind.name())));
    }
    let (user, notes) = (call.user(), call.notes()?);
    let by = author(&user, call.now, notes.as_deref());
    let existing = match call.body.text("mk_id") {
        Some(_) => Some(locate(call, kind, "mk_id")?),
        None => None,
    };
    let partner = resolve(call, "partner")?;
    let partner_id = partner.as_ref().map(|partner| partner.id);
    if partner.is_none() && !kind.is_warehouse() {
        return Err(Refusal::invalid("Polje partner je obvezno."));
    }
    let receiver = resolve(call, "receiver")?;
    let fail = |refusal: Refusal| refusal.with_partner(partner_id);
    if existing.is_none() {
        check_unique(call, kind, partner_id).map_err(fail)?;
    }
    let read = rows::read(call, "product_list", true).map_err(fail)?;
    let mut doc = if let Some(id) = existing {
        emptied(call, id, by)?
    } else {
        let mut doc = call.company.blank_document(kind, by);
        doc.count_code = heads::number(call, kind).map_err(fail)?;
        doc
    };
    doc.partner = partner_id;
    doc.partner_address = partner.and_then(|partner| partner.address);
    doc.receiver = receiver.map(|receiver| receiver.id);
    doc.rows = read.rows;
    doc.other.remove("row_details");
    if !read.details.is_empty() {
        doc.other.insert("row_details".to_owned(), Value::Object(read.details));
    }
    heads::set(call.company, &mut doc, call.body).map_err(fail)?;
    heads::check(&doc).map_err(fail)?;
    heads::mark_paid(call, &mut doc).map_err(fail)?;
    attachments::take(call, &mut doc).map_err(fail)?;
    let links = linked(call);
    let id = doc.mk_id;
    if existing.is_some() {
        call.company.edit_document(id, by, |own| {
            // The audit log is the company's, not the request's.
            let log = std::mem::take(&mut own.log);
            *own = doc;
            own.log = log;
        });
    } else {
        call.company.insert_document(doc, by);
    }
    for link in links {
        call.company.link(id, link);
    }
    if kind == DocType::PurchaseBillDomestic || kind == DocType::PurchaseBillForeign {
        accept_goods(call, id, existing.is_none());
    }
    let bill = if call.body.is_on("create_invoice") { invoice(call, id) } else { None };
    answer(call, obj, id, partner_id, bill);
    Ok(())
}

/// What a whole rewrite starts from: the head is empty; what the request cannot say stays.
fn emptied(call: &Call<'_>, id: Id, by: Author<'_>) -> Result<Document, Refusal> {
    let own = call.company.documents.get(&id).ok_or_else(|| Refusal::invalid("Document not found"))?;
    Ok(Document {
        count_code: own.count_code.clone(),
        doc_date: own.doc_date,
        currency: own.currency.clone(),
        status: own.status.clone(),
        payments: own.payments.clone(),
        links: own.links.clone(),
        attachments: own.attachments.clone(),
        published: own.published,
        created: own.created,
        last_change: own.last_change,
        last_change_user: own.last_change_user.clone(),
        delivery_events: own.delivery_events.clone(),
        ..Document::blank(id, own.doc_type, by)
    })
}

fn answer(call: &Call<'_>, obj: &mut Obj<'_>, id: Id, partner: Option<Id>, bill: Option<Id>) {
    let company = &*call.company;
    let Some(doc) = company.documents.get(&id) else {
        return;
    };
    obj.show("mk_id", id);
    obj.text("count_code", &doc.count_code);
    if let Some(partner) = partner {
        obj.raw("partner", &rows::partner_field(partner));
    }
    obj.text("document_type_short", doc.doc_type.short());
    obj.show("total_price", two_places(company.sums(doc).all));
    if let Some(bill) = bill {
        obj.list("attachment_list", company.plain_list(), [bill], |obj, bill| obj.show("bill_mk_id", bill));
    }
}

/// The company's switch against a second document with the same customer's order number.
fn check_unique(call: &Call<'_>, kind: DocType, partner: Option<Id>) -> Done {
    if kind != DocType::SalesOrder && !kind.is_sales_bill() {
        return Ok(());
    }
    let company = &*call.company;
    let Some(order) = call.body.text("buyer_order").or_else(|| call.body.text("customer_order")) else {
        return Ok(());
    };
    let applies = match &company.settings.unique_buyer_order {
        UniqueBuyerOrder::Off => false,
        UniqueBuyerOrder::On => true,
        UniqueBuyerOrder::Countries(list) => {
            let partner = partner.and_then(|id| company.partners.get(&id));
            let own = partner.and_then(|partner| partner.addresses.first());
            own.and_then(|address| country::find(&address.country))
                .is_some_and(|country| list.iter().any(|iso| iso == country.iso))
        }
    };
    let same: Vec<&Document> = company
        .indexes
        .with_buyer_order(&order)
        .filter_map(|id| company.documents.get(&id))
        .filter(|doc| applies && doc.doc_type == kind)
        .collect();
    if same.is_empty() {
        return Ok(());
    }
    let mut list = String::from("[");
    for (at, doc) in same.iter().enumerate() {
        if at > 0 {
            list.push(',');
        }
        write_object(&mut list, |obj| {
            obj.text("count_code", &doc.count_code);
            obj.show("mk_id", doc.mk_id);
        });
    }
    list.push(']');
    Err(Refusal {
        app: Some(7),
        extra: vec![("duplicate_doc_list", list)],
        ..Refusal::application("Documents with some buyer order already exist")
    })
}

/// The documents that a request names by number.
fn linked(call: &Call<'_>) -> Vec<Id> {
    let (body, company) = (call.body, &*call.company);
    let mut ids = Vec::new();
    let mut by = |key: &str, kinds: &[DocType]| {
        for item in body.list(key) {
            let code = item.text("count_code");
            let found = kinds.iter().find_map(|kind| {
                let order = || item.text("buyer_order").and_then(|order| company.by_buyer_order(*kind, &order));
                code.as_ref().and_then(|code| company.by_count_code(*kind, code)).or_else(order)
            });
            ids.extend(found);
        }
    };
    by("offer_list", &[DocType::SalesOffer]);
    by("order_list", &[DocType::SalesOrder, DocType::PurchaseOrder]);
    by("sales_order_list", &[DocType::SalesOrder]);
    by("workorder_list", &[DocType::Workorder]);
    by("receiving_note_list", &[DocType::WarehouseReceivingNote]);
    by("delivery_note_list", &[DocType::WarehouseDeliveryNote]);
    if let Some(code) = body.text("credit_note_bill") {
        let kinds = [DocType::SalesBillDomestic, DocType::SalesBillForeign, DocType::SalesBillRetail];
        ids.extend(kinds.iter().filter_map(|kind| company.by_count_code(*kind, &code)).max());
    }
    ids
}

/// A purchase bill brings its goods in with an acceptance note.
fn accept_goods(call: &mut Call<'_>, bill: Id, new: bool) {
    let Some(doc) = call.company.documents.get(&bill).cloned() else {
        return;
    };
    let user = call.user();
    let by = author(&user, call.now, None);
    let known = doc.links.iter().copied().find(|id| {
        call.company.documents.get(id).is_some_and(|other| other.doc_type == DocType::WarehouseAcceptanceNote)
    });
    if let Some(note) = known.filter(|_| !new) {
        call.company.edit_document(note, by, |own| own.rows.clone_from(&doc.rows));
        return;
    }
    let mut note = call.company.blank_document(DocType::WarehouseAcceptanceNote, by);
    note.count_code = call.company.next_number(DocType::WarehouseAcceptanceNote.series());
    note.doc_date = doc.doc_date;
    note.partner = doc.partner;
    note.partner_address = doc.partner_address;
    note.warehouse = doc.warehouse.or_else(|| call.company.main_warehouse());
    note.rows = doc.rows;
    let id = call.company.insert_document(note, by);
    call.company.link(bill, id);
}

/// `create_invoice`: a bill with the order's rows, not issued; foreign for a foreign partner.
pub(crate) fn invoice(call: &mut Call<'_>, order: Id) -> Option<Id> {
    let doc = call.company.documents.get(&order)?.clone();
    if doc.doc_type != DocType::SalesOrder {
        return None;
    }
    let user = call.user();
    let by = author(&user, call.now, None);
    let foreign = doc.partner.and_then(|id| call.company.partners.get(&id)).is_some_and(|partner| partner.foreign);
    let kind = if foreign { DocType::SalesBillForeign } else { DocType::SalesBillDomestic };
    let mut bill = call.company.blank_document(kind, by);
    bill.count_code = call.company.next_number(kind.series());
    bill.partner = doc.partner;
    bill.partner_address = doc.partner_address;
    bill.receiver = doc.receiver;
    bill.buyer_order = doc.buyer_order;
    bill.currency = doc.currency;
    bill.warehouse = doc.warehouse;
    bill.method_of_payment = doc.method_of_payment;
    bill.discount_percent = doc.discount_percent;
    bill.service_to = Some(bill.doc_date);
    bill.due_date = doc.due_date.or_else(|| bill.doc_date.checked_add(jiff::Span::new().days(15)).ok());
    bill.rows = doc.rows;
    for row in &mut bill.rows {
        row.mk_row_id = call.company.next_id();
    }
    let id = call.company.insert_document(bill, by);
    call.company.link(order, id);
    Some(id)
}

/// Takes a document away for good.
pub(crate) fn delete(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let kind = kind_of(call)?;
    let allowed = kind == DocType::SalesOrder || kind.is_bill() || kind.is_warehouse();
    if !allowed {
        return Err(Refusal::invalid(format!("Unknown document type : {}", kind.name())));
    }
    let id = locate(call, kind, "mk_id")?;
    call.company.remove_document(id);
    Ok(())
}
