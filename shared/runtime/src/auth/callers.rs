//! Who sends a request: a person with a token of the CRM, or a program with a key.

use cloud::Clock;
use http::{HeaderMap, header::AUTHORIZATION};
use std::sync::Arc;
use store::Table;

use super::{TokenVerifier, api_key::KeyVerifier, caller::Caller};
use crate::{catalogue::Code, problem::Problem};

/// What tells who sends a request.
#[derive(Clone)]
pub struct Callers {
    tokens: Arc<TokenVerifier>,
    keys: Arc<KeyVerifier>,
}

impl Callers {
    /// Callers with the CRM's tokens, and with keys that are kept in `table`.
    pub fn new(tokens: impl Into<Arc<TokenVerifier>>, table: Table, clock: Clock) -> Self {
        Self { tokens: tokens.into(), keys: Arc::new(KeyVerifier::new(table, clock)) }
    }

    /// Who sends a request with these headers.
    pub async fn find(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let token = bearer(headers).ok_or_else(|| {
            Problem::new(Code::Unauthorized).at("authorization", "expected one `Bearer` token or key")
        })?;
        if KeyVerifier::is_key(token) { self.keys.verify(token).await } else { Ok(self.tokens.verify(token).await?) }
    }
}

/// The token of a request, if it is there in the one form that is accepted.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
