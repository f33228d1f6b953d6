//! One visit to a record: look at both sides, decide, write at most one thing to the ERP, and confirm it.
//!
//! Decides each next effect. Whatever was under way before is judged by its
//! intent, never repeated. A visit that stops anywhere leaves a row from which
//! the next visit goes on. Must not decide whether deletions are believed.

use std::collections::BTreeMap;

use domain::change::ChangeKind;
use domain::fields::field_of;
use domain::{Delete, Direction, DocumentKind, ErpId, Fields, Marker, Object, ObjectSettings, RecordId, TenantId};
use jiff::Timestamp;
use serde_json::Value;

use super::confirm::{agree, confirm, doubt, name_new_entries, to_add};
use super::effect::{Effect, Ended, Input, Match, Probed, Report, Side};
use super::entry::{Candidate, Change, Entry, HoldReason, Save, Winner};
use super::intent::{Intent, Op, Outcome, Timing, marker_of, search_keys};
use super::judge::{Doubt, Verdict, judge, judge_sent};
use super::merge::{Times, absorb, pending};
use super::removal::told;

mod joining;

#[derive(Debug)]
enum Stage {
    Idle,
    Row,
    /// The ERP's record of a row without an intent.
    Present,
    /// The partner that a person chose.
    Chosen {
        erp_id: ErpId,
    },
    /// A search before the first send.
    Before,
    /// A search after the answer's time was up.
    After,
    /// What a create, an update or a deletion left.
    ReadBack {
        erp_id: ErpId,
    },
    /// The row of the ERP record that a record of the CRM is to be joined with.
    Target {
        found: Box<Match>,
        how: Joins,
        by: Option<Candidate>,
    },
    /// A save, and how the visit ends after it.
    Saving(Ended),
    /// The save that allows a send.
    Allowing,
    Sending,
}

/// Why a record of the CRM and one of the ERP are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joins {
    /// It was there before we sent anything, or is none that we sent.
    Before,
    /// A search found it after an answer was lost.
    Found,
    /// The ERP answered with its id.
    Answered,
}

/// One visit.
#[derive(Debug)]
pub struct Visit {
    tenant: TenantId,
    id: RecordId,
    settings: ObjectSettings,
    timing: Timing,
    stage: Stage,
    entry: Option<Box<Entry>>,
}

impl Visit {
    /// A visit to a record, under settings that stay the same for its whole length.
    pub const fn new(tenant: TenantId, id: RecordId, settings: ObjectSettings, timing: Timing) -> Self {
        Self { tenant, id, settings, timing, stage: Stage::Idle, entry: None }
    }

    /// Takes an input and says what is to be done next. Inputs that the visit does not wait for end it.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Effect {
        let stage = std::mem::replace(&mut self.stage, Stage::Idle);
        match (stage, input) {
            (Stage::Idle, Input::Begin) => {
                self.stage = Stage::Row;
                Effect::Load(self.id)
            }
            (Stage::Row, Input::Loaded(entry)) => self.begin(entry, now),
            (Stage::Present, Input::Side(side)) => self.compare(side, now),
            (Stage::Chosen { erp_id }, Input::Side(side)) => self.join_chosen(erp_id, side, now),
            (Stage::Before, Input::Probed(answer)) => self.before_first_send(answer, now),
            (Stage::After, Input::Probed(answer)) => self.after_settling(answer, now),
            (Stage::ReadBack { erp_id }, Input::Side(side)) => self.read_back(erp_id, side, now),
            (Stage::Target { found, how, by }, Input::Loaded(target)) => self.join(&found, how, by, target, now),
            (Stage::Saving(ended), Input::Saved) => done(ended),
            (Stage::Allowing, Input::Saved) => self.send(),
            (Stage::Sending, Input::Sent(outcome)) => self.sent(outcome, now),
            _ => done(Ended::Moved),
        }
    }

    fn begin(&mut self, entry: Option<Box<Entry>>, now: Timestamp) -> Effect {
        let Some(entry) = entry else { return done(Ended::Same) };
        let (intent, erp_id) = (entry.intent.clone(), entry.erp_id);
        let (is_held, is_archived) = (entry.hold.is_some() || entry.merged.is_some(), entry.archived_at.is_some());
        let waits_for_guard = entry.crm_deleted_at.is_some() && !entry.released;
        let (keys, chosen) = (search_keys(&entry), entry.chosen);
        let is_deleted_unlinked = entry.crm_deleted_at.is_some() && erp_id.is_none();
        self.entry = Some(entry);
        if let Some(intent) = intent {
            return self.follow_up(&intent, now);
        }
        if is_held || is_archived {
            return self.rest(None, Ended::Parked);
        }
        if is_deleted_unlinked {
            // Never made: there is nothing to delete.
            return self.rest(None, Ended::Deleted);
        }
        if waits_for_guard {
            // The guard makes it due again when it lets it pass.
            return self.rest(None, Ended::Waits);
        }
        match (erp_id, chosen) {
            (Some(erp_id), _) => {
                self.stage = Stage::Present;
                Effect::Read(erp_id)
            }
            (None, Some(erp_id)) => {
                self.stage = Stage::Chosen { erp_id };
                Effect::Read(erp_id)
            }
            _ if self.settings.direction == Direction::ToCrm => self.park(HoldReason::OneWay, now),
            _ if self.waits_for_another() => self.wait(now),
            _ => {
                self.stage = Stage::Before;
                Effect::Probe(keys)
            }
        }
    }

    /// Whether the record names another one of the CRM that the ERP does not have yet.
    fn waits_for_another(&self) -> bool {
        self.entry.as_ref().is_some_and(|e| e.crm.iter().any(|(piece, value)| is_unresolved(piece, value)))
    }

    /// A write is under way: what became of it?
    fn follow_up(&mut self, intent: &Intent, now: Timestamp) -> Effect {
        if let Some(erp_id) = intent.done {
            self.stage = Stage::ReadBack { erp_id };
            return Effect::Read(erp_id);
        }
        let settled = intent.settled_at(&self.timing);
        if now < settled {
            return Effect::Done(Report { ended: Ended::Waits, again: Some(settled) });
        }
        match &intent.op {
            Op::Create { .. } => {
                self.stage = Stage::After;
                Effect::Probe(self.entry.as_deref().map(search_keys).unwrap_or_default())
            }
            Op::Update { erp_id, .. } | Op::Delete { erp_id } => {
                self.stage = Stage::ReadBack { erp_id: *erp_id };
                Effect::Read(*erp_id)
            }
        }
    }

    /// Both sides of a linked record are known: take, write, or rest.
    fn compare(&mut self, side: Side, now: Timestamp) -> Effect {
        let Some(mut entry) = self.entry.take() else { return done(Ended::Moved) };
        let before = entry.version;
        let deleting = entry.crm_deleted_at.is_some();
        let Side::Present { fields, changed_at, locked } = side else {
            let gone = side == Side::Absent;
            self.entry = Some(entry);
            return match (gone, deleting) {
                (true, true) => self.rest(None, Ended::Deleted),
                (true, false) if self.has_pending() => self.park(HoldReason::GoneInErp, now),
                // That it is gone is for the sweep to prove.
                (true, false) => self.rest(None, Ended::Same),
                (false, _) => self.wait(now),
            };
        };
        if deleting {
            let edited = entry.in_crm_names(&fields) != entry.erp;
            self.entry = Some(entry);
            return self.delete(edited, locked, now);
        }
        let times = Times { crm: entry.crm_edited_at, erp: changed_at };
        // Looked for just before they are added: what is there by now is not added again.
        let new = to_add(&entry);
        agree(&mut entry, &new, &fields);
        let change = absorb(&mut entry, &fields, &self.settings, times);
        let set = self.to_write(&entry);
        if set.is_empty() {
            let is_same = change.is_none() && entry.due.is_none();
            self.entry = Some(entry);
            if is_same {
                return done(Ended::Same);
            }
            let ended = if change.is_some() { Ended::Taken } else { Ended::Same };
            return self.rest(change, ended);
        }
        if set.iter().any(|(piece, value)| value.as_ref().is_some_and(|v| is_unresolved(piece, v))) {
            let ended = Stage::Saving(Ended::Waits);
            entry.due = now.saturating_add(self.timing.retry).ok();
            return self.save(entry.saved_after(before, change), ended);
        }
        if locked {
            entry.park(HoldReason::NotInApi, now);
            return self.save(entry.saved_after(before, change), Stage::Saving(Ended::Parked));
        }
        let Some(erp_id) = entry.erp_id else { return done(Ended::Moved) };
        self.allow(entry, Op::Update { erp_id, set }, change, now)
    }

    fn delete(&mut self, edited: bool, locked: bool, now: Timestamp) -> Effect {
        if edited {
            return self.park(HoldReason::EditAgainstDelete, now);
        }
        if locked || self.deletion() == Delete::Never {
            return self.park(HoldReason::NotInApi, now);
        }
        let Some(mut entry) = self.entry.take() else { return done(Ended::Moved) };
        let Some(erp_id) = entry.erp_id else { return done(Ended::Moved) };
        let to_crm = self.settings.direction == Direction::ToCrm;
        if self.id.object() == Object::Contacts || to_crm || !self.settings.deletes_in_erp {
            // The ERP cannot delete a partner, and other records only when the tenant wants it: the two are taken apart.
            let before = entry.version;
            entry.due = None;
            entry.crm_id = None;
            let change = told(Winner::Crm, ChangeKind::Deleted);
            return self.save(entry.saved_after(before, Some(change)), Stage::Saving(Ended::Deleted));
        }
        if self.deletion() == Delete::NotInApi {
            return self.park_with(entry, HoldReason::NotInApi, now);
        }
        self.allow(entry, Op::Delete { erp_id }, None, now)
    }

    /// Whether the ERP deletes such a record.
    fn deletion(&self) -> Delete {
        let object = self.id.object();
        let said = self.entry.as_deref().and_then(|e| e.crm.kind(object));
        let kind = said.or_else(|| DocumentKind::of(object).next());
        kind.map_or(Delete::Document, |kind| kind.entry().delete)
    }

    /// The pieces to set, by the ERP's names.
    fn to_write(&self, entry: &Entry) -> BTreeMap<String, Option<Value>> {
        if self.settings.direction == Direction::ToCrm {
            return BTreeMap::new();
        }
        pending(entry).into_iter().map(|p| (entry.erp_name(&p).to_owned(), entry.crm.get(&p).cloned())).collect()
    }

    fn has_pending(&self) -> bool {
        self.entry.as_ref().is_some_and(|e| !pending(e).is_empty())
    }

    fn before_first_send(&mut self, answer: Probed, now: Timestamp) -> Effect {
        let Probed::Answered { found, control } = answer else { return self.wait(now) };
        let Some(entry) = self.entry.take() else { return done(Ended::Moved) };
        let floor = self.floor(&entry, &found);
        match judge(&entry.crm, self.id, found, &entry.rejected) {
            Verdict::Nothing if !control => {
                // A search that does not find what is there proves nothing.
                self.entry = Some(entry);
                self.wait(now)
            }
            Verdict::Nothing => {
                let op = Op::Create { fields: entry.crm.clone(), marker: marker_of(self.id, &entry.crm) };
                self.allow_intent(entry, Intent { floor, ..Intent::first(op, now) }, None)
            }
            Verdict::One(found, by) => self.load_target(entry, found, Joins::Before, by),
            Verdict::Doubtful(doubt) => self.ask(entry, doubt, now),
        }
    }

    fn after_settling(&mut self, answer: Probed, now: Timestamp) -> Effect {
        let Probed::Answered { found, control } = answer else { return self.wait(now) };
        let Some(mut entry) = self.entry.take() else { return done(Ended::Moved) };
        let Some(mut intent) = entry.intent.clone() else { return done(Ended::Moved) };
        let Op::Create { fields, .. } = &intent.op else { return done(Ended::Moved) };
        match judge_sent(fields, self.id, found.clone(), &entry.rejected) {
            Verdict::One(found, by) => return self.load_target(entry, found, Joins::Found, by),
            Verdict::Doubtful(doubt) => return self.ask(entry, doubt, now),
            Verdict::Nothing => {}
        }
        if !control {
            // A search that does not find what is there proves nothing.
            self.entry = Some(entry);
            return self.wait(now);
        }
        intent.absent += 1;
        let before = entry.version;
        if intent.absent < self.timing.probes {
            entry.intent = Some(intent);
            entry.due = now.saturating_add(self.timing.between_probes).ok();
            return self.save(entry.saved_after(before, None), Stage::Saving(Ended::Waits));
        }
        if intent.attempt >= self.timing.attempts {
            entry.intent = None;
            return self.park_with(entry, HoldReason::GivenUp, now);
        }
        // Proven absent: what the CRM has by now is sent, under the same marker. A contact that it made another one of
        // may be there as that one.
        if self.id.object() == Object::Contacts {
            match judge(&entry.crm, self.id, found, &entry.rejected) {
                Verdict::One(found, by) => {
                    entry.intent = None;
                    return self.load_target(entry, found, Joins::Before, by);
                }
                Verdict::Doubtful(doubt) => return self.ask(entry, doubt, now),
                Verdict::Nothing => {}
            }
        }
        let attempt = intent.attempt + 1;
        let Op::Create { marker, .. } = intent.op else { return done(Ended::Moved) };
        let op = Op::Create { fields: entry.crm.clone(), marker };
        entry.intent = Some(Intent { attempt, floor: intent.floor, ..Intent::first(op, now) });
        entry.due = entry.intent.as_ref().map(|i| i.settled_at(&self.timing));
        let save = entry.clone().saved_after(before, None);
        self.entry = Some(entry);
        self.save(save, Stage::Allowing)
    }

    /// The newest of the records that a walk down from the newest brought, where what is made is found by such a walk.
    fn floor(&self, entry: &Entry, found: &[Match]) -> Option<ErpId> {
        let kind = entry.crm.kind(self.id.object()).filter(|kind| kind.entry().marker == Marker::TagOfNewest);
        kind.map(|_| found.iter().map(|one| one.erp_id).max().unwrap_or(ErpId::new(0)))
    }

    /// Writes the intent; the send follows when it is written.
    fn allow(&mut self, entry: Box<Entry>, op: Op, change: Option<Change>, now: Timestamp) -> Effect {
        self.allow_intent(entry, Intent::first(op, now), change)
    }

    fn allow_intent(&mut self, mut entry: Box<Entry>, intent: Intent, change: Option<Change>) -> Effect {
        let before = entry.version;
        entry.due = Some(intent.settled_at(&self.timing));
        entry.intent = Some(intent);
        entry.hold = None;
        let save = entry.clone().saved_after(before, change);
        self.entry = Some(entry);
        self.save(save, Stage::Allowing)
    }

    fn send(&mut self) -> Effect {
        let Some(intent) = self.entry.as_ref().and_then(|e| e.intent.clone()) else { return done(Ended::Moved) };
        self.stage = Stage::Sending;
        Effect::Send { op: intent.op, since: intent.since }
    }

    fn sent(&mut self, outcome: Outcome, now: Timestamp) -> Effect {
        match outcome {
            Outcome::Done { erp_id } => {
                self.stage = Stage::ReadBack { erp_id };
                if let Some(intent) = self.entry.as_mut().and_then(|e| e.intent.as_mut()) {
                    intent.done = Some(erp_id);
                }
                Effect::Read(erp_id)
            }
            Outcome::Duplicate { found } => match found.as_slice() {
                [erp_id] => {
                    self.stage = Stage::ReadBack { erp_id: *erp_id };
                    Effect::Read(*erp_id)
                }
                _ => self.park(HoldReason::Ambiguous { found }, now),
            },
            Outcome::Rejected { code } => {
                if let Some(entry) = &mut self.entry {
                    entry.intent = None;
                }
                self.park(HoldReason::Rejected { code }, now)
            }
            // The row says when the answer's time is up.
            Outcome::Unknown => done(Ended::Waits),
            Outcome::NotSent | Outcome::NoAccess => {
                let ended = if outcome == Outcome::NoAccess { Ended::NoAccess } else { Ended::Waits };
                let Some(mut entry) = self.entry.take() else { return done(Ended::Moved) };
                let before = entry.version;
                // An earlier sending of the same intent may still be open: only the first is taken back whole.
                entry.intent = entry.intent.filter(|i| i.attempt > 1);
                if entry.intent.is_none() {
                    entry.due = now.saturating_add(self.timing.retry).ok();
                }
                self.save(entry.saved_after(before, None), Stage::Saving(ended))
            }
        }
    }

    fn read_back(&mut self, erp_id: ErpId, side: Side, now: Timestamp) -> Effect {
        let Some(mut entry) = self.entry.take() else { return done(Ended::Moved) };
        let Some(intent) = entry.intent.clone() else { return done(Ended::Moved) };
        let before = entry.version;
        match (&intent.op, side) {
            (_, Side::Unknown) => {
                entry.due = now.saturating_add(self.timing.retry).ok();
                self.save(entry.saved_after(before, None), Stage::Saving(Ended::Waits))
            }
            (Op::Create { .. }, Side::Present { fields, .. }) if intent.done.is_some() => {
                self.load_target(entry, Match { erp_id, fields }, Joins::Answered, None)
            }
            // The ERP says that it has such a record: ours, or somebody's own.
            (Op::Create { fields: ours, .. }, Side::Present { fields, .. }) => {
                match judge(ours, self.id, vec![Match { erp_id, fields }], &entry.rejected) {
                    Verdict::One(found, by) => self.load_target(entry, found, Joins::Found, by),
                    Verdict::Doubtful(doubt) => self.ask(entry, doubt, now),
                    Verdict::Nothing => self.park_with(entry, HoldReason::Different { erp_id }, now),
                }
            }
            // It was made, and somebody deleted it before we read it.
            (Op::Create { .. } | Op::Update { .. }, Side::Absent) => {
                entry.intent = None;
                self.park_with(entry, HoldReason::GoneInErp, now)
            }
            (Op::Delete { .. }, Side::Absent) => {
                entry.intent = None;
                if entry.crm_deleted_at.is_none() {
                    // It was taken back meanwhile: it is made anew.
                    entry.erp_id = None;
                    entry.due = Some(now);
                    let change = told(Winner::Crm, ChangeKind::Restored);
                    return self.save(entry.saved_after(before, Some(change)), Stage::Saving(Ended::Waits));
                }
                self.entry = Some(entry);
                self.rest(None, Ended::Deleted)
            }
            (Op::Delete { .. }, Side::Present { .. }) => {
                // Not executed: begin again from what is there.
                entry.intent = None;
                entry.due = Some(now);
                self.save(entry.saved_after(before, None), Stage::Saving(Ended::Waits))
            }
            (Op::Update { set, .. }, Side::Present { fields, changed_at, .. }) => {
                self.confirm_update(entry, set, &fields, changed_at, intent.done.is_some(), now)
            }
        }
    }

    fn confirm_update(
        &mut self,
        mut entry: Box<Entry>,
        written: &BTreeMap<String, Option<Value>>,
        back: &Fields,
        changed_at: Option<Timestamp>,
        is_done: bool,
        now: Timestamp,
    ) -> Effect {
        let before = entry.version;
        let sent: BTreeMap<String, Option<Value>> =
            written.iter().map(|(k, v)| (entry.aliases.get(k).unwrap_or(k).clone(), v.clone())).collect();
        entry.intent = None;
        let times = Times { crm: entry.crm_edited_at, erp: changed_at };
        name_new_entries(&mut entry, &sent, back, false);
        let named = entry.in_crm_names(back);
        let took = is_done || sent.iter().all(|(k, v)| named.get(k) != entry.erp.get(k) || v.as_ref() == named.get(k));
        let change = if took {
            confirm(&mut entry, &sent, back, &self.settings, times)
        } else {
            agree(&mut entry, &sent, back);
            doubt(&mut entry, &sent, back);
            absorb(&mut entry, back, &self.settings, times)
        };
        let left = !pending(&entry).is_empty() || entry.crm_deleted_at.is_some();
        entry.due = left.then_some(now);
        self.save(entry.saved_after(before, change), Stage::Saving(Ended::Written))
    }

    fn save(&mut self, save: Save, then: Stage) -> Effect {
        if let Some(entry) = &mut self.entry {
            entry.version = save.entry.version;
        }
        self.stage = then;
        Effect::Save(Box::new(save))
    }

    /// Nothing is left to do: the row rests.
    fn rest(&mut self, change: Option<Change>, ended: Ended) -> Effect {
        let Some(mut entry) = self.entry.take() else { return done(Ended::Moved) };
        let before = entry.version;
        if change.is_none() && entry.due.is_none() && ended != Ended::Deleted {
            return done(ended);
        }
        entry.due = None;
        let mut change = change;
        if ended == Ended::Deleted && entry.erp_id.take().is_some() {
            change.get_or_insert(told(Winner::Crm, ChangeKind::Deleted));
        }
        self.save(entry.saved_after(before, change), Stage::Saving(ended))
    }

    fn park(&mut self, reason: HoldReason, now: Timestamp) -> Effect {
        match self.entry.take() {
            Some(entry) => self.park_with(entry, reason, now),
            None => done(Ended::Moved),
        }
    }

    fn park_with(&mut self, entry: Box<Entry>, reason: HoldReason, now: Timestamp) -> Effect {
        self.hold(entry, reason, Vec::new(), now)
    }

    /// A person is asked which one it is.
    fn ask(&mut self, entry: Box<Entry>, doubt: Doubt, now: Timestamp) -> Effect {
        let reason = doubt.reason();
        self.hold(entry, reason, doubt.candidates, now)
    }

    fn hold(
        &mut self,
        mut entry: Box<Entry>,
        reason: HoldReason,
        candidates: Vec<Candidate>,
        now: Timestamp,
    ) -> Effect {
        let before = entry.version;
        entry.park(reason, now);
        if let Some(hold) = &mut entry.hold {
            hold.candidates = candidates;
        }
        entry.intent = None;
        self.save(entry.saved_after(before, None), Stage::Saving(Ended::Parked))
    }

    /// The ERP does not say, or another record comes first: look again later. The row says when, so that it stands in no
    /// other one's way.
    fn wait(&mut self, now: Timestamp) -> Effect {
        let again = now.saturating_add(self.timing.retry).ok();
        let Some(mut entry) = self.entry.take() else { return done(Ended::Waits) };
        let before = entry.version;
        entry.due = again;
        self.save(entry.saved_after(before, None), Stage::Saving(Ended::Waits))
    }
}

/// Whether a piece names a record by the CRM's id of it. The interpreter puts the ERP's id in its place as soon as there is one.
fn is_unresolved(piece: &str, value: &Value) -> bool {
    match field_of(piece) {
        "partner" | "receiver" => value.get("crm_id").is_some(),
        "lines" => value.get("product_crm_id").is_some(),
        _ => false,
    }
}

const fn done(ended: Ended) -> Effect {
    Effect::Done(Report { ended, again: None })
}
