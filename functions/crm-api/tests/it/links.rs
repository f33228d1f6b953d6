//! The CRM says which record of the ERP its own record is.

use axum::http::{Method, StatusCode};
use domain::DocumentKind;
use serde_json::json;

use crate::crm::{customer, pieces};
use crate::support::{World, contact, document, id_of, product};

#[tokio::test]
async fn a_record_with_the_same_pieces_is_linked_and_in_step() {
    let world = World::new().await;
    let same = pieces(&contact(7, "Ana"));
    let linked = world.link(7, "c-1", same.clone()).await;
    let expected = json!({
        "record": world.contact_id(7), "crm_id": "c-1", "revision": 2, "fields": same, "erp_id": "7", "sync": "in_step",
    });
    assert_eq!(linked.is_record(StatusCode::OK), &expected);
    let told = world.told().await;
    // Again, with and without the record, and whichever revision it names.
    let again = json!({ "fields": same, "record": world.contact_id(7) });
    for (revision, body) in [
        (None, again.clone()),
        (None, json!({ "fields": same })),
        (Some(2), again),
        (Some(2), json!({ "fields": same })),
    ] {
        assert_eq!(world.put(1, "/v1/contacts/c-1", revision, body).await.is_record(StatusCode::OK), &expected);
    }
    assert_eq!(world.told().await, told);
    // The record is still read as before by its own id, and both sides by the CRM's.
    assert_eq!(world.get(1, &format!("/v1/contacts/{}", world.contact_id(7))).await.body["name"], "Ana");
    assert_eq!(world.get(1, "/v1/contacts/c-1").await.is_record(StatusCode::OK), &expected);
}

#[tokio::test]
async fn what_the_crm_alone_has_waits_to_be_written_and_what_the_erp_alone_has_is_told() {
    let world = World::new().await;
    let mut fields = pieces(&contact(7, "Ana"));
    fields["registration_number"] = json!("6051510000");
    fields.as_object_mut().expect("pieces").remove("company");
    let linked = world.link(7, "c-1", fields).await;
    let record = linked.is_record(StatusCode::OK);
    assert_eq!((&record["sync"], &record["fields"]["company"]), (&json!("waiting"), &json!(true)));
    assert_eq!(record["fields"]["registration_number"], "6051510000");
}

#[tokio::test]
async fn of_two_different_values_the_rule_decides_or_a_person_must_say() {
    let world = World::new().await;
    world.in_conflict(7, "c-1").await;
    let held = world.get(1, "/v1/contacts/c-1").await;
    let record = held.is_record(StatusCode::OK);
    assert_eq!((&record["sync"], &record["fields"]["name"]), (&json!("held"), &json!("Ana d.o.o.")));
    assert_eq!(record["conflicts"], json!({ "name": { "crm": "Ana d.o.o.", "erp": "Ana" } }));

    let mut fields = pieces(&contact(8, "Ana"));
    fields["tax"] = json!({ "tax_number": "SI51510847", "taxpayer": true });
    let mut erp = contact(8, "Ana");
    if let domain::Record::Contact(contact) = &mut erp {
        contact.taxpayer = Some(false);
    }
    world.load(1, std::slice::from_ref(&erp)).await;
    let body = json!({ "fields": fields, "record": world.contact_id(8) });
    let linked = world.put(1, "/v1/contacts/c-2", None, body).await;
    // The standard rule of this piece is the ERP's.
    assert_eq!(linked.is_record(StatusCode::OK)["fields"]["tax"], json!({ "taxpayer": false }));
    let feed = world.tenant(1).changes(0, 100).await.expect("the feed");
    let lost = feed.last().expect("one").decided["tax"].lost.clone();
    assert_eq!(lost, Some(fields["tax"].clone()), "the value that lost is kept");
}

#[tokio::test]
async fn a_link_leads_to_one_record_on_either_side() {
    let world = World::new().await;
    let same = pieces(&contact(7, "Ana"));
    world.link(7, "c-1", same.clone()).await.is_record(StatusCode::OK);
    let to = |erp_id: u64| json!({ "fields": pieces(&contact(erp_id, "Ana")), "record": world.contact_id(erp_id) });
    world.load(1, &[contact(8, "Ana")]).await;
    let told = world.told().await;

    let taken = world.put(1, "/v1/contacts/c-2", None, to(7)).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    taken.is_refused("link_taken", "$.record");
    let elsewhere = world.put(1, "/v1/contacts/c-1", Some(2), to(8)).await;
    assert_eq!(elsewhere.status, StatusCode::CONFLICT);
    elsewhere.is_refused("link_taken", "$.record");
    assert_eq!(world.told().await, told);
    assert_eq!(world.get(1, "/v1/contacts/c-2").await.code(), "not_found");

    // One that is still to be made in the ERP becomes the record that it is there; on the revision that was shown.
    world.edit("/v1/contacts/c-3", None, customer("Eva")).await.is_record(StatusCode::CREATED);
    assert_eq!(world.put(1, "/v1/contacts/c-3", Some(9), to(8)).await.code(), "version_mismatch");
    assert_eq!(world.put(1, "/v1/contacts/c-3", Some(1), to(8)).await.is_record(StatusCode::OK)["erp_id"], "8");
}

#[tokio::test]
async fn a_link_to_nothing_to_anothers_record_or_to_another_type_is_refused() {
    let world = World::new().await;
    world.load(1, &[product(5, "Vijak"), document(6, DocumentKind::SalesOrder)]).await;
    world.load(2, &[contact(9, "Eva")]).await;
    world.edit("/v1/contacts/open", None, customer("Ana")).await.is_record(StatusCode::CREATED);
    let told = world.told().await;
    let of = |tenant: u32, record| id_of(&world.tenant(tenant), &record).to_string();
    for (record, code, status) in [
        (of(1, contact(404, "Ana")), "not_found", StatusCode::NOT_FOUND),
        (of(2, contact(9, "Eva")), "not_found", StatusCode::NOT_FOUND),
        (world.open_id(domain::Object::Contacts, "open"), "not_found", StatusCode::NOT_FOUND),
        (of(1, product(5, "Vijak")), "invalid_request", StatusCode::BAD_REQUEST),
        (of(1, document(6, DocumentKind::SalesOrder)), "invalid_request", StatusCode::BAD_REQUEST),
    ] {
        let body = json!({ "fields": customer("Ana"), "record": record });
        let answer = world.put(1, "/v1/contacts/c-1", None, body.clone()).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{record}: {}", answer.body);
        let item = json!({ "crm_id": "c-1", "fields": body["fields"], "record": record });
        let many = world.post(1, "/v1/contacts/bulk", json!({ "items": [item] })).await;
        assert_eq!(many.body["results"][0]["code"], code, "{record}");
    }
    assert_eq!(world.told().await, told);
}

#[tokio::test]
async fn a_piece_of_the_erp_is_not_the_crms_to_change_but_may_be_sent_back_as_it_is() {
    let world = World::new().await;
    let mut erp = contact(7, "Ana");
    if let domain::Record::Contact(contact) = &mut erp {
        contact.number = Some("PP-1".parse().expect("a text"));
    }
    world.load(1, std::slice::from_ref(&erp)).await;
    let mut fields = pieces(&erp);
    let linked =
        world.put(1, "/v1/contacts/c-1", None, json!({ "fields": fields, "record": world.contact_id(7) })).await;
    assert_eq!(linked.is_record(StatusCode::OK)["sync"], "in_step");
    fields["name"] = json!("Ana d.o.o.");
    let edited = world.edit("/v1/contacts/c-1", Some(2), fields.clone()).await;
    assert_eq!(edited.is_record(StatusCode::OK)["sync"], "waiting");
    for (piece, value) in [("number", json!("PP-2")), ("number", json!(null)), ("foreign", json!(true))] {
        let mut other = fields.clone();
        other[piece] = value;
        let answer = world.edit("/v1/contacts/c-1", Some(3), other).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        answer.is_refused("field_of_erp", &format!(r#"$.fields["{piece}"]"#));
    }
    assert_eq!(world.get(1, "/v1/contacts/c-1").await.body["revision"], 3);
}

#[tokio::test]
async fn a_deletion_of_a_linked_record_is_on_its_way_and_can_be_taken_back() {
    let world = World::new().await;
    world.link(7, "c-1", pieces(&contact(7, "Ana"))).await.is_record(StatusCode::OK);
    let gone = world.delete(1, "/v1/contacts/c-1").await;
    assert_eq!(gone.is_record(StatusCode::OK)["sync"], "deleting");
    assert_eq!(world.delete(1, "/v1/contacts/c-1").await.body, gone.body);
    let back = world.order(1, &format!("/v1/records/{}/restore", world.contact_id(7))).await;
    let record = back.is_record(StatusCode::OK);
    assert_eq!(
        (&record["sync"], &record["crm_id"], &record["erp_id"]),
        (&json!("waiting"), &json!("c-1"), &json!("7"))
    );
}

#[tokio::test]
async fn a_refusal_says_in_the_callers_language_what_to_do() {
    let world = World::new().await;
    world.link(7, "c-1", pieces(&contact(7, "Ana"))).await.is_record(StatusCode::OK);
    world.edit("/v1/contacts/gone", None, customer("Eva")).await.is_record(StatusCode::CREATED);
    world.delete(1, "/v1/contacts/gone").await.is_record(StatusCode::OK);
    let taken = json!({ "fields": customer("Eva"), "record": world.contact_id(7) });
    for (crm_id, body, code) in [
        ("c-2", taken, "link_taken"),
        ("gone", json!({ "fields": customer("Eva d.o.o.") }), "record_deleted"),
        ("c-3", json!({ "fields": { "name": "Ana", "number": "1" } }), "field_of_erp"),
        ("c-3", json!({ "fields": { "name": 7 } }), "invalid_request"),
    ] {
        let path = format!("/v1/contacts/{crm_id}");
        let mut remedies = Vec::new();
        for language in ["sl", "en"] {
            let headers = [("accept-language", language)];
            let answer = world.send(1, Method::PUT, &path, &headers, &body.to_string()).await;
            assert_eq!((answer.code(), answer.header("content-language")), (code, language), "{}", answer.body);
            assert_eq!(answer.body["retryable"], json!(false), "{code}");
            remedies.push(answer.body["remedy"].as_str().expect("a remedy").to_owned());
        }
        assert!(remedies[0] != remedies[1] && remedies.iter().all(|r| r.len() > 20), "{code}: {remedies:?}");
    }
}
