//! Plans: asked for, looked at, approved by their hash.

use axum::http::StatusCode;
use cloud::Work;
use fn_crm_api::contract::{Plan, Plans};
use serde_json::{Value, json};

use crate::crm::{assert_form, customer};
use crate::support::{Answer, World};

async fn make(world: &World) -> String {
    world.queue.take();
    let made = world.order(1, "/v1/plans").await;
    assert_eq!(made.status, StatusCode::ACCEPTED, "{}", made.body);
    assert_form::<Plan>(&made);
    let id = made.body["id"].as_str().expect("an id").to_owned();
    assert_eq!((made.header("location"), &made.body["state"]), (format!("/v1/plans/{id}").as_str(), &json!("making")));
    let sent = world.queue.take();
    assert_eq!(sent.iter().map(|m| &m.work).collect::<Vec<_>>(), [&Work::Plan(id.clone())]);
    id
}

async fn shown(world: &World, id: &str, query: &str) -> Value {
    let answer = world.get(1, &format!("/v1/plans/{id}{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_form::<Plan>(&answer);
    answer.body
}

async fn approve(world: &World, n: u32, id: &str, hash: &str) -> Answer {
    world.post(n, &format!("/v1/plans/{id}/approve"), json!({ "hash": hash })).await
}

#[tokio::test]
async fn a_plan_needs_a_connection() {
    let world = World::new().await;
    let answer = world.order(1, "/v1/plans").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::CONFLICT, "connection_missing"));
    assert_eq!(world.get(1, "/v1/plans").await.body, json!({ "plans": [] }));
}

#[tokio::test]
async fn an_id_of_nothing_of_no_form_or_of_somebody_else_leads_nowhere() {
    let world = World::connected().await;
    let id = make(&world).await;
    let nothing = format!("pln_{}", "0".repeat(32));
    for (n, id) in [(2, id.as_str()), (1, &nothing), (1, "pln_7"), (1, &format!("{id}.plan")), (1, &id[4..])] {
        let read = world.get(n, &format!("/v1/plans/{id}")).await;
        assert_eq!((read.status, read.code()), (StatusCode::NOT_FOUND, "not_found"), "{id}");
        let approved = approve(&world, n, id, "").await;
        assert_eq!((approved.status, approved.code()), (StatusCode::NOT_FOUND, "not_found"), "{id}");
    }
    assert_eq!(world.get(2, "/v1/plans").await.body, json!({ "plans": [] }));
}

#[tokio::test]
async fn a_plan_is_approved_when_it_is_made_by_its_own_hash_and_once() {
    let world = World::connected().await;
    let id = make(&world).await;
    let early = approve(&world, 1, &id, "").await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    early.is_refused("plan_moved", "$.hash");

    world.work(&Work::Plan(id.clone())).await;
    let plan = shown(&world, &id, "").await;
    assert_eq!((&plan["state"], &plan["settings_version"]), (&json!("made"), &json!(1)));
    let hash = plan["hash"].as_str().expect("a hash");
    for other in ["", "0", &hash[1..], &hash.to_uppercase().replace(char::is_numeric, "F")] {
        let refused = approve(&world, 1, &id, other).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        refused.is_refused("plan_moved", "$.hash");
    }
    assert_eq!(shown(&world, &id, "").await, plan);
    world.queue.take();
    let approved = approve(&world, 1, &id, hash).await;
    assert_eq!((approved.status, &approved.body["state"]), (StatusCode::ACCEPTED, &json!("approved")));
    assert_form::<Plan>(&approved);
    assert_eq!(world.queue.take().iter().map(|m| &m.work).collect::<Vec<_>>(), [&Work::Plan(id.clone())]);
    approve(&world, 1, &id, hash).await.is_refused("plan_moved", "$.hash");

    // Carried out, it opens the company.
    world.work(&Work::Plan(id.clone())).await;
    let applied = shown(&world, &id, "").await;
    assert_eq!((&applied["state"], &applied["hash"]), (&json!("applied"), &json!(hash)));
    assert_eq!(applied["outcome"], json!({ "moved": [], "written": [], "waiting": [], "refused": [] }));
    assert_eq!(world.get(1, "/v1/settings").await.body["read_only"], json!(false));
}

#[tokio::test]
async fn a_plan_of_other_settings_is_no_longer_true() {
    let world = World::connected().await;
    let id = make(&world).await;
    world.work(&Work::Plan(id.clone())).await;
    let hash = shown(&world, &id, "").await["hash"].as_str().expect("a hash").to_owned();
    world.open(1).await;
    approve(&world, 1, &id, &hash).await.is_refused("plan_moved", "$.hash");
    assert_eq!(shown(&world, &id, "").await["state"], "made");
}

#[tokio::test]
async fn what_is_not_written_is_shown_with_its_reason_when_all_is_asked_for() {
    let world = World::connected().await;
    world.edit("/v1/contacts/c-1", None, customer("Ana")).await.is_record(StatusCode::CREATED);
    let id = make(&world).await;
    world.work(&Work::Plan(id.clone())).await;
    let few = shown(&world, &id, "").await;
    assert_eq!((&few["items"], &few["counts"]), (&Value::Null, &json!({ "wait": 1 })));
    let all = shown(&world, &id, "?all=true").await;
    let [item] = all["items"].as_array().expect("a list").as_slice() else { panic!("{all}") };
    assert_eq!((&item["crm_id"], &item["action"]), (&json!("c-1"), &json!({ "do": "wait" })));
    assert!(item["reasons"][0]["code"].is_string(), "{item}");
    for query in ["?all=yes", "?everything=true"] {
        assert_eq!(world.get(1, &format!("/v1/plans/{id}{query}")).await.code(), "invalid_request");
    }
}

#[tokio::test]
async fn plans_are_listed_the_newest_first_without_their_records() {
    let world = World::connected().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(make(&world).await);
    }
    world.work(&Work::Plan(ids[1].clone())).await;
    let answer = world.get(1, "/v1/plans").await;
    assert_form::<Plans>(&answer);
    let listed: Vec<_> =
        answer.body["plans"].as_array().expect("a list").iter().map(|p| (&p["id"], &p["state"])).collect();
    let expected =
        [(&ids[2], "making"), (&ids[1], "made"), (&ids[0], "making")].map(|(id, state)| (json!(id), json!(state)));
    assert_eq!(listed, expected.each_ref().map(|(id, state)| (id, state)));
}
