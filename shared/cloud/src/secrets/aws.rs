//! The secrets of tenants in AWS Secrets Manager: one secret a tenant, named by a prefix and the tenant's id.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{Client, error::ProvideErrorMetadata, types::Tag};
use domain::TenantId;
use secrecy::ExposeSecret;
use std::sync::Arc;

use super::{
    Secrets, TenantSecrets,
    cache::{Cache, Want},
};
use crate::{
    aws::{cause, may_pass},
    clock::Clock,
    error::SecretsError,
};

/// How the service says that there is no such secret.
const NOT_FOUND: &str = "ResourceNotFoundException";

/// Secrets Manager, behind a cache.
pub struct AwsSecrets {
    client: Client,
    prefix: String,
    cache: Cache,
}

macro_rules! refusal {
    ($error:expr) => {{
        let error = $error;
        if may_pass(&error) { SecretsError::Unavailable(cause(error)) } else { SecretsError::Refused(cause(error)) }
    }};
}

impl AwsSecrets {
    /// The secrets whose names begin with `prefix`.
    #[expect(clippy::disallowed_methods, reason = "the one client of the secrets")]
    pub fn new(config: &SdkConfig, prefix: impl Into<String>, clock: Clock) -> Self {
        Self { client: Client::new(config), prefix: prefix.into(), cache: Cache::new(clock) }
    }

    /// Open the connection before it is needed. The secret that is asked about need not be there.
    pub async fn warm(&self) {
        // Only the connection is wanted; a refusal opens it just as well.
        let _ = self.client.describe_secret().secret_id(format!("{}warm", self.prefix)).send().await;
    }

    fn name(&self, tenant: &TenantId) -> String {
        format!("{}{tenant}", self.prefix)
    }

    async fn fetch(&self, tenant: &TenantId) -> Result<TenantSecrets, SecretsError> {
        match self.client.get_secret_value().secret_id(self.name(tenant)).send().await {
            Ok(answer) => TenantSecrets::decode(answer.secret_string().ok_or(SecretsError::Malformed("no text"))?),
            Err(error) if error.code() == Some(NOT_FOUND) => Err(SecretsError::NotFound),
            Err(error) => Err(refusal!(error)),
        }
    }

    async fn create(&self, tenant: &TenantId, text: &str) -> Result<(), SecretsError> {
        let tag = Tag::builder().key("tenant").value(tenant.as_str()).build();
        let made = self.client.create_secret().name(self.name(tenant)).secret_string(text).tags(tag).send().await;
        match made {
            Ok(_) => Ok(()),
            // Made by someone else since we looked: then ours is a new version of it.
            Err(error) if error.code() == Some("ResourceExistsException") => self.write(tenant, text).await,
            Err(error) => Err(refusal!(error)),
        }
    }

    async fn write(&self, tenant: &TenantId, text: &str) -> Result<(), SecretsError> {
        match self.client.put_secret_value().secret_id(self.name(tenant)).secret_string(text).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(NOT_FOUND) => Err(SecretsError::NotFound),
            Err(error) => Err(refusal!(error)),
        }
    }
}

#[async_trait]
impl Secrets for AwsSecrets {
    async fn get(&self, tenant: &TenantId) -> Result<Arc<TenantSecrets>, SecretsError> {
        self.cache.get(tenant, Want::Cached, || self.fetch(tenant)).await
    }

    async fn get_fresh(&self, tenant: &TenantId) -> Result<Arc<TenantSecrets>, SecretsError> {
        self.cache.get(tenant, Want::Fresh, || self.fetch(tenant)).await
    }

    async fn put(&self, tenant: &TenantId, secrets: &TenantSecrets) -> Result<(), SecretsError> {
        let text = secrets.encode();
        match self.write(tenant, text.expose_secret()).await {
            Err(SecretsError::NotFound) => self.create(tenant, text.expose_secret()).await?,
            other => other?,
        }
        self.cache.replace(tenant, secrets.clone()).await;
        Ok(())
    }
}
