//! The tenant handle: the only way to a tenant's rows.
//!
//! Decides nothing by itself; the entities add their methods to [`Tenant`]. No
//! function of this crate takes a tenant id together with a key.

use domain::TenantId;

use crate::calls::Calls;
use crate::error::StoreError;
use crate::key::TenantKeys;
use crate::table::Table;

/// A tenant whose identity was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedTenant(TenantId);

impl VerifiedTenant {
    /// Declares that the tenant's identity was verified: by a token, a signed
    /// webhook, or a queue envelope re-checked against its row.
    ///
    /// Only `runtime::auth` and tests may call this; `cargo xtask tidy` checks it.
    pub const fn vouch(tenant: TenantId) -> Self {
        Self(tenant)
    }

    /// The tenant.
    pub const fn id(&self) -> &TenantId {
        &self.0
    }
}

/// The handle of one tenant. Everything read and written through it is that tenant's.
#[derive(Clone, Debug)]
pub struct Tenant {
    table: Table,
    pub(crate) keys: TenantKeys,
}

impl Tenant {
    pub(crate) fn new(table: Table, tenant: TenantId) -> Self {
        Self { table, keys: TenantKeys::new(tenant) }
    }

    /// Whose handle it is.
    pub const fn id(&self) -> &TenantId {
        self.keys.tenant()
    }

    pub(crate) fn calls(&self) -> &Calls {
        &self.table.calls
    }

    /// Refuses a value that was loaded through another tenant's handle.
    pub(crate) fn own(&self, owner: &TenantId) -> Result<(), StoreError> {
        if owner == self.id() { Ok(()) } else { Err(StoreError::WrongTenant) }
    }
}
