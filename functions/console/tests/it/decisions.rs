//! What a person decides about records: whose value stays, another look, taking back, letting deletions pass.

use app::twoway::edit::{self, By, Put};
use axum::http::StatusCode;
use cloud::Work;
use domain::{Object, Settings};
use runtime::{Permission, Role, allows};
use serde_json::json;

use crate::{
    both_sides::{PLAN, contact, id},
    support::{Page, World, run},
};

async fn world() -> World {
    let world = World::new().await;
    world.connect(1).await;
    world
}

/// Signs in and reads the token from a page that has a form for everybody: the way out.
async fn operator(world: &World) -> (String, String) {
    let cookie = world.sign_in(1, Role::Operator).await;
    let csrf = world.get("/console/waiting", &cookie).await.csrf();
    (cookie, csrf)
}

fn woken(world: &World) -> bool {
    world.queue.receive(10).iter().any(|d| d.message().expect("ours").work == Work::Push)
}

fn leads_to(page: &Page) -> (StatusCode, &str) {
    (page.status, page.header("location"))
}

#[tokio::test]
async fn the_side_that_is_kept_is_on_both_sides_from_then_on_and_history_says_who_decided() {
    let world = world().await;
    let (cookie, csrf) = operator(&world).await;
    for (n, winner, name) in [(7, "crm", "Ana"), (8, "erp", "Anica")] {
        let record = world.conflict(1, n, "Ana", "Anica").await;
        let form = format!("csrf={csrf}&from=waiting&piece=name&winner={winner}");
        let settled = world.post(&format!("/console/records/{record}/settle"), &cookie, &form).await;
        assert_eq!(leads_to(&settled), (StatusCode::SEE_OTHER, "/console/waiting?done=settled"));
        let entry = world.entry(1, record).await;
        assert_eq!((entry.conflicts.len(), entry.crm.get("name")), (0, Some(&json!(name))));
        assert!(entry.due.is_some() && woken(&world), "the visit brings it to the ERP");
        let page = world.get(&format!("/console/records/{record}"), &cookie).await.text();
        assert!(page.contains("by ana-1@example.com") && page.contains("the value that lost:"), "{page}");
        let again = world.post(&format!("/console/records/{record}/settle"), &cookie, &form).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        assert!(again.text().contains("Nothing to settle"), "{}", again.text());
    }
    let page = world.get("/console/waiting?done=settled", &cookie).await.text();
    assert!(page.contains("It is settled") && page.contains("Nothing waits for a person."), "{page}");
}

#[tokio::test]
async fn a_record_with_more_to_decide_is_shown_next() {
    let world = world().await;
    let record = world.erp_contact(1, 9, "Anica").await;
    let mut fields = domain::Fields::of(&contact(9, "Ana"));
    fields.set("supplier", json!(true));
    let put = Put { fields, record: Some(record), ..Put::default() };
    let by = By { actor: "crm", request: None };
    edit::put(&world.services, &world.tenant(1), Object::Contacts, "c-9", &put, by).await.expect("linked");
    let (cookie, csrf) = operator(&world).await;
    let settle = async |piece: &str| {
        let form = format!("csrf={csrf}&from=waiting&piece={piece}&winner=crm");
        world.post(&format!("/console/records/{record}/settle"), &cookie, &form).await
    };
    let first = settle("supplier").await;
    let there = format!("/console/records/{record}?done=settled");
    assert_eq!(leads_to(&first), (StatusCode::SEE_OTHER, there.as_str()));
    assert_eq!(world.get(&there, &cookie).await.body.matches("name=\"winner\"").count(), 2, "the name is left");
    assert_eq!(settle("name").await.header("location"), "/console/waiting?done=settled");
}

#[tokio::test]
async fn a_contact_with_candidates_is_linked_or_made_anew_by_the_button_that_is_pressed() {
    let world = world().await;
    let (cookie, csrf) = operator(&world).await;
    let candidate = |n: u32, evidence: &str| {
        let name = format!("Ana {n}");
        json!({ "erp_id": n.to_string(), "name": name, "number": format!("K-{n}"), "evidence": ["email", evidence] })
    };
    let reason = || json!({ "ambiguous": { "found": ["7", "8"] } });
    let candidates = || json!([candidate(7, "name"), candidate(8, "different_name")]);
    for (crm_id, choice, chosen) in [("c-1", "link=7", Some(7)), ("c-2", "none_of=7%2C8", None)] {
        let record = world.held_with(1, crm_id, "Ana", reason(), candidates()).await;
        for page in ["/console/waiting".to_owned(), format!("/console/records/{record}")] {
            let page = world.get(&page, &cookie).await;
            assert!(
                page.body.contains("name=\"link\" value=\"7\"") && page.body.contains("value=\"7,8\""),
                "{}",
                page.body
            );
            let text = page.text();
            assert!(text.contains("K-8") && text.contains("same e-mail address, different name"), "{text}");
        }
        let say = async |revision: u64, from: &str| {
            let form = format!("csrf={csrf}&from={from}&revision={revision}&{choice}&reason=po+telefonu");
            world.post(&format!("/console/records/{record}/settle-match"), &cookie, &form).await
        };
        assert_eq!(say(9, "record").await.status, StatusCode::PRECONDITION_FAILED);
        assert_eq!(leads_to(&say(1, "waiting").await), (StatusCode::SEE_OTHER, "/console/waiting?done=decided"));
        let entry = world.entry(1, record).await;
        assert!(entry.hold.is_none() && entry.due.is_some() && woken(&world));
        assert_eq!((entry.chosen.map(domain::ErpId::get), entry.rejected.len()), (chosen, chosen.map_or(2, |_| 0)));
        let page = world.get(&format!("/console/records/{record}?done=decided"), &cookie).await.text();
        assert!(page.contains("It is decided") && page.contains("reason: po telefonu"), "{page}");
        assert!(!page.contains("It is this one"), "{page}");
    }
    // Nobody makes a second partner of one tax number.
    let same = json!([{ "erp_id": "7", "name": "Ana", "evidence": ["tax_number", "different_name"] }]);
    let record = world.held_with(1, "c-3", "Ana", json!({ "different": { "erp_id": "7" } }), same).await;
    let page = world.get(&format!("/console/records/{record}"), &cookie).await;
    assert!(page.text().contains("One of these has the same tax number") && !page.body.contains("name=\"none_of\""));
    let form = format!("csrf={csrf}&from=record&revision=1&none_of=7");
    let refused = world.post(&format!("/console/records/{record}/settle-match"), &cookie, &form).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("Same tax number"), "{}", refused.text());
    for broken in ["", "&link=7&none_of=7", "&none_of=a", "&link=x"] {
        let form = format!("csrf={csrf}&from=record&revision=1{broken}");
        let refused = world.post(&format!("/console/records/{record}/settle-match"), &cookie, &form).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{broken}");
    }
}

#[tokio::test]
async fn a_held_record_goes_on_after_another_look_was_asked_for() {
    let world = world().await;
    let record = world.held(1, "c-1", "Ana", json!("given_up")).await;
    let (cookie, csrf) = operator(&world).await;
    let form = format!("csrf={csrf}&from=record");
    let asked = world.post(&format!("/console/records/{record}/look-again"), &cookie, &form).await;
    let back = format!("/console/records/{record}?done=looked");
    assert_eq!(leads_to(&asked), (StatusCode::SEE_OTHER, back.as_str()));
    let entry = world.entry(1, record).await;
    assert!(entry.hold.is_none() && entry.due.is_some() && woken(&world));
    let page = world.get(&back, &cookie).await.text();
    assert!(page.contains("The record is looked at again.") && page.contains("Waits to be written"), "{page}");
    assert!(page.contains("A person let it be looked at again"), "{page}");
}

#[tokio::test]
async fn exactly_the_list_that_was_shown_is_approved() {
    let world = world().await;
    let list = world.deleted(1, 100, 12).await;
    let (cookie, csrf) = operator(&world).await;
    let approve = async |list: &str| {
        let form = format!("csrf={csrf}&object=contacts&list={list}");
        world.post("/console/deletions/approve", &cookie, &form).await
    };
    let approval = async || world.tenant(1).deletion_approval(Object::Contacts).await.expect("read");
    let moved = approve("0123456789abcdef").await;
    assert_eq!((moved.status, approval().await), (StatusCode::CONFLICT, None));
    assert!(world.get("/console/waiting", &cookie).await.body.contains(&format!("value=\"{list}\"")));
    let approved = approve(&list).await;
    assert_eq!(leads_to(&approved), (StatusCode::SEE_OTHER, "/console/waiting?done=deletions"));
    let kept = approval().await.expect("kept");
    assert_eq!((kept.list.as_str(), kept.by.as_str()), (list.as_str(), "ana-1@example.com"));
    assert!(woken(&world));
    let page = world.get("/console/waiting", &cookie).await;
    assert!(page.text().contains("A person approved this list") && !page.body.contains("/deletions/approve\""));
}

#[tokio::test]
async fn a_deleted_record_is_taken_back() {
    let world = world().await;
    world.deleted(1, 100, 1).await;
    let record = id(1, 100);
    let (cookie, csrf) = operator(&world).await;
    let page = world.get(&format!("/console/records/{record}"), &cookie).await;
    assert!(page.text().contains("Being deleted") && page.body.contains("id=\"restore\""));
    let form = format!("csrf={csrf}&from=record");
    let restored = world.post(&format!("/console/records/{record}/restore"), &cookie, &form).await;
    let back = format!("/console/records/{record}?done=restored");
    assert_eq!(leads_to(&restored), (StatusCode::SEE_OTHER, back.as_str()));
    let entry = world.entry(1, record).await;
    assert!(entry.crm_deleted_at.is_none() && entry.due.is_some() && woken(&world));
    let page = world.get(&back, &cookie).await;
    assert!(page.text().contains("The record is back.") && !page.body.contains("id=\"restore\""));

    world.deleted(1, 200, 1).await;
    world.advance(31 * 86_400);
    let (cookie, csrf) = operator_again(&world).await;
    let late = format!("/console/records/{}", id(1, 200));
    assert!(world.get(&late, &cookie).await.text().contains("Its 30 days are over"));
    let refused = world.post(&format!("{late}/restore"), &cookie, &format!("csrf={csrf}&from=record")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(world.entry(1, id(1, 200)).await.crm_deleted_at.is_some());
}

/// Signs in once more, after the first session's time.
async fn operator_again(world: &World) -> (String, String) {
    let year_2100 = jiff::Timestamp::from_second(4_102_444_800).expect("a time");
    let code = crate::support::issue_link(&world.table, 1, 77, "operator", year_2100).await;
    let cookie = world.post("/console/enter", "", &format!("code={code}")).await.cookie();
    let csrf = world.get("/console/waiting", &cookie).await.csrf();
    (cookie, csrf)
}

/// Every form of the pages about both sides: where it goes, who may send it, what it says.
fn forms() -> Vec<(String, Permission, String)> {
    let record = id(1, 7);
    let over = run(1, domain::RunState::Succeeded).id;
    vec![
        (
            format!("/console/records/{record}/settle"),
            Permission::LogsResolve,
            "from=waiting&piece=name&winner=crm".to_owned(),
        ),
        (
            format!("/console/records/{record}/settle-match"),
            Permission::LogsResolve,
            "from=record&revision=1&link=7".to_owned(),
        ),
        (format!("/console/records/{record}/look-again"), Permission::LogsResolve, "from=record".to_owned()),
        (format!("/console/records/{record}/restore"), Permission::Sync, "from=record".to_owned()),
        (
            "/console/deletions/approve".to_owned(),
            Permission::LogsResolve,
            "object=contacts&list=0123456789abcdef".to_owned(),
        ),
        ("/console/plans".to_owned(), Permission::Sync, String::new()),
        (format!("/console/plans/{PLAN}/approve"), Permission::Configure, "hash=x".to_owned()),
        ("/console/settings".to_owned(), Permission::Configure, "version=1".to_owned()),
        ("/console/settings/read-only".to_owned(), Permission::Configure, "version=1&read_only=false".to_owned()),
        (format!("/console/runs/{over}/undo"), Permission::Sync, String::new()),
    ]
}

#[tokio::test]
async fn a_form_without_the_token_of_its_session_does_nothing() {
    let world = world().await;
    let record = world.conflict(1, 7, "Ana", "Anica").await;
    world.made_plan(1, "Ana").await;
    let before = world.entry(1, record).await;
    let (cookie, other) = (world.sign_in(1, Role::Administrator).await, world.sign_in(1, Role::Operator).await);
    let of_the_other = world.get("/console/waiting", &other).await.csrf();
    for (path, _, fields) in forms() {
        for csrf in ["", "x", of_the_other.as_str()] {
            let page = world.post(&path, &cookie, &format!("csrf={csrf}&{fields}")).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
            assert!(page.text().contains("form_not_genuine"), "{path}: {}", page.text());
        }
        assert_eq!(world.post(&path, &cookie, &fields).await.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(world.post(&path, "", &fields).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(world.entry(1, record).await, before);
    assert_eq!(app::twoway::edit::settings(&world.tenant(1)).await.expect("read"), Settings::standard());
    assert_eq!(world.tenant(1).plans(10).await.expect("read").len(), 2, "the plan and what it says");
    assert!(world.queue.receive(10).is_empty());
}

#[tokio::test]
async fn who_may_not_do_a_thing_is_refused_with_the_permission_that_it_needs() {
    let world = world().await;
    let record = world.conflict(1, 7, "Ana", "Anica").await;
    world.made_plan(1, "Ana").await;
    let before = world.entry(1, record).await;
    for role in Role::ALL {
        let cookie = world.sign_in(1, role).await;
        let csrf = world.get("/console/waiting", &cookie).await.csrf();
        for (path, permission, fields) in forms() {
            if !allows(role, permission) {
                let page = world.post(&path, &cookie, &format!("csrf={csrf}&{fields}")).await;
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{role} {path}");
                assert!(page.text().contains(permission.name()), "{role} {path}: {}", page.text());
            }
        }
    }
    assert_eq!(world.entry(1, record).await, before);
    assert!(world.queue.receive(10).is_empty());
}
