//! What would be written on either side, before anything is, with a reason for every write and every non-action.
//!
//! Decides nothing of its own: each record is shown to the very visit that
//! would write it, and what that visit wants is put into words. A person
//! approves a plan by its hash; [`allows`] then lets through what it names and
//! nothing else. Must not write, and must not release a deletion.

mod item;
mod preview;
mod reason;

use std::collections::{BTreeMap, BTreeSet};

use domain::{Object, RecordId, Settings, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::guard::{self, Verdict};
use crate::twoway::{Entry, Op, Probed, Save, Side, Timing};

pub use item::{Action, Item};
pub use reason::Reason;

/// A record as it was looked at for a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// Its row, with the ERP's ids in the place of references that have one by now, as a visit would get it.
    pub entry: Entry,
    /// What the ERP has: of `entry.erp_id`, of the id that a write under way was answered with, or of the partner that a
    /// person chose.
    pub erp: Side,
    /// What a search by the record's keys said. Asked only of records that the ERP does not have yet.
    pub probed: Probed,
    /// The row of the ERP record that the search found or a person chose, when there is one.
    pub target: Option<Box<Entry>>,
}

impl Looked {
    /// A record that the ERP has.
    pub const fn linked(entry: Entry, erp: Side) -> Self {
        Self { entry, erp, probed: Probed::CannotTell, target: None }
    }

    /// A record of the CRM that a person said is this one of the ERP, and that one's row.
    pub const fn chosen(entry: Entry, erp: Side, target: Option<Box<Entry>>) -> Self {
        Self { entry, erp, probed: Probed::CannotTell, target }
    }

    /// A record that only the CRM has.
    pub const fn of_crm(entry: Entry, probed: Probed, target: Option<Box<Entry>>) -> Self {
        Self { entry, erp: Side::Unknown, probed, target }
    }
}

/// How many records of an object type there are: what the guard measures deletions by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// How many live, those that are to be deleted included.
    pub live: usize,
    /// How many the last complete sweep found.
    pub live_at_last_sweep: Option<usize>,
    /// How many were deleted in the last 24 hours.
    pub deleted_last_24h: usize,
}

/// What would be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The version of the settings that it was made under.
    pub settings_version: u64,
    /// When both sides were looked at.
    pub made_at: Timestamp,
    /// The records, by id. Carried out in this order.
    pub items: Vec<Item>,
    /// The guard's word on all deletions of an object type that it has not let pass before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub guard: BTreeMap<Object, Verdict>,
}

/// Plans for `looked`, whatever its order. `sizes` is by object type; what is not named counts as empty.
pub fn plan(
    tenant: &TenantId,
    mut looked: Vec<Looked>,
    settings: &Settings,
    sizes: &BTreeMap<Object, Sizes>,
    timing: Timing,
    now: Timestamp,
) -> Plan {
    looked.sort_by_key(|l| l.entry.id);
    let mut previews = preview::Previews::new(tenant, timing, now);
    let mut deletions: BTreeMap<Object, BTreeSet<RecordId>> = BTreeMap::new();
    let mut items = Vec::with_capacity(looked.len());
    for one in &looked {
        let object = one.entry.id.object();
        let item = previews.item(one, &settings.of(object));
        if item.action == Action::DeleteInErp && !one.entry.released {
            deletions.entry(object).or_default().insert(item.record);
        }
        items.push(item);
    }
    let verdict = |(object, list): (Object, BTreeSet<RecordId>)| {
        let s = sizes.get(&object).copied().unwrap_or_default();
        let live = s.live.saturating_sub(list.len());
        (object, guard::judge(&list, live, s.live_at_last_sweep, s.deleted_last_24h))
    };
    let guard = deletions.into_iter().map(verdict).collect();
    Plan { settings_version: settings.version, made_at: now, items, guard }
}

/// An item that is not what was approved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The record.
    pub record: RecordId,
    /// What was approved; `None` when the record was not in the plan.
    pub was: Option<Box<Item>>,
    /// What would be done now; `None` when the record is not in the plan any more.
    pub is: Option<Box<Item>>,
}

/// What moved since a plan was approved: writes that are gone, new or other. Equal plans by this have equal hashes,
/// unless the settings have another version.
///
/// # Errors
///
/// Every record whose writes are not the approved ones, by id.
pub fn compare(approved: &Plan, now: &Plan) -> Result<(), Vec<Moved>> {
    let by_id =
        |plan: &Plan| -> BTreeMap<RecordId, Item> { plan.items.iter().map(|i| (i.record, i.clone())).collect() };
    let (was, mut is) = (by_id(approved), by_id(now));
    let mut moved = Vec::new();
    for (record, was) in was {
        let is = is.remove(&record);
        if was.written() != is.as_ref().and_then(Item::written) {
            moved.push(Moved { record, was: Some(Box::new(was)), is: is.map(Box::new) });
        }
    }
    let new = is.into_iter().filter(|(_, item)| item.written().is_some());
    moved.extend(new.map(|(record, is)| Moved { record, was: None, is: Some(Box::new(is)) }));
    moved.sort_by_key(|m| m.record);
    if moved.is_empty() { Ok(()) } else { Err(moved) }
}

/// Whether `op`, which a visit wants to send, is the write that was approved for this record.
pub fn allows(item: &Item, op: &Op) -> bool {
    match (&item.action, op) {
        (Action::CreateInErp { fields }, Op::Create { fields: sent, .. }) => fields == sent,
        (Action::UpdateErp { set } | Action::Link { set, .. }, Op::Update { erp_id, set: sent }) => {
            item.erp_id == Some(*erp_id) && set == sent
        }
        (Action::DeleteInErp, Op::Delete { erp_id }) => item.erp_id == Some(*erp_id),
        _ => false,
    }
}

/// Whether a visit may make this save of the row `before`: it allows no other send, joins nothing else and tells the
/// CRM nothing else than was approved. Judged before the save, so that a refused visit leaves no trace.
///
/// What a write under way turned out to be is always taken: that write was approved before it was sent.
pub fn allows_save(item: &Item, before: &Entry, save: &Save) -> bool {
    let (had, has) = (&before.intent, &save.entry.intent);
    let is_new =
        has.as_ref().is_some_and(|h| had.as_ref().is_none_or(|b| (b.attempt, b.since) != (h.attempt, h.since)));
    if is_new && !has.as_ref().is_some_and(|intent| allows(item, &intent.op)) {
        return false;
    }
    if had.is_some() {
        return true;
    }
    let joins = save.replaces.is_none_or(|_| match item.action {
        Action::Link { erp_id, .. } => save.entry.erp_id == Some(erp_id),
        _ => false,
    });
    let mut told = save.change.iter().flat_map(|c| &c.fields).filter(|(_, field)| field.before != field.after);
    joins && told.all(|(piece, field)| item.tells.get(piece).is_some_and(|t| t.after == field.after))
}

impl Plan {
    /// What a person approves: the writes and the version of the settings, as 64 hexadecimal digits. Neither the time
    /// nor versions of rows, reasons or records without a write are part of it.
    pub fn hash(&self) -> String {
        let mut written: Vec<_> = self.items.iter().filter_map(Item::written).collect();
        written.sort_by_key(|w| w.record);
        let bytes = serde_json::to_vec(&(self.settings_version, written)).expect("string keys serialise");
        blake3::hash(&bytes).to_hex().to_string()
    }

    /// How many records by the name of their action.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        let mut out = BTreeMap::new();
        for item in &self.items {
            *out.entry(item.action.name()).or_default() += 1;
        }
        out
    }

    /// Whether nothing would be written on either side.
    pub fn is_empty(&self) -> bool {
        self.items.iter().all(|i| i.written().is_none())
    }

    /// The item of a record.
    pub fn item(&self, record: RecordId) -> Option<&Item> {
        self.items.iter().find(|i| i.record == record)
    }
}
