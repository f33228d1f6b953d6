//! Calling the product over HTTP, with a token or without.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::waiting::eventually;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// Status and code of a problem.
    pub fn problem(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned())
    }

    /// The body of a success.
    pub fn success(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.json()
    }
}

/// A new client. Answers that lead elsewhere are not followed.
pub fn client() -> Client {
    #[expect(
        clippy::disallowed_methods,
        reason = "a client of this machine's own addresses, with nothing of the product's clients"
    )]
    let builder = Client::builder();
    builder.no_proxy().redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}

/// Someone who calls.
#[derive(Clone)]
pub struct Caller {
    http: Client,
    base: String,
    token: Option<String>,
}

impl Caller {
    /// Someone without a token.
    pub fn anonymous(base: &str) -> Self {
        Self { http: client(), base: base.to_owned(), token: None }
    }

    /// Someone with a token.
    pub fn with_token(base: &str, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::anonymous(base) }
    }

    /// Sends a request.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Vec<u8>>) -> Answer {
        let method: Method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header's name");
            request = request.header(name, HeaderValue::from_str(value).expect("a header's value"));
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        Answer { status, headers, text }
    }

    /// Sends JSON; what changes something has a key of its own unless `headers` name one.
    pub async fn send_json(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        static KEYS: AtomicU64 = AtomicU64::new(0);
        let key = format!("e2e-{}", KEYS.fetch_add(1, Ordering::Relaxed));
        let mut headers = [&[("content-type", "application/json")], headers].concat();
        if matches!(method, "POST" | "PATCH") && !headers.iter().any(|(name, _)| *name == "idempotency-key") {
            headers.push(("idempotency-key", &key));
        }
        self.send(method, path, &headers, Some(body.to_string().into_bytes())).await
    }

    /// Asks.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    /// All entries of a list, part by part.
    pub async fn walk(&self, path: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let and = if path.contains('?') { '&' } else { '?' };
            let from = cursor.map(|c: String| format!("&cursor={c}")).unwrap_or_default();
            let mut part = self.get(&format!("{path}{and}limit=200{from}")).await.success();
            let Value::Array(entries) = part["data"].take() else { panic!("no list: {part}") };
            all.extend(entries);
            assert_eq!(part["has_more"].as_bool(), Some(part["next_cursor"].is_string()), "{part}");
            match part["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return all,
            }
        }
    }

    /// Asks for a full run of some object types.
    pub async fn start_run(&self, key: &str, objects: &[&str]) -> Answer {
        self.send_json("POST", "/v1/runs", &[("idempotency-key", key)], &json!({"objects": objects})).await
    }

    /// A full run of everything, to its end.
    pub async fn run(&self, key: &str) -> Value {
        let run = self.start_run(key, &OBJECTS).await.success();
        self.end_of(&run).await
    }

    /// A run when it is over.
    pub async fn end_of(&self, run: &Value) -> Value {
        let id = run["id"].as_str().expect("a run");
        let path = format!("/v1/runs/{id}");
        eventually("the end of a run", async || Some(self.get(&path).await.success()).filter(is_over)).await
    }

    /// The tenant's runs, the newest first. Of those that were asked for while the clock stood still, none is newer.
    pub async fn runs(&self) -> Vec<Value> {
        self.walk("/v1/runs").await
    }

    /// The tenant's runs when all of them are over.
    pub async fn settled(&self) -> Vec<Value> {
        let look = async || Some(self.runs().await).filter(|runs| !runs.is_empty() && runs.iter().all(is_over));
        eventually("the end of all runs", look).await
    }
}

/// The object types, as the API names them.
pub const OBJECTS: [&str; 12] = [
    "products",
    "stock",
    "offers",
    "orders",
    "invoices",
    "credit_notes",
    "purchase_orders",
    "purchase_invoices",
    "work_orders",
    "warehouse_documents",
    "complaints",
    "contacts",
];

/// Where the records of an object type are.
pub fn path_of(object: &str) -> String {
    match object {
        "contacts" | "products" | "stock" => format!("/v1/{object}"),
        kind => format!("/v1/documents?type={kind}"),
    }
}

/// Whether a run has ended.
pub fn is_over(run: &Value) -> bool {
    run["state"] == "succeeded" || run["state"] == "failed"
}
