//! The claim on the ERP's search slot: one search in flight per company, interactive calls first.
//!
//! Decides who searches next, by two rows that each side writes before it reads
//! the other's: the worker holds `LEASE` and reads `BUCKET` before each search,
//! the interactive caller writes `BUCKET` and reads `LEASE`. So at least one of
//! them sees the other. Without contention the worker writes nothing here.
//!
//! The caller: claim for longer than a search can take; if the lease is not
//! live, search; otherwise wait until the claim is `yielded` or the lease is
//! gone; release. The worker, at a live claim: yield, wait until it is released
//! or over.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Attributes, Fields, text, time};
use crate::lease::{Lease, end_of};
use crate::tenant::Tenant;
use crate::write::Write;

/// An interactive caller's claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchClaim {
    /// Who claims.
    pub who: String,
    /// Until when.
    pub until: Timestamp,
    /// The sync worker stands aside for it.
    pub yielded: bool,
}

impl SearchClaim {
    /// Whether it holds at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until > now
    }
}

/// Why the slot was not claimed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClaimError {
    /// Another interactive caller has it.
    #[error("another call has the search slot until {until}")]
    Held {
        /// Until when, unless it is released.
        until: Timestamp,
    },
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn claim(item: Attributes) -> Result<Option<SearchClaim>, StoreError> {
    let fields = Fields::new(item, "search claim");
    if !fields.has("who") {
        return Ok(None);
    }
    let who = fields.text("who")?.to_owned();
    // A mark for an earlier claim says nothing about this one.
    let yielded = fields.has("y") && fields.text("y")? == who;
    Ok(Some(SearchClaim { who, until: fields.time("un")?, yielded }))
}

impl Tenant {
    /// Claims the search slot for `who`, a name that no other call has. A claim of one's own is extended.
    pub async fn claim_search(
        &self,
        who: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<SearchClaim, ClaimError> {
        let until = end_of(now, ttl);
        let write = Write::update(self.keys.bucket(), "SET who = :who, un = :un")
            .when("attribute_not_exists(who) OR un <= :now OR who = :who")
            .value(":who", text(who))
            .value(":un", time(until))
            .value(":now", time(now))
            .telling_old();
        match self.calls().write(write).await {
            Ok(item) => claim(item.unwrap_or_default())?.ok_or(ClaimError::Store(StoreError::Conflict)),
            Err(WriteError::Condition(item)) => match claim(item.unwrap_or_default())? {
                Some(other) => Err(ClaimError::Held { until: other.until }),
                None => Err(ClaimError::Store(StoreError::Conflict)),
            },
            Err(WriteError::Store(e)) => Err(ClaimError::Store(e)),
        }
    }

    /// Gives the slot back. A claim that has passed to another is left alone.
    pub async fn release_search(&self, who: &str) -> Result<(), StoreError> {
        let write = Write::update(self.keys.bucket(), "REMOVE who, un, y").when("who = :who").value(":who", text(who));
        match self.calls().write(write).await {
            Ok(_) | Err(WriteError::Condition(_)) => Ok(()),
            Err(WriteError::Store(e)) => Err(e),
        }
    }

    /// The claim on the slot, consistently. It may be over: ask [`SearchClaim::is_live`].
    pub async fn search_claim(&self) -> Result<Option<SearchClaim>, StoreError> {
        match self.calls().get(&self.keys.bucket()).await? {
            Some(item) => claim(item),
            None => Ok(None),
        }
    }

    /// Marks that the worker with this lease stands aside for `who`. `false` when `who` has no claim any more.
    pub async fn yield_search(&self, lease: &Lease, who: &str) -> Result<bool, StoreError> {
        self.own(lease.tenant())?;
        let write = Write::update(self.keys.bucket(), "SET y = :who").when("who = :who").value(":who", text(who));
        match self.calls().write(write).await {
            Ok(_) => Ok(true),
            Err(WriteError::Condition(_)) => Ok(false),
            Err(WriteError::Store(e)) => Err(e),
        }
    }
}
