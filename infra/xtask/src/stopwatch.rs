//! The one place of xtask that reads a clock: how long something took.
//!
//! Decides nothing; must not be used for a date or a deadline of the product.
#![expect(clippy::disallowed_methods, reason = "measuring real time is what this module is for")]

use std::time::{Duration, Instant};

/// Runs from its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts one.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since its start.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Whether `limit` is over.
    pub(crate) fn is_past(self, limit: Duration) -> bool {
        self.elapsed() > limit
    }
}
