//! What a request says about its reader, and what every answer gets: language, refusal pages, headers.
//!
//! The language is the one that the address asks for (`?language=sl`, which is
//! remembered), else the remembered one, else the browser's.

use axum::{
    extract::{Query, Request},
    middleware::Next,
    response::Response,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{
        ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, COOKIE, REFERRER_POLICY, RETRY_AFTER,
        SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};
use runtime::{Language, Problem, http::TraceId};
use serde::Deserialize;

use crate::{page, refusal::Refusal};

const LANGUAGE_COOKIE: &str = "crm_erp_language";
/// A year.
const REMEMBERED_S: u32 = 31_536_000;

/// Nothing but our own files, no inline code, nobody's frame. Pico draws small pictures from `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The reader of a request.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) language: Language,
    /// Under which id the log knows the request.
    pub(crate) trace: Option<String>,
}

#[derive(Default, Deserialize)]
struct Asked {
    language: Option<String>,
}

/// Lets a request in with what is known of its reader, and dresses the answer.
pub(crate) async fn dress(mut request: Request, next: Next) -> Response {
    let asked = asked_language(request.uri());
    let remembered = || remembered_language(request.headers());
    let language = asked.or_else(remembered).unwrap_or_else(|| Language::of(request.headers()));
    let trace = request.extensions().get::<TraceId>().map(ToString::to_string);
    let is_fragment = request.headers().contains_key("hx-request");
    let visit = Visit { language, trace };
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    let problem = || response.extensions().get::<Problem>().cloned().map(Refusal::Problem);
    if let Some(refusal) = response.extensions().get::<Refusal>().cloned().or_else(problem) {
        response = refused(&refusal, &visit, &response, is_fragment);
    }
    let headers = response.headers_mut();
    // A file has a stricter one of its own.
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    for (name, value) in [
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (VARY, "cookie, accept-language"),
        (CONTENT_LANGUAGE, language.code()),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(language) = asked {
        headers.append(SET_COOKIE, remember(language));
    }
    response
}

fn refused(refusal: &Refusal, visit: &Visit, from: &Response, is_fragment: bool) -> Response {
    let mut response = page::explanation(refusal.status(), &refusal.explain(visit.language), visit);
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = from.headers().get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    // The page around the fragment is of a session that is over: it is loaded again, and says so.
    if is_fragment && matches!(refusal, Refusal::SignedOut) {
        response.headers_mut().insert(HeaderName::from_static("hx-refresh"), HeaderValue::from_static("true"));
    }
    response
}

fn parse(code: &str) -> Option<Language> {
    [Language::Sl, Language::En].into_iter().find(|l| l.code() == code)
}

fn asked_language(uri: &Uri) -> Option<Language> {
    let Query(asked) = Query::<Asked>::try_from_uri(uri).unwrap_or_default();
    parse(&asked.language?)
}

fn remembered_language(headers: &HeaderMap) -> Option<Language> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|h| h.to_str().ok()).flat_map(|h| h.split(';'));
    let mut ours = cookies.filter_map(|pair| pair.trim().strip_prefix(LANGUAGE_COOKIE)?.strip_prefix('='));
    parse(ours.next()?)
}

fn remember(language: Language) -> HeaderValue {
    let text =
        format!("{LANGUAGE_COOKIE}={}; Path=/console; Max-Age={REMEMBERED_S}; HttpOnly; SameSite=Lax", language.code());
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_decides_the_language_before_the_cookie() {
        let uri = |text: &'static str| asked_language(&Uri::from_static(text));
        assert_eq!(uri("/console/?language=sl&live=off"), Some(Language::Sl));
        assert_eq!(uri("/console/?language=de"), None);
        assert_eq!(uri("/console/"), None);
        let cookies =
            |text: &'static str| remembered_language(&[(COOKIE, HeaderValue::from_static(text))].into_iter().collect());
        assert_eq!(cookies("crm_erp_session=x; crm_erp_language=sl"), Some(Language::Sl));
        assert_eq!(cookies("crm_erp_language=xx"), None);
        assert_eq!(cookies(""), None);
    }
}
