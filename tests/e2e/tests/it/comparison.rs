//! One form for a record of the API and for the simulator's canonical state, so that both can be held against each other.
//!
//! It knows both forms and nothing of the product's own types: a misreading that the product shares with
//! itself shows here.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization as _;

/// A record of the API: its id in the ERP, and its content.
pub(crate) fn of_api(object: &str, record: &Value) -> (String, Value) {
    let content = match object {
        "contacts" => contact_of_api(record),
        "products" => product_of_api(record),
        "stock" => stock_of_api(record),
        _ => document_of_api(record),
    };
    (record["erp_id"].as_str().expect("an id").to_owned(), content)
}

/// A record of the ERP: the same. Stock of nothing is none.
pub(crate) fn of_erp(object: &str, item: &Value) -> Option<(String, Value)> {
    let (id, content) = match object {
        "contacts" => (&item["id"], contact_of_erp(item)),
        "products" => (&item["id"], product_of_erp(item)),
        "stock" => (&item["product_id"], stock_of_erp(item)),
        _ => (&item["id"], document_of_erp(item)),
    };
    Some((id.as_str()?.to_owned(), content))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A decimal in its shortest form; nothing stays nothing.
fn decimal(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let number: Decimal = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    Some(number.normalize().to_string())
}

/// A decimal where nothing means 0.
fn sum(value: &Value) -> String {
    decimal(value).unwrap_or_else(|| "0".to_owned())
}

/// A text, whatever its composition and its white space; an empty one is nothing.
fn text(value: &Value) -> Value {
    let text: String = value.as_str().unwrap_or_default().nfc().collect();
    let lines: Vec<_> = text.trim().lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    if lines.is_empty() { Value::Null } else { lines.join("\n").into() }
}

/// An address of mail: its case says nothing.
fn email(value: &Value) -> Option<String> {
    value.as_str().map(str::to_lowercase)
}

fn yes(value: &Value) -> bool {
    value.as_bool().unwrap_or_default()
}

fn sorted(rows: impl Iterator<Item = Value>) -> Vec<String> {
    let mut rows: Vec<_> = rows.map(|row| row.to_string()).collect();
    rows.sort();
    rows
}

fn contact_of_api(c: &Value) -> Value {
    json!({
        "number": text(&c["number"]), "name": text(&c["name"]), "company": yes(&c["company"]), "taxpayer": yes(&c["taxpayer"]),
        "foreign": yes(&c["foreign"]), "buyer": yes(&c["buyer"]), "supplier": yes(&c["supplier"]),
        "addresses": sorted(list(&c["addresses"]).map(|a| {
            json!([a["erp_id"], text(&a["street"]), text(&a["post_code"]), text(&a["city"]), text(&a["country"])])
        })),
        "persons": sorted(list(&c["persons"]).map(|p| json!([p["erp_id"], text(&p["name"]), email(&p["email"])]))),
    })
}

fn contact_of_erp(c: &Value) -> Value {
    json!({
        "number": text(&c["count_code"]), "name": text(&c["name"]), "company": yes(&c["business_entity"]),
        "taxpayer": yes(&c["taxpayer"]), "foreign": yes(&c["foreign"]), "buyer": yes(&c["buyer"]), "supplier": yes(&c["supplier"]),
        "addresses": sorted(list(&c["addresses"]).map(|a| {
            json!([a["id"], text(&a["street"]), text(&a["post_number"]), text(&a["city"]), text(&a["country_iso"])])
        })),
        "persons": sorted(list(&c["contacts"]).map(|p| json!([p["id"], text(&p["name"]), email(&p["email"])]))),
    })
}

fn product_of_api(p: &Value) -> Value {
    json!({
        "number": text(&p["number"]), "code": text(&p["code"]), "name": text(&p["name"]), "description": text(&p["description"]),
        "unit": text(&p["unit"]), "barcode": text(&p["barcode"]), "service": yes(&p["service"]), "sales": yes(&p["sales"]),
        "purchasing": yes(&p["purchasing"]), "active": yes(&p["active"]), "webshop": yes(&p["webshop"]),
        "weight": decimal(&p["weight"]),
        "prices": sorted(list(&p["prices"]).map(|x| json!([x["list"], x["currency"], decimal(&x["price"]), x["tax"], yes(&x["sales"])]))),
    })
}

fn product_of_erp(p: &Value) -> Value {
    json!({
        "number": text(&p["count_code"]), "code": text(&p["code"]), "name": text(&p["name"]), "description": text(&p["name_desc"]),
        "unit": text(&p["unit"]), "barcode": text(&p["barcode"]), "service": yes(&p["service"]), "sales": yes(&p["sales"]),
        "purchasing": yes(&p["purchasing"]), "active": yes(&p["activated"]), "webshop": yes(&p["eshop_sync"]),
        "weight": decimal(&p["weight"]),
        "prices": sorted(list(&p["prices"]).map(|x| {
            json!([x["pricelist"], x["currency"], decimal(&x["price"]), x["tax"], yes(&x["sales"])])
        })),
    })
}

/// Per warehouse what is there and what is reserved; a warehouse with neither is left out.
fn levels<'a>(of: impl Iterator<Item = (&'a str, Decimal, Decimal)>) -> Value {
    let mut levels: BTreeMap<&str, (Decimal, Decimal)> = BTreeMap::new();
    for (warehouse, on_hand, reserved) in of {
        let level = levels.entry(warehouse).or_default();
        level.0 += on_hand;
        level.1 += reserved;
    }
    let there = levels.into_iter().filter(|(_, (on_hand, reserved))| !on_hand.is_zero() || !reserved.is_zero());
    there
        .map(|(w, (on_hand, reserved))| (w.to_owned(), json!([on_hand.normalize(), reserved.normalize()])))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn number(value: &Value) -> Decimal {
    value.as_str().map_or(Decimal::ZERO, |text| text.parse().expect("a decimal"))
}

fn stock_of_api(s: &Value) -> Value {
    levels(
        list(&s["levels"])
            .map(|l| (l["warehouse"].as_str().expect("an id"), number(&l["on_hand"]), number(&l["reserved"]))),
    )
}

fn stock_of_erp(s: &Value) -> Value {
    let warehouse = |row: &Value| row["warehouse_id"].as_str().expect("an id").to_owned();
    // The ERP tells reservations only on rows: one in a warehouse that never had the product is not told.
    let known: BTreeSet<_> = list(&s["rows"]).map(warehouse).collect();
    let there =
        list(&s["rows"]).map(|r| (r["warehouse_id"].as_str().expect("an id"), number(&r["amount"]), Decimal::ZERO));
    let reserved = s["reserved"].as_object().into_iter().flatten().filter(|(w, _)| known.contains(*w));
    levels(there.chain(reserved.map(|(w, amount)| (w.as_str(), Decimal::ZERO, number(amount)))))
}

fn document_of_api(d: &Value) -> Value {
    let s = &d["sums"];
    json!({
        "kind": d["kind"], "number": d["number"], "date": text(&d["date"]), "title": text(&d["title"]), "notes": text(&d["notes"]),
        "partner": text(&d["partner"]["erp_id"]), "receiver": text(&d["receiver"]["erp_id"]), "currency": d["currency"],
        "buyer_order": text(&d["buyer_order"]), "status": text(&d["status"]["key"]), "due": text(&d["due_date"]),
        "lines": list(&d["lines"]).map(|l| json!([
            l["erp_id"], text(&l["product"]), text(&l["name"]), text(&l["unit"]), decimal(&l["amount"]), decimal(&l["price"]),
            list(&l["discounts"]).map(decimal).collect::<Vec<_>>(), text(&l["tax"]), making_of_api(&l["making"]),
        ])).collect::<Vec<_>>(),
        "sums": [sum(&s["net"]), sum(&s["discount"]), sum(&s["gross"]), sum(&s["paid"])],
        "taxes": taxes(&s["taxes"]),
        "payments": sorted(list(&d["payments"]).map(|p| json!([text(&p["kind"]), text(&p["date"]), decimal(&p["amount"])]))),
    })
}

fn making_of_api(m: &Value) -> Value {
    let input = |i: &Value| {
        json!([
            i["erp_id"],
            i["product"],
            text(&i["code"]),
            decimal(&i["planned"]),
            decimal(&i["done"]),
            decimal(&i["cost"])
        ])
    };
    let inputs = |key: &str| list(&m[key]).map(input).collect::<Vec<_>>();
    json!([decimal(&m["done"]), inputs("materials"), inputs("work")])
}

/// What a work order makes stands on it as it is on the wire.
fn made_of_erp(l: &Value) -> Value {
    let inputs = |plans: &str, below: &str| {
        let input = |i: &Value| {
            let done = list(&i[below]).map(|part| part["amount_realization"].as_str().expect("an amount"));
            let done = done.map(|text| text.parse::<Decimal>().expect("a decimal")).reduce(|a, b| a + b);
            let done = done.map(|sum| sum.normalize().to_string());
            let price = &i["price_purchase_plan"];
            json!([
                i["mk_id"],
                i["product_mk_id"],
                text(&i["product_code"]),
                decimal(&i["amount_plan"]),
                done,
                decimal(price)
            ])
        };
        list(&l[plans]).map(input).collect::<Vec<_>>()
    };
    let (materials, work) =
        (inputs("material_plan_list", "material_realization_list"), inputs("work_plan_list", "work_realization_list"));
    json!([
        l["mk_id"],
        text(&l["product_mk_id"]),
        Value::Null,
        Value::Null,
        decimal(&l["amount_plan"]),
        decimal(&l["price_sales"]),
        Vec::<Value>::new(),
        Value::Null,
        [json!(decimal(&l["amount_realization"])), json!(materials), json!(work)],
    ])
}

fn document_of_erp(d: &Value) -> Value {
    // Of these the ERP tells no sums, and of goods that only move no price.
    let is_told = |untold: &[&str]| !untold.iter().any(|kind| d["doc_type"] == *kind);
    let (has_sums, has_prices) = (is_told(&["transfer_order", "complaint"]), is_told(&["transfer_order"]));
    let nothing = Value::Null;
    let s = if has_sums { &d["sums"] } else { &nothing };
    json!({
        "kind": d["doc_type"], "number": d["count_code"], "date": text(&d["doc_date"]), "title": text(&d["title"]),
        "notes": text(&d["notes"]), "partner": text(&d["partner_id"]), "receiver": text(&d["receiver_id"]), "currency": d["currency"],
        "buyer_order": text(&d["buyer_order"]), "status": text(&d["status"]), "due": text(&d["due_date"]),
        "lines": list(&d["other"]["create_product_realization_list"]).map(made_of_erp).chain(list(&d["rows"]).map(|l| json!([
            l["row_id"], text(&l["product_id"]), text(&l["name"]), text(&l["unit"]), decimal(&l["amount"]),
            decimal(&l["price"]).filter(|_| has_prices),
            list(&l["discount"]).map(decimal).collect::<Vec<_>>(), text(if has_prices { &l["tax"] } else { &nothing }),
            making_of_api(&nothing),
        ]))).collect::<Vec<_>>(),
        "sums": [sum(&s["basic"]), sum(&s["discount"]), sum(&s["all"]), sum(&s["paid"])],
        "taxes": taxes(&s["taxes"]),
        "payments": sorted(list(&d["payments"]).map(|p| json!([text(&p["payment_type"]), text(&p["date"]), decimal(&p["amount"])]))),
    })
}

/// Taxes by code; the codes differ in case on the wire, and a tax of nothing may be left out.
fn taxes(value: &Value) -> BTreeMap<String, String> {
    let all = value.as_object().into_iter().flatten();
    all.map(|(code, tax)| (code.to_lowercase(), sum(tax))).filter(|(_, tax)| tax != "0").collect()
}
