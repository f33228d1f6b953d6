//! The ERP's registers as they were met, and what people say of them.
//!
//! Decides nothing: reads what the runs learned, and keeps a person's word on
//! the version that the person saw.

use domain::registers::MeaningsError;
use domain::{Meanings, Registers, Warehouse};
use store::{StoreError, Tenant};
use thiserror::Error;

use crate::twoway::edit::By;

/// All registers of a tenant, with what its statuses mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// What was met.
    pub registers: Registers,
    /// What people said.
    pub meanings: Meanings,
    /// The warehouses, which the ERP lists itself.
    pub warehouses: Vec<Warehouse>,
}

/// Why a person's word on the statuses is not taken.
#[derive(Debug, Error)]
pub enum MapError {
    /// Somebody else changed them.
    #[error("the meanings have changed since they were read")]
    Moved,
    /// No register is like this.
    #[error(transparent)]
    Meanings(#[from] MeaningsError),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All registers, in three reads.
///
/// # Errors
///
/// The table failed.
pub async fn known(tenant: &Tenant) -> Result<Known, StoreError> {
    Ok(Known {
        registers: tenant.registers().await?,
        meanings: tenant.meanings().await?,
        warehouses: tenant.warehouses().await?.unwrap_or_default(),
    })
}

/// Says what the statuses mean, all that people say of them, when the present version is `expected`.
///
/// # Errors
///
/// Another version, meanings that no register has, or the table failed.
pub async fn map_statuses(tenant: &Tenant, expected: u64, wanted: Meanings, by: By<'_>) -> Result<Meanings, MapError> {
    wanted.check()?;
    let next = Meanings { version: expected.saturating_add(1), ..wanted };
    match tenant.replace_meanings(&next).await {
        Ok(()) => {
            tracing::info!(actor = by.actor, version = next.version, "the meanings of statuses were changed");
            Ok(next)
        }
        Err(StoreError::Conflict) => Err(MapError::Moved),
        Err(error) => Err(error.into()),
    }
}
