//! The schedule's tick: the tenants whose minute has come get one message each.
//!
//! Decides how a failed tick is told. Which tenants are due, and what is due
//! inside a tenant, is decided elsewhere; a tick that comes twice does no harm.

use app::{
    Services,
    tick::{Tenants, TickError, tick},
};
use jiff::Timestamp;
use runtime::Failure;

/// Handles the tick that was planned for `at`.
pub async fn handle(services: &Services, at: Timestamp) -> Result<(), Failure> {
    let sent = tick(services, at, Tenants::OfTheMinute).await.map_err(|error| match error {
        TickError::Store(e) => Failure::from(e),
        TickError::Queue(e) => e.into(),
    })?;
    tracing::info!(planned = %at, sent, "a tick");
    Ok(())
}
