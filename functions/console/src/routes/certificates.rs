//! The certificates.

use app::twoway::certificates;
use axum::{Extension, extract::State, response::Response};
use http::StatusCode;
use std::sync::Arc;

use super::Seen;
use crate::{
    Shared,
    page::{self, Chrome},
    place::Place,
    refusal::Refusal,
    session::Session,
    twoway::certificates::{CertificateRow, certificate_row},
    visit::Visit,
    wording::{SyncTexts, Texts},
};

/// Days that are shown.
const DAYS: usize = 31;

#[derive(askama::Template)]
#[template(path = "certificates.html")]
struct CertificatesPage {
    chrome: Chrome,
    t: &'static Texts,
    w: &'static SyncTexts,
    rows: Vec<CertificateRow>,
}

/// `GET /console/certificates`.
pub(crate) async fn page(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
) -> Result<Response, Refusal> {
    let tenant = session.tenant(&shared);
    let seen = Seen { session: &session, visit: &visit, tenant: &tenant };
    let chrome = seen.chrome(Place::Certificates, Place::Certificates.address(), "").await?;
    let reader = session.reader(&shared, &visit);
    let newest = certificates::newest(&tenant, DAYS * certificates::objects().count()).await?;
    let page = CertificatesPage {
        chrome,
        t: reader.texts(),
        w: reader.sync_texts(),
        rows: newest.iter().map(|daily| certificate_row(daily, &reader)).collect(),
    };
    Ok(page::show(StatusCode::OK, &page))
}
