//! What is sent, to whom, when.

use app::feed::Position;
use domain::Object;
use domain::change::ChangeKind;
use serde_json::json;
use sync::delivery::Filter;

use crate::receiver::Receiver;
use crate::world::{World, tenant_id};

#[tokio::test]
async fn what_changes_is_told_once_in_order_signed_and_without_a_word_about_anybody() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    world.add(1, [1, 2]).await;
    let (_, secret) = world.endpoint(1, &receiver.url, Filter::default()).await;
    world.tick().await;
    assert_eq!(receiver.take_ids(), [0; 0], "what was before it is in the feed");
    world.add(1, 3..=45).await;
    world.update(1, 3, 7).await;
    world.tick().await;
    let got = receiver.take();
    let ids: Vec<u64> = got.iter().map(crate::receiver::Got::erp_id).collect();
    assert_eq!(ids, (3..=45).chain([3]).collect::<Vec<_>>());
    for (n, got) in got.iter().enumerate() {
        assert!(got.is_signed_by(&secret) && got.signatures.len() == 1);
        assert_eq!(got.timestamp, world.now().as_second().to_string());
        assert!(!got.text.contains("MARKER"), "{}", got.text);
        // A reading of the feed from there begins with this change.
        let cursor = got.body["data"]["cursor"].as_str().expect("a position");
        let after: Position = world.cursors.open(&tenant_id(1), "changes", cursor).expect("ours");
        assert_eq!(after.seq, 2 + n as u64);
    }
    let last = got.last().expect("one");
    assert_eq!(last.body["type"], "stock.updated");
    assert_eq!(last.body["data"]["version"], json!(2));
    world.tick().await;
    assert_eq!(receiver.take_ids(), [0; 0]);
    let distinct: std::collections::BTreeSet<_> = got.iter().map(|g| g.id.clone()).collect();
    assert_eq!(distinct.len(), got.len());
}

#[tokio::test]
async fn an_endpoint_is_told_what_its_filter_takes_and_nothing_of_another_tenant() {
    let world = World::new().await;
    let (all, updates, contacts, other) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await, Receiver::start().await);
    world.endpoint(1, &all.url, Filter::default()).await;
    world.endpoint(1, &updates.url, Filter { kinds: [ChangeKind::Updated].into(), ..Filter::default() }).await;
    let of_contacts = Filter { objects: [Object::Contacts].into(), ..Filter::default() };
    let (quiet, _) = world.endpoint(1, &contacts.url, of_contacts).await;
    world.endpoint(2, &other.url, Filter::default()).await;
    world.add(1, [1, 2]).await;
    world.update(1, 2, 5).await;
    world.tick().await;
    assert_eq!(all.take_ids(), [1, 2, 2]);
    assert_eq!(updates.take_ids(), [2]);
    assert_eq!((contacts.take_ids(), other.take_ids()), (vec![], vec![]));
    assert_eq!(world.look(1, quiet).await.progress.cursor(), 3, "what is left out is handled");
}

#[tokio::test]
async fn the_stream_wakes_those_whose_changes_it_names_and_the_tick_all() {
    let world = World::new().await;
    let (one, two) = (Receiver::start().await, Receiver::start().await);
    world.endpoint(1, &one.url, Filter::default()).await;
    world.endpoint(2, &two.url, Filter::default()).await;
    world.add(1, [1]).await;
    world.add(2, [2]).await;
    world.wake(&[2, 99]).await;
    assert_eq!((one.take_ids(), two.take_ids()), (vec![], vec![2]));
    world.tick().await;
    assert_eq!((one.take_ids(), two.take_ids()), (vec![1], vec![]));
}

#[tokio::test]
async fn a_look_at_an_endpoint_with_nothing_to_do_writes_nothing() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    world.endpoint(1, &receiver.url, Filter::default()).await;
    world.add(1, [1]).await;
    world.tick().await;
    world.meter.take();
    world.tick().await;
    let tally = world.meter.take();
    assert_eq!(tally.all_written(), 0);
    assert!(tally.all_requests() <= 8, "{:?}", tally.requests);
}

#[tokio::test]
async fn nothing_is_told_while_the_company_is_read_only_and_all_of_it_afterwards() {
    let (world, receiver) = (World::new().await, Receiver::start().await);
    let (id, _) = world.endpoint(1, &receiver.url, Filter::default()).await;
    world.read_only(1, true).await;
    world.add(1, 1..=3).await;
    world.tick().await;
    assert_eq!((receiver.take_ids(), world.look(1, id).await.progress.cursor()), (vec![], 0));
    world.read_only(1, false).await;
    world.tick().await;
    assert_eq!(receiver.take_ids(), [1, 2, 3]);
}
