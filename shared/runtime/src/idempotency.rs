//! Requests that may be sent again: the `Idempotency-Key` of POST and PATCH.
//!
//! Decides what of an answer is kept for a repeated request: a success with its
//! body, `Location` and `ETag`. An error answer is not kept, since a handler
//! that answers one has changed nothing; the same key may then be used again.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    response::Response,
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{CONTENT_TYPE, ETAG, LOCATION},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Begun, IdempotencyToken, Tenant};

use crate::{catalogue::Code, failure::chain, problem::Problem};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const MAX_KEY: usize = 64;

/// The body that a repeated request gets, where it is not that of the first answer: without what is shown once only.
/// A handler puts it into the extensions of its answer.
#[derive(Clone, Debug)]
pub struct Repeated(pub Bytes);

/// The kept form of the parts that the table has no columns for.
#[derive(Serialize, Deserialize)]
struct Kept {
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
}

/// Whether requests of a method carry a key.
pub(crate) const fn is_keyed(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PATCH)
}

/// Has `answer` answer a request once for its key and caller, and answers a repeated one alike.
pub(crate) async fn once<F>(
    tenant: &Tenant,
    subject: &str,
    now: Timestamp,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Result<Response, Problem>
where
    F: Future<Output = Response>,
{
    let key = key_of(request.headers())?;
    let (parts, body) = request.into_parts();
    // The frame has read it, and has limited it.
    let body =
        to_bytes(body, usize::MAX).await.map_err(|_| Problem::new(Code::InvalidRequest).at("body", "it broke off"))?;
    // Without the host: the function's own address and a domain of ours lead to the same place.
    let path = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let fingerprint = fingerprint(&format!("{} {path}", parts.method), subject, &body);
    let token = match tenant.begin(&key, &fingerprint, now).await? {
        Begun::Fresh { token } => token,
        Begun::Running => return Err(Problem::new(Code::IdempotencyRunning).retry_after(2)),
        Begun::OtherBody => return Err(Problem::new(Code::IdempotencyOtherBody)),
        Begun::Replay { status, content_type, body } => return replay(status, &content_type, &body),
    };
    let response = answer(Request::from_parts(parts, Body::from(body))).await;
    if response.status().is_success() {
        return keep(tenant, &token, response).await;
    }
    if let Err(error) = tenant.abandon(&token).await {
        tracing::warn!(code = error.code(), error = chain(&error), "an idempotency key stays taken for a minute");
    }
    Ok(response)
}

async fn keep(tenant: &Tenant, token: &IdempotencyToken, response: Response) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|e| Problem::internal(&e))?;
    let header = |name: &HeaderName| parts.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let repeated = parts.extensions.get::<Repeated>().map_or(&body, |repeated| &repeated.0);
    let text = std::str::from_utf8(repeated).map_err(|e| Problem::internal(&e))?;
    let kept = Kept { body: text.to_owned(), location: header(&LOCATION), etag: header(&ETAG) };
    let bytes = serde_json::to_vec(&kept).map_err(|e| Problem::internal(&e))?;
    let content_type = header(&CONTENT_TYPE).unwrap_or_default();
    // It was done; that its answer is not kept does not undo it.
    if let Err(error) = tenant.finish(token, parts.status.as_u16(), &content_type, &bytes).await {
        tracing::warn!(code = error.code(), error = chain(&error), "an answer is not kept for a repeated request");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replay(status: u16, content_type: &str, kept: &[u8]) -> Result<Response, Problem> {
    let kept: Kept = serde_json::from_slice(kept).map_err(|e| Problem::internal(&e))?;
    let mut response = Response::new(Body::from(kept.body));
    *response.status_mut() = StatusCode::from_u16(status).map_err(|e| Problem::internal(&e))?;
    let headers = response.headers_mut();
    let told = [(CONTENT_TYPE, Some(content_type.to_owned())), (LOCATION, kept.location), (ETAG, kept.etag)];
    for (name, value) in told {
        if let Some(value) = value.and_then(|v| HeaderValue::from_str(&v).ok()) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
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

/// What makes two requests the same, beside their key: who asked, and everything that was asked.
fn fingerprint(target: &str, subject: &str, body: &[u8]) -> [u8; 32] {
    let hash = Sha256::new().chain_update(target).chain_update([0]).chain_update(subject).chain_update([0]);
    hash.chain_update(body).finalize().into()
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
    fn the_same_body_elsewhere_or_from_another_is_another_request() {
        let body = b"{}";
        let first = fingerprint("POST /a", "user-1", body);
        assert_eq!(first, fingerprint("POST /a", "user-1", body));
        assert_ne!(first, fingerprint("POST /b", "user-1", body));
        assert_ne!(first, fingerprint("POST /a", "user-2", body));
        assert_ne!(first, fingerprint("POST /a", "user-1", b"{ }"));
    }
}
