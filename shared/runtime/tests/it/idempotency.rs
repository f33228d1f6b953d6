//! Repeated requests through a router, with the answers in a real table.

use axum::{
    Extension, Router,
    body::Body,
    extract::State,
    http::{Method, Request, StatusCode, header},
    response::IntoResponse,
    routing::post,
};
use cloud::Clock;
use jiff::Timestamp;
use runtime::{
    Code, Permitted, Problem, Repeated,
    auth::CanView,
    http::{Frame, Json, frame},
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use store::{Begun, Tenant, VerifiedTenant};
use tower::ServiceExt;

use crate::support::{Crm, Hand, table, tenant_id, token};

struct World {
    tenant: Tenant,
    clock: Clock,
    hand: Hand,
    done: AtomicUsize,
}

#[derive(serde::Deserialize)]
struct Order {
    fail: Option<bool>,
}

async fn make(
    State(w): State<Arc<World>>,
    _: Permitted<CanView>,
    order: Json<Order>,
) -> Result<impl IntoResponse, Problem> {
    let n = w.done.fetch_add(1, Ordering::SeqCst) + 1;
    if order.0.fail == Some(true) {
        return Err(Problem::new(Code::Busy));
    }
    let headers = [(header::LOCATION, format!("/v1/runs/{n}")), (header::ETAG, "\"1\"".to_owned())];
    Ok((StatusCode::ACCEPTED, headers, Json(json!({ "n": n }))))
}

/// Something with a secret that is shown once.
async fn make_secret(_: Permitted<CanView>) -> impl IntoResponse {
    let repeated = Repeated(json!({ "n": 1 }).to_string().into());
    (StatusCode::CREATED, Extension(repeated), Json(json!({ "n": 1, "secret": "MARKER" })))
}

async fn world() -> (Arc<World>, Router) {
    let crm = Crm::start().await;
    let table = table().await.0;
    let tenant = table.tenant(&VerifiedTenant::vouch(tenant_id(1)));
    let clock = crm.hand.clock();
    let w = Arc::new(World { tenant, clock: clock.clone(), hand: crm.hand.clone(), done: AtomicUsize::new(0) });
    let router = Router::new()
        .route("/v1/runs", post(make).patch(make).put(make))
        .route("/v1/other", post(make))
        .route("/v1/secrets", post(make_secret))
        .route_layer(axum::middleware::from_fn_with_state(crm.gate(&table, 300), runtime::gate::pass))
        .with_state(Arc::clone(&w));
    (w, frame(router, Frame { clock, body_limit: 1_000 }))
}

struct Got {
    status: u16,
    code: Value,
    n: Value,
    replayed: bool,
    location: Option<String>,
    text: String,
}

async fn send(router: &Router, path: &str, key: Option<&str>, body: &str) -> Got {
    send_as(router, Method::POST, path, key, body).await
}

async fn send_as(router: &Router, method: Method, path: &str, key: Option<&str>, body: &str) -> Got {
    let bearer = format!("Bearer {}", token("administrator"));
    let mut request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, bearer);
    request = request.header(header::CONTENT_TYPE, "application/json");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let header = |name: &str| response.headers().get(name).map(|v| v.to_str().expect("text").to_owned());
    let (status, replayed, location) =
        (response.status().as_u16(), header("idempotency-replayed").as_deref() == Some("true"), header("location"));
    let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a body");
    let body: Value = serde_json::from_slice(&bytes).expect("JSON");
    Got { status, code: body["code"].clone(), n: body["n"].clone(), replayed, location, text: body.to_string() }
}

#[tokio::test]
async fn the_same_request_is_done_once_and_answered_alike() {
    let (w, router) = world().await;
    let first = send(&router, "/v1/runs", Some("k"), "{}").await;
    let again = send(&router, "/v1/runs", Some("k"), "{}").await;
    assert_eq!((first.status, &first.n, first.replayed), (202, &json!(1), false));
    assert_eq!((again.status, &again.n, again.replayed), (202, &json!(1), true));
    assert_eq!((first.location.as_deref(), again.location.as_deref()), (Some("/v1/runs/1"), Some("/v1/runs/1")));
    assert_eq!(w.done.load(Ordering::SeqCst), 1);
    let new = send(&router, "/v1/runs", Some("l"), "{}").await;
    assert_eq!((new.status, &new.n), (202, &json!(2)));
}

#[tokio::test]
async fn a_used_key_a_missing_one_and_a_running_one_have_their_answers() {
    let (w, router) = world().await;
    send(&router, "/v1/runs", Some("k"), "{}").await;
    for (path, key, body, status, code) in [
        ("/v1/runs", Some("k"), "{\"fail\":false}", 422, "idempotency_other_body"),
        ("/v1/other", Some("k"), "{}", 422, "idempotency_other_body"),
        ("/v1/runs", None, "{}", 400, "idempotency_key_missing"),
        ("/v1/runs", Some("a b"), "{}", 400, "idempotency_key_invalid"),
        ("/v1/runs", Some("n"), "{", 400, "invalid_request"),
    ] {
        let got = send(&router, path, key, body).await;
        assert_eq!((got.status, &got.code), (status, &json!(code)), "{path} {key:?} {body}");
    }
    assert_eq!(w.done.load(Ordering::SeqCst), 1);

    // Another invocation has begun the same request and not ended it.
    let hash: [u8; 32] = {
        use sha2::{Digest, Sha256};
        let asked = Sha256::new().chain_update("POST /v1/runs").chain_update([0]).chain_update("user-1");
        asked.chain_update([0]).chain_update("{}").finalize().into()
    };
    let begun = w.tenant.begin("r", &hash, w.clock.now()).await.expect("begun");
    assert!(matches!(begun, Begun::Fresh { .. }));
    let running = send(&router, "/v1/runs", Some("r"), "{}").await;
    assert_eq!((running.status, &running.code), (409, &json!("idempotency_running")));
    w.hand.advance(61);
    assert_eq!(send(&router, "/v1/runs", Some("r"), "{}").await.status, 202, "an invocation that died is taken over");
    assert!(w.clock.now() > Timestamp::UNIX_EPOCH);
}

#[tokio::test]
async fn after_a_failure_the_same_key_may_be_used_again() {
    let (w, router) = world().await;
    for n in 1..=2 {
        let got = send(&router, "/v1/runs", Some("k"), "{\"fail\":true}").await;
        assert_eq!((got.status, got.replayed), (503, false));
        assert_eq!(w.done.load(Ordering::SeqCst), n);
    }
}

#[tokio::test]
async fn a_patch_has_a_key_and_a_put_needs_none() {
    let (w, router) = world().await;
    assert_eq!(send_as(&router, Method::PATCH, "/v1/runs", None, "{}").await.code, "idempotency_key_missing");
    assert_eq!(send_as(&router, Method::PATCH, "/v1/runs", Some("k"), "{}").await.status, 202);
    assert!(send_as(&router, Method::PATCH, "/v1/runs", Some("k"), "{}").await.replayed);
    assert_eq!(send_as(&router, Method::PUT, "/v1/runs", None, "{}").await.status, 202);
    assert_eq!(w.done.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_is_shown_once_is_not_kept_for_a_repeated_request() {
    let (_, router) = world().await;
    let first = send(&router, "/v1/secrets", Some("k"), "{}").await;
    let again = send(&router, "/v1/secrets", Some("k"), "{}").await;
    assert!(first.text.contains("MARKER") && !again.text.contains("MARKER"), "{}", again.text);
    assert_eq!((again.status, &again.n, again.replayed), (201, &json!(1), true));
}
