//! Letting deletions through: the guard over the whole set of each object type, before the first one.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Object, RecordId};
use sync::guard::{self, Verdict};
use sync::twoway::Entry;

use crate::bad::Bad;
use crate::table::By;
use crate::world::{World, at};

fn waits(entry: &Entry) -> bool {
    entry.crm_deleted_at.is_some()
        && !entry.released
        && entry.erp_id.is_some()
        && entry.hold.is_none()
        && entry.due.is_none()
}

impl World {
    /// Whether deletions wait for the guard.
    pub fn has_deletions(&self, t: usize) -> bool {
        self.tenants[t].table.entries().any(waits)
    }

    /// Judges what the CRM deleted, over the whole set and before the first deletion in the ERP.
    pub fn release_deletions(&mut self, t: usize) {
        let (now, bad) = (self.now, self.bad);
        let table = &self.tenants[t].table;
        let mut waiting: BTreeMap<Object, BTreeSet<RecordId>> = BTreeMap::new();
        for entry in table.entries().filter(|e| waits(e)) {
            waiting.entry(entry.id.object()).or_default().insert(entry.id);
        }
        for (object, ids) in waiting {
            let tenant = &mut self.tenants[t];
            let of = tenant
                .table
                .rows
                .iter()
                .filter(|(id, r)| id.object() == object && r.snap.is_some() && r.missing.is_none());
            let live = of.count().saturating_sub(ids.len());
            let verdict = guard::judge(&ids, live, None, 0);
            if verdict != Verdict::Go && bad != Some(Bad::NoGuard) {
                continue;
            }
            tenant.mass_deleted |= ids.len() > 10 && ids.len() * 20 > live;
            let by = By { at: now, began: now, bad: None };
            for id in ids {
                let Some(entry) = tenant.table.entry(id).cloned() else { continue };
                let version = entry.version;
                tenant.table.write(Entry { released: true, due: Some(at(now)), ..entry }, version, None, by);
            }
        }
    }
}
