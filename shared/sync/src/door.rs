//! The door to a host of the ERP: whether a worker may call it, and at what pace while it comes back.
//!
//! A value for all tenants of a host. Whoever goes through reads it and, where
//! an answer holds another door, writes that one on the condition that nobody
//! changed it in between. In fair weather nothing is ever written. Must not read
//! a clock, wait, or judge what an answer of the ERP means.
//!
//! One slice of work is one voice, and a tenant has one bad word a minute:
//! whatever it saw, it weighs less than the breaker needs to open. So a company
//! whose own data the ERP cannot serve does not shut the others out.

use domain::{ContentHash, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::breaker::{self, Breaker, FailureKind};
use crate::bucket::{Bucket, CALL, Lane};

/// How long after it closed the calls of all tenants together are paced.
const PACED_FOR: SignedDuration = SignedDuration::from_mins(60);
/// Nobody is held back for longer after the closing, by clocks that differ by a minute.
const LONGEST_RAMP: SignedDuration = SignedDuration::from_mins(11);
/// The fewest calls that the bucket holds: enough for a block, and for a page of lookups, beside the reserve.
const LEAST_BURST: u32 = 40;
/// The first wait of a company whose quota is used up, and the longest, in seconds.
const FIRST_SLOW_S: u32 = 60;
const LONGEST_SLOW_S: u32 = 900;
/// A slice weighs so many calls at most: what it saw failing is less than half of those that the breaker judges by.
const MOST_WEIGHT: u32 = breaker::LEAST_CALLS / 2 - 1;
/// After its bad word a tenant has no other for so long: as long as the breaker looks back.
const ONE_WORD: SignedDuration = SignedDuration::from_secs(60);
/// Who is sent away comes back so many seconds later at most, so that not all come at once.
const SPREAD_S: u32 = 20;

/// What became of the calls of a slice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Calls that ended.
    pub calls: u32,
    /// Those of them that failed. A refusal that the ERP explains is no failure.
    pub failed: u32,
    /// How many of the last ones got no answer of the ERP's, one after another.
    pub straight: u32,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The tenant's place among a hundred: see [`share_of`].
    pub share: u32,
    /// A person waits.
    pub interactive: bool,
}

/// Calls of all tenants together while the host comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// When the breaker closed.
    pub since: Timestamp,
    /// The calls that may be made.
    pub bucket: Bucket,
}

/// Who last told of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadWord {
    /// The tenant's place among a hundred.
    pub share: u32,
    /// When.
    pub since: Timestamp,
}

/// The door of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// Whether calls go at all.
    #[serde(default)]
    pub breaker: Breaker,
    /// How many, since it last closed. It is over after an hour, whatever is written here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
    /// Who last told of failures that were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad_word: Option<BadWord>,
}

/// Whether one may go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// One may. Nothing needs writing.
    Open,
    /// One may as the only one, for one light read, when this door could be written.
    Probe(Door),
    /// One may not.
    Shut {
        /// When to ask again.
        until: Timestamp,
        /// The host is away. Otherwise it is back, and not everybody is admitted yet.
        away: bool,
    },
}

/// What came of asking for calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Calls are not counted.
    Free,
    /// They may be made when this door could be written.
    Granted(Door),
    /// Not now.
    Wait {
        /// When to ask again.
        until: Timestamp,
        /// To be written all the same: a clock that was ahead had moved it.
        set_back: Option<Door>,
    },
}

impl Default for Caller {
    fn default() -> Self {
        Self { share: 0, interactive: true }
    }
}

/// The tenant's place among a hundred. It never moves.
pub fn share_of(tenant: &TenantId) -> u32 {
    let hash = ContentHash::of(&[b"door", tenant.as_str().as_bytes()]).0;
    u32::try_from(hash % 100).unwrap_or(0)
}

/// How long a company waits after its quota was found used up, in seconds. `last_s` is its last wait; 0 for none.
pub fn slow_down(last_s: u32) -> u32 {
    last_s.saturating_mul(2).clamp(FIRST_SLOW_S, LONGEST_SLOW_S)
}

impl Door {
    /// Whether `who` may go through. `who` is another for every attempt.
    pub fn admit(&self, who: &str, caller: Caller, now: Timestamp) -> Admission {
        match self.breaker.admit(who, now) {
            breaker::Admission::Refuse { until } => {
                Admission::Shut { until: if caller.interactive { until } else { spread(until, caller) }, away: true }
            }
            breaker::Admission::Probe(breaker) => Admission::Probe(Self { breaker, ..self.clone() }),
            breaker::Admission::Go(_) if caller.interactive => Admission::Open,
            breaker::Admission::Go(_) => match self.breaker.admits_at(caller.share) {
                // A time that is farther away than any ramp was written by a clock that is wrong.
                Some(from) if now < from && from.duration_since(now) <= LONGEST_RAMP => {
                    Admission::Shut { until: from, away: false }
                }
                _ => Admission::Open,
            },
        }
    }

    /// The door after the probe of `who`; `None` when the probe is not its any more. `calls_per_s` is the pace from here on.
    pub fn probed(
        &self,
        who: &str,
        answered: Result<(), FailureKind>,
        calls_per_s: u32,
        now: Timestamp,
    ) -> Option<Self> {
        let breaker = match answered {
            Ok(()) => self.breaker.succeeded(who, now),
            Err(kind) => self.breaker.failed(who, kind, now),
        };
        if breaker == self.breaker || matches!(self.breaker, Breaker::Closed { .. }) {
            return None;
        }
        let pace = match breaker {
            Breaker::Closed { .. } => Some(Pace { since: now, bucket: self.bucket(calls_per_s, now) }),
            _ => self.pace.clone(),
        };
        Some(Self { breaker, pace, bad_word: None })
    }

    /// The bucket to go on with. One of the same rate is kept: to open and close again brings no second burst.
    fn bucket(&self, calls_per_s: u32, now: Timestamp) -> Bucket {
        let rate = u64::from(calls_per_s.max(1)) * CALL;
        match &self.pace {
            Some(pace) if pace.bucket.full_rate_per_s == rate => pace.bucket.clone(),
            _ => Bucket::new(now, rate, u64::from(burst_of(calls_per_s)) * CALL),
        }
    }

    /// The door after a slice of work for the tenant at this place; `None` when nothing needs writing.
    pub fn told(&self, outcomes: Outcomes, share: u32, now: Timestamp) -> Option<Self> {
        let is_open = matches!(self.breaker, Breaker::Closed { .. });
        let has_said = |w: &BadWord| w.share == share && now.duration_since(w.since).abs() < ONE_WORD;
        let said = self.bad_word.filter(has_said);
        let mut weighed = weighed(outcomes);
        if said.is_some() {
            weighed = Weighed { good: weighed.good, failed: 0, straight: 0 };
        }
        let Weighed { good, failed, straight } = weighed;
        let is_bad = failed + straight > 0;
        if !is_open || good + failed + straight == 0 || (!is_bad && self.is_calm(now)) {
            return None;
        }
        let times =
            |n: u32, breaker: Breaker, step: &dyn Fn(&Breaker) -> Breaker| (0..n).fold(breaker, |b, _| step(&b));
        // The good ones first: what failed before them did not keep the ERP from answering.
        let breaker = times(good, self.breaker.clone(), &|b| b.succeeded("", now));
        let breaker = times(failed, breaker, &|b| b.failed("", FailureKind::Fault, now));
        let breaker = times(straight, breaker, &|b| b.failed("", FailureKind::Html, now));
        let bad_word = if is_bad { Some(BadWord { share, since: now }) } else { self.bad_word };
        (breaker != self.breaker).then(|| Self { breaker, bad_word, pace: self.pace.clone() })
    }

    /// Whether the good news of a slice is no news: nobody failed lately, and the host is not coming back.
    pub fn is_calm(&self, now: Timestamp) -> bool {
        self.breaker.is_calm(now)
    }

    /// Until when the host is taken to be away; `None` when it is not.
    pub fn away_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.admit("", Caller::default(), now) {
            Admission::Shut { until, .. } => Some(until),
            Admission::Probe(_) => Some(now),
            Admission::Open => None,
        }
    }

    /// Asks for so many calls.
    pub fn take(&self, calls: u32, caller: Caller, now: Timestamp) -> Taken {
        if let Some(until) = self.away_until(now) {
            return Taken::Wait { until: spread(until, caller), set_back: None };
        }
        let Some(pace) = self.pace.as_ref().filter(|p| now < later(p.since, PACED_FOR)) else { return Taken::Free };
        let set_back = pace.bucket.set_back(now);
        let bucket = set_back.as_ref().unwrap_or(&pace.bucket);
        let with = |bucket: &Bucket| {
            let pace = Pace { since: pace.since, bucket: bucket.clone() };
            Self { pace: Some(pace), ..self.clone() }
        };
        let lane = if caller.interactive { Lane::Interactive } else { Lane::Search };
        match bucket.take(now, u64::from(calls) * CALL, lane) {
            Ok(bucket) => Taken::Granted(with(&bucket)),
            Err(wait) => {
                // What never fits waits for the end of the pace.
                let until = spread(wait.until, caller).min(later(pace.since, PACED_FOR));
                Taken::Wait { until, set_back: set_back.as_ref().map(with) }
            }
        }
    }

    /// The door with so many calls back that were taken and not made; `None` when they are not counted.
    pub fn given_back(&self, calls: u32, now: Timestamp) -> Option<Self> {
        let pace = self.pace.as_ref().filter(|p| calls > 0 && now < later(p.since, PACED_FOR))?;
        let tokens = pace.bucket.tokens.saturating_add(u64::from(calls) * CALL).min(pace.bucket.burst);
        let bucket = Bucket { tokens, ..pace.bucket.clone() };
        Some(Self { pace: Some(Pace { since: pace.since, bucket }), ..self.clone() })
    }
}

/// The most calls that may be made at once while a host comes back, by the rate.
pub fn burst_of(calls_per_s: u32) -> u32 {
    calls_per_s.max(LEAST_BURST)
}

struct Weighed {
    good: u32,
    failed: u32,
    straight: u32,
}

/// One voice: few calls, the failed ones among them in proportion, and fewer straight ones than open the breaker.
fn weighed(outcomes: Outcomes) -> Weighed {
    let straight = outcomes.straight.min(outcomes.calls);
    let rest = outcomes.calls - straight;
    let failed = outcomes.failed.saturating_sub(straight).min(rest);
    let straight = straight.min(breaker::STRAIGHT - 1);
    let most = MOST_WEIGHT - straight;
    let scaled = if rest <= most {
        failed
    } else {
        let part = (u64::from(failed) * u64::from(most)).div_ceil(u64::from(rest));
        u32::try_from(part).unwrap_or(most)
    };
    Weighed { good: rest.min(most) - scaled, failed: scaled, straight }
}

fn spread(at: Timestamp, caller: Caller) -> Timestamp {
    later(at, SignedDuration::from_secs(i64::from(caller.share % SPREAD_S)))
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
