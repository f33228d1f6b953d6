//! The pages as HTML. Whatever they show is escaped by the templates.
//!
//! Decides what frames a page. Must not decide what is in it.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use runtime::{Code, Language};
use sha2::{Digest, Sha256};

use crate::{
    assets::{self, Assets, hex},
    overview::Live,
    place::{Place, PlaceLink},
    session::Session,
    visit::Visit,
    wording::{Phrases, Texts},
};

/// What is around every page.
pub(crate) struct Chrome {
    pub(crate) t: &'static Texts,
    pub(crate) lang: &'static str,
    pub(crate) assets: &'static Assets,
    /// The addresses of this page in Slovenian and English.
    pub(crate) in_sl: String,
    pub(crate) in_en: String,
    /// Who is signed in.
    pub(crate) person: Option<Person>,
}

pub(crate) struct Person {
    pub(crate) subject: String,
    pub(crate) role: &'static str,
    pub(crate) csrf: String,
    pub(crate) places: Vec<PlaceLink>,
    /// Nothing is written before a plan is approved.
    pub(crate) is_read_only: bool,
}

impl Chrome {
    /// The frame of a page at `path` with the query `query`, which is escaped already.
    pub(crate) fn new(visit: &Visit, path: &str, query: &str) -> Self {
        let other = if query.is_empty() { String::new() } else { format!("&{query}") };
        Self {
            t: Texts::of(visit.language),
            lang: visit.language.code(),
            assets: assets::addresses(),
            in_sl: format!("{path}?language=sl{other}"),
            in_en: format!("{path}?language=en{other}"),
            person: None,
        }
    }

    /// Whether the reader's company writes nothing before a plan is approved.
    pub(crate) fn is_read_only(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.is_read_only)
    }

    /// The token that the page's forms carry; empty for someone who is not signed in.
    pub(crate) fn csrf(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.csrf)
    }

    /// The same frame for someone who is signed in and looks at `place`.
    pub(crate) fn signed_in(mut self, session: &Session, language: Language, place: Place, is_read_only: bool) -> Self {
        self.person = Some(Person {
            subject: session.caller.subject().to_owned(),
            role: Phrases(language).role(session.role),
            csrf: session.csrf.clone(),
            places: place.links(language),
            is_read_only,
        });
        self
    }
}

/// Something to be told, and nothing else.
pub(crate) struct Explanation {
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) remedy: String,
    pub(crate) code: Option<&'static str>,
    pub(crate) leads_back: bool,
}

#[derive(Template)]
#[template(path = "explanation.html")]
struct ExplanationPage<'a> {
    chrome: Chrome,
    explanation: &'a Explanation,
    trace: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage<'a> {
    chrome: Chrome,
    code: &'a str,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage<'a> {
    chrome: Chrome,
    notice: Option<&'a str>,
    /// The part that refreshes, rendered.
    live: &'a str,
    is_live: bool,
    /// After how many seconds the page is loaded again where scripts are off.
    reload_s: u32,
}

#[derive(Template)]
#[template(path = "live.html")]
struct LivePart<'a> {
    t: &'static Texts,
    live: &'a Live,
}

#[derive(Template)]
#[template(path = "poll.html")]
struct PollingPart<'a> {
    inner: &'a str,
    poll_s: Option<u32>,
    /// The header with which the next look says what it has, as JSON.
    headers: String,
}

/// The part of the overview that refreshes, and its tag.
pub(crate) struct Fragment {
    pub(crate) html: String,
    pub(crate) etag: String,
}

fn render(template: &impl Template) -> Result<String, Code> {
    template.render().map_err(|error| {
        tracing::error!(code = Code::Internal.name(), error = %error, "a page cannot be rendered");
        Code::Internal
    })
}

fn respond(status: StatusCode, html: Result<String, Code>) -> Response {
    match html {
        Ok(html) => (status, Html(html)).into_response(),
        Err(code) => code.status().into_response(),
    }
}

/// A whole page.
pub(crate) fn show(status: StatusCode, page: &impl Template) -> Response {
    respond(status, render(page))
}

/// A page that explains something.
pub(crate) fn explanation(status: StatusCode, explanation: &Explanation, visit: &Visit) -> Response {
    let page = ExplanationPage {
        chrome: Chrome::new(visit, "/console/", ""),
        explanation,
        trace: visit.trace.as_deref().filter(|_| status.is_server_error()),
    };
    respond(status, render(&page))
}

/// The page with the button that uses a one-time link.
pub(crate) fn entry(code: &str, visit: &Visit) -> Response {
    let page = EntryPage { chrome: Chrome::new(visit, "/console/enter", &format!("code={code}")), code };
    respond(StatusCode::OK, render(&page))
}

/// The overview.
pub(crate) fn overview(chrome: Chrome, notice: Option<&str>, live: &str, poll_s: Option<u32>) -> Response {
    let page = OverviewPage { chrome, notice, live, is_live: poll_s.is_some(), reload_s: poll_s.unwrap_or(0).max(10) };
    respond(StatusCode::OK, render(&page))
}

/// The part of the overview that refreshes.
pub(crate) fn fragment(live: &Live, language: Language) -> Result<Fragment, Code> {
    let inner = render(&LivePart { t: Texts::of(language), live })?;
    let digest = Sha256::new().chain_update([u8::from(live.poll_s.is_some())]).chain_update(&inner).finalize();
    let etag = format!("\"{}\"", hex(&digest[..16]));
    let headers = serde_json::json!({ "If-None-Match": etag }).to_string();
    let html = render(&PollingPart { inner: &inner, poll_s: live.poll_s, headers })?;
    Ok(Fragment { html, etag })
}
