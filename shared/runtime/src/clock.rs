//! The real clock. The only place of the product that reads it; everything else takes a [`Clock`].

use cloud::Clock;
use jiff::Timestamp;

/// The system's clock.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn system() -> Clock {
    Clock::from_fn(Timestamp::now)
}
