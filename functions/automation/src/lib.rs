//! Sends the CRM's endpoints what changed: for all tenants each minute, for some when the table's stream names them.
//!
//! Decides how long a call works and what becomes of one that fails. What is sent, and when again, is decided elsewhere;
//! a call that is lost or comes twice does no harm, because the endpoints' rows say how far they are.

use app::events::{EventsError, dispatch};
use cloud::Disposition;
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use runtime::{
    Failure,
    auth::{subscribers, verify_subscriber},
    stream::{Call, Wake},
};
use store::VerifiedTenant;

pub use app::events::dispatch::Dispatcher;

/// Left of the call when the last send begins: it and its save still have to fit.
const RESERVE: SignedDuration = SignedDuration::from_secs(25);
/// How many tenants are worked for at a time.
const AT_A_TIME: usize = 16;

/// Handles one call.
pub async fn handle(dispatcher: &Dispatcher, call: Call) -> Result<(), Failure> {
    let until = call.deadline.saturating_sub(RESERVE).unwrap_or(call.deadline);
    let table = &dispatcher.services.table;
    match call.wake {
        Wake::Tick => deliver(dispatcher, subscribers(table).await?, until).await,
        Wake::Changed(tenants) => {
            let mut known = Vec::new();
            for tenant in tenants {
                known.extend(verify_subscriber(table, tenant).await?);
            }
            // The stream only wakes: what fails here is left to the next tick, and holds up no one else's changes.
            if let Err(failure) = deliver(dispatcher, known, until).await {
                tracing::warn!(code = failure.code, error = failure.message, "the next tick goes on with it");
            }
            Ok(())
        }
    }
}

async fn deliver(dispatcher: &Dispatcher, tenants: Vec<VerifiedTenant>, until: Timestamp) -> Result<(), Failure> {
    let works = stream::iter(tenants).map(|verified| async move {
        let tenant = dispatcher.services.table.tenant(&verified);
        let done = dispatch::deliver(dispatcher, &tenant, until).await;
        (verified, done)
    });
    let mut works = works.buffer_unordered(AT_A_TIME);
    let mut failed = None;
    while let Some((tenant, done)) = works.next().await {
        match done {
            Ok(0) => {}
            Ok(sends) => tracing::info!(tenant = %tenant.id(), sends, "events were sent"),
            Err(error) => {
                let failure = failure(error);
                tracing::error!(tenant = %tenant.id(), code = failure.code, error = failure.message, "a tenant's events");
                failed = Some(failure);
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

fn failure(error: EventsError) -> Failure {
    match error {
        EventsError::Store(e) => e.into(),
        EventsError::Secrets(e) => e.into(),
        EventsError::NoConnection | EventsError::SecretMissing => {
            Failure::new("secret_missing", Disposition::Reject, &error)
        }
        EventsError::Contended => Failure::new("conflict", Disposition::Retry, &error),
        other => Failure::new("events", Disposition::Bug, &other),
    }
}
