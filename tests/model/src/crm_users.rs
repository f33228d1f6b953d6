//! What the CRM and its users do: make, edit, delete, push, follow the feed, compare.

use domain::{Fields, Object, RecordId};
use serde_json::Value;

use crate::api::{Answer, Asked, delete, put, put_linked};
use crate::bad::Bad;
use crate::crm::CrmRecord;
use crate::intake::Work;
use crate::table::By;
use crate::values::respelled;
use crate::world::{Event, FAULTS, World};

impl World {
    /// A user of the CRM does something.
    pub fn crm_user(&mut self, t: usize) {
        let n = self.next_value();
        let choice = self.dice.below(1000);
        if choice < 420 || self.tenants[t].crm.records.is_empty() {
            self.tenants[t].crm.make(t, n, &mut self.dice);
        } else if choice < 900 {
            let edited = self.tenants[t].crm.edit(t, n, &mut self.dice);
            if let Some(edited) = edited {
                let (crm_id, piece) = (edited.crm_id.clone(), edited.piece.clone());
                self.tenants[t].crm_edits.push(edited);
                if self.dice.hit(250) {
                    self.erp_edits_as_well(t, &crm_id, &piece);
                }
            }
        } else if choice < 985 {
            self.crm_deletes(t);
        } else {
            // A long list of products, that somebody clears later by mistake.
            for _ in 0..12 {
                let n = self.next_value();
                self.tenants[t].crm.make_product(t, n);
            }
            let when = FAULTS - 1_000 - self.dice.ms(FAULTS / 6);
            self.queue(when, Event::Clear(t));
        }
        let when = self.now + self.dice.ms(5_000);
        self.queue(when, Event::Push(t));
    }

    /// A user of the CRM deletes a document or a product; sometimes one that a user of the ERP has just changed (row 69).
    fn crm_deletes(&mut self, t: usize) {
        let of = |r: &CrmRecord| !r.deleted && !r.archived && r.object != Object::Contacts;
        let records = &self.tenants[t].crm.records;
        let ids: Vec<String> = records.iter().filter(|(_, r)| of(r)).map(|(id, _)| id.clone()).collect();
        let Some(crm_id) = self.dice.pick(&ids) else { return };
        if let Some(record) = self.tenants[t].crm.records.get_mut(&crm_id) {
            record.deleted = true;
        }
        if self.dice.hit(400) {
            self.erp_edits_as_well(t, &crm_id, "");
        }
    }

    /// Somebody deletes every product in the CRM.
    pub fn clear(&mut self, t: usize) {
        for record in self.tenants[t].crm.records.values_mut().filter(|r| r.object == Object::Products) {
            record.deleted = true;
        }
        self.queue(self.now + 1_000, Event::Push(t));
    }

    const fn by(&self) -> By {
        By { at: self.now, began: self.now, bad: self.bad }
    }

    /// The CRM pushes all that is not acknowledged; a request or an answer can be lost, and the CRM sends again.
    pub fn push(&mut self, t: usize) {
        let is_open = |r: &CrmRecord| r.dirty || r.deleted && !r.deletion_told;
        let open: Vec<String> =
            self.tenants[t].crm.records.iter().filter(|(_, r)| is_open(r)).map(|(id, _)| id.clone()).collect();
        if open.is_empty() {
            return;
        }
        let mut again = false;
        for crm_id in open {
            if self.fault(49, 80) {
                again = true;
                continue;
            }
            again |= !self.push_one(t, &crm_id);
        }
        self.hint(t, Work::Push, 0);
        if again {
            self.queue(self.now + 45_000, Event::Push(t));
        }
    }

    /// Pushes one record. Whether the CRM heard that it was taken.
    fn push_one(&mut self, t: usize, crm_id: &str) -> bool {
        let lost = self.chance(80);
        let Some(record) = self.tenants[t].crm.records.get(crm_id).cloned() else { return true };
        let by = self.by();
        let mut heard = true;
        if record.dirty {
            let sent = self.spelled(&record.fields);
            let tenant = &mut self.tenants[t];
            let settings = tenant.settings_of(record.object).clone();
            let asked = Asked { tenant: &tenant.id, settings: &settings, by };
            let answer = put(&mut tenant.table, &asked, crm_id, &record, &sent);
            tenant.note_taken(crm_id, &answer, by.at);
            if lost {
                return false;
            }
            match answer {
                Answer::TooOld => {
                    self.read_anew(t, crm_id);
                    return false;
                }
                Answer::Merged => {
                    // The user is told that what was entered went nowhere.
                    tenant.crm_edits.retain(|e| e.crm_id != crm_id || e.taken_at.is_some());
                    self.read_anew(t, crm_id);
                }
                Answer::Taken(..) | Answer::Refused => {
                    if let Some(record) = tenant.crm.records.get_mut(crm_id) {
                        record.dirty = false;
                        record.touched.clear();
                        if let Answer::Taken(revision, fields) = answer {
                            record.take(revision, fields);
                        }
                    }
                }
            }
        }
        if record.deleted && !record.deletion_told {
            let tenant = &mut self.tenants[t];
            delete(&mut tenant.table, crm_id, by);
            heard = !lost;
            if let (true, Some(record)) = (heard, tenant.crm.records.get_mut(crm_id)) {
                record.deletion_told = true;
            }
        }
        heard
    }

    /// The fields as the CRM happens to spell them (row 59).
    fn spelled(&mut self, fields: &Fields) -> Fields {
        let mut sent = fields.clone();
        for piece in ["name", "tax", "title"] {
            if fields.get(piece).is_none() || !self.chance(60) {
                continue;
            }
            let other = fields.get(piece).and_then(|v| respelled(piece, v, &mut self.dice));
            if let Some(other) = other.filter(|o| Some(o) != fields.get(piece)) {
                self.fire(59);
                sent.set(piece, other);
            }
        }
        sent
    }

    /// The CRM follows the feed.
    pub fn feed(&mut self, t: usize) {
        let pages = if self.faulty() { 4 } else { usize::MAX };
        for _ in 0..pages {
            let Some(id) = self.tenants[t].table.feed.get(self.tenants[t].crm.cursor).copied() else { break };
            let lost = self.chance(60);
            if lost && self.bad != Some(Bad::LostFeed) {
                break;
            }
            if !self.fault(11, 60) {
                self.tenants[t].crm.cursor += 1;
            }
            if !lost {
                self.take_change(t, id);
            }
        }
        if !self.settled {
            self.queue(self.now + 200_000, Event::Feed(t));
        }
    }

    fn take_change(&mut self, t: usize, id: RecordId) {
        if id.object() == Object::Stock {
            return;
        }
        let old = self.bad == Some(Bad::OldOverNew);
        let loses = self.chance(15);
        let tenant = &mut self.tenants[t];
        let id = tenant.table.present(id);
        let Some(row) = tenant.table.rows.get(&id) else { return };
        let Some(fields) = row.crm().cloned() else { return };
        let is_nobodys = tenant.people.is_nobodys(id);
        let known = row.entry.as_ref().and_then(|e| e.crm_id.clone());
        let known = known.or_else(|| tenant.crm.from_feed.get(&id).filter(|_| !is_nobodys).cloned());
        let is_merged = row.entry.as_ref().is_some_and(|e| e.merged.is_some());
        let is_archived = row.entry.as_ref().is_some_and(|e| e.archived_at.is_some());
        let revision = row.revision();
        let Some(crm_id) = known else {
            let is_over = row.missing.is_some() || row.entry.as_ref().is_some_and(|e| e.crm_deleted_at.is_some());
            // One that a person took apart from its contact is left to people, mostly.
            if !is_over && (!is_nobodys || self.chance(60)) {
                self.take_new(t, id, fields);
            }
            return;
        };
        let first = || tenant.table.told.get(&id).and_then(|t| t.first()).map(|t| (t.revision, t.fields.clone()));
        let (revision, fields) = if old { first().unwrap_or((1, fields)) } else { (revision, fields) };
        let Some(record) = tenant.crm.records.get_mut(&crm_id) else { return };
        record.archived = is_archived;
        record.merged = is_merged;
        // Edits that are not acknowledged go first: their answer brings what was told.
        if !record.dirty && (revision > record.revision || old) {
            record.take(revision, fields);
            if let (true, Some((revision, fields))) = (loses, record.before.clone()) {
                // Taken, acknowledged and lost: the CRM's own table was set back.
                (record.revision, record.fields) = (revision, fields);
                self.fire(50);
            }
        }
    }

    /// New to the CRM: it makes a record of its own and says so.
    fn take_new(&mut self, t: usize, id: RecordId, fields: Fields) {
        let by = self.by();
        let tenant = &mut self.tenants[t];
        let crm_id = tenant.crm.new_id(t);
        let settings = tenant.settings_of(id.object()).clone();
        let asked = Asked { tenant: &tenant.id, settings: &settings, by };
        if let Some((revision, fields)) = put_linked(&mut tenant.table, &asked, &crm_id, id, fields) {
            tenant.crm.from_feed.insert(id, crm_id.clone());
            tenant.crm.records.insert(crm_id, CrmRecord::new(id.object(), fields, revision));
            self.hint(t, Work::Push, 0);
        }
    }

    /// The CRM compares its records with what it was told, and takes what it had lost.
    pub fn reconcile(&mut self, t: usize) {
        if self.bad == Some(Bad::OldOverNew) {
            return;
        }
        let tenant = &mut self.tenants[t];
        for (crm_id, record) in tenant.crm.records.iter_mut().filter(|(_, r)| !r.dirty) {
            let row = tenant.table.by_crm.get(crm_id).and_then(|id| tenant.table.rows.get(id));
            let Some((row, fields)) = row.and_then(|r| Some((r, r.crm()?))) else { continue };
            record.merged = row.entry.as_ref().is_some_and(|e| e.merged.is_some());
            if row.revision() > record.revision {
                let (revision, fields) = (row.revision(), fields.clone());
                record.take(revision, fields);
            }
        }
        if !self.settled {
            self.queue(self.now + 25 * 60_000, Event::Reconcile(t));
        }
    }
}

/// Whether two forms of a record are the same but for references, which have two spellings, and for what the CRM computes
/// until it is told.
pub fn equal_to(told: &Fields, has: &Fields) -> bool {
    let plain = |f: &Fields| {
        let mut out = f.clone();
        out.set("partner", Value::Null);
        let lines: Vec<String> = f.iter().map(|(k, _)| k.to_owned()).filter(|k| k.starts_with("lines/")).collect();
        for piece in lines {
            let mut line = f.get(&piece).cloned().unwrap_or_default();
            if let Some(line) = line.as_object_mut() {
                line.remove("product");
                line.remove("product_crm_id");
            }
            out.set(piece, line);
        }
        if told.get("sums").is_none() {
            out.set("sums", Value::Null);
        }
        out
    };
    plain(told) == plain(has)
}
