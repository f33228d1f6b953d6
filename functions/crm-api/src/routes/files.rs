//! Files of documents: what is attached, the printed form, the proof of delivery.

use app::actions;
use app::files::giving::{Given, given};
use app::files::{self, attached, giving, made};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{PrintLanguage, RecordId};
use garde::Validate;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION,
        RETRY_AFTER,
    },
};
use runtime::{
    Language, Permitted, Problem,
    auth::{CanSync, CanView},
    http::{Json, Path, Query},
};
use serde::Deserialize;
use store::Tenant;
use utoipa::IntoParams;

use crate::{
    CrmApi, action_view,
    body::{self, AddAttachment},
    contract, file_view,
    paging::NoQuery,
    refusal,
    routes::twoway::by,
};

/// The printed form that is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PdfQuery {
    /// Its language; the usual one of the document's type unless it is given.
    #[param(inline, value_type = Option<contract::PrintLanguage>)]
    language: Option<PrintLanguage>,
}

/// The parcel that is meant.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ProofQuery {
    /// Its tracking code; the order's own unless it is given.
    #[garde(inner(length(bytes, min = 1, max = 100)))]
    tracking_code: Option<String>,
}

/// Files attached to a document
///
/// As they were known at the last look at the ERP, which is asked for with `attachments/refresh`. A file that is not kept
/// says why.
#[utoipa::path(get, path = "/v1/documents/{id}/attachments", tag = "files", params(("id" = contract::RecordId, Path, description = "The document")), responses((status = 200, description = "The files", body = contract::Attachments)))]
pub(super) async fn list_attachments(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let all = attached::list(&tenant, id.0).await.map_err(refusal::of_files)?;
    let look = files::looked(&tenant, id.0).await.map_err(refusal::of_files)?;
    Ok(Json(file_view::attachments(&all, &look)).into_response())
}

/// Attach a file to a document
///
/// An action like any other: it waits when the answer comes, is done once, and its address says what became of it. The
/// file is in the list at once.
#[utoipa::path(post, path = "/v1/documents/{id}/attachments", tag = "files", params(("id" = contract::RecordId, Path, description = "The document")), request_body = AddAttachment, responses((status = 202, description = "The action waits", body = contract::Action, headers(("Location" = String, description = "The action's address")))))]
pub(super) async fn add_attachment(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<AddAttachment>,
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

/// Look at the files attached to a document
///
/// Files are fetched in the background; look at the list for what came of it. A look that is going on, or was over less
/// than 30 seconds ago, is not taken again.
#[utoipa::path(post, path = "/v1/documents/{id}/attachments/refresh", tag = "files", params(("id" = contract::RecordId, Path, description = "The document")), responses((status = 202, description = "It is looked at", body = contract::AttachmentsLook, headers(("Location" = String, description = "The list's address")))))]
pub(super) async fn refresh_attachments(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let look = files::ask(&api.services, &tenant, id.0).await.map_err(refusal::of_files)?;
    let location = format!("/v1/documents/{}/attachments", id.0);
    Ok((StatusCode::ACCEPTED, [(LOCATION, location)], Json(file_view::look(&look))).into_response())
}

/// One attached file
///
/// Its bytes; above 4 MiB an address in `Location` that holds for 15 minutes.
#[utoipa::path(get, path = "/v1/documents/{id}/attachments/{file_id}", tag = "files", params(("id" = contract::RecordId, Path, description = "The document"), ("file_id" = contract::FileId, Path, description = "The file")), responses((status = 200, description = "The file", content_type = "application/octet-stream", body = contract::Bytes), (status = 303, description = "It is at this address", headers(("Location" = String, description = "An address for 15 minutes. Send no token there"))), (status = 304, description = "It is the one that is known")))]
pub(super) async fn get_attachment(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    ids: Path<(RecordId, String)>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (id, file_id) = ids.0;
    let tenant = api.services.table.tenant(caller.tenant());
    let file = attached::one(&tenant, id, &file_id).await.map_err(refusal::of_files)?;
    give_out(&api, &tenant, &file, &headers).await
}

/// The printed form of a document
///
/// A PDF of an invoice or a credit note. While the document's version stays, it is made once. One that takes the ERP longer
/// is made in the background: 202, and `Retry-After` says when to ask again.
#[utoipa::path(get, path = "/v1/documents/{id}/pdf", tag = "files", params(("id" = contract::RecordId, Path, description = "The document"), PdfQuery), responses((status = 200, description = "The PDF", content_type = "application/pdf", body = contract::Bytes), (status = 202, description = "It is being made", body = contract::Making, headers(("Retry-After" = u32, description = "Seconds"))), (status = 303, description = "It is at this address", headers(("Location" = String, description = "An address for 15 minutes. Send no token there"))), (status = 304, description = "It is the one that is known")))]
pub(super) async fn get_document_pdf(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<RecordId>,
    query: Query<PdfQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let asked = made::pdf(&api.services, &tenant, id.0, query.0.language, made::PATIENCE);
    match Box::pin(asked).await.map_err(refusal::of_files)? {
        made::Made::Ready(file) => give_out(&api, &tenant, &file, &headers).await,
        made::Made::Later { seconds } => {
            let wait = [(RETRY_AFTER, HeaderValue::from(seconds))];
            Ok((StatusCode::ACCEPTED, wait, Json(contract::Making { retry_after: seconds })).into_response())
        }
    }
}

/// The proof that an order was delivered
///
/// As the carrier gave it: a PDF or a picture.
#[utoipa::path(get, path = "/v1/documents/{id}/proof-of-delivery", tag = "files", params(("id" = contract::RecordId, Path, description = "The order"), ProofQuery), responses((status = 200, description = "The proof", content_type = "application/octet-stream", body = contract::Bytes), (status = 303, description = "It is at this address", headers(("Location" = String, description = "An address for 15 minutes. Send no token there"))), (status = 304, description = "It is the one that is known")))]
pub(super) async fn get_proof_of_delivery(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<RecordId>,
    query: Query<ProofQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    body::check(&query.0, "")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let asked = made::proof_of_delivery(&api.services, &tenant, id.0, query.0.tracking_code.as_deref());
    let file = Box::pin(asked).await.map_err(refusal::of_files)?;
    give_out(&api, &tenant, &file, &headers).await
}

/// A file as it leaves: always to be saved, never to be shown as a page of ours.
async fn give_out(api: &CrmApi, tenant: &Tenant, file: &files::File, headers: &HeaderMap) -> Result<Response, Problem> {
    let tag = format!("\"{}\"", file.hash);
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    let is_known = known.map(|t| t.trim().trim_start_matches("W/")).any(|t| t == "*" || t == tag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match given(&api.services, tenant, file).await.map_err(refusal::of_files)? {
            Given::Link(link) => (StatusCode::SEE_OTHER, [(LOCATION, link)]).into_response(),
            Given::Bytes(bytes) => {
                let head = giving::head(file);
                let mut response = Response::new(Body::from(bytes));
                for (name, value) in [(CONTENT_TYPE, head.content_type), (CONTENT_DISPOSITION, head.disposition)] {
                    if let Ok(value) = HeaderValue::from_str(&value) {
                        response.headers_mut().insert(name, value);
                    }
                }
                response
            }
        }
    };
    let all = response.headers_mut();
    all.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(giving::POLICY));
    all.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        all.insert(ETAG, value);
    }
    Ok(response)
}
