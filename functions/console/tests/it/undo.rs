//! Taking a run back from the list of runs.

use axum::http::StatusCode;
use domain::{Mode, RunState};
use runtime::Role;
use serde_json::json;

use crate::{
    both_sides::id,
    support::{World, read_before, run},
};

#[tokio::test]
async fn a_run_is_taken_back_after_a_question_and_the_result_says_what_came_of_it() {
    let world = World::new().await;
    world.connect(1).await;
    let over = run(1, RunState::Succeeded);
    for n in [7, 8] {
        world.erp_contact(1, n, "<script>alert(1)</script>").await;
        world.rename(1, n, "Anica", Some(over.id)).await;
    }
    world.rename(1, 8, "Anita", None).await;
    world.commit(1, &over, &[], Vec::new(), &read_before()).await;
    let cookie = world.sign_in(1, Role::Operations).await;
    let address = format!("/console/runs/{}/undo", over.id);
    assert!(world.get("/console/", &cookie).await.body.contains(&format!("href=\"{address}\"")));

    let asked = world.get(&address, &cookie).await;
    assert!(asked.text().contains("Undo this run") && asked.text().contains("Orders 30 0"), "{}", asked.text());
    assert_eq!(world.entry(1, id(1, 7)).await.crm.get("name"), Some(&json!("Anica")), "a question changes nothing");

    let done = world.post(&address, &cookie, &format!("csrf={}", asked.csrf())).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    assert!(!done.body.contains("<script>alert") && done.body.contains("&#60;script&#62;alert(1)"));
    for text in ["Set back", "Name Anica", "Kept", "changed later: sync, 24 Nov 2026, 10:05 (Metakocka)"] {
        assert!(done.text().contains(text), "{text}\n{}", done.text());
    }
    let entry = world.entry(1, id(1, 7)).await;
    assert_eq!(entry.crm.get("name"), Some(&json!("<script>alert(1)</script>")));
    assert!(entry.due.is_some(), "the visit brings it to the ERP");
    assert_eq!(world.entry(1, id(1, 8)).await.crm.get("name"), Some(&json!("Anita")));
    let runs = world.tenant(1).runs(None, 10).await.expect("read");
    assert!(runs.iter().any(|r| r.mode == Mode::Undo && r.state == RunState::Succeeded));
    assert!(!world.queue.receive(10).is_empty());
    let history = world.get(&format!("/console/records/{}", id(1, 7)), &cookie).await.text();
    assert!(history.contains("by ana-1@example.com"), "{history}");
}

#[tokio::test]
async fn what_an_undo_cannot_do_says_what_to_do_instead() {
    let world = World::new().await;
    world.connect(1).await;
    let over = run(1, RunState::Succeeded);
    let record = world.erp_contact(1, 100, "Ana").await;
    world.rename(1, 100, "Anica", Some(over.id)).await;
    world.commit(1, &over, &[], Vec::new(), &read_before()).await;
    let by = app::twoway::edit::By { actor: "crm", request: None };
    let (services, tenant) = (&world.services, world.tenant(1));
    let put = app::twoway::edit::Put {
        fields: world.entry(1, record).await.crm,
        record: Some(record),
        ..app::twoway::edit::Put::default()
    };
    let contacts = domain::Object::Contacts;
    app::twoway::edit::put(services, &tenant, contacts, "c-100", &put, by).await.expect("linked");
    app::twoway::edit::delete(services, &tenant, contacts, "c-100", by).await.expect("deleted");
    let cookie = world.sign_in(1, Role::Administrator).await;
    let address = format!("/console/runs/{}/undo", over.id);
    let csrf = world.get(&address, &cookie).await.csrf();
    let done = world.post(&address, &cookie, &format!("csrf={csrf}")).await.text();
    for text in ["Not possible", "Record : the record is deleted or archived", "Take the record back, then undo"] {
        assert!(done.contains(text), "{text}\n{done}");
    }
}

#[tokio::test]
async fn a_run_that_is_not_over_is_not_taken_back() {
    let world = World::new().await;
    world.connect(1).await;
    let going = run(1, RunState::Running);
    world.commit(1, &going, &[], Vec::new(), &read_before()).await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let address = format!("/console/runs/{}/undo", going.id);
    assert!(!world.get("/console/", &cookie).await.body.contains(&address));
    let asked = world.get(&address, &cookie).await;
    assert!(asked.text().contains("The run is not over") && !asked.body.contains("id=\"undo-now\""));
    let refused = world.post(&address, &cookie, &format!("csrf={}", asked.csrf())).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}
