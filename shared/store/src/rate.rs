//! How many requests a caller may still make, across all functions.
//!
//! A generic cell rate: the row holds the time up to which requests are paid
//! for. Taking some moves it; it never runs more than the burst ahead of now.

use jiff::{SignedDuration, Timestamp};

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Fields, number};
use crate::tenant::Tenant;
use crate::write::Write;

/// How often a take is tried again when another came between.
const TRIES: usize = 3;

/// What came of taking requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// They are granted; so much time of the burst is left.
    Granted {
        /// How much.
        left: SignedDuration,
    },
    /// Too many: they would be granted after this time.
    Over {
        /// After which time.
        wait: SignedDuration,
    },
}

impl Tenant {
    /// Takes requests that cost `cost` of `who`'s time, at most `burst` ahead of `now`.
    pub async fn take(
        &self,
        who: &str,
        cost: SignedDuration,
        burst: SignedDuration,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        let micros = |d: SignedDuration| i64::try_from(d.as_micros()).unwrap_or(i64::MAX);
        let (at, cost, burst) = (now.as_microsecond(), micros(cost), micros(burst));
        let latest = at + burst - cost;
        for _ in 0..TRIES {
            let ahead = Write::update(self.keys.rate(who), "SET pt = pt + :cost")
                .when("pt >= :now AND pt <= :latest")
                .value(":cost", number(cost))
                .value(":now", number(at))
                .value(":latest", number(latest))
                .telling_old();
            let paid: i64 = match self.calls().write(ahead).await {
                Ok(item) => Fields::new(item.unwrap_or_default(), "rate").number("pt")?,
                Err(WriteError::Condition(item)) => {
                    let paid = item.map(|item| Fields::new(item, "rate").number::<i64>("pt")).transpose()?;
                    if let Some(paid) = paid.filter(|paid| *paid >= at) {
                        return Ok(Taken::Over { wait: SignedDuration::from_micros(paid - latest) });
                    }
                    // Nothing was taken for a while.
                    if !self.start(who, at, at + cost).await? {
                        continue;
                    }
                    at + cost
                }
                Err(WriteError::Store(e)) => return Err(e),
            };
            return Ok(Taken::Granted { left: SignedDuration::from_micros(at + burst - paid) });
        }
        Ok(Taken::Over { wait: SignedDuration::from_secs(1) })
    }

    /// Begins anew at now: nothing was taken for a while. Whether no other did.
    async fn start(&self, who: &str, now: i64, paid: i64) -> Result<bool, StoreError> {
        let write = Write::update(self.keys.rate(who), "SET pt = :paid")
            .when("attribute_not_exists(pt) OR pt < :now")
            .value(":paid", number(paid))
            .value(":now", number(now));
        match self.calls().write(write).await {
            Ok(_) => Ok(true),
            Err(WriteError::Condition(_)) => Ok(false),
            Err(WriteError::Store(e)) => Err(e),
        }
    }
}
