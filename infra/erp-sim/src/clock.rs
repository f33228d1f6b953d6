//! The simulator's clock: the one place of this crate that reads the wall clock.
//!
//! Everything that stands for ERP time (maintenance windows, webhook delays and
//! retries, async reports, change times) is judged by it, so that a test can move
//! hours in a moment. It must not be used for real waits on the wire; those are
//! transport behaviour and run on tokio's timer.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A clock that tests can move. Cheap to clone; clones share the time.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    kind: Kind,
    told: watch::Sender<Timestamp>,
}

#[derive(Debug)]
enum Kind {
    /// The wall clock, plus what `advance` added.
    System(Mutex<SignedDuration>),
    /// Stands still between advances.
    Manual(Mutex<Timestamp>),
}

impl Clock {
    /// The wall clock. `advance` moves it on by an offset.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn system() -> Self {
        Self::with(Kind::System(Mutex::new(SignedDuration::ZERO)), Timestamp::now())
    }

    /// A clock that stands at `start` until it is advanced.
    pub fn manual(start: Timestamp) -> Self {
        Self::with(Kind::Manual(Mutex::new(start)), start)
    }

    fn with(kind: Kind, first: Timestamp) -> Self {
        let (told, _) = watch::channel(first);
        Self { inner: Arc::new(Inner { kind, told }) }
    }

    /// What time it is in the simulated world.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> Timestamp {
        match &self.inner.kind {
            Kind::System(offset) => {
                let offset = *offset.lock().unwrap_or_else(PoisonError::into_inner);
                Timestamp::now().saturating_add(offset).unwrap_or(Timestamp::MAX)
            }
            Kind::Manual(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves the time on and tells every subscriber.
    pub fn advance(&self, by: SignedDuration) {
        match &self.inner.kind {
            Kind::System(offset) => {
                let mut offset = offset.lock().unwrap_or_else(PoisonError::into_inner);
                *offset = offset.saturating_add(by);
            }
            Kind::Manual(at) => {
                let mut at = at.lock().unwrap_or_else(PoisonError::into_inner);
                *at = at.saturating_add(by).unwrap_or(Timestamp::MAX);
            }
        }
        self.inner.told.send_replace(self.now());
    }

    /// A receiver that wakes on every advance.
    pub fn subscribe(&self) -> watch::Receiver<Timestamp> {
        self.inner.told.subscribe()
    }

    /// Whether the time stands still between advances.
    pub fn is_manual(&self) -> bool {
        matches!(self.inner.kind, Kind::Manual(_))
    }
}

/// Real time spent, for `opr_time_ms`: how long a call waited for its lock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Timestamp {
        "2026-01-15T10:00:00Z".parse().expect("a valid instant")
    }

    #[test]
    fn a_manual_clock_stands_still_until_it_is_advanced() {
        let clock = Clock::manual(start());
        let watcher = clock.subscribe();
        assert_eq!(clock.now(), start());
        clock.advance(SignedDuration::from_secs(60));
        assert_eq!(clock.now().as_second(), start().as_second() + 60);
        assert!(watcher.has_changed().expect("the clock lives"));
    }

    #[test]
    fn a_system_clock_moves_on_by_what_was_added() {
        let clock = Clock::system();
        let before = clock.now();
        clock.advance(SignedDuration::from_hours(5));
        assert!(clock.now().duration_since(before) >= SignedDuration::from_hours(5));
    }
}
