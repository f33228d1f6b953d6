//! Orders of the CRM while the ERP saves and its answers are lost: each must be one document in the end.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::{Caller, Product};

/// How many orders a request carries.
const PART: usize = 100;
/// How far the clock is moved at once: more than the time after which a lost answer is looked into.
const STEP: i64 = 1_200;
/// How often it is moved at most.
const ROUNDS: usize = 30;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Orders that the CRM put.
    pub orders: usize,
    /// Answers that were lost.
    pub answers_lost: u64,
    /// Orders that the ERP does not have.
    pub missing: Vec<String>,
    /// Orders that the ERP has more than once.
    pub doubled: Vec<String>,
    /// Orders that are not in step, and how they stand.
    pub not_in_step: BTreeMap<String, String>,
    /// How often the clock was moved until all were in step.
    pub rounds: usize,
}

impl Tally {
    /// Each order is one document, and both sides know it.
    pub fn is_good(&self) -> bool {
        self.missing.is_empty() && self.doubled.is_empty() && self.not_in_step.is_empty()
    }
}

/// Puts `orders` orders into the first tenant while each answer to a create is lost with this probability, and moves the
/// clock until all are settled. The product's clock must be moved by hand.
pub async fn lose_answers(product: &Product, orders: usize, probability: f64) -> Tally {
    let (api, control) = (product.administrator(0), product.control());
    let company = product.ready.tenants[0].company_id.clone();
    api.settled().await;
    open(&api).await;
    let (partner, goods) = (first(&api, "/v1/contacts").await, first(&api, "/v1/products").await);
    let fault = json!({
        "kind": "commit_then_lose_answer", "endpoint": "put_document", "company": company, "probability": probability,
    });
    let fault = control.fault(&fault).await;
    let names: Vec<String> = (0..orders).map(|n| format!("lost-{n}")).collect();
    for part in names.chunks(PART) {
        let items: Vec<Value> = part.iter().map(|name| order(name, &partner, &goods)).collect();
        let answer = api.send_json("POST", "/v1/orders/bulk", &[], &json!({ "items": items })).await.success();
        for result in answer["results"].as_array().expect("results") {
            assert_eq!(result["status"], json!(201), "{result}");
        }
    }
    let mut open: Vec<String> = names.clone();
    let mut rounds = 0;
    while rounds < ROUNDS {
        open = rest(&api, open, &["in_step", "held"]).await;
        if open.is_empty() {
            break;
        }
        rounds += 1;
        control.advance(STEP).await;
    }
    let answers_lost = control.end_fault(fault).await;
    let not_in_step = states(&api, &names).await.into_iter().filter(|(_, state)| state != "in_step").collect();
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for document in control.state(&company, "documents", "sales_order").await {
        if let Some(number) = document["buyer_order"].as_str() {
            *found.entry(number.to_owned()).or_default() += 1;
        }
    }
    let of = |wanted: fn(usize) -> bool| {
        names.iter().filter(|n| wanted(found.get(*n).copied().unwrap_or(0))).cloned().collect()
    };
    Tally { orders, answers_lost, missing: of(|n| n == 0), doubled: of(|n| n > 1), not_in_step, rounds }
}

/// Lets the product write.
pub async fn open(api: &Caller) {
    let mut settings = api.get("/v1/settings").await.success();
    let version = settings["version"].take().to_string();
    let wanted = json!({ "read_only": false, "objects": settings["objects"] });
    let basis = format!("\"{version}\"");
    api.send_json("PUT", "/v1/settings", &[("if-match", &basis)], &wanted).await.success();
}

async fn first(api: &Caller, path: &str) -> String {
    let list = api.get(&format!("{path}?limit=1")).await.success();
    list["data"][0]["erp_id"].as_str().expect("a record").to_owned()
}

fn order(name: &str, partner: &str, product: &str) -> Value {
    json!({ "crm_id": name, "fields": {
        "partner": { "erp_id": partner }, "buyer_order": name, "title": "Izgubljeni odgovori", "currency": "EUR",
        "lines/l1": { "product": product, "amount": "2", "price": "9.9" },
    }})
}

/// Those that do not come to one of these states while the product still does something by itself.
async fn rest(api: &Caller, names: Vec<String>, ends: &[&str]) -> Vec<String> {
    let (mut open, mut idle) = (names, 0);
    while !open.is_empty() && idle < 12 {
        let before = open.len();
        let states = states(api, &open).await;
        open.retain(|name| !ends.contains(&states[name].as_str()));
        idle = if open.len() < before { 0 } else { idle + 1 };
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    open
}

async fn states(api: &Caller, names: &[String]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for name in names {
        let record = api.get(&format!("/v1/orders/{name}")).await.success();
        out.insert(name.clone(), record["sync"].as_str().expect("a state").to_owned());
    }
    out
}
