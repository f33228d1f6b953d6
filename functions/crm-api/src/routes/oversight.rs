//! What was set aside, and the registers that records refer to.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{ErpId, Object, Parked, Warehouse};
use garde::Validate;
use runtime::{
    Permitted, Problem,
    auth::{CanView, CanViewLogs},
    http::{Json, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    CrmApi, body, contract,
    paging::{NoQuery, PageQuery},
    view::PageView,
};

/// The most parked records that are looked through; more than that is one fault, not many.
const MOST_PARKED: usize = 10_000;

/// Which part of the parked records.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ParkedQuery {
    /// Only this object type.
    #[garde(skip)]
    #[param(value_type = Option<contract::ObjectName>)]
    object: Option<Object>,
    /// At most so many entries; 50 unless it is given.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// `next_cursor` of the part before.
    #[garde(skip)]
    cursor: Option<String>,
}

/// Parked records
///
/// ERP records that could not be understood and wait for a person, each with its reason.
#[utoipa::path(get, path = "/v1/parked", tag = "oversight", params(ParkedQuery), responses((status = 200, description = "A part of the list", body = contract::Page<contract::Parked>)))]
pub(super) async fn list_parked(
    api: State<CrmApi>,
    caller: Permitted<CanViewLogs>,
    query: Query<ParkedQuery>,
) -> Result<Response, Problem> {
    body::check(&query.0, "")?;
    let ParkedQuery { object, limit, cursor } = query.0;
    let limit = PageQuery::new(limit, None).limit();
    let tenant = api.services.table.tenant(caller.tenant());
    let filter = format!("parked?object={}", object.map(Object::name).unwrap_or_default());
    let after: Option<(Object, ErpId)> = cursor.map(|c| api.cursors.open(tenant.id(), &filter, &c)).transpose()?;
    let mut parked = tenant.parked(object, MOST_PARKED).await?;
    // The table gives them in an order of its own; the cursor needs one that we know.
    parked.sort_by_key(place);
    parked.retain(|p| after.is_none_or(|after| place(p) > after));
    let has_more = parked.len() > limit;
    parked.truncate(limit);
    let last = parked.last().filter(|_| has_more).map(place);
    let next = last.map(|place| api.cursors.seal(tenant.id(), &filter, &place));
    Ok(Json(PageView::new(parked, next)).into_response())
}

const fn place(parked: &Parked) -> (Object, ErpId) {
    (parked.object, parked.erp_id)
}

/// Warehouses
///
/// The ERP's warehouses as they were last read; none before the first run.
#[utoipa::path(get, path = "/v1/warehouses", tag = "oversight", responses((status = 200, description = "All warehouses", body = contract::Page<contract::Warehouse>)))]
pub(super) async fn list_warehouses(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let warehouses: Vec<Warehouse> = api.services.table.tenant(caller.tenant()).warehouses().await?.unwrap_or_default();
    Ok(Json(PageView::new(warehouses, None)).into_response())
}
