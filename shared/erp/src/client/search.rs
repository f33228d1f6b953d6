//! Search: pages of documents, whole or short, and what can be searched for.

use domain::{Document, DocumentKind, ErpId, Text as Canonical};
use jiff::{Timestamp, civil::Date};

use super::{
    AnswerOf, Client, ErpError, Page,
    body::Object,
    call::{DISCOVERY, SEARCH},
    page::{check_count, convert, count},
};
use crate::{
    Refusal,
    convert::{At, document},
    wall_clock,
    wire::{self, Discovery, SearchAnswer},
};

/// The most rows of a page.
const MAX_LIMIT: u32 = 100;

/// How the ERP says that a search of a kind that it does not count has no hit.
const NO_HIT: &str = "no complaints found";

/// A search. All conditions must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// The kind of document; one in each search.
    pub kind: DocumentKind,
    /// Free text, as in the search box of the app. It finds more than what is equal.
    pub text: Option<String>,
    /// Conditions.
    pub filters: Vec<Filter>,
    /// Rows to skip.
    pub offset: u64,
    /// Rows on the page, at most 100.
    pub limit: u32,
    /// Order by id; the ERP knows no other.
    pub direction: Direction,
}

impl SearchQuery {
    /// The first full page of all documents of a kind, oldest first.
    pub const fn all(kind: DocumentKind) -> Self {
        Self { kind, text: None, filters: Vec::new(), offset: 0, limit: MAX_LIMIT, direction: Direction::Ascending }
    }
}

/// Order of rows by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

/// A condition. Which kinds of document know which is up to the installation: see `Client::discover_filters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Changed at or after a moment (orders).
    ChangedFrom(Timestamp),
    /// Changed at or before a moment (orders).
    ChangedTo(Timestamp),
    /// Dated on or after a day (not offers).
    DatedFrom(Date),
    /// Dated on or before a day (not offers).
    DatedTo(Date),
    /// Paid or not (invoices).
    Paid(bool),
    /// With one of these status keys (orders).
    StatusKeys(Vec<String>),
    /// Of a partner.
    Partner(ErpId),
    /// With the customer's order number (orders).
    BuyerOrder(String),
    /// Any other, by the ERP's name.
    Other {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
}

impl Filter {
    fn pair(&self) -> (&str, String) {
        match self {
            Self::ChangedFrom(moment) => ("last_change_from", wall_clock::written(*moment)),
            Self::ChangedTo(moment) => ("last_change_to", wall_clock::written(*moment)),
            Self::DatedFrom(date) => ("doc_date_from", wall_clock::written_date(*date)),
            Self::DatedTo(date) => ("doc_date_to", wall_clock::written_date(*date)),
            Self::Paid(paid) => ("payment_status", paid.to_string()),
            Self::StatusKeys(keys) => ("status_list", keys.join(",")),
            Self::Partner(id) => ("partner_mk_id", id.to_string()),
            Self::BuyerOrder(number) => ("customer_order", number.clone()),
            Self::Other { name, value } => (name, value.clone()),
        }
    }
}

/// A document as a short row shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortRow {
    /// Its id.
    pub erp_id: ErpId,
    /// Its number.
    pub number: Option<Canonical>,
    /// The label of its status (orders).
    pub status: Option<Canonical>,
}

/// Something that can be searched for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueryType {
    /// The ERP's name of the document type.
    pub doc_type: String,
    /// The name of the condition.
    pub name: String,
    /// What the app calls it.
    pub label: Option<Canonical>,
    /// What its value looks like.
    pub description: Option<Canonical>,
}

/// What is read along with whole documents, in a search and one by one alike: both must give the same record.
pub(super) fn whole(object: &mut Object<'_>, kind: DocumentKind) {
    for switch in ["show_payment_detail", "show_product_detail", "show_product_metadata", "show_tax_factor"] {
        object.text(switch, "true");
    }
    // Only orders are shipped.
    if kind == DocumentKind::SalesOrder {
        for switch in ["return_delivery_service_events", "show_tracking_url"] {
            object.text(switch, "true");
        }
    }
}

impl Client {
    /// A page of whole documents.
    pub async fn search(&self, query: &SearchQuery) -> Result<Page<Document>, ErpError> {
        let body = self.full_search_body(query);
        let kind = Some(query.kind);
        let page = self.ask(&SEARCH, body, |answer| page(answer, query, |row, at| document(row, kind, at))).await;
        let Some(mut page) = hit(page, query)? else { return Ok(Page { total: query.offset, rows: Vec::new() }) };
        page.total = self.counted(query, page.total).await?;
        Ok(page)
    }

    /// The total, where a full page of a kind that is not counted may have another one behind it.
    pub(super) async fn counted(&self, query: &SearchQuery, total: u64) -> Result<u64, ErpError> {
        let end = query.offset + u64::from(query.limit.clamp(1, MAX_LIMIT));
        if !query.kind.entry().is_uncounted || total < end {
            return Ok(total);
        }
        let next = SearchQuery { offset: end, limit: 1, ..query.clone() };
        let body = self.search_body(&next, |_| {});
        let behind = hit(self.ask(&SEARCH, body, |answer| page(answer, &next, short_row)).await, &next)?;
        Ok(end + behind.map_or(0, |page| page.rows.len() as u64))
    }

    /// A page of short rows, for a sweep over ids.
    pub async fn search_short(&self, query: &SearchQuery) -> Result<Page<ShortRow>, ErpError> {
        let body = self.search_body(query, |object| object.text("show_status_code", "true"));
        self.ask(&SEARCH, body, |answer| page(answer, query, short_row)).await
    }

    /// What this installation lets search for, sorted by document type and name.
    pub async fn discover_filters(&self) -> Result<Vec<QueryType>, ErpError> {
        let body = self.body(|_| {});
        self.ask(&DISCOVERY, body, |answer| {
            let discovery = answer.read::<Discovery<'_>>()?;
            let mut types = Vec::new();
            for (doc_type, rows) in discovery.doc_types.iter() {
                // What names no condition is the envelope's.
                for row in rows.objects().filter(|row| !row.r#type.raw().is_empty()) {
                    types.push(query_type(doc_type, row, At::Root).map_err(|refusal| answer.refused(refusal))?);
                }
            }
            types.sort();
            Ok(types)
        })
        .await
    }

    pub(super) fn full_search_body(&self, query: &SearchQuery) -> String {
        self.search_body(query, |object| {
            object.text("result_type", "doc");
            whole(object, query.kind);
        })
    }

    fn search_body(&self, query: &SearchQuery, fill: impl FnOnce(&mut Object<'_>)) -> String {
        self.body(|object| {
            object.text("doc_type", query.kind.erp_name());
            object.maybe("query", query.text.as_ref());
            object.list("query_advance", &query.filters, |object, filter| {
                let (name, value) = filter.pair();
                object.text("type", name);
                object.text("value", &value);
            });
            object.text("offset", &query.offset.to_string());
            object.text("limit", &query.limit.clamp(1, MAX_LIMIT).to_string());
            object.text(
                "order_direction",
                match query.direction {
                    Direction::Ascending => "asc",
                    Direction::Descending => "desc",
                },
            );
            fill(object);
        })
    }
}

/// The rows of an answer. Its counts must agree with each other: a page that lacks rows must never look like a page
/// of which they were deleted.
fn page<T>(
    answer: &AnswerOf<'_>,
    query: &SearchQuery,
    row: impl Fn(&wire::Document<'_>, At<'_>) -> Result<T, Refusal>,
) -> Result<Page<T>, ErpError> {
    let found = answer.read::<SearchAnswer<'_>>()?;
    let items = found.result.items();
    check_count(answer, count(answer, found.result_count)?, items.len())?;
    let total = check_page(answer, query, count(answer, found.result_all_records)?, items.len())?;
    Ok(Page { total, rows: convert(items, |document| document.mk_id, row) })
}

/// The total of a page that has as many rows as there must be at its place.
pub(super) fn check_page(
    answer: &AnswerOf<'_>,
    query: &SearchQuery,
    total: Option<u64>,
    rows: usize,
) -> Result<u64, ErpError> {
    let uncounted = || query.kind.entry().is_uncounted.then_some(query.offset + rows as u64);
    let total = total.or_else(uncounted);
    let total = total.ok_or_else(|| answer.inconsistent("it does not say how many there are"))?;
    let left = total.saturating_sub(query.offset);
    if rows as u64 == left.min(u64::from(query.limit.clamp(1, MAX_LIMIT))) {
        Ok(total)
    } else {
        Err(answer.inconsistent("a page with more or fewer rows than there are"))
    }
}

/// The answer of a search; `None` when it says by an error that there is no hit.
pub(super) fn hit<T>(answer: Result<T, ErpError>, query: &SearchQuery) -> Result<Option<T>, ErpError> {
    match answer {
        Err(ErpError::Application { text, .. } | ErpError::NotFound { text, .. })
            if query.kind.entry().is_uncounted && text.to_lowercase().contains(NO_HIT) =>
        {
            Ok(None)
        }
        answer => answer.map(Some),
    }
}

fn short_row(row: &wire::Document<'_>, at: At<'_>) -> Result<ShortRow, Refusal> {
    let id = at.field("mk_id", row.mk_id);
    Ok(ShortRow {
        erp_id: id.required(id.id()?)?,
        number: at.field("count_code", row.count_code).text()?,
        status: at.field("status_code", row.status_code).text()?,
    })
}

fn query_type(doc_type: &str, row: &wire::QueryType<'_>, at: At<'_>) -> Result<QueryType, Refusal> {
    let name = at.field("type", row.r#type);
    Ok(QueryType {
        doc_type: doc_type.to_owned(),
        name: name.required(name.plain()?)?.into_owned(),
        label: at.field("label", row.label).text()?,
        description: at.field("value_desc", row.value_desc).text()?,
    })
}
