//! Actions on documents over the API.

use axum::http::{Method, StatusCode};
use cloud::Work;
use domain::{BlobHash, Deed, DocumentKind, ErpId, Record, RecordId};
use fn_crm_api::contract::{Action, Actions};
use serde_json::{Value, json};
use store::ActionRow;
use sync::action::Action as Kept;

use crate::crm::assert_form;
use crate::support::{Answer, World, document, id_of, now};

/// Keeps an action on the order of tenant `n`.
pub(crate) async fn kept(world: &World, n: u32) {
    let tenant = world.tenant(n);
    let order = id_of(&tenant, &document(3, DocumentKind::SalesOrder));
    let id = format!("act_{n:032x}").parse().expect("an action id");
    let of = (DocumentKind::SalesOrder, ErpId::new(3));
    let action = Kept { version: 1, ..Kept::planned(id, order, of, Deed::Cancel, "ana".to_owned(), now()) };
    let bytes = serde_json::to_vec(&action).expect("JSON");
    let row = ActionRow { id, document: order, version: 1, due: action.due, request: None, bytes };
    tenant.keep_action(&row).await.expect("kept");
}

async fn world() -> (World, RecordId) {
    let world = World::connected().await;
    world.open(1).await;
    let Record::Document(mut order) = document(3, DocumentKind::SalesOrder) else { panic!("a document") };
    order.sums.gross = Some(rust_decimal::Decimal::from(100));
    let order = Record::Document(order);
    let id = id_of(&world.tenant(1), &order);
    world.load(1, &[order]).await;
    (world, id)
}

async fn ask(world: &World, id: RecordId, key: &str, body: Value) -> Answer {
    let path = format!("/v1/documents/{id}/actions");
    world.send(1, Method::POST, &path, &[("idempotency-key", key)], &body.to_string()).await
}

fn payment(amount: &str) -> Value {
    let inputs = json!({ "mode": "prepayment", "payment_type": "Gotovina", "date": "2026-11-24", "amount": amount });
    json!({ "action": "payment", "inputs": inputs })
}

#[tokio::test]
async fn an_action_is_asked_for_once_and_shown_at_its_address() {
    let (world, id) = world().await;
    let before = world.get(1, &format!("/v1/documents/{id}/actions")).await;
    assert_form::<Actions>(&before);
    let names: Vec<_> = before.body["allowed"].as_array().expect("a list").iter().map(|a| &a["action"]).collect();
    assert!(names.contains(&&json!("payment")) && !names.contains(&&json!("order_from_offer")), "{names:?}");
    world.queue.take();
    let asked = ask(&world, id, "k-1", payment("100")).await;
    assert_eq!((asked.status, &asked.body["state"]), (StatusCode::ACCEPTED, &json!("planned")), "{}", asked.body);
    assert_form::<Action>(&asked);
    assert_eq!(world.queue.take().iter().map(|m| &m.work).collect::<Vec<_>>(), [&Work::Push]);
    let again = ask(&world, id, "k-1", payment("100")).await;
    assert_eq!((again.status, &again.body["id"]), (StatusCode::ACCEPTED, &asked.body["id"]));
    let shown = world.get(1, asked.header("location")).await;
    assert_eq!(shown.body, asked.body);
    let listed = world.get(1, &format!("/v1/documents/{id}/actions")).await;
    assert_eq!(listed.body["actions"], json!([asked.body]));
    let equal = ask(&world, id, "k-2", payment("100")).await;
    equal.is_refused("action_under_way", "$.action");
}

#[tokio::test]
async fn what_is_not_possible_is_refused_at_its_place() {
    let (world, id) = world().await;
    for (n, (body, code, path)) in [
        (payment("100.01"), "amount_over_open", "$.inputs.amount"),
        (payment("0"), "invalid_request", "$.inputs.amount"),
        (payment("-5"), "invalid_request", "$.inputs.amount"),
        (payment("1e9"), "invalid_request", "$.inputs.amount"),
        (json!({ "action": "order_from_offer" }), "action_not_allowed", "$.action"),
        (json!({ "action": "ship", "inputs": { "on": "1900-01-01" } }), "invalid_request", "$.inputs.on"),
        (json!({ "action": "ship", "inputs": { "on": "2100-01-01" } }), "invalid_request", "$.inputs.on"),
        (json!({ "action": "ship" }), "invalid_request", "$.inputs.on"),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = ask(&world, id, &format!("k-{n}"), body).await;
        refused.is_refused(code, path);
    }
    let other = world.get(2, &format!("/v1/documents/{id}/actions")).await;
    assert_eq!((other.status, other.code()), (StatusCode::NOT_FOUND, "not_found"));
    let none = world.get(1, &format!("/v1/documents/{id}/actions")).await;
    assert_eq!(none.body["actions"], json!([]));
}

#[tokio::test]
async fn a_file_of_4_mib_is_taken_and_a_larger_one_an_empty_one_or_a_page_is_not() {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let (world, id) = world().await;
    let file = |bytes: &[u8]| {
        let content = BASE64_STANDARD.encode(bytes);
        json!({ "action": "attachment", "inputs": { "file_name": "a.pdf", "content": content } })
    };
    let mut bytes = b"%PDF-1.4".to_vec();
    bytes.resize(4 * 1024 * 1024, b' ');
    let taken = ask(&world, id, "k-1", file(&bytes)).await;
    assert_eq!(taken.status, StatusCode::ACCEPTED, "{}", taken.body);
    let inputs = &taken.body["inputs"];
    assert_eq!((&inputs["bytes"], &inputs["hash"]), (&json!(bytes.len()), &json!(BlobHash::of(&bytes).to_string())));
    let list = world.get(1, &format!("/v1/documents/{id}/attachments")).await;
    assert_eq!((list.of_all("source"), list.of_all("blake3").len()), (vec!["crm".to_owned()], 1), "{}", list.body);
    bytes.push(b' ');
    ask(&world, id, "k-2", file(&bytes)).await.is_refused("invalid_request", "$.inputs.content");
    ask(&world, id, "k-3", file(b"")).await.is_refused("invalid_request", "$.inputs.content");
    ask(&world, id, "k-4", file(b"<html>")).await.is_refused("file_type_refused", "$.inputs.content");
}
