//! Reading: records, lists, counts, index pages, changes, runs.

use domain::change::ChangeKind;
use domain::{ContentHash, ErpId, IndexEntry, IndexPage, Mode, Object, PAGE_ENTRIES, Record, RecordId, Run, Trigger};
use std::collections::BTreeSet;
use store::metering::Entity;
use store::{Commit, RecordWrite, StoreError};

use crate::support::{at, bulky, change, create, lease, load, metered, order, product, product_id, table, tenant};

#[tokio::test]
async fn a_list_comes_in_parts_that_join_without_gap_or_repetition() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    load(&t, &lease, 1..96, "Vijak").await;
    let (mut after, mut ids, mut sizes) = (None, Vec::new(), Vec::new());
    loop {
        let part = t.list(Object::Products, after, 40, true).await.expect("a read");
        sizes.push(part.records.len());
        ids.extend(part.records.iter().map(|r| r.id));
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [40, 40, 15]);
    assert!(ids.is_sorted());
    let all: BTreeSet<RecordId> = (1..96).map(|n| product_id(&t, n)).collect();
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), all);
    let whole = t.list(Object::Products, None, 95, true).await.expect("a read");
    assert_eq!((whole.records.len(), whole.next), (95, None));
    let none = t.list(Object::Offers, None, 10, true).await.expect("a read");
    assert_eq!((none.records.len(), none.next), (0, None));
}

#[tokio::test]
async fn missing_records_are_counted_and_listed_only_when_asked_for() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    load(&t, &lease, 1..31, "Vijak").await;
    let ids: Vec<RecordId> = (1..21).map(|n| product_id(&t, n)).collect();
    let stored = t.records(&ids).await.expect("a read");
    let mut commit = Commit::new(&lease);
    commit.seq = t.seq().await.expect("a read");
    for record in stored.values() {
        let mut gone = change(Some(&record.record), &record.record);
        gone.kind = ChangeKind::Missing;
        commit.writes.push(RecordWrite::mark_missing(record, at(9), gone));
    }
    t.commit(&commit, at(9)).await.expect("a commit");

    assert_eq!(t.count(Object::Products).await, Ok(10));
    let there = t.list(Object::Products, None, 10, false).await.expect("a read");
    assert_eq!((there.records.len(), there.next), (10, None));
    let all = t.list(Object::Products, None, 100, true).await.expect("a read");
    assert_eq!(all.records.len(), 30);
    let gone = t.record(ids[0]).await.expect("a read").expect("still there");
    assert_eq!((gone.version, gone.missing_since), (2, Some(at(9))));

    let mut commit = Commit::new(&lease);
    commit.seq = t.seq().await.expect("a read");
    let bytes = gone.record.to_bytes();
    commit.writes = vec![RecordWrite::replace(&gone, bytes, change(None, &gone.record))];
    t.commit(&commit, at(10)).await.expect("a commit");
    assert_eq!(t.count(Object::Products).await, Ok(11));
}

#[tokio::test]
async fn records_are_fetched_by_hundreds_consistently_and_absent_ones_left_out() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let lease = lease(&t, "w", 0).await;
    load(&t, &lease, 1..251, "Vijak").await;
    let mut ids: Vec<RecordId> = (1..261).map(|n| product_id(&t, n)).collect();
    ids.push(ids[0]);
    meter.take();
    let found = t.records(&ids).await.expect("a read");
    assert_eq!(found.len(), 250);
    assert!(found.iter().all(|(id, stored)| *id == stored.id));
    let tally = meter.take();
    assert_eq!((tally.requests_of("BatchGetItem"), tally.all_requests()), (3, 3));
    assert_eq!(tally.read(Entity::Record), 250);
    // What is not there costs a unit too.
    assert!((tally.read_units - 260.0).abs() < 0.1, "{}", tally.read_units);
    assert_eq!(t.records(&[]).await.expect("nothing asked").len(), 0);
}

#[tokio::test]
async fn queries_over_more_than_a_megabyte_are_whole() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let lease = lease(&t, "w", 0).await;
    for n in 1..=12 {
        let record = bulky(n, 250_000);
        let mut commit = Commit::new(&lease);
        commit.seq = n - 1;
        let mut write = change(None, &record);
        write.fields.clear();
        let id = product_id(&t, n);
        commit.writes = vec![RecordWrite::create(id, ErpId::new(n), record.to_bytes(), write)];
        t.commit(&commit, at(1)).await.expect("a commit");
    }
    meter.take();
    assert_eq!(t.count(Object::Products).await, Ok(12));
    assert!(meter.take().requests_of("Query") >= 2);
    let all = t.list(Object::Products, None, 100, false).await.expect("a read");
    assert_eq!((all.records.len(), all.next), (12, None));
    let ten = t.list(Object::Products, None, 10, false).await.expect("a read");
    assert_eq!(ten.records.len(), 10);
    let ids: Vec<RecordId> = all.records.iter().map(|r| r.id).collect();
    assert_eq!(t.records(&ids).await.expect("a read").len(), 12);
}

fn page(first: u64, ids: impl IntoIterator<Item = u64>) -> IndexPage {
    let entry = |id| IndexEntry { erp_id: ErpId::new(id), hash: ContentHash(id * 7) };
    IndexPage { first: ErpId::new(first), entries: ids.into_iter().map(entry).collect() }
}

#[tokio::test]
async fn index_pages_come_in_the_order_of_their_ids_also_after_a_split() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    commit.pages = vec![
        (Object::Products, page(1_000, 1_000..1_200)),
        (Object::Products, page(9, 9..20)),
        (Object::Products, page(20_000_000_000, 20_000_000_000..20_000_000_250)),
        (Object::Orders, page(1, 1..3)),
    ];
    t.commit(&commit, at(1)).await.expect("a commit");
    let firsts = |pages: &[IndexPage]| pages.iter().map(|p| p.first.get()).collect::<Vec<_>>();
    let pages = t.index_pages(Object::Products).await.expect("a read");
    assert_eq!(firsts(&pages), [9, 1_000, 20_000_000_000]);
    assert_eq!(pages[1], page(1_000, 1_000..1_200));

    let mut split = Commit::new(&lease);
    split.pages = vec![(Object::Products, page(1_000, 1_000..1_100)), (Object::Products, page(1_100, 1_100..1_201))];
    t.commit(&split, at(2)).await.expect("a commit");
    let pages = t.index_pages(Object::Products).await.expect("a read");
    assert_eq!(firsts(&pages), [9, 1_000, 1_100, 20_000_000_000]);

    let of = async |id: u64| {
        let page = t.index_page_of(Object::Products, ErpId::new(id)).await.expect("a read");
        page.map(|p| p.first.get())
    };
    assert_eq!(of(8).await, None);
    assert_eq!(of(9).await, Some(9));
    assert_eq!(of(999).await, Some(9));
    assert_eq!(of(1_099).await, Some(1_000));
    assert_eq!(of(1_100).await, Some(1_100));
    assert_eq!(of(u64::MAX).await, Some(20_000_000_000));
}

#[tokio::test]
async fn seventy_thousand_hashes_are_read_within_the_budget_of_a_full_sweep() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let lease = lease(&t, "w", 0).await;
    let size = PAGE_ENTRIES as u64;
    for group in 0..4u64 {
        let mut commit = Commit::new(&lease);
        commit.pages = (group * 70..(group + 1) * 70)
            .map(|n| (Object::Orders, page(n * size, n * size..(n + 1) * size)))
            .collect();
        t.commit(&commit, at(1)).await.expect("a commit");
    }
    meter.take();
    let pages = t.index_pages(Object::Orders).await.expect("a read");
    assert_eq!(pages.iter().map(|p| p.entries.len()).sum::<usize>(), 70_000);
    let tally = meter.take();
    assert!(tally.read_units <= 320.0, "{} read units", tally.read_units);
}

#[tokio::test]
async fn changes_come_in_order_after_the_one_that_is_known() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    load(&t, &lease, 1..13, "Vijak").await;
    let all = t.changes(0, 100).await.expect("a read");
    assert_eq!(all.iter().map(|c| c.seq).collect::<Vec<_>>(), (1..13).collect::<Vec<_>>());
    let rest = t.changes(9, 2).await.expect("a read");
    assert_eq!(rest.iter().map(|c| c.seq).collect::<Vec<_>>(), [10, 11]);
    let first = &all[0];
    assert_eq!(first.record, product_id(&t, first.erp_id.expect("linked").get()));
    assert_eq!((first.version, first.kind), (1, ChangeKind::Added));
    assert_eq!(first.fields["name"].after, Some("Vijak".into()));
    assert_eq!(t.changes(12, 5).await, Ok(vec![]));
}

fn run(n: u32) -> Run {
    let id = format!("run_{n:08x}00007000800000000000000a").parse().expect("a run id");
    Run::queued(id, Mode::Changes, Trigger::Request, &[Object::Orders], at(i64::from(n)))
}

#[tokio::test]
async fn runs_are_made_once_and_listed_newest_first() {
    let t = tenant(&table().await, 1);
    for n in 1..6 {
        t.create_run(&run(n)).await.expect("made");
    }
    assert_eq!(t.create_run(&run(3)).await, Err(StoreError::Conflict));
    assert_eq!(t.run(run(3).id).await, Ok(Some(run(3))));
    assert_eq!(t.run(run(9).id).await, Ok(None));
    assert_eq!(t.runs(None, 2).await, Ok(vec![run(5), run(4)]));
    assert_eq!(t.runs(Some(run(4).id), 10).await, Ok(vec![run(3), run(2), run(1)]));
}

#[tokio::test]
async fn a_pulled_change_costs_two_items_and_four_write_units_beyond_the_control_rows() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let lease = lease(&t, "w", 0).await;
    // Nearly 2 KB each as JSON, the change more than the record.
    let record = order(7, 7);
    let content = record.to_bytes();
    assert!((1_700..2_000).contains(&content.len()), "{} bytes", content.len());
    let mut commit = Commit::new(&lease);
    commit.writes = vec![create(&t, &record)];
    meter.take();
    t.commit(&commit, at(1)).await.expect("a commit");
    let tally = meter.take();
    assert_eq!((tally.written(Entity::Record), tally.written(Entity::Change)), (1, 1));
    assert_eq!(tally.all_written(), 3);
    // The lease's check and the sequence cost two units each in a transaction.
    assert!((tally.write_units - 8.0).abs() < 0.1, "{} write units", tally.write_units);
    let id = RecordId::for_erp(t.id(), Object::Orders, ErpId::new(7));
    assert_eq!(t.record(id).await.expect("a read").expect("a record").record, record);
}

#[test]
fn a_record_comes_back_from_its_bytes() {
    let record = product(1, "Vijak");
    assert_eq!(Record::from_bytes(&record.to_bytes()).expect("readable"), record);
}
