//! Both sides hold what the row says, nothing is left to do, and what is gone was deleted by somebody.

use domain::fields::owner;
use domain::{Object, Owner};
use serde_json::Value;
use sync::twoway::{Entry, pending};

use super::Found;
use crate::arrange::end_of;
use crate::crm_users::equal_to;
use crate::table::Row;
use crate::values::same;
use crate::world::World;

/// Judges one tenant.
pub(super) fn judge(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    for (id, row) in &tenant.table.rows {
        match &row.entry {
            Some(entry) => linked(world, t, entry, found),
            None => mirrored(world, t, *id, row, found),
        }
    }
    told(world, t, found);
    stock(world, t, found);
    deletions(world, t, found);
}

/// Whether the record waits for a person, went into another one, or is no longer on both sides.
pub fn waits(entry: &Entry) -> bool {
    entry.hold.is_some() || entry.archived_at.is_some() || entry.crm_deleted_at.is_some() || entry.merged.is_some()
}

/// What it names waits for a person, so it does too.
pub fn waits_for_another(world: &World, t: usize, entry: &Entry) -> bool {
    let table = &world.tenants[t].table;
    let named =
        |v: &Value| v.get("crm_id").or_else(|| v.get("product_crm_id")).and_then(Value::as_str).map(str::to_owned);
    // One that went into another one stands for that one.
    let stands =
        |crm_id: String| end_of(table, &crm_id).is_none_or(|(e, _)| waits(e) || waits_for_another(world, t, e));
    entry.crm.iter().filter_map(|(_, v)| named(v)).any(stands)
}

fn linked(world: &World, t: usize, entry: &Entry, found: &mut Found) {
    let tenant = &world.tenants[t];
    if waits(entry) || waits_for_another(world, t, entry) {
        return;
    }
    if entry.due.is_some() || entry.intent.is_some() || entry.erp_id.is_none() || !pending(entry).is_empty() {
        return found.hit(|b| &mut b.diverged, 1, || format!("left undone: {entry:?}"));
    }
    let Some(doc) = entry.erp_id.and_then(|id| tenant.erp.docs.get(&id)) else {
        return found.hit(|b| &mut b.diverged, 1, || format!("its ERP record was never there: {entry:?}"));
    };
    if doc.gone {
        // That something is gone is believed only where the same lookup finds something else that we know.
        let knows = |id: &domain::RecordId, row: &Row| {
            let other =
                row.snap.as_ref().map(|s| s.erp_id).filter(|o| Some(*o) != entry.erp_id && row.missing.is_none());
            id.object() == doc.object() && other.and_then(|o| tenant.erp.docs.get(&o)).is_some_and(|d| !d.gone)
        };
        if !tenant.table.rows.iter().any(|(id, row)| knows(id, row)) {
            return;
        }
        return found.hit(|b| &mut b.diverged, 1, || format!("gone in the ERP, and nobody was told: {entry:?}"));
    }
    if entry.in_crm_names(doc.fields()) != entry.erp {
        let line = format!("the row is not what the ERP has: {entry:?}\n  ERP: {:?}", doc.fields());
        found.hit(|b| &mut b.diverged, 1, || line);
    }
    let equal = |piece: &str| {
        entry.conflicts.contains_key(piece)
            || match (owner(entry.id.object(), piece), entry.crm.get(piece), entry.erp.get(piece)) {
                (_, Some(a), Some(b)) => piece == "partner" || same(piece, a, b),
                // What is set once: the CRM may know less.
                (_, None, None) | (Owner::AtCreation, None, Some(_)) => true,
                _ => false,
            }
    };
    if let Some((piece, _)) = entry.crm.iter().chain(entry.erp.iter()).find(|(p, _)| !equal(p)) {
        let line = format!("the sides differ in {piece}: {entry:?}");
        found.hit(|b| &mut b.diverged, 1, || line);
    }
    match entry.crm_id.as_ref().and_then(|c| tenant.crm.records.get(c)) {
        Some(record) if !record.deleted && !equal_to(&entry.crm, &record.fields) => {
            let line = format!("the CRM has something else than it was told: {entry:?}\n  CRM: {record:?}");
            found.hit(|b| &mut b.diverged, 1, || line);
        }
        Some(record) if record.archived && !record.deleted => {
            found.hit(|b| &mut b.diverged, 1, || format!("archived by the CRM, and it is there: {entry:?}"));
        }
        Some(_) => {}
        // A partner that a person took apart from its contact is nobody's.
        None if entry.crm_id.is_none() && tenant.people.is_nobodys(entry.id) => {}
        None => found.hit(|b| &mut b.diverged, 1, || format!("the CRM has no such record: {entry:?}")),
    }
}

/// The feed tells every revision.
fn told(world: &World, t: usize, found: &mut Found) {
    let table = &world.tenants[t].table;
    for (id, row) in table.rows.iter().filter(|(id, _)| id.object() != Object::Stock) {
        let last = table.told.get(id).and_then(|t| t.last()).map_or(0, |t| t.revision);
        let line = || format!("the last change that was told is {last}: {row:?}");
        found.hit(|b| &mut b.lost, u64::from(last != row.revision()), line);
    }
}

/// A record that the CRM never touched: only what is gone stays so.
fn mirrored(world: &World, t: usize, id: domain::RecordId, row: &Row, found: &mut Found) {
    let tenant = &world.tenants[t];
    let Some(snap) = row.snap.as_ref().filter(|_| id.object() != Object::Stock && row.missing.is_none()) else {
        return;
    };
    if tenant.erp.docs.get(&snap.erp_id).is_some_and(|d| !d.gone) {
        found.hit(|b| &mut b.diverged, 1, || format!("the CRM was never told of {id}"));
    }
}

/// Stock is what the ERP counts, whatever the order in which its webhooks came.
fn stock(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    let is_there = |id: &domain::ErpId| tenant.erp.docs.get(id).is_some_and(|d| !d.gone);
    for (product, truth) in tenant.erp.stock.iter().filter(|(id, _)| is_there(id)) {
        let id = domain::RecordId::for_erp(&tenant.id, Object::Stock, *product);
        let has = tenant.table.rows.get(&id).and_then(|r| r.snap.as_ref()).map(|s| s.fields().clone());
        if has.as_ref() != Some(truth.fields()) {
            let line = format!("stock of {product} is {has:?} and not {:?}", truth.fields());
            found.hit(|b| &mut b.diverged, 1, || line);
        }
    }
}

/// Nothing is deleted or archived but what somebody deleted, and what the CRM deleted is gone.
fn deletions(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    for entry in tenant.table.entries() {
        let doc = entry.erp_id.and_then(|id| tenant.erp.docs.get(&id));
        // What the CRM deleted while it was archived stays as it is on both sides.
        let is_archived = entry.archived_at.is_some() && entry.crm_deleted_at.is_none();
        if is_archived && doc.is_some_and(|d| !d.gone) {
            found.hit(|b| &mut b.false_deletes, 1, || format!("archived, and the ERP has it: {entry:?}"));
        }
    }
    let deleted = tenant.table.entries().filter(|e| e.crm_deleted_at.is_some() && e.released && e.erp_id.is_none());
    for entry in deleted {
        if tenant.heard.get(&entry.id).is_some_and(|h| h.misled) {
            // Another company, or one that hid it, said that it is not there. Counted.
            continue;
        }
        let made = |d: &&crate::erp::Doc| d.made_for.as_ref() == entry.crm_id.as_ref() && d.made_for.is_some();
        if tenant.erp.docs.values().filter(made).any(|d| !d.gone) {
            found.hit(|b| &mut b.lost, 1, || format!("deleted by the CRM, and the ERP has it: {entry:?}"));
        }
    }
    let by_us = tenant.erp.docs.values().filter(|d| d.gone && !d.gone_by_user).count() as u64;
    let asked = tenant.table.entries().filter(|e| e.crm_deleted_at.is_some()).count() as u64;
    found.hit(
        |b| &mut b.false_deletes,
        by_us.saturating_sub(asked),
        || "more was deleted in the ERP than the CRM deleted".to_owned(),
    );
    found.hit(|b| &mut b.false_deletes, u64::from(tenant.mass_deleted), || "a mass deletion passed".to_owned());
    found.hit(
        |b| &mut b.false_deletes,
        tenant.erp.deleted_edits,
        || "deleted in the ERP although a user had changed it".to_owned(),
    );
}
