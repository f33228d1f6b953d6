//! Files of documents: a look at them, one of them, the printed form, the proof of delivery.

use app::connect::ConnectError;
use app::files::{
    self, File, FilesError, attached,
    giving::{self, Given, given},
    made,
};
use axum::{
    Extension,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use cloud::Disposition;
use domain::{PrintLanguage, RecordId};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER},
};
use runtime::{
    Code, Permission, Problem,
    http::{Path, Query},
};
use serde::Deserialize;
use std::sync::Arc;
use store::Tenant;

use super::see_other;
use crate::{
    Shared,
    form::Form,
    page::{self, Explanation},
    refusal::Refusal,
    session::Session,
    visit::Visit,
    wording::FileTexts,
};

#[derive(Deserialize)]
pub(crate) struct Word {
    csrf: String,
}

#[derive(Deserialize)]
pub(crate) struct Printed {
    language: Option<PrintLanguage>,
}

/// Why there is no file.
pub(super) fn refusal(error: FilesError) -> Refusal {
    match error {
        FilesError::NotFound => Refusal::NotFound,
        FilesError::NoConnection => Code::ConnectionMissing.into(),
        FilesError::Refused(why) => Code::parse(why.code()).unwrap_or(Code::FileTypeRefused).into(),
        FilesError::NoReport(_) => Code::ReportNotAvailable.into(),
        FilesError::NoProof(_) => Code::ProofNotAvailable.into(),
        FilesError::Unavailable(_) => Code::FileUnavailable.into(),
        // A code that the catalogue does not have yet is the ERP's refusal all the same.
        FilesError::Erp(error) => Code::parse(error.code()).unwrap_or(Code::ErpRefused).into(),
        FilesError::Connection(error) => match error.as_ref() {
            ConnectError::HostNotAllowed => Code::HostNotAllowed.into(),
            other => Problem::internal(other).into(),
        },
        FilesError::Store(error) => error.into(),
        FilesError::Secrets(error) => Refusal::Problem(error.into()),
        FilesError::Queue(error) => Refusal::Problem(error.into()),
        FilesError::Blobs(error) => match error.disposition() {
            Disposition::Retry => Code::Busy.into(),
            Disposition::Reject | Disposition::Bug => Problem::internal(&error).into(),
        },
    }
}

/// `POST /console/records/{id}/files/refresh`: asks the worker for a look.
pub(crate) async fn refresh(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Path(id): Path<RecordId>,
    Form(word): Form<Word>,
) -> Result<Response, Refusal> {
    session.authorise(&word.csrf, Permission::Sync)?;
    let tenant = session.tenant(&shared);
    files::ask(&shared.console.services, &tenant, id).await.map_err(refusal)?;
    Ok(see_other(&format!("/console/records/{id}?done=files_asked#files")))
}

/// `GET /console/records/{id}/files/{file_id}`.
pub(crate) async fn one(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Path((id, file)): Path<(RecordId, String)>,
) -> Result<Response, Refusal> {
    session.require(Permission::View)?;
    let tenant = session.tenant(&shared);
    let file = attached::one(&tenant, id, &file).await.map_err(refusal)?;
    give_out(&shared, &tenant, &file).await
}

/// `GET /console/records/{id}/pdf`: the printed form, or a page that says when to ask again.
pub(crate) async fn pdf(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Query(printed): Query<Printed>,
) -> Result<Response, Refusal> {
    session.require(Permission::View)?;
    let tenant = session.tenant(&shared);
    let asked = made::pdf(&shared.console.services, &tenant, id, printed.language, made::PATIENCE);
    match Box::pin(asked).await.map_err(refusal)? {
        made::Made::Ready(file) => give_out(&shared, &tenant, &file).await,
        made::Made::Later { seconds } => {
            let f = FileTexts::of(visit.language);
            let told = Explanation {
                title: f.later_title.to_owned(),
                detail: f.later_detail.to_owned(),
                remedy: f.later_remedy.to_owned(),
                code: None,
                leads_back: false,
            };
            let mut response = page::explanation(StatusCode::ACCEPTED, &told, &visit);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
    }
}

/// `GET /console/records/{id}/proof-of-delivery`.
pub(crate) async fn proof(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Path(id): Path<RecordId>,
) -> Result<Response, Refusal> {
    session.require(Permission::View)?;
    let tenant = session.tenant(&shared);
    let asked = made::proof_of_delivery(&shared.console.services, &tenant, id, None);
    let file = Box::pin(asked).await.map_err(refusal)?;
    give_out(&shared, &tenant, &file).await
}

/// A file as it leaves: to be saved, as the API gives it.
async fn give_out(shared: &Shared, tenant: &Tenant, file: &File) -> Result<Response, Refusal> {
    let mut response = match given(&shared.console.services, tenant, file).await.map_err(refusal)? {
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
    };
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(giving::POLICY));
    Ok(response)
}
