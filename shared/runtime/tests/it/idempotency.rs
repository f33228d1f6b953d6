//! Repeated requests through a router, with the answers in a real table.

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Request, StatusCode, header},
    response::Response,
    routing::post,
};
use cloud::Clock;
use jiff::Timestamp;
use runtime::{
    Answer, Code, Keyed, Problem,
    http::{Frame, frame},
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use store::{Begun, Tenant, VerifiedTenant};
use tower::ServiceExt;

use crate::support::{Hand, table, tenant_id};

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

async fn make(State(w): State<Arc<World>>, order: Keyed<Order>) -> Result<Response, Problem> {
    let work = async {
        let n = w.done.fetch_add(1, Ordering::SeqCst) + 1;
        if order.value.fail == Some(true) {
            return Err(Problem::new(Code::Busy));
        }
        Ok(Answer::json(StatusCode::ACCEPTED, &json!({ "n": n }))?.at(format!("/v1/runs/{n}")).tagged("\"1\""))
    };
    order.once(&w.tenant, w.clock.now(), work).await
}

async fn world() -> (Arc<World>, Router) {
    let hand = Hand::new();
    let tenant = table().await.0.tenant(&VerifiedTenant::vouch(tenant_id(1)));
    let w = Arc::new(World { tenant, clock: hand.clock(), hand, done: AtomicUsize::new(0) });
    let router = Router::new().route("/v1/runs", post(make)).route("/v1/other", post(make)).with_state(Arc::clone(&w));
    let framed = frame(router, Frame { clock: w.clock.clone(), body_limit: 1_000 });
    (w, framed)
}

struct Got {
    status: u16,
    code: Value,
    n: Value,
    replayed: bool,
    location: Option<String>,
}

async fn send(router: &Router, path: &str, key: Option<&str>, body: &str) -> Got {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
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
    Got { status, code: body["code"].clone(), n: body["n"].clone(), replayed, location }
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
        Sha256::new().chain_update("POST /v1/runs").chain_update([0]).chain_update("{}").finalize().into()
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
