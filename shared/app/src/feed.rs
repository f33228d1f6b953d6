//! The feed of changes: the part behind a position, and waiting for one.
//!
//! Decides when a position can no longer be served. The numbers of a tenant's
//! changes have no gaps and each is written with its change, so a part behind a
//! number that is read consistently leaves nothing out.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Change, StoreError, Taken, Tenant};
use thiserror::Error;

use crate::Services;
use crate::twoway::edit;

/// How long a position is served.
pub const SERVED: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The longest that a reader waits.
pub const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// How often it is looked while a reader waits.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How many readers of a tenant wait at a time; further ones are answered at once, because each holds a function.
const WAITERS: i32 = 2;
/// The row that counts them.
const WAITING: &str = "WAIT";

/// Where a reader of the feed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The number of the last change that was told.
    #[serde(rename = "s")]
    pub seq: u64,
    /// When that was, in seconds.
    #[serde(rename = "t")]
    pub at: i64,
}

/// A part of the feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// Where the next part begins.
    pub position: Position,
    /// There is more at once.
    pub more: bool,
    /// Nothing is told until a plan was approved.
    pub read_only: bool,
}

/// Why a position is not served.
#[derive(Debug, Error)]
pub enum FeedError {
    /// It is older than [`SERVED`].
    #[error("the position is too old")]
    TooOld,
    /// It names a change that is not there: the table was set back to an earlier time.
    #[error("the feed was set back behind the position")]
    SetBack,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// At most `limit` changes behind `from`; when there are none yet, waits for one, at most `wait`.
pub async fn read(
    services: &Services,
    tenant: &Tenant,
    from: Option<Position>,
    limit: usize,
    wait: Duration,
) -> Result<Part, FeedError> {
    let now = services.clock.now();
    if from.is_some_and(|p| now.duration_since(told_at(p)) > SERVED) {
        return Err(FeedError::TooOld);
    }
    let after = from.map_or(0, |p| p.seq);
    let mut look = look(tenant).await?;
    if look.newest < after {
        return Err(FeedError::SetBack);
    }
    if !look.tells(after) && !wait.is_zero() {
        look = wait_behind(services, tenant, after, look, wait.min(LONGEST_WAIT)).await?;
    }
    let mut changes =
        if look.tells(after) { tenant.changes(after, limit.saturating_add(1)).await? } else { Vec::new() };
    let more = changes.len() > limit;
    changes.truncate(limit);
    let seq = changes.last().map_or(after, |c| c.seq);
    let position = Position { seq, at: services.clock.now().as_second() };
    Ok(Part { changes, position, more, read_only: look.read_only })
}

/// How the feed stands.
#[derive(Clone, Copy)]
struct Look {
    newest: u64,
    read_only: bool,
}

impl Look {
    /// Whether there is something to tell behind `after`.
    const fn tells(self, after: u64) -> bool {
        !self.read_only && self.newest > after
    }
}

async fn look(tenant: &Tenant) -> Result<Look, StoreError> {
    Ok(Look { read_only: edit::settings(tenant).await?.read_only, newest: tenant.seq().await? })
}

fn told_at(position: Position) -> Timestamp {
    Timestamp::from_second(position.at).unwrap_or(Timestamp::MIN)
}

/// The feed as soon as there is something to tell behind `after`, or when the time is over. A company that is read-only is
/// waited for as well: its readers would ask again at once.
async fn wait_behind(
    services: &Services,
    tenant: &Tenant,
    after: u64,
    mut at: Look,
    wait: Duration,
) -> Result<Look, StoreError> {
    let cost = SignedDuration::try_from(wait).unwrap_or(SignedDuration::ZERO);
    let most = SignedDuration::try_from(LONGEST_WAIT).unwrap_or(SignedDuration::ZERO) * WAITERS;
    // Each waiter takes its time ahead, and gives back what it did not wait.
    if matches!(tenant.take(WAITING, cost, most, services.clock.now()).await?, Taken::Over { .. }) {
        return Ok(at);
    }
    let mut waited = Duration::ZERO;
    while waited < wait && !at.tells(after) {
        tokio::time::sleep(LOOK_EVERY).await;
        waited += LOOK_EVERY;
        at = look(tenant).await?;
    }
    let unused = SignedDuration::try_from(wait.saturating_sub(waited)).unwrap_or(SignedDuration::ZERO);
    if unused.is_positive() {
        tenant.take(WAITING, -unused, most, services.clock.now()).await?;
    }
    Ok(at)
}
