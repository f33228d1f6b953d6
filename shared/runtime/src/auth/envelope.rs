//! Queue envelopes: a message names a tenant, and the tenant's own row has to agree.
//!
//! Decides that a message proves nothing by itself: whoever can write to the
//! queue could name any tenant.

use cloud::{Work, WorkMessage};
use store::{StoreError, Table, VerifiedTenant};

/// Why a message is not worked on.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The tenant has no such run.
    #[error("the tenant has no such run")]
    RunUnknown,
    /// The tenant has no connection.
    #[error("the tenant has no connection")]
    ConnectionMissing,
    /// The table could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EnvelopeError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RunUnknown => "not_found",
            Self::ConnectionMissing => "connection_missing",
            Self::Store(e) => e.code(),
        }
    }
}

/// The tenant of a message, if its rows say that there is such work.
pub async fn verify_envelope(message: &WorkMessage, table: &Table) -> Result<VerifiedTenant, EnvelopeError> {
    // The claim is lent to the one reading that proves or refutes it, and handed out only then.
    let claimed = VerifiedTenant::vouch(message.tenant.clone());
    let rows = table.tenant(&claimed);
    match &message.work {
        Work::Run(id) => rows.run(*id).await?.map(|_| ()).ok_or(EnvelopeError::RunUnknown)?,
        Work::Plan(id) => rows.plan(id).await?.map(|_| ()).ok_or(EnvelopeError::RunUnknown)?,
        Work::Files(id) => rows.record(*id).await?.map(|_| ()).ok_or(EnvelopeError::RunUnknown)?,
        Work::Inbox(_) | Work::Due | Work::Push => {
            rows.connection().await?.map(|_| ()).ok_or(EnvelopeError::ConnectionMissing)?;
        }
    }
    Ok(claimed)
}
