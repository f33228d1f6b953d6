//! A webhook's event: made durable, then hinted.
//!
//! The inbox row is the truth; the queue message is a hint that may be lost,
//! doubled or late. Two calls for a new event, one for a known one.

use std::time::Duration;

use cloud::{Work, WorkMessage};
use sha2::{Digest, Sha256};
use store::{InboxEvent, Received, StoreError, Tenant};

use crate::Services;

/// Keeps an event and asks for a look at it. When this returns, the event cannot be lost.
pub async fn receive(
    services: &Services,
    tenant: &Tenant,
    event_id: String,
    event: String,
    body: Vec<u8>,
) -> Result<Received, StoreError> {
    let event = InboxEvent {
        event_id,
        body_sha256: Sha256::digest(&body).into(),
        event,
        received_at: services.clock.now(),
        body,
    };
    let received = tenant.receive(&event).await?;
    if received == Received::New {
        let key = tenant.inbox_key_of(&event).as_str().to_owned();
        let message = WorkMessage::new(tenant.id().clone(), Work::Inbox(key));
        // The row is kept, so the next scheduled run finds it: a queue that is down must not make the sender think we lost it.
        if let Err(error) = services.queue.send(&message, Duration::ZERO).await {
            tracing::warn!(code = error.code(), "a webhook was kept but not queued; the next run looks at it");
        }
    }
    Ok(received)
}
