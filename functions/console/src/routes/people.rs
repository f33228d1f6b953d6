//! Contacts as people arrange them: a merge that is shown first, apart and together again.

use app::twoway::{
    edit::{self, EditError},
    people::{self, PeopleError},
};
use axum::{Extension, extract::State, response::Response};
use domain::{ErpId, Object, RecordId};
use http::StatusCode;
use runtime::{
    Code, Permission,
    http::{Path, Query},
};
use serde::Deserialize;
use std::sync::Arc;

use super::{
    Seen,
    record_page::{Extras, Looking},
    see_other,
};
use crate::{
    Shared,
    form::Form,
    page::{self, Chrome},
    place::Place,
    refusal::Refusal,
    session::Session,
    twoway::people::{PreviewView, Returned, Which, why},
    visit::Visit,
    wording::PeopleTexts,
};

/// The longest id of the CRM.
const LONGEST_ID: usize = 200;

#[derive(Deserialize)]
pub(crate) struct Into {
    #[serde(default)]
    into: String,
}

#[derive(Deserialize)]
pub(crate) struct MergeForm {
    csrf: String,
    into: String,
    /// The revision of the one that goes, as it was shown.
    revision: u64,
}

#[derive(Deserialize)]
pub(crate) struct UnmergeForm {
    csrf: String,
    /// The CRM's id of the one that went.
    gone: String,
}

#[derive(Deserialize)]
pub(crate) struct UnlinkForm {
    csrf: String,
    revision: u64,
}

#[derive(Deserialize)]
pub(crate) struct LinkForm {
    csrf: String,
    /// The partner's id in the ERP, for a contact of the CRM.
    partner: Option<String>,
    /// The contact's id in the CRM, for a partner.
    contact: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "merge.html")]
struct MergePage<'a> {
    chrome: Chrome,
    p: &'static PeopleTexts,
    piece: &'static str,
    csrf: &'a str,
    view: PreviewView,
}

/// A record's own id in the CRM.
async fn crm_id(looking: &Looking<'_>) -> Result<String, Refusal> {
    let entry = edit::entry(looking.tenant, looking.id).await?.filter(|_| looking.id.object() == Object::Contacts);
    entry.and_then(|entry| entry.crm_id).ok_or(Refusal::NotFound)
}

/// The page with the form as it was sent, and why it was not taken.
async fn again(looking: &Looking<'_>, which: Which, sent: &str, error: PeopleError) -> Result<Response, Refusal> {
    let texts = PeopleTexts::of(looking.visit.language);
    let fault = match (why(&error, texts), which) {
        // What is not found is what was written into the field, and that is not the same for each form.
        (Some(_), Which::Merge | Which::Unmerge) if matches!(error, PeopleError::Edit(EditError::NotFound)) => {
            texts.unknown
        }
        (Some(text), _) => text,
        (None, _) => return Err(refusal(error)),
    };
    back(looking, which, sent, fault).await
}

async fn back(looking: &Looking<'_>, which: Which, sent: &str, fault: &str) -> Result<Response, Refusal> {
    let returned = Returned { which, sent: sent.to_owned(), fault: fault.to_owned() };
    looking.page(Extras { people: Some(returned), status: Some(StatusCode::CONFLICT), ..Extras::default() }).await
}

fn refusal(error: PeopleError) -> Refusal {
    match error {
        PeopleError::Edit(error) => error.into(),
        // The others have words of their own.
        _ => Code::Conflict.into(),
    }
}

/// An id of the CRM as it was written into a field.
fn written(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= LONGEST_ID).then_some(text)
}

/// `GET /console/records/{id}/merge?into=`: both contacts, and what would come of them.
pub(crate) async fn ask_merge(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Query(asked): Query<Into>,
) -> Result<Response, Refusal> {
    session.require(Permission::Sync)?;
    let tenant = session.tenant(&shared);
    let looking = Looking { shared: &shared, session: &session, visit: &visit, tenant: &tenant, id };
    let going = crm_id(&looking).await?;
    let texts = PeopleTexts::of(visit.language);
    let Some(into) = written(&asked.into) else {
        return back(&looking, Which::Merge, &asked.into, texts.needed).await;
    };
    let preview = people::preview(&shared.console.services, &tenant, (&going, into), session.by(&visit)).await;
    let preview = match preview {
        Ok(preview) => preview,
        Err(error) => return again(&looking, Which::Merge, into, error).await,
    };
    let seen = Seen { session: &session, visit: &visit, tenant: &tenant };
    let reader = looking.reader();
    let page = MergePage {
        chrome: seen.chrome(Place::Elsewhere, &format!("/console/records/{id}"), "").await?,
        p: texts,
        piece: reader.sync_texts().piece,
        csrf: &session.csrf,
        view: PreviewView::of(&preview, &reader),
    };
    Ok(page::show(StatusCode::OK, &page))
}

/// `POST /console/records/{id}/merge`: this contact goes, the other one stays.
pub(crate) async fn merge(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Form(form): Form<MergeForm>,
) -> Result<Response, Refusal> {
    session.authorise(&form.csrf, Permission::Sync)?;
    let tenant = session.tenant(&shared);
    let looking = Looking { shared: &shared, session: &session, visit: &visit, tenant: &tenant, id };
    let going = crm_id(&looking).await?;
    let services = &shared.console.services;
    let into = written(&form.into).ok_or(Code::InvalidRequest)?;
    match people::merge(services, &tenant, (&going, into), form.revision, session.by(&visit)).await {
        Ok(pair) => {
            edit::wake(services, &tenant).await;
            Ok(see_other(&format!("/console/records/{}?done=merged", pair.survivor.id)))
        }
        Err(error) => again(&looking, Which::Merge, into, error).await,
    }
}

/// `POST /console/records/{id}/unmerge`: the two are two again.
pub(crate) async fn unmerge(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Form(form): Form<UnmergeForm>,
) -> Result<Response, Refusal> {
    session.authorise(&form.csrf, Permission::Sync)?;
    let tenant = session.tenant(&shared);
    let looking = Looking { shared: &shared, session: &session, visit: &visit, tenant: &tenant, id };
    let services = &shared.console.services;
    let gone = written(&form.gone).ok_or(Code::InvalidRequest)?;
    match people::unmerge(services, &tenant, gone, session.by(&visit)).await {
        Ok(pair) => {
            edit::wake(services, &tenant).await;
            Ok(see_other(&format!("/console/records/{}?done=unmerged", pair.gone.id)))
        }
        Err(error) => again(&looking, Which::Unmerge, gone, error).await,
    }
}

/// `POST /console/records/{id}/unlink`: the contact and its partner go their own ways.
pub(crate) async fn unlink(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Form(form): Form<UnlinkForm>,
) -> Result<Response, Refusal> {
    session.authorise(&form.csrf, Permission::Sync)?;
    let tenant = session.tenant(&shared);
    let looking = Looking { shared: &shared, session: &session, visit: &visit, tenant: &tenant, id };
    let contact = crm_id(&looking).await?;
    let services = &shared.console.services;
    match people::unlink(services, &tenant, &contact, Some(form.revision), session.by(&visit)).await {
        Ok(entry) => {
            edit::wake(services, &tenant).await;
            Ok(see_other(&format!("/console/records/{}?done=unlinked", entry.id)))
        }
        Err(error) => again(&looking, Which::Unlink, "", error).await,
    }
}

/// `POST /console/records/{id}/link`: a contact of the CRM and a partner of the ERP are one.
pub(crate) async fn link(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Form(form): Form<LinkForm>,
) -> Result<Response, Refusal> {
    session.authorise(&form.csrf, Permission::Sync)?;
    let tenant = session.tenant(&shared);
    let looking = Looking { shared: &shared, session: &session, visit: &visit, tenant: &tenant, id };
    let texts = PeopleTexts::of(visit.language);
    let sent = form.partner.as_deref().or(form.contact.as_deref()).unwrap_or_default();
    let Some(text) = written(sent) else { return back(&looking, Which::Link, sent, texts.needed).await };
    let (contact, record) = if form.partner.is_some() {
        let partner = match (text.parse::<RecordId>(), text.parse::<ErpId>()) {
            (Ok(record), _) if record.object() == Object::Contacts => record,
            (_, Ok(erp_id)) => RecordId::for_erp(tenant.id(), Object::Contacts, erp_id),
            _ => return back(&looking, Which::Link, text, texts.bad_id).await,
        };
        (crm_id(&looking).await?, partner)
    } else if id.object() == Object::Contacts {
        (text.to_owned(), id)
    } else {
        return Err(Refusal::NotFound);
    };
    let services = &shared.console.services;
    match people::link(services, &tenant, &contact, record, session.by(&visit)).await {
        Ok(entry) => {
            edit::wake(services, &tenant).await;
            Ok(see_other(&format!("/console/records/{}?done=linked", entry.id)))
        }
        Err(error) => again(&looking, Which::Link, text, error).await,
    }
}
