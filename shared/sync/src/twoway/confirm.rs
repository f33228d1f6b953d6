//! What a write turned out to be: taking the read-back as the new base.
//!
//! Decides what is the ERP's form of what we sent (rounded, trimmed), what the
//! ERP's user changed meanwhile, and what the ERP dropped.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{ChangeKind, FieldChange};
use domain::fields::{field_of, is_added, owner};
use domain::{ErpId, Fields, ObjectSettings, Owner, RecordId, Rule};
use jiff::Timestamp;
use serde_json::Value;

use super::entry::{Change, Conflict, Entry, Winner};
use super::merge::{Times, absorb, keep_names, pending};
use crate::contacts::names;

/// The shortest text that the ERP may have cut.
const CUT_FROM: usize = 30;

/// Whether `back` is what the ERP makes of `sent`: numbers rounded to cents or finer, texts trimmed or cut, entries that
/// it adds itself left aside.
pub(crate) fn is_form_of(sent: &Value, back: &Value) -> bool {
    match (sent, back) {
        (Value::Object(a), Value::Object(b)) => {
            a.iter().all(|(k, v)| b.get(k).is_some_and(|w| is_form_of(v, w)) || k == "key")
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(v, w)| is_form_of(v, w)),
        (Value::String(a), Value::String(b)) => {
            a == b || is_rounded(a, b) || a.trim() == b || (b.len() >= CUT_FROM && a.starts_with(b.as_str()))
        }
        _ => sent == back,
    }
}

fn is_rounded(sent: &str, back: &str) -> bool {
    let number = |s: &str| s.parse::<rust_decimal::Decimal>().ok();
    let (Some(a), Some(b)) = (number(sent), number(back)) else { return false };
    // Cents or finer, rounded or cut: less than one unit of the last place that can be there.
    let unit = rust_decimal::Decimal::new(1, b.scale().max(2));
    a == b || a.scale() > b.scale().max(2) && (a - b).abs() < unit
}

/// Gives list entries that we made their ERP names: by equal content, then, when all of them are known to be there, in
/// order.
pub(crate) fn name_new_entries(
    entry: &mut Entry,
    sent: &BTreeMap<String, Option<Value>>,
    back: &Fields,
    are_there: bool,
) {
    let object = entry.id.object();
    let known: BTreeSet<&str> = entry.erp.iter().map(|(k, _)| k).collect();
    // The name of an entry that was written anew leads to nothing any more.
    let is_there = |k: &str| entry.aliases.iter().any(|(theirs, ours)| ours == k && back.get(theirs).is_some());
    let mut ours: Vec<(&String, &Value)> = sent
        .iter()
        .filter(|(k, _)| is_added(object, k) && back.get(k).is_none() && !is_there(k))
        .filter_map(|(k, v)| v.as_ref().map(|v| (k, v)))
        .collect();
    let mut theirs: Vec<(&str, &Value)> = back
        .iter()
        .filter(|(k, _)| is_added(object, k) && !sent.contains_key(*k))
        .filter(|(k, _)| !entry.aliases.contains_key(*k) && !known.contains(k))
        .collect();
    let mut pairs = Vec::new();
    for exact in [true, false].into_iter().filter(|exact| *exact || are_there) {
        ours.retain(|(name, value)| {
            let fits =
                |(other, w): &&(&str, &Value)| field_of(other) == field_of(name) && (!exact || is_form_of(value, w));
            let Some(at) = theirs.iter().position(|t| fits(&t)) else { return true };
            let (other, _) = theirs.remove(at);
            pairs.push((other.to_owned(), (*name).clone()));
            false
        });
    }
    for (theirs, ours) in pairs {
        entry.aliases.retain(|_, name| *name != ours);
        entry.aliases.insert(theirs, ours);
    }
}

/// The entries of lists that the CRM has and the ERP does not, and that are to be added there.
pub(crate) fn to_add(entry: &Entry) -> BTreeMap<String, Option<Value>> {
    let is_new = |piece: &String| is_added(entry.id.object(), piece) && entry.erp.get(piece).is_none();
    let value = |piece: String| entry.crm.get(&piece).cloned().map(|value| (piece, Some(value)));
    pending(entry).into_iter().filter(is_new).filter_map(value).collect()
}

/// Agrees on what the ERP holds since it was read last in its form of `ours` (by the CRM's names). An entry of a list
/// that is there already gets its name here, and so is never added a second time.
pub(crate) fn agree(entry: &mut Entry, ours: &BTreeMap<String, Option<Value>>, back: &Fields) {
    name_new_entries(entry, ours, back, false);
    let named = entry.in_crm_names(back);
    for (piece, value) in ours {
        let (Some(value), Some(now)) = (value, named.get(piece)) else { continue };
        if entry.erp.get(piece) != Some(now) && is_form_of(value, now) {
            entry.agreed.put(piece, Some(value));
            entry.erp.put(piece, Some(now));
            entry.conflicts.remove(piece);
        }
    }
}

/// The answer to a write was lost, an entry that it added is not there, and its list has another one that nobody knows:
/// that may be ours, changed by a user of the ERP. Added again it could be there twice, so a person says.
pub(crate) fn doubt(entry: &mut Entry, sent: &BTreeMap<String, Option<Value>>, back: &Fields) {
    let object = entry.id.object();
    keep_names(entry, back);
    let named = entry.in_crm_names(back);
    let is_unknown = |k: &str| is_added(object, k) && entry.erp.get(k).is_none() && !sent.contains_key(k);
    let lists: BTreeSet<&str> = named.iter().filter(|(k, _)| is_unknown(k)).map(|(k, _)| field_of(k)).collect();
    for piece in to_add(entry).into_keys().filter(|k| sent.contains_key(k) && lists.contains(field_of(k))) {
        let crm = entry.crm.get(&piece).cloned();
        entry.conflicts.insert(piece, Conflict { base: None, crm, erp: None });
    }
}

/// Takes the read-back of a write that set `sent` (by the CRM's names) into the entry.
pub(crate) fn confirm(
    entry: &mut Entry,
    sent: &BTreeMap<String, Option<Value>>,
    back: &Fields,
    settings: &ObjectSettings,
    times: Times,
) -> Option<Change> {
    name_new_entries(entry, sent, back, true);
    keep_names(entry, back);
    let back_named = entry.in_crm_names(back);
    for (piece, value) in sent {
        let now = back_named.get(piece);
        match (value, now) {
            (Some(value), None) if owner(entry.id.object(), piece) == Owner::Both => {
                // The ERP took the write and dropped this piece.
                let conflict = Conflict { base: entry.agreed.get(piece).cloned(), crm: Some(value.clone()), erp: None };
                entry.conflicts.insert(piece.clone(), conflict);
                entry.erp.put(piece, None);
            }
            (Some(value), Some(now)) if is_form_of(value, now) => {
                entry.agreed.put(piece, Some(value));
                entry.erp.put(piece, Some(now));
                entry.conflicts.remove(piece);
            }
            (Some(value), Some(now)) if entry.erp.get(piece) == Some(now) && entry.agreed.get(piece) != Some(value) => {
                // The ERP took the write and left this piece as it was.
                let base = entry.agreed.get(piece).cloned();
                let conflict = Conflict { base, crm: Some(value.clone()), erp: Some(now.clone()) };
                entry.conflicts.insert(piece.clone(), conflict);
            }
            (value, _) => {
                // It took our value; what it holds now is somebody else's later one.
                entry.agreed.put(piece, value.as_ref());
                entry.erp.put(piece, value.as_ref());
                entry.conflicts.remove(piece);
            }
        }
    }
    absorb(entry, back, settings, times)
}

/// Joins a record of the CRM with one of the ERP that there is no base for.
///
/// Equal pieces are adopted; a piece that one side alone has goes to the other; of two different values the rule
/// decides, and `Newest` cannot.
pub(crate) fn link(entry: &mut Entry, id: RecordId, erp_id: ErpId, erp: &Fields, settings: &ObjectSettings) -> Change {
    entry.id = id;
    entry.erp_id = Some(erp_id);
    entry.erp = erp.clone();
    entry.agreed = erp.clone();
    let (mut fields, mut decided) = (BTreeMap::new(), BTreeMap::new());
    let pieces: Vec<String> = entry.crm.differing(erp).into_iter().map(str::to_owned).collect();
    for piece in pieces {
        let (ours, theirs) = (entry.crm.get(&piece).cloned(), erp.get(&piece).cloned());
        let shared = owner(id.object(), &piece) == Owner::Both;
        if shared && theirs.is_none() {
            continue;
        }
        let rule = settings.rule(&piece);
        if shared && ours.is_some() {
            match rule {
                Rule::Crm => {
                    decided.insert(piece, (rule, theirs));
                    continue;
                }
                Rule::Erp => {
                    decided.insert(piece.clone(), (rule, ours.clone()));
                }
                Rule::Newest | Rule::Park => {
                    entry.conflicts.insert(piece, Conflict { base: None, crm: ours, erp: theirs });
                    continue;
                }
            }
        }
        entry.crm.put(&piece, theirs.as_ref());
        fields.insert(piece, FieldChange { before: ours, after: theirs });
    }
    entry.revision += 1;
    Change { from: Winner::Erp, kind: ChangeKind::Linked, fields, decided, matched: None }
}

/// Gives the ERP's entries the names that the CRM has for the same ones, so that none is added a second time.
fn name_same_entries(entry: &mut Entry, theirs: &Fields) {
    let sent = entry.crm.iter().map(|(piece, value)| (piece.to_owned(), Some(value.clone()))).collect();
    name_new_entries(entry, &sent, theirs, false);
    let ours: Vec<(String, Value)> = entry
        .crm
        .iter()
        .filter(|(piece, _)| names::is_entry(piece) && theirs.get(piece).is_none())
        .filter(|(piece, _)| !entry.aliases.values().any(|name| name == piece))
        .map(|(piece, value)| (piece.to_owned(), value.clone()))
        .collect();
    for (piece, value) in ours {
        let mut free = theirs.clone();
        free.retain(|name| !entry.aliases.contains_key(name) && entry.crm.get(name).is_none());
        if let Some(name) = names::same_in(&free, &piece, &value) {
            entry.aliases.insert(name.to_owned(), piece);
        }
    }
}

/// The CRM says that a record of its own is this one of the ERP, which nobody of it has claimed yet. The entry is the
/// record as the CRM has it from then on.
pub fn claim(
    known: &Entry,
    crm_id: String,
    ours: Fields,
    settings: &ObjectSettings,
    now: Timestamp,
) -> (Entry, Change) {
    claim_as(known, crm_id, ours, &BTreeMap::new(), settings, now)
}

/// A claim by a record that had these names for entries of the ERP before.
pub(crate) fn claim_as(
    known: &Entry,
    crm_id: String,
    ours: Fields,
    names: &BTreeMap<String, String>,
    settings: &ObjectSettings,
    now: Timestamp,
) -> (Entry, Change) {
    let mut entry = Entry::of_crm(known.id, crm_id, ours);
    let Some(erp_id) = known.erp_id else {
        let none = Change { kind: ChangeKind::Linked, ..Change::of_erp(BTreeMap::new()) };
        return (Entry { version: known.version, revision: known.revision, ..entry }, none);
    };
    let ours = entry.crm.clone();
    // Names that an earlier record of the CRM gave are not this one's.
    let theirs = known.in_erp_names();
    let kept = names.iter().filter(|(erp, crm)| theirs.get(erp).is_some() && ours.get(crm).is_some());
    entry.aliases = kept.map(|(erp, crm)| (erp.clone(), crm.clone())).collect();
    name_same_entries(&mut entry, &theirs);
    let back = entry.in_crm_names(&theirs);
    // An entry that says no more than the ERP's is agreed as it is.
    let mut as_ours = back.clone();
    for name in entry.aliases.values() {
        if let (Some(value), Some(now)) = (ours.get(name), back.get(name))
            && is_form_of(value, now)
        {
            as_ours.put(name, Some(value));
        }
    }
    let mut change = link(&mut entry, known.id, erp_id, &as_ours, settings);
    entry.erp = back;
    // The log knows the record as the ERP has it; the CRM is told where its own value did not stay.
    let moved = entry.crm.differing(&known.crm).into_iter().chain(entry.crm.differing(&ours));
    let told = |p: &str| FieldChange { before: known.crm.get(p).cloned(), after: entry.crm.get(p).cloned() };
    change.fields = moved.map(|piece| (piece.to_owned(), told(piece))).collect();
    entry.version = known.version;
    entry.revision = known.revision + 1;
    entry.due = (!pending(&entry).is_empty()).then_some(now);
    (entry, change)
}

/// Takes the read-back of a record that we made: its base is what we sent and what came back.
pub(crate) fn confirm_created(
    entry: &mut Entry,
    id: RecordId,
    erp_id: ErpId,
    sent: &Fields,
    back: &Fields,
    settings: &ObjectSettings,
) -> Change {
    entry.id = id;
    entry.erp_id = Some(erp_id);
    let pieces = sent.iter().map(|(k, v)| (k.to_owned(), Some(v.clone()))).collect();
    let told = confirm(entry, &pieces, back, settings, Times::default());
    let before = entry.revision;
    entry.revision = before + u64::from(told.is_none());
    let mut change = told.unwrap_or(Change {
        from: Winner::Erp,
        kind: ChangeKind::Linked,
        fields: BTreeMap::new(),
        decided: BTreeMap::new(),
        matched: None,
    });
    change.kind = ChangeKind::Linked;
    change
}

/// Joins a record that we sent with one that a search found by its marker: ours, or somebody's own of the same key.
///
/// A piece that holds the ERP's form of what we sent is agreed. For another nobody can say that it ever held ours, so the
/// rule decides as for records that there is no base for. What the CRM changed since the sending stays to be written.
pub(crate) fn adopt(
    entry: &mut Entry,
    id: RecordId,
    erp_id: ErpId,
    sent: &Fields,
    found: &Fields,
    settings: &ObjectSettings,
) -> Change {
    let pieces = sent.iter().map(|(k, v)| (k.to_owned(), Some(v.clone()))).collect();
    name_new_entries(entry, &pieces, found, true);
    let named = entry.in_crm_names(found);
    let mut as_sent = named.clone();
    for (piece, value) in sent.iter() {
        if named.get(piece).is_some_and(|now| is_form_of(value, now)) {
            as_sent.put(piece, Some(value));
        }
    }
    let edited = std::mem::replace(&mut entry.crm, sent.clone());
    let mut change = link(entry, id, erp_id, &as_sent, settings);
    entry.erp = named;
    for piece in edited.differing(sent).into_iter().map(str::to_owned) {
        let latest = edited.get(&piece).cloned();
        if let Some(conflict) = entry.conflicts.get_mut(&piece) {
            conflict.crm.clone_from(&latest);
        } else if change.fields.contains_key(&piece) {
            let rule = settings.rule(&piece);
            if rule == Rule::Erp {
                change.decided.insert(piece, (rule, latest));
                continue;
            }
            let theirs = change.fields.remove(&piece).and_then(|field| field.after);
            if rule == Rule::Crm {
                change.decided.insert(piece.clone(), (rule, theirs));
            } else {
                let base = sent.get(&piece).cloned();
                entry.conflicts.insert(piece.clone(), Conflict { base, crm: latest.clone(), erp: theirs });
            }
        }
        entry.crm.put(&piece, latest.as_ref());
    }
    for (piece, told) in &mut change.fields {
        told.before = edited.get(piece).cloned();
    }
    change
}
