//! Examples of actions on documents. Answers are made by the code that answers and are read back by the contract's types.

use app::actions::OfDocument;
use domain::action::{Acted, ActionEnd, Deed, PaymentDeed, PaymentMode};
use domain::{ActionId, DocumentKind, ErpId, Object, RecordId, Status, Text, transition};
use runtime::Language;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sync::action::{Action, How, Stage, Why};

use super::examples::json;
use super::records::now;
use crate::{action_view, contract};

/// The request of an operation with a body.
pub(super) fn request(operation: &str) -> Option<Value> {
    (operation == "request_action").then(|| {
        json!({ "action": "payment", "inputs": {
            "mode": "payment", "payment_type": "Transakcijski račun", "date": "2026-11-24", "amount": "150",
            "notes": "po predračunu",
        } })
    })
}

/// The answers of an operation, by status.
pub(super) fn responses(operation: &str) -> Vec<(&'static str, Value)> {
    match operation {
        "list_actions" => {
            let status = Status::default();
            let allowed = transition::allowed(DocumentKind::SalesBillDomestic, &status).collect();
            let actions = vec![done(), person(), action()];
            vec![("200", json(&action_view::actions(&OfDocument { allowed, actions }, Language::En)))]
        }
        "request_action" => vec![("202", json(&action_view::action(&action(), Language::En)))],
        "get_action" => vec![("200", json(&action_view::action(&done(), Language::En)))],
        _ => Vec::new(),
    }
}

/// An action that ended, for the feed.
pub(super) fn acted() -> Acted {
    let Action { id, deed, .. } = action();
    Acted { id, deed, ended: ActionEnd::Done, code: None, made: None }
}

fn document() -> RecordId {
    let tenant = "t_00000000000000000001".parse().expect("a tenant id");
    RecordId::for_erp(&tenant, Object::Invoices, ErpId::new(400_000_000_001))
}

fn action() -> Action {
    let text = |s| Text::required(s).expect("a text");
    let id: ActionId = "act_01990a1b2c3d7e5f8091a2b3c4d5e6f7".parse().expect("an action id");
    let deed = Deed::Payment(PaymentDeed {
        mode: PaymentMode::Payment,
        payment_type: text("Transakcijski račun"),
        date: jiff::civil::date(2026, 11, 24),
        amount: Decimal::from(150),
        notes: Some(text("po predračunu")),
        over: false,
    });
    let of = (DocumentKind::SalesBillDomestic, ErpId::new(400_000_000_001));
    Action { version: 1, ..Action::planned(id, document(), of, deed, "ana".to_owned(), now()) }
}

fn done() -> Action {
    Action { stage: Stage::Done { how: How::Answered, made: None }, due: None, ..action() }
}

fn person() -> Action {
    Action { stage: Stage::Person { why: Why::Ambiguous }, due: None, ..action() }
}

#[test]
fn every_example_of_an_action_has_the_form_of_the_contract() {
    fn assert_form<T: serde::Serialize + serde::de::DeserializeOwned>(example: &Value) {
        let read: T = serde_json::from_value(example.clone()).expect("the form");
        assert_eq!(json(&read), *example);
    }
    let one = |operation: &str| responses(operation).remove(0).1;
    assert_form::<contract::Actions>(&one("list_actions"));
    assert_form::<contract::Action>(&one("request_action"));
    assert_form::<contract::Action>(&one("get_action"));
    assert_form::<contract::EndedAction>(&json(&action_view::acted(&acted())));
    let asked: action_view::RequestAction =
        serde_json::from_value(request("request_action").expect("an example")).expect("its form");
    assert_eq!(asked.to_ask(None).expect("taken").deed, action().deed);
}

#[test]
fn every_stage_has_a_state_and_every_reason_a_text() {
    let shown = |stage| action_view::action(&Action { stage, ..action() }, Language::Sl);
    for why in [Why::NeverSent, Why::CannotTell, Why::Ambiguous, Why::Changed, Why::Gone, Why::GivenUp] {
        let view = shown(Stage::Person { why });
        assert_eq!(view.state, contract::ActionState::NeedsPerson);
        assert!(view.message.is_some(), "{why:?}");
    }
    for code in ["buyer_order_taken", "document_missing", "action_not_allowed", "amount_over_open"] {
        let view = shown(Stage::Rejected { code: code.to_owned() });
        assert_eq!((view.state, view.message.is_some()), (contract::ActionState::Rejected, true), "{code}");
    }
    let since = now();
    let sending = shown(Stage::Sending { attempt: 2, since, absent: 0, unclear: 0 });
    assert_eq!((sending.state, sending.sent), (contract::ActionState::Sending, Some(2)));
    for how in [How::Answered, How::Found, How::Already] {
        assert_eq!(json(&shown(Stage::Done { how, made: None }).how), json(&how));
    }
    for ended in [ActionEnd::Done, ActionEnd::Rejected, ActionEnd::NeedsPerson] {
        assert_eq!(json(&action_view::acted(&Acted { ended, ..acted() }).state), json(&ended));
    }
}

#[test]
fn inputs_of_another_form_are_refused_at_their_place_and_not_repeated() {
    for (action, inputs, path) in [
        (
            "payment",
            json!({ "mode": "MARKER", "payment_type": "x", "date": "2026-11-24", "amount": "1" }),
            "$.inputs.mode",
        ),
        (
            "payment",
            json!({ "mode": "payment", "payment_type": "x", "date": "24.11.2026", "amount": "1" }),
            "$.inputs.date",
        ),
        (
            "payment",
            json!({ "mode": "payment", "payment_type": "x", "date": "2026-11-24", "amount": 1 }),
            "$.inputs.amount",
        ),
        ("payment", json!({ "mode": "payment", "date": "2026-11-24", "amount": "1" }), "$.inputs.payment_type"),
        ("status", json!({ "key": " " }), "$.inputs.key"),
        ("cancel", json!({ "MARKER": 1 }), "$.inputs[\"MARKER\"]"),
        ("attachment", json!({ "file_name": "a.pdf", "content": "MARKER*" }), "$.inputs.content"),
        (
            "complaint",
            json!({ "claim": "return", "user_email": "a@b.si", "lines": [{ "product": "x" }] }),
            "$.inputs.lines",
        ),
    ] {
        let asked = json!({ "action": action, "inputs": inputs });
        let asked: action_view::RequestAction = serde_json::from_value(asked).expect("its form");
        let problem = asked.to_ask(None).expect_err("refused");
        let faults: Vec<_> = problem.errors().iter().map(|f| f.path.as_str()).collect();
        assert_eq!(faults, [path], "{action}");
        assert!(problem.errors().iter().all(|f| !f.message.contains("MARKER")));
    }
}
