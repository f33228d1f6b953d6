//! The last value of each piece that somebody gave is there, or was decided about, or waits for a person.

use domain::{Fields, RecordId, Rule};
use serde_json::Value;
use std::collections::BTreeMap;
use sync::twoway::Entry;

use super::Found;
use super::equal::{waits, waits_for_another};
use super::people::{Kin, kin_of};
use crate::tenant::Tenant;
use crate::values::in_erp_form;
use crate::world::World;

/// A value in the ERP's form, to be compared. Of a document's notes the mark that we add is left out.
pub(super) fn plain(piece: &str, value: &Value) -> String {
    let mut value = in_erp_form(piece, value);
    match &mut value {
        Value::String(text) if piece == "notes" => {
            let words: Vec<&str> = text.split_whitespace().filter(|w| !w.starts_with("[C-")).collect();
            return words.join(" ");
        }
        Value::Object(line) => {
            line.remove("product");
            line.remove("product_crm_id");
        }
        _ => {}
    }
    value.to_string().trim_matches('"').to_owned()
}

fn crm_name(entry: &Entry, piece: &str) -> String {
    entry.aliases.get(piece).map_or(piece, String::as_str).to_owned()
}

/// Judges one tenant.
pub(super) fn judge(world: &World, t: usize, found: &mut Found) {
    let tenant = &world.tenants[t];
    let by_erp: BTreeMap<_, _> = tenant.table.entries().filter_map(|e| Some((e.erp_id?, e))).collect();
    let mut given: BTreeMap<(RecordId, String), Vec<String>> = BTreeMap::new();
    for edit in &tenant.crm_edits {
        let Some(id) = tenant.table.by_crm.get(&edit.crm_id) else { continue };
        let named = tenant.table.entry(*id).map_or_else(|| edit.piece.clone(), |e| crm_name(e, &edit.piece));
        given.entry((*id, named)).or_default().push(plain(&edit.piece, &edit.value));
    }
    for edit in &tenant.erp_edits {
        let Some(entry) = by_erp.get(&edit.erp_id) else { continue };
        let piece = crm_name(entry, &tenant.erp.name_now(edit.erp_id, &edit.piece));
        given.entry((entry.id, piece)).or_default().push(plain(&edit.piece, &edit.value));
    }
    let kin = kin_of(tenant);
    for ((id, piece), mut values) in given {
        let Some(entry) = tenant.table.entry(id) else { continue };
        let is_gone = entry.erp_id.and_then(|id| tenant.erp.docs.get(&id)).is_some_and(|d| d.gone);
        if is_gone || waits(entry) || waits_for_another(world, t, entry) || entry.conflicts.contains_key(&piece) {
            continue;
        }
        let of = |k: &&Kin| {
            let is_own = entry.crm_id.as_ref().is_some_and(|id| k.contacts.contains(id));
            is_own || entry.erp_id.is_some_and(|id| k.partners.contains(&id))
        };
        let kin = kin.iter().find(of);
        values.extend(kin.map(|k| given_to(tenant, k, &piece)).unwrap_or_default());
        judge_piece(tenant, entry, &piece, (&values, kin), found);
    }
}

/// The values that anybody gave a piece of contacts that people arranged.
fn given_to(tenant: &Tenant, kin: &Kin, piece: &str) -> Vec<String> {
    let had = kin.had.iter().filter_map(|f| f.get(piece));
    let ours = tenant.crm_edits.iter().filter(|e| e.piece == piece && kin.contacts.contains(&e.crm_id));
    let theirs = tenant.erp_edits.iter().filter(|e| e.piece == piece && kin.partners.contains(&e.erp_id));
    let all = had.chain(ours.map(|e| &e.value)).chain(theirs.map(|e| &e.value));
    all.map(|value| plain(piece, value)).collect()
}

fn judge_piece(
    tenant: &Tenant,
    entry: &Entry,
    piece: &str,
    (values, kin): (&[String], Option<&Kin>),
    found: &mut Found,
) {
    let id = entry.id;
    // What lost by a rule is in the history, with the value.
    let lost_by_rule = |value: &str| {
        tenant.table.log.iter().any(|logged| {
            let loser = logged.change.decided.get(piece).and_then(|(_, loser)| loser.as_ref());
            let is_own = logged.crm_id.is_some() && logged.crm_id == entry.crm_id;
            (is_own || tenant.table.present(logged.id) == id) && loser.is_some_and(|l| plain(piece, l) == value)
        })
    };
    let has = |f: &Fields| f.get(piece).map(|v| plain(piece, v)).unwrap_or_default();
    // Changed in the ERP after we had read it and before our write arrived: counted, the ERP cannot refuse it.
    let erp_piece = entry.erp_name(piece).to_owned();
    if entry.erp_id.is_some_and(|id| tenant.erp.overwritten.contains(&(id, erp_piece.clone()))) {
        return;
    }
    let crm_last = tenant
        .crm_edits
        .iter()
        .rev()
        .find(|e| tenant.table.by_crm.get(&e.crm_id) == Some(&id) && crm_name(entry, &e.piece) == piece)
        .map(|e| plain(piece, &e.value));
    let erp_last = tenant
        .erp_edits
        .iter()
        .rev()
        .find(|e| entry.erp_id == Some(e.erp_id) && crm_name(entry, &tenant.erp.name_now(e.erp_id, &e.piece)) == piece)
        .map(|e| plain(piece, &e.value));
    let lasts: Vec<&String> = crm_last.iter().chain(&erp_last).collect();
    let is_given = |f: &Fields| values.contains(&has(f)) || lasts.iter().all(|v| lost_by_rule(v));
    if !is_given(&entry.crm) || !is_given(&entry.erp) {
        return found.hit(
            |b| &mut b.lost,
            1,
            || format!("{piece} has a value that nobody gave, of {values:?}: {entry:?}"),
        );
    }
    // Of those that people arranged, any of them may have spoken.
    let spoke = |kin: &Kin| {
        let ours = tenant.crm_edits.iter().any(|e| e.piece == piece && kin.contacts.contains(&e.crm_id));
        let theirs = tenant.erp_edits.iter().any(|e| e.piece == piece && kin.partners.contains(&e.erp_id));
        (ours, theirs)
    };
    let (ours, theirs) = kin.map_or((crm_last.is_some(), erp_last.is_some()), spoke);
    // A side's last word stands, unless the other spoke as well.
    if let (Some(last), false) = (&crm_last, theirs)
        && !lost_by_rule(last)
        && *last != has(&entry.crm)
    {
        found.hit(|b| &mut b.lost, 1, || format!("the CRM's last {piece} is lost: {last} {entry:?}"));
    }
    if let (Some(last), false) = (&erp_last, ours)
        && !tenant.ever_had(id.object(), piece, Rule::Park)
        && !lost_by_rule(last)
        && *last != has(&entry.erp)
    {
        found.hit(|b| &mut b.lost, 1, || format!("the ERP's last {piece} is lost: {last} {entry:?}"));
    }
}
