//! Two tenants: neither sees anything of the other's.

use axum::http::StatusCode;
use domain::{Object, RunState};
use runtime::Role;

use crate::support::{World, parked, read_before, run, tenant_id};

#[tokio::test]
async fn a_page_shows_nothing_of_another_tenant() {
    let world = World::new().await;
    for n in [1, 2] {
        world.connect(n).await;
        let rows = vec![parked(u64::from(n) * 4_000_001, &format!("reason-of-{n}"))];
        let mut run = run(n, RunState::Failed);
        run.error.as_mut().expect("an error").message = format!("message-of-{n}");
        world.commit(n, &run, &[(Object::Products, u64::from(n) * 111)], rows, &read_before()).await;
    }
    let (one, two) = (world.sign_in(1, Role::Administrator).await, world.sign_in(2, Role::Administrator).await);
    // Interleaved, so that what is kept between requests would show.
    for _ in 0..2 {
        for (cookie, own, other) in [(&one, 1, 2), (&two, 2, 1)] {
            for path in ["/console/", "/console/live"] {
                let page = world.get(path, cookie).await;
                let marks = |n: u32| {
                    let count = format!(" {} ", n * 111);
                    let id = (u64::from(n) * 4_000_001).to_string();
                    [
                        format!("160{n}"),
                        format!("whe_{n:032}"),
                        id,
                        format!("reason-of-{n}"),
                        format!("message-of-{n}"),
                        count,
                    ]
                };
                for mark in marks(own) {
                    assert!(page.text().contains(&mark), "{path} {own}: {mark}");
                }
                for mark in marks(other) {
                    assert!(!page.text().contains(&mark), "{path} {own}: {mark}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_session_of_one_tenant_is_none_of_another() {
    let world = World::new().await;
    world.connect(2).await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let moved = cookie.replace(tenant_id(1).as_str(), tenant_id(2).as_str());
    assert_ne!(moved, cookie);
    assert_eq!(world.get("/console/", &moved).await.status, StatusCode::UNAUTHORIZED);
    let csrf = world.get("/console/", &cookie).await.csrf();
    let two = world.sign_in(2, Role::Administrator).await;
    let forged = world.post("/console/runs", &two, &format!("csrf={csrf}&mode=full")).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(world.queue.receive(10).is_empty());
}
