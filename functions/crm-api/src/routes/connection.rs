//! The connection to the ERP: looking at it, and saving it after it was tested.

use app::connect::{self, PAUSED_BY_PERSON};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header::ETAG};
use runtime::{
    Code, Language, Permission, Permitted, Problem,
    auth::{CanConfigure, CanView},
    http::{Json, Query},
};
use store::{Connection, ConnectionState};

use crate::{
    CrmApi,
    body::{self, ConnectionSettings},
    contract,
    etag::{self, Basis},
    paging::NoQuery,
    refusal,
    view::{ConnectionView, RunView, SavedView},
};

/// The connection
///
/// No secret is ever part of it. The webhook's address is shown to those who may configure.
#[utoipa::path(get, path = "/v1/connection", tag = "connection", responses((status = 200, description = "The connection", body = contract::Connection), (status = 304, description = "It has not changed")))]
pub(super) async fn get_connection(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = api.services.table.tenant(caller.tenant()).connection().await?;
    let connection = found.ok_or(Problem::new(Code::NotFound).at("connection", "no company is connected yet"))?;
    let webhook_base = caller.may(Permission::Configure).then_some(&*api.webhook_base);
    let away_until = app::door::away_until(&api.services, &connection.base_url).await?;
    let view = ConnectionView::new(&connection, Language::of(&headers), webhook_base).away_until(away_until);
    // That the ERP is away is no change of the connection: it is told whatever the caller has kept.
    let kept = if away_until.is_some() { &HeaderMap::new() } else { &headers };
    Ok(etag::tagged(connection.version, kept, Json(view)))
}

/// Save the connection
///
/// The key is tested with a read before anything is saved. A new connection gets its first run. A
/// change needs the `ETag` of the connection it is based on as `If-Match`.
#[utoipa::path(put, path = "/v1/connection", tag = "connection", params(("If-Match" = Option<String>, Header, description = "The `ETag` of the connection that is changed; left out for a new one")), request_body = ConnectionSettings, responses((status = 200, description = "The connection was changed", body = contract::SavedConnection), (status = 201, description = "The connection is new", body = contract::SavedConnection)))]
pub(super) async fn put_connection(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    settings: Json<ConnectionSettings>,
) -> Result<Response, Problem> {
    body::check(&settings.0, "$.")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let existing = tenant.connection().await?;
    let basis = etag::basis(&headers)?;
    let expected = match (basis, &existing) {
        (Basis::None, _) => None,
        (Basis::Any, Some(connection)) => Some(connection.version),
        (Basis::Any, None) => return Err(Problem::new(Code::VersionMismatch)),
        (Basis::Version(version), _) => Some(version),
    };
    let paused = settings.0.paused.unwrap_or_else(|| existing.as_ref().is_some_and(is_paused_by_person));
    let settings = settings.0.into_settings(paused, expected);
    let saved = connect::connect(&api.services, &tenant, settings).await;
    let saved = saved.map_err(|error| refusal::of_connect(error, basis != Basis::None, api.services.clock.now()))?;
    let language = Language::of(&headers);
    let view = SavedView {
        connection: ConnectionView::new(&saved.connection, language, Some(&api.webhook_base)),
        first_run: saved.first_run.as_ref().map(|run| RunView::new(run, language)),
    };
    let status = if existing.is_none() { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = (status, Json(view)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&etag::tag(saved.connection.version)) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
}

fn is_paused_by_person(connection: &Connection) -> bool {
    matches!(&connection.state, ConnectionState::Paused { code } if code == PAUSED_BY_PERSON)
}
