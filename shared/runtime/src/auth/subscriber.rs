//! Tenants that are told of changes: our own rows name them.
//!
//! Decides that a name in a table's stream proves nothing by itself: the row that says that the tenant has endpoints does.

use domain::TenantId;
use store::{OUT_SLOTS, StoreError, Table, VerifiedTenant};

/// All tenants that have endpoints.
pub async fn subscribers(table: &Table) -> Result<Vec<VerifiedTenant>, StoreError> {
    let mut all = Vec::new();
    for slot in 0..OUT_SLOTS {
        all.extend(table.tenants_with_endpoints(slot).await?.into_iter().map(VerifiedTenant::vouch));
    }
    Ok(all)
}

/// A tenant, if it has endpoints.
pub async fn verify_subscriber(table: &Table, tenant: TenantId) -> Result<Option<VerifiedTenant>, StoreError> {
    Ok(table.has_endpoints(&tenant).await?.then(|| VerifiedTenant::vouch(tenant)))
}
