//! The CRM's clock: the one place of this crate that reads a clock.
//!
//! When an edit was made is judged by the clock that the CRM is given, so that a test can move it. Waits between
//! two tries are real waits on the wire and run on the machine's own.

use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// Says what time it is for the CRM. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn system() -> Self {
        Self::from_fn(Timestamp::now)
    }

    /// Any other clock.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// The present on the machine's own clock, for waits.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub(crate) fn moment() -> Instant {
    Instant::now()
}
