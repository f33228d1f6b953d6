//! Plans: asking for one, looking at one, approving one.

use app::twoway::plans;
use axum::{Extension, extract::State, response::Response};
use http::StatusCode;
use runtime::{
    Permission,
    http::{Path, Query},
};
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
    twoway::plan::{PlanLine, PlanPageView, plan_line},
    visit::Visit,
    wording::SyncTexts,
};

/// So many plans are listed.
const LISTED: usize = 20;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    Approved,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    done: Option<Done>,
    /// Also the records of which nothing is written.
    #[serde(default)]
    all: bool,
    /// How many records are passed over.
    #[serde(default)]
    from: usize,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    csrf: String,
}

#[derive(Deserialize)]
pub(crate) struct Approval {
    csrf: String,
    /// The hash of the plan that was shown.
    hash: String,
}

#[derive(askama::Template)]
#[template(path = "plans.html")]
struct PlansPage<'a> {
    chrome: Chrome,
    w: &'static SyncTexts,
    csrf: &'a str,
    plans: Vec<PlanLine>,
    can_make: bool,
}

#[derive(askama::Template)]
#[template(path = "plan.html")]
struct PlanPage<'a> {
    chrome: Chrome,
    w: &'static SyncTexts,
    csrf: &'a str,
    notice: Option<&'static str>,
    view: PlanPageView,
    /// Carrying the plan out ends that nothing is written.
    opens: bool,
}

/// `GET /console/plans`.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
) -> Result<Response, Refusal> {
    let tenant = session.tenant(&shared);
    let seen = Seen { session: &session, visit: &visit, tenant: &tenant };
    let chrome = seen.chrome(Place::Plans, Place::Plans.address(), "").await?;
    let reader = session.reader(&shared, &visit);
    let rows = plans::list(&tenant, LISTED).await?;
    let page = PlansPage {
        chrome,
        w: reader.sync_texts(),
        csrf: &session.csrf,
        plans: rows.iter().map(|row| plan_line(row, &reader)).collect(),
        can_make: reader.may(Permission::Sync),
    };
    Ok(page::show(StatusCode::OK, &page))
}

/// `POST /console/plans`: asks for a plan. The worker makes it.
pub(crate) async fn make(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Refusal> {
    session.authorise(&wanted.csrf, Permission::Sync)?;
    let row = plans::request(&shared.console.services, &session.tenant(&shared)).await?;
    Ok(see_other(&format!("/console/plans/{}", row.id)))
}

/// `GET /console/plans/{id}`.
pub(crate) async fn page(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let id = checked(&id)?;
    let tenant = session.tenant(&shared);
    let seen = Seen { session: &session, visit: &visit, tenant: &tenant };
    let query = format!("all={}&from={}", asked.all, asked.from);
    let chrome = seen.chrome(Place::Plans, &format!("/console/plans/{id}"), &query).await?;
    let reader = session.reader(&shared, &visit);
    let plan = plans::view(&tenant, id).await?;
    let page = PlanPage {
        opens: chrome.is_read_only(),
        chrome,
        w: reader.sync_texts(),
        csrf: &session.csrf,
        notice: asked.done.map(|Done::Approved| reader.sync_texts().notice_plan_approved),
        view: PlanPageView::of(&plan, asked.all, asked.from, &reader),
    };
    Ok(page::show(StatusCode::OK, &page))
}

/// `POST /console/plans/{id}/approve`: exactly the plan with this hash is carried out.
pub(crate) async fn approve(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
    Form(word): Form<Approval>,
) -> Result<Response, Refusal> {
    session.authorise(&word.csrf, Permission::Configure)?;
    let id = checked(&id)?;
    let by = session.by(&visit);
    plans::approve(&shared.console.services, &session.tenant(&shared), id, &word.hash, by).await?;
    Ok(see_other(&format!("/console/plans/{id}?done=approved")))
}

/// An id of a plan, not of one of its parts.
fn checked(id: &str) -> Result<&str, Refusal> {
    let is_id = |rest: &str| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit());
    if id.strip_prefix("pln_").is_some_and(is_id) { Ok(id) } else { Err(Refusal::NotFound) }
}
