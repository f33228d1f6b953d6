//! When to stop calling an ERP that does not answer, and how to begin again.
//!
//! A breaker is a value: one for the host, one a tenant. The caller writes the
//! breaker that it is given back on the condition that nobody changed it in
//! between; only then may it do what it was admitted for. It must not read a
//! clock, wait, or judge what an answer means.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far back calls are counted, in slots of `SLOT_S` seconds.
const SLOTS: i64 = 6;
const SLOT_S: i64 = 10;
/// Fewer calls than this prove nothing.
pub(crate) const LEAST_CALLS: u32 = 20;
/// So many times in a row without any answer of the ERP are enough.
pub(crate) const STRAIGHT: u32 = 5;
/// The first wait and the longest, in seconds.
const FIRST_BACKOFF_S: u32 = 30;
const LONGEST_BACKOFF_S: u32 = 600;
/// Clocks that differ by no more are both believed.
const SKEW_S: u32 = 60;
/// A probe that has not told its outcome after this is given away.
const PROBE: SignedDuration = SignedDuration::from_secs(120);
/// Percent that are admitted at once after closing, and how many more every minute.
const RAMP_START: u32 = 5;
const RAMP_STEP: u32 = 10;

/// How a call failed. A refusal that the ERP itself explains (a bad value, too many calls) is not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// No connection.
    Connect,
    /// A page of HTML in place of an answer: something before the ERP spoke.
    Html,
    /// An answer that broke off, came too late or tells of a fault inside.
    Fault,
}

/// Outcomes of ten seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Calls that ended.
    pub calls: u32,
    /// Those of them that failed.
    pub failed: u32,
}

/// A closing that is so young that not everybody is admitted yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// When it closed.
    pub since: Timestamp,
    /// The last wait in seconds; doubled if it opens again before everybody is admitted.
    pub backoff_s: u32,
}

/// The breaker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breaker {
    /// Calls go.
    Closed {
        /// Outcomes of the last minute by slot: the number of tens of seconds since 1970.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        slots: BTreeMap<i64, Slot>,
        /// `Connect` and `Html` failures since anything else came.
        straight: u32,
        /// The closing, when it was open before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recovery: Option<Recovery>,
    },
    /// No call goes.
    Open {
        /// Until then.
        until: Timestamp,
        /// The wait, in seconds.
        backoff_s: u32,
    },
    /// One probe is out.
    HalfOpen {
        /// Who holds it.
        who: String,
        /// Since when.
        since: Timestamp,
        /// The wait before it, in seconds.
        backoff_s: u32,
    },
}

/// Whether a call may go. The breaker in it is to be written before the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// It may. The breaker is as it was: nothing needs writing.
    Go(Breaker),
    /// It may as the only one, when this breaker could be written. It should only read.
    Probe(Breaker),
    /// It may not.
    Refuse {
        /// When to ask again.
        until: Timestamp,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { slots: BTreeMap::new(), straight: 0, recovery: None }
    }
}

impl Breaker {
    /// Whether `who` may call. `who` is another for every attempt, so that a late outcome of one is not taken for the next one's.
    pub fn admit(&self, who: &str, now: Timestamp) -> Admission {
        let probe = |backoff_s| Admission::Probe(Self::HalfOpen { who: who.to_owned(), since: now, backoff_s });
        match *self {
            Self::Closed { .. } => Admission::Go(self.clone()),
            // An end that is farther away than any wait was written by a clock that is wrong.
            Self::Open { until, .. }
                if now < until && until.duration_since(now) <= secs(LONGEST_BACKOFF_S + SKEW_S) =>
            {
                Admission::Refuse { until }
            }
            Self::HalfOpen { since, .. } if now.duration_since(since).abs() < PROBE => {
                Admission::Refuse { until: after(since, PROBE) }
            }
            Self::Open { backoff_s, .. } | Self::HalfOpen { backoff_s, .. } => probe(backoff_s),
        }
    }

    /// The breaker after a call of `who` got an answer. Calls that began before it opened change nothing.
    #[must_use]
    pub fn succeeded(&self, who: &str, now: Timestamp) -> Self {
        match self {
            Self::Closed { slots, recovery, .. } => {
                let slots = counted(slots, false, now);
                Self::Closed { slots, straight: 0, recovery: recovery.filter(|r| percent(*r, now) < 100) }
            }
            Self::HalfOpen { who: holder, backoff_s, .. } if holder == who => Self::Closed {
                slots: BTreeMap::new(),
                straight: 0,
                recovery: Some(Recovery { since: now, backoff_s: *backoff_s }),
            },
            Self::Open { .. } | Self::HalfOpen { .. } => self.clone(),
        }
    }

    /// The breaker after a call of `who` failed. Calls that began before it opened change nothing.
    #[must_use]
    pub fn failed(&self, who: &str, kind: FailureKind, now: Timestamp) -> Self {
        match self {
            Self::Closed { slots, straight, recovery } => {
                let slots = counted(slots, true, now);
                let straight = if kind == FailureKind::Fault { 0 } else { straight.saturating_add(1) };
                let recovery = recovery.filter(|r| percent(*r, now) < 100);
                let sum = |of: fn(&Slot) -> u32| slots.values().map(of).fold(0, u32::saturating_add);
                let (calls, failed) = (sum(|s| s.calls), sum(|s| s.failed));
                if straight >= STRAIGHT || (calls >= LEAST_CALLS && failed >= calls.div_ceil(2)) {
                    return open(recovery.map_or(FIRST_BACKOFF_S, |r| doubled(r.backoff_s)), now);
                }
                Self::Closed { slots, straight, recovery }
            }
            Self::HalfOpen { who: holder, backoff_s, .. } if holder == who => open(doubled(*backoff_s), now),
            Self::Open { .. } | Self::HalfOpen { .. } => self.clone(),
        }
    }

    /// How many percent may call: none while it is not closed, after closing 5 and 10 more every minute.
    pub fn ramp(&self, now: Timestamp) -> u32 {
        match self {
            Self::Closed { recovery, .. } => recovery.map_or(100, |r| percent(r, now)),
            Self::Open { .. } | Self::HalfOpen { .. } => 0,
        }
    }
}

impl Breaker {
    /// From when the tenant at this place among a hundred may call; `None` when it may at any time, or when it is not closed.
    pub(crate) fn admits_at(&self, share: u32) -> Option<Timestamp> {
        let Self::Closed { recovery: Some(recovery), .. } = self else { return None };
        let missing = (share + 1).saturating_sub(RAMP_START);
        let minutes = missing.div_ceil(RAMP_STEP);
        (minutes > 0).then(|| after(recovery.since, secs(minutes * 60)))
    }

    /// Whether one more success would change nothing that matters.
    pub(crate) fn is_calm(&self, now: Timestamp) -> bool {
        let Self::Closed { slots, straight, recovery } = self else { return false };
        let slot = now.as_second().div_euclid(SLOT_S);
        let failed = slots.iter().any(|(at, s)| s.failed > 0 && (*at - slot).abs() < SLOTS);
        *straight == 0 && !failed && recovery.is_none_or(|r| percent(r, now) == 100)
    }
}

fn open(backoff_s: u32, now: Timestamp) -> Breaker {
    Breaker::Open { until: after(now, secs(backoff_s)), backoff_s }
}

fn doubled(backoff_s: u32) -> u32 {
    backoff_s.saturating_mul(2).clamp(FIRST_BACKOFF_S, LONGEST_BACKOFF_S)
}

fn percent(r: Recovery, now: Timestamp) -> u32 {
    let minutes = now.duration_since(r.since).as_secs().max(0) / 60;
    let gained = u32::try_from(minutes).unwrap_or(u32::MAX).saturating_mul(RAMP_STEP);
    RAMP_START.saturating_add(gained).min(100)
}

/// The slots of the last minute with one more outcome.
fn counted(slots: &BTreeMap<i64, Slot>, failed: bool, now: Timestamp) -> BTreeMap<i64, Slot> {
    let slot = now.as_second().div_euclid(SLOT_S);
    let mut slots: BTreeMap<i64, Slot> =
        slots.iter().filter(|(at, _)| (*at - slot).abs() < SLOTS).map(|(at, s)| (*at, *s)).collect();
    let entry = slots.entry(slot).or_default();
    entry.calls = entry.calls.saturating_add(1);
    entry.failed = entry.failed.saturating_add(u32::from(failed));
    slots
}

fn secs(s: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(s))
}

fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn s(n: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + n).expect("in range")
    }

    fn fail(b: &Breaker, times: u32, kind: FailureKind, now: Timestamp) -> Breaker {
        (0..times).fold(b.clone(), |b, _| b.failed("a", kind, now))
    }

    fn probe(b: &Breaker, who: &str, now: Timestamp) -> Breaker {
        match b.admit(who, now) {
            Admission::Probe(b) => b,
            other => panic!("no probe but {other:?}"),
        }
    }

    #[test]
    fn five_straight_failures_to_connect_open_it_and_a_success_between_does_not() {
        let four = fail(&Breaker::default(), 4, FailureKind::Connect, s(0));
        assert!(matches!(four.admit("a", s(0)), Admission::Go(_)));
        assert_eq!(four.failed("a", FailureKind::Html, s(0)), Breaker::Open { until: s(30), backoff_s: 30 });
        for between in [four.succeeded("a", s(0)), four.failed("a", FailureKind::Fault, s(0))] {
            assert!(matches!(fail(&between, 4, FailureKind::Connect, s(0)), Breaker::Closed { .. }));
        }
    }

    #[test]
    fn half_of_twenty_calls_in_a_minute_open_it() {
        let good = (0..10).fold(Breaker::default(), |b, _| b.succeeded("a", s(0)));
        let nine = fail(&good, 9, FailureKind::Fault, s(45));
        assert!(matches!(nine, Breaker::Closed { .. }));
        assert!(matches!(nine.failed("a", FailureKind::Fault, s(45)), Breaker::Open { .. }));
        let mostly_good = good.succeeded("a", s(1));
        assert!(matches!(fail(&mostly_good, 10, FailureKind::Fault, s(45)), Breaker::Closed { .. }));
        assert!(matches!(fail(&mostly_good, 11, FailureKind::Fault, s(45)), Breaker::Open { .. }));
    }

    #[test]
    fn failures_of_long_ago_do_not_count() {
        let old = fail(&Breaker::default(), 19, FailureKind::Fault, s(0));
        assert!(matches!(old.failed("a", FailureKind::Fault, s(75)), Breaker::Closed { .. }));
        assert!(matches!(old.failed("a", FailureKind::Fault, s(45)), Breaker::Open { .. }));
    }

    #[test]
    fn the_wait_doubles_to_ten_minutes() {
        let (mut b, mut now, mut waits) = (fail(&Breaker::default(), 5, FailureKind::Connect, s(0)), s(0), Vec::new());
        for _ in 0..7 {
            let Admission::Refuse { until } = b.admit("a", now) else { panic!("open") };
            waits.push(until.duration_since(now).as_secs());
            now = until;
            b = probe(&b, "a", now).failed("a", FailureKind::Fault, now);
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 600, 600]);
    }

    #[test]
    fn one_probe_goes_and_a_dead_ones_is_given_away_and_its_late_outcome_ignored() {
        let open = fail(&Breaker::default(), 5, FailureKind::Connect, s(0));
        let a = probe(&open, "a", s(30));
        assert_eq!(a.admit("b", s(149)), Admission::Refuse { until: s(150) });
        assert_eq!(a.admit("a", s(31)), Admission::Refuse { until: s(150) });
        let b = probe(&a, "b", s(150));
        assert_eq!(b.succeeded("a", s(151)), b);
        assert_eq!(b.failed("a", FailureKind::Connect, s(151)), b);
        assert!(matches!(b.succeeded("b", s(151)), Breaker::Closed { .. }));
    }

    #[test]
    fn late_outcomes_change_nothing_while_it_is_open() {
        let open = fail(&Breaker::default(), 5, FailureKind::Connect, s(0));
        assert_eq!(open.succeeded("z", s(1)), open);
        assert_eq!(open.failed("z", FailureKind::Connect, s(1)), open);
    }

    #[test]
    fn after_closing_the_many_come_back_step_by_step() {
        let open = fail(&Breaker::default(), 5, FailureKind::Connect, s(0));
        let half = probe(&open, "a", s(30));
        let closed = half.succeeded("a", s(30));
        let at = |n: i64| closed.ramp(s(30 + n));
        assert_eq!([at(-5), at(0), at(59), at(60), at(300), at(569), at(570), at(600)], [5, 5, 5, 15, 55, 95, 95, 100]);
        assert_eq!((open.ramp(s(30)), half.ramp(s(30)), Breaker::default().ramp(s(0))), (0, 0, 100));
    }

    #[test]
    fn opening_again_before_all_are_back_waits_longer_and_later_does_not() {
        let closed = probe(&fail(&Breaker::default(), 5, FailureKind::Html, s(0)), "a", s(30)).succeeded("a", s(30));
        assert_eq!(fail(&closed, 5, FailureKind::Html, s(60)), Breaker::Open { until: s(120), backoff_s: 60 });
        assert_eq!(fail(&closed, 5, FailureKind::Html, s(900)), Breaker::Open { until: s(930), backoff_s: 30 });
    }

    #[test]
    fn a_clock_that_was_a_day_ahead_does_not_keep_it_open() {
        let open = fail(&Breaker::default(), 5, FailureKind::Html, s(86_400));
        let half = probe(&open, "a", s(0));
        assert!(matches!(half.admit("b", s(-86_400)), Admission::Probe(_)));
    }

    #[test]
    fn every_state_comes_back_equal_from_json() {
        let open = fail(&Breaker::default(), 5, FailureKind::Html, s(0));
        let half = probe(&open, "a", s(30));
        let closed = half.succeeded("a", s(31)).failed("b", FailureKind::Fault, s(32));
        for b in [Breaker::default(), open, half, closed] {
            let json = serde_json::to_string(&b).expect("plain");
            assert_eq!(serde_json::from_str::<Breaker>(&json).expect("a breaker"), b);
        }
    }

    /// What a worker does next; it may die at any time and never come to tell.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Read,
        Write,
        Succeed,
        Fail(FailureKind),
        Die,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::Read),
            3 => Just(Step::Write),
            1 => Just(Step::Succeed),
            4 => Just(Step::Fail(FailureKind::Connect)),
            1 => Just(Step::Fail(FailureKind::Fault)),
            1 => Just(Step::Die),
        ]
    }

    proptest! {
        #[test]
        fn never_two_probes_at_once_and_it_closes_again_when_the_erp_is_back(
            steps in prop::collection::vec((0_usize..4, step(), 0_i64..50), 1..150),
        ) {
            // The row with its version; what each worker read; the attempt it was admitted for, and since when it probes.
            let (mut row, mut version) = (fail(&Breaker::default(), 5, FailureKind::Connect, s(0)), 0_u32);
            let mut read: [Option<(Breaker, u32)>; 4] = Default::default();
            let mut attempt: [Option<String>; 4] = Default::default();
            let mut probes: [Option<Timestamp>; 4] = [None; 4];
            let mut now = s(0);
            for (n, (w, step, pause)) in steps.into_iter().enumerate() {
                now = s(now.duration_since(s(0)).as_secs() + pause);
                match step {
                    Step::Read => read[w] = Some((row.clone(), version)),
                    Step::Write => {
                        let Some((seen, at)) = read[w].take() else { continue };
                        let who = format!("{w}-{n}");
                        match seen.admit(&who, now) {
                            Admission::Go(_) => attempt[w] = Some(who),
                            Admission::Probe(next) if at == version => {
                                (row, version) = (next, version + 1);
                                attempt[w] = Some(who);
                                probes[w] = Some(now);
                            }
                            Admission::Probe(_) | Admission::Refuse { .. } => {}
                        }
                    }
                    Step::Succeed | Step::Fail(_) => {
                        let Some(who) = attempt[w].take() else { continue };
                        probes[w] = None;
                        row = match step {
                            Step::Fail(kind) => row.failed(&who, kind, now),
                            _ => row.succeeded(&who, now),
                        };
                        version += 1;
                    }
                    Step::Die => (attempt[w], probes[w], read[w]) = (None, None, None),
                }
                let out = probes.iter().flatten().filter(|since| now.duration_since(**since) < PROBE).count();
                prop_assert!(out <= 1, "{} probes", out);
            }
            let back = now;
            while !matches!(row, Breaker::Closed { .. }) {
                match row.admit("healer", now) {
                    Admission::Probe(next) => row = next.succeeded("healer", now),
                    Admission::Refuse { until } => {
                        prop_assert!(until > now);
                        now = until;
                    }
                    Admission::Go(_) => unreachable!("not closed"),
                }
                prop_assert!(now.duration_since(back) <= SignedDuration::from_mins(10));
            }
            prop_assert_eq!(row.ramp(s(now.duration_since(s(0)).as_secs() + 600)), 100);
        }
    }
}
