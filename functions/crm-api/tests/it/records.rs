//! Lists of records in parts, and single records with their version.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{World, contact, id_of, now, product, stock, tenant_id};

#[tokio::test]
async fn a_list_comes_in_parts_each_record_once() {
    let world = World::new().await;
    let all: Vec<_> = (1..=130).map(|n| product(n, &format!("Vijak {n}"))).collect();
    world.load(1, &all).await;
    let mut seen = Vec::new();
    let mut path = "/v1/products?limit=50".to_owned();
    for expected in [50, 50, 30] {
        let answer = world.get(1, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let ids = answer.of_all("id");
        assert_eq!(ids.len(), expected);
        seen.extend(ids);
        assert_eq!(answer.body["has_more"], json!(seen.len() < 130));
        match answer.body["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/products?limit=50&cursor={cursor}"),
            None => assert_eq!(seen.len(), 130),
        }
    }
    let mut wanted: Vec<_> = all.iter().map(|record| id_of(&world.tenant(1), record).to_string()).collect();
    wanted.sort();
    assert_eq!(seen, wanted);
}

#[tokio::test]
async fn a_list_that_ends_with_a_full_part_says_so() {
    let world = World::new().await;
    world.load(1, &(1..=4).map(|n| product(n, "Vijak")).collect::<Vec<_>>()).await;
    let answer = world.get(1, "/v1/products?limit=4").await;
    assert_eq!(
        (answer.of_all("id").len(), &answer.body["has_more"], &answer.body["next_cursor"]),
        (4, &json!(false), &Value::Null)
    );
    let empty = world.get(1, "/v1/contacts").await;
    assert_eq!(empty.body, json!({ "data": [], "next_cursor": null, "has_more": false }));
    assert_eq!(empty.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_record_carries_what_we_know_of_it_and_its_own_fields() {
    let world = World::new().await;
    let record = stock(400_000_000_159, 42);
    world.load(1, std::slice::from_ref(&record)).await;
    let id = id_of(&world.tenant(1), &record).to_string();
    let expected = json!({
        "id": id, "erp_id": "400000000159", "version": 1, "updated_at": now().to_string(),
        "availability": "in", "total": { "on_hand": "42", "free": "42", "incoming": "0" },
        "levels": [{ "warehouse": "1", "on_hand": "42", "free": "42", "availability": "in" }], "incoming": [],
    });
    assert_eq!(world.get(1, &format!("/v1/stock/{id}")).await.body, expected);
    assert_eq!(world.get(1, "/v1/stock").await.body["data"], json!([expected]));
}

#[tokio::test]
async fn a_record_that_has_not_changed_is_not_sent_again() {
    let world = World::new().await;
    let record = product(1, "Vijak");
    world.load(1, std::slice::from_ref(&record)).await;
    let path = format!("/v1/products/{}", id_of(&world.tenant(1), &record));
    let first = world.get(1, &path).await;
    assert_eq!((first.status, first.header("etag")), (StatusCode::OK, "\"1\""));
    let token = world.token(1, "salesperson");
    let again = world.ask(Method::GET, &path, Some(&token), &[("if-none-match", first.header("etag"))], None).await;
    assert_eq!((again.status, again.header("etag"), &again.body), (StatusCode::NOT_MODIFIED, "\"1\"", &Value::Null));

    world.change(1, &product(1, "Vijak M8"), false).await;
    let changed = world.ask(Method::GET, &path, Some(&token), &[("if-none-match", first.header("etag"))], None).await;
    assert_eq!(
        (changed.status, changed.header("etag"), &changed.body["name"]),
        (StatusCode::OK, "\"2\"", &json!("Vijak M8"))
    );
}

#[tokio::test]
async fn what_the_erp_no_longer_has_is_shown_when_asked_for() {
    let world = World::new().await;
    world.load(1, &[product(1, "Vijak"), product(2, "Matica")]).await;
    world.change(1, &product(1, "Vijak"), true).await;
    assert_eq!(world.get(1, "/v1/products").await.of_all("name"), ["Matica"]);
    assert_eq!(world.get(1, "/v1/products?include_missing=false").await.of_all("name"), ["Matica"]);
    let all = world.get(1, "/v1/products?include_missing=true").await;
    assert_eq!(all.of_all("name").len(), 2);
    let missing = all.body["data"].as_array().expect("a list").iter().find(|p| p["name"] == "Vijak").expect("there");
    assert_eq!(missing["missing_since"], now().to_string());
    let single = world.get(1, &format!("/v1/products/{}", id_of(&world.tenant(1), &product(1, "Vijak")))).await;
    assert_eq!((single.status, &single.body["missing_since"]), (StatusCode::OK, &json!(now().to_string())));
}

#[tokio::test]
async fn a_repeated_read_costs_one_small_read_and_a_read_after_a_change_is_new() {
    let world = World::new().await;
    world.load(1, &[stock(1, 5)]).await;
    let on_hand = async || world.get(1, "/v1/stock").await.body["data"][0]["levels"][0]["on_hand"].clone();
    assert_eq!(on_hand().await, "5");
    world.meter.take();
    assert_eq!(on_hand().await, "5");
    let tally = world.meter.take();
    assert_eq!((tally.all_requests(), tally.requests_of("GetItem")), (1, 1));
    world.change(1, &stock(1, 4), false).await;
    assert_eq!(on_hand().await, "4");
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let world = World::new().await;
    for n in [1, 2] {
        world.load(n, &(1..=3).flat_map(|k| [product(k, "Vijak"), contact(k, "Ana")]).collect::<Vec<_>>()).await;
    }
    let first = world.get(1, "/v1/products?limit=1").await;
    let cursor = first.body["next_cursor"].as_str().expect("more").to_owned();
    assert_eq!(
        world.get(1, &format!("/v1/products?limit=2&cursor={cursor}")).await.status,
        StatusCode::OK,
        "another limit is fine"
    );
    let flipped = format!("{}{}", &cursor[..cursor.len() - 1], if cursor.ends_with('A') { "B" } else { "A" });
    let long = "A".repeat(5_000);
    for (tenant, path) in [
        (2, format!("/v1/products?cursor={cursor}")),
        (1, format!("/v1/contacts?cursor={cursor}")),
        (1, format!("/v1/documents?cursor={cursor}")),
        (1, format!("/v1/runs?cursor={cursor}")),
        (1, format!("/v1/parked?cursor={cursor}")),
        (1, format!("/v1/products?include_missing=true&cursor={cursor}")),
        (1, format!("/v1/products?cursor={flipped}")),
        (1, format!("/v1/products?cursor={long}")),
        (1, "/v1/products?cursor=".to_owned()),
        (1, "/v1/products?cursor=%00%ff".to_owned()),
    ] {
        let answer = world.get(tenant, &path).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid_cursor"), "{path}");
    }
}

#[tokio::test]
async fn a_parameter_that_is_unknown_or_out_of_bounds_is_refused_by_name() {
    let world = World::new().await;
    for (query, at) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("include_missing=perhaps", "include_missing"),
        ("page=2", "page"),
        ("limit=1&offset=5", "offset"),
    ] {
        let answer = world.get(1, &format!("/v1/contacts?{query}")).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid_request"), "{query}");
        assert_eq!(answer.fault(), at, "{query}: {}", answer.body);
    }
    for path in ["/v1/connection?x=1", "/v1/warehouses?limit=1", "/v1/runs/run_00000000000000000000000000000000?x=1"] {
        assert_eq!(world.get(1, path).await.code(), "invalid_request", "{path}");
    }
}

#[tokio::test]
async fn two_tenants_with_the_same_erp_ids_see_their_own() {
    let world = World::new().await;
    world.load(1, &[product(1, "Ena")]).await;
    world.load(2, &[product(1, "Dva")]).await;
    for (n, name) in [(1, "Ena"), (2, "Dva"), (1, "Ena")] {
        let answer = world.get(n, "/v1/products").await;
        assert_eq!(answer.of_all("name"), [name], "{}", tenant_id(n));
    }
}
