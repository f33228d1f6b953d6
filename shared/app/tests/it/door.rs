//! An outage of the ERP's host: nobody knocks on, one asks whether it is back, all come back step by step, nothing is lost.

use std::collections::BTreeMap;
use std::time::Duration;

use app::connect::{ConnectError, connect};
use app::work::{Outcome, work};
use cloud::{Queue as _, Work, WorkMessage};
use domain::{Mode, Object, RunState, Trigger};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::metering::Entity;
use sync::door::share_of;

use crate::world::{LONG, World, succeeded, tenant_id};

/// A world of connected tenants, one a company, that have nothing to do.
async fn world(tenants: usize) -> World {
    let w = World::empty(tenants).await;
    for n in 0..tenants {
        succeeded(&w.connected(n, n).await);
    }
    while let Some(one) = w.queue.receive(1).pop() {
        w.queue.delete(&one.receipt);
    }
    w.clock.advance(SignedDuration::from_mins(20));
    w
}

async fn outage(w: &World) {
    w.fault(json!({"kind": "http_status", "status": 503})).await;
}

/// How many calls the host has had.
async fn calls(w: &World) -> u64 {
    let counts = w.calls().await;
    counts["calls"].as_object().expect("counts").values().filter_map(Value::as_u64).sum()
}

/// A run that somebody asks for.
async fn asked(w: &World, n: usize) -> Work {
    let run = app::runs::request(&w.services, &w.tenant(n), Mode::Full, Trigger::Request, &[Object::Products]).await;
    Work::Run(run.expect("a run").id)
}

async fn does(w: &World, n: usize, message: &Work) -> Outcome {
    work(&w.services, &w.tenant(n), message, LONG).await.expect("a slice")
}

/// Five tenants find that the host is away; answers with when it is asked again.
async fn shuts(w: &World) -> Timestamp {
    for n in 0..5 {
        assert_eq!(app::door::away_until(&w.services, &w.erp_url).await, Ok(None), "{n}");
        let message = asked(w, n).await;
        assert_eq!(does(w, n, &message).await, Outcome::Done, "its run fails");
    }
    app::door::away_until(&w.services, &w.erp_url).await.expect("the table").expect("away")
}

fn later(outcome: Outcome) -> Option<Timestamp> {
    if let Outcome::Later { until } = outcome { Some(until) } else { None }
}

#[tokio::test]
async fn a_host_that_is_away_is_left_alone_and_one_of_two_asks_whether_it_is_back() {
    let w = world(8).await;
    outage(&w).await;
    let until = shuts(&w).await;
    assert_eq!(until.duration_since(w.clock.now()).as_secs(), 30);
    let before = calls(&w).await;
    let (six, seven) = (asked(&w, 6).await, asked(&w, 7).await);
    assert!(later(does(&w, 6, &six).await).is_some_and(|at| at >= until));
    w.clock.advance(SignedDuration::from_secs(29));
    w.meter.take();
    assert!(later(does(&w, 7, &Work::Inbox("1".to_owned())).await).is_some_and(|at| at >= until));
    assert_eq!(does(&w, 7, &Work::Due).await, Outcome::Done, "the schedule comes again by itself");
    assert_eq!((calls(&w).await, w.meter.take().all_written()), (before, 0));
    let refused = connect(&w.services, &w.tenant(99), w.settings(7)).await.expect_err("it is away");
    assert!(matches!(refused, ConnectError::Shut(shut) if shut.away && shut.until == until), "{refused:?}");
    assert_eq!(calls(&w).await, before);

    w.wait_until(until);
    let both = tokio::join!(does(&w, 6, &six), does(&w, 7, &seven));
    assert_eq!(calls(&w).await, before + 1, "one probe");
    let again = app::door::away_until(&w.services, &w.erp_url).await.expect("the table").expect("away");
    assert_eq!(again.duration_since(w.clock.now()).as_secs(), 60, "twice as long");
    assert!([both.0, both.1].into_iter().all(|o| later(o).is_some()), "{both:?}");

    w.no_faults().await;
    w.wait_until(again);
    let both = tokio::join!(does(&w, 6, &six), does(&w, 7, &seven));
    assert_eq!(app::door::away_until(&w.services, &w.erp_url).await, Ok(None), "it is back: {both:?}");
    let Work::Run(id) = six else { unreachable!() };
    let run = w.tenant(6).run(id).await.expect("the table").expect("the run");
    let run = w.finish(6, &run).await;
    succeeded(&run);
}

#[tokio::test]
async fn when_it_is_back_a_few_come_at_once_and_everybody_within_ten_minutes() {
    let w = world(12).await;
    outage(&w).await;
    let until = shuts(&w).await;
    w.no_faults().await;
    let mut messages = BTreeMap::new();
    for n in 0..12 {
        messages.insert(n, asked(&w, n).await);
    }
    w.wait_until(until);
    let closed = w.clock.now();
    while !messages.is_empty() {
        let minute = w.clock.now().duration_since(closed).as_secs() / 60;
        assert!(minute <= 10, "{messages:?}");
        let admitted = u32::try_from(5 + minute * 10).expect("small");
        for (n, message) in messages.clone() {
            let outcome = does(&w, n, &message).await;
            let share = share_of(&tenant_id(n));
            match outcome {
                Outcome::Done => {
                    assert!(share < admitted, "{share} in minute {minute}");
                    messages.remove(&n);
                }
                _ => assert!(later(outcome).is_some_and(|at| at > w.clock.now()), "{outcome:?}"),
            }
            let waits = messages.contains_key(&n) && share < admitted;
            assert!(!waits || w.clock.now() == closed, "{share} in minute {minute}: {outcome:?}");
        }
        w.clock.advance(SignedDuration::from_secs(60));
    }
    for n in 0..12 {
        let last = w.tenant(n).runs(None, 1).await.expect("the table").remove(0);
        succeeded(&last);
    }
}

#[tokio::test]
async fn a_person_is_let_through_as_soon_as_it_is_back() {
    let w = world(6).await;
    outage(&w).await;
    let until = shuts(&w).await;
    w.wait_until(until);
    let settings = || app::connect::Settings { expected_version: Some(1), ..w.settings(5) };
    let still = connect(&w.services, &w.tenant(5), settings()).await.expect_err("it is away");
    assert!(matches!(still, ConnectError::Erp(e) if e.code() == "erp_unavailable"), "the person's call was the probe");
    let again = app::door::away_until(&w.services, &w.erp_url).await.expect("the table").expect("away");
    w.no_faults().await;
    w.wait_until(again);
    connect(&w.services, &w.tenant(5), settings()).await.expect("the person's call was the probe");
    assert_eq!(app::door::away_until(&w.services, &w.erp_url).await, Ok(None));
}

#[tokio::test]
async fn a_worker_without_calls_ends_its_slice_and_goes_on_where_it_was() {
    let mut w = World::new(11).await;
    let mut erp = (*w.services.erp).clone();
    erp.calls_per_second = 1;
    w.services.erp = std::sync::Arc::new(erp);
    outage(&w).await;
    // The first company's runs fail until the host is left alone.
    succeeded_later(&w).await;
    w.no_faults().await;
    let until = app::door::away_until(&w.services, &w.erp_url).await.expect("the table").expect("away");
    w.wait_until(until);
    let run = w.connect(0, 0).await.first_run.expect("a first run");
    let closed = w.clock.now();
    // Beyond the ramp, within the hour.
    w.clock.advance(SignedDuration::from_mins(10));
    w.control(reqwest::Method::DELETE, "/journal", json!({})).await;
    let (mut slices, message) = (1, Work::Run(run.id));
    while let Some(until) = later(does(&w, 0, &message).await) {
        slices += 1;
        assert!(until > w.clock.now() && slices < 200);
        let held = w.tenant(0).lease_view().await.expect("the table").and_then(|l| l.held);
        assert_eq!(held, None, "nobody is kept waiting for a lease");
        w.wait_until(until);
    }
    let run = w.tenant(0).run(run.id).await.expect("the table").expect("the run");
    succeeded(&run);
    assert_eq!(w.table_counts(0).await, w.erp_counts(0).await);
    for (object, count) in w.erp_counts(0).await {
        assert_eq!((run.counts[&object].read, run.counts[&object].created), (count, count), "{object}");
    }
    let took = w.clock.now().duration_since(closed + SignedDuration::from_mins(10)).as_secs();
    let made = calls(&w).await;
    println!("{made} calls in {slices} slices and {took} seconds, at one a second and 40 at once");
    assert!(slices > 3 && made <= u64::try_from(took).expect("forward") + 40 + 20, "{made} in {took} s");
}

/// Two tenants of the second company find that the host is away.
async fn succeeded_later(w: &World) {
    for n in 0..5 {
        let refused = connect(&w.services, &w.tenant(20 + n), w.settings(1)).await.expect_err("it is away");
        assert!(matches!(refused, ConnectError::Erp(_)), "{refused:?}");
    }
}

#[tokio::test]
async fn in_fair_weather_the_door_is_read_once_a_slice_and_never_written() {
    let w = world(1).await;
    w.meter.take();
    assert_eq!(does(&w, 0, &Work::Due).await, Outcome::Done);
    w.clock.advance(SignedDuration::from_mins(20));
    w.meter.take();
    assert_eq!(does(&w, 0, &Work::Due).await, Outcome::Done);
    let tally = w.meter.take();
    assert!(tally.all_written() <= 4 && tally.written(Entity::Run) > 0, "{tally:?}");
    assert_eq!(w.services.table.door(&w.erp_url).await.expect("the table").version, 0);
}

#[tokio::test]
async fn a_company_without_quota_waits_longer_each_time_and_others_do_not() {
    let w = world(2).await;
    let company = w.companies[0].0.clone();
    w.fault(json!({"company": company, "kind": "quota"})).await;
    let mut waits = Vec::new();
    for _ in 0..6 {
        let message = asked(&w, 0).await;
        assert_eq!(does(&w, 0, &message).await, Outcome::Done, "its run ends");
        let before = calls(&w).await;
        let message = asked(&w, 0).await;
        let Outcome::Busy { until } = does(&w, 0, &message).await else { panic!("it waits") };
        assert_eq!(calls(&w).await, before);
        waits.push(until.duration_since(w.clock.now()).as_secs());
        w.wait_until(until);
    }
    assert_eq!(waits, [60, 120, 240, 480, 900, 900]);
    let message = asked(&w, 1).await;
    assert_eq!(does(&w, 1, &message).await, Outcome::Done);
    succeeded(&w.tenant(1).runs(None, 1).await.expect("the table")[0]);
    w.no_faults().await;
    for _ in 0..2 {
        let message = asked(&w, 0).await;
        assert_eq!(does(&w, 0, &message).await, Outcome::Done, "it is free again");
        succeeded(&w.tenant(0).runs(None, 1).await.expect("the table")[0]);
    }
    assert_eq!(w.services.table.door(&w.erp_url).await.expect("the table").version, 0, "it is no matter of the host");
}

/// Delivers what is visible now, as the function does; answers with how many messages there were.
async fn deliver(w: &World) -> usize {
    let deliveries = w.queue.receive(1_000);
    let all = deliveries.len();
    for delivery in deliveries {
        let message = delivery.message().expect("a message of ours");
        let n: usize = message.tenant.as_str()[2..].parse().expect("a number");
        let delay = match does(w, n, &message.work).await {
            Outcome::Done => None,
            Outcome::Again => Some(SignedDuration::ZERO),
            Outcome::Busy { until } | Outcome::Later { until } => {
                Some(until.duration_since(w.clock.now()).max(SignedDuration::from_secs(5)))
            }
        };
        if let Some(delay) = delay {
            let delay = Duration::try_from(delay).expect("forward").min(cloud::MAX_DELAY);
            w.queue.send(&message, delay).await.expect("the queue");
        }
        w.queue.delete(&delivery.receipt);
    }
    all
}

/// The most calls of a minute that begins at one of them.
async fn busiest_minute(w: &World, from: Timestamp) -> (usize, usize) {
    let journal = w.control(reqwest::Method::GET, "/journal?limit=10000", json!({})).await;
    let at = |e: &Value| e["at"].as_str().expect("a time").parse::<Timestamp>().expect("a time");
    let times: Vec<Timestamp> =
        journal["entries"].as_array().expect("entries").iter().map(at).filter(|at| *at >= from).collect();
    let minute = SignedDuration::from_mins(1);
    let count = |first: &Timestamp| times.iter().filter(|t| **t >= *first && t.duration_since(*first) < minute).count();
    (times.iter().map(count).max().unwrap_or(0), times.len())
}

#[tokio::test]
async fn six_hours_without_the_erp_lose_nothing_and_end_in_no_rush() {
    const TENANTS: usize = 40;
    const RATE: u32 = 1;
    let mut w = world(TENANTS).await;
    let mut erp = (*w.services.erp).clone();
    erp.calls_per_second = RATE;
    w.services.erp = std::sync::Arc::new(erp);
    let (from, to) = (w.clock.now(), w.clock.now() + SignedDuration::from_hours(6));
    w.control(reqwest::Method::DELETE, "/journal", json!({})).await;
    w.fault(json!({"kind": "maintenance", "from": from.to_string(), "to": to.to_string()})).await;
    for n in 0..TENANTS {
        let edit =
            json!({"op": "product.create", "product": {"code": "N-1", "name": "Nov", "unit": "kos", "sales": "true"}});
        w.control(reqwest::Method::POST, &format!("/companies/{}/edit", w.companies[n].0), edit).await;
        asked(&w, n).await;
    }
    while w.clock.now() < to {
        deliver(&w).await;
        w.clock.advance(SignedDuration::from_mins(5));
        if w.clock.now().as_second() % 7_200 == 0 {
            for n in 0..TENANTS {
                w.queue.send(&WorkMessage::new(tenant_id(n), Work::Due), Duration::ZERO).await.expect("the queue");
            }
        }
    }
    let (_, during) = busiest_minute(&w, from).await;
    assert!(during < 80, "{during} calls to a host that was away for six hours");
    w.control(reqwest::Method::DELETE, "/journal", json!({})).await;
    // One more asks for everything of each, so that all have much to do.
    for n in 0..TENANTS {
        let all = app::runs::request(&w.services, &w.tenant(n), Mode::Full, Trigger::Request, &Object::ALL).await;
        all.expect("a run");
    }
    let end = to + SignedDuration::from_mins(45);
    while !w.queue.is_empty() {
        deliver(&w).await;
        w.clock.advance(SignedDuration::from_secs(5));
        assert!(w.clock.now() < end, "{} messages are left", w.queue.len());
    }
    let (most, after) = busiest_minute(&w, to).await;
    println!(
        "{during} calls while it was away; {after} after it, {most} in the busiest minute at {RATE} a second and 40 at once"
    );
    assert!(u32::try_from(most).expect("few") <= RATE * 60 + 40, "{most}");
    for n in 0..TENANTS {
        assert_eq!(w.table_counts(n).await, w.erp_counts(n).await, "{n}");
        let runs = w.tenant(n).runs(None, 50).await.expect("the table");
        assert_eq!(runs[0].state, RunState::Succeeded, "{n}: {:?}", runs[0].error);
        assert!(runs.iter().all(domain::Run::is_over), "{n}");
        let changes = w.tenant(n).changes(0, 1_000).await.expect("the table");
        assert!(changes.iter().all(|c| c.version == 1), "{n}: nothing was made twice");
    }
}
