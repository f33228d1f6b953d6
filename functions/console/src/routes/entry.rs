//! Coming in and leaving.
//!
//! A link is used up by POST only: programs that look at links before people
//! do (mail scanners, previews, prefetching browsers) send GET, and some run
//! scripts, so nothing but the person's own click uses it.

use axum::{Extension, extract::State, response::Response};
use http::{HeaderMap, StatusCode, header::SET_COOKIE};
use runtime::http::Query;
use serde::Deserialize;
use std::sync::Arc;

use super::{OVERVIEW, see_other};
use crate::{
    Shared, csrf,
    form::Form,
    page::{self, Explanation},
    refusal::Refusal,
    session::Session,
    visit::Visit,
    wording::Texts,
};

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
pub(crate) struct Leaving {
    csrf: String,
}

/// `GET /console/enter?code=...`: the page with the button. It does not use the link.
pub(crate) async fn ask(Query(link): Query<Link>, Extension(visit): Extension<Visit>) -> Result<Response, Refusal> {
    if !is_code(&link.code) {
        return Err(Refusal::LinkGone);
    }
    Ok(page::entry(&link.code, &visit))
}

/// `POST /console/enter`: uses the link and opens a session.
pub(crate) async fn enter(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(link): Form<Link>,
) -> Result<Response, Refusal> {
    if !csrf::is_same_site(&headers) {
        return Err(Refusal::Forged);
    }
    let entered = shared.console.door.redeem(&link.code).await?;
    tracing::info!(role = entered.person.role.name(), "a session was opened");
    let mut response = see_other(OVERVIEW);
    response.headers_mut().append(SET_COOKIE, entered.cookie);
    Ok(response)
}

/// `POST /console/leave`: ends the session.
pub(crate) async fn leave(
    State(shared): State<Arc<Shared>>,
    session: Session,
    headers: HeaderMap,
    Form(leaving): Form<Leaving>,
) -> Result<Response, Refusal> {
    session.authenticate(&leaving.csrf)?;
    let cookie = shared.console.door.leave(&headers).await?;
    let mut response = see_other("/console/left");
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

/// `GET /console/left`: says that the session is over.
pub(crate) async fn left(Extension(visit): Extension<Visit>) -> Response {
    let t = Texts::of(visit.language);
    let said = Explanation {
        title: t.left_title.to_owned(),
        detail: t.left_detail.to_owned(),
        remedy: String::new(),
        code: None,
        leads_back: false,
    };
    page::explanation(StatusCode::OK, &said, &visit)
}

/// Whether a text can be a code: what it opens is for the door to say. Safe to stand in an address as it is.
fn is_code(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    (1..=128).contains(&text.len()) && text.bytes().all(plain)
}
