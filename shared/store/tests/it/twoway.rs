//! Records of the CRM: open rows, links, what waits, the history of a record.

use domain::change::ChangeKind;
use domain::{ErpId, Object, RecordId, Settings};
use store::{
    ByCrm, Close, Commit, CommitError, DeletionApproval, Link, NewChange, OpenWrite, PlanRow, Queue, RecordWrite, Row,
    Side, StateWrite, StoreError, Tenant, TwoWay,
};

use crate::support::{at, create, lease, metered, noise, order, product, product_id, table, tenant};

fn part(revision: u64, queue: Option<Queue>) -> TwoWay {
    TwoWay { bytes: b"{}".to_vec(), revision, queue, crm_id: Some("c-1".to_owned()) }
}

fn told(kind: ChangeKind) -> NewChange {
    NewChange {
        run: None,
        actor: "ana".to_owned(),
        side: Side::Crm,
        kind,
        fields: [].into(),
        decided: [].into(),
        event: Some("req-1".to_owned()),
        matched: None,
    }
}

fn crm(t: &Tenant) -> RecordId {
    RecordId::for_crm(t.id(), Object::Products, "c-1")
}

async fn open(t: &Tenant, queue: Option<Queue>) {
    let mut commit = Commit::unleased();
    commit.seq = t.seq().await.expect("a read");
    commit.opens.push(OpenWrite::create(crm(t), part(1, queue), told(ChangeKind::Added)));
    t.commit(&commit, at(1)).await.expect("a commit");
}

#[tokio::test]
async fn a_record_of_the_crm_is_found_by_its_id_and_becomes_the_record_of_the_erp_whole() {
    let t = tenant(&table().await, 1);
    open(&t, Some(Queue::Visit(at(5)))).await;
    let Some(ByCrm::Open(row)) = t.find_by_crm(crm(&t)).await.expect("a read") else { panic!("not open") };
    assert_eq!(t.open_rows(Object::Products).await.expect("a read"), [(*row).clone()]);
    assert_eq!(t.row(crm(&t)).await.expect("a read").expect("there"), Row::Open(row.clone()));
    assert_eq!(t.due_visits(at(4), 10).await, Ok(vec![]));
    assert_eq!(t.due_visits(at(5), 10).await, Ok(vec![(at(5), crm(&t))]));

    let lease = lease(&t, "w", 0).await;
    let id = product_id(&t, 7);
    let record = product(7, "Vijak");
    let mut commit = Commit::new(&lease);
    commit.seq = 1;
    let write = RecordWrite::create(id, ErpId::new(7), record.to_bytes(), told(ChangeKind::Linked));
    commit.writes.push(write.with_two_way(Some(part(2, None))).following(&row));
    commit.closes.push((&*row).into());
    commit.links.push(Link { crm: crm(&t), to: id });
    t.commit(&commit, at(6)).await.expect("a commit");

    assert_eq!(t.find_by_crm(crm(&t)).await, Ok(Some(ByCrm::Linked(id))));
    assert_eq!(t.open_rows(Object::Products).await, Ok(vec![]));
    assert_eq!(t.due_visits(at(9), 10).await, Ok(vec![]));
    let stored = t.record(id).await.expect("a read").expect("there");
    assert_eq!((stored.revision(), stored.last_change, stored.two_way), (2, 2, Some(part(2, None))));
    let history = t.history(id, 10).await.expect("a read");
    let line: Vec<_> = history.iter().map(|c| (c.seq, c.kind, c.prev, c.erp_id.map(ErpId::get))).collect();
    assert_eq!(line, [(2, ChangeKind::Linked, Some(1), Some(7)), (1, ChangeKind::Added, None, None)]);
    assert_eq!((history[1].event.as_deref(), history[1].crm_id.as_deref()), (Some("req-1"), Some("c-1")));
}

#[tokio::test]
async fn whoever_comes_second_writes_nothing() {
    let t = tenant(&table().await, 1);
    open(&t, None).await;
    let Some(Row::Open(row)) = t.row(crm(&t)).await.expect("a read") else { panic!("not open") };
    let mut again = Commit::unleased();
    again.seq = 1;
    again.opens.push(OpenWrite::create(crm(&t), part(1, None), told(ChangeKind::Added)));
    assert_eq!(t.commit(&again, at(2)).await, Err(CommitError::RecordMoved(crm(&t))));
    let mut next = Commit::unleased();
    next.opens.push(OpenWrite::replace(&row, part(1, None), None));
    t.commit(&next, at(2)).await.expect("nothing is told, so no number is needed");
    assert_eq!(t.seq().await, Ok(1));
    assert_eq!(t.commit(&next, at(3)).await, Err(CommitError::RecordMoved(crm(&t))));
    let free = RecordId::for_crm(t.id(), Object::Products, "c-2");
    let link = |to| {
        let mut commit = Commit::unleased();
        commit.links.push(Link { crm: free, to });
        commit
    };
    t.commit(&link(product_id(&t, 1)), at(4)).await.expect("free");
    t.commit(&link(product_id(&t, 1)), at(4)).await.expect("the same again");
    assert_eq!(t.commit(&link(product_id(&t, 2)), at(4)).await, Err(CommitError::RecordMoved(free)));
}

#[tokio::test]
async fn a_write_that_says_nothing_of_the_two_way_part_keeps_it() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    let waits = part(3, Some(Queue::Person(at(2))));
    commit.writes.push(create(&t, &product(7, "Vijak")).with_two_way(Some(waits.clone())));
    t.commit(&commit, at(1)).await.expect("a commit");
    let stored = t.record(product_id(&t, 7)).await.expect("a read").expect("there");
    let mut commit = Commit::new(&lease);
    commit.writes.push(RecordWrite::mark_missing(&stored, at(3), None));
    t.commit(&commit, at(3)).await.expect("a commit");
    let gone = t.record(stored.id).await.expect("a read").expect("there");
    assert_eq!((gone.two_way.as_ref(), gone.last_change), (Some(&waits), 1));
    assert_eq!(t.for_people(None, 5).await, Ok(vec![(at(2), stored.id)]));
    let mut commit = Commit::new(&lease);
    let write = RecordWrite::replace(&gone, gone.record.to_bytes(), None).still_missing(&gone);
    commit.writes.push(write.with_two_way(Some(part(3, Some(Queue::Guard(at(4)))))));
    t.commit(&commit, at(4)).await.expect("a commit");
    assert_eq!(t.record(stored.id).await.expect("a read").expect("there").missing_since, Some(at(3)));
    assert_eq!(t.for_guard().await, Ok(vec![stored.id]));
    assert_eq!(t.for_people(None, 5).await, Ok(vec![]));
}

#[tokio::test]
async fn another_tenant_finds_nothing_of_it() {
    let table = table().await;
    let (t, other) = (tenant(&table, 1), tenant(&table, 2));
    open(&t, Some(Queue::Visit(at(5)))).await;
    assert_eq!(other.find_by_crm(crm(&t)).await, Ok(None));
    assert_eq!(other.row(crm(&t)).await, Ok(None));
    assert_eq!(other.due_visits(at(9), 5).await, Ok(vec![]));
    assert_eq!(other.history(crm(&t), 5).await, Ok(vec![]));
    let Some(Row::Open(row)) = t.row(crm(&t)).await.expect("a read") else { panic!("not open") };
    let mut commit = Commit::unleased();
    commit.opens.push(OpenWrite::replace(&row, part(1, None), None));
    assert_eq!(other.commit(&commit, at(2)).await, Err(CommitError::Store(StoreError::WrongTenant)));
}

#[tokio::test]
async fn settings_have_versions_and_one_writer_wins() {
    let t = tenant(&table().await, 1);
    assert_eq!(t.settings().await, Ok(None));
    let first = Settings::standard();
    t.replace_settings_if(0, &first).await.expect("none yet");
    assert_eq!(t.replace_settings_if(0, &first).await, Err(StoreError::Conflict));
    let second = Settings { version: 2, read_only: false, ..first.clone() };
    t.replace_settings_if(1, &second).await.expect("the present version");
    assert_eq!(t.settings().await, Ok(Some(second.clone())));
    assert_eq!((t.settings_at(1).await, t.settings_at(2).await), (Ok(Some(first)), Ok(Some(second.clone()))));
    let refused = t.replace_settings_if(2, &second).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "a version is written once: {refused:?}");
}

#[tokio::test]
async fn a_large_plan_a_certificate_and_a_word_about_deletions_come_back_as_they_were_kept() {
    let t = tenant(&table().await, 1);
    let bytes = noise(1, 1_000_000).into_bytes();
    let plan = PlanRow {
        id: "pln_1".to_owned(),
        version: 1,
        made_at: at(1),
        state: "made".to_owned(),
        hash: "h".to_owned(),
        bytes,
    };
    t.keep_plan(&plan).await.expect("new");
    assert_eq!(t.plan("pln_1").await, Ok(Some(plan.clone())));
    let applied = t.advance_plan(&plan, "applied").await.expect("the version");
    assert_eq!(t.advance_plan(&plan, "applied").await, Err(StoreError::Conflict));
    assert_eq!(t.plans(5).await, Ok(vec![PlanRow { bytes: Vec::new(), ..applied }]));
    t.keep_certificate("2026-11-24", Object::Orders, b"equal").await.expect("kept");
    let certificate = ("2026-11-24".to_owned(), Object::Orders, b"equal".to_vec());
    assert_eq!(t.certificates(5).await, Ok(vec![certificate]));
    let word = DeletionApproval { list: "abc".to_owned(), by: "ana".to_owned(), at: at(2) };
    t.approve_deletions(Object::Orders, &word).await.expect("kept");
    assert_eq!(t.deletion_approval(Object::Orders).await, Ok(Some(word)));
    assert_eq!(t.deletion_approval(Object::Offers).await, Ok(None));
}

#[tokio::test]
async fn an_id_of_the_crm_never_leads_to_two_places() {
    let t = tenant(&table().await, 1);
    let link = |n| Link { crm: crm(&t), to: product_id(&t, n) };
    let moved = Err(CommitError::RecordMoved(crm(&t)));
    open(&t, None).await;
    let mut beside = Commit::unleased();
    beside.links.push(link(7));
    assert_eq!(t.commit(&beside, at(2)).await, moved);
    let Some(Row::Open(row)) = t.row(crm(&t)).await.expect("a read") else { panic!("not open") };
    beside.closes.push(Close { version: row.version + 1, ..(&*row).into() });
    assert_eq!(t.commit(&beside, at(2)).await, moved);
    beside.closes = vec![(&*row).into()];
    t.commit(&beside, at(2)).await.expect("closed and linked in one");

    // Somebody looked before the first commit and only now numbers its change.
    let mut late = Commit::unleased();
    late.seq = 1;
    late.opens.push(OpenWrite::create(crm(&t), part(1, None), told(ChangeKind::Added)));
    assert_eq!(t.commit(&late, at(3)).await, moved);
    assert_eq!(t.open_rows(Object::Products).await, Ok(vec![]));
    assert_eq!(t.seq().await, Ok(1));

    let unlink = |n| {
        let mut commit = Commit::unleased();
        commit.unlinks.push(link(n));
        commit
    };
    assert_eq!(t.commit(&unlink(8), at(4)).await, moved);
    t.commit(&unlink(7), at(4)).await.expect("the link that is there");
    t.commit(&unlink(7), at(4)).await.expect("the same again");
    assert_eq!(t.find_by_crm(crm(&t)).await, Ok(None));
    t.commit(&late, at(5)).await.expect("free again");
}

#[tokio::test]
async fn a_row_that_was_taken_away_and_is_there_again_is_not_the_one_that_was_read() {
    let t = tenant(&table().await, 1);
    open(&t, None).await;
    let Some(Row::Open(read)) = t.row(crm(&t)).await.expect("a read") else { panic!("not open") };
    let link = Link { crm: crm(&t), to: product_id(&t, 7) };
    let mut away = Commit::unleased();
    away.closes.push((&*read).into());
    away.links.push(link);
    t.commit(&away, at(2)).await.expect("closed and linked in one");
    let mut again = Commit::unleased();
    again.seq = 1;
    again.unlinks.push(link);
    again.opens.push(OpenWrite::create(crm(&t), part(5, None), told(ChangeKind::Unlinked)));
    t.commit(&again, at(3)).await.expect("taken apart");

    let Some(Row::Open(there)) = t.row(crm(&t)).await.expect("a read") else { panic!("not open") };
    assert_eq!(there.version, read.version, "it begins with the first version");
    let moved = Err(CommitError::RecordMoved(crm(&t)));
    let mut late = Commit::unleased();
    late.opens.push(OpenWrite::replace(&read, part(1, None), None));
    assert_eq!(t.commit(&late, at(4)).await, moved);
    let mut late = Commit::unleased();
    late.closes.push((&*read).into());
    assert_eq!(t.commit(&late, at(4)).await, moved);
    assert_eq!(t.row(crm(&t)).await, Ok(Some(Row::Open(there.clone()))));
    let mut next = Commit::unleased();
    next.opens.push(OpenWrite::replace(&there, part(6, None), None));
    t.commit(&next, at(5)).await.expect("as it is");
}

#[tokio::test]
async fn a_commit_says_how_many_items_it_is_and_numbers_records_before_open_rows() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let lease = lease(&t, "w", 0).await;
    let id = |n: &str| RecordId::for_crm(t.id(), Object::Products, n);
    let mut commit = Commit::new(&lease);
    commit.opens.push(OpenWrite::create(id("a"), part(1, None), told(ChangeKind::Added)));
    commit.opens.push(OpenWrite::create(id("b"), part(1, None), None));
    commit.writes.push(create(&t, &product(7, "Vijak")));
    commit.writes.push(RecordWrite::create(product_id(&t, 8), ErpId::new(8), product(8, "Matica").to_bytes(), None));
    commit.links.push(Link { crm: id("c"), to: product_id(&t, 7) });
    // The lease, the sequence, two changes, two records, two open rows with a check each, the link with its check.
    assert_eq!(commit.items(), 12);
    meter.take();
    let report = t.commit(&commit, at(1)).await.expect("a commit");
    assert_eq!((report.records, report.changes, report.seq), (4, 2, 2));
    assert_eq!(meter.tally().all_written(), 12 - 4, "checks write nothing");
    let told = t.changes(0, 9).await.expect("a read");
    assert_eq!(told.iter().map(|c| c.record).collect::<Vec<_>>(), [product_id(&t, 7), id("a")]);
    assert_eq!(t.change(2).await, Ok(told.last().cloned()));
    assert_eq!(t.change(3).await, Ok(None));
}

#[tokio::test]
async fn what_only_a_worker_writes_needs_its_lease() {
    let t = tenant(&table().await, 1);
    let mut commit = Commit::unleased();
    commit.state = Some(StateWrite { bytes: b"s".to_vec(), expected_step: 0 });
    let refused = t.commit(&commit, at(1)).await.expect_err("no lease");
    assert!(matches!(refused, CommitError::Store(StoreError::Refused(_))), "{refused:?}");
    assert_eq!(t.state().await, Ok(None));
}

#[tokio::test]
async fn a_new_record_tells_its_pieces_although_its_change_repeats_none() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let record = order(5, 2);
    let id = RecordId::for_erp(t.id(), Object::Orders, ErpId::new(5));
    let mut commit = Commit::new(&lease);
    let added = NewChange { side: Side::Erp, ..told(ChangeKind::Added) };
    commit.writes.push(RecordWrite::create(id, ErpId::new(5), record.to_bytes(), added));
    t.commit(&commit, at(1)).await.expect("a commit");
    let change = t.change(1).await.expect("a read").expect("told");
    let said: Vec<_> =
        change.fields.iter().map(|(piece, f)| (piece.as_str(), f.before.clone(), f.after.clone())).collect();
    let pieces = domain::Fields::of(&record);
    let expected: Vec<_> = pieces.iter().map(|(piece, value)| (piece, None, Some(value.clone()))).collect();
    assert_eq!(said, expected);
    assert_eq!(change.fields.keys().filter(|piece| piece.starts_with("lines/")).count(), 2);
    assert_eq!((change.revision, change.version, change.prev), (1, 1, None));
}

#[tokio::test]
async fn those_who_wait_come_in_parts_and_each_queue_by_itself() {
    let t = tenant(&table().await, 1);
    let mut commit = Commit::unleased();
    let id = |n: i64| RecordId::for_crm(t.id(), Object::Products, &n.to_string());
    for (n, queue) in [
        (1, Queue::Person(at(30))),
        (2, Queue::Person(at(10))),
        (3, Queue::Visit(at(5))),
        (4, Queue::Guard(at(1))),
        (5, Queue::Person(at(20))),
        (6, Queue::Visit(at(4))),
    ] {
        commit.opens.push(OpenWrite::create(id(n), part(1, Some(queue)), None));
    }
    t.commit(&commit, at(1)).await.expect("a commit");
    let first = t.for_people(None, 2).await.expect("a read");
    assert_eq!(first, [(at(10), id(2)), (at(20), id(5))]);
    assert_eq!(t.for_people(first.last().copied(), 2).await, Ok(vec![(at(30), id(1))]));
    assert_eq!(t.due_visits(at(9), 1).await, Ok(vec![(at(4), id(6))]));
    assert_eq!(t.for_guard().await, Ok(vec![id(4)]));
}

#[tokio::test]
async fn a_plan_may_be_kept_again_until_it_moves_on_but_never_replaced() {
    let t = tenant(&table().await, 1);
    let plan = |id: &str, hash: &str, bytes: &[u8]| PlanRow {
        id: id.to_owned(),
        version: 1,
        made_at: at(1),
        state: "made".to_owned(),
        hash: hash.to_owned(),
        bytes: bytes.to_vec(),
    };
    let first = plan("pln_1", "h", b"a");
    t.keep_plan(&first).await.expect("new");
    t.keep_plan(&first).await.expect("the same again");
    // Under one hash, as where none is needed: what was kept first stays, whole.
    for other in [plan("pln_1", "other", b"b"), plan("pln_1", "h", b"b"), plan("pln_1", "h", b"")] {
        assert_eq!(t.keep_plan(&other).await, Err(StoreError::Conflict));
    }
    assert_eq!(t.plan("pln_1").await, Ok(Some(first.clone())));
    t.advance_plan(&first, "applied").await.expect("the version");
    assert_eq!(t.keep_plan(&first).await, Err(StoreError::Conflict));
    t.keep_plan(&plan("pln_2", "h", b"")).await.expect("another, empty");
    let listed = t.plans(9).await.expect("a read");
    let line: Vec<_> = listed.iter().map(|p| (p.id.as_str(), p.state.as_str())).collect();
    assert_eq!(line, [("pln_2", "made"), ("pln_1", "applied")]);
    assert_eq!(t.plans(1).await.expect("a read").len(), 1);
    let refused = t.keep_certificate("today", Object::Orders, b"").await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn a_link_becomes_an_open_row_in_one_commit_and_the_history_of_both_is_walked() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut made = Commit::new(&lease);
    made.writes.push(create(&t, &product(7, "Vijak")));
    made.links.push(Link { crm: crm(&t), to: product_id(&t, 7) });
    t.commit(&made, at(1)).await.expect("a commit");
    let apart = |seq: u64, stored: &store::Stored| {
        let mut commit = Commit::unleased();
        commit.seq = seq;
        commit.writes.push(RecordWrite::replace(stored, stored.record.to_bytes(), told(ChangeKind::Unlinked)));
        let open = OpenWrite::create(crm(&t), part(1, None), told(ChangeKind::Unlinked));
        commit.opens.push(open.continuing(seq + 1).joining(1));
        commit.unlinks.push(Link { crm: crm(&t), to: product_id(&t, 7) });
        commit
    };
    let stored = t.record(product_id(&t, 7)).await.expect("a read").expect("there");
    let commit = apart(1, &stored);
    // The sequence, two changes, the record, the open row, the link: no check of a link that goes.
    assert_eq!(commit.items(), 6);
    t.commit(&commit, at(2)).await.expect("a commit");
    assert!(matches!(t.find_by_crm(crm(&t)).await, Ok(Some(ByCrm::Open(_)))));
    let moved = t.commit(&apart(3, &stored), at(3)).await.expect_err("read before");
    assert!(matches!(moved, CommitError::RecordMoved(_)), "{moved:?}");
    let seqs = |changes: Vec<store::Change>| changes.iter().map(|c| c.seq).collect::<Vec<_>>();
    assert_eq!(seqs(t.whole_history(crm(&t), 9).await.expect("a read")), [3, 2, 1], "each once");
    assert_eq!(seqs(t.whole_history(crm(&t), 2).await.expect("a read")), [3, 2]);
    assert_eq!(t.change(3).await.expect("a read").expect("told").joined, Some(1));
}

#[tokio::test]
async fn a_look_is_good_for_a_few_minutes_of_one_record_at_one_revision_of_one_tenant() {
    let table = table().await;
    let (t, other) = (tenant(&table, 1), tenant(&table, 2));
    let id = crm(&t);
    t.keep_look("KIND", id, 3, b"found", at(0)).await.expect("kept");
    assert_eq!(t.kept_look("KIND", id, 3, at(299)).await, Ok(Some(b"found".to_vec())));
    assert_eq!(t.kept_look("KIND", id, 3, at(301)).await, Ok(None), "too old");
    assert_eq!(t.kept_look("KIND", id, 4, at(1)).await, Ok(None), "the record has changed");
    assert_eq!(t.kept_look("OTHER", id, 3, at(1)).await, Ok(None));
    assert_eq!(other.kept_look("KIND", id, 3, at(1)).await, Ok(None));
}
