//! Whatever happens in whatever order: no edit is lost, a record is there once, and then there is silence.

use crate::fake::Fault;
use crate::world::{World, pieces, start_with};
use crm_sim::{FaultKind, Life, Object};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

/// What happens; the numbers pick a record among those that there are.
#[derive(Clone, Debug)]
enum Step {
    Make,
    /// A person of the CRM sets a piece that nobody else touches.
    Edit(usize),
    /// A person of the CRM sets a piece that the ERP sets too.
    EditShared(usize),
    Delete(usize),
    ErpMake,
    ErpEdit(usize),
    ErpEditShared(usize),
    InErp,
    Push,
    Follow,
    /// Both at once.
    Both,
    Late,
    Fault(FaultKind),
    ApiFault(Fault),
    Repeat(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let n = any::<prop::sample::Index>().prop_map(|i| i.index(1_000));
    prop_oneof![
        3 => Just(Step::Make),
        6 => n.clone().prop_map(Step::Edit),
        4 => n.clone().prop_map(Step::EditShared),
        1 => n.clone().prop_map(Step::Delete),
        2 => Just(Step::ErpMake),
        4 => n.clone().prop_map(Step::ErpEdit),
        3 => n.prop_map(Step::ErpEditShared),
        2 => Just(Step::InErp),
        6 => Just(Step::Push),
        5 => Just(Step::Follow),
        3 => Just(Step::Both),
        2 => Just(Step::Late),
        3 => prop::sample::select(&FaultKind::ALL[..]).prop_map(Step::Fault),
        4 => prop::sample::select(&[Fault::Before, Fault::After, Fault::Late][..]).prop_map(Step::ApiFault),
        2 => (0_usize..20).prop_map(Step::Repeat),
    ]
}

/// What people did last to pieces that nobody else touches: in the CRM by its id, in the ERP by the ERP's.
#[derive(Default)]
struct Truth {
    crm: BTreeMap<String, String>,
    erp: BTreeMap<String, String>,
    n: u32,
}

fn live(world: &World) -> Vec<String> {
    let records = world.crm.records(Object::Contacts);
    records.into_iter().filter(|r| r.life == Life::Live).map(|r| r.crm_id).collect()
}

fn in_erp(world: &World) -> Vec<(String, String)> {
    let inner = world.api.hold();
    let rows = inner.rows.rows.iter().filter(|row| row.life == "in_step");
    rows.filter_map(|row| Some((row.id.clone(), row.erp_id.clone()?))).collect()
}

fn some<T: Clone>(of: &[T], n: usize) -> Option<T> {
    (!of.is_empty()).then(|| of[n % of.len()].clone())
}

/// Old requests arrive. The product takes them for new ones; the CRM sees that in the feed, if it looks there before
/// it sends more of the same record.
async fn deliver(world: &World) {
    world.api.deliver();
    for _ in 0..200 {
        let followed = world.crm.follow_once().await;
        if !followed.more && !followed.failed && followed.changes == 0 {
            return;
        }
    }
}

async fn carry_out(world: &World, step: &Step, truth: &mut Truth) {
    truth.n += 1;
    let value = format!(" v{} ", truth.n);
    match step {
        Step::Make => {
            world.crm.create(Object::Contacts, None, pieces([("name", json!(value))])).expect("made");
        }
        Step::Edit(n) => {
            if let Some(id) = some(&live(world), *n) {
                world.set(&id, "ours", &value);
                truth.crm.insert(id, value.trim().to_owned());
            }
        }
        Step::EditShared(n) => {
            if let Some(id) = some(&live(world), *n) {
                world.set(&id, "shared", &value);
            }
        }
        Step::Delete(n) => {
            if let Some(id) = some(&live(world), *n) {
                world.crm.delete(Object::Contacts, &id).expect("there");
            }
        }
        Step::ErpMake => {
            world.api.hold().rows.erp_new("contacts", pieces([("name", json!(value.trim()))]));
        }
        Step::ErpEdit(n) => {
            if let Some((id, erp_id)) = some(&in_erp(world), *n) {
                world.api.hold().rows.erp_edit(&id, "theirs", &json!(value.trim()));
                truth.erp.insert(erp_id, value.trim().to_owned());
            }
        }
        Step::ErpEditShared(n) => {
            if let Some((id, _)) = some(&in_erp(world), *n) {
                world.api.hold().rows.erp_edit(&id, "shared", &json!(value.trim()));
            }
        }
        Step::InErp => world.api.hold().rows.make_in_erp(),
        Step::Push => drop(world.crm.push_once().await),
        Step::Follow => drop(world.crm.follow_once().await),
        Step::Both => drop(tokio::join!(world.crm.push_once(), world.crm.follow_once())),
        Step::Late => deliver(world).await,
        Step::Fault(kind) => world.crm.order_fault(*kind, 1, 3),
        Step::ApiFault(fault) => world.api.order(&[*fault]),
        Step::Repeat(back) => world.api.hold().repeats.push_back(*back),
    }
}

async fn hold_true(steps: &[Step], erp_wins: bool, bulk_from: usize) {
    let world = start_with(|config| {
        config.bulk_from = bulk_from;
        config.page = 4;
    })
    .await;
    world.api.hold().rows.erp_wins = erp_wins;
    let mut truth = Truth::default();
    for step in steps {
        carry_out(&world, step, &mut truth).await;
    }
    world.settle().await;
    deliver(&world).await;
    world.settle().await;
    world.assert_in_step().await;
    let rows = world.api.hold().rows.rows.clone();
    for row in rows.iter().filter(|row| row.life == "in_step") {
        let crm_id = row.crm_id.as_ref().expect("every record is linked");
        if let Some(value) = truth.crm.get(crm_id) {
            assert_eq!(row.fields.get("ours"), Some(&json!(value)), "an edit of the CRM is lost: {row:?}");
        }
        if let Some(value) = row.erp_id.as_ref().and_then(|erp_id| truth.erp.get(erp_id)) {
            assert_eq!(row.fields.get("theirs"), Some(&json!(value)), "an edit of the ERP is lost: {row:?}");
        }
    }
    let deleted = |id: &String| world.contact(id).life == Life::Deleted;
    for id in truth.crm.keys().filter(|id| !deleted(id)) {
        assert!(rows.iter().any(|row| row.crm_id.as_ref() == Some(id)), "{id} did not arrive");
    }
    for row in rows.iter().filter(|row| row.crm_id.as_ref().is_some_and(deleted)) {
        assert_eq!(row.life, "deleted", "a deletion is lost: {row:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_edit_is_lost_no_record_is_there_twice_and_then_there_is_silence(
        steps in prop::collection::vec(step(), 1..60),
        erp_wins: bool,
        bulk_from in prop::sample::select(&[1_usize, 3, 1_000][..]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(hold_true(&steps, erp_wins, bulk_from));
    }
}
