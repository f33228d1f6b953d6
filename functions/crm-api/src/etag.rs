//! Versions over HTTP: `ETag`, `If-None-Match`, `If-Match`.
//!
//! Decides how a version becomes a tag. A tag is of its own address only, so the version alone is enough.

use axum::response::{IntoResponse, Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ETAG, IF_MATCH, IF_NONE_MATCH},
};
use runtime::{Code, Problem};

/// The tag of a version.
pub(crate) fn tag(version: u64) -> String {
    format!("\"{version}\"")
}

/// `answer` with its tag; 304 without a body when the caller has this version.
pub(crate) fn tagged(version: u64, headers: &HeaderMap, answer: impl IntoResponse) -> Response {
    let mut response =
        if is_known(version, headers) { StatusCode::NOT_MODIFIED.into_response() } else { answer.into_response() };
    if let Ok(value) = HeaderValue::from_str(&tag(version)) {
        response.headers_mut().insert(ETAG, value);
    }
    response
}

/// Whether `If-None-Match` names this version. Compared weakly, as the header asks for.
fn is_known(version: u64, headers: &HeaderMap) -> bool {
    let tag = tag(version);
    let mut named = headers.get_all(IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    named.any(|t| matches!(t.trim(), "*") || t.trim().trim_start_matches("W/") == tag)
}

/// What a change says about the version it is based on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// Nothing.
    None,
    /// Whichever there is (`*`).
    Any,
    /// This one.
    Version(u64),
}

/// The version that a change is based on. A tag that is none of ours matches nothing.
pub(crate) fn basis(headers: &HeaderMap) -> Result<Basis, Problem> {
    let mut values = headers.get_all(IF_MATCH).iter();
    let Some(value) = values.next() else { return Ok(Basis::None) };
    let text = value.to_str().unwrap_or_default().trim();
    let version = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).and_then(|t| t.parse().ok());
    match (text, version, values.next()) {
        ("*", _, None) => Ok(Basis::Any),
        (_, Some(version), None) => Ok(Basis::Version(version)),
        _ => Err(Problem::new(Code::VersionMismatch).at("if-match", "not the one `ETag` of the last answer")),
    }
}

/// The revision that an edit names; `None` when it names none.
pub(crate) fn named(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    match basis(headers)? {
        Basis::None => Ok(None),
        Basis::Version(version) => Ok(Some(version)),
        Basis::Any => Err(Problem::new(Code::VersionMismatch).at("if-match", "an edit is made on one revision")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|v| (name.clone(), HeaderValue::from_str(v).expect("a header"))).collect()
    }

    #[test]
    fn a_caller_who_has_the_version_gets_no_body() {
        for (values, known) in [
            (vec![r#""3""#], true),
            (vec![r#"W/"3""#], true),
            (vec![r#""2", "3""#], true),
            (vec![r#""2""#, r#""3""#], true),
            (vec!["*"], true),
            (vec![r#""33""#], false),
            (vec!["3"], false),
            (vec![""], false),
            (vec![], false),
        ] {
            let response = tagged(3, &headers(&IF_NONE_MATCH, &values), "body");
            assert_eq!(response.status() == StatusCode::NOT_MODIFIED, known, "{values:?}");
            assert_eq!(response.headers()[ETAG], r#""3""#);
        }
    }

    #[test]
    fn a_change_is_based_on_one_strong_tag() {
        for (values, expected) in [
            (vec![], Ok(Basis::None)),
            (vec!["*"], Ok(Basis::Any)),
            (vec![r#""7""#], Ok(Basis::Version(7))),
            (vec![r#"W/"7""#], Err(Code::VersionMismatch)),
            (vec![r#""7", "8""#], Err(Code::VersionMismatch)),
            (vec![r#""7""#, r#""7""#], Err(Code::VersionMismatch)),
            (vec!["7"], Err(Code::VersionMismatch)),
            (vec!["\""], Err(Code::VersionMismatch)),
        ] {
            assert_eq!(basis(&headers(&IF_MATCH, &values)).map_err(|p| p.code()), expected, "{values:?}");
        }
    }
}
