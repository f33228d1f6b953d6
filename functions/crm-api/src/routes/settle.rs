//! What a person decides about a record: which value stays, which partner it is, that it comes back, that it is looked at
//! again.

use app::registers;
use app::twoway::{edit, oversight};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::RecordId;
use http::{HeaderMap, StatusCode};
use runtime::{
    Code, Permitted, Problem,
    auth::{CanResolveLogs, CanSync, CanView},
    http::{Json, Path, Query},
};

use crate::{
    CrmApi,
    body::{self, ApproveDeletions, Settle, SettleMatch},
    contract, etag,
    paging::{NoQuery, PageQuery},
    refusal,
    routes::twoway::by,
    story_view::unmapped,
    twoway_view::{deletions, record},
};

/// Settle a conflict
///
/// Says which side's value a piece has from then on. It is settled per piece.
#[utoipa::path(post, path = "/v1/records/{id}/settle", tag = "two-way", params(("id" = contract::RecordId, Path, description = "The record")), request_body = Settle, responses((status = 200, description = "It is settled", body = contract::CrmRecord)))]
pub(super) async fn settle_conflict(
    api: State<CrmApi>,
    caller: Permitted<CanResolveLogs>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<Settle>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let winner = asked.0.winner.into();
    let held = edit::settle(&api.services, &tenant, id.0, &asked.0.piece, winner, by(&caller, &headers)).await;
    answer(&api, &tenant, held).await
}

/// Say which partner a contact is
///
/// For one that waits with candidates (`hold.candidates`). With `link`, it and that partner are one; with `none_of`, a new
/// partner is made, unless one of them has the same tax number. The next look does it; it asks again only about others.
#[utoipa::path(post, path = "/v1/records/{id}/settle-match", tag = "two-way", params(("id" = contract::RecordId, Path, description = "The record"), ("If-Match" = String, Header, description = "The revision that you saw")), request_body = SettleMatch, responses((status = 200, description = "It is taken", body = contract::CrmRecord)))]
pub(super) async fn settle_match(
    api: State<CrmApi>,
    caller: Permitted<CanResolveLogs>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<SettleMatch>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let revision = etag::named(&headers)?;
    // What is wrong with the body is told first.
    let word = asked.0.into_word(revision.unwrap_or_default())?;
    revision.ok_or(Problem::new(Code::PreconditionRequired))?;
    let held = edit::settle_match(&api.services, &tenant, id.0, &word, by(&caller, &headers)).await;
    answer(&api, &tenant, held).await
}

/// Take a record back
///
/// One that the CRM deleted or that is archived because the ERP no longer has it; within 30 days.
#[utoipa::path(post, path = "/v1/records/{id}/restore", tag = "two-way", params(("id" = contract::RecordId, Path, description = "The record")), responses((status = 200, description = "It is back", body = contract::CrmRecord)))]
pub(super) async fn restore_record(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let held = edit::take_back(&api.services, &tenant, id.0, by(&caller, &headers)).await;
    answer(&api, &tenant, held).await
}

/// Look at a record again
///
/// For one that waits for a person, when what it waited for is done.
#[utoipa::path(post, path = "/v1/records/{id}/look-again", tag = "two-way", params(("id" = contract::RecordId, Path, description = "The record")), responses((status = 200, description = "It is looked at again", body = contract::CrmRecord)))]
pub(super) async fn look_again(
    api: State<CrmApi>,
    caller: Permitted<CanResolveLogs>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let held = edit::look_again(&api.services, &tenant, id.0, by(&caller, &headers)).await;
    answer(&api, &tenant, held).await
}

/// What waits for a person
///
/// Records with a conflict or a reason, the longest waiting first, deletions that the guard holds back, and statuses of documents that
/// nobody knows the meaning of.
#[utoipa::path(get, path = "/v1/attention", tag = "two-way", params(PageQuery), responses((status = 200, description = "A part of the list", body = contract::Attention)))]
pub(super) async fn list_attention(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    query: Query<PageQuery>,
) -> Result<Response, Problem> {
    body::check(&query.0, "")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let after = query.0.cursor.as_deref().map(|c| api.cursors.open(tenant.id(), "attention", c)).transpose()?;
    let (waiting, next) = oversight::waiting(&tenant, after, query.0.limit()).await?;
    let answer = contract::Attention {
        records: waiting.iter().map(record).collect(),
        statuses: unmapped(&registers::known(&tenant).await?),
        deletions: oversight::deletions(&tenant, api.services.clock.now()).await?.iter().map(deletions).collect(),
        next_cursor: next.map(|n| api.cursors.seal(tenant.id(), "attention", &n)),
    };
    Ok(Json(answer).into_response())
}

/// Approve deletions
///
/// Lets exactly the list pass that was shown; an approval holds for 24 hours.
#[utoipa::path(post, path = "/v1/deletions/approve", tag = "two-way", request_body = ApproveDeletions, responses((status = 202, description = "They go on", body = contract::Approved)))]
pub(super) async fn approve_deletions(
    api: State<CrmApi>,
    caller: Permitted<CanResolveLogs>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<ApproveDeletions>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let ApproveDeletions { object, list } = asked.0;
    let done = oversight::approve_deletions(&api.services, &tenant, object, &list, by(&caller, &headers)).await;
    done.map_err(refusal::of_word)?;
    Ok((StatusCode::ACCEPTED, Json(contract::Approved { list })).into_response())
}

async fn answer(
    api: &CrmApi,
    tenant: &store::Tenant,
    held: Result<edit::Held, edit::EditError>,
) -> Result<Response, Problem> {
    let held = held.map_err(refusal::of_edit)?;
    edit::wake(&api.services, tenant).await;
    Ok(etag::tagged(held.entry.revision, &HeaderMap::new(), Json(record(&held.entry))))
}
