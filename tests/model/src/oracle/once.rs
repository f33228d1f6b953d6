//! One ERP record for each of the CRM's, one of the CRM's for each of the ERP's, and nothing of another tenant.

use domain::{ErpId, Fields};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use crate::arrange::Ask;
use crate::crm::{Edited, lines_of};
use crate::erp::Doc;
use crate::people::Arranged;
use crate::world::World;

/// Judges one tenant.
pub(super) fn judge(world: &World, t: usize, found: &mut Found) {
    made(world, t, found);
    rows(world, t, found);
    lines(world, t, found);
    apart(world, t, found);
}

fn made(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    let mut made: BTreeMap<&str, u64> = BTreeMap::new();
    // One that a user of the ERP deleted before we knew of it is made again.
    for doc in tenant.erp.docs.values().filter(|d| !d.gone_by_user) {
        if let Some(crm_id) = &doc.made_for {
            *made.entry(crm_id).or_default() += 1;
        }
    }
    let let_go = |crm_id: &str| {
        // Searched for under what it is called by now.
        let of = |d: &&Arranged| matches!(&d.ask, Ask::LetGo { crm_id: id } if id == crm_id);
        tenant.people.log.iter().filter(of).count() as u64
    };
    found.hit(
        |b| &mut b.duplicated,
        made.iter().map(|(crm_id, n)| n.saturating_sub(1 + let_go(crm_id))).sum::<u64>(),
        || format!("made more than once: {made:?}"),
    );
    found.hit(
        |b| &mut b.duplicated,
        tenant.erp.docs.values().filter(|d| d.silent).count() as u64,
        || "the ERP made a partner of its own".to_owned(),
    );
    // A tax number that the CRM has once and the ERP has twice was made by us beside what was there.
    let mut taxes: BTreeMap<String, (u64, bool)> = BTreeMap::new();
    for doc in tenant.erp.docs.values().filter(|d| !d.gone) {
        if let Some(tax) = doc.fields().get("tax").and_then(|t| t.get("tax_number")).and_then(Value::as_str) {
            let canonical = domain::TaxNumber::new(tax).ok().flatten().map(|t| t.as_str().to_owned());
            let of = taxes.entry(canonical.unwrap_or_default()).or_default();
            *of = (of.0 + 1, of.1 | doc.made_for.is_some());
        }
    }
    // Only a search before the first send can see it, and only what was there long enough to be found. What was made in
    // the very same minutes is told to people by the duplicate sweep.
    let twice = taxes.values().filter(|(n, ours)| *n > 1 && *ours).count() as u64;
    found.hit(
        |b| &mut b.duplicated,
        twice.saturating_sub(tenant.raced),
        || format!("one customer made beside the one that was there: {taxes:?}"),
    );
}

fn rows(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    let mut linked: BTreeSet<ErpId> = BTreeSet::new();
    for entry in tenant.table.entries() {
        found.hit(
            |b| &mut b.duplicated,
            entry.erp_id.map_or(0, |id| u64::from(!linked.insert(id))),
            || format!("two rows for one ERP record: {entry:?}"),
        );
    }
    let known: BTreeSet<&String> = tenant.table.by_crm.keys().collect();
    found.hit(
        |b| &mut b.lost,
        tenant.crm.records.iter().filter(|(id, r)| !known.contains(id) && !r.deleted).count() as u64,
        || "a record of the CRM never arrived".to_owned(),
    );
    for (crm_id, id) in &tenant.table.by_crm {
        let Some(entry) = tenant.table.entry(tenant.table.present(*id)) else {
            found.hit(|b| &mut b.lost, 1, || format!("the row of {crm_id} is gone"));
            continue;
        };
        if entry.crm_id.as_ref() != Some(crm_id) && entry.crm_deleted_at.is_none() {
            let line = format!("{crm_id} and another record of the CRM are one row: {entry:?}");
            found.hit(|b| &mut b.duplicated, 1, || line);
        }
    }
    let orphan = |(id, d): &(&ErpId, &Doc)| {
        let row = d.made_for.as_ref().and_then(|c| tenant.table.by_crm.get(c)).and_then(|r| tenant.table.entry(*r));
        // One that a person gave another partner leaves its own.
        let of = |a: &Arranged| a.had.iter().any(|(id, _)| Some(id) == d.made_for.as_ref());
        d.made_for.is_some()
            && !tenant.people.log.iter().any(of)
            && !d.gone
            && !linked.contains(id)
            && row.is_some_and(|r| r.hold.is_none() && r.crm_deleted_at.is_none())
    };
    found.hit(
        |b| &mut b.lost,
        tenant.erp.docs.iter().filter(orphan).count() as u64,
        || "a record that we made is linked with nothing".to_owned(),
    );
}

/// No line is in a document twice.
fn lines(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    // Of a record that another company said is not there, the last write is not known: counted, not judged.
    let is_misled = |e: &&sync::twoway::Entry| tenant.heard.get(&e.id).is_some_and(|h| h.misled);
    let misled: BTreeSet<ErpId> = tenant.table.entries().filter(is_misled).filter_map(|e| e.erp_id).collect();
    for doc in tenant.erp.docs.values().filter(|d| !d.gone && !misled.contains(&d.snap.erp_id)) {
        let prices: Vec<String> = doc
            .fields()
            .iter()
            .filter(|(k, _)| k.starts_with("lines/"))
            .filter_map(|(_, l)| l.get("price").map(Value::to_string))
            .collect();
        let distinct: BTreeSet<&String> = prices.iter().collect();
        let twice = (prices.len() - distinct.len()) as u64;
        found.hit(|b| &mut b.duplicated, twice, || format!("a line is there twice: {:?}", doc.fields()));
    }
    // Lines are entered by the CRM's users, and by none of the ERP's.
    for doc in tenant.erp.docs.values().filter(|d| !d.gone) {
        let Some((crm_id, record)) = doc.made_for.as_ref().and_then(|id| tenant.crm.records.get_key_value(id)) else {
            continue;
        };
        let of = |e: &&Edited| e.crm_id == *crm_id && e.piece.starts_with("lines/a");
        let entered = record.lines + tenant.crm_edits.iter().filter(of).count();
        let more = lines_of(doc.fields()).saturating_sub(entered) as u64;
        found.hit(|b| &mut b.duplicated, more, || format!("lines that nobody entered: {:?}", doc.fields()));
    }
    // Whatever a user of the ERP made of it since.
    let twice = tenant.erp.added.iter().filter(|((id, _), n)| **n > 1 && !misled.contains(id));
    for ((id, piece), n) in twice {
        found.hit(|b| &mut b.duplicated, n - 1, || format!("{piece} was added {n} times to {id}"));
    }
}

/// No value names the other tenant, and no row is linked with a record that was made for another.
fn apart(world: &World, t: usize, found: &mut Found) {
    let other = format!("\"t{} ", 1 - t);
    let texts = |f: &Fields| f.iter().any(|(_, v)| v.is_string() && v.to_string().starts_with(&other));
    let tenant = &world.tenants[t];
    for row in tenant.table.rows.values() {
        let in_entry = row.entry.as_ref().is_some_and(|e| texts(&e.crm) || texts(&e.erp));
        let wrong = in_entry || row.snap.as_ref().is_some_and(|s| texts(s.fields()));
        found.hit(|b| &mut b.crossed, u64::from(wrong), || format!("a value of another tenant: {row:?}"));
    }
    let ids = |t: usize| -> BTreeSet<domain::RecordId> {
        world.tenants[t].table.rows.iter().filter(|(_, r)| r.snap.is_some()).map(|(id, _)| *id).collect()
    };
    let both = ids(t).intersection(&ids(1 - t)).count() as u64;
    found.hit(|b| &mut b.crossed, both, || "a row of both tenants".to_owned());
    for entry in tenant.table.entries() {
        let made_for = entry.erp_id.and_then(|id| tenant.erp.docs.get(&id)).and_then(|d| d.made_for.clone());
        // What was made for a record that the CRM deleted meanwhile is the ERP's own from then on.
        // So is what a person took apart from it, or gave to another one.
        let is_arranged = |m: &String| tenant.people.log.iter().any(|d| d.had.iter().any(|(id, _)| id == m));
        let is_kept = |m: &String| tenant.crm.records.get(m).is_some_and(|r| !r.deleted) && !is_arranged(m);
        let wrong = made_for.filter(is_kept).is_some_and(|m| entry.crm_id.as_ref().is_some_and(|c| *c != m));
        let line = || format!("linked with a record that was made for another: {entry:?}");
        found.hit(|b| &mut b.crossed, u64::from(wrong), line);
    }
}
