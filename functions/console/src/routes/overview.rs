//! The overview, whole and as the part that refreshes.

use app::twoway::edit;
use axum::{
    Extension,
    extract::State,
    response::{Html, IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ETAG, IF_NONE_MATCH},
};
use runtime::{Permission, http::Query};
use serde::Deserialize;
use std::sync::Arc;

use super::OVERVIEW;
use crate::{
    Shared,
    overview::{Live, read},
    page::{self, Chrome, Fragment},
    place::Place,
    reader::Reader,
    refusal::Refusal,
    session::Session,
    visit::Visit,
    wording::Texts,
};

/// What was just done, said once after the redirect.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    Sync,
    Queued,
    Paused,
    Resumed,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Refresh {
    On,
    Off,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    done: Option<Done>,
    live: Option<Refresh>,
}

impl Done {
    const fn text(self, t: &Texts) -> &'static str {
        match self {
            Self::Sync => t.notice_sync,
            Self::Queued => t.notice_queued,
            Self::Paused => t.notice_paused,
            Self::Resumed => t.notice_resumed,
        }
    }
}

/// `GET /console/`.
pub(crate) async fn page(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let is_live = asked.live != Some(Refresh::Off);
    let (live, fragment) = look(&shared, &session, &visit, is_live).await?;
    let query = if is_live { "" } else { "live=off" };
    let is_read_only = live.connection.is_some() && edit::settings(&session.tenant(&shared)).await?.read_only;
    let chrome =
        Chrome::new(&visit, OVERVIEW, query).signed_in(&session, visit.language, Place::Overview, is_read_only);
    let notice = asked.done.map(|done| done.text(Texts::of(visit.language)));
    Ok(page::overview(chrome, notice, &fragment.html, live.poll_s))
}

/// `GET /console/live`: the part that refreshes, if it is not what the page has already.
pub(crate) async fn live(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (_, fragment) = look(&shared, &session, &visit, true).await?;
    let known = headers.get(IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == fragment.etag.as_bytes());
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { Html(fragment.html).into_response() };
    if let Ok(tag) = HeaderValue::from_str(&fragment.etag) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

async fn look(shared: &Shared, session: &Session, visit: &Visit, is_live: bool) -> Result<(Live, Fragment), Refusal> {
    session.require(Permission::View)?;
    let now = shared.console.services.clock.now();
    // Five reads at once are a large future; boxed, it does not make every caller's as large.
    let snapshot = Box::pin(read(&session.tenant(shared), &shared.counter, now)).await?;
    let reader = Reader { is_live, ..session.reader(shared, visit) };
    let live = Live::of(&snapshot, &reader);
    let fragment = page::fragment(&live, visit.language)?;
    Ok((live, fragment))
}
