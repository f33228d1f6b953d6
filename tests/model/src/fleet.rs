//! A thousand companies at once: steady edits, an ERP that is away for hours, and one company with a hundred times the load.
//!
//! The workers, visits, runs, buckets, leases and the breaker are those of the schedules; only nothing else goes wrong.
//! Measures what a schedule of two companies cannot show.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Fields, Object, RecordId};
use serde_json::json;
use sync::bucket::{Bucket, CALL};
use sync::twoway::pending;

use crate::crm::CrmRecord;
use crate::intake::Work;
use crate::values::{same, value_of};
use crate::world::{Event, World, at, ms};

const MINUTE: i64 = 60_000;
/// Records come to be, and the first runs are made.
const WARM: i64 = 45 * MINUTE;
/// How long the steady load is measured.
const STEADY: i64 = 45 * MINUTE;
/// How long the time after the outage is watched.
const AFTER: i64 = 120 * MINUTE;
/// Records of a company that its users change again and again, and how often one is changed.
const RECORDS: usize = 3;
const EVERY: i64 = 2 * MINUTE;
/// How much more the busy company does.
const BUSY: usize = 100;
/// Percent of the steady rate that the host's bucket lets through.
const HOST_PERCENT: u64 = 115;

/// What a fleet is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Companies.
    pub tenants: usize,
    /// Workers.
    pub workers: usize,
    /// How long the ERP is away, in hours.
    pub outage_hours: u32,
    /// Chance.
    pub seed: u64,
    /// The host has a bucket of its own.
    pub is_paced: bool,
}

/// What is measured while a fleet runs.
#[derive(Debug, Default)]
pub struct Measured {
    calls: BTreeMap<i64, u64>,
    busy_until: BTreeMap<usize, Vec<i64>>,
    most_at_once: usize,
    delays: Vec<(usize, i64, i64)>,
}

/// What a fleet came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// Calls to the ERP in all.
    pub calls: u64,
    /// Edits in all.
    pub edits: u64,
    /// Edits that are nowhere.
    pub lost: u64,
    /// Records that are there twice.
    pub doubled: u64,
    /// Minutes from the end of the outage until everything edited before is written.
    pub minutes: i64,
    /// Calls a minute in the steady time.
    pub steady: u64,
    /// The most calls in a minute after the outage, in percent of the steady ones.
    pub peak_percent: u64,
    /// The most calls to one company at once.
    pub most_at_once: usize,
    /// The mean delay of the other companies' edits in milliseconds, beside the busy one and without it.
    pub delay: (i64, i64),
}

impl Report {
    /// What is promised and not kept.
    pub fn breaches(&self) -> Vec<&'static str> {
        let kept = [
            (self.lost == 0, "something is lost"),
            (self.doubled == 0, "something is doubled"),
            (self.minutes <= 60, "catching up takes more than an hour"),
            (self.peak_percent <= 120, "the peak is more than 1.2 times the steady rate"),
            (self.most_at_once <= 1, "two calls to one company at once"),
            (self.delay.0 < 2 * self.delay.1.max(1), "the busy company makes the others wait twice as long"),
        ];
        kept.into_iter().filter(|(is_kept, _)| !is_kept).map(|(_, what)| what).collect()
    }
}

impl World {
    /// Counts a call to the ERP.
    pub fn measure_call(&mut self, t: usize, began: i64, ended: i64) {
        let Some(fleet) = &mut self.fleet else { return };
        *fleet.calls.entry(began / MINUTE).or_default() += 1;
        let under_way = fleet.busy_until.entry(t).or_default();
        under_way.retain(|until| *until > began);
        under_way.push(ended);
        fleet.most_at_once = fleet.most_at_once.max(under_way.len());
    }

    /// Measures how long an edit took to the ERP.
    pub fn measure_delay(&mut self, t: usize, id: RecordId) {
        let Some(fleet) = &mut self.fleet else { return };
        if let Some(edited) = self.tenants[t].table.entry(id).and_then(|e| e.crm_edited_at) {
            fleet.delays.push((t, self.now, self.now - ms(edited)));
        }
    }
}

struct Fleet {
    world: World,
    size: Size,
    /// The first company has a hundred times the load.
    is_busy: bool,
    /// What each record was given last, by company and the CRM's id.
    given: BTreeMap<(usize, String), u64>,
    edits: u64,
}

impl Fleet {
    fn new(size: Size, is_busy: bool) -> Self {
        let mut world = World::empty(size.seed, None, size.tenants, size.workers);
        world.fleet = Some(Measured::default());
        (world.outage, world.no_secrets) = ((0, 0), (0, 0));
        for worker in &mut world.workers {
            worker.set_right();
        }
        for (t, tenant) in world.tenants.iter_mut().enumerate() {
            tenant.slot = i64::try_from(t % 15).unwrap_or(0);
        }
        world.queue(MINUTE, Event::Tick);
        Self { world, size, is_busy, given: BTreeMap::new(), edits: 0 }
    }

    fn factor(&self, t: usize) -> usize {
        if t == 0 && self.is_busy { BUSY } else { 1 }
    }

    /// The CRM makes or changes a record of a company and says so.
    fn edit(&mut self, t: usize, n: u64) {
        let of = RECORDS * self.factor(t);
        let nth = usize::try_from(self.world.dice.below(of as u64)).unwrap_or(0);
        let crm_id = format!("t{t}c{nth}");
        let crm = &mut self.world.tenants[t].crm;
        if !crm.records.contains_key(&crm_id) {
            crm.records.insert(crm_id.clone(), record(t, nth));
        }
        crm.edit_piece(t, n, &crm_id, "name");
        self.given.insert((t, crm_id), n);
        self.edits += 1;
        self.world.push(t);
        let table = &mut self.world.tenants[t].table;
        table.log.clear();
        table.feed.clear();
        for told in table.told.values_mut() {
            let old = told.len().saturating_sub(4);
            told.drain(..old);
        }
    }

    /// Everybody's users go on until then.
    fn run_until(&mut self, end: i64) {
        let mut next: BTreeSet<(i64, usize)> = BTreeSet::new();
        for t in 0..self.size.tenants {
            let every = EVERY / i64::try_from(self.factor(t)).unwrap_or(1);
            next.insert((self.world.now + self.world.dice.ms(every), t));
        }
        while let Some((when, t)) = next.pop_first() {
            if when >= end {
                break;
            }
            self.world.run_until(when);
            let n = self.world.next_value();
            self.edit(t, n);
            let every = EVERY / i64::try_from(self.factor(t)).unwrap_or(1);
            next.insert((when + every / 2 + self.world.dice.ms(every), t));
        }
        self.world.run_until(end);
    }

    /// Whether an edit from before `end` is not written yet.
    fn is_behind(&self, end: i64) -> bool {
        let is_open = |e: &sync::twoway::Entry| {
            e.crm_edited_at.is_some_and(|edited| edited <= at(end)) && (e.erp_id.is_none() || !pending(e).is_empty())
        };
        self.world.tenants.iter().any(|t| t.table.entries().any(is_open))
    }

    fn calls(&self, from: i64, to: i64) -> impl Iterator<Item = u64> + '_ {
        let calls = self.world.fleet.iter().flat_map(|f| f.calls.iter());
        calls.filter(move |(m, _)| (from / MINUTE..to / MINUTE).contains(m)).map(|(_, n)| *n)
    }

    /// The mean delay of the edits of all companies but the first in a time.
    fn delay(&self, from: i64, to: i64) -> i64 {
        let all = self.world.fleet.iter().flat_map(|f| &f.delays);
        let delays: Vec<i64> =
            all.filter(|(t, at, _)| *t > 0 && (from..to).contains(at)).map(|(_, _, delay)| *delay).collect();
        delays.iter().sum::<i64>() / i64::try_from(delays.len()).unwrap_or(1).max(1)
    }

    /// Edits whose value the ERP does not have, and records that it has twice.
    fn judge(&self) -> (u64, u64) {
        let mut lost = 0;
        for ((t, crm_id), n) in &self.given {
            let tenant = &self.world.tenants[*t];
            let erp_id = tenant.table.by_crm.get(crm_id).and_then(|id| tenant.table.entry(*id)?.erp_id);
            let has = erp_id.and_then(|id| tenant.erp.docs.get(&id)?.fields().get("name").cloned());
            let value = value_of("name", *t, *n, None);
            lost += u64::from(!has.is_some_and(|has| same("name", &has, &value)));
        }
        let mut made: BTreeMap<(usize, &String), u64> = BTreeMap::new();
        for (t, tenant) in self.world.tenants.iter().enumerate() {
            for crm_id in tenant.erp.docs.values().filter_map(|d| d.made_for.as_ref()) {
                *made.entry((t, crm_id)).or_default() += 1;
            }
        }
        (lost, made.values().map(|n| n - 1).sum())
    }
}

fn record(t: usize, nth: usize) -> CrmRecord {
    let number = t * 1_000 + nth;
    let (object, pieces) = if nth == 0 {
        let tax = json!({ "tax_number": format!("SI{:08}", 10_000_000 + number) });
        (Object::Contacts, [("name", json!("new")), ("tax", tax)])
    } else {
        (Object::Products, [("name", json!("new")), ("code", json!(format!("t{t}p{nth}")))])
    };
    CrmRecord::new(object, Fields::from_iter(pieces), 0)
}

/// Runs a fleet, and a shorter one without the busy company to compare with.
pub fn run(size: Size) -> Report {
    let steady_to = WARM + STEADY;
    let mut calm = Fleet::new(size, false);
    calm.run_until(steady_to);
    let without = calm.delay(WARM, steady_to);
    drop(calm);

    let mut fleet = Fleet::new(size, true);
    fleet.run_until(steady_to);
    let minutes = u64::try_from(STEADY / MINUTE).unwrap_or(1);
    let steady = fleet.calls(WARM, steady_to).sum::<u64>() / minutes;
    // The host's own bucket: as fast as the steady load, and a little more, whatever has piled up.
    let rate = steady * CALL * HOST_PERCENT / 100 / 60;
    fleet.world.host = size.is_paced.then(|| (Bucket::new(at(fleet.world.now), rate, rate), 0));
    let end = steady_to + i64::from(size.outage_hours) * 60 * MINUTE;
    fleet.world.outage = (steady_to, end);
    fleet.run_until(end);
    let mut caught_up = None;
    for minute in 1..=AFTER / MINUTE {
        fleet.run_until(end + minute * MINUTE);
        if caught_up.is_none() && !fleet.is_behind(end) {
            caught_up = Some(minute);
        }
    }
    let peak = fleet.calls(end, end + AFTER).max().unwrap_or(0);
    // The users go home; what is open is written.
    let rest = fleet.world.now + 60 * MINUTE;
    for t in 0..size.tenants {
        fleet.world.hint(t, Work::Push, 0);
    }
    fleet.world.run_until(rest);
    let (lost, doubled) = fleet.judge();
    let measured = fleet.world.fleet.as_ref();
    Report {
        calls: measured.map_or(0, |f| f.calls.values().sum()),
        edits: fleet.edits,
        lost,
        doubled,
        minutes: caught_up.unwrap_or(i64::MAX),
        steady,
        peak_percent: peak * 100 / steady.max(1),
        most_at_once: measured.map_or(0, |f| f.most_at_once),
        delay: (fleet.delay(WARM, steady_to), without),
    }
}
