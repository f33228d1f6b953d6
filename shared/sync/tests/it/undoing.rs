//! Undo: a run is taken back piece by piece, later work stays, and an undo can be undone.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Direction, Object, RecordId, Rule};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use sync::fold::Told;
use sync::twoway::{Change, Entry, HoldReason, Winner, archive, pending, settle_conflict};
use sync::undo::{Instead, Refused, Undo, apply, undo};

use crate::small::{Answer, Small};

const PIECES: [&str; 3] = ["name", "registration_number", "addresses/a"];

fn small(rule: Rule) -> Small {
    Small::new(Object::Contacts, rule, Direction::Both)
}

/// The undo of the only record that the changes from `run` on, `len` of them, are of.
fn decide(w: &Small, run: std::ops::Range<usize>) -> Undo {
    let (done, later) = (&w.log[run.clone()], &w.log[run.end..]);
    let mut all = undo(done, later, &w.rows, &w.settings);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// Carries an undo out as `app` does: an edit that is told.
fn carry_out(w: &mut Small, undo: &Undo, by: &str) -> Vec<String> {
    let settings = w.settings.of(w.object);
    let now = w.now;
    let entry = w.rows.get_mut(&undo.record).expect("there");
    let undone = apply(entry, undo, &settings, now).expect("allowed");
    entry.version += 1;
    let seq = w.log.len() as u64 + 1;
    w.log.extend(undone.change.map(|change| Told::of_entry(entry, change, seq, now, by)));
    undone.left
}

fn values() -> impl Strategy<Value = [u8; 3]> {
    [1..4u8, 0..4u8, 0..4u8]
}

/// A record, with a run that took what the ERP changed and, before it, the edits of the CRM.
fn after_a_run(rule: Rule, base: [u8; 3], crm: [u8; 3], erp: [u8; 3]) -> (Small, RecordId, std::ops::Range<usize>) {
    let mut w = small(rule);
    let id = w.linked(1, base);
    for (piece, value) in PIECES.iter().zip(crm) {
        w.crm_edits(id, piece, value);
    }
    for (piece, value) in PIECES.iter().zip(erp) {
        w.erp_edits(id, piece, value);
    }
    let from = w.log.len();
    w.visit(id, None, Answer::Done);
    let run = from..w.log.len();
    (w, id, run)
}

proptest! {
    #[test]
    fn a_pull_that_is_undone_brings_the_old_values_back_on_both_sides(base in values(), erp in values()) {
        let (mut w, id, run) = after_a_run(Rule::Park, base, base, erp);
        if run.is_empty() {
            return Ok(());
        }
        let before = w.fields(1, base);
        let undo = decide(&w, run);
        prop_assert!(undo.kept.is_empty() && undo.refused.is_empty() && undo.whole.is_none());
        carry_out(&mut w, &undo, "undo");
        prop_assert_eq!(&w.rows[&id].crm, &before);
        prop_assert_eq!(pending(&w.rows[&id]).into_iter().collect::<BTreeSet<_>>(), undo.set.into_keys().collect());
        w.visit(id, None, Answer::Done);
        let erp_id = w.rows[&id].erp_id.expect("linked");
        prop_assert_eq!(w.rows[&id].in_crm_names(&w.erp[&erp_id]), before, "the ERP has them too");
    }

    #[test]
    fn the_undo_of_an_undo_gives_back_what_nobody_touched_meanwhile(
        base in values(), crm in values(), erp in values(),
        rule in prop::sample::select(vec![Rule::Crm, Rule::Erp]),
        between in prop::option::of((0..3usize, 0..4u8)),
    ) {
        let (mut w, id, run) = after_a_run(rule, base, crm, erp);
        if run.is_empty() {
            return Ok(());
        }
        let state = w.rows[&id].crm.clone();
        let first = decide(&w, run);
        let from = w.log.len();
        carry_out(&mut w, &first, "undo");
        if w.log.len() == from {
            return Ok(());
        }
        let undone = w.rows[&id].crm.clone();
        let end = w.log.len();
        if let Some((piece, value)) = between {
            w.crm_edits(id, PIECES[piece], value);
        }
        let touched: BTreeSet<String> =
            w.log[end..].iter().flat_map(|t| t.change.fields.keys().cloned()).collect();
        let edited = w.rows[&id].crm.clone();
        let second = decide(&w, from..end);
        prop_assert_eq!(
            second.kept.keys().cloned().collect::<BTreeSet<_>>(),
            touched.iter().filter(|p| first.set.contains_key(*p)).cloned().collect()
        );
        prop_assert!(second.kept.values().all(|who| who.as_ref().is_some_and(|l| l.by == "crm")));
        carry_out(&mut w, &second, "undo of the undo");
        for piece in PIECES {
            let wanted = if touched.contains(piece) { edited.get(piece) } else { state.get(piece) };
            prop_assert_eq!(w.rows[&id].crm.get(piece), wanted);
            prop_assert!(first.set.contains_key(piece) || undone.get(piece) == state.get(piece));
        }
    }

    #[test]
    fn a_value_that_lost_by_rule_wins_by_the_undo(base in values(), crm in values(), erp in values(), erp_wins: bool) {
        let rule = if erp_wins { Rule::Erp } else { Rule::Crm };
        let (w, _, run) = after_a_run(rule, base, crm, erp);
        if run.is_empty() {
            return Ok(());
        }
        let (before, ours, theirs) = (w.fields(1, base), w.fields(1, crm), w.fields(1, erp));
        let undo = decide(&w, run);
        for piece in PIECES {
            let (b, c, e) = (before.get(piece), ours.get(piece), theirs.get(piece));
            let wanted = match () {
                () if e == b || e == c => None,
                () if c == b || erp_wins => Some(c),
                () => Some(e),
            };
            prop_assert_eq!(undo.set.get(piece).map(|back| back.to.as_ref()), wanted, "{}", piece);
        }
    }

    #[test]
    fn later_edits_are_kept_and_named_also_when_they_come_after_the_undo_was_decided(
        base in values(), erp in values(), edit in (0..3usize, 0..4u8), late in (0..3usize, 0..4u8),
    ) {
        let (mut w, id, run) = after_a_run(Rule::Park, base, base, erp);
        if run.is_empty() {
            return Ok(());
        }
        let end = w.log.len();
        w.crm_edits(id, PIECES[edit.0], edit.1);
        let ran = |piece: &str| w.log[run.clone()].iter().any(|t| t.change.fields.contains_key(piece));
        let touched = w.log.len() > end && ran(PIECES[edit.0]);
        let undo = decide(&w, run);
        let who: Vec<u64> = undo.kept.values().flatten().map(|l| l.seq).collect();
        prop_assert_eq!(who, if touched { vec![end as u64 + 1] } else { vec![] });
        let at_decision = w.rows[&id].crm.clone();
        w.crm_edits(id, PIECES[late.0], late.1);
        let edited = w.rows[&id].crm.clone();
        let left = carry_out(&mut w, &undo, "undo");
        for piece in PIECES {
            let changed = edited.get(piece) != at_decision.get(piece);
            prop_assert_eq!(left.iter().any(|p| p == piece), changed && undo.set.contains_key(piece));
            if changed || undo.kept.contains_key(piece) {
                prop_assert_eq!(w.rows[&id].crm.get(piece), edited.get(piece));
            }
        }
    }
}

#[test]
fn an_undo_that_is_carried_out_twice_changes_nothing_the_second_time() {
    let (mut w, id, run) = after_a_run(Rule::Park, [1, 0, 0], [1, 0, 0], [2, 0, 0]);
    let undo = decide(&w, run.clone());
    carry_out(&mut w, &undo, "undo");
    let (row, told) = (w.rows[&id].clone(), w.log.len());
    assert_eq!(carry_out(&mut w, &undo, "undo"), ["name"]);
    assert_eq!((&w.rows[&id].crm, w.rows[&id].revision, w.log.len()), (&row.crm, row.revision, told));
    let again = decide(&w, run);
    assert_eq!((again.set.len(), again.kept["name"].as_ref().map(|l| l.by.as_str())), (0, Some("undo")));
}

#[test]
fn what_somebody_set_between_two_changes_of_a_run_comes_back_and_not_what_was_before_the_first() {
    let mut w = small(Rule::Erp);
    let id = w.linked(1, [1, 0, 0]);
    w.erp_edits(id, "name", 2);
    w.visit(id, None, Answer::Done);
    let first = w.log.clone();
    w.crm_edits(id, "name", 3);
    w.erp_edits(id, "name", 4);
    w.visit(id, None, Answer::Done);
    let last = w.log.last().cloned().expect("the second of the run");
    let run: Vec<Told> = first.iter().cloned().chain([last.clone()]).collect();
    let undone = undo(&run, &w.log, &w.rows, &w.settings);
    assert_eq!(undone[0].set["name"].to, Some(json!("3")));
    let straight = Told { change: Change { fields: first[0].change.fields.clone(), ..last.change }, ..last };
    assert_eq!(undo(&[straight], &[], &w.rows, &w.settings)[0].kept.len(), 1, "it has another value by now");
}

#[test]
fn pieces_that_are_not_the_crms_to_change_are_refused_with_what_to_do_instead() {
    let (mut w, id, run) = after_a_run(Rule::Park, [1, 0, 0], [1, 0, 0], [2, 0, 0]);
    let erp_id = w.rows[&id].erp_id.expect("linked");
    w.erp.get_mut(&erp_id).expect("there").set("number", json!("N-2"));
    w.erp.get_mut(&erp_id).expect("there").set("foreign", json!(true));
    w.visit(id, None, Answer::Done);
    let run = run.start..w.log.len();
    let undo = decide(&w, run.clone());
    let wanted = [("foreign", Refused::SetAtCreation), ("number", Refused::OwnedByErp)];
    assert_eq!(undo.refused, wanted.into_iter().map(|(p, r)| (p.to_owned(), r)).collect());
    assert_eq!(undo.set.keys().collect::<Vec<_>>(), ["name"]);
    assert_eq!(Refused::OwnedByErp.instead(), Instead::ChangeInErp);
    w.settings.objects.get_mut(&w.object).expect("there").direction = Direction::ToCrm;
    assert_eq!(decide(&w, run).refused["name"], Refused::Direction);
}

#[test]
fn a_record_that_is_deleted_archived_or_gone_is_refused_as_a_whole() {
    let archived = |e: &mut Entry| {
        e.due = None;
        archive(e, Timestamp::UNIX_EPOCH).map(|_| ()).expect("archived");
    };
    let deleted = |e: &mut Entry| e.crm_deleted_at = Some(Timestamp::UNIX_EPOCH);
    for change in [archived as fn(&mut Entry), deleted] {
        let (mut w, id, run) = after_a_run(Rule::Park, [1, 0, 0], [1, 0, 0], [2, 0, 0]);
        change(w.rows.get_mut(&id).expect("there"));
        let undo = decide(&w, run);
        assert_eq!((undo.whole, undo.set.len()), (Some(Refused::Deleted), 0));
        assert_eq!(undo.whole.map(Refused::instead), Some(Instead::Restore));
    }
    let (mut w, _, run) = after_a_run(Rule::Park, [1, 0, 0], [1, 0, 0], [2, 0, 0]);
    w.rows.clear();
    assert_eq!(decide(&w, run).whole, Some(Refused::Deleted));
}

#[test]
fn what_was_made_in_the_erp_stays_and_pieces_that_the_link_took_come_back() {
    let mut w = small(Rule::Erp);
    let id = w.of_crm(1, [1, 1, 0]);
    w.rows.get_mut(&id).expect("there").crm.set("name", json!("Ana Novak"));
    let mut theirs = w.fields(1, [2, 1, 0]);
    theirs.set("name", json!("Novak s.p."));
    theirs.set("number", json!("N-1"));
    w.add_to_erp(theirs);
    w.visit(id, None, Answer::Done);
    let undo = decide(&w, 0..w.log.len());
    assert_eq!(undo.record, w.log[0].record, "by the id that it has now");
    assert_eq!(undo.whole.map(|r| (r, r.instead())), Some((Refused::Linked, Instead::DeleteInCrm)));
    assert_eq!(undo.set["name"].to, Some(json!("Ana Novak")));
    assert_eq!(undo.refused, BTreeMap::from([("number".to_owned(), Refused::OwnedByErp)]));
}

#[test]
fn an_open_conflict_is_settled_first_and_one_that_a_person_settled_is_kept() {
    let (mut w, id, run) = after_a_run(Rule::Park, [1, 0, 0], [2, 0, 0], [3, 0, 0]);
    let undo = decide(&w, run.clone());
    assert_eq!(undo.refused, BTreeMap::from([("name".to_owned(), Refused::Conflict)]));
    assert_eq!(undo.refused["name"].instead(), Instead::Settle);
    let entry = w.rows.get_mut(&id).expect("there");
    let change = settle_conflict(entry, "name", Winner::Crm).expect("it was parked");
    let told = Told::of_entry(entry, change, w.log.len() as u64 + 1, w.now, "Ana");
    w.log.push(told);
    let undo = decide(&w, run.clone());
    assert_eq!(undo.kept["name"].as_ref().map(|l| l.by.as_str()), Some("Ana"));
    let settled = decide(&w, run.end..w.log.len());
    assert_eq!(settled.set["name"].to, Some(json!("3")), "what she decided against");
}

#[test]
fn an_undo_takes_a_record_out_of_its_hold_as_any_edit_does() {
    let (mut w, id, run) = after_a_run(Rule::Park, [1, 0, 0], [1, 0, 0], [2, 0, 0]);
    w.rows.get_mut(&id).expect("there").park(HoldReason::GivenUp, Timestamp::UNIX_EPOCH);
    let undo = decide(&w, run);
    carry_out(&mut w, &undo, "undo");
    assert_eq!((w.rows[&id].hold.is_none(), w.rows[&id].due), (true, Some(w.now)));
}
