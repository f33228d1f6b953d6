//! The feed of changes, and what a record's history says.

use app::feed;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::RecordId;
use garde::Validate;
use runtime::{
    Code, FEED, Permitted, Problem,
    auth::CanView,
    http::{Json, Path, Query},
};

use serde::Deserialize;
use std::time::Duration;
use utoipa::IntoParams;

use crate::{
    CrmApi, body, contract,
    paging::{NoQuery, USUAL},
    refusal,
    twoway_view::change,
};

/// The furthest that a history goes back.
const HISTORY: usize = 200;

/// Which part of the feed.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FeedQuery {
    /// At most so many changes; 50 unless it is given.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// `cursor` of the part before. Without it, the feed is told from its beginning.
    #[garde(skip)]
    cursor: Option<String>,
    /// When there is nothing yet, wait for it so many seconds. Two readers of a company wait at a time; further ones are
    /// answered at once.
    #[garde(range(max = 20))]
    #[param(maximum = 20)]
    wait: Option<u64>,
}

/// Changes
///
/// Every change of every record, in order and without gaps, from behind the cursor. Apply those with `from` = `erp` and
/// those of kind `restored`; then keep the cursor. A record of kind `added` that is new to you becomes yours when you put
/// it with `record`. Reading a part again does no harm. A cursor is good for 90 days; with 410, read your records anew
/// (`GET /v1/contacts` and the other lists), then begin with the cursor of a first part read before that.
#[utoipa::path(get, path = "/v1/changes", tag = "two-way", params(FeedQuery), responses((status = 200, description = "A part of the feed", body = contract::Changes)))]
pub(super) async fn list_changes(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    query: Query<FeedQuery>,
) -> Result<Response, Problem> {
    body::check(&query.0, "")?;
    let FeedQuery { limit, cursor, wait } = query.0;
    let tenant = api.services.table.tenant(caller.tenant());
    let from = cursor.as_deref().map(|c| api.cursors.open(tenant.id(), FEED, c)).transpose()?;
    let (limit, wait) = (limit.unwrap_or(USUAL), Duration::from_secs(wait.unwrap_or_default()));
    let part = feed::read(&api.services, &tenant, from, limit, wait).await.map_err(refusal::of_feed)?;
    let cursor = api.cursors.seal(tenant.id(), FEED, &part.position);
    let changes = part.changes.iter().map(change).collect();
    Ok(Json(contract::Changes { changes, cursor, more: part.more, read_only: part.read_only }).into_response())
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
