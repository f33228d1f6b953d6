//! The log alone says what the rows say, whatever happens to a record.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{ChangeKind, FieldChange};
use domain::{Direction, ErpId, Object, RecordId, Rule};
use proptest::prelude::*;
use serde_json::json;
use sync::fold::{Difference, Fact, Told, fold};
use sync::twoway::{Change, Entry, Pulled, Winner, archive, claim, pull, restore, settle_conflict};

use crate::small::{Answer, Small};

/// Something that happens to a record.
#[derive(Clone, Copy, Debug)]
enum Step {
    CrmEdits(usize, u8),
    CrmEditsLate(usize, u8, u8),
    ErpEdits(usize, u8),
    ErpDeletes,
    Visit(Answer),
    Wait(i64),
    Pull,
    Archive,
    Delete,
    Release,
    Restore,
    Settle(Winner),
    Unhold,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let answers = prop::sample::select(vec![
        Answer::Done,
        Answer::Done,
        Answer::Drops,
        Answer::Lost,
        Answer::LostAndNotDone,
        Answer::Rejected,
        Answer::NotSent,
    ]);
    let step = prop_oneof![
        4 => (0..3usize, 0..4u8).prop_map(|(p, v)| Step::CrmEdits(p, v)),
        2 => (0..3usize, 0..4u8, 0..4u8).prop_map(|(p, v, seen)| Step::CrmEditsLate(p, v, seen)),
        3 => (0..3usize, 0..4u8).prop_map(|(p, v)| Step::ErpEdits(p, v)),
        6 => answers.prop_map(Step::Visit),
        3 => prop::sample::select(vec![1i64, 60, 3_600]).prop_map(Step::Wait),
        2 => Just(Step::Pull),
        2 => Just(Step::Release),
        1 => prop::sample::select(vec![Step::ErpDeletes, Step::Archive, Step::Delete, Step::Restore, Step::Unhold]),
        1 => prop::sample::select(vec![Winner::Crm, Winner::Erp]).prop_map(Step::Settle),
    ];
    prop::collection::vec(step, 1..25)
}

/// A record that began in the log, as `app` tells a new one.
fn added(entry: &Entry, from: Winner, seq: u64, w: &Small) -> Told {
    let field = |v: &serde_json::Value| FieldChange { before: None, after: Some(v.clone()) };
    let fields = entry.crm.iter().map(|(p, v)| (p.to_owned(), field(v))).collect();
    let change = Change { from, kind: ChangeKind::Added, fields, decided: BTreeMap::new(), matched: None };
    Told::of_entry(entry, change, seq, w.now, "app")
}

/// The record that the world has, by whatever id.
fn only(w: &Small) -> RecordId {
    *w.rows.keys().next_back().expect("one record")
}

fn step(w: &mut Small, step: Step) {
    let (id, pieces, settings) = (only(w), w.pieces(), w.settings.of(w.object));
    let (seq, now) = (w.log.len() as u64 + 1, w.now);
    let theirs = w.rows[&id].erp_id.and_then(|erp_id| w.erp.get(&erp_id)).cloned();
    let row = w.rows.get_mut(&id).expect("there");
    let change = match step {
        Step::CrmEdits(piece, value) => {
            w.crm_edits(id, pieces[piece], value);
            return;
        }
        // Before the ERP has it, nobody tells the CRM anything.
        Step::CrmEditsLate(..) if row.erp_id.is_none() => return,
        Step::CrmEditsLate(piece, value, seen) => {
            w.crm_edits_what_it_saw(id, pieces[piece], value, Some(seen));
            return;
        }
        Step::ErpEdits(piece, value) => return w.erp_edits(id, pieces[piece], value),
        Step::Delete => return w.crm_deletes(id),
        Step::Wait(seconds) => return w.later(seconds),
        Step::Visit(answer) => {
            w.visit(id, None, answer);
            return;
        }
        Step::ErpDeletes => {
            row.erp_id.map(|erp_id| w.erp.remove(&erp_id));
            return;
        }
        Step::Release => {
            row.released |= row.crm_deleted_at.is_some();
            return;
        }
        Step::Unhold => {
            row.hold = None;
            return;
        }
        Step::Pull => match theirs.map(|fields| pull(row, &fields, &settings, now)) {
            Some(Pulled::Taken(change)) => change,
            _ => None,
        },
        Step::Archive if row.erp_id.is_some() && row.crm_deleted_at.is_none() && row.intent.is_none() => {
            archive(row, now)
        }
        Step::Archive => None,
        Step::Restore => restore(row, now).unwrap_or_default(),
        Step::Settle(winner) => {
            let piece = row.conflicts.keys().next().cloned();
            piece.and_then(|piece| settle_conflict(row, &piece, winner))
        }
    };
    let told = change.map(|change| Told::of_entry(&w.rows[&id], change, seq, now, "somebody"));
    w.log.extend(told);
}

#[derive(Clone, Debug)]
struct Start {
    object: Object,
    rule: Rule,
    direction: Direction,
    kind: u8,
    values: [u8; 3],
    other: u8,
}

fn starts() -> impl Strategy<Value = Start> {
    let object = prop::sample::select(vec![Object::Products, Object::Contacts]);
    let rule = prop::sample::select(vec![Rule::Crm, Rule::Erp, Rule::Newest, Rule::Park]);
    let direction = prop::sample::select(vec![Direction::Both, Direction::Both, Direction::ToErp]);
    (object, rule, direction, 0..3u8, [1..4u8, 0..4u8, 0..4u8], 0..4u8).prop_map(
        |(object, rule, direction, kind, values, other)| Start { object, rule, direction, kind, values, other },
    )
}

fn world(start: &Start) -> Small {
    let mut w = Small::new(start.object, start.rule, start.direction);
    let id = if start.kind == 0 { w.linked(1, start.values) } else { w.of_crm(1, start.values) };
    if start.kind == 2 {
        let mut theirs = w.fields(1, start.values);
        theirs.set(w.pieces()[1], json!(start.other.to_string()));
        w.add_to_erp(theirs);
    }
    let from = if start.kind == 0 { Winner::Erp } else { Winner::Crm };
    let told = added(&w.rows[&id], from, 1, &w);
    w.log.push(told);
    w
}

proptest! {
    #[test]
    fn the_log_folds_to_the_row_after_every_step(start in starts(), steps in steps()) {
        let mut w = world(&start);
        for (n, what) in steps.into_iter().enumerate() {
            step(&mut w, what);
            let row = &w.rows[&only(&w)];
            let folded = fold(&w.log);
            prop_assert_eq!(folded.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from([row.id]));
            prop_assert_eq!(folded[&row.id].matches(row), Ok(()), "after step {} {:?}: {:#?}", n, what, w.log.last());
        }
    }
}

fn told(seq: u64, was: Option<RecordId>, entry: &Entry, change: Change) -> Told {
    Told { was, ..Told::of_entry(entry, change, seq, jiff::Timestamp::UNIX_EPOCH, "run") }
}

#[test]
fn a_row_that_differs_from_the_log_is_named_by_piece_and_fact() {
    let w = world(&Start {
        object: Object::Contacts,
        rule: Rule::Park,
        direction: Direction::Both,
        kind: 0,
        values: [1, 2, 0],
        other: 0,
    });
    let folded = fold(&w.log);
    let mut row = w.rows[&only(&w)].clone();
    assert_eq!(folded[&row.id].matches(&row), Ok(()));
    row.crm.set("name", json!("x"));
    (row.crm_id, row.erp_id) = (None, Some(ErpId::new(1)));
    row.revision += 1;
    row.crm_deleted_at = Some(w.now);
    row.archived_at = Some(w.now);
    let difference = Difference {
        pieces: vec!["name".to_owned()],
        facts: vec![Fact::CrmId, Fact::ErpId, Fact::Revision, Fact::Deleted, Fact::Archived],
        breaks: vec![],
    };
    assert_eq!(folded[&row.id].matches(&row), Err(difference));
}

#[test]
fn a_log_with_a_change_lost_says_where_it_contradicts_itself() {
    let mut w = world(&Start {
        object: Object::Contacts,
        rule: Rule::Park,
        direction: Direction::Both,
        kind: 0,
        values: [1, 0, 0],
        other: 0,
    });
    let id = only(&w);
    w.crm_edits(id, "name", 2);
    w.crm_edits(id, "name", 3);
    w.log.remove(1);
    let folded = fold(&w.log);
    assert_eq!(folded[&id].breaks, [(3, "name".to_owned())]);
    assert!(folded[&id].matches(&w.rows[&id]).is_err());
}

#[test]
fn a_record_that_gets_its_erp_id_takes_the_place_of_the_erps_own_and_missing_comes_and_goes() {
    let w = world(&Start {
        object: Object::Contacts,
        rule: Rule::Park,
        direction: Direction::Both,
        kind: 1,
        values: [1, 0, 0],
        other: 0,
    });
    let ours = w.rows[&only(&w)].clone();
    let erp_id = ErpId::new(7);
    let theirs = Entry::of_erp(RecordId::for_erp(&w.tenant, w.object, erp_id), erp_id, w.fields(1, [2, 0, 0]));
    let mut log = w.log.clone();
    log.push(added(&theirs, Winner::Erp, 2, &w));
    let of = |kind| Change { kind, ..Change::of_erp(BTreeMap::new()) };
    let one = Entry { id: theirs.id, erp_id: Some(erp_id), revision: 2, ..ours.clone() };
    log.push(told(3, Some(ours.id), &one, of(ChangeKind::Linked)));
    let folded = fold(&log);
    assert_eq!((folded.len(), folded[&one.id].matches(&one)), (1, Ok(())));
    for (kind, missing) in [(ChangeKind::Missing, true), (ChangeKind::Found, false)] {
        log.push(told(log.len() as u64 + 1, None, &one, of(kind)));
        assert_eq!(fold(&log)[&one.id].missing, missing);
    }
}

#[test]
fn a_record_that_the_crm_claims_is_told_as_linked_with_every_piece_that_it_ends_with() {
    for rule in [Rule::Crm, Rule::Erp, Rule::Park] {
        let mut w = Small::new(Object::Contacts, rule, Direction::Both);
        let id = w.linked(1, [1, 1, 0]);
        w.rows.get_mut(&id).expect("there").crm_id = None;
        let known = w.rows[&id].clone();
        let ours = w.fields(1, [2, 0, 3]);
        let settings = w.settings.of(w.object);
        let (row, change) = claim(&known, "c-1".to_owned(), ours.clone(), &settings, w.now);
        for piece in row.crm.differing(&ours) {
            assert_eq!(change.fields[piece].after.as_ref(), row.crm.get(piece), "{rule:?}: its value did not stay");
        }
        let log = [added(&known, Winner::Erp, 1, &w), told(2, None, &row, change)];
        let folded = fold(&log);
        assert_eq!((folded.len(), folded[&id].matches(&row)), (1, Ok(())), "{rule:?}");
    }
}
