//! Telling the CRM's endpoints of changes: which, in which order, when again, when no more.
//!
//! Decides everything about one endpoint by its [`Progress`], a value that is saved between steps. An endpoint that
//! fails several times running is *down*: it is tried with one event at a time, ever more rarely, and the walk over the
//! changes stands, so an outage costs no row an event and loses none. Must not send, sign or read a clock.

mod event;
mod schedule;
#[cfg(test)]
mod tests;

pub use event::{TEST_EVENT, Told, event_name, message_id, test_body, test_message_id};
pub use schedule::{ATTEMPTS, LONGEST_RETRY_AFTER, delay, retry_after};

use domain::{Object, change::ChangeKind};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// So many failures in a row, of whichever events, and the endpoint is down.
pub const DOWN_AFTER: u32 = 3;
/// The most events that wait for their next attempt; then the walk stands until some are through.
pub const MOST_WAITING: usize = 32;
/// While an endpoint is down, so many different events take turns, so that one that it cannot take does not block it.
const PROBES: usize = 3;
/// Nothing but failures for so long turns an endpoint off.
pub const OFF_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);
/// How long a dispatcher that does not say anything holds an endpoint: several times what a send takes.
pub const HELD_FOR: SignedDuration = SignedDuration::from_secs(60);

/// Which changes an endpoint is told of. What is empty leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Of records of these types.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub objects: BTreeSet<Object>,
    /// Of these kinds.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub kinds: BTreeSet<ChangeKind>,
}

impl Filter {
    /// Whether a change of a record of this type is told.
    pub fn takes(&self, object: Object, kind: ChangeKind) -> bool {
        (self.objects.is_empty() || self.objects.contains(&object))
            && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
}

/// Why an endpoint is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// A person turned it off.
    Person,
    /// It answered 410.
    Gone,
    /// It failed for five days.
    Failing,
}

/// An event that waits for its next attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    /// Not before this time.
    due: Timestamp,
    /// Attempts that count: those of which the endpoint was not down.
    attempts: u32,
    /// All attempts since it waits.
    tries: u32,
}

/// Changes that are told once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Replay {
    /// Up to this one it is done.
    after: u64,
    /// Up to this one.
    until: u64,
}

/// Which dispatcher works for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    who: String,
    until: Timestamp,
}

/// How far an endpoint is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    cursor: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    waiting: BTreeMap<u64, Waiting>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replay: Option<Replay>,
    #[serde(default)]
    failures: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
    /// Nothing is sent before this time: the endpoint is down, or asked for quiet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
}

/// What to do next for an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send the event of this change, which waits.
    Again(u64),
    /// Look at this change: send its event if the filter takes it, else [`Progress::pass`] it.
    Look(Walk, u64),
    /// Nothing for now.
    Rest,
}

/// Which walk over the changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// Those that were not told yet.
    Live,
    /// Those that are told once more.
    Replay,
}

/// What came of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was taken.
    Taken,
    /// The endpoint is gone for good.
    Gone,
    /// It failed; with the wait that the endpoint asked for.
    Failed(Option<SignedDuration>),
}

/// What an answer means for the event and its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How the event stands.
    pub event: Fate,
    /// The endpoint is to be turned off.
    pub off: Option<Off>,
}

/// How an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Fate {
    /// It was taken.
    Delivered,
    /// It is tried again.
    Waiting {
        /// Not before this time.
        due: Timestamp,
    },
    /// It was tried often enough while others were taken.
    GivenUp,
}

/// No more events can be made to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many events wait for this endpoint")]
pub struct TooMany;

impl Progress {
    /// That of an endpoint that is told what comes after change `cursor`.
    pub const fn new(cursor: u64) -> Self {
        Self {
            cursor,
            waiting: BTreeMap::new(),
            replay: None,
            failures: 0,
            failing_since: None,
            not_before: None,
            held: None,
        }
    }

    /// The number of the last change that was handled: told, left out, or made to wait.
    pub const fn cursor(&self) -> u64 {
        self.cursor
    }

    /// How many events wait for their next attempt.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Since when every send failed, if the last one did.
    pub const fn failing_since(&self) -> Option<Timestamp> {
        self.failing_since
    }

    /// Whether it is tried with one event at a time.
    pub const fn is_down(&self) -> bool {
        self.failures >= DOWN_AFTER
    }

    /// When there is something to send again at the earliest, as far as it is known.
    pub fn due(&self) -> Option<Timestamp> {
        let first = self.waiting.values().map(|w| w.due).min();
        if self.is_down() { self.not_before } else { first.map(|due| self.not_before.map_or(due, |n| n.max(due))) }
    }

    /// Takes the endpoint for a dispatcher, or keeps it; `false` when another one has it.
    pub fn hold(&mut self, who: &str, now: Timestamp) -> bool {
        if self.held.as_ref().is_some_and(|held| held.who != who && now < held.until) {
            return false;
        }
        self.held = Some(Held { who: who.to_owned(), until: now.saturating_add(HELD_FOR).unwrap_or(now) });
        true
    }

    /// Whether the dispatcher still has it.
    pub fn is_held_by(&self, who: &str) -> bool {
        self.held.as_ref().is_some_and(|held| held.who == who)
    }

    /// Whether the dispatcher's hold lasts for `at_least` more.
    pub fn is_held_for(&self, now: Timestamp, at_least: SignedDuration) -> bool {
        self.held.as_ref().is_some_and(|held| held.until.duration_since(now) >= at_least)
    }

    /// Lets go of it.
    pub fn release(&mut self) {
        self.held = None;
    }

    /// What to do next; `newest` is the number of the tenant's last change.
    pub fn next(&self, now: Timestamp, newest: u64) -> Next {
        if self.not_before.is_some_and(|not_before| now < not_before) {
            return Next::Rest;
        }
        let live = (self.cursor < newest).then_some(Next::Look(Walk::Live, self.cursor + 1));
        let replay = self.replay.map(|r| Next::Look(Walk::Replay, r.after + 1));
        if self.is_down() {
            // The one that was tried least, so that all take turns.
            let least = self.waiting.iter().min_by_key(|(n, w)| (w.tries, **n)).map(|(n, _)| Next::Again(*n));
            let fresh = live.filter(|_| self.waiting.len() < PROBES);
            return fresh.or(least).or(live).or(replay).unwrap_or(Next::Rest);
        }
        let due = self.waiting.iter().filter(|(_, w)| w.due <= now).min_by_key(|(n, w)| (w.due, **n));
        if let Some((number, _)) = due {
            return Next::Again(*number);
        }
        if self.waiting.len() >= MOST_WAITING {
            return Next::Rest;
        }
        live.or(replay).unwrap_or(Next::Rest)
    }

    /// Whether the event of a change waits already.
    pub fn is_waiting(&self, number: u64) -> bool {
        self.waiting.contains_key(&number)
    }

    /// Goes past a change that is not told.
    pub fn pass(&mut self, walk: Walk, number: u64) {
        match walk {
            Walk::Live => self.cursor = self.cursor.max(number),
            Walk::Replay => {
                if let Some(replay) = &mut self.replay {
                    replay.after = replay.after.max(number);
                }
                self.replay = self.replay.filter(|r| r.after < r.until);
            }
        }
    }

    /// Forgets an event whose change is no longer there.
    pub fn forget(&mut self, number: u64) {
        self.waiting.remove(&number);
    }

    /// Takes in what came of a send. `walk` is where the event came from, if it did not wait; `jitter` is of thousandths.
    pub fn sent(&mut self, walk: Option<Walk>, number: u64, answer: Answer, now: Timestamp, jitter: u16) -> Verdict {
        if let Some(walk) = walk {
            self.pass(walk, number);
        }
        match answer {
            Answer::Taken => {
                self.waiting.remove(&number);
                (self.failures, self.failing_since, self.not_before) = (0, None, None);
                Verdict { event: Fate::Delivered, off: None }
            }
            Answer::Gone => {
                self.wait(number, now);
                Verdict { event: Fate::Waiting { due: now }, off: Some(Off::Gone) }
            }
            Answer::Failed(asked) => self.failed(number, asked, now, jitter),
        }
    }

    fn failed(&mut self, number: u64, asked: Option<SignedDuration>, now: Timestamp, jitter: u16) -> Verdict {
        let was_down = self.is_down();
        self.failures = self.failures.saturating_add(1);
        let since = *self.failing_since.get_or_insert(now);
        let asked = asked.map_or(now, |wait| later(now, wait.min(LONGEST_RETRY_AFTER)));
        let waiting = self.wait(number, now);
        waiting.tries += 1;
        // While it is down, an attempt says something of the endpoint and nothing of the event.
        waiting.attempts += u32::from(!was_down);
        waiting.due = later(now, delay(waiting.attempts, jitter)).max(asked);
        let (due, attempts) = (waiting.due, waiting.attempts);
        if asked > now {
            self.not_before = Some(self.not_before.map_or(asked, |n| n.max(asked)));
        }
        if self.is_down() {
            let probes = self.failures - DOWN_AFTER;
            self.not_before = Some(later(now, delay(probes + 2, jitter)).max(asked));
        }
        let off = (now.duration_since(since) >= OFF_AFTER).then_some(Off::Failing);
        if attempts >= ATTEMPTS && !self.is_down() && off.is_none() {
            self.waiting.remove(&number);
            return Verdict { event: Fate::GivenUp, off: None };
        }
        let due = if self.is_down() { self.not_before.unwrap_or(due) } else { due };
        Verdict { event: Fate::Waiting { due }, off }
    }

    fn wait(&mut self, number: u64, now: Timestamp) -> &mut Waiting {
        self.waiting.entry(number).or_insert(Waiting { due: now, attempts: 0, tries: 0 })
    }

    /// Tells the event of a change once more, at once, also to an endpoint that is down.
    pub fn again(&mut self, number: u64, now: Timestamp) -> Result<(), TooMany> {
        if self.waiting.len() >= 2 * MOST_WAITING && !self.is_waiting(number) {
            return Err(TooMany);
        }
        self.waiting.insert(number, Waiting { due: now, attempts: 0, tries: 0 });
        self.not_before = None;
        Ok(())
    }

    /// Tells once more what came after change `after`.
    pub fn again_since(&mut self, after: u64) {
        let (from, until) = self.replay.map_or((after, self.cursor), |r| (r.after.min(after), self.cursor));
        self.replay = Some(Replay { after: from, until }).filter(|r| r.after < r.until);
        self.not_before = None;
    }

    /// Begins anew after it was turned on again: what waits is due, and its failures are forgotten.
    pub fn revive(&mut self, now: Timestamp) {
        (self.failures, self.failing_since, self.not_before) = (0, None, None);
        for waiting in self.waiting.values_mut() {
            *waiting = Waiting { due: now, attempts: 0, tries: 0 };
        }
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}
