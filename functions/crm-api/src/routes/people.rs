//! Contacts as people arrange them: two that are one, a pair that is taken apart or joined.

use app::twoway::{blacklist, edit, people};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{Object, RecordId};
use http::HeaderMap;
use runtime::{
    Code, Permitted, Problem,
    auth::{CanSync, CanView},
    http::{Json, Path, Query},
};
use store::Tenant;
use sync::twoway::Entry;

use crate::{
    CrmApi,
    body::{LinkContact, MergeContact},
    contract, etag,
    paging::NoQuery,
    refusal,
    routes::twoway::{by, checked},
    twoway_view::{blacklist as view_of, pair, record},
};

/// Merge two contacts of yours
///
/// For two that are one partner. This one goes: its id leads to the other from then on, and whatever names it means the other. The one that stays keeps its values and gets what it lacked; what differs from the ERP goes by your rules. The partner is that of whichever has one; two different partners cannot be merged. Asked again, it changes nothing.
#[utoipa::path(post, path = "/v1/contacts/{id}/merge", tag = "two-way", params(("id" = String, Path, description = "Your id of the one that goes"), ("If-Match" = String, Header, description = "The revision of it that was shown")), request_body = MergeContact, responses((status = 200, description = "They are one", body = contract::ContactPair)))]
pub(super) async fn merge_contacts(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    id: Path<String>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<MergeContact>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let ids = (checked(&id.0)?, checked_at(&asked.0.into, "$.into")?);
    let revision = etag::named(&headers)?;
    let revision = revision.ok_or_else(|| Problem::new(Code::PreconditionRequired).at("if-match", "it is needed"))?;
    let done = people::merge(&api.services, &tenant, ids, revision, by(&caller, &headers)).await;
    answer_pair(&api, &tenant, done).await
}

/// Take a merge back
///
/// While nothing was built on it: nothing changed since, and what it added has not reached the ERP. `id` is that of the one that went.
#[utoipa::path(post, path = "/v1/contacts/{id}/unmerge", tag = "two-way", params(("id" = String, Path, description = "Your id of the one that went")), responses((status = 200, description = "They are two again", body = contract::ContactPair)))]
pub(super) async fn unmerge_contacts(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    id: Path<String>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let done = people::unmerge(&api.services, &tenant, checked(&id.0)?, by(&caller, &headers)).await;
    answer_pair(&api, &tenant, done).await
}

/// Take a contact and its partner apart
///
/// Your contact keeps its values and waits for a person: it is neither matched nor made in the ERP by itself. The ERP's record stays and is no longer yours. `hold` says who did it. To let it be searched for and made again, look at it again; to join it with a record, link it.
#[utoipa::path(post, path = "/v1/contacts/{id}/unlink", tag = "two-way", params(("id" = String, Path, description = "Your own id"), ("If-Match" = Option<String>, Header, description = "The revision that was shown")), responses((status = 200, description = "They are apart", body = contract::CrmRecord)))]
pub(super) async fn unlink_contact(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    id: Path<String>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let revision = etag::named(&headers)?;
    let done = people::unlink(&api.services, &tenant, checked(&id.0)?, revision, by(&caller, &headers)).await;
    answer(&api, &tenant, done).await
}

/// Link a contact with a record of the ERP
///
/// For one that has none: what is equal is adopted, what differs goes by your rules or waits for a person. A contact that was deleted and taken apart begins with what the ERP has. Asked again, it changes nothing.
#[utoipa::path(post, path = "/v1/contacts/{id}/link", tag = "two-way", params(("id" = String, Path, description = "Your own id")), request_body = LinkContact, responses((status = 200, description = "They are one", body = contract::CrmRecord)))]
pub(super) async fn link_contact(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    id: Path<String>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<LinkContact>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let to = asked.0.record;
    if to.object() != Object::Contacts {
        return Err(Problem::new(Code::InvalidRequest).at("$.record", "not a contact"));
    }
    let done = people::link(&api.services, &tenant, checked(&id.0)?, to, by(&caller, &headers)).await;
    answer(&api, &tenant, done).await
}

/// How a contact stands on the ERP's blacklist
///
/// Asked of the ERP when you look, by the contact's e-mail addresses, phone numbers and name. That the company has no blacklist, or that nobody is named to ask in whose name, are answers of their own.
#[utoipa::path(get, path = "/v1/contacts/{id}/blacklist", tag = "two-way", params(("id" = String, Path, description = "The contact, by its id or by your own")), responses((status = 200, description = "How it stands", body = contract::Blacklist)))]
pub(super) async fn get_blacklist(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<String>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let found = match id.0.parse::<RecordId>() {
        Ok(id) => Some(id),
        // What could not be an id of anybody's leads nowhere.
        Err(_) => match checked(&id.0) {
            Ok(crm_id) => people::end_of(&tenant, Object::Contacts, crm_id).await?.map(|end| end.entry.id),
            Err(_) => None,
        },
    };
    let id = found.ok_or(Problem::new(Code::NotFound))?;
    let look = blacklist::look(&api.services, &tenant, id).await;
    let look = look.map_err(|error| refusal::of_look(error, api.services.clock.now()))?;
    Ok(Json(view_of(&look)).into_response())
}

fn checked_at<'a>(crm_id: &'a str, path: &str) -> Result<&'a str, Problem> {
    checked(crm_id).map_err(|_| Problem::new(Code::InvalidRequest).at(path, "not an id of yours"))
}

async fn answer_pair(
    api: &CrmApi,
    tenant: &Tenant,
    done: Result<people::Pair, people::PeopleError>,
) -> Result<Response, Problem> {
    let done = done.map_err(refusal::of_people)?;
    edit::wake(&api.services, tenant).await;
    Ok(Json(pair(&done)).into_response())
}

async fn answer(api: &CrmApi, tenant: &Tenant, done: Result<Entry, people::PeopleError>) -> Result<Response, Problem> {
    let entry = done.map_err(refusal::of_people)?;
    edit::wake(&api.services, tenant).await;
    Ok(etag::tagged(entry.revision, &HeaderMap::new(), Json(record(&entry))))
}
