//! One-time links and sessions.

use store::{ConsoleLink, Session, StoreError};

use crate::support::{at, table, tenant};

const CODE: [u8; 32] = [9; 32];

#[tokio::test]
async fn a_link_lets_in_once() {
    let t = tenant(&table().await, 1);
    let link = ConsoleLink { subject: "ana".to_owned(), role: "admin".to_owned(), expires: at(60) };
    t.create_link(&CODE, &link).await.expect("made");
    assert_eq!(t.create_link(&CODE, &link).await, Err(StoreError::Conflict));
    assert_eq!(t.redeem_link(&[8; 32], at(1)).await, Ok(None));
    assert_eq!(t.redeem_link(&CODE, at(1)).await, Ok(Some(link)));
    assert_eq!(t.redeem_link(&CODE, at(1)).await, Ok(None));
}

#[tokio::test]
async fn a_link_whose_time_is_over_lets_nobody_in() {
    let t = tenant(&table().await, 1);
    let link = ConsoleLink { subject: "ana".to_owned(), role: "admin".to_owned(), expires: at(60) };
    t.create_link(&CODE, &link).await.expect("made");
    assert_eq!(t.redeem_link(&CODE, at(60)).await, Ok(None));
}

#[tokio::test]
async fn a_session_lasts_until_its_end_or_its_deletion() {
    let t = tenant(&table().await, 1);
    let session = Session { subject: "ana".to_owned(), role: "admin".to_owned(), expires: at(60) };
    t.create_session(&CODE, &session).await.expect("made");
    assert_eq!(t.session(&CODE, at(59)).await, Ok(Some(session.clone())));
    assert_eq!(t.session(&CODE, at(60)).await, Ok(None));
    t.delete_session(&CODE).await.expect("ended");
    assert_eq!(t.session(&CODE, at(0)).await, Ok(None));
    t.delete_session(&CODE).await.expect("ended before");
}
