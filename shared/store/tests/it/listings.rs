//! A contact's documents, and the registers.

use domain::{DocumentKind, ErpId, Meaning, Meanings, Object, Record, RecordId, Registers, Text};
use jiff::civil::date;
use store::metering::Entity;
use store::{Commit, CommitError, RecordWrite, StoreError, Tenant};

use crate::support::{at, change, create, lease, metered, order, table, tenant};

/// The order with another partner and another date.
fn order_of(erp_id: u64, partner: u64, day: Option<i8>) -> Record {
    let Record::Document(mut document) = order(erp_id, 2) else { unreachable!("an order is a document") };
    document.partner.as_mut().expect("a partner").erp_id = ErpId::new(partner);
    document.date = day.map(|day| date(2026, 3, day));
    Record::Document(document)
}

fn contact(t: &Tenant, n: u64) -> RecordId {
    RecordId::for_erp(t.id(), Object::Contacts, ErpId::new(n))
}

async fn listed(t: &Tenant, n: u64) -> Vec<u64> {
    let places = t.documents_of(contact(t, n), None, 100).await.expect("a read");
    let ids: Vec<RecordId> = places.iter().map(|(_, id)| *id).collect();
    let found = t.records(&ids).await.expect("a read");
    ids.iter().map(|id| found[id].erp_id.get()).collect()
}

/// Writes the next version of an order; what it cost beyond the control rows.
async fn change_to(t: &Tenant, commit: &mut Commit<'_>, next: &Record) {
    let id = RecordId::for_erp(t.id(), Object::Orders, next.erp_id());
    let old = t.record(id).await.expect("a read").expect("there");
    let told = change(Some(&old.record), next);
    commit.seq = t.seq().await.expect("a read");
    commit.writes = vec![RecordWrite::replace(&old, next.to_bytes(), told).listed(next.listing())];
    t.commit(commit, at(2)).await.expect("a commit");
}

#[tokio::test]
async fn a_new_document_writes_one_more_item_and_a_changed_one_none_unless_its_place_changed() {
    let (table, meter) = metered().await;
    let t = tenant(&table, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    let first = order_of(7, 1, Some(17));
    commit.writes = vec![create(&t, &first).listed(first.listing())];
    assert_eq!(commit.items(), 5, "the lease, the sequence, the record, its change, its place");
    meter.take();
    let report = t.commit(&commit, at(1)).await.expect("a commit");
    let tally = meter.take();
    assert_eq!((report.records, report.changes, report.listings), (1, 1, 1));
    assert_eq!(
        (tally.written(Entity::Record), tally.written(Entity::Change), tally.written(Entity::Listing)),
        (1, 1, 1)
    );
    // Four for lease and sequence, four for record and change, two for the place.
    assert!((tally.write_units - 10.0).abs() < 0.1, "{} write units", tally.write_units);

    let Record::Document(mut other) = first.clone() else { unreachable!("an order") };
    other.notes = Text::new("nujno").expect("short");
    meter.take();
    change_to(&t, &mut commit, &Record::Document(other)).await;
    let tally = meter.take();
    assert_eq!(
        (tally.written(Entity::Record), tally.written(Entity::Change), tally.written(Entity::Listing)),
        (1, 1, 0)
    );
    assert!((tally.write_units - 8.0).abs() < 0.1, "{} write units", tally.write_units);

    for (next, of_one, of_two) in [
        (order_of(7, 1, Some(18)), vec![7], vec![]),
        (order_of(7, 2, Some(18)), vec![], vec![7]),
        (order_of(7, 2, None), vec![], vec![7]),
    ] {
        meter.take();
        change_to(&t, &mut commit, &next).await;
        assert_eq!(meter.take().written(Entity::Listing), 2, "it leaves one place and takes another");
        assert_eq!((listed(&t, 1).await, listed(&t, 2).await), (of_one, of_two));
    }
}

#[tokio::test]
async fn a_contacts_documents_come_by_date_the_latest_first_and_in_parts() {
    let t = tenant(&table().await, 1);
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    let orders: Vec<Record> =
        [(1, Some(3)), (2, None), (3, Some(30)), (4, Some(9))].map(|(n, day)| order_of(n, 5, day)).into();
    commit.writes = orders.iter().map(|order| create(&t, order).listed(order.listing())).collect();
    t.commit(&commit, at(1)).await.expect("a commit");
    assert_eq!(listed(&t, 5).await, [3, 4, 1, 2]);
    let first = t.documents_of(contact(&t, 5), None, 2).await.expect("a read");
    let second = t.documents_of(contact(&t, 5), first.last().copied(), 9).await.expect("a read");
    assert_eq!((first.len(), second.len()), (2, 2));
    assert_eq!(t.documents_of(contact(&t, 5), second.last().copied(), 9).await, Ok(vec![]));
    assert_eq!(t.documents_of(contact(&t, 6), None, 9).await, Ok(vec![]));
}

#[tokio::test]
async fn registers_are_written_under_the_lease_and_meanings_on_the_version_that_was_seen() {
    let t = tenant(&table().await, 1);
    assert_eq!(t.registers().await, Ok(Registers::default()));
    let text = |s: &str| Text::required(s).expect("visible");
    let registers = Registers { units: [text("kos")].into(), ..Registers::default() };
    let mut unleased = Commit::unleased();
    unleased.registers = Some(registers.clone());
    assert!(matches!(t.commit(&unleased, at(1)).await, Err(CommitError::Store(StoreError::Refused(_)))));
    let lease = lease(&t, "w", 0).await;
    let mut commit = Commit::new(&lease);
    commit.registers = Some(registers.clone());
    assert_eq!(commit.items(), 2);
    t.commit(&commit, at(1)).await.expect("a commit");
    assert_eq!(t.registers().await, Ok(registers));

    let meant = |version| {
        let chosen = [(text("poslano"), Meaning::Shipped)].into();
        Meanings { version, chosen: [(DocumentKind::SalesOrder, chosen)].into() }
    };
    assert_eq!(t.meanings().await, Ok(Meanings::default()));
    assert_eq!(t.replace_meanings(&meant(2)).await, Err(StoreError::Conflict));
    assert_eq!(t.replace_meanings(&meant(1)).await, Ok(()));
    assert_eq!(t.replace_meanings(&meant(1)).await, Err(StoreError::Conflict));
    assert_eq!(t.replace_meanings(&meant(2)).await, Ok(()));
    assert_eq!(t.meanings().await, Ok(meant(2)));
    assert!(matches!(t.replace_meanings(&meant(0)).await, Err(StoreError::Refused(_))));
}
