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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use std::sync::atomic::{AtomicBool, Ordering};
    use store::{Table, VerifiedTenant};

    #[expect(clippy::disallowed_methods, reason = "the test's own table")]
    async fn tenant() -> Tenant {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(dynoxide::server::serve_on(listener, dynoxide::Database::memory().expect("a database")));
        let table = Table::embedded(&url, "pacing");
        table.create_if_missing().await.expect("a table");
        table.tenant(&VerifiedTenant::vouch("t_00000000000000000001".parse().expect("a tenant id")))
    }

    fn clock() -> Clock {
        Clock::from_fn(|| Timestamp::UNIX_EPOCH)
    }

    #[tokio::test]
    async fn a_call_from_a_screen_waits_for_the_worker_and_the_worker_for_the_call() {
        let tenant = tenant().await;
        let lease =
            tenant.acquire_lease("worker", Timestamp::UNIX_EPOCH, SignedDuration::from_secs(60)).await.expect("free");
        let calling = AtomicBool::new(false);
        let screen = async {
            claim(&tenant, &clock(), "screen").await.expect("the worker stands aside");
            calling.store(true, Ordering::SeqCst);
            pause().await;
            calling.store(false, Ordering::SeqCst);
            tenant.release_search("screen").await.expect("the table");
        };
        let worker = async {
            while tenant.search_claim().await.expect("the table").is_none() {
                assert!(!calling.load(Ordering::SeqCst), "nobody calls before the worker has stood aside");
            }
            WorkerPace::new().before_read(&tenant, &lease, &clock()).await.expect("the table");
            assert!(!calling.load(Ordering::SeqCst), "the worker goes on when the call is over");
        };
        tokio::join!(screen, worker);
    }

    #[tokio::test]
    async fn a_call_from_a_screen_does_not_wait_when_nobody_works() {
        let tenant = tenant().await;
        claim(&tenant, &clock(), "screen").await.expect("nobody works");
        let second = tokio::time::timeout(Duration::from_millis(200), claim(&tenant, &clock(), "other")).await;
        assert!(second.is_err(), "one call at a time");
        tenant.release_search("screen").await.expect("the table");
        claim(&tenant, &clock(), "other").await.expect("the slot is free again");
    }
}
