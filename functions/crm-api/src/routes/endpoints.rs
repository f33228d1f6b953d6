//! Endpoints that are told of changes: who may make them, what they were sent, sending it again.

use app::events::{Endpoint, manage};
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::EventEndpointId;
use http::{
    HeaderMap, StatusCode,
    header::{ETAG, LOCATION},
};
use runtime::{
    Code, Permitted, Problem, Repeated,
    auth::{CanAutomate, CanConfigure},
    http::{Json, Path, Query},
};
use secrecy::SecretString;
use store::DeliveryKey;

use crate::{
    CrmApi,
    body::{
        self,
        events::{ChangeEndpoint, MakeEndpoint, RedeliverSince},
    },
    contract, etag,
    event_view::{delivery, endpoint, of_delivery_id, with_secret},
    paging::{NoQuery, PageQuery},
    refusal::of_events,
    view::PageView,
};

/// Endpoints
///
/// All of them, the oldest first; at most ten.
#[utoipa::path(get, path = "/v1/endpoints", tag = "events", responses((status = 200, description = "The endpoints", body = contract::EventEndpoints)))]
pub(super) async fn list_endpoints(
    api: State<CrmApi>,
    caller: Permitted<CanAutomate>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let all = manage::all(&tenant).await.map_err(of_events)?;
    Ok(Json(contract::EventEndpoints { endpoints: all.iter().map(endpoint).collect() }).into_response())
}

/// Make an endpoint
///
/// It is told what changes from now on, signed as Standard Webhooks say. The answer holds its secret, which nobody sees
/// again: a request that is repeated with the same `Idempotency-Key` gets the endpoint without it.
#[utoipa::path(post, path = "/v1/endpoints", tag = "events", request_body = MakeEndpoint, responses((status = 201, description = "It is made", body = contract::SecretEndpoint, headers(("Location" = String, description = "The endpoint's address")))))]
pub(super) async fn make_endpoint(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    _: Query<NoQuery>,
    asked: Json<MakeEndpoint>,
) -> Result<Response, Problem> {
    body::check(&asked.0, "$.")?;
    let services = &api.services;
    let tenant = services.table.tenant(caller.tenant());
    let made = Box::pin(manage::create(services, &api.outbound, &tenant, asked.0.to_new())).await;
    let (made, secret) = made.map_err(of_events)?;
    let headers = [(LOCATION, format!("/v1/endpoints/{}", made.id)), (ETAG, etag::tag(made.version))];
    Ok((StatusCode::CREATED, headers, shown_once(&made, &secret)?).into_response())
}

/// One endpoint
///
/// How it is set and how it does.
#[utoipa::path(get, path = "/v1/endpoints/{id}", tag = "events", params(("id" = contract::EventEndpointId, Path, description = "The endpoint")), responses((status = 200, description = "The endpoint", body = contract::EventEndpoint)))]
pub(super) async fn get_endpoint(
    api: State<CrmApi>,
    caller: Permitted<CanAutomate>,
    id: Path<EventEndpointId>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let found = manage::one(&api.services.table.tenant(caller.tenant()), id.0).await.map_err(of_events)?;
    // How it does changes without its version, so the tag is for `If-Match` only.
    Ok(etag::tagged(found.version, &HeaderMap::new(), Json(endpoint(&found))))
}

/// Change an endpoint
///
/// What is left out stays. One that is turned on again begins where it was.
#[utoipa::path(patch, path = "/v1/endpoints/{id}", tag = "events", params(("id" = contract::EventEndpointId, Path, description = "The endpoint"), ("If-Match" = String, Header, description = "The version that the change is made on")), request_body = ChangeEndpoint, responses((status = 200, description = "It is changed", body = contract::EventEndpoint)))]
pub(super) async fn change_endpoint(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    id: Path<EventEndpointId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<ChangeEndpoint>,
) -> Result<Response, Problem> {
    body::check(&asked.0, "$.")?;
    let services = &api.services;
    let tenant = services.table.tenant(caller.tenant());
    if asked.0.is_empty() {
        return Err(Problem::new(Code::InvalidRequest).at("$", "it says nothing to change"));
    }
    let version = etag::named(&headers)?
        .ok_or_else(|| Problem::new(Code::PreconditionRequired).at("if-match", "name the version that you change"))?;
    let wanted = asked.0.to_change();
    let changed = Box::pin(manage::change(services, &api.outbound, &tenant, id.0, version, &wanted)).await;
    let changed = changed.map_err(of_events)?;
    Ok(([(ETAG, etag::tag(changed.version))], Json(endpoint(&changed))).into_response())
}

/// Remove an endpoint
///
/// Nothing is sent to it any more, and what waited for it is forgotten.
#[utoipa::path(delete, path = "/v1/endpoints/{id}", tag = "events", params(("id" = contract::EventEndpointId, Path, description = "The endpoint")), responses((status = 204, description = "It is removed")))]
pub(super) async fn remove_endpoint(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    id: Path<EventEndpointId>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    manage::remove(&api.services, &tenant, id.0).await.map_err(of_events)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Rotate an endpoint's secret
///
/// For a day every event carries two signatures, by the new secret and by the one before it. The new one is shown once,
/// as when the endpoint was made.
#[utoipa::path(post, path = "/v1/endpoints/{id}/rotate", tag = "events", params(("id" = contract::EventEndpointId, Path, description = "The endpoint")), responses((status = 200, description = "It has a new secret", body = contract::SecretEndpoint)))]
pub(super) async fn rotate_secret(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    id: Path<EventEndpointId>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let services = &api.services;
    let tenant = services.table.tenant(caller.tenant());
    let (rotated, secret) = Box::pin(manage::rotate(services, &tenant, id.0)).await.map_err(of_events)?;
    Ok(([(ETAG, etag::tag(rotated.version))], shown_once(&rotated, &secret)?).into_response())
}

/// Test an endpoint
///
/// Sends it a signed event of the type `endpoint.test` while you wait, and says what it answered. Also one that is off.
#[utoipa::path(post, path = "/v1/endpoints/{id}/test", tag = "events", params(("id" = contract::EventEndpointId, Path, description = "The endpoint")), responses((status = 200, description = "What became of it", body = contract::EventDelivery)))]
pub(super) async fn test_endpoint(
    api: State<CrmApi>,
    caller: Permitted<CanAutomate>,
    id: Path<EventEndpointId>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let services = &api.services;
    let tenant = services.table.tenant(caller.tenant());
    let (key, sent) = Box::pin(manage::test(services, &api.outbound, &tenant, id.0)).await.map_err(of_events)?;
    Ok(Json(delivery(key, &sent)).into_response())
}

/// Deliveries of an endpoint
///
/// What became of each event, the newest event first, for 30 days after its last attempt.
#[utoipa::path(get, path = "/v1/endpoints/{id}/deliveries", tag = "events", params(("id" = contract::EventEndpointId, Path, description = "The endpoint"), PageQuery), responses((status = 200, description = "A part of the list", body = contract::Page<contract::EventDelivery>)))]
pub(super) async fn list_deliveries(
    api: State<CrmApi>,
    caller: Permitted<CanAutomate>,
    id: Path<EventEndpointId>,
    query: Query<PageQuery>,
) -> Result<Response, Problem> {
    body::check(&query.0, "")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let filter = format!("deliveries/{}", id.0);
    let before: Option<String> =
        query.0.cursor.as_deref().map(|c| api.cursors.open(tenant.id(), &filter, c)).transpose()?;
    let before = before.as_deref().and_then(of_delivery_id);
    let limit = query.0.limit();
    let mut all = manage::deliveries(&tenant, id.0, before, limit + 1).await.map_err(of_events)?;
    let has_more = all.len() > limit;
    all.truncate(limit);
    let shown: Vec<_> = all.iter().map(|(key, one)| delivery(*key, one)).collect();
    let next = shown.last().filter(|_| has_more).map(|one| api.cursors.seal(tenant.id(), &filter, &one.id));
    Ok(Json(PageView::new(shown, next)).into_response())
}

/// Send an event again
///
/// Under the same `webhook-id` as before. It waits when the answer comes.
#[utoipa::path(post, path = "/v1/endpoints/{id}/deliveries/{delivery_id}/redeliver", tag = "events", params(("id" = contract::EventEndpointId, Path, description = "The endpoint"), ("delivery_id" = contract::DeliveryId, Path, description = "The delivery")), responses((status = 202, description = "It waits", body = contract::EventDelivery)))]
pub(super) async fn redeliver(
    api: State<CrmApi>,
    caller: Permitted<CanAutomate>,
    address: Path<(EventEndpointId, String)>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let services = &api.services;
    let tenant = services.table.tenant(caller.tenant());
    let (id, named) = &address.0;
    let event: DeliveryKey = of_delivery_id(named).ok_or(Problem::new(Code::NotFound))?;
    let (key, waits) = Box::pin(manage::redeliver(services, &tenant, *id, event)).await.map_err(of_events)?;
    Ok((StatusCode::ACCEPTED, Json(delivery(key, &waits))).into_response())
}

/// Send all events again since a time
///
/// Those of all changes since then that the filter takes, in order, under the same `webhook-id`s as before; what is new
/// goes before them.
#[utoipa::path(post, path = "/v1/endpoints/{id}/redeliver", tag = "events", params(("id" = contract::EventEndpointId, Path, description = "The endpoint")), request_body = RedeliverSince, responses((status = 202, description = "They wait", body = contract::Redelivery)))]
pub(super) async fn redeliver_since(
    api: State<CrmApi>,
    caller: Permitted<CanAutomate>,
    id: Path<EventEndpointId>,
    _: Query<NoQuery>,
    asked: Json<RedeliverSince>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let changes = manage::redeliver_since(&tenant, id.0, asked.0.since).await.map_err(of_events)?;
    Ok((StatusCode::ACCEPTED, Json(contract::Redelivery { changes })).into_response())
}

/// An endpoint with its secret, which a repeated request does not get again.
fn shown_once(made: &Endpoint, secret: &SecretString) -> Result<impl IntoResponse, Problem> {
    let repeated = serde_json::to_vec(&with_secret(made, None)).map_err(|e| Problem::internal(&e))?;
    Ok((Extension(Repeated(repeated.into())), Json(with_secret(made, Some(secret)))))
}
