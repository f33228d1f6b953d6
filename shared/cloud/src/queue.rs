//! The queue of work.
//!
//! Decides how a message is handed over: at least once, in no order, after a
//! delay of at most 15 minutes. Longer waits are rows that a schedule finds, and
//! what a message means is decided by whoever receives it.

mod local;
mod sqs;

pub use local::{Delivery, LocalQueue, QueueSettings};
pub use sqs::SqsQueue;

use async_trait::async_trait;
use std::time::Duration;

use crate::{error::QueueError, work::WorkMessage};

/// The longest delay of a message.
pub const MAX_DELAY: Duration = Duration::from_mins(15);

/// Where work is handed over.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Hand over one message, to be received after `delay`.
    async fn send(&self, message: &WorkMessage, delay: Duration) -> Result<(), QueueError>;

    /// Hand over many messages without delay. When it fails, some may have been handed over:
    /// sending all again is right, since a message may arrive twice anyway.
    async fn send_all(&self, messages: &[WorkMessage]) -> Result<(), QueueError>;
}

fn check_delay(delay: Duration) -> Result<(), QueueError> {
    if delay > MAX_DELAY { Err(QueueError::DelayTooLong) } else { Ok(()) }
}
