//! The tenant's settings, plans, certificates, and taking a run back.

use app::twoway::{certificates, edit, oversight, plans, undo};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::RunId;
use http::{HeaderMap, StatusCode};
use runtime::{
    Code, Permitted, Problem,
    auth::{CanConfigure, CanSync, CanView},
    http::{Json, Path, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    CrmApi,
    body::{ApprovePlan, ChangeSettings},
    contract, etag,
    paging::NoQuery,
    plan_view, refusal,
    routes::twoway::by,
};

/// How many certificates are shown.
const CERTIFICATES: usize = 120;
/// How many plans are shown.
const PLANS: usize = 20;

/// The settings
///
/// Direction, rules and deletions of each object type, and whether the company is read-only.
#[utoipa::path(get, path = "/v1/settings", tag = "two-way", responses((status = 200, description = "The settings", body = contract::Settings), (status = 304, description = "They have not changed")))]
pub(super) async fn get_settings(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let settings = edit::settings(&api.services.table.tenant(caller.tenant())).await?;
    Ok(etag::tagged(settings.version, &headers, Json(plan_view::settings(&settings))))
}

/// Change the settings
///
/// They must say what to do with every field that both sides may change. A run that is going on keeps the ones that it
/// began under.
#[utoipa::path(put, path = "/v1/settings", tag = "two-way", params(("If-Match" = String, Header, description = "The version that the change is made on")), request_body = ChangeSettings, responses((status = 200, description = "They hold", body = contract::Settings)))]
pub(super) async fn put_settings(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<ChangeSettings>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let expected = etag::named(&headers)?
        .ok_or_else(|| Problem::new(Code::PreconditionRequired).at("if-match", "name the version that you change"))?;
    let wanted = asked.0.into_settings(expected)?;
    let done = oversight::change_settings(&api.services, &tenant, expected, wanted, by(&caller, &headers)).await;
    let settings = done.map_err(refusal::of_word)?;
    Ok(etag::tagged(settings.version, &HeaderMap::new(), Json(plan_view::settings(&settings))))
}

/// Ask for a plan
///
/// Everything that would be written on either side, with the reason of each write and of each non-action. Nothing is
/// written by it. Look at its address for when it is made.
#[utoipa::path(post, path = "/v1/plans", tag = "two-way", responses((status = 202, description = "It is being made", body = contract::Plan, headers(("Location" = String, description = "The plan's address")))))]
pub(super) async fn make_plan(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let row = plans::request(&api.services, &tenant).await.map_err(refusal::of_plan)?;
    let view = plans::view(&tenant, &row.id).await.map_err(refusal::of_plan)?;
    let location = format!("/v1/plans/{}", row.id);
    Ok((StatusCode::ACCEPTED, [("location", location)], Json(plan_view::plan(&view, true))).into_response())
}

/// Plans
///
/// The newest first, without their records.
#[utoipa::path(get, path = "/v1/plans", tag = "two-way", responses((status = 200, description = "The plans", body = contract::Plans)))]
pub(super) async fn list_plans(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let rows = plans::list(&api.services.table.tenant(caller.tenant()), PLANS).await?;
    Ok(Json(contract::Plans { plans: rows.iter().map(plan_view::head).collect() }).into_response())
}

/// Which records of a plan.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PlanQuery {
    /// Also the records of which nothing is written.
    #[serde(default)]
    all: bool,
}

/// One plan
///
/// What it would write, and after an approval what came of it.
#[utoipa::path(get, path = "/v1/plans/{id}", tag = "two-way", params(("id" = String, Path, description = "The plan"), PlanQuery), responses((status = 200, description = "The plan", body = contract::Plan)))]
pub(super) async fn get_plan(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<String>,
    query: Query<PlanQuery>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let view = plans::view(&tenant, plan_id(&id.0)?).await.map_err(refusal::of_plan)?;
    Ok(Json(plan_view::plan(&view, query.0.all)).into_response())
}

/// Approve a plan
///
/// Exactly what the plan with this hash says is written; if anything moved since, nothing is, and the plan says what.
#[utoipa::path(post, path = "/v1/plans/{id}/approve", tag = "two-way", params(("id" = String, Path, description = "The plan")), request_body = ApprovePlan, responses((status = 202, description = "It is carried out", body = contract::Plan)))]
pub(super) async fn approve_plan(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    id: Path<String>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<ApprovePlan>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let id = plan_id(&id.0)?;
    let row = plans::approve(&api.services, &tenant, id, &asked.0.hash, by(&caller, &headers)).await;
    row.map_err(refusal::of_plan)?;
    let view = plans::view(&tenant, id).await.map_err(refusal::of_plan)?;
    Ok((StatusCode::ACCEPTED, Json(plan_view::plan(&view, false))).into_response())
}

/// Certificates
///
/// Each day and object type: how many records both sides hold, a digest of each side that does not depend on the order,
/// and what differs. The newest first.
#[utoipa::path(get, path = "/v1/certificates", tag = "two-way", responses((status = 200, description = "The certificates", body = contract::Certificates)))]
pub(super) async fn list_certificates(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let newest = certificates::newest(&api.services.table.tenant(caller.tenant()), CERTIFICATES).await?;
    let certificates = newest.iter().map(plan_view::certificate).collect();
    Ok(Json(contract::Certificates { certificates }).into_response())
}

/// Take a run back
///
/// Sets back what the run told, where nobody changed it since. The answer says what was set back, what stays and what
/// cannot be; it is a run of its own and can be taken back as well.
#[utoipa::path(post, path = "/v1/runs/{id}/undo", tag = "two-way", params(("id" = contract::RunId, Path, description = "The run")), responses((status = 200, description = "What was taken back", body = contract::Undone)))]
pub(super) async fn undo_run(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    id: Path<RunId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let done = undo::undo_run(&api.services, &tenant, id.0, by(&caller, &headers)).await;
    let undone = done.map_err(refusal::of_undo)?;
    edit::wake(&api.services, &tenant).await;
    Ok(Json(plan_view::undone(&undone)).into_response())
}

fn plan_id(id: &str) -> Result<&str, Problem> {
    let is_id =
        id.strip_prefix("pln_").is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_id { Ok(id) } else { Err(Problem::new(Code::NotFound)) }
}
