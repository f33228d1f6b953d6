//! The product in this process: every function's router and handler on one table, against the simulator,
//! so that work happens when a test says so and everything is counted.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use app::browse::Browser;
use app::{ErpSettings, Services};
use axum::Router;
use axum::body::Body;
use cloud::{Clock, LocalBlobs, LocalQueue, LocalSecrets, QueueSettings, WorkMessage};
use domain::TenantId;
use erp_sim::{CompanySpec, Sim, SimConfig};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use runtime::sqs::Received;
use runtime::{Callers, ConsoleDoor, CursorKey, Environment, Failure, Rates, SigningKey, TokenVerifier};
use serde_json::{Value, json};
use store::{Meter, Table, Tenant, VerifiedTenant};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::token_signer::{AUDIENCE, ISSUER, TokenSigner};

/// How long one invocation of the worker may take.
const INVOCATION: SignedDuration = SignedDuration::from_mins(15);

/// An answer of a router.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// All headers, those as well that do not show themselves.
    pub(crate) fn head(&self) -> String {
        let lines =
            self.headers.iter().map(|(name, value)| [name.as_str(), value.to_str().unwrap_or_default()].join(": "));
        lines.collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The product, its ERP, and what they share.
pub(crate) struct Inside {
    pub(crate) services: Services,
    pub(crate) queue: Arc<LocalQueue>,
    pub(crate) meter: Meter,
    pub(crate) clock: erp_sim::Clock,
    pub(crate) erp_url: String,
    pub(crate) door: ConsoleDoor,
    pub(crate) verifier: Arc<TokenVerifier>,
    simulator: Router,
    routers: BTreeMap<&'static str, Router>,
    signer: TokenSigner,
}

pub(crate) fn tenant_id(n: usize) -> TenantId {
    format!("t_{n:0>20}").parse().expect("a tenant id")
}

/// The id and the key of a company. They have nothing in common with those of another one.
pub(crate) fn company(n: usize) -> (String, String) {
    (format!("{}", 710_331_860_233_u64 + 104_729_515_229 * n as u64), format!("key-{n}-of-a-company"))
}

impl Inside {
    /// The product with an empty table, and so many empty companies.
    pub(crate) async fn new(companies: usize) -> Self {
        let clock = erp_sim::Clock::manual("2026-03-10T09:00:00Z".parse().expect("a time"));
        let specs = (0..companies).map(company).map(|(company_id, secret_key)| CompanySpec { company_id, secret_key });
        let config = SimConfig { scale: 0, companies: specs.collect(), ..SimConfig::demo(1, 0, clock.clone()) };
        let sim = Sim::new(config);
        let simulator = sim.router();
        let erp_url = serve(|listener| sim.serve(listener)).await;
        let meter = Meter::new();
        let table = new_table().with_meter(&meter);
        table.create_if_missing().await.expect("a table");
        let ticking = clock.clone();
        let product_clock = Clock::from_fn(move || ticking.now());
        let queue = Arc::new(LocalQueue::new(product_clock.clone(), QueueSettings::default()));
        let retry = erp::client::RetryPolicy::at_once();
        let services = Services {
            table,
            secrets: Arc::new(LocalSecrets::in_memory()),
            blobs: Arc::new(LocalBlobs::in_memory()),
            queue: Arc::<LocalQueue>::clone(&queue),
            clock: product_clock.clone(),
            erp: Arc::new(ErpSettings {
                allowed: [erp_url.clone()].into(),
                retry,
                calls_per_second: ErpSettings::CALLS_PER_SECOND,
            }),
        };
        let signer = TokenSigner::start().await;
        let tokens = [("JWT_ISSUER", ISSUER), ("JWT_AUDIENCE", AUDIENCE), ("JWKS_URL", signer.jwks_url.as_str())];
        let tokens = Environment::of(tokens).tokens().expect("settings");
        let verifier = Arc::new(TokenVerifier::new(tokens, product_clock.clone()));
        let door = ConsoleDoor::new(services.table.clone(), product_clock, false);
        let routers = routers(&services, &verifier, &door);
        Self { services, queue, meter, clock, erp_url, door, verifier, simulator, routers, signer }
    }

    pub(crate) fn tenant(&self, n: usize) -> Tenant {
        self.services.table.tenant(&VerifiedTenant::vouch(tenant_id(n)))
    }

    pub(crate) fn token(&self, n: usize, role: &str) -> String {
        self.signer.token(tenant_id(n).as_str(), role)
    }

    /// Sends a request to the function that the path leads to.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_vec())).expect("a request");
        let function = match path.split(['/', '?']).nth(1) {
            Some("console") => "console",
            Some("w") => "webhook",
            _ => "crm-api",
        };
        answer(&self.routers[function], request).await
    }

    /// Sends JSON as someone of tenant `n`.
    pub(crate) async fn send_json(
        &self,
        n: usize,
        role: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Reply {
        let bearer = format!("Bearer {}", self.token(n, role));
        let headers = [&[("authorization", bearer.as_str()), ("content-type", "application/json")], headers].concat();
        self.send(method, path, &headers, body.to_string().as_bytes()).await
    }

    /// What a connection of a tenant to a company is made with.
    pub(crate) fn settings(&self, n: usize) -> Value {
        let (company_id, secret_key) = company(n);
        json!({"base_url": self.erp_url, "company_id": company_id, "secret_key": secret_key, "webhook_secret": webhook_secret(n)})
    }

    /// Connects tenant `n` to company `n`; its first run waits in the queue.
    pub(crate) async fn connect(&self, n: usize) -> Reply {
        let reply = self.send_json(n, "administrator", "PUT", "/v1/connection", &[], &self.settings(n)).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
        reply
    }

    /// Works at most so many messages of the queue; how many there were.
    pub(crate) async fn work(&self, at_most: usize) -> usize {
        let mut worked = 0;
        while worked < at_most {
            let Some(delivery) = self.queue.receive(1).pop() else { break };
            let message = delivery.message().expect("a message of ours");
            self.handle(message).await.unwrap_or_else(|failure| panic!("{failure}"));
            self.queue.delete(&delivery.receipt);
            worked += 1;
        }
        worked
    }

    /// Hands a message to the worker.
    pub(crate) async fn handle(&self, message: WorkMessage) -> Result<(), Failure> {
        let deadline = self.services.clock.now() + INVOCATION;
        let received = Received { message, message_id: "message".to_owned(), receive_count: 1, deadline };
        Box::pin(fn_sync::handle(&self.services, received)).await
    }

    /// The tick of the present minute.
    pub(crate) async fn tick(&self) {
        fn_schedule::handle(&self.services, self.services.clock.now())
            .await
            .unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// The control plane of the simulator.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = Request::builder().method(method).uri(format!("/control{path}"));
        let request = request.body(Body::from(body.to_string())).expect("a request");
        let reply = answer(&self.simulator, request).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        reply.json()
    }

    /// An edit in company `n`; the id of what was edited.
    pub(crate) async fn edit(&self, n: usize, op: &Value) -> String {
        let done = self.control("POST", &format!("/companies/{}/edit", company(n).0), op).await;
        done["id"].as_str().unwrap_or_else(|| panic!("{op}: {done}")).to_owned()
    }

    /// Everything of one kind that company `n` has.
    pub(crate) async fn state(&self, n: usize, what: &str) -> Vec<Value> {
        let mut part = self.control("GET", &format!("/companies/{}/state/{what}", company(n).0), &Value::Null).await;
        assert!(part["next"].is_null(), "more than a page");
        match part["items"].take() {
            Value::Array(items) => items,
            other => panic!("no list: {other}"),
        }
    }
}

/// What the webhooks of tenant `n` are signed with.
pub(crate) fn webhook_secret(n: usize) -> String {
    format!("webhook-secret-{n}-of-a-tenant")
}

fn routers(services: &Services, verifier: &Arc<TokenVerifier>, door: &ConsoleDoor) -> BTreeMap<&'static str, Router> {
    let key = SigningKey::new(vec![7; 32]).expect("long enough");
    let api = fn_crm_api::CrmApi {
        services: services.clone(),
        callers: Callers::new(Arc::clone(verifier), services.table.clone(), services.clock.clone()),
        rates: Rates::new(10_000, runtime::clock::system()),
        browser: Arc::new(Browser::default()),
        cursors: CursorKey::new(&key),
        outbound: erp::Outbound::new(erp::Reach::ThisMachineToo).expect("TLS"),
        webhook_base: "https://hooks.example".into(),
    };
    let console = fn_console::Console {
        services: services.clone(),
        door: door.clone(),
        webhook_url: "https://hooks.example".to_owned(),
    };
    let webhook = fn_webhook::Webhook::new(services.clone());
    BTreeMap::from([
        ("crm-api", fn_crm_api::router(api)),
        ("console", fn_console::router(console)),
        ("webhook", fn_webhook::router(webhook)),
    ])
}

async fn answer(router: &Router, request: Request<Body>) -> Reply {
    let response = router.clone().oneshot(request).await.expect("a router answers");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Reply { status: parts.status, headers: parts.headers, text }
}

/// Serves on a free port of this machine for as long as the test runs; its address.
async fn serve<F>(server: impl FnOnce(TcpListener) -> F) -> String
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    #[expect(clippy::disallowed_methods, reason = "the server ends with its test")]
    tokio::spawn(server(listener));
    url
}

/// A table of its own in the embedded database of this test binary, which runs until the binary ends.
fn new_table() -> Table {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    static TABLES: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let endpoint = ENDPOINT.get_or_init(|| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a port for tokio");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("a port");
                dynoxide::server::serve_on(listener, dynoxide::Database::memory().expect("a database")).await;
            });
        });
        url
    });
    let n = TABLES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    Table::embedded(endpoint, format!("table-{n}"))
}
