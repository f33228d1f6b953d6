//! The registers, and what the statuses of documents mean.

use app::registers;
use axum::{Extension, extract::State, response::Response};
use http::StatusCode;
use runtime::{Code, Permission, http::Query};
use serde::Deserialize;
use std::sync::Arc;

use super::{Seen, see_other};
use crate::{
    Shared,
    form::Form,
    page::{self, Chrome},
    place::Place,
    refusal::Refusal,
    session::Session,
    twoway::registers::{RegistersView, wanted},
    twoway::settings::Sent,
    visit::Visit,
    wording::{StoryTexts, SyncTexts},
};

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    Saved,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    done: Option<Done>,
}

#[derive(askama::Template)]
#[template(path = "registers.html")]
struct RegistersPage<'a> {
    chrome: Chrome,
    s: &'static StoryTexts,
    w: &'static SyncTexts,
    csrf: &'a str,
    notice: Option<&'static str>,
    view: RegistersView,
}

/// `GET /console/registers`.
pub(crate) async fn page(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let tenant = session.tenant(&shared);
    let seen = Seen { session: &session, visit: &visit, tenant: &tenant };
    let chrome = seen.chrome(Place::Registers, Place::Registers.address(), "").await?;
    let known = registers::known(&tenant).await?;
    let reader = session.reader(&shared, &visit);
    let s = StoryTexts::of(visit.language);
    let page = RegistersPage {
        chrome,
        s,
        w: reader.sync_texts(),
        csrf: &session.csrf,
        notice: asked.done.map(|Done::Saved| s.notice_meanings),
        view: RegistersView::of(&known, &reader),
    };
    Ok(page::show(StatusCode::OK, &page))
}

/// `POST /console/registers/statuses`: says what the statuses of one kind of document mean.
pub(crate) async fn map(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Form(sent): Form<Sent>,
) -> Result<Response, Refusal> {
    let csrf = sent.get("csrf").ok_or(Code::InvalidRequest)?;
    session.authorise(csrf, Permission::Configure)?;
    let version: u64 = sent.get("version").and_then(|v| v.parse().ok()).ok_or(Code::InvalidRequest)?;
    let tenant = session.tenant(&shared);
    let now = tenant.meanings().await?;
    if now.version != version {
        return Err(Code::VersionMismatch.into());
    }
    let next = wanted(&sent, &now).ok_or(Code::InvalidRequest)?;
    registers::map_statuses(&tenant, version, next, session.by(&visit)).await?;
    Ok(see_other("/console/registers?done=saved"))
}
