//! The fault model: the shipped state machines in a world in memory, under every fault, in virtual time.
//!
//! A schedule is a seed. The same seed gives the same trace. The oracles read the
//! ERP's and the CRM's own records, never the engine's opinion of them.

pub mod bad;
pub mod crm;
pub mod dice;
pub mod erp;
pub mod observe;
pub mod oracle;
pub mod table;
pub mod worker;
pub mod world;

use crate::bad::Bad;
use crate::oracle::{Breaches, judge};
use crate::world::{ROWS, World};

/// What a schedule, or many, came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Schedules.
    pub schedules: u64,
    /// Edits by users of both sides.
    pub edits: u64,
    /// Records that users made.
    pub creates: u64,
    /// Writes that were sent to the ERP.
    pub sends: u64,
    /// Pieces that a user of the ERP changed between our read and the arrival of our write: the ERP cannot compare.
    pub overwritten: u64,
    /// What went wrong.
    pub breaches: Breaches,
    /// How often each fault row fired.
    pub fired: [u64; ROWS],
    /// A hash of all that happened.
    pub trace: u64,
    /// The first seed with a breach.
    pub failed: Option<u64>,
    /// Of one schedule: what each breach is.
    pub lines: Vec<String>,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            schedules: 0,
            edits: 0,
            creates: 0,
            sends: 0,
            overwritten: 0,
            breaches: Breaches::default(),
            fired: [0; ROWS],
            trace: 0,
            failed: None,
            lines: Vec::new(),
        }
    }
}

impl Summary {
    /// Adds a schedule, or several.
    pub fn add(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.edits += other.edits;
        self.creates += other.creates;
        self.sends += other.sends;
        self.overwritten += other.overwritten;
        self.breaches.add(&other.breaches);
        self.fired.iter_mut().zip(other.fired).for_each(|(a, b)| *a += b);
        self.trace = self.trace.wrapping_add(other.trace);
        self.failed = match (self.failed, other.failed) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// Runs one schedule.
pub fn schedule(seed: u64, bad: Option<Bad>) -> Summary {
    let mut world = World::new(seed, bad);
    world.run();
    let found = judge(&mut world);
    let breaches = found.breaches;
    let tenants = &world.tenants;
    Summary {
        schedules: 1,
        edits: tenants.iter().map(|t| (t.crm_edits.len() + t.erp_edits.len()) as u64).sum(),
        creates: tenants.iter().map(|t| (t.crm.records.len() - t.crm.from_feed.len()) as u64).sum(),
        sends: world.sends,
        overwritten: tenants.iter().map(|t| t.erp.overwritten.len() as u64).sum(),
        breaches,
        fired: world.fired,
        trace: world.trace,
        failed: breaches.any().then_some(seed),
        lines: found.lines,
    }
}

/// Runs the schedules of these seeds on two threads.
pub fn schedules(seeds: std::ops::Range<u64>, bad: Option<Bad>) -> Summary {
    let half = seeds.start + (seeds.end - seeds.start) / 2;
    let run = |range: std::ops::Range<u64>| {
        let mut sum = Summary::default();
        for seed in range {
            sum.add(&schedule(seed, bad));
        }
        sum
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| run(half..seeds.end));
        let mut sum = run(seeds.start..half);
        sum.add(&other.join().expect("a schedule does not panic"));
        sum
    })
}
