//! Records: lists in parts, and single ones with their version.

use app::offering;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{CategoryId, ContentHash, DocumentKind, Object, RecordId};
use garde::Validate;
use http::HeaderMap;
use runtime::{
    Caller, Code, Permitted, Problem,
    auth::CanView,
    http::{Json, Path, Query},
};
use serde::Deserialize;
use std::sync::LazyLock;
use utoipa::IntoParams;

use super::twoway;
use crate::{
    CrmApi, body, contract, etag, offering_view as view,
    paging::{Gathered, ListQuery, NoQuery, Position, Selection},
    view::{PageView, RecordView},
};

/// The object types whose records are documents.
static DOCUMENTS: LazyLock<Vec<Object>> =
    LazyLock::new(|| Object::ALL.into_iter().filter(|object| object.is_document()).collect());

/// Contacts
///
/// Companies and people, in the order of their ids.
#[utoipa::path(get, path = "/v1/contacts", tag = "records", params(ListQuery), responses((status = 200, description = "A part of the list", body = contract::Page<contract::Contact>)))]
pub(super) async fn list_contacts(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    query: Query<ListQuery>,
) -> Result<Response, Problem> {
    list(&api, &caller, &query.0, "contacts", Selected::of(&[Object::Contacts])).await
}

/// One contact
///
/// With `If-None-Match`, a contact that has not changed is not sent again.
#[utoipa::path(get, path = "/v1/contacts/{id}", tag = "records", params(("id" = String, Path, description = "The contact; with your own id, both sides of it")), responses((status = 200, description = "The contact", body = contract::Contact), (status = 304, description = "It has not changed")))]
pub(super) async fn get_contact(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<String>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Your own id leads to both sides of the record.
    let Ok(id) = id.0.parse() else { return twoway::single(&api, &caller, Object::Contacts, &id.0).await };
    single(&api, &caller, id, &[Object::Contacts], &headers).await
}

/// Which part of the list of products.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ProductQuery {
    /// Only those in this category and below it: an `id` of `GET /v1/categories`.
    #[garde(skip)]
    category: Option<String>,
    /// At most so many entries; 50 unless it is given.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// `next_cursor` of the part before.
    #[garde(skip)]
    cursor: Option<String>,
    /// Also those that the ERP no longer has.
    #[garde(skip)]
    include_missing: Option<bool>,
}

/// Products
///
/// Products and services with their prices, in the order of their ids. With a category, a part of
/// the list may hold less than `limit` and still have more behind it.
#[utoipa::path(get, path = "/v1/products", tag = "records", params(ProductQuery), responses((status = 200, description = "A part of the list", body = contract::Page<contract::Product>)))]
pub(super) async fn list_products(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    query: Query<ProductQuery>,
) -> Result<Response, Problem> {
    let ProductQuery { category, limit, cursor, include_missing } = query.0;
    let wrong = |_| Problem::new(Code::InvalidRequest).at("category", "not an id of a category");
    let category: Option<CategoryId> = category.map(|id| id.parse().map_err(wrong)).transpose()?;
    let route = category.map_or_else(|| "products".to_owned(), |id| format!("products?category={id}"));
    let selected = Selected { category, ..Selected::of(&[Object::Products]) };
    list(&api, &caller, &ListQuery::new(limit, cursor, include_missing), &route, selected).await
}

/// One product
///
/// With `If-None-Match`, a product that has not changed is not sent again.
#[utoipa::path(get, path = "/v1/products/{id}", tag = "records", params(("id" = String, Path, description = "The product; with your own id, both sides of it")), responses((status = 200, description = "The product", body = contract::Product), (status = 304, description = "It has not changed")))]
pub(super) async fn get_product(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<String>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // Your own id leads to both sides of the record.
    let Ok(id) = id.0.parse() else { return twoway::single(&api, &caller, Object::Products, &id.0).await };
    single(&api, &caller, id, &[Object::Products], &headers).await
}

/// Stock
///
/// One record a product, with a level per warehouse, what comes in, and how the product stands, in the
/// order of their ids. A product that never moved and that nothing comes of has no record.
#[utoipa::path(get, path = "/v1/stock", tag = "records", params(ListQuery), responses((status = 200, description = "A part of the list", body = contract::Page<contract::Stock>)))]
pub(super) async fn list_stock(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    query: Query<ListQuery>,
) -> Result<Response, Problem> {
    let (gathered, next) = gather(&api, &caller, &query.0, "stock", Selected::of(&[Object::Stock])).await?;
    let today = offering::today(&api.services);
    let data = gathered
        .with_products()
        .map(|(stock, product)| view::stock(stock.into(), product.map(Into::into), today))
        .collect();
    Ok(Json(PageView::new(data, next)).into_response())
}

/// Stock of one product
///
/// With `If-None-Match`, stock that has not changed is not sent again.
#[utoipa::path(get, path = "/v1/stock/{id}", tag = "records", params(("id" = contract::RecordId, Path, description = "The stock record")), responses((status = 200, description = "The stock", body = contract::Stock), (status = 304, description = "It has not changed")))]
pub(super) async fn get_stock(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let found = if id.0.object() == Object::Stock { tenant.record(id.0).await? } else { None };
    let stored = found.ok_or(Problem::new(Code::NotFound))?;
    let product = tenant.record(RecordId::for_erp(tenant.id(), Object::Products, stored.erp_id)).await?;
    let stock = view::stock((&stored).into(), product.as_ref().map(Into::into), offering::today(&api.services));
    // The product and the day say how it stands too, so the version of the stock alone is no tag of it.
    let text = serde_json::to_vec(&stock).map_err(|e| Problem::internal(&e))?;
    Ok(etag::tagged(ContentHash::of(&[&text]).0, &headers, Json(stock)))
}

/// Which part of the list of documents.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DocumentQuery {
    /// Only this type: `offers`, `orders`, `invoices`, ..., or an ERP's document type such as `sales_bill_foreign`. Without it, all types in turn.
    #[garde(skip)]
    #[serde(rename = "type")]
    kind: Option<String>,
    /// At most so many entries; 50 unless it is given.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// `next_cursor` of the part before.
    #[garde(skip)]
    cursor: Option<String>,
    /// Also those that the ERP no longer has.
    #[garde(skip)]
    include_missing: Option<bool>,
}

/// Documents
///
/// Documents of all types, in the order of type and id. With a type of the ERP that is one of several, a part of the list may hold less than `limit` and still have more behind it.
#[utoipa::path(get, path = "/v1/documents", tag = "records", params(DocumentQuery), responses((status = 200, description = "A part of the list", body = contract::Page<contract::Document>)))]
pub(super) async fn list_documents(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    query: Query<DocumentQuery>,
) -> Result<Response, Problem> {
    let DocumentQuery { kind, limit, cursor, include_missing } = query.0;
    let selected = match kind.as_deref() {
        None => Selected::of(&DOCUMENTS),
        Some(name) => Selected::named(name).ok_or_else(|| {
            Problem::new(Code::InvalidRequest).at("type", "no object type of documents and no document type of the ERP")
        })?,
    };
    let route = format!("documents?type={}", kind.as_deref().unwrap_or_default());
    list(&api, &caller, &ListQuery::new(limit, cursor, include_missing), &route, selected).await
}

/// One document
///
/// With `If-None-Match`, a document that has not changed is not sent again.
#[utoipa::path(get, path = "/v1/documents/{id}", tag = "records", params(("id" = contract::RecordId, Path, description = "The document")), responses((status = 200, description = "The document", body = contract::Document), (status = 304, description = "It has not changed")))]
pub(super) async fn get_document(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<RecordId>,
    _: Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    single(&api, &caller, id.0, &DOCUMENTS, &headers).await
}

/// The object types and the kind that a list is of.
struct Selected {
    objects: &'static [Object],
    kind: Option<DocumentKind>,
    category: Option<CategoryId>,
}

impl Selected {
    const fn of(objects: &'static [Object]) -> Self {
        Self { objects, kind: None, category: None }
    }

    /// The documents that a name stands for. Of an object type of one kind, nothing has to be left out.
    fn named(name: &str) -> Option<Self> {
        let kind = DocumentKind::from_erp_name(name);
        let object = kind.map(DocumentKind::object).or_else(|| name.parse().ok())?;
        let n = DOCUMENTS.iter().position(|o| *o == object)?;
        let kind = kind.filter(|_| DocumentKind::of(object).count() > 1);
        Some(Self { objects: DOCUMENTS.get(n..=n)?, kind, category: None })
    }
}

async fn list(
    api: &CrmApi,
    caller: &Caller,
    query: &ListQuery,
    route: &str,
    selected: Selected,
) -> Result<Response, Problem> {
    let (gathered, next) = gather(api, caller, query, route, selected).await?;
    Ok(Json(PageView::new(gathered.records().map(RecordView::from).collect(), next)).into_response())
}

/// The records of a part of a list, and the cursor behind it if there is more.
async fn gather(
    api: &CrmApi,
    caller: &Caller,
    query: &ListQuery,
    route: &str,
    selected: Selected,
) -> Result<(Gathered, Option<String>), Problem> {
    body::check(query, "")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let with_missing = query.include_missing.unwrap_or_default();
    let Selected { objects, kind, category } = selected;
    let selection = Selection { objects, kind, category, with_missing };
    let filter = format!("{route} missing={with_missing}");
    let from: Option<Position> =
        query.cursor.as_deref().map(|c| api.cursors.open(tenant.id(), &filter, c)).transpose()?;
    if from.is_some_and(|p| !selection.has(p)) {
        return Err(Problem::new(Code::InvalidCursor));
    }
    let gathered = selection.gather(&api.browser, &tenant, from, query.limit()).await?;
    let next = gathered.next.map(|position| api.cursors.seal(tenant.id(), &filter, &position));
    Ok((gathered, next))
}

/// A record of one of `objects`. Another tenant's id, or one of another type, leads nowhere.
async fn single(
    api: &CrmApi,
    caller: &Caller,
    id: RecordId,
    objects: &[Object],
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let found = if objects.contains(&id.object()) {
        api.services.table.tenant(caller.tenant()).record(id).await?
    } else {
        None
    };
    let stored = found.ok_or(Problem::new(Code::NotFound))?;
    Ok(etag::tagged(stored.version, headers, Json(RecordView::from(&stored))))
}
