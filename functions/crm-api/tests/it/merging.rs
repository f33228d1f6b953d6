//! Contacts that people merge, take apart and join.

use axum::http::{Method, StatusCode};
use fn_crm_api::contract::ContactPair;
use serde_json::{Value, json};

use crate::crm::{assert_form, customer, pieces};
use crate::support::{Answer, World, contact};

impl World {
    async fn merge(&self, going: &str, into: &str, revision: u64) -> Answer {
        let (tag, body) = (format!("\"{revision}\""), json!({ "into": into }).to_string());
        let path = format!("/v1/contacts/{going}/merge");
        self.send(1, Method::POST, &path, &[("if-match", &tag)], &body).await
    }

    async fn made(&self, crm_id: &str, name: &str) {
        self.edit(&format!("/v1/contacts/{crm_id}"), None, customer(name)).await.is_record(StatusCode::CREATED);
    }
}

fn pair(answer: &Answer) -> (&Value, &Value) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_form::<ContactPair>(answer);
    (&answer.body["survivor"], &answer.body["gone"])
}

#[tokio::test]
async fn the_id_of_a_contact_that_went_answers_with_the_one_that_stays_and_takes_no_edit() {
    let world = World::new().await;
    world.link(7, "b", pieces(&contact(7, "Ana"))).await.is_record(StatusCode::OK);
    world.made("a", "Ana d.o.o.").await;
    let record = world.get(1, "/v1/contacts/a").await.body["record"].clone();
    let done = world.merge("a", "b", 1).await;
    let (survivor, gone) = pair(&done);
    assert_eq!(
        (&survivor["crm_id"], &survivor["erp_id"], &survivor["merged_ids"]),
        (&json!("b"), &json!("7"), &json!(["a"]))
    );
    assert_eq!((&gone["sync"], &gone["merged_into"]), (&json!("merged"), &json!("b")));
    assert_eq!(gone["fields"]["name"], "Ana d.o.o.", "what it was is not lost");
    let led = world.get(1, "/v1/contacts/a").await;
    assert_eq!((&led.is_record(StatusCode::OK)["crm_id"], &led.body["merged_into"]), (&json!("b"), &json!("b")));
    assert_eq!(world.get(1, "/v1/contacts/b").await.body["merged_into"], Value::Null);
    for refused in [
        world.edit("/v1/contacts/a", Some(1), customer("Eva")).await,
        world.delete(1, "/v1/contacts/a").await,
        world.order(1, "/v1/contacts/a/unlink").await,
        world.post(1, "/v1/contacts/a/link", json!({ "record": world.contact_id(7) })).await,
    ] {
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
        refused.is_refused("contact_merged", "id");
        assert!(refused.body["errors"][0]["message"].as_str().is_some_and(|m| m.ends_with(" b")), "{}", refused.body);
    }
    let item = json!({ "crm_id": "a", "fields": customer("Eva") });
    let many = world.post(1, "/v1/contacts/bulk", json!({ "items": [item] })).await;
    assert_eq!(many.body["results"][0]["code"], "contact_merged");
    // The history of either tells it, and that of the one that stays tells both.
    let kinds = |answer: &Answer| -> Vec<String> {
        let changes = answer.body["changes"].as_array().expect("a list");
        changes
            .iter()
            .map(|c| format!("{} {}", c["crm_id"].as_str().unwrap_or("-"), c["kind"].as_str().expect("a kind")))
            .collect()
    };
    let of = |record: &Value| format!("/v1/records/{}/history", record.as_str().expect("an id"));
    assert_eq!(kinds(&world.get(1, &of(&record)).await), ["a merged", "a added"]);
    let told = kinds(&world.get(1, &of(&survivor["record"])).await);
    assert_eq!(told, ["b merged", "a added", "b linked", "- added"]);
    // Asked again nothing changes; taken back, both are as before.
    let told = world.told().await;
    pair(&world.merge("a", "b", 1).await);
    assert_eq!(world.told().await, told);
    let back = world.order(1, "/v1/contacts/a/unmerge").await;
    let (survivor, gone) = pair(&back);
    assert_eq!(
        (&survivor["merged_ids"], &gone["sync"], &gone["fields"]["name"]),
        (&Value::Null, &json!("waiting"), &json!("Ana d.o.o."))
    );
    world.order(1, "/v1/contacts/a/unmerge").await.is_refused("not_merged", "id");
}

#[tokio::test]
async fn a_merge_that_cannot_be_says_why_and_what_to_do() {
    let world = World::new().await;
    for (erp_id, crm_id) in [(7, "p"), (8, "q")] {
        world.link(erp_id, crm_id, pieces(&contact(erp_id, "Ana"))).await.is_record(StatusCode::OK);
    }
    for crm_id in ["a", "b", "c", "d"] {
        world.made(crm_id, "Ana d.o.o.").await;
    }
    let two = world.merge("p", "q", 2).await;
    two.is_refused("two_partners", "$.into");
    let said = two.body["errors"][0]["message"].as_str().expect("a message");
    assert!(["p is partner 7", "q is partner 8"].iter().all(|part| said.contains(part)), "{said}");
    pair(&world.merge("a", "b", 1).await);
    pair(&world.merge("b", "c", 2).await);
    let circle = world.merge("c", "a", 2).await;
    assert_eq!(circle.status, StatusCode::CONFLICT);
    circle.is_refused("merge_cyclic", "$.into");
    assert_eq!(circle.body["errors"][0]["message"], "a already is c: a merge would lead in a circle");
    world.merge("d", "d", 1).await.is_refused("merge_cyclic", "$.into");
    world.merge("a", "d", 2).await.is_refused("contact_merged", "id");
    world.merge("d", "p", 9).await.is_refused("version_mismatch", "if-match");
    world.merge("d", "nobody", 1).await.is_refused("invalid_request", "$.into");
    world.merge("d", "b a d", 1).await.is_refused("invalid_request", "$.into");
    assert_eq!(world.merge("nobody", "d", 1).await.status, StatusCode::NOT_FOUND);
    let untold = world.post(1, "/v1/contacts/d/merge", json!({ "into": "p" })).await;
    untold.is_refused("precondition_required", "if-match");
    // The later merge is taken back first.
    world.order(1, "/v1/contacts/a/unmerge").await.is_refused("merge_built_on", "id");
    pair(&world.order(1, "/v1/contacts/b/unmerge").await);
    assert_eq!(
        world.post(2, "/v1/contacts/a/link", json!({ "record": world.contact_id(7) })).await.code(),
        "not_found"
    );
}

#[tokio::test]
async fn a_contact_is_taken_apart_by_a_person_who_is_named_and_joined_again() {
    let world = World::new().await;
    world.link(7, "a", pieces(&contact(7, "Ana"))).await.is_record(StatusCode::OK);
    let tag = [("if-match", "\"9\"")];
    world.send(1, Method::POST, "/v1/contacts/a/unlink", &tag, "").await.is_refused("version_mismatch", "if-match");
    let apart = world.order(1, "/v1/contacts/a/unlink").await;
    let record = apart.is_record(StatusCode::OK);
    assert_eq!((&record["sync"], &record["hold"]["code"]), (&json!("held"), &json!("unlinked")));
    assert_eq!(record["hold"]["about"][1], "7");
    assert!(record["hold"]["about"][0].as_str().is_some_and(|who| !who.is_empty()));
    assert_eq!(world.order(1, "/v1/contacts/a/unlink").await.body, apart.body, "the same again");
    // It waits for a person, also when it is edited; the record of the ERP is nobody's.
    let edited = world.edit("/v1/contacts/a", Some(3), customer("Ana d.o.o.")).await;
    assert_eq!(edited.is_record(StatusCode::OK)["sync"], "held");
    assert_eq!(world.get(1, "/v1/attention").await.body["records"][0]["crm_id"], "a");
    assert_eq!(world.get(1, &format!("/v1/contacts/{}", world.contact_id(7))).await.body["name"], "Ana");
    let to = json!({ "record": world.contact_id(7) });
    let joined = world.post(1, "/v1/contacts/a/link", to.clone()).await;
    assert_eq!(joined.is_record(StatusCode::OK)["conflicts"]["name"], json!({ "crm": "Ana d.o.o.", "erp": "Ana" }));
    assert_eq!(world.post(1, "/v1/contacts/a/link", to.clone()).await.body, joined.body, "the same again");
    world.made("b", "Eva").await;
    world.post(1, "/v1/contacts/b/link", to).await.is_refused("link_taken", "$.record");
    world.order(1, "/v1/contacts/b/unlink").await.is_refused("not_linked", "id");
    let product = json!({ "record": "prd_00000000000000000000000000000000" });
    world.post(1, "/v1/contacts/b/link", product).await.is_refused("invalid_request", "$.record");
}
