//! The product's API in memory, as its contract says: routes, and what goes wrong on the way.

mod rows;

pub(crate) use rows::{Sent, Table};

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What happens to one request that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing goes wrong.
    None,
    /// 500, and nothing was done.
    Before,
    /// It was done, and the answer is 502.
    After,
    /// It was done, and the answer does not come.
    Hang,
    /// The answer is 504, and it is done when [`Fake::deliver`] says so.
    Late,
}

/// How often each route was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) put: usize,
    pub(crate) delete: usize,
    pub(crate) get: usize,
    pub(crate) bulk: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Inner {
    pub(crate) rows: Table,
    pub(crate) faults: VecDeque<Fault>,
    pub(crate) calls: Calls,
    /// The next pages of the feed begin this much earlier than asked for.
    pub(crate) repeats: VecDeque<usize>,
    late: Vec<Sent>,
}

/// A product that runs.
#[derive(Clone, Debug)]
pub(crate) struct Fake {
    pub(crate) url: String,
    inner: Arc<Mutex<Inner>>,
}

type Held = Arc<Mutex<Inner>>;

fn hold(inner: &Held) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The token that it takes.
pub(crate) const TOKEN: &str = "token-of-the-tenant";

impl Fake {
    #[expect(clippy::disallowed_methods, reason = "the test's own server")]
    pub(crate) async fn start() -> Self {
        let inner = Held::default();
        let router = Router::new()
            .route("/v1/changes", get(changes))
            .route("/v1/{object}/bulk", post(bulk))
            .route("/v1/{object}/{crm_id}", get(single).put(put).delete(delete))
            .with_state(Arc::clone(&inner));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    pub(crate) fn hold(&self) -> MutexGuard<'_, Inner> {
        hold(&self.inner)
    }

    /// What goes wrong with the next requests that write.
    pub(crate) fn order(&self, faults: &[Fault]) {
        self.hold().faults.extend(faults);
    }

    /// What was held back arrives now.
    pub(crate) fn deliver(&self) {
        let mut inner = self.hold();
        for sent in std::mem::take(&mut inner.late) {
            inner.rows.take(&sent);
        }
    }
}

fn is_known(headers: &HeaderMap) -> bool {
    headers.get("authorization").and_then(|v| v.to_str().ok()) == Some(&format!("Bearer {TOKEN}"))
}

fn plain(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, Json(body.clone())).into_response()
}

/// Does what was sent, under the next fault.
async fn done(inner: &Held, headers: &HeaderMap, sent: Vec<Sent>, show: fn(Vec<(u16, Value)>) -> Response) -> Response {
    if !is_known(headers) {
        return plain(401, &json!({"code": "unauthorized"}));
    }
    let (answer, fault) = {
        let mut inner = hold(inner);
        let fault = inner.faults.pop_front().unwrap_or(Fault::None);
        match fault {
            Fault::Before => return plain(500, &json!({"code": "internal"})),
            Fault::Late => {
                inner.late.extend(sent);
                return plain(504, &Value::Null);
            }
            _ => (sent.iter().map(|sent| inner.rows.take(sent)).collect(), fault),
        }
    };
    match fault {
        Fault::After => return plain(502, &Value::Null),
        Fault::Hang => tokio::time::sleep(Duration::from_secs(30)).await,
        _ => {}
    }
    show(answer)
}

fn event(headers: &HeaderMap) -> Option<String> {
    headers.get("x-request-id").and_then(|v| v.to_str().ok()).map(str::to_owned)
}

fn one(answers: Vec<(u16, Value)>) -> Response {
    let (status, body) = answers.into_iter().next().expect("one answer");
    plain(status, &body)
}

async fn put(
    State(inner): State<Held>,
    Path((object, crm_id)): Path<(String, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    hold(&inner).calls.put += 1;
    let revision = headers.get("if-match").and_then(|v| v.to_str().ok()?.trim_matches('"').parse().ok());
    let sent = Sent::put(&object, &crm_id, revision, &body, event(&headers));
    done(&inner, &headers, vec![sent], one).await
}

async fn delete(
    State(inner): State<Held>,
    Path((object, crm_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    hold(&inner).calls.delete += 1;
    let sent = Sent::delete(&object, &crm_id, event(&headers));
    done(&inner, &headers, vec![sent], one).await
}

async fn bulk(
    State(inner): State<Held>,
    Path(object): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    hold(&inner).calls.bulk += 1;
    let items = body["items"].as_array().expect("items");
    if items.is_empty() || items.len() > 100 {
        return plain(400, &json!({"code": "invalid_request"}));
    }
    let sent = items.iter().map(|item| {
        let crm_id = item["crm_id"].as_str().expect("an id");
        if item["delete"] == true {
            return Sent::delete(&object, crm_id, event(&headers));
        }
        Sent::put(&object, crm_id, item["revision"].as_u64(), item, event(&headers))
    });
    done(&inner, &headers, sent.collect(), |answers| {
        let results = answers.into_iter().map(|(status, body)| {
            let problem = if status < 300 { Value::Null } else { body.clone() };
            json!({"crm_id": body["crm_id"], "status": status, "record": body["record"], "revision": body["revision"],
                "problem": problem})
        });
        plain(200, &json!({"results": results.collect::<Vec<_>>()}))
    })
    .await
}

async fn single(State(inner): State<Held>, Path((object, crm_id)): Path<(String, String)>) -> Response {
    let mut inner = hold(&inner);
    inner.calls.get += 1;
    match inner.rows.find(&object, &crm_id) {
        Some(row) => plain(200, &row.answer()),
        None => plain(404, &json!({"code": "not_found"})),
    }
}

async fn changes(State(inner): State<Held>, Query(query): Query<BTreeMap<String, String>>) -> Response {
    let mut inner = hold(&inner);
    let from: usize = query.get("cursor").map_or(0, |c| c.parse().expect("a cursor of ours"));
    let limit: usize = query["limit"].parse().expect("a limit");
    let back = inner.repeats.pop_front().unwrap_or(0);
    let log = &inner.rows.log;
    let to = (from + limit).min(log.len());
    let page = &log[from.saturating_sub(back)..to];
    plain(200, &json!({"changes": page, "cursor": to.to_string(), "more": to < log.len()}))
}
