//! The console's door: a link works once, a session until it is over, and neither for another tenant.

use http::{HeaderMap, HeaderValue, header::COOKIE};
use runtime::{ConsoleDoor, Problem, Role, auth::SESSION_COOKIE};

use crate::support::{Crm, table, tenant_id};

fn with_cookie(set: &HeaderValue) -> HeaderMap {
    let pair = set.to_str().expect("text").split(';').next().expect("a pair").to_owned();
    [(COOKIE, pair.parse().expect("a header"))].into_iter().collect()
}

#[tokio::test]
async fn a_link_works_once_and_opens_a_session_that_ends() {
    let crm = Crm::start().await;
    let door = ConsoleDoor::new(table().await.0, crm.hand.clock(), true);
    let link = door.issue_link(&crm.caller(1, "accountant").await).await.expect("a link");
    let entered = door.redeem(&link).await.expect("in");
    assert_eq!((entered.person.caller.tenant().id(), entered.person.role), (&tenant_id(1), Role::Accountant));
    let again = Problem::from(door.redeem(&link).await.expect_err("used"));
    assert_eq!(again.code().name(), "link_invalid");

    let headers = with_cookie(&entered.cookie);
    let person = door.verify(&headers).await.expect("signed in");
    assert_eq!((person.caller.subject(), person.role), ("user-1", Role::Accountant));
    crm.hand.advance(12 * 3_600);
    let over = Problem::from(door.verify(&headers).await.expect_err("over"));
    assert_eq!(over.code().name(), "unauthorized");
}

#[tokio::test]
async fn an_old_link_lets_nobody_in() {
    let crm = Crm::start().await;
    let door = ConsoleDoor::new(table().await.0, crm.hand.clock(), true);
    let link = door.issue_link(&crm.caller(1, "support").await).await.expect("a link");
    crm.hand.advance(15 * 60);
    door.redeem(&link).await.expect_err("too old");
}

#[tokio::test]
async fn the_secret_of_one_tenant_opens_nothing_of_another() {
    let crm = Crm::start().await;
    let door = ConsoleDoor::new(table().await.0, crm.hand.clock(), false);
    let swap = |text: &str| text.replace(tenant_id(1).as_str(), tenant_id(2).as_str());
    let link = door.issue_link(&crm.caller(1, "administrator").await).await.expect("a link");
    door.redeem(&swap(&link)).await.expect_err("another tenant");
    let entered = door.redeem(&link).await.expect("in");
    let swapped: HeaderValue = swap(entered.cookie.to_str().expect("text")).parse().expect("a header");
    door.verify(&with_cookie(&swapped)).await.expect_err("another tenant");

    let headers = with_cookie(&entered.cookie);
    door.verify(&headers).await.expect("signed in");
    let forget = door.leave(&headers).await.expect("signed out");
    assert!(forget.to_str().expect("text").starts_with(&format!("{SESSION_COOKIE}=;")));
    door.verify(&headers).await.expect_err("signed out");
}
