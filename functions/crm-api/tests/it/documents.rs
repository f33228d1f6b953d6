//! Documents: four object types and six kinds in one list.

use axum::http::StatusCode;
use domain::{DocumentKind, Record};
use std::collections::BTreeSet;

use crate::support::{World, document};

/// `each` documents of every kind.
async fn world(each: u64) -> World {
    let world = World::new().await;
    let all: Vec<Record> = DocumentKind::ALL
        .iter()
        .zip(0..)
        .flat_map(|(kind, n)| (0..each).map(move |k| document(n * 1_000 + k + 1, *kind)))
        .collect();
    world.load(1, &all).await;
    world
}

/// Walks a list to its end: kinds and ids, and how many parts there were.
async fn walk(world: &World, query: &str) -> (Vec<String>, BTreeSet<String>, usize) {
    let (mut kinds, mut ids, mut parts) = (Vec::new(), BTreeSet::new(), 0);
    let mut cursor = String::new();
    loop {
        let answer = world.get(1, &format!("/v1/documents?{query}{cursor}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        kinds.extend(answer.of_all("kind"));
        for id in answer.of_all("id") {
            assert!(ids.insert(id), "twice");
        }
        parts += 1;
        match answer.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (kinds, ids, parts),
        }
    }
}

#[tokio::test]
async fn without_a_type_all_types_come_in_turn_under_one_cursor() {
    let world = world(5).await;
    for limit in [1, 4, 5, 7, 30, 200] {
        let (kinds, ids, parts) = walk(&world, &format!("limit={limit}")).await;
        let all = 5 * DocumentKind::ALL.len();
        assert_eq!(ids.len(), all, "limit {limit}");
        assert_eq!(parts, all.div_ceil(limit), "limit {limit}: every part but the last is full");
        assert!(kinds[..5].iter().all(|k| k == "sales_offer") && kinds[all - 5..].iter().all(|k| k == "complaint"));
    }
}

#[tokio::test]
async fn a_type_is_one_of_ours_or_one_of_the_erp() {
    let world = world(3).await;
    for (name, expected) in [
        ("offers", vec!["sales_offer"]),
        ("orders", vec!["sales_order"]),
        ("invoices", vec!["sales_bill_domestic", "sales_bill_foreign", "sales_bill_prepaid", "sales_bill_retail"]),
        ("credit_notes", vec!["sales_bill_credit_note"]),
        ("sales_offer", vec!["sales_offer"]),
        ("sales_order", vec!["sales_order"]),
        ("sales_bill_domestic", vec!["sales_bill_domestic"]),
        ("sales_bill_foreign", vec!["sales_bill_foreign"]),
        ("sales_bill_retail", vec!["sales_bill_retail"]),
        ("sales_bill_credit_note", vec!["sales_bill_credit_note"]),
    ] {
        for limit in [2, 50] {
            let (kinds, ids, _) = walk(&world, &format!("type={name}&limit={limit}")).await;
            let kinds: BTreeSet<_> = kinds.iter().map(String::as_str).collect();
            assert_eq!((kinds, ids.len()), (expected.iter().copied().collect(), 3 * expected.len()), "{name}");
        }
    }
    for name in ["", "contacts", "stock", "Orders", "sales", "sales_bill_domestic%00"] {
        let answer = world.get(1, &format!("/v1/documents?type={name}")).await;
        assert_eq!(
            (answer.status, answer.code(), answer.fault()),
            (StatusCode::BAD_REQUEST, "invalid_request", "type"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_rare_kind_among_many_is_found_whole() {
    let world = World::new().await;
    let many = (1..=450).map(|n| document(n, DocumentKind::SalesBillDomestic));
    let rare = (1..=3).map(|n| document(10_000 * n, DocumentKind::SalesBillForeign));
    world.load(1, &many.chain(rare).collect::<Vec<_>>()).await;
    for limit in [1, 2, 3, 50] {
        let (_, ids, _) = walk(&world, &format!("type=sales_bill_foreign&limit={limit}")).await;
        assert_eq!(ids.len(), 3, "limit {limit}");
    }
    let (_, ids, _) = walk(&world, "type=sales_bill_domestic&limit=200").await;
    assert_eq!(ids.len(), 450);
}

#[tokio::test]
async fn a_cursor_of_one_type_is_not_good_for_another() {
    let world = world(3).await;
    let first = world.get(1, "/v1/documents?type=orders&limit=1").await;
    let cursor = first.body["next_cursor"].as_str().expect("more");
    for query in ["", "type=offers&", "type=sales_order&"] {
        let answer = world.get(1, &format!("/v1/documents?{query}cursor={cursor}")).await;
        assert_eq!(answer.code(), "invalid_cursor", "{query}");
    }
}
