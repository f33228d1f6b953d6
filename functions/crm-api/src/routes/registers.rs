//! The ERP's registers as they were met, and what the statuses mean.

use app::registers;
use axum::{extract::State, response::Response};
use http::HeaderMap;
use runtime::{
    Code, Permitted, Problem,
    auth::{CanConfigure, CanView},
    http::{Json, Query},
};

use crate::{
    CrmApi, body::MapStatuses, contract, etag, paging::NoQuery, refusal, routes::twoway::by, story_view::RegistersView,
};

/// Registers
///
/// Statuses, units, tax codes, delivery and payment types as they were met on records, and the warehouses. The ERP lists
/// none of them but the last, so a value that no record has is not among them. What was met stays.
#[utoipa::path(get, path = "/v1/registers", tag = "oversight", responses((status = 200, description = "All registers", body = contract::Registers)))]
pub(super) async fn get_registers(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let known = registers::known(&api.services.table.tenant(caller.tenant())).await?;
    // Registers grow without a new version, so an answer is always sent.
    Ok(etag::tagged(known.meanings.version, &HeaderMap::new(), Json(RegistersView::new(&known))))
}

/// Say what statuses mean
///
/// All that people say of them: a status that is not in the list means what the ERP's documentation says of its key, or
/// nothing. Nothing that depends on a status without a meaning is decided.
#[utoipa::path(put, path = "/v1/registers/statuses", tag = "oversight", params(("If-Match" = String, Header, description = "The version that the change is made on")), request_body = MapStatuses, responses((status = 200, description = "They hold", body = contract::Registers)))]
pub(super) async fn put_statuses(
    api: State<CrmApi>,
    caller: Permitted<CanConfigure>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<MapStatuses>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let expected = etag::named(&headers)?
        .ok_or_else(|| Problem::new(Code::PreconditionRequired).at("if-match", "name the version that you change"))?;
    let wanted = asked.0.into_meanings()?;
    let done = registers::map_statuses(&tenant, expected, wanted, by(&caller, &headers)).await;
    let meanings = done.map_err(refusal::of_map)?;
    let known = registers::Known { meanings, ..registers::known(&tenant).await? };
    Ok(etag::tagged(known.meanings.version, &HeaderMap::new(), Json(RegistersView::new(&known))))
}
