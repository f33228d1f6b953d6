//! Changes "as an app user would make them": the same functions as the API's, another author,
//! and what only the app can do (merging and deleting partners, issuing bills).

use super::{Answer, Refused, cell, ok, read};
use crate::api::fields::Fields;
use crate::api::{Call, Handler, Refusal, documents, matching, payments, products, updates};
use crate::model::{Id, Partner, Price};
use crate::sim::Sim;
use crate::state::company::Company;
use crate::state::documents::Author;
use crate::state::extras::Message;
use crate::wire::json::object;
use crate::wire::time::{self, parse_date};
use axum::extract::{Path, State};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Who changes things in the app.
pub(super) const USER: &str = "uporabnik@podjetje.example";

const SEE: &str = "GET /control shows the fields of every op";

pub(super) async fn post(State(sim): State<Sim>, Path(id): Path<String>, body: Bytes) -> Answer {
    let op: Value = read(&body)?;
    let cell = cell(&sim, &id)?;
    let mut company = cell.lock();
    let result = apply(&mut company, &op, sim.inner.clock.now());
    sim.send_events(&mut company);
    Ok(ok(&result?))
}

/// Applies one op and says what it touched.
pub(super) fn apply(company: &mut Company, op: &Value, now: Timestamp) -> Result<Value, Refused> {
    let fields = Fields(op);
    let name = fields.text("op").ok_or_else(|| Refused::bad("op is missing", SEE))?;
    let part = |key: &str| {
        let part = op.get(key).filter(|part| part.is_object()).cloned();
        part.ok_or_else(|| Refused::bad(format!("{key} must be an object"), SEE))
    };
    match name.as_str() {
        "partner.create" => {
            let data = part("partner")?;
            if Fields(&data).text("customer").is_none() {
                return Err(Refused::bad("customer is missing", SEE));
            }
            let partner = matching::new_partner(company, Fields(&data));
            let id = partner.mk_id;
            company.put_partner(partner);
            Ok(json!({"id": id.to_string()}))
        }
        "partner.update" => {
            let data = part("fields")?;
            update_partner(company, id(fields, "id")?, Fields(&data))
        }
        "partner.merge" => {
            let (from, into) = (id(fields, "from")?, id(fields, "into")?);
            let author = Author { user: USER, now, notes: Some("merge") };
            let moved = company.merge_partner(from, into, author);
            let moved = moved.ok_or_else(|| Refused::missing("no such partners", "name two different partners"))?;
            Ok(json!({"id": into.to_string(), "documents": moved}))
        }
        "partner.delete" => {
            let id = id(fields, "id")?;
            if company.indexes.of_partner(id).next().is_some() {
                return Err(Refused::conflict("the partner is on documents", "merge it into another one"));
            }
            company.remove_partner(id).ok_or_else(|| unknown("partner", id))?;
            Ok(json!({"id": id.to_string()}))
        }
        "product.create" => call(company, products::add, part("product")?, now),
        "product.update" => call(company, products::update, with_id(part("fields")?, fields)?, now),
        "product.delete" => call(company, products::delete, with_id(json!({}), fields)?, now),
        "price.set" => set_price(company, fields),
        "price.add" => add_price(company, fields),
        "stock.set" => set_stock(company, fields),
        "document.create" => {
            let mut data = part("document")?;
            data["doc_type"] = json!(fields.text("doc_type").or_else(|| Fields(&data).text("doc_type")));
            call(company, documents::put, data, now)
        }
        "document.update" => change_document(company, part("fields")?, fields, now),
        "document.delete" => {
            let id = id(fields, "id")?;
            company.remove_document(id).ok_or_else(|| unknown("document", id))?;
            Ok(json!({"id": id.to_string()}))
        }
        "status.set" => {
            let status = fields.text("status").ok_or_else(|| Refused::bad("status is missing", SEE))?;
            change_document(company, json!({"status_code": status}), fields, now)
        }
        "row.change" => {
            let mut row = op.clone();
            row["mk_row_id"] = json!(fields.text("row_id"));
            change_document(company, json!({"product_list": [row]}), fields, now)
        }
        "payment.add" => add_payment(company, op, now),
        "track" => track(company, fields, now),
        "publish" => {
            let id = id(fields, "id")?;
            let author = Author { user: USER, now, notes: None };
            if company.edit_document(id, author, |doc| doc.published = Some(now)) {
                Ok(json!({"id": id.to_string()}))
            } else {
                Err(unknown("document", id))
            }
        }
        other => Err(Refused::bad(format!("no op {other}"), SEE)),
    }
}

fn id(fields: Fields<'_>, key: &str) -> Result<Id, Refused> {
    fields.id(key).ok_or_else(|| Refused::bad(format!("{key} must be an id"), SEE))
}

fn unknown(what: &str, id: Id) -> Refused {
    Refused::missing(format!("no {what} {id}"), "GET the state to see the ids")
}

fn with_id(mut data: Value, fields: Fields<'_>) -> Result<Value, Refused> {
    data["mk_id"] = json!(id(fields, "id")?.to_string());
    Ok(data)
}

/// Runs one of the API's handlers with the app user as the author.
fn call(company: &mut Company, handler: Handler, mut body: Value, now: Timestamp) -> Result<Value, Refused> {
    body["api_user_email"] = json!(USER);
    let mut result = Ok(());
    let text = object(|obj| {
        let mut call = Call {
            company: &mut *company,
            body: Fields(&body),
            now,
            base: "http://127.0.0.1",
            seem_empty: false,
            drop_rows: 0,
            whole: None,
        };
        result = handler(&mut call, obj);
    });
    result.map_err(refused)?;
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    Ok(json!({"id": answer["mk_id"], "count_code": answer["count_code"]}))
}

fn refused(refusal: Refusal) -> Refused {
    Refused::bad(refusal.text, "correct the fields")
}

fn change_document(company: &mut Company, mut data: Value, op: Fields<'_>, now: Timestamp) -> Result<Value, Refused> {
    let id = id(op, "id")?;
    let kind = company.documents.get(&id).map(|doc| doc.doc_type).ok_or_else(|| unknown("document", id))?;
    data["api_user_email"] = json!(USER);
    data["mk_id"] = json!(id.to_string());
    let mut call = Call {
        company,
        body: Fields(&data),
        now,
        base: "http://127.0.0.1",
        seem_empty: false,
        drop_rows: 0,
        whole: None,
    };
    updates::apply_fields(&mut call, kind, id).map_err(refused)?;
    Ok(json!({"id": id.to_string(), "doc_type": kind.name()}))
}

fn add_payment(company: &mut Company, op: &Value, now: Timestamp) -> Result<Value, Refused> {
    let fields = Fields(op);
    let id = id(fields, "id")?;
    let kind = company.documents.get(&id).map(|doc| doc.doc_type).ok_or_else(|| unknown("document", id))?;
    let default = company.registers.payment_types.first().cloned().unwrap_or_default();
    let body = json!({
        "doc_type": kind.name(),
        "mk_id": id.to_string(),
        "price": fields.text("amount"),
        "payment_type": fields.text("payment_type").unwrap_or(default),
        "date": fields.text("date"),
        "notes": fields.text("notes"),
    });
    call(company, payments::put, body, now)?;
    Ok(json!({"id": id.to_string(), "doc_type": kind.name()}))
}

/// What a carrier does to an order: gives it a number, reports an event. Without a time it reports the day only.
fn track(company: &mut Company, fields: Fields<'_>, now: Timestamp) -> Result<Value, Refused> {
    let id = id(fields, "id")?;
    let event = fields.text("text").map(|text| {
        let timed = fields.text("at").and_then(|at| at.parse::<Timestamp>().ok()).map(time::local);
        let at = timed.unwrap_or_else(|| time::day(now).to_datetime(jiff::civil::Time::midnight()));
        (fields.text("code").unwrap_or_else(|| "1".to_owned()), at, text)
    });
    let number = fields.text("number");
    let author = Author { user: "carrier@carrier.example", now, notes: None };
    let known = company.edit_document(id, author, |doc| {
        if let Some(number) = number {
            doc.extra_column.retain(|(name, _)| name != "tracking_number");
            doc.extra_column.push(("tracking_number".to_owned(), number));
        }
        doc.delivery_events.extend(event);
    });
    if known { Ok(json!({"id": id.to_string()})) } else { Err(unknown("document", id)) }
}

fn set_price(company: &mut Company, fields: Fields<'_>) -> Result<Value, Refused> {
    let id = id(fields, "id")?;
    let price = fields.decimal("price").ok_or_else(|| Refused::bad("price must be a decimal", SEE))?;
    let list = fields.text("pricelist");
    let product = company.products.get(&id).ok_or_else(|| unknown("product", id))?;
    let at = product
        .prices
        .iter()
        .position(|own| list.as_ref().map_or(own.sales, |list| own.pricelist_code == *list))
        .ok_or_else(|| Refused::missing("the product has no price there", "name a pricelist of the product"))?;
    company.edit_product(id, |product| product.prices[at].price = price);
    Ok(json!({"id": id.to_string()}))
}

/// A price on any list, also on one that nobody has yet.
fn add_price(company: &mut Company, fields: Fields<'_>) -> Result<Value, Refused> {
    let id = id(fields, "id")?;
    let code = fields.text("pricelist").ok_or_else(|| Refused::bad("pricelist is missing", SEE))?;
    let day = |key: &str| match fields.text(key) {
        None => Ok(None),
        Some(text) => parse_date(&text).map(Some).ok_or_else(|| Refused::bad(format!("{key} must be a date"), SEE)),
    };
    let tax = company.registers.taxes.first().map(|(code, ..)| code.clone()).unwrap_or_default();
    let price = Price {
        pricelist_title: fields.text("title").unwrap_or_else(|| code.clone()),
        pricelist_code: code,
        buyer: fields.text("buyer"),
        sales: fields.flag("sales").unwrap_or(true),
        currency: fields.text("currency").unwrap_or_else(|| "EUR".to_owned()),
        valid_from: day("valid_from")?,
        valid_to: day("valid_to")?,
        amount_from: fields.decimal("amount_from"),
        amount_to: fields.decimal("amount_to"),
        price: fields.decimal("price").ok_or_else(|| Refused::bad("price must be a decimal", SEE))?,
        discount: fields.decimal("discount"),
        tax: fields.text("tax").unwrap_or(tax),
    };
    if company.edit_product(id, |product| product.prices.push(price)) {
        Ok(json!({"id": id.to_string()}))
    } else {
        Err(unknown("product", id))
    }
}

fn set_stock(company: &mut Company, fields: Fields<'_>) -> Result<Value, Refused> {
    let product = id(fields, "product")?;
    let warehouse = fields.text("warehouse").and_then(|mark| company.warehouse(&mark));
    let warehouse = warehouse.or_else(|| company.main_warehouse().filter(|_| !fields.has("warehouse")));
    let warehouse = warehouse.ok_or_else(|| Refused::missing("no such warehouse", "name a mark or an id"))?;
    let amount = fields.decimal("amount").ok_or_else(|| Refused::bad("amount must be a decimal", SEE))?;
    let stocked = company.products.get(&product).ok_or_else(|| unknown("product", product))?;
    if stocked.service {
        return Err(Refused::conflict("a service has no stock", "name a product that is no service"));
    }
    company.set_stock(product, warehouse, amount);
    Ok(json!({"id": product.to_string(), "warehouse": warehouse.to_string()}))
}

/// In the app the main address and the first contact are changed on the same form.
fn update_partner(company: &mut Company, id: Id, data: Fields<'_>) -> Result<Value, Refused> {
    let fresh = company.next_id();
    let known = company.edit_partner(id, |partner| set_partner(partner, data, fresh));
    if known { Ok(json!({"id": id.to_string()})) } else { Err(unknown("partner", id)) }
}

fn set_partner(partner: &mut Partner, data: Fields<'_>, fresh: Id) {
    crate::api::partners::set_fields(partner, data);
    if let Some(main) = partner.addresses.first_mut() {
        crate::api::partners::set_address(main, data, "place");
    }
    let sent = ["name", "gsm", "phone", "fax", "email"].iter().any(|key| data.has(key));
    let address_id = partner.addresses.first().map(|address| address.mk_id);
    let Some(address_id) = address_id.filter(|_| sent) else {
        return;
    };
    let read = matching::read_contact(data);
    match partner.contacts.first_mut() {
        Some(contact) => {
            contact.name = read.name.or_else(|| contact.name.take());
            contact.gsm = read.gsm.or_else(|| contact.gsm.take());
            contact.phone = read.phone.or_else(|| contact.phone.take());
            contact.fax = read.fax.or_else(|| contact.fax.take());
            contact.email = read.email.or_else(|| contact.email.take());
        }
        None => partner.contacts.push(crate::model::ContactPerson { mk_id: fresh, address_id, ..read }),
    }
}

pub(super) async fn inbound(State(sim): State<Sim>, Path(id): Path<String>, body: Bytes) -> Answer {
    let data: Value = read(&body)?;
    let fields = Fields(&data);
    let need = |key: &str| fields.text(key).ok_or_else(|| Refused::bad(format!("{key} is missing"), SEE));
    let (channel, to, text) = (need("type")?, need("from_number")?, need("message")?);
    let cell = cell(&sim, &id)?;
    let mut company = cell.lock();
    let mk_id = company.next_id();
    company.extras.messages.push(Message {
        mk_id,
        channel,
        to,
        text,
        sender_message_id: None,
        doc: fields.id("doc_id"),
        inbound: true,
        at: sim.inner.clock.now(),
    });
    Ok(ok(&json!({"id": mk_id.to_string()})))
}
