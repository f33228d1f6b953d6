//! Webhooks with real rows: which tenant one is genuine for, and what a forged one costs.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use cloud::{LocalSecrets, Secrets, SecretsError, TenantSecrets};
use domain::TenantId;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use runtime::{Problem, WebhookCall, WebhookVerifier, auth::WebhookError};
use sha1::Sha1;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use store::{Connection, ConnectionState, Meter, VerifiedTenant};

use crate::support::{Hand, NOW, table, tenant_id};

/// Secrets that count how often they are asked.
struct Counting(LocalSecrets, AtomicUsize);

#[async_trait]
impl Secrets for Counting {
    async fn get(&self, tenant: &TenantId) -> Result<Arc<TenantSecrets>, SecretsError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.get(tenant).await
    }
    async fn get_fresh(&self, tenant: &TenantId) -> Result<Arc<TenantSecrets>, SecretsError> {
        self.get(tenant).await
    }
    async fn put(&self, tenant: &TenantId, secrets: &TenantSecrets) -> Result<(), SecretsError> {
        self.0.put(tenant, secrets).await
    }
}

struct World {
    verifier: WebhookVerifier,
    meter: Meter,
    hand: Hand,
    secrets: Arc<Counting>,
}

fn endpoint(n: u32) -> String {
    format!("whe_{n:032}")
}

fn secret(n: u32) -> String {
    format!("webhook secret {n}")
}

fn sign(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any key").chain_update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Two tenants that are connected, and a third whose secrets are gone.
async fn world() -> World {
    let (table, meter) = table().await;
    let hand = Hand::new();
    let secrets = Arc::new(Counting(LocalSecrets::in_memory(), AtomicUsize::new(0)));
    let now = Timestamp::from_second(NOW).expect("a time");
    for n in 1..=3 {
        let connection = Connection {
            company_id: "17".to_owned(),
            base_url: "http://127.0.0.1:1".to_owned(),
            endpoint_id: endpoint(n).parse().expect("an endpoint id"),
            state: ConnectionState::Connected,
            cadence: BTreeMap::new(),
            created_at: now,
            updated_at: now,
            version: 0,
        };
        table.tenant(&VerifiedTenant::vouch(tenant_id(n))).create_connection(&connection).await.expect("connected");
        if n < 3 {
            secrets.put(&tenant_id(n), &TenantSecrets::new("key".into(), secret(n).into())).await.expect("saved");
        }
    }
    meter.take();
    let verifier = WebhookVerifier::new(table, Arc::clone(&secrets) as Arc<dyn Secrets>, hand.clock());
    World { verifier, meter, hand, secrets }
}

impl World {
    async fn call(&self, endpoint: &str, signature: Option<&str>, body: &[u8]) -> Result<VerifiedTenant, WebhookError> {
        self.verifier.verify(WebhookCall { endpoint, authorization: None, signature, body }).await
    }

    async fn code(&self, endpoint: &str, signature: Option<&str>, body: &[u8]) -> &'static str {
        match self.call(endpoint, signature, body).await {
            Ok(_) => "genuine",
            Err(error) => Problem::from(error).code().name(),
        }
    }
}

#[tokio::test]
async fn a_webhook_is_genuine_only_for_the_tenant_whose_secret_signed_it() {
    let w = world().await;
    let body = b"{\"stock_list\":[]}";
    for n in 1..=2 {
        let tenant = w.call(&endpoint(n), Some(&sign(&secret(n), body)), body).await.expect("genuine");
        assert_eq!(tenant.id(), &tenant_id(n));
    }
    let crossed = sign(&secret(1), body);
    for (endpoint, signature, code) in [
        (endpoint(2), Some(crossed.as_str()), "signature_invalid"),
        (endpoint(1), None, "signature_invalid"),
        (endpoint(3), Some(&crossed), "endpoint_unknown"),
        (endpoint(9), Some(&crossed), "endpoint_unknown"),
        ("whe_1".to_owned(), Some(&crossed), "endpoint_unknown"),
        ("../../t_00000000000000000001".to_owned(), Some(&crossed), "endpoint_unknown"),
        (String::new(), Some(&crossed), "endpoint_unknown"),
    ] {
        assert_eq!(w.code(&endpoint, signature, body).await, code, "{endpoint}");
    }
}

#[tokio::test]
async fn forged_webhooks_cost_no_call_when_warm_and_one_a_minute_otherwise() {
    let w = world().await;
    let body = b"{}";
    for _ in 0..50 {
        assert_eq!(w.code(&endpoint(1), Some(&sign("guess", body)), body).await, "signature_invalid");
        assert_eq!(w.code(&endpoint(9), Some(&sign("guess", body)), body).await, "endpoint_unknown");
        assert_eq!(w.code("nonsense", None, body).await, "endpoint_unknown");
    }
    assert_eq!(w.meter.take().all_requests(), 2, "one look at each well-formed address");
    assert_eq!(w.secrets.1.load(Ordering::SeqCst), 50, "the secrets' own cache answers these");
    w.hand.advance(60);
    w.code(&endpoint(1), None, body).await;
    assert_eq!(w.meter.take().all_requests(), 1);
}
