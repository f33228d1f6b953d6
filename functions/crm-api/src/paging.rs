//! Lists in parts: which records a part holds, and where the next one begins.
//!
//! Decides how several object types are read in turn under one cursor, and how
//! much one request may read. A cursor holds a position, never an offset.

use app::browse::{Browser, Part, Shown};
use domain::{CategoryId, DocumentKind, Object, Record, RecordId};
use garde::Validate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Listed, StoreError, Stored, Tenant};
use utoipa::IntoParams;

/// How many entries a part has unless the caller says otherwise.
pub(crate) const USUAL: usize = 50;
/// The most entries of a part.
pub(crate) const MOST: usize = 200;
/// The most parts of the table that one request reads when a filter leaves records out.
const READS: usize = 10;

/// Which part of a list of records.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// At most so many entries; 50 unless it is given.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// `next_cursor` of the part before.
    #[garde(skip)]
    pub(crate) cursor: Option<String>,
    /// Also those that the ERP no longer has.
    #[garde(skip)]
    pub(crate) include_missing: Option<bool>,
}

/// Which part of a list.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// At most so many entries; 50 unless it is given.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// `next_cursor` of the part before.
    #[garde(skip)]
    pub(crate) cursor: Option<String>,
}

/// A query of nothing: any parameter is refused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoQuery {}

impl ListQuery {
    /// A query of these parts.
    pub(crate) const fn new(limit: Option<usize>, cursor: Option<String>, include_missing: Option<bool>) -> Self {
        Self { limit, cursor, include_missing }
    }

    /// The most entries that the caller wants.
    pub(crate) fn limit(&self) -> usize {
        self.limit.unwrap_or(USUAL)
    }
}

impl PageQuery {
    /// A query of these parts.
    pub(crate) const fn new(limit: Option<usize>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    /// The most entries that the caller wants.
    pub(crate) fn limit(&self) -> usize {
        self.limit.unwrap_or(USUAL)
    }
}

/// What a list is made of.
pub(crate) struct Selection {
    /// Object types, in the order in which they come.
    pub(crate) objects: &'static [Object],
    /// Only documents of this kind.
    pub(crate) kind: Option<DocumentKind>,
    /// Only products in this category or below it.
    pub(crate) category: Option<CategoryId>,
    /// Also those that the ERP no longer has.
    pub(crate) with_missing: bool,
}

/// Where in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// In this object type.
    object: Object,
    /// Behind this record.
    after: Option<RecordId>,
}

/// Records of a part, borrowed from the cache's answers.
#[derive(Default)]
pub(crate) struct Gathered {
    picked: Vec<(Arc<Shown>, usize)>,
    /// Where the next part begins.
    pub(crate) next: Option<Position>,
}

impl Gathered {
    /// The records, in order.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Stored> {
        self.picked.iter().filter_map(|(listed, n)| listed.records.get(*n))
    }

    /// Records of stock with their products, in order.
    pub(crate) fn with_products(&self) -> impl Iterator<Item = (&Stored, Option<&Stored>)> {
        self.picked.iter().filter_map(|(shown, n)| shown.records.get(*n).map(|stock| (stock, shown.product_of(stock))))
    }
}

impl Selection {
    /// Where the list begins.
    fn begin(&self) -> Option<Position> {
        self.objects.first().map(|object| Position { object: *object, after: None })
    }

    /// Where the object type behind `object` begins.
    fn behind(&self, object: Object) -> Option<Position> {
        let n = self.objects.iter().position(|o| *o == object)?;
        self.objects.get(n + 1).map(|object| Position { object: *object, after: None })
    }

    /// Whether a position is in this list.
    pub(crate) fn has(&self, position: Position) -> bool {
        self.objects.contains(&position.object)
    }

    fn picks(&self, record: &Record) -> bool {
        let of_kind = match (self.kind, record) {
            (Some(kind), Record::Document(d)) => d.kind == kind,
            (Some(_), _) => false,
            (None, _) => true,
        };
        let in_category = match (self.category, record) {
            (Some(category), Record::Product(p)) => category.holds(&p.categories),
            (Some(_), _) => false,
            (None, _) => true,
        };
        of_kind && in_category
    }

    /// Whether it leaves records out.
    const fn is_filtered(&self) -> bool {
        self.kind.is_some() || self.category.is_some()
    }

    /// The part of at most `limit` records that begins at `from`.
    pub(crate) async fn gather(
        &self,
        browser: &Browser,
        tenant: &Tenant,
        from: Option<Position>,
        limit: usize,
    ) -> Result<Gathered, StoreError> {
        let mut gathered = Gathered { picked: Vec::with_capacity(limit), next: from.or(self.begin()) };
        for _ in 0..READS {
            let Some(at) = gathered.next else { break };
            let left = limit - gathered.picked.len();
            // A filter leaves records out, so more are read than wanted; a full part reads one, to know whether there is more.
            let ask = if self.is_filtered() { MOST } else { left.max(1) };
            let part = Part { object: at.object, after: at.after, limit: ask, with_missing: self.with_missing };
            let listed = browser.list(tenant, &part).await?;
            if left == 0 {
                if !listed.records.is_empty() {
                    break;
                }
                gathered.next = self.behind(at.object);
                continue;
            }
            let wanted = listed.records.iter().enumerate().filter(|(_, s)| self.picks(&s.record)).map(|(n, _)| n);
            let wanted: Vec<usize> = wanted.take(left).collect();
            gathered.next = self.next_position(at.object, &listed, &wanted, left);
            gathered.picked.extend(wanted.into_iter().map(|n| (Arc::clone(&listed), n)));
            // Inside an object type it is known that there is more.
            if gathered.picked.len() == limit && gathered.next.is_some_and(|p| p.after.is_some()) {
                break;
            }
        }
        Ok(gathered)
    }

    /// Where the list goes on after `wanted` were taken of `listed`.
    fn next_position(&self, object: Object, listed: &Listed, wanted: &[usize], left: usize) -> Option<Position> {
        let last = wanted.last().filter(|_| wanted.len() == left);
        let within = last.filter(|n| **n + 1 < listed.records.len()).and_then(|n| listed.records.get(*n)).map(|s| s.id);
        match within.or(listed.next) {
            Some(id) => Some(Position { object, after: Some(id) }),
            None => self.behind(object),
        }
    }
}
