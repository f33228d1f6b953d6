//! The control plane: what tests and the local runner use to look inside and to interfere.
//!
//! JSON in and out, no authentication: it is a tool of this machine. It changes
//! companies only through the same functions as the ERP's API.

mod companies;
mod edit;
mod faults;
mod journal;
mod random;
mod state;

use crate::sim::{Cell, Sim};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// Everything under `/control`.
pub(crate) fn router() -> Router<Sim> {
    Router::new()
        .route("/", get(index))
        .route("/companies", get(companies::list).post(companies::create))
        .route("/companies/{id}/counts", get(companies::counts))
        .route("/companies/{id}/settings", get(companies::settings).patch(companies::change_settings))
        .route("/companies/{id}/webhooks", get(companies::webhooks).put(companies::set_webhooks))
        .route("/companies/{id}/webhooks/attempts", get(companies::attempts))
        .route("/companies/{id}/state/{what}", get(state::read))
        .route("/companies/{id}/edit", post(edit::post))
        .route("/companies/{id}/random-edits", post(random::post))
        .route("/companies/{id}/inbound-message", post(edit::inbound))
        .route("/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/faults/{id}", axum::routing::delete(faults::remove))
        .route("/clock", get(faults::clock))
        .route("/clock/advance", post(faults::advance))
        .route("/webhooks/settle", post(faults::settle))
        .route("/journal", get(journal::page).delete(journal::clear))
        .route("/journal/counts", get(journal::counts))
        .fallback(nowhere)
        .method_not_allowed_fallback(nowhere)
}

/// A refusal of the control plane.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    error: String,
    remedy: &'static str,
}

impl Refused {
    pub(crate) fn bad(error: impl Into<String>, remedy: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: error.into(), remedy }
    }

    pub(crate) fn missing(error: impl Into<String>, remedy: &'static str) -> Self {
        Self { status: StatusCode::NOT_FOUND, error: error.into(), remedy }
    }

    pub(crate) fn conflict(error: impl Into<String>, remedy: &'static str) -> Self {
        Self { status: StatusCode::CONFLICT, error: error.into(), remedy }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        answer(self.status, &json!({"error": self.error, "remedy": self.remedy}))
    }
}

/// What a route of the control plane gives.
pub(crate) type Answer = Result<Response, Refused>;

/// 200 with JSON.
pub(crate) fn ok(value: &Value) -> Response {
    answer(StatusCode::OK, value)
}

fn answer(status: StatusCode, value: &Value) -> Response {
    crate::gate::respond(status, "application/json", Body::from(value.to_string()))
}

/// Reads a body.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Refused::bad(error.to_string(), "send a JSON object as GET /control describes it"))
}

/// The company of a path.
pub(crate) fn cell(sim: &Sim, id: &str) -> Result<Arc<Cell>, Refused> {
    sim.cell(id).ok_or_else(|| Refused::missing(format!("no company {id}"), "GET /control/companies lists them"))
}

async fn nowhere(uri: http::Uri, method: http::Method) -> Refused {
    Refused::missing(format!("no route {method} /control{}", uri.path()), "GET /control lists the routes")
}

async fn index(State(sim): State<Sim>) -> Response {
    let routes = [
        ("GET", "/control/companies", "ids and names of the companies"),
        ("POST", "/control/companies", r#"{"company_id","secret_key","seed","scale"}: makes and seeds one"#),
        ("GET", "/control/companies/{id}/counts", "how many objects of each kind"),
        (
            "GET",
            "/control/companies/{id}/state/{partners|products|warehouses|stock|documents}?doc_type=&after=&limit=",
            "canonical state by ascending id",
        ),
        (
            "POST",
            "/control/companies/{id}/edit",
            "one change as an app user would make it: {\"op\": partner.create {partner} | partner.update {id,fields} | \
             partner.merge {from,into} | partner.delete {id} | product.create {product} | product.update {id,fields} | \
             product.delete {id} | price.set {id,price,pricelist?} | \
             price.add {id,pricelist,price,title?,buyer?,sales?,currency?,valid_from?,valid_to?,amount_from?,amount_to?,\
             discount?,tax?} | stock.set {product,warehouse,amount} | \
             document.create {doc_type,document} | document.update {id,fields} | document.delete {id} | \
             status.set {id,status} | payment.add {id,amount,payment_type?,date?,notes?} | \
             row.change {id,row_id,...} | publish {id} | track {id,number?,text?,code?,at?}}",
        ),
        (
            "POST",
            "/control/companies/{id}/random-edits",
            r#"{"count","seed","kinds"?}: that many realistic edits; answers with what was done"#,
        ),
        ("POST", "/control/companies/{id}/inbound-message", r#"{"type","from_number","message","doc_id"?}"#),
        ("GET|PATCH", "/control/companies/{id}/settings", "the switches of the company; PATCH merges"),
        (
            "GET|PUT",
            "/control/companies/{id}/webhooks",
            r#"[{"url","secret","user"?,"password"?,"require_ok"?}]; loopback addresses only"#,
        ),
        ("GET", "/control/companies/{id}/webhooks/attempts", "what was sent and what came of it"),
        (
            "GET|POST|DELETE",
            "/control/faults",
            r#"{"kind","endpoint"?,"company"?,"doc_type"?,"probability"?,"remaining"?,"skip"?,"ms"?,"status"?,"page"?,"rows"?,"hang"?,"as_company"?,"from"?,"to"?}"#,
        ),
        ("DELETE", "/control/faults/{id}", "one fault off"),
        ("GET", "/control/clock", "the time of the simulated world"),
        ("POST", "/control/clock/advance", r#"{"seconds"}"#),
        ("POST", "/control/webhooks/settle", "waits until every event that is due was tried"),
        ("GET", "/control/journal?company=&endpoint=&after=&limit=", "calls, oldest first"),
        ("DELETE", "/control/journal", "forgets the calls and the search gauges"),
        ("GET", "/control/journal/counts?company=", "calls per endpoint, searches under way at once"),
    ];
    let routes: Vec<Value> =
        routes.iter().map(|(method, path, what)| json!({"method": method, "path": path, "what": what})).collect();
    let kinds: Vec<String> = crate::fault::FaultKind::ALL.iter().map(|kind| kind.name()).collect();
    ok(&json!({
        "seed": sim.inner.seed,
        "routes": routes,
        "fault_kinds": kinds,
        "random_kinds": random::KINDS,
        "endpoints": crate::api::routes::ENDPOINTS.iter().map(|endpoint| endpoint.name).collect::<Vec<_>>(),
    }))
}
