//! Many requests in one: each of its own.

use axum::http::StatusCode;
use cloud::Work;
use fn_crm_api::contract::BulkAnswer;
use serde_json::{Value, json};

use crate::crm::{assert_form, customer, order, pieces};
use crate::support::{World, contact};

#[tokio::test]
async fn each_item_is_a_request_of_its_own() {
    let world = World::new().await;
    world.load(1, &[contact(7, "Ana")]).await;
    world.edit("/v1/contacts/old", None, customer("Eva")).await.is_record(StatusCode::CREATED);
    world.edit("/v1/contacts/gone", None, customer("Iva")).await.is_record(StatusCode::CREATED);
    world.queue.take();
    let items = json!([
        { "crm_id": "new", "fields": customer("Ana") },
        { "crm_id": "bad", "fields": { "name": 7 } },
        { "crm_id": "old", "fields": customer("Eva d.o.o."), "revision": 1 },
        { "crm_id": "old", "fields": customer("Eva"), "revision": 9 },
        { "crm_id": "gone", "delete": true },
        { "crm_id": "gone", "fields": customer("Iva d.o.o."), "revision": 1 },
        { "crm_id": "never", "delete": true },
        { "crm_id": "linked", "fields": pieces(&contact(7, "Ana")), "record": world.contact_id(7) },
        { "crm_id": "other", "fields": pieces(&contact(7, "Ana")), "record": world.contact_id(7) },
        { "crm_id": "bulk", "fields": customer("Ana") },
        { "crm_id": "empty" },
        { "crm_id": "new", "fields": customer("Ana") },
    ]);
    let answer = world.post(1, "/v1/contacts/bulk", json!({ "items": items })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_form::<BulkAnswer>(&answer);
    let results = answer.body["results"].as_array().expect("a list");
    let told: Vec<_> =
        results.iter().map(|r| (&r["crm_id"], &r["status"], &r["code"], &r["errors"][0]["path"])).collect();
    let none = Value::Null;
    let expected = [
        ("new", 201, &none, &none),
        ("bad", 400, &json!("invalid_request"), &json!(r#"$.fields["name"]"#)),
        ("old", 200, &none, &none),
        ("old", 412, &json!("version_mismatch"), &json!("if-match")),
        ("gone", 200, &none, &none),
        ("gone", 409, &json!("record_deleted"), &none),
        ("never", 404, &json!("not_found"), &none),
        ("linked", 200, &none, &none),
        ("other", 409, &json!("link_taken"), &json!("$.record")),
        ("bulk", 400, &json!("invalid_request"), &json!("id")),
        ("empty", 400, &json!("invalid_request"), &json!("$.fields")),
        ("new", 200, &none, &none),
    ]
    .map(|(crm_id, status, code, path)| (json!(crm_id), json!(status), code.clone(), path.clone()));
    assert_eq!(told.len(), expected.len());
    for (told, expected) in told.into_iter().zip(&expected) {
        assert_eq!(told, (&expected.0, &expected.1, &expected.2, &expected.3));
    }
    // What was taken is what the single requests would have left, and the worker is told once.
    for (n, crm_id) in [(0, "new"), (2, "old"), (4, "gone"), (7, "linked")] {
        let read = world.get(1, &format!("/v1/contacts/{crm_id}")).await;
        assert_eq!((&results[n]["record"], &results[n]["revision"]), (&read.body["record"], &read.body["revision"]));
    }
    let sent = world.queue.take();
    assert_eq!(sent.iter().map(|m| &m.work).collect::<Vec<_>>(), [&Work::Push]);
    assert_eq!(world.get(2, "/v1/contacts/new").await.code(), "not_found");
}

#[tokio::test]
async fn an_order_may_name_records_of_the_same_crm_before_they_are_there() {
    let world = World::new().await;
    let items = json!([{ "crm_id": "o-1", "fields": order() }]);
    let answer = world.post(1, "/v1/orders/bulk", json!({ "items": items })).await;
    assert_eq!(answer.body["results"][0]["status"], 201, "{}", answer.body);
    assert_eq!(world.get(1, "/v1/orders/o-1").await.body["fields"], order());
    // As soon as the customer has an ERP record, the reference is the ERP's, and the CRM's form of it means the same.
    world.link(7, "c-1", pieces(&contact(7, "Ana"))).await.is_record(StatusCode::OK);
    let told = world.told().await;
    let again = world.edit("/v1/orders/o-1", Some(1), order()).await;
    assert_eq!(again.is_record(StatusCode::OK)["fields"]["partner"], json!({ "erp_id": "7" }));
    assert_eq!(world.told().await, told, "nothing changed");
}

#[tokio::test]
async fn too_many_items_or_none_are_refused_and_nothing_is_done() {
    let world = World::new().await;
    let items = |n: usize| (0..n).map(|n| json!({ "crm_id": format!("c-{n}"), "fields": customer("Ana") })).collect();
    for n in [0, 101] {
        let items: Vec<Value> = items(n);
        let answer = world.post(1, "/v1/contacts/bulk", json!({ "items": items })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        answer.is_refused("invalid_request", "$.items");
    }
    for body in [json!({}), json!({ "items": [{}] }), json!({ "items": [{ "crm_id": "c-1", "id": "c-1" }] })] {
        assert_eq!(world.post(1, "/v1/contacts/bulk", body).await.code(), "invalid_request");
    }
    assert_eq!(world.told().await, 0);
    let items: Vec<Value> = items(100);
    let answer = world.post(1, "/v1/contacts/bulk", json!({ "items": items })).await;
    let results = answer.body["results"].as_array().expect("a list");
    assert!(results.len() == 100 && results.iter().all(|r| r["status"] == 201), "{}", answer.body);
    assert_eq!(world.told().await, 100);
}
