//! Each action has an end, is done once when it is said to be done, and asks a person only when nobody can tell.

use domain::Object;
use domain::action::{Deed, DeedKind, tag};
use serde_json::Value;
use sync::action::{Action, How, Stage, Why};

use super::Found;
use crate::deeds::Watched;
use crate::erp::READ;
use crate::erp::deeds::sort_of;
use crate::tenant::Tenant;
use crate::world::World;

/// Judges one tenant.
pub(super) fn judge(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    for action in tenant.table.actions.values() {
        let watched = tenant.watched.get(&action.id).copied().unwrap_or_default();
        let done = done_by(tenant, action);
        if !action.is_over() {
            found.hit(|b| &mut b.open_deeds, 1, || format!("{action:?}"));
            continue;
        }
        found.hit(|b| &mut b.lost, u64::from(watched.told == 0), || format!("its end was not told: {action:?}"));
        found.hit(|b| &mut b.duplicated, watched.told.saturating_sub(1), || format!("told twice: {action:?}"));
        found.hit(
            |b| &mut b.undone,
            u64::from(watched.undid),
            || {
                format!(
                    "what a user did since is undone: {action:?}, {:?}",
                    tenant.erp.desk.happened.get(&action.erp_id)
                )
            },
        );
        let is_set = sort_of(&action.deed) == DeedKind::Status;
        if !is_set {
            let n = done.saturating_sub(1);
            found.hit(|b| &mut b.duplicated, n, || format!("done {done} times: {action:?}"));
        }
        match &action.stage {
            Stage::Done { how, .. } => {
                let is_there = is_there(tenant, action, *how, done);
                let line = || format!("said done and done {done} times: {action:?}");
                found.hit(|b| &mut b.lost, u64::from(!is_there), line);
            }
            Stage::Rejected { .. } => {
                found.hit(|b| &mut b.duplicated, done, || format!("said refused and done: {action:?}"));
            }
            Stage::Person { why } => {
                let has_reason = has_reason(tenant, action, watched, *why, done);
                let line = || {
                    let happened = tenant.erp.desk.happened.get(&action.erp_id);
                    format!("asks a person without a reason: {action:?} {watched:?} {happened:?}")
                };
                found.hit(|b| &mut b.held, u64::from(!has_reason), line);
            }
            Stage::Planned | Stage::Sending { .. } => {}
        }
        payments(tenant, action, found);
    }
}

/// How often it was done. An order that a user of the ERP deleted before we knew of it is made again.
fn done_by(tenant: &Tenant, action: &Action) -> u64 {
    let done = tenant.erp.desk.done.get(&action.id).copied().unwrap_or(0);
    let Deed::OrderFromOffer { .. } = action.deed else { return done };
    let number = action.buyer_order();
    let is_deleted = |d: &&crate::erp::Doc| {
        let own = d.fields().get("buyer_order").and_then(Value::as_str);
        d.gone_by_user && d.made_by == Some(action.id) && own == number.as_deref()
    };
    let deleted = tenant.erp.docs.values().filter(is_deleted).count() as u64;
    if done > 1 { done.saturating_sub(deleted).max(1) } else { done }
}

/// What is said to be done is in the ERP.
fn is_there(tenant: &Tenant, action: &Action, how: How, done: u64) -> bool {
    let Stage::Done { made, .. } = action.stage else { return false };
    let desk = &tenant.erp.desk;
    match &action.deed {
        Deed::Status { .. } | Deed::Cancel | Deed::Ship { .. } => {
            let happened = desk.happened.get(&action.erp_id);
            let was_set = happened.into_iter().flatten().any(|h| h.status.as_deref() == action.deed.target());
            was_set && (how != How::Answered || done > 0)
        }
        Deed::OrderFromOffer { .. } => {
            // Another one's of the same number, of the same offer, is the order as well.
            let order = made.and_then(|id| tenant.erp.docs.get(&id)).filter(|d| d.object() == Object::Orders);
            let number = order.and_then(|d| d.fields().get("buyer_order")).and_then(Value::as_str);
            number.map(str::to_owned) == action.buyer_order() && (how != How::Answered || done == 1)
        }
        Deed::Complaint(_) => {
            let tag = tag(action.id);
            let seen = desk.complaints.iter().find(|c| Some(c.seen.erp_id) == made);
            let is_ours = seen.is_none_or(|c| c.seen.description.as_ref().is_some_and(|d| d.as_str().contains(&tag)));
            done == 1 && is_ours
        }
        Deed::Payment(_) | Deed::Attachment { .. } => done == 1,
    }
}

/// A document that is there has each payment once, or not at all.
fn payments(tenant: &Tenant, action: &Action, found: &mut Found) {
    if action.deed.kind() != DeedKind::Payment {
        return;
    }
    let Some(doc) = tenant.erp.docs.get(&action.erp_id).filter(|d| !d.gone) else { return };
    let tag = format!("[{}]", tag(action.id));
    let notes = |p: &&Value| p.get("notes").and_then(Value::as_str).is_some_and(|n| n.contains(&tag));
    let booked =
        doc.fields().get("payments").and_then(Value::as_array).map_or(0, |all| all.iter().filter(notes).count());
    let wanted = usize::from(matches!(action.stage, Stage::Done { .. }));
    let is_known = !matches!(action.stage, Stage::Person { .. });
    let line = || format!("booked {booked} times: {action:?}");
    found.hit(|b| &mut b.lost, u64::from(is_known && booked < wanted), line);
    found.hit(|b| &mut b.duplicated, u64::from(booked > 1 || is_known && booked > wanted), line);
}

fn has_reason(tenant: &Tenant, action: &Action, watched: Watched, why: Why, done: u64) -> bool {
    let since = watched.first_look.map_or(i64::MAX, |first| first - READ);
    let sort = sort_of(&action.deed);
    let happened = tenant.erp.desk.happened.get(&action.erp_id).into_iter().flatten();
    let by_another = happened.filter(|h| h.what == sort && h.by != Some(action.id)).any(|h| h.at >= since);
    match why {
        Why::Ambiguous | Why::Changed => by_another,
        Why::Gone => watched.misled || tenant.erp.docs.get(&action.erp_id).is_none_or(|d| d.gone),
        Why::GivenUp => done == 0 && watched.allowed >= 3,
        // That it is gone is believed only where something else that we know is there.
        Why::NeverSent | Why::CannotTell => {
            done <= 1
                && tenant.erp.docs.get(&action.erp_id).is_none_or(|d| d.gone)
                && (why != Why::NeverSent || done == 0)
        }
    }
}
