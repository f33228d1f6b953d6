//! Parked records, warehouses, the description, the health.

use axum::http::{Method, StatusCode};
use domain::{ErpId, Object, Parked, Warehouse};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::Commit;

use crate::support::{World, now};

fn parked(object: Object, n: u64) -> Parked {
    let path = "product_list[3].amount".to_owned();
    Parked { object, erp_id: ErpId::new(n), path, reason: "expected a decimal number".to_owned(), since: now() }
}

#[tokio::test]
async fn parked_records_come_in_parts_of_one_type_or_of_all() {
    let world = World::new().await;
    let orders = (1..=9).map(|n| parked(Object::Orders, n * n * n * n));
    world.park(1, orders.chain([parked(Object::Products, 5), parked(Object::Contacts, 5)]).collect()).await;
    for (query, total) in [("", 11), ("object=orders&", 9), ("object=contacts&", 1), ("object=stock&", 0)] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = world.get(1, &format!("/v1/parked?{query}limit=4{cursor}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            seen.extend(answer.body["data"].as_array().expect("a list").clone());
            match answer.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), total, "{query}");
        let mut places: Vec<_> = seen.iter().map(|p| (p["object"].to_string(), p["erp_id"].to_string())).collect();
        places.sort();
        places.dedup();
        assert_eq!(places.len(), total, "{query}: each once");
    }
    let one = world.get(1, "/v1/parked?object=products").await;
    let expected = json!({
        "object": "products", "erp_id": "5", "path": "product_list[3].amount",
        "reason": "expected a decimal number", "since": now().to_string(),
    });
    assert_eq!(one.body["data"], json!([expected]));
    assert_eq!(world.get(2, "/v1/parked").await.body["data"], json!([]));
    assert_eq!(world.get(1, "/v1/parked?object=robots").await.fault(), "object");
}

#[tokio::test]
async fn warehouses_are_those_that_were_read_last() {
    let world = World::new().await;
    assert_eq!(world.get(1, "/v1/warehouses").await.body["data"], json!([]));
    let tenant = world.tenant(1);
    let lease = tenant.acquire_lease("test", now(), SignedDuration::from_secs(60)).await.expect("free");
    let text = |s: &str| s.parse().expect("a text");
    let warehouse =
        Warehouse { erp_id: ErpId::new(16), mark: text("S1"), name: text("Glavno"), active: true, main: true };
    let mut commit = Commit::new(&lease);
    commit.warehouses = Some(vec![warehouse]);
    tenant.commit(&commit, now()).await.expect("a commit");
    let expected = json!([{ "erp_id": "16", "mark": "S1", "name": "Glavno", "active": true, "main": true }]);
    assert_eq!(world.get(1, "/v1/warehouses").await.body["data"], expected);
    assert_eq!(world.get(2, "/v1/warehouses").await.body["data"], json!([]));
}

#[tokio::test]
async fn the_description_is_there_for_anyone_and_costs_no_call() {
    let world = World::new().await;
    world.meter.take();
    let answer = world.ask(Method::GET, "/v1/openapi.json", None, &[], None).await;
    let file: Value = serde_json::from_str(fn_crm_api::OPENAPI).expect("JSON");
    assert_eq!((answer.status, &answer.body), (StatusCode::OK, &file));
    assert_eq!(answer.body["openapi"], "3.1.0");
    let health = world.ask(Method::GET, "/healthz", None, &[], None).await;
    assert_eq!((health.status, health.body), (StatusCode::OK, json!({ "status": "ok" })));
    assert_eq!(world.meter.take().all_requests(), 0);
}
