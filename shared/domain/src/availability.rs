//! Whether a product can be had: now, by a day, or not.
//!
//! The only place that decides it. What is free is `on_hand` without what open
//! orders hold back. The whole of a product is the sum over its warehouses, so
//! what one warehouse lacks (a negative stock) is owed by the others; what comes
//! in fills such a hole first. A product that the ERP has no stock row of never
//! moved: nothing of it is there. What is expected on a day that has passed is
//! late: it still comes, and nobody knows when.
//!
//! Must not know what a screen shows or where the values come from.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{ErpId, Incoming, Product, Stock};

/// How a product stands, the worst first. A product that is not kept in stock is at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// The stock was never read.
    Unknown,
    /// Out of use, or gone from the ERP: it is not to be offered, whatever lies there.
    Retired,
    /// Nothing is free and nothing comes.
    Out,
    /// Nothing is free, and something comes.
    Incoming,
    /// Something is free, and less than the least stock that the company wants.
    Low,
    /// Enough is free.
    In,
    /// A service: it is not kept in stock and can always be had.
    NotStocked,
}

/// When an amount can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enough {
    /// Now.
    Now,
    /// On this day, when what is expected until then has come.
    By(Date),
    /// When all that is ordered has come; of some of it nobody knows when.
    Undated,
    /// Not even then.
    No,
    /// The stock was never read.
    Unknown,
}

/// What is known of a product.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The product; `None` when it was not read.
    pub product: Option<&'a Product>,
    /// The ERP no longer has it.
    pub gone: bool,
    /// Its stock; `None` when the ERP has no row of it.
    pub stock: Option<&'a Stock>,
    /// Stock was read at least once: only then does a missing row mean that nothing is there.
    pub is_read: bool,
}

/// What is there of a product, in one warehouse or in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// What is there.
    pub on_hand: Decimal,
    /// What open orders hold back; `None` when the company does not use reservations.
    pub reserved: Option<Decimal>,
    /// `on_hand` without what is reserved.
    pub free: Decimal,
    /// What comes, sorted by day, an unknown day last.
    pub incoming: Vec<Incoming>,
    /// How it stands.
    pub availability: Availability,
    /// What comes next: of the first day that has not passed; else of a day that is late or unknown.
    pub next_incoming: Option<Incoming>,
}

/// What is there of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// In all warehouses, with what comes to a warehouse that is not known.
    pub total: Position,
    /// By warehouse: those with a level and those that something comes to.
    pub warehouses: BTreeMap<ErpId, Position>,
}

/// How a product stands on the day `today`.
///
/// The least stock is the company's, so only the whole can be low: a warehouse has something free or has not.
pub fn outlook(known: Known<'_>, today: Date) -> Outlook {
    let levels = known.stock.map_or(&[][..], |stock| &stock.levels);
    let incoming = known.stock.map_or(&[][..], |stock| &stock.incoming);
    let fixed = fixed(known);
    let mut warehouses: BTreeMap<ErpId, Sums> = BTreeMap::new();
    let mut total = Sums::default();
    for level in levels {
        for sums in [&mut total, warehouses.entry(level.warehouse).or_default()] {
            sums.on_hand = sums.on_hand.saturating_add(level.on_hand);
            sums.free = sums.free.saturating_add(level.free);
            if let Some(reserved) = level.reserved {
                sums.reserved = Some(sums.reserved.unwrap_or_default().saturating_add(reserved));
            }
        }
    }
    for coming in incoming.iter().filter(|coming| coming.amount > Decimal::ZERO) {
        total.incoming.push(coming.clone());
        if let Some(warehouse) = coming.warehouse {
            warehouses.entry(warehouse).or_default().incoming.push(coming.clone());
        }
    }
    let least = known.product.and_then(|product| product.min_stock);
    Outlook {
        total: total.position(fixed, least, today),
        warehouses: warehouses.into_iter().map(|(id, sums)| (id, sums.position(fixed, None, today))).collect(),
    }
}

/// What the product itself decides, whatever lies there.
fn fixed(known: Known<'_>) -> Option<Availability> {
    match known.product {
        _ if known.gone => Some(Availability::Retired),
        Some(product) if !product.active => Some(Availability::Retired),
        Some(product) if product.service => Some(Availability::NotStocked),
        _ if known.stock.is_none() && !known.is_read => Some(Availability::Unknown),
        _ => None,
    }
}

#[derive(Default)]
struct Sums {
    on_hand: Decimal,
    reserved: Option<Decimal>,
    free: Decimal,
    incoming: Vec<Incoming>,
}

impl Sums {
    fn position(mut self, fixed: Option<Availability>, least: Option<Decimal>, today: Date) -> Position {
        self.incoming.sort_by_key(|coming| (coming.date.is_none(), coming.date));
        let availability = fixed.unwrap_or_else(|| availability(self.free, least, !self.incoming.is_empty()));
        let next_incoming = self.incoming.iter().find(|coming| !is_late(coming, today) && coming.date.is_some());
        let next_incoming = next_incoming.or(self.incoming.first()).cloned();
        let Self { on_hand, reserved, free, incoming } = self;
        Position { on_hand, reserved, free, incoming, availability, next_incoming }
    }
}

fn availability(free: Decimal, least: Option<Decimal>, comes: bool) -> Availability {
    if free <= Decimal::ZERO {
        return if comes { Availability::Incoming } else { Availability::Out };
    }
    if least.is_some_and(|least| free < least) { Availability::Low } else { Availability::In }
}

/// Whether what comes should have come before `today`.
pub fn is_late(coming: &Incoming, today: Date) -> bool {
    coming.date.is_some_and(|date| date < today)
}

impl Position {
    /// When `amount` can be had, seen on the day `today`. Nothing (zero or less) can be had of everything but what is retired.
    pub fn enough(&self, amount: Decimal, today: Date) -> Enough {
        match self.availability {
            Availability::Retired => return Enough::No,
            Availability::Unknown => return Enough::Unknown,
            Availability::NotStocked => return Enough::Now,
            _ if amount <= Decimal::ZERO || self.free >= amount => return Enough::Now,
            _ => {}
        }
        let mut there = self.free;
        let (dated, undated): (Vec<_>, Vec<_>) =
            self.incoming.iter().partition(|coming| coming.date.is_some() && !is_late(coming, today));
        for coming in dated {
            there = there.saturating_add(coming.amount);
            if there >= amount {
                return coming.date.map_or(Enough::Undated, Enough::By);
            }
        }
        let all = undated.into_iter().fold(there, |there, coming| there.saturating_add(coming.amount));
        if all >= amount { Enough::Undated } else { Enough::No }
    }
}
