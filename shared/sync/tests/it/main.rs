//! The run against an ERP and a table in memory: what it writes, what it refuses to conclude, and that a stop anywhere loses and repeats nothing.

mod deciding;
mod door;
mod folding;
mod merging;
mod people;
mod planning;
mod small;
mod story;
mod undoing;
mod walking;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use domain::change::ChangeKind;
use domain::{Cadence, DocumentKind, Fields, Object, Record, RecordId, RunState};
use proptest::prelude::*;
use sync::twoway::Entry;
use sync::{Filter, Hint, PassKind, Read, plan_changes, plan_full, plan_hints};
use world::{Fault, World, contact, document, id, product, stock};

fn cadence() -> BTreeMap<Object, Cadence> {
    let c = Cadence { every_s: 900, full_every_s: 86_400, paused: false };
    Object::ALL.into_iter().map(|o| (o, c)).collect()
}

#[test]
fn a_first_load_makes_both_sides_equal_and_counts_true() {
    let mut w = World::seeded();
    let run = w.run(&plan_full(&Object::ALL));
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    assert_eq!(w.differences(), vec![]);
    for object in Object::ALL {
        let there = w.erp.keys().filter(|(o, _)| *o == object).count() as u64;
        let c = run.counts[&object];
        assert_eq!((c.read, c.created, c.updated + c.unchanged + c.parked), (there, there, 0), "{object}");
    }
    assert_eq!(w.changes.len(), w.erp.len());
}

#[test]
fn a_second_run_without_changes_commits_once_and_writes_no_record() {
    let mut w = World::seeded();
    w.run(&plan_full(&Object::ALL));
    let (commits, changes) = (w.commits, w.changes.len());
    let run = w.run(&plan_full(&Object::ALL));
    assert_eq!((w.commits - commits, w.changes.len() - changes), (1, 0));
    assert!(run.counts.values().all(|c| c.created + c.updated == 0 && c.read == c.unchanged));
}

#[test]
fn rows_that_are_written_otherwise_and_mean_the_same_write_no_record_and_are_read_once() {
    let mut w = World::seeded();
    w.run(&plan_full(&Object::ALL));
    let (changes, rows) = (w.changes.len(), w.erp.len());
    w.noise = b"other spacing".to_vec();
    w.rows_read = 0;
    let run = w.run(&plan_full(&Object::ALL));
    assert_eq!((w.rows_read, w.changes.len()), (rows, changes));
    assert!(run.counts.values().all(|c| c.read == c.unchanged), "{:?}", run.counts);
    w.rows_read = 0;
    w.run(&plan_full(&Object::ALL));
    assert_eq!(w.rows_read, 0, "their text is known now");
}

#[test]
fn an_idle_look_for_changes_makes_one_call_to_the_order_feed_and_commits_once() {
    let mut w = World::seeded();
    w.advance(100_000);
    w.run(&plan_full(&Object::ALL));
    w.advance(8_000);
    w.reads.clear();
    let commits = w.commits;
    let passes = plan_changes(&w.saved().cursors, &cadence(), w.now);
    let run = w.run(&passes);
    assert_eq!(run.state, RunState::Succeeded);
    assert_eq!(w.commits - commits, 1, "{:?}", run.counts);
    let orders = w.reads.iter().filter(|r| matches!(r, Read::Documents { kind: DocumentKind::SalesOrder, .. }));
    assert_eq!(orders.count(), 1);
}

#[test]
fn a_stop_at_any_point_loses_and_repeats_nothing() {
    let mut whole = World::seeded();
    whole.odd.insert(id(3_007));
    let (run, points) = whole.run_stopping(&plan_full(&Object::ALL), &BTreeSet::new());
    assert!(points > 50, "{points}");
    for point in 0..points {
        let mut w = World::seeded();
        w.odd.insert(id(3_007));
        let (stopped, _) = w.run_stopping(&plan_full(&Object::ALL), &BTreeSet::from([point]));
        assert_eq!(w.table, whole.table, "stop at {point}");
        assert_eq!(w.changes.len(), whole.changes.len(), "stop at {point}");
        assert_eq!(w.parked.len(), 1);
        for (object, c) in &run.counts {
            let s = stopped.counts[object];
            assert_eq!((s.read, s.created, s.parked), (c.read, c.created, c.parked), "{object}, stop at {point}");
        }
    }
}

#[test]
fn a_record_that_cannot_be_understood_is_parked_once_and_taken_when_it_can() {
    let mut w = World::seeded();
    w.odd.insert(id(3_007));
    let first = w.run(&plan_full(&Object::ALL));
    assert_eq!(first.counts[&Object::Orders].parked, 1);
    let commits = w.commits;
    let second = w.run(&plan_full(&Object::ALL));
    assert_eq!(second.counts[&Object::Orders].parked, 1);
    assert_eq!(w.commits - commits, 1, "a record that is parked as before costs no write");
    w.odd.clear();
    let third = w.run(&plan_full(&Object::ALL));
    assert_eq!((third.counts[&Object::Orders].parked, third.counts[&Object::Orders].created), (0, 1));
    assert!(w.parked.is_empty());
    assert_eq!(w.differences(), vec![]);
}

#[test]
fn a_record_is_flagged_as_missing_only_after_a_whole_sweep_and_a_lookup_and_comes_back() {
    let mut w = World::seeded();
    w.run(&plan_full(&Object::ALL));
    let gone = w.erp.remove(&(Object::Orders, id(3_010))).expect("there");
    let run = w.run(&plan_full(&Object::ALL));
    assert_eq!(run.counts[&Object::Orders].missing, 1);
    assert_eq!(w.differences(), vec![]);
    assert!(w.table.contains_key(&(Object::Orders, id(3_010))), "flagged, not deleted");
    let again = w.run(&plan_full(&Object::ALL));
    assert_eq!(again.counts[&Object::Orders].missing, 0, "told once");
    w.put(gone);
    w.run(&plan_full(&Object::ALL));
    assert_eq!(w.changes.last(), Some(&(id(3_010), ChangeKind::Found)));
    assert_eq!(w.differences(), vec![]);
}

#[test]
fn a_contact_that_is_gone_is_flagged_after_a_second_lookup() {
    let mut w = World::seeded();
    w.put(contact(2_500, "about to go"));
    w.put(document(3_044, DocumentKind::SalesOrder, 2_500, "document"));
    w.run(&plan_full(&Object::ALL));
    w.erp.remove(&(Object::Contacts, id(2_500)));
    let run = w.run(&plan_full(&Object::ALL));
    assert_eq!(run.counts[&Object::Contacts].missing, 1);
    assert_eq!(w.differences(), vec![]);
}

/// Where each read of a full second run is hit by `fault`, nothing may be called missing that is there.
fn nothing_is_missing_by_mistake(fault: Fault) {
    let mut reference = World::seeded();
    reference.run(&plan_full(&Object::ALL));
    reference.reads.clear();
    reference.run(&plan_full(&Object::ALL));
    for hit in 0..reference.reads.len() {
        let mut w = World::seeded();
        w.run(&plan_full(&Object::ALL));
        w.reads.clear();
        w.faults.insert(hit, fault);
        w.run(&plan_full(&Object::ALL));
        let wrongly: Vec<_> =
            w.table.iter().filter(|(k, r)| r.missing_since.is_some() && w.erp.contains_key(k)).collect();
        assert!(wrongly.is_empty(), "{fault:?} at read {hit}: {wrongly:?}");
        w.faults.clear();
        w.run(&plan_full(&Object::ALL));
        assert_eq!(w.differences(), vec![], "{fault:?} at read {hit}");
    }
}

#[test]
fn a_failed_read_never_looks_like_deleted() {
    nothing_is_missing_by_mistake(Fault::Fails);
    nothing_is_missing_by_mistake(Fault::EndsRun);
}

#[test]
fn a_short_or_empty_page_never_looks_like_deleted() {
    nothing_is_missing_by_mistake(Fault::Short);
    nothing_is_missing_by_mistake(Fault::Empty);
}

#[test]
fn rows_that_move_up_while_they_are_paged_are_not_lost() {
    nothing_is_missing_by_mistake(Fault::Shift);
}

#[test]
fn lookups_that_find_nothing_at_all_prove_nothing() {
    let mut w = World::seeded();
    w.run(&plan_full(&Object::ALL));
    w.erp.remove(&(Object::Orders, id(3_010)));
    w.reads.clear();
    // Every lookup of the run is blind: orders are looked up for the one that is gone, contacts one by one.
    w.faults = (0..200).map(|n| (n, Fault::Blind)).filter(|(n, _)| *n > 0).collect();
    let passes = plan_full(&[Object::Orders]).into_iter().filter(|p| !matches!(p.kind, PassKind::Documents { .. }));
    w.run(&passes.collect::<Vec<_>>());
    assert!(w.table.values().all(|r| r.missing_since.is_none()));
}

#[test]
fn most_records_missing_at_once_is_an_error_and_flags_nothing() {
    let mut w = World::seeded();
    w.run(&plan_full(&Object::ALL));
    for n in 0..15 {
        w.erp.remove(&(Object::Orders, id(3_000 + n)));
    }
    let run = w.run(&plan_full(&Object::ALL));
    assert_eq!(run.error.map(|e| e.code), Some("many_missing".to_owned()));
    assert!(w.table.values().all(|r| r.missing_since.is_none()));
}

#[test]
fn a_failed_object_type_leaves_the_others_whole_and_its_cursor_where_it_was() {
    let mut w = World::seeded();
    w.faults = [(0, Fault::Fails)].into();
    let run = w.run(&plan_full(&Object::ALL));
    assert_eq!(run.state, RunState::Failed);
    assert!(!w.saved().cursors.contains_key(&Object::Products));
    assert!(w.saved().cursors[&Object::Orders].full_at.is_some());
    assert_eq!(run.counts[&Object::Orders].created, 45);
}

#[test]
fn contacts_that_could_not_be_looked_up_are_met_again() {
    let mut w = World::seeded();
    w.run(&plan_full(&[Object::Products]));
    w.reads.clear();
    w.run(&plan_full(&[Object::Offers]));
    let lookups = w.reads.iter().position(|r| matches!(r, Read::Contacts { .. })).expect("a lookup");
    let mut w = World::seeded();
    w.faults = [(lookups, Fault::EndsRun)].into();
    w.run(&plan_full(&[Object::Offers]));
    assert!(w.saved().cursors.is_empty(), "offers are walked again");
    w.faults.clear();
    w.run(&plan_full(&[Object::Offers]));
    assert_eq!(w.live().keys().filter(|(o, _)| *o == Object::Contacts).count(), 12);
}

#[test]
fn a_hint_reads_only_its_products_and_makes_unknown_ones() {
    let mut w = World::seeded();
    w.run(&plan_full(&Object::ALL));
    w.put(stock(1_001, 99));
    w.put(product(1_900, "new"));
    w.put(stock(1_900, 5));
    w.reads.clear();
    let hint = |n: u64| Hint { erp_id: id(n), number: Some(format!("P{n}")) };
    let run = w.run(&plan_hints(vec![hint(1_001), hint(1_900)], vec![hint(1_900)]));
    assert_eq!(w.reads.len(), 2);
    assert_eq!((run.counts[&Object::Stock].updated, run.counts[&Object::Stock].created), (1, 1));
    assert_eq!(w.differences(), vec![]);
}

#[test]
fn a_window_that_moves_is_walked_again_and_skips_nothing() {
    let mut w = World::seeded();
    w.run(&plan_full(&Object::ALL));
    w.advance(10_000);
    for n in 0..25 {
        w.put(document(3_000 + n, DocumentKind::SalesOrder, 2_000, "edited"));
    }
    w.advance(60);
    w.reads.clear();
    w.faults = [(1, Fault::Shift)].into();
    let passes = plan_changes(&w.saved().cursors, &cadence(), w.now);
    assert!(passes.iter().any(|p| matches!(p.kind, PassKind::Documents { filter: Filter::Window { .. }, .. })));
    w.run(&passes);
    for n in 1..25 {
        let key = (Object::Orders, id(3_000 + n));
        assert_eq!(w.table[&key].record, w.erp[&key], "{n}");
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Rename(usize, u8),
    Delete(usize),
    NewOrder(u8),
    NewProduct(u8),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        4 => (any::<usize>(), any::<u8>()).prop_map(|(i, n)| Edit::Rename(i, n)),
        1 => any::<usize>().prop_map(Edit::Delete),
        1 => any::<u8>().prop_map(Edit::NewOrder),
        1 => any::<u8>().prop_map(Edit::NewProduct),
    ];
    proptest::collection::vec(edit, 0..12)
}

fn apply(w: &mut World, edit: &Edit, nth: u64) {
    let pick = |w: &World, i: usize| w.erp.keys().nth(i % w.erp.len()).copied();
    match edit {
        Edit::Rename(i, n) => {
            let Some((object, erp_id)) = pick(w, *i) else { return };
            let (n, name) = (erp_id.get(), format!("renamed {n}"));
            let record = match object {
                Object::Products => product(n, &name),
                Object::Contacts => contact(n, &name),
                Object::Stock => stock(n, i64::try_from(name.len()).expect("small")),
                _ => match &w.erp[&(object, erp_id)] {
                    domain::Record::Document(d) => {
                        document(n, d.kind, d.partner.as_ref().map_or(2_001, |p| p.erp_id.get()), &name)
                    }
                    _ => return,
                },
            };
            w.put(record);
        }
        Edit::Delete(i) => {
            // A new document stays: the ERP has no list of contacts, and this one names a contact that no other does.
            let key = pick(w, *i).filter(|(o, i)| o.is_document() && i.get() < 8_000);
            key.map(|k| w.erp.remove(&k));
        }
        Edit::NewOrder(n) => {
            w.put(contact(9_000 + nth, &format!("new {n}")));
            w.put(document(8_000 + nth, DocumentKind::SalesOrder, 9_000 + nth, "new"));
        }
        Edit::NewProduct(n) => w.put(product(1_500 + nth, &format!("new {n}"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn one_full_run_makes_both_sides_equal_after_any_edits_and_stops(
        edits in edits(),
        stops in proptest::collection::btree_set(0..160usize, 0..6),
    ) {
        let mut w = World::seeded();
        w.run(&plan_full(&Object::ALL));
        w.advance(1_000);
        for (nth, edit) in (0..).zip(&edits) {
            apply(&mut w, edit, nth);
        }
        let (run, _) = w.run_stopping(&plan_full(&Object::ALL), &stops);
        prop_assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        prop_assert_eq!(w.differences(), vec![]);
        let commits = w.commits;
        let again = w.run(&plan_full(&Object::ALL));
        prop_assert_eq!(w.commits - commits, 1);
        prop_assert!(again.counts.values().all(|c| c.created + c.updated + c.missing == 0));
    }
}

/// Budget 9: a full sweep of 20,000 products and 50,000 documents in which nothing changed.
#[test]
fn a_full_sweep_of_seventy_thousand_records_reads_each_page_once_and_writes_nothing() {
    let mut w = World::new();
    for n in 0..19_999 {
        w.put(product(100_000 + n, "product"));
    }
    let kinds = [
        (DocumentKind::SalesOrder, 24_000, 1_000_000),
        (DocumentKind::SalesOffer, 2_000, 2_000_000),
        (DocumentKind::SalesBillDomestic, 20_000, 3_000_000),
        (DocumentKind::SalesBillForeign, 2_000, 4_000_000),
        (DocumentKind::SalesBillRetail, 900, 5_000_000),
        (DocumentKind::SalesBillPrepaid, 100, 5_500_000),
        (DocumentKind::SalesBillCreditNote, 1_000, 6_000_000),
    ];
    for (kind, count, from) in kinds {
        for n in 0..count {
            w.put(document(from + n, kind, 1, "document"));
        }
    }
    w.put(contact(1, "contact"));
    (w.page_size, w.product_page_size) = (100, 1_000);
    let objects = [Object::Products, Object::Offers, Object::Orders, Object::Invoices, Object::CreditNotes];
    w.run(&plan_full(&objects));
    assert_eq!(w.differences(), vec![]);
    w.reads.clear();
    let (commits, changes) = (w.commits, w.changes.len());
    w.run(&plan_full(&objects));
    let lists = w.reads.iter().filter(|r| matches!(r, Read::Products { .. } | Read::Documents { .. })).count();
    assert_eq!(lists, 520);
    assert_eq!(w.reads.len(), 520, "contacts are known, nothing is looked up");
    assert_eq!(w.changes.len(), changes);
    // The position is saved once every 25 pages, and at the end.
    assert_eq!(w.commits - commits, 520 / 25 + 1);
    // The packed entries and a hundred bytes for each page's key: what a consistent query is charged for.
    let bytes: usize = w.pages.values().map(|p| p.pack().len() + 100).sum();
    assert!(bytes.div_ceil(4_096) <= 320, "{} read units", bytes.div_ceil(4_096));
}

/// An order of the CRM that is on its way to the ERP, under this customer order number.
fn open_create(number: &str) -> Entry {
    let id = RecordId::for_crm(&world::tenant(), Object::Orders, "c1");
    Entry::of_crm(id, "c1".to_owned(), Fields::from_iter([("buyer_order", serde_json::json!(number))]))
}

#[test]
fn a_row_that_an_open_create_may_have_made_is_left_to_it() {
    let mut w = World::new();
    let mut order = document(1, DocumentKind::SalesOrder, 5, "Naročilo");
    if let Record::Document(d) = &mut order {
        d.buyer_order = Some(world::text("C-1"));
    }
    w.put(order);
    w.open = vec![open_create("C-1"), open_create("C-2")];
    assert_eq!(w.run(&plan_full(&[Object::Orders])).counts[&Object::Orders].created, 0);
    assert!(w.table.is_empty());
    w.open.remove(0);
    let run = w.run(&plan_full(&[Object::Orders]));
    assert_eq!(run.counts[&Object::Orders].created, 1, "it is still new when the create is settled");
}

#[test]
fn a_record_that_both_sides_know_takes_what_the_erp_changed_and_tells_the_crm() {
    let mut w = World::new();
    w.put(document(1, DocumentKind::SalesOrder, 5, "Naročilo"));
    w.run(&plan_full(&[Object::Orders]));
    let stored = w.table.get_mut(&(Object::Orders, id(1))).expect("there");
    let mut entry = Entry::of_erp(stored.id, id(1), Fields::of(&stored.record));
    entry.version = stored.version;
    entry.crm_id = Some("c1".to_owned());
    stored.entry = Some(Box::new(entry));
    w.put(document(1, DocumentKind::SalesOrder, 5, "Naročilo, popravek"));
    w.run(&plan_full(&[Object::Orders]));
    let stored = &w.table[&(Object::Orders, id(1))];
    let entry = stored.entry.as_ref().expect("both sides");
    assert_eq!(entry.crm.get("title"), Some(&serde_json::json!("Naročilo, popravek")));
    assert_eq!((entry.version, stored.version, entry.revision), (2, 2, 2));
    assert_eq!(Fields::of(&stored.record), entry.erp);
}

#[test]
fn a_record_that_the_crm_has_is_archived_by_the_second_sweep_without_it_an_hour_after_the_first() {
    let mut w = World::new();
    for n in 1..=4 {
        w.put(document(n, DocumentKind::SalesOrder, 5, "Naročilo"));
    }
    w.run(&plan_full(&[Object::Orders]));
    let key = (Object::Orders, id(1));
    let stored = w.table.get_mut(&key).expect("there");
    let mut entry = Entry::of_erp(stored.id, id(1), Fields::of(&stored.record));
    (entry.version, entry.crm_id) = (stored.version, Some("c1".to_owned()));
    stored.entry = Some(Box::new(entry));
    let order = w.erp.remove(&key).expect("there");
    let archived = |w: &World| w.table[&key].entry.as_ref().expect("both sides").archived_at.is_some();
    for (minutes, is_archived) in [(0, false), (30, false), (31, true)] {
        w.advance(minutes * 60);
        w.run(&plan_full(&[Object::Orders]));
        assert!(w.table[&key].missing_since.is_some(), "flagged from the first");
        assert_eq!(archived(&w), is_archived, "{minutes}");
    }
    let told: Vec<_> = w.changes.iter().filter(|(erp_id, _)| *erp_id == id(1)).map(|(_, kind)| *kind).collect();
    assert_eq!(told, [ChangeKind::Added, ChangeKind::Deleted]);
    w.erp.insert(key, order);
    w.run(&plan_full(&[Object::Orders]));
    assert!(!archived(&w) && w.table[&key].missing_since.is_none(), "it is there again");
}
