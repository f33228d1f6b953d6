//! Workers: the interpreter of visits, with a crash or a freeze possible between any two effects.
//!
//! Makes no choices about records. Keeps the tenant's lease and the send gate as `app` does.

use domain::{ErpId, RecordId};
use jiff::SignedDuration;
use sync::twoway::{Effect, Ended, Entry, Input, Op, Outcome, Probed, Save, Side, Visit, gate_open};

use crate::bad::Bad;
use crate::dice::Dice;
use crate::erp::{Executed, For};
use crate::table::Written;
use crate::world::{Event, World, at, ms};

/// How long a lease holds.
const LEASE: i64 = 60_000;

/// A visit under way.
#[derive(Debug)]
pub struct Job {
    tenant: usize,
    id: RecordId,
    visit: Visit,
    epoch: u64,
    effect: Effect,
    /// When the last save was answered, by a clock that never jumps.
    saved_at: i64,
}

/// A worker.
#[derive(Debug)]
pub struct Worker {
    skew: i64,
    job: Option<Job>,
    turn: usize,
}

impl Worker {
    /// A worker whose clock is wrong by up to two seconds.
    pub fn new(dice: &mut Dice) -> Self {
        let skew = i64::try_from(dice.below(4_000)).unwrap_or(0) - 2_000;
        Self { skew, job: None, turn: 0 }
    }
}

impl World {
    /// The next step of a worker.
    pub fn work(&mut self, w: usize) {
        let Some(job) = self.workers[w].job.take() else { return self.look_for_work(w) };
        self.carry_out(w, job);
    }

    fn look_for_work(&mut self, w: usize) {
        let now = self.now;
        for _ in 0..self.tenants.len() {
            self.workers[w].turn = (self.workers[w].turn + 1) % self.tenants.len();
            let t = self.workers[w].turn;
            let due = self.tenants[t].table.due(at(now));
            // The index of what is due can be stale: it names a row that is not due.
            let stale = !due.is_empty() && self.fault(41, 15);
            let first = if stale { self.tenants[t].table.rows.keys().next() } else { due.first() };
            let Some(id) = first.copied() else { continue };
            if self.tenants[t].table.until > now || self.tenants[t].no_access_until > now {
                continue;
            }
            let table = &mut self.tenants[t].table;
            table.epoch += 1;
            table.until = now + LEASE;
            let (epoch, settings) = (table.epoch, self.tenants[t].settings.clone());
            let mut visit = Visit::new(self.tenants[t].id.clone(), id, settings, self.timing());
            let effect = visit.step(Input::Begin, at(now + self.workers[w].skew));
            self.workers[w].job = Some(Job { tenant: t, id, visit, epoch, effect, saved_at: now });
            let when = now + 20;
            self.queue(when, Event::Worker(w));
            return;
        }
        self.rest(w);
    }

    /// Nothing to do: wake when something is due.
    fn rest(&mut self, w: usize) {
        let next = self
            .tenants
            .iter()
            .filter_map(|t| t.table.next_due().map(|d| ms(d).max(t.table.until).max(t.no_access_until)))
            .min();
        let when = match next {
            Some(next) => next.max(self.now + 1_000) + i64::try_from(w).unwrap_or(0),
            None if self.faulty() => self.now + 60_000,
            None => self.now + 900_000,
        };
        if next.is_some() || !self.settled && when < crate::world::FAULTS + 10 * 3_600_000 {
            self.queue(when, Event::Worker(w));
        }
    }

    fn carry_out(&mut self, w: usize, mut job: Job) {
        if self.crashes(&job) {
            self.queue(self.now + 5_000, Event::Worker(w));
            return;
        }
        if self.faulty() && self.dice.hit(15) {
            // Frozen; it wakes later and goes on as if nothing was.
            let seconds = if self.dice.hit(500) { 5 + self.dice.below(80) } else { self.dice.below(1_800) };
            if matches!(job.effect, Effect::Send { .. }) {
                self.fire(18);
            }
            self.workers[w].job = Some(job);
            self.queue(self.now + i64::try_from(seconds).unwrap_or(60) * 1_000, Event::Worker(w));
            return;
        }
        let is_save = matches!(job.effect, Effect::Save(_));
        if is_save && (self.fault(39, 15) || self.fault(40, 15)) {
            // Throttled, or another transaction was in the way: nothing was written, and it is tried again later.
            self.workers[w].job = Some(job);
            self.queue(self.now + 1_000, Event::Worker(w));
            return;
        }
        let effect = std::mem::replace(&mut job.effect, Effect::Load(job.id));
        let (answer, took) = match effect {
            Effect::Done(report) => return self.end(w, &job, report.ended, report.again.map(ms)),
            Effect::Load(id) => (Some(Input::Loaded(self.load(job.tenant, id).map(Box::new))), 5),
            Effect::Read(id) => (Some(Input::Side(self.read(job.tenant, job.id, id))), 300),
            Effect::Probe(keys) => (Some(Input::Probed(self.probe(job.tenant, job.id, &keys))), 400),
            Effect::Save(save) => (self.save(&mut job, &save), 15),
            Effect::Send { op, since } => {
                let (outcome, took) = self.send(w, &job, &op, since);
                (Some(Input::Sent(outcome)), took)
            }
        };
        self.note(took.unsigned_abs());
        let Some(input) = answer else {
            self.queue(self.now + 1_000, Event::Worker(w));
            return;
        };
        if self.crash_after(&input) {
            self.queue(self.now + took + 5_000, Event::Worker(w));
            return;
        }
        let then = self.now + took;
        // The lease is renewed while the holder lives and was not replaced.
        let table = &mut self.tenants[job.tenant].table;
        if table.epoch == job.epoch {
            table.until = table.until.max(then + LEASE);
        }
        job.effect = job.visit.step(input, at(then + self.workers[w].skew));
        self.workers[w].job = Some(job);
        self.queue(then, Event::Worker(w));
    }

    fn crashes(&mut self, job: &Job) -> bool {
        let row = match &job.effect {
            Effect::Load(_) => 4,
            Effect::Send { .. } => 5,
            Effect::Save(_) => 16,
            Effect::Read(_) => 15,
            Effect::Probe(_) | Effect::Done(_) => return false,
        };
        self.fault(row, 15)
    }

    fn crash_after(&mut self, input: &Input) -> bool {
        let row = match input {
            Input::Sent(Outcome::Done { .. }) => 8,
            Input::Sent(Outcome::Unknown) => 6,
            Input::Saved => 9,
            _ => return false,
        };
        self.fault(row, 25)
    }

    fn end(&mut self, w: usize, job: &Job, ended: Ended, again: Option<i64>) {
        let now = self.now;
        let visits = self.visits.entry(job.id).or_default();
        *visits += 1;
        let given_up = self.bad == Some(Bad::DeadLetter) && *visits > 3;
        let tenant = &mut self.tenants[job.tenant];
        if tenant.table.epoch == job.epoch {
            tenant.table.until = now;
            if let Some(entry) = tenant.table.rows.get_mut(&job.id)
                && entry.due.is_some_and(|d| ms(d) <= now)
            {
                entry.due = if given_up { None } else { again.map(at).or(entry.due) };
            }
        }
        if ended == Ended::NoAccess {
            tenant.no_access_until = now + 600_000;
        }
        self.queue(now + 10, Event::Worker(w));
    }

    fn load(&mut self, t: usize, id: RecordId) -> Option<Entry> {
        let table = &self.tenants[t].table;
        let mut entry = table.rows.get(&id)?.clone();
        let parent = entry.crm.get("partner").and_then(|p| p.get("crm_id")).and_then(|c| c.as_str()).map(str::to_owned);
        if let Some(parent) = parent {
            let linked = table.by_crm.get(&parent).and_then(|p| table.rows.get(p)).and_then(|p| p.erp_id);
            if let Some(erp_id) = linked {
                entry.crm.set("partner", serde_json::json!({ "erp_id": erp_id.to_string() }));
            }
        }
        Some(entry)
    }

    fn no_answer(&mut self) -> bool {
        self.is_out() && {
            self.fire(38);
            true
        } || self.fault(22, 30)
            || self.fault(23, 10)
    }

    fn read(&mut self, t: usize, id: RecordId, erp_id: ErpId) -> Side {
        if self.no_answer() {
            return if self.bad == Some(Bad::FailedIsGone) { Side::Absent } else { Side::Unknown };
        }
        match self.tenants[t].erp.docs.get(&erp_id).filter(|d| !d.gone && d.object == id.object()) {
            Some(doc) => Side::Present { fields: doc.fields.clone(), changed_at: None, locked: false },
            None => Side::Absent,
        }
    }

    fn probe(&mut self, t: usize, id: RecordId, keys: &[sync::twoway::Key]) -> Probed {
        let bad = self.bad;
        if self.no_answer() {
            let empty = Probed::Answered { found: Vec::new(), control: true };
            return if bad == Some(Bad::PageIsEmpty) { empty } else { Probed::CannotTell };
        }
        if self.fault(35, 20) {
            return Probed::Answered { found: Vec::new(), control: bad == Some(Bad::NoControl) };
        }
        let near = bad == Some(Bad::NearMatch) || self.fault(36, 100);
        let mut found = self.tenants[t].erp.search(keys, id.object(), self.now, near);
        if bad == Some(Bad::NearMatch) && self.dice.hit(200) {
            let ours = self.tenants[t].table.rows.get(&id).map(|e| e.crm.clone()).unwrap_or_default();
            for m in &mut found {
                m.fields = ours.clone();
            }
        }
        let is_first = self.tenants[t].table.rows.get(&id).is_some_and(|e| e.intent.is_none());
        if bad == Some(Bad::NoProbe) && is_first {
            found.clear();
        }
        Probed::Answered { found, control: true }
    }

    fn save(&mut self, job: &mut Job, save: &Save) -> Option<Input> {
        let force = self.bad == Some(Bad::NoCas);
        let table = &mut self.tenants[job.tenant].table;
        if table.epoch != job.epoch && !force {
            self.fire(75);
            return None;
        }
        let mut save = save.clone();
        if self.bad == Some(Bad::SentIsBase) && save.entry.intent.is_none() {
            save.entry.erp = save.entry.agreed.clone();
        }
        let table = &mut self.tenants[job.tenant].table;
        let written = table.save(&save, force);
        if written == Written::No {
            self.fire(65);
            return Some(Input::Moved);
        }
        if self.bad == Some(Bad::BlindRetry) && self.faulty() && self.dice.hit(15) {
            let when = self.now + 300_000;
            self.tenants[job.tenant].forced.push((when, save));
        }
        job.saved_at = self.now;
        Some(Input::Saved)
    }

    fn send(&mut self, w: usize, job: &Job, op: &Op, since: jiff::Timestamp) -> (Outcome, i64) {
        let wall = at(self.now + self.workers[w].skew);
        let elapsed = SignedDuration::from_millis(self.now - job.saved_at);
        if self.bad != Some(Bad::NoGate) && !gate_open(since, wall, elapsed, &self.timing()) {
            return (Outcome::NotSent, 1);
        }
        let mut op = op.clone();
        if let (Some(Bad::WholeRecord), Op::Update { set, .. }) = (self.bad, &mut op) {
            let crm = self.tenants[job.tenant].table.rows.get(&job.id).map(|e| e.crm.clone()).unwrap_or_default();
            let all = crm.iter().filter(|(k, _)| !k.contains('~') && *k != "partner");
            set.extend(all.map(|(k, v)| (k.to_owned(), Some(v.clone()))));
        }
        let (outcome, took) = self.call(job, &op, ms(since));
        match (self.bad, &outcome) {
            (Some(Bad::UnknownIsFailed), Outcome::Unknown) => (Outcome::NotSent, took),
            (Some(Bad::SendTwice), Outcome::Unknown) => self.call(job, &op, ms(since)),
            (Some(Bad::AnyAnswerIsDone), Outcome::Unknown) => (Outcome::Done { erp_id: ErpId::new(1) }, took),
            _ => (outcome, took),
        }
    }

    /// One call to the ERP, with everything that can happen to it.
    fn call(&mut self, job: &Job, op: &Op, since: i64) -> (Outcome, i64) {
        self.sends += 1;
        if self.is_out() || self.fault(20, 20) {
            return (Outcome::NotSent, 1_000);
        }
        if self.fault(30, 20) {
            return (Outcome::NotSent, 200);
        }
        if self.fault(28, 6) || self.fault(29, 4) {
            return (Outcome::NoAccess, 200);
        }
        if self.fault(27, 3) {
            return (Outcome::Rejected { code: "2".to_owned() }, 200);
        }
        if self.fault(21, 40) {
            // The request was lost on the way.
            return (Outcome::Unknown, 120_000);
        }
        if self.fault(33, 60) {
            let late = self.now + 41_000 + i64::try_from(self.dice.below(680_000)).unwrap_or(0);
            let by = self.made_for(job, since);
            self.tenants[job.tenant].erp.late.push((late, op.clone(), by));
            return (Outcome::Unknown, 120_000);
        }
        let outcome = self.execute(job, op, since);
        // Done, and the answer says nothing: lost, a web page, no id, an internal error.
        if self.fault(7, 60) {
            return (Outcome::Unknown, 120_000);
        }
        if self.fault(22, 10) || self.fault(24, 15) || self.fault(26, 15) {
            return (Outcome::Unknown, 2_000);
        }
        (outcome, 900)
    }

    /// Whether a worker is past its search for this row, so that it cannot see what is made now.
    pub fn is_past_search(&self, t: usize, id: RecordId) -> bool {
        let open = self.tenants[t].table.rows.get(&id).is_some_and(|e| e.intent.is_some());
        open || self.workers.iter().any(|w| w.job.as_ref().is_some_and(|j| j.tenant == t && j.id == id))
    }

    fn made_for(&self, job: &Job, since: i64) -> For {
        let crm_id = self.tenants[job.tenant].table.rows.get(&job.id).and_then(|e| e.crm_id.clone());
        For { object: job.id.object(), crm_id, since }
    }

    fn execute(&mut self, job: &Job, op: &Op, since: i64) -> Outcome {
        let lag = if self.fault(34, 200) { i64::try_from(self.dice.below(60_000)).unwrap_or(0) } else { 0 };
        let (now, by) = (self.now, self.made_for(job, since));
        let tenant = &mut self.tenants[job.tenant];
        let executed = tenant.erp.execute(op, &by, now, lag);
        match executed {
            Executed::Done(erp_id) => Outcome::Done { erp_id },
            Executed::Duplicate(found) => {
                self.fire(if found.len() == 1 { 31 } else { 32 });
                Outcome::Duplicate { found }
            }
            Executed::NotFound => Outcome::Rejected { code: "2".to_owned() },
        }
    }
}
