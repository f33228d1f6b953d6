//! Plans: asked for, looked at, approved, carried out.

use app::twoway::plans::{PlanOutcome, PlanState, view};
use axum::http::StatusCode;
use cloud::Work;
use runtime::Role;
use sync::plan::Moved;

use crate::{
    both_sides::{PLAN, id},
    support::World,
};

async fn world() -> World {
    let world = World::new().await;
    world.connect(1).await;
    world
}

#[tokio::test]
async fn a_plan_that_is_asked_for_is_left_to_the_worker_and_listed() {
    let world = world().await;
    let cookie = world.sign_in(1, Role::Operations).await;
    let page = world.get("/console/plans", &cookie).await;
    assert!(page.text().contains("There is no plan yet."));
    let made = world.post("/console/plans", &cookie, &format!("csrf={}", page.csrf())).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let address = made.header("location").to_owned();
    let id = address.strip_prefix("/console/plans/").expect("its address").to_owned();
    let messages: Vec<_> = world.queue.receive(10).iter().map(|d| d.message().expect("ours").work.clone()).collect();
    assert_eq!(messages, [Work::Plan(id)]);
    let page = world.get(&address, &cookie).await.text();
    assert!(page.contains("Being made") && page.contains("Look at this page again in a moment."), "{page}");
    assert!(world.get("/console/plans", &cookie).await.body.contains(&format!("href=\"{address}\"")));
}

#[tokio::test]
async fn without_a_connection_there_is_nothing_to_plan() {
    let world = World::new().await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let page = world.get("/console/plans", &cookie).await;
    assert!(!page.body.contains("id=\"read-only\""), "no banner that leads nowhere");
    let refused = world.post("/console/plans", &cookie, &format!("csrf={}", page.csrf())).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(world.queue.receive(10).is_empty());
}

#[tokio::test]
async fn a_plan_is_approved_by_its_hash_and_by_no_other() {
    let world = world().await;
    let plan = world.made_plan(1, "Ana").await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let address = format!("/console/plans/{PLAN}");
    let page = world.get(&address, &cookie).await;
    assert!(page.body.contains(&format!("name=\"hash\" value=\"{}\"", plan.hash())));
    assert!(page.text().contains("The company is read-only; when the plan is carried out, it no longer is."));
    let state = async || view(&world.tenant(1), PLAN).await.expect("there").state;
    let approve = async |hash: &str| {
        world.post(&format!("{address}/approve"), &cookie, &format!("csrf={}&hash={hash}", page.csrf())).await
    };
    let moved = approve(&"0".repeat(64)).await;
    assert_eq!((moved.status, state().await), (StatusCode::CONFLICT, PlanState::Made));
    assert!(moved.text().contains("The plan is no longer true"));
    let approved = approve(&plan.hash()).await;
    assert_eq!((approved.status, state().await), (StatusCode::SEE_OTHER, PlanState::Approved));
    let work = world.queue.receive(10)[0].message().expect("ours").work.clone();
    assert_eq!(work, Work::Plan(PLAN.to_owned()));
    let page = world.get(approved.header("location"), &cookie).await;
    assert!(page.text().contains("The plan is approved and is being carried out."), "{}", page.text());
    assert!(!page.body.contains("id=\"approve-plan\""), "once is enough");
    assert_eq!(approve(&plan.hash()).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_came_of_a_plan_is_shown_record_by_record() {
    let world = world().await;
    let plan = world.made_plan(1, "Ana").await;
    let outcome = PlanOutcome {
        moved: vec![Moved { record: id(1, 900), was: Some(Box::new(plan.items[0].clone())), is: None }],
        written: vec![id(1, 901)],
        waiting: vec![id(1, 902)],
        refused: vec![id(1, 903)],
    };
    let bytes = serde_json::to_vec(&outcome).expect("plain");
    world.keep(1, &format!("{PLAN}.outcome"), "part", bytes).await;
    let cookie = world.sign_in(1, Role::Accountant).await;
    let page = world.get(&format!("/console/plans/{PLAN}"), &cookie).await;
    for text in [
        "Moved since, so nothing was written",
        "Changed in Metakocka. The CRM changed: Name.",
        "not in the plan",
        "Written: 1",
        "Still waiting: 1",
        "Moved while it was carried out; not written: 1",
    ] {
        assert!(page.text().contains(text), "{text}\n{}", page.text());
    }
    for n in 900..=903 {
        assert!(page.body.contains(&format!("href=\"/console/records/{}\"", id(1, n))), "{n}");
    }
}
