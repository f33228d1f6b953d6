//! Each fault does what it says, and leaves behind what it says.

use crate::world::{ONE, TWO, V1, World, start};
use serde_json::{Value, json};
use std::time::Duration;

async fn inject(world: &World, fault: Value) {
    world.control("DELETE", "/faults", Value::Null).await;
    world.post("/faults", fault).await;
}

fn search() -> Value {
    json!({"doc_type": "sales_order", "limit": 10})
}

#[tokio::test]
async fn a_lost_answer_leaves_the_document_behind() {
    let world = start().await;
    let (partner, product) = (world.partner().await, world.product().await);
    inject(&world, json!({"kind": "commit_then_lose_answer", "endpoint": "put_document", "remaining": 1})).await;
    let body = json!({"doc_type": "sales_order", "partner": {"mk_id": partner["id"]}, "buyer_order": "LOST-1",
        "product_list": [{"code": product["code"], "amount": "1", "price": "1"}]});
    let lost = world.raw(&format!("{V1}put_document"), body).await;
    assert!(lost.is_err(), "{lost:?}");
    let found = json!({"doc_type": "sales_order", "query_advance": [{"type": "customer_order", "value": "LOST-1"}]});
    assert_eq!(world.search(found).await["result_all_records"], "1");
    let journal = world.get("/journal?endpoint=put_document").await;
    assert_eq!(journal["entries"][0]["outcome"], "lost");
    assert_eq!(journal["entries"][0]["fault"], "commit_then_lose_answer");
}

#[tokio::test]
async fn a_reset_connection_does_nothing() {
    let world = start().await;
    let (partner, before) = (world.partner().await, world.get(&format!("/companies/{ONE}/counts")).await);
    inject(&world, json!({"kind": "connection_reset", "endpoint": "put_document", "company": ONE})).await;
    let body = json!({"doc_type": "sales_order", "partner": {"mk_id": partner["id"]}, "product_list": []});
    assert!(world.raw(&format!("{V1}put_document"), body).await.is_err());
    assert_eq!(world.get(&format!("/companies/{ONE}/counts")).await, before);
}

#[tokio::test]
async fn a_timeout_comes_before_anything_happens() {
    let world = start().await;
    let (partner, before) = (world.partner().await, world.get(&format!("/companies/{ONE}/counts")).await);
    inject(&world, json!({"kind": "timeout_before", "endpoint": "put_document"})).await;
    let body = json!({"doc_type": "sales_order", "partner": {"mk_id": partner["id"]}, "product_list": []});
    let path = format!("{V1}put_document");
    let call = world.raw(&path, body);
    assert!(tokio::time::timeout(Duration::from_millis(300), call).await.is_err());
    assert_eq!(world.get(&format!("/companies/{ONE}/counts")).await, before);
}

#[tokio::test]
async fn a_hanging_answer_comes_after_everything_happened() {
    let world = start().await;
    let partner = world.partner().await;
    inject(&world, json!({"kind": "commit_then_lose_answer", "endpoint": "put_document", "hang": true})).await;
    let body = json!({"doc_type": "sales_order", "partner": {"mk_id": partner["id"]}, "buyer_order": "HANG-1", "product_list": []});
    let path = format!("{V1}put_document");
    let call = world.raw(&path, body);
    assert!(tokio::time::timeout(Duration::from_millis(500), call).await.is_err());
    let found = json!({"doc_type": "sales_order", "query_advance": [{"type": "customer_order", "value": "HANG-1"}]});
    assert_eq!(world.search(found).await["result_all_records"], "1");
}

#[tokio::test]
async fn answers_can_be_anything_but_an_answer() {
    let world = start().await;
    let path = format!("{V1}search");
    let raw = async |fault: Value| {
        inject(&world, fault).await;
        world.raw(&path, search()).await.expect("an answer")
    };
    let (status, kind, _) = raw(json!({"kind": "http_status", "status": 504})).await;
    assert_eq!((status, kind.starts_with("text/html")), (504, true));
    let (status, kind, page) = raw(json!({"kind": "html_200", "page": "login"})).await;
    assert_eq!((status, kind.starts_with("text/html"), page.first()), (200, true, Some(&b'<')));
    let (status, kind, text) = raw(json!({"kind": "truncated_json"})).await;
    assert_eq!((status, kind.starts_with("application/json")), (200, true));
    assert!(text.first() == Some(&b'{') && serde_json::from_slice::<Value>(&text).is_err());
    let (_, _, text) = raw(json!({"kind": "not_utf8"})).await;
    assert!(std::str::from_utf8(&text).is_err());
    let (status, _, text) = raw(json!({"kind": "empty_body"})).await;
    assert_eq!((status, text.len()), (200, 0));
}

#[tokio::test]
async fn the_server_can_refuse_in_its_own_ways() {
    let world = start().await;
    for (kind, code) in [("opr_code_1", "1"), ("quota", "5"), ("auth", "3"), ("ip", "4")] {
        inject(&world, json!({"kind": kind, "endpoint": "search"})).await;
        let answer = world.v1("search", search()).await;
        assert_eq!(answer["opr_code"], code, "{kind}");
    }
    assert_eq!(world.get("/faults").await["faults"][0]["hits"], 1);
}

#[tokio::test]
async fn pages_can_lie() {
    let world = start().await;
    inject(&world, json!({"kind": "search_empty", "endpoint": "search", "doc_type": "sales_order"})).await;
    assert_eq!(world.search(search()).await["result_all_records"], "0");
    assert_ne!(world.search(json!({"doc_type": "sales_offer"})).await["result_all_records"], "0");
    inject(&world, json!({"kind": "short_page", "rows": 3})).await;
    let page = world.search(search()).await;
    assert_eq!(page["result"].as_array().map(Vec::len), Some(7));
    assert_ne!(page["result_all_records"], "7");
    inject(&world, json!({"kind": "wrong_company", "company": ONE})).await;
    let wrong = world.search(search()).await;
    let right = world.search(json!({"doc_type": "sales_order", "limit": 10, "company_id": TWO})).await;
    assert_eq!(wrong["result"], right["result"]);
}

#[tokio::test]
async fn slow_answers_are_whole_answers() {
    let world = start().await;
    for fault in [json!({"kind": "slow", "ms": 60}), json!({"kind": "slow_drip", "ms": 5})] {
        inject(&world, fault).await;
        let call = world.search(search());
        assert!(tokio::time::timeout(Duration::from_millis(30), call).await.is_err());
        assert_eq!(world.search(search()).await["result"].as_array().map(Vec::len), Some(10));
    }
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_code_4() {
    let world = start().await;
    world.settings(json!({"ip_allow": ["10.1.2.3"]})).await;
    assert_eq!(world.v1("search", search()).await["opr_code"], "4");
    world.settings(json!({"ip_allow": ["127.0.0.1"]})).await;
    assert_eq!(world.v1("search", search()).await["opr_code"], "0");
}
