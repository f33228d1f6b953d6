//! What waits for a person, and what a person says.

use axum::http::StatusCode;
use cloud::Work;
use domain::Object;
use fn_crm_api::contract::{Approved, Attention};
use serde_json::{Value, json};

use crate::crm::{assert_form, customer, pieces};
use crate::support::{Answer, World, contact};

async fn attention(world: &World, n: u32, query: &str) -> Answer {
    let answer = world.get(n, &format!("/v1/attention{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_form::<Attention>(&answer);
    answer
}

fn waiting(answer: &Answer) -> Vec<String> {
    let records = answer.body["records"].as_array().expect("a list");
    records.iter().map(|r| r["crm_id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn records_with_a_conflict_wait_in_parts_each_once() {
    let world = World::new().await;
    world.link(9, "in-step", pieces(&contact(9, "Ana"))).await.is_record(StatusCode::OK);
    for n in 1..=5 {
        world.in_conflict(n, &format!("c-{n}")).await;
    }
    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let part = attention(&world, 1, &query).await;
        seen.extend(waiting(&part));
        match part.body["next_cursor"].as_str() {
            Some(next) => query = format!("?limit=2&cursor={next}"),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen, ["c-1", "c-2", "c-3", "c-4", "c-5"]);
    assert_eq!(attention(&world, 2, "").await.body, json!({ "records": [], "deletions": [], "statuses": [] }));
}

#[tokio::test]
async fn a_conflict_is_settled_for_either_side_and_once() {
    let world = World::new().await;
    for (erp_id, winner, name) in [(1, "erp", "Ana"), (2, "crm", "Ana d.o.o.")] {
        let id = world.in_conflict(erp_id, &format!("c-{erp_id}")).await;
        let path = format!("/v1/records/{id}/settle");
        let said = |piece: &str| json!({ "piece": piece, "winner": winner });
        assert_eq!(world.post(2, &path, said("name")).await.code(), "not_found");
        world.post(1, &path, said("tax")).await.is_refused("no_conflict", "$.piece");
        let settled = world.post(1, &path, said("name")).await;
        let record = settled.is_record(StatusCode::OK);
        assert_eq!((&record["fields"]["name"], &record["conflicts"]), (&json!(name), &Value::Null));
        // Both are visited: that the sides agree is for the visit to say.
        assert_eq!(record["sync"], "waiting");
        let again = world.post(1, &path, said("name")).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        again.is_refused("no_conflict", "$.piece");
        let feed = world.tenant(1).history(id.parse().expect("an id"), 1).await.expect("the table");
        assert_eq!(feed[0].decided["name"].lost, Some(json!(if winner == "erp" { "Ana d.o.o." } else { "Ana" })));
    }
    assert_eq!(waiting(&attention(&world, 1, "").await), Vec::<String>::new());
    let path = format!("/v1/records/{}/settle", world.contact_id(1));
    for (body, place) in [
        (json!({ "piece": "name" }), "$"),
        (json!({ "piece": "name", "winner": "me" }), "$.winner"),
        (json!({ "piece": 7, "winner": "crm" }), "$.piece"),
    ] {
        world.post(1, &path, body).await.is_refused("invalid_request", place);
    }
}

#[tokio::test]
async fn looking_again_at_a_record_that_waits_for_nobody_changes_nothing() {
    let world = World::new().await;
    let linked = world.link(7, "c-1", pieces(&contact(7, "Ana"))).await;
    let told = world.told().await;
    let path = format!("/v1/records/{}/look-again", world.contact_id(7));
    assert_eq!(world.order(1, &path).await.is_record(StatusCode::OK), &linked.body);
    assert_eq!(world.told().await, told);
    assert_eq!(world.order(2, &path).await.code(), "not_found");
}

#[tokio::test]
async fn a_record_that_must_not_be_written_is_held_until_somebody_has_it_looked_at_again() {
    let world = World::connected().await;
    world.open(1).await;
    world.edit("/v1/contacts/c-1", None, customer("Ana")).await.is_record(StatusCode::CREATED);
    // The direction is changed before the worker comes.
    let mut settings = world.get(1, "/v1/settings").await.body;
    settings["objects"]["contacts"]["direction"] = json!("to_crm");
    let version = settings.as_object_mut().expect("members").remove("version").expect("there").as_u64();
    assert_eq!(world.put(1, "/v1/settings", version, settings).await.status, StatusCode::OK);
    world.work(&Work::Push).await;
    let shown = attention(&world, 1, "").await;
    assert_eq!(waiting(&shown), ["c-1"]);
    let record = &shown.body["records"][0];
    assert_eq!((&record["sync"], &record["hold"]["code"]), (&json!("held"), &json!("one_way")));

    let path = format!("/v1/records/{}/look-again", world.open_id(Object::Contacts, "c-1"));
    let again = world.order(1, &path).await;
    let record = again.is_record(StatusCode::OK);
    assert_eq!((&record["sync"], &record["hold"]), (&json!("waiting"), &Value::Null));
    assert_eq!(waiting(&attention(&world, 1, "").await), Vec::<String>::new());
}

/// Tenant 1's CRM deletes so many linked contacts, and the worker hands them to the guard.
async fn deleted(count: u64) -> World {
    let world = World::connected().await;
    world.open(1).await;
    for n in 1..=count {
        world.link(n, &format!("c-{n}"), pieces(&contact(n, "Ana"))).await.is_record(StatusCode::OK);
        world.delete(1, &format!("/v1/contacts/c-{n}")).await.is_record(StatusCode::OK);
    }
    world.work(&Work::Push).await;
    world
}

#[tokio::test]
async fn many_deletions_wait_for_a_word_about_exactly_their_list() {
    let world = deleted(12).await;
    let shown = attention(&world, 1, "").await;
    let [waiting] = shown.body["deletions"].as_array().expect("a list").as_slice() else { panic!("{}", shown.body) };
    let said = (&waiting["object"], &waiting["count"], &waiting["reason"]);
    assert_eq!(said, (&json!("contacts"), &json!(12), &json!("large_share")));
    assert_eq!(waiting["records"].as_array().map(Vec::len), Some(12));
    let list = waiting["list"].as_str().expect("a hash");

    let approve = async |n: u32, object: &str, list: &str| {
        world.post(n, "/v1/deletions/approve", json!({ "object": object, "list": list })).await
    };
    for (n, object, list) in
        [(1, "contacts", "0000000000000000"), (1, "contacts", ""), (1, "products", list), (2, "contacts", list)]
    {
        let refused = approve(n, object, list).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "list_moved"), "{object} {list}");
    }
    let approved = approve(1, "contacts", list).await;
    assert_eq!((approved.status, &approved.body), (StatusCode::ACCEPTED, &json!({ "list": list })));
    assert_form::<Approved>(&approved);
    let kept = world.tenant(1).deletion_approval(Object::Contacts).await.expect("the table").expect("a word");
    assert_eq!((kept.list.as_str(), kept.by.as_str()), (list, "user-1"));

    // One comes back: the list that was shown is not the list any more.
    world.order(1, &format!("/v1/records/{}/restore", world.contact_id(3))).await.is_record(StatusCode::OK);
    assert_eq!(approve(1, "contacts", list).await.code(), "list_moved");
    let shown = attention(&world, 1, "").await;
    assert_eq!(shown.body["deletions"][0]["count"], 11);
    assert_eq!(approve(1, "contacts", shown.body["deletions"][0]["list"].as_str().expect("a hash")).await.status, 202);
}

#[tokio::test]
async fn few_deletions_go_on_by_themselves() {
    let world = deleted(2).await;
    let shown = attention(&world, 1, "").await;
    assert_eq!(
        (&shown.body["deletions"][0]["count"], &shown.body["deletions"][0]["reason"]),
        (&json!(2), &Value::Null)
    );
    world.work(&Work::Push).await;
    assert_eq!(attention(&world, 1, "").await.body["deletions"], json!([]));
    assert_eq!(world.get(1, "/v1/contacts/c-1").await.body["sync"], "deleting");
}

/// Candidates as a worker that searched the ERP leaves them: contact `c-1` of the CRM, partners 7 and 8 of the ERP.
async fn asked_about(world: &World, evidence: [&str; 2]) -> String {
    world.edit("/v1/contacts/c-1", None, customer("Ana")).await.is_record(StatusCode::CREATED);
    let id = world.open_id(Object::Contacts, "c-1");
    let candidate = |n: u32, evidence: &str| json!({ "erp_id": n.to_string(), "name": "Ana", "number": format!("K-{n}"), "evidence": [evidence] });
    let candidates = [candidate(7, evidence[0]), candidate(8, evidence[1])];
    let reason = json!({ "ambiguous": { "found": ["7", "8"] } });
    world.hold(&id, json!({ "reason": reason, "since": "2026-03-10T09:00:00Z", "candidates": candidates })).await;
    format!("/v1/records/{id}/settle-match")
}

#[tokio::test]
async fn candidates_are_shown_with_their_evidence_and_a_person_says_which_it_is() {
    let world = World::new().await;
    let path = asked_about(&world, ["email", "name"]).await;
    let shown = attention(&world, 1, "").await;
    let hold = &shown.body["records"][0]["hold"];
    assert_eq!((&hold["code"], &hold["about"]), (&json!("ambiguous"), &json!(["7", "8"])));
    let first = json!({ "erp_id": "7", "name": "Ana", "number": "K-7", "evidence": ["email"] });
    assert_eq!(hold["candidates"][0], first);
    let say = async |n: u32, revision: Option<u64>, body: Value| {
        let tag = revision.map(|r| format!("\"{r}\""));
        let headers: Vec<_> = tag.iter().map(|tag| ("if-match", tag.as_str())).collect();
        world.send(n, axum::http::Method::POST, &path, &headers, &body.to_string()).await
    };
    let link = json!({ "link": "7", "reason": "by phone" });
    assert_eq!(say(1, None, link.clone()).await.code(), "precondition_required");
    assert_eq!(say(2, Some(1), link.clone()).await.code(), "not_found");
    say(1, Some(9), link.clone()).await.is_refused("version_mismatch", "if-match");
    say(1, Some(1), json!({ "link": "9" })).await.is_refused("no_candidates", "$.link");
    say(1, Some(1), json!({ "none_of": ["7"] })).await.is_refused("candidates_moved", "$.none_of");
    for (body, place) in [
        (json!({}), "$"),
        (json!({ "link": "7", "none_of": ["8"] }), "$"),
        (json!({ "none_of": [] }), "$.none_of"),
        (json!({ "link": "7", "reason": "" }), "$.reason"),
        (json!({ "link": "seven" }), "$.link"),
    ] {
        say(1, Some(1), body).await.is_refused("invalid_request", place);
    }
    // Another record of the CRM is the second one.
    world.link(8, "c-2", pieces(&contact(8, "Ana"))).await.is_record(StatusCode::OK);
    say(1, Some(1), json!({ "link": "8" })).await.is_refused("link_taken", "$.record");

    let taken = say(1, Some(1), link.clone()).await;
    let record = taken.is_record(StatusCode::OK);
    assert_eq!((&record["sync"], &record["hold"]), (&json!("waiting"), &Value::Null));
    assert_eq!(say(1, Some(1), link).await.status, StatusCode::OK, "sent again it changes nothing");
    assert_eq!(say(1, Some(1), json!({ "none_of": ["7", "8"] })).await.code(), "no_candidates");
    let history = world.get(1, &path.replace("settle-match", "history")).await;
    let told = &history.body["changes"][0];
    let matched = json!({ "erp_id": "7", "evidence": ["email"], "reason": "by phone" });
    assert_eq!((&told["actor"], &told["matched"]), (&json!("user-1"), &matched));
}

#[tokio::test]
async fn no_second_partner_is_made_for_one_tax_number() {
    let world = World::new().await;
    let path = asked_about(&world, ["tax_number", "name"]).await;
    let none = json!({ "none_of": ["8", "7"] }).to_string();
    let say = async || world.send(1, axum::http::Method::POST, &path, &[("if-match", "\"1\"")], &none).await;
    say().await.is_refused("same_tax_number", "$.none_of");
    let record = world.get(1, "/v1/contacts/c-1").await.body;
    assert_eq!(record["sync"], "held");
}
