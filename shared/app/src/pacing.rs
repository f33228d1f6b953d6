//! One search in flight per company: the worker that holds the lease searches, unless someone waits at a screen.
//!
//! Each side writes its own row first and then reads the other's (the worker
//! `LEASE` then `BUCKET`, the interactive caller `BUCKET` then `LEASE`), so at
//! least one of them sees the other. Only contention costs writes.

use std::time::Duration;

use cloud::Clock;
use jiff::SignedDuration;
use store::{ClaimError, Lease, StoreError, Tenant};
use thiserror::Error;

/// How long an interactive claim holds: the longest read, and some.
const CLAIM_TTL: SignedDuration = SignedDuration::from_secs(90);
/// Reads of the ERP after which the worker looks for a claim.
const READS_BETWEEN_LOOKS: u32 = 25;
/// The longest that the worker goes on without a look.
const TIME_BETWEEN_LOOKS: SignedDuration = SignedDuration::from_secs(2);
/// How often a waiting side looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How often an interactive caller looks before it says that the ERP is busy.
const PATIENCE: u32 = 600;

/// The worker's side.
#[derive(Debug)]
pub(crate) struct WorkerPace {
    reads: u32,
    looked_at: Option<jiff::Timestamp>,
}

impl WorkerPace {
    pub(crate) const fn new() -> Self {
        Self { reads: 0, looked_at: None }
    }

    /// Stands aside while an interactive call is going on. Called between two reads, when none of ours is in flight.
    pub(crate) async fn before_read(
        &mut self,
        tenant: &Tenant,
        lease: &Lease,
        clock: &Clock,
    ) -> Result<(), StoreError> {
        let now = clock.now();
        let recent = self.looked_at.is_some_and(|at| now.duration_since(at).abs() < TIME_BETWEEN_LOOKS);
        if recent && self.reads < READS_BETWEEN_LOOKS {
            self.reads += 1;
            return Ok(());
        }
        (self.reads, self.looked_at) = (0, Some(now));
        for _ in 0..PATIENCE {
            match tenant.search_claim().await? {
                Some(claim) if claim.is_live(clock.now()) => {
                    if !claim.yielded {
                        tenant.yield_search(lease, &claim.who).await?;
                    }
                    pause().await;
                }
                _ => return Ok(()),
            }
        }
        // The caller is gone and its claim will run out; the row tells the next look.
        Ok(())
    }
}

/// Why an interactive call could not be made.
#[derive(Debug, Error)]
pub enum Busy {
    /// Someone else's call is going on.
    #[error("another call to the ERP is going on")]
    Taken,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The interactive side: claims the search slot, waits until the worker stands aside, and answers with the name to release it by.
pub(crate) async fn claim(tenant: &Tenant, clock: &Clock, who: &str) -> Result<(), Busy> {
    for _ in 0..PATIENCE {
        match tenant.claim_search(who, clock.now(), CLAIM_TTL).await {
            Ok(_) => return wait_for_worker(tenant, clock, who).await,
            Err(ClaimError::Held { .. }) => pause().await,
            Err(ClaimError::Store(e)) => return Err(e.into()),
        }
    }
    Err(Busy::Taken)
}

async fn wait_for_worker(tenant: &Tenant, clock: &Clock, who: &str) -> Result<(), Busy> {
    for _ in 0..PATIENCE {
        let working = tenant.lease_view().await?.is_some_and(|l| l.is_live(clock.now()));
        let yielded = tenant.search_claim().await?.is_some_and(|c| c.who == who && c.yielded);
        if !working || yielded {
            return Ok(());
        }
        pause().await;
    }
    tenant.release_search(who).await?;
    Err(Busy::Taken)
}

async fn pause() {
    tokio::time::sleep(LOOK_EVERY).await;
}
