//! A record by its id: of the CRM, of the ERP, or ours.

use app::twoway::edit;
use axum::{Extension, extract::State, response::Response};
use domain::{ErpId, Object, RecordId};
use http::StatusCode;
use runtime::http::Query;
use serde::Deserialize;
use std::{collections::BTreeSet, sync::Arc};
use store::{ByCrm, StoreError, Tenant};

use super::{Seen, see_other};
use crate::{
    Shared,
    page::{self, Chrome},
    place::Place,
    refusal::Refusal,
    session::Session,
    twoway::RecordLink,
    visit::Visit,
    wording::FindTexts,
};

/// The longest id of the CRM.
const LONGEST_ID: usize = 200;

#[derive(Deserialize)]
pub(crate) struct Asked {
    id: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "find.html")]
struct FindPage {
    chrome: Chrome,
    f: &'static FindTexts,
    id: String,
    fault: Option<&'static str>,
    found: Vec<RecordLink>,
}

/// `GET /console/find?id=`: the record's page, or a list when several have the id.
pub(crate) async fn page(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let tenant = session.tenant(&shared);
    let seen = Seen { session: &session, visit: &visit, tenant: &tenant };
    let chrome = seen.chrome(Place::Find, Place::Find.address(), "").await?;
    let reader = session.reader(&shared, &visit);
    let f = FindTexts::of(visit.language);
    let id = asked.id.unwrap_or_default();
    let text = id.trim();
    let mut found = Vec::new();
    let mut fault = (text.len() > LONGEST_ID).then_some(f.too_long);
    if fault.is_none() && !text.is_empty() {
        for record in records(&tenant, text).await? {
            if let Some(entry) = edit::entry(&tenant, record).await? {
                found.push(RecordLink::of_entry(&entry, &reader));
            }
        }
        if let [one] = found.as_slice() {
            return Ok(see_other(&format!("/console/records/{}", one.id)));
        }
        fault = found.is_empty().then_some(f.none);
    }
    let status = if fault.is_some() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Ok(page::show(status, &FindPage { chrome, f, id, fault, found }))
}

/// The records that an id could mean.
async fn records(tenant: &Tenant, id: &str) -> Result<BTreeSet<RecordId>, StoreError> {
    if let Ok(record) = id.parse::<RecordId>() {
        return Ok([record].into());
    }
    let mut found = BTreeSet::new();
    if let Ok(erp_id) = id.parse::<ErpId>() {
        let all = Object::ALL.map(|object| RecordId::for_erp(tenant.id(), object, erp_id));
        found.extend(tenant.records(&all).await?.into_keys());
    }
    for object in Object::ALL {
        match tenant.find_by_crm(RecordId::for_crm(tenant.id(), object, id)).await? {
            Some(ByCrm::Linked(record)) => found.insert(record),
            Some(ByCrm::Open(open)) => found.insert(open.id),
            None => false,
        };
    }
    Ok(found)
}
