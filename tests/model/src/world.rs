//! One schedule: two tenants, their CRM and ERP, the workers, and every fault, in virtual time on one thread.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use domain::{ActionId, DeedKind, ErpId, RecordId};
use jiff::Timestamp;
use sync::breaker::Breaker;
use sync::bucket::Bucket;
use sync::twoway::Timing;

use crate::access::Answered;
use crate::arrange::KINDS;
use crate::bad::Bad;
use crate::dice::Dice;
use crate::fleet::Measured;
use crate::intake::{Message, Webhook};
use crate::oracle::{Breaches, Found};
use crate::tenant::Tenant;
use crate::worker::Worker;

/// How long faults last, in milliseconds.
pub const FAULTS: i64 = 90 * 60_000;
/// How many numbers fault rows have.
pub const ROWS: usize = 86;
/// An answer of another company to a list or a lookup: a fault beyond the matrix.
pub const ASTRAY: usize = 84;
/// An answer without what a lost right hides: a fault beyond the matrix.
pub const HIDDEN: usize = 85;
const MINUTE: i64 = 60_000;

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A worker takes its next step.
    Worker(usize),
    /// A message is there to be received.
    Deliver(u64),
    /// The schedule's minute.
    Tick,
    /// A webhook arrives.
    Webhook(Webhook),
    /// A user of the CRM does something.
    CrmUser(usize),
    /// The CRM pushes what is not acknowledged.
    Push(usize),
    /// The CRM follows the feed.
    Feed(usize),
    /// The CRM compares what it has with what it was told.
    Reconcile(usize),
    /// A user of the ERP does something.
    ErpUser(usize),
    /// Somebody deletes every product in the CRM.
    Clear(usize),
    /// Somebody changes the settings.
    Settings(usize),
    /// Somebody pauses the tenant.
    Pause(usize),
    /// Somebody resumes it.
    Resume(usize),
    /// The ERP's key is changed.
    Rotate(usize),
    /// The new key is kept.
    KeepKey(usize),
    /// A person is to be erased.
    Erase(usize, String),
    /// Fifty callers at once.
    Crowd(usize),
    /// A user of the CRM has something done to a document.
    Deed(usize),
    /// A user of the ERP does the same sort of thing to the document of an action.
    Rival(usize, ActionId),
    /// A user of the CRM arranges contacts.
    Arrange(usize),
    /// The CRM sends a request that arranges contacts.
    Ask(usize, usize),
    /// What such a request decided is written.
    Arranged(usize, usize),
    /// A user changes a contact that people arrange, or its partner.
    Touch(usize, String, Option<ErpId>),
}

/// One schedule.
pub struct World {
    /// The two tenants.
    pub tenants: Vec<Tenant>,
    /// The workers.
    pub workers: Vec<Worker>,
    /// Chance.
    pub dice: Dice,
    /// The known mistake that is tried, if any.
    pub bad: Option<Bad>,
    /// Now, in milliseconds.
    pub now: i64,
    /// How often each fault row fired.
    pub fired: [u64; ROWS],
    /// The ERP cannot be reached from, to.
    pub outage: (i64, i64),
    /// The secrets cannot be read from, to.
    pub no_secrets: (i64, i64),
    /// The breaker of the host and the version of its row.
    pub breaker: (Breaker, u64),
    /// Probes of a breaker that is not closed: from, to, and whether they failed.
    pub probes: Vec<(i64, i64, bool)>,
    /// Messages that were not acknowledged.
    pub messages: BTreeMap<u64, Message>,
    /// How many messages were sent.
    pub queued_messages: u64,
    /// How many runs began.
    pub runs: u64,
    /// How the call that is being made was answered.
    pub answered: Answered,
    /// The last minute that the schedule looked at.
    pub last_tick: i64,
    /// Writes to the ERP that were sent.
    pub sends: u64,
    /// How often each kind of deed was asked for.
    pub deeds: [u64; DeedKind::ALL.len()],
    /// How often contacts were arranged, by kind.
    pub arranged: [u64; KINDS.len()],
    /// How often that was refused.
    pub refused_asks: u64,
    /// A hash of all that happened.
    pub trace: u64,
    /// What went wrong.
    pub found: Found,
    /// The users have gone home: only rounds are made.
    pub settled: bool,
    /// The bucket of the host, where there is one, and the version of its row.
    pub host: Option<(Bucket, u64)>,
    /// What is measured of a fleet.
    pub fleet: Option<Measured>,
    /// Until when writes come late.
    pub late_until: i64,
    step: Option<(i64, usize)>,
    events: BinaryHeap<Reverse<(i64, u64, Event)>>,
    queued: u64,
    counter: u64,
}

/// A point in the model's time.
pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap_or(Timestamp::MAX)
}

/// The model's time of a point.
pub fn ms(t: Timestamp) -> i64 {
    t.as_millisecond() - 1_700_000_000_000
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64, bad: Option<Bad>) -> Self {
        let mut world = Self::empty(seed, bad, 2, 3);
        world.plan();
        world
    }

    /// A world in which nothing happens yet.
    pub fn empty(seed: u64, bad: Option<Bad>, tenants: usize, workers: usize) -> Self {
        let mut dice = Dice::new(seed);
        let mut tenants: Vec<Tenant> = (0..tenants).map(|n| Tenant::new(n, &mut dice)).collect();
        for tenant in &mut tenants {
            tenant.table.loses_aliases = bad == Some(Bad::AliasLost);
            tenant.erp.appends_lines = bad == Some(Bad::TransferAppends);
        }
        let is_skewed = dice.hit(100);
        let workers = (0..workers).map(|_| Worker::new(is_skewed, &mut dice)).collect();
        let start = 5 * MINUTE + dice.ms(60 * MINUTE);
        let outage = match dice.below(1000) {
            0..15 => (20 * MINUTE, 20 * MINUTE + 6 * 60 * MINUTE),
            15..115 => (start, start + MINUTE + dice.ms(12 * MINUTE)),
            _ => (0, 0),
        };
        let no_secrets = if dice.hit(60) { (start, start + dice.ms(25 * MINUTE)) } else { (0, 0) };
        Self {
            tenants,
            workers,
            dice,
            bad,
            now: 0,
            fired: [0; ROWS],
            outage,
            no_secrets,
            breaker: (Breaker::default(), 0),
            probes: Vec::new(),
            messages: BTreeMap::new(),
            queued_messages: 0,
            runs: 0,
            answered: Ok(()),
            last_tick: 0,
            sends: 0,
            deeds: [0; DeedKind::ALL.len()],
            arranged: [0; KINDS.len()],
            refused_asks: 0,
            trace: seed,
            found: Found::default(),
            settled: false,
            host: None,
            fleet: None,
            late_until: 0,
            step: None,
            events: BinaryHeap::new(),
            queued: 0,
            counter: 100,
        }
    }

    fn plan(&mut self) {
        for t in 0..self.tenants.len() {
            for _ in 0..3 + self.dice.below(4) {
                let when = self.dice.ms(60 * MINUTE);
                self.queue(when, Event::CrmUser(t));
                let when = self.dice.ms(80 * MINUTE);
                self.queue(when, Event::ErpUser(t));
            }
            for _ in 0..self.dice.below(3) {
                let when = 15 * MINUTE + self.dice.ms(70 * MINUTE);
                self.queue(when, Event::Deed(t));
            }
            if self.dice.hit(250) {
                for _ in 0..=self.dice.below(3) {
                    let when = 8 * MINUTE + self.dice.ms(70 * MINUTE);
                    self.queue(when, Event::Arrange(t));
                }
            }
            if self.dice.hit(120) {
                self.tenants[t].open_warehouse(t);
            }
            self.queue(MINUTE, Event::Feed(t));
            self.queue(FAULTS / 2, Event::Reconcile(t));
            self.plan_operators(t);
        }
        self.queue(MINUTE, Event::Tick);
    }

    fn plan_operators(&mut self, t: usize) {
        let when = 10 * MINUTE + self.dice.ms(60 * MINUTE);
        if self.dice.hit(150) {
            self.queue(when, Event::Settings(t));
        }
        if self.dice.hit(60) {
            self.queue(when, Event::Pause(t));
        }
        if self.dice.hit(50) {
            self.queue(when, Event::Rotate(t));
        }
        if self.dice.hit(30) {
            self.queue(when, Event::Crowd(t));
        }
        if self.dice.hit(40) {
            // Long enough for two sweeps an hour apart, now and then.
            let long = self.dice.hit(300);
            let to = if long { FAULTS + 45 * MINUTE } else { when + MINUTE + self.dice.ms(15 * MINUTE) };
            self.tenants[t].erp.astray = (when, to);
        }
    }

    /// When faults and outages are over.
    pub fn calm_from(&self) -> i64 {
        let astray = self.tenants.iter().map(|t| t.erp.astray.1).max().unwrap_or(0);
        FAULTS.max(self.outage.1).max(astray)
    }

    /// Whether faults still happen.
    pub const fn faulty(&self) -> bool {
        self.now < FAULTS && self.fleet.is_none()
    }

    /// Whether the ERP cannot be reached.
    pub const fn is_out(&self) -> bool {
        self.now >= self.outage.0 && self.now < self.outage.1
    }

    /// A fault of `per_mille`, counted under its row; never after faults have stopped.
    pub fn fault(&mut self, row: usize, per_mille: u64) -> bool {
        let hit = self.faulty() && self.dice.hit(per_mille);
        if hit {
            self.fire(row);
        }
        hit
    }

    /// A chance of `per_mille` that is not counted by itself; never after faults have stopped.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.faulty() && self.dice.hit(per_mille)
    }

    /// Counts a fault row.
    pub fn fire(&mut self, row: usize) {
        self.fired[row] += 1;
        self.note(row as u64);
    }

    /// Notes a breach.
    pub fn breach(&mut self, of: fn(&mut Breaches) -> &mut u64, line: impl FnOnce() -> String) {
        self.found.hit(of, 1, line);
    }

    /// Adds to the trace.
    pub fn note(&mut self, what: u64) {
        self.trace = (self.trace ^ what ^ self.now.unsigned_abs()).wrapping_mul(0x0100_0000_01b3).rotate_left(17);
    }

    /// Lets something happen later.
    pub fn queue(&mut self, when: i64, event: Event) {
        self.queued += 1;
        self.events.push(Reverse((when.max(self.now), self.queued, event)));
    }

    /// Another number than any before, for values.
    pub fn next_value(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Lets everything happen until then.
    pub fn run_until(&mut self, end: i64) {
        loop {
            let first = self.events.peek().map_or(i64::MAX, |Reverse((when, ..))| *when);
            let event = match self.step.take() {
                // What comes next need not go through the queue.
                Some((when, w)) if when < first && when <= end => {
                    self.now = self.now.max(when);
                    Event::Worker(w)
                }
                later => {
                    if let Some((when, w)) = later {
                        self.queue(when, Event::Worker(w));
                    }
                    match self.events.peek() {
                        Some(Reverse((when, ..))) if *when <= end => {}
                        _ => break,
                    }
                    let Some(Reverse((when, _, event))) = self.events.pop() else { break };
                    self.now = self.now.max(when);
                    event
                }
            };
            if self.late_until > 0 {
                self.catch_up();
            }
            self.happen(event);
        }
        self.now = self.now.max(end);
    }

    /// What is late happens.
    fn catch_up(&mut self) {
        for tenant in &mut self.tenants {
            tenant.catch_up(self.now);
        }
        if self.now > self.late_until {
            self.late_until = 0;
        }
    }

    /// A worker's next step. The last one that is said waits beside the queue.
    pub fn queue_step(&mut self, when: i64, w: usize) {
        if let Some((other, v)) = self.step.replace((when.max(self.now), w)) {
            self.queue(other, Event::Worker(v));
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Worker(w) => self.work(w),
            Event::Deliver(id) => self.deliver(id),
            Event::Tick => self.tick(),
            Event::Webhook(webhook) => self.receive(&webhook),
            Event::CrmUser(t) => self.crm_user(t),
            Event::Push(t) => self.push(t),
            Event::Feed(t) => self.feed(t),
            Event::Reconcile(t) => self.reconcile(t),
            Event::ErpUser(t) => self.erp_user(t),
            Event::Clear(t) => self.clear(t),
            Event::Settings(t) => self.change_settings(t),
            Event::Pause(t) => self.pause(t),
            Event::Resume(t) => self.resume(t),
            Event::Rotate(t) => self.rotate(t),
            Event::KeepKey(t) => self.tenants[t].key_kept = self.tenants[t].erp.key,
            Event::Erase(t, crm_id) => self.erase(t, &crm_id),
            Event::Crowd(t) => self.crowd(t),
            Event::Deed(t) => self.ask_deed(t),
            Event::Rival(t, id) => self.rival(t, id),
            Event::Arrange(t) => self.arrange(t),
            Event::Ask(t, n) => self.ask(t, n),
            Event::Arranged(t, n) => self.write_ask(t, n),
            Event::Touch(t, crm_id, partner) => self.touch(t, &crm_id, partner),
        }
    }

    /// The waits in force for a visit to this record.
    pub fn timing(&self, t: usize, id: RecordId) -> Timing {
        let mut timing = Timing::STANDARD;
        match self.bad {
            Some(Bad::NoSettle) => timing.settle = jiff::SignedDuration::ZERO,
            Some(Bad::AddsAgain) if self.tenants[t].table.entry(id).is_some_and(|e| e.erp_id.is_some()) => {
                timing.settle = jiff::SignedDuration::from_secs(60);
            }
            Some(Bad::ShortSettle) => timing.settle = jiff::SignedDuration::from_secs(60),
            _ => {}
        }
        timing
    }
}
