//! How fast we may call the ERP: a token bucket in whole micro-tokens, shared by all who hold the key to its row.
//!
//! Decides whether a call may go now and, if not, when to ask again. Must not
//! wait, read a clock or keep the state: the caller writes the bucket that it
//! is given back on the condition that nobody changed it in between.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Micro-tokens of one call.
pub const CALL: u64 = 1_000_000;
/// Percent of the burst that only people who wait at a screen may use.
const RESERVED_PERCENT: u64 = 30;
/// Percent of the full rate that comes back every minute, and the least that is left of it.
const STEP_PERCENT: u64 = 5;
/// Two clocks that differ by no more are both believed.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
const MINUTE_S: i64 = 60;
const NANOS: i128 = 1_000_000_000;

/// Who wants to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// A person waits; may use the reserve.
    Interactive,
    /// A write to the ERP.
    Write,
    /// A search or a sweep.
    Search,
}

/// The bucket. What it holds never exceeds `burst`, so neither a rest nor a clock that jumps ahead saves up more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Micro-tokens at `at`.
    pub tokens: u64,
    /// The time to which `tokens` are counted. Only `set_back` moves it back.
    pub at: Timestamp,
    /// Micro-tokens that come in a second now.
    pub rate_per_s: u64,
    /// Micro-tokens that come in a second when the ERP does not complain.
    pub full_rate_per_s: u64,
    /// The time to which the recovery of the rate is counted.
    pub rate_at: Timestamp,
    /// The most micro-tokens it holds.
    pub burst: u64,
    /// Micro-tokens that only the interactive lane may use.
    pub reserve: u64,
}

/// There are not enough tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// When there are enough if nobody takes any; `Timestamp::MAX` when the cost can never be met.
    pub until: Timestamp,
}

impl Bucket {
    /// A full bucket. `rate_per_s` and `burst` in micro-tokens.
    pub fn new(now: Timestamp, rate_per_s: u64, burst: u64) -> Self {
        let reserve = burst / 100 * RESERVED_PERCENT + burst % 100 * RESERVED_PERCENT / 100;
        Self { tokens: burst, at: now, rate_per_s, full_rate_per_s: rate_per_s, rate_at: now, burst, reserve }
    }

    /// The bucket after `cost` micro-tokens were taken, or when to ask again. A clock behind `at` counts as `at`.
    pub fn take(&self, now: Timestamp, cost: u64, lane: Lane) -> Result<Self, Wait> {
        let kept = if lane == Lane::Interactive { 0 } else { self.reserve };
        let needed = i128::from(cost) + i128::from(kept);
        let mut after = self.settled(now);
        if needed <= i128::from(after.tokens) {
            after.tokens -= cost;
            return Ok(after);
        }
        if self.rate_per_s == 0 || needed > i128::from(self.burst) {
            return Err(Wait { until: Timestamp::MAX });
        }
        // From the time of the state, not of the caller: a refusal leaves no trace, and no part of a token may be lost by asking.
        let missing = (needed - i128::from(self.tokens)) * NANOS;
        let rate = i128::from(self.rate_per_s);
        Err(Wait { until: later(self.at, (missing + rate - 1) / rate) })
    }

    /// The bucket after the ERP said that we are too fast (code 5): half the rate, at least a twentieth of the full one.
    #[must_use]
    pub fn slowed(&self) -> Self {
        let floor = (self.full_rate_per_s / 100 * STEP_PERCENT).max(1).min(self.full_rate_per_s);
        Self { rate_per_s: (self.rate_per_s / 2).max(floor), rate_at: self.at, ..self.clone() }
    }

    /// The bucket with the rate that has come back: a twentieth of the full rate for every whole minute.
    #[must_use]
    pub fn recovered(&self, now: Timestamp) -> Self {
        let minutes = now.duration_since(self.rate_at).as_secs().max(0) / MINUTE_S;
        if minutes == 0 || self.rate_per_s >= self.full_rate_per_s {
            return self.clone();
        }
        // What came until now came at the old rate.
        let mut after = self.settled(now);
        let step = (self.full_rate_per_s / 100 * STEP_PERCENT).max(1);
        let gained = step.saturating_mul(minutes.unsigned_abs());
        after.rate_per_s = self.rate_per_s.saturating_add(gained).min(self.full_rate_per_s);
        after.rate_at = later(self.rate_at, i128::from(minutes) * i128::from(MINUTE_S) * NANOS);
        after
    }

    /// The bucket brought back to `now` when somebody's clock moved it more than a minute ahead; `None` when none did.
    ///
    /// It comes back empty, so one such clock costs one burst at most.
    pub fn set_back(&self, now: Timestamp) -> Option<Self> {
        let ahead = self.at.duration_since(now) > SKEW;
        ahead.then(|| Self { tokens: 0, at: now, rate_at: self.rate_at.min(now), ..self.clone() })
    }

    /// The tokens counted to `now`.
    fn settled(&self, now: Timestamp) -> Self {
        let passed = now.duration_since(self.at).as_nanos().max(0);
        let gained = passed.saturating_mul(i128::from(self.rate_per_s)) / NANOS;
        let gained = u64::try_from(gained).unwrap_or(u64::MAX);
        let tokens = self.tokens.saturating_add(gained).min(self.burst);
        Self { tokens, at: self.at.max(now), ..self.clone() }
    }
}

fn later(at: Timestamp, nanos: i128) -> Timestamp {
    Timestamp::from_nanosecond(at.as_nanosecond().saturating_add(nanos)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LANES: [Lane; 3] = [Lane::Interactive, Lane::Write, Lane::Search];

    fn ms(n: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + n).expect("in range")
    }

    fn bucket(rate_calls: u64, burst_calls: u64) -> Bucket {
        Bucket::new(ms(0), rate_calls * CALL, burst_calls * CALL)
    }

    /// How many calls of `lane` pass at `now`.
    fn drain(b: &mut Bucket, now: Timestamp, lane: Lane) -> usize {
        let mut n = 0;
        while let Ok(next) = b.take(now, CALL, lane) {
            *b = next;
            n += 1;
        }
        n
    }

    #[test]
    fn the_reserve_is_for_people_only() {
        let mut b = bucket(1, 10);
        assert_eq!(drain(&mut b, ms(0), Lane::Search), 7);
        assert_eq!(drain(&mut b, ms(0), Lane::Write), 0);
        assert_eq!(drain(&mut b, ms(0), Lane::Interactive), 3);
    }

    #[test]
    fn who_waits_until_the_time_told_gets_through_and_not_before() {
        let mut b = bucket(2, 10);
        drain(&mut b, ms(0), Lane::Interactive);
        let Wait { until } = b.take(ms(100), CALL, Lane::Write).expect_err("empty");
        assert_eq!(until, ms(2_000));
        assert!(b.take(ms(1_999), CALL, Lane::Write).is_err());
        assert!(b.take(until, CALL, Lane::Write).is_ok());
    }

    #[test]
    fn a_cost_that_never_fits_waits_for_ever() {
        for (b, lane) in [(bucket(1, 10), Lane::Write), (bucket(0, 10), Lane::Interactive)] {
            let b = b.take(ms(0), 5 * CALL, Lane::Interactive).expect("full");
            assert_eq!(b.take(ms(9), 8 * CALL, lane), Err(Wait { until: Timestamp::MAX }));
        }
    }

    #[test]
    fn a_long_rest_saves_up_one_burst_only() {
        let mut b = bucket(1, 10);
        drain(&mut b, ms(0), Lane::Interactive);
        assert_eq!(drain(&mut b, ms(8 * 3_600_000), Lane::Interactive), 10);
    }

    #[test]
    fn a_clock_that_is_behind_brings_nothing() {
        let mut b = bucket(1, 3);
        drain(&mut b, ms(0), Lane::Interactive);
        assert_eq!(drain(&mut b, ms(-1_000_000), Lane::Interactive), 0);
        assert_eq!(b.at, ms(0));
    }

    #[test]
    fn a_bucket_from_the_future_is_set_back_and_soon_usable() {
        let mut b = bucket(1, 10);
        assert_eq!(drain(&mut b, ms(86_400_000), Lane::Interactive), 10);
        assert_eq!(b.set_back(ms(86_400_000 - 60_000)), None);
        let mut back = b.set_back(ms(1_000)).expect("a day ahead");
        assert_eq!((back.at, drain(&mut back, ms(1_000), Lane::Interactive)), (ms(1_000), 0));
        assert!(back.take(ms(12_000), CALL, Lane::Interactive).is_ok());
    }

    #[test]
    fn the_rate_halves_down_to_a_twentieth_and_comes_back_by_a_twentieth_a_minute() {
        let mut b = bucket(100, 10).slowed();
        assert_eq!(b.rate_per_s, 50 * CALL);
        assert_eq!(b.recovered(ms(59_999)), b);
        assert_eq!(b.recovered(ms(179_999)).rate_per_s, 60 * CALL);
        assert_eq!(b.recovered(ms(60_000)).recovered(ms(119_999)).rate_per_s, 55 * CALL);
        assert_eq!(b.recovered(ms(3_600_000)).rate_per_s, 100 * CALL);
        for _ in 0..10 {
            b = b.slowed();
        }
        assert_eq!(b.rate_per_s, 5 * CALL);
    }

    #[test]
    fn a_rate_that_comes_back_pays_nothing_for_the_time_before() {
        let mut b = bucket(100, 100_000).slowed();
        drain(&mut b, ms(0), Lane::Interactive);
        let b = b.recovered(ms(600_000));
        assert_eq!((b.tokens, b.rate_per_s), (600 * 50 * CALL, 100 * CALL));
    }

    #[test]
    fn it_comes_back_equal_from_json() {
        let b = bucket(3, 10).take(ms(7), CALL, Lane::Write).expect("full").slowed();
        let json = serde_json::to_string(&b).expect("plain");
        assert_eq!(serde_json::from_str::<Bucket>(&json).expect("a bucket"), b);
    }

    proptest! {
        #[test]
        fn in_no_window_is_more_admitted_than_the_rate_and_one_burst(
            rate in 1_u64..5_000_000, burst in 1_u64..20_000_000,
            takes in prop::collection::vec((-200_000_i64..200_000, 0_u64..3_000_000, 0_usize..3, 0_u8..10), 1..60),
        ) {
            let mut b = Bucket::new(ms(0), rate, burst);
            // The admitted: the clock of the bucket and what was taken there.
            let (mut taken, mut real): (Vec<(Timestamp, u64)>, i64) = (Vec::new(), 0);
            for (skew, cost, lane, change) in takes {
                real += 700;
                match change {
                    0 => b = b.slowed(),
                    1 => b = b.recovered(ms(real + skew)),
                    _ => {}
                }
                if let Ok(next) = b.take(ms(real + skew), cost, LANES[lane]) {
                    prop_assert!(next.tokens <= burst && next.at >= b.at);
                    b = next;
                    taken.push((b.at, cost));
                }
            }
            for from in 0..taken.len() {
                let mut sum = 0_i128;
                for (at, cost) in &taken[from..] {
                    sum += i128::from(*cost);
                    let elapsed = at.duration_since(taken[from].0).as_nanos();
                    prop_assert!((sum - i128::from(burst)) * NANOS <= i128::from(rate) * elapsed);
                }
            }
        }

        #[test]
        fn the_time_told_is_the_first_at_which_it_passes(
            rate in 1_u64..5_000_000, burst in 1_u64..20_000_000, spent in 0_u64..20_000_000,
            cost in 1_u64..3_000_000, lane in 0_usize..3, at in -1_000_i64..200_000,
        ) {
            let full = Bucket::new(ms(0), rate, burst);
            let b = full.take(ms(0), spent.min(burst), Lane::Interactive).expect("a full bucket");
            if let Err(Wait { until }) = b.take(ms(at), cost, LANES[lane]) && until != Timestamp::MAX {
                prop_assert!(until > ms(at));
                prop_assert!(b.take(until, cost, LANES[lane]).is_ok());
                prop_assert!(b.take(until - SignedDuration::from_nanos(1), cost, LANES[lane]).is_err());
            }
        }

        #[test]
        fn a_clock_that_is_ahead_costs_one_burst_each_time_it_is_set_back(
            rate in 1_u64..3, burst in 1_u64..20, skew_s in 61_i64..10_000,
            turns in prop::collection::vec((any::<bool>(), 0_i64..3_000), 1..60),
        ) {
            let mut b = bucket(rate, burst);
            let (mut real, mut admitted, mut set_back) = (0, 0_usize, 0);
            for (ahead, pause) in turns {
                real += pause;
                let now = ms(real + if ahead { skew_s * 1_000 } else { 0 });
                if let Some(back) = b.set_back(now) {
                    b = back;
                    set_back += 1;
                }
                admitted += drain(&mut b, now, Lane::Interactive);
            }
            // One burst at the start, one for every jump; the last may not have been set back yet.
            let most = u64::try_from(real).expect("forward") * rate / 1_000 + (2 + set_back) * burst;
            prop_assert!(u64::try_from(admitted).expect("few") <= most, "{} > {}", admitted, most);
        }
    }
}
