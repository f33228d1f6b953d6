//! Proof that a form came from a page of the present session.
//!
//! The token is keyed with the session's secret, which no other site and no
//! script can read; so it needs no row and ends with the session.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName};
use runtime::auth::read_session_cookie;
use sha2::Sha256;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The token for the forms of the session that a request belongs to.
pub(crate) fn token(headers: &HeaderMap) -> Option<String> {
    Some(URL_SAFE_NO_PAD.encode(mac(headers)?.finalize().into_bytes()))
}

/// Whether a form that was sent with a request came from a page of its session.
pub(crate) fn is_genuine(headers: &HeaderMap, token: &str) -> bool {
    let Some(mac) = mac(headers) else { return false };
    let Ok(sent) = URL_SAFE_NO_PAD.decode(token) else { return false };
    is_same_site(headers) && mac.verify_slice(&sent).is_ok()
}

/// Whether the browser says that the request came from our own pages. Old ones say nothing.
pub(crate) fn is_same_site(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_SITE).is_none_or(|site| site == "same-origin" || site == "none")
}

fn mac(headers: &HeaderMap) -> Option<Hmac<Sha256>> {
    let session = read_session_cookie(headers)?;
    let mac = Hmac::<Sha256>::new_from_slice(session.as_bytes()).ok()?;
    Some(mac.chain_update(b"console form"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::COOKIE;

    fn headers(session: &str) -> HeaderMap {
        let cookie = format!("{}={session}", runtime::auth::SESSION_COOKIE);
        [(COOKIE, cookie.parse().expect("a header"))].into_iter().collect()
    }

    #[test]
    fn a_token_is_good_for_its_own_session_only() {
        let (a, b) = (headers("t.a"), headers("t.b"));
        let token = token(&a).expect("a session");
        assert!(is_genuine(&a, &token));
        assert!(!is_genuine(&b, &token));
        assert!(!is_genuine(&HeaderMap::new(), &token));
        for bad in ["", "x", &token[1..], &format!("{token}A"), "!!!"] {
            assert!(!is_genuine(&a, bad), "{bad}");
        }
        assert!(!token.contains("t.a"));
    }

    #[test]
    fn a_form_of_another_site_is_refused_whatever_it_carries() {
        let mut headers = headers("t.a");
        let token = token(&headers).expect("a session");
        for (site, genuine) in [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)] {
            headers.insert(SEC_FETCH_SITE, site.parse().expect("a header"));
            assert_eq!(is_genuine(&headers, &token), genuine, "{site}");
        }
    }
}
