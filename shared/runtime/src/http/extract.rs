//! Extractors that answer problems: what is wrong, and where, without repeating what was sent.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    response::IntoResponse,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{catalogue::Code, problem::Problem};

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// The query's parameters.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

/// The path's parameters. One that is not of its form leads nowhere: 404, like an id of someone else.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        json_from_slice(&json_body(request, state).await?).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(query) => Ok(Self(query.0)),
            Err(rejection) => {
                let text = rejection.body_text();
                let sent = parts.uri.query().unwrap_or_default();
                let repeats = |m: &str| sent.split(['&', '=']).any(|part| part.len() > 3 && m.contains(part));
                let (path, said) = locate(text.split_once(": ").map_or("", |(_, rest)| rest), repeats);
                Err(Problem::new(Code::InvalidRequest).at(path.unwrap_or("query"), said))
            }
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(path) => Ok(Self(path.0)),
            Err(rejection) if rejection.status() == StatusCode::INTERNAL_SERVER_ERROR => {
                Err(Problem::internal(&rejection))
            }
            Err(_) => Err(Problem::new(Code::NotFound)),
        }
    }
}

const UNFIT: &str = "not of the form it must have";

/// The bytes of a request that says it is JSON.
async fn json_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    if !is_json(request.headers()) {
        return Err(Problem::new(Code::UnsupportedMediaType));
    }
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::BodyTooLarge),
        _ => Problem::new(Code::InvalidRequest).at("body", "it broke off"),
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()) else { return false };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A value from a JSON body, or a problem that says where the body is wrong.
pub fn json_from_slice<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let rejection = match axum::Json::<T>::from_bytes(body) {
        Ok(value) => return Ok(value.0),
        Err(rejection) => rejection,
    };
    let problem = Problem::new(Code::InvalidRequest);
    if !matches!(rejection, JsonRejection::JsonDataError(_)) {
        let message =
            if body.iter().all(u8::is_ascii_whitespace) { "there is no body" } else { "not well-formed JSON" };
        return Err(problem.at("$", message));
    }
    let text = rejection.body_text();
    let sent: Value = serde_json::from_slice(body).unwrap_or_default();
    let (path, said) = locate(text.split_once(": ").map_or("", |(_, rest)| rest), |m| repeats(m, &sent));
    let path = match path {
        None | Some(".") => "$".to_owned(),
        Some(p) if p.starts_with('[') => format!("${p}"),
        Some(p) => format!("$.{p}"),
    };
    Err(problem.at(path, said))
}

/// Path and message of `path: message`. Of a message that quotes what was sent, only what was expected is left;
/// one that `repeats` what was sent in another way is not told.
fn locate(text: &str, repeats: impl Fn(&str) -> bool) -> (Option<&str>, &str) {
    const QUOTING: [&str; 5] =
        ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant `", "unknown field `"];
    let (path, message) = match text.split_once(": ") {
        Some((path, rest)) if !path.contains(' ') => (Some(path), rest),
        _ => (None, text),
    };
    let message = message.rsplit_once(" at line ").map_or(message, |(m, _)| m);
    let expected = message.rfind("expected ").map(|n| &message[n..]);
    match expected {
        Some(expected) if QUOTING.iter().any(|q| message.starts_with(q)) => (path, expected),
        _ if message.is_empty() || repeats(message) => (path, UNFIT),
        _ => (path, message),
    }
}

/// Whether a message contains a text of the body: it could be a secret.
fn repeats(message: &str, sent: &Value) -> bool {
    match sent {
        Value::String(s) => s.len() > 3 && message.contains(s.as_str()),
        Value::Array(all) => all.iter().any(|v| repeats(message, v)),
        Value::Object(all) => all.values().any(|v| repeats(message, v)),
        _ => false,
    }
}

impl<T: serde::Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> axum::response::Response {
        axum::Json(self.0).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its form matters")]
    struct Sample {
        objects: Vec<Kind>,
        run: Option<domain::RunId>,
        #[serde(default)]
        key: String,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Stock,
        Orders,
    }

    fn fault(body: &str) -> (String, String) {
        let problem = json_from_slice::<Sample>(body.as_bytes()).expect_err(body);
        assert_eq!(problem.code(), Code::InvalidRequest);
        let fault = problem.errors().first().expect("one").clone();
        (fault.path, fault.message)
    }

    #[test]
    fn a_fault_says_where_it_is_and_what_was_expected() {
        for (body, path, message) in [
            ("", "$", "there is no body"),
            ("{", "$", "not well-formed JSON"),
            (r#"{"objects":[]} x"#, "$", "not well-formed JSON"),
            ("[]", "$", "missing field"),
            ("{}", "$", "missing field `objects`"),
            (r#"{"objects":7}"#, "$.objects", "expected a sequence"),
            (r#"{"objects":["stock","MARKER"]}"#, "$.objects[1]", "expected `stock` or `orders`"),
            (r#"{"objects":[],"run":"MARKER"}"#, "$.run", "run_"),
            (r#"{"objects":[],"objects":[]}"#, "$", "duplicate field `objects`"),
        ] {
            let (at, said) = fault(body);
            if body != "[]" {
                assert_eq!(at, path, "{body}: {said}");
                assert!(said.contains(message), "{body}: {said}");
            }
        }
    }

    #[test]
    fn a_fault_repeats_nothing_of_what_was_sent() {
        for body in [
            r#"{"objects":"MARKER-1"}"#,
            r#"{"objects":["MARKER-1"]}"#,
            r#"{"objects":[],"key":{"MARKER":1}}"#,
            r#"{"objects":[],"run":"MARKER-1"}"#,
            r#"{"objects":[{"MARKER-1":"MARKER-2"}]}"#,
            r#""MARKER-1""#,
        ] {
            let (at, said) = fault(body);
            assert!(!said.contains("MARKER"), "{body}: {at}: {said}");
        }
    }
}
