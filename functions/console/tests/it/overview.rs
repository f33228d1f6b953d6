//! What the overview shows, in which form, to whom.

use axum::{
    body::Body,
    http::{Request, StatusCode, header::COOKIE},
};
use domain::{Object, RunState};
use runtime::Role;
use sync::{Pass, PassKind, SyncState, machine::Active};

use crate::support::{World, parked, read_before, run};

async fn world_with_data() -> World {
    let world = World::new().await;
    world.connect(1).await;
    let pages = [(Object::Products, 500), (Object::Orders, 1_200)];
    let parked = vec![parked(41, "not a number: <script>alert(1)</script>")];
    world.commit(1, &run(1, RunState::Failed), &pages, parked, &read_before()).await;
    world.commit(1, &run(2, RunState::Succeeded), &[], Vec::new(), &read_before()).await;
    world
}

#[tokio::test]
async fn the_overview_shows_connection_status_runs_and_parked_records_in_both_languages() {
    let world = world_with_data().await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let en = world.get("/console/?language=en", &cookie).await;
    assert_eq!(en.status, StatusCode::OK);
    for text in [
        "Connected",
        "1601",
        "https://hooks.example/w/whe_00000000000000000000000000000001",
        "Records 1,700",
        "Last success 24 Nov 2026, 10:05",
        "Next due 24 Nov 2026, 10:19",
        "Orders Up to date 1,200 24 Nov 2026, 09:35 24 Nov 2026, 10:04 24 Nov 2026, 10:19",
        "Metakocka is not available",
        "product_list[3].amount",
        "Sync now",
        "Schedule: changes 1 min 0 s 1,234 30 0 1,204 0 0",
    ] {
        assert!(en.text().contains(text), "{text}\n{}", en.text());
    }
    let sl = world.get("/console/?language=sl", &cookie).await;
    for text in [
        "Povezano",
        "Zapisi 1.700",
        "Zadnja uspešna 24. 11. 2026, 10:05",
        "Naročila Usklajeno 1.200 24. 11. 2026, 09:35",
        "Metakocka trenutno ne deluje",
        "Sinhroniziraj zdaj",
        "Urnik: spremembe 1 min 0 s 1.234 30 0 1.204 0 0",
    ] {
        assert!(sl.text().contains(text), "{text}\n{}", sl.text());
    }
    assert!(sl.body.contains(r#"<html lang="sl">"#) && sl.header("set-cookie").contains("crm_erp_language=sl"));
    let remembered = world.get("/console/", &format!("{cookie}; crm_erp_language=sl")).await;
    assert_eq!(remembered.header("content-language"), "sl");
}

#[tokio::test]
async fn what_the_erp_and_people_wrote_is_text_and_nothing_else() {
    let world = world_with_data().await;
    let mut connection = world.tenant(1).connection().await.expect("read").expect("connected");
    connection.company_id = r#""><img src=x onerror=alert(1)>"#.to_owned();
    world.tenant(1).replace_connection_if(connection.version, &connection).await.expect("saved");
    let cookie = world.sign_in(1, Role::Administrator).await;
    let page = world.get("/console/", &cookie).await;
    for markup in ["<script>alert", "<img src=x", "<b>Vzdrževanje"] {
        assert!(!page.body.contains(markup), "{markup}");
    }
    for shown in ["alert(1)", "onerror=alert(1)", "Vzdrževanje"] {
        assert!(page.body.contains(shown), "{shown} is shown as text");
    }
}

#[tokio::test]
async fn a_page_that_has_the_present_state_is_told_so_and_nothing_more() {
    let world = world_with_data().await;
    let cookie = world.sign_in(1, Role::Operator).await;
    let page = world.get("/console/", &cookie).await;
    let first = world.get("/console/live", &cookie).await;
    let tag = first.header("etag").to_owned();
    assert!(page.body.contains(first.body.trim()), "the page holds the same part");
    assert!(first.body.contains("every 15s") && first.body.contains(&tag.trim_matches('"').to_owned()));

    let look = async |tag: &str, language: &str| {
        let request = Request::get("/console/live").header(COOKIE, format!("{cookie}; crm_erp_language={language}"));
        world.send(request.header("if-none-match", tag).body(Body::empty()).expect("a request")).await
    };
    let same = look(&tag, "en").await;
    assert_eq!((same.status, same.body.as_str(), same.header("etag")), (StatusCode::NOT_MODIFIED, "", tag.as_str()));
    assert_eq!(look(&tag, "sl").await.status, StatusCode::OK, "another language is another page");

    let mut going = run(3, RunState::Running);
    let passes = [PassKind::Missing { object: Object::Orders }, PassKind::Missing { object: Object::Invoices }];
    let active = Active {
        settings: 0,
        run: going.clone(),
        passes: passes.into_iter().map(Pass::new).collect(),
        chunks: 0,
        reached: [].into(),
        unproven: [].into(),
        failed: [].into(),
    };
    going.finished_at = None;
    let state = SyncState { active: Some(active), ..read_before() };
    world.commit(1, &going, &[], Vec::new(), &state).await;
    let next = look(&tag, "en").await;
    assert_eq!(next.status, StatusCode::OK);
    assert!(next.body.contains("every 2s"), "a run is going on");
    assert!(next.body.contains(r#"value="1234" max="5678""#), "{}", next.body);
    assert!(next.text().contains("Sync is running: Orders. Object types done: 10 of 12."), "{}", next.text());
    assert_ne!(next.header("etag"), tag);
}

#[tokio::test]
async fn a_look_at_an_idle_tenant_costs_six_reads_and_writes_nothing() {
    let world = world_with_data().await;
    let cookie = world.sign_in(1, Role::Operator).await;
    world.get("/console/live", &cookie).await;
    world.meter.take();
    world.get("/console/live", &cookie).await;
    assert_eq!(world.meter.take().all_requests(), 6, "session, connection, state, runs, parked, sequence");
}

#[tokio::test]
async fn a_tenant_without_a_connection_is_told_what_to_do() {
    let world = World::new().await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let page = world.get("/console/", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("No company is connected yet") && !page.text().contains("Sync now"));
}

#[tokio::test]
async fn every_page_is_framed_the_same_way_and_speaks_both_languages() {
    let world = world_with_data().await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let code = crate::support::code(1, 9);
    let enter = format!("/console/enter?code={code}&");
    for (path, signed_in, status) in [
        ("/console/?", true, 200),
        ("/console/?live=off&", true, 200),
        ("/console/?done=sync&", true, 200),
        ("/console/?done=nonsense&", true, 400),
        ("/console/live?", true, 200),
        ("/console/left?", false, 200),
        (enter.as_str(), false, 200),
        ("/console/enter?", false, 410),
        ("/console/?", false, 401),
        ("/console/nowhere?", true, 404),
        ("/console/runs?", true, 405),
    ] {
        let mut texts = Vec::new();
        for language in ["sl", "en"] {
            let page = world.get(&format!("{path}language={language}"), if signed_in { &cookie } else { "" }).await;
            assert_eq!(page.status.as_u16(), status, "{path}");
            let policy = page.header("content-security-policy").to_owned();
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
            assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
            assert_eq!(page.header("content-language"), language, "{path}");
            assert!(page.header("content-type").starts_with("text/html"), "{path}");
            for inline in ["style=\"", "onclick", "javascript:", "hx-on"] {
                assert!(!page.body.contains(inline), "{path}: {inline}");
            }
            texts.push(page.text());
        }
        assert_ne!(texts[0], texts[1], "{path}");
    }
    let moved = world.get("/console", "").await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (308, "/console/"));
}

#[tokio::test]
async fn a_page_that_does_not_refresh_asks_for_nothing() {
    let world = world_with_data().await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let page = world.get("/console/?live=off", &cookie).await;
    assert!(!page.body.contains("hx-get") && !page.body.contains("http-equiv"));
    let live = world.get("/console/", &cookie).await;
    assert!(live.body.contains(r#"<noscript><meta http-equiv="refresh" content="15"></noscript>"#));
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_the_hash_of_their_content() {
    let world = world_with_data().await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let page = world.get("/console/", &cookie).await;
    let addresses: Vec<&str> = page.body.split('"').filter(|part| part.starts_with("/console/assets/")).collect();
    assert!(addresses.len() >= 5, "{addresses:?}");
    for address in addresses {
        let asset = world.get(address, "").await;
        assert_eq!(
            (asset.status, asset.header("cache-control")),
            (StatusCode::OK, "public, max-age=31536000, immutable")
        );
        assert!(asset.headers.get("set-cookie").is_none() && !asset.body.is_empty(), "{address}");
    }
    assert_eq!(world.get("/console/assets/htmx-0000000000000000.js", "").await.status, StatusCode::NOT_FOUND);
}
