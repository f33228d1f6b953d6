//! What users of the CRM do to contacts as people: two that are one, a pair that is taken apart, a pair that is joined again.
//!
//! A request can be lost, doubled, frozen between its reading and its writing, and lose its answer; then the CRM sends it
//! again. What was really done, and what everybody had then, is kept for the oracles.

use std::collections::BTreeSet;

use domain::{ErpId, Fields, Object, RecordId};
use serde_json::{Value, json};

use crate::api::Answer;
use crate::arrange::{Ask, Plan, plan};
use crate::crm::CrmRecord;
use crate::dice::Dice;
use crate::intake::Work;
use crate::table::{By, Written};
use crate::tenant::Tenant;
use crate::world::{Event, FAULTS, World};

/// How long the CRM waits before it sends a request again.
const PATIENCE: i64 = 45_000;
/// How long a user waits for what the CRM has not saved yet.
const SAVING: i64 = 20_000;
const MINUTE: i64 = 60_000;

/// A request of a user.
#[derive(Clone, Debug)]
pub struct Asked {
    ask: Ask,
    tries: u32,
    /// What it was answered under its key, and whether the CRM heard it.
    answer: Option<bool>,
    heard: bool,
    /// What it decided, and when, while it is not written.
    plan: Option<(i64, Plan)>,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Arranged {
    /// When.
    pub at: i64,
    /// What was asked for.
    pub ask: Ask,
    /// What each contact had, by the CRM's id; of a merge first the one that goes.
    pub had: Vec<(String, Fields)>,
    /// The partners of those contacts, and what they had.
    pub partners: Vec<(ErpId, Fields)>,
    /// The one that stays got the partner of the other.
    pub moves: bool,
    /// The contacts that were taken apart then.
    pub apart: Vec<(String, ErpId)>,
    /// It was taken back.
    pub is_undone: bool,
}

/// A contact that a person took apart from its partner.
#[derive(Clone, Debug)]
pub struct Apart {
    /// The contact.
    pub crm_id: String,
    /// Its former partner.
    pub erp_id: ErpId,
    /// What it had.
    pub fields: Fields,
    /// Since when.
    pub from: i64,
    /// Until when; and what it had then.
    pub to: Option<(i64, Fields)>,
}

/// The people of one tenant.
#[derive(Debug, Default)]
pub struct People {
    asks: Vec<Asked>,
    /// What was done, in order.
    pub log: Vec<Arranged>,
    /// Who is or was taken apart.
    pub apart: Vec<Apart>,
    /// Partners that were taken apart from their contacts, and not linked again by a person.
    pub nobodys: BTreeSet<RecordId>,
}

impl People {
    /// Whether a person took the partner apart from its contact.
    pub fn is_nobodys(&self, id: RecordId) -> bool {
        self.nobodys.contains(&id)
    }

    /// Whether a person took the contact apart, and nobody joined it again.
    pub fn is_apart(&self, crm_id: &str) -> bool {
        self.apart.iter().any(|a| a.crm_id == crm_id && a.to.is_none())
    }
}

impl Tenant {
    /// Notes that the API took what the CRM's users had changed.
    pub fn note_taken(&mut self, crm_id: &str, answer: &Answer, now: i64) {
        if matches!(answer, Answer::Taken(..)) {
            let untaken = |e: &&mut crate::crm::Edited| e.crm_id == crm_id && e.taken_at.is_none();
            self.crm_edits.iter_mut().filter(untaken).for_each(|e| e.taken_at = Some(now));
        }
    }

    /// The ERP's id of the partner that a contact is linked with.
    fn partner_of(&self, crm_id: &str) -> Option<ErpId> {
        self.table.entry(*self.table.by_crm.get(crm_id)?)?.erp_id
    }

    /// Contacts that a user can do something with.
    fn contacts(&self, of: impl Fn(&str, &CrmRecord) -> bool) -> Vec<String> {
        let is_there = |r: &CrmRecord| r.object == Object::Contacts && !r.deleted && !r.archived;
        let records = self.crm.records.iter().filter(|(id, r)| is_there(r) && of(id, r));
        records.map(|(id, _)| id.clone()).collect()
    }
}

impl World {
    /// The CRM reads a record. What its users changed since the last answer stays, to be sent again.
    pub fn read_anew(&mut self, t: usize, crm_id: &str) {
        let tenant = &mut self.tenants[t];
        let Some(row) = tenant.table.by_crm.get(crm_id).and_then(|id| tenant.table.rows.get(id)) else { return };
        let (Some(entry), Some(record)) = (&row.entry, tenant.crm.records.get_mut(crm_id)) else { return };
        let mut fields = entry.crm.clone();
        record.merged = entry.merged.is_some();
        if record.merged {
            (record.dirty, record.touched) = (false, BTreeSet::new());
        }
        for piece in &record.touched {
            fields.put(piece, record.fields.get(piece));
        }
        record.take(entry.revision, fields);
    }

    /// A user of the CRM arranges contacts.
    pub fn arrange(&mut self, t: usize) {
        let Some(ask) = self.some_ask(t) else { return };
        let when = self.now + 1_000 + self.dice.ms(5_000);
        if self.dice.hit(500) {
            // Others are at it as well.
            for crm_id in ask.contacts() {
                let when = when + self.dice.ms(4 * MINUTE) - 2_000;
                self.queue(when, Event::Touch(t, crm_id.clone(), None));
                if let Some(partner) = self.tenants[t].partner_of(crm_id).filter(|_| self.dice.hit(400)) {
                    let when = when + self.dice.ms(MINUTE);
                    self.queue(when, Event::Touch(t, crm_id.clone(), Some(partner)));
                }
            }
        }
        self.ask_at(t, when, ask);
    }

    /// A user will ask for it then.
    fn ask_at(&mut self, t: usize, when: i64, ask: Ask) {
        let asks = &mut self.tenants[t].people.asks;
        asks.push(Asked { ask, tries: 0, answer: None, heard: false, plan: None });
        let n = asks.len() - 1;
        self.queue(when, Event::Ask(t, n));
    }

    fn some_ask(&mut self, t: usize) -> Option<Ask> {
        let choice = self.dice.below(100);
        let tenant = &self.tenants[t];
        let merged = tenant.contacts(|_, r| r.merged);
        let apart = tenant.contacts(|id, r| !r.merged && tenant.people.is_apart(id));
        let linked = tenant.contacts(|id, r| !r.merged && tenant.partner_of(id).is_some());
        match choice {
            0..15 if !merged.is_empty() => Some(Ask::Unmerge { gone: self.dice.pick(&merged)? }),
            15..35 if !apart.is_empty() => {
                let crm_id = self.dice.pick(&apart)?;
                self.joined_again(t, &crm_id)
            }
            0..50 if !linked.is_empty() => Some(Ask::Unlink { crm_id: self.dice.pick(&linked)?, revision: 0 }),
            _ => self.some_merge(t),
        }
    }

    /// Two contacts that are one: mostly one that somebody has just entered a second time.
    fn some_merge(&mut self, t: usize) -> Option<Ask> {
        let contacts = self.tenants[t].contacts(|_, r| !r.merged);
        let one = self.dice.pick(&contacts)?;
        let others: Vec<String> = contacts.into_iter().filter(|id| *id != one).collect();
        let is_new = others.is_empty() || self.dice.hit(750);
        let other = if is_new { self.enter_again(t, &one) } else { self.dice.pick(&others)? };
        let (gone, into) = if self.dice.hit(500) { (one, other) } else { (other, one) };
        Some(Ask::Merge { gone, into, revision: 0 })
    }

    /// Somebody enters a contact a second time: with the tax number of its partner, one of its own or none.
    fn enter_again(&mut self, t: usize, crm_id: &str) -> String {
        let (n, now) = (self.next_value(), self.now);
        let tenant = &mut self.tenants[t];
        let partner = tenant.partner_of(crm_id).and_then(|id| tenant.erp.docs.get(&id));
        let tax = partner.filter(|d| d.found_from < now).and_then(|d| d.fields().get("tax").cloned());
        let again = tenant.crm.make_again(t, n, tax, &mut self.dice);
        self.queue(now + 500, Event::Push(t));
        again
    }

    /// The partner that a contact was taken apart from, or none, to be searched for.
    fn joined_again(&mut self, t: usize, crm_id: &str) -> Option<Ask> {
        let crm_id = crm_id.to_owned();
        if self.dice.hit(200) {
            return Some(Ask::LetGo { crm_id });
        }
        let people = &self.tenants[t].people;
        let own = people.apart.iter().rev().find(|a| a.crm_id == crm_id).map(|a| a.erp_id);
        let any: Vec<ErpId> = people.apart.iter().map(|a| a.erp_id).collect();
        let erp_id = if self.dice.hit(850) { own? } else { self.dice.pick(&any)? };
        Some(Ask::Link { crm_id, erp_id })
    }

    /// A user of either side changes a contact that people arrange.
    pub fn touch(&mut self, t: usize, crm_id: &str, partner: Option<ErpId>) {
        let piece = if self.dice.hit(500) { "name" } else { "registration_number" };
        if let Some(partner) = partner {
            return self.erp_user_edits(t, partner, piece);
        }
        let n = self.next_value();
        let tenant = &mut self.tenants[t];
        if tenant.crm.records.get(crm_id).is_some_and(|r| !r.merged && !r.deleted) {
            let edited = tenant.crm.edit_piece(t, n, crm_id, piece);
            tenant.crm_edits.extend(edited);
            let when = self.now + self.dice.ms(5_000);
            self.queue(when, Event::Push(t));
        }
    }

    /// The CRM sends a request, for the first time or again.
    pub fn ask(&mut self, t: usize, n: usize) {
        let faulty = self.faulty();
        let tenant = &mut self.tenants[t];
        let Some(asked) = tenant.people.asks.get_mut(n).filter(|a| !a.heard && a.plan.is_none()) else { return };
        asked.tries += 1;
        let is_shown = |id: &&String| tenant.crm.records.get(*id).is_some_and(|r| r.revision > 0 && !r.dirty);
        if let Ask::Merge { revision: 0, .. } | Ask::Unlink { revision: 0, .. } = asked.ask {
            if !faulty || asked.tries > 15 {
                asked.heard = true;
                return;
            }
            if !asked.ask.contacts().iter().all(is_shown) {
                // What is not saved yet cannot be arranged.
                return self.queue(self.now + SAVING, Event::Ask(t, n));
            }
        }
        if let Ask::Merge { gone: one, revision, .. } | Ask::Unlink { crm_id: one, revision } = &mut asked.ask
            && *revision == 0
        {
            *revision = tenant.crm.records.get(one).map_or(0, |r| r.revision);
        }
        if self.chance(80) {
            return self.queue(self.now + PATIENCE, Event::Ask(t, n));
        }
        if self.chance(80) {
            let again = self.now + self.dice.ms(20_000);
            self.queue(again, Event::Ask(t, n));
        }
        self.receive_ask(t, n);
    }

    /// The API reads the rows and decides.
    fn receive_ask(&mut self, t: usize, n: usize) {
        let by = By { at: self.now, began: self.now, bad: self.bad };
        let tenant = &mut self.tenants[t];
        let asked = &tenant.people.asks[n];
        if let Some(answer) = asked.answer {
            return self.answer_ask(t, n, answer);
        }
        let settings = tenant.settings_of(Object::Contacts);
        match plan(&tenant.table, &tenant.id, settings, &asked.ask, by) {
            Err(_) => self.answer_ask(t, n, false),
            Ok(None) => self.answer_ask(t, n, true),
            Ok(Some(plan)) => {
                tenant.people.asks[n].plan = Some((by.at, plan));
                if self.chance(300) {
                    let long = self.dice.hit(200);
                    let when = self.now + self.dice.ms(if long { MINUTE } else { 3_000 });
                    return self.queue(when, Event::Arranged(t, n));
                }
                self.write_ask(t, n);
            }
        }
    }

    /// The API writes what it decided, or looks again.
    pub fn write_ask(&mut self, t: usize, n: usize) {
        let tenant = &mut self.tenants[t];
        let Some((began, plan)) = tenant.people.asks[n].plan.take() else { return };
        let by = By { at: self.now, began, bad: self.bad };
        if tenant.table.arrange(plan.clone(), by) == Written::No {
            self.fire(65);
            return self.receive_ask(t, n);
        }
        self.hint(t, Work::Push, 0);
        self.note_arranged(t, n, &plan);
        self.answer_ask(t, n, true);
    }

    fn answer_ask(&mut self, t: usize, n: usize, answer: bool) {
        // It can die before it has kept its answer under the request's key.
        if !self.chance(40) {
            self.tenants[t].people.asks[n].answer = Some(answer);
        }
        if self.chance(80) {
            return self.queue(self.now + PATIENCE, Event::Ask(t, n));
        }
        let asked = &mut self.tenants[t].people.asks[n];
        let was_heard = std::mem::replace(&mut asked.heard, true);
        let ask = asked.ask.clone();
        if !answer {
            self.refused_asks += u64::from(!was_heard);
            return;
        }
        for crm_id in ask.contacts() {
            // The answer says what both have.
            if self.tenants[t].crm.records.get(crm_id).is_some_and(|r| !r.dirty) {
                self.read_anew(t, crm_id);
            }
        }
    }

    /// Notes what was done, and what people will do next.
    fn note_arranged(&mut self, t: usize, n: usize, plan: &Plan) {
        let now = self.now;
        let tenant = &mut self.tenants[t];
        let ask = tenant.people.asks[n].ask.clone();
        self.arranged[ask.kind()] += 1;
        let is_had = |id: &str| plan.had.iter().any(|(had, _)| had == id);
        let mut apart = Vec::new();
        for window in tenant.people.apart.iter_mut().filter(|a| a.to.is_none() && is_had(&a.crm_id)) {
            let had = plan.had.iter().find(|(id, _)| *id == window.crm_id);
            window.to = had.map(|(_, fields)| (now, fields.clone()));
            apart.push((window.crm_id.clone(), window.erp_id));
        }
        let docs = &tenant.erp.docs;
        let partners = plan.partners.iter().filter_map(|id| Some((*id, docs.get(id)?.fields().clone()))).collect();
        let done = Arranged {
            at: now,
            ask: ask.clone(),
            had: plan.had.clone(),
            partners,
            moves: plan.moves,
            apart,
            is_undone: false,
        };
        let soon = self.dice.hit(400);
        let follow = now + self.dice.ms(if soon { MINUTE / 2 } else { 20 * MINUTE });
        match &ask {
            Ask::Merge { gone, .. } => {
                self.note_merge(t, &done);
                if self.dice.hit(500) && follow < FAULTS - MINUTE {
                    self.ask_at(t, follow, Ask::Unmerge { gone: gone.clone() });
                }
            }
            Ask::Unmerge { gone } => self.note_unmerge(t, gone),
            Ask::Unlink { crm_id, .. } => {
                self.note_unlink(t, &done, crm_id);
                if follow < FAULTS - MINUTE
                    && self.dice.hit(700)
                    && let Some(ask) = self.joined_again(t, crm_id)
                {
                    self.ask_at(t, follow, ask);
                }
            }
            Ask::Link { erp_id, .. } => {
                let id = RecordId::for_erp(&tenant.id, Object::Contacts, *erp_id);
                tenant.people.nobodys.remove(&id);
                // The partner gets the contact's tax number, which its former partner has as well.
                let theirs = done.partners.iter().find(|(id, _)| id == erp_id).and_then(|(_, f)| f.get("tax"));
                tenant.raced += u64::from(done.had.first().is_some_and(|(_, f)| f.get("tax") != theirs));
            }
            Ask::LetGo { .. } => {}
        }
        self.tenants[t].people.log.push(done);
    }

    fn note_merge(&mut self, t: usize, done: &Arranged) {
        let people = &mut self.tenants[t].people;
        let [(_, gone), (staying, own)] = done.had.as_slice() else { return };
        let both = || gone.iter().filter(|(k, _)| own.get(k).is_none()).chain(own.iter());
        let fields: Fields = both().map(|(k, v)| (k.to_owned(), v.clone())).collect();
        let still = done.apart.iter().find(|(id, _)| id == staying && !done.moves);
        people.apart.extend(still.map(|(crm_id, erp_id)| Apart {
            crm_id: crm_id.clone(),
            erp_id: *erp_id,
            fields,
            from: done.at,
            to: None,
        }));
        // One that was taken apart leaves a partner that has the tax number which another one gets now.
        self.tenants[t].raced += u64::from(gone.get("tax") != own.get("tax"));
    }

    /// Both are as they were before the merge, and nothing that was entered since is lost.
    fn note_unmerge(&mut self, t: usize, gone: &str) {
        let now = self.now;
        let tenant = &mut self.tenants[t];
        let is_it = |d: &&mut Arranged| matches!(&d.ask, Ask::Merge { gone: g, .. } if g == gone) && !d.is_undone;
        let Some(merge) = tenant.people.log.iter_mut().rev().find(is_it) else { return };
        merge.is_undone = true;
        let merge = merge.clone();
        for (crm_id, fields) in &merge.had {
            let row = tenant.table.by_crm.get(crm_id).and_then(|id| tenant.table.entry(*id));
            let is_as_it_was = row.is_some_and(|e| e.crm == *fields);
            let line = || format!("{crm_id} had {fields:?} before the merge that was taken back, and has {row:?}");
            self.found.hit(|b| &mut b.lost, u64::from(!is_as_it_was), line);
        }
        for (crm_id, erp_id) in merge.apart {
            let fields = merge.had.iter().find(|(id, _)| *id == crm_id).map(|(_, f)| f.clone()).unwrap_or_default();
            tenant.people.apart.push(Apart { crm_id, erp_id, fields, from: now, to: None });
        }
    }

    fn note_unlink(&mut self, t: usize, done: &Arranged, crm_id: &str) {
        let tenant = &mut self.tenants[t];
        let (Some((_, fields)), Some((erp_id, _))) = (done.had.first(), done.partners.first()) else { return };
        let (fields, erp_id, from) = (fields.clone(), *erp_id, done.at);
        tenant.people.nobodys.insert(RecordId::for_erp(&tenant.id, Object::Contacts, erp_id));
        tenant.people.apart.push(Apart { crm_id: crm_id.to_owned(), erp_id, fields, from, to: None });
        // Both sides go their own ways meanwhile.
        for partner in [None, Some(erp_id)] {
            if self.dice.hit(600) {
                let when = done.at + self.dice.ms(10 * MINUTE);
                self.queue(when.min(FAULTS - 1), Event::Touch(t, crm_id.to_owned(), partner));
            }
        }
    }
}

impl crate::crm::Crm {
    /// A user of the CRM enters a contact that is there already.
    fn make_again(&mut self, tenant: usize, n: u64, tax: Option<Value>, dice: &mut Dice) -> String {
        let mut fields = Fields::from_iter([("name", json!(format!("t{tenant} \u{17d} {n}")))]);
        let own = json!({ "tax_number": format!("SI{}", 10_000_000 + n) });
        match dice.below(3) {
            0 => fields.set("tax", tax.unwrap_or(own)),
            1 => fields.set("tax", own),
            _ => {}
        }
        if dice.hit(600) {
            fields.set("registration_number", json!(format!("t{tenant} {n}")));
        }
        let crm_id = self.new_id(tenant);
        self.records.insert(crm_id.clone(), CrmRecord::new(Object::Contacts, fields, 0));
        crm_id
    }
}
