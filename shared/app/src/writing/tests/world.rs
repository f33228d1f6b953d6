//! A company in the simulator, and records to write to it.
#![expect(clippy::disallowed_methods, reason = "the test's own server and client")]

use domain::fields::field_of;
use domain::{DocumentKind, ErpId, Fields, Object, Product, Record, RecordId, TenantId};
use erp::client::{ProductQuery, RetryPolicy, SearchQuery};
use erp::{Client, ClientConfig};
use erp_sim::{Clock, CompanySpec, Sim, SimConfig};
use secrecy::SecretString;
use serde_json::{Value, json};
use sync::twoway::intent::marker_of;
use sync::twoway::{Key, Match, Op, Outcome, Probed, Side, keys_of};

use crate::writing::{Control, Lookup, Writer, products_needed};

const COMPANY: &str = "1600";

/// A client and the simulator that it calls.
pub(super) struct World {
    pub(super) client: Client,
    url: String,
    control: reqwest::Client,
}

/// What is let through.
pub(super) const OPEN: fn() -> bool = || true;

pub(super) fn client(url: &str) -> Client {
    let mut config = ClientConfig::new(url, COMPANY, SecretString::from("key"));
    config.retry = RetryPolicy::never();
    Client::new(config).expect("a client")
}

impl World {
    pub(super) async fn start(seed: u64) -> Self {
        let clock = Clock::manual("2026-01-15T10:00:00Z".parse().expect("an instant"));
        let company = CompanySpec { company_id: COMPANY.to_owned(), secret_key: "key".to_owned() };
        let sim = Sim::new(SimConfig { seed, scale: 1, clock, companies: vec![company], seeded_at: None });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(sim.serve(listener));
        let control = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { client: client(&url), url, control }
    }

    pub(super) async fn ask(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let request = self.control.request(method, format!("{}/control{path}", self.url));
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.expect("a text")).expect("JSON")
    }

    pub(super) async fn fault(&self, fault: Value) {
        self.ask(reqwest::Method::POST, "/faults", fault).await;
    }

    pub(super) async fn no_faults(&self) {
        self.ask(reqwest::Method::DELETE, "/faults", Value::Null).await;
    }

    pub(super) async fn settings(&self, settings: Value) {
        self.ask(reqwest::Method::PATCH, &format!("/companies/{COMPANY}/settings"), settings).await;
    }

    /// One change as a user of the app makes it.
    pub(super) async fn edit(&self, op: Value) -> Value {
        self.ask(reqwest::Method::POST, &format!("/companies/{COMPANY}/edit"), op).await
    }

    /// How often an endpoint was called since the start.
    pub(super) async fn calls(&self, endpoint: &str) -> u64 {
        let counts = self.ask(reqwest::Method::GET, "/journal/counts", Value::Null).await;
        counts["calls"][endpoint].as_u64().unwrap_or(0)
    }

    pub(super) async fn products(&self) -> Vec<Product> {
        let page = self.client.products(&ProductQuery::default()).await.expect("a page");
        page.rows.into_iter().map(|row| row.expect("it fits")).collect()
    }

    /// Partners that are on documents.
    pub(super) async fn partners(&self) -> Vec<ErpId> {
        let page = self.client.search(&SearchQuery::all(DocumentKind::SalesOrder)).await.expect("a page");
        let mut ids: Vec<ErpId> =
            page.rows.into_iter().flatten().filter_map(|order| order.partner).map(|party| party.erp_id).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// Carries out an operation, with what it needs to know.
    pub(super) async fn send(&self, object: Object, op: &Op) -> Outcome {
        let record = match op {
            Op::Update { erp_id, .. } => self.record(object, *erp_id).await,
            _ => None,
        };
        let needed = products_needed(object, op, record.as_ref());
        let products = self.products().await.into_iter().filter(|product| needed.contains(&product.erp_id));
        Writer::new(&self.client).with_products(products).send(object, op, OPEN).await
    }

    /// The record as the ERP has it, found whatever its number is.
    pub(super) async fn record(&self, object: Object, erp_id: ErpId) -> Option<Record> {
        let product = self.products().await.into_iter().find(|product| product.erp_id == erp_id);
        let known = product.map(|product| Record::Product(Box::new(product)));
        Writer::new(&self.client).side(&Lookup::of(object, erp_id, known.as_ref())).await.1
    }

    pub(super) async fn create(&self, object: Object, fields: &Fields) -> ErpId {
        match self.send(object, &create(object, fields)).await {
            Outcome::Done { erp_id } => erp_id,
            other => panic!("{object}: {other:?}"),
        }
    }

    /// Sets pieces, which must succeed.
    pub(super) async fn set(&self, object: Object, erp_id: ErpId, pieces: Value) {
        assert_eq!(self.send(object, &update(erp_id, pieces)).await, Outcome::Done { erp_id }, "{object}");
    }

    /// Sets pieces, which must be refused.
    pub(super) async fn refuses(&self, object: Object, erp_id: ErpId, pieces: Value, code: &str) {
        let shown = pieces.to_string();
        let outcome = self.send(object, &update(erp_id, pieces)).await;
        assert_eq!(outcome, Outcome::Rejected { code: code.to_owned() }, "{shown}");
    }

    /// What the record's pieces are now.
    pub(super) async fn fields(&self, object: Object, erp_id: ErpId) -> Fields {
        let record = self.record(object, erp_id).await.expect("it is there");
        Fields::of(&record)
    }

    /// The records that the search for a new record finds and that have one of its keys, and what the control says.
    pub(super) async fn probe(&self, object: Object, fields: &Fields, controls: &[Control]) -> (Vec<ErpId>, bool) {
        let keys = keys_of(id(object), fields);
        match Writer::new(&self.client).probe(object, &keys, &[fields], controls).await {
            (Probed::Answered { found, control }, records) => {
                assert_eq!(found.len(), records.len());
                (found.iter().filter(|m| has_one(&keys, m)).map(|m| m.erp_id).collect(), control)
            }
            (Probed::CannotTell, _) => panic!("{object}: it cannot tell"),
        }
    }
}

fn has_one(keys: &[Key], found: &Match) -> bool {
    keys.iter().any(|key| match key {
        Key::Tag(tag) => found.fields.get("notes").is_some_and(|n| n.to_string().contains(tag.as_str())),
        key => {
            keys_of(id(Object::Contacts), &found.fields).contains(key) || {
                let text = |piece: &str| found.fields.get(piece).and_then(Value::as_str).map(str::to_owned);
                matches!(key, Key::BuyerOrder(k) if text("buyer_order").as_ref() == Some(k))
                    || matches!(key, Key::Code(k) if text("code").as_ref() == Some(k))
            }
        }
    })
}

pub(super) fn id(object: Object) -> RecordId {
    let tenant: TenantId = format!("t_{:0>20}", 1).parse().expect("a tenant id");
    RecordId::for_crm(&tenant, object, "c1")
}

pub(super) fn pieces(value: Value) -> Fields {
    serde_json::from_value(value).expect("an object")
}

pub(super) fn create(object: Object, fields: &Fields) -> Op {
    Op::Create { fields: fields.clone(), marker: marker_of(id(object), fields) }
}

/// An update; `null` unsets.
pub(super) fn update(erp_id: ErpId, pieces: Value) -> Op {
    let Value::Object(pieces) = pieces else { panic!("an object") };
    Op::Update { erp_id, set: pieces.into_iter().map(|(k, v)| (k, (!v.is_null()).then_some(v))).collect() }
}

/// Whether everything that is said is so; what is not said may be anything.
fn says(said: &Value, there: &Value) -> bool {
    match (said, there) {
        (Value::Object(said), Value::Object(there)) => {
            said.iter().all(|(key, value)| there.get(key).is_some_and(|t| says(value, t)))
        }
        (said, there) => said == there,
    }
}

/// The piece that an entry became.
pub(super) fn entry(there: &Fields, list: &str, said: &Value) -> Option<String> {
    let mut fits = there.iter().filter(|(piece, value)| field_of(piece) == list && says(said, value));
    let found = fits.next().map(|(piece, _)| piece.to_owned());
    assert!(fits.next().is_none(), "{list}: two entries that fit {said}");
    found
}

/// Asserts that a record holds all that is said of it, entries under whatever name.
#[track_caller]
pub(super) fn holds(there: &Fields, said: &Fields) {
    for (piece, value) in said.iter() {
        let found = match there.get(piece) {
            Some(now) => says(value, now),
            None if piece.contains('/') => entry(there, field_of(piece), value).is_some(),
            None => false,
        };
        assert!(found, "{piece}: {value} in {there:?}");
    }
}

#[track_caller]
pub(super) fn is_absent(side: &Side) {
    assert_eq!(*side, Side::Absent);
}

pub(super) fn line(product: &Product, amount: &str, price: &str) -> Value {
    json!({ "product": product.erp_id.to_string(), "amount": amount, "price": price })
}
