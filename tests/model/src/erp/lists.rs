//! What the ERP's lists and lookups answer.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::{DocumentKind, ErpId, Object};
use serde_json::Value;
use sync::{Filter, Page, Read, Row};

use super::form::Snap;
use super::{Doc, Erp};

/// A page of documents is so small that most lists take several.
pub const DOCUMENTS_A_PAGE: u64 = 4;
const PRODUCTS_A_PAGE: u64 = 20;

/// The versions that a page shows, for the rows that are read afterwards.
pub type Shown = BTreeMap<ErpId, Rc<Snap>>;

/// Why an answer is not what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// It is.
    Whole,
    /// Rights were lost: some records are not shown.
    Partial,
    /// It is another company's.
    Astray,
}

impl Erp {
    /// What the ERP shows us now.
    pub fn view(&self, now: i64) -> View {
        if (self.astray.0..self.astray.1).contains(&now) {
            View::Astray
        } else if self.hidden.values().any(|(from, to)| (*from..*to).contains(&now)) {
            View::Partial
        } else {
            View::Whole
        }
    }

    /// Whether a list shows the record now.
    pub fn lists(&self, id: ErpId, doc: &Doc, now: i64) -> bool {
        doc.found_from <= now && self.shows(id, doc, now)
    }

    /// Whether a lookup by its id shows the record now.
    pub fn shows(&self, id: ErpId, doc: &Doc, now: i64) -> bool {
        !doc.gone
            && !(self.astray.0..self.astray.1).contains(&now)
            && !self.hidden.get(&id).is_some_and(|(from, to)| (*from..*to).contains(&now))
    }

    /// Answers a read of a run.
    pub fn page(&self, read: &Read, now: i64) -> (Page, Shown) {
        match read {
            Read::Warehouses => (Page::default(), Shown::new()),
            Read::Products { offset } => {
                let ids = self.ids(now, |d| d.object() == Object::Products);
                self.cut(&ids, *offset, PRODUCTS_A_PAGE)
            }
            Read::Documents { kind, filter, offset } => {
                let mut ids = self.ids(now, |d| is_of(*kind, d) && is_within(*filter, d));
                if *filter == Filter::Newest {
                    ids.reverse();
                }
                let (mut page, shown) = self.cut(&ids, *offset, DOCUMENTS_A_PAGE);
                page.total = Some(ids.len() as u64);
                (page, shown)
            }
            Read::Stock { products } => {
                let there = products.iter().filter_map(|id| Some((*id, self.stock.get(id)?.clone())));
                let shown: Shown = there.filter(|_| self.view(now) != View::Astray).collect();
                (Page { rows: shown.values().map(|s| row(s)).collect(), ..Page::default() }, shown)
            }
            Read::Contacts { ids } => self.one_by_one(Object::Contacts, ids.iter().copied(), now),
            Read::Lookup { object, items } => self.one_by_one(*object, items.iter().map(|i| i.erp_id), now),
        }
    }

    fn ids(&self, now: i64, of: impl Fn(&Doc) -> bool) -> Vec<ErpId> {
        self.docs.iter().filter(|(id, d)| of(d) && self.lists(**id, d, now)).map(|(id, _)| *id).collect()
    }

    fn cut(&self, ids: &[ErpId], offset: u64, page_size: u64) -> (Page, Shown) {
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let part = ids.iter().skip(size(offset)).take(size(page_size));
        let snaps: Vec<&Rc<Snap>> = part.filter_map(|id| self.docs.get(id).map(|d| &d.snap)).collect();
        let rows = snaps.iter().map(|s| row(s)).collect();
        (Page { page_size, rows, ..Page::default() }, snaps.into_iter().map(|s| (s.erp_id, Rc::clone(s))).collect())
    }

    fn one_by_one(&self, object: Object, ids: impl Iterator<Item = ErpId>, now: i64) -> (Page, Shown) {
        let (mut page, mut shown) = (Page::default(), Shown::new());
        // A product is looked up by its number, which is a search and lags; others by their id.
        let by_number = object == Object::Products;
        let is_there = |id: ErpId, d: &Doc| if by_number { self.lists(id, d, now) } else { self.shows(id, d, now) };
        for id in ids {
            match self.docs.get(&id).filter(|d| d.object() == object && is_there(id, d)) {
                Some(doc) => {
                    page.rows.push(row(&doc.snap));
                    shown.insert(id, Rc::clone(&doc.snap));
                }
                None => page.gone.push(id),
            }
        }
        (page, shown)
    }
}

fn is_of(kind: DocumentKind, doc: &Doc) -> bool {
    doc.object() == kind.object() && doc.is_of_kind(kind.erp_name())
}

fn is_within(filter: Filter, doc: &Doc) -> bool {
    let at = crate::world::at(doc.changed_at);
    match filter {
        Filter::Window { from, to } => (from..=to).contains(&at),
        Filter::All | Filter::Newest | Filter::Unpaid => true,
    }
}

fn row(snap: &Snap) -> Row {
    let partner = snap.object.is_document().then(|| snap.fields().get("partner")?.get("erp_id")).flatten();
    let partner = partner.and_then(Value::as_str).and_then(|id| id.parse().ok());
    Row { erp_id: snap.erp_id, text: snap.text, contacts: partner.into_iter().collect() }
}
