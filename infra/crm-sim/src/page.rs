//! Pages for people: watch the records and their state, edit them.
//!
//! Decides what the pages offer: only what the control plane offers too. A form counts only when it comes from one of
//! these pages; another site that a person has open must not edit records.

mod html;

use crate::books::Refused;
use crate::sim::CrmSim;
use crate::wire::{Object, Pieces};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::{CONTENT_SECURITY_POLICY, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

/// Everything under `/`.
pub(crate) fn router() -> Router<CrmSim> {
    Router::new()
        .route("/", get(list))
        .route("/loops", post(loops))
        .route("/records", post(create))
        .route("/records/{object}/{crm_id}", get(single).post(change))
}

/// What the list shows.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    pub(crate) object: String,
    /// `waiting` or `problem`; else all.
    #[serde(default)]
    pub(crate) only: String,
    #[serde(default)]
    pub(crate) page: usize,
}

async fn list(State(sim): State<CrmSim>, Query(shown): Query<Shown>) -> Response {
    let object = Object::parse(&shown.object).unwrap_or(Object::Contacts);
    page(StatusCode::OK, html::list(&sim, object, &shown))
}

async fn single(State(sim): State<CrmSim>, Path((name, crm_id)): Path<(String, String)>) -> Response {
    match Object::parse(&name).and_then(|object| sim.record(object, &crm_id)) {
        Some(record) => page(StatusCode::OK, html::single(&record)),
        None => trouble(StatusCode::NOT_FOUND, "There is no such record."),
    }
}

async fn loops(State(sim): State<CrmSim>, headers: HeaderMap, body: String) -> Response {
    let Some(form) = form(&headers, &body) else { return stranger() };
    match form.get("do").map(String::as_str) {
        Some("pause") => sim.pause(Some(true), Some(true)),
        Some("resume") => sim.pause(Some(false), Some(false)),
        Some("push") => drop(sim.push_once().await),
        Some("follow") => drop(sim.follow_once().await),
        _ => return trouble(StatusCode::BAD_REQUEST, "There is no such button."),
    }
    Redirect::to("/").into_response()
}

async fn create(State(sim): State<CrmSim>, headers: HeaderMap, body: String) -> Response {
    let Some(form) = form(&headers, &body) else { return stranger() };
    let text = |key: &str| form.get(key).map(String::as_str).unwrap_or_default();
    let Some(object) = Object::parse(text("object")) else {
        return trouble(StatusCode::BAD_REQUEST, "There is no such object type.");
    };
    let fields: Pieces = match serde_json::from_str(text("fields")) {
        Ok(fields) => fields,
        Err(error) => return trouble(StatusCode::BAD_REQUEST, &format!("The pieces are no JSON object: {error}.")),
    };
    match sim.create(object, None, fields) {
        Ok(crm_id) => Redirect::to(&format!("/records/{object}/{crm_id}")).into_response(),
        Err(refused) => of_refused(&refused),
    }
}

async fn change(
    State(sim): State<CrmSim>,
    Path((name, crm_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let Some(form) = form(&headers, &body) else { return stranger() };
    let Some(object) = Object::parse(&name) else {
        return trouble(StatusCode::NOT_FOUND, "There is no such object type.");
    };
    let text = |key: &str| form.get(key).map(|text| text.trim()).unwrap_or_default();
    let done = match text("do") {
        "edit" if text("piece").is_empty() => Err(Refused::Unfit("a piece has a name".to_owned())),
        "edit" => sim.edit(object, &crm_id, [(text("piece").to_owned(), value_of(text("value")))].into()),
        "delete" => sim.delete(object, &crm_id),
        "retry" => sim.try_again(object, &crm_id),
        _ => return trouble(StatusCode::BAD_REQUEST, "There is no such button."),
    };
    match done {
        Ok(()) => Redirect::to(&format!("/records/{object}/{crm_id}")).into_response(),
        Err(refused) => of_refused(&refused),
    }
}

/// What somebody typed: JSON where it is some, else a text. Nothing unsets the piece.
fn value_of(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}

/// The fields of a form that one of our pages sent.
fn form(headers: &HeaderMap, body: &str) -> Option<BTreeMap<String, String>> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(&HOST)?;
    let is_ours = text(&ORIGIN).is_none_or(|origin| origin.split_once("://").is_some_and(|(_, from)| from == host));
    let url = reqwest::Url::parse(&format!("http://form/?{body}")).ok().filter(|_| is_ours)?;
    Some(url.query_pairs().into_owned().collect())
}

fn page(status: StatusCode, text: String) -> Response {
    let mut response = (status, Html(text)).into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn trouble(status: StatusCode, text: &str) -> Response {
    page(status, html::trouble(text))
}

fn stranger() -> Response {
    trouble(StatusCode::FORBIDDEN, "This form does not come from a page of the CRM.")
}

fn of_refused(refused: &Refused) -> Response {
    match refused {
        Refused::Missing => trouble(StatusCode::NOT_FOUND, "There is no such record."),
        Refused::Unfit(why) => trouble(StatusCode::CONFLICT, why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("127.0.0.1:9"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn a_form_of_another_site_does_not_count() {
        for (origin, counts) in [
            (None, true),
            (Some("http://127.0.0.1:9"), true),
            (Some("http://127.0.0.1:10"), false),
            (Some("https://elsewhere.example"), false),
            (Some("null"), false),
        ] {
            assert_eq!(form(&headers(origin), "do=push").is_some(), counts, "{origin:?}");
        }
    }

    #[test]
    fn a_form_is_read_with_its_signs() {
        let form = form(&headers(None), "piece=lines%2Fl1&value=%7B%22a%22%3A+%22%C5%BD%26%22%7D").expect("a form");
        assert_eq!(form["piece"], "lines/l1");
        assert_eq!(value_of(&form["value"]), serde_json::json!({"a": "\u{17d}&"}));
        assert_eq!(value_of("Ana"), serde_json::json!("Ana"));
        assert_eq!(value_of(""), Value::Null);
    }
}
