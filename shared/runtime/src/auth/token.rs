//! Bearer tokens of the CRM: signed JWTs with issuer, audience, time, subject, tenant and role.
//!
//! Decides which tokens are accepted. One algorithm (`EdDSA`), keys by id from
//! the CRM's own address only, every claim required, 60 s of leeway by the
//! injected clock.

use cloud::Clock;
use domain::TenantId;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use reqwest::Url;
use serde::Deserialize;
use store::VerifiedTenant;

use super::{
    caller::Caller,
    jwks::{Jwks, KeyError},
};
use crate::{catalogue::Code, permission::UnknownRole, problem::Problem};

const LEEWAY_SECONDS: i64 = 60;
const MAX_TOKEN: usize = 8 * 1024;
const MAX_SUBJECT: usize = 255;

/// Whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// The one issuer.
    pub issuer: String,
    /// The audience that we are.
    pub audience: String,
    /// Where the issuer's public keys are.
    pub jwks_url: Url,
}

/// Why a token is not accepted. It repeats nothing of the token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not a JWT that we understand.
    #[error("not a JSON Web Token")]
    Malformed,
    /// Another algorithm than the one accepted.
    #[error("the algorithm is not EdDSA")]
    Algorithm,
    /// No key with this id, or no id.
    #[error("the token's key is not one of the issuer's")]
    Key,
    /// The signature is wrong.
    #[error("the signature does not match")]
    Signature,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// A claim is missing or wrong.
    #[error("the claim {0} is missing or not accepted")]
    Claim(&'static str),
    /// The role does not exist.
    #[error(transparent)]
    Role(#[from] UnknownRole),
    /// The issuer's keys cannot be read, so nothing can be said about any token.
    #[error("the issuer's keys cannot be read: {0}")]
    KeysUnavailable(&'static str),
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let at = |code| Self::new(code).at("authorization", error.to_string());
        match error {
            TokenError::Expired => Self::new(Code::TokenExpired),
            TokenError::Role(_) => at(Code::RoleUnknown),
            // Not the caller's fault: the same token is good once the keys are back.
            TokenError::KeysUnavailable(_) => Self::new(Code::Busy).retry_after(5),
            _ => at(Code::Unauthorized),
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    aud: Option<Audience>,
    exp: Option<i64>,
    nbf: Option<i64>,
    sub: Option<String>,
    tenant: Option<String>,
    role: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|a| a == audience),
        }
    }
}

/// What checks bearer tokens.
pub struct TokenVerifier {
    issuer: String,
    audience: String,
    keys: Jwks,
    clock: Clock,
    validation: Validation,
}

impl TokenVerifier {
    /// A verifier for the tokens that `settings` describe.
    pub fn new(settings: TokenSettings, clock: Clock) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The library would read the clock itself; all claims are checked below.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Self {
            issuer: settings.issuer,
            audience: settings.audience,
            keys: Jwks::new(settings.jwks_url, clock.clone()),
            clock,
            validation,
        }
    }

    /// Whom a token names, if it is accepted.
    pub async fn verify(&self, token: &str) -> Result<Caller, TokenError> {
        if token.len() > MAX_TOKEN || token.is_empty() {
            return Err(TokenError::Malformed);
        }
        let header = decode_header(token).map_err(|e| match e.kind() {
            // An algorithm that the library does not know, `none` among them, fails to parse.
            jsonwebtoken::errors::ErrorKind::Json(_) => TokenError::Algorithm,
            _ => TokenError::Malformed,
        })?;
        if header.alg != Algorithm::EdDSA {
            return Err(TokenError::Algorithm);
        }
        // A critical extension that we do not know would change what the token means.
        if header.crit.is_some() {
            return Err(TokenError::Malformed);
        }
        let kid = header.kid.filter(|k| !k.is_empty()).ok_or(TokenError::Key)?;
        let key = self.keys.key(&kid).await.map_err(|e| match e {
            KeyError::Unknown => TokenError::Key,
            KeyError::Unavailable(reason) => TokenError::KeysUnavailable(reason),
        })?;
        let claims = decode::<Claims>(token, &key, &self.validation).map_err(|e| match e.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenError::Signature,
            _ => TokenError::Malformed,
        })?;
        self.accept(claims.claims)
    }

    /// The caller that the claims name. Their signature was checked.
    fn accept(&self, claims: Claims) -> Result<Caller, TokenError> {
        let now = self.clock.now().as_second();
        if claims.iss.as_deref() != Some(&*self.issuer) {
            return Err(TokenError::Claim("iss"));
        }
        if !claims.aud.is_some_and(|a| a.contains(&self.audience)) {
            return Err(TokenError::Claim("aud"));
        }
        let expires = claims.exp.ok_or(TokenError::Claim("exp"))?;
        if expires.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(TokenError::Expired);
        }
        if claims.nbf.is_some_and(|nbf| nbf.saturating_sub(LEEWAY_SECONDS) > now) {
            return Err(TokenError::Claim("nbf"));
        }
        let subject = claims.sub.filter(|s| !s.is_empty() && s.len() <= MAX_SUBJECT).ok_or(TokenError::Claim("sub"))?;
        let tenant: TenantId = claims.tenant.and_then(|t| t.parse().ok()).ok_or(TokenError::Claim("tenant"))?;
        let role = claims.role.ok_or(TokenError::Claim("role"))?.parse()?;
        Ok(Caller::new(VerifiedTenant::vouch(tenant), subject, role))
    }
}
