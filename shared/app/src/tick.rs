//! The schedule's tick: which tenants get a message.
//!
//! Decides nothing about what is due inside a tenant: the worker does, from its
//! cursors. A tick that comes twice sends twice, and the second finds nothing due.

use cloud::{Work, WorkMessage};
use domain::TenantId;
use jiff::Timestamp;
use store::SLOTS;
use thiserror::Error;

use crate::Services;

/// Which tenants a tick is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenants {
    /// Those whose minute has come since the last tick; at most once round.
    OfTheMinute,
    /// All.
    All,
}

/// Why a tick failed. The next one catches up.
#[derive(Debug, Error)]
pub enum TickError {
    /// The table failed.
    #[error("the schedule could not be read")]
    Store(#[from] store::StoreError),
    /// The queue failed.
    #[error("the work could not be queued")]
    Queue(#[from] cloud::QueueError),
}

/// Sends a message for each tenant whose minute has come. Answers with how many.
pub async fn tick(services: &Services, now: Timestamp, tenants: Tenants) -> Result<usize, TickError> {
    let minute = now.as_second().div_euclid(60);
    let last = services.table.last_tick().await?;
    let slots = match tenants {
        Tenants::All => (0..SLOTS).collect(),
        Tenants::OfTheMinute => slots_since(last, minute),
    };
    let mut due: Vec<TenantId> = Vec::new();
    for slot in slots {
        due.extend(services.table.due(slot).await?);
    }
    let messages: Vec<_> = due.into_iter().map(|t| WorkMessage::new(t, Work::Due)).collect();
    services.queue.send_all(&messages).await?;
    // After the sends: a tick that dies before this line is caught up by the next one.
    services.table.advance_tick(last, minute).await?;
    Ok(messages.len())
}

fn slots_since(last: Option<i64>, minute: i64) -> Vec<u8> {
    let round = i64::from(SLOTS);
    let from = last.map_or(minute - 1, |l| l.max(minute - round));
    (from + 1..=minute).filter_map(|m| u8::try_from(m.rem_euclid(round)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_minute_has_its_slot_and_missed_minutes_are_caught_up_once_round() {
        assert_eq!(slots_since(None, 30), vec![0]);
        assert_eq!(slots_since(Some(30), 31), vec![1]);
        assert_eq!(slots_since(Some(31), 31), Vec::<u8>::new());
        assert_eq!(slots_since(Some(28), 31), vec![14, 0, 1]);
        assert_eq!(slots_since(Some(0), 1_000).len(), usize::from(SLOTS));
    }
}
