//! Actions on documents: what is allowed, asking for one, and what became of it.

use app::actions;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{ActionId, RecordId};
use http::{HeaderMap, StatusCode, header::LOCATION};
use runtime::{
    Code, Language, Permitted, Problem,
    auth::{CanSync, CanView},
    http::{Json, Path, Query},
};

use crate::{
    CrmApi,
    action_view::{self, RequestAction},
    contract,
    paging::NoQuery,
    refusal,
    routes::twoway::by,
};

/// What a document allows
///
/// The actions that its kind and status allow, with their inputs, and what was done to it so far.
#[utoipa::path(get, path = "/v1/documents/{id}/actions", tag = "actions", params(("id" = contract::RecordId, Path, description = "The document")), responses((status = 200, description = "What is allowed, and what was done", body = contract::Actions)))]
pub(super) async fn list_actions(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let found = actions::of_document(&tenant, id.0).await.map_err(refusal::of_action)?;
    Ok(Json(action_view::actions(&found, Language::of(&headers))).into_response())
}

/// Do something to a document
///
/// The action waits when the answer comes; look at its address for what became of it. It is done once: when the ERP's
/// answer is lost, the document is looked at before anything is sent again, and where a look cannot tell, a person decides.
#[utoipa::path(post, path = "/v1/documents/{id}/actions", tag = "actions", params(("id" = contract::RecordId, Path, description = "The document")), request_body = RequestAction, responses((status = 202, description = "The action waits", body = contract::Action, headers(("Location" = String, description = "The action's address")))))]
pub(super) async fn request_action(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<RequestAction>,
) -> Result<Response, Problem> {
    let services = &api.services;
    let tenant = services.table.tenant(caller.tenant());
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let ask = asked.0.to_ask(key)?;
    let action = Box::pin(actions::request(services, &tenant, id.0, ask, by(&caller, &headers))).await;
    let action = action.map_err(refusal::of_action)?;
    let location = [(LOCATION, format!("/v1/actions/{}", action.id))];
    Ok((StatusCode::ACCEPTED, location, Json(action_view::action(&action, Language::of(&headers)))).into_response())
}

/// One action
///
/// How far it is.
#[utoipa::path(get, path = "/v1/actions/{id}", tag = "actions", params(("id" = contract::ActionId, Path, description = "The action")), responses((status = 200, description = "The action", body = contract::Action)))]
pub(super) async fn get_action(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<ActionId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = actions::get(&api.services.table.tenant(caller.tenant()), id.0).await?;
    let action = found.ok_or(Problem::new(Code::NotFound))?;
    Ok(Json(action_view::action(&action, Language::of(&headers))).into_response())
}
