//! Keys of programs: making, renewing and taking away. The caller makes the secret and hands in its hash.

use domain::{ApiKey, ApiKeyId, ApiKeys, KeySecret, TooManyKeys};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use store::{StoreError, Tenant};
use thiserror::Error;

use crate::Services;

/// How often a change is tried again when another came between.
const TRIES: usize = 4;

/// Why a key was not made, renewed or taken away.
#[derive(Debug, Error)]
pub enum KeyError {
    /// There is none with this id.
    #[error("no such key")]
    NotFound,
    /// There are too many.
    #[error(transparent)]
    TooMany(#[from] TooManyKeys),
    /// Its end is not after now.
    #[error("its end is not in the future")]
    Over,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// The permissions, by name.
    pub scopes: BTreeSet<String>,
    /// From when on it is not accepted any more.
    pub expires_at: Option<Timestamp>,
    /// Who makes it.
    pub by: String,
    /// SHA-256 of its secret.
    pub sha256: [u8; 32],
}

/// Makes a key.
pub async fn create(services: &Services, tenant: &Tenant, new: NewKey) -> Result<ApiKey, KeyError> {
    let now = services.clock.now();
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(KeyError::Over);
    }
    let key = ApiKey {
        id: services.api_key_id(),
        name: new.name,
        scopes: new.scopes,
        created_at: now,
        created_by: new.by,
        rotated_at: None,
        expires_at: new.expires_at,
        secrets: vec![KeySecret { sha256: new.sha256, accepted_until: None }],
    };
    change(tenant, |keys| Ok(keys.with(key.clone())?)).await?;
    tracing::info!(key = %key.id, "an API key was made");
    Ok(key)
}

/// Gives a key a new secret. The one before is accepted for `overlap`.
pub async fn rotate(
    services: &Services,
    tenant: &Tenant,
    id: ApiKeyId,
    sha256: [u8; 32],
    overlap: SignedDuration,
) -> Result<ApiKey, KeyError> {
    let now = services.clock.now();
    let ends = now.saturating_add(overlap).unwrap_or(Timestamp::MAX);
    let keys = change(tenant, |keys| keys.rotated(id, sha256, now, ends).ok_or(KeyError::NotFound)).await?;
    tracing::info!(key = %id, "an API key was renewed");
    keys.get(id).cloned().ok_or(KeyError::NotFound)
}

/// Takes a key away. It is not accepted after half a minute at the latest.
pub async fn delete(tenant: &Tenant, id: ApiKeyId) -> Result<(), KeyError> {
    change(tenant, |keys| keys.without(id).ok_or(KeyError::NotFound)).await?;
    tracing::info!(key = %id, "an API key was taken away");
    Ok(())
}

async fn change(tenant: &Tenant, make: impl Fn(ApiKeys) -> Result<ApiKeys, KeyError>) -> Result<ApiKeys, KeyError> {
    let mut tries = 0;
    loop {
        let keys = make(tenant.api_keys().await?)?;
        match tenant.replace_api_keys(&keys).await {
            Ok(()) => return Ok(keys),
            Err(StoreError::Conflict) if tries < TRIES => tries += 1,
            Err(e) => return Err(e.into()),
        }
    }
}
