//! How the ERP's changes and deletions get into the rows: a stand-in for the reading run, with its faults.

use std::collections::BTreeSet;

use domain::change::ChangeKind;
use domain::{RecordId, TenantId};
use sync::guard::{self, Absence, Verdict};
use sync::twoway::{Change, Entry, Winner, archive, is_left_to_a_create};

use crate::bad::Bad;
use crate::world::{Event, World, at};

impl World {
    /// The id of the row of an ERP record.
    fn row_of(&self, t: usize, object: domain::Object, erp_id: domain::ErpId) -> RecordId {
        let anybody: TenantId = format!("t_{:0>20}", 0).parse().expect("a tenant id");
        let tenant = if self.bad == Some(Bad::NoTenant) { &anybody } else { &self.tenants[t].id };
        RecordId::for_erp(tenant, object, erp_id)
    }

    /// Looks at what the ERP has now. A list can be cut short; then it says nothing of what is not on it.
    pub fn observe(&mut self, t: usize) {
        let now = self.now;
        let (lost, cut) = (self.fault(45, 100), self.fault(79, 100));
        if !lost && !self.is_out() {
            self.look(t, cut);
            if !cut || self.bad == Some(Bad::OneSweep) {
                self.look_for_gone(t, cut);
            }
        }
        if self.faulty() || self.now < crate::world::FAULTS + 9 * 3_600_000 {
            self.queue(now + if self.faulty() { 180_000 } else { 1_200_000 }, Event::Observe(t));
        }
    }

    fn look(&mut self, t: usize, cut: bool) {
        let now = self.now;
        let docs: Vec<_> = self.tenants[t]
            .erp
            .docs
            .iter()
            .filter(|(_, d)| !d.gone && d.found_from <= now)
            .map(|(id, d)| (*id, d.object, d.fields.clone()))
            .collect();
        let seen = if cut { docs.len() / 2 } else { docs.len() };
        for (erp_id, object, fields) in docs.into_iter().take(seen) {
            let id = self.row_of(t, object, erp_id);
            let hint_lost = self.fault(43, 50);
            let forgets = hint_lost && self.bad == Some(Bad::HintOnly);
            let table = &mut self.tenants[t].table;
            if let Some(entry) = table.rows.get_mut(&id) {
                let moved = entry.in_crm_names(&fields) != entry.erp && entry.archived_at.is_none();
                if moved && entry.hold.is_none() && entry.intent.is_none() && entry.due.is_none() && !hint_lost {
                    entry.due = Some(at(now));
                    entry.version += 1;
                }
                if forgets {
                    entry.erp = entry.in_crm_names(&fields);
                }
                continue;
            }
            let open =
                table.rows.values().filter(|e| e.erp_id.is_none() && e.crm_deleted_at.is_none() || e.intent.is_some());
            if is_left_to_a_create(open, object, &fields) {
                self.fire(71);
                if self.bad != Some(Bad::NoHoldBack) {
                    continue;
                }
            }
            let table = &mut self.tenants[t].table;
            let mut entry = Entry::of_erp(id, erp_id, fields);
            entry.version = 1;
            table.rows.insert(id, entry.clone());
            let change = Change { from: Winner::Erp, kind: ChangeKind::Added, fields: [].into(), decided: [].into() };
            table.tell(&entry, &change);
        }
    }

    /// What is linked and was not on the list.
    fn look_for_gone(&mut self, t: usize, cut: bool) {
        let now = self.now;
        let linked: Vec<RecordId> = self.tenants[t]
            .table
            .rows
            .values()
            .filter(|e| {
                e.erp_id.is_some() && e.archived_at.is_none() && e.crm_deleted_at.is_none() && e.intent.is_none()
            })
            .map(|e| e.id)
            .collect();
        let half = linked.len() / 2;
        let mut proven = BTreeSet::new();
        for (n, id) in linked.iter().enumerate() {
            let tenant = &mut self.tenants[t];
            let Some(erp_id) = tenant.table.rows.get(id).and_then(|e| e.erp_id) else { continue };
            let there = tenant.erp.docs.get(&erp_id).is_some_and(|d| !d.gone && d.found_from <= now);
            let on_list = there && !(cut && n >= half);
            if on_list {
                tenant.first_gone.remove(id);
                continue;
            }
            let first = *tenant.first_gone.entry(*id).or_insert(now);
            let unsure = self.fault(35, 50);
            let absence = Absence {
                first_sweep: at(first),
                last_sweep: at(now),
                lookup_gone: !there || self.bad == Some(Bad::OneSweep),
                control_passed: !unsure,
            };
            if guard::proves(&absence).is_ok() || self.bad == Some(Bad::OneSweep) {
                proven.insert(*id);
            }
        }
        let live = linked.len();
        if proven.is_empty() || matches!(guard::judge(&proven, live, None, 0), Verdict::Ask { .. }) {
            return;
        }
        for id in proven {
            let table = &mut self.tenants[t].table;
            let Some(mut entry) = table.rows.get(&id).cloned() else { continue };
            let change = archive(&mut entry, at(now));
            entry.version += 1;
            table.rows.insert(id, entry.clone());
            if let Some(change) = change {
                table.tell(&entry, &change);
            }
        }
    }

    /// Judges what the CRM deleted, over the whole set and before the first deletion in the ERP.
    pub fn guard(&mut self, t: usize) {
        let now = self.now;
        let bad = self.bad;
        let table = &mut self.tenants[t].table;
        let asked = |e: &&Entry| e.crm_deleted_at.is_some() && !e.released && e.erp_id.is_some() && e.hold.is_none();
        let waiting: BTreeSet<RecordId> = table.rows.values().filter(asked).map(|e| e.id).collect();
        let live = table.rows.values().filter(|e| e.erp_id.is_some() && e.archived_at.is_none()).count();
        if !waiting.is_empty() {
            let verdict = guard::judge(&waiting, live, None, 0);
            if verdict == Verdict::Go || bad == Some(Bad::NoGuard) {
                for id in &waiting {
                    let Some(entry) = table.rows.get_mut(id) else { continue };
                    entry.released = true;
                    entry.version += 1;
                    if entry.intent.is_none() {
                        entry.due = Some(at(now));
                    }
                }
                self.tenants[t].released += waiting.len();
                if waiting.len() > 10 {
                    // Released although a person was to be asked.
                    self.tenants[t].released += 1_000;
                }
                self.fired[14] += 1;
            }
        }
        if now < crate::world::FAULTS + 9 * 3_600_000 {
            self.queue(now + 300_000, Event::Guard(t));
        }
    }
}
