//! Workers: one message at a time, and a crash, a freeze or the end of the invocation possible between any two effects.
//!
//! Makes no choices about records. Keeps the tenant's lease as `app` does.

use std::collections::BTreeSet;

use domain::{ActionId, RecordId};
use sync::breaker::{Admission, Breaker};
use sync::bucket::Lane;
use sync::twoway::{Change, Input, Visit};

use crate::access::{Admitted, Answered, Keys};
use crate::acting::ActJob;
use crate::bad::Bad;
use crate::dice::Dice;
use crate::intake::Work;
use crate::running::RunJob;
use crate::table::By;
use crate::visiting::VisitJob;
use crate::world::{Event, World, at, ms};

/// How long a lease holds.
const LEASE: i64 = 60_000;
/// When an invocation takes nothing new any more, and when it is ended.
const BUDGET: i64 = 600_000;
const TIMEOUT: i64 = 900_000;
/// The longest delay of a message.
const LONGEST_DELAY: i64 = 900_000;

/// A worker.
#[derive(Debug)]
pub struct Worker {
    skew: i64,
    is_skewed: bool,
    /// Keys in its memory, by tenant.
    pub keys: Keys,
    on: Option<Box<Invocation>>,
}

/// What a worker goes through for one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Runs,
    Acts,
    Guard,
    Visits,
}

/// One message being worked on.
#[derive(Debug)]
pub struct Invocation {
    /// The tenant.
    pub t: usize,
    /// What there is to do.
    pub work: Work,
    /// The epoch of its lease.
    pub epoch: u64,
    /// The company does not let us in: nothing more is tried.
    pub over: bool,
    /// Somebody else has the tenant by now.
    is_fenced: bool,
    /// Calls that it made after its tenant had been paused.
    pub late_calls: u32,
    message: u64,
    began: i64,
    /// When it is ended.
    pub ends: i64,
    stage: Stage,
    visited: BTreeSet<RecordId>,
    acted: BTreeSet<ActionId>,
    /// What it is in the middle of.
    pub job: Option<Job>,
    ended: Option<(Option<String>, i64, i64, Answered)>,
    untold: Option<(RecordId, Change)>,
}

/// What a worker is in the middle of.
#[derive(Debug)]
pub enum Job {
    /// A visit to a record.
    Visit(Box<VisitJob>),
    /// A visit to an action.
    Act(Box<ActJob>),
    /// A run.
    Run(Box<RunJob>),
}

/// What became of an effect.
#[derive(Debug)]
pub enum Carried {
    /// The visit is told this, after so long.
    Visit(Input, i64),
    /// The action is told this, after so long.
    Act(sync::action::Input, i64),
    /// The run is told this, after so long.
    Run(sync::Input, i64),
    /// The job is over.
    Over,
    /// The job cannot go on; the message comes again.
    Failed,
    /// The same effect once more, after so long.
    Again(i64),
}

impl Worker {
    /// A worker whose clock is wrong by up to two seconds, or, when `is_skewed`, so much that two differ by up to five
    /// minutes.
    pub fn new(is_skewed: bool, dice: &mut Dice) -> Self {
        let half = if is_skewed { 150_000 } else { 2_000 };
        Self { skew: dice.ms(2 * half) - half, is_skewed, keys: Keys::new(), on: None }
    }

    /// Sets its clock right.
    pub const fn set_right(&mut self) {
        (self.skew, self.is_skewed) = (0, false);
    }

    /// Its clock is set, when it is one of those that are far off.
    pub fn set_clock(&mut self, skew: i64) -> bool {
        if self.is_skewed {
            self.skew = skew;
        }
        self.is_skewed
    }

    /// It is gone.
    pub fn die(&mut self) {
        self.on = None;
    }

    /// Whether it can take a message.
    pub const fn is_idle(&self) -> bool {
        self.on.is_none()
    }

    /// Whether it works on the tenant.
    pub fn is_on(&self, t: usize) -> bool {
        self.on.as_ref().is_some_and(|i| i.t == t)
    }

    /// Whether it visits this record of the tenant.
    pub fn is_visiting(&self, t: usize, id: RecordId) -> bool {
        let job = self.on.as_ref().filter(|i| i.t == t).and_then(|i| i.job.as_ref());
        matches!(job, Some(Job::Visit(v)) if v.id == id)
    }

    /// Whether its clock may be far off.
    pub const fn is_skewed(&self) -> bool {
        self.is_skewed
    }

    /// How far its clock is off.
    pub const fn skew(&self) -> i64 {
        self.skew
    }
}

impl World {
    /// The time of a worker's own clock.
    pub fn wall(&self, w: usize) -> i64 {
        self.now + self.workers[w].skew
    }

    /// A worker takes a message.
    pub fn begin(&mut self, w: usize, t: usize, message: u64, work: Work) {
        let (now, wall) = (self.now, self.wall(w));
        let tenant = &self.tenants[t];
        if tenant.paused_since.is_some() {
            self.messages.remove(&message);
            return;
        }
        if !self.has_work(t, work, wall) {
            self.messages.remove(&message);
            return;
        }
        let busy = tenant.table.until.max(tenant.no_access_until + wall - now);
        if busy > wall {
            // Another worker has the tenant, or the company does not let us in: later.
            self.queue(now + (busy - wall).clamp(1_000, 600_000), Event::Deliver(message));
            return;
        }
        if let Some(later) = self.stays_away(t, wall) {
            self.queue(now + later, Event::Deliver(message));
            return;
        }
        let table = &mut self.tenants[t].table;
        table.epoch += 1;
        table.until = wall + LEASE;
        let ends = now + if self.chance(15) { self.dice.ms(30_000) } else { TIMEOUT };
        let epoch = self.tenants[t].table.epoch;
        let (stage, visited) = (Stage::Runs, BTreeSet::new());
        let on = Invocation {
            t,
            work,
            epoch,
            over: false,
            is_fenced: false,
            late_calls: 0,
            message,
            began: now,
            ends,
            stage,
            visited,
            acted: BTreeSet::new(),
            job: None,
            ended: None,
            untold: None,
        };
        self.workers[w].on = Some(Box::new(on));
        self.queue(now + 30, Event::Worker(w));
    }

    /// How long nothing is tried for the tenant, because the ERP does not answer, or has only just begun to.
    fn stays_away(&self, t: usize, wall: i64) -> Option<i64> {
        let now = at(wall);
        if let (Breaker::Open { .. } | Breaker::HalfOpen { .. }, Admission::Refuse { until }) =
            (&self.breaker.0, self.breaker.0.admit("", now))
        {
            return Some((ms(until) - wall).clamp(1_000, 600_000));
        }
        let ramp = self.breaker.0.ramp(now);
        let place = u32::try_from((t * 37 + 3) % 100).unwrap_or(0);
        (ramp > 0 && place >= ramp).then_some(60_000)
    }

    fn has_work(&self, t: usize, work: Work, wall: i64) -> bool {
        let tenant = &self.tenants[t];
        let table = &tenant.table;
        let has_visits = table.next_due().is_some_and(|d| ms(d) <= wall) || !tenant.to_visit.is_empty();
        let has_acts = table.due_actions().any(|(d, _)| ms(d) <= wall);
        has_visits || has_acts || self.has_run(t, work, wall) || self.has_deletions(t)
    }

    /// The next step of a worker.
    pub fn work(&mut self, w: usize) {
        let Some(mut on) = self.workers[w].on.take() else { return };
        if let Some((id, change)) = on.untold.take() {
            let by = By { at: self.now, began: self.now, bad: None };
            self.tenants[on.t].table.tell(id, &change, by);
        }
        self.tell_breaker(w, &mut on);
        match on.job.take() {
            None => self.next_job(w, on),
            Some(job) => self.advance(w, on, job),
        }
    }

    fn tell_breaker(&mut self, w: usize, on: &mut Invocation) {
        if let Some((who, began, ended, answered)) = on.ended.take() {
            self.told(ended + self.workers[w].skew, who.as_deref(), (began, ended), answered);
        }
    }

    fn next_job(&mut self, w: usize, mut on: Box<Invocation>) {
        let now = self.now;
        if on.is_fenced {
            return self.fail(w, &on);
        }
        if on.over {
            return self.finish(w, &on);
        }
        if now - on.began > BUDGET {
            // The slice is over: the message is sent again.
            self.hint(on.t, on.work, 0);
            return self.finish(w, &on);
        }
        loop {
            match on.stage {
                Stage::Runs => match self.next_run(w, on.t, on.work) {
                    Some(job) => {
                        // One that was left unfinished goes on first; of those that are due, one is made.
                        if job.is_new() {
                            on.stage = Stage::Acts;
                        }
                        on.job = Some(Job::Run(Box::new(job)));
                        return self.go_on(w, on, now + 10);
                    }
                    None => on.stage = Stage::Acts,
                },
                Stage::Acts => match self.next_act(w, &mut on) {
                    Some(id) => {
                        let job = ActJob::new(id, self.timing_of_acts(), now, at(self.wall(w)));
                        on.job = Some(Job::Act(Box::new(job)));
                        return self.go_on(w, on, now + 5);
                    }
                    None => on.stage = Stage::Guard,
                },
                Stage::Guard => {
                    self.release_deletions(on.t);
                    on.stage = Stage::Visits;
                }
                Stage::Visits => {
                    let Some(id) = self.next_visit(w, &mut on) else { break };
                    let settings = self.settings_for(on.t, id.object());
                    let tenant = self.tenant_id(on.t);
                    let visit = Visit::new(tenant, id, settings, self.timing(on.t, id));
                    let began = self.now;
                    on.job = Some(Job::Visit(Box::new(VisitJob::new(id, visit, began, at(self.wall(w))))));
                    return self.go_on(w, on, now + 5);
                }
            }
        }
        // A message for the time when the next record is due. It may come late or never: the schedule looks as well.
        let wall = self.wall(w);
        let table = &self.tenants[on.t].table;
        let next = table.due_actions().map(|(due, _)| due).chain(table.next_due()).min();
        let next = next.map(|d| ms(d) - wall).filter(|d| *d < LONGEST_DELAY);
        if let Some(next) = next {
            self.hint(on.t, Work::Push, next.max(1_000));
        }
        self.finish(w, &on);
    }

    fn next_act(&mut self, w: usize, on: &mut Invocation) -> Option<ActionId> {
        let wall = self.wall(w);
        let is_due = |(due, id): &(_, ActionId)| ms(*due) <= wall && !on.acted.contains(id);
        let (_, id) = self.tenants[on.t].table.due_actions().filter(is_due).min()?;
        on.acted.insert(id);
        Some(id)
    }

    fn next_visit(&mut self, w: usize, on: &mut Invocation) -> Option<RecordId> {
        let wall = self.wall(w);
        let asked = self.tenants[on.t].to_visit.iter().find(|id| !on.visited.contains(*id)).copied();
        // The index of what is due can be stale: it names a row that is not due.
        let is_stale = self.tenants[on.t].table.next_due().is_some() && self.fault(41, 15);
        let table = &self.tenants[on.t].table;
        let first = table.rows.iter().find(|(_, r)| r.entry.is_some()).map(|(id, _)| *id);
        let due = || table.due(at(wall)).find(|id| !on.visited.contains(id));
        let id = asked.or_else(|| first.filter(|id| is_stale && !on.visited.contains(id))).or_else(due)?;
        on.visited.insert(id);
        Some(id)
    }

    /// The worker's next step.
    pub fn go_on(&mut self, w: usize, on: Box<Invocation>, when: i64) {
        self.workers[w].on = Some(on);
        self.queue_step(when, w);
    }

    /// The message is done with, and the lease given back.
    fn finish(&mut self, w: usize, on: &Invocation) {
        self.messages.remove(&on.message);
        self.let_go(on);
        self.workers[w].on = None;
    }

    /// The message comes again, and the lease is given back.
    fn fail(&mut self, w: usize, on: &Invocation) {
        let again = self.now + 60_000;
        self.queue(again, Event::Deliver(on.message));
        self.let_go(on);
        self.workers[w].on = None;
    }

    fn let_go(&mut self, on: &Invocation) {
        let table = &mut self.tenants[on.t].table;
        if table.epoch == on.epoch {
            table.until = i64::MIN / 2;
        }
    }

    fn advance(&mut self, w: usize, mut on: Box<Invocation>, mut job: Job) {
        if self.chance(12) {
            return self.freeze(w, on, job);
        }
        self.meddle(on.t, &job);
        if self.crashes_before(&job) {
            return self.die(w);
        }
        let mut name = None;
        let mut is_closed = false;
        if let Some(lane) = lane(&job) {
            match self.admit(w, on.t, lane) {
                Admitted::Go(who) => name = who,
                Admitted::Later(until) => {
                    on.job = Some(job);
                    return self.go_on(w, on, until);
                }
                Admitted::Closed(_) => is_closed = true,
            }
            if !is_closed {
                self.note_call(&mut on);
            }
        }
        let began = self.now;
        let calls = lane(&job).is_some() && !is_closed;
        self.answered = Ok(());
        let carried = match &mut job {
            Job::Visit(visit) => self.visit_effect(w, &mut on, visit, is_closed),
            Job::Act(act) => self.act_effect(w, &mut on, act, is_closed),
            Job::Run(run) => self.run_effect(w, &mut on, run, is_closed),
        };
        let took = match &carried {
            Carried::Visit(_, took) | Carried::Act(_, took) | Carried::Run(_, took) | Carried::Again(took) => *took,
            Carried::Over | Carried::Failed => 10,
        };
        let then = began + took;
        // The breaker hears of it when the answer is there; of one that nobody lived to see it hears nothing.
        on.ended = calls.then_some((name, began, then, self.answered));
        if calls {
            self.measure_call(on.t, began, then);
        }
        self.note(took.unsigned_abs());
        if then > on.ends {
            // In the middle of it: what the ERP did is done, and nobody hears of it.
            self.fire(16);
            return self.die(w);
        }
        if self.crashes_after(&carried, &job) {
            return self.die(w);
        }
        self.take_up(w, on, job, carried, then);
    }

    fn take_up(&mut self, w: usize, mut on: Box<Invocation>, mut job: Job, carried: Carried, then: i64) {
        let wall = at(then + self.workers[w].skew);
        match carried {
            Carried::Over => return self.go_on(w, on, then),
            Carried::Failed => return self.fail(w, &on),
            Carried::Again(_) => {
                on.job = Some(job);
                return self.go_on(w, on, then);
            }
            Carried::Visit(..) | Carried::Act(..) | Carried::Run(..) => {}
        }
        if !self.keeps_lease(w, &on, then) {
            on.is_fenced = true;
            return self.go_on(w, on, then);
        }
        match (&mut job, carried) {
            (Job::Visit(visit), Carried::Visit(input, _)) => {
                if let (Input::Saved, Some(Bad::TellAfter)) = (&input, self.bad) {
                    on.untold = visit.untold.take();
                }
                visit.step(input, wall, then);
            }
            (Job::Act(act), Carried::Act(input, _)) => act.step(input, wall, then),
            (Job::Run(run), Carried::Run(input, _)) => {
                if then - on.began > BUDGET {
                    run.checkpoint();
                } else {
                    run.step(input, wall);
                }
            }
            _ => {}
        }
        on.job = Some(job);
        self.go_on(w, on, then);
    }

    /// Renews the lease, unless somebody else has the tenant by now.
    fn keeps_lease(&mut self, w: usize, on: &Invocation, then: i64) -> bool {
        let until = then + self.workers[w].skew + LEASE;
        let forced = self.ignores_epoch(on.t);
        let table = &mut self.tenants[on.t].table;
        if table.epoch != on.epoch {
            if !forced {
                self.lose_lease(on.t);
            }
            return forced;
        }
        table.until = table.until.max(until);
        true
    }

    /// Whether a known mistake lets a worker go on without its lease.
    pub fn ignores_epoch(&self, t: usize) -> bool {
        let paused = self.tenants[t].paused_since.is_some();
        self.bad == Some(Bad::NoCas) || paused && self.bad == Some(Bad::IgnoresPause)
    }

    /// A worker finds that its lease is gone.
    pub fn lose_lease(&mut self, t: usize) {
        let row = if self.tenants[t].paused_since.is_some() { 77 } else { 75 };
        self.fire(row);
    }
}

/// The lane of the call that a job is about to make, if it is one.
fn lane(job: &Job) -> Option<Lane> {
    use sync::twoway::Effect;
    match job {
        Job::Visit(visit) => match visit.effect {
            Effect::Read(_) | Effect::Probe(_) => Some(Lane::Search),
            Effect::Send { .. } => Some(Lane::Write),
            _ => None,
        },
        Job::Act(act) => match act.effect {
            sync::action::Effect::Look(_) => Some(Lane::Search),
            sync::action::Effect::Send { .. } => Some(Lane::Write),
            _ => None,
        },
        Job::Run(run) => matches!(run.effect, sync::Effect::Read(_)).then_some(Lane::Search),
    }
}
