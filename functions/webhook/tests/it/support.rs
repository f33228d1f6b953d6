//! A world for the webhook function: two tenants, a queue that counts, a clock, and signed calls.

use app::{ErpSettings, Services};
use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{Method, Request, Response, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use cloud::{BasicAuth, Clock, LocalSecrets, NoBlobs, Queue, QueueError, Secrets, TenantSecrets, WorkMessage};
use domain::TenantId;
use fn_webhook::{Webhook, router};
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::Value;
use sha1::Sha1;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};
use store::{Connection, ConnectionState, Meter, Table, VerifiedTenant};
use tower::ServiceExt;

use crate::embedded_table;

pub(crate) const NOW: i64 = 1_790_000_000;

/// A queue that keeps what it is given, or is down.
#[derive(Default)]
pub(crate) struct CountingQueue {
    sent: Mutex<Vec<WorkMessage>>,
    down: AtomicBool,
}

#[async_trait]
impl Queue for CountingQueue {
    async fn send(&self, message: &WorkMessage, _: Duration) -> Result<(), QueueError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(QueueError::Unavailable("down".into()));
        }
        self.sent.lock().expect("no panic").push(message.clone());
        Ok(())
    }

    async fn send_all(&self, messages: &[WorkMessage]) -> Result<(), QueueError> {
        for message in messages {
            self.send(message, Duration::ZERO).await?;
        }
        Ok(())
    }
}

impl CountingQueue {
    /// What was sent since the last look.
    pub(crate) fn take(&self) -> Vec<WorkMessage> {
        std::mem::take(&mut *self.sent.lock().expect("no panic"))
    }

    pub(crate) fn break_down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }
}

pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) table: Table,
    pub(crate) meter: Meter,
    pub(crate) queue: Arc<CountingQueue>,
    now: Arc<AtomicI64>,
}

pub(crate) fn tenant_id(n: u32) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

pub(crate) fn address(n: u32) -> String {
    format!("/w/whe_{n:032}")
}

pub(crate) fn secret(n: u32) -> String {
    format!("webhook secret {n}")
}

pub(crate) fn connection(n: u32) -> Connection {
    let now = Timestamp::from_second(NOW).expect("a time");
    Connection {
        company_id: n.to_string(),
        base_url: "https://main.metakocka.si".to_owned(),
        endpoint_id: format!("whe_{n:032}").parse().expect("an endpoint id"),
        state: ConnectionState::Connected,
        cadence: BTreeMap::new(),
        created_at: now,
        updated_at: now,
        version: 0,
    }
}

/// Services on a table, with secrets for the tenants 1 and 2; 2 wants user and password besides.
pub(crate) async fn services(table: Table, queue: Arc<CountingQueue>, clock: Clock) -> Services {
    let secrets = LocalSecrets::in_memory();
    for n in [1, 2] {
        let mut kept = TenantSecrets::new("key".into(), secret(n).into());
        kept.basic_auth = (n == 2).then(|| BasicAuth { user: "metakocka".to_owned(), password: "geslo č".into() });
        secrets.put(&tenant_id(n), &kept).await.expect("saved");
    }
    let erp = Arc::new(ErpSettings::nowhere());
    Services { table, secrets: Arc::new(secrets), blobs: Arc::new(NoBlobs), queue, clock, erp }
}

impl World {
    pub(crate) async fn new() -> Self {
        let meter = Meter::new();
        let table = embedded_table::new_table().await.table.with_meter(&meter);
        for n in [1, 2] {
            let tenant = table.tenant(&VerifiedTenant::vouch(tenant_id(n)));
            tenant.create_connection(&connection(n)).await.expect("connected");
        }
        let now = Arc::new(AtomicI64::new(NOW));
        let read = Arc::clone(&now);
        let clock = Clock::from_fn(move || Timestamp::from_second(read.load(Ordering::SeqCst)).expect("a time"));
        let queue = Arc::new(CountingQueue::default());
        let services = services(table.clone(), Arc::clone(&queue), clock).await;
        meter.take();
        Self { router: router(Webhook::new(services)), table, meter, queue, now }
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Sends a request; status, body, and calls to AWS.
    pub(crate) async fn send(&self, request: Request<Body>) -> (StatusCode, Value, u64) {
        self.meter.take();
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (status, body) = read(response).await;
        (status, body, self.meter.take().all_requests())
    }

    /// The events of a tenant that wait.
    pub(crate) async fn waiting(&self, n: u32) -> usize {
        let tenant = self.table.tenant(&VerifiedTenant::vouch(tenant_id(n)));
        tenant.pending_inbox(1_000).await.expect("read").len()
    }
}

pub(crate) async fn read(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any key").chain_update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// A genuine webhook of tenant `n`.
pub(crate) fn genuine(n: u32, id: Option<&str>, body: &[u8]) -> Request<Body> {
    with(n, id, body, &sign(&secret(n), body))
}

/// A webhook at tenant `n`'s address with a signature of the caller's own.
pub(crate) fn with(n: u32, id: Option<&str>, body: &[u8], signature: &str) -> Request<Body> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(address(n))
        .header("content-type", "application/json")
        .header("x-metakocka-event", "warehouse_product_stock_update")
        .header("x-metakocka-signature", signature);
    if let Some(id) = id {
        request = request.header("x-metakocka-id", id);
    }
    request.body(Body::from(body.to_vec())).expect("a request")
}
