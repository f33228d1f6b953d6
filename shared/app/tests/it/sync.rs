//! First load, idle runs, edits, webhooks, stops.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Poll};

use app::work::{Outcome, work};
use cloud::Work;
use domain::Object;
use jiff::SignedDuration;
use serde_json::json;
use store::metering::Entity;

use crate::world::{LONG, World, succeeded};

#[tokio::test]
async fn a_first_sync_makes_both_sides_equal_for_both_companies() {
    let w = World::new(1).await;
    for n in 0..2 {
        let run = w.connected(n, n).await;
        succeeded(&run);
        assert_eq!(w.table_counts(n).await, w.erp_counts(n).await);
        for object in Object::ALL {
            let c = run.counts[&object];
            assert_eq!((c.read, c.parked, c.missing), (c.created, 0, 0), "{object}");
            assert!(c.read > 0, "{object}");
        }
    }
    let calls = w.calls().await;
    assert_eq!(calls["max_concurrent_searches_seen"], json!(1), "{calls}");
}

#[tokio::test]
async fn a_second_run_without_changes_writes_no_record_and_four_control_rows() {
    let w = World::new(2).await;
    succeeded(&w.connected(0, 0).await);
    let run =
        app::runs::request(&w.services, &w.tenant(0), domain::Mode::Full, domain::Trigger::Request, &Object::ALL).await;
    let run = run.expect("a run");
    w.control(reqwest::Method::DELETE, "/journal", json!({})).await;
    w.meter.take();
    let run = w.finish(0, &run).await;
    succeeded(&run);
    let tally = w.meter.take();
    assert_eq!(
        tally.written(Entity::Record) + tally.written(Entity::Change) + tally.written(Entity::IndexPage),
        0,
        "{tally:?}"
    );
    // Position, run and met ids once every 25 pages, besides the four rows of any run.
    let pages = w.pages_read().await;
    assert!(tally.all_written() <= 4 + 3 * (pages / 25), "{pages} pages: {tally:?}");
    assert!(run.counts.values().all(|c| c.read == c.unchanged), "{:?}", run.counts);
}

#[tokio::test]
async fn an_idle_tick_makes_one_call_to_each_change_feed_and_writes_four_rows() {
    let w = World::new(3).await;
    succeeded(&w.connected(0, 0).await);
    // Beyond the overlap of the change window, so that nothing in it is read again; and what is looked at once an hour
    // is done with, which are pages enough for a position of their own.
    w.clock.advance(SignedDuration::from_mins(70));
    let tenant = w.tenant(0);
    w.control(reqwest::Method::DELETE, "/journal", json!({})).await;
    w.meter.take();
    assert_eq!(work(&w.services, &tenant, &Work::Due, LONG).await.expect("a slice"), Outcome::Done);
    let (hourly, pages) = (w.meter.take(), w.pages_read().await);
    assert!(hourly.all_written() <= 4 + 3 * (pages / 25), "{pages} pages: {hourly:?}");
    w.clock.advance(SignedDuration::from_mins(20));
    w.control(reqwest::Method::DELETE, "/journal", json!({})).await;
    w.meter.take();
    assert_eq!(work(&w.services, &tenant, &Work::Due, LONG).await.expect("a slice"), Outcome::Done);
    let tally = w.meter.take();
    assert_eq!(tally.written(Entity::Record), 0);
    assert!(tally.all_written() <= 4, "{tally:?}");
    let journal = w.control(reqwest::Method::GET, "/journal?limit=500", json!({})).await;
    let entries = journal["entries"].as_array().or_else(|| journal.as_array()).expect("entries").clone();
    for feed in ["sales_order", "complaint"] {
        let calls = entries.iter().filter(|e| e["doc_type"] == feed).count();
        assert_eq!(calls, 1, "{feed}: {entries:?}");
    }
}

#[tokio::test]
async fn nothing_due_writes_nothing() {
    let w = World::new(3).await;
    succeeded(&w.connected(0, 0).await);
    w.meter.take();
    assert_eq!(work(&w.services, &w.tenant(0), &Work::Due, LONG).await.expect("a slice"), Outcome::Done);
    assert_eq!(w.meter.take().all_written(), 0);
}

#[tokio::test]
async fn after_two_hundred_random_edits_one_run_makes_both_sides_equal() {
    let w = World::new(4).await;
    succeeded(&w.connected(0, 0).await);
    w.clock.advance(SignedDuration::from_hours(1));
    let company = w.companies[0].0.clone();
    w.control(reqwest::Method::POST, &format!("/companies/{company}/random-edits"), json!({"count": 200, "seed": 9}))
        .await;
    let run = w.full_run(0).await;
    succeeded(&run);
    assert_eq!(w.table_counts(0).await, w.erp_counts(0).await);
    // A tenant that loads the company afresh sees exactly the same records.
    succeeded(&w.connected(1, 0).await);
    let (edited, fresh) = (w.records(0).await, w.records(1).await);
    let differing: Vec<_> = edited.keys().chain(fresh.keys()).filter(|k| edited.get(*k) != fresh.get(*k)).collect();
    assert_eq!(differing, Vec::<&_>::new());
}

#[tokio::test]
async fn a_stock_webhook_changes_the_stock_within_one_run() {
    let w = World::new(5).await;
    succeeded(&w.connected(0, 0).await);
    let tenant = w.tenant(0);
    let stock = tenant.list(Object::Stock, None, 1, false).await.expect("the table").records.remove(0);
    let domain::Record::Stock(before) = &stock.record else { panic!("stock") };
    let (company, level) = (w.companies[0].0.clone(), &before.levels[0]);
    let edit = json!({"op": "stock.set", "product": stock.erp_id.to_string(), "warehouse": level.warehouse.to_string(), "amount": "4321.5"});
    w.control(reqwest::Method::POST, &format!("/companies/{company}/edit"), edit).await;
    let body = json!({"opr_code": "0", "stock_list": {"mk_id": stock.erp_id.to_string()}}).to_string();
    let receive = |id: &str| {
        let event = "warehouse_product_stock_update".to_owned();
        app::intake::receive(&w.services, &tenant, id.to_owned(), event, body.clone().into_bytes())
    };
    w.meter.take();
    assert_eq!(receive("1").await.expect("kept"), store::Received::New);
    assert_eq!(
        (w.meter.take().all_requests(), w.queue.len()),
        (1, 2),
        "one put, one hint beside that of the first run"
    );
    assert_eq!(receive("1").await.expect("known"), store::Received::Duplicate);
    assert_eq!((w.meter.take().all_requests(), w.queue.len()), (1, 2));
    let key = "1".to_owned();
    assert_eq!(work(&w.services, &tenant, &Work::Inbox(key.clone()), LONG).await.expect("a slice"), Outcome::Done);
    let after = tenant.record(stock.id).await.expect("the table").expect("stock");
    let domain::Record::Stock(after) = &after.record else { panic!("stock") };
    assert_eq!(after.levels[0].on_hand.to_string(), "4321.5");
    w.meter.take();
    assert_eq!(work(&w.services, &tenant, &Work::Inbox(key), LONG).await.expect("a slice"), Outcome::Done);
    assert_eq!(w.meter.take().all_written(), 0, "what was followed up is not followed up again");
}

#[tokio::test]
async fn a_run_in_many_short_slices_counts_and_writes_as_one() {
    let w = World::new(6).await;
    let run = w.connect(0, 0).await.first_run.expect("a first run");
    let ticking = w.clock.clone();
    let mut services = w.services.clone();
    // Each look at the clock takes a second, so that a slice of half a minute ends after some effects.
    services.clock = cloud::Clock::from_fn(move || {
        ticking.advance(SignedDuration::from_secs(1));
        ticking.now()
    });
    let mut slices = 1;
    while work(&services, &w.tenant(0), &Work::Run(run.id), SignedDuration::from_secs(30)).await.expect("a slice")
        == Outcome::Again
    {
        slices += 1;
        assert!(slices < 1_000);
    }
    assert!(slices > 5, "{slices}");
    let run = w.tenant(0).run(run.id).await.expect("the table").expect("the run");
    succeeded(&run);
    assert_eq!(w.table_counts(0).await, w.erp_counts(0).await);
    for (object, count) in w.erp_counts(0).await {
        assert_eq!((run.counts[&object].read, run.counts[&object].created), (count, count), "{object}");
    }
}

#[tokio::test]
async fn a_worker_that_dies_at_any_poll_loses_and_repeats_nothing() {
    let w = World::new(7).await;
    let run = w.connect(0, 0).await.first_run.expect("a first run");
    let (mut deaths, mut polls) = (0, 60u32);
    loop {
        let tenant = w.tenant(0);
        let alive = {
            let message = Work::Run(run.id);
            let mut slice = pin!(work(&w.services, &tenant, &message, LONG));
            let mut left = polls;
            std::future::poll_fn(|cx: &mut Context<'_>| {
                left = left.saturating_sub(1);
                match slice.as_mut().poll(cx) {
                    Poll::Ready(done) => Poll::Ready(Some(done)),
                    Poll::Pending if left == 0 => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await
        };
        if let Some(done) = alive {
            assert_eq!(done.expect("a slice"), Outcome::Done);
            break;
        }
        deaths += 1;
        polls += 5;
        // Its lease runs out.
        w.clock.advance(SignedDuration::from_secs(61));
    }
    assert!(deaths > 5, "{deaths}");
    let run = w.tenant(0).run(run.id).await.expect("the table").expect("the run");
    succeeded(&run);
    let erp = w.erp_counts(0).await;
    assert_eq!(w.table_counts(0).await, erp);
    for (object, count) in erp {
        assert_eq!((run.counts[&object].read, run.counts[&object].created), (count, count), "{object}");
    }
    let changes = w.tenant(0).changes(0, 100_000).await.expect("the table");
    assert!(changes.iter().all(|c| c.version == 1), "no record was written twice");
}

#[tokio::test]
async fn a_list_is_kept_while_nothing_changes_and_read_anew_after_a_run_that_wrote() {
    let w = World::new(8).await;
    succeeded(&w.connected(0, 0).await);
    let (browser, tenant) = (app::browse::Browser::default(), w.tenant(0));
    let part = app::browse::Part { object: Object::Products, after: None, limit: 200, with_missing: false };
    let first = browser.list(&tenant, &part).await.expect("the table");
    w.meter.take();
    let again = browser.list(&tenant, &part).await.expect("the table");
    assert_eq!(w.meter.take().all_requests(), 1, "one look at the number of the last change");
    assert_eq!(again.records, first.records);
    let product = first.records[0].erp_id;
    let edit = json!({"op": "product.update", "id": product.to_string(), "fields": {"name": "Novo ime"}});
    w.control(reqwest::Method::POST, &format!("/companies/{}/edit", w.companies[0].0), edit).await;
    succeeded(&w.run_of(0, &[Object::Products]).await);
    let after = browser.list(&tenant, &part).await.expect("the table");
    let renamed = after.records.iter().find(|r| r.erp_id == product).expect("still there");
    assert!(matches!(&renamed.record, domain::Record::Product(p) if p.name.as_str() == "Novo ime"), "{renamed:?}");
}

#[tokio::test]
async fn a_run_whose_message_was_lost_is_found_by_the_next_tick() {
    let w = World::new(9).await;
    let run = w.connect(0, 0).await.first_run.expect("a first run");
    assert_eq!(work(&w.services, &w.tenant(0), &Work::Due, LONG).await.expect("a slice"), Outcome::Done);
    let run = w.tenant(0).run(run.id).await.expect("the table").expect("the run");
    succeeded(&run);
    assert_eq!(w.table_counts(0).await, w.erp_counts(0).await);
}

#[tokio::test]
async fn a_webhook_that_names_an_unknown_product_without_a_number_is_settled() {
    let w = World::new(10).await;
    succeeded(&w.connected(0, 0).await);
    let (tenant, body) = (w.tenant(0), br#"{"opr_code":"0","stock_list":{"mk_id":"999"}}"#.to_vec());
    app::intake::receive(&w.services, &tenant, "9".to_owned(), "stock".to_owned(), body).await.expect("kept");
    let key = Work::Inbox("9".to_owned());
    assert_eq!(work(&w.services, &tenant, &key, LONG).await.expect("a slice"), Outcome::Done);
    succeeded(&tenant.runs(None, 1).await.expect("the table")[0]);
    w.meter.take();
    assert_eq!(work(&w.services, &tenant, &key, LONG).await.expect("a slice"), Outcome::Done);
    assert_eq!(w.meter.take().all_written(), 0);
}
