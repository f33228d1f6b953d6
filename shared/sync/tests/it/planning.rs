//! Plans: what is planned is what visits do, and nothing else is let through.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Direction, Object, RecordId, Rule, Settings};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use sync::guard::{StopReason, Verdict};
use sync::plan::{Action, Item, Plan, Reason, compare, plan};
use sync::twoway::{Ended, Entry, HoldReason, Side, Timing, Winner, settle_conflict};

use crate::small::{Answer, Small};

impl Small {
    /// Visits a record until it is no longer due at once. `false` when a visit was refused.
    fn visit_until_rest(&mut self, id: RecordId, approved: Option<&Item>) -> bool {
        let crm_id = self.rows.get(&id).and_then(|e| e.crm_id.clone());
        let mut current = id;
        for _ in 0..4 {
            let Some(report) = self.visit(current, approved, Answer::Done) else { return false };
            let joined = self.rows.values().find(|e| e.crm_id.is_some() && e.crm_id == crm_id);
            current = joined.map_or(current, |e| e.id);
            let due = self.rows.get(&current).and_then(|e| e.due).is_some_and(|due| due <= self.now);
            if !due || !matches!(report.ended, Ended::Linked | Ended::Written) {
                break;
            }
        }
        true
    }

    /// Carries a plan out. The answer: the records whose visit was refused or asks a person.
    fn carry_out(&mut self, approved: &Plan) -> BTreeSet<RecordId> {
        for item in approved.items.iter().filter(|i| i.action == Action::DeleteInErp) {
            if let (Some(Verdict::Go), Some(row)) = (approved.guard.get(&self.object), self.rows.get_mut(&item.record))
            {
                row.released = true;
            }
        }
        let mut refused = BTreeSet::new();
        for item in approved.items.iter().filter(|i| i.writes()) {
            if !self.visit_until_rest(item.record, Some(item)) {
                refused.insert(item.record);
            }
        }
        refused
    }

    /// Makes the `n`th record of a kind.
    fn seed(&mut self, n: usize, kind: u8, values: [u8; 3], edit: (usize, u8), other: (usize, u8)) -> RecordId {
        let pieces = self.pieces();
        match kind {
            0 => self.of_crm(n, values),
            1 => {
                let mut theirs = self.fields(n, values);
                theirs.set(pieces[edit.0], json!(edit.1.to_string()));
                self.add_to_erp(theirs);
                self.of_crm(n, values)
            }
            _ => {
                let id = self.linked(n, values);
                if kind & 2 > 0 {
                    self.crm_edits(id, pieces[edit.0], edit.1);
                }
                if kind & 4 > 0 {
                    self.erp_edits(id, pieces[other.0], other.1);
                }
                if kind == 9 {
                    self.crm_deletes(id);
                }
                id
            }
        }
    }
}

/// The sends that a plan names, by record.
fn named(plan: &Plan) -> BTreeSet<RecordId> {
    let sends = |i: &&Item| match &i.action {
        Action::CreateInErp { .. } | Action::UpdateErp { .. } | Action::DeleteInErp => true,
        Action::Link { set, .. } => !set.is_empty(),
        _ => false,
    };
    plan.items.iter().filter(sends).map(|i| i.record).collect()
}

type Seed = (u8, [u8; 3], (usize, u8), (usize, u8));

fn seeds() -> impl Strategy<Value = Vec<Seed>> {
    let one = (0..10u8, [1..4u8, 0..4u8, 0..4u8], (0..3usize, 1..4u8), (0..3usize, 0..4u8));
    prop::collection::vec(one, 1..7)
}

/// What a world is made from, so that a failure is short.
#[derive(Clone, Debug)]
struct Made {
    object: Object,
    rule: Rule,
    direction: Direction,
    changed: Option<i64>,
    deletes: bool,
    seeds: Vec<Seed>,
}

impl Made {
    fn world(&self) -> (Small, Vec<RecordId>) {
        let mut w = Small::new(self.object, self.rule, self.direction);
        w.changed_at = self.changed.map(|s| w.now + SignedDuration::from_secs(s));
        w.settings.objects.get_mut(&self.object).expect("there").deletes_in_erp = self.deletes;
        let ids = self.seeds.iter().enumerate().map(|(n, s)| w.seed(n, s.0, s.1, s.2, s.3)).collect();
        (w, ids)
    }
}

fn worlds() -> impl Strategy<Value = Made> {
    let object = prop::sample::select(vec![Object::Products, Object::Contacts]);
    let rule = prop::sample::select(vec![Rule::Crm, Rule::Erp, Rule::Newest, Rule::Park]);
    let direction = prop::sample::select(vec![Direction::Both, Direction::Both, Direction::ToErp, Direction::ToCrm]);
    (object, rule, direction, prop::option::of(-9..9i64), any::<bool>(), seeds()).prop_map(
        |(object, rule, direction, changed, deletes, seeds)| Made { object, rule, direction, changed, deletes, seeds },
    )
}

proptest! {
    #[test]
    fn what_is_planned_is_done_when_nothing_moves_and_then_nothing_is_left_to_plan(made in worlds()) {
        let (mut w, _) = made.world();
        let approved = w.plan();
        prop_assert_eq!(compare(&approved, &w.plan()), Ok(()));
        let refused = w.carry_out(&approved);
        prop_assert_eq!(refused, BTreeSet::new());
        let sent: BTreeSet<RecordId> = w.sends.iter().map(|(id, _)| *id).collect();
        prop_assert_eq!(&sent, &named(&approved));
        prop_assert_eq!(w.sends.len(), sent.len(), "each once: {:?}", w.sends);
        let again = w.plan();
        prop_assert!(again.is_empty(), "{:#?}", again.items);
    }

    #[test]
    fn only_what_is_approved_is_sent_and_what_is_not_sent_has_moved(
        made in worlds(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..6u8, 0..3usize, 0..4u8), 0..6),
        late in prop::collection::vec((any::<prop::sample::Index>(), 0..6u8, 0..3usize, 0..4u8), 0..2),
    ) {
        let (mut w, ids) = made.world();
        let approved = w.plan();
        w.later(60);
        let pieces = w.pieces();
        let edit = |w: &mut Small, (which, how, piece, value): &(prop::sample::Index, u8, usize, u8)| {
            let id = *which.get(&ids);
            match how {
                0 => w.crm_deletes(id),
                1 => { w.rows.get(&id).and_then(|e| e.erp_id).map(|erp_id| w.erp.remove(&erp_id)); }
                2 | 3 => { w.crm_edits(id, pieces[*piece], *value); }
                _ if w.rows.get(&id).is_some_and(|e| e.erp_id.is_some()) => w.erp_edits(id, pieces[*piece], *value),
                _ => {}
            }
        };
        for e in &edits {
            edit(&mut w, e);
        }
        let moved: BTreeSet<RecordId> =
            compare(&approved, &w.plan()).err().into_iter().flatten().map(|m| m.record).collect();
        // Between the comparison and the writing something can still move: the visit sees it.
        for e in &late {
            edit(&mut w, e);
        }
        let moved_late: BTreeSet<RecordId> =
            compare(&approved, &w.plan()).err().into_iter().flatten().map(|m| m.record).collect();
        let before = w.log.len();
        let refused = w.carry_out(&approved);
        let sent: BTreeSet<RecordId> = w.sends.iter().map(|(id, _)| *id).collect();
        let planned = named(&approved);
        for told in &w.log[before..] {
            let item = approved.item(told.was.unwrap_or(told.record)).expect("in the plan");
            for (piece, field) in &told.change.fields {
                let is_approved = item.tells.get(piece).is_some_and(|t| t.after == field.after);
                prop_assert!(is_approved || sent.contains(&item.record), "the CRM is told {piece} of {item:?}");
            }
        }
        prop_assert!(sent.is_subset(&planned));
        prop_assert_eq!(w.sends.len(), sent.len(), "each once");
        for id in planned.difference(&sent) {
            prop_assert!(moved_late.contains(id), "{id} was not written: {:?}", approved.item(*id));
            prop_assert!(!late.is_empty() || moved.contains(id));
        }
        for id in refused {
            prop_assert!(moved_late.contains(&id), "{id} was refused: {:?}", approved.item(id));
        }
    }

    #[test]
    fn a_hash_names_what_is_written_whatever_the_order_and_nothing_else(made in worlds(), order in any::<u64>()) {
        let (w, _) = made.world();
        let one = w.plan();
        let mut looked = w.look();
        let by = usize::try_from(order % looked.len() as u64).expect("short");
        looked.rotate_left(by);
        looked.reverse();
        for l in &mut looked {
            l.entry.version += 7;
        }
        let mut other = plan(&w.tenant, looked, &w.settings, &BTreeMap::new(), Timing::STANDARD, w.now);
        prop_assert_eq!(one.hash(), other.hash());
        other.settings_version += 1;
        prop_assert_ne!(one.hash(), other.hash());
        let json = serde_json::to_string(&one).expect("plain");
        prop_assert_eq!(serde_json::from_str::<Plan>(&json).expect("a plan"), one);
    }

    #[test]
    fn every_record_has_a_reason_and_is_counted_once(made in worlds()) {
        let (w, _) = made.world();
        let plan = w.plan();
        prop_assert!(plan.items.iter().all(|i| !i.reasons.is_empty()));
        prop_assert!(plan.items.iter().all(|i| !i.reasons.contains(&Reason::Unclear)));
        prop_assert_eq!(plan.counts().values().sum::<u64>(), w.rows.len() as u64);
    }
}

fn contacts() -> Small {
    Small::new(Object::Contacts, Rule::Park, Direction::Both)
}

/// The only item's action and reasons.
fn planned(w: &Small) -> (Action, Vec<Reason>) {
    let item = w.plan().items.into_iter().next().expect("one record");
    (item.action, item.reasons)
}

fn pieces(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

#[test]
fn an_edit_of_the_crm_is_an_update_and_one_of_the_erp_is_told() {
    let mut w = contacts();
    let id = w.linked(1, [1, 1, 0]);
    assert_eq!(planned(&w), (Action::Nothing, vec![Reason::Equal]));
    w.erp_edits(id, "registration_number", 2);
    assert_eq!(planned(&w), (Action::TellCrm, vec![Reason::ErpChanged { pieces: pieces(&["registration_number"]) }]));
    w.crm_edits(id, "name", 2);
    let item = w.plan().items.remove(0);
    let set = BTreeMap::from([("name".to_owned(), Some(json!("2")))]);
    assert_eq!(item.action, Action::UpdateErp { set });
    assert_eq!(item.tells["registration_number"].after, Some(json!("2")));
    assert_eq!(item.reasons[0], Reason::CrmChanged { pieces: pieces(&["name"]) });
}

#[test]
fn a_conflict_names_the_rule_and_who_wins() {
    for (rule, action, reason) in [
        (Rule::Park, "park", Reason::ConflictParked { pieces: pieces(&["name"]), rule: Rule::Park }),
        (Rule::Crm, "update_erp", Reason::Decided { pieces: pieces(&["name"]), rule: Rule::Crm, winner: Winner::Crm }),
        (Rule::Erp, "tell_crm", Reason::Decided { pieces: pieces(&["name"]), rule: Rule::Erp, winner: Winner::Erp }),
    ] {
        let mut w = Small::new(Object::Contacts, rule, Direction::Both);
        let id = w.linked(1, [1, 0, 0]);
        w.crm_edits(id, "name", 2);
        w.erp_edits(id, "name", 3);
        let (did, reasons) = planned(&w);
        assert_eq!((did.name(), reasons), (action, vec![reason]));
        if rule == Rule::Park {
            w.visit(id, None, Answer::Done);
            assert_eq!(planned(&w).0, Action::Park, "a conflict that is parked already waits as before");
            settle_conflict(w.rows.get_mut(&id).expect("there"), "name", Winner::Crm);
            assert_eq!(planned(&w).0.name(), "update_erp");
        }
    }
}

#[test]
fn what_is_not_written_says_why() {
    let change = |w: &mut Small, f: fn(&mut Entry)| w.rows.values_mut().for_each(f);
    let edited = || {
        let mut w = contacts();
        let id = w.linked(1, [1, 0, 0]);
        w.crm_edits(id, "name", 2);
        w
    };
    let mut paused = edited();
    paused.settings.objects.get_mut(&Object::Contacts).expect("there").paused = true;
    assert_eq!(planned(&paused), (Action::Nothing, vec![Reason::Paused]));

    let mut one_way = edited();
    one_way.settings.objects.get_mut(&Object::Contacts).expect("there").direction = Direction::ToCrm;
    let reason = Reason::Direction { pieces: pieces(&["name"]), direction: Direction::ToCrm };
    assert_eq!(planned(&one_way), (Action::Nothing, vec![reason]));

    let mut locked = edited();
    locked.locked = true;
    assert_eq!(planned(&locked), (Action::Park, vec![Reason::Locked { pieces: pieces(&["name"]) }]));

    let mut held = edited();
    change(&mut held, |e| e.park(HoldReason::GivenUp, Timestamp::UNIX_EPOCH));
    assert_eq!(planned(&held), (Action::Park, vec![Reason::Held { why: HoldReason::GivenUp }]));

    let mut gone = edited();
    gone.erp.clear();
    assert_eq!(planned(&gone), (Action::Park, vec![Reason::Held { why: HoldReason::GoneInErp }]));

    let mut archived = edited();
    change(&mut archived, |e| e.archived_at = Some(Timestamp::UNIX_EPOCH));
    assert_eq!(planned(&archived), (Action::Nothing, vec![Reason::Archived]));

    let mut theirs = contacts();
    theirs.linked(1, [1, 0, 0]);
    change(&mut theirs, |e| e.crm.set("number", json!("N-1")));
    assert_eq!(planned(&theirs), (Action::Nothing, vec![Reason::OwnedByErp { pieces: pieces(&["number"]) }]));

    let mut unread = edited().look();
    unread[0].erp = Side::Unknown;
    let settings = Settings::standard();
    let w = contacts();
    let made = plan(&w.tenant, unread, &settings, &BTreeMap::new(), Timing::STANDARD, w.now);
    assert_eq!((&made.items[0].action, &made.items[0].reasons[..]), (&Action::Wait, &[Reason::CannotRead][..]));
}

#[test]
fn a_document_waits_for_the_partner_and_product_that_the_erp_does_not_have() {
    let mut w = Small::new(Object::Orders, Rule::Park, Direction::Both);
    let id = w.of_crm(1, [0, 0, 0]);
    let row = w.rows.get_mut(&id).expect("there");
    row.crm.set("partner", json!({ "crm_id": "c-42" }));
    row.crm.set("lines/l1", json!({ "product_crm_id": "p-7", "amount": "1" }));
    let reason = Reason::WaitsFor { crm_ids: pieces(&["c-42", "p-7"]) };
    assert_eq!(planned(&w), (Action::Wait, vec![reason]));
}

#[test]
fn a_write_whose_answer_was_lost_is_waited_for() {
    let mut w = contacts();
    let id = w.of_crm(1, [1, 0, 0]);
    w.visit(id, None, Answer::Lost);
    let until = w.rows[&id].due;
    assert_eq!(planned(&w), (Action::Wait, vec![Reason::WriteUnderWay { until }]));
    w.later(3_600);
    let (action, reasons) = planned(&w);
    let erp_id = *w.erp.keys().next().expect("it was made");
    assert_eq!((action, &reasons[0]), (Action::Link { erp_id, set: BTreeMap::new() }, &Reason::FoundInErp { erp_id }));
}

#[test]
fn two_records_of_the_crm_that_are_one_in_the_erp_are_not_both_linked() {
    let mut w = contacts();
    w.of_crm(1, [1, 0, 0]);
    let erp_id = w.add_to_erp(w.fields(1, [1, 0, 0]));
    let second = RecordId::for_crm(&w.tenant, w.object, "c-2");
    w.rows.insert(second, Entry::of_crm(second, "c-2".to_owned(), w.fields(1, [1, 0, 0])));
    let made = w.plan();
    let (first, second) = (&made.items[0], &made.items[1]);
    assert_eq!(first.action, Action::Link { erp_id, set: BTreeMap::new() });
    let crm_id = first.crm_id.clone().expect("of the CRM");
    assert_eq!(second.reasons, vec![Reason::Held { why: HoldReason::LinkTaken { crm_id } }]);

    let mut taken = w.look();
    let mut row = Entry::of_erp(RecordId::for_erp(&w.tenant, w.object, erp_id), erp_id, w.fields(1, [1, 0, 0]));
    row.crm_id = Some("c-9".to_owned());
    taken[0].target = Some(Box::new(row));
    let made = plan(&w.tenant, taken, &w.settings, &BTreeMap::new(), Timing::STANDARD, w.now);
    let why = HoldReason::LinkTaken { crm_id: "c-9".to_owned() };
    assert_eq!(made.items[0].reasons, vec![Reason::Held { why }], "a row of before has it");
}

#[test]
fn the_guard_judges_all_deletions_of_a_plan_and_contacts_are_only_taken_apart() {
    let mut w = Small::new(Object::Products, Rule::Park, Direction::Both);
    let ids: Vec<RecordId> = (0..40).map(|n| w.linked(n, [1, 0, 0])).collect();
    ids.iter().take(11).for_each(|id| w.crm_deletes(*id));
    let plan = w.plan();
    assert_eq!(plan.counts(), BTreeMap::from([("delete_in_erp", 11), ("nothing", 29)]));
    assert!(matches!(plan.guard[&Object::Products], Verdict::Ask { reason: StopReason::LargeShare, .. }));
    w.carry_out(&plan);
    assert_eq!(w.sends, vec![], "nobody released them");
    w.settings.objects.get_mut(&Object::Products).expect("there").deletes_in_erp = false;
    let kept = w.plan();
    assert_eq!((kept.counts()["nothing"], kept.guard.len()), (40, 0));
    assert!(kept.items.iter().any(|i| i.reasons == vec![Reason::DeletionsStayInCrm]));

    let mut w = contacts();
    let id = w.linked(1, [1, 0, 0]);
    w.crm_deletes(id);
    assert_eq!(planned(&w), (Action::Nothing, vec![Reason::TakenApart]));
}

#[test]
fn a_comparison_names_what_is_other_new_and_gone() {
    let mut w = contacts();
    let ids: Vec<RecordId> = (0..3).map(|n| w.linked(n, [1, 0, 0])).collect();
    w.crm_edits(ids[0], "name", 2);
    w.crm_edits(ids[1], "name", 2);
    let approved = w.plan();
    w.crm_edits(ids[0], "name", 3);
    w.crm_edits(ids[1], "name", 1);
    w.erp_edits(ids[2], "name", 2);
    let moved = compare(&approved, &w.plan()).expect_err("three moved");
    let told: BTreeMap<RecordId, (&str, &str)> = moved
        .iter()
        .map(|m| {
            (m.record, (m.was.as_ref().expect("there").action.name(), m.is.as_ref().expect("there").action.name()))
        })
        .collect();
    let wanted = [
        (ids[0], ("update_erp", "update_erp")),
        (ids[1], ("update_erp", "nothing")),
        (ids[2], ("nothing", "tell_crm")),
    ];
    assert_eq!(told, BTreeMap::from(wanted));
    let without = Plan { items: Vec::new(), ..approved.clone() };
    assert_eq!(compare(&approved, &without).expect_err("gone").len(), 2);
    assert!(compare(&without, &approved).expect_err("new").iter().all(|m| m.was.is_none()));
}
