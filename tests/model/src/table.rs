//! The table of one tenant in memory: rows, what the CRM was told, the lease.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Fields, RecordId};
use sync::twoway::{Change, Entry, Save, Winner};

/// One thing that the CRM was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The revision.
    pub revision: u64,
    /// The CRM's fields at that revision.
    pub fields: Fields,
    /// The pieces that came from the ERP.
    pub from_erp: BTreeSet<String>,
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Written.
    Yes,
    /// A condition failed.
    No,
}

/// The rows of one tenant.
#[derive(Debug, Default)]
pub struct Table {
    /// Rows by id.
    pub rows: BTreeMap<RecordId, Entry>,
    /// Where a record went that got its ERP id.
    pub moved: BTreeMap<RecordId, RecordId>,
    /// Rows by the CRM's id.
    pub by_crm: BTreeMap<String, RecordId>,
    /// What was told, by row, in order.
    pub told: BTreeMap<RecordId, Vec<Told>>,
    /// The feed: rows that changed, in order.
    pub feed: Vec<RecordId>,
    /// Every change that was written, in order.
    pub log: Vec<(RecordId, Change)>,
    /// The lease: its epoch, and until when it holds.
    pub epoch: u64,
    /// Until when the lease holds, in milliseconds.
    pub until: i64,
}

impl Table {
    /// The row that `id` is now.
    pub fn present(&self, id: RecordId) -> RecordId {
        self.moved.get(&id).copied().unwrap_or(id)
    }

    /// Writes a row when its conditions hold, or whatever they say when `force`.
    pub fn save(&mut self, save: &Save, force: bool) -> Written {
        let version = |id: &RecordId| self.rows.get(id).map_or(0, |e| e.version);
        let holds = version(&save.entry.id) == save.expected
            && save.replaces.is_none_or(|(old, v)| old == save.entry.id || version(&old) == v);
        if !holds && !force {
            return Written::No;
        }
        if let Some((old, _)) = save.replaces.filter(|(old, _)| *old != save.entry.id) {
            self.rows.remove(&old);
            self.moved.insert(old, save.entry.id);
            let mut told = self.told.remove(&old).unwrap_or_default();
            self.told.entry(save.entry.id).or_default().append(&mut told);
        }
        if let Some(crm_id) = &save.entry.crm_id {
            self.by_crm.insert(crm_id.clone(), save.entry.id);
        }
        self.rows.insert(save.entry.id, save.entry.clone());
        if let Some(change) = &save.change {
            self.tell(&save.entry, change);
        }
        Written::Yes
    }

    /// Writes what a change tells.
    pub fn tell(&mut self, entry: &Entry, change: &Change) {
        let from_erp =
            if change.from == Winner::Erp { change.fields.keys().cloned().collect() } else { BTreeSet::new() };
        let told = Told { revision: entry.revision, fields: entry.crm.clone(), from_erp };
        self.told.entry(entry.id).or_default().push(told);
        self.feed.push(entry.id);
        self.log.push((entry.id, change.clone()));
    }

    /// The fields that the CRM had been told at `revision`, and what the ERP changed since.
    pub fn seen(&self, id: RecordId, revision: u64) -> (Fields, BTreeSet<String>) {
        let all = self.told.get(&id).map_or(&[][..], Vec::as_slice);
        // Without a revision: the answer to the first edit was lost, so the CRM goes on from what that one said.
        let revision = if revision == 0 { all.first().map_or(0, |t| t.revision) } else { revision };
        let seen = all.iter().rev().find(|t| t.revision <= revision).map(|t| t.fields.clone()).unwrap_or_default();
        let since = all.iter().filter(|t| t.revision > revision).flat_map(|t| t.from_erp.iter().cloned()).collect();
        (seen, since)
    }

    /// Rows that are due, the longest due first.
    pub fn due(&self, now: jiff::Timestamp) -> Vec<RecordId> {
        let mut due: Vec<_> =
            self.rows.values().filter_map(|e| e.due.filter(|d| *d <= now).map(|d| (d, e.id))).collect();
        due.sort_unstable();
        due.into_iter().map(|(_, id)| id).collect()
    }

    /// When the next row is due.
    pub fn next_due(&self) -> Option<jiff::Timestamp> {
        self.rows.values().filter_map(|e| e.due).min()
    }
}
