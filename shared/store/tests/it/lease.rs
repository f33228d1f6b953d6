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
    assert_eq!(t.lease_view().await, Ok(Some(LeaseView { calls: None, epoch: 2, held: None, slowed: None })));
    assert_eq!(lease(&t, "c", 91).await.epoch, 3);
}

#[tokio::test]
async fn the_calls_of_a_day_are_noted_when_the_lease_is_given_back() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let mut first = lease(&t, "a", 0).await;
    assert_eq!(first.calls, None);
    let calls = domain::DayCalls { day: jiff::civil::date(2026, 3, 10), calls: 40 };
    first.calls = Some(calls);
    meter.take();
    t.release_lease(&first).await.expect("ours");
    assert_eq!(meter.take().all_requests(), 1);
    let view = t.lease_view().await.expect("a read").expect("a row");
    assert_eq!((view.calls, view.held), (Some(calls), None));
    let second = lease(&t, "b", 10).await;
    assert_eq!(second.calls, Some(calls));
    // One that lost the lease writes nothing over what its successor counts.
    first.calls = Some(domain::DayCalls { calls: 1, ..calls });
    assert_eq!(t.release_lease(&first).await, Err(StoreError::Fenced));
    assert_eq!(t.lease_view().await.expect("a read").expect("a row").calls, Some(calls));
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

#[tokio::test]
async fn a_company_without_quota_has_no_worker_before_its_time_and_tells_how_long_it_waited() {
    let t = tenant(&table().await, 1);
    let lease = t.acquire_lease("a", at(0), TTL).await.expect("free");
    assert_eq!(lease.slowed_s, 0);
    t.release_lease(&lease).await.expect("held");
    t.slow_down(&lease, at(120), 120).await.expect("the table");
    assert_eq!(t.acquire_lease("b", at(119), TTL).await, Err(LeaseError::Held { until: at(120) }));
    let next = t.acquire_lease("b", at(120), TTL).await.expect("its time has come");
    assert_eq!(next.slowed_s, 120);
    t.speed_up(&lease).await.expect("not the last holder: nothing happens");
    t.slow_down(&lease, at(900), 900).await.expect("not the last holder: nothing happens");
    t.release_lease(&next).await.expect("held");
    t.speed_up(&next).await.expect("the table");
    assert_eq!(t.acquire_lease("c", at(121), TTL).await.expect("free").slowed_s, 0);
}

#[tokio::test]
async fn a_wait_from_a_clock_that_was_a_day_ahead_holds_nobody() {
    let t = tenant(&table().await, 1);
    let lease = t.acquire_lease("a", at(0), TTL).await.expect("free");
    t.release_lease(&lease).await.expect("held");
    t.slow_down(&lease, at(86_400), 60).await.expect("the table");
    t.acquire_lease("b", at(1), TTL).await.expect("nobody waits for so long");
}
