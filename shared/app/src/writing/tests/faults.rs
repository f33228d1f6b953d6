//! What each failure of the ERP means for a write and for a search.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{Fields, Object};
use serde_json::json;
use sync::twoway::{Key, Outcome, Probed, keys_of};

use super::world::{OPEN, World, client, create, id, line, pieces};
use crate::writing::Writer;

const ORDERS: Object = Object::Orders;

async fn order(world: &World) -> Fields {
    let products = world.products().await;
    pieces(json!({
        "partner": { "erp_id": world.partners().await[0].to_string() },
        "buyer_order": "CRM-9",
        "lines/a": line(products.iter().find(|p| p.sales).expect("a product"), "2", "10"),
    }))
}

#[tokio::test]
async fn a_failure_is_not_sent_refused_or_unknown_by_what_the_erp_may_have_done() {
    let world = World::start(61).await;
    let fields = order(&world).await;
    let op = create(ORDERS, &fields);
    for (fault, outcome) in [
        (json!({"kind": "quota"}), Outcome::NotSent),
        (json!({"kind": "auth"}), Outcome::NoAccess),
        (json!({"kind": "ip"}), Outcome::NoAccess),
        (json!({"kind": "connection_reset"}), Outcome::Unknown),
        (json!({"kind": "http_status", "status": 502}), Outcome::Unknown),
        (json!({"kind": "html_200"}), Outcome::Unknown),
        (json!({"kind": "truncated_json"}), Outcome::Unknown),
        (json!({"kind": "empty_body"}), Outcome::Unknown),
        (json!({"kind": "opr_code_1"}), Outcome::Unknown),
    ] {
        let mut fault = fault;
        fault["endpoint"] = json!("put_document");
        fault["remaining"] = json!(1);
        world.fault(fault.clone()).await;
        assert_eq!(world.send(ORDERS, &op).await, outcome, "{fault}");
        world.no_faults().await;
    }
    let mut wrong = fields.clone();
    wrong.set("status", json!({ "key": "ni_ga" }));
    let refused = world.send(ORDERS, &create(ORDERS, &wrong)).await;
    assert_eq!(refused, Outcome::Rejected { code: "erp_request_invalid".to_owned() });
    let nobody =
        Writer::new(&client("http://127.0.0.1:1")).with_products(world.products().await).send(ORDERS, &op, OPEN).await;
    assert_eq!(nobody, Outcome::NotSent);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_search_finds_one() {
    let world = World::start(62).await;
    let fields = order(&world).await;
    world.fault(json!({"kind": "commit_then_lose_answer", "endpoint": "put_document", "remaining": 2})).await;
    assert_eq!(world.send(ORDERS, &create(ORDERS, &fields)).await, Outcome::Unknown);
    assert_eq!(world.probe(ORDERS, &fields, &[]).await.0.len(), 1);
    let mut offer = fields.clone();
    offer.put("buyer_order", None);
    assert_eq!(world.send(Object::Offers, &create(Object::Offers, &offer)).await, Outcome::Unknown);
    assert_eq!(world.probe(Object::Offers, &offer, &[]).await.0.len(), 1);
    let contact = pieces(json!({ "name": "Izgubljen", "persons/p": { "email": "iz@gubljen.example" } }));
    world.fault(json!({"kind": "commit_then_lose_answer", "endpoint": "add_partner", "remaining": 1})).await;
    assert_eq!(world.send(Object::Contacts, &create(Object::Contacts, &contact)).await, Outcome::Unknown);
    assert_eq!(world.probe(Object::Contacts, &contact, &[]).await.0.len(), 1);
}

#[tokio::test]
async fn a_second_order_with_the_number_of_the_first_is_a_duplicate_where_the_company_wants_it() {
    let world = World::start(63).await;
    world.settings(json!({ "unique_buyer_order": "on" })).await;
    let fields = order(&world).await;
    let first = world.create(ORDERS, &fields).await;
    assert_eq!(world.send(ORDERS, &create(ORDERS, &fields)).await, Outcome::Duplicate { found: vec![first] });
}

#[tokio::test]
async fn what_is_not_let_through_is_not_sent_and_a_part_that_was_made_stays_open() {
    let world = World::start(64).await;
    let fields = order(&world).await;
    let writer = Writer::new(&world.client).with_products(world.products().await);
    assert_eq!(writer.send(ORDERS, &create(ORDERS, &fields), || false).await, Outcome::NotSent);
    assert_eq!(world.calls("put_document").await, 0);
    let contact = pieces(json!({
        "name": "Na pol", "persons/a": { "name": "Ana" }, "persons/b": { "name": "Bor" },
    }));
    let asked = AtomicUsize::new(0);
    let once = || asked.fetch_add(1, Ordering::Relaxed) == 0;
    assert_eq!(writer.send(Object::Contacts, &create(Object::Contacts, &contact), once).await, Outcome::Unknown);
    assert_eq!((world.calls("add_partner").await, world.calls("update_partner").await), (1, 0));
}

#[tokio::test]
async fn a_read_before_a_write_that_fails_sends_nothing() {
    let world = World::start(65).await;
    let erp_id = world.create(ORDERS, &order(&world).await).await;
    let op = super::world::update(erp_id, json!({ "notes": "x" }));
    let writer = Writer::new(&world.client);
    for (kind, outcome) in
        [("http_status", Outcome::NotSent), ("opr_code_1", Outcome::NotSent), ("auth", Outcome::NoAccess)]
    {
        world.fault(json!({"kind": kind, "endpoint": "get_document", "remaining": 1})).await;
        assert_eq!(writer.send(ORDERS, &op, OPEN).await, outcome, "{kind}");
    }
    assert_eq!(world.calls("update_document").await, 0);
}

#[tokio::test]
async fn a_search_that_failed_or_lacks_rows_says_nothing() {
    let world = World::start(66).await;
    let fields = order(&world).await;
    world.create(ORDERS, &fields).await;
    let writer = Writer::new(&world.client);
    let keys = keys_of(id(ORDERS), &fields);
    for fault in [
        json!({"kind": "short_page", "rows": 1}),
        json!({"kind": "http_status"}),
        json!({"kind": "quota"}),
        json!({"kind": "truncated_json"}),
        json!({"kind": "auth"}),
    ] {
        let mut fault = fault;
        fault["endpoint"] = json!("search");
        world.fault(fault.clone()).await;
        assert_eq!(writer.probe(ORDERS, &keys, &[&fields], &[]).await, (Probed::CannotTell, Vec::new()), "{fault}");
        world.no_faults().await;
    }
}

#[tokio::test]
async fn an_offer_without_a_partner_was_never_sent() {
    let world = World::start(67).await;
    let keys = [Key::Tag("C-1".to_owned())];
    let (probed, _) = Writer::new(&world.client).probe(Object::Offers, &keys, &[&Fields::default()], &[]).await;
    assert_eq!(probed, Probed::Answered { found: Vec::new(), control: true });
    assert_eq!(world.calls("search").await, 0);
}
