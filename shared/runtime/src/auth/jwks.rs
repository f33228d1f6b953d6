//! The CRM's public keys, read from its JWKS address.
//!
//! Decides when they are read again: after 10 minutes, and for an unknown key
//! at most once in 30 s; keys that cannot be read again serve for an hour. Only
//! Ed25519 keys are taken, whatever else the set holds.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cloud::Clock;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use reqwest::{Client, Url, redirect::Policy};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::Mutex;

const FRESH: SignedDuration = SignedDuration::from_mins(10);
const STALE: SignedDuration = SignedDuration::from_hours(1);
const APART: SignedDuration = SignedDuration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 64 * 1024;
const MAX_KEYS: usize = 32;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    #[error("no key of the CRM has this id")]
    Unknown,
    #[error("the keys of the CRM cannot be read: {0}")]
    Unavailable(&'static str),
}

pub(super) struct Jwks {
    url: Url,
    clock: Clock,
    client: OnceLock<Client>,
    known: RwLock<Option<Arc<Known>>>,
    /// When the address was last asked. Held while it is asked: one at a time.
    asked: Mutex<Option<Timestamp>>,
}

struct Known {
    keys: BTreeMap<String, DecodingKey>,
    at: Timestamp,
}

impl Known {
    fn is_younger(&self, than: SignedDuration, now: Timestamp) -> bool {
        now.duration_since(self.at) < than
    }
}

impl Jwks {
    pub(super) fn new(url: Url, clock: Clock) -> Self {
        Self { url, clock, client: OnceLock::new(), known: RwLock::new(None), asked: Mutex::new(None) }
    }

    /// The key with this id.
    pub(super) async fn key(&self, kid: &str) -> Result<DecodingKey, KeyError> {
        let now = self.clock.now();
        if let Some(key) = self.fresh(kid, now) {
            return Ok(key);
        }
        let mut asked = self.asked.lock().await;
        // Someone else may have read the keys while we waited.
        if let Some(key) = self.fresh(kid, now) {
            return Ok(key);
        }
        let mut failure = "asked a moment ago";
        if asked.is_none_or(|at| now.duration_since(at) >= APART) {
            *asked = Some(now);
            match self.fetch().await {
                Ok(keys) => {
                    let known = Some(Arc::new(Known { keys, at: now }));
                    *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
                }
                Err(reason) => {
                    tracing::warn!(reason, "the keys of the CRM are not refreshed");
                    failure = reason;
                }
            }
        }
        match self.known() {
            Some(known) if known.is_younger(STALE, now) => known.keys.get(kid).cloned().ok_or(KeyError::Unknown),
            _ => Err(KeyError::Unavailable(failure)),
        }
    }

    fn known(&self) -> Option<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fresh(&self, kid: &str, now: Timestamp) -> Option<DecodingKey> {
        let known = self.known().filter(|k| k.is_younger(FRESH, now))?;
        known.keys.get(kid).cloned()
    }

    async fn fetch(&self) -> Result<BTreeMap<String, DecodingKey>, &'static str> {
        let mut answer = self.client()?.get(self.url.clone()).send().await.map_err(|_| "no answer")?;
        if !answer.status().is_success() {
            return Err("not a success");
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| "the answer broke off")? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err("larger than a key set");
            }
            body.extend_from_slice(&chunk);
        }
        parse(&body).ok_or("not a key set")
    }

    /// Built when it is first needed, so that a function which never sees a token does not wait for it at start.
    fn client(&self) -> Result<&Client, &'static str> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = build_client(&self.url).map_err(|_| "no HTTP client")?;
        Ok(self.client.get_or_init(|| client))
    }
}

#[expect(clippy::disallowed_methods, reason = "the one HTTP client of this crate, with its limits")]
fn build_client(url: &Url) -> reqwest::Result<Client> {
    let mut builder = Client::builder().timeout(TIMEOUT).connect_timeout(TIMEOUT).redirect(Policy::none()).no_proxy();
    if url.scheme() == "http" {
        // No certificate is ever looked at, so none have to be on this machine.
        builder = builder.tls_certs_only([]);
    }
    builder.build()
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct PublicKey {
    kty: String,
    crv: String,
    kid: String,
    x: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
}

/// The keys of a set that we can use. Others are passed over: the CRM may have them for other purposes.
fn parse(body: &[u8]) -> Option<BTreeMap<String, DecodingKey>> {
    let set: KeySet = serde_json::from_slice(body).ok()?;
    let usable = set.keys.into_iter().take(MAX_KEYS).filter_map(|value| {
        let key: PublicKey = serde_json::from_value(value).ok()?;
        let fits = key.kty == "OKP"
            && key.crv == "Ed25519"
            && key.alg.is_none_or(|a| a == "EdDSA" || a == "Ed25519")
            && key.usage.is_none_or(|u| u == "sig");
        let point = URL_SAFE_NO_PAD.decode(&key.x).ok()?;
        (fits && point.len() == 32 && !key.kid.is_empty()).then(|| (key.kid, DecodingKey::from_ed_der(&point)))
    });
    Some(usable.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_usable_ed25519_keys_are_taken() {
        let x = URL_SAFE_NO_PAD.encode([1; 32]);
        let body = format!(
            r#"{{"keys":[
                {{"kty":"OKP","crv":"Ed25519","kid":"good","x":"{x}","alg":"EdDSA","use":"sig"}},
                {{"kty":"OKP","crv":"Ed25519","kid":"plain","x":"{x}"}},
                {{"kty":"OKP","crv":"Ed25519","kid":"short","x":"AQ"}},
                {{"kty":"OKP","crv":"X25519","kid":"exchange","x":"{x}"}},
                {{"kty":"OKP","crv":"Ed25519","kid":"enc","x":"{x}","use":"enc"}},
                {{"kty":"OKP","crv":"Ed25519","kid":"","x":"{x}"}},
                {{"kty":"OKP","crv":"Ed25519","x":"{x}"}},
                {{"kty":"RSA","kid":"rsa","n":"AQAB","e":"AQAB"}},
                {{"kty":"oct","kid":"secret","k":"AQAB"}},
                7
            ]}}"#
        );
        let keys: Vec<_> = parse(body.as_bytes()).expect("a key set").into_keys().collect();
        assert_eq!(keys, ["good", "plain"]);
        for bad in ["", "[]", "{}", "<html>", r#"{"keys":{}}"#] {
            assert!(parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
