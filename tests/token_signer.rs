//! The CRM as an issuer of tokens: a key, its JWKS address, and signed tokens.
//!
//! Taken by the tests of the functions that verify tokens with `#[path]`.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::{Json, Router, routing::get};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The issuer of every token.
pub(crate) const ISSUER: &str = "https://crm.example";
/// The audience of every token.
pub(crate) const AUDIENCE: &str = "crm-erp";
const KEY_ID: &str = "test-key";

/// An issuer whose keys can be read.
pub(crate) struct TokenSigner {
    key: Ed25519KeyPair,
    /// Where its keys are.
    pub(crate) jwks_url: String,
}

impl TokenSigner {
    /// An issuer with a new key, served on loopback.
    pub(crate) async fn start() -> Self {
        let key = Ed25519KeyPair::generate().expect("a key");
        let x = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
        let keys = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID, "x": x }] });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let jwks_url = format!("http://{}/jwks.json", listener.local_addr().expect("an address"));
        let routes = Router::new().route("/jwks.json", get(async move || Json(keys.clone())));
        let serving = axum::serve(listener, routes).into_future();
        #[expect(clippy::disallowed_methods, reason = "the issuer serves until the test ends")]
        tokio::spawn(serving);
        Self { key, jwks_url }
    }

    /// A token for someone of `tenant` in `role`, good until the year 2100.
    pub(crate) fn token(&self, tenant: &str, role: &str) -> String {
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "tenant": tenant, "role": role, "exp": 4_102_444_800_i64,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": KEY_ID })), part(&claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes())))
    }
}
