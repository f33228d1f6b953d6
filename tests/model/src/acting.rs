//! An action's effects on the table and the ERP, with what can go wrong between and within them.

use std::rc::Rc;

use domain::action::{Deed, DeedKind};
use domain::change::ChangeKind;
use domain::{ActionId, Object, Record, RecordId};
use jiff::{SignedDuration, Timestamp};
use sync::action::{Act, Action, Effect, Ended, FileContent, FileSeen, Input, Seen, Stage, View as Look, new_files};
use sync::breaker::FailureKind;
use sync::twoway::{Key, Outcome, Timing, gate_open};

use crate::bad::Bad;
use crate::erp::Executed;
use crate::erp::deeds::{File, sort_of};
use crate::erp::form::Snap;
use crate::sending::PATIENCE;
use crate::table::By;
use crate::worker::{Carried, Invocation};
use crate::world::{HIDDEN, World, at};

/// How many known records are looked up for one that is there.
const CONTROLS: usize = 10;

/// A visit to an action under way.
#[derive(Debug)]
pub struct ActJob {
    /// The action.
    pub id: ActionId,
    /// What is to be done next.
    pub effect: Effect,
    /// When it began.
    pub began: i64,
    /// When its last save was decided, by a clock that is never set.
    pub decided_at: i64,
    /// When it last looked at the ERP.
    looked_at: i64,
    /// It was under way when it began.
    was_sending: bool,
    act: Act,
}

impl ActJob {
    /// A visit that begins.
    pub fn new(id: ActionId, timing: Timing, began: i64, wall: Timestamp) -> Self {
        let mut act = Act::new(id, timing);
        let effect = act.step(Input::Begin, wall);
        Self { id, effect, began, decided_at: began, looked_at: began, was_sending: false, act }
    }

    /// Takes an input.
    pub fn step(&mut self, input: Input, wall: Timestamp, then: i64) {
        self.effect = self.act.step(input, wall);
        if matches!(self.effect, Effect::Save(_)) {
            self.decided_at = then;
        }
    }

    /// The row of the matrix that a crash before its next effect is.
    pub fn crash_point(&self) -> Option<usize> {
        match &self.effect {
            Effect::Save(action) => (action.is_sending() && !self.was_sending).then_some(4),
            Effect::Send { .. } => Some(5),
            _ => None,
        }
    }
}

impl World {
    /// The waits in force for an action.
    pub const fn timing_of_acts(&self) -> Timing {
        let mut timing = Timing::STANDARD;
        if let Some(Bad::ActNoSettle) = self.bad {
            timing.settle = SignedDuration::ZERO;
        }
        timing
    }

    /// Carries out the next effect of an action. `is_closed`: the breaker lets no call go.
    pub fn act_effect(&mut self, w: usize, on: &mut Invocation, job: &mut ActJob, is_closed: bool) -> Carried {
        let t = on.t;
        match std::mem::replace(&mut job.effect, Effect::Load(job.id)) {
            Effect::Done(ended) => {
                on.over |= ended == Ended::NoAccess;
                Carried::Over
            }
            Effect::Load(id) => {
                let action = self.tenants[t].table.actions.get(&id).cloned().map(|a| Box::new(self.mistaken_act(t, a)));
                job.was_sending = action.as_ref().is_some_and(|a| a.is_sending());
                let behind = action.as_ref().and_then(|a| self.behind(t, a));
                Carried::Act(Input::Loaded { action, behind }, 5)
            }
            Effect::Look(_) if is_closed => Carried::Act(Input::Looked(Seen::CannotTell), 5),
            Effect::Look(action) => {
                let (seen, took) = self.look(w, on, job, &action);
                Carried::Act(Input::Looked(seen), took)
            }
            Effect::Save(action) => self.save_act(on, job, action),
            Effect::Send { action, since } => {
                let (outcome, took) = self.send_act(w, on, job, &action, since, is_closed);
                Carried::Act(Input::Sent(outcome), took)
            }
        }
    }

    /// When to look again at what is under way on the action's document: another action, or a write of its content.
    fn behind(&self, t: usize, action: &Action) -> Option<Timestamp> {
        if action.is_sending() || action.is_over() {
            return None;
        }
        let table = &self.tenants[t].table;
        let other = |a: &&Action| a.document == action.document && a.id != action.id && a.is_sending();
        let others = table.actions.values().filter(other).filter_map(|a| a.due).max();
        let entry = table.entry(action.document).filter(|e| e.intent.is_some()).and_then(|e| e.due);
        others.max(entry)
    }

    fn look(&mut self, w: usize, on: &mut Invocation, job: &mut ActJob, action: &Action) -> (Seen, i64) {
        let (t, object, now) = (on.t, action.kind.object(), self.now);
        if let Some(took) = self.unreadable(w, on, object) {
            return (Seen::CannotTell, took);
        }
        self.note_view(t);
        let erp = &self.tenants[t].erp;
        let doc = erp.docs.get(&action.erp_id);
        let is_hidden = doc.is_some_and(|d| !d.gone && !erp.shows(action.erp_id, d, now));
        let Some(snap) = doc.filter(|d| !d.gone && !is_hidden).map(|d| Rc::clone(&d.snap)) else {
            if !self.sees_another(t, action.document) {
                return (Seen::CannotTell, 600);
            }
            if is_hidden {
                self.fire(HIDDEN);
                self.watch(t, action.id).misled = true;
            }
            return (Seen::Gone, 600);
        };
        let Record::Document(document) = snap.record() else { return (Seen::CannotTell, 300) };
        job.looked_at = now;
        let (orders, complaints, files) = (Vec::new(), Vec::new(), Vec::new());
        let mut view = Look { document: (**document).clone(), orders, complaints, files, control: true };
        if !self.look_further(t, action, &mut view) {
            return (Seen::CannotTell, 900);
        }
        (Seen::There(Box::new(view)), 600)
    }

    /// The second call of a look. Whether it says anything.
    fn look_further(&mut self, t: usize, action: &Action, view: &mut Look) -> bool {
        let now = self.now;
        match &action.deed {
            Deed::Attachment { .. } => {
                if self.fault(23, 10) {
                    return false;
                }
                let files = self.tenants[t].erp.desk.files.get(&action.erp_id);
                view.files = files.into_iter().flatten().map(seen).collect();
                let new: Vec<String> = new_files(action, view).map(|f| f.url.clone()).collect();
                for file in view.files.iter_mut().filter(|f| action.is_sending() && new.contains(&f.url)) {
                    // Its server does not answer.
                    if !self.chance(50) {
                        let files = self.tenants[t].erp.desk.files.get(&action.erp_id);
                        let held = files.into_iter().flatten().find(|f| f.url == file.url);
                        file.content = held.map_or(FileContent::Unread, |f| FileContent::Hash(f.hash.clone()));
                    }
                }
            }
            Deed::Complaint(_) => {
                // The list is falsely empty.
                if self.fault(35, 20) {
                    return true;
                }
                let all = self.tenants[t].erp.desk.complaints.iter().rev();
                view.complaints = all.filter(|c| c.found_from <= now).map(|c| c.seen.clone()).collect();
            }
            Deed::OrderFromOffer { .. } => {
                if self.fault(35, 20) {
                    view.control = self.bad == Some(Bad::NoControl);
                    return true;
                }
                let number = action.buyer_order().unwrap_or_default();
                let near = self.fault(36, 100);
                let erp = &self.tenants[t].erp;
                let found = erp.search(&[Key::BuyerOrder(number.clone())], Object::Orders, now, near);
                let docs = found.iter().filter_map(|m| erp.docs.get(&m.erp_id));
                // A search finds near matches as well.
                let has =
                    |order: &&domain::Document| order.buyer_order.as_ref().is_some_and(|own| own.as_str() == number);
                let orders =
                    docs.filter_map(|d| if let Record::Document(o) = d.snap.record() { Some(o) } else { None });
                view.orders = orders.map(|o| &**o).filter(has).cloned().collect();
            }
            Deed::Payment(_) | Deed::Status { .. } | Deed::Cancel | Deed::Ship { .. } => {}
        }
        true
    }

    /// Whether the ERP shows another record of the type that it is known to have, or we know of none.
    fn sees_another(&self, t: usize, id: RecordId) -> bool {
        let tenant = &self.tenants[t];
        let is_other = |(other, row): &(&RecordId, &crate::table::Row)| {
            **other != id && other.object() == id.object() && row.missing.is_none()
        };
        let known = tenant.table.rows.iter().filter(is_other).filter_map(|(_, r)| Some(r.snap.as_ref()?.erp_id));
        let known: Vec<_> = known.take(CONTROLS).collect();
        let shows = |id: &domain::ErpId| tenant.erp.docs.get(id).is_some_and(|d| tenant.erp.shows(*id, d, self.now));
        known.is_empty() || known.iter().any(shows)
    }

    fn watch(&mut self, t: usize, id: ActionId) -> &mut crate::deeds::Watched {
        self.tenants[t].watched.entry(id).or_default()
    }

    fn send_act(
        &mut self,
        w: usize,
        on: &mut Invocation,
        job: &ActJob,
        action: &Action,
        since: Timestamp,
        is_closed: bool,
    ) -> (Outcome, i64) {
        let elapsed = SignedDuration::from_millis(self.now - job.decided_at);
        let is_open = gate_open(since, at(self.wall(w)), elapsed, &self.timing_of_acts());
        if is_closed || self.bad != Some(Bad::NoGate) && !is_open {
            return (Outcome::NotSent, 1);
        }
        let (outcome, took) = self.call_act(w, on, job, action);
        match (self.bad, &outcome) {
            (Some(Bad::ActBlindResend), Outcome::Unknown) => (Outcome::NotSent, took),
            _ => (outcome, took),
        }
    }

    fn call_act(&mut self, w: usize, on: &mut Invocation, job: &ActJob, action: &Action) -> (Outcome, i64) {
        let t = on.t;
        self.note_send(t, job.decided_at, || action.id.to_string());
        if let Some(kept) = self.kept_from(w, on) {
            return kept;
        }
        if self.fault(27, 4) {
            return (Outcome::Rejected { code: "2".to_owned() }, 200);
        }
        if self.fault(21, 35) {
            return (self.unknown(FailureKind::Fault), PATIENCE);
        }
        if self.fault(33, 50) {
            let late = self.now + 41_000 + self.dice.ms(680_000);
            self.tenants[t].erp.desk.late.push((late, action.clone()));
            self.late_until = self.late_until.max(late);
            return (self.unknown(FailureKind::Fault), PATIENCE);
        }
        if self.fault(26, 15) {
            if self.dice.hit(500) {
                self.execute_act(t, job, action);
            }
            return (self.unknown(FailureKind::Fault), 2_000);
        }
        if self.chance(60) {
            // Between our look and the arrival of what we send.
            self.rival(t, action.id);
        }
        let outcome = self.execute_act(t, job, action);
        let lost = self.lost_answer();
        if (lost.is_some() || outcome == Outcome::Unknown) && self.chance(150) {
            self.rival(t, action.id);
        }
        lost.unwrap_or((outcome, 900))
    }

    fn execute_act(&mut self, t: usize, job: &ActJob, action: &Action) -> Outcome {
        let lag = if self.fault(34, 200) { self.dice.ms(60_000) } else { 0 };
        self.judge_act(t, job, action);
        match self.tenants[t].erp.act(action, self.now, lag) {
            Executed::Done(erp_id) => Outcome::Done { erp_id },
            Executed::Duplicate(found) => {
                self.fire(31);
                Outcome::Duplicate { found }
            }
            Executed::NotFound => Outcome::Rejected { code: "2".to_owned() },
        }
    }

    /// Sent again, it must not undo what a user had done between the first look and the last.
    fn judge_act(&mut self, t: usize, job: &ActJob, action: &Action) {
        if sort_of(&action.deed) != DeedKind::Status || !matches!(action.stage, Stage::Sending { attempt: 2.., .. }) {
            return;
        }
        let Some(first) = self.watch(t, action.id).first_look else { return };
        let erp = &self.tenants[t].erp;
        let (before, seen) = (erp.status_at(action.erp_id, first), erp.status_at(action.erp_id, job.looked_at));
        if before != seen && seen != action.deed.target() {
            self.watch(t, action.id).undid = true;
        }
    }

    fn save_act(&mut self, on: &Invocation, job: &mut ActJob, action: Box<Action>) -> Carried {
        let t = on.t;
        if self.fault(40, 12) {
            let wait = 50 + self.dice.ms(400);
            job.effect = Effect::Save(action);
            return Carried::Again(wait);
        }
        if self.tenants[t].table.epoch != on.epoch && !self.ignores_epoch(t) {
            self.lose_lease(t);
            return Carried::Failed;
        }
        if self.tenants[t].paused_since.is_some() {
            self.breach(|b| &mut b.while_paused, || "an action was written while the tenant was paused".to_owned());
        }
        let unclear = self.fault(39, 12);
        if unclear && self.dice.hit(500) {
            job.effect = Effect::Save(action);
            return Carried::Again(1_000);
        }
        let before = self.tenants[t].table.actions.get(&action.id).map(|a| a.version + 1);
        if before != Some(action.version) {
            self.fire(65);
            return Carried::Act(Input::Moved, 15);
        }
        if let Stage::Sending { since, attempt, .. } = action.stage {
            let watched = self.watch(t, action.id);
            if attempt == 1 && watched.allowed_at != Some(since) {
                watched.first_look = Some(job.looked_at);
            }
            watched.allowed += u32::from(watched.allowed_at != Some(since));
            watched.allowed_at = Some(since);
        }
        if action.is_over() {
            self.tell_of(t, job, &action);
        }
        self.tenants[t].table.actions.insert(action.id, *action);
        Carried::Act(Input::Saved, if unclear { 2_000 } else { 15 })
    }

    /// An action as a known mistake has kept it.
    fn mistaken_act(&self, t: usize, mut action: Action) -> Action {
        if self.bad == Some(Bad::ActForgets) && action.is_sending() {
            // What was there before is forgotten: whatever is there now was.
            let key =
                self.tenants[t].erp.status_at(action.erp_id, i64::MAX).and_then(|k| domain::Text::required(k).ok());
            if let Some(sync::action::Baseline::Status { key: before }) = &mut action.baseline {
                *before = key;
            }
        }
        action
    }

    /// With the last save of an action, history and feed are told, and its document becomes due.
    fn tell_of(&mut self, t: usize, job: &ActJob, action: &Action) {
        self.watch(t, action.id).told += 1;
        let by = By { at: self.now, began: job.began, bad: self.bad };
        let made = match action.stage {
            Stage::Done { made: Some(made), .. } if action.deed.kind() == DeedKind::OrderFromOffer => Some(made),
            _ => None,
        };
        let read = made.and_then(|id| {
            let erp = &self.tenants[t].erp;
            let doc = erp.docs.get(&id).filter(|d| erp.shows(id, d, self.now))?;
            Some(Rc::clone(&doc.snap))
        });
        let tenant = self.tenant_id(t);
        let order = read.map(|snap: Rc<Snap>| (RecordId::for_erp(&tenant, Object::Orders, snap.erp_id), snap));
        let is_read = !matches!(action.stage, Stage::Rejected { .. });
        let table = &mut self.tenants[t].table;
        if let Some(mut entry) = table.rows.get(&action.document).and_then(|r| r.entry(action.document)) {
            let version = entry.version;
            if is_read && entry.intent.is_none() && entry.erp_id.is_some() {
                entry.due = Some(entry.due.map_or(at(by.at), |due| due.min(at(by.at))));
            }
            entry.revision += 1;
            let mut change = sync::twoway::Change::of_erp([].into());
            change.kind = ChangeKind::Acted;
            table.write(entry, version, Some(&change), by);
        }
        if let Some((id, snap)) = order {
            table.add_read(id, snap, by);
        }
    }
}

fn seen(file: &File) -> FileSeen {
    FileSeen { url: file.url.clone(), address: file.url.clone(), content: FileContent::Unread }
}
