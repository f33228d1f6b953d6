//! What is taken out of a log line.
//!
//! Two nets: by the field's name, and by what a text looks like. The rule for
//! writers stays: do not log it. These catch what slips through.

use domain::{EndpointId, TenantId};

use crate::key::SigningKey;

const HIDDEN: &str = "[redacted]";
const MAX_TEXT: usize = 2_000;

/// Parts of names of fields whose values are never shown.
const SECRET_NAMES: [&str; 14] = [
    "secret",
    "token",
    "password",
    "authorization",
    "cookie",
    "signature",
    "credential",
    "email",
    "phone",
    "address",
    "subject",
    "body",
    "query",
    "iban",
];

/// The rules, with the key for the tags of tenants.
#[derive(Clone, Debug)]
pub struct Redaction {
    key: Option<SigningKey>,
}

impl Redaction {
    /// The rules. Without a key tenants are hidden altogether.
    pub const fn new(key: Option<SigningKey>) -> Self {
        Self { key }
    }

    /// Whether a field of this name is hidden whatever it says.
    pub fn hides(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        name == "key" || name.ends_with("_key") || SECRET_NAMES.iter().any(|part| name.contains(part))
    }

    /// A field's text as it may be shown.
    pub fn text(&self, name: &str, text: &str) -> String {
        if self.hides(name) { HIDDEN.to_owned() } else { self.scrub(text) }
    }

    /// The tag that stands for a tenant.
    pub fn tenant(&self, tenant: &TenantId) -> String {
        self.key.as_ref().map_or_else(|| HIDDEN.to_owned(), |key| key.tag(tenant))
    }

    /// A text without what looks like a token, a webhook address or a tenant.
    fn scrub(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len().min(MAX_TEXT));
        let mut rest = text;
        while !rest.is_empty() && shown.len() < MAX_TEXT {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if end == 0 {
                let length = rest.find(is_word).unwrap_or(rest.len());
                shown.push_str(&rest[..length]);
                rest = &rest[length..];
            } else {
                self.push_word(&mut shown, &rest[..end]);
                rest = &rest[end..];
            }
        }
        if shown.len() >= MAX_TEXT {
            let cut = (0..=MAX_TEXT).rev().find(|n| shown.is_char_boundary(*n)).unwrap_or(0);
            shown.truncate(cut);
            shown.push_str("...");
        }
        shown
    }

    fn push_word(&self, shown: &mut String, word: &str) {
        let (first, more) = word.split_once('.').unwrap_or((word, ""));
        if first.starts_with("eyJ") && !more.is_empty() {
            shown.push_str(HIDDEN);
        } else if let Ok(tenant) = first.parse::<TenantId>() {
            // Behind a tenant and a dot stands the secret of a session or link.
            shown.push_str(&if more.is_empty() { self.tenant(&tenant) } else { HIDDEN.to_owned() });
        } else if word.split('.').any(|part| part.parse::<EndpointId>().is_ok()) {
            shown.push_str(HIDDEN);
        } else {
            shown.push_str(word);
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "t_00000000000000000001";

    fn rules() -> Redaction {
        Redaction::new(SigningKey::new(vec![1; 32]))
    }

    #[test]
    fn fields_with_secret_names_are_hidden() {
        for name in [
            "secret_key",
            "erp_key",
            "key",
            "token",
            "Authorization",
            "basic_auth_password",
            "customer_email",
            "body",
            "set_cookie",
        ] {
            assert_eq!(rules().text(name, "MARKER"), HIDDEN, "{name}");
        }
        for name in ["code", "status", "elapsed_ms", "message", "kind", "route", "trace_id"] {
            assert_eq!(rules().text(name, "shown"), "shown", "{name}");
        }
    }

    #[test]
    fn tokens_addresses_and_tenants_are_taken_out_of_texts() {
        let tag = rules().tenant(&TENANT.parse().expect("a tenant id"));
        let endpoint = format!("whe_{}", "a".repeat(32));
        for (text, shown) in [
            (format!("tenant {TENANT} failed"), format!("tenant {tag} failed")),
            (format!("/w/{endpoint}?x"), format!("/w/{HIDDEN}?x")),
            ("Bearer eyJhbGciOiJFZERTQSJ9.e30.c2ln!".to_owned(), format!("Bearer {HIDDEN}!")),
            (format!("cookie {TENANT}.abcdef"), format!("cookie {HIDDEN}")),
            ("Čisto besedilo: 12,50 €".to_owned(), "Čisto besedilo: 12,50 €".to_owned()),
        ] {
            assert_eq!(rules().text("message", &text), shown);
        }
        assert_eq!(Redaction::new(None).text("tenant", TENANT), HIDDEN);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let cut = rules().text("message", &"č".repeat(5_000));
        assert!(cut.len() <= MAX_TEXT + 3 && cut.ends_with("..."));
        let words = rules().text("message", &"ab ".repeat(5_000));
        assert!(words.len() <= MAX_TEXT + 3);
    }
}
