//! What happened to a document, and the documents of a contact.

use app::story;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{Object, RecordId};
use garde::Validate;
use jiff::Timestamp;
use runtime::{
    Caller, Code, Permitted, Problem,
    auth::CanView,
    http::{Json, Path, Query},
};
use serde::{Deserialize, Serialize};
use store::{ByCrm, Row};
use sync::timeline::{Event, Place};
use utoipa::{IntoParams, ToSchema};

use crate::{
    CrmApi, body, contract,
    paging::{ListQuery, PageQuery},
    story_view::{ContactDocumentView, EntryView, TimelineView},
    view::PageView,
};

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
}

/// Which part of a timeline.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TimelineQuery {
    /// Which end it begins at; the newest unless it is given.
    #[garde(skip)]
    #[serde(default)]
    #[param(inline)]
    order: Order,
    /// At most so many entries; 50 unless it is given.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// `next_cursor` of the part before.
    #[garde(skip)]
    cursor: Option<String>,
}

/// What happened to a document
///
/// Everything that its changes tell, by time: statuses, payments, the carrier's events, links to other documents, lines.
/// Each entry says who says so and whether its time is that of the event or the one at which we saw it. An entry never
/// disappears. Also what follows from the document today.
#[utoipa::path(get, path = "/v1/documents/{id}/timeline", tag = "records", params(("id" = contract::RecordId, Path, description = "The document"), TimelineQuery), responses((status = 200, description = "A part of the story", body = contract::Timeline)))]
pub(super) async fn get_timeline(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<RecordId>,
    query: Query<TimelineQuery>,
) -> Result<Response, Problem> {
    body::check(&query.0, "")?;
    let TimelineQuery { order, limit, cursor } = query.0;
    let tenant = api.services.table.tenant(caller.tenant());
    let filter = format!("timeline/{}?{order:?}", id.0);
    let after: Option<(Timestamp, u64, u32)> =
        cursor.map(|c| api.cursors.open(tenant.id(), &filter, &c)).transpose()?;
    let told = story::story(&tenant, id.0, api.services.clock.now()).await?.ok_or(Problem::new(Code::NotFound))?;
    let (part, next) = part(&told.events, order, after, PageQuery::new(limit, None).limit());
    let next = next.map(|p| api.cursors.seal(tenant.id(), &filter, &(p.at, p.seq, p.n)));
    let answer = TimelineView {
        derived: told.derived.as_ref(),
        data: part.into_iter().map(|event| EntryView::new(tenant.id(), event)).collect(),
        has_more: next.is_some(),
        next_cursor: next,
        complete: told.is_whole,
    };
    Ok(Json(answer).into_response())
}

/// The part of `events`, which come oldest first, behind a place, and where the next one begins.
fn part(
    events: &[Event],
    order: Order,
    after: Option<(Timestamp, u64, u32)>,
    limit: usize,
) -> (Vec<&Event>, Option<Place>) {
    let after = after.map(|(at, seq, n)| Place { at, seq, n });
    let is_behind = |event: &&Event| match (after, order) {
        (None, _) => true,
        (Some(after), Order::Newest) => event.place() < after,
        (Some(after), Order::Oldest) => event.place() > after,
    };
    let mut part: Vec<&Event> = match order {
        Order::Newest => events.iter().rev().filter(is_behind).take(limit + 1).collect(),
        Order::Oldest => events.iter().filter(is_behind).take(limit + 1).collect(),
    };
    let more = part.len() > limit;
    part.truncate(limit);
    let next = part.last().filter(|_| more).map(|event| event.place());
    (part, next)
}

/// The documents of a contact
///
/// Offers, orders, invoices and credit notes that name it, the latest date first, each with its sums and what follows
/// from it today. A part may hold less than `limit` and still have more behind it.
#[utoipa::path(get, path = "/v1/contacts/{id}/documents", tag = "records", params(("id" = String, Path, description = "The contact, by its id or by yours"), ListQuery), responses((status = 200, description = "A part of the list", body = contract::Page<contract::ContactDocument>)))]
pub(super) async fn list_contact_documents(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<String>,
    query: Query<ListQuery>,
) -> Result<Response, Problem> {
    body::check(&query.0, "")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let contact = contact(&api, &caller, &id.0).await?;
    let with_missing = query.0.include_missing.unwrap_or_default();
    let filter = format!("contacts/{}/documents?missing={with_missing}", id.0);
    let after: Option<story::Place> =
        query.0.cursor.as_deref().map(|c| api.cursors.open(tenant.id(), &filter, c)).transpose()?;
    let Some(contact) = contact else {
        return Ok(Json(PageView::<ContactDocumentView<'_>>::new(Vec::new(), None)).into_response());
    };
    let (now, limit) = (api.services.clock.now(), query.0.limit());
    let found = story::documents_of(&tenant, contact, after, limit, with_missing, now).await?;
    let next = found.next.map(|place| api.cursors.seal(tenant.id(), &filter, &place));
    let documents = found.documents.iter().filter_map(ContactDocumentView::new).collect();
    Ok(Json(PageView::new(documents, next)).into_response())
}

/// The contact that an id means; `None` for one that the ERP does not have yet, which has no documents there.
async fn contact(api: &CrmApi, caller: &Caller, id: &str) -> Result<Option<RecordId>, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let found = match id.parse::<RecordId>() {
        Ok(id) if id.object() == Object::Contacts => match tenant.row(id).await? {
            Some(Row::Record(stored)) => Some(ByCrm::Linked(stored.id)),
            Some(Row::Open(open)) => Some(ByCrm::Open(open)),
            None => None,
        },
        Ok(_) => None,
        Err(_) => tenant.find_by_crm(RecordId::for_crm(tenant.id(), Object::Contacts, id)).await?,
    };
    match found {
        Some(ByCrm::Linked(id)) => Ok(Some(id)),
        Some(ByCrm::Open(_)) => Ok(None),
        None => Err(Problem::new(Code::NotFound)),
    }
}
