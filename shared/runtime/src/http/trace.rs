//! The id that a request has in our logs and in its answer (W3C trace context).

use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;

/// The header that carries it.
pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What Lambda puts beside a request.
const XRAY: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// A trace id: 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceId(String);

impl TraceId {
    /// The id of a request: the caller's, else Lambda's, else a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name: &HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
        let id = text(&TRACEPARENT).and_then(from_traceparent).or_else(|| text(&XRAY).and_then(from_xray));
        Self(id.unwrap_or_else(|| format!("{:032x}", rand::random::<u128>())))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The header of an answer, with a span of our own.
    pub(super) fn traceparent(&self) -> HeaderValue {
        let text = format!("00-{}-{:016x}-01", self.0, rand::random::<u64>() | 1);
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_id(text: &str, length: usize) -> bool {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    text.len() == length && text.bytes().all(hex) && text.bytes().any(|b| b != b'0')
}

fn from_traceparent(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = version.len() == 2 && version != "ff" && is_id(trace, 32) && is_id(span, 16);
    fits.then(|| trace.to_owned())
}

/// `Root=1-5759e988-bd862e3fe1be46a994272793;...`: time and id together are 32 digits.
fn from_xray(text: &str) -> Option<String> {
    let root = text.split(';').find_map(|part| part.trim().strip_prefix("Root=1-"))?;
    let joined = root.replacen('-', "", 1);
    is_id(&joined, 32).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: HeaderName, value: &str) -> String {
        let headers: HeaderMap = [(name, value.parse().expect("a header"))].into_iter().collect();
        TraceId::of(&headers).to_string()
    }

    #[test]
    fn the_callers_id_is_kept_and_a_malformed_one_is_replaced() {
        const ID: &str = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(of(TRACEPARENT, &format!("00-{ID}-b7ad6b7169203331-01")), ID);
        assert_eq!(of(XRAY, "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"), "5759e988bd862e3fe1be46a994272793");
        for bad in [
            "",
            "00",
            &format!("00-{ID}"),
            &format!("ff-{ID}-b7ad6b7169203331-01"),
            &format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
        ] {
            let made = of(TRACEPARENT, bad);
            assert!(is_id(&made, 32) && made != ID, "{bad}: {made}");
        }
    }

    #[test]
    fn the_answer_names_the_same_trace() {
        let id = TraceId::of(&HeaderMap::new());
        let header = id.traceparent();
        assert_eq!(from_traceparent(header.to_str().expect("text")), Some(id.0));
    }
}
