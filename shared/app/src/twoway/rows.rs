//! A record with both its sides, as it lies in the table and as the engine sees it.
//!
//! Decides the form of the two-way part: only what differs from the ERP's own
//! record is kept, so a record that is in step costs next to nothing. Must not
//! decide anything about the content.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ErpId, Fields, Record, RecordId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Open, Queue, Row, StoreError, Stored, TwoWay};
use sync::twoway::{Conflict, Entry, Hold, Intent, Merged};

/// Pieces that differ from the ERP's record; `None` where they are not set.
type Difference = BTreeMap<String, Option<Value>>;

/// The two-way part of a row.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Sides {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    crm: Difference,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    agreed: Difference,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    erp: Difference,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    aliases: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crm_edited_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crm_deleted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    released: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    archived_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    conflicts: BTreeMap<String, Conflict>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intent: Option<Intent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hold: Option<Hold>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chosen: Option<ErpId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    rejected: BTreeSet<ErpId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// It was deleted in the ERP by us: the row keeps its place, the record has no ERP side.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    gone: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    merged: Option<Box<Merged>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    absorbed: BTreeMap<String, u8>,
}

fn difference(of: &Fields, base: &Fields) -> Difference {
    of.differing(base).into_iter().map(|p| (p.to_owned(), of.get(p).cloned())).collect()
}

fn applied(base: &Fields, difference: &Difference) -> Fields {
    let mut out = base.clone();
    for (piece, value) in difference {
        out.put(piece, value.as_ref());
    }
    out
}

/// The two-way part of `entry`, whose row holds `mirror`, the ERP's record as it was last read.
pub(crate) fn pack(entry: &Entry, mirror: Option<&Record>) -> Result<TwoWay, StoreError> {
    let base = mirror.map(|r| entry.in_crm_names(&Fields::of(r))).unwrap_or_default();
    let sides = Sides {
        crm: difference(&entry.crm, &base),
        agreed: difference(&entry.agreed, &base),
        erp: difference(&entry.erp, &base),
        aliases: entry.aliases.clone(),
        crm_edited_at: entry.crm_edited_at,
        crm_deleted_at: entry.crm_deleted_at,
        released: entry.released,
        archived_at: entry.archived_at,
        conflicts: entry.conflicts.clone(),
        intent: entry.intent.clone(),
        hold: entry.hold.clone(),
        chosen: entry.chosen,
        rejected: entry.rejected.clone(),
        due: entry.due,
        gone: mirror.is_some() && entry.erp_id.is_none(),
        merged: entry.merged.clone(),
        absorbed: entry.absorbed.clone(),
    };
    let bytes = serde_json::to_vec(&sides).map_err(|_| StoreError::Corrupt { what: "two-way part" })?;
    Ok(TwoWay { bytes, revision: entry.revision, queue: queue(entry), crm_id: entry.crm_id.clone() })
}

/// Whom the row waits for.
fn queue(entry: &Entry) -> Option<Queue> {
    let waits_for_guard = entry.crm_deleted_at.filter(|_| !entry.released && entry.erp_id.is_some());
    // One that is deleted and was never in the ERP waits for nobody.
    let is_over = entry.crm_deleted_at.is_some() && entry.erp_id.is_none();
    match (entry.due, &entry.hold, waits_for_guard) {
        (Some(due), ..) => Some(Queue::Visit(due)),
        (None, Some(hold), _) if !is_over => Some(Queue::Person(hold.since)),
        (None, _, Some(since)) => Some(Queue::Guard(since)),
        _ => {
            let since = entry.crm_edited_at.unwrap_or(Timestamp::UNIX_EPOCH);
            (!entry.conflicts.is_empty()).then_some(Queue::Person(since))
        }
    }
}

/// Both sides of a record that the ERP has; of one that the CRM never touched, both have what the ERP has.
pub(crate) fn entry_of(stored: &Stored) -> Result<Entry, StoreError> {
    let mirror = Fields::of(&stored.record);
    let Some(part) = &stored.two_way else {
        let entry = Entry::of_erp(stored.id, stored.erp_id, mirror);
        return Ok(Entry { version: stored.version, revision: stored.revision(), ..entry });
    };
    let sides = unpack(part)?;
    let erp_id = (!sides.gone).then_some(stored.erp_id);
    Ok(Entry { version: stored.version, erp_id, ..entry(stored.id, part, sides, &mirror) })
}

/// A record that only the CRM has.
pub(crate) fn entry_of_open(open: &Open) -> Result<Entry, StoreError> {
    let sides = unpack(&open.two_way)?;
    Ok(Entry { version: open.version, ..entry(open.id, &open.two_way, sides, &Fields::default()) })
}

/// Whichever it is.
pub(crate) fn entry_of_row(row: &Row) -> Result<Entry, StoreError> {
    match row {
        Row::Record(stored) => entry_of(stored),
        Row::Open(open) => entry_of_open(open),
    }
}

fn unpack(part: &TwoWay) -> Result<Sides, StoreError> {
    serde_json::from_slice(&part.bytes).map_err(|_| StoreError::Corrupt { what: "two-way part" })
}

fn entry(id: RecordId, part: &TwoWay, sides: Sides, mirror: &Fields) -> Entry {
    let names = Entry { aliases: sides.aliases.clone(), ..Entry::of_crm(id, String::new(), Fields::default()) };
    let base = names.in_crm_names(mirror);
    Entry {
        id,
        version: 0,
        revision: part.revision,
        crm_id: part.crm_id.clone(),
        erp_id: None,
        crm: applied(&base, &sides.crm),
        agreed: applied(&base, &sides.agreed),
        erp: applied(&base, &sides.erp),
        aliases: sides.aliases,
        crm_edited_at: sides.crm_edited_at,
        crm_deleted_at: sides.crm_deleted_at,
        released: sides.released,
        archived_at: sides.archived_at,
        conflicts: sides.conflicts,
        intent: sides.intent,
        hold: sides.hold,
        chosen: sides.chosen,
        rejected: sides.rejected,
        due: sides.due,
        merged: sides.merged,
        absorbed: sides.absorbed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Contact, Object, TenantId, Text};
    use proptest::prelude::*;
    use serde_json::json;

    fn mirror(name: &str) -> Record {
        Record::Contact(Box::new(Contact {
            erp_id: ErpId::new(7),
            number: None,
            name: Text::required(name).expect("visible"),
            company: false,
            taxpayer: Some(true),
            foreign: false,
            tax_number: None,
            registration_number: None,
            buyer: true,
            supplier: false,
            addresses: Vec::new(),
            persons: Vec::new(),
            discounts: Vec::new(),
        }))
    }

    fn pieces() -> impl Strategy<Value = Fields> {
        let piece = prop_oneof![Just("name"), Just("tax"), Just("addresses/1"), Just("addresses/a"), Just("buyer")];
        proptest::collection::btree_map(piece, (0..3_u8).prop_map(|n| json!(n)), 0..5).prop_map(Fields::from_iter)
    }

    proptest! {
        #[test]
        fn an_entry_comes_back_from_its_row_as_it_was(
            crm in pieces(), agreed in pieces(), erp in pieces(), alias in any::<bool>(), gone in any::<bool>(), due in any::<bool>(),
            chosen in any::<Option<u32>>(), rejected in proptest::collection::btree_set(any::<u32>(), 0..3),
        ) {
            let tenant: TenantId = format!("t_{:0>20}", 1).parse().expect("a tenant id");
            let record = mirror("Ana");
            let id = RecordId::for_erp(&tenant, Object::Contacts, ErpId::new(7));
            let mut entry = Entry { crm, agreed, ..Entry::of_erp(id, ErpId::new(7), erp) };
            entry.crm_id = Some("c1".to_owned());
            entry.revision = 9;
            if alias {
                entry.aliases.insert("addresses/1".to_owned(), "addresses/a".to_owned());
            }
            entry.due = due.then_some(Timestamp::UNIX_EPOCH);
            (entry.chosen, entry.rejected) = (chosen.map(|n| ErpId::new(n.into())), rejected.into_iter().map(|n| ErpId::new(n.into())).collect());
            if gone {
                entry.erp_id = None;
            }
            for mirror in [Some(&record), None] {
                let part = pack(&entry, mirror).expect("packs");
                prop_assert_eq!(part.queue.is_some(), due);
                let sides = unpack(&part).expect("unpacks");
                let erp_id = entry.erp_id;
                prop_assert_eq!(sides.gone, mirror.is_some() && gone);
                let fields = mirror.map(Fields::of).unwrap_or_default();
                prop_assert_eq!(&Entry { erp_id, ..super::entry(id, &part, sides, &fields) }, &entry);
            }
        }
    }

    #[test]
    fn a_record_that_is_in_step_keeps_nothing_twice() {
        let tenant: TenantId = format!("t_{:0>20}", 1).parse().expect("a tenant id");
        let record = mirror("Ana");
        let id = RecordId::for_erp(&tenant, Object::Contacts, ErpId::new(7));
        let entry = Entry::of_erp(id, ErpId::new(7), Fields::of(&record));
        assert_eq!(pack(&entry, Some(&record)).expect("packs").bytes, b"{}");
    }
}
