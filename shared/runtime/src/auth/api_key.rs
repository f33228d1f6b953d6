//! Keys of programs: `crmk_<tenant>_<43 characters>`, of which only a hash is kept.
//!
//! Decides how a key looks and that a tenant's own row knows its hash. What was
//! read is believed for half a minute, so a key that is taken away ends then.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cloud::Clock;
use domain::{ApiKey, ApiKeyId, ApiKeys, TenantId};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use store::{Table, VerifiedTenant};
use subtle::ConstantTimeEq;

use super::caller::Caller;
use crate::{catalogue::Code, permission::Permission, problem::Problem};

const PREFIX: &str = "crmk_";
const SECRET_BYTES: usize = 32;
const SECRET_TEXT: usize = 43;
const BELIEVED: SignedDuration = SignedDuration::from_secs(30);
/// Of how many tenants keys are remembered.
const REMEMBERED: usize = 256;

/// A new key of a tenant as its owner gets it, and its hash.
pub fn new_api_key(tenant: &TenantId) -> (String, [u8; 32]) {
    let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; SECRET_BYTES]>());
    let text = format!("{PREFIX}{}_{secret}", &tenant.as_str()[2..]);
    let hash = Sha256::digest(text.as_bytes()).into();
    (text, hash)
}

/// The tenant that a key names, and the key's hash. `None` when it is not of the form of a key.
fn split(text: &str) -> Option<(TenantId, [u8; 32])> {
    let (tenant, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    let is_secret =
        secret.len() == SECRET_TEXT && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    is_secret.then_some(())?;
    Some((format!("t_{tenant}").parse().ok()?, Sha256::digest(text.as_bytes()).into()))
}

/// The key with this hash that is accepted, and what it may do.
fn find(keys: &ApiKeys, hash: &[u8; 32], now: Timestamp) -> Option<(ApiKeyId, Vec<Permission>)> {
    let is_it = |key: &&ApiKey| key.accepted(now).fold(false, |found, kept| found | bool::from(kept.ct_eq(hash)));
    let key = keys.keys.iter().find(is_it)?;
    Some((key.id, Permission::ALL.into_iter().filter(|p| key.scopes.contains(p.name())).collect()))
}

/// What was read of a tenant's keys, and when.
type Remembered = BTreeMap<TenantId, (Timestamp, Arc<ApiKeys>)>;

/// What checks keys.
pub(super) struct KeyVerifier {
    table: Table,
    clock: Clock,
    remembered: Mutex<Remembered>,
}

impl KeyVerifier {
    pub(super) fn new(table: Table, clock: Clock) -> Self {
        Self { table, clock, remembered: Mutex::default() }
    }

    /// Whether a bearer token is meant to be a key.
    pub(super) fn is_key(token: &str) -> bool {
        token.starts_with(PREFIX)
    }

    /// Whose key it is, if it is accepted.
    pub(super) async fn verify(&self, text: &str) -> Result<Caller, Problem> {
        let refused = || Problem::new(Code::Unauthorized).at("authorization", "not a key that is accepted");
        let (tenant, hash) = split(text).ok_or_else(refused)?;
        // Handed out only if the tenant's own row knows the key's hash.
        let claimed = VerifiedTenant::vouch(tenant);
        let now = self.clock.now();
        let mut found = self.remembered(claimed.id(), now).and_then(|keys| find(&keys, &hash, now));
        if found.is_none() {
            // It may be newer than what is remembered.
            found = find(&*self.read(&claimed, now).await?, &hash, now);
        }
        let (id, permissions) = found.ok_or_else(refused)?;
        Ok(Caller::of_key(claimed, id, permissions))
    }

    fn remembered(&self, tenant: &TenantId, now: Timestamp) -> Option<Arc<ApiKeys>> {
        let remembered = self.lock();
        let (at, keys) = remembered.get(tenant)?;
        (now.duration_since(*at) < BELIEVED).then(|| keys.clone())
    }

    async fn read(&self, tenant: &VerifiedTenant, now: Timestamp) -> Result<Arc<ApiKeys>, Problem> {
        let keys = Arc::new(self.table.tenant(tenant).api_keys().await?);
        let mut remembered = self.lock();
        if keys.keys.is_empty() {
            // A tenant that is made up is not remembered either.
            remembered.remove(tenant.id());
        } else {
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
            remembered.insert(tenant.id().clone(), (now, keys.clone()));
        }
        Ok(keys)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_tenant_and_is_known_by_its_hash() {
        let tenant: TenantId = "t_0000000000000000000a".parse().expect("a tenant id");
        let (text, hash) = new_api_key(&tenant);
        assert_eq!(split(&text), Some((tenant.clone(), hash)));
        assert_ne!(new_api_key(&tenant).1, hash);
        for bad in [
            &text[1..],
            &text[..text.len() - 1],
            "crmk_",
            "crmk__",
            "crmk_0000000000000000000a",
            &format!("{text}A"),
            &text.to_uppercase(),
        ] {
            assert_eq!(split(bad), None, "{bad}");
        }
    }
}
