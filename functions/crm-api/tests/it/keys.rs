//! Keys of programs: made by people, renewed with overlap, taken away; and how often anybody may ask.

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Answer, NO_KEY, World};

/// The secret of a new key of tenant `n`.
pub(crate) async fn made(world: &World, n: u32, scopes: &[&str]) -> String {
    let body = json!({ "name": "nightly", "scopes": scopes });
    let made = world.send(n, Method::POST, "/v1/keys", &[], &body.to_string()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    made.body["secret"].as_str().expect("a secret").to_owned()
}

async fn look(world: &World, secret: &str) -> StatusCode {
    world.ask(Method::GET, "/v1/contacts", Some(secret), &[], None).await.status
}

async fn make(world: &World, body: Value) -> Answer {
    world.send(1, Method::POST, "/v1/keys", &[], &body.to_string()).await
}

async fn keys(world: &World) -> Vec<Value> {
    world.get(1, "/v1/keys").await.body["keys"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_key_is_shown_once_and_kept_as_a_hash() {
    let world = World::new().await;
    let body = json!({ "name": "nightly", "scopes": ["view", "reports"] }).to_string();
    let headers = [("idempotency-key", "one")];
    let first = world.send(1, Method::POST, "/v1/keys", &headers, &body).await;
    let again = world.send(1, Method::POST, "/v1/keys", &headers, &body).await;
    let secret = first.body["secret"].as_str().expect("a secret").to_owned();
    assert_eq!((again.status, again.header("idempotency-replayed")), (StatusCode::CREATED, "true"));
    assert_eq!((&again.body["key"], &again.body["secret"]), (&first.body["key"], &Value::Null));
    let shown = keys(&world).await;
    assert_eq!(shown.len(), 1, "made once");
    assert_eq!(shown[0]["scopes"], json!(["reports", "view"]));
    assert!(!shown[0].to_string().contains(&secret[26..]), "{}", shown[0]);
    let kept = format!("{:?}", world.tenant(1).api_keys().await.expect("read"));
    assert!(!kept.contains(&secret[26..]), "the secret is not in the table");
    assert_eq!(look(&world, &secret).await, StatusCode::OK);
}

#[tokio::test]
async fn a_renewed_key_has_two_secrets_for_a_while_and_one_that_is_taken_away_none() {
    let world = World::new().await;
    let old = made(&world, 1, &["view"]).await;
    let id = keys(&world).await[0]["id"].as_str().expect("an id").to_owned();
    let renewed = world.send(1, Method::POST, &format!("/v1/keys/{id}/rotate"), &[], r#"{"overlap_s":3600}"#).await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.body);
    let new = renewed.body["secret"].as_str().expect("a secret").to_owned();
    let until = &renewed.body["key"]["previous_accepted_until"];
    assert_eq!(until, "2026-11-24T09:15:00Z");
    assert_eq!([look(&world, &old).await, look(&world, &new).await], [StatusCode::OK; 2]);
    world.advance(SignedDuration::from_secs(3_601));
    assert_eq!(
        [look(&world, &old).await, look(&world, &new).await],
        [StatusCode::UNAUTHORIZED, StatusCode::OK],
        "the overlap is over"
    );
    let gone =
        world.ask(Method::DELETE, &format!("/v1/keys/{id}"), Some(&world.token(1, "administrator")), &[], None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    world.advance(SignedDuration::from_secs(31));
    assert_eq!(look(&world, &new).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_key_ends_when_it_was_to_end() {
    let world = World::new().await;
    let ended = make(&world, json!({ "name": "a", "scopes": ["view"], "expires_at": "2026-11-24T08:15:00Z" })).await;
    assert_eq!((ended.code(), ended.fault()), ("invalid_request", "$.expires_at"));
    let made = make(&world, json!({ "name": "a", "scopes": ["view"], "expires_at": "2026-11-24T08:16:00Z" })).await;
    let secret = made.body["secret"].as_str().expect("a secret").to_owned();
    assert_eq!(look(&world, &secret).await, StatusCode::OK);
    world.advance(SignedDuration::from_secs(60));
    assert_eq!(look(&world, &secret).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_no_key_of_ours_lets_nobody_in() {
    let world = World::new().await;
    let secret = made(&world, 1, &["view"]).await;
    let of_two = secret.replace(&secret[5..25], &crate::support::tenant_id(2).as_str()[2..]);
    let last = if secret.ends_with('A') { "B" } else { "A" };
    let changed = format!("{}{last}", &secret[..secret.len() - 1]);
    for bad in [&of_two, &changed, "crmk_", "crmk_x_y", &secret[..40], &format!("{secret}A")] {
        assert_eq!(look(&world, bad).await, StatusCode::UNAUTHORIZED, "{bad}");
    }
}

#[tokio::test]
async fn a_key_that_is_asked_for_wrongly_is_refused_where_it_is_wrong() {
    let world = World::new().await;
    let long = "n".repeat(101);
    for (body, at) in [
        (json!({ "name": "", "scopes": ["view"] }), "$.name"),
        (json!({ "name": long, "scopes": ["view"] }), "$.name"),
        (json!({ "name": "a", "scopes": [] }), "$.scopes"),
        (json!({ "name": "a", "scopes": ["everything"] }), "$.scopes[0]"),
        (json!({ "name": "a", "scopes": ["view"], "expires_at": "soon" }), "$.expires_at"),
    ] {
        let answer = make(&world, body.clone()).await;
        assert_eq!(
            (answer.status, answer.code(), answer.fault()),
            (StatusCode::BAD_REQUEST, "invalid_request", at),
            "{body}"
        );
    }
    let nobodys = "/v1/keys/key_00000000000000000000000000000001/rotate";
    assert_eq!(world.send(1, Method::POST, nobodys, &[], r#"{"overlap_s":1}"#).await.code(), "not_found");
    let long = world.send(1, Method::POST, nobodys, &[], r#"{"overlap_s":604801}"#).await;
    assert_eq!((long.code(), long.fault()), ("invalid_request", "$.overlap_s"));
    for _ in 0..20 {
        made(&world, 1, &["view"]).await;
    }
    assert_eq!(make(&world, json!({ "name": "a", "scopes": ["view"] })).await.code(), "too_many_keys");
}

#[tokio::test]
async fn the_same_key_of_an_idempotent_request_from_another_caller_is_another_request() {
    let world = World::new().await;
    let secret = made(&world, 1, &["view"]).await;
    let body = json!({ "lines": [{ "product": "none" }] }).to_string();
    let headers = [("idempotency-key", "one")];
    let first = world.send(1, Method::POST, "/v1/prices", &headers, &body).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let others = world.ask(Method::POST, "/v1/prices", Some(&secret), &headers, Some(&body)).await;
    assert_eq!(others.code(), "idempotency_other_body");
    let without = world.ask(Method::POST, "/v1/prices", Some(&secret), &[NO_KEY], Some(&body)).await;
    assert_eq!(without.code(), "idempotency_key_missing");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again_and_one_key_leaves_room_for_the_others() {
    let world = World::at_most(20).await;
    let secret = made(&world, 1, &["view"]).await;
    let ask = async |token: &str| world.ask(Method::GET, "/v1/keys", Some(token), &[], None).await;
    let person = world.token(1, "administrator");
    // A burst of two seconds, half of it for one key, in blocks.
    let mut by_key = 0;
    let refused = loop {
        let answer = ask(&secret).await;
        if answer.code() == "throttled" {
            break answer;
        }
        assert_eq!(answer.header("ratelimit-policy"), "\"tenant\";q=1200;w=60");
        by_key += 1;
    };
    assert_eq!(by_key, 20);
    let seconds: i64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=3).contains(&seconds), "{seconds}");
    assert_eq!(refused.header("ratelimit"), format!("\"tenant\";r=0;t={seconds}"));
    assert_eq!(ask(&person).await.status, StatusCode::OK, "a key alone shuts nobody else out");
    assert_eq!(world.get(2, "/v1/keys").await.status, StatusCode::OK, "nor another tenant");
    world.advance(SignedDuration::from_secs(seconds));
    assert_ne!(ask(&secret).await.code(), "throttled");
}
