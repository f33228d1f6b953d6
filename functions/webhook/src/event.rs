//! What identifies an event: the sender's headers, or the body where they are missing.
//!
//! Decides which deliveries are the same event. An id becomes part of a key and
//! of a queue message, so one that fits neither is replaced by its hash.

use http::HeaderMap;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The longest id that is kept as it came: with the body's hash behind it, it has to fit a queue message's key.
const MAX_ID: usize = 128;
/// The longest name of an event that is kept.
const MAX_KIND: usize = 64;
/// Without an id, equal bodies are one event for so long. The sender's tries are minutes apart; a
/// product whose stock comes back to an old value hours later is a new event.
const SAME_BODY_SECONDS: i64 = 3_600;

/// The first header of this name, if it is visible ASCII.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim).filter(|v| !v.is_empty())
}

/// The event's id.
pub(crate) fn id(headers: &HeaderMap, body: &[u8], now: Timestamp) -> String {
    match text(headers, "x-metakocka-id") {
        Some(id) if id.len() <= MAX_ID => id.to_owned(),
        Some(long) => format!("long-{}", hash(long.as_bytes())),
        None => format!("body-{}-{}", hash(body), now.as_second().div_euclid(SAME_BODY_SECONDS)),
    }
}

/// What kind of event it is, in the sender's words.
pub(crate) fn kind(headers: &HeaderMap) -> String {
    let name = text(headers, "x-metakocka-event").unwrap_or("unnamed");
    // ASCII, so any cut is between characters.
    name[..name.len().min(MAX_KIND)].to_owned()
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header");
        HeaderMap::from_iter([(HeaderName::from_static(name), value)])
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn an_id_is_the_senders_or_a_hash_that_fits() {
        assert_eq!(id(&headers("x-metakocka-id", " 71538876 "), b"{}", at(0)), "71538876");
        let long = id(&headers("x-metakocka-id", &"7".repeat(MAX_ID + 1)), b"{}", at(0));
        assert!(long.starts_with("long-") && long.len() <= MAX_ID, "{long}");
        for missing in ["", "  ", "č"] {
            let derived = id(&headers("x-metakocka-id", missing), b"{}", at(0));
            assert!(derived.starts_with("body-") && derived.len() <= MAX_ID, "{derived}");
        }
    }

    #[test]
    fn without_an_id_equal_bodies_are_one_event_within_the_hour() {
        let none = HeaderMap::new();
        assert_eq!(id(&none, b"{}", at(0)), id(&none, b"{}", at(3_599)));
        assert_ne!(id(&none, b"{}", at(0)), id(&none, b"{}", at(3_600)));
        assert_ne!(id(&none, b"{}", at(0)), id(&none, b"[]", at(0)));
    }

    #[test]
    fn a_kind_is_short_and_always_there() {
        assert_eq!(
            kind(&headers("x-metakocka-event", "warehouse_product_stock_update")),
            "warehouse_product_stock_update"
        );
        assert_eq!(kind(&HeaderMap::new()), "unnamed");
        assert_eq!(kind(&headers("x-metakocka-event", &"e".repeat(9_000))).len(), MAX_KIND);
    }
}
