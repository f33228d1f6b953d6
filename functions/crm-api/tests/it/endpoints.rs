//! Endpoints that are told of changes, over the API.

use app::events::manage;
use axum::http::{Method, StatusCode};
use fn_crm_api::contract::{EventDelivery, EventEndpoint, EventEndpoints, Page, Redelivery, SecretEndpoint};
use serde_json::{Value, json};
use store::{ConnectionState, DeliveryKey, DeliveryRow};
use sync::delivery::{Fate, Filter};

use crate::crm::assert_form;
use crate::support::{Answer, World, now, stock};

/// An endpoint of tenant `n`: the one that it has, or a new one.
pub(crate) async fn one(world: &World, n: u32) -> String {
    let tenant = world.tenant(n);
    if let Some(known) = manage::all(&tenant).await.expect("read").first() {
        return known.id.to_string();
    }
    let url = "http://127.0.0.1:9/events".to_owned();
    let new = manage::NewEndpoint { url, description: None, filter: Filter::default() };
    let outbound = erp::Outbound::new(erp::Reach::ThisMachineToo).expect("TLS");
    manage::create(&world.services, &outbound, &tenant, new).await.expect("made").0.id.to_string()
}

/// A delivery of the first change to the endpoint of tenant `n`.
pub(crate) async fn delivery(world: &World, n: u32) -> String {
    let endpoint = one(world, n).await.parse().expect("an endpoint's id");
    let noted = app::events::Delivery {
        message: "msg_1".to_owned(),
        event: "stock.added".to_owned(),
        record: None,
        fate: Fate::Delivered,
        attempts: vec![],
    };
    let bytes = serde_json::to_vec(&noted).expect("JSON");
    let key = DeliveryKey { at: now(), number: 1 };
    world.tenant(n).note_delivery(&DeliveryRow { endpoint, key, tried_at: now(), bytes }).await.expect("noted");
    format!("dlv_{:014}_1", now().as_millisecond())
}

async fn post(world: &World, path: &str, key: &str, body: Value) -> Answer {
    world.send(1, Method::POST, path, &[("idempotency-key", key)], &body.to_string()).await
}

async fn patch(world: &World, path: &str, key: &str, version: &str, body: Value) -> Answer {
    let headers = [("idempotency-key", key), ("if-match", version)];
    world.send(1, Method::PATCH, path, &headers, &body.to_string()).await
}

async fn connected() -> World {
    let world = World::new().await;
    world.connect(1, ConnectionState::Connected).await;
    world
}

#[tokio::test]
async fn the_secret_is_shown_once_and_kept_nowhere_but_with_the_secrets() {
    let world = connected().await;
    let body = json!({ "url": "https://crm.vodnjak.si/events", "filter": { "kinds": ["updated"] } });
    let made = post(&world, "/v1/endpoints", "k1", body.clone()).await;
    assert_eq!((made.status, made.header("etag")), (StatusCode::CREATED, "\"1\""), "{}", made.body);
    assert_form::<SecretEndpoint>(&made);
    let secret = made.body["secret"].as_str().expect("shown");
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    let id = made.body["endpoint"]["id"].as_str().expect("an id");
    assert_eq!(made.header("location"), format!("/v1/endpoints/{id}"));

    let again = post(&world, "/v1/endpoints", "k1", body).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (StatusCode::CREATED, "true"));
    assert_form::<SecretEndpoint>(&again);
    assert_eq!((&again.body["secret"], &again.body["endpoint"]), (&Value::Null, &made.body["endpoint"]));

    let rotated = post(&world, &format!("/v1/endpoints/{id}/rotate"), "k2", json!({})).await;
    assert_eq!((rotated.status, rotated.header("etag")), (StatusCode::OK, "\"2\""));
    assert_ne!(rotated.body["secret"], made.body["secret"]);
    let again = post(&world, &format!("/v1/endpoints/{id}/rotate"), "k2", json!({})).await;
    assert_eq!((&again.body["secret"], &again.body["endpoint"]["version"]), (&Value::Null, &json!(2)));

    let listed = world.get(1, "/v1/endpoints").await;
    assert_form::<EventEndpoints>(&listed);
    let shown = world.get(1, &format!("/v1/endpoints/{id}")).await;
    assert_form::<EventEndpoint>(&shown);
    assert_eq!(listed.body["endpoints"], json!([shown.body]));
    for answer in [&listed, &shown] {
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("whsec_"));
    }
    assert_eq!(shown.body["filter"], json!({ "objects": [], "kinds": ["updated"] }));
    assert_eq!((&shown.body["enabled"], &shown.body["health"]), (&json!(true), &json!("well")));
}

#[tokio::test]
async fn an_endpoint_is_changed_on_the_version_that_was_seen() {
    let world = connected().await;
    let id = one(&world, 1).await;
    let path = format!("/v1/endpoints/{id}");
    let unnamed = world.send(1, Method::PATCH, &path, &[("idempotency-key", "a")], r#"{"enabled":false}"#).await;
    assert_eq!(unnamed.code(), "precondition_required");
    assert_eq!(patch(&world, &path, "b", "\"7\"", json!({ "enabled": false })).await.code(), "version_mismatch");
    assert_eq!(patch(&world, &path, "e", "\"1\"", json!({})).await.fault(), "$");
    let off = patch(&world, &path, "c", "\"1\"", json!({ "enabled": false, "description": "Stiki" })).await;
    assert_eq!((off.status, off.header("etag")), (StatusCode::OK, "\"2\""), "{}", off.body);
    assert_eq!((&off.body["disabled_reason"], &off.body["description"]), (&json!("person"), &json!("Stiki")));
    let on = patch(&world, &path, "d", "\"2\"", json!({ "enabled": true, "description": "" })).await;
    assert_eq!((&on.body["disabled_reason"], &on.body["description"]), (&Value::Null, &Value::Null));
    assert_eq!(world.delete(1, &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.delete(1, &path).await.code(), "not_found");
    assert_eq!(world.get(1, "/v1/endpoints").await.body, json!({ "endpoints": [] }));
}

#[tokio::test]
async fn addresses_that_are_not_gone_to_and_values_out_of_bounds_are_refused_at_their_place() {
    let world = connected().await;
    let long = "d".repeat(201);
    for (n, url) in ["http://crm.vodnjak.si/", "https://10.0.0.1/", "https://localhost/", "https://a.si:8443/", "x"]
        .into_iter()
        .enumerate()
    {
        let answer = post(&world, "/v1/endpoints", &format!("u{n}"), json!({ "url": url })).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::UNPROCESSABLE_ENTITY, "endpoint_address_refused"),
            "{url}"
        );
        assert_eq!(answer.fault(), "$.url");
    }
    for (n, (body, place)) in [
        (json!({}), "$"),
        (json!({ "url": "" }), "$.url"),
        (json!({ "url": "https://crm.vodnjak.si", "description": long }), "$.description"),
        (json!({ "url": "https://crm.vodnjak.si", "filter": { "objects": ["robots"] } }), "$.filter.objects[0]"),
        (json!({ "url": "https://crm.vodnjak.si", "secret": "mine" }), "$.secret"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = post(&world, "/v1/endpoints", &format!("b{n}"), body).await;
        assert_eq!((answer.code(), answer.fault()), ("invalid_request", place));
    }
    let unconnected = World::new().await;
    let answer = post(&unconnected, "/v1/endpoints", "k", json!({ "url": "https://crm.vodnjak.si" })).await;
    assert_eq!(answer.code(), "connection_missing");
}

#[tokio::test]
async fn the_eleventh_endpoint_is_refused() {
    let world = connected().await;
    for n in 0..10 {
        let body = json!({ "url": format!("https://crm.vodnjak.si/{n}") });
        assert_eq!(post(&world, "/v1/endpoints", &format!("k{n}"), body).await.status, StatusCode::CREATED);
    }
    let answer = post(&world, "/v1/endpoints", "k10", json!({ "url": "https://crm.vodnjak.si/10" })).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::CONFLICT, "too_many_endpoints"));
}

#[tokio::test]
async fn deliveries_are_listed_in_parts_and_sent_again_on_request() {
    let world = connected().await;
    world.load(1, &[stock(1, 5), stock(2, 5)]).await;
    let id = one(&world, 1).await;
    let known = delivery(&world, 1).await;
    let tested = post(&world, &format!("/v1/endpoints/{id}/test"), "t1", json!({})).await;
    assert_form::<EventDelivery>(&tested);
    assert_eq!(
        (&tested.body["state"], &tested.body["attempts"][0]["code"]),
        (&json!("given_up"), &json!("connection"))
    );
    let path = format!("/v1/endpoints/{id}/deliveries");
    let first = world.get(1, &format!("{path}?limit=1")).await;
    assert_form::<Page<EventDelivery>>(&first);
    assert_eq!(first.of_all("id"), [known.as_str()]);
    let next = first.body["next_cursor"].as_str().expect("more");
    let rest = world.get(1, &format!("{path}?limit=1&cursor={next}")).await;
    assert_eq!((rest.of_all("event"), &rest.body["has_more"]), (vec!["endpoint.test".to_owned()], &json!(false)));

    let waits = post(&world, &format!("{path}/{known}/redeliver"), "r1", json!({})).await;
    assert_eq!(waits.status, StatusCode::ACCEPTED, "{}", waits.body);
    assert_form::<EventDelivery>(&waits);
    assert_eq!(waits.body["state"], "waiting");
    assert_eq!(world.get(1, &format!("/v1/endpoints/{id}")).await.body["waiting"], 1);
    for (n, other) in
        [rest.of_all("id").remove(0), "dlv_01790000000000_9".to_owned(), "x".to_owned()].iter().enumerate()
    {
        let answer = post(&world, &format!("{path}/{other}/redeliver"), &format!("o{n}"), json!({})).await;
        assert_eq!(answer.code(), "not_found", "{other}");
    }
    let all =
        post(&world, &format!("/v1/endpoints/{id}/redeliver"), "s1", json!({ "since": "2026-11-01T00:00:00Z" })).await;
    assert_form::<Redelivery>(&all);
    assert_eq!((all.status, &all.body["changes"]), (StatusCode::ACCEPTED, &json!(2)));
}
