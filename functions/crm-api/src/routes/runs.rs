//! Runs: what was done, what is going on, and asking for one.

use app::runs;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{RunId, Trigger};
use http::{HeaderMap, StatusCode, header::LOCATION};
use runtime::{
    Code, Language, Permitted, Problem,
    auth::{CanSync, CanView},
    http::{Json, Path, Query},
};

use crate::{
    CrmApi,
    body::{self, StartRun},
    contract,
    paging::{NoQuery, PageQuery},
    refusal,
    view::{PageView, RunView},
};

/// Runs
///
/// The newest first.
#[utoipa::path(get, path = "/v1/runs", tag = "runs", params(PageQuery), responses((status = 200, description = "A part of the list", body = contract::Page<contract::Run>)))]
pub(super) async fn list_runs(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    query: Query<PageQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    body::check(&query.0, "")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let after: Option<RunId> =
        query.0.cursor.as_deref().map(|c| api.cursors.open(tenant.id(), "runs", c)).transpose()?;
    let limit = query.0.limit();
    let mut runs = tenant.runs(after, limit + 1).await?;
    let has_more = runs.len() > limit;
    runs.truncate(limit);
    let last = runs.last().filter(|_| has_more).map(|run| run.id);
    let next = last.map(|id| api.cursors.seal(tenant.id(), "runs", &id));
    let language = Language::of(&headers);
    Ok(Json(PageView::new(runs.iter().map(|run| RunView::new(run, language)).collect(), next)).into_response())
}

/// Start a run
///
/// The run is queued when the answer comes; look at its address for what it does. Sent again with
/// the same `Idempotency-Key`, it answers with the same run.
#[utoipa::path(post, path = "/v1/runs", tag = "runs", request_body = StartRun, responses((status = 202, description = "The run is queued", body = contract::Run, headers(("Location" = String, description = "The run's address")))))]
pub(super) async fn start_run(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<StartRun>,
) -> Result<Response, Problem> {
    body::check(&asked.0, "$.")?;
    let StartRun { objects, mode } = asked.0;
    let tenant = api.services.table.tenant(caller.tenant());
    let run = runs::request(&api.services, &tenant, mode.into(), Trigger::Request, &objects).await;
    let run = run.map_err(refusal::of_request)?;
    let location = [(LOCATION, format!("/v1/runs/{}", run.id))];
    Ok((StatusCode::ACCEPTED, location, Json(RunView::new(&run, Language::of(&headers)))).into_response())
}

/// One run
///
/// Its counts are true to the record while it is going on.
#[utoipa::path(get, path = "/v1/runs/{id}", tag = "runs", params(("id" = contract::RunId, Path, description = "The run")), responses((status = 200, description = "The run", body = contract::Run)))]
pub(super) async fn get_run(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<RunId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = api.services.table.tenant(caller.tenant()).run(id.0).await?;
    let run = found.ok_or(Problem::new(Code::NotFound))?;
    Ok(Json(RunView::new(&run, Language::of(&headers))).into_response())
}
