//! Records of the CRM: put, read, deleted and taken back, by the CRM's own ids.

use axum::http::{Method, StatusCode};
use cloud::Work;
use domain::Object;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::crm::{customer, order};
use crate::support::{World, contact, id_of};

const ANA: &str = "/v1/contacts/c-1";

#[tokio::test]
async fn a_new_record_is_made_once_and_the_same_request_again_changes_nothing() {
    let world = World::new().await;
    let made = world.edit(ANA, None, customer("Ana")).await;
    let expected = json!({
        "record": world.open_id(Object::Contacts, "c-1"), "crm_id": "c-1", "revision": 1,
        "fields": customer("Ana"), "sync": "waiting",
    });
    assert_eq!(made.is_record(StatusCode::CREATED), &expected);
    let sent = world.queue.take();
    assert_eq!((sent.len(), &sent[0].work), (1, &Work::Push));
    for revision in [None, Some(1)] {
        let again = world.edit(ANA, revision, customer("Ana")).await;
        assert_eq!(again.is_record(StatusCode::OK), &expected, "{revision:?}");
    }
    assert_eq!(world.told().await, 1);
    assert_eq!(world.get(1, ANA).await.is_record(StatusCode::OK), &expected);
}

#[tokio::test]
async fn each_object_type_has_its_own_records_by_the_same_id() {
    let world = World::new().await;
    let product = json!({ "name": "Vijak", "code": "V-1", "unit": "kos" });
    for (path, fields) in [
        ("/v1/contacts/x", customer("Ana")),
        ("/v1/products/x", product),
        ("/v1/offers/x", order()),
        ("/v1/orders/x", order()),
    ] {
        let made = world.edit(path, None, fields.clone()).await;
        assert_eq!(made.is_record(StatusCode::CREATED)["fields"], fields, "{path}");
        let read = world.get(1, path).await;
        assert_eq!(read.is_record(StatusCode::OK), &made.body, "{path}");
        let other = world.get(2, path).await;
        assert_eq!((other.status, other.code()), (StatusCode::NOT_FOUND, "not_found"), "{path}");
        let gone = world.delete(1, path).await;
        assert_eq!(gone.is_record(StatusCode::OK)["sync"], "deleted", "{path}");
    }
    // Of offers and orders, the record's own id leads to both sides as well; of the other type's it does not.
    let offer = world.open_id(Object::Offers, "x");
    assert_eq!(world.get(1, &format!("/v1/offers/{offer}")).await.is_record(StatusCode::OK)["crm_id"], "x");
    assert_eq!(world.get(1, &format!("/v1/orders/{offer}")).await.code(), "not_found");
    assert_eq!(world.get(2, &format!("/v1/offers/{offer}")).await.code(), "not_found");
}

#[tokio::test]
async fn an_edit_on_an_old_revision_takes_nothing_back_that_it_did_not_touch() {
    let world = World::new().await;
    world.edit(ANA, None, customer("Ana")).await.is_record(StatusCode::CREATED);
    let renamed = world.edit(ANA, Some(1), customer("Ana d.o.o.")).await;
    assert_eq!(renamed.is_record(StatusCode::OK)["revision"], 2);
    // Made on revision 1, where the name was Ana: only the flag is an edit.
    let merged = world.edit(ANA, Some(1), json!({ "name": "Ana", "buyer": false })).await;
    let fields = json!({ "name": "Ana d.o.o.", "buyer": false });
    assert_eq!((&merged.is_record(StatusCode::OK)["fields"], &merged.body["revision"]), (&fields, &json!(3)));
    // What is no longer sent is unset.
    let unset = world.edit(ANA, Some(3), json!({ "name": "Ana d.o.o." })).await;
    assert_eq!(unset.is_record(StatusCode::OK)["fields"], json!({ "name": "Ana d.o.o." }));
}

#[tokio::test]
async fn without_a_revision_it_is_an_edit_of_what_the_first_request_said() {
    let world = World::new().await;
    world.edit(ANA, None, customer("Ana")).await.is_record(StatusCode::CREATED);
    world.edit(ANA, Some(1), customer("Ana d.o.o.")).await.is_record(StatusCode::OK);
    let edited = world.edit(ANA, None, json!({ "name": "Ana", "buyer": true, "supplier": true })).await;
    let fields = json!({ "name": "Ana d.o.o.", "buyer": true, "supplier": true });
    assert_eq!(edited.is_record(StatusCode::OK)["fields"], fields);
}

#[tokio::test]
async fn a_revision_that_never_was_or_is_no_tag_is_refused() {
    let world = World::new().await;
    world.edit(ANA, None, customer("Ana")).await.is_record(StatusCode::CREATED);
    let ahead = world.edit(ANA, Some(2), customer("Ana d.o.o.")).await;
    assert_eq!(ahead.status, StatusCode::PRECONDITION_FAILED);
    ahead.is_refused("version_mismatch", "if-match");
    let body = json!({ "fields": customer("Ana d.o.o.") }).to_string();
    for tag in ["*", "1", "W/\"1\"", "\"x\""] {
        let answer = world.send(1, Method::PUT, ANA, &[("if-match", tag)], &body).await;
        answer.is_refused("version_mismatch", "if-match");
    }
    assert_eq!(world.get(1, ANA).await.body["fields"], customer("Ana"));
}

#[tokio::test]
async fn an_edit_on_a_revision_of_long_ago_is_refused() {
    let world = World::new().await;
    world.edit(ANA, None, customer("Ana")).await.is_record(StatusCode::CREATED);
    for revision in 1..=200 {
        let named = world.edit(ANA, Some(revision), customer(&format!("Ana {revision}"))).await;
        assert_eq!(named.body["revision"], revision + 1, "{}", named.body);
    }
    for revision in [Some(1), None] {
        let old = world.edit(ANA, revision, customer("Eva")).await;
        assert_eq!(old.status, StatusCode::CONFLICT);
        old.is_refused("revision_too_old", "if-match");
    }
    assert_eq!(world.edit(ANA, Some(2), customer("Ana 1")).await.is_record(StatusCode::OK)["revision"], 201);
}

#[tokio::test]
async fn what_is_not_of_its_form_is_refused_at_its_place_and_nothing_is_kept() {
    let world = World::new().await;
    let line = |line: Value| json!({ "partner": { "crm_id": "c-1" }, "lines/l1": line });
    let many: serde_json::Map<_, _> = (0..501).map(|n| (format!("persons/p{n}"), json!({}))).collect();
    for (path, fields, code, place) in [
        (ANA, json!({ "name": "Ana", "shoe_size": "43" }), "invalid_request", r#"$.fields["shoe_size"]"#),
        (ANA, json!({ "name": 7 }), "invalid_request", r#"$.fields["name"]"#),
        (ANA, json!({ "name": "Ana", "buyer": "yes" }), "invalid_request", r#"$.fields["buyer"]"#),
        (ANA, json!({ "name": "Ana", "tax": { "iban": "1" } }), "invalid_request", r#"$.fields["tax"]"#),
        (ANA, json!({ "name": "Ana", "persons/p": { "email": "x" } }), "invalid_request", r#"$.fields["persons/p"]"#),
        (ANA, json!({ "name": "Ana", "addresses": [] }), "invalid_request", r#"$.fields["addresses"]"#),
        (ANA, json!({ "name": "Ana", "addresses/a b": {} }), "invalid_request", r#"$.fields["addresses/a b"]"#),
        (ANA, json!({ "buyer": true }), "invalid_request", r#"$.fields["name"]"#),
        (ANA, Value::Object(many), "invalid_request", "$.fields"),
        (ANA, json!({ "name": "Ana", "number": "7" }), "field_of_erp", r#"$.fields["number"]"#),
        ("/v1/orders/o-1", line(json!({ "amount": 2 })), "invalid_request", r#"$.fields["lines/l1"]"#),
        ("/v1/orders/o-1", line(json!({ "product": "1" })), "invalid_request", r#"$.fields["lines/l1"]"#),
        ("/v1/orders/o-1", json!({ "partner": { "crm_id": "c-1" } }), "invalid_request", r#"$.fields["lines"]"#),
        ("/v1/orders/o-1", json!({ "partner": { "crm_id": "č" } }), "invalid_request", r#"$.fields["partner"]"#),
    ] {
        let answer = world.edit(path, None, fields).await;
        answer.is_refused(code, place);
        assert_eq!(world.get(1, path).await.code(), "not_found");
    }
    assert_eq!((world.told().await, world.queue.take().len()), (0, 0));
}

#[tokio::test]
async fn a_body_that_is_no_request_is_refused() {
    let world = World::new().await;
    for (body, place) in [
        (json!({}), "$"),
        (json!({ "fields": [] }), "$.fields"),
        (json!({ "fields": {}, "record": "x" }), "$.record"),
        (json!({ "fields": {}, "edited_at": "yesterday" }), "$.edited_at"),
        (json!({ "fields": customer("Ana"), "id": 7 }), "$.id"),
    ] {
        world.put(1, ANA, None, body).await.is_refused("invalid_request", place);
    }
    let query = world.edit("/v1/contacts/c-1?force=true", None, customer("Ana")).await;
    assert_eq!(query.code(), "invalid_request");
    assert_eq!(world.told().await, 0);
}

#[tokio::test]
async fn an_id_of_the_crm_is_short_and_could_not_be_an_id_of_ours() {
    let world = World::new().await;
    let ours = id_of(&world.tenant(1), &contact(1, "Ana"));
    let run = world.services.run_id().to_string();
    for good in ["7", ".", "A.b_c:d-9", &"x".repeat(64), "con_0", &run] {
        let path = format!("/v1/contacts/{good}");
        assert_eq!(world.edit(&path, None, customer("Ana")).await.status, StatusCode::CREATED, "{good}");
        assert_eq!(world.get(1, &path).await.body["crm_id"], *good);
    }
    let told = world.told().await;
    let long = "x".repeat(65);
    for bad in [ours.to_string().as_str(), &long, "a%2Fb", "a%20b", "%C4%8D", "a@b.si", "a%00"] {
        let path = format!("/v1/contacts/{bad}");
        world.edit(&path, None, customer("Ana")).await.is_refused("invalid_request", "id");
        world.delete(1, &path).await.is_refused("invalid_request", "id");
    }
    // A word of an address is none, and neither is more than one part.
    for (path, code) in
        [("/v1/contacts/bulk", "method_not_allowed"), ("/v1/contacts/a/b", "not_found"), ("/v1/contacts/", "not_found")]
    {
        assert_eq!(world.edit(path, None, customer("Ana")).await.code(), code, "{path}");
    }
    assert_eq!(world.told().await, told);
}

#[tokio::test]
async fn a_deletion_is_told_once_and_an_edit_of_the_deleted_record_is_refused() {
    let world = World::new().await;
    let unknown = world.delete(1, ANA).await;
    assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "not_found"));
    world.edit(ANA, None, customer("Ana")).await.is_record(StatusCode::CREATED);
    let gone = world.delete(1, ANA).await;
    assert_eq!((&gone.is_record(StatusCode::OK)["sync"], &gone.body["revision"]), (&json!("deleted"), &json!(2)));
    let again = world.delete(1, ANA).await;
    assert_eq!((again.is_record(StatusCode::OK), world.told().await), (&gone.body, 2));
    assert_eq!(world.delete(2, ANA).await.code(), "not_found");

    let edit = world.edit(ANA, Some(2), customer("Ana d.o.o.")).await;
    assert_eq!((edit.status, edit.code()), (StatusCode::CONFLICT, "record_deleted"));
    // The last request before it may come again: it asks for nothing.
    assert_eq!(world.edit(ANA, None, customer("Ana")).await.is_record(StatusCode::OK), &gone.body);
    assert_eq!(world.told().await, 2);
}

#[tokio::test]
async fn a_deleted_record_is_taken_back_within_thirty_days() {
    let world = World::new().await;
    let made = world.edit(ANA, None, customer("Ana")).await;
    let id = made.body["record"].as_str().expect("an id");
    let restore = format!("/v1/records/{id}/restore");
    world.delete(1, ANA).await.is_record(StatusCode::OK);
    world.advance(SignedDuration::from_hours(30 * 24));
    assert_eq!(world.order(2, &restore).await.code(), "not_found");
    let back = world.order(1, &restore).await;
    assert_eq!((&back.is_record(StatusCode::OK)["sync"], &back.body["revision"]), (&json!("waiting"), &json!(3)));
    assert_eq!(world.order(1, &restore).await.is_record(StatusCode::OK), &back.body, "it is back already");
    assert_eq!(world.edit(ANA, Some(3), customer("Ana d.o.o.")).await.is_record(StatusCode::OK)["revision"], 4);

    world.delete(1, ANA).await.is_record(StatusCode::OK);
    world.advance(SignedDuration::from_secs(30 * 24 * 3600 + 1));
    let late = world.order(1, &restore).await;
    assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "restore_too_late"));
    assert_eq!(world.get(1, ANA).await.body["sync"], "deleted");
    let nothing = world.order(1, "/v1/records/con_00000000000000000000000000000000/restore").await;
    assert_eq!(nothing.code(), "not_found");
}

#[tokio::test]
async fn an_object_type_that_only_travels_to_the_crm_takes_no_edit() {
    let world = World::new().await;
    let mut settings = world.get(1, "/v1/settings").await.body;
    settings["objects"]["contacts"]["direction"] = json!("to_crm");
    settings.as_object_mut().expect("members").remove("version");
    assert_eq!(world.put(1, "/v1/settings", Some(1), settings).await.status, StatusCode::OK);
    let answer = world.edit(ANA, None, customer("Ana")).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::CONFLICT, "one_way"));
    assert_eq!(world.get(1, ANA).await.code(), "not_found");
}

#[tokio::test]
async fn requests_at_the_same_time_are_all_taken_and_numbered_without_gaps() {
    let world = World::new().await;
    let put = |crm_id: &str| {
        let (world, path) = (&world, format!("/v1/contacts/{crm_id}"));
        async move { world.edit(&path, None, customer("Ana")).await }
    };
    let answers: [_; 5] = tokio::join!(put("a"), put("a"), put("b"), put("c"), put("b")).into();
    let made = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    let kept = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!((made, kept), (3, 2), "each is made once");
    let feed = world.tenant(1).changes(0, 100).await.expect("the feed");
    assert_eq!(feed.iter().map(|c| c.seq).collect::<Vec<_>>(), [1, 2, 3]);
}
