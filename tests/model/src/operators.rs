//! What operators do while the workers work: settings, pauses, keys, erasures.

use domain::{Object, Rule};
use serde_json::{Value, json};

use crate::intake::Work;
use crate::people::Arranged;
use crate::tenant::settings;
use crate::worker::Job;
use crate::world::{Event, FAULTS, World};

impl World {
    /// Somebody changes the settings: another rule decides from now on.
    pub fn change_settings(&mut self, t: usize) {
        let rule = self.dice.pick(&[Rule::Crm, Rule::Erp, Rule::Park, Rule::Newest]).unwrap_or(Rule::Erp);
        let version = self.tenants[t].settings().version + 1;
        let now = self.now;
        self.tenants[t].settings.push((now, settings(version, rule)));
        if self.workers.iter().any(|w| w.is_on(t)) {
            self.fire(76);
        }
    }

    /// Somebody pauses the tenant: whoever works for it loses the lease.
    pub fn pause(&mut self, t: usize) {
        if self.tenants[t].paused_since.is_some() || !self.faulty() {
            return;
        }
        let tenant = &mut self.tenants[t];
        tenant.paused_since = Some(self.now);
        tenant.table.epoch += 1;
        tenant.table.until = i64::MIN / 2;
        let until = (self.now + 120_000 + self.dice.ms(10 * 60_000)).min(FAULTS);
        self.queue(until, Event::Resume(t));
    }

    /// Somebody resumes it.
    pub fn resume(&mut self, t: usize) {
        self.tenants[t].paused_since = None;
        self.hint(t, Work::Due, 0);
    }

    /// The ERP's key is changed; a person enters the new one some minutes later.
    pub fn rotate(&mut self, t: usize) {
        self.tenants[t].erp.key += 1;
        let when = (self.now + self.dice.ms(8 * 60_000)).min(FAULTS);
        self.queue(when, Event::KeepKey(t));
    }

    /// Somebody does something just now, between two effects of a worker.
    pub fn meddle(&mut self, t: usize, job: &Job) {
        if !self.faulty() {
            return;
        }
        match self.dice.below(2_000) {
            0 => self.change_settings(t),
            1 => self.pause(t),
            2..14 => {
                if let Job::Visit(visit) = job
                    && let Some(crm_id) = self.tenants[t].table.entry(visit.id).and_then(|e| e.crm_id.clone())
                {
                    self.erase(t, &crm_id);
                }
            }
            _ => {}
        }
    }

    /// A person is erased, on all sides. Not while a write of it is under way, and not while a document waits for it.
    pub fn erase(&mut self, t: usize, crm_id: &str) {
        let (now, n) = (self.now, self.next_value());
        let tenant = &mut self.tenants[t];
        let Some(id) = tenant.table.by_crm.get(crm_id).copied() else { return };
        let Some(entry) = tenant.table.entry(id) else { return };
        let Some(erp_id) = entry.erp_id.filter(|_| id.object() == Object::Contacts && entry.intent.is_none()) else {
            return;
        };
        let names = |v: &Value| v.get("crm_id").and_then(Value::as_str) == Some(crm_id);
        // Who was arranged with others is in their history as well: the model erases none of these.
        let of =
            |d: &Arranged| d.had.iter().any(|(id, _)| id == crm_id) || d.partners.iter().any(|(id, _)| *id == erp_id);
        if tenant.people.log.iter().any(of) {
            return;
        }
        let is_needed = tenant.crm.records.values().any(|r| r.fields.iter().any(|(_, v)| names(v)))
            || tenant.table.entries().any(|e| e.crm.iter().any(|(_, v)| names(v)));
        if is_needed {
            return;
        }
        let own = entry.crm.get("name").into_iter().chain(entry.erp.get("name")).filter_map(Value::as_str);
        let mut values: Vec<String> = own.map(str::to_owned).collect();
        values.extend(
            tenant
                .crm_edits
                .iter()
                .filter(|e| e.crm_id == crm_id && e.piece == "name")
                .filter_map(|e| e.value.as_str().map(str::to_owned)),
        );
        tenant.erased.extend(values);
        tenant.table.remove(id);
        tenant.table.by_crm.remove(crm_id);
        tenant.table.told.remove(&id);
        tenant.table.log.retain(|l| l.id != id);
        tenant.crm.records.remove(crm_id);
        tenant.crm.from_feed.remove(&id);
        tenant.crm.erased.insert(crm_id.to_owned());
        tenant.crm_edits.retain(|e| e.crm_id != crm_id);
        tenant.erp_edits.retain(|e| e.erp_id != erp_id);
        // The ERP cannot delete a partner: its users take the name away.
        let fields = tenant.erp.docs.get(&erp_id).map(|d| d.fields().clone());
        if let Some(mut fields) = fields {
            fields.set("tax", Value::Null);
            fields.set("registration_number", Value::Null);
            fields.set("name", json!(format!("t{t} erased {n}")));
            let snap = tenant.erp.snap(Object::Contacts, erp_id, fields);
            if let Some(doc) = tenant.erp.docs.get_mut(&erp_id) {
                (doc.snap, doc.changed_at, doc.by_us, doc.made_for) = (snap, now, false, None);
            }
        }
    }
}
