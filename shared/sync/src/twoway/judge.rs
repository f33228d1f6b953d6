//! Is one of the records that a search brought the one that is meant?
//!
//! Decides by exact comparison: a search also brings near matches. Contacts go
//! by the evidence of [`matching`]. What is not certain is for a person.

use std::collections::BTreeSet;

use domain::change::Evidence;
use domain::{ErpId, Fields, Object, RecordId};
use serde_json::Value;

use super::confirm::is_form_of;
use super::effect::Match;
use super::entry::{Candidate, Entry, HoldReason, MOST_CANDIDATES};
use super::intent::{Key, Op, keys_of};
use crate::matching::{self, Profile};

/// What a search means for a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It is not there.
    Nothing,
    /// This is it. Of a contact, with what speaks for it.
    One(Match, Option<Candidate>),
    /// One or several could be it, or have its key.
    Doubtful(Doubt),
}

/// What could be a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Doubt {
    found: Vec<ErpId>,
    /// Of a contact: what speaks for each.
    pub(crate) candidates: Vec<Candidate>,
}

impl Doubt {
    /// Why the record waits.
    pub(crate) fn reason(&self) -> HoldReason {
        match self.found.as_slice() {
            [erp_id] => HoldReason::Different { erp_id: *erp_id },
            found => HoldReason::Ambiguous { found: found.to_vec() },
        }
    }
}

/// Judges what a search for `ours` brought. `rejected` are those that a person said it is not.
pub(crate) fn judge(ours: &Fields, id: RecordId, found: Vec<Match>, rejected: &BTreeSet<ErpId>) -> Verdict {
    if id.object() == Object::Contacts {
        return judge_contact(ours, found, rejected, false);
    }
    let keys = keys_of(id, ours);
    let mut fits: Vec<Match> = found.into_iter().filter(|m| has_key(&keys, id, &m.fields)).collect();
    fits.sort_by_key(|m| m.erp_id);
    fits.dedup_by_key(|m| m.erp_id);
    let is_one = fits.len() == 1 && fits.first().is_some_and(|one| agrees(ours, id.object(), &one.fields));
    match fits.pop() {
        None => Verdict::Nothing,
        Some(one) if is_one => Verdict::One(one, None),
        Some(last) => {
            let found = fits.into_iter().chain([last]).map(|m| m.erp_id).collect();
            Verdict::Doubtful(Doubt { found, candidates: Vec::new() })
        }
    }
}

/// Judges what a search for `sent` brought, after the answer to its create was lost. What could be it and was not there
/// before is ours when it alone has all that was sent, however little that proves of itself.
pub(crate) fn judge_sent(sent: &Fields, id: RecordId, found: Vec<Match>, rejected: &BTreeSet<ErpId>) -> Verdict {
    if id.object() == Object::Contacts {
        return judge_contact(sent, found, rejected, true);
    }
    judge(sent, id, found, rejected)
}

fn judge_contact(ours: &Fields, found: Vec<Match>, rejected: &BTreeSet<ErpId>, is_sent: bool) -> Verdict {
    let profiles: Vec<(ErpId, Profile)> = found.iter().map(|m| (m.erp_id, Profile::of(&m.fields))).collect();
    let shown = |erp_id: ErpId, evidence: Vec<_>| {
        let text = |piece| {
            let of = found.iter().filter(|m| m.erp_id == erp_id);
            of.filter_map(|m| m.fields.get(piece)?.as_str()).min().map(str::to_owned)
        };
        Candidate { erp_id, name: text("name").unwrap_or_default(), number: text("number"), evidence }
    };
    let has_all = |erp_id| found.iter().any(|m| m.erp_id == erp_id && has_what_was_sent(ours, &m.fields));
    match matching::judge(&Profile::of(ours), &profiles, rejected) {
        matching::Match::None => Verdict::Nothing,
        matching::Match::Certain { erp_id, evidence } => {
            let candidate = shown(erp_id, evidence);
            let one = found.into_iter().find(|m| m.erp_id == erp_id);
            one.map_or(Verdict::Nothing, |one| Verdict::One(one, Some(candidate)))
        }
        matching::Match::Doubtful { candidates } => {
            let ids = candidates.iter().map(|(erp_id, _)| *erp_id).collect();
            let mut candidates: Vec<Candidate> = candidates.into_iter().map(|(id, e)| shown(id, e)).collect();
            if is_sent {
                let mut ours: Vec<&mut Candidate> = candidates.iter_mut().filter(|c| has_all(c.erp_id)).collect();
                for candidate in &mut ours {
                    candidate.evidence.insert(0, Evidence::Sent);
                }
                if let [one] = ours.as_slice()
                    && let Some(it) = found.iter().find(|m| m.erp_id == one.erp_id)
                {
                    return Verdict::One(it.clone(), Some((*one).clone()));
                }
            }
            // The kinds of evidence are in the order of their weight.
            candidates.sort_by(|a, b| (&a.evidence, a.erp_id).cmp(&(&b.evidence, b.erp_id)));
            candidates.truncate(MOST_CANDIDATES);
            Verdict::Doubtful(Doubt { found: ids, candidates })
        }
    }
}

/// Whether a partner has the ERP's form of all that was sent. Its lists are filled by calls of their own, and may lack
/// entries.
fn has_what_was_sent(sent: &Fields, theirs: &Fields) -> bool {
    let is_there = |piece: &str, value| theirs.get(piece).is_some_and(|now| is_form_of(value, now));
    sent.iter().filter(|(piece, _)| !piece.contains('/')).all(|(piece, value)| is_there(piece, value))
}

/// The record of the ERP that a visit would join `entry` with by what a search brought, if any: its row is asked for next.
pub fn found_for(entry: &Entry, found: &[Match]) -> Option<ErpId> {
    let found = found.to_vec();
    let verdict = match entry.intent.as_ref().map(|intent| &intent.op) {
        Some(Op::Create { fields, .. }) => judge_sent(fields, entry.id, found, &entry.rejected),
        _ => judge(&entry.crm, entry.id, found, &entry.rejected),
    };
    match verdict {
        Verdict::One(one, _) => Some(one.erp_id),
        Verdict::Nothing | Verdict::Doubtful(_) => None,
    }
}

/// Whether a partner that a person chose cannot be the contact after all.
pub(crate) fn is_contradicted(ours: &Fields, theirs: &Fields) -> bool {
    matching::contradicts(&Profile::of(ours), &Profile::of(theirs))
}

/// Whether a record of the ERP that is new to us may be what an open create made: then it is left to that create's own
/// search, which joins the two. `open` are the rows without an ERP record. What was sent counts as well as what the CRM
/// has by now: the CRM may have changed the tax number since.
pub fn is_left_to_a_create<'a>(
    open: impl IntoIterator<Item = &'a Entry>,
    object: Object,
    erp_id: ErpId,
    theirs: &Fields,
) -> bool {
    let of_contact = (object == Object::Contacts).then(|| Profile::of(theirs));
    let fits = |entry: &Entry, ours: &Fields| match &of_contact {
        Some(theirs) => {
            let found = [(erp_id, theirs.clone())];
            matching::judge(&Profile::of(ours), &found, &entry.rejected) != matching::Match::None
        }
        None => has_key(&keys_of(entry.id, ours), entry.id, theirs),
    };
    // One that went into another one, or that a person took apart, makes nothing.
    let makes = |e: &&Entry| e.id.object() == object && e.merged.is_none() && !e.is_unlinked();
    open.into_iter().filter(makes).any(|e| {
        let sent = match e.intent.as_ref().map(|i| &i.op) {
            Some(Op::Create { fields, .. }) => Some(fields),
            _ => None,
        };
        e.chosen == Some(erp_id) || fits(e, &e.crm) || sent.is_some_and(|fields| fits(e, fields))
    })
}

fn has_key(keys: &[Key], id: RecordId, theirs: &Fields) -> bool {
    let text = |piece: &str| theirs.get(piece).and_then(Value::as_str);
    keys.iter().any(|key| match key {
        Key::BuyerOrder(k) => text("buyer_order") == Some(k),
        Key::Code(k) => text("code") == Some(k),
        Key::Tag(k) => text("notes").is_some_and(|n| n.split_whitespace().any(|w| w.trim_matches(['[', ']']) == k)),
        Key::TaxNumber(_) | Key::Email(_) | Key::Name(_) => keys_of(id, theirs).contains(key),
    })
}

/// Whether the content may be of the same thing: a document of the same partner with as many lines.
fn agrees(ours: &Fields, object: Object, theirs: &Fields) -> bool {
    let lines = |f: &Fields| f.iter().filter(|(k, _)| k.starts_with("lines/")).count();
    let partner = |f: &Fields| f.get("partner").and_then(|p| p.get("erp_id")).cloned();
    match object {
        _ if object.is_document() => lines(ours) == lines(theirs) && partner(ours) == partner(theirs),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twoway::Intent;
    use domain::TenantId;
    use jiff::Timestamp;
    use serde_json::json;

    fn customer(tax: &str) -> Fields {
        Fields::from_iter([("name", json!("Ana")), ("tax", json!({ "tax_number": tax }))])
    }

    #[test]
    fn what_was_sent_is_left_to_its_create_even_when_the_crm_changed_the_tax_number_since() {
        let tenant: TenantId = format!("t_{:0>20}", 1).parse().expect("a tenant id");
        let id = RecordId::for_crm(&tenant, Object::Contacts, "c1");
        let mut entry = Entry::of_crm(id, "c1".to_owned(), customer("SI10000001"));
        let op = Op::Create { fields: entry.crm.clone(), marker: String::new() };
        entry.intent = Some(Intent::first(op, Timestamp::UNIX_EPOCH));
        entry.crm = customer("SI10000002");
        for (tax, left) in [("SI10000001", true), ("SI10000002", true), ("SI10000003", false)] {
            let of = |entry: &Entry| is_left_to_a_create([entry], Object::Contacts, ErpId::new(9), &customer(tax));
            assert_eq!(of(&entry), left, "{tax}");
            assert!(of(&Entry { chosen: Some(ErpId::new(9)), ..entry.clone() }), "a person said so");
        }
        let theirs = customer("SI10000001");
        assert!(!is_left_to_a_create([&entry], Object::Orders, ErpId::new(9), &theirs));
        let namesake = Fields::from_iter([("name", json!("Ana"))]);
        let left = |entry: &Entry| is_left_to_a_create([entry], Object::Contacts, ErpId::new(9), &namesake);
        assert!(left(&entry));
        entry.rejected.insert(ErpId::new(9));
        assert!(!left(&entry), "a person said that it is another one");
    }
}
