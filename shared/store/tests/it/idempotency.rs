//! Repeated requests.

use store::{Begun, IdempotencyToken, StoreError, Tenant};

use crate::support::{at, metered, table, tenant};

const BODY: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

async fn fresh(t: &Tenant, second: i64) -> IdempotencyToken {
    match t.begin("key", &BODY, at(second)).await.expect("begun") {
        Begun::Fresh { token } => token,
        other => panic!("not fresh: {other:?}"),
    }
}

#[tokio::test]
async fn a_request_runs_once_and_is_then_replayed() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let token = fresh(&t, 0).await;
    assert_eq!(t.begin("key", &BODY, at(1)).await, Ok(Begun::Running));
    assert_eq!(t.begin("key", &OTHER, at(1)).await, Ok(Begun::OtherBody));
    assert!(matches!(t.begin("key2", &OTHER, at(1)).await, Ok(Begun::Fresh { .. })));
    let body = b"{\"id\":1}".repeat(200);
    t.finish(&token, 202, "application/json", &body).await.expect("kept");
    meter.take();
    let content_type = "application/json".to_owned();
    let replay = Begun::Replay { status: 202, content_type, body };
    assert_eq!(t.begin("key", &BODY, at(100)).await, Ok(replay));
    assert_eq!(meter.take().all_requests(), 1);
    assert_eq!(t.begin("key", &OTHER, at(100)).await, Ok(Begun::OtherBody));
}

#[tokio::test]
async fn a_request_that_never_ended_may_be_taken_over_after_a_minute() {
    let t = tenant(&table().await, 1);
    let lost = fresh(&t, 0).await;
    assert_eq!(t.begin("key", &BODY, at(59)).await, Ok(Begun::Running));
    assert_eq!(t.begin("key", &OTHER, at(60)).await, Ok(Begun::OtherBody));
    let token = fresh(&t, 60).await;
    assert_eq!(t.finish(&lost, 200, "text/plain", b"late").await, Err(StoreError::Conflict));
    t.finish(&token, 200, "text/plain", b"ok").await.expect("kept");
}

#[tokio::test]
async fn an_abandoned_request_is_fresh_again_and_a_finished_one_cannot_be_abandoned() {
    let t = tenant(&table().await, 1);
    let token = fresh(&t, 0).await;
    t.abandon(&token).await.expect("abandoned");
    t.abandon(&token).await.expect("abandoned before");
    let token = fresh(&t, 1).await;
    t.finish(&token, 204, "text/plain", b"").await.expect("kept");
    t.abandon(&token).await.expect("nothing happens");
    let again = t.begin("key", &BODY, at(2)).await.expect("begun");
    assert!(matches!(again, Begun::Replay { status: 204, .. }), "{again:?}");
}

#[tokio::test]
async fn an_answer_is_forgotten_after_a_day_even_if_its_row_is_still_there() {
    let t = tenant(&table().await, 1);
    let token = fresh(&t, 0).await;
    t.finish(&token, 204, "text/plain", b"").await.expect("kept");
    fresh(&t, 24 * 3_600).await;
}
