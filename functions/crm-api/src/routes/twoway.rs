//! The CRM's own records: put, delete, many at once; by the CRM's ids.

use app::twoway::{
    edit::{self, By, Held, Put},
    people,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{Fields, Object, RecordId};
use http::{HeaderMap, StatusCode};
use runtime::{
    Caller, Code, Permitted, Problem,
    auth::{CanSync, CanView},
    http::{Json, Path, Query},
};
use store::Tenant;

use crate::{
    CrmApi,
    body::{self, BulkItem, BulkItems, PutRecord},
    contract, etag,
    paging::NoQuery,
    refusal,
    twoway_view::{badge, bulk_result, led_to, record},
};

/// Words that stand in the place of an id in an address.
const RESERVED: &[&str] = &["bulk"];

macro_rules! two_way {
    ($($object:ident $path:literal $bulk:literal $name:literal $names:literal $put:ident $delete:ident $many:ident;)*) => {$(
        #[utoipa::path(put, path = $path, tag = "two-way", summary = concat!("Put ", $name, " of yours"), description = "`fields` is your whole value. What differs from what you had seen at the revision in `If-Match` is taken; what the ERP changed since stays. Sent again, it changes nothing. With `record`, yours and that record of the ERP are one from then on.", params(("id" = String, Path, description = "Your own id"), ("If-Match" = Option<String>, Header, description = "The revision that the edit was made on; not for the first one")), request_body = PutRecord, responses((status = 200, description = "It is taken", body = contract::CrmRecord), (status = 201, description = "It is new", body = contract::CrmRecord)))]
        pub(super) async fn $put(
            api: State<CrmApi>,
            caller: Permitted<CanSync>,
            id: Path<String>,
            _: Query<NoQuery>,
            headers: HeaderMap,
            asked: Json<PutRecord>,
        ) -> Result<Response, Problem> {
            put(&api, &caller, Object::$object, &id.0, &headers, asked.0).await
        }

        #[utoipa::path(delete, path = $path, tag = "two-way", summary = concat!("Delete ", $name, " of yours"), description = "The ERP's record is deleted when your settings and the ERP's API allow it; else the two are taken apart. Many deletions at once wait for a person. It can be taken back for 30 days.", params(("id" = String, Path, description = "Your own id")), responses((status = 200, description = "It is deleted", body = contract::CrmRecord)))]
        pub(super) async fn $delete(
            api: State<CrmApi>,
            caller: Permitted<CanSync>,
            id: Path<String>,
            _: Query<NoQuery>,
            headers: HeaderMap,
        ) -> Result<Response, Problem> {
            delete(&api, &caller, Object::$object, &id.0, &headers).await
        }

        #[utoipa::path(post, path = $bulk, tag = "two-way", summary = concat!("Put or delete many ", $names), description = "Each item is a request of its own: what one is refused for does not touch the others.", request_body = BulkItems, responses((status = 200, description = "What came of each", body = contract::BulkAnswer)))]
        pub(super) async fn $many(
            api: State<CrmApi>,
            caller: Permitted<CanSync>,
            _: Query<NoQuery>,
            headers: HeaderMap,
            asked: Json<BulkItems>,
        ) -> Result<Response, Problem> {
            bulk(&api, &caller, Object::$object, &headers, asked.0).await
        }
    )*};
}

two_way! {
    Contacts "/v1/contacts/{id}" "/v1/contacts/bulk" "a contact" "contacts" put_contact delete_contact bulk_contacts;
    Products "/v1/products/{id}" "/v1/products/bulk" "a product" "products" put_product delete_product bulk_products;
    Offers "/v1/offers/{id}" "/v1/offers/bulk" "an offer" "offers" put_offer delete_offer bulk_offers;
    Orders "/v1/orders/{id}" "/v1/orders/bulk" "an order" "orders" put_order delete_order bulk_orders;
}

/// One offer of yours
///
/// By your own id: both sides of it.
#[utoipa::path(get, path = "/v1/offers/{id}", tag = "two-way", params(("id" = String, Path, description = "Your own id, or the record's")), responses((status = 200, description = "The record", body = contract::CrmRecord)))]
pub(super) async fn get_offer(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<String>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    single(&api, &caller, Object::Offers, &id.0).await
}

/// One order of yours
///
/// By your own id: both sides of it.
#[utoipa::path(get, path = "/v1/orders/{id}", tag = "two-way", params(("id" = String, Path, description = "Your own id, or the record's")), responses((status = 200, description = "The record", body = contract::CrmRecord)))]
pub(super) async fn get_order(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<String>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    single(&api, &caller, Object::Orders, &id.0).await
}

/// A document of yours
///
/// By your own id: both sides of it. `type` is an object type of documents: `invoices`, `purchase_orders`, ...
#[utoipa::path(get, path = "/v1/{type}/{id}", tag = "two-way", params(("type" = contract::ObjectName, Path, description = "The object type"), ("id" = String, Path, description = "Your own id, or the record's")), responses((status = 200, description = "The record", body = contract::CrmRecord)))]
pub(super) async fn find_document(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    address: Path<(String, String)>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let (object, id) = of_type(&address.0)?;
    single(&api, &caller, object, id).await
}

/// Put a document of yours
///
/// As for an order: `fields` is your whole value. What the ERP lets nobody change afterwards is said once, when the
/// document is made; `GET /v1/settings` names what both sides may change.
#[utoipa::path(put, path = "/v1/{type}/{id}", tag = "two-way", params(("type" = contract::ObjectName, Path, description = "The object type"), ("id" = String, Path, description = "Your own id"), ("If-Match" = Option<String>, Header, description = "The revision that the edit was made on; not for the first one")), request_body = PutRecord, responses((status = 200, description = "It is taken", body = contract::CrmRecord), (status = 201, description = "It is new", body = contract::CrmRecord)))]
pub(super) async fn put_document(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    address: Path<(String, String)>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<PutRecord>,
) -> Result<Response, Problem> {
    let (object, id) = of_type(&address.0)?;
    put(&api, &caller, object, id, &headers, asked.0).await
}

/// Delete a document of yours
///
/// The ERP's document is deleted when your settings and the ERP's API allow it; invoices never are.
#[utoipa::path(delete, path = "/v1/{type}/{id}", tag = "two-way", params(("type" = contract::ObjectName, Path, description = "The object type"), ("id" = String, Path, description = "Your own id")), responses((status = 200, description = "It is deleted", body = contract::CrmRecord)))]
pub(super) async fn delete_document(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    address: Path<(String, String)>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (object, id) = of_type(&address.0)?;
    delete(&api, &caller, object, id, &headers).await
}

/// Put or delete many documents
///
/// Each item is a request of its own: what one is refused for does not touch the others.
#[utoipa::path(post, path = "/v1/{type}/bulk", tag = "two-way", params(("type" = contract::ObjectName, Path, description = "The object type")), request_body = BulkItems, responses((status = 200, description = "What came of each", body = contract::BulkAnswer)))]
pub(super) async fn bulk_documents(
    api: State<CrmApi>,
    caller: Permitted<CanSync>,
    address: Path<String>,
    _: Query<NoQuery>,
    headers: HeaderMap,
    asked: Json<BulkItems>,
) -> Result<Response, Problem> {
    let object = document_type(&address.0)?;
    bulk(&api, &caller, object, &headers, asked.0).await
}

/// The object type and the id that an address names.
fn of_type((object, id): &(String, String)) -> Result<(Object, &str), Problem> {
    Ok((document_type(object)?, id))
}

/// An object type of documents in which the CRM has a say.
fn document_type(name: &str) -> Result<Object, Problem> {
    let known = name.parse::<Object>().ok().filter(|object| object.is_document() && object.is_two_way());
    known.ok_or(Problem::new(Code::NotFound))
}

/// How a record stands
///
/// By your own id or the record's: in step, on its way, or waiting for a person, and why. One call for a badge beside the
/// record.
#[utoipa::path(get, path = "/v1/records/{type}/{id}/sync", tag = "two-way", params(("type" = contract::ObjectName, Path, description = "The object type"), ("id" = String, Path, description = "Your own id, or the record's")), responses((status = 200, description = "How it stands", body = contract::SyncBadge)))]
pub(super) async fn get_sync(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    address: Path<(String, String)>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let (object, id) = &address.0;
    let object = object.parse::<Object>().ok().filter(|o| o.is_two_way()).ok_or(Problem::new(Code::NotFound))?;
    let tenant = api.services.table.tenant(caller.tenant());
    let entry = find(&tenant, object, id).await?.entry;
    let last = tenant.history(entry.id, 1).await?;
    let read_only = edit::settings(&tenant).await?.read_only;
    Ok(Json(badge(&entry, last.first(), read_only)).into_response())
}

/// A record of the CRM by the CRM's id of it, or by its own.
pub(super) async fn single(api: &CrmApi, caller: &Caller, object: Object, id: &str) -> Result<Response, Problem> {
    let end = find(&api.services.table.tenant(caller.tenant()), object, id).await?;
    Ok(etag::tagged(end.entry.revision, &HeaderMap::new(), Json(led_to(&end))))
}

async fn find(tenant: &Tenant, object: Object, id: &str) -> Result<people::End, Problem> {
    let found = match id.parse::<RecordId>() {
        Ok(id) if id.object() == object => match edit::entry(tenant, id).await? {
            Some(entry) => people::end_from(tenant, entry).await?,
            None => None,
        },
        Ok(_) => None,
        // What could not be an id of anybody's leads nowhere.
        Err(_) => match checked(id) {
            Ok(crm_id) => people::end_of(tenant, object, crm_id).await?,
            Err(_) => None,
        },
    };
    found.ok_or(Problem::new(Code::NotFound))
}

async fn put(
    api: &CrmApi,
    caller: &Caller,
    object: Object,
    crm_id: &str,
    headers: &HeaderMap,
    asked: PutRecord,
) -> Result<Response, Problem> {
    let crm_id = checked(crm_id)?;
    let tenant = api.services.table.tenant(caller.tenant());
    let asked = Put { revision: etag::named(headers)?, ..asked.into_put() };
    check_type(asked.record, object)?;
    let held = edit::put(&api.services, &tenant, object, crm_id, &asked, by(caller, headers)).await;
    let held = held.map_err(refusal::of_edit)?;
    edit::wake(&api.services, &tenant).await;
    Ok(answer(&held))
}

async fn delete(
    api: &CrmApi,
    caller: &Caller,
    object: Object,
    crm_id: &str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let held = edit::delete(&api.services, &tenant, object, checked(crm_id)?, by(caller, headers)).await;
    let held = held.map_err(refusal::of_edit)?;
    edit::wake(&api.services, &tenant).await;
    Ok(answer(&held))
}

async fn bulk(
    api: &CrmApi,
    caller: &Caller,
    object: Object,
    headers: &HeaderMap,
    asked: BulkItems,
) -> Result<Response, Problem> {
    body::check(&asked, "$.")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let mut results = Vec::with_capacity(asked.items.len());
    for item in asked.items {
        let crm_id = item.crm_id.clone();
        let done = one_of_many(api, &tenant, object, item, by(caller, headers)).await;
        results.push(bulk_result(crm_id, done));
    }
    edit::wake(&api.services, &tenant).await;
    Ok(Json(contract::BulkAnswer { results }).into_response())
}

async fn one_of_many(
    api: &CrmApi,
    tenant: &Tenant,
    object: Object,
    item: BulkItem,
    by: By<'_>,
) -> Result<Held, Problem> {
    let crm_id = checked(&item.crm_id)?.to_owned();
    let done = if item.delete {
        edit::delete(&api.services, tenant, object, &crm_id, by).await
    } else {
        let fields = item.fields.ok_or_else(|| {
            Problem::new(Code::InvalidRequest).at("$.fields", "an item that deletes nothing needs them")
        })?;
        check_type(item.record, object)?;
        let put = Put {
            fields: fields.into_iter().collect::<Fields>(),
            revision: item.revision,
            record: item.record,
            edited_at: item.edited_at,
        };
        edit::put(&api.services, tenant, object, &crm_id, &put, by).await
    };
    done.map_err(refusal::of_edit)
}

/// A record is linked with one of its own type only.
fn check_type(record: Option<RecordId>, object: Object) -> Result<(), Problem> {
    match record {
        Some(record) if record.object() != object => {
            Err(Problem::new(Code::InvalidRequest).at("$.record", "of another type"))
        }
        _ => Ok(()),
    }
}

/// Who asks, for the history.
pub(super) fn by<'a>(caller: &'a Caller, headers: &'a HeaderMap) -> By<'a> {
    let request = headers.get("x-request-id").and_then(|h| h.to_str().ok()).filter(|r| r.len() <= 64);
    By { actor: caller.subject(), request }
}

fn answer(held: &Held) -> Response {
    let mut response = etag::tagged(held.entry.revision, &HeaderMap::new(), Json(record(&held.entry)));
    if held.created {
        *response.status_mut() = StatusCode::CREATED;
    }
    response
}

/// An id of the CRM: 1 to 64 letters, digits, `.`, `_`, `:`, `-`, that could not be an id of ours or a word of an address.
pub(super) fn checked(crm_id: &str) -> Result<&str, Problem> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    let is_id = (1..=64).contains(&crm_id.len()) && crm_id.bytes().all(fits);
    if !is_id {
        return Err(Problem::new(Code::InvalidRequest).at("id", "not 1 to 64 letters, digits, '.', '_', ':' or '-'"));
    }
    if crm_id.parse::<RecordId>().is_ok() || RESERVED.contains(&crm_id) {
        return Err(Problem::new(Code::InvalidRequest).at("id", "of a form that is ours; use your own id"));
    }
    Ok(crm_id)
}
