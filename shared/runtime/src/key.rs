//! The one signing key of the deployment, and the keys for single purposes that are derived from it.
//!
//! Decides that no two purposes share a key, so that what is signed for one is worthless for another.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::TenantId;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use std::fmt;

/// The fewest bytes that a signing key has.
const MIN_BYTES: usize = 32;

/// A secret of the deployment. It never shows itself.
#[derive(Clone)]
pub struct SigningKey(SecretSlice<u8>);

impl SigningKey {
    /// A key from at least 32 secret bytes.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() >= MIN_BYTES).then(|| Self(bytes.into()))
    }

    /// A key from the base64 of at least 32 secret bytes.
    pub fn from_base64(text: &str) -> Option<Self> {
        Self::new(STANDARD.decode(text).ok()?)
    }

    /// The key for one purpose.
    pub(crate) fn mac(&self, purpose: &str) -> Hmac<Sha256> {
        let key = keyed(self.0.expose_secret()).chain_update(purpose).finalize().into_bytes();
        keyed(&key)
    }

    /// What stands for a tenant in logs: the same for the same tenant, and meaningless to whoever has no key.
    pub fn tag(&self, tenant: &TenantId) -> String {
        let digest = self.mac("log tag").chain_update(tenant.as_str()).finalize().into_bytes();
        let first = digest.iter().take(6).fold(0_u64, |n, b| (n << 8) | u64::from(*b));
        format!("{first:012x}")
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("an HMAC takes a key of any length")
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_key_and_one_that_is_no_base64_are_refused() {
        assert!(SigningKey::new(vec![1; 31]).is_none());
        assert!(SigningKey::from_base64("not base64!").is_none());
        assert!(SigningKey::from_base64(&STANDARD.encode([7; 32])).is_some());
    }

    #[test]
    fn a_tag_depends_on_key_and_tenant_and_does_not_contain_the_tenant() {
        let (a, b) = (SigningKey::new(vec![1; 32]).expect("long"), SigningKey::new(vec![2; 32]).expect("long"));
        let one: TenantId = "t_00000000000000000001".parse().expect("a tenant id");
        let two: TenantId = "t_00000000000000000002".parse().expect("a tenant id");
        assert_eq!(a.tag(&one), a.tag(&one));
        assert_ne!(a.tag(&one), a.tag(&two));
        assert_ne!(a.tag(&one), b.tag(&one));
        assert_eq!(a.tag(&one).len(), 12);
        assert!(!format!("{a:?}").contains('1'));
    }
}
