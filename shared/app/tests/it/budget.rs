//! The day's budget of calls: the schedule stops when it is used up, what people ask for goes on.

use app::work::{Outcome, work};
use cloud::Work;
use domain::{DayCalls, Mode, Object, RunState, Settings, Trigger};
use jiff::SignedDuration;
use serde_json::json;

use crate::world::{LONG, World, succeeded};

impl World {
    async fn all_calls(&self) -> u64 {
        let counts = self.control(reqwest::Method::GET, "/journal/counts", json!({})).await;
        counts["calls"].as_object().expect("calls").values().filter_map(serde_json::Value::as_u64).sum()
    }

    /// All calls that the lease has counted today.
    async fn counted(&self, n: usize) -> u32 {
        let view = self.tenant(n).lease_view().await.expect("the table").expect("a lease");
        DayCalls::on(view.calls, self.clock.now())
    }

    async fn budget(&self, n: usize, calls_a_day: u32) {
        let tenant = self.tenant(n);
        let found = tenant.settings().await.expect("the table");
        let expected = found.as_ref().map_or(0, |s| s.version);
        let now = found.unwrap_or_else(Settings::standard);
        let next = Settings { version: now.version + 1, calls_a_day, ..now };
        tenant.replace_settings_if(expected, &next).await.expect("ours");
    }
}

#[tokio::test]
async fn every_call_of_a_worker_is_counted_on_its_day() {
    let w = World::new(31).await;
    w.connected(0, 0).await;
    let (counted, calls) = (w.counted(0).await, w.all_calls().await);
    // What connecting asked was asked by a person.
    assert!(u64::from(counted) <= calls && calls - u64::from(counted) <= 5, "{counted} of {calls}");
    w.full_run(0).await;
    assert_eq!(u64::from(w.counted(0).await - counted), w.all_calls().await - calls);
    w.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(w.counted(0).await, 0);
}

#[tokio::test]
async fn a_schedule_that_has_used_up_its_day_waits_for_the_next_while_people_do_not() {
    let w = World::new(32).await;
    w.connected(0, 0).await;
    let tenant = w.tenant(0);
    // 10:00 of the next day, so that a whole sweep is due and the day is young.
    w.clock.advance(SignedDuration::from_hours(24));
    let before = w.all_calls().await;
    w.budget(0, 12).await;
    for _ in 0..20 {
        let outcome = work(&w.services, &tenant, &Work::Due, LONG).await.expect("a slice");
        if outcome == Outcome::Done {
            break;
        }
    }
    let spent = w.all_calls().await - before;
    // A read is one call or a bundle of lookups; the last one may pass the line.
    assert!((12..12 + 30).contains(&spent), "{spent}");
    // The schedule comes again and again and asks nothing.
    for _ in 0..5 {
        w.clock.advance(SignedDuration::from_mins(15));
        assert_eq!(work(&w.services, &tenant, &Work::Due, LONG).await.expect("a slice"), Outcome::Done);
    }
    assert_eq!(w.all_calls().await - before, spent);
    // A person's run is done at once, with what the schedule left unfinished.
    let run = app::runs::request(&w.services, &tenant, Mode::Full, Trigger::Request, &[Object::Products]);
    let run = run.await.expect("a run");
    assert_eq!(work(&w.services, &tenant, &Work::Run(run.id), LONG).await.expect("a slice"), Outcome::Done);
    let run = tenant.run(run.id).await.expect("the table").expect("a run");
    assert_eq!(run.state, RunState::Succeeded);
    // The next day has a budget of its own.
    w.budget(0, 25_000).await;
    w.clock.advance(SignedDuration::from_hours(24));
    let before = w.all_calls().await;
    assert_eq!(work(&w.services, &tenant, &Work::Due, LONG).await.expect("a slice"), Outcome::Done);
    assert!(w.all_calls().await > before);
    succeeded(&w.full_run(0).await);
    assert_eq!(w.table_counts(0).await, w.erp_counts(0).await);
}
