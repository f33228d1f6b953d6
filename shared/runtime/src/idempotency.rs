//! Requests that may be sent again: the `Idempotency-Key` of POST and PATCH.
//!
//! Decides what of an answer is kept for a repeated request: a success with its
//! body, `Location` and `ETag`. An error answer is not kept, since a handler
//! that answers one has changed nothing; the same key may then be used again.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{CONTENT_TYPE, ETAG, LOCATION},
    request::Parts,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use store::{Begun, Tenant};

use crate::{catalogue::Code, failure::chain, http::json_from_slice, problem::Problem};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const MAX_KEY: usize = 64;

/// A successful answer, in the parts that a repeated request gets again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body: JSON.
    pub body: String,
    /// Where what was made is.
    pub location: Option<String>,
    /// The version of what was made or changed.
    pub etag: Option<String>,
    /// The body that is kept for a repeated request, where it is another one: secrets are shown once and kept nowhere.
    pub kept: Option<String>,
}

/// The kept form of the parts that the table has no columns for.
#[derive(Serialize, Deserialize)]
struct Kept {
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
}

impl Answer {
    /// An answer with a value as its body.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(value).map_err(|e| Problem::internal(&e))?;
        Ok(Self { status, body, location: None, etag: None, kept: None })
    }

    /// Answer a repeated request with this body instead.
    pub fn keeping(mut self, value: &impl Serialize) -> Result<Self, Problem> {
        self.kept = Some(serde_json::to_string(value).map_err(|e| Problem::internal(&e))?);
        Ok(self)
    }

    /// Also say where what was made is.
    #[must_use]
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Also say the version of what was made or changed.
    #[must_use]
    pub fn tagged(mut self, etag: impl Into<String>) -> Self {
        self.etag = Some(etag.into());
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [(LOCATION, self.location), (ETAG, self.etag)] {
            if let Some(value) = value.and_then(|v| HeaderValue::from_str(&v).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// A JSON body that came with an idempotency key.
#[derive(Debug)]
pub struct Keyed<T> {
    /// The body.
    pub value: T,
    request: KeyedRequest,
}

/// An idempotency key of a request without a body.
#[derive(Debug)]
pub struct KeyOnly(KeyedRequest);

impl KeyOnly {
    /// As [`Keyed::once`].
    pub async fn once<F>(&self, tenant: &Tenant, now: Timestamp, work: F) -> Result<Response, Problem>
    where
        F: Future<Output = Result<Answer, Problem>>,
    {
        self.0.once(tenant, now, work).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for KeyOnly {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let key = key_of(&parts.headers)?;
        let fingerprint = fingerprint(&target(&parts.method, &parts.uri), &Bytes::new());
        Ok(Self(KeyedRequest { key, fingerprint }))
    }
}

/// What makes two requests the same: the key, and everything that was asked.
#[derive(Debug)]
struct KeyedRequest {
    key: String,
    fingerprint: [u8; 32],
}

impl<T> Keyed<T> {
    /// Do `work` once for this key, and answer a repeated request with the same answer.
    /// It is called after everything that can be refused without a look at the world was refused.
    pub async fn once<F>(&self, tenant: &Tenant, now: Timestamp, work: F) -> Result<Response, Problem>
    where
        F: Future<Output = Result<Answer, Problem>>,
    {
        self.request.once(tenant, now, work).await
    }
}

impl KeyedRequest {
    async fn once<F>(&self, tenant: &Tenant, now: Timestamp, work: F) -> Result<Response, Problem>
    where
        F: Future<Output = Result<Answer, Problem>>,
    {
        let token = match tenant.begin(&self.key, &self.fingerprint, now).await? {
            Begun::Fresh { token } => token,
            Begun::Running => return Err(Problem::new(Code::IdempotencyRunning).retry_after(2)),
            Begun::OtherBody => return Err(Problem::new(Code::IdempotencyOtherBody)),
            Begun::Replay { status, body, .. } => return replay(status, &body),
        };
        match work.await {
            Ok(answer) => {
                let body = answer.kept.as_ref().unwrap_or(&answer.body).clone();
                let kept = Kept { body, location: answer.location.clone(), etag: answer.etag.clone() };
                let bytes = serde_json::to_vec(&kept).map_err(|e| Problem::internal(&e))?;
                // It was done; that its answer is not kept does not undo it.
                if let Err(error) = tenant.finish(&token, answer.status.as_u16(), "application/json", &bytes).await {
                    tracing::warn!(
                        code = error.code(),
                        error = chain(&error),
                        "an answer is not kept for a repeated request"
                    );
                }
                Ok(answer.into_response())
            }
            Err(problem) => {
                if let Err(error) = tenant.abandon(&token).await {
                    tracing::warn!(
                        code = error.code(),
                        error = chain(&error),
                        "an idempotency key stays taken for a minute"
                    );
                }
                Err(problem)
            }
        }
    }
}

fn replay(status: u16, kept: &[u8]) -> Result<Response, Problem> {
    let kept: Kept = serde_json::from_slice(kept).map_err(|e| Problem::internal(&e))?;
    let status = StatusCode::from_u16(status).map_err(|e| Problem::internal(&e))?;
    let answer = Answer { status, body: kept.body, location: kept.location, etag: kept.etag, kept: None };
    let mut response = answer.into_response();
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Keyed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let key = key_of(request.headers())?;
        let target = target(request.method(), request.uri());
        let body = crate::http::json_body(request, state).await?;
        let value = json_from_slice(&body)?;
        Ok(Self { value, request: KeyedRequest { key, fingerprint: fingerprint(&target, &body) } })
    }
}

/// Without the host: the function's own address and a domain of ours lead to the same place.
fn target(method: &Method, uri: &Uri) -> String {
    format!("{method} {}", uri.path_and_query().map_or("/", |p| p.as_str()))
}

fn key_of(headers: &HeaderMap) -> Result<String, Problem> {
    let mut keys = headers.get_all(KEY).iter();
    let key = keys.next().ok_or(Problem::new(Code::IdempotencyKeyMissing))?;
    let fits = (1..=MAX_KEY).contains(&key.len()) && key.as_bytes().iter().all(u8::is_ascii_graphic);
    match key.to_str() {
        Ok(text) if fits && keys.next().is_none() => Ok(text.to_owned()),
        _ => Err(Problem::new(Code::IdempotencyKeyInvalid)),
    }
}

fn fingerprint(target: &str, body: &Bytes) -> [u8; 32] {
    Sha256::new().chain_update(target).chain_update([0]).chain_update(body).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_header_of_1_to_64_visible_characters() {
        let long = "k".repeat(65);
        let most = "k".repeat(64);
        for (keys, code) in [
            (vec![], Some(Code::IdempotencyKeyMissing)),
            (vec![""], Some(Code::IdempotencyKeyInvalid)),
            (vec!["a b"], Some(Code::IdempotencyKeyInvalid)),
            (vec!["č"], Some(Code::IdempotencyKeyInvalid)),
            (vec![long.as_str()], Some(Code::IdempotencyKeyInvalid)),
            (vec!["a", "a"], Some(Code::IdempotencyKeyInvalid)),
            (vec![most.as_str()], None),
            (vec!["~!\"quoted\""], None),
        ] {
            let headers: HeaderMap =
                keys.iter().map(|k| (KEY, HeaderValue::from_bytes(k.as_bytes()).expect("a header"))).collect();
            assert_eq!(key_of(&headers).err().map(|p| p.code()), code, "{keys:?}");
        }
    }

    #[test]
    fn the_same_body_elsewhere_is_another_request() {
        let body = Bytes::from_static(b"{}");
        assert_eq!(fingerprint("POST /a", &body), fingerprint("POST /a", &body));
        assert_ne!(fingerprint("POST /a", &body), fingerprint("POST /b", &body));
        assert_ne!(fingerprint("POST /a", &body), fingerprint("POST /a", &Bytes::from_static(b"{ }")));
    }
}
