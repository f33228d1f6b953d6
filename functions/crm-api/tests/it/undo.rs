//! Taking a run back.

use axum::http::StatusCode;
use domain::change::{ChangeKind, FieldChange};
use domain::{Mode, Object, Run, RunState, Trigger};
use fn_crm_api::contract::Undone;
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeMap;
use store::{Commit, NewChange, RecordWrite, Side};

use crate::crm::{assert_form, pieces};
use crate::support::{World, contact, id_of, now};

/// A run of tenant 1 in which the ERP's contact got another name.
async fn renamed(world: &World, erp_id: u64, state: RunState) -> Run {
    let tenant = world.tenant(1);
    let mut run = Run::queued(world.services.run_id(), Mode::Changes, Trigger::Schedule, &[Object::Contacts], now());
    run.state = state;
    run.started_at = Some(now());
    run.finished_at = run.is_over().then(now);
    let stored = tenant.record(id_of(&tenant, &contact(erp_id, "Ana"))).await.expect("the table").expect("there");
    let field = FieldChange { before: Some(json!("Ana")), after: Some(json!("Eva")) };
    let change = NewChange {
        run: Some(run.id),
        actor: "sync".to_owned(),
        side: Side::Erp,
        kind: ChangeKind::Updated,
        fields: [("name".to_owned(), field)].into(),
        decided: BTreeMap::new(),
        event: None,
        matched: None,
    };
    let lease = tenant.acquire_lease("worker", now(), SignedDuration::from_secs(60)).await.expect("free");
    let mut commit = Commit::new(&lease);
    commit.seq = tenant.seq().await.expect("a number");
    commit.writes = vec![RecordWrite::replace(&stored, contact(erp_id, "Eva").to_bytes(), change)];
    commit.run = Some(&run);
    commit.release = true;
    tenant.commit(&commit, now()).await.expect("a commit");
    run
}

#[tokio::test]
async fn a_run_that_is_not_over_is_nobodys_or_is_none_is_not_taken_back() {
    let world = World::new().await;
    world.load(1, &[contact(7, "Ana")]).await;
    let run = renamed(&world, 7, RunState::Running).await;
    let undo = format!("/v1/runs/{}/undo", run.id);
    let early = world.order(1, &undo).await;
    assert_eq!((early.status, early.code()), (StatusCode::CONFLICT, "run_not_over"));
    assert_eq!((early.header("retry-after"), &early.body["retryable"]), ("30", &json!(true)));
    for (n, path) in
        [(2, undo.as_str()), (1, "/v1/runs/run_00000000000000000000000000000000/undo"), (1, "/v1/runs/x/undo")]
    {
        assert_eq!(world.order(n, path).await.code(), "not_found", "{path}");
    }
    assert_eq!(world.told().await, 2);
}

#[tokio::test]
async fn what_a_run_told_is_set_back_as_a_run_of_its_own_and_that_once() {
    let world = World::new().await;
    world.link(7, "c-1", pieces(&contact(7, "Ana"))).await.is_record(StatusCode::OK);
    let run = renamed(&world, 7, RunState::Succeeded).await;
    assert_eq!(world.get(1, "/v1/contacts/c-1").await.body["fields"]["name"], "Eva");

    let undone = world.order(1, &format!("/v1/runs/{}/undo", run.id)).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.body);
    assert_form::<Undone>(&undone);
    let expected = json!([{
        "record": world.contact_id(7), "set": { "name": { "is": "Eva", "to": "Ana" } }, "kept": {}, "refused": {},
    }]);
    assert_eq!(undone.body["records"], expected);
    let of_undo = &undone.body["run"];
    assert_eq!((&of_undo["mode"], &of_undo["state"]), (&json!("undo"), &json!("succeeded")));
    let id = of_undo["id"].as_str().expect("an id");
    assert_eq!(&world.get(1, &format!("/v1/runs/{id}")).await.body, of_undo);

    let record = world.get(1, "/v1/contacts/c-1").await;
    assert_eq!(record.is_record(StatusCode::OK)["fields"]["name"], "Ana");
    assert_eq!(record.body["sync"], "waiting", "it goes to the ERP");
    let history = world.get(1, &format!("/v1/records/{}/history", world.contact_id(7))).await;
    assert_eq!(
        (&history.body["changes"][0]["run"], &history.body["changes"][0]["actor"]),
        (&json!(id), &json!("user-1"))
    );

    let again = world.order(1, &format!("/v1/runs/{}/undo", run.id)).await;
    assert_form::<Undone>(&again);
    assert_eq!(again.body["records"][0]["set"], json!({}), "{}", again.body);
    assert_eq!(world.get(1, "/v1/contacts/c-1").await.body, record.body);
}

#[tokio::test]
async fn what_somebody_changed_later_stays() {
    let world = World::new().await;
    world.link(7, "c-1", pieces(&contact(7, "Ana"))).await.is_record(StatusCode::OK);
    let run = renamed(&world, 7, RunState::Failed).await;
    let read = world.get(1, "/v1/contacts/c-1").await;
    let mut fields = read.body["fields"].clone();
    fields["name"] = json!("Iva");
    world.edit("/v1/contacts/c-1", read.body["revision"].as_u64(), fields).await.is_record(StatusCode::OK);
    let undone = world.order(1, &format!("/v1/runs/{}/undo", run.id)).await;
    assert_form::<Undone>(&undone);
    let record = &undone.body["records"][0];
    assert_eq!((&record["set"], &record["kept"]["name"]["by"]), (&json!({}), &json!("user-1")), "{record}");
    assert_eq!(world.get(1, "/v1/contacts/c-1").await.body["fields"]["name"], "Iva");
}
