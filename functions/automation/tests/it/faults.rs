//! Receivers that fail, dispatchers that stop or are two.

use app::events::{Delivery, TurnedOff, manage};
use fn_automation::handle;
use runtime::stream::{Call, Wake};
use store::Tenant;
use sync::delivery::{Fate, Filter, Off};

use crate::receiver::{Got, Receiver};
use crate::world::{World, hours, minutes, seconds};

async fn log(tenant: &Tenant, id: domain::EventEndpointId) -> Vec<Delivery> {
    let all = manage::deliveries(tenant, id, None, 100).await.expect("read");
    all.into_iter().map(|(_, delivery)| delivery).collect()
}

#[tokio::test]
async fn an_event_that_fails_is_tried_again_when_it_is_due_under_the_same_id() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, _) = world.endpoint(1, &receiver.url, Filter::default()).await;
    world.add(1, [1]).await;
    receiver.answers(500);
    world.tick().await;
    let first = receiver.take().remove(0);
    world.advance(seconds(4));
    world.tick().await;
    assert_eq!(receiver.take_ids(), [0; 0], "it is not due");
    world.advance(seconds(2));
    world.tick().await;
    let second = receiver.take().remove(0);
    assert_eq!((&second.id, &second.text), (&first.id, &first.text));
    assert_ne!(second.timestamp, first.timestamp);
    assert_eq!(world.look(1, id).await.progress.waiting(), 1);
    // Up to a tenth later, so that not all come at once.
    world.advance(minutes(6));
    receiver.answers(200);
    world.tick().await;
    assert_eq!(receiver.take_ids(), [1]);
    let noted = log(&world.tenant(1), id).await;
    assert_eq!((noted.len(), noted[0].fate, noted[0].message.as_str()), (1, Fate::Delivered, first.id.as_str()));
    let statuses: Vec<_> = noted[0].attempts.iter().map(|a| (a.status, a.code.as_deref())).collect();
    let refused = (Some(500), Some("refused"));
    assert_eq!(statuses, [refused, refused, (Some(200), None)]);
    assert!(
        !serde_json::to_string(&noted).expect("text").contains("MARKER"),
        "neither the address nor a body is noted"
    );
}

#[tokio::test]
async fn quiet_that_the_receiver_asks_for_is_kept() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    world.endpoint(1, &receiver.url, Filter::default()).await;
    world.add(1, [1, 2]).await;
    receiver.answers_once(429, Some(("retry-after", "3600".to_owned())));
    world.tick().await;
    assert_eq!(receiver.take_ids(), [1]);
    world.advance(minutes(59));
    world.tick().await;
    assert_eq!(receiver.take_ids(), [0; 0]);
    world.advance(minutes(2));
    world.tick().await;
    assert_eq!(receiver.take_ids(), [1, 2]);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_turned_off_and_told_what_it_missed_when_it_is_on_again() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, _) = world.endpoint(1, &receiver.url, Filter::default()).await;
    world.add(1, [1, 2]).await;
    receiver.answers(410);
    world.tick().await;
    assert_eq!(receiver.take_ids(), [1]);
    let off = world.look(1, id).await;
    assert_eq!((off.settings.off, off.version), (Some(TurnedOff { why: Off::Gone, at: world.now() }), 2));
    world.advance(hours(24));
    world.add(1, [3]).await;
    world.tick().await;
    assert_eq!(receiver.take_ids(), [0; 0]);
    receiver.answers(200);
    let on = manage::EndpointChange { on: Some(true), ..manage::EndpointChange::default() };
    let (services, outbound) = (world.services(), &world.dispatcher.outbound);
    manage::change(services, outbound, &world.tenant(1), id, 2, &on).await.expect("on");
    world.tick().await;
    assert_eq!(receiver.take_ids(), [1, 2, 3]);
}

#[tokio::test]
async fn an_outage_keeps_every_event_costs_no_row_each_and_ends_with_the_first_success() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, _) = world.endpoint(1, &receiver.url, Filter::default()).await;
    receiver.answers(503);
    for hour in 0..30 {
        world.add(1, (hour * 10)..(hour * 10 + 10)).await;
        world.tick().await;
        world.advance(hours(1));
    }
    let during = receiver.take();
    assert!(during.len() < 14, "{} sends", during.len());
    let down = world.look(1, id).await;
    assert!(down.progress.is_down() && down.progress.waiting() <= 4, "{:?}", down.progress);
    assert!(log(&world.tenant(1), id).await.len() <= 4);
    receiver.answers(200);
    world.advance(hours(20));
    world.tick().await;
    let mut told = receiver.take_ids();
    told.sort_unstable();
    assert_eq!(told, (0..300).collect::<Vec<_>>());
    assert!(!world.look(1, id).await.progress.is_down());
}

#[tokio::test]
async fn five_days_of_failures_turn_an_endpoint_off() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, _) = world.endpoint(1, &receiver.url, Filter::default()).await;
    world.add(1, [1]).await;
    receiver.answers(500);
    for _ in 0..7 * 24 {
        world.tick().await;
        world.advance(hours(1));
    }
    let off = world.look(1, id).await.settings.off.expect("off");
    let after = off.at.duration_since(crate::world::start());
    assert_eq!(off.why, Off::Failing);
    assert!(after >= hours(5 * 24) && after < hours(6 * 24 + 12), "{after}");
    assert_eq!(world.look(1, id).await.progress.waiting(), 1, "it is kept");
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_not_followed() {
    let (world, receiver, elsewhere) = (World::new().await, Receiver::start().await, Receiver::start().await);
    let (id, _) = world.endpoint(1, &receiver.url, Filter::default()).await;
    world.add(1, [1]).await;
    receiver.answers_once(307, Some(("location", elsewhere.url.clone())));
    world.tick().await;
    assert_eq!((receiver.take_ids(), elsewhere.take_ids()), (vec![1], vec![]));
    assert_eq!(log(&world.tenant(1), id).await[0].attempts[0].code.as_deref(), Some("redirected"));
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_a_failure_like_any_other() {
    let world = World::new().await;
    let (id, _) = world.endpoint(1, "http://127.0.0.1:9/", Filter::default()).await;
    world.add(1, [1]).await;
    world.tick().await;
    let noted = log(&world.tenant(1), id).await;
    assert!(matches!(noted[0].fate, Fate::Waiting { .. }));
    assert_eq!((noted[0].attempts[0].status, noted[0].attempts[0].code.as_deref()), (None, Some("connection")));
}

#[tokio::test]
async fn of_two_dispatchers_at_once_one_works() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    world.endpoint(1, &receiver.url, Filter::default()).await;
    world.add(1, 1..=30).await;
    tokio::join!(world.tick(), world.tick(), world.wake(&[1]), world.wake(&[1]));
    world.tick().await;
    assert_eq!(receiver.take_ids(), (1..=30).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_dispatcher_that_stops_between_a_send_and_its_save_sends_the_same_event_again_later() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    world.endpoint(1, &receiver.url, Filter::default()).await;
    world.add(1, [1, 2]).await;
    receiver.shut();
    let call = Call { wake: Wake::Tick, deadline: world.now() + minutes(2) };
    tokio::select! {
        _ = handle(&world.dispatcher, call) => panic!("nothing was answered"),
        () = receiver.came() => {}
    }
    receiver.open();
    let lost = receiver.take();
    world.tick().await;
    assert_eq!(receiver.take_ids(), [0; 0], "the one that stopped still holds it");
    world.advance(seconds(61));
    world.tick().await;
    let again = receiver.take();
    assert_eq!(again.iter().map(Got::erp_id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((&again[0].id, &again[0].text), (&lost[0].id, &lost[0].text));
}

#[tokio::test]
async fn a_change_by_a_person_while_an_event_is_on_its_way_loses_neither() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, _) = world.endpoint(1, &receiver.url, Filter::default()).await;
    world.add(1, [1, 2]).await;
    receiver.shut();
    let off = manage::EndpointChange { on: Some(false), ..manage::EndpointChange::default() };
    let person = async {
        receiver.came().await;
        let (services, outbound) = (world.services(), &world.dispatcher.outbound);
        manage::change(services, outbound, &world.tenant(1), id, 1, &off).await.expect("off");
        receiver.open();
    };
    tokio::join!(world.tick(), person);
    let found = world.look(1, id).await;
    assert_eq!((found.settings.off.map(|o| o.why), found.version), (Some(Off::Person), 2));
    assert_eq!((receiver.take_ids(), found.progress.cursor()), (vec![1], 1), "sent, noted, and no more");
    world.tick().await;
    assert_eq!(receiver.take_ids(), [0; 0]);
}

#[tokio::test]
async fn what_is_asked_for_while_events_are_on_their_way_is_done_in_the_same_look() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, old) = world.endpoint(1, &receiver.url, Filter::default()).await;
    world.add(1, [1]).await;
    world.tick().await;
    receiver.came().await;
    receiver.take();
    world.add(1, [2, 3]).await;
    receiver.shut();
    let tenant = world.tenant(1);
    let person = async {
        receiver.came().await;
        manage::redeliver_since(&tenant, id, crate::world::start()).await.expect("taken");
        let (_, new) = manage::rotate(world.services(), &tenant, id).await.expect("rotated");
        receiver.open();
        secrecy::ExposeSecret::expose_secret(&new).to_owned()
    };
    let ((), new) = tokio::join!(world.tick(), person);
    let got = receiver.take();
    assert_eq!(got.iter().map(Got::erp_id).collect::<Vec<_>>(), [2, 3, 1]);
    assert!(got[0].is_signed_by(&old) && !got[0].is_signed_by(&new));
    assert!(got[1..].iter().all(|g| g.is_signed_by(&old) && g.is_signed_by(&new)));
    assert!(world.look(1, id).await.progress.hold("another", world.now()), "it is let go of");
}
