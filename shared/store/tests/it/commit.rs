//! Commits: one transaction, every condition told apart, fencing.

use domain::{ContentHash, ErpId, IndexEntry, IndexPage, Mode, Object, Parked, Run, Text, Trigger, Warehouse};
use store::metering::Entity;
use store::{Commit, CommitError, CommitReport, RecordWrite, SavedState, SeenChunk, StateWrite, StoreError};

use crate::support::{at, bulky, change, create, lease, metered, product, product_id, table, tenant};

fn parked(erp_id: u64, second: i64) -> Parked {
    Parked {
        object: Object::Orders,
        erp_id: ErpId::new(erp_id),
        path: "product_list[0].amount".to_owned(),
        reason: "not a number".to_owned(),
        since: at(second),
    }
}

fn warehouse() -> Warehouse {
    let text = |s| Text::required(s).expect("a text");
    Warehouse { erp_id: ErpId::new(5), mark: text("CS"), name: text("Centralno skladišče"), active: true, main: true }
}

fn run() -> Run {
    let id = "run_0000000100007000800000000000000a".parse().expect("a run id");
    Run::queued(id, Mode::Full, Trigger::Connected, &Object::ALL, at(0))
}

fn index_page() -> IndexPage {
    let entry = IndexEntry { erp_id: ErpId::new(1), hash: ContentHash(7) };
    IndexPage { first: ErpId::new(1), entries: vec![entry] }
}

fn state(expected_step: u64) -> StateWrite {
    StateWrite { bytes: b"next".to_vec(), expected_step }
}

#[tokio::test]
async fn a_commit_writes_everything_in_one_transaction_and_gives_the_lease_back() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let lease = lease(&t, "w", 0).await;
    let run = run();
    let mut commit = Commit::new(&lease);
    commit.state = Some(state(0));
    commit.seen = Some(SeenChunk { pass: 3, n: 0, bytes: vec![1, 2, 3] });
    commit.pages = vec![(Object::Products, index_page())];
    commit.writes = vec![create(&t, &product(1, "a")), create(&t, &product(2, "b"))];
    commit.parked = vec![parked(8, 1), parked(9, 1)];
    commit.unparked = vec![(Object::Offers, ErpId::new(8))];
    commit.run = Some(&run);
    commit.warehouses = Some(vec![warehouse()]);
    commit.release = true;
    let items = commit.items();
    meter.take();
    let report = t.commit(&commit, at(2)).await.expect("a commit");
    let other = 5;
    let wanted = CommitReport { control: 4, records: 2, changes: 2, listings: 0, pages: 1, other, seq: 2 };
    assert_eq!(report, wanted);
    let tally = meter.take();
    assert_eq!((tally.requests_of("TransactWriteItems"), tally.all_requests()), (1, 1));
    assert_eq!(tally.all_written(), items as u64);

    let saved = SavedState { bytes: b"next".to_vec(), step: 1 };
    assert_eq!(t.state().await, Ok(Some(saved)));
    assert_eq!(t.seq().await, Ok(2));
    assert_eq!(t.seen(3).await, Ok(vec![vec![1, 2, 3]]));
    assert_eq!(t.index_pages(Object::Products).await, Ok(vec![index_page()]));
    let stored = t.record(product_id(&t, 2)).await.expect("a read").expect("a record");
    assert_eq!((stored.version, stored.updated_at), (1, at(2)));
    assert_eq!(stored.record, product(2, "b"));
    assert_eq!(t.changes(0, 10).await.expect("a read").len(), 2);
    assert_eq!(t.parked(None, 10).await, Ok(vec![parked(8, 1), parked(9, 1)]));
    assert_eq!(t.run(run.id).await, Ok(Some(run.clone())));
    assert_eq!(t.warehouses().await, Ok(Some(vec![warehouse()])));
    assert_eq!(t.lease_view().await.expect("a read").expect("a row").held, None);
    assert_eq!(t.commit(&Commit::new(&lease), at(3)).await, Err(CommitError::Fenced));
}

#[tokio::test]
async fn a_run_in_which_nothing_changed_writes_four_control_items() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let run = run();
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    commit.state = Some(state(0));
    commit.run = Some(&run);
    commit.release = true;
    t.commit(&commit, at(1)).await.expect("a commit");
    let tally = meter.take();
    assert_eq!((tally.all_written(), tally.all_requests()), (4, 2));
    assert_eq!(tally.written(Entity::Record), 0);
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_changes_nothing() {
    let t = tenant(&table().await, 1);
    let zombie = lease(&t, "old", 0).await;
    let heir = lease(&t, "new", 60).await;
    let mut commit = Commit::new(&zombie);
    commit.state = Some(state(0));
    commit.writes = vec![create(&t, &product(1, "zombie"))];
    commit.parked = vec![parked(1, 1)];
    commit.pages = vec![(Object::Products, index_page())];
    assert_eq!(t.commit(&commit, at(61)).await, Err(CommitError::Fenced));
    commit.release = true;
    assert_eq!(t.commit(&commit, at(61)).await, Err(CommitError::Fenced));
    assert_eq!(t.state().await, Ok(None));
    assert_eq!(t.seq().await, Ok(0));
    assert_eq!(t.record(product_id(&t, 1)).await, Ok(None));
    assert_eq!(t.parked(None, 5).await, Ok(vec![]));
    assert_eq!(t.index_pages(Object::Products).await, Ok(vec![]));
    let view = t.lease_view().await.expect("a read").expect("a row");
    assert_eq!((view.epoch, view.held), (2, Some(("new".to_owned(), heir.until))));
}

#[tokio::test]
async fn the_state_moves_one_step_at_a_time() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    for step in 0..3 {
        commit.state = Some(state(step));
        t.commit(&commit, at(1)).await.expect("a step");
        assert_eq!(t.commit(&commit, at(1)).await, Err(CommitError::StateMoved));
    }
    commit.state = Some(state(7));
    commit.writes = vec![create(&t, &product(1, "a"))];
    assert_eq!(t.commit(&commit, at(1)).await, Err(CommitError::StateMoved));
    assert_eq!(t.seq().await, Ok(0));
    assert_eq!(t.state().await.expect("a read").expect("a state").step, 3);
}

#[tokio::test]
async fn a_sequence_that_moved_is_told_and_numbers_have_no_gaps() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    commit.writes = vec![create(&t, &product(1, "a")), create(&t, &product(2, "a"))];
    t.commit(&commit, at(1)).await.expect("a commit");
    let mut late = Commit::new(&lease);
    late.writes = vec![create(&t, &product(3, "a"))];
    assert_eq!(t.commit(&late, at(1)).await, Err(CommitError::SeqMoved));
    late.seq = 1;
    assert_eq!(t.commit(&late, at(1)).await, Err(CommitError::SeqMoved));
    late.seq = 2;
    assert_eq!(t.commit(&late, at(1)).await.expect("a commit").seq, 3);
    let numbers: Vec<u64> = t.changes(0, 9).await.expect("a read").iter().map(|c| c.seq).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[tokio::test]
async fn a_record_that_moved_is_named_and_stops_the_whole_commit() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    commit.writes = vec![create(&t, &product(1, "a")), create(&t, &product(2, "a"))];
    t.commit(&commit, at(1)).await.expect("a commit");

    let id = product_id(&t, 2);
    let stored = t.record(id).await.expect("a read").expect("a record");
    let next = product(2, "b");
    let replace = || RecordWrite::replace(&stored, next.to_bytes(), change(Some(&stored.record), &next));
    let mut second = Commit::new(&lease);
    second.seq = 2;
    second.writes = vec![replace()];
    t.commit(&second, at(2)).await.expect("a commit");

    second.seq = 3;
    second.writes = vec![create(&t, &product(3, "a")), replace()];
    assert_eq!(t.commit(&second, at(3)).await, Err(CommitError::RecordMoved(id)));
    second.writes = vec![create(&t, &product(3, "a")), create(&t, &product(1, "a"))];
    let moved = CommitError::RecordMoved(product_id(&t, 1));
    assert_eq!(t.commit(&second, at(3)).await, Err(moved));
    assert_eq!(t.record(product_id(&t, 3)).await, Ok(None));
    assert_eq!(t.seq().await, Ok(3));
    let stored = t.record(id).await.expect("a read").expect("a record");
    assert_eq!((stored.version, stored.record), (2, next));
}

#[tokio::test]
async fn the_largest_commit_fits_and_a_larger_one_is_refused_before_it_is_sent() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    commit.state = Some(state(0));
    commit.writes = (0..Commit::MAX_RECORDS as u64).map(|n| create(&t, &product(n, "a"))).collect();
    let room = 100 - commit.items();
    commit.parked = (0..room as u64).map(|n| parked(n, 0)).collect();
    assert_eq!(commit.items(), 100);
    t.commit(&commit, at(1)).await.expect("a full commit");
    meter.take();
    commit.unparked = vec![(Object::Offers, ErpId::new(1))];
    assert_eq!(t.commit(&commit, at(1)).await, Err(CommitError::TooLarge));
    assert_eq!(meter.take().all_requests(), 0);
}

#[tokio::test]
async fn a_record_that_no_item_can_hold_is_too_large() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    let record = bulky(1, 450_000);
    commit.writes = vec![create(&t, &record)];
    assert_eq!(t.commit(&commit, at(1)).await, Err(CommitError::TooLarge));
    assert_eq!(t.seq().await, Ok(0));
}

#[tokio::test]
async fn one_item_twice_in_a_commit_is_a_defect_that_is_told() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    commit.writes = vec![create(&t, &product(1, "a")), create(&t, &product(1, "b"))];
    let error = t.commit(&commit, at(1)).await.expect_err("refused");
    assert!(matches!(error, CommitError::Store(StoreError::Refused(_))), "{error:?}");
}

#[tokio::test]
async fn a_record_set_aside_again_keeps_its_first_time_until_it_is_understood() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    for second in [10, 20] {
        let mut commit = Commit::new(&lease);
        commit.parked = vec![parked(1, second)];
        t.commit(&commit, at(second)).await.expect("a commit");
    }
    assert_eq!(t.parked(Some(Object::Orders), 5).await, Ok(vec![parked(1, 10)]));
    assert_eq!(t.parked(Some(Object::Offers), 5).await, Ok(vec![]));
    let mut commit = Commit::new(&lease);
    commit.unparked = vec![(Object::Orders, ErpId::new(1))];
    t.commit(&commit, at(30)).await.expect("a commit");
    assert_eq!(t.parked(None, 5).await, Ok(vec![]));
}

#[tokio::test]
async fn the_parts_of_a_seen_set_come_back_in_order_and_sweeps_stay_apart() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    for (pass, n) in [(1, 10), (1, 2), (11, 0), (1, 1)] {
        let mut commit = Commit::new(&lease);
        let bytes = vec![u8::try_from(n).expect("small")];
        commit.seen = Some(SeenChunk { pass, n, bytes });
        t.commit(&commit, at(1)).await.expect("a commit");
    }
    assert_eq!(t.seen(1).await, Ok(vec![vec![1], vec![2], vec![10]]));
    assert_eq!(t.seen(11).await, Ok(vec![vec![0]]));
    assert_eq!(t.seen(2).await, Ok(vec![]));
}
