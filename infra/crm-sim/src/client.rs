//! The product's API as the CRM calls it.
//!
//! Decides what an answer is worth: taken, refused, or not known. Whatever is no whole answer of the product is not
//! known: it may have been done. Tries nothing twice.

use crate::books::Reply;
use crate::wire::{Answer, BulkAnswer, BulkItem, Object, Page, Put, Refusal};
use anyhow::Context as _;
use reqwest::{Method, RequestBuilder, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Gives the bearer token for each request, so that one that expires can be renewed.
#[derive(Clone)]
pub struct TokenSource(Arc<dyn Fn() -> String + Send + Sync>);

impl TokenSource {
    /// Always the same token.
    pub fn fixed(token: impl Into<String>) -> Self {
        let token = token.into();
        Self::from_fn(move || token.clone())
    }

    /// Whatever `token` gives at the time of the request.
    pub fn from_fn(token: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(token))
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource([redacted])")
    }
}

/// The API of one tenant.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    token: TokenSource,
    /// Begins the ids of all requests of this CRM.
    mark: String,
    requests: AtomicU64,
}

impl Client {
    /// # Errors
    ///
    /// An address that a token must not go to, or no TLS.
    #[expect(clippy::disallowed_methods, reason = "the CRM's own client: it shares nothing with the product's")]
    pub(crate) fn new(base: &str, token: TokenSource, mark: &str, timeout: Duration) -> anyhow::Result<Self> {
        let base: Url = base.parse().context("the address of the API")?;
        let is_here = matches!(base.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        anyhow::ensure!(
            base.scheme() == "https" || (base.scheme() == "http" && is_here),
            "the address of the API must be https, or http on this machine"
        );
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(2)))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("no HTTP client")?;
        Ok(Self { http, base, token, mark: mark.to_owned(), requests: AtomicU64::new(0) })
    }

    /// Whether a request was one of this CRM, by its id.
    pub(crate) fn is_ours(&self, event: Option<&str>) -> bool {
        let number = event.and_then(|event| event.strip_prefix(self.mark.as_str()));
        number.and_then(|rest| rest.strip_prefix(".r")).is_some()
    }

    pub(crate) async fn put(&self, object: Object, crm_id: &str, revision: Option<u64>, body: &Put) -> Reply<Answer> {
        let mut request = self.request(Method::PUT, &[object.name(), crm_id]).json(body);
        if let Some(revision) = revision {
            request = request.header("if-match", format!("\"{revision}\""));
        }
        answer(request).await
    }

    pub(crate) async fn delete(&self, object: Object, crm_id: &str) -> Reply<Answer> {
        answer(self.request(Method::DELETE, &[object.name(), crm_id])).await
    }

    pub(crate) async fn get(&self, object: Object, crm_id: &str) -> Reply<Answer> {
        answer(self.request(Method::GET, &[object.name(), crm_id])).await
    }

    pub(crate) async fn bulk(&self, object: Object, items: &[BulkItem]) -> Reply<BulkAnswer> {
        let body = serde_json::json!({ "items": items });
        answer(self.request(Method::POST, &[object.name(), "bulk"]).json(&body)).await
    }

    pub(crate) async fn changes(&self, cursor: Option<&str>, limit: u32) -> Reply<Page> {
        let mut url = self.url(&["changes"]);
        url.query_pairs_mut().append_pair("limit", &limit.to_string());
        if let Some(cursor) = cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        answer(self.of_url(Method::GET, url)).await
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(path);
        }
        url
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        self.of_url(method, self.url(path))
    }

    fn of_url(&self, method: Method, url: Url) -> RequestBuilder {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("{}.r{number}", self.mark);
        let is_keyed = method == Method::POST;
        let request = self.http.request(method, url).bearer_auth((self.token.0)()).header("x-request-id", &id);
        // Each request is one of its own: what is not known is looked at, not sent again.
        if is_keyed { request.header("idempotency-key", id) } else { request }
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Reply<T> {
    let sent = match request.send().await {
        Ok(sent) => sent,
        Err(error) => return Reply::Unknown(words(error)),
    };
    let status = sent.status();
    let bytes = match sent.bytes().await {
        Ok(bytes) => bytes,
        Err(error) => return Reply::Unknown(words(error)),
    };
    if status.is_success() {
        return match serde_json::from_slice(&bytes) {
            Ok(answer) => Reply::Taken(answer),
            Err(error) => Reply::Unknown(format!("{status} without a readable answer: {error}")),
        };
    }
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let refusal = Refusal::read(status.as_u16(), &body);
    if refusal.is_passing {
        Reply::Unknown(format!("{} {}", refusal.problem.status, refusal.problem.code).trim().to_owned())
    } else {
        Reply::Refused(refusal.problem)
    }
}

/// Without the address: it may be long, and the journal names the record.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    if error.is_timeout() { "timed out".to_owned() } else { error.to_string() }
}
