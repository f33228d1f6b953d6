//! The runner as a client of the product's own API: what it does at start, anyone can do by hand.

use std::collections::BTreeMap;

use domain::{Object, Run, RunState};
use reqwest::{Client, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

/// An answer of the API that is no success.
#[derive(Debug, Deserialize)]
pub(crate) struct Refusal {
    /// Stable code.
    #[serde(default)]
    pub(crate) code: String,
    /// What happened.
    #[serde(default)]
    pub(crate) detail: String,
    /// What to do.
    #[serde(default)]
    pub(crate) remedy: String,
}

impl Refusal {
    /// Whether the ERP refused or could not be reached.
    pub(crate) fn is_erp(&self) -> bool {
        is_erp_code(&self.code)
    }

    fn unreachable(error: &reqwest::Error) -> Self {
        Self { code: "unreachable".into(), detail: error.to_string(), remedy: "look at the log above".into() }
    }
}

/// Whether a code says that the ERP refused or could not be reached.
pub(crate) fn is_erp_code(code: &str) -> bool {
    code.starts_with("erp_") || code == "credentials_invalid"
}

/// The counts of one object type in a run, as the API shows them.
pub(crate) type RunCounts = BTreeMap<Object, domain::Counts>;

/// The API with one tenant's token.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    base: String,
    token: String,
}

#[derive(Deserialize)]
struct ConnectionView {
    #[serde(default)]
    first_run: Option<RunView>,
}

/// A run as the API shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct RunView {
    pub(crate) id: String,
    pub(crate) state: RunState,
    #[serde(default)]
    pub(crate) counts: RunCounts,
    #[serde(default)]
    pub(crate) error: Option<domain::RunError>,
}

impl RunView {
    /// Whether it has ended.
    pub(crate) const fn is_over(&self) -> bool {
        matches!(self.state, RunState::Succeeded | RunState::Failed)
    }
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        Self { id: run.id.to_string(), state: run.state, counts: run.counts, error: run.error }
    }
}

/// What a tenant is connected to.
pub(crate) struct Wish<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) company_id: &'a str,
    pub(crate) secret_key: &'a str,
    pub(crate) webhook_secret: &'a str,
}

impl Api {
    pub(crate) fn new(client: Client, base: &str, token: &str) -> Self {
        Self { client, base: base.to_owned(), token: token.to_owned() }
    }

    /// Connects the tenant, or renews its connection; the run that brings its records.
    pub(crate) async fn connect(&self, wish: &Wish<'_>) -> Result<RunView, Refusal> {
        let etag = self.connection_etag().await?;
        let every = |full: u32| json!({"every_s": 60, "full_every_s": full, "paused": false});
        let cadence: BTreeMap<_, _> = Object::ALL.into_iter().map(|o| (o.name(), every(900))).collect();
        let body = json!({
            "base_url": wish.base_url,
            "company_id": wish.company_id,
            "secret_key": wish.secret_key,
            "webhook_secret": wish.webhook_secret,
            "cadence": cadence,
        });
        let mut request = self.request(Method::PUT, "/v1/connection").json(&body);
        if let Some(etag) = etag {
            request = request.header("if-match", etag);
        }
        let connected: ConnectionView = answer(request).await?;
        match connected.first_run {
            Some(run) => Ok(run),
            None => self.request_run().await,
        }
    }

    async fn connection_etag(&self) -> Result<Option<String>, Refusal> {
        let sent = self.request(Method::GET, "/v1/connection").send().await.map_err(|e| Refusal::unreachable(&e))?;
        match sent.status() {
            StatusCode::OK => Ok(sent.headers().get("etag").and_then(|v| v.to_str().ok()).map(str::to_owned)),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(refusal(sent).await),
        }
    }

    async fn request_run(&self) -> Result<RunView, Refusal> {
        let objects: Vec<_> = Object::ALL.iter().map(|o| o.name()).collect();
        let key = uuid::Uuid::new_v4().to_string();
        answer(self.request(Method::POST, "/v1/runs").header("idempotency-key", key).json(&json!({"objects": objects})))
            .await
    }

    /// The run as it stands.
    pub(crate) async fn run(&self, id: &str) -> Result<RunView, Refusal> {
        answer(self.request(Method::GET, &format!("/v1/runs/{id}"))).await
    }

    /// The address that the ERP's webhooks go to.
    pub(crate) async fn webhook_url(&self) -> Result<String, Refusal> {
        let connection: Value = answer(self.request(Method::GET, "/v1/connection")).await?;
        Ok(connection["webhook_url"].as_str().unwrap_or_default().to_owned())
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }
}

async fn answer<T: serde::de::DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, Refusal> {
    let sent = request.send().await.map_err(|e| Refusal::unreachable(&e))?;
    if !sent.status().is_success() {
        return Err(refusal(sent).await);
    }
    sent.json().await.map_err(|e| Refusal::unreachable(&e))
}

async fn refusal(sent: reqwest::Response) -> Refusal {
    let status = sent.status();
    sent.json().await.unwrap_or_else(|_| Refusal {
        code: status.as_str().to_owned(),
        detail: format!("the API answered {status}"),
        remedy: String::new(),
    })
}
