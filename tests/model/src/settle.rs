//! After the faults: rounds over all records until nothing is written any more, and then more of them, in silence.

use std::collections::BTreeMap;

use domain::RecordId;
use domain::change::ChangeKind;
use sync::twoway::{Entry, Winner};

use crate::bad::Bad;
use crate::intake::Work;
use crate::oracle::equal::{waits, waits_for_another};
use crate::table::{Logged, Row};
use crate::world::{Event, World, ms};

/// How long a round takes: longer than all the waits of one write after another, and than the time between the two sweeps
/// that prove that something is gone.
const ROUND: i64 = 62 * 60_000;
/// The second sweep that proves that something is gone may be that much later: one that is a second short of the hour
/// between them proves nothing.
const DOUBT: i64 = 3 * 3_600_000;
/// After so long nobody waits for the ERP any more.
const PATIENCE: i64 = 25 * 3_600_000;
/// More rounds than this are not made.
const MOST: u32 = 10;

/// What was written, on either side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    sends: u64,
    told: usize,
    /// That something is gone: told when two sweeps an hour apart agree, however soon all else is equal.
    gone: usize,
}

impl World {
    /// What was written so far.
    pub fn written(&self) -> Written {
        let is_gone = |l: &&Logged| l.change.kind == ChangeKind::Deleted && l.change.from == Winner::Erp;
        let told = self.tenants.iter().map(|t| t.table.log.len()).sum::<usize>();
        let gone = self.tenants.iter().flat_map(|t| &t.table.log).filter(is_gone).count();
        Written { sends: self.sends, told: told - gone, gone }
    }

    /// Lets faults, outages and what was late come to their end.
    pub fn calm(&mut self) {
        let end = self.calm_from();
        self.run_until(end);
        self.settled = true;
        for tenant in &mut self.tenants {
            tenant.key_kept = tenant.erp.key;
            tenant.paused_since = None;
        }
    }

    /// One round: each side says what it has, every list is read whole, every record is visited.
    pub fn round(&mut self) {
        let began = self.now;
        for t in 0..self.tenants.len() {
            for part in 0..2 {
                let when = began + part * ROUND / 2;
                self.queue(when + 1_000, Event::Push(t));
                self.queue(when + ROUND / 4, Event::Reconcile(t));
                self.queue(when + ROUND / 4, Event::Feed(t));
            }
            if self.bad == Some(Bad::HintOnly) {
                continue;
            }
            let tenant = &mut self.tenants[t];
            tenant.full_asked = true;
            // What is deleted or waits for a person is not looked at until somebody says so.
            let is_live = |e: &&Entry| {
                e.hold.is_none() && e.archived_at.is_none() && e.crm_deleted_at.is_none() && e.intent.is_none()
            };
            tenant.to_visit = tenant.table.entries().filter(is_live).map(|e| e.id).collect();
            self.hint(t, Work::Due, 2_000);
        }
        self.run_until(began + ROUND);
    }

    /// Whether nothing is due or under way but what waits for a record that waits for a person.
    fn is_at_rest(&self) -> bool {
        let is_open = |e: &Entry| e.due.is_some() || e.intent.is_some();
        let open = |t: usize| {
            let table = &self.tenants[t].table;
            // A second sweep has yet to say that it is gone.
            let is_doubted = |r: &Row| {
                let is_fresh = r.missing.is_some_and(|since| self.now - ms(since) < DOUBT);
                is_fresh && r.entry.as_ref().is_some_and(|e| e.archived_at.is_none() && e.hold.is_none())
            };
            table.entries().any(|e| is_open(e) && !waits_for_another(self, t, e)) || table.rows.values().any(is_doubted)
        };
        let has_acts = |t: usize| self.tenants[t].table.due_actions().next().is_some();
        !(0..self.tenants.len()).any(|t| open(t) || has_acts(t))
    }

    /// Rounds until one writes nothing and nothing is left to do. How many wrote something.
    pub fn converge(&mut self) -> u32 {
        let mut rounds = 0;
        for _ in 0..MOST {
            let before = self.written();
            self.round();
            let after = self.written();
            rounds += u32::from((before.sends, before.told) != (after.sends, after.told));
            if before == after && self.is_at_rest() {
                break;
            }
        }
        rounds
    }

    /// An action whose document is gone, where nothing else that we know is there to prove it, is given up after a day.
    pub fn see_actions_out(&mut self) {
        if self.tenants.iter().any(|t| t.table.due_actions().next().is_some()) {
            self.run_until(self.now + PATIENCE);
        }
    }

    /// The versions of all rows that both sides have. Not of those that wait for a record that waits for a person: they
    /// are looked at every minute. Nor of those that are gone, or wait themselves: that a sweep misses them is noted once.
    fn versions(&self) -> BTreeMap<(usize, RecordId), u64> {
        let mut out = BTreeMap::new();
        for (t, tenant) in self.tenants.iter().enumerate() {
            let is_blocked = |e: &Entry| waits(e) || waits_for_another(self, t, e);
            let rows = tenant.table.rows.iter().filter(|(_, r)| !r.entry.as_deref().is_some_and(is_blocked));
            out.extend(rows.map(|(id, r)| ((t, *id), r.version)));
        }
        out
    }

    /// So many more rounds. How much they wrote: sends, changes, rows.
    pub fn idle(&mut self, rounds: u32) -> u64 {
        let (before, versions) = (self.written(), self.versions());
        for _ in 0..rounds {
            self.round();
        }
        let (after, now) = (self.written(), self.versions());
        let moved: Vec<_> = now.iter().filter(|(row, version)| versions.get(row) != Some(*version)).collect();
        for ((t, id), _) in &moved {
            self.found.lines.push(format!("written in silence: {:?}", self.tenants[*t].table.rows.get(id)));
        }
        (after.sends - before.sends) + (after.told + after.gone - before.told - before.gone) as u64 + moved.len() as u64
    }
}
