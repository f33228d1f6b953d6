//! What a search by a walk from the newest document has to go down to is written down before anything is sent.

use domain::{ErpId, Fields, Object, ObjectSettings, RecordId, TenantId};
use jiff::Timestamp;
use serde_json::json;
use sync::twoway::{Effect, Entry, Input, Match, Op, Probed, Save, Timing, Visit};

/// What the first save of a new document says, when the ERP lists documents with these ids.
fn allowed(object: Object, listed: &[u64]) -> Box<Save> {
    let tenant: TenantId = format!("t_{:0>20}", 1).parse().expect("a tenant id");
    let id = RecordId::for_crm(&tenant, object, "c-1");
    let fields = Fields::from_iter([("title", json!("Montaža")), ("partner", json!({ "erp_id": "3" }))]);
    let mut entry = Entry::of_crm(id, "c-1".to_owned(), fields);
    entry.due = Some(Timestamp::UNIX_EPOCH);
    let found = listed.iter().map(|n| Match { erp_id: ErpId::new(*n), fields: Fields::default() }).collect();
    let mut visit = Visit::new(tenant, id, ObjectSettings::standard(object), Timing::STANDARD);
    let now = Timestamp::UNIX_EPOCH;
    visit.step(Input::Begin, now);
    let Effect::Probe(_) = visit.step(Input::Loaded(Some(Box::new(entry))), now) else { panic!("it searches first") };
    match visit.step(Input::Probed(Probed::Answered { found, control: true }), now) {
        Effect::Save(save) => save,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_there_before_the_sending_is_written_down_where_a_walk_finds_what_is_made() {
    let floor = |object, listed| {
        let intent = allowed(object, listed).entry.intent.expect("it may be sent");
        assert!(matches!(intent.op, Op::Create { .. }));
        intent.floor
    };
    assert_eq!(floor(Object::WorkOrders, &[5, 7, 6]), Some(ErpId::new(7)));
    assert_eq!(floor(Object::WorkOrders, &[]), Some(ErpId::new(0)), "the walk goes to the end");
    assert_eq!(floor(Object::Orders, &[5, 7, 6]), None, "it is found by a key of its own");
}
