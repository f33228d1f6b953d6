//! Random realistic edits, the same for the same seed and state: so that a pull has something to find.
//!
//! What it never does: delete the last document of a partner (nothing would show the
//! partner any more), or create a partner without a document.

use super::edit::apply;
use super::{Answer, Refused, cell, ok, read};
use crate::model::{DocType, Document, Id};
use crate::sim::Sim;
use crate::state::company::Company;
use crate::wire::number::cents;
use axum::extract::{Path, State};
use bytes::Bytes;
use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

/// The kinds that are used when none are named.
pub(super) const KINDS: &[&str] = &[
    "partner.update",
    "partner.create",
    "product.update",
    "price.set",
    "stock.set",
    "document.create",
    "document.update",
    "document.delete",
    "row.change",
    "payment.add",
    "status.set",
];
/// Kinds that must be named.
const MORE: &[&str] = &["partner.merge", "product.create", "publish"];

/// The kinds of document that people in sales work on.
const SALES: &[DocType] = &[
    DocType::SalesOffer,
    DocType::SalesOrder,
    DocType::SalesOrder,
    DocType::SalesBillDomestic,
    DocType::SalesBillForeign,
    DocType::SalesBillRetail,
    DocType::SalesBillCreditNote,
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    count: usize,
    #[serde(default)]
    seed: u64,
    kinds: Option<Vec<String>>,
}

pub(super) async fn post(State(sim): State<Sim>, Path(id): Path<String>, body: Bytes) -> Answer {
    let wanted: Wanted = read(&body)?;
    if wanted.count > 100_000 {
        return Err(Refused::bad("count is too large", "at most 100000 at once"));
    }
    let kinds = wanted.kinds.unwrap_or_else(|| KINDS.iter().map(|kind| (*kind).to_owned()).collect());
    let unknown = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str()) && !MORE.contains(&kind.as_str()));
    if let Some(unknown) = unknown {
        return Err(Refused::bad(format!("no kind {unknown}"), "GET /control lists them under random_kinds"));
    }
    if kinds.is_empty() {
        return Err(Refused::bad("no kinds", "leave kinds out for all"));
    }
    let cell = cell(&sim, &id)?;
    let mut company = cell.lock();
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(wanted.seed));
    let now = sim.inner.clock.now();
    let mut done: Vec<Value> = Vec::with_capacity(wanted.count);
    let mut tries = 0;
    while done.len() < wanted.count && tries < wanted.count * 20 + 100 {
        tries += 1;
        let kind = dice.pick(&kinds).cloned().unwrap_or_default();
        if let Some(edit) = one(&mut company, &kind, &mut dice, now) {
            done.push(edit);
        }
    }
    sim.send_events(&mut company);
    Ok(ok(&json!({"done": done.len(), "edits": done})))
}

struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0.random_range(0..limit.max(1))
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = self.below(list.len());
        list.get(at)
    }

    /// An entry near a random point of an ordered map.
    fn key<V>(&mut self, map: &std::collections::BTreeMap<Id, V>) -> Option<Id> {
        let (first, last) = (*map.keys().next()?, *map.keys().next_back()?);
        let point = self.0.random_range(first..=last);
        map.range(point..).next().map(|(id, _)| *id)
    }

    /// A document of the sales side.
    fn document(&mut self, company: &Company) -> Option<Id> {
        let kind = *self.pick(SALES)?;
        self.pick(company.indexes.of_type(kind)).copied()
    }
}

fn one(company: &mut Company, kind: &str, dice: &mut Dice, now: Timestamp) -> Option<Value> {
    let op = match kind {
        "partner.update" => update_partner(company, dice)?,
        "partner.create" => return create_partner(company, dice, now),
        "partner.merge" => {
            let (from, into) = (dice.key(&company.partners)?, dice.key(&company.partners)?);
            json!({"op": kind, "from": from.to_string(), "into": into.to_string()})
        }
        "product.update" | "product.create" | "price.set" | "stock.set" => goods(company, kind, dice)?,
        "document.create" => {
            let partner = dice.key(&company.partners)?;
            create_document(company, dice, partner, now)?
        }
        "document.update" => {
            let id = dice.document(company)?;
            let fields = match dice.below(3) {
                0 => json!({"notes": format!("Opomba {}", dice.below(10_000))}),
                1 => json!({"title": format!("Naziv {}", dice.below(10_000))}),
                _ => json!({"discount_percent": dice.below(20).to_string()}),
            };
            json!({"op": kind, "id": id.to_string(), "fields": fields})
        }
        "document.delete" => {
            let id = dice.document(company)?;
            if !deletable(company, id) {
                return None;
            }
            json!({"op": kind, "id": id.to_string()})
        }
        "row.change" => {
            let id = dice.document(company)?;
            let row = dice.pick(&company.documents.get(&id)?.rows)?.mk_row_id;
            let amount = 1 + dice.below(12);
            json!({"op": kind, "id": id.to_string(), "row_id": row.to_string(), "amount": amount.to_string()})
        }
        "payment.add" => {
            let id = dice.document(company)?;
            let doc: &Document = company.documents.get(&id)?;
            let open = company.sums(doc).open();
            if open <= Decimal::ZERO || doc.doc_type == DocType::SalesOffer {
                return None;
            }
            let amount = if dice.below(3) == 0 { cents(open / Decimal::TWO) } else { open };
            let kind_of_payment = dice.pick(&company.registers.payment_types)?;
            json!({"op": kind, "id": id.to_string(), "amount": amount.to_string(), "payment_type": kind_of_payment})
        }
        "status.set" => {
            let id = dice.document(company)?;
            let doc = company.documents.get(&id)?;
            let register = crate::wire::document::register(company, doc.doc_type);
            let (key, _) = dice.pick(register)?;
            if doc.status.as_ref() == Some(key) {
                return None;
            }
            json!({"op": kind, "id": id.to_string(), "status": key})
        }
        "publish" => {
            let id = dice.document(company)?;
            json!({"op": kind, "id": id.to_string()})
        }
        _ => return None,
    };
    let result = apply(company, &op, now).ok()?;
    Some(json!({"edit": op, "result": result}))
}

/// Edits of products, prices and stock.
fn goods(company: &Company, kind: &str, dice: &mut Dice) -> Option<Value> {
    let op = match kind {
        "product.update" => {
            let id = dice.key(&company.products)?;
            let product = company.products.get(&id)?;
            let fields = match dice.below(3) {
                0 => json!({"name_desc": format!("Osvežen opis {}", dice.below(10_000))}),
                1 => json!({"name": format!("{} ({})", base_name(&product.name), dice.below(100))}),
                _ => json!({"eshop_sync": (!product.eshop_sync).to_string()}),
            };
            json!({"op": kind, "id": id.to_string(), "fields": fields})
        }
        "product.create" => {
            let number = dice.below(1_000_000);
            json!({"op": kind, "product": {
                "code": format!("NOV-{number}"), "name": format!("Nov artikel {number}"), "unit": "kos",
                "sales": "true", "service": "false",
            }})
        }
        "price.set" => {
            let id = dice.key(&company.products)?;
            let price = company.products.get(&id)?.prices.iter().find(|price| price.sales)?.price;
            let factor = Decimal::from(80 + dice.below(50)) / Decimal::ONE_HUNDRED;
            let price = cents(price * factor).max(Decimal::new(1, 2));
            json!({"op": kind, "id": id.to_string(), "price": price.to_string()})
        }
        "stock.set" => {
            let id = dice.key(&company.stock.rows)?;
            let rows = company.stock.rows.get(&id)?;
            let row = dice.pick(rows)?;
            let amount = Decimal::from(dice.below(500));
            json!({"op": kind, "product": id.to_string(), "warehouse": row.warehouse.to_string(), "amount": amount.to_string()})
        }
        _ => return None,
    };
    Some(op)
}

/// The name without what an earlier edit put behind it.
fn base_name(name: &str) -> &str {
    match name.rsplit_once(" (") {
        Some((base, rest)) if rest.ends_with(')') => base,
        _ => name,
    }
}

fn deletable(company: &Company, id: Id) -> bool {
    let Some(doc) = company.documents.get(&id) else {
        return false;
    };
    [doc.partner, doc.receiver]
        .into_iter()
        .flatten()
        .all(|partner| company.indexes.of_partner(partner).nth(1).is_some())
}

fn update_partner(company: &Company, dice: &mut Dice) -> Option<Value> {
    let id = dice.key(&company.partners)?;
    let partner = company.partners.get(&id)?;
    let number = dice.below(9_000_000) + 1_000_000;
    let fields = match dice.below(4) {
        0 => json!({"gsm": format!("041 {:03} {:03}", number / 1000 % 1000, number % 1000)}),
        1 => json!({"email": format!("kontakt{number}@primer.example")}),
        2 => json!({"street": format!("Nova ulica {}", 1 + dice.below(200))}),
        _ => json!({"customer": format!("{} ({})", base_name(&partner.customer), dice.below(100))}),
    };
    Some(json!({"op": "partner.update", "id": id.to_string(), "fields": fields}))
}

/// A new partner and its first document, which makes it visible.
fn create_partner(company: &mut Company, dice: &mut Dice, now: Timestamp) -> Option<Value> {
    let number = dice.below(1_000_000);
    let op = json!({"op": "partner.create", "partner": {
        "business_entity": "true", "taxpayer": "true", "foreign_county": "false", "buyer": "true",
        "customer": format!("Novo podjetje {number} d.o.o."),
        "street": format!("Obrtna cesta {}", 1 + number % 150), "post_number": "2000", "place": "Maribor",
        "country": "Slovenija",
        "partner_contact": {"name": "Ana Nova", "email": format!("ana{number}@novo.example"), "gsm": "031 555 666"},
    }});
    let result = apply(company, &op, now).ok()?;
    let id: Id = result["id"].as_str()?.parse().ok()?;
    let first = create_document(company, dice, id, now)?;
    let made = apply(company, &first, now).ok()?;
    Some(json!({"edit": op, "result": result, "document": {"edit": first, "result": made}}))
}

fn create_document(company: &Company, dice: &mut Dice, partner: Id, now: Timestamp) -> Option<Value> {
    let kind = *dice.pick(SALES)?;
    let today = crate::wire::time::day(now);
    let due = today.saturating_add(jiff::Span::new().days(15));
    let mut rows = Vec::new();
    for _ in 0..=dice.below(4) {
        let id = dice.key(&company.products)?;
        let product = company.products.get(&id)?;
        let listed = product.prices.iter().find(|price| price.sales);
        let price = listed.map_or(Decimal::new(990, 2), |price| price.price);
        let tax = listed
            .map(|price| price.tax.clone())
            .or_else(|| company.registers.taxes.first().map(|(code, ..)| code.clone()))?;
        rows.push(json!({
            "count_code": product.count_code, "code": product.code, "amount": (1 + dice.below(8)).to_string(),
            "price": price.to_string(), "tax": tax,
        }));
    }
    let mut document = json!({
        "partner": {"mk_id": partner.to_string()},
        "product_list": rows,
        "notes": "Vneseno v aplikaciji",
    });
    if kind.is_bill() {
        document["duo_payment"] = json!(due.to_string());
        document["service_to_date"] = json!(today.to_string());
    }
    if kind == DocType::SalesOrder {
        document["status_code"] = json!(company.registers.order_status.first().map(|(key, _)| key));
        document["buyer_order"] = json!(format!("WEB-{}", dice.below(100_000_000)));
    }
    Some(json!({"op": "document.create", "doc_type": kind.name(), "document": document}))
}
