//! Runs: asked for once, listed from the newest, shown with what they did.

use axum::http::{Method, StatusCode};
use cloud::Work;
use domain::{Counts, Object, Run, RunError, RunState};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{Commit, ConnectionState};

use crate::support::{NO_KEY, World, now};

const BODY: &str = r#"{"objects":["stock","products"]}"#;

async fn start(world: &World, key: &str, body: &str) -> crate::support::Answer {
    world.send(1, Method::POST, "/v1/runs", &[("idempotency-key", key)], body).await
}

/// Writes a run as the worker does.
async fn write(world: &World, run: &Run) {
    let tenant = world.tenant(1);
    let lease = tenant.acquire_lease("worker", now(), SignedDuration::from_secs(60)).await.expect("free");
    let mut commit = Commit::new(&lease);
    commit.run = Some(run);
    commit.release = true;
    tenant.commit(&commit, now()).await.expect("a commit");
}

#[tokio::test]
async fn a_run_that_is_asked_for_is_queued_and_has_an_address() {
    let world = World::new().await;
    world.connect(1, ConnectionState::Connected).await;
    let answer = start(&world, "a", BODY).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
    let id = answer.body["id"].as_str().expect("an id");
    assert_eq!(answer.header("location"), format!("/v1/runs/{id}"));
    let expected = json!({
        "id": id, "mode": "full", "trigger": "request", "state": "queued", "objects": ["products", "stock"],
        "processed": 0, "total": null, "counts": {}, "requested_at": now().to_string(),
    });
    assert_eq!(answer.body, expected);
    assert_eq!(world.get(1, answer.header("location")).await.body, expected);
    let sent = world.queue.take();
    assert_eq!((sent.len(), &sent[0].work), (1, &Work::Run(id.parse().expect("a run id"))));
}

#[tokio::test]
async fn the_same_request_again_gets_the_same_run_and_asks_for_no_other() {
    let world = World::new().await;
    world.connect(1, ConnectionState::Connected).await;
    world.connect(2, ConnectionState::Connected).await;
    let first = start(&world, "a", BODY).await;
    let again = start(&world, "a", BODY).await;
    assert_eq!(
        (again.status, &again.body, again.header("location")),
        (first.status, &first.body, first.header("location"))
    );
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(world.queue.take().len(), 1);

    let other = start(&world, "a", r#"{"objects":["orders"]}"#).await;
    assert_eq!((other.status, other.code()), (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_other_body"));
    let anothers = world.send(2, Method::POST, "/v1/runs", &[("idempotency-key", "a")], BODY).await;
    assert_eq!(anothers.status, StatusCode::ACCEPTED);
    assert_ne!(anothers.body["id"], first.body["id"]);
}

#[tokio::test]
async fn a_request_without_a_good_key_is_refused() {
    let world = World::new().await;
    world.connect(1, ConnectionState::Connected).await;
    let none = world.send(1, Method::POST, "/v1/runs", &[NO_KEY], BODY).await;
    assert_eq!((none.status, none.code()), (StatusCode::BAD_REQUEST, "idempotency_key_missing"));
    let long = "k".repeat(65);
    assert_eq!(start(&world, &long, BODY).await.code(), "idempotency_key_invalid");
    assert_eq!(world.queue.take().len(), 0);
}

#[tokio::test]
async fn a_body_that_is_wrong_is_refused_where_it_is_wrong_and_its_key_stays_free() {
    let world = World::new().await;
    world.connect(1, ConnectionState::Connected).await;
    for (body, at) in [
        ("", "$"),
        ("{", "$"),
        ("[]", "$"),
        ("{}", "$"),
        (r#"{"objects":[]}"#, "$.objects"),
        (r#"{"objects":"stock"}"#, "$.objects"),
        (r#"{"objects":["stock","robots"]}"#, "$.objects[1]"),
        (r#"{"objects":["stock"],"mode":"hints"}"#, "$.mode"),
        (r#"{"objects":["stock"],"priority":1}"#, "$.priority"),
    ] {
        let answer = start(&world, "a", body).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::BAD_REQUEST, "invalid_request"),
            "{body}: {}",
            answer.body
        );
        assert_eq!(answer.fault(), at, "{body}: {}", answer.body);
    }
    let form = world
        .send(1, Method::POST, "/v1/runs", &[("idempotency-key", "a"), ("content-type", "text/plain")], BODY)
        .await;
    assert_eq!((form.status, form.code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"));
    let large = format!(r#"{{"objects":["stock"]{}}}"#, " ".repeat(fn_crm_api::BODY_LIMIT));
    let large = start(&world, "a", &large).await;
    assert_eq!((large.status, large.code()), (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
    assert_eq!(world.queue.take().len(), 0);
    assert_eq!(start(&world, "a", BODY).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_tenant_without_a_connection_gets_no_run_and_may_ask_again() {
    let world = World::new().await;
    let refused = start(&world, "a", BODY).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "connection_missing"));
    world.connect(1, ConnectionState::Connected).await;
    assert_eq!(start(&world, "a", BODY).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn runs_are_listed_from_the_newest_in_parts() {
    let world = World::new().await;
    world.connect(1, ConnectionState::Connected).await;
    let mut started = Vec::new();
    for n in 0..5 {
        started.push(start(&world, &format!("key-{n}"), BODY).await.body["id"].as_str().expect("an id").to_owned());
    }
    started.sort();
    started.reverse();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for expected in [2, 2, 1] {
        let answer = world.get(1, &format!("/v1/runs?limit=2{cursor}")).await;
        assert_eq!(answer.of_all("id").len(), expected);
        seen.extend(answer.of_all("id"));
        assert_eq!(answer.body["has_more"], json!(seen.len() < 5));
        cursor = answer.body["next_cursor"].as_str().map(|c| format!("&cursor={c}")).unwrap_or_default();
    }
    assert_eq!((seen, cursor), (started, String::new()));
    assert_eq!(world.get(2, "/v1/runs").await.of_all("id").len(), 0);
}

#[tokio::test]
async fn a_run_shows_what_it_did_and_why_it_failed_in_the_callers_language() {
    let world = World::new().await;
    world.connect(1, ConnectionState::Connected).await;
    let answer = start(&world, "a", BODY).await;
    let path = answer.header("location").to_owned();
    let id = answer.body["id"].as_str().expect("an id").parse().expect("a run id");
    let mut run = world.tenant(1).run(id).await.expect("read").expect("there");
    let counts = |read, total| Counts { read, created: read, total, ..Counts::default() };
    run.state = RunState::Running;
    run.started_at = Some(now());
    run.counts.insert(Object::Products, counts(500, Some(500)));
    write(&world, &run).await;
    let going = world.get(1, &path).await.body;
    assert_eq!((&going["state"], &going["processed"], &going["total"]), (&json!("running"), &json!(500), &Value::Null));

    run.counts.insert(Object::Stock, counts(20, Some(480)));
    run.state = RunState::Failed;
    run.finished_at = Some(now());
    run.error = Some(RunError {
        code: "credentials_invalid".to_owned(),
        message: "warehouse_stock: the ERP refuses the key".to_owned(),
        object: Some(Object::Stock),
        retryable: false,
    });
    write(&world, &run).await;
    let token = world.token(1, "support");
    let failed = world.ask(Method::GET, &path, Some(&token), &[("accept-language", "sl")], None).await.body;
    assert_eq!(
        (&failed["processed"], &failed["total"], &failed["counts"]["stock"]["read"]),
        (&json!(520), &json!(980), &json!(20))
    );
    let error = &failed["error"];
    assert_eq!(
        (&error["code"], &error["object"], &error["retryable"]),
        (&json!("credentials_invalid"), &json!("stock"), &json!(false))
    );
    let slovenian = runtime::Code::CredentialsInvalid.text(runtime::Language::Sl).remedy;
    assert_eq!(error["remedy"], slovenian);
}
