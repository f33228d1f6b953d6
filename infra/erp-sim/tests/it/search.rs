//! Search: filters, paging, the change window, the lock.

use crate::world::{ONE, V1, World, start, start_scaled};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn walk(world: &World, mut body: Value) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        body["limit"] = json!(100);
        body["offset"] = json!(ids.len());
        let page = world.search(body.clone()).await;
        let rows = page["result"].as_array().cloned().unwrap_or_default();
        ids.extend(rows.iter().filter_map(|row| row["mk_id"].as_str().map(str::to_owned)));
        let total: usize = page["result_all_records"].as_str().and_then(|all| all.parse().ok()).expect("a total");
        if rows.is_empty() || ids.len() >= total {
            return ids;
        }
    }
}

#[tokio::test]
async fn pages_hold_a_hundred_rows_at_most_and_a_walk_sees_every_document_once() {
    let world = start().await;
    let page = world.search(json!({"doc_type": "sales_order", "limit": "500"})).await;
    assert_eq!(page["result_count"], "100");
    let ids = walk(&world, json!({"doc_type": "sales_order"})).await;
    let counts = world.get(&format!("/companies/{ONE}/counts")).await;
    assert_eq!(json!(ids.len()), counts["orders"]);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert!(ids.is_sorted_by_key(|id| id.parse::<u64>().unwrap_or(0)));
    let mut down = walk(&world, json!({"doc_type": "sales_order", "order_direction": "desc"})).await;
    down.reverse();
    assert_eq!(ids, down);
}

#[tokio::test]
async fn the_change_window_finds_what_changed_and_nothing_else() {
    let world = start().await;
    let order = world.order("A-1").await;
    world.post("/clock/advance", json!({"seconds": 3600})).await;
    world.edit(json!({"op": "document.update", "id": order["mk_id"], "fields": {"notes": "drugače"}})).await;
    let window = |from: &str, to: &str| {
        json!({"doc_type": "sales_order", "query_advance": [
            {"type": "last_change_from", "value": from}, {"type": "last_change_to", "value": to}]})
    };
    // 11:00 UTC is noon in Ljubljana in January, whatever the offset says.
    let hits = walk(&world, window("2026-01-15T12:00:00+02:00", "2026-01-15T12:00:00+02:00")).await;
    assert_eq!(json!(hits), json!([order["mk_id"]]));
    let before = walk(&world, window("2026-01-15T11:00:00+02:00", "2026-01-15T11:59:59+02:00")).await;
    assert!(!before.contains(&order["mk_id"].as_str().expect("an id").to_owned()));
    let refused = world.v1("search", window("2026-01-15T12:00:00+01:00", "15.01.2026")).await;
    assert_eq!(refused["opr_code"], "2");
    assert!(refused["opr_desc"].as_str().is_some_and(|text| text.starts_with("Cannot find value")), "{refused}");
    let slovenian = walk(&world, window("15.01.2026", "16.01.2026")).await;
    assert!(slovenian.contains(&order["mk_id"].as_str().expect("an id").to_owned()));
}

#[tokio::test]
async fn filters_agree_with_the_state() {
    let world = start().await;
    let docs = world.get(&format!("/companies/{ONE}/state/documents?doc_type=sales_bill_domestic")).await;
    let docs = docs["items"].as_array().expect("items").clone();
    let ids = |test: &dyn Fn(&Value) -> bool| -> Vec<String> {
        docs.iter().filter(|doc| test(doc)).filter_map(|doc| doc["id"].as_str().map(str::to_owned)).collect()
    };
    let search = |filters: Value| json!({"doc_type": "sales_bill_domestic", "query_advance": filters});
    let unpaid = walk(&world, search(json!([{"type": "payment_status", "value": "false"}]))).await;
    let open = |doc: &Value| doc["sums"]["open"].as_str().is_some_and(|open| open != "0" && !open.starts_with('-'));
    assert_eq!(unpaid, ids(&open));
    let (from, to) = ("2025-01-01", "2025-03-31");
    let window = json!([{"type": "doc_date_from", "value": format!("{from}+02:00")}, {"type": "doc_date_to", "value": "31.03.2025"}]);
    let dated = walk(&world, search(window)).await;
    let within = |doc: &Value| doc["doc_date"].as_str().is_some_and(|date| (from..=to).contains(&date));
    assert_eq!(dated, ids(&within));
    assert!(!dated.is_empty() && !unpaid.is_empty());
    let partner = docs[0]["partner_id"].as_str().expect("a partner").to_owned();
    let of_partner = walk(&world, search(json!([{"type": "partner_mk_id", "value": partner.clone()}]))).await;
    assert_eq!(of_partner, ids(&|doc| doc["partner_id"] == partner.as_str()));
}

#[tokio::test]
async fn unknown_filters_are_refused_and_discovery_tells_the_known_ones() {
    let world = start().await;
    let offer = json!({"doc_type": "sales_offer", "query_advance": [{"type": "doc_date_from", "value": "01.01.2025"}]});
    let refused = world.v1("search", offer.clone()).await;
    assert!(refused["opr_desc"].as_str().is_some_and(|text| text.contains("cannot get beQueryParam")), "{refused}");
    world.settings(json!({"extra_filters": {"sales_offer": ["doc_date_from"]}})).await;
    assert_eq!(world.v1("search", offer).await["opr_code"], "0");
    let discovery = world.v1("search_query_advance_discovery", json!({})).await;
    let names = |kind: &str| -> Vec<&str> {
        discovery[kind].as_array().into_iter().flatten().filter_map(|row| row["type"].as_str()).collect()
    };
    assert!(names("sales_order").contains(&"last_change_from"));
    assert!(!names("sales_bill_domestic").contains(&"last_change_from"));
    assert!(names("sales_offer").contains(&"doc_date_from"));
}

#[tokio::test]
async fn empty_results_differ_by_kind() {
    let world = start().await;
    let none = json!({"doc_type": "sales_order", "query_advance": [{"type": "customer_order", "value": "ni ga"}]});
    let answer = world.search(none).await;
    assert_eq!((answer["result_all_records"].clone(), answer.get("result")), (json!("0"), None));
    let complaint = world
        .v1(
            "search",
            json!({"doc_type": "complaint", "limit": 5, "query_advance": [
        {"type": "last_change_from", "value": "2030-01-01T00:00:00+02:00"}]}),
        )
        .await;
    assert_eq!(
        (complaint["opr_code"].clone(), complaint["opr_desc"].clone()),
        (json!("6"), json!("No complaints found"))
    );
    assert_eq!(world.v1("search", json!({"doc_type": "X"})).await["opr_desc"], "Unknown document type : X");
}

#[tokio::test]
async fn free_text_finds_near_matches_too() {
    let world = start().await;
    let (one, ten) = (world.order("WEBX-1").await, world.order("WEBX-10").await);
    let hits = walk(&world, json!({"doc_type": "sales_order", "query": "webx-1"})).await;
    assert_eq!(json!(hits), json!([one["mk_id"], ten["mk_id"]]));
    let exact = json!({"doc_type": "sales_order", "query_advance": [{"type": "customer_order", "value": "WEBX-1"}]});
    assert_eq!(json!(walk(&world, exact).await), json!([one["mk_id"]]));
}

#[tokio::test]
async fn status_changes_are_found_by_time_and_key() {
    let world = start().await;
    let order = world.order("A-1").await;
    world.post("/clock/advance", json!({"seconds": 60})).await;
    let change = json!({"doc_type": "sales_order", "mk_id_list": [order["mk_id"].as_str().and_then(|id| id.parse::<u64>().ok())], "status_code": "canceled"});
    world.ok(&format!("{V1}change_document_status"), change).await;
    let search = json!({"doc_type": "sales_order", "query_advance": [
        {"type": "status_change_from", "value": "2026-01-15T11:00:30+02:00"},
        {"type": "status_change_to", "value": "2026-01-15T11:02:00+02:00"},
        {"type": "status_change_list", "value": "canceled,lost"}]});
    assert_eq!(json!(walk(&world, search).await), json!([order["mk_id"]]));
    let doc = world.v1("get_document", json!({"doc_type": "sales_order", "doc_id": order["mk_id"]})).await;
    assert_eq!((doc["status_code"].clone(), doc["status_desc"].clone()), (json!("Preklican"), json!("canceled")));
}

#[tokio::test]
async fn searches_of_one_company_run_one_after_another() {
    let world = start().await;
    world.post("/faults", json!({"kind": "slow", "endpoint": "search", "ms": 100})).await;
    let search = || world.search(json!({"doc_type": "sales_order", "limit": 1}));
    let answers = futures::future::join_all((0..4).map(|_| search())).await;
    let longest = answers.iter().filter_map(|answer| answer["opr_time_ms"].as_str()?.parse::<u64>().ok()).max();
    assert!(longest.is_some_and(|longest| longest >= 250), "{longest:?}");
    let counts = world.get("/journal/counts").await;
    assert_eq!(counts["companies"][ONE]["max_concurrent_searches_seen"], 4);
    assert_eq!(counts["companies"][ONE]["waited_for_lock"], 3);
    world.control("DELETE", "/journal", Value::Null).await;
    for _ in 0..3 {
        search().await;
    }
    assert_eq!(world.get("/journal/counts").await["companies"][ONE]["max_concurrent_searches_seen"], 1);
}

#[tokio::test]
async fn a_search_at_twenty_times_the_size_touches_its_hits_only() {
    let world = start_scaled(2, 20).await;
    let touched = async || {
        let counts = world.get("/journal/counts").await;
        counts["companies"][ONE]["rows_touched"].as_u64().expect("a number")
    };
    let counts = world.get(&format!("/companies/{ONE}/counts")).await;
    assert!(counts["orders"].as_u64().is_some_and(|orders| orders >= 10_000), "{counts}");
    let base = touched().await;
    world.search(json!({"doc_type": "sales_order", "limit": 100, "offset": 9000, "result_type": "doc"})).await;
    assert_eq!(touched().await - base, 100);
    let order = world.order("A-1").await;
    let base = touched().await;
    let window = json!({"doc_type": "sales_order", "query_advance": [{"type": "last_change_from", "value": "2026-01-15T11:00:00+02:00"}]});
    let hits = world.search(window.clone()).await;
    assert_eq!(hits["result"][0]["mk_id"], order["mk_id"]);
    let once = touched().await - base;
    assert!(once <= 5, "{once}");
    world.search(window).await;
    assert_eq!(touched().await - base, once, "the second page comes from the first one's list");
}
