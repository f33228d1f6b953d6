//! The control plane: what tests and the local runner use to look inside, to edit and to interfere.
//!
//! JSON in and out, no authentication: it is a tool of this machine. It changes records only as a person of the CRM
//! could, through the same functions as the pages.

mod records;
mod steps;

use crate::books::Refused;
use crate::fault::FaultKind;
use crate::sim::CrmSim;
use crate::wire::Object;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Everything under `/control`.
pub(crate) fn router() -> Router<CrmSim> {
    Router::new()
        .route("/control", get(index))
        .route("/control/", get(index))
        .route("/control/records", get(records::list).post(records::create))
        .route("/control/records/{object}/{crm_id}", get(records::single).patch(records::edit).delete(records::delete))
        .route("/control/records/{object}/{crm_id}/retry", post(records::retry))
        .route("/control/make", post(records::make))
        .route("/control/counts", get(steps::counts))
        .route("/control/push", post(steps::push))
        .route("/control/follow", post(steps::follow))
        .route("/control/settle", post(steps::settle))
        .route("/control/pause", post(steps::pause))
        .route("/control/faults", get(steps::faults).post(steps::order).delete(steps::clear_faults))
        .route("/control/journal", get(steps::journal).delete(steps::clear_journal))
}

/// A refusal of the control plane.
#[derive(Debug)]
pub(crate) struct Trouble {
    status: StatusCode,
    error: String,
}

impl Trouble {
    pub(crate) fn bad(error: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: error.into() }
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Missing => Self { status: StatusCode::NOT_FOUND, error: "there is no such record".to_owned() },
            Refused::Unfit(error) => Self { status: StatusCode::CONFLICT, error },
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let remedy = "GET /control lists the routes and what they take";
        (self.status, Json(json!({ "error": self.error, "remedy": remedy }))).into_response()
    }
}

/// What a route of the control plane gives.
pub(crate) type Answer = Result<Json<Value>, Trouble>;

/// Reads a body; none is an empty object.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Trouble> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Trouble::bad(error.to_string()))
}

/// The object type of a path.
pub(crate) fn object(name: &str) -> Result<Object, Trouble> {
    Object::parse(name).ok_or_else(|| Trouble::bad("the object type must be contacts, products, offers or orders"))
}

async fn index() -> Json<Value> {
    let routes = [
        ("GET", "/", "the pages for people"),
        ("GET", "/control/records?object=&dirty=&problem=&after=&limit=", "records by id"),
        ("POST", "/control/records", r#"{"object","crm_id"?,"fields"}: makes one"#),
        ("GET", "/control/records/{object}/{crm_id}", "one record"),
        ("PATCH", "/control/records/{object}/{crm_id}", r#"{"fields":{piece: value or null}}"#),
        ("DELETE", "/control/records/{object}/{crm_id}", "deletes it in the CRM"),
        ("POST", "/control/records/{object}/{crm_id}/retry", "what was refused is sent again"),
        ("POST", "/control/make", r#"{"object","count","template"?:{piece: value}}: {n} is each one's number"#),
        ("GET", "/control/counts", "records and requests"),
        ("POST", "/control/push", "one step of the pusher"),
        ("POST", "/control/follow", "one step of the follower"),
        ("POST", "/control/settle", r#"{"seconds"?}: both until nothing is left"#),
        ("POST", "/control/pause", r#"{"push"?: bool,"follow"?: bool}: the loops stand still or go on"#),
        ("GET|POST|DELETE", "/control/faults", r#"{"kind","count"?,"ms"?}: the next requests that it can hit"#),
        ("GET|DELETE", "/control/journal?after=&crm_id=&limit=", "what was sent and told, oldest first"),
    ];
    let routes: Vec<Value> =
        routes.iter().map(|(method, path, what)| json!({ "method": method, "path": path, "what": what })).collect();
    Json(json!({ "routes": routes, "fault_kinds": FaultKind::ALL }))
}
