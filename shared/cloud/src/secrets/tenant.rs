//! The secrets of one tenant as values, and the one form in which they are saved.

use domain::EventEndpointId;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

use crate::error::SecretsError;

/// The version of the saved form.
const VERSION: u8 = 1;

/// How many webhook secrets are kept: the current one and those before it.
const MAX_WEBHOOK_SECRETS: usize = 3;

/// A secret that webhooks are signed with.
#[derive(Clone)]
pub struct WebhookSecret {
    /// The secret.
    pub secret: SecretString,
    /// Until when it is accepted; the current one has no end.
    pub accepted_until: Option<Timestamp>,
}

/// A secret that events to an endpoint are signed with: base64, without its prefix.
#[derive(Clone)]
pub struct EventSecret {
    /// Which one it is: 1, and one more with every rotation.
    pub key: u32,
    /// The secret.
    pub secret: SecretString,
    /// Until when it signs as well; the current one has no end.
    pub signs_until: Option<Timestamp>,
}

/// User and password with which the ERP calls our webhook address, where the tenant uses them.
#[derive(Clone)]
pub struct BasicAuth {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

/// All secrets of a tenant. Saved as one.
#[derive(Clone)]
pub struct TenantSecrets {
    /// The `secret_key` of the ERP.
    pub erp_key: SecretString,
    /// What webhooks are signed with: the current one first, then the previous.
    pub webhook: Vec<WebhookSecret>,
    /// What webhooks have to bring besides, if anything.
    pub basic_auth: Option<BasicAuth>,
    /// The e-mail address of a user of the ERP, in whose name it is asked what it does not tell a key alone.
    pub erp_user: Option<String>,
    /// What events are signed with, by endpoint: the current one first, then the one before it.
    pub events: BTreeMap<EventEndpointId, Vec<EventSecret>>,
}

impl TenantSecrets {
    /// The secrets of a tenant with one webhook secret.
    pub fn new(erp_key: SecretString, webhook: SecretString) -> Self {
        Self {
            erp_key,
            webhook: vec![WebhookSecret { secret: webhook, accepted_until: None }],
            basic_auth: None,
            erp_user: None,
            events: BTreeMap::new(),
        }
    }

    /// The secrets that sign events to an endpoint at `now`, the current one first.
    pub fn event_secrets(&self, endpoint: EventEndpointId, now: Timestamp) -> impl Iterator<Item = &EventSecret> {
        let all = self.events.get(&endpoint).into_iter().flatten();
        all.filter(move |s| s.signs_until.is_none_or(|until| now < until))
    }

    /// Make `secret` with number `key` the current one of an endpoint; the one before it signs as well for `overlap` more.
    pub fn rotate_event_secret(
        &mut self,
        endpoint: EventEndpointId,
        key: u32,
        secret: SecretString,
        now: Timestamp,
        overlap: SignedDuration,
    ) {
        let all = self.events.entry(endpoint).or_default();
        all.truncate(1);
        for old in all.iter_mut() {
            old.signs_until = Some(now.saturating_add(overlap).unwrap_or(now));
        }
        all.insert(0, EventSecret { key, secret, signs_until: None });
    }

    /// The webhook secrets that are accepted at `now`.
    pub fn accepted_webhook_secrets(&self, now: Timestamp) -> impl Iterator<Item = &SecretString> {
        self.webhook.iter().filter(move |s| s.accepted_until.is_none_or(|until| now < until)).map(|s| &s.secret)
    }

    /// Make `secret` the current webhook secret; those before it are accepted for `overlap` more, but not longer than they were.
    pub fn rotate_webhook(&mut self, secret: SecretString, now: Timestamp, overlap: SignedDuration) {
        let until = now.saturating_add(overlap).unwrap_or(now);
        for old in &mut self.webhook {
            old.accepted_until = Some(old.accepted_until.map_or(until, |u| u.min(until)));
        }
        self.webhook.retain(|s| s.accepted_until.is_some_and(|u| now < u));
        self.webhook.insert(0, WebhookSecret { secret, accepted_until: None });
        self.webhook.truncate(MAX_WEBHOOK_SECRETS);
    }

    /// The saved form. It is itself a secret.
    pub(crate) fn encode(&self) -> SecretString {
        let saved = Saved {
            v: VERSION,
            erp_key: self.erp_key.expose_secret().to_owned(),
            webhook: self
                .webhook
                .iter()
                .map(|s| SavedWebhook { secret: s.secret.expose_secret().to_owned(), accepted_until: s.accepted_until })
                .collect(),
            basic_auth: self
                .basic_auth
                .as_ref()
                .map(|b| SavedBasic { user: b.user.clone(), password: b.password.expose_secret().to_owned() }),
            erp_user: self.erp_user.clone(),
            events: self.events.iter().map(|(id, all)| (*id, all.iter().map(SavedEvent::of).collect())).collect(),
        };
        serde_json::to_string(&saved).expect("strings always serialise").into()
    }

    /// The secrets that a saved form says. A parser's message would quote the content, so it is dropped.
    pub(crate) fn decode(text: &str) -> Result<Self, SecretsError> {
        let saved: Saved = serde_json::from_str(text).map_err(|_| SecretsError::Malformed("not the saved form"))?;
        if saved.v != VERSION {
            return Err(SecretsError::Malformed("another version of the saved form"));
        }
        Ok(Self {
            erp_key: saved.erp_key.into(),
            webhook: saved
                .webhook
                .into_iter()
                .map(|s| WebhookSecret { secret: s.secret.into(), accepted_until: s.accepted_until })
                .collect(),
            basic_auth: saved.basic_auth.map(|b| BasicAuth { user: b.user, password: b.password.into() }),
            erp_user: saved.erp_user,
            events: saved
                .events
                .into_iter()
                .map(|(id, all)| (id, all.into_iter().map(SavedEvent::into_secret).collect()))
                .collect(),
        })
    }
}

/// Every member is always there, so that the form says nothing about what a tenant uses.
#[derive(Serialize, Deserialize)]
struct Saved {
    v: u8,
    erp_key: String,
    webhook: Vec<SavedWebhook>,
    basic_auth: Option<SavedBasic>,
    #[serde(default)]
    erp_user: Option<String>,
    #[serde(default)]
    events: BTreeMap<EventEndpointId, Vec<SavedEvent>>,
}

#[derive(Serialize, Deserialize)]
struct SavedEvent {
    key: u32,
    secret: String,
    signs_until: Option<Timestamp>,
}

impl SavedEvent {
    fn of(secret: &EventSecret) -> Self {
        Self { key: secret.key, secret: secret.secret.expose_secret().to_owned(), signs_until: secret.signs_until }
    }

    fn into_secret(self) -> EventSecret {
        EventSecret { key: self.key, secret: self.secret.into(), signs_until: self.signs_until }
    }
}

#[derive(Serialize, Deserialize)]
struct SavedWebhook {
    secret: String,
    accepted_until: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct SavedBasic {
    user: String,
    password: String,
}

// Not even how many there are is shown: one text for all.
impl fmt::Debug for TenantSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantSecrets([redacted])")
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret([redacted])")
    }
}

impl fmt::Debug for EventSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventSecret([redacted])")
    }
}

impl fmt::Debug for BasicAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BasicAuth([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKER: &str = "MARKER-b7c1";

    fn full() -> TenantSecrets {
        TenantSecrets {
            erp_key: format!("{MARKER}-key").into(),
            webhook: vec![WebhookSecret { secret: format!("{MARKER}-hook").into(), accepted_until: None }],
            basic_auth: Some(BasicAuth {
                user: format!("{MARKER}-user"),
                password: format!("{MARKER}-password").into(),
            }),
            erp_user: Some(format!("{MARKER}@example.si")),
            events: BTreeMap::from([(
                endpoint(),
                vec![EventSecret { key: 1, secret: format!("{MARKER}-event").into(), signs_until: None }],
            )]),
        }
    }

    fn endpoint() -> EventEndpointId {
        "evt_00000000000070008000000000000001".parse().expect("an endpoint id")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn accepted(secrets: &TenantSecrets, now: Timestamp) -> Vec<&str> {
        secrets.accepted_webhook_secrets(now).map(ExposeSecret::expose_secret).collect()
    }

    #[test]
    fn debug_is_the_same_text_whatever_the_secrets_are() {
        let few = TenantSecrets { erp_key: "".into(), webhook: vec![], basic_auth: None, ..full() };
        assert_eq!(format!("{:?}", full()), format!("{few:?}"));
        let parts = format!("{:?} {:?} {:?}", full().webhook, full().basic_auth, full().events);
        assert!(!parts.contains(MARKER), "{parts}");
    }

    #[test]
    fn the_saved_form_comes_back_equal() {
        let text = full().encode();
        let back = TenantSecrets::decode(text.expose_secret()).expect("our own form");
        assert_eq!(back.encode().expose_secret(), text.expose_secret());
        assert_eq!(back.erp_key.expose_secret(), format!("{MARKER}-key"));
    }

    #[test]
    fn an_error_about_the_saved_form_does_not_quote_it() {
        for text in [
            MARKER.to_owned(),
            format!(r#"{{"v":"{MARKER}"}}"#),
            full().encode().expose_secret().replace("\"v\":1", "\"v\":9"),
        ] {
            let error = TenantSecrets::decode(&text).expect_err("not our form");
            assert!(!format!("{error} {error:?}").contains(MARKER));
            assert_eq!(error.code(), "secrets_malformed");
        }
    }

    #[test]
    fn what_was_saved_before_there_were_endpoints_is_read() {
        let text = r#"{"v":1,"erp_key":"k","webhook":[],"basic_auth":null}"#;
        assert!(TenantSecrets::decode(text).expect("our own form").events.is_empty());
    }

    #[test]
    fn a_rotated_event_secret_signs_beside_the_new_one_until_its_overlap_ends() {
        let mut secrets = full();
        let day = SignedDuration::from_hours(24);
        let signing = |secrets: &TenantSecrets, now| -> Vec<u32> {
            secrets.event_secrets(endpoint(), now).map(|s| s.key).collect()
        };
        secrets.rotate_event_secret(endpoint(), 2, "two".into(), at(0), day);
        assert_eq!(signing(&secrets, at(24 * 3_600 - 1)), [2, 1]);
        assert_eq!(signing(&secrets, at(24 * 3_600)), [2]);
        secrets.rotate_event_secret(endpoint(), 3, "three".into(), at(60), day);
        assert_eq!(signing(&secrets, at(60)), [3, 2], "two at most");
        let other = "evt_00000000000070008000000000000002".parse().expect("an endpoint id");
        assert_eq!(secrets.event_secrets(other, at(0)).count(), 0);
    }

    #[test]
    fn a_rotated_webhook_secret_is_accepted_until_its_overlap_ends() {
        let mut secrets = TenantSecrets::new("key".into(), "one".into());
        secrets.rotate_webhook("two".into(), at(1_000), SignedDuration::from_secs(100));
        assert_eq!(accepted(&secrets, at(1_099)), ["two", "one"]);
        assert_eq!(accepted(&secrets, at(1_100)), ["two"]);
        secrets.rotate_webhook("three".into(), at(1_050), SignedDuration::from_secs(100));
        assert_eq!(accepted(&secrets, at(1_060)), ["three", "two", "one"]);
        assert_eq!(accepted(&secrets, at(1_120)), ["three", "two"], "a second rotation lengthens no overlap");
        secrets.rotate_webhook("four".into(), at(2_000), SignedDuration::ZERO);
        assert_eq!(accepted(&secrets, at(2_000)), ["four"]);
        assert_eq!(secrets.webhook.len(), 1, "what is no longer accepted is forgotten");
    }
}
