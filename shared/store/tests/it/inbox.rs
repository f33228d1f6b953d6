//! Webhook events.

use store::metering::Entity;
use store::{Commit, InboxEvent, MAX_EVENT_ID, Received, StoreError};

use crate::support::{at, lease, metered, noise, table, tenant};

pub(crate) fn event(id: &str, second: i64, body: &[u8]) -> InboxEvent {
    InboxEvent {
        event_id: id.to_owned(),
        body_sha256: [u8::try_from(body.len() % 256).expect("a byte"); 32],
        event: "stock".to_owned(),
        received_at: at(second),
        body: body.to_vec(),
    }
}

#[tokio::test]
async fn an_event_is_kept_by_exactly_one_put_whether_new_or_not() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    assert_eq!(t.receive(&event("e1", 0, b"{}")).await, Ok(Received::New));
    let tally = meter.take();
    assert_eq!((tally.requests_of("PutItem"), tally.all_requests()), (1, 1));
    assert_eq!(tally.written(Entity::Inbox), 1);
    assert_eq!(t.receive(&event("e1", 9, b"{}")).await, Ok(Received::Duplicate));
    let tally = meter.take();
    assert_eq!((tally.all_requests(), tally.all_written()), (1, 0));
}

#[tokio::test]
async fn the_same_id_with_another_body_is_another_event() {
    let t = tenant(&table().await, 1);
    assert_eq!(t.receive(&event("e1", 0, b"{}")).await, Ok(Received::New));
    assert_eq!(t.receive(&event("e1", 0, b"[1]")).await, Ok(Received::New));
}

#[tokio::test]
async fn pending_events_come_oldest_first_and_leave_when_a_commit_says_they_are_done() {
    let t = tenant(&table().await, 1);
    for (id, second) in [("b", 2), ("c", 3), ("a", 1)] {
        t.receive(&event(id, second, &b"x".repeat(5_000))).await.expect("kept");
    }
    let keys = t.pending_inbox(10).await.expect("a read");
    let rows = t.inbox_events(&keys).await.expect("a read");
    let ids: Vec<&str> = rows.iter().map(|r| r.event.event_id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert!(rows.iter().all(|r| r.done_at.is_none() && r.event.body.len() == 5_000));
    assert_eq!(t.pending_inbox(2).await.expect("a read"), keys[..2]);

    let lease = lease(&t, "w", 5).await;
    let mut commit = Commit::new(&lease);
    commit.inbox_done = keys[..2].to_vec();
    t.commit(&commit, at(6)).await.expect("a commit");
    assert_eq!(t.pending_inbox(10).await.expect("a read"), keys[2..]);
    let rows = t.inbox_events(&keys).await.expect("a read");
    let done: Vec<_> = rows.iter().map(|r| r.done_at).collect();
    assert_eq!(done, [Some(at(6)), Some(at(6)), None]);
    assert_eq!(t.receive(&event("a", 7, &b"x".repeat(5_000))).await, Ok(Received::Duplicate));
}

#[tokio::test]
async fn an_event_that_expired_before_it_was_done_does_not_stop_the_commit() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    commit.inbox_done = vec![t.inbox_key_of(&event("gone", 0, b"{}"))];
    t.commit(&commit, at(1)).await.expect("a commit");
    assert_eq!(t.pending_inbox(10).await, Ok(vec![]));
}

#[tokio::test]
async fn a_key_survives_as_text_and_other_text_is_refused() {
    let t = tenant(&table().await, 1);
    let key = t.inbox_key_of(&event("a#b", 0, b"{}"));
    assert_eq!(t.inbox_key(key.as_str()), Ok(key));
    for bad in ["", "a", "a#b", &format!("a#{}", "g".repeat(64))] {
        assert_eq!(t.inbox_key(bad), Err(StoreError::Corrupt { what: "inbox key" }), "{bad}");
    }
}

#[tokio::test]
async fn what_no_row_can_hold_is_refused_before_it_is_sent() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let long = event(&"i".repeat(MAX_EVENT_ID + 1), 0, b"{}");
    assert_eq!(t.receive(&long).await, Err(StoreError::TooLarge));
    let big = event("e", 0, &vec![0; (1 << 20) + 1]);
    assert_eq!(t.receive(&big).await, Err(StoreError::TooLarge));
    let noise = noise(1, 900_000).into_bytes();
    assert_eq!(t.receive(&event("e", 0, &noise)).await, Err(StoreError::TooLarge));
    assert_eq!(meter.take().all_requests(), 0);
}
