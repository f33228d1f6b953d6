//! The lease and the search slot.

use jiff::SignedDuration;
use store::{ClaimError, LeaseError, LeaseView, StoreError};

use crate::support::{TTL, at, lease, metered, table, tenant};

#[tokio::test]
async fn a_lease_has_one_holder_until_its_end_and_the_epoch_only_grows() {
    let t = tenant(&table().await, 1);
    assert_eq!(t.lease_view().await, Ok(None));
    let first = lease(&t, "a", 0).await;
    assert_eq!((first.epoch, first.until), (1, at(60)));
    let held = t.acquire_lease("b", at(59), TTL).await;
    assert_eq!(held, Err(LeaseError::Held { until: at(60) }));
    let second = lease(&t, "b", 60).await;
    assert_eq!(second.epoch, 2);
    assert_eq!(t.renew_lease(&first, at(61), TTL).await, Err(StoreError::Fenced));
    assert_eq!(t.release_lease(&first).await, Err(StoreError::Fenced));
    let renewed = t.renew_lease(&second, at(90), TTL).await.expect("still ours");
    assert_eq!((renewed.epoch, renewed.until), (2, at(150)));
    t.release_lease(&renewed).await.expect("ours");
    assert_eq!(t.lease_view().await, Ok(Some(LeaseView { epoch: 2, held: None })));
    assert_eq!(lease(&t, "c", 91).await.epoch, 3);
}

#[tokio::test]
async fn acquiring_a_lease_is_one_request() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    lease(&t, "a", 0).await;
    let tally = meter.take();
    assert_eq!((tally.requests_of("UpdateItem"), tally.all_requests()), (1, 1));
    let _ = t.acquire_lease("b", at(0), TTL).await;
    assert_eq!(meter.take().all_requests(), 1);
}

#[tokio::test]
async fn a_released_lease_is_not_live_and_a_held_one_is_until_its_end() {
    let t = tenant(&table().await, 1);
    lease(&t, "a", 0).await;
    let view = t.lease_view().await.expect("a read").expect("a row");
    assert!(view.is_live(at(59)) && !view.is_live(at(60)));
}

#[tokio::test]
async fn an_interactive_call_claims_the_slot_and_the_worker_stands_aside() {
    let t = tenant(&table().await, 1);
    let worker = lease(&t, "w", 0).await;
    assert_eq!(t.search_claim().await, Ok(None));

    let short = SignedDuration::from_secs(10);
    t.claim_search("call-1", at(1), short).await.expect("free");
    assert!(t.lease_view().await.expect("a read").expect("a row").is_live(at(1)));
    let held = t.claim_search("call-2", at(2), short).await;
    assert_eq!(held, Err(ClaimError::Held { until: at(11) }));

    let seen = t.search_claim().await.expect("a read").expect("a claim");
    assert!(seen.is_live(at(2)) && !seen.yielded);
    assert_eq!(t.yield_search(&worker, &seen.who).await, Ok(true));
    let yielded = t.search_claim().await.expect("a read").expect("a claim");
    assert!(yielded.yielded);
    let longer = t.claim_search("call-1", at(5), short).await.expect("its own");
    assert!(longer.yielded && longer.until == at(15), "{longer:?}");

    t.release_search("call-2").await.expect("not theirs: nothing happens");
    assert!(t.search_claim().await.expect("a read").is_some());
    t.release_search("call-1").await.expect("theirs");
    assert_eq!(t.search_claim().await, Ok(None));
    assert_eq!(t.yield_search(&worker, "call-1").await, Ok(false));
}

#[tokio::test]
async fn a_claim_that_is_over_may_be_taken_and_starts_without_a_yield() {
    let t = tenant(&table().await, 1);
    let worker = lease(&t, "w", 0).await;
    let short = SignedDuration::from_secs(10);
    t.claim_search("call-1", at(0), short).await.expect("free");
    t.yield_search(&worker, "call-1").await.expect("a write");
    t.claim_search("call-2", at(10), short).await.expect("over");
    let claim = t.search_claim().await.expect("a read").expect("a claim");
    assert_eq!((claim.who.as_str(), claim.yielded), ("call-2", false));
}
