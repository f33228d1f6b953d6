//! The settings: directions, pauses, rules, and whether anything is written at all.

use app::twoway::{edit, oversight};
use axum::{Extension, extract::State, response::Response};
use domain::Settings;
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
    twoway::settings::{Sent, SettingsView, wanted},
    visit::Visit,
    wording::SyncTexts,
};

const SAVED: &str = "/console/settings?done=saved";

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    Saved,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    done: Option<Done>,
}

#[derive(Deserialize)]
pub(crate) struct Switch {
    csrf: String,
    /// The version that the person saw.
    version: u64,
    read_only: bool,
}

#[derive(askama::Template)]
#[template(path = "settings.html")]
struct SettingsPage<'a> {
    chrome: Chrome,
    w: &'static SyncTexts,
    csrf: &'a str,
    notice: Option<&'static str>,
    view: SettingsView,
}

/// `GET /console/settings`.
pub(crate) async fn page(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let notice = asked.done.map(|Done::Saved| SyncTexts::of(visit.language).notice_saved);
    let settings = edit::settings(&session.tenant(&shared)).await?;
    form(&shared, &session, &visit, &settings, None, notice).await
}

/// `POST /console/settings`.
pub(crate) async fn change(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Form(sent): Form<Sent>,
) -> Result<Response, Refusal> {
    let csrf = sent.get("csrf").ok_or(Code::InvalidRequest)?;
    session.authorise(csrf, Permission::Configure)?;
    let version: u64 = sent.get("version").and_then(|v| v.parse().ok()).ok_or(Code::InvalidRequest)?;
    let tenant = session.tenant(&shared);
    let now = edit::settings(&tenant).await?;
    if now.version != version {
        return Err(Code::VersionMismatch.into());
    }
    let Some(next) = wanted(&sent, &now) else {
        return form(&shared, &session, &visit, &now, Some(&sent), None).await;
    };
    oversight::change_settings(&shared.console.services, &tenant, version, next, session.by(&visit)).await?;
    Ok(see_other(SAVED))
}

/// `POST /console/settings/read-only`: whether anything is written before a plan is approved.
pub(crate) async fn switch(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Form(wish): Form<Switch>,
) -> Result<Response, Refusal> {
    session.authorise(&wish.csrf, Permission::Configure)?;
    let tenant = session.tenant(&shared);
    let next = Settings { read_only: wish.read_only, ..edit::settings(&tenant).await? };
    oversight::change_settings(&shared.console.services, &tenant, wish.version, next, session.by(&visit)).await?;
    Ok(see_other(SAVED))
}

async fn form(
    shared: &Shared,
    session: &Session,
    visit: &Visit,
    settings: &Settings,
    sent: Option<&Sent>,
    notice: Option<&'static str>,
) -> Result<Response, Refusal> {
    let seen = Seen { session, visit, tenant: &session.tenant(shared) };
    let chrome = seen.chrome(Place::Settings, Place::Settings.address(), "").await?;
    let reader = session.reader(shared, visit);
    let page = SettingsPage {
        chrome,
        w: reader.sync_texts(),
        csrf: &session.csrf,
        notice,
        view: SettingsView::of(settings, sent, &reader),
    };
    let status = if sent.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(page::show(status, &page))
}
