//! The pages about both sides: who sees what, in which frame, in which language.

use axum::http::StatusCode;
use domain::{ErpId, Object, RecordId, RunState};
use runtime::{Permission, Role, allows};
use serde_json::json;

use crate::{
    both_sides::{PLAN, id},
    support::{World, read_before, run, tenant_id},
};

const MARK: &str = "<script>alert(1)</script>Ana";

/// A tenant with something on every page; the run that is over and a record of the CRM that is held.
async fn world() -> (World, RecordId) {
    let world = World::new().await;
    world.connect(1).await;
    world.commit(1, &run(1, RunState::Succeeded), &[], Vec::new(), &read_before()).await;
    world.conflict(1, 7, MARK, &format!("{MARK} ERP")).await;
    let held = world.held(1, "c-held", MARK, json!({ "rejected": { "code": "2: <b>wrong</b>" } })).await;
    world.deleted(1, 100, 12).await;
    world.made_plan(1, MARK).await;
    let report = json!([{ "date": "2026-11-20", "text": MARK }]);
    let order = json!({ "status": { "key": MARK, "label": MARK }, "delivery_events": report, "title": MARK });
    world.erp_order(1, 5, 7, &order).await;
    world.statuses(1, &[(MARK, MARK), ("shipped", "Odpremljen")]).await;
    app::twoway::certificates::certify(&world.tenant(1), Object::Contacts, crate::support::at(0)).await.expect("kept");
    (world, held)
}

fn pages(held: RecordId) -> Vec<String> {
    vec![
        "/console/".to_owned(),
        "/console/waiting".to_owned(),
        format!("/console/records/{}", id(1, 7)),
        format!("/console/records/{held}"),
        format!("/console/records/{}", id(1, 100)),
        "/console/plans".to_owned(),
        format!("/console/plans/{PLAN}"),
        format!("/console/plans/{PLAN}?all=true&from=0"),
        "/console/settings".to_owned(),
        "/console/certificates".to_owned(),
        "/console/registers".to_owned(),
        format!("/console/records/{}", order()),
    ]
}

/// The order of contact 7.
fn order() -> RecordId {
    RecordId::for_erp(&tenant_id(1), Object::Orders, ErpId::new(5))
}

fn undo() -> String {
    format!("/console/runs/{}/undo", run(1, RunState::Succeeded).id)
}

#[tokio::test]
async fn every_role_sees_the_pages_and_the_buttons_that_the_table_gives_it() {
    let (world, held) = world().await;
    let record = |id: RecordId| format!("/console/records/{id}");
    let buttons = [
        ("/console/waiting".to_owned(), Permission::LogsResolve, "/settle\""),
        ("/console/waiting".to_owned(), Permission::LogsResolve, "/look-again\""),
        ("/console/waiting".to_owned(), Permission::LogsResolve, "/console/deletions/approve\""),
        ("/console/waiting".to_owned(), Permission::LogsView, "2: &#60;b&#62;wrong"),
        (record(id(1, 7)), Permission::LogsResolve, "/settle\""),
        (record(held), Permission::LogsResolve, "/look-again\""),
        (record(id(1, 100)), Permission::Sync, "id=\"restore\""),
        ("/console/plans".to_owned(), Permission::Sync, "id=\"make-plan\""),
        (format!("/console/plans/{PLAN}"), Permission::Configure, "id=\"approve-plan\""),
        ("/console/settings".to_owned(), Permission::Configure, "id=\"save-settings\""),
        ("/console/settings".to_owned(), Permission::Configure, "id=\"switch-read-only\""),
        ("/console/settings".to_owned(), Permission::Configure, "<select"),
        ("/console/registers".to_owned(), Permission::Configure, "id=\"save-sales_order\""),
        ("/console/registers".to_owned(), Permission::Configure, "<select"),
        ("/console/".to_owned(), Permission::Sync, "/undo\""),
    ];
    for role in Role::ALL {
        let cookie = world.sign_in(1, role).await;
        for path in pages(held) {
            let page = world.get(&path, &cookie).await;
            assert_eq!(page.status, StatusCode::OK, "{role} {path}");
        }
        for (path, permission, button) in &buttons {
            let page = world.get(path, &cookie).await;
            assert_eq!(page.body.contains(button), allows(role, *permission), "{role} {path} {button}");
        }
        let asked = world.get(&undo(), &cookie).await;
        assert_eq!(asked.status == StatusCode::OK, allows(role, Permission::Sync), "{role}");
    }
}

#[tokio::test]
async fn every_page_is_framed_leads_to_the_others_and_speaks_both_languages() {
    let (world, held) = world().await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    for path in pages(held).into_iter().chain([undo()]) {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut texts = Vec::new();
        for language in ["sl", "en"] {
            let page = world.get(&format!("{path}{joint}language={language}"), &cookie).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.header("content-security-policy").contains("script-src 'self'"), "{path}");
            assert_eq!((page.header("cache-control"), page.header("content-language")), ("no-store", language));
            for inline in ["style=\"", "onclick", "javascript:", "<script>"] {
                assert!(!page.body.contains(inline), "{path}: {inline}");
            }
            for place in [
                "/console/",
                "/console/waiting",
                "/console/plans",
                "/console/certificates",
                "/console/settings",
                "/console/registers",
            ] {
                assert!(page.body.contains(&format!("<li><a href=\"{place}\"")), "{path} leads to {place}");
            }
            assert_eq!(page.body.matches("<h1>").count(), 1, "{path}");
            assert!(page.body.contains("id=\"read-only\""), "{path}: the company is read-only");
            texts.push(page.text());
        }
        assert_ne!(texts[0], texts[1], "{path}");
    }
}

#[tokio::test]
async fn a_name_with_markup_is_text_on_every_page() {
    let (world, held) = world().await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let mut shown = 0;
    for path in pages(held) {
        let page = world.get(&path, &cookie).await;
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<b>wrong"), "{path}");
        shown += usize::from(page.body.contains("&#60;script&#62;alert(1)"));
    }
    assert_eq!(shown, 7, "waiting, two records, the plan in both forms, the registers, the order");
}

#[tokio::test]
async fn what_waits_says_why_what_to_do_and_both_values() {
    let (world, _) = world().await;
    let cookie = world.sign_in(1, Role::Operator).await;
    let sl = world.get("/console/waiting?language=sl", &cookie).await.text();
    for text in [
        "Metakocka je zapis zavrnila",
        "Kaj storiti: Popravite zapis v CRM",
        "Obe strani sta spremenili isto",
        "Obdrži iz CRM : Naziv",
        "Stiki: 12",
        "Več kot deset in več kot dvajsetina vseh zapisov.",
        "Prikazanih je prvih 10; jih je še več.",
    ] {
        assert!(sl.contains(text), "{text}\n{sl}");
    }
    let record = world.get(&format!("/console/records/{}?language=en", id(1, 7)), &cookie).await.text();
    for text in ["Waits for a person", "conflict", "Linked", "from Metakocka", "by crm", "Id in the CRM c-7"] {
        assert!(record.contains(text), "{text}\n{record}");
    }
    let plan = world.get(&format!("/console/plans/{PLAN}"), &cookie).await.text();
    for text in ["Waits for approval", "Changed in Metakocka 1", "The CRM changed: Name.", "few enough to go"] {
        assert!(plan.contains(text), "{text}\n{plan}");
    }
    assert!(!plan.contains("Both sides have the same."));
    let all = world.get(&format!("/console/plans/{PLAN}?all=true"), &cookie).await.text();
    assert!(all.contains("Both sides have the same."), "{all}");
    let days = world.get("/console/certificates", &cookie).await.text();
    assert!(days.contains("2026-11-24") && days.contains("Contacts"), "{days}");
}

#[tokio::test]
async fn a_long_list_goes_on_from_where_the_part_before_ended() {
    let world = World::new().await;
    world.connect(1).await;
    for n in 0..23 {
        world.held(1, &format!("c-{n:02}"), &format!("Stranka {n:02}"), json!("given_up")).await;
    }
    let cookie = world.sign_in(1, Role::Support).await;
    let first = world.get("/console/waiting", &cookie).await;
    let (_, rest) = first.body.split_once("/console/waiting?after=").expect("there is more");
    let next = format!("/console/waiting?after={}", rest.split('"').next().expect("its end"));
    let second = world.get(&next, &cookie).await;
    let count = |page: &crate::support::Page| page.body.matches("Stranka ").count();
    assert_eq!((count(&first), count(&second)), (20, 3));
    assert!(!second.body.contains("/console/waiting?after="), "it is the last part");
    let bad = world.get("/console/waiting?after=x", &cookie).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nothing_of_another_tenant_is_reached_and_nothing_without_a_session() {
    let (world, held) = world().await;
    world.connect(2).await;
    let two = world.sign_in(2, Role::Administrator).await;
    for path in [
        format!("/console/records/{}", id(1, 7)),
        format!("/console/records/{held}"),
        format!("/console/plans/{PLAN}"),
        format!("/console/plans/{PLAN}.plan"),
        undo(),
        format!("/console/records/{}", order()),
        "/console/records/x".to_owned(),
        "/console/plans/x".to_owned(),
        "/console/runs/x/undo".to_owned(),
    ] {
        assert_eq!(world.get(&path, &two).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/console/waiting", "/console/plans", "/console/certificates", "/console/registers"] {
        let page = world.get(path, &two).await;
        assert!(!page.body.contains("alert(1)") && !page.body.contains(PLAN) && !page.text().contains("2026-11-24"));
    }
    for path in pages(held).into_iter().chain([undo()]) {
        assert_eq!(world.get(&path, "").await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}
