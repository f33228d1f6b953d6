//! Examples of requests and answers. Answers are made by the code that answers, from values of the
//! domain, and are read back by the contract's types.

use domain::{Counts, Mode, Object, Parked, Run, RunError, RunId, RunState, Trigger, Warehouse};
use runtime::Language;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Connection, ConnectionState};

use super::{
    actions, events, files, keys, offering,
    records::{self, Sample},
    story, twoway,
};
use crate::{
    body, contract,
    view::{ConnectionView, PageView, RunView, SavedView},
};

/// The request of an operation with a body.
pub(super) fn request(operation: &str) -> Option<Value> {
    match operation {
        "start_run" => Some(json!({ "objects": ["products", "stock"], "mode": "changes" })),
        "put_connection" => Some(json!({
            "base_url": "https://main.metakocka.si",
            "company_id": "16",
            "secret_key": "the key from Metakocka, Settings, API",
            "webhook_secret": "a long random text",
            "basic_auth": { "user": "metakocka", "password": "another long random text" },
            "api_user_email": "ana@vodnjak.si",
            "cadence": { "stock": { "every_s": 900, "full_every_s": 3600, "paused": false } },
            "paused": false,
        })),
        "ask_prices" => Some(offering::request()),
        "put_statuses" => Some(story::request()),
        other => [actions::request, events::request, files::request, keys::request, twoway::request]
            .iter()
            .find_map(|of| of(other)),
    }
}

/// The answers of an operation, by status.
pub(super) fn responses(operation: &str) -> Vec<(&'static str, Value)> {
    let one = |sample: &Sample| json(&sample.view());
    let list = |sample: &Sample| page(vec![sample.view()]);
    let run = json(&RunView::new(&finished(), Language::En));
    match operation {
        "list_contacts" => vec![("200", list(&records::contact()))],
        "get_contact" => vec![("200", one(&records::contact()))],
        "list_products" => vec![("200", list(&records::product()))],
        "get_product" => vec![("200", one(&records::product()))],
        "list_stock" => vec![("200", page(vec![records::stock().stock(Some(&records::product()))]))],
        "get_stock" => vec![("200", json(&records::stock().stock(Some(&records::product()))))],
        "get_availability" | "get_price" | "ask_prices" | "list_categories" => offering::responses(operation),
        "list_documents" => vec![("200", list(&records::document()))],
        "get_document" => vec![("200", one(&records::document()))],
        "list_runs" => {
            vec![("200", page(vec![RunView::new(&finished(), Language::En), RunView::new(&failed(), Language::En)]))]
        }
        "start_run" => vec![("202", json(&RunView::new(&queued(), Language::En)))],
        "get_run" => vec![("200", run)],
        "get_connection" => vec![("200", json(&shown(&connection())))],
        "put_connection" => {
            let (connection, run) = (connection(), queued());
            let saved = |first_run| json(&SavedView { connection: shown(&connection), first_run });
            vec![("200", saved(None)), ("201", saved(Some(RunView::new(&run, Language::En))))]
        }
        "list_parked" => vec![("200", page(vec![parked()]))],
        "list_warehouses" => vec![("200", json(&PageView::new(vec![warehouse()], None)))],
        "get_health" => vec![("200", json!({ "status": "ok" }))],
        "get_timeline" | "list_contact_documents" | "get_registers" | "put_statuses" => story::responses(operation),
        "add_attachment" => actions::responses("request_action"),
        "list_actions" | "request_action" | "get_action" => actions::responses(operation),
        other => [twoway::responses(other), files::responses(other), events::responses(other), keys::responses(other)]
            .concat(),
    }
}

pub(super) fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("JSON")
}

fn page<T: Serialize>(data: Vec<T>) -> Value {
    json(&PageView::new(data, Some("AbT3x0p6tq4eKQ8y5fJw".to_owned())))
}

fn run(last: char, state: RunState) -> Run {
    let id: RunId = format!("run_01990a1b2c3d7e5f8091a2b3c4d5e6f{last}").parse().expect("a run id");
    let at = records::now();
    let mut run = Run::queued(id, Mode::Changes, Trigger::Request, &[Object::Products, Object::Stock], at);
    run.state = state;
    run
}

fn queued() -> Run {
    run('7', RunState::Queued)
}

fn finished() -> Run {
    let counts = |read, updated| Counts {
        read,
        created: 0,
        updated,
        unchanged: read - updated,
        parked: 0,
        missing: 0,
        total: Some(read),
    };
    Run {
        counts: BTreeMap::from([(Object::Products, counts(500, 2)), (Object::Stock, counts(480, 31))]),
        started_at: Some(records::now()),
        finished_at: Some(records::now()),
        ..run('8', RunState::Succeeded)
    }
}

fn failed() -> Run {
    let error = RunError {
        code: "erp_unavailable".to_owned(),
        message: "warehouse_stock: the ERP is not available (HTTP 503, a page)".to_owned(),
        object: Some(Object::Stock),
        retryable: true,
    };
    Run {
        started_at: Some(records::now()),
        finished_at: Some(records::now()),
        error: Some(error),
        ..run('9', RunState::Failed)
    }
}

fn connection() -> Connection {
    Connection {
        company_id: "16".to_owned(),
        base_url: "https://main.metakocka.si".to_owned(),
        endpoint_id: "whe_0123456789abcdef0123456789abcdef".parse().expect("an endpoint id"),
        state: ConnectionState::Paused { code: "credentials_invalid".to_owned() },
        cadence: Object::ALL.into_iter().map(|o| (o, domain::Cadence::standard(o))).collect(),
        created_at: records::now(),
        updated_at: records::now(),
        version: 3,
    }
}

fn shown(connection: &Connection) -> ConnectionView<'_> {
    ConnectionView::new(connection, Language::En, Some("https://webhook.example.com"))
}

fn parked() -> Parked {
    Parked {
        object: Object::Orders,
        erp_id: domain::ErpId::new(400_000_000_159),
        path: "product_list[3].amount".to_owned(),
        reason: "expected a decimal number".to_owned(),
        since: records::now(),
    }
}

fn warehouse() -> Warehouse {
    let text = |s: &str| s.parse().expect("a text");
    Warehouse {
        erp_id: domain::ErpId::new(16),
        mark: text("S1"),
        name: text("Skladišče Ljubljana"),
        active: true,
        main: true,
    }
}

/// Reads a value as `T` and writes it again: the contract has this very form.
pub(super) fn assert_form<T: Serialize + DeserializeOwned>(value: &Value) {
    let read: T = serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{e}: {value}"));
    assert_eq!(&json(&read), value);
}

#[test]
fn every_answer_has_the_form_of_the_contract() {
    type Check = fn(&Value);
    let table: &[(&str, Check)] = &[
        ("list_contacts", assert_form::<contract::Page<contract::Contact>>),
        ("get_contact", assert_form::<contract::Contact>),
        ("list_products", assert_form::<contract::Page<contract::Product>>),
        ("get_product", assert_form::<contract::Product>),
        ("list_stock", assert_form::<contract::Page<contract::Stock>>),
        ("get_stock", assert_form::<contract::Stock>),
        ("get_availability", assert_form::<contract::ProductAvailability>),
        ("get_price", assert_form::<contract::Quote>),
        ("ask_prices", assert_form::<contract::Quotes>),
        ("list_categories", assert_form::<contract::Categories>),
        ("list_documents", assert_form::<contract::Page<contract::Document>>),
        ("get_document", assert_form::<contract::Document>),
        ("list_runs", assert_form::<contract::Page<contract::Run>>),
        ("start_run", assert_form::<contract::Run>),
        ("get_run", assert_form::<contract::Run>),
        ("get_connection", assert_form::<contract::Connection>),
        ("put_connection", assert_form::<contract::SavedConnection>),
        ("list_parked", assert_form::<contract::Page<contract::Parked>>),
        ("list_warehouses", assert_form::<contract::Page<contract::Warehouse>>),
        ("get_health", assert_form::<contract::Health>),
    ];
    for (operation, check) in table {
        let examples = responses(operation);
        assert!(!examples.is_empty(), "{operation}");
        for (_, example) in examples {
            check(&example);
        }
    }
}

#[test]
fn a_record_with_every_field_and_one_with_the_fewest_have_the_form_of_the_contract() {
    let view = |sample: &Sample| json(&sample.view());
    for sample in [records::contact(), records::bare_contact()] {
        assert_form::<contract::Contact>(&view(&sample));
    }
    for sample in [records::product(), records::bare_product()] {
        assert_form::<contract::Product>(&view(&sample));
    }
    for sample in [records::document(), records::bare_document()] {
        assert_form::<contract::Document>(&view(&sample));
    }
}

#[test]
fn a_record_says_its_id_version_and_erp_id_once_and_not_its_internal_type() {
    for sample in [records::contact(), records::product(), records::stock(), records::document()] {
        let text = serde_json::to_string(&sample.view()).expect("JSON");
        for name in ["\"id\":", "\"version\":", "\"updated_at\":"] {
            assert_eq!(text.matches(name).count(), 1, "{name} in {text}");
        }
        let value = json(&sample.view());
        assert_eq!(value["erp_id"], sample.record.erp_id().to_string());
        assert!(value.get("type").is_none());
    }
}

#[test]
fn every_name_of_the_domain_is_one_of_the_contract() {
    for object in Object::ALL {
        assert_form::<contract::ObjectName>(&json(&object));
    }
    for kind in domain::DocumentKind::ALL {
        assert_form::<contract::DocumentKind>(&json(&kind));
    }
    for state in [RunState::Queued, RunState::Running, RunState::Succeeded, RunState::Failed] {
        assert_form::<contract::RunState>(&json(&state));
    }
    for mode in [Mode::Full, Mode::Changes, Mode::Hints, Mode::Undo] {
        assert_form::<contract::Mode>(&json(&mode));
    }
    for trigger in [Trigger::Connected, Trigger::Schedule, Trigger::Request, Trigger::Webhook] {
        assert_form::<contract::Trigger>(&json(&trigger));
    }
}

#[test]
fn every_request_is_one_that_the_api_takes() {
    let run: body::StartRun = serde_json::from_value(request("start_run").expect("an example")).expect("its form");
    assert_eq!(body::check(&run, "$."), Ok(()));
    let settings: body::ConnectionSettings =
        serde_json::from_value(request("put_connection").expect("an example")).expect("its form");
    assert_eq!(body::check(&settings, "$."), Ok(()));
    let prices: body::AskPrices = serde_json::from_value(request("ask_prices").expect("an example")).expect("its form");
    assert_eq!(body::check(&prices, "$."), Ok(()));
}
