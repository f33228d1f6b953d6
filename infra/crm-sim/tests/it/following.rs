//! What the CRM makes of the feed.

use crate::fake::Fault;
use crate::world::{crm_of, pieces, start, start_with};
use crm_sim::{FaultKind, Life, Object};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_record_of_the_erp_gets_one_record_here_however_often_its_page_comes() {
    let world = start_with(|config| config.page = 3).await;
    for n in 0..10 {
        world.api.hold().rows.erp_new("contacts", pieces([("name", json!(format!("E{n}")))]));
    }
    world.api.hold().repeats.extend([0, 3, 5, 1, 7]);
    world.crm.order_fault(FaultKind::KeepCursor, 2, 0);
    world.api.order(&[Fault::After, Fault::Before]);
    world.settle().await;
    assert_eq!(world.crm.records(Object::Contacts).len(), 10);
    world.crm.order_fault(FaultKind::LoseCursor, 1, 0);
    assert_eq!(world.crm.follow_once().await.news, 0);
    world.settle().await;
    world.assert_in_step().await;
}

#[tokio::test]
async fn a_change_of_the_erp_is_taken_piece_by_piece() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    world.api.hold().rows.make_in_erp();
    let (record, _) = world.there(&id);
    world.api.hold().rows.erp_edit(&record, "city", &json!("Kranj"));
    assert_eq!(world.crm.follow_once().await.news, 2);
    let contact = world.contact(&id);
    assert_eq!(contact.fields["city"], "Kranj");
    assert_eq!(contact.record, Some(record), "the id that it has since the ERP has it");
    assert!(contact.erp_id.is_some());
    assert!(!contact.is_dirty());
    world.assert_in_step().await;
}

#[tokio::test]
async fn a_piece_with_an_edit_of_ours_stays_and_the_product_decides() {
    for (erp_wins, expected) in [(false, "ours"), (true, "theirs")] {
        let world = start().await;
        let id = world.known_contact("Ana").await;
        let (record, _) = world.there(&id);
        world.api.hold().rows.erp_wins = erp_wins;
        world.set(&id, "notes", "ours");
        world.api.hold().rows.erp_edit(&record, "notes", &json!("theirs"));
        world.api.hold().rows.erp_edit(&record, "city", &json!("Kranj"));
        world.crm.follow_once().await;
        world.api.hold().rows.erp_edit(&record, "city", &json!("Koper"));
        let contact = world.contact(&id);
        assert_eq!((&contact.fields["notes"], &contact.fields["city"]), (&json!("ours"), &json!("Kranj")));
        assert_eq!(contact.revision, Some(1), "the revision that the edit was made on");
        world.crm.push_once().await;
        assert_eq!(world.there(&id).1["notes"], expected);
        assert_eq!(world.there(&id).1["city"], "Koper", "what the feed told is no edit");
        world.settle().await;
        assert_eq!(world.contact(&id).fields["notes"], expected);
        world.assert_in_step().await;
    }
}

#[tokio::test]
async fn a_lost_answer_and_a_change_of_the_erp_after_it_are_kept_apart() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    let (record, _) = world.there(&id);
    world.api.hold().rows.erp_wins = true;
    world.set(&id, "notes", "ours");
    world.api.order(&[Fault::After]);
    world.crm.push_once().await;
    world.api.hold().rows.erp_edit(&record, "notes", &json!("later"));
    world.crm.follow_once().await;
    assert!(!world.contact(&id).is_dirty(), "the feed told that our edit was taken");
    assert_eq!(world.contact(&id).fields["notes"], "later");
    world.assert_in_step().await;
}

#[tokio::test]
async fn what_the_erp_deletes_is_archived_and_what_is_taken_back_is_not() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    let (record, _) = world.there(&id);
    world.api.hold().rows.erp_life(&record, "archived", "deleted", "erp");
    world.settle().await;
    assert_eq!(world.contact(&id).life, Life::Archived);
    assert!(world.crm.edit(Object::Contacts, &id, pieces([("name", json!("Bor"))])).is_err());
    assert_eq!(world.api.hold().calls.delete, 0);
    world.api.hold().rows.erp_life(&record, "in_step", "restored", "crm");
    world.settle().await;
    assert_eq!(world.contact(&id).life, Life::Live);
    world.set(&id, "name", "Bor");
    world.settle().await;
    world.assert_in_step().await;
}

#[tokio::test]
async fn a_copy_of_what_another_record_is_linked_to_waits_for_a_person() {
    let world = start().await;
    let record = world.api.hold().rows.erp_new("contacts", pieces([("name", json!("Erp"))]));
    world.crm.follow_once().await;
    world.api.hold().rows.rows[0].crm_id = Some("another".to_owned());
    let id = format!("erp-{record}");
    world.set(&id, "name", "ours");
    assert_eq!(world.crm.push_once().await.refused, 1);
    assert_eq!(world.contact(&id).problem.map(|p| p.code), Some("link_taken".to_owned()));
    assert_eq!(world.crm.push_once().await.records, 0);
    world.crm.delete(Object::Contacts, &id).expect("there");
    world.settle().await;
    assert_eq!(world.api.hold().calls.delete, 0, "it is not ours to delete");
}

#[tokio::test]
async fn what_somebody_else_did_in_the_crms_name_is_taken() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    world.set(&id, "notes", "x");
    world.settle().await;
    let (record, _) = world.there(&id);
    world.api.hold().rows.edit_for_crm(&record, "notes", &json!("undone"));
    world.settle().await;
    assert_eq!(world.contact(&id).fields["notes"], "undone");
    assert_eq!(world.there(&id).1["notes"], "undone");
    world.assert_in_step().await;
}

#[tokio::test]
async fn a_crm_that_lost_its_records_takes_them_up_again_and_sends_nothing() {
    let world = start().await;
    world.known_contact("Ana").await;
    world.api.hold().rows.erp_new("orders", pieces([("title", json!("O"))]));
    world.settle().await;
    let calls = world.api.hold().calls;
    let crm = crm_of(&world.api, |config| config.id_prefix = "second".to_owned());
    assert!(!crm.follow_once().await.more);
    assert!(crm.settle(Duration::from_secs(20)).await.settled);
    assert_eq!(world.api.hold().calls, calls);
    assert_eq!(crm.records(Object::Contacts).len() + crm.records(Object::Orders).len(), 2);
    let again = crate::world::World { api: world.api.clone(), crm };
    again.assert_in_step().await;
}

#[tokio::test]
async fn a_page_that_is_applied_late_takes_nothing_back() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    let (record, _) = world.there(&id);
    world.api.hold().rows.erp_edit(&record, "city", &json!("Kranj"));
    world.crm.order_fault(FaultKind::DelayFeed, 1, 150);
    let follow = async { world.crm.follow_once().await };
    let push = async {
        tokio::time::sleep(Duration::from_millis(70)).await;
        world.set(&id, "city", "Koper");
        world.crm.push_once().await
    };
    let (followed, pushed) = tokio::join!(follow, push);
    assert_eq!((followed.news, pushed.taken), (0, 1));
    assert_eq!(world.contact(&id).fields["city"], "Koper");
    world.assert_in_step().await;
}
