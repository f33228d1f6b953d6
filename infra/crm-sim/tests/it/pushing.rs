//! What the CRM sends.

use crate::fake::Fault;
use crate::world::{pieces, start, start_with};
use crm_sim::{FaultKind, Life, Object};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_record_is_put_once_and_then_there_is_silence() {
    let world = start().await;
    let id = world.known_contact(" Ana ").await;
    let contact = world.contact(&id);
    assert_eq!(contact.revision, Some(1));
    assert!(!contact.is_dirty());
    assert_eq!(contact.fields["name"], "Ana", "the form that the product gave it");
    world.set(&id, "name", "Bor");
    world.settle().await;
    assert_eq!(world.there(&id).1["name"], "Bor");
    assert_eq!(world.api.hold().calls.put, 2);
    world.assert_in_step().await;
}

#[tokio::test]
async fn an_edit_made_while_a_push_is_under_way_is_pushed_next() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    world.set(&id, "name", "Bor");
    world.set(&id, "notes", "first");
    world.crm.order_fault(FaultKind::SlowAnswer, 1, 150);
    let push = async { world.crm.push_once().await };
    let edit = async {
        tokio::time::sleep(Duration::from_millis(70)).await;
        world.set(&id, "notes", "second");
    };
    let (pushed, ()) = tokio::join!(push, edit);
    assert_eq!(pushed.taken, 1);
    let contact = world.contact(&id);
    assert_eq!(contact.fields["notes"], "second");
    assert_eq!(contact.dirty_pieces().collect::<Vec<_>>(), ["notes"]);
    assert_eq!(world.there(&id).1["notes"], "first");
    world.settle().await;
    assert_eq!(world.there(&id).1["notes"], "second");
}

#[tokio::test]
async fn whatever_becomes_of_the_answer_a_record_is_made_once() {
    for fault in [Fault::Before, Fault::After, Fault::Hang] {
        // Only one of them needs an end to the waiting; the others must not reach it on a busy machine.
        let timeout = Duration::from_millis(if fault == Fault::Hang { 500 } else { 10_000 });
        let world = start_with(|config| config.timeout = timeout).await;
        let id = world.crm.create(Object::Contacts, None, pieces([("name", json!("Ana"))])).expect("made");
        world.api.order(&[fault, Fault::Before, Fault::After]);
        assert_eq!(world.crm.push_once().await.unknown, 1, "{fault:?}");
        world.set(&id, "notes", "later");
        world.settle().await;
        assert_eq!(world.api.hold().rows.rows.len(), 1);
        assert_eq!(world.there(&id).1, pieces([("name", json!("Ana")), ("notes", json!("later"))]));
        world.assert_in_step().await;
    }
}

#[tokio::test]
async fn the_crms_own_faults_lose_nothing() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    world.set(&id, "name", "Bor");
    world.crm.order_fault(FaultKind::FailBeforeSend, 2, 0);
    world.crm.order_fault(FaultKind::LoseAnswer, 1, 0);
    assert_eq!(world.crm.push_once().await.unknown, 1);
    assert_eq!(world.there(&id).1["name"], "Ana");
    assert_eq!(world.contact(&id).unknown.as_deref(), Some("lost before it was sent"));
    world.settle().await;
    assert_eq!(world.there(&id).1["name"], "Bor");
    assert_eq!(world.contact(&id).unknown, None);
    assert_eq!(world.api.hold().calls.put, 2, "the feed told that it had arrived");
}

#[tokio::test]
async fn after_an_unknown_outcome_there_is_a_wait() {
    let world = start_with(|config| config.backoff = Duration::from_mins(1)).await;
    world.crm.create(Object::Contacts, None, pieces([("name", json!("Ana"))])).expect("made");
    world.api.order(&[Fault::Before]);
    assert_eq!(world.crm.push_once().await.unknown, 1);
    assert_eq!(world.crm.push_once().await.records, 0);
    let settled = world.crm.settle(Duration::from_millis(100)).await;
    assert!(!settled.settled);
    assert_eq!(settled.left, 1);
}

#[tokio::test]
async fn a_refusal_is_kept_and_nothing_more_is_sent_until_somebody_edits() {
    let world = start().await;
    let id = world.crm.create(Object::Contacts, None, pieces([("name", json!("bad"))])).expect("made");
    assert_eq!(world.crm.push_once().await.refused, 1);
    let problem = world.contact(&id).problem.expect("a problem");
    assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_request"));
    assert_eq!(world.crm.push_once().await.records, 0);
    world.crm.try_again(Object::Contacts, &id).expect("there");
    assert_eq!(world.crm.push_once().await.refused, 1);
    world.set(&id, "name", "good");
    world.settle().await;
    assert_eq!(world.contact(&id).problem, None);
    assert_eq!(world.there(&id).1["name"], "good");
}

#[tokio::test]
async fn many_records_go_together_and_one_that_is_refused_holds_up_no_other() {
    let world = start().await;
    let made = world.crm.make(Object::Contacts, 120, &pieces([("name", json!(" C {n}"))])).expect("made");
    world.set(&made[3], "name", "bad");
    let report = world.crm.push_once().await;
    assert_eq!((report.taken, report.refused), (119, 1));
    assert_eq!(world.api.hold().calls.bulk, 2);
    assert_eq!(world.api.hold().calls.put, 0);
    // The feed tells the form that they have there; nothing is sent for that.
    world.crm.settle(Duration::from_secs(20)).await;
    assert_eq!(world.contact(&made[7]).fields["name"], "C 8");
    assert_eq!(world.api.hold().calls.bulk, 2);
    for id in &made[10..30] {
        world.set(id, "notes", " x ");
    }
    world.api.order(&[Fault::After]);
    world.settle().await;
    assert_eq!(world.api.hold().calls.bulk, 4);
    world.crm.delete(Object::Contacts, &made[3]).expect("deleted");
    assert_eq!(world.there(&made[12]).1["notes"], "x");
    world.assert_in_step().await;
}

#[tokio::test]
async fn an_edit_after_a_bulk_answer_takes_nothing_back() {
    let world = start_with(|config| config.bulk_from = 1).await;
    let id = world.crm.create(Object::Contacts, None, pieces([("name", json!("Ana"))])).expect("made");
    world.crm.push_once().await;
    let (record, _) = world.there(&id);
    world.api.hold().rows.erp_edit(&record, "city", &json!("Kranj"));
    world.set(&id, "name", "Bor");
    world.crm.push_once().await;
    // Neither the change of the ERP nor the own one was told yet.
    world.set(&id, "notes", "x");
    world.crm.push_once().await;
    let all = pieces([("name", json!("Bor")), ("city", json!("Kranj")), ("notes", json!("x"))]);
    assert_eq!(world.there(&id).1, all);
    world.settle().await;
    assert_eq!(world.contact(&id).fields, all);
    world.assert_in_step().await;
}

#[tokio::test]
async fn a_request_that_arrives_late_does_not_win_over_a_later_edit() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    world.set(&id, "name", "Bor");
    world.api.order(&[Fault::Late]);
    assert_eq!(world.crm.push_once().await.unknown, 1);
    world.set(&id, "name", "Cene");
    world.settle().await;
    world.api.deliver();
    assert_eq!(world.there(&id).1["name"], "Bor", "the old request is taken for a new one");
    world.settle().await;
    assert_eq!(world.there(&id).1["name"], "Cene");
    world.assert_in_step().await;
}

#[tokio::test]
async fn a_deletion_is_told_once_and_a_record_that_nobody_knew_is_not() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    world.crm.delete(Object::Contacts, &id).expect("deleted");
    world.api.order(&[Fault::After]);
    world.settle().await;
    assert_eq!(world.api.hold().calls.delete, 2);
    let (record, _) = world.there(&id);
    assert_eq!(world.api.hold().rows.log.last().expect("a change")["kind"], "deleted");
    assert_eq!(world.contact(&id).record, Some(record));
    let unknown = world.crm.create(Object::Contacts, None, pieces([("name", json!("Bor"))])).expect("made");
    world.crm.delete(Object::Contacts, &unknown).expect("deleted");
    world.settle().await;
    assert_eq!(world.api.hold().calls.put, 1);
    assert_eq!(world.api.hold().calls.delete, 2);
    assert_eq!(world.contact(&unknown).life, Life::Deleted);
}

#[tokio::test]
async fn a_deletion_is_told_although_the_edit_before_it_is_refused_meanwhile() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    world.set(&id, "name", "bad");
    world.crm.order_fault(FaultKind::SlowAnswer, 1, 100);
    let push = async { world.crm.push_once().await };
    let delete = async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        world.crm.delete(Object::Contacts, &id).expect("there");
    };
    let (pushed, ()) = tokio::join!(push, delete);
    assert_eq!(pushed.refused, 1);
    world.settle().await;
    assert_eq!(world.api.hold().calls.delete, 1);
    assert_eq!(world.contact(&id).problem, None);
}

#[tokio::test]
async fn a_record_whose_making_is_unknown_is_made_before_it_is_deleted() {
    let world = start().await;
    let id = world.crm.create(Object::Contacts, None, pieces([("name", json!("Ana"))])).expect("made");
    world.api.order(&[Fault::Late]);
    world.crm.push_once().await;
    world.crm.delete(Object::Contacts, &id).expect("deleted");
    world.settle().await;
    world.api.deliver();
    world.settle().await;
    let inner = world.api.hold();
    assert_eq!(inner.rows.rows.len(), 1);
    assert_eq!(inner.rows.rows[0].life, "deleted");
}

#[tokio::test]
async fn an_edit_on_a_revision_that_the_product_does_not_know_is_made_again_on_the_present_one() {
    let world = start().await;
    let id = world.known_contact("Ana").await;
    world.api.hold().rows.find("contacts", &id).expect("a row").forget();
    world.set(&id, "notes", "x");
    assert_eq!(world.crm.push_once().await.refused, 1);
    assert_eq!(world.contact(&id).problem, None);
    world.settle().await;
    assert_eq!(world.api.hold().calls.get, 1);
    assert_eq!(world.there(&id).1["notes"], "x");
    world.assert_in_step().await;
}
