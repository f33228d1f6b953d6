//! Stock and reservations: amounts per product, warehouse, micro-location and lot,
//! and what open orders hold back. Documents move both through their effects.

use super::company::Company;
use crate::model::{DocType, Document, Id, StockRow};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Statuses in which an order no longer holds goods back.
const CLOSED: &[&str] = &[
    "shipped",
    "completed",
    "manually_closed",
    "canceled",
    "cancelled",
    "duplicate",
    "package_returned",
    "lost",
    "damaged",
    "draft",
];

/// The stock of a company.
#[derive(Debug, Default)]
pub(crate) struct Stock {
    /// Rows by product, in the order in which they came.
    pub(crate) rows: BTreeMap<Id, Vec<StockRow>>,
    /// Reserved by (product, warehouse).
    pub(crate) reserved: BTreeMap<(Id, Id), Decimal>,
}

impl Stock {
    /// Takes a seeded row over.
    pub(crate) fn load(&mut self, row: StockRow) {
        self.rows.entry(row.product).or_default().push(row);
    }

    /// What is in a warehouse.
    pub(crate) fn amount(&self, product: Id, warehouse: Id) -> Decimal {
        self.rows
            .get(&product)
            .into_iter()
            .flatten()
            .filter(|row| row.warehouse == warehouse)
            .map(|row| row.amount)
            .sum()
    }

    /// What open orders hold back in a warehouse.
    pub(crate) fn reserved(&self, product: Id, warehouse: Id) -> Decimal {
        self.reserved.get(&(product, warehouse)).copied().unwrap_or_default()
    }

    fn change(&mut self, place: &Place, by: Decimal) {
        let rows = self.rows.entry(place.product).or_default();
        match rows.iter_mut().find(|row| {
            row.warehouse == place.warehouse
                && row.microlocation == place.microlocation
                && row.lot_number == place.lot_number
        }) {
            Some(row) => row.amount += by,
            None => rows.push(StockRow {
                warehouse: place.warehouse,
                product: place.product,
                microlocation: place.microlocation.clone(),
                lot_number: place.lot_number.clone(),
                amount: by,
            }),
        }
    }
}

/// Where goods lie.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) product: Id,
    pub(crate) warehouse: Id,
    pub(crate) microlocation: Option<String>,
    pub(crate) lot_number: Option<String>,
}

impl Place {
    /// A product in a warehouse, nothing said about where in it.
    pub(crate) fn of(product: Id, warehouse: Id) -> Self {
        Self { product, warehouse, microlocation: None, lot_number: None }
    }
}

/// What a document does to stock and reservations.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Effects {
    pub(crate) moves: BTreeMap<Place, Decimal>,
    pub(crate) reserves: BTreeMap<(Id, Id), Decimal>,
}

impl Company {
    /// What a document does as it is.
    pub(crate) fn effects(&self, doc: &Document) -> Effects {
        let mut effects = Effects::default();
        let Some(warehouse) = doc.warehouse.or_else(|| self.main_warehouse()) else {
            return effects;
        };
        match doc.doc_type {
            DocType::WarehousePackingList => self.moves(doc, warehouse, -Decimal::ONE, &mut effects),
            DocType::WarehouseAcceptanceNote => self.moves(doc, warehouse, Decimal::ONE, &mut effects),
            DocType::TransferOrder if flag(doc, "confirmed") => {
                let target = doc.other.get("warehouseIdTo").and_then(text_id);
                self.moves(doc, warehouse, -Decimal::ONE, &mut effects);
                if let Some(target) = target.filter(|id| self.warehouses.contains_key(id)) {
                    self.moves(doc, target, Decimal::ONE, &mut effects);
                }
            }
            DocType::SalesOrder if doc.status.as_deref().is_none_or(|key| !CLOSED.contains(&key)) => {
                for row in &doc.rows {
                    if let Some(product) = self.stocked(row.product) {
                        *effects.reserves.entry((product, warehouse)).or_default() += row.amount;
                    }
                }
            }
            _ => {}
        }
        effects
    }

    fn moves(&self, doc: &Document, warehouse: Id, sign: Decimal, effects: &mut Effects) {
        if matches!(doc.status.as_deref(), Some("deleted" | "canceled")) {
            return;
        }
        for row in &doc.rows {
            if let Some(product) = self.stocked(row.product) {
                let detail = |key: &str| {
                    let value = doc.other.get("row_details")?.get(row.mk_row_id.to_string())?.get(key)?;
                    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
                };
                let mut place = Place::of(product, warehouse);
                let spot = if sign > Decimal::ZERO && doc.doc_type == DocType::TransferOrder {
                    "target_microlocation"
                } else {
                    "microlocation"
                };
                place.microlocation = detail(spot);
                place.lot_number = detail("lot_number_value");
                *effects.moves.entry(place).or_default() += row.amount * sign;
            }
        }
    }

    fn stocked(&self, product: Option<Id>) -> Option<Id> {
        product.filter(|id| self.products.get(id).is_some_and(|product| !product.service))
    }

    /// Takes one document's effects away and puts the others in; only differences recalculate a product.
    pub(crate) fn replace_effects(&mut self, before: &Effects, after: &Effects) {
        if before == after {
            return;
        }
        for (key, amount) in &before.reserves {
            if after.reserves.get(key) != Some(amount) {
                self.reserve(*key, -*amount);
            }
        }
        for (key, amount) in &after.reserves {
            if before.reserves.get(key) != Some(amount) {
                self.reserve(*key, *amount);
            }
        }
        for (place, amount) in &before.moves {
            if after.moves.get(place) != Some(amount) {
                self.move_stock(place, -*amount);
            }
        }
        for (place, amount) in &after.moves {
            if before.moves.get(place) != Some(amount) {
                self.move_stock(place, *amount);
            }
        }
    }

    fn reserve(&mut self, key: (Id, Id), by: Decimal) {
        let reserved = self.stock.reserved.entry(key).or_default();
        *reserved += by;
        if reserved.is_zero() {
            self.stock.reserved.remove(&key);
        }
        self.revision += 1;
        if self.settings.webhook_on_reservation {
            self.recalculated.insert(key.0);
        }
    }

    /// Changes the amount at a place and marks the product as recalculated.
    pub(crate) fn move_stock(&mut self, place: &Place, by: Decimal) {
        if !by.is_zero() || !self.stock.rows.contains_key(&place.product) {
            self.stock.change(place, by);
            self.revision += 1;
        }
        self.recalculated.insert(place.product);
    }

    /// Sets what is in a warehouse as an inventory does: one row takes the difference.
    pub(crate) fn set_stock(&mut self, product: Id, warehouse: Id, amount: Decimal) {
        let difference = amount - self.stock.amount(product, warehouse);
        let place = self
            .stock
            .rows
            .get(&product)
            .and_then(|rows| rows.iter().find(|row| row.warehouse == warehouse))
            .map_or_else(
                || Place::of(product, warehouse),
                |row| Place {
                    product,
                    warehouse,
                    microlocation: row.microlocation.clone(),
                    lot_number: row.lot_number.clone(),
                },
            );
        self.move_stock(&place, difference);
    }
}

fn flag(doc: &Document, key: &str) -> bool {
    doc.other.get(key).is_some_and(|value| value == "true" || value == true)
}

fn text_id(value: &serde_json::Value) -> Option<Id> {
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}
