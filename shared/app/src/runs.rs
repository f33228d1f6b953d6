//! Runs that someone asks for, and looking at runs.

use std::time::Duration;

use cloud::{QueueError, Work, WorkMessage};
use domain::{Mode, Object, Run, Trigger};
use store::{StoreError, Tenant};
use thiserror::Error;

use crate::Services;

/// Why a run could not be asked for.
#[derive(Debug, Error)]
pub enum RequestError {
    /// The tenant has no connection.
    #[error("no ERP company is connected")]
    NoConnection,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue failed; the run waits and the next message for this tenant does not know of it, so it is told as a failure.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// Asks for a run. It is queued when this returns.
pub async fn request(
    services: &Services,
    tenant: &Tenant,
    mode: Mode,
    trigger: Trigger,
    objects: &[Object],
) -> Result<Run, RequestError> {
    if tenant.connection().await?.is_none() {
        return Err(RequestError::NoConnection);
    }
    let run = Run::queued(services.run_id(), mode, trigger, objects, services.clock.now());
    tenant.create_run(&run).await?;
    let message = WorkMessage::new(tenant.id().clone(), Work::Run(run.id));
    services.queue.send(&message, Duration::ZERO).await?;
    Ok(run)
}
