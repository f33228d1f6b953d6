//! The CRM's part in a local run: an Ed25519 key, the tokens it signs, and the key set that verifies them.

use std::path::Path;

use anyhow::{Context as _, Result};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::{Json, Router, routing::get};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::TenantId;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use runtime::permission::Role;
use serde::Serialize;
use serde_json::json;

/// Where tokens say they come from.
pub(crate) const ISSUER: &str = "https://crm.local";
/// Whom tokens are for.
pub(crate) const AUDIENCE: &str = "metakocka-bridge";
/// Path of the key set.
pub(crate) const JWKS_PATH: &str = "/.well-known/jwks.json";
/// Long enough for a manual clock that is moved by months.
const VALID: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The key that signs tokens.
pub(crate) struct Issuer {
    pkcs8: Vec<u8>,
    public: String,
    kid: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    tenant: &'a str,
    role: String,
    iat: i64,
    exp: i64,
}

impl Issuer {
    /// The key of a data directory, made when there is none yet.
    pub(crate) fn of(directory: &Path) -> Result<Self> {
        let path = directory.join("issuer-key.pk8");
        if let Ok(pkcs8) = std::fs::read(&path) {
            return Self::from_pkcs8(pkcs8)
                .with_context(|| format!("{} is not a key: remove it to make a new one", path.display()));
        }
        let pkcs8 = Ed25519KeyPair::generate()
            .and_then(|k| k.to_pkcs8v1().map(|d| d.as_ref().to_vec()))
            .context("no random numbers")?;
        crate::data::write_private(&path, &pkcs8)?;
        Self::from_pkcs8(pkcs8)
    }

    fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|e| anyhow::anyhow!("{e}"))?;
        let public = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let kid = public.chars().take(12).collect();
        Ok(Self { pkcs8, public, kid })
    }

    /// A bearer token.
    pub(crate) fn token(&self, tenant: &TenantId, role: Role, subject: &str, now: Timestamp) -> Result<String> {
        let claims = Claims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: subject,
            tenant: tenant.as_str(),
            role: role.to_string(),
            iat: now.as_second(),
            exp: (now + VALID).as_second(),
        };
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&self.pkcs8))
            .context("the token could not be signed")
    }

    /// The route of the key set.
    pub(crate) fn router(&self) -> Router {
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.kid, "x": self.public}]});
        Router::new().route(JWKS_PATH, get(async move || Json(keys)))
    }
}
