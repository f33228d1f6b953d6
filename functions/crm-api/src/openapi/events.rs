//! Examples of endpoints that are told of changes. Answers are made by the code that answers and are read back by the
//! contract's types.

use app::events::{Attempt, Delivery, Endpoint};
use domain::{ErpId, EventEndpointId, Object, RecordId, change::ChangeKind};
use jiff::SignedDuration;
use runtime::Code;
use serde_json::{Value, json};
use store::DeliveryKey;
use sync::delivery::{Answer, Fate, Filter, TEST_EVENT, Told, Walk, event_name, message_id};
use utoipa::{
    PartialSchema as _, ToSchema as _,
    openapi::{RefOr, schema::Schema},
};

use super::document::{LIST, SINGLE, WITH_BODY};
use super::examples::json;
use super::records::now;
use crate::{contract, event_view as view};

/// The problems that an operation answers besides those of every caller.
pub(super) fn problems(operation: &str) -> Option<Vec<Code>> {
    Some(match operation {
        "list_endpoints" => vec![Code::InvalidRequest],
        "get_endpoint" => SINGLE.to_vec(),
        "remove_endpoint" => [SINGLE, &[Code::ConnectionMissing]].concat(),
        "list_deliveries" => [LIST, &[Code::NotFound]].concat(),
        "make_endpoint" => {
            [WITH_BODY, &[Code::ConnectionMissing, Code::EndpointAddressRefused, Code::TooManyEndpoints]].concat()
        }
        "change_endpoint" => [
            SINGLE,
            WITH_BODY,
            &[Code::PreconditionRequired, Code::VersionMismatch, Code::EndpointAddressRefused, Code::Conflict],
        ]
        .concat(),
        "rotate_secret" | "test_endpoint" => {
            [SINGLE, &[Code::ConnectionMissing, Code::EndpointSecretMissing, Code::Conflict]].concat()
        }
        "redeliver" => [SINGLE, &[Code::Conflict]].concat(),
        "redeliver_since" => [SINGLE, WITH_BODY, &[Code::Conflict]].concat(),
        _ => return None,
    })
}

/// The request of an operation with a body.
pub(super) fn request(operation: &str) -> Option<Value> {
    Some(match operation {
        "make_endpoint" => json!({
            "url": "https://crm.vodnjak.si/events/metakocka",
            "description": "Stiki in zaloga",
            "filter": { "objects": ["stock", "contacts"], "kinds": ["added", "updated"] },
        }),
        "change_endpoint" => json!({ "enabled": true }),
        "redeliver_since" => json!({ "since": "2026-11-24T00:00:00Z" }),
        _ => return None,
    })
}

/// The answers of an operation, by status.
pub(super) fn responses(operation: &str) -> Vec<(&'static str, Value)> {
    let secret = "C2FVsBQIhrscChlQIMV+b5sSYspob7oD9Y4yKr0tLx0=".to_owned().into();
    match operation {
        "list_endpoints" => {
            vec![("200", json(&contract::EventEndpoints { endpoints: vec![view::endpoint(&endpoint())] }))]
        }
        "make_endpoint" => vec![("201", json(&view::with_secret(&endpoint(), Some(&secret))))],
        "get_endpoint" => vec![("200", json(&view::endpoint(&failing())))],
        "change_endpoint" => vec![("200", json(&view::endpoint(&endpoint())))],
        "rotate_secret" => vec![("200", json(&view::with_secret(&endpoint(), Some(&secret))))],
        "test_endpoint" => vec![("200", json(&tested()))],
        "list_deliveries" => {
            let page = crate::view::PageView::new(vec![waiting(), tested()], Some("AbT3x0p6tq4eKQ8y5fJw".to_owned()));
            vec![("200", json(&page))]
        }
        "redeliver" => vec![("202", json(&waiting()))],
        "redeliver_since" => vec![("202", json(&contract::Redelivery { changes: 1_250 }))],
        _ => Vec::new(),
    }
}

/// What is sent to endpoints, as the description says it.
pub(super) fn webhooks() -> Value {
    let parameter = |name: &str, description: &str| json!({ "name": name, "in": "header", "required": true, "description": description, "schema": { "type": "string" } });
    json!({ "change": { "post": {
        "operationId": "change_event",
        "tags": ["events"],
        "summary": "A record changed",
        "description": "Sent to your endpoint after each change that its filter takes, signed as Standard Webhooks say. Answer with 2xx within 15 seconds; 410 turns the endpoint off. An event may come more than once, under the same `webhook-id`, and one that failed comes after later ones.",
        "parameters": [
            parameter("webhook-id", "The same for every attempt of this event."),
            parameter("webhook-timestamp", "When this attempt was made, in seconds."),
            parameter("webhook-signature", "`v1,` and base64 of the HMAC-SHA256 of `id.timestamp.body`; two, with a space between them, for a day after a rotation."),
        ],
        "requestBody": { "required": true, "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/Event" }, "example": event(),
        } } },
        "responses": { "2XX": { "description": "It is taken" }, "410": { "description": "The endpoint is gone for good" } },
    } } })
}

/// The schemas of what is sent.
pub(super) fn schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(contract::Event::name().into_owned(), contract::Event::schema())];
    contract::Event::schemas(&mut schemas);
    schemas
}

fn event() -> Value {
    let tenant = "t_00000000000000000001".parse().expect("a tenant id");
    let told = Told {
        at: now(),
        record: RecordId::for_erp(&tenant, Object::Contacts, ErpId::new(1_600_000_123)),
        kind: ChangeKind::Updated,
        crm_id: Some("c-42"),
        erp_id: Some(ErpId::new(1_600_000_123)),
        version: 3,
        revision: 2,
    };
    serde_json::from_str(&told.body("AbT3x0p6tq4eKQ8y5fJw")).expect("JSON")
}

fn id() -> EventEndpointId {
    "evt_01990a1b2c3d7e5f8091a2b3c4d5e6f7".parse().expect("an endpoint's id")
}

fn endpoint() -> Endpoint {
    let filter = Filter {
        objects: [Object::Stock, Object::Contacts].into(),
        kinds: [ChangeKind::Added, ChangeKind::Updated].into(),
    };
    Endpoint::of(id(), "https://crm.vodnjak.si/events/metakocka", Some("Stiki in zaloga"), filter, now())
}

fn failing() -> Endpoint {
    let mut failing = endpoint();
    failing.progress.sent(Some(Walk::Live), 42, Answer::Failed(None), now(), 0);
    failing
}

fn key(number: u64) -> DeliveryKey {
    DeliveryKey { at: now(), number }
}

fn waiting() -> contract::EventDelivery {
    let tenant = "t_00000000000000000001".parse().expect("a tenant id");
    let record = RecordId::for_erp(&tenant, Object::Contacts, ErpId::new(1_600_000_123));
    let due = now().saturating_add(SignedDuration::from_secs(5)).expect("in range");
    let failed = Attempt { at: now(), status: Some(503), code: Some("refused".to_owned()), ms: 84 };
    view::delivery(
        key(42),
        &Delivery {
            message: message_id(&tenant, id(), 42),
            event: event_name(Object::Contacts, ChangeKind::Updated),
            record: Some(record),
            fate: Fate::Waiting { due },
            attempts: vec![failed],
        },
    )
}

fn tested() -> contract::EventDelivery {
    let taken = Attempt { at: now(), status: Some(204), code: None, ms: 35 };
    view::delivery(
        key(0),
        &Delivery {
            message: "msg_ea0a7e9b76a48c8a95a4c6ee8a9f0bd5".to_owned(),
            event: TEST_EVENT.to_owned(),
            record: None,
            fate: Fate::Delivered,
            attempts: vec![taken],
        },
    )
}

#[test]
fn every_answer_about_endpoints_has_the_form_of_the_contract() {
    use super::examples::assert_form;
    type Check = fn(&Value);
    let table: &[(&str, Check)] = &[
        ("list_endpoints", assert_form::<contract::EventEndpoints>),
        ("make_endpoint", assert_form::<contract::SecretEndpoint>),
        ("get_endpoint", assert_form::<contract::EventEndpoint>),
        ("change_endpoint", assert_form::<contract::EventEndpoint>),
        ("rotate_secret", assert_form::<contract::SecretEndpoint>),
        ("test_endpoint", assert_form::<contract::EventDelivery>),
        ("list_deliveries", assert_form::<contract::Page<contract::EventDelivery>>),
        ("redeliver", assert_form::<contract::EventDelivery>),
        ("redeliver_since", assert_form::<contract::Redelivery>),
    ];
    for (operation, check) in table {
        let examples = responses(operation);
        assert!(!examples.is_empty(), "{operation}");
        for (_, example) in &examples {
            check(example);
        }
    }
    assert_form::<contract::Event>(&event());
    assert!(request("make_endpoint").is_some_and(|body| {
        serde_json::from_value::<crate::body::events::MakeEndpoint>(body)
            .is_ok_and(|asked| crate::body::check(&asked, "").is_ok())
    }));
}
