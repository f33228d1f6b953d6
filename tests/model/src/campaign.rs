//! Schedules, one or many, and what they came to.

use domain::{DeedKind, Object};
use sync::action::Stage;

use crate::arrange::KINDS;
use crate::bad::Bad;
use crate::erp::Doc;
use crate::oracle::{Breaches, judge};
use crate::values::TRANSFER;
use crate::world::{ROWS, World};

/// Rounds in which nothing may be written, after the one that shows it.
pub const IDLE: u32 = 2;

/// What a schedule, or many, came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Schedules.
    pub schedules: u64,
    /// Edits by users of both sides.
    pub edits: u64,
    /// Records that users of the CRM made.
    pub creates: u64,
    /// Writes that were sent to the ERP.
    pub sends: u64,
    /// Writes that the ERP executed.
    pub executed: u64,
    /// Pieces that a user of the ERP changed between our read and the arrival of our write: the ERP cannot compare.
    pub overwritten: u64,
    /// The most rounds after the faults that wrote something.
    pub rounds: u32,
    /// Rounds in silence.
    pub idle: u64,
    /// Records that wait for a person in the end.
    pub held: u64,
    /// Deletions that were taken for done because another company, or one that hid the record, said that it is gone.
    pub misled: u64,
    /// What went wrong.
    pub breaches: Breaches,
    /// How often each fault row fired.
    pub fired: [u64; ROWS],
    /// How often each kind of deed was asked for.
    pub deeds: [u64; DeedKind::ALL.len()],
    /// How the actions ended: done, refused, for a person.
    pub ended: [u64; 3],
    /// Warehouse documents that were made in the ERP for the CRM; transfers among them; lines of transfers that got new names.
    pub stored: [u64; 3],
    /// How often contacts were arranged, by kind.
    pub arranged: [u64; KINDS.len()],
    /// How often that was refused.
    pub refused_asks: u64,
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
            executed: 0,
            overwritten: 0,
            rounds: 0,
            idle: 0,
            held: 0,
            misled: 0,
            breaches: Breaches::default(),
            fired: [0; ROWS],
            deeds: [0; DeedKind::ALL.len()],
            ended: [0; 3],
            stored: [0; 3],
            arranged: [0; KINDS.len()],
            refused_asks: 0,
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
        self.executed += other.executed;
        self.overwritten += other.overwritten;
        self.rounds = self.rounds.max(other.rounds);
        self.idle += other.idle;
        self.held += other.held;
        self.misled += other.misled;
        self.breaches.add(&other.breaches);
        self.fired.iter_mut().zip(other.fired).for_each(|(a, b)| *a += b);
        self.deeds.iter_mut().zip(other.deeds).for_each(|(a, b)| *a += b);
        self.ended.iter_mut().zip(other.ended).for_each(|(a, b)| *a += b);
        self.stored.iter_mut().zip(other.stored).for_each(|(a, b)| *a += b);
        self.arranged.iter_mut().zip(other.arranged).for_each(|(a, b)| *a += b);
        self.refused_asks += other.refused_asks;
        self.trace = self.trace.wrapping_add(other.trace);
        self.failed = match (self.failed, other.failed) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// Runs one schedule, with `idle` rounds of silence at its end.
pub fn schedule(seed: u64, bad: Option<Bad>, idle: u32) -> Summary {
    let mut world = World::new(seed, bad);
    world.calm();
    let rounds = world.converge();
    world.found.hit(|b| &mut b.too_many_rounds, u64::from(rounds > 2), || format!("{rounds} rounds wrote something"));
    world.see_actions_out();
    judge(&mut world);
    let written = world.idle(idle);
    world.found.hit(|b| &mut b.writes_when_quiet, written, || format!("{written} writes in {idle} idle rounds"));
    let found = std::mem::take(&mut world.found);
    let tenants = &world.tenants;
    let sum = |of: &dyn Fn(&crate::tenant::Tenant) -> usize| tenants.iter().map(of).sum::<usize>() as u64;
    Summary {
        schedules: 1,
        edits: sum(&|t| t.crm_edits.len() + t.erp_edits.len()),
        creates: sum(&|t| t.crm.records.len() - t.crm.from_feed.len()),
        sends: world.sends,
        executed: tenants.iter().flat_map(|t| t.erp.executed.values()).sum(),
        overwritten: sum(&|t| t.erp.overwritten.len()),
        rounds,
        idle: u64::from(idle),
        held: sum(&|t| t.table.entries().filter(|e| e.hold.is_some()).count()),
        misled: sum(&|t| {
            let of =
                |e: &&sync::twoway::Entry| e.crm_deleted_at.is_some() && t.heard.get(&e.id).is_some_and(|h| h.misled);
            t.table.entries().filter(of).count()
        }),
        breaches: found.breaches,
        fired: world.fired,
        deeds: world.deeds,
        ended: ended(&world),
        stored: stored(&world),
        arranged: world.arranged,
        refused_asks: world.refused_asks,
        trace: world.trace,
        failed: found.breaches.any().then_some(seed),
        lines: found.lines,
    }
}

/// Warehouse documents that we made, transfers among them, and lines of transfers that got new names.
fn stored(world: &World) -> [u64; 3] {
    let mut stored = [0; 3];
    for tenant in &world.tenants {
        let of = |d: &&Doc| d.object() == Object::WarehouseDocuments && d.made_for.is_some();
        for doc in tenant.erp.docs.values().filter(of) {
            stored[0] += 1;
            stored[1] += u64::from(doc.is_of_kind(TRANSFER));
        }
        stored[2] += tenant.erp.rewritten;
    }
    stored
}

/// How the actions ended: done, refused, for a person.
fn ended(world: &World) -> [u64; 3] {
    let mut ended = [0; 3];
    for action in world.tenants.iter().flat_map(|t| t.table.actions.values()) {
        match action.stage {
            Stage::Done { .. } => ended[0] += 1,
            Stage::Rejected { .. } => ended[1] += 1,
            Stage::Person { .. } => ended[2] += 1,
            Stage::Planned | Stage::Sending { .. } => {}
        }
    }
    ended
}

/// Runs the schedules of these seeds on two threads.
pub fn schedules(seeds: std::ops::Range<u64>, bad: Option<Bad>, idle: u32) -> Summary {
    let half = seeds.start + (seeds.end - seeds.start) / 2;
    let run = |range: std::ops::Range<u64>| {
        let mut sum = Summary::default();
        for seed in range {
            sum.add(&schedule(seed, bad, idle));
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
