//! The control plane: the same seed gives the same state, edits move it.

use crate::world::{ONE, World, start, start_scaled};
use serde_json::{Value, json};

const WHAT: &[&str] = &["partners", "products", "warehouses", "stock", "documents"];

async fn whole(world: &World) -> String {
    let mut all = String::new();
    for what in WHAT {
        let mut after = String::new();
        loop {
            let page = world.get(&format!("/companies/{ONE}/state/{what}?limit=500{after}")).await;
            all.push_str(&page["items"].to_string());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
    }
    all
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_also_after_random_edits() {
    let (one, two, other) = (start_scaled(7, 1).await, start_scaled(7, 1).await, start_scaled(8, 1).await);
    let edits = json!({"count": 200, "seed": 3});
    let path = format!("/companies/{ONE}/random-edits");
    let (first, second) = (one.post(&path, edits.clone()).await, two.post(&path, edits).await);
    assert_eq!(first["done"], 200);
    assert_eq!(first, second);
    assert_eq!(whole(&one).await, whole(&two).await);
    assert_ne!(whole(&one).await, whole(&other).await);
}

#[tokio::test]
async fn after_random_edits_every_partner_still_has_a_document() {
    let world = start().await;
    world.post(&format!("/companies/{ONE}/random-edits"), json!({"count": 400, "seed": 9})).await;
    let mut with: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
    let mut after = String::new();
    loop {
        let page = world.get(&format!("/companies/{ONE}/state/documents?limit=1000{after}")).await;
        for doc in page["items"].as_array().into_iter().flatten() {
            with.extend(
                [&doc["partner_id"], &doc["receiver_id"]].into_iter().filter_map(|id| id.as_str().map(str::to_owned)),
            );
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let partners = world.get(&format!("/companies/{ONE}/state/partners?limit=1000")).await;
    for partner in partners["items"].as_array().into_iter().flatten() {
        assert!(with.contains(partner["id"].as_str().expect("an id")), "{partner}");
    }
}

#[tokio::test]
async fn a_merged_partner_is_gone_and_its_documents_are_the_others() {
    let world = start().await;
    let page = world.get(&format!("/companies/{ONE}/state/partners?limit=2")).await;
    let (from, into) = (page["items"][0]["id"].clone(), page["items"][1]["id"].clone());
    let merged = world.edit(json!({"op": "partner.merge", "from": from, "into": into})).await;
    assert!(merged["documents"].as_u64().is_some_and(|moved| moved > 0));
    assert_eq!(world.v1("get_partner", json!({"partner_id": from})).await["opr_code"], "2");
}

#[tokio::test]
async fn errors_of_the_control_plane_say_what_to_do() {
    let world = start().await;
    for (method, path, body) in [
        ("GET", "/control/companies/none/counts".to_owned(), Value::Null),
        ("POST", format!("/control/companies/{ONE}/edit"), json!({"op": "what"})),
        ("POST", "/control/faults".to_owned(), json!({"kind": "nothing"})),
        ("POST", "/control/faults".to_owned(), json!({"kind": "slow", "endpoint": "nothing"})),
        ("PUT", format!("/control/companies/{ONE}/webhooks"), json!([{"url": "http://example.com/", "secret": "s"}])),
        ("PATCH", format!("/control/companies/{ONE}/settings"), json!({"colapse": "never"})),
        ("GET", "/control/nowhere".to_owned(), Value::Null),
        ("DELETE", "/control/clock".to_owned(), Value::Null),
    ] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let answer = world.client.request(method, format!("{}{path}", world.url)).json(&body).send().await;
        let answer = answer.expect("an answer");
        assert!(answer.status().is_client_error(), "{path}");
        let answer: Value = answer.json().await.expect("JSON");
        assert!(answer["error"].is_string() && answer["remedy"].is_string(), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_new_company_can_be_made_while_running() {
    let world = start().await;
    let new = json!({"company_id": "777", "secret_key": "geslo", "seed": 4, "scale": 1});
    world.post("/companies", new).await;
    let body = json!({"company_id": "777", "secret_key": "geslo", "doc_type": "sales_order", "limit": 1});
    assert_eq!(world.v1("search", body).await["opr_code"], "0");
    assert_eq!(world.get("/companies").await["companies"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn the_journal_tells_calls_and_never_a_key() {
    let world = start().await;
    world.order("A-1").await;
    world.search(json!({"doc_type": "sales_order", "limit": 1})).await;
    let journal = world.get(&format!("/journal?company={ONE}")).await;
    let entries = journal["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["endpoint"], "put_document");
    assert_eq!(entries[1]["doc_type"], "sales_order");
    assert_eq!(entries[1]["outcome"], "ok");
    assert!(!journal.to_string().contains("key-"));
    assert_eq!(world.get("/journal/counts").await["calls"]["search"], 1);
}
