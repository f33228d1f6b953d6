//! Webhooks: signed, retried, delayed and lost by the clock.

use crate::world::{ONE, World, start};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use base64::Engine as _;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Inbox {
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    refuse: Arc<Mutex<usize>>,
}

async fn take(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> (axum::http::StatusCode, &'static str) {
    inbox.got.lock().expect("the inbox").push((headers, body));
    let mut refuse = inbox.refuse.lock().expect("the inbox");
    if *refuse > 0 {
        *refuse -= 1;
        return (axum::http::StatusCode::SERVICE_UNAVAILABLE, "no");
    }
    (axum::http::StatusCode::OK, r#"{"status":"ok"}"#)
}

impl Inbox {
    fn count(&self) -> usize {
        self.got.lock().expect("the inbox").len()
    }

    fn bodies(&self) -> Vec<Value> {
        let got = self.got.lock().expect("the inbox");
        got.iter().map(|(_, body)| serde_json::from_slice(body).expect("JSON")).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "the test's own receiver")]
async fn receiver(world: &World) -> Inbox {
    let inbox = Inbox::default();
    let router = Router::new().fallback(take).with_state(inbox.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/w/1", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let hook = json!([{"url": url, "secret": "skrivnost", "user": "mk", "password": "geslo", "require_ok": true}]);
    world.control("PUT", &format!("/companies/{ONE}/webhooks"), hook).await;
    inbox
}

async fn settle(world: &World) -> Value {
    world.post("/webhooks/settle", json!({})).await
}

async fn set_stock(world: &World, product: &Value, amount: u32) {
    world.edit(json!({"op": "stock.set", "product": product["id"], "amount": amount.to_string()})).await;
}

#[tokio::test]
async fn a_stock_event_is_signed_over_its_exact_bytes_and_names_every_active_warehouse() {
    let world = start().await;
    let inbox = receiver(&world).await;
    let product = world.product().await;
    set_stock(&world, &product, 7).await;
    settle(&world).await;
    let (headers, body) = inbox.got.lock().expect("the inbox")[0].clone();
    let mut mac = Hmac::<Sha1>::new_from_slice(b"skrivnost").expect("a key");
    mac.update(&body);
    let expected = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    assert_eq!(headers["x-metakocka-signature"], expected.as_str());
    assert_eq!(headers["x-metakocka-event"], "warehouse_product_stock_update");
    assert!(headers["x-metakocka-id"].to_str().is_ok_and(|id| id.parse::<u64>().is_ok()));
    assert!(headers["authorization"].to_str().is_ok_and(|auth| auth.starts_with("Basic ")));
    let event: Value = serde_json::from_slice(&body).expect("JSON");
    let rows = event["stock_list"].as_array().expect("rows");
    let warehouses: std::collections::BTreeSet<&str> =
        rows.iter().filter_map(|row| row["warehouse_id"].as_str()).collect();
    let active = world.get(&format!("/companies/{ONE}/state/warehouses")).await;
    let active = active["items"].as_array().into_iter().flatten().filter(|place| place["active"] == true).count();
    assert_eq!(warehouses.len(), active);
    assert!(rows.iter().all(|row| row["mk_id"] == product["id"]));
}

#[tokio::test]
async fn a_refused_event_is_tried_twice_more_a_minute_apart_and_then_lost() {
    let world = start().await;
    let inbox = receiver(&world).await;
    *inbox.refuse.lock().expect("the inbox") = 10;
    set_stock(&world, &world.product().await, 7).await;
    settle(&world).await;
    assert_eq!(inbox.count(), 1);
    world.post("/clock/advance", json!({"seconds": 59})).await;
    settle(&world).await;
    assert_eq!(inbox.count(), 1);
    world.post("/clock/advance", json!({"seconds": 1})).await;
    settle(&world).await;
    assert_eq!(inbox.count(), 2);
    world.post("/clock/advance", json!({"seconds": 60})).await;
    settle(&world).await;
    world.post("/clock/advance", json!({"seconds": 600})).await;
    assert_eq!(settle(&world).await["waiting"], 0);
    assert_eq!(inbox.count(), 3);
    let attempts = world.get(&format!("/companies/{ONE}/webhooks/attempts")).await;
    let outcomes: Vec<&str> = attempts["attempts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|attempt| attempt["outcome"].as_str())
        .collect();
    assert_eq!(outcomes.len(), 4);
    assert_eq!(outcomes[3], "given up");
}

#[tokio::test]
async fn events_can_be_lost_doubled_reordered_and_forged() {
    let world = start().await;
    let inbox = receiver(&world).await;
    let product = world.product().await;
    world.settings(json!({"webhook_faults": {"lose": 1.0}})).await;
    set_stock(&world, &product, 1).await;
    settle(&world).await;
    assert_eq!(inbox.count(), 0);
    world.settings(json!({"webhook_faults": {"duplicate": 1.0}})).await;
    set_stock(&world, &product, 2).await;
    settle(&world).await;
    assert_eq!(inbox.count(), 2);
    let ids: Vec<_> =
        inbox.got.lock().expect("the inbox").iter().map(|(headers, _)| headers["x-metakocka-id"].clone()).collect();
    assert_eq!(ids[0], ids[1]);
    world.settings(json!({"webhook_faults": {"wrong_signature": 1.0}})).await;
    set_stock(&world, &product, 3).await;
    settle(&world).await;
    let signature = inbox.got.lock().expect("the inbox")[2].0["x-metakocka-signature"].clone();
    let mut mac = Hmac::<Sha1>::new_from_slice(b"skrivnost").expect("a key");
    mac.update(&inbox.got.lock().expect("the inbox")[2].1);
    let right = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    assert_ne!(signature, right.as_str());
    world.settings(json!({"webhook_faults": {"delay_max_seconds": 25}})).await;
    for amount in 4..14 {
        set_stock(&world, &product, amount).await;
    }
    world.post("/clock/advance", json!({"seconds": 25})).await;
    settle(&world).await;
    assert_eq!(inbox.count(), 13);
    let distinct: std::collections::BTreeSet<String> = inbox.bodies()[3..].iter().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), 10);
}

#[tokio::test]
async fn events_wait_for_the_end_of_maintenance_and_then_burst() {
    let world = start().await;
    let inbox = receiver(&world).await;
    let product = world.product().await;
    let window = json!({"kind": "maintenance", "from": "2026-01-15T10:00:00Z", "to": "2026-01-15T10:05:00Z"});
    world.post("/faults", window).await;
    for amount in 1..4 {
        set_stock(&world, &product, amount).await;
    }
    settle(&world).await;
    assert_eq!(inbox.count(), 0);
    let (status, kind, _) =
        world.raw("/rest/eshop/v1/search", json!({"doc_type": "sales_order"})).await.expect("an answer");
    assert_eq!((status, kind.starts_with("text/html")), (503, true));
    world.post("/clock/advance", json!({"seconds": 300})).await;
    settle(&world).await;
    assert_eq!(inbox.count(), 3);
    assert_eq!(world.v1("search", json!({"doc_type": "sales_order"})).await["opr_code"], "0");
}
