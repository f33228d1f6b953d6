//! Contacts that people arranged: each has what it is to have, and between those that were taken apart nothing passes.

use std::collections::BTreeSet;

use domain::fields::owner;
use domain::{ErpId, Fields, Object, Owner};
use serde_json::Value;
use sync::twoway::Entry;

use super::Found;
use super::edits::plain;
use super::equal::waits;
use crate::arrange::{Ask, end_of};
use crate::crm_users::equal_to;
use crate::people::{Apart, Arranged};
use crate::tenant::Tenant;
use crate::world::World;

/// Contacts and partners that people, or writes, brought together at some time.
#[derive(Debug, Default)]
pub(super) struct Kin {
    /// Contacts, by the CRM's ids.
    pub(super) contacts: BTreeSet<String>,
    /// Partners.
    pub(super) partners: BTreeSet<ErpId>,
    /// What they had, each time that somebody arranged them.
    pub(super) had: Vec<Fields>,
}

/// All contacts that people arranged, with those that they were together with at some time.
pub(super) fn kin_of(tenant: &Tenant) -> Vec<Kin> {
    let mut all: Vec<Kin> = Vec::new();
    let mut join = |new: Kin| {
        let is_of = |k: &Kin| !k.contacts.is_disjoint(&new.contacts) || !k.partners.is_disjoint(&new.partners);
        let (same, others) = std::mem::take(&mut all).into_iter().partition(is_of);
        let same: Vec<Kin> = same;
        let mut whole = new;
        for one in same {
            whole.contacts.extend(one.contacts);
            whole.partners.extend(one.partners);
            whole.had.extend(one.had);
        }
        all = others;
        all.push(whole);
    };
    for done in &tenant.people.log {
        let had = done.had.iter().map(|(_, f)| f).chain(done.partners.iter().map(|(_, f)| f)).cloned().collect();
        let contacts = done.had.iter().map(|(id, _)| id.clone()).collect();
        join(Kin { contacts, partners: done.partners.iter().map(|(id, _)| *id).collect(), had });
    }
    if tenant.people.log.is_empty() {
        return all;
    }
    for (erp_id, doc) in tenant.erp.docs.iter().filter(|(_, d)| d.object() == Object::Contacts) {
        let rows = tenant.table.entries().filter(|e| e.erp_id == Some(*erp_id));
        let contacts: BTreeSet<String> = rows.filter_map(|e| e.crm_id.clone()).chain(doc.made_for.clone()).collect();
        join(Kin { contacts, partners: [*erp_id].into(), had: Vec::new() });
    }
    all.retain(|k| !k.had.is_empty());
    all
}

/// Judges one tenant.
pub(super) fn judge(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    let gone = tenant.erp.docs.values().filter(|d| d.object() == Object::Contacts && d.gone).count() as u64;
    found.hit(|b| &mut b.false_deletes, gone, || "a partner is gone".to_owned());
    for apart in &tenant.people.apart {
        kept_apart(tenant, apart, found);
    }
    for (n, done) in tenant.people.log.iter().enumerate() {
        if let Ask::Merge { gone, .. } = &done.ask
            && !done.is_undone
        {
            merged(tenant, n, gone, done, found);
        }
    }
    for (crm_id, record) in tenant.crm.records.iter().filter(|(_, r)| r.object == Object::Contacts) {
        let Some(entry) = row(tenant, crm_id).filter(|e| e.merged.is_some() || e.is_unlinked()) else { continue };
        let is_told = equal_to(&entry.crm, &record.fields) && record.merged == entry.merged.is_some();
        let line = || format!("the CRM has something else than it was told: {entry:?}\n  CRM: {record:?}");
        found.hit(|b| &mut b.diverged, u64::from(!is_told && !record.deleted), line);
    }
}

fn row<'a>(tenant: &'a Tenant, crm_id: &str) -> Option<&'a Entry> {
    tenant.table.entry(*tenant.table.by_crm.get(crm_id)?)
}

fn text(fields: &Fields, piece: &str) -> Option<String> {
    fields.get(piece).map(|v| plain(piece, v))
}

/// Whether a rule decided against this value of the contact, and its history says so.
fn lost_by_rule(tenant: &Tenant, crm_id: &str, piece: &str, value: &str) -> bool {
    let lost = |v: &(domain::Rule, Option<Value>)| v.1.as_ref().is_some_and(|v| plain(piece, v) == value);
    let own = tenant.table.log.iter().filter(|l| l.crm_id.as_deref() == Some(crm_id));
    own.filter_map(|l| l.change.decided.get(piece)).any(lost)
}

/// A contact that was taken apart is not written to the ERP, and has what it had and what the CRM's users made of it.
fn kept_apart(tenant: &Tenant, apart: &Apart, found: &mut Found) {
    let until = apart.to.as_ref().map_or(i64::MAX, |(to, _)| *to);
    let is_ours = |(at, of, _): &&(i64, Option<String>, ErpId)| {
        (apart.from..until).contains(at) && of.as_ref() == Some(&apart.crm_id)
    };
    let written = tenant.erp.touched.iter().filter(is_ours).count() as u64;
    found.hit(|b| &mut b.taken_apart, written, || format!("written to the ERP while apart: {apart:?}"));
    let now = row(tenant, &apart.crm_id);
    if apart.to.is_none() {
        let is_free = now.is_some_and(|e| e.erp_id.is_none());
        found.hit(|b| &mut b.taken_apart, u64::from(!is_free), || format!("joined again by nobody: {now:?}"));
    }
    let Some(has) = apart.to.as_ref().map(|(_, had)| had).or(now.map(|e| &e.crm)) else { return };
    let within = |at: Option<i64>| at.is_some_and(|at| (apart.from..until).contains(&at));
    let edits = || tenant.crm_edits.iter().rev().filter(|e| e.crm_id == apart.crm_id && within(e.taken_at));
    let pieces: BTreeSet<&str> = has.iter().chain(apart.fields.iter()).map(|(piece, _)| piece).collect();
    for piece in pieces {
        let last = edits().find(|e| e.piece == piece).map(|e| plain(piece, &e.value));
        let is_lost = last.as_ref().is_some_and(|v| lost_by_rule(tenant, &apart.crm_id, piece, v));
        let is_kept = text(has, piece) == text(&apart.fields, piece);
        let is_right = match &last {
            Some(last) => text(has, piece).as_ref() == Some(last) || is_lost,
            None => is_kept,
        };
        let line = || format!("{piece} is neither what it was nor what a user entered: {has:?} {apart:?}");
        found.hit(|b| &mut b.taken_apart, u64::from(!is_right), line);
    }
}

/// The one that went leads to the one that stays, keeps its values, and is not made in the ERP; the one that stays has
/// its own values and, where it had none, those of the other.
fn merged(tenant: &Tenant, n: usize, gone: &str, done: &Arranged, found: &mut Found) {
    let [(_, went), (staying, own)] = done.had.as_slice() else { return };
    let alias = row(tenant, gone);
    let leads = alias.and_then(|e| e.merged.as_ref()).is_some_and(|m| m.into == *staying);
    let keeps = alias.is_some_and(|e| e.crm == *went);
    let line = || format!("{gone} went into {staying} with {went:?}: {alias:?}");
    found.hit(|b| &mut b.lost, u64::from(!leads || !keeps), line);
    let is_after = |(at, of, _): &&(i64, Option<String>, ErpId)| *at > done.at && of.as_deref() == Some(gone);
    let made = tenant.erp.touched.iter().filter(is_after).count() as u64;
    found.hit(|b| &mut b.duplicated, made, || format!("{gone} went into {staying} and was written: {alias:?}"));
    // What people did with either later is judged by itself.
    let is_later = |d: &Arranged| d.had.iter().any(|(id, _)| id == staying);
    if tenant.people.log.iter().skip(n + 1).any(is_later) {
        return;
    }
    let Some((entry, _)) = end_of(&tenant.table, gone) else { return };
    let partners: Vec<ErpId> = done.partners.iter().map(|(id, _)| *id).chain(entry.erp_id).collect();
    let pieces: BTreeSet<&str> = went.iter().chain(own.iter()).map(|(piece, _)| piece).collect();
    for piece in pieces {
        let by_crm =
            tenant.crm_edits.iter().any(|e| e.piece == piece && e.crm_id == *staying && is_since(e.taken_at, done.at));
        let by_erp = tenant.erp_edits.iter().any(|e| e.piece == piece && partners.contains(&e.erp_id));
        let is_shared = owner(Object::Contacts, piece) == Owner::Both;
        if !is_shared || by_crm || by_erp || entry.conflicts.contains_key(piece) {
            continue;
        }
        let wanted = text(own, piece).or_else(|| text(went, piece)).unwrap_or_default();
        let has = text(&entry.crm, piece).unwrap_or_default();
        let is_right = has == wanted || lost_by_rule(tenant, staying, piece, &wanted);
        let line = || format!("{piece} of {staying} is to be {wanted} after the merge {done:?}: {entry:?}");
        found.hit(|b| &mut b.lost, u64::from(!is_right), line);
        let Some(doc) = entry.erp_id.filter(|_| !waits(entry)).and_then(|id| tenant.erp.docs.get(&id)) else {
            continue;
        };
        let is_there = text(doc.fields(), piece).is_some_and(|v| v == has);
        let line =
            || format!("{piece} of {staying} did not reach the ERP after the merge {done:?}: {:?}", doc.fields());
        found.hit(|b| &mut b.lost, u64::from(!is_there), line);
    }
}

fn is_since(taken_at: Option<i64>, at: i64) -> bool {
    taken_at.is_some_and(|taken| taken >= at)
}
