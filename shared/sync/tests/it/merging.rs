//! The merge of one record, as properties.

use std::collections::BTreeSet;

use domain::{Direction, ErpId, Fields, Object, ObjectSettings, RecordId, Rule, TenantId};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use sync::twoway::{CrmEdit, Entry, Refusal, Times, Winner, absorb, accept, pending, settle_conflict};

const PIECES: [&str; 4] = ["name", "tax", "addresses/1", "registration_number"];

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn settings(rule: Rule) -> ObjectSettings {
    let mut settings = ObjectSettings::standard(Object::Contacts);
    settings.rules.values_mut().for_each(|r| *r = rule);
    settings
}

fn fields(values: [u8; 4]) -> Fields {
    PIECES.iter().zip(values).filter(|(_, v)| *v > 0).map(|(p, v)| (*p, json!(v.to_string()))).collect()
}

fn linked(base: &Fields) -> Entry {
    let tenant: TenantId = format!("t_{:0>20}", 1).parse().expect("a tenant id");
    Entry::of_erp(RecordId::for_erp(&tenant, Object::Contacts, ErpId::new(1)), ErpId::new(1), base.clone())
}

fn edit(entry: &mut Entry, seen: &Fields, new: &Fields, rule: Rule) {
    let edit = CrmEdit { fields: new.clone(), seen: seen.clone(), told_since: BTreeSet::new(), edited_at: None };
    accept(entry, &edit, &settings(rule), now()).expect("the CRM may change these");
}

fn rules() -> impl Strategy<Value = Rule> {
    prop::sample::select(vec![Rule::Crm, Rule::Erp, Rule::Newest, Rule::Park])
}

fn values() -> impl Strategy<Value = [u8; 4]> {
    prop::array::uniform4(0..3u8)
}

proptest! {
    #[test]
    fn each_piece_ends_as_the_table_of_three_values_says(b in values(), c in values(), e in values(), rule in rules()) {
        let (base, crm, erp) = (fields(b), fields(c), fields(e));
        let mut entry = linked(&base);
        edit(&mut entry, &base, &crm, rule);
        absorb(&mut entry, &erp, &settings(rule), Times::default());
        let open = pending(&entry);
        for piece in PIECES {
            let (b, c, e) = (base.get(piece), crm.get(piece), erp.get(piece));
            let (has, waits) = (entry.crm.get(piece), open.iter().any(|p| p == piece));
            let parked = entry.conflicts.contains_key(piece);
            if c == b {
                prop_assert_eq!((has, waits, parked), (e, false, false), "the ERP's change is taken");
            } else if e == b {
                prop_assert_eq!((has, waits, parked), (c, true, false), "the CRM's change is to be written");
            } else if c == e {
                prop_assert_eq!((has, waits, parked), (c, false, false), "both made the same change");
            } else {
                match rule {
                    Rule::Crm => prop_assert_eq!((has, waits, parked), (c, true, false)),
                    Rule::Erp => prop_assert_eq!((has, waits, parked), (e, false, false)),
                    Rule::Newest | Rule::Park => prop_assert_eq!((has, waits, parked), (c, false, true)),
                }
            }
        }
    }

    #[test]
    fn taking_the_same_twice_changes_nothing(b in values(), c in values(), e in values(), rule in rules()) {
        let (base, crm, erp) = (fields(b), fields(c), fields(e));
        let mut entry = linked(&base);
        edit(&mut entry, &base, &crm, rule);
        absorb(&mut entry, &erp, &settings(rule), Times::default());
        let once = entry.clone();
        prop_assert_eq!(absorb(&mut entry, &erp, &settings(rule), Times::default()), None);
        prop_assert_eq!(&entry, &once);
    }

    #[test]
    fn a_value_that_loses_is_in_the_change_or_parked(b in values(), c in values(), e in values(), rule in rules()) {
        let (base, crm, erp) = (fields(b), fields(c), fields(e));
        let mut entry = linked(&base);
        edit(&mut entry, &base, &crm, rule);
        let change = absorb(&mut entry, &erp, &settings(rule), Times::default());
        for piece in PIECES {
            let (b, c, e) = (base.get(piece), crm.get(piece), erp.get(piece));
            if c != b && e != b && c != e {
                let decided = change.as_ref().and_then(|x| x.decided.get(piece)).map(|(_, lost)| lost.as_ref());
                match rule {
                    Rule::Crm => prop_assert_eq!(decided, Some(e)),
                    Rule::Erp => prop_assert_eq!(decided, Some(c)),
                    Rule::Newest | Rule::Park => {
                        let conflict = &entry.conflicts[piece];
                        prop_assert_eq!((conflict.base.as_ref(), conflict.crm.as_ref(), conflict.erp.as_ref()), (b, c, e));
                    }
                }
            }
        }
    }

    #[test]
    fn a_settled_conflict_has_the_chosen_value_and_nothing_is_parked(b in values(), c in values(), e in values(), erp_wins: bool) {
        let (base, crm, erp) = (fields(b), fields(c), fields(e));
        let mut entry = linked(&base);
        edit(&mut entry, &base, &crm, Rule::Park);
        absorb(&mut entry, &erp, &settings(Rule::Park), Times::default());
        let winner = if erp_wins { Winner::Erp } else { Winner::Crm };
        for piece in entry.conflicts.keys().cloned().collect::<Vec<_>>() {
            prop_assert!(settle_conflict(&mut entry, &piece, winner).is_some());
            let wanted = if erp_wins { erp.get(&piece) } else { crm.get(&piece) };
            prop_assert_eq!(entry.crm.get(&piece), wanted);
            prop_assert_eq!(pending(&entry).contains(&piece), !erp_wins);
            prop_assert_eq!(settle_conflict(&mut entry, &piece, winner), None);
        }
    }

    #[test]
    fn an_edit_on_an_old_revision_takes_back_nothing_that_it_did_not_touch(b in values(), c in values(), e in values()) {
        let (base, erp) = (fields(b), fields(e));
        let mut entry = linked(&base);
        absorb(&mut entry, &erp, &settings(Rule::Erp), Times::default());
        let crm = fields(c);
        let told_since = base.differing(&erp).into_iter().map(str::to_owned).collect();
        let edit = CrmEdit { fields: crm.clone(), seen: base.clone(), told_since, edited_at: None };
        accept(&mut entry, &edit, &settings(Rule::Erp), now()).expect("allowed");
        for piece in PIECES {
            let (b, c, e) = (base.get(piece), crm.get(piece), erp.get(piece));
            let wanted = if c == b || e != b { e } else { c };
            prop_assert_eq!(entry.crm.get(piece), wanted);
        }
    }
}

#[test]
fn the_newer_side_wins_only_when_both_give_times() {
    let at = |s| Some(Timestamp::from_second(s).expect("a time"));
    for (times, wanted) in [
        (Times { crm: at(2), erp: at(1) }, Some("2")),
        (Times { crm: at(1), erp: at(2) }, Some("3")),
        (Times { crm: at(1), erp: at(1) }, None),
        (Times { crm: at(1), erp: None }, None),
    ] {
        let mut entry = linked(&fields([1, 0, 0, 0]));
        edit(&mut entry, &fields([1, 0, 0, 0]), &fields([2, 0, 0, 0]), Rule::Newest);
        absorb(&mut entry, &fields([3, 0, 0, 0]), &settings(Rule::Newest), times);
        assert_eq!(entry.conflicts.contains_key("name"), wanted.is_none());
        if let Some(wanted) = wanted {
            assert_eq!(entry.crm.get("name"), Some(&json!(wanted)));
        }
    }
}

#[test]
fn what_is_the_erps_and_what_travels_one_way_is_refused_by_name() {
    let mut entry = linked(&fields([1, 0, 0, 0]));
    let mut changed = fields([1, 0, 0, 0]);
    changed.set("number", json!("N-1"));
    let seen = fields([1, 0, 0, 0]);
    let edit = CrmEdit { fields: changed, seen: seen.clone(), told_since: BTreeSet::new(), edited_at: None };
    assert_eq!(
        accept(&mut entry, &edit, &settings(Rule::Crm), now()),
        Err(Refusal::OwnedByErp(vec!["number".to_owned()]))
    );
    let mut one_way = settings(Rule::Crm);
    one_way.direction = Direction::ToCrm;
    let edit = CrmEdit { fields: fields([2, 0, 0, 0]), seen, told_since: BTreeSet::new(), edited_at: None };
    assert_eq!(accept(&mut entry, &edit, &one_way, now()), Err(Refusal::Direction));
    assert_eq!(entry.crm, fields([1, 0, 0, 0]), "nothing was taken");
}
