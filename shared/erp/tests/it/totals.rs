//! Our sums against the ERP's, over documents that chance makes.

use std::collections::BTreeMap;

use domain::{DocumentKind, totals};
use erp::client::SearchQuery;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::simulator::{COMPANY, World};

const DOCUMENTS: u64 = 10_000;

impl World {
    async fn state(&self, what: &str) -> Value {
        self.control(reqwest::Method::GET, &format!("/companies/{COMPANY}/state/{what}"), Value::Null).await
    }

    async fn edit(&self, op: &Value) {
        self.control(reqwest::Method::POST, &format!("/companies/{COMPANY}/edit"), op.clone()).await;
    }

    /// The rates of the tax codes that are on invoices.
    async fn tax_factors(&self) -> BTreeMap<String, Decimal> {
        let mut factors = BTreeMap::new();
        for kind in ["sales_bill_domestic", "sales_bill_foreign"] {
            let ask = json!({
                "secret_key": "key", "company_id": COMPANY, "doc_type": kind, "result_type": "doc", "limit": "100",
                "show_tax_factor": "true",
            });
            let request = self.control.post(format!("{}/rest/eshop/v1/search", self.url)).body(ask.to_string());
            let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
            let documents = answer["result"].as_array().into_iter().flatten();
            for row in documents.flat_map(|d| d["product_list"].as_array().cloned().unwrap_or_default()) {
                if let (Some(code), Some(factor)) = (row["tax"].as_str(), row["tax_factor"].as_str()) {
                    factors.insert(code.to_owned(), factor.parse().expect("a decimal"));
                }
            }
        }
        factors
    }
}

/// A number below `n`, by splitmix64.
fn below(state: &mut u64, n: u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) % n
}

/// A decimal of at most so many digits before and after the point.
fn number(dice: &mut u64, digits: u32, scale: u32) -> String {
    let most = 10_u64.pow(below(dice, u64::from(digits + scale)).try_into().unwrap_or(1) + 1);
    Decimal::new(below(dice, most).cast_signed(), scale).normalize().to_string()
}

/// One of these, by chance.
fn any<'a, T>(dice: &mut u64, of: &'a [T]) -> &'a T {
    &of[usize::try_from(below(dice, of.len() as u64)).expect("small")]
}

fn row(dice: &mut u64, products: &[Value], taxes: &[&str]) -> Value {
    let product = any(dice, products);
    let mut row = json!({
        "count_code": product["count_code"], "amount": number(dice, 4, 3), "price": number(dice, 5, 4),
        "tax": any(dice, taxes),
    });
    if below(dice, 10) == 0 {
        row["amount"] = json!(format!("-{}", number(dice, 2, 1)));
    }
    let chain: Vec<String> = (0..below(dice, 4)).map(|_| number(dice, 1, 1)).collect();
    if !chain.is_empty() {
        row["discount"] = json!(chain.join(";"));
    }
    row
}

#[tokio::test]
async fn the_sums_of_ten_thousand_random_documents_are_the_erps_to_the_cent() {
    let world = World::start(1).await;
    let products = world.state("products").await["items"].as_array().expect("a list").clone();
    let partner = world.state("partners").await["items"][0]["id"].clone();
    // What the seeded companies of this business know of taxes, as `show_tax_factor` tells it.
    let factors = world.tax_factors().await;
    let codes: Vec<&str> = factors.keys().map(String::as_str).collect();
    assert!(codes.len() >= 2, "{codes:?}");
    let kinds = [DocumentKind::SalesOffer, DocumentKind::SalesOrder, DocumentKind::PurchaseOrder];
    let counts = world.counts().await;
    let before = |kind: DocumentKind| counts[kind.erp_name()].as_u64().expect("a count");
    let mut dice = 7;
    for kind in (0..DOCUMENTS).map(|n| kinds[usize::try_from(n % 3).expect("small")]) {
        let rows: Vec<Value> = (0..=below(&mut dice, 8)).map(|_| row(&mut dice, &products, &codes)).collect();
        let mut document = json!({
            "doc_type": kind.erp_name(), "partner": { "mk_id": partner }, "product_list": rows,
        });
        if below(&mut dice, 3) == 0 {
            document["discount_percent"] = json!(number(&mut dice, 1, 2));
        }
        world.edit(&json!({ "op": "document.create", "document": document })).await;
    }
    let mut compared = 0;
    for kind in kinds {
        let mut offset = before(kind);
        loop {
            let page = world.client.search(&SearchQuery { offset, ..SearchQuery::all(kind) }).await.expect("a page");
            offset += page.rows.len() as u64;
            for document in page.rows.iter().map(|row| row.as_ref().expect("it fits")) {
                let ours = totals(&document.lines, document.discount_percent, &factors).expect("all is known");
                let theirs = &document.sums;
                let or_zero = |sum: Option<Decimal>| sum.unwrap_or_default();
                let what = &document.number;
                assert_eq!(ours.net, or_zero(theirs.net), "{what}: net");
                assert_eq!(ours.discount, or_zero(theirs.discount), "{what}: discount");
                assert_eq!(ours.taxes, theirs.taxes, "{what}: taxes");
                assert_eq!(ours.gross, or_zero(theirs.gross), "{what}: gross");
                compared += 1;
            }
            if offset >= page.total {
                break;
            }
        }
    }
    assert_eq!(compared, DOCUMENTS);
}
