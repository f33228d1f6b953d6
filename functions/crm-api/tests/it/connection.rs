//! The connection: tested before it is saved, changed on the version it was seen at, and no secret ever shown.

use axum::{
    Router,
    extract::State,
    http::{Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use store::ConnectionState;

use crate::support::{Answer, World, tenant_id};

/// What the ERP answers to the test of a connection.
#[derive(Clone, Copy)]
enum Erp {
    Warehouses,
    WrongKey,
    Maintenance,
    CutOff,
    Quota,
}

const WAREHOUSES: &str = r#"{"opr_code":"0","opr_time_ms":"5","offset":"0","limit":"1000","warehouse_list_count":"1",
    "warehouse_list":[{"mk_id":"16","mark":"S1","name":"Glavno","main_warehouse":"true","active":"true"}]}"#;

#[derive(Clone)]
struct Company {
    answers: Arc<Mutex<Erp>>,
    asked: Arc<Mutex<Vec<String>>>,
}

async fn answer(State(company): State<Company>, uri: Uri, body: String) -> Response {
    assert!(uri.path().ends_with("/warehouse_list"), "{uri}");
    company.asked.lock().expect("no panic").push(body);
    let answers = *company.answers.lock().expect("no panic");
    let json = |text: &'static str| ([("content-type", "application/json")], text).into_response();
    match answers {
        Erp::Warehouses => json(WAREHOUSES),
        Erp::WrongKey => json(r#"{"opr_code":"3","opr_desc":"Wrong secret key MARKER-key"}"#),
        Erp::Maintenance => (StatusCode::SERVICE_UNAVAILABLE, "<html>vzdrževanje</html>").into_response(),
        Erp::CutOff => json(r#"{"opr_code":"0","warehouse_list":[{"mk_id":"#),
        Erp::Quota => json(r#"{"opr_code":"5","opr_desc":"Quota"}"#),
    }
}

struct Scene {
    world: World,
    company: Company,
    url: String,
}

impl Scene {
    async fn new() -> Self {
        let company = Company { answers: Arc::new(Mutex::new(Erp::Warehouses)), asked: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = axum::serve(listener, Router::new().fallback(answer).with_state(company.clone())).into_future();
        #[expect(clippy::disallowed_methods, reason = "the ERP serves until the test ends")]
        tokio::spawn(serving);
        let world = World::with_erp(&[url.as_str(), "http://127.0.0.1:1"]).await;
        Self { world, company, url }
    }

    /// The settings of a new connection, with more of them.
    fn settings(&self, more: Value) -> String {
        let mut settings = json!({ "base_url": self.url, "company_id": "16", "secret_key": "MARKER-key", "webhook_secret": "MARKER-hook" });
        let Value::Object(more) = more else { panic!("members") };
        for (name, value) in more {
            settings[name] = value;
        }
        settings.to_string()
    }

    async fn put(&self, if_match: Option<&str>, body: &str) -> Answer {
        let headers: Vec<_> = if_match.map(|tag| ("if-match", tag)).into_iter().collect();
        let answer = self.world.send(1, Method::PUT, "/v1/connection", &headers, body).await;
        assert!(!answer.body.to_string().contains("MARKER"), "{}", answer.body);
        answer
    }

    fn erp_answers(&self, with: Erp) {
        *self.company.answers.lock().expect("no panic") = with;
    }
}

#[tokio::test]
async fn a_new_connection_is_tested_saved_and_gets_its_first_run() {
    let scene = Scene::new().await;
    assert_eq!(scene.world.get(1, "/v1/connection").await.code(), "not_found");
    let basic = json!({ "basic_auth": { "user": "MARKER-user", "password": "MARKER-password" } });
    let answer = scene.put(None, &scene.settings(basic)).await;
    assert_eq!((answer.status, answer.header("etag")), (StatusCode::CREATED, "\"1\""), "{}", answer.body);
    let run = &answer.body["first_run"];
    assert_eq!(
        (&run["trigger"], &run["mode"], run["objects"].as_array().map(Vec::len)),
        (&json!("connected"), &json!("full"), Some(domain::Object::ALL.len()))
    );
    assert_eq!(scene.world.queue.take().len(), 1);

    let seen = scene.world.get(1, "/v1/connection").await;
    assert_eq!((seen.status, seen.header("etag"), &seen.body), (StatusCode::OK, "\"1\"", &answer.body["connection"]));
    assert_eq!(
        (&seen.body["state"], &seen.body["company_id"], &seen.body["base_url"]),
        (&json!("connected"), &json!("16"), &json!(scene.url))
    );
    let webhook = seen.body["webhook_url"].as_str().expect("shown to an administrator");
    assert!(webhook.starts_with("https://webhook.example.com/w/whe_"), "{webhook}");
    assert!(!seen.body.to_string().contains("MARKER"));

    let sales = scene.world.token(1, "salesperson");
    let shown = scene.world.ask(Method::GET, "/v1/connection", Some(&sales), &[], None).await;
    assert_eq!((&shown.body["state"], shown.body.get("webhook_url")), (&json!("connected"), None));
    let same = scene.world.ask(Method::GET, "/v1/connection", Some(&sales), &[("if-none-match", "\"1\"")], None).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    assert_eq!(scene.world.get(2, "/v1/connection").await.code(), "not_found");

    let kept = scene.world.services.secrets.get(&tenant_id(1)).await.expect("saved");
    assert_eq!((kept.erp_key.expose_secret(), kept.webhook.len(), kept.basic_auth.is_some()), ("MARKER-key", 1, true));
}

#[tokio::test]
async fn a_connection_that_does_not_pass_its_test_is_not_saved() {
    let scene = Scene::new().await;
    for (answers, status, code) in [
        (Erp::WrongKey, 422, "credentials_invalid"),
        (Erp::Maintenance, 503, "erp_unavailable"),
        (Erp::CutOff, 502, "erp_malformed"),
        (Erp::Quota, 503, "erp_quota"),
    ] {
        scene.erp_answers(answers);
        let answer = scene.put(None, &scene.settings(json!({}))).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{}", answer.body);
        assert!(answer.body["remedy"].as_str().is_some_and(|r| !r.is_empty()));
        assert_eq!(answer.body["retryable"], json!(status != 422), "{code}");
    }
    let nobody = scene.put(None, &scene.settings(json!({ "base_url": "http://127.0.0.1:1" }))).await;
    assert_eq!((nobody.status, nobody.code()), (StatusCode::BAD_GATEWAY, "erp_unreachable"));
    assert_eq!(scene.world.get(1, "/v1/connection").await.code(), "not_found");
    assert_eq!(scene.world.queue.take().len(), 0);
    assert!(scene.world.services.secrets.get(&tenant_id(1)).await.is_err(), "no secret was saved");
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_not_called() {
    let scene = Scene::new().await;
    for host in
        ["https://example.com", "http://169.254.169.254", "file:///etc/passwd", "http://127.0.0.1:1@example.com", "x"]
    {
        let answer = scene.put(None, &scene.settings(json!({ "base_url": host }))).await;
        assert_eq!((answer.code(), answer.fault()), ("host_not_allowed", "$.base_url"), "{host}");
    }
    let with_path = scene.put(None, &scene.settings(json!({ "base_url": format!("{}/rest", scene.url) }))).await;
    assert_eq!(with_path.code(), "host_not_allowed");
    assert_eq!(scene.company.asked.lock().expect("no panic").len(), 0);
}

#[tokio::test]
async fn a_change_needs_the_version_it_is_based_on() {
    let scene = Scene::new().await;
    let new = scene.settings(json!({}));
    for (if_match, code) in [(Some("\"1\""), "version_mismatch"), (Some("*"), "version_mismatch")] {
        assert_eq!(scene.put(if_match, &new).await.code(), code, "there is nothing to change");
    }
    assert_eq!(scene.put(None, &new).await.status, StatusCode::CREATED);

    let blind = scene.put(None, &new).await;
    assert_eq!((blind.status, blind.code()), (StatusCode::PRECONDITION_REQUIRED, "precondition_required"));
    for stale in ["\"0\"", "\"2\"", "W/\"1\"", "1", "\"1\", \"2\""] {
        let answer = scene.put(Some(stale), &new).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::PRECONDITION_FAILED, "version_mismatch"), "{stale}");
    }
    let changed = scene.put(Some("\"1\""), &new).await;
    assert_eq!(
        (changed.status, changed.header("etag"), &changed.body["first_run"]),
        (StatusCode::OK, "\"2\"", &Value::Null)
    );
    assert_eq!(scene.put(Some("*"), &new).await.header("etag"), "\"3\"");
}

#[tokio::test]
async fn secrets_that_are_not_sent_stay_and_a_new_webhook_secret_overlaps_the_old() {
    let scene = Scene::new().await;
    scene.put(None, &scene.settings(json!({}))).await;
    let bare = json!({ "base_url": scene.url, "company_id": "16", "cadence": { "stock": { "every_s": 60, "full_every_s": 900, "paused": true } } });
    let changed = scene.put(Some("\"1\""), &bare.to_string()).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let cadence = &changed.body["connection"]["cadence"];
    assert_eq!(cadence["stock"], json!({ "every_s": 60, "full_every_s": 900, "paused": true }));
    assert_eq!(cadence.as_object().map(serde_json::Map::len), Some(domain::Object::ALL.len()), "the others stay");
    let last = scene.company.asked.lock().expect("no panic").last().cloned().expect("asked");
    assert!(last.contains("MARKER-key"), "tested with the key that was saved");

    scene.put(Some("\"2\""), &scene.settings(json!({ "webhook_secret": "MARKER-next" }))).await;
    let kept = scene.world.services.secrets.get(&tenant_id(1)).await.expect("saved");
    let accepted: Vec<_> =
        kept.accepted_webhook_secrets(crate::support::now()).map(ExposeSecret::expose_secret).collect();
    assert_eq!(accepted, ["MARKER-next", "MARKER-hook"]);
}

#[tokio::test]
async fn a_connection_keeps_its_company_and_a_new_one_needs_a_key() {
    let scene = Scene::new().await;
    let keyless = json!({ "base_url": scene.url, "company_id": "16" }).to_string();
    let answer = scene.put(None, &keyless).await;
    assert_eq!(
        (answer.status, answer.code(), answer.fault()),
        (StatusCode::BAD_REQUEST, "invalid_request", "$.secret_key")
    );
    scene.put(None, &scene.settings(json!({}))).await;
    let other = scene.put(Some("\"1\""), &scene.settings(json!({ "company_id": "17" }))).await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "company_fixed"));
}

#[tokio::test]
async fn a_pause_by_a_person_stays_until_a_person_ends_it_and_one_by_the_erp_ends_with_a_good_key() {
    let scene = Scene::new().await;
    scene.put(None, &scene.settings(json!({}))).await;
    let state = |answer: &Answer| {
        (answer.body["connection"]["state"].clone(), answer.body["connection"]["paused_code"].clone())
    };
    let paused = scene.put(Some("*"), &scene.settings(json!({ "paused": true }))).await;
    assert_eq!(state(&paused), (json!("paused"), json!("paused_by_person")));
    let still = scene.put(Some("*"), &scene.settings(json!({}))).await;
    assert_eq!(state(&still), (json!("paused"), json!("paused_by_person")));
    let resumed = scene.put(Some("*"), &scene.settings(json!({ "paused": false }))).await;
    assert_eq!(state(&resumed), (json!("connected"), Value::Null));

    let tenant = scene.world.tenant(1);
    let mut refused = tenant.connection().await.expect("read").expect("there");
    refused.state = ConnectionState::Paused { code: "credentials_invalid".to_owned() };
    tenant.replace_connection_if(refused.version, &refused).await.expect("saved");
    let seen = scene.world.get(1, "/v1/connection").await.body;
    assert_eq!(seen["paused_code"], "credentials_invalid");
    assert!(seen["paused_remedy"].as_str().is_some_and(|r| r.contains("secret key")), "{seen}");
    let repaired = scene.put(Some("*"), &scene.settings(json!({ "secret_key": "MARKER-new" }))).await;
    assert_eq!(state(&repaired), (json!("connected"), Value::Null));
}

#[tokio::test]
async fn a_body_out_of_form_is_refused_at_its_place_and_never_repeated() {
    let scene = Scene::new().await;
    for (more, at) in [
        (json!({ "secret": "MARKER" }), "$.secret"),
        (json!({ "secret_key": 7 }), "$.secret_key"),
        (json!({ "secret_key": "" }), "$.secret_key"),
        (json!({ "company_id": "MARKER" }), "$.company_id"),
        (json!({ "basic_auth": { "user": "MARKER" } }), "$.basic_auth"),
        (json!({ "cadence": { "MARKER": {} } }), "$.cadence.?"),
        (json!({ "cadence": { "stock": { "every_s": 1, "full_every_s": 900 } } }), "$.cadence"),
        (json!({ "paused": "MARKER" }), "$.paused"),
    ] {
        let headers = [];
        let answer = scene.world.send(1, Method::PUT, "/v1/connection", &headers, &scene.settings(more.clone())).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::BAD_REQUEST, "invalid_request"),
            "{more}: {}",
            answer.body
        );
        assert_eq!(answer.fault(), at, "{more}: {}", answer.body);
        let said = answer.body["errors"][0]["message"].as_str().expect("a message");
        assert!(!said.contains("MARKER"), "{said}");
    }
    assert_eq!(scene.company.asked.lock().expect("no panic").len(), 0);
}
