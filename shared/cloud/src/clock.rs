//! The clock that is handed in. It decides nothing and reads no time source of its own.

use jiff::{SignedDuration, Timestamp};
use std::{fmt, sync::Arc};

/// A source of the present time, cheap to clone. Tests hand in one that they move by hand.
#[derive(Clone)]
pub struct Clock {
    wall: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    steady: Arc<dyn Fn() -> SignedDuration + Send + Sync>,
}

impl Clock {
    /// A clock that asks `read` for the time, and measures by it as well.
    pub fn from_fn(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        let wall = Arc::new(read);
        let same = Arc::clone(&wall);
        Self { wall, steady: Arc::new(move || same().duration_since(Timestamp::UNIX_EPOCH)) }
    }

    /// The same clock, with a second one to measure by: one that nobody sets.
    #[must_use]
    pub fn with_steady(self, steady: impl Fn() -> SignedDuration + Send + Sync + 'static) -> Self {
        Self { steady: Arc::new(steady), ..self }
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        (self.wall)()
    }

    /// How long something has run by the second clock: only differences mean anything.
    pub fn steady(&self) -> SignedDuration {
        (self.steady)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
