//! A company's settings: total, and changed on the version they were seen at.

use axum::http::{Method, StatusCode};
use fn_crm_api::contract::{Certificates, Settings};
use serde_json::{Value, json};

use crate::crm::{assert_form, pieces};
use crate::support::{Answer, World, contact};

async fn shown(world: &World, n: u32) -> Answer {
    let answer = world.get(n, "/v1/settings").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_form::<Settings>(&answer);
    assert_eq!(answer.header("etag"), format!("\"{}\"", answer.body["version"]));
    answer
}

/// The settings that are shown, to be sent back with a change.
async fn changed(world: &World, change: impl FnOnce(&mut Value)) -> Value {
    let mut body = shown(world, 1).await.body;
    body.as_object_mut().expect("members").remove("version");
    change(&mut body);
    body
}

#[tokio::test]
async fn a_company_begins_read_only_with_a_rule_for_every_field() {
    let world = World::new().await;
    let settings = shown(&world, 1).await;
    assert_eq!((&settings.body["version"], &settings.body["read_only"]), (&json!(1), &json!(true)));
    assert_eq!(settings.body["objects"]["contacts"]["rules"]["name"], "park");
    assert_eq!(settings.body["objects"]["stock"]["direction"], "to_crm");
    let headers = [("if-none-match", "\"1\"")];
    let token = world.token(1, "administrator");
    let same = world.ask(Method::GET, "/v1/settings", Some(&token), &headers, None).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_change_is_made_on_the_version_that_was_seen_and_is_the_companys_own() {
    let world = World::new().await;
    let wanted = changed(&world, |s| s["objects"]["contacts"]["rules"]["name"] = json!("crm")).await;
    let unnamed = world.put(1, "/v1/settings", None, wanted.clone()).await;
    assert_eq!(unnamed.status, StatusCode::PRECONDITION_REQUIRED);
    unnamed.is_refused("precondition_required", "if-match");
    for stale in [0, 2] {
        let answer = world.put(1, "/v1/settings", Some(stale), wanted.clone()).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::PRECONDITION_FAILED, "version_mismatch"));
    }
    let done = world.put(1, "/v1/settings", Some(1), wanted.clone()).await;
    assert_eq!((done.status, done.header("etag")), (StatusCode::OK, "\"2\""), "{}", done.body);
    assert_form::<Settings>(&done);
    assert_eq!(done.body["objects"], wanted["objects"]);
    assert_eq!(shown(&world, 1).await.body, done.body);
    // The same again is made on a version that is no longer the present one.
    assert_eq!(world.put(1, "/v1/settings", Some(1), wanted).await.code(), "version_mismatch");
    assert_eq!(shown(&world, 2).await.body["version"], 1);
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_taken() {
    let world = World::new().await;
    let body = |open: bool| changed(&world, move |s| s["read_only"] = json!(!open));
    let (a, b) = (body(true).await, body(false).await);
    let (a, b) = tokio::join!(world.put(1, "/v1/settings", Some(1), a), world.put(1, "/v1/settings", Some(1), b));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "{} {}", a.body, b.body);
    assert_eq!(shown(&world, 1).await.body["version"], 2);
}

#[tokio::test]
async fn settings_that_leave_something_open_or_say_what_nobody_asks_name_the_place() {
    type Change = fn(&mut Value);
    let world = World::new().await;
    let cases: &[(Change, &str)] = &[
        (
            |s| drop(s["objects"]["contacts"]["rules"].as_object_mut().map(|r| r.remove("tax"))),
            "$.objects.contacts.rules.tax",
        ),
        (|s| s["objects"]["orders"]["rules"]["sums"] = json!("crm"), "$.objects.orders.rules.sums"),
        (|s| s["objects"]["orders"]["rules"]["lines"] = json!("me"), "$.objects.orders.rules.lines"),
        (|s| s["objects"]["orders"]["direction"] = json!("up"), "$.objects.orders.direction"),
        (|s| s["objects"]["orders"]["pause"] = json!(true), "$.objects.orders.pause"),
        (|s| drop(s["objects"].as_object_mut().map(|o| o.remove("stock"))), "$.objects.stock"),
        (|s| drop(s["objects"].as_object_mut().map(|o| o.remove("contacts"))), "$.objects.contacts"),
        (|s| s["objects"]["robots"] = s["objects"]["stock"].clone(), "$.objects"),
        (|s| drop(s.as_object_mut().map(|o| o.remove("read_only"))), "$"),
        (|s| s["read_only"] = json!("no"), "$.read_only"),
        (|s| s["version"] = json!(7), "$.version"),
    ];
    for (change, place) in cases {
        let body = changed(&world, change).await;
        let answer = world.put(1, "/v1/settings", Some(1), body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{place}");
        answer.is_refused("invalid_request", place);
    }
    assert_eq!(shown(&world, 1).await.body["version"], 1);
}

#[tokio::test]
async fn a_rule_that_is_changed_decides_the_next_link() {
    let world = World::new().await;
    let wanted = changed(&world, |s| s["objects"]["contacts"]["rules"]["name"] = json!("crm")).await;
    assert_eq!(world.put(1, "/v1/settings", Some(1), wanted).await.status, StatusCode::OK);
    let mut fields = pieces(&contact(7, "Ana"));
    fields["name"] = json!("Ana d.o.o.");
    let linked = world.link(7, "c-1", fields).await;
    let record = linked.is_record(StatusCode::OK);
    assert_eq!((&record["fields"]["name"], &record["sync"]), (&json!("Ana d.o.o."), &json!("waiting")));
}

#[tokio::test]
async fn a_certificate_says_whether_both_sides_held_the_same() {
    let world = World::new().await;
    assert_eq!(world.get(1, "/v1/certificates").await.body, json!({ "certificates": [] }));
    world.link(7, "c-1", pieces(&contact(7, "Ana"))).await.is_record(StatusCode::OK);
    let certify = async |day: &str| {
        let at = format!("{day}T03:00:00Z").parse().expect("a time");
        app::twoway::certificates::certify(&world.tenant(1), domain::Object::Contacts, at)
            .await
            .expect("a certificate");
    };
    certify("2026-11-24").await;
    let mut fields = pieces(&contact(7, "Ana"));
    fields["name"] = json!("Ana d.o.o.");
    world.edit("/v1/contacts/c-1", Some(2), fields).await.is_record(StatusCode::OK);
    certify("2026-11-25").await;

    let answer = world.get(1, "/v1/certificates").await;
    assert_form::<Certificates>(&answer);
    let [newest, first] = answer.body["certificates"].as_array().expect("a list").as_slice() else { panic!("two") };
    assert_eq!((&first["day"], &first["equal"]), (&json!("2026-11-24"), &json!(true)));
    assert_eq!((&first["crm_count"], &first["crm_digest"]), (&json!(1), &first["erp_digest"]));
    assert_eq!((&newest["day"], &newest["equal"], &newest["more"]), (&json!("2026-11-25"), &json!(false), &json!(0)));
    assert_eq!(newest["differences"], json!([{ "record": world.contact_id(7), "kind": "differs" }]));
    assert_ne!(newest["crm_digest"], newest["erp_digest"]);
    assert_eq!(world.get(2, "/v1/certificates").await.body, json!({ "certificates": [] }));
}
