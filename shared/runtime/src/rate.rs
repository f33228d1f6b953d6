//! How many requests a tenant and each of its keys may make.
//!
//! Decides the rates, and that a function takes requests in small blocks: the
//! table is asked once a block, so a limit that nobody reaches costs little.
//! What is not used of a block within its time is lost, so a limit may be felt a
//! little early, and is never exceeded by more than the burst.

use cloud::Clock;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use store::{StoreError, Taken, Tenant};

/// The most requests of a block.
const BLOCK: i32 = 25;
/// A block is at most this part of the burst, so that one function does not hold it all.
const PARTS: i32 = 8;
/// How long a block may be used.
const BLOCK_LASTS: SignedDuration = SignedDuration::from_secs(60);
/// So many seconds of the rate may come at once.
const BURST_SECONDS: i32 = 2;
/// Of how many callers blocks are held.
const HELD: usize = 1_024;

/// The name of a tenant's row, beside those of its keys.
const TENANT: &str = "TENANT";

/// What a function holds for one caller.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// Requests that are paid for.
    paid: i32,
    /// Requests that the table had left beside them.
    beside: i64,
    /// Until when the block may be used.
    until: Timestamp,
    /// Until when nothing is granted.
    shut_until: Timestamp,
}

/// Whether a request is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granted {
    /// It is; about so many more may come at once.
    Yes {
        /// How many.
        left: i64,
    },
    /// It is not: so many seconds have to pass.
    No {
        /// How many.
        seconds: u32,
    },
}

/// The rates of one deployment, and the blocks that this function holds.
#[derive(Clone, Debug)]
pub struct Rates {
    per_second: i32,
    clock: Clock,
    blocks: Arc<Mutex<BTreeMap<String, Block>>>,
}

impl Rates {
    /// Requests a second of a tenant, unless an operator says otherwise.
    pub const PER_SECOND: u32 = 300;

    /// At most `per_second` requests a second of a tenant, and half of them of one key. From 1 to 10,000. `clock` is that
    /// by which requests come, whatever time the product lives in.
    pub fn new(per_second: u32, clock: Clock) -> Self {
        let per_second = i32::try_from(per_second.clamp(1, 10_000)).unwrap_or(i32::MAX);
        Self { per_second, clock, blocks: Arc::default() }
    }

    /// The quota a minute and its name, as the answers tell it.
    pub(crate) fn policy(&self) -> String {
        format!("\"tenant\";q={};w=60", i64::from(self.per_second) * 60)
    }

    /// Grants one request of a tenant, and of the key if it is one's.
    pub(crate) async fn grant(&self, tenant: &Tenant, key: Option<&str>) -> Result<Granted, StoreError> {
        let now = self.clock.now();
        if let Some(key) = key {
            // One key alone cannot shut out everybody else.
            let granted = self.grant_of(tenant, key, (self.per_second / 2).max(1), now).await?;
            if matches!(granted, Granted::No { .. }) {
                return Ok(granted);
            }
        }
        self.grant_of(tenant, TENANT, self.per_second, now).await
    }

    async fn grant_of(&self, tenant: &Tenant, who: &str, rate: i32, now: Timestamp) -> Result<Granted, StoreError> {
        let name = format!("{}#{who}", tenant.id());
        if let Some(granted) = self.held(&name, now) {
            return Ok(granted);
        }
        let each = SignedDuration::from_secs(1) / rate;
        let at_once = rate.saturating_mul(BURST_SECONDS);
        let size = (at_once / PARTS).clamp(1, BLOCK);
        let taken = tenant.take(who, each * size, each * at_once, now).await?;
        let (block, granted) = match taken {
            Taken::Granted { left } => {
                let beside = i64::try_from(left.as_micros() / each.as_micros().max(1)).unwrap_or_default();
                let until = now.saturating_add(BLOCK_LASTS).unwrap_or(Timestamp::MAX);
                let block = Block { paid: size - 1, beside, until, shut_until: Timestamp::MIN };
                (block, Granted::Yes { left: beside + i64::from(block.paid) })
            }
            Taken::Over { wait } => {
                let shut_until = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
                (Block { paid: 0, beside: 0, until: now, shut_until }, shut(shut_until, now))
            }
        };
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if blocks.len() >= HELD {
            blocks.retain(|_, block| block.until > now || block.shut_until > now);
        }
        if blocks.len() < HELD {
            blocks.insert(name, block);
        }
        Ok(granted)
    }

    /// What is granted or refused without asking the table.
    fn held(&self, name: &str, now: Timestamp) -> Option<Granted> {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let block = blocks.get_mut(name)?;
        if block.shut_until > now {
            return Some(shut(block.shut_until, now));
        }
        if block.paid == 0 || block.until <= now {
            return None;
        }
        block.paid -= 1;
        Some(Granted::Yes { left: block.beside + i64::from(block.paid) })
    }
}

fn shut(until: Timestamp, now: Timestamp) -> Granted {
    let seconds = until.duration_since(now).as_millis().div_euclid(1_000) + 1;
    Granted::No { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) }
}
