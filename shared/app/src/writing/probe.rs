//! Searching the ERP for what we perhaps made, and for what is known to be there.
//!
//! Decides by which calls a key is searched for. A search that failed, or whose
//! counts do not fit together, says nothing; nor does one with a row that cannot
//! be used and may be the one. What a search brings is judged by the engine: near
//! matches are handed on as they are.

use std::collections::BTreeMap;

use domain::{Document, DocumentKind, ErpId, Fields, Marker, Object, Record, TaxNumber, Text};
use erp::ErpError;
use erp::client::{Direction, Filter, PartnerKey, ProductQuery, RowError, SearchQuery};
use serde_json::Value;
use sync::twoway::{Key, Match, Probed};

use super::Writer;

/// How many pages a search by a key may have.
const PAGES: u64 = 20;
/// Rows of a full page of documents.
const PAGE: u64 = 100;
/// How many records are listed when none is known.
const LISTED: u32 = 20;
/// How many known records are looked for until one is found.
const CONTROLS: usize = 10;

/// A record that the ERP is known to have, and what it is searched by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Control {
    erp_id: ErpId,
    keys: Vec<Sought>,
}

/// What one call searches by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sought {
    BuyerOrder(String),
    /// The documents of a partner, for the one with a tag.
    PartnerOf(DocumentKind, ErpId, Option<String>),
    /// The newest documents down to one that is known, for the one with a tag: whatever we made has a greater id.
    Newest(DocumentKind, Option<ErpId>, Option<String>),
    Code(String),
    Number(String),
    TaxNumber(String),
    Email(String),
    Name(String),
}

impl Sought {
    /// Whether the two are searched for in the same way, so that one proves something of the other.
    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Whether a row that cannot be used may be the one: a text in it is the key, however it is written.
    fn may_be(&self, row: &RowError) -> bool {
        let Ok(raw) = serde_json::from_str::<Value>(&row.raw) else { return true };
        let bare = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let same = |key: &str| any_text(&raw, &|text| Text::new(text).ok().flatten().is_some_and(|t| t.key() == key));
        let key = |s: &str| Text::new(s).ok().flatten().map_or_else(String::new, |t| t.key());
        match self {
            Self::TaxNumber(number) => {
                let digits = bare(number).trim_start_matches(char::is_alphabetic).to_owned();
                any_text(&raw, &|text| bare(text).ends_with(&digits))
            }
            Self::PartnerOf(_, _, tag) | Self::Newest(_, _, tag) => {
                tag.as_ref().is_some_and(|tag| any_text(&raw, &|text| text.contains(tag.as_str())))
            }
            Self::BuyerOrder(s) | Self::Code(s) | Self::Number(s) | Self::Email(s) | Self::Name(s) => same(&key(s)),
        }
    }
}

impl Control {
    /// What a record is searched by; `None` when nothing of it can be searched for.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        let keys = match record {
            Record::Contact(contact) => {
                let tax = contact.tax_number.iter().map(|tax| Sought::TaxNumber(tax.as_str().to_owned()));
                let emails = contact.persons.iter().filter_map(|person| person.email.as_ref());
                let emails = emails.take(1).map(|email| Sought::Email(email.as_str().to_owned()));
                tax.chain(emails).chain([Sought::Name(contact.name.as_str().to_owned())]).collect()
            }
            Record::Product(product) => {
                let number = product.number.iter().map(|number| Sought::Number(number.as_str().to_owned()));
                [Sought::Code(product.code.as_str().to_owned())].into_iter().chain(number).collect()
            }
            Record::Document(document) => match document.kind.entry().marker {
                Marker::BuyerOrder => {
                    document.buyer_order.iter().map(|order| Sought::BuyerOrder(order.as_str().to_owned())).collect()
                }
                Marker::TagOfPartner => {
                    document.partner.iter().map(|p| Sought::PartnerOf(document.kind, p.erp_id, None)).collect()
                }
                Marker::TagOfNewest => vec![Sought::Newest(document.kind, Some(document.erp_id), None)],
            },
            Record::Stock(_) => Vec::new(),
        };
        let keys: Vec<_> = keys;
        (!keys.is_empty()).then(|| Self { erp_id: record.erp_id(), keys })
    }

    /// The same of a document, by its partner when it has no key of its own: that proves less.
    fn of_listed(record: &Record) -> Option<Self> {
        let by_partner = |document: &Document| {
            let keys = vec![Sought::PartnerOf(document.kind, document.partner.as_ref()?.erp_id, None)];
            Some(Self { erp_id: document.erp_id, keys })
        };
        Self::of(record).or_else(|| match record {
            Record::Document(document) => by_partner(document),
            _ => None,
        })
    }
}

impl Writer<'_> {
    /// Searches for a record by its keys. `sought` is what was sent and what the CRM has by now: an offer has no key that
    /// the ERP searches by, so the offers of its partner are read. `controls` are records that the ERP is known to have;
    /// finding one of them in the same way proves that the search finds what is there. The records that were found come
    /// along.
    pub(crate) async fn probe(
        &self,
        object: Object,
        keys: &[Key],
        sought: &[&Fields],
        controls: &[Control],
    ) -> (Probed, Vec<Record>) {
        let mut searches = searches(object, keys, sought);
        // The walk down from the newest ends at what was there before the sending: what is known by now may be newer
        // than what we made. Before there is one, it ends at one that is known.
        for search in &mut searches {
            if let Sought::Newest(kind, known, _) = search {
                let ids = controls
                    .iter()
                    .filter(|c| c.keys.iter().any(|k| matches!(k, Sought::Newest(of, ..) if of == kind)));
                *known = self.floor.or_else(|| ids.map(|control| control.erp_id).max());
            }
        }
        let answer = async {
            let mut found = BTreeMap::new();
            for search in &searches {
                let (records, odd) = self.search(search).await?;
                if odd.iter().any(|row| search.may_be(row)) {
                    return Err(unusable());
                }
                found.extend(records.into_iter().map(|record| (record.erp_id(), record)));
            }
            Ok::<_, ErpError>((found, self.control(object, &searches, controls).await?))
        };
        match answer.await {
            Ok((found, control)) => {
                let matches = found.iter().map(|(id, record)| Match { erp_id: *id, fields: Fields::of(record) });
                let probed = Probed::Answered { found: matches.collect(), control };
                (probed, found.into_values().collect())
            }
            Err(error) => {
                tracing::warn!(code = error.code(), "a search of the ERP says nothing");
                (Probed::CannotTell, Vec::new())
            }
        }
    }

    /// Whether a known record is found in every way that was searched in.
    async fn control(&self, object: Object, searches: &[Sought], controls: &[Control]) -> Result<bool, ErpError> {
        if searches.is_empty() {
            return Ok(true);
        }
        let of_erp;
        let controls = if controls.is_empty() {
            // We know of none: one that the ERP lists serves. When it lists none either, all that can be said is that
            // the answers agree with each other and with what we have.
            of_erp = self.any(object, searches).await?;
            match &of_erp {
                Some(control) => std::slice::from_ref(control),
                None => return Ok(true),
            }
        } else {
            controls
        };
        for control in controls.iter().take(CONTROLS) {
            // A known record may have been deleted or renamed since: then the next one is asked for.
            if self.finds(searches, control).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn finds(&self, searches: &[Sought], control: &Control) -> Result<bool, ErpError> {
        let alike = |key: &&Sought| searches.iter().any(|search| search.is_like(key));
        let mut ways: Vec<&Sought> = control.keys.iter().filter(alike).collect();
        if ways.is_empty() {
            ways.extend(control.keys.first());
        }
        for way in ways {
            let (records, _) = self.search(way).await?;
            if !records.iter().any(|record| record.erp_id() == control.erp_id) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Some record of the type, as the ERP lists them. Partners it does not list.
    async fn any(&self, object: Object, searches: &[Sought]) -> Result<Option<Control>, ErpError> {
        let listed: Vec<Result<Record, RowError>> = match object {
            Object::Products => {
                let page =
                    self.client.products(&ProductQuery { limit: Some(LISTED), ..ProductQuery::default() }).await?;
                page.rows.into_iter().map(|row| row.map(|p| Record::Product(Box::new(p)))).collect()
            }
            object if object.is_document() => {
                let Some(kind) = sought_kind(object, searches) else { return Ok(None) };
                let all = SearchQuery::all(kind);
                let query = SearchQuery { limit: LISTED, direction: Direction::Descending, ..all };
                let page = self.client.search(&query).await?;
                page.rows.into_iter().map(|row| row.map(|d| Record::Document(Box::new(d)))).collect()
            }
            _ => Vec::new(),
        };
        let is_empty = listed.is_empty();
        let found = listed.into_iter().flatten().find_map(|record| Control::of_listed(&record));
        if found.is_none() && !is_empty { Err(unusable()) } else { Ok(found) }
    }

    async fn search(&self, sought: &Sought) -> Result<Rows, ErpError> {
        match sought {
            Sought::BuyerOrder(number) => {
                self.documents(DocumentKind::SalesOrder, Filter::BuyerOrder(number.clone())).await
            }
            Sought::PartnerOf(kind, partner, _) => self.documents(*kind, Filter::Partner(*partner)).await,
            Sought::Newest(kind, known, _) => self.newest(*kind, *known).await,
            Sought::Code(code) => {
                self.products_by(&ProductQuery { code: Some(code.clone()), ..ProductQuery::default() }).await
            }
            Sought::Number(number) => {
                self.products_by(&ProductQuery { number: Some(number.clone()), ..ProductQuery::default() }).await
            }
            Sought::TaxNumber(number) => {
                // The ERP compares it as it was typed: with the country before it, with a space between, or without.
                let bare = number.parse::<TaxNumber>().ok().map(|tax| tax.without_prefix().to_owned());
                let spaced = bare.as_ref().and_then(|bare| {
                    let country = number.strip_suffix(bare.as_str()).filter(|country| !country.is_empty())?;
                    Some(format!("{country} {bare}"))
                });
                let forms = [Some(number.clone()), bare.filter(|bare| bare != number), spaced];
                let mut found = Rows::default();
                for form in forms.iter().flatten() {
                    let more = self.partners_by(PartnerKey::TaxNumber(form)).await?;
                    found.0.extend(more.0);
                    found.1.extend(more.1);
                }
                Ok(found)
            }
            Sought::Email(email) => self.partners_by(PartnerKey::Email(email)).await,
            Sought::Name(name) => self.partners_by(PartnerKey::Name(name)).await,
        }
    }

    /// All documents that a filter finds. A set that moves while it is read is read by nobody.
    async fn documents(&self, kind: DocumentKind, filter: Filter) -> Result<Rows, ErpError> {
        let mut found = Vec::new();
        let mut total = None;
        for page in 0..PAGES {
            let query = SearchQuery { filters: vec![filter.clone()], offset: page * PAGE, ..SearchQuery::all(kind) };
            let page = self.client.search(&query).await?;
            if *total.get_or_insert(page.total) != page.total {
                return Err(ErpError::Inconsistent { call: "search", what: "another total than a page before" });
            }
            found.extend(page.rows);
            if found.len() as u64 >= page.total {
                return Ok(apart(found, |d| Record::Document(Box::new(d))));
            }
        }
        Err(ErpError::Inconsistent { call: "search", what: "more documents than a key should find" })
    }

    /// The documents of a kind from the newest down to one that is known; all of them when none is.
    async fn newest(&self, kind: DocumentKind, known: Option<ErpId>) -> Result<Rows, ErpError> {
        let mut found = Vec::new();
        for page in 0..PAGES {
            let direction = Direction::Descending;
            let query = SearchQuery { direction, offset: page * PAGE, ..SearchQuery::all(kind) };
            let page = self.client.search(&query).await?;
            let is_last = query.offset + page.rows.len() as u64 >= page.total;
            found.extend(page.rows);
            let met = found.iter().flatten().any(|document| known.is_some_and(|known| document.erp_id <= known));
            if met || is_last {
                return Ok(apart(found, |d| Record::Document(Box::new(d))));
            }
        }
        Err(ErpError::Inconsistent { call: "search", what: "more documents than came since" })
    }

    async fn products_by(&self, query: &ProductQuery) -> Result<Rows, ErpError> {
        let page = self.client.products(query).await?;
        if page.next.is_some() {
            // It is not the key that brought a full page.
            return Err(ErpError::Inconsistent { call: "product_list", what: "more products than a key should find" });
        }
        Ok(apart(page.rows, |p| Record::Product(Box::new(p))))
    }

    async fn partners_by(&self, key: PartnerKey<'_>) -> Result<Rows, ErpError> {
        Ok(apart(self.client.partners(key).await?, |c| Record::Contact(Box::new(c))))
    }
}

/// The rows of an answer, those that can be used and the others.
type Rows = (Vec<Record>, Vec<RowError>);

fn apart<T>(rows: Vec<Result<T, RowError>>, record: impl Fn(T) -> Record) -> Rows {
    let (mut good, mut odd) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Ok(row) => good.push(record(row)),
            Err(error) => odd.push(error),
        }
    }
    (good, odd)
}

/// Whether a text anywhere in a value is one that `fits`.
fn any_text(value: &Value, fits: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => fits(text),
        Value::Array(values) => values.iter().any(|v| any_text(v, fits)),
        Value::Object(members) => members.values().any(|v| any_text(v, fits)),
        _ => false,
    }
}

/// The kind that is searched for.
fn sought_kind(object: Object, searches: &[Sought]) -> Option<DocumentKind> {
    let said = searches.iter().find_map(|search| match search {
        Sought::PartnerOf(kind, ..) | Sought::Newest(kind, ..) => Some(*kind),
        _ => None,
    });
    said.or_else(|| DocumentKind::of(object).next())
}

/// The searches that find whatever has one of the keys. Without any, nothing of ours can be there.
fn searches(object: Object, keys: &[Key], sought: &[&Fields]) -> Vec<Sought> {
    let mut out = Vec::new();
    for key in keys {
        match key {
            Key::BuyerOrder(number) => out.push(Sought::BuyerOrder(number.clone())),
            Key::Code(code) => out.extend([Sought::Code(code.clone()), Sought::Number(code.clone())]),
            Key::TaxNumber(number) => out.push(Sought::TaxNumber(number.clone())),
            Key::Email(email) => out.push(Sought::Email(email.clone())),
            Key::Name(name) => out.push(Sought::Name(name.clone())),
            Key::Tag(tag) => {
                let partner = |fields: &Fields| fields.get("partner")?.get("erp_id")?.as_str()?.parse().ok();
                let search = |fields: &&Fields| {
                    let kind = fields.kind(object)?;
                    match kind.entry().marker {
                        Marker::TagOfNewest => Some(Sought::Newest(kind, None, Some(tag.clone()))),
                        // One without a partner is never sent.
                        Marker::TagOfPartner | Marker::BuyerOrder => {
                            Some(Sought::PartnerOf(kind, partner(fields)?, Some(tag.clone())))
                        }
                    }
                };
                out.extend(sought.iter().filter_map(search));
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

const fn unusable() -> ErpError {
    ErpError::Inconsistent { call: "search", what: "a row that cannot be used" }
}
