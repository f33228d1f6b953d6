//! How many calls of the ERP a tenant's schedule may make in a day, and what is left out when they run short.
//!
//! Decides what the schedule reads. What a person or the CRM asked for, and
//! what is written to the ERP, is counted and never held back. Must not count
//! calls itself: the caller says how many were made.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::day::day_of;

/// Percent of the budget above which only changes are looked for: sweeps can wait a day, changes cannot.
const SWEEPS_PERCENT: u64 = 80;

/// The calls of a day of Ljubljana.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCalls {
    /// The day.
    pub day: Date,
    /// How many.
    pub calls: u32,
}

impl DayCalls {
    /// How many were made on the day that it is at `now`.
    pub fn on(counted: Option<Self>, now: Timestamp) -> u32 {
        counted.filter(|c| c.day == day_of(now)).map_or(0, |c| c.calls)
    }

    /// The count after `more` calls at `now`. A new day begins at zero.
    pub fn plus(counted: Option<Self>, more: u32, now: Timestamp) -> Self {
        Self { day: day_of(now), calls: Self::on(counted, now).saturating_add(more) }
    }
}

/// What the schedule may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Allowance {
    /// Nothing until tomorrow.
    Nothing,
    /// Changes and what webhooks name; no sweep and no refresh.
    Changes,
    /// Everything that is due.
    Everything,
}

impl Allowance {
    /// What is left after `spent` of `budget` calls.
    pub fn of(spent: u32, budget: u32) -> Self {
        let (spent, budget) = (u64::from(spent), u64::from(budget));
        if spent >= budget {
            Self::Nothing
        } else if spent * 100 >= budget * SWEEPS_PERCENT {
            Self::Changes
        } else {
            Self::Everything
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn at(s: &str) -> Timestamp {
        s.parse().expect("a timestamp")
    }

    #[test]
    fn calls_are_counted_by_the_day_of_ljubljana() {
        let before = DayCalls::plus(None, 7, at("2026-06-30T21:59:59Z"));
        assert_eq!(before, DayCalls { day: date(2026, 6, 30), calls: 7 });
        let more = DayCalls::plus(Some(before), 3, at("2026-06-30T21:59:59Z"));
        assert_eq!(more.calls, 10);
        let next = DayCalls::plus(Some(more), 2, at("2026-06-30T22:00:00Z"));
        assert_eq!(next, DayCalls { day: date(2026, 7, 1), calls: 2 });
        assert_eq!(
            DayCalls::plus(Some(DayCalls { calls: u32::MAX, ..next }), 2, at("2026-07-01T10:00:00Z")).calls,
            u32::MAX
        );
    }

    #[test]
    fn sweeps_wait_before_changes_do() {
        let of = |spent| Allowance::of(spent, 1_000);
        assert_eq!([0, 799].map(of), [Allowance::Everything; 2]);
        assert_eq!([800, 999].map(of), [Allowance::Changes; 2]);
        assert_eq!([1_000, u32::MAX].map(of), [Allowance::Nothing; 2]);
        assert_eq!(Allowance::of(0, 0), Allowance::Nothing);
        assert_eq!(Allowance::of(u32::MAX - 1, u32::MAX), Allowance::Changes);
    }
}
