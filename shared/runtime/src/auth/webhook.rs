//! Webhooks of the ERP: a known address, the tenant's user and password where it uses them, a signature over the raw body.
//!
//! Decides whether a webhook is genuine. When its caches are warm, a forged one
//! costs no call to AWS. Must not look into the body: it is not parsed before
//! it is verified.

use base64::{
    Engine,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurposeConfig, STANDARD},
    },
};
use cloud::{BasicAuth, Clock, Secrets, SecretsError, TenantSecrets};
use domain::EndpointId;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use store::{StoreError, Table, VerifiedTenant};
use subtle::{Choice, ConstantTimeEq};

use super::endpoints::Endpoints;
use crate::{catalogue::Code, problem::Problem};

/// A webhook as it came.
#[derive(Clone, Copy)]
pub struct WebhookCall<'a> {
    /// The last segment of its address.
    pub endpoint: &'a str,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The `X-MetaKocka-Signature` header.
    pub signature: Option<&'a str>,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

/// Why a webhook is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// No connection has this address.
    #[error("no connection has this webhook address")]
    EndpointUnknown,
    /// Signature, user or password are wrong. Which of them is not said.
    #[error("the webhook is not signed by its tenant")]
    SignatureInvalid,
    /// The table could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secrets could not be read.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
}

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            // A connection without secrets is no connection: the address leads nowhere.
            WebhookError::EndpointUnknown | WebhookError::Secrets(SecretsError::NotFound) => {
                Self::new(Code::EndpointUnknown)
            }
            WebhookError::SignatureInvalid => Self::new(Code::SignatureInvalid),
            WebhookError::Store(e) => e.into(),
            WebhookError::Secrets(e) => e.into(),
        }
    }
}

/// What checks webhooks.
pub struct WebhookVerifier {
    table: Table,
    secrets: Arc<dyn Secrets>,
    clock: Clock,
    endpoints: Endpoints,
}

impl WebhookVerifier {
    /// A verifier for the connections in `table`.
    pub fn new(table: Table, secrets: Arc<dyn Secrets>, clock: Clock) -> Self {
        Self { table, secrets, endpoints: Endpoints::new(clock.clone()), clock }
    }

    /// The tenant that a webhook is genuine for.
    pub async fn verify(&self, call: WebhookCall<'_>) -> Result<VerifiedTenant, WebhookError> {
        let endpoint: EndpointId = call.endpoint.parse().map_err(|_| WebhookError::EndpointUnknown)?;
        let found = self.endpoints.tenant(&endpoint, || self.table.tenant_of_endpoint(&endpoint)).await?;
        let tenant = found.ok_or(WebhookError::EndpointUnknown)?;
        let secrets = self.secrets.get(&tenant).await?;
        if is_genuine(&secrets, call, self.clock.now()) {
            Ok(VerifiedTenant::vouch(tenant))
        } else {
            Err(WebhookError::SignatureInvalid)
        }
    }
}

fn is_genuine(secrets: &TenantSecrets, call: WebhookCall<'_>, now: jiff::Timestamp) -> bool {
    let Some(signature) = call.signature.and_then(decode_signature) else { return false };
    // Every secret is tried and nothing ends early: the time taken tells nothing about which one fits.
    let mut signed = Choice::from(0);
    for secret in secrets.accepted_webhook_secrets(now) {
        let secret = secret.expose_secret().as_bytes();
        // An empty secret would let anyone sign.
        if secret.is_empty() {
            continue;
        }
        let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("an HMAC takes a key of any length");
        mac.update(call.body);
        signed |= mac.finalize().into_bytes().as_slice().ct_eq(&signature);
    }
    let admitted = secrets.basic_auth.as_ref().map_or(Choice::from(1), |basic| is_admitted(basic, call.authorization));
    (signed & admitted).into()
}

fn decode_signature(text: &str) -> Option<[u8; 20]> {
    STANDARD.decode(text.trim()).ok()?.try_into().ok()
}

/// Compared as digests, which are of one length whatever was sent.
fn is_admitted(expected: &BasicAuth, authorization: Option<&str>) -> Choice {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
    let sent = authorization
        .and_then(|a| a.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, credentials)| engine.decode(credentials.trim()).ok())
        .unwrap_or_default();
    let expected = Sha256::new()
        .chain_update(&expected.user)
        .chain_update(":")
        .chain_update(expected.password.expose_secret())
        .finalize();
    expected.as_slice().ct_eq(Sha256::digest(&sent).as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloud::WebhookSecret;
    use jiff::Timestamp;

    const BODY: &[u8] = br#"{"opr_code":"0","stock_list":[{"mk_id":"400000000159"}]}"#;

    fn sign(secret: &str, body: &[u8]) -> String {
        let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any key").chain_update(body);
        STANDARD.encode(mac.finalize().into_bytes())
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn secrets() -> TenantSecrets {
        let mut secrets = TenantSecrets::new("key".into(), "current".into());
        secrets.webhook.push(WebhookSecret { secret: "previous".into(), accepted_until: Some(at(100)) });
        secrets
    }

    fn genuine(
        secrets: &TenantSecrets,
        authorization: Option<&str>,
        signature: Option<&str>,
        body: &[u8],
        now: i64,
    ) -> bool {
        is_genuine(secrets, WebhookCall { endpoint: "", authorization, signature, body }, at(now))
    }

    #[test]
    fn the_reference_value_of_hmac_sha1_is_right() {
        assert_eq!(sign("key", b"The quick brown fox jumps over the lazy dog"), "3nybhbi3iqa8ino29wqQcBydtNk=");
    }

    #[test]
    fn only_a_signature_of_this_body_by_an_accepted_secret_is_genuine() {
        let s = secrets();
        let (current, previous) = (sign("current", BODY), sign("previous", BODY));
        let other_body = sign("current", b"{}");
        let url_safe = current.replace('+', "-").replace('/', "_");
        let unpadded = current.trim_end_matches('=').to_owned();
        let sha256 = STANDARD.encode([0; 32]);
        for (what, signature, now, expected) in [
            ("the current secret", Some(current.as_str()), 50, true),
            ("the previous secret in its overlap", Some(&previous), 99, true),
            ("the previous secret after it", Some(&previous), 100, false),
            ("no signature", None, 50, false),
            ("an empty one", Some(""), 50, false),
            ("that of another body", Some(&other_body), 50, false),
            ("a cut one", Some(&current[..20]), 50, false),
            ("without padding", Some(&unpadded), 50, false),
            ("of another length", Some(&sha256), 50, false),
            ("not base64", Some("%%%"), 50, false),
        ] {
            assert_eq!(genuine(&s, None, signature, BODY, now), expected, "{what}");
        }
        assert!(url_safe == current || !genuine(&s, None, Some(&url_safe), BODY, 50));
        assert!(!genuine(&s, None, Some(&current), &[BODY, b" "].concat(), 50), "one more byte");
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let s = TenantSecrets::new("key".into(), "".into());
        assert!(!genuine(&s, None, Some(&sign("", BODY)), BODY, 1));
        let none = TenantSecrets { webhook: vec![], ..s };
        assert!(!genuine(&none, None, Some(&sign("", BODY)), BODY, 1));
    }

    #[test]
    fn user_and_password_are_needed_besides_the_signature_where_they_are_set() {
        let mut s = secrets();
        s.basic_auth = Some(BasicAuth { user: "mk".to_owned(), password: "geslo:1".into() });
        let signature = sign("current", BODY);
        let basic = |credentials: &str| format!("Basic {}", STANDARD.encode(credentials));
        for (authorization, expected) in [
            (basic("mk:geslo:1"), true),
            (basic("mk:geslo:1").replace("Basic", "basic"), true),
            (basic("mk:geslo"), false),
            (basic("mk:geslo:12"), false),
            (basic(""), false),
            (basic("mk:geslo:1").replace("Basic", "Bearer"), false),
            ("Basic".to_owned(), false),
            ("Basic %%%".to_owned(), false),
        ] {
            assert_eq!(genuine(&s, Some(&authorization), Some(&signature), BODY, 50), expected, "{authorization}");
        }
        assert!(!genuine(&s, None, Some(&signature), BODY, 50));
        assert!(!genuine(&s, Some(&basic("mk:geslo:1")), Some(&sign("other", BODY)), BODY, 50));
    }
}
