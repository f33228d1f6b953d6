//! The CRM's records and the feed as the API tells them.
//!
//! Decides the form only.

use app::twoway::blacklist::{Asked, Hit, Look, Standing};
use app::twoway::edit::Held;
use app::twoway::oversight::Deletions;
use app::twoway::people::{End, Pair};
use domain::change::{Evidence, FieldChange, Matched};
use domain::{Object, Rule};
use jiff::Timestamp;
use runtime::Problem;
use serde_json::Value;
use std::collections::BTreeMap;
use store::Side;
use sync::guard::Verdict;
use sync::twoway::{Candidate, Entry, Hold, HoldReason, pending};

use crate::contract;

fn time(at: Timestamp) -> contract::Timestamp {
    contract::Timestamp(at.to_string())
}

fn id(id: domain::RecordId) -> contract::RecordId {
    contract::RecordId(id.to_string())
}

/// Both sides of a record.
pub(crate) fn record(entry: &Entry) -> contract::CrmRecord {
    let conflict = |c: &sync::twoway::Conflict| contract::Conflict {
        base: c.base.clone(),
        crm: c.crm.clone(),
        erp: c.erp.clone(),
    };
    contract::CrmRecord {
        record: id(entry.id),
        crm_id: entry.crm_id.clone(),
        revision: entry.revision,
        fields: entry.crm.iter().map(|(k, v)| (k.to_owned(), v.clone())).collect(),
        erp_id: entry.erp_id.map(|e| contract::ErpId(e.to_string())),
        sync: state(entry),
        hold: entry.hold.as_ref().map(hold),
        conflicts: entry.conflicts.iter().map(|(k, c)| (k.clone(), conflict(c))).collect(),
        entry_ids: entry.aliases.iter().filter_map(entry_id).collect(),
        merged_into: entry.merged.as_ref().map(|merged| merged.into.clone()),
        merged_ids: entry.absorbed.keys().cloned().collect(),
    }
}

/// How a record stands.
pub(crate) fn badge(entry: &Entry, last: Option<&store::Change>, read_only: bool) -> contract::SyncBadge {
    contract::SyncBadge {
        record: id(entry.id),
        object: object(entry.id.object()),
        crm_id: entry.crm_id.clone(),
        erp_id: entry.erp_id.map(|e| contract::ErpId(e.to_string())),
        sync: state(entry),
        revision: entry.revision,
        hold: entry.hold.as_ref().map(hold),
        conflicts: entry.conflicts.keys().cloned().collect(),
        pending: pending(entry),
        last_change: last.map(|last| contract::LastChange {
            at: time(last.at),
            kind: kind(last.kind),
            from: origin(last.side),
            actor: last.actor.clone(),
        }),
        read_only,
    }
}

/// The CRM's name of an entry with the ERP's id of it.
fn entry_id((erp, crm): (&String, &String)) -> Option<(String, contract::ErpId)> {
    let id: domain::ErpId = erp.split_once('/')?.1.parse().ok()?;
    Some((crm.clone(), contract::ErpId(id.to_string())))
}

/// The record that an id of the CRM led to, past those that went into others.
pub(crate) fn led_to(end: &End) -> contract::CrmRecord {
    contract::CrmRecord { merged_into: end.merged_into().map(str::to_owned), ..record(&end.entry) }
}

/// Both records of a merge.
pub(crate) fn pair(pair: &Pair) -> contract::ContactPair {
    contract::ContactPair { survivor: record(&pair.survivor), gone: record(&pair.gone) }
}

fn state(entry: &Entry) -> contract::SyncState {
    use contract::SyncState::{Archived, Deleted, Deleting, Held, InStep, Merged, Waiting};
    let waits = entry.due.is_some() || entry.intent.is_some() || !pending(entry).is_empty();
    // One that was taken apart waits for nobody once it is deleted.
    let hold = entry.hold.as_ref().filter(|_| !entry.is_unlinked() || entry.crm_deleted_at.is_none());
    match (hold, entry.crm_deleted_at, entry.archived_at) {
        _ if entry.merged.is_some() => Merged,
        (Some(_), ..) => Held,
        (None, Some(_), _) if entry.erp_id.is_some() && entry.crm_id.is_some() => Deleting,
        (None, Some(_), _) => Deleted,
        (None, None, Some(_)) => Archived,
        _ if !entry.conflicts.is_empty() => Held,
        _ if waits => Waiting,
        _ => InStep,
    }
}

fn hold(hold: &Hold) -> contract::Hold {
    let ids = |ids: &[domain::ErpId]| ids.iter().map(ToString::to_string).collect();
    let (code, about): (&str, Vec<String>) = match &hold.reason {
        HoldReason::Rejected { code } => ("rejected", vec![code.clone()]),
        HoldReason::Ambiguous { found } => ("ambiguous", ids(found)),
        HoldReason::Different { erp_id } => ("different", ids(&[*erp_id])),
        HoldReason::LinkTaken { crm_id } => ("link_taken", vec![crm_id.clone()]),
        HoldReason::GivenUp => ("given_up", Vec::new()),
        HoldReason::EditAgainstDelete => ("edit_against_delete", Vec::new()),
        HoldReason::GoneInErp => ("gone_in_erp", Vec::new()),
        HoldReason::NotInApi => ("not_in_api", Vec::new()),
        HoldReason::OneWay => ("one_way", Vec::new()),
        HoldReason::Unlinked { by, erp_id } => ("unlinked", vec![by.clone(), erp_id.to_string()]),
    };
    let candidate = |c: &Candidate| contract::Candidate {
        erp_id: contract::ErpId(c.erp_id.to_string()),
        name: c.name.clone(),
        number: c.number.clone(),
        evidence: c.evidence.iter().copied().map(evidence).collect(),
    };
    let candidates = hold.candidates.iter().map(candidate).collect();
    contract::Hold { code: code.to_owned(), since: time(hold.since), about, candidates }
}

const fn evidence(evidence: Evidence) -> contract::Evidence {
    match evidence {
        Evidence::Sent => contract::Evidence::Sent,
        Evidence::TaxNumber => contract::Evidence::TaxNumber,
        Evidence::TaxDigits => contract::Evidence::TaxDigits,
        Evidence::Email => contract::Evidence::Email,
        Evidence::Name => contract::Evidence::Name,
        Evidence::Address => contract::Evidence::Address,
        Evidence::DifferentName => contract::Evidence::DifferentName,
    }
}

fn matched(matched: &Matched) -> contract::Matched {
    contract::Matched {
        erp_id: matched.erp_id.map(|e| contract::ErpId(e.to_string())),
        evidence: matched.evidence.iter().copied().map(evidence).collect(),
        none_of: matched.none_of.iter().map(|e| contract::ErpId(e.to_string())).collect(),
        reason: matched.reason.clone(),
    }
}

/// How a contact stands on the blacklist.
pub(crate) fn blacklist(look: &Look) -> contract::Blacklist {
    use contract::{BlacklistKey as Key, BlacklistState as State};
    let hit = |hit: &Hit| {
        let (by, value) = match &hit.asked {
            Asked::Email(value) => (Key::Email, value),
            Asked::Phone(value) => (Key::Phone, value),
            Asked::Name(value) => (Key::Name, value),
        };
        contract::BlacklistHit { by, value: value.clone(), reason: hit.reason.clone() }
    };
    let (state, hits) = match &look.standing {
        Standing::Listed(hits) => (State::Listed, hits.iter().map(hit).collect()),
        Standing::NotListed => (State::NotListed, Vec::new()),
        Standing::NotAvailable => (State::NotAvailable, Vec::new()),
        Standing::NoUser => (State::NoUser, Vec::new()),
        Standing::TooMany => (State::TooMany, Vec::new()),
    };
    contract::Blacklist { state, hits, as_of: time(look.at) }
}

/// Deletions that wait.
pub(crate) fn deletions(of: &Deletions) -> contract::Deletions {
    let reason = match &of.verdict {
        Verdict::Go => None,
        Verdict::Ask { reason, .. } => serde_json::to_value(reason).ok().and_then(|v| v.as_str().map(str::to_owned)),
    };
    contract::Deletions {
        object: object(of.object),
        count: of.records.len() as u64,
        records: of.records.iter().take(100).map(|r| id(*r)).collect(),
        list: format!("{:016x}", of.list.0),
        reason,
    }
}

/// What came of one of many requests.
pub(crate) fn bulk_result(crm_id: String, done: Result<Held, Problem>) -> contract::BulkResult {
    match done {
        Ok(held) => contract::BulkResult {
            crm_id,
            status: if held.created { 201 } else { 200 },
            record: Some(id(held.entry.id)),
            revision: Some(held.entry.revision),
            code: None,
            errors: Vec::new(),
        },
        Err(problem) => {
            let fault = |f: &runtime::Fault| contract::Fault { path: f.path.clone(), message: f.message.clone() };
            contract::BulkResult {
                crm_id,
                status: problem.code().status().as_u16(),
                record: None,
                revision: None,
                code: Some(problem.code().name().to_owned()),
                errors: problem.errors().iter().map(fault).collect(),
            }
        }
    }
}

/// A change as the feed and a record's history tell it.
pub(crate) fn change(change: &store::Change) -> contract::Change {
    contract::Change {
        seq: change.seq,
        at: time(change.at),
        object: object(change.record.object()),
        record: id(change.record),
        crm_id: change.crm_id.clone(),
        erp_id: change.erp_id.map(|e| contract::ErpId(e.to_string())),
        revision: change.revision,
        kind: kind(change.kind),
        from: origin(change.side),
        actor: change.actor.clone(),
        run: change.run.map(|r| contract::RunId(r.to_string())),
        event: change.event.clone(),
        action: change.action.as_ref().map(crate::action_view::acted),
        fields: fields(&change.fields),
        decided: change.decided.iter().map(|(k, d)| (k.clone(), decided(d.rule, d.lost.clone()))).collect(),
        matched: change.matched.as_ref().map(matched),
    }
}

fn fields(fields: &BTreeMap<String, FieldChange>) -> BTreeMap<String, contract::FieldChange> {
    let change = |c: &FieldChange| contract::FieldChange { before: c.before.clone(), after: c.after.clone() };
    fields.iter().map(|(piece, c)| (piece.clone(), change(c))).collect()
}

fn decided(rule: Rule, lost: Option<Value>) -> contract::Decided {
    contract::Decided { rule: crate::twoway_view::rule(rule), lost }
}

/// A rule.
pub(crate) const fn rule(rule: Rule) -> contract::Rule {
    match rule {
        Rule::Crm => contract::Rule::Crm,
        Rule::Erp => contract::Rule::Erp,
        Rule::Newest => contract::Rule::Newest,
        Rule::Park => contract::Rule::Park,
    }
}

const fn origin(side: Side) -> contract::Origin {
    match side {
        Side::Crm => contract::Origin::Crm,
        Side::Erp => contract::Origin::Erp,
    }
}

/// What happened.
pub(crate) const fn kind(kind: domain::change::ChangeKind) -> contract::ChangeKind {
    use domain::change::ChangeKind as K;
    match kind {
        K::Added => contract::ChangeKind::Added,
        K::Updated => contract::ChangeKind::Updated,
        K::Missing => contract::ChangeKind::Missing,
        K::Found => contract::ChangeKind::Found,
        K::Linked => contract::ChangeKind::Linked,
        K::Deleted => contract::ChangeKind::Deleted,
        K::Restored => contract::ChangeKind::Restored,
        K::Merged => contract::ChangeKind::Merged,
        K::Unmerged => contract::ChangeKind::Unmerged,
        K::Unlinked => contract::ChangeKind::Unlinked,
        K::Acted => contract::ChangeKind::Acted,
    }
}

/// An object type's name.
pub(crate) const fn object(object: Object) -> contract::ObjectName {
    contract::ObjectName(object)
}
