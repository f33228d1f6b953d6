//! Taking a run back: the question, and what came of it.

use app::twoway::{edit, undo};
use axum::{Extension, extract::State, response::Response};
use domain::RunId;
use http::StatusCode;
use runtime::{Permission, http::Path};
use serde::Deserialize;
use std::sync::Arc;

use super::Seen;
use crate::{
    Shared,
    form::Form,
    page::{self, Chrome},
    place::Place,
    refusal::Refusal,
    session::Session,
    twoway::undone::{UndoView, UndoneView},
    visit::Visit,
    wording::{SyncTexts, Texts},
};

#[derive(Deserialize)]
pub(crate) struct Confirmed {
    csrf: String,
}

#[derive(askama::Template)]
#[template(path = "undo.html")]
struct UndoPage<'a> {
    chrome: Chrome,
    t: &'static Texts,
    w: &'static SyncTexts,
    csrf: &'a str,
    view: UndoView,
}

#[derive(askama::Template)]
#[template(path = "undone.html")]
struct UndonePage {
    chrome: Chrome,
    t: &'static Texts,
    w: &'static SyncTexts,
    view: UndoneView,
}

/// `GET /console/runs/{id}/undo`: what taking the run back means. It does nothing.
pub(crate) async fn ask(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RunId>,
) -> Result<Response, Refusal> {
    session.require(Permission::Sync)?;
    let tenant = session.tenant(&shared);
    let seen = Seen { session: &session, visit: &visit, tenant: &tenant };
    let chrome = seen.chrome(Place::Elsewhere, &format!("/console/runs/{id}/undo"), "").await?;
    let reader = session.reader(&shared, &visit);
    let run = tenant.run(id).await?.ok_or(Refusal::NotFound)?;
    let page = UndoPage {
        chrome,
        t: reader.texts(),
        w: reader.sync_texts(),
        csrf: &session.csrf,
        view: UndoView::of(&run, &reader),
    };
    Ok(page::show(StatusCode::OK, &page))
}

/// `POST /console/runs/{id}/undo`: takes the run back, and says what came of it.
pub(crate) async fn carry_out(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RunId>,
    Form(confirmed): Form<Confirmed>,
) -> Result<Response, Refusal> {
    session.authorise(&confirmed.csrf, Permission::Sync)?;
    let tenant = session.tenant(&shared);
    let services = &shared.console.services;
    let undone = Box::pin(undo::undo_run(services, &tenant, id, session.by(&visit))).await?;
    edit::wake(services, &tenant).await;
    let seen = Seen { session: &session, visit: &visit, tenant: &tenant };
    let chrome = seen.chrome(Place::Elsewhere, &format!("/console/runs/{id}/undo"), "").await?;
    let reader = session.reader(&shared, &visit);
    let page = UndonePage { chrome, t: reader.texts(), w: reader.sync_texts(), view: UndoneView::of(&undone, &reader) };
    Ok(page::show(StatusCode::OK, &page))
}
