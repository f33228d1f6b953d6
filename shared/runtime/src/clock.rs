//! The real clock. The only place of the product that reads it; everything else takes a [`Clock`].

use cloud::Clock;
use jiff::{SignedDuration, Timestamp};
use std::time::Instant;

/// The system's clock, and the steady one that nobody sets.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clocks")]
pub fn system() -> Clock {
    let start = Instant::now();
    let steady = move || SignedDuration::try_from(start.elapsed()).unwrap_or(SignedDuration::MAX);
    Clock::from_fn(Timestamp::now).with_steady(steady)
}
