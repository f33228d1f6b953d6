//! Many records at once, for load and for demonstrations.
//!
//! Decides what a record has that the template says nothing of: what the product needs to take it. Documents refer to
//! existing records of the CRM, in turn.

use crate::books::{Books, Refused};
use crate::record::Life;
use crate::sim::{Inner, hold};
use crate::wire::{Object, Pieces};
use serde_json::{Value, json};

/// The most records at once.
const MOST: usize = 10_000;

/// Makes them; their ids.
pub(crate) fn make(sim: &Inner, object: Object, count: usize, template: &Pieces) -> Result<Vec<String>, Refused> {
    if !(1..=MOST).contains(&count) {
        return Err(Refused::Unfit(format!("count must be 1 to {MOST}")));
    }
    let now = sim.config.clock.now();
    let mut books = hold(&sim.books);
    let (contacts, products) = (usable(&books, Object::Contacts), usable(&books, Object::Products));
    let is_document = matches!(object, Object::Offers | Object::Orders);
    if is_document && contacts.is_empty() && !template.contains_key("partner") {
        return Err(Refused::Unfit("there is no contact that a document could name: make one first".to_owned()));
    }
    if is_document && products.is_empty() && !template.keys().any(|piece| piece.starts_with("lines/")) {
        return Err(Refused::Unfit("there is no product that a line could name: make one first".to_owned()));
    }
    let mut made = Vec::with_capacity(count);
    for n in 1..=count {
        let in_turn = |ids: &[String]| ids.get((n - 1) % ids.len().max(1)).cloned().unwrap_or_default();
        let crm_id = books.new_id(object);
        let mut fields = match object {
            Object::Contacts => pieces([("name", json!("Customer {n}")), ("buyer", json!(true))]),
            Object::Products => pieces([
                ("name", json!("Product {n}")),
                ("code", json!(crm_id)),
                ("unit", json!("kos")),
                ("sales", json!(true)),
            ]),
            Object::Offers | Object::Orders => {
                pieces([("title", json!("No. {n}")), ("partner", json!({ "crm_id": in_turn(&contacts) }))])
            }
        };
        if is_document && !template.keys().any(|piece| piece.starts_with("lines/")) {
            let amount = (n % 9 + 1).to_string();
            let line = json!({ "product_crm_id": in_turn(&products), "amount": amount, "price": "10" });
            fields.insert("lines/l1".to_owned(), line);
        }
        fields.extend(template.clone());
        fields.retain(|_, value| !value.is_null());
        for value in fields.values_mut() {
            number(value, n);
        }
        made.push(books.create(object, Some(crm_id), fields, now)?);
    }
    Ok(made)
}

fn pieces<const N: usize>(of: [(&str, Value); N]) -> Pieces {
    of.into_iter().map(|(piece, value)| (piece.to_owned(), value)).collect()
}

/// The ids of records that another may refer to.
fn usable(books: &Books, object: Object) -> Vec<String> {
    let live = books.all().filter(|record| record.object == object && record.life == Life::Live);
    live.filter(|record| record.problem.is_none()).map(|record| record.crm_id.clone()).collect()
}

/// Puts the number in the place of `{n}` in every text.
fn number(value: &mut Value, n: usize) {
    match value {
        Value::String(text) => *text = text.replace("{n}", &n.to_string()),
        Value::Array(entries) => entries.iter_mut().for_each(|entry| number(entry, n)),
        Value::Object(parts) => parts.values_mut().for_each(|part| number(part, n)),
        _ => {}
    }
}
