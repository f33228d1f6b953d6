//! Everything is bounded: writes by edits, calls by the rate, probes by one, rules by the settings, holds by their reasons.

use domain::change::ChangeKind;
use domain::{ErpId, Object, Rule};
use serde_json::Value;
use sync::twoway::{Entry, HoldReason};

use super::Found;
use super::people::kin_of;
use crate::tenant::{BURST, RATE, Tenant};
use crate::values::TRANSFER;
use crate::worker::Worker;
use crate::world::World;

/// Judges one tenant.
pub(super) fn judge(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    writes(tenant, found);
    rate(world, tenant, found);
    rules(tenant, found);
    erased(tenant, found);
    for entry in tenant.table.entries() {
        if let Some(hold) = &entry.hold
            && !has_reason(tenant, entry, &hold.reason)
        {
            found.hit(|b| &mut b.held, 1, || format!("waits for a person without a reason: {entry:?}"));
        }
    }
    found.hit(
        |b| &mut b.broken_locks,
        tenant.erp.broken_locks,
        || "an order was changed after an invoice was issued for it".to_owned(),
    );
}

/// One write makes or joins the record, each edit causes one at most, and so does each edit of the ERP's that lost.
fn writes(tenant: &Tenant, found: &mut Found) {
    let kin = kin_of(tenant);
    for (crm_id, executed) in &tenant.erp.executed {
        let Some(id) = tenant.table.by_crm.get(crm_id) else { continue };
        let erp_id = tenant.table.rows.get(id).and_then(|r| r.snap.as_ref()).map(|s| s.erp_id);
        let kin = kin.iter().find(|k| k.contacts.contains(crm_id));
        let is_own = |id: &str| id == crm_id || kin.is_some_and(|k| k.contacts.contains(id));
        let is_its = |id: ErpId| Some(id) == erp_id || kin.is_some_and(|k| k.partners.contains(&id));
        let edits = tenant.crm_edits.iter().filter(|e| is_own(&e.crm_id)).count() as u64;
        let answered = tenant.erp_edits.iter().filter(|e| is_its(e.erp_id)).count() as u64;
        // What people say about contacts is an edit of each.
        let arranged = tenant.people.log.iter().filter(|d| d.had.iter().any(|(id, _)| id == crm_id)).count() as u64;
        let deleted = tenant.crm.records.get(crm_id).is_none_or(|r| r.deleted);
        // Made again when a user of the ERP deleted it before we knew of it.
        let again = tenant.erp.docs.values().filter(|d| d.made_for.as_ref() == Some(crm_id) && d.gone_by_user).count();
        let most = 1 + arranged + edits + answered + u64::from(deleted) + again as u64;
        found.hit(
            |b| &mut b.over_written,
            executed.saturating_sub(most),
            || format!("{executed} writes for {edits} edits and {answered} answers of {crm_id}"),
        );
    }
}

/// A bucket of the full size and rate, by a clock that is right, lets all of it through.
fn rate(world: &World, tenant: &Tenant, found: &mut Found) {
    let mut calls = tenant.admitted.clone();
    calls.sort_unstable();
    let off = if world.workers.iter().any(Worker::is_skewed) { 300_000 } else { 4_000 };
    let slack = i64::try_from(RATE).unwrap_or(0) * off + i64::try_from(tenant.set_back * BURST).unwrap_or(0) * 1_000;
    let burst = i64::try_from(BURST).unwrap_or(0) * 1_000;
    let (mut level, mut last) = (burst, 0);
    let mut over = 0;
    for at in calls {
        level = burst.min(level + (at - last) * i64::try_from(RATE).unwrap_or(0)) - 1_000;
        last = at;
        over += u64::from(level < -slack);
    }
    found.hit(|b| &mut b.over_rate, over, || format!("{over} calls beyond the rate"));
}

/// A rule that decided was in force at some time between the beginning of what decided and its end.
fn rules(tenant: &Tenant, found: &mut Found) {
    for logged in &tenant.table.log {
        for (piece, (rule, _)) in &logged.change.decided {
            let in_force = tenant.settings.iter().enumerate().any(|(n, (from, settings))| {
                let to = tenant.settings.get(n + 1).map_or(i64::MAX, |(at, _)| *at);
                *from <= logged.at && to >= logged.began && settings.of(logged.id.object()).rule(piece) == *rule
            });
            // Of two contacts that are one, a person says whose values stay.
            let in_force = in_force || logged.change.kind == ChangeKind::Merged && *rule == Rule::Crm;
            let line = || format!("{rule:?} decided about {piece} and was not in force: {logged:?}");
            found.hit(|b| &mut b.stale_rules, u64::from(!in_force), line);
        }
    }
}

/// Nothing of a person who was erased is left.
fn erased(tenant: &Tenant, found: &mut Found) {
    if tenant.erased.is_empty() {
        return;
    }
    let names = |v: Option<&Value>| v.and_then(Value::as_str).is_some_and(|v| tenant.erased.iter().any(|e| e == v));
    for (id, row) in &tenant.table.rows {
        let fields = row.entry.iter().flat_map(|e| [&e.crm, &e.erp, &e.agreed]);
        let told = tenant.table.told.get(id).into_iter().flatten().map(|t| &t.fields);
        let mirror = row.snap.iter().map(|s| s.fields());
        let is_there = fields.chain(told).chain(mirror).any(|f| names(f.get("name")));
        found.hit(|b| &mut b.leaked, u64::from(is_there), || format!("erased, and there: {row:?}"));
    }
    let kept = tenant.crm.records.values().filter(|r| names(r.fields.get("name"))).count() as u64;
    let kept = kept + tenant.erp.docs.values().filter(|d| !d.gone && names(d.fields().get("name"))).count() as u64;
    found.hit(|b| &mut b.leaked, kept, || "erased, and there on one side".to_owned());
}

fn has_reason(tenant: &Tenant, entry: &Entry, reason: &HoldReason) -> bool {
    let heard = tenant.heard.get(&entry.id).copied().unwrap_or_default();
    let doc = entry.erp_id.and_then(|id| tenant.erp.docs.get(&id));
    match reason {
        HoldReason::Rejected { .. } => heard.rejected,
        HoldReason::Ambiguous { .. } => heard.several,
        HoldReason::Different { .. } | HoldReason::LinkTaken { .. } => heard.found,
        HoldReason::GivenUp => heard.allowed >= 3,
        HoldReason::GoneInErp => {
            heard.gone || doc.is_some_and(|d| d.gone || tenant.erp.hidden.contains_key(&d.snap.erp_id))
        }
        // Of one that another company said is not there, nobody knows what became of our own last write.
        HoldReason::EditAgainstDelete => {
            heard.misled || doc.is_some_and(|d| tenant.erp.edited.keys().any(|(id, _)| *id == d.snap.erp_id))
        }
        HoldReason::NotInApi => {
            // The ERP's API deletes no offer, no work order and no transfer.
            let is_transfer = entry.crm.get("kind").and_then(Value::as_str) == Some(TRANSFER);
            let undeletable = is_transfer || matches!(entry.id.object(), Object::Offers | Object::WorkOrders);
            let undeletable = undeletable && entry.crm_deleted_at.is_some();
            undeletable || doc.is_some_and(|d| d.locked_since.is_some())
        }
        HoldReason::Unlinked { .. } => entry.crm_id.as_ref().is_some_and(|id| tenant.people.is_apart(id)),
        // The model's objects travel both ways.
        HoldReason::OneWay => false,
    }
}

/// No caller waits less after a probe that failed, by any clock that is right to two seconds.
const LEAST_WAIT: i64 = 25_000;

/// While the breaker is not closed, one caller tries at a time, and after a failure nobody for a while.
pub(super) fn probes(world: &World, found: &mut Found) {
    if world.workers.iter().any(Worker::is_skewed) {
        // By clocks that are five minutes apart a probe that is out looks forgotten.
        return;
    }
    let mut probes = world.probes.clone();
    probes.sort_unstable();
    let is_early = |w: &&[(i64, i64, bool)]| w[1].0 < w[0].1 || w[0].2 && w[1].0 < w[0].1 + LEAST_WAIT;
    let early: Vec<_> = probes.windows(2).filter(is_early).collect();
    let line = || format!("probes while another was out, or just after it had failed: {early:?}");
    found.hit(|b| &mut b.probes, early.len() as u64, line);
}
