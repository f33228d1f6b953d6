//! One company: its data, its indexes, its counters. Locking is the caller's.

use super::extras::Extras;
use super::indexes::{Facts, Indexes};
use super::parties::PartyIndex;
use super::settings::{Collapse, Settings};
use super::stock::Stock;
use super::sums;
use crate::model::{Document, Id, Partner, Product, Registers, Seeded, Warehouse};
use crate::webhook::Webhook;
use crate::wire::json::Shape;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Pages of one search are answered from one list of ids as long as nothing changed.
const CACHED_SEARCHES: usize = 16;

/// Everything a company knows.
pub(crate) struct Company {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) registers: Registers,
    pub(crate) settings: Settings,
    pub(crate) partners: BTreeMap<Id, Partner>,
    pub(crate) parties: PartyIndex,
    pub(crate) products: BTreeMap<Id, Product>,
    pub(crate) product_ids: Vec<Id>,
    pub(crate) product_codes: BTreeSet<(String, Id)>,
    pub(crate) product_numbers: BTreeSet<(String, Id)>,
    pub(crate) warehouses: BTreeMap<Id, Warehouse>,
    pub(crate) stock: Stock,
    pub(crate) documents: BTreeMap<Id, Document>,
    pub(crate) indexes: Indexes,
    pub(crate) extras: Extras,
    pub(crate) webhooks: Vec<Webhook>,
    /// Products whose stock was recalculated and whose event is not sent yet.
    pub(crate) recalculated: BTreeSet<Id>,
    /// Grows with every change of anything.
    pub(crate) revision: u64,
    /// How many rows searches and lists have looked at: what tests judge instead of time.
    pub(crate) rows_touched: u64,
    next_id: Id,
    series: BTreeMap<String, u64>,
    searches: VecDeque<(String, u64, Arc<Vec<Id>>)>,
}

impl Company {
    /// Takes over what the seed made.
    pub(crate) fn new(id: String, seeded: Seeded) -> Self {
        let mut company = Self {
            id,
            name: seeded.name,
            registers: seeded.registers,
            settings: Settings::default(),
            partners: BTreeMap::new(),
            parties: PartyIndex::default(),
            products: BTreeMap::new(),
            product_ids: Vec::new(),
            product_codes: BTreeSet::new(),
            product_numbers: BTreeSet::new(),
            warehouses: seeded.warehouses.into_iter().map(|warehouse| (warehouse.mk_id, warehouse)).collect(),
            stock: Stock::default(),
            documents: BTreeMap::new(),
            indexes: Indexes::default(),
            extras: Extras::default(),
            webhooks: Vec::new(),
            recalculated: BTreeSet::new(),
            revision: 0,
            rows_touched: 0,
            next_id: seeded.next_id,
            series: BTreeMap::new(),
            searches: VecDeque::new(),
        };
        for partner in seeded.partners {
            company.put_partner(partner);
        }
        for product in seeded.products {
            company.put_product(product);
        }
        for row in seeded.stock {
            company.stock.load(row);
        }
        for doc in seeded.documents {
            company.load_document(doc);
        }
        company.recalculated.clear();
        company
    }

    /// The next id of the one counter.
    pub(crate) fn next_id(&mut self) -> Id {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Remembers a number that is in use, so that its series goes on behind it.
    pub(crate) fn note_number(&mut self, code: &str) {
        let digits = code.len() - code.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (prefix, number) = code.split_at(code.len() - digits);
        if let Ok(number) = number.parse::<u64>() {
            let highest = self.series.entry(prefix.to_owned()).or_default();
            *highest = number.max(*highest);
        }
    }

    /// The next number of a series.
    pub(crate) fn next_number(&mut self, prefix: &str) -> String {
        let highest = self.series.entry(prefix.to_owned()).or_default();
        *highest += 1;
        format!("{prefix}{highest}")
    }

    /// The shape of a list that the documentation shows collapsed.
    pub(crate) fn collapsing(&self) -> Shape {
        if self.settings.collapse == Collapse::Never { Shape::List } else { Shape::Collapse }
    }

    /// The shape of every other list.
    pub(crate) fn plain_list(&self) -> Shape {
        if self.settings.collapse == Collapse::Always { Shape::Collapse } else { Shape::List }
    }

    /// The sums of a document.
    pub(crate) fn sums(&self, doc: &Document) -> sums::Sums {
        sums::of(doc, &self.registers.taxes)
    }

    /// What the indexes want to know of a document.
    pub(crate) fn facts(&self, doc: &Document) -> Facts {
        let sums = self.sums(doc);
        Facts { unpaid: sums.open() > rust_decimal::Decimal::ZERO }
    }

    /// The warehouse that is used when none is named.
    pub(crate) fn main_warehouse(&self) -> Option<Id> {
        self.warehouses
            .values()
            .find(|warehouse| warehouse.main)
            .or_else(|| self.warehouses.values().next())
            .map(|warehouse| warehouse.mk_id)
    }

    /// A warehouse by its mark or its id.
    pub(crate) fn warehouse(&self, mark: &str) -> Option<Id> {
        self.warehouses
            .values()
            .find(|warehouse| warehouse.mark == mark)
            .map(|warehouse| warehouse.mk_id)
            .or_else(|| mark.parse().ok().filter(|id| self.warehouses.contains_key(id)))
    }

    /// The hits of a search, from the cache when nothing changed since.
    pub(crate) fn hits(&mut self, key: &str, find: impl FnOnce(&Self, &mut u64) -> Vec<Id>) -> Arc<Vec<Id>> {
        if let Some((_, _, hits)) =
            self.searches.iter().find(|(known, revision, _)| known == key && *revision == self.revision)
        {
            return Arc::clone(hits);
        }
        let mut touched = 0;
        let hits = Arc::new(find(self, &mut touched));
        self.rows_touched += touched;
        self.searches.retain(|(known, _, _)| known != key);
        if self.searches.len() == CACHED_SEARCHES {
            self.searches.pop_front();
        }
        self.searches.push_back((key.to_owned(), self.revision, Arc::clone(&hits)));
        hits
    }
}
