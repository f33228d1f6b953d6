//! Nothing that a person wrote is repeated in a problem or in the log.

use axum::http::Method;
use serde_json::{Value, json};
use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, LazyLock, Mutex},
};
use tracing::{
    Dispatch, Event, Level, Metadata, Subscriber,
    dispatcher::DefaultGuard,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::crm::{customer, order};
use crate::support::{Answer, World};

/// Stands for a name, a tax number, an e-mail address.
const MARKER: &str = "MARKER";

/// What the log would hold: every field of every event and span that a deployment keeps.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    /// The log of this thread until the guard is dropped.
    ///
    /// While there is one log alone, tracing asks the thread that meets a line first, and a test without a log would turn
    /// that line off for all. So there are always two.
    fn kept() -> (Self, DefaultGuard) {
        static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Log::default()));
        LazyLock::force(&SECOND);
        let log = Self::default();
        let guard = tracing::subscriber::set_default(log.clone());
        (log, guard)
    }
}

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = self.0.lock().expect("no panic");
        writeln!(text, "{field}={value:?}").expect("text");
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn assert_silent(answer: &Answer, about: &str) {
    assert!(answer.status.is_client_error(), "{about}: {} {}", answer.status, answer.body);
    assert!(!answer.body.to_string().contains(MARKER), "{about}: {}", answer.body);
    let headers = format!("{:?}", answer.headers);
    assert!(!headers.contains(MARKER), "{about}: {headers}");
}

#[tokio::test]
async fn a_refusal_repeats_no_value_in_its_answer_or_in_the_log() {
    let (log, _kept) = Log::kept();
    let world = World::connected().await;
    let conflict = world.in_conflict(7, "c-7").await;
    world.edit("/v1/contacts/c-1", None, customer(&format!("{MARKER} s.p."))).await;
    world.delete(1, "/v1/contacts/c-1").await;
    world.edit("/v1/orders/o-1", None, order()).await;
    let (many, huge) = (MARKER.repeat(40), MARKER.repeat(12_000));

    let fields = [
        ("contacts", json!({ "name": [MARKER] })),
        ("contacts", json!({ "name": huge })),
        ("contacts", json!({ "name": "Ana", "buyer": MARKER })),
        ("contacts", json!({ "name": "Ana", "tax": { "tax_number": many } })),
        ("contacts", json!({ "name": "Ana", "tax": MARKER })),
        ("contacts", json!({ "name": "Ana", "persons/p": { "email": format!("{MARKER}@") } })),
        ("contacts", json!({ "name": "Ana", "persons/p": { "phone": [many] } })),
        ("contacts", json!({ "name": "Ana", "addresses/a": { "kind": MARKER } })),
        ("contacts", json!({ "name": "Ana", "addresses/a": { "kind": "billing", "country": MARKER } })),
        ("contacts", json!({ "name": "Ana", "number": MARKER })),
        ("contacts", json!({ "name": "Ana", "nickname": MARKER })),
        ("contacts", json!({ "registration_number": MARKER })),
        ("orders", json!({ "partner": { "crm_id": format!("{MARKER} č") } })),
        ("orders", json!({ "partner": { "erp_id": MARKER } })),
        ("orders", json!({ "date": MARKER })),
        ("orders", json!({ "currency": MARKER })),
        ("orders", json!({ "lines/l1": { "amount": MARKER } })),
    ];
    for (object, fields) in &fields {
        let about: String = fields.to_string().chars().take(200).collect();
        assert_silent(&world.edit(&format!("/v1/{object}/new"), None, fields.clone()).await, &about);
        let items = json!({ "items": [{ "crm_id": "new", "fields": fields }] });
        let many = world.post(1, &format!("/v1/{object}/bulk"), items).await;
        assert!(many.body["results"][0]["code"].is_string(), "{about}: {}", many.body);
        assert!(!many.body.to_string().contains(MARKER), "{about}: {}", many.body);
    }
    let gone = world.edit("/v1/contacts/c-1", Some(2), customer(&format!("{MARKER} d.o.o."))).await;
    assert_silent(&gone, "an edit of a deleted record");

    let settle = format!("/v1/records/{conflict}/settle");
    for (method, path, body) in [
        (Method::PUT, "/v1/contacts/new", json!({ "fields": { "name": "Ana" }, "record": MARKER })),
        (Method::PUT, "/v1/contacts/new", json!({ "fields": { "name": "Ana" }, "edited_at": MARKER })),
        (Method::PUT, "/v1/contacts/new", json!({ "fields": MARKER })),
        (Method::PUT, "/v1/contacts/new", json!([MARKER])),
        (Method::PUT, "/v1/contacts/MARKER%20Novak", json!({ "fields": { "name": "Ana" } })),
        (Method::POST, "/v1/contacts/bulk", json!({ "items": [{ "crm_id": "new", "record": MARKER }] })),
        (Method::POST, "/v1/contacts/bulk", json!({ "items": [MARKER] })),
        (Method::POST, &settle, json!({ "piece": MARKER, "winner": "crm" })),
        (Method::POST, &settle, json!({ "piece": "name", "winner": MARKER })),
        (Method::POST, "/v1/deletions/approve", json!({ "object": "contacts", "list": MARKER })),
        (Method::POST, "/v1/deletions/approve", json!({ "object": MARKER, "list": "" })),
        (Method::PUT, "/v1/settings", json!({ "read_only": MARKER, "objects": {} })),
        (Method::GET, "/v1/changes?cursor=MARKER", Value::Null),
        (Method::GET, "/v1/changes?limit=MARKER", Value::Null),
        (Method::GET, "/v1/plans/MARKER", Value::Null),
        (Method::GET, "/v1/records/MARKER/history", Value::Null),
        (Method::POST, "/v1/runs/MARKER/undo", Value::Null),
    ] {
        let headers = [("if-match", "\"1\""), ("x-request-id", MARKER)];
        let answer = world.send(1, method, path, &headers, &body.to_string()).await;
        assert_silent(&answer, &format!("{path} {body}"));
    }
    let unread = world.send(1, Method::PUT, "/v1/contacts/new", &[], &format!("{{\"fields\": {{\"{MARKER}")).await;
    assert_silent(&unread, "what is no JSON");
    let tag = world.send(1, Method::PUT, "/v1/contacts/c-7", &[("if-match", MARKER)], "{\"fields\":{}}").await;
    assert_silent(&tag, "a tag that is none");

    let text = log.0.lock().expect("no panic").clone();
    assert!(text.contains("status=412") && text.contains("route=\"/v1/contacts/{id}\""), "the log was kept");
    assert!(!text.contains(MARKER), "{text}");
}

#[tokio::test]
async fn what_is_taken_is_not_in_the_log_either() {
    let (log, _kept) = Log::kept();
    let world = World::connected().await;
    world.open(1).await;
    let fields = json!({
        "name": format!("{MARKER} s.p."), "tax": { "tax_number": "SI51510847" },
        "persons/p": { "name": MARKER, "email": "marker@example.com" },
    });
    world.edit("/v1/contacts/c-1", None, fields).await.is_record(axum::http::StatusCode::CREATED);
    // The ERP cannot be reached: the worker says so, and not of whom.
    world.work(&cloud::Work::Push).await;
    let id = world.open_id(domain::Object::Contacts, "c-1");
    world.get(1, &format!("/v1/records/{id}/history")).await;
    let text = log.0.lock().expect("no panic").clone();
    assert!(text.contains("status=201"), "the log was kept");
    for value in [MARKER, "51510847", "marker@example.com"] {
        assert!(!text.contains(value), "{value}: {text}");
    }
}
