//! What people may set going: runs, a pause, its end.

use axum::http::StatusCode;
use cloud::Work;
use domain::{Mode, RunState, Trigger};
use runtime::{Permission, Role, allows};
use store::ConnectionState;

use crate::support::{World, run};

const FORMS: [(&str, Permission, &str); 3] = [
    ("/console/runs", Permission::Sync, r#"id="sync-now""#),
    ("/console/connection/pause", Permission::Configure, r#"id="pause""#),
    ("/console/connection/resume", Permission::Configure, r#"id="resume""#),
];

#[tokio::test]
async fn a_run_that_is_asked_for_is_queued_once() {
    let world = World::new().await;
    world.connect(1).await;
    let cookie = world.sign_in(1, Role::Operations).await;
    let csrf = world.get("/console/", &cookie).await.csrf();
    let form = format!("csrf={csrf}&mode=full");
    let asked = world.post("/console/runs", &cookie, &form).await;
    assert_eq!((asked.status, asked.header("location")), (StatusCode::SEE_OTHER, "/console/?done=sync"));
    let again = world.post("/console/runs", &cookie, &form).await;
    assert_eq!(again.header("location"), "/console/?done=queued");

    let messages: Vec<_> = world.queue.receive(10).iter().map(|d| d.message().expect("ours")).collect();
    let runs = world.tenant(1).runs(None, 10).await.expect("read");
    assert_eq!((messages.len(), runs.len()), (1, 1));
    assert_eq!(messages[0].work, Work::Run(runs[0].id));
    assert_eq!((runs[0].mode, runs[0].trigger, runs[0].state), (Mode::Full, Trigger::Request, RunState::Queued));
    let page = world.get("/console/?done=sync", &cookie).await;
    assert!(page.text().contains("A sync was requested.") && page.body.contains("every 2s"));
}

#[tokio::test]
async fn who_may_not_do_a_thing_sees_no_button_for_it_and_is_refused() {
    let world = World::new().await;
    world.connect(1).await;
    for paused in [false, true] {
        if paused {
            let mut connection = world.tenant(1).connection().await.expect("read").expect("connected");
            connection.state = ConnectionState::Paused { code: "credentials_invalid".to_owned() };
            world.tenant(1).replace_connection_if(connection.version, &connection).await.expect("saved");
        }
        for role in Role::ALL {
            let link = if paused { 500 } else { 0 };
            let code =
                crate::support::issue_link(&world.table, 1, link + role as u32, role.name(), crate::support::at(900))
                    .await;
            let cookie = world.post("/console/enter", "", &format!("code={code}")).await.cookie();
            let page = world.get("/console/", &cookie).await;
            for (path, permission, button) in FORMS {
                let may = allows(role, permission);
                let offered = may && (paused == path.ends_with("resume"));
                assert_eq!(page.body.contains(button), offered, "{role} {path} paused: {paused}");
                if !may {
                    let form = format!("csrf={}&mode=full&version=1", page.csrf());
                    let refused = world.post(path, &cookie, &form).await;
                    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role} {path}");
                    assert!(refused.text().contains(permission.name()), "{}", refused.text());
                }
            }
        }
    }
    assert!(world.queue.receive(10).is_empty());
}

#[tokio::test]
async fn a_form_that_is_not_of_this_session_does_nothing() {
    let world = World::new().await;
    world.connect(1).await;
    let (cookie, other) = (world.sign_in(1, Role::Administrator).await, world.sign_in(1, Role::Operator).await);
    let of_the_other = world.get("/console/", &other).await.csrf();
    for (path, _, _) in FORMS {
        for csrf in ["", "x", of_the_other.as_str()] {
            let page = world.post(path, &cookie, &format!("csrf={csrf}&mode=full&version=1")).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
            assert!(page.text().contains("form_not_genuine"), "{}", page.text());
        }
        let missing = world.post(path, &cookie, "mode=full&version=1").await;
        assert_eq!(missing.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert!(world.queue.receive(10).is_empty());
    assert_eq!(world.tenant(1).connection().await.expect("read").expect("connected").version, 1);
}

#[tokio::test]
async fn a_connection_is_paused_and_resumed_and_a_stale_page_changes_nothing() {
    let world = World::new().await;
    world.connect(1).await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let csrf = world.get("/console/", &cookie).await.csrf();
    let now_is = async || world.tenant(1).connection().await.expect("read").expect("connected").state;

    let stale = world.post("/console/connection/pause", &cookie, &format!("csrf={csrf}&version=9")).await;
    assert_eq!((stale.status, now_is().await), (StatusCode::PRECONDITION_FAILED, ConnectionState::Connected));
    let paused = world.post("/console/connection/pause", &cookie, &format!("csrf={csrf}&version=1")).await;
    assert_eq!(paused.header("location"), "/console/?done=paused");
    let page = world.get("/console/", &cookie).await;
    assert!(page.text().contains("Paused by a person.") && page.text().contains("Next due –"));
    let run = world.post("/console/runs", &cookie, &format!("csrf={csrf}&mode=changes")).await;
    assert_eq!(run.status, StatusCode::CONFLICT);

    world.refuse_key(true);
    let refused = world.post("/console/connection/resume", &cookie, &format!("csrf={csrf}&version=2")).await;
    assert!(refused.status.is_client_error() || refused.status.is_server_error(), "{}", refused.status);
    assert!(matches!(now_is().await, ConnectionState::Paused { .. }), "a key that is refused resumes nothing");
    world.refuse_key(false);
    let resumed = world.post("/console/connection/resume", &cookie, &format!("csrf={csrf}&version=2")).await;
    assert_eq!(resumed.header("location"), "/console/?done=resumed", "{}", resumed.text());
    assert_eq!(now_is().await, ConnectionState::Connected);
}

#[tokio::test]
async fn a_broken_form_is_a_page_and_not_a_panic() {
    let world = World::new().await;
    world.connect(1).await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let csrf = world.get("/console/", &cookie).await.csrf();
    for form in [format!("csrf={csrf}"), format!("csrf={csrf}&mode=everything"), "\u{1}\u{2}".to_owned(), String::new()]
    {
        let page = world.post("/console/runs", &cookie, &form).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{form:?}");
        assert!(page.header("content-type").starts_with("text/html"));
    }
    let large = world.post("/console/runs", &cookie, &"x".repeat(100_000)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(world.tenant(1).run(run(1, RunState::Queued).id).await.expect("read"), None);
}
