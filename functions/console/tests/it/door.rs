//! Coming in and leaving.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use runtime::Role;

use crate::support::{World, at, issue_link, log_lines};

#[tokio::test]
async fn a_link_opens_the_console_once_and_only_by_the_button() {
    let world = World::new().await;
    let code = issue_link(&world.table, 1, 1, "administrator", at(900)).await;

    for _ in 0..3 {
        let asked = world.get(&format!("/console/enter?code={code}"), "").await;
        assert_eq!(asked.status, StatusCode::OK, "a look at the link does not use it");
        assert!(asked.body.contains(&format!(r#"name="code" value="{code}""#)) && !asked.body.contains("<script"));
    }
    let entered = world.post("/console/enter", "", &format!("code={code}")).await;
    assert_eq!((entered.status, entered.header("location")), (StatusCode::SEE_OTHER, "/console/"));
    let cookie = entered.header("set-cookie");
    for part in ["Path=/console", "HttpOnly", "SameSite=", "Secure"] {
        assert!(cookie.contains(part), "{part}");
    }
    assert_eq!(world.get("/console/", &entered.cookie()).await.status, StatusCode::OK);

    let again = world.post("/console/enter", "", &format!("code={code}")).await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(again.text().contains("This link no longer works") && again.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn a_link_that_is_too_old_or_none_leads_to_a_page_that_says_so() {
    let world = World::new().await;
    let code = issue_link(&world.table, 1, 1, "administrator", at(900)).await;
    world.advance(900);
    let old = world.post("/console/enter", "", &format!("code={code}")).await;
    assert_eq!(old.status, StatusCode::GONE);
    for address in ["/console/enter", "/console/enter?code=", "/console/enter?code=%3Cscript%3E"] {
        let none = world.get(address, "").await;
        assert_eq!(none.status, StatusCode::GONE, "{address}");
        assert!(!none.body.contains("<script>"), "{address}");
    }
    let unknown = world.post("/console/enter", "", "code=t_1.abc").await;
    assert_eq!(unknown.status, StatusCode::GONE);
}

#[tokio::test]
async fn another_site_cannot_use_a_link_for_its_visitor() {
    let world = World::new().await;
    let code = issue_link(&world.table, 1, 1, "administrator", at(900)).await;
    let request = Request::post("/console/enter")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(format!("code={code}")))
        .expect("a request");
    assert_eq!(world.send(request).await.status, StatusCode::FORBIDDEN);
    let own = world.post("/console/enter", "", &format!("code={code}")).await;
    assert_eq!(own.status, StatusCode::SEE_OTHER, "the link is still good");
}

#[tokio::test]
async fn without_a_session_every_page_says_how_to_get_one() {
    let world = World::new().await;
    for cookie in
        ["", "crm_erp_session=x", "crm_erp_session=t_00000000000000000001.0000000000000000000000000000000000000000000"]
    {
        for path in ["/console/", "/console/live"] {
            let page = world.get(path, cookie).await;
            assert_eq!(page.status, StatusCode::UNAUTHORIZED);
            assert!(page.text().contains("Open a new sign-in link"), "{}", page.body);
        }
        for path in ["/console/runs", "/console/connection/pause", "/console/connection/resume", "/console/leave"] {
            let page = world.post(path, cookie, "csrf=x&mode=full&version=1").await;
            assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
    let request = Request::get("/console/live").header("hx-request", "true").body(Body::empty()).expect("a request");
    assert_eq!(world.send(request).await.header("hx-refresh"), "true", "the page around it is loaded again");
}

#[tokio::test]
async fn a_session_ends_by_leaving_and_by_its_time() {
    let world = World::new().await;
    let cookie = world.sign_in(1, Role::Support).await;
    let csrf = world.get("/console/", &cookie).await.csrf();
    assert_eq!(world.post("/console/leave", &cookie, "csrf=x").await.status, StatusCode::FORBIDDEN);
    let left = world.post("/console/leave", &cookie, &format!("csrf={csrf}")).await;
    assert_eq!((left.status, left.header("location")), (StatusCode::SEE_OTHER, "/console/left"));
    assert!(left.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(world.get("/console/", &cookie).await.status, StatusCode::UNAUTHORIZED);
    assert!(world.get("/console/left", "").await.text().contains("Signed out"));

    let other = world.sign_in(1, Role::Operator).await;
    world.advance(24 * 3_600);
    assert_eq!(world.get("/console/", &other).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn no_log_line_holds_a_code_a_session_or_a_person() {
    let world = World::new().await;
    world.connect(1).await;
    let code = issue_link(&world.table, 1, 1, "administrator", at(900)).await;
    world.get(&format!("/console/enter?code={code}"), "").await;
    let cookie = world.post("/console/enter", "", &format!("code={code}")).await.cookie();
    let csrf = world.get("/console/", &cookie).await.csrf();
    world.post("/console/enter", "", &format!("code={code}")).await;
    world.post("/console/runs", &cookie, &format!("csrf={csrf}&mode=changes")).await;
    world.post("/console/leave", &cookie, &format!("csrf={csrf}")).await;

    let lines = log_lines();
    let text: String = lines.iter().filter(|l| !l.contains("\"target\":\"aws_")).cloned().collect();
    assert!(text.contains("/console/enter"), "the log is there");
    let (_, secret) = cookie.split_once('=').expect("a pair");
    for hidden in [code.as_str(), secret, csrf.as_str(), "ana-1@example.com"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}
