//! The append-only log alone says what the rows say.

use app::twoway::edit;
use app::twoway::undo::of_whole_log;
use domain::{Object, RecordId};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeSet;
use sync::fold::fold;

use crate::twoway::{BY, contact, ready};
use crate::world::World;

/// Every row of a record is what the changes of it fold to.
pub(crate) async fn assert_folds(w: &World) {
    let tenant = w.tenant(1);
    let mut changes = Vec::new();
    loop {
        let part = tenant.changes(changes.last().map_or(0, |c: &store::Change| c.seq), 500).await.expect("the table");
        if part.is_empty() {
            break;
        }
        changes.extend(part);
    }
    assert_eq!(changes.len() as u64, tenant.seq().await.expect("the table"), "no gaps");
    let folded = fold(&of_whole_log(&changes));
    let mut rows: BTreeSet<RecordId> = BTreeSet::new();
    for object in [Object::Contacts, Object::Products, Object::Offers, Object::Orders, Object::Invoices] {
        let mut after = None;
        loop {
            let part = tenant.list(object, after, 500, true).await.expect("the table");
            rows.extend(part.records.iter().map(|r| r.id));
            after = part.next;
            if after.is_none() {
                break;
            }
        }
        rows.extend(tenant.open_rows(object).await.expect("the table").into_iter().map(|o| o.id));
    }
    for id in &rows {
        let entry = edit::entry(&tenant, *id).await.expect("the table").expect("a row");
        let of_log = folded.get(id).unwrap_or_else(|| panic!("{id} is not in the log"));
        assert_eq!(of_log.matches(&entry), Ok(()), "{id}");
    }
    assert!(rows.len() > 500);
}

#[tokio::test]
async fn the_log_folds_to_the_table() {
    let w = ready(31).await;
    assert_folds(&w).await;
    for n in 0..6 {
        let mut value = contact(&format!("Kupec {n} d.o.o."));
        value["tax"]["tax_number"] =
            json!(["SI10000003", "SI93410981", "SI97473189", "SI93144610", "SI77147103", "SI50223054"][n]);
        w.put(Object::Contacts, &format!("c-{n}"), value).await;
    }
    w.put(Object::Products, "p-1", json!({ "name": "Nov izdelek", "code": "NOV-1", "unit": "kos", "sales": true }))
        .await;
    w.put(Object::Orders, "o-1", json!({
        "partner": { "crm_id": "c-1" }, "currency": "EUR", "lines/l1": { "product_crm_id": "p-1", "amount": "3", "price": "12.5" },
    }))
    .await;
    for _ in 0..3 {
        w.push().await;
        w.clock.advance(SignedDuration::from_mins(2));
    }
    assert_folds(&w).await;
    let company = w.companies[0].0.clone();
    let edits = json!({ "count": 120, "seed": 5 });
    w.control(reqwest::Method::POST, &format!("/companies/{company}/random-edits"), edits).await;
    edit::delete(&w.services, &w.tenant(1), Object::Contacts, "c-2", BY).await.expect("deleted");
    edit::delete(&w.services, &w.tenant(1), Object::Orders, "o-1", BY).await.expect("deleted");
    w.full_run(1).await;
    for _ in 0..3 {
        w.push().await;
        w.clock.advance(SignedDuration::from_mins(61));
    }
    w.full_run(1).await;
    assert_folds(&w).await;
}
