//! A clock that is moved by hand, the CRM's keys and its JWKS server, an embedded DynamoDB.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cloud::Clock;
use domain::TenantId;
use jiff::Timestamp;
use runtime::{
    Caller, Callers, Gate, Rates, TokenVerifier,
    auth::{TokenError, TokenSettings},
};
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicI64, AtomicU32, AtomicUsize, Ordering},
};
use store::{Meter, Table};

pub(crate) const NOW: i64 = 1_790_000_000;
pub(crate) const ISSUER: &str = "https://crm.test";
pub(crate) const AUDIENCE: &str = "crm-erp";

/// A clock that stands until it is moved.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(NOW)))
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        let read = Arc::clone(&self.0);
        Clock::from_fn(move || Timestamp::from_second(read.load(Ordering::SeqCst)).expect("a time"))
    }
}

pub(crate) fn tenant_id(n: u32) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

pub(crate) fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed")
}

pub(crate) fn jwk(kid: &str, seed: u8) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "alg": "EdDSA", "use": "sig", "x": URL_SAFE_NO_PAD.encode(key(seed).public_key()) })
}

pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "tenant": tenant_id(1), "role": "administrator",
        "exp": NOW + 3_600, "nbf": NOW, "iat": NOW,
    })
}

pub(crate) fn header() -> Value {
    json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k1" })
}

pub(crate) fn sign(header: &Value, claims: &Value, seed: u8) -> String {
    let part = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(key(seed).sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

pub(crate) fn token(role: &str) -> String {
    let mut claims = claims();
    claims["role"] = role.into();
    sign(&header(), &claims, 1)
}

/// What the JWKS address answers.
#[derive(Clone)]
pub(crate) enum Answers {
    Keys(Vec<Value>),
    Status(u16),
    Text(String),
    Redirect,
}

pub(crate) struct Crm {
    pub(crate) answers: Mutex<Answers>,
    pub(crate) asked: AtomicUsize,
    pub(crate) hand: Hand,
    pub(crate) verifier: Arc<TokenVerifier>,
}

async fn jwks(State(crm): State<Arc<OnceLock<Arc<Crm>>>>) -> Response {
    let crm = crm.get().expect("started");
    crm.asked.fetch_add(1, Ordering::SeqCst);
    let answers = crm.answers.lock().expect("no panic").clone();
    match answers {
        Answers::Keys(keys) => json!({ "keys": keys }).to_string().into_response(),
        Answers::Status(status) => StatusCode::from_u16(status).expect("a status").into_response(),
        Answers::Text(text) => Body::from(text).into_response(),
        Answers::Redirect => (StatusCode::FOUND, [(LOCATION, "/jwks")]).into_response(),
    }
}

impl Crm {
    /// A CRM with the key `k1`, and a verifier that trusts it.
    #[expect(clippy::disallowed_methods, reason = "the server of a test ends with its runtime")]
    pub(crate) async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let cell = Arc::new(OnceLock::new());
        let router = Router::new().route("/jwks", get(jwks)).with_state(Arc::clone(&cell));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let hand = Hand::new();
        let settings = TokenSettings {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            jwks_url: format!("http://{address}/jwks").parse().expect("a URL"),
        };
        let verifier = Arc::new(TokenVerifier::new(settings, hand.clock()));
        let answers = Mutex::new(Answers::Keys(vec![jwk("k1", 1)]));
        let crm = Arc::new(Self { answers, asked: AtomicUsize::new(0), hand, verifier });
        let _ = cell.set(Arc::clone(&crm));
        crm
    }

    pub(crate) fn answer(&self, with: Answers) {
        *self.answers.lock().expect("no panic") = with;
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        self.verifier.verify(token).await
    }

    /// The gate before routes whose callers this CRM knows.
    pub(crate) fn gate(&self, table: &Table, per_second: u32) -> Gate {
        let clock = self.hand.clock();
        Gate {
            callers: Callers::new(self.verifier.clone(), table.clone(), clock.clone()),
            rates: Rates::new(per_second, clock.clone()),
            table: table.clone(),
            clock,
        }
    }

    pub(crate) async fn caller(&self, n: u32, role: &str) -> Caller {
        let mut claims = claims();
        claims["tenant"] = tenant_id(n).as_str().into();
        claims["role"] = role.into();
        self.verify(&sign(&header(), &claims, 1)).await.expect("a good token")
    }
}

/// The address of the embedded DynamoDB, which runs on a thread of its own until the binary ends.
fn endpoint() -> &'static str {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    ENDPOINT.get_or_init(|| {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.set_nonblocking(true).expect("non-blocking");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let db = dynoxide::Database::memory().expect("a database");
                dynoxide::server::serve_on(listener, db).await;
            });
        });
        format!("http://{address}")
    })
}

/// A new table, and what counts its calls.
pub(crate) async fn table() -> (Table, Meter) {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    let name = format!("table-{}", TABLES.fetch_add(1, Ordering::Relaxed));
    let table = Table::embedded(endpoint(), name);
    table.create_if_missing().await.expect("a table");
    let meter = Meter::new();
    (table.with_meter(&meter), meter)
}
