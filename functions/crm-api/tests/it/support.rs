//! A world for the API: an embedded DynamoDB, an issuer of tokens, a queue, a clock, and requests
//! whose answers are held against the description.

use app::{ErpSettings, Services, browse::Browser};
use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use cloud::{Clock, LocalBlobs, LocalSecrets, Queue, QueueError, TenantSecrets, WorkMessage};
use domain::{
    Contact, Currency, Document, DocumentKind, ErpId, Object, Parked, Product, Record, RecordId, Status, Stock,
    StockLevel, Sums, TenantId, Text, Tracking,
    change::{ChangeKind, diff},
};
use fn_crm_api::{CrmApi, router};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use runtime::{Callers, CursorKey, Environment, Rates, SigningKey, TokenVerifier};
use rust_decimal::Decimal;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use store::{Commit, Connection, ConnectionState, Meter, NewChange, RecordWrite, Side, Tenant, VerifiedTenant};
use tower::ServiceExt;

use crate::{
    embedded_table,
    token_signer::{AUDIENCE, ISSUER, TokenSigner},
};

/// A queue that keeps what it is given.
#[derive(Default)]
pub(crate) struct KeepingQueue(Mutex<Vec<WorkMessage>>);

#[async_trait]
impl Queue for KeepingQueue {
    async fn send(&self, message: &WorkMessage, _: Duration) -> Result<(), QueueError> {
        self.0.lock().expect("no panic").push(message.clone());
        Ok(())
    }

    async fn send_all(&self, messages: &[WorkMessage]) -> Result<(), QueueError> {
        self.0.lock().expect("no panic").extend_from_slice(messages);
        Ok(())
    }
}

impl KeepingQueue {
    /// What was sent since the last look.
    pub(crate) fn take(&self) -> Vec<WorkMessage> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }
}

/// Among the headers of a request: it has no idempotency key.
pub(crate) const NO_KEY: (&str, &str) = ("idempotency-key", "");

/// Keys that were used.
static KEYS: AtomicU64 = AtomicU64::new(0);

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The code of a problem.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Where the first fault of a problem is.
    pub(crate) fn fault(&self) -> &str {
        self.body["errors"][0]["path"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// A member of every entry of a list.
    pub(crate) fn of_all(&self, member: &str) -> Vec<String> {
        let all = self.body["data"].as_array().expect("a list");
        all.iter().map(|entry| entry[member].as_str().expect("text").to_owned()).collect()
    }
}

pub(crate) struct World {
    clock: Arc<Mutex<Timestamp>>,
    pub(crate) services: Services,
    pub(crate) queue: Arc<KeepingQueue>,
    pub(crate) meter: Meter,
    pub(crate) signer: TokenSigner,
    router: Router,
    description: Value,
}

pub(crate) fn now() -> Timestamp {
    "2026-11-24T08:15:00Z".parse().expect("a time")
}

pub(crate) fn tenant_id(n: u32) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_erp(&[]).await
    }

    /// A world whose connections may name the ERPs at these addresses.
    pub(crate) async fn with_erp(allowed: &[&str]) -> Self {
        Self::with(allowed, 10_000).await
    }

    /// A world that takes so many requests a second of a tenant.
    pub(crate) async fn at_most(per_second: u32) -> Self {
        Self::with(&[], per_second).await
    }

    async fn with(allowed: &[&str], per_second: u32) -> Self {
        let meter = Meter::new();
        let table = embedded_table::new_table().await.table.with_meter(&meter);
        let queue = Arc::new(KeepingQueue::default());
        let time = Arc::new(Mutex::new(now()));
        let read = time.clone();
        let clock = Clock::from_fn(move || *read.lock().expect("no panic"));
        let retry = erp::client::RetryPolicy::never();
        let services = Services {
            table,
            secrets: Arc::new(LocalSecrets::in_memory()),
            blobs: Arc::new(LocalBlobs::in_memory()),
            queue: queue.clone(),
            clock: clock.clone(),
            erp: Arc::new(ErpSettings {
                allowed: allowed.iter().map(|&a| a.to_owned()).collect(),
                retry,
                calls_per_second: ErpSettings::CALLS_PER_SECOND,
            }),
        };
        let signer = TokenSigner::start().await;
        let tokens = [("JWT_ISSUER", ISSUER), ("JWT_AUDIENCE", AUDIENCE), ("JWKS_URL", signer.jwks_url.as_str())];
        let tokens = Environment::of(tokens).tokens().expect("settings");
        let api = CrmApi {
            services: services.clone(),
            callers: Callers::new(
                Arc::new(TokenVerifier::new(tokens, clock.clone())),
                services.table.clone(),
                clock.clone(),
            ),
            rates: Rates::new(per_second, clock),
            browser: Arc::new(Browser::default()),
            cursors: CursorKey::new(&SigningKey::new(vec![7; 32]).expect("long enough")),
            outbound: erp::Outbound::new(erp::Reach::ThisMachineToo).expect("TLS"),
            webhook_base: "https://webhook.example.com".into(),
        };
        let description = serde_json::from_str(fn_crm_api::OPENAPI).expect("JSON");
        Self { clock: time, services, queue, meter, signer, router: router(api), description }
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, by: SignedDuration) {
        let mut time = self.clock.lock().expect("no panic");
        *time = time.checked_add(by).expect("in range");
    }

    pub(crate) fn tenant(&self, n: u32) -> Tenant {
        self.services.table.tenant(&VerifiedTenant::vouch(tenant_id(n)))
    }

    /// A token of tenant `n` in a role.
    pub(crate) fn token(&self, n: u32, role: &str) -> String {
        self.signer.token(tenant_id(n).as_str(), role)
    }

    /// Asks as tenant `n`'s administrator.
    pub(crate) async fn get(&self, n: u32, path: &str) -> Answer {
        self.ask(Method::GET, path, Some(&self.token(n, "administrator")), &[], None).await
    }

    /// Sends JSON as tenant `n`'s administrator.
    pub(crate) async fn send(
        &self,
        n: u32,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        self.ask(method, path, Some(&self.token(n, "administrator")), headers, Some(body)).await
    }

    /// Asks, and holds the answer against the description.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        // A request that changes something has a key of its own unless the test says which, or none.
        let is_keyed = matches!(method, Method::POST | Method::PATCH);
        if is_keyed && !headers.iter().any(|(name, _)| *name == "idempotency-key") {
            request = request.header("idempotency-key", format!("test-{}", KEYS.fetch_add(1, Ordering::SeqCst)));
        }
        for (name, value) in headers.iter().filter(|header| **header != NO_KEY) {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.unwrap_or_default().to_owned())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let answer = Answer { status: parts.status, headers: parts.headers, body, bytes: bytes.to_vec() };
        self.hold_against_description(&method, path, &answer);
        answer
    }

    /// Every status that an operation answers is described, and so is every code of a problem.
    fn hold_against_description(&self, method: &Method, path: &str, answer: &Answer) {
        let path = path.split('?').next().unwrap_or_default();
        // A path that is written out goes before one with a name in it, as for the router.
        let fitting = self.description["paths"].as_object().expect("paths").iter().filter(|(t, _)| fits(t, path));
        let item = fitting.min_by_key(|(template, _)| template.matches('{').count());
        let Some(operation) = item.and_then(|(_, item)| item.get(method.as_str().to_lowercase())) else { return };
        let response = &operation["responses"][answer.status.as_str()];
        assert!(
            response.is_object(),
            "{method} {path} answers {} {}, which is not described",
            answer.status,
            answer.body
        );
        if answer.status.is_client_error() || answer.status.is_server_error() {
            assert_eq!(answer.header("content-type"), "application/problem+json");
            let described = &response["content"]["application/problem+json"]["examples"][answer.code()];
            assert!(described.is_object(), "{method} {path}: the problem {} is not described", answer.code());
        }
    }

    /// Writes records of tenant `n`.
    pub(crate) async fn load(&self, n: u32, records: &[Record]) {
        let tenant = self.tenant(n);
        let lease = tenant.acquire_lease("test", now(), SignedDuration::from_secs(60)).await.expect("free");
        for chunk in records.chunks(Commit::MAX_RECORDS) {
            let mut commit = Commit::new(&lease);
            commit.seq = tenant.seq().await.expect("a number");
            commit.writes = chunk.iter().map(|record| create(&tenant, record)).collect();
            tenant.commit(&commit, now()).await.expect("a commit");
        }
        tenant.release_lease(&lease).await.expect("held");
    }

    /// Writes tenant `n`'s record again, with other content or as missing.
    pub(crate) async fn change(&self, n: u32, record: &Record, missing: bool) {
        let tenant = self.tenant(n);
        let stored = tenant.record(id_of(&tenant, record)).await.expect("read").expect("there");
        let lease = tenant.acquire_lease("test", now(), SignedDuration::from_secs(60)).await.expect("free");
        let mut commit = Commit::new(&lease);
        commit.seq = tenant.seq().await.expect("a number");
        let change = change(Some(&stored.record), record);
        let write = if missing {
            RecordWrite::mark_missing(&stored, now(), change)
        } else {
            RecordWrite::replace(&stored, record.to_bytes(), change)
        };
        commit.writes = vec![write];
        commit.release = true;
        tenant.commit(&commit, now()).await.expect("a commit");
    }

    /// Sets ERP records of tenant `n` aside.
    pub(crate) async fn park(&self, n: u32, parked: Vec<Parked>) {
        let tenant = self.tenant(n);
        let lease = tenant.acquire_lease("test", now(), SignedDuration::from_secs(60)).await.expect("free");
        let mut commit = Commit::new(&lease);
        commit.parked = parked;
        commit.release = true;
        tenant.commit(&commit, now()).await.expect("a commit");
    }

    /// Connects tenant `n` without asking the ERP.
    pub(crate) async fn connect(&self, n: u32, state: ConnectionState) {
        self.connect_to(n, state, "https://main.metakocka.si").await;
    }

    /// Connects tenant `n` to the ERP at an address, without asking it.
    pub(crate) async fn connect_to(&self, n: u32, state: ConnectionState, base_url: &str) {
        let connection = Connection {
            company_id: "16".to_owned(),
            base_url: base_url.to_owned(),
            endpoint_id: format!("whe_{n:032}").parse().expect("an endpoint id"),
            state,
            cadence: Object::ALL.into_iter().map(|o| (o, domain::Cadence::standard(o))).collect(),
            created_at: now(),
            updated_at: now(),
            version: 0,
        };
        self.tenant(n).create_connection(&connection).await.expect("connected");
        let secrets = TenantSecrets::new("MARKER-key".into(), "MARKER-hook".into());
        self.services.secrets.put(&tenant_id(n), &secrets).await.expect("saved");
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t == p || t.starts_with('{'))
}

pub(crate) fn id_of(tenant: &Tenant, record: &Record) -> RecordId {
    RecordId::for_erp(tenant.id(), record.object(), record.erp_id())
}

fn change(before: Option<&Record>, after: &Record) -> NewChange {
    let kind = if before.is_some() { ChangeKind::Updated } else { ChangeKind::Added };
    NewChange {
        run: None,
        actor: "sync".to_owned(),
        side: Side::Erp,
        kind,
        fields: diff(before, after),
        decided: BTreeMap::new(),
        event: None,
        matched: None,
    }
}

fn create(tenant: &Tenant, record: &Record) -> RecordWrite {
    let write = RecordWrite::create(id_of(tenant, record), record.erp_id(), record.to_bytes(), change(None, record));
    write.listed(record.listing())
}

fn text(s: &str) -> Text {
    s.parse().expect("a text")
}

pub(crate) fn contact(n: u64, name: &str) -> Record {
    Record::Contact(Box::new(Contact {
        erp_id: ErpId::new(n),
        number: None,
        name: text(name),
        company: true,
        taxpayer: None,
        foreign: false,
        tax_number: None,
        registration_number: None,
        buyer: true,
        supplier: false,
        addresses: vec![],
        persons: vec![],
        discounts: vec![],
    }))
}

pub(crate) fn product(n: u64, name: &str) -> Record {
    Record::Product(Box::new(Product {
        erp_id: ErpId::new(n),
        number: None,
        code: text(&format!("C-{n}")),
        name: text(name),
        description: None,
        unit: text("kos"),
        barcode: None,
        service: false,
        sales: true,
        purchasing: true,
        active: true,
        webshop: false,
        weight: None,
        min_stock: None,
        categories: vec![],
        prices: vec![],
        translations: BTreeMap::new(),
        extra: BTreeMap::new(),
        customs_code: None,
        origin: None,
    }))
}

pub(crate) fn stock(n: u64, on_hand: i64) -> Record {
    let amount = Decimal::from(on_hand);
    let level = StockLevel { warehouse: ErpId::new(1), on_hand: amount, reserved: None, free: amount };
    Record::Stock(Box::new(Stock {
        erp_id: ErpId::new(n),
        code: None,
        name: None,
        unit: None,
        incoming: vec![],
        levels: vec![level],
    }))
}

pub(crate) fn document(n: u64, kind: DocumentKind) -> Record {
    Record::Document(Box::new(Document {
        erp_id: ErpId::new(n),
        kind,
        number: text(&format!("2026-{n}")),
        date: None,
        title: None,
        notes: None,
        status: Status::default(),
        partner: None,
        receiver: None,
        buyer_order: None,
        currency: Currency::EUR,
        warehouse: None,
        delivery_type: None,
        payment_method: None,
        due_date: None,
        valid_to: None,
        service_from: None,
        service_to: None,
        issued: true,
        discount_percent: None,
        lines: vec![],
        sums: Sums::default(),
        payments: vec![],
        links: vec![],
        installments: vec![],
        tracking: Tracking::default(),
        delivery_events: vec![],
        extra: BTreeMap::new(),
        meta: BTreeMap::new(),
        particulars: BTreeMap::new(),
    }))
}
