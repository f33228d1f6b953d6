//! Is one of the records that a search brought the one that is meant?
//!
//! Decides by exact comparison: a search also brings near matches. What is not
//! certain is for a person.

use domain::{ErpId, Fields, Object, RecordId};
use serde_json::Value;

use super::effect::Match;
use super::entry::Entry;
use super::intent::{Key, Op, keys_of};

/// What a search means for a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It is not there.
    Nothing,
    /// This is it.
    One(Match),
    /// Several could be it.
    Several(Vec<ErpId>),
    /// The key is taken by something else.
    Different(ErpId),
}

/// Judges what a search for `ours` brought.
pub(crate) fn judge(ours: &Fields, id: RecordId, found: Vec<Match>) -> Verdict {
    let keys = keys_of(id, ours);
    let mut fits: Vec<Match> = found.into_iter().filter(|m| has_key(&keys, id, &m.fields)).collect();
    fits.sort_by_key(|m| m.erp_id);
    fits.dedup_by_key(|m| m.erp_id);
    match fits.len() {
        0 => Verdict::Nothing,
        1 => {
            let one = fits.remove(0);
            if agrees(ours, id.object(), &one.fields) { Verdict::One(one) } else { Verdict::Different(one.erp_id) }
        }
        _ => Verdict::Several(fits.into_iter().map(|m| m.erp_id).collect()),
    }
}

/// Whether a record of the ERP that is new to us may be what an open create made: then it is left to that create's own
/// search, which joins the two. `open` are the rows without an ERP record. What was sent counts as well as what the CRM
/// has by now: the CRM may have changed the tax number since.
pub fn is_left_to_a_create<'a>(open: impl IntoIterator<Item = &'a Entry>, object: Object, theirs: &Fields) -> bool {
    let fits = |id: RecordId, ours: &Fields| has_key(&keys_of(id, ours), id, theirs);
    // One that went into another one, or that a person took apart, makes nothing.
    let makes = |e: &&Entry| e.id.object() == object && e.merged.is_none() && !e.is_unlinked();
    open.into_iter().filter(makes).any(|e| {
        let sent = match e.intent.as_ref().map(|i| &i.op) {
            Some(Op::Create { fields, .. }) => Some(fields),
            _ => None,
        };
        fits(e.id, &e.crm) || sent.is_some_and(|fields| fits(e.id, fields))
    })
}

fn has_key(keys: &[Key], id: RecordId, theirs: &Fields) -> bool {
    let text = |piece: &str| theirs.get(piece).and_then(Value::as_str);
    keys.iter().any(|key| match key {
        Key::BuyerOrder(k) => text("buyer_order") == Some(k),
        Key::Code(k) => text("code") == Some(k),
        Key::Tag(k) => text("notes").is_some_and(|n| n.split_whitespace().any(|w| w.trim_matches(['[', ']']) == k)),
        Key::TaxNumber(_) | Key::Email(_) | Key::Name(_) => keys_of(id, theirs).contains(key),
    }) && !contradicts(keys, id, theirs)
}

/// Two tax numbers that differ are two partners, whatever else is equal.
fn contradicts(keys: &[Key], id: RecordId, theirs: &Fields) -> bool {
    let tax = |keys: &[Key]| keys.iter().find(|k| matches!(k, Key::TaxNumber(_))).cloned();
    let (ours, theirs) = (tax(keys), tax(&keys_of(id, theirs)));
    id.object() == Object::Contacts && ours.is_some() && theirs.is_some() && ours != theirs
}

/// Whether the content may be of the same thing: a document of the same partner with as many lines, a partner whose
/// tax number does not contradict.
fn agrees(ours: &Fields, object: Object, theirs: &Fields) -> bool {
    let lines = |f: &Fields| f.iter().filter(|(k, _)| k.starts_with("lines/")).count();
    let partner = |f: &Fields| f.get("partner").and_then(|p| p.get("erp_id")).cloned();
    let tax = |f: &Fields| f.get("tax").and_then(|t| t.get("tax_number")).cloned();
    match object {
        Object::Contacts => match (tax(ours), tax(theirs)) {
            (Some(a), Some(b)) => a == b,
            // Without tax numbers only an e-mail tells two of one name apart.
            _ => emails(ours).iter().any(|e| emails(theirs).contains(e)),
        },
        _ if object.is_document() => lines(ours) == lines(theirs) && partner(ours) == partner(theirs),
        _ => true,
    }
}

fn emails(fields: &Fields) -> Vec<&str> {
    let persons = fields.iter().filter(|(k, _)| k.starts_with("persons/"));
    persons.filter_map(|(_, p)| p.get("email").and_then(Value::as_str)).collect()
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
            assert_eq!(is_left_to_a_create([&entry], Object::Contacts, &customer(tax)), left, "{tax}");
        }
        assert!(!is_left_to_a_create([&entry], Object::Orders, &customer("SI10000001")));
    }
}
