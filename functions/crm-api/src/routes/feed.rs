//! The feed of changes, and what a record's history says.

use app::twoway::edit;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::RecordId;
use runtime::{
    Code, FEED, Permitted, Problem,
    auth::CanView,
    http::{Json, Path, Query},
};

use crate::{
    CrmApi, body, contract,
    paging::{NoQuery, PageQuery},
    twoway_view::change,
};

/// The furthest that a history goes back.
const HISTORY: usize = 200;

/// Changes
///
/// Every change of every record, in order, from behind the cursor. Apply those with `from` = `erp` and those of kind
/// `restored`; then keep the cursor. A record of kind `added` that is new to you becomes yours when you put it with
/// `record`. Reading a part again does no harm.
#[utoipa::path(get, path = "/v1/changes", tag = "two-way", params(PageQuery), responses((status = 200, description = "A part of the feed", body = contract::Changes)))]
pub(super) async fn list_changes(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    query: Query<PageQuery>,
) -> Result<Response, Problem> {
    body::check(&query.0, "")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let after: u64 = match query.0.cursor.as_deref() {
        Some(cursor) => api.cursors.open(tenant.id(), FEED, cursor)?,
        None => 0,
    };
    let read_only = edit::settings(&tenant).await?.read_only;
    let limit = query.0.limit();
    let mut changes = if read_only { Vec::new() } else { tenant.changes(after, limit + 1).await? };
    let more = changes.len() > limit;
    changes.truncate(limit);
    let last = changes.last().map_or(after, |c| c.seq);
    let cursor = api.cursors.seal(tenant.id(), FEED, &last);
    let changes = changes.iter().map(change).collect();
    Ok(Json(contract::Changes { changes, cursor, more, read_only }).into_response())
}

/// A record's history
///
/// Why each piece is as it is: who, when, which rule, which request; the newest first, at most 200 changes back. Of contacts that were merged, the changes of both.
#[utoipa::path(get, path = "/v1/records/{id}/history", tag = "two-way", params(("id" = contract::RecordId, Path, description = "The record")), responses((status = 200, description = "The changes", body = contract::History)))]
pub(super) async fn get_history(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    if tenant.row(id.0).await?.is_none() {
        return Err(Problem::new(Code::NotFound));
    }
    let changes = tenant.whole_history(id.0, HISTORY).await?;
    Ok(Json(contract::History { changes: changes.iter().map(change).collect() }).into_response())
}
