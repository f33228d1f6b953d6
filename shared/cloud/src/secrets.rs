//! The secrets of a tenant: what there is, how it is kept, who may see it.
//!
//! Decides the one form in which secrets are saved and that no form of them
//! reaches `Debug`, an error or a log. Must not decide which ERP host they are
//! sent to.

mod aws;
mod cache;
mod local;
mod tenant;

pub use aws::AwsSecrets;
pub use local::LocalSecrets;
pub use tenant::{BasicAuth, EventSecret, TenantSecrets, WebhookSecret};

use async_trait::async_trait;
use domain::TenantId;
use std::sync::Arc;

use crate::error::SecretsError;

/// Where the secrets of tenants are kept. The tenant is one that was verified; this layer cannot check it.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The secrets of a tenant, possibly some minutes old.
    async fn get(&self, tenant: &TenantId) -> Result<Arc<TenantSecrets>, SecretsError>;

    /// The secrets of a tenant, read again, at most once a minute for each tenant:
    /// for a caller whom the ERP has just refused.
    async fn get_fresh(&self, tenant: &TenantId) -> Result<Arc<TenantSecrets>, SecretsError>;

    /// Save the secrets of a tenant in the place of what was saved.
    async fn put(&self, tenant: &TenantId, secrets: &TenantSecrets) -> Result<(), SecretsError>;
}
