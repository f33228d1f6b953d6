//! The frame around a router: problems for everything, limits, trace, languages, permissions.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
    routing::get,
};
use bytes::Bytes;
use runtime::{
    Permission, Permitted, Problem, Role, allows,
    auth::{CanAutomate, CanConfigure, CanReport, CanResolveLogs, CanSync, CanView, CanViewLogs, Grant},
    http::{Frame, Json, Path, Query, frame},
};
use serde_json::Value;
use tower::ServiceExt;

use crate::support::{Crm, Hand, table, token};

#[derive(serde::Deserialize)]
struct Page {
    limit: u16,
}

async fn only<P: Grant>(_: Permitted<P>) -> &'static str {
    "ok"
}

async fn router(crm: &Crm) -> Router {
    let gate = crm.gate(&table().await.0, 300);
    let router = Router::new()
        .route("/view", get(only::<CanView>))
        .route("/configure", get(only::<CanConfigure>))
        .route("/sync", get(only::<CanSync>))
        .route("/logs.view", get(only::<CanViewLogs>))
        .route("/logs.resolve", get(only::<CanResolveLogs>))
        .route("/reports", get(only::<CanReport>))
        .route("/automations", get(only::<CanAutomate>))
        .route_layer(axum::middleware::from_fn_with_state(gate, runtime::gate::pass))
        .route("/echo", get(async || "ok").post(async |body: Bytes| format!("{}", body.len())))
        .route("/json", get(async || "ok").put(async |Json(n): Json<Vec<u8>>| format!("{n:?}")))
        .route("/list", get(async |Query(page): Query<Page>| page.limit.to_string()))
        .route("/runs/{id}", get(async |Path(id): Path<domain::RunId>| id.to_string()))
        .route("/bare", get(async || StatusCode::IM_A_TEAPOT))
        .route("/busy", get(async || Problem::from(store::StoreError::Throttled)));
    frame(router, Frame { clock: Hand::new().clock(), body_limit: 100 })
}

async fn send(
    router: &Router,
    request: axum::http::request::Builder,
    body: impl Into<Body>,
) -> (u16, HeaderMap, Value) {
    let response = router.clone().oneshot(request.body(body.into()).expect("a request")).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 100_000).await.expect("a body");
    let value =
        serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    (parts.status.as_u16(), parts.headers, value)
}

#[tokio::test]
async fn whatever_goes_wrong_is_a_problem_with_a_code_and_a_remedy() {
    let router = router(&*Crm::start().await).await;
    let json = "application/json";
    let large = "x".repeat(101);
    let cases = [
        (Request::get("/nowhere"), "", 404, "not_found"),
        (Request::delete("/echo"), "", 405, "method_not_allowed"),
        (Request::post("/echo"), large.as_str(), 413, "body_too_large"),
        (Request::post("/echo").header("content-length", "10485760"), large.as_str(), 413, "body_too_large"),
        (Request::put("/json"), "[]", 415, "unsupported_media_type"),
        (Request::put("/json").header("content-type", "text/plain"), "[]", 415, "unsupported_media_type"),
        (Request::put("/json").header("content-type", json), "", 400, "invalid_request"),
        (Request::put("/json").header("content-type", json), "[1,", 400, "invalid_request"),
        (Request::put("/json").header("content-type", json), "[1,256]", 400, "invalid_request"),
        (Request::get("/list"), "", 400, "invalid_request"),
        (Request::get("/list?limit=many"), "", 400, "invalid_request"),
        (Request::get("/runs/1"), "", 404, "not_found"),
        (Request::get("/runs/%FF"), "", 404, "not_found"),
        (Request::get("/bare"), "", 418, "invalid_request"),
        (Request::get("/busy"), "", 503, "busy"),
        (Request::get("/view"), "", 401, "unauthorized"),
        (Request::get("/view").header("authorization", "Basic eDp5"), "", 401, "unauthorized"),
        (Request::get("/view").header("authorization", "Bearer x"), "", 401, "unauthorized"),
    ];
    for (request, body, status, code) in cases {
        let what = format!("{:?} {:?}", request.method_ref(), request.uri_ref());
        let (got, headers, problem) = send(&router, request, body.to_owned()).await;
        assert_eq!(problem["code"], code, "{what}: {problem}");
        assert_eq!(headers["content-type"], "application/problem+json", "{what}");
        assert_eq!(problem["status"], got, "{what}");
        if code != "invalid_request" || status == 400 {
            assert_eq!(got, status, "{what}");
        }
        for member in ["type", "title", "detail", "remedy", "trace_id"] {
            assert!(problem[member].as_str().is_some_and(|t| !t.is_empty()), "{what}: {member}");
        }
    }
}

#[tokio::test]
async fn a_fault_in_a_body_or_query_is_located() {
    let router = router(&*Crm::start().await).await;
    let put = Request::put("/json").header("content-type", "application/json; charset=utf-8");
    let (_, _, problem) = send(&router, put, "[1,256]").await;
    assert_eq!(problem["errors"][0]["path"], "$[1]", "{problem}");
    let (_, _, problem) = send(&router, Request::get("/list?limit=many"), "").await;
    assert_eq!(problem["errors"][0]["path"], "limit", "{problem}");
    assert!(!problem.to_string().contains("many"), "{problem}");
}

#[tokio::test]
async fn an_answer_keeps_the_allowed_methods_and_the_time_to_wait() {
    let router = router(&*Crm::start().await).await;
    let (_, headers, _) = send(&router, Request::delete("/echo"), "").await;
    let allow = headers["allow"].to_str().expect("text");
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    let (_, headers, _) = send(&router, Request::get("/busy"), "").await;
    assert_eq!(headers["retry-after"], "2");
}

#[tokio::test]
async fn problems_speak_the_language_asked_for_and_name_the_callers_trace() {
    let router = router(&*Crm::start().await).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let request = Request::get("/nowhere")
        .header("accept-language", "sl")
        .header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"));
    let (_, headers, problem) = send(&router, request, "").await;
    assert_eq!((&problem["title"], &problem["trace_id"]), (&"Ni najdeno".into(), &trace.into()));
    assert_eq!(headers["content-language"], "sl");
    assert!(headers["traceparent"].to_str().expect("text").contains(trace));
    let kind = problem["type"].as_str().expect("a type");
    let (status, _, entry) = send(&router, Request::get(kind), "").await;
    assert_eq!((status, &entry["code"]), (200, &"not_found".into()), "the type leads to the catalogue's entry");
}

#[tokio::test]
async fn a_body_up_to_the_limit_arrives_whole_and_every_answer_is_guarded() {
    let router = router(&*Crm::start().await).await;
    let (status, headers, length) = send(&router, Request::post("/echo"), "x".repeat(100)).await;
    assert_eq!((status, &length), (200, &Value::from(100)));
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("cache-control", "no-store"), ("x-frame-options", "DENY")]
    {
        assert_eq!(headers[name], value);
    }
}

#[tokio::test]
async fn every_route_lets_in_exactly_the_roles_of_the_table() {
    let crm = Crm::start().await;
    let router = router(&crm).await;
    for role in Role::ALL {
        for permission in Permission::ALL {
            let request = Request::get(format!("/{permission}"))
                .header("authorization", format!("Bearer {}", token(role.name())));
            let (status, _, answer) = send(&router, request, "").await;
            let expected = if allows(role, permission) { 200 } else { 403 };
            assert_eq!(status, expected, "{role} {permission}");
            if status == 403 {
                assert_eq!(answer["code"], "forbidden");
                assert!(answer["errors"][0]["message"].as_str().is_some_and(|m| m.contains(permission.name())));
            }
        }
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a sender on a real socket; the server ends with the test's runtime")]
async fn the_sender_of_ten_megabytes_hears_why_they_are_not_taken() {
    let router = router(&*Crm::start().await).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let sent = client.post(format!("http://{address}/echo")).body(vec![b'x'; 10 * 1024 * 1024]).send().await;
    let answer = sent.expect("an answer, not a closed connection");
    assert_eq!(answer.status().as_u16(), 413);
    let problem: Value = answer.json().await.expect("JSON");
    assert_eq!(problem["code"], "body_too_large");
}
