//! What people ask for: rotation, tests, sending again; and which addresses are taken.

use app::events::{EventsError, manage};
use sync::delivery::{Fate, Filter};

use crate::receiver::{Got, Receiver};
use crate::world::{World, hours, minutes};

#[tokio::test]
async fn for_a_day_after_a_rotation_both_secrets_sign() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, old) = world.endpoint(1, &receiver.url, Filter::default()).await;
    let (rotated, new) = manage::rotate(world.services(), &world.tenant(1), id).await.expect("rotated");
    let new = secrecy::ExposeSecret::expose_secret(&new).to_owned();
    assert_eq!((rotated.version, rotated.settings.key), (2, 2));
    world.add(1, [1]).await;
    world.tick().await;
    let both = receiver.take().remove(0);
    assert!(both.signatures.len() == 2 && both.is_signed_by(&new) && both.is_signed_by(&old));
    world.advance(hours(24));
    world.add(1, [2]).await;
    world.tick().await;
    let one = receiver.take().remove(0);
    assert!(one.signatures.len() == 1 && one.is_signed_by(&new) && !one.is_signed_by(&old));
}

#[tokio::test]
async fn an_endpoint_whose_secret_is_lost_is_told_nothing_until_it_is_rotated() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, _) = world.endpoint(1, &receiver.url, Filter::default()).await;
    let mut secrets = world.services().secrets.get(&crate::world::tenant_id(1)).await.expect("there").as_ref().clone();
    secrets.events.clear();
    world.services().secrets.put(&crate::world::tenant_id(1), &secrets).await.expect("saved");
    world.add(1, [1]).await;
    let failure = world.try_tick().await.expect_err("no secret");
    assert_eq!((failure.code.as_str(), receiver.take_ids()), ("secret_missing", vec![]));
    manage::rotate(world.services(), &world.tenant(1), id).await.expect("rotated");
    world.tick().await;
    assert_eq!(receiver.take_ids(), [1]);
}

#[tokio::test]
async fn a_test_is_sent_at_once_signed_and_noted() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, secret) = world.endpoint(1, &receiver.url, Filter::default()).await;
    let test = async || {
        manage::test(world.services(), &world.dispatcher.outbound, &world.tenant(1), id).await.expect("tested").1
    };
    assert_eq!(test().await.fate, Fate::Delivered);
    let got = receiver.take().remove(0);
    assert!(got.is_signed_by(&secret));
    assert_eq!(got.body["type"], "endpoint.test");
    world.advance(minutes(1));
    receiver.answers(500);
    let failed = test().await;
    assert_eq!((failed.fate, failed.attempts[0].status), (Fate::GivenUp, Some(500)));
    let found = world.look(1, id).await;
    assert_eq!((found.progress.failing_since(), found.progress.waiting()), (None, 0), "a test is no event");
    let noted = manage::deliveries(&world.tenant(1), id, None, 10).await.expect("read");
    assert_eq!(noted.iter().map(|(key, _)| key.number).collect::<Vec<_>>(), [0, 0]);
}

#[tokio::test]
async fn an_event_is_sent_again_when_it_is_asked_for_and_so_are_all_since_a_time() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, _) = world.endpoint(1, &receiver.url, Filter::default()).await;
    for n in 1..=5 {
        world.add(1, [n]).await;
        world.tick().await;
        world.advance(hours(1));
    }
    let first: Vec<Got> = receiver.take();
    let tenant = world.tenant(1);
    let noted = manage::deliveries(&tenant, id, None, 10).await.expect("read");
    assert_eq!(noted.iter().map(|(key, _)| key.number).collect::<Vec<_>>(), [5, 4, 3, 2, 1], "the newest first");
    let rest = manage::deliveries(&tenant, id, Some(noted[1].0), 2).await.expect("read");
    assert_eq!(rest.iter().map(|(key, _)| key.number).collect::<Vec<_>>(), [3, 2]);
    let (_, waits) = manage::redeliver(world.services(), &tenant, id, noted[3].0).await.expect("taken");
    assert!(matches!(waits.fate, Fate::Waiting { .. }));
    world.tick().await;
    let again = receiver.take();
    assert_eq!(again.iter().map(|g| (g.erp_id(), &g.id)).collect::<Vec<_>>(), [(2, &first[1].id)]);
    let noted = manage::deliveries(&tenant, id, None, 10).await.expect("read");
    assert_eq!((noted[3].1.attempts.len(), noted[3].1.fate), (2, Fate::Delivered));
    // The third was two hours after the start.
    let since = crate::world::start() + hours(2);
    assert_eq!(manage::redeliver_since(&tenant, id, since).await.expect("taken"), 3);
    world.add(1, [6]).await;
    world.tick().await;
    let again = receiver.take();
    assert_eq!(again.iter().map(Got::erp_id).collect::<Vec<_>>(), [6, 3, 4, 5]);
    assert_eq!(again[1].id, first[2].id);
    for since in [crate::world::start() - hours(99), crate::world::start()] {
        assert_eq!(manage::redeliver_since(&tenant, id, since).await.expect("taken"), 6);
    }
    assert_eq!(manage::redeliver_since(&tenant, id, world.now()).await.expect("taken"), 1);
    world.tick().await;
    assert_eq!(receiver.take_ids(), [1, 2, 3, 4, 5, 6], "what was asked for first stays");
}

#[tokio::test]
async fn an_endpoint_has_an_address_of_the_internet_and_a_company_ten_of_them() {
    let world = World::new().await;
    let tenant = world.tenant(1);
    let make = async |url: &str| {
        let new = manage::NewEndpoint { url: url.to_owned(), description: None, filter: Filter::default() };
        let public = erp::Outbound::new(erp::Reach::Public).expect("TLS");
        manage::create(world.services(), &public, &tenant, new).await
    };
    for bad in ["http://crm.vodnjak.si/", "https://10.0.0.1/", "https://localhost/", "https://u:p@crm.vodnjak.si/"] {
        assert!(matches!(make(bad).await, Err(EventsError::Address(_))), "{bad}");
    }
    for n in 0..10 {
        make(&format!("https://crm.vodnjak.si/{n}")).await.expect("made");
    }
    assert!(matches!(make("https://crm.vodnjak.si/").await, Err(EventsError::TooManyEndpoints)));
    let all = manage::all(&tenant).await.expect("read");
    manage::remove(world.services(), &tenant, all[0].id).await.expect("removed");
    assert!(matches!(manage::remove(world.services(), &tenant, all[0].id).await, Err(EventsError::NotFound)));
    make("https://crm.vodnjak.si/").await.expect("made");
    let secrets = world.services().secrets.get(tenant.id()).await.expect("there");
    assert_eq!(secrets.events.len(), 10);
    let theirs = manage::one(&world.tenant(2), all[1].id).await;
    assert!(matches!(theirs, Err(EventsError::NotFound)));
}
