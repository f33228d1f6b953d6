//! The other side: keeps what it is sent, and answers as it is told.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, Semaphore};

/// What came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) id: String,
    pub(crate) timestamp: String,
    pub(crate) signatures: Vec<String>,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Got {
    /// The ERP's id of the record that it is about.
    pub(crate) fn erp_id(&self) -> u64 {
        self.body["data"]["erp_id"].as_str().and_then(|id| id.parse().ok()).expect("an id of the ERP")
    }

    /// Whether one of its signatures is by this secret (`whsec_...`).
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        mac.update(format!("{}.{}.{}", self.id, self.timestamp, self.text).as_bytes());
        let expected = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
        self.signatures.contains(&expected)
    }
}

/// A header's name and value.
type Header = (&'static str, String);

#[derive(Default)]
struct Inside {
    got: Mutex<Vec<Got>>,
    answers: Mutex<VecDeque<(u16, Option<Header>)>>,
    usual: Mutex<u16>,
    came: Notify,
    /// While it is shut, requests are kept without an answer.
    shut: Mutex<Option<Arc<Semaphore>>>,
}

/// A receiver of events.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    inside: Arc<Inside>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let inside = Arc::new(Inside { usual: Mutex::new(204), ..Inside::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/events?token=MARKER", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(take).with_state(inside.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inside }
    }

    /// What came since the last look.
    pub(crate) fn take(&self) -> Vec<Got> {
        std::mem::take(&mut *self.inside.got.lock().expect("no panic"))
    }

    /// The ids of the records that came since the last look.
    pub(crate) fn take_ids(&self) -> Vec<u64> {
        self.take().iter().map(Got::erp_id).collect()
    }

    /// What it answers from now on.
    pub(crate) fn answers(&self, status: u16) {
        *self.inside.usual.lock().expect("no panic") = status;
    }

    /// What it answers next, once.
    pub(crate) fn answers_once(&self, status: u16, header: Option<Header>) {
        self.inside.answers.lock().expect("no panic").push_back((status, header));
    }

    /// Keeps requests without an answer until it is opened.
    pub(crate) fn shut(&self) {
        *self.inside.shut.lock().expect("no panic") = Some(Arc::new(Semaphore::new(0)));
    }

    /// Answers what it kept, and all that comes.
    pub(crate) fn open(&self) {
        if let Some(shut) = self.inside.shut.lock().expect("no panic").take() {
            shut.close();
        }
    }

    /// Until a request came.
    pub(crate) async fn came(&self) {
        self.inside.came.notified().await;
    }
}

async fn take(State(inside): State<Arc<Inside>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let text = String::from_utf8(body.to_vec()).expect("text");
    let got = Got {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signatures: header("webhook-signature").split(' ').map(str::to_owned).collect(),
        body: serde_json::from_str(&text).expect("JSON"),
        text,
    };
    inside.got.lock().expect("no panic").push(got);
    inside.came.notify_one();
    let shut = inside.shut.lock().expect("no panic").clone();
    if let Some(shut) = shut {
        let _ = shut.acquire().await;
    }
    let usual = *inside.usual.lock().expect("no panic");
    let (status, header) = inside.answers.lock().expect("no panic").pop_front().unwrap_or((usual, None));
    let mut response = StatusCode::from_u16(status).expect("a status").into_response();
    if let Some((name, value)) = header {
        response.headers_mut().insert(name, value.parse().expect("a header"));
    }
    response
}
