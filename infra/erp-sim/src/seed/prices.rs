//! What a product costs: its lists and tiers, and what a unit cost at a time.
//!
//! Decides amounts in whole hundredths of a cent, so that nothing is rounded twice.

use super::catalogue::{Kind, Noun};
use super::dice::Dice;
use crate::model::{Price, Product};
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

/// The prices of a product in hundredths of a cent, net.
#[derive(Clone, Copy)]
pub(super) struct Pricing {
    /// For people.
    retail: i64,
    /// For companies.
    wholesale: i64,
    /// What the company pays itself.
    purchase: i64,
    /// Decimal places.
    places: u32,
    /// Whether larger amounts are cheaper.
    tiered: bool,
}

/// Who buys: each has a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// People.
    Retail,
    /// Companies.
    Wholesale,
}

impl Pricing {
    /// Draws the prices of a product in its noun's range.
    pub(super) fn draw(noun: &Noun, kind: Kind, dice: &mut Dice) -> Self {
        let cents = dice.between(noun.from, noun.to);
        let places = if cents < 500 { 4 } else { 2 + u32::from(dice.percent(15)) };
        let retail = match places {
            4 => cents * 100 + dice.between(0, 99),
            3 => cents * 100 + dice.between(0, 9) * 10,
            _ if cents > 5_000 => cents / 10 * 1_000,
            _ => cents * 100,
        };
        Self {
            retail,
            wholesale: retail * dice.between(74, 86) / 100,
            purchase: retail * dice.between(48, 62) / 100,
            places,
            tiered: kind != Kind::Service && dice.percent(25),
        }
    }

    /// The net price of one unit when `amount` of them are bought so many days before the
    /// end of the history: prices rose by some three percent a year.
    pub(super) fn unit(&self, level: Level, amount: Decimal, days_ago: usize, rate: i64) -> Decimal {
        let list = match level {
            Level::Retail => self.retail,
            Level::Wholesale => self.wholesale,
        };
        let tier = self.tiers().into_iter().rev().find(|tier| amount >= Decimal::from(tier.from));
        let percent = match (level, tier) {
            (Level::Wholesale, Some(tier)) if self.tiered => tier.percent,
            _ => 100,
        };
        money(list * percent / 100 * grown(days_ago) / 1_000 * rate / 1_000, self.places)
    }

    /// What a unit cost the company itself so many days before the end of the history.
    pub(super) fn cost(&self, days_ago: usize, rate: i64) -> Decimal {
        money(self.purchase * grown(days_ago) / 1_000 * rate / 1_000, self.places)
    }

    /// The net retail price in whole cents: how dear one unit is.
    pub(super) fn cents(&self) -> i64 {
        self.retail / 100
    }

    /// The price list rows.
    pub(super) fn lists(&self, tax: &str, service: bool, from: Date, dice: &mut Dice) -> Vec<Price> {
        let row = |code: &str, title: &str, sales: bool, price: i64| Price {
            pricelist_code: code.to_owned(),
            pricelist_title: title.to_owned(),
            buyer: None,
            sales,
            currency: "EUR".to_owned(),
            valid_from: Some(from),
            valid_to: None,
            amount_from: None,
            amount_to: None,
            price: money(price, self.places),
            discount: None,
            tax: tax.to_owned(),
        };
        let mut prices = Vec::new();
        if self.tiered {
            for tier in self.tiers() {
                prices.push(Price {
                    amount_from: Some(Decimal::from(tier.from)),
                    amount_to: tier.to.map(Decimal::from),
                    ..row("VPC", "Veleprodajni cenik", true, self.wholesale * tier.percent / 100)
                });
            }
        } else {
            prices.push(row("VPC", "Veleprodajni cenik", true, self.wholesale));
        }
        if dice.percent(65) {
            let discount = dice.percent(6).then(|| Decimal::from(dice.between(1, 4) * 5));
            prices.push(Price { discount, ..row("MPC", "Maloprodajni cenik", true, self.retail) });
        }
        if !service {
            prices.push(row("NAB", "Nabavni cenik", false, self.purchase));
        }
        prices
    }

    /// Steps of amounts: small ones for dear products.
    fn tiers(&self) -> [Tier; 3] {
        let (second, third) = if self.retail < 100_000 { (50, 200) } else { (5, 20) };
        [
            Tier { from: 1, to: Some(second - 1), percent: 100 },
            Tier { from: second, to: Some(third - 1), percent: 95 },
            Tier { from: third, to: None, percent: 90 },
        ]
    }
}

/// Adds to some products the list of one customer, and a wholesale list that is over.
pub(super) fn special_lists(products: &mut [Product], customer: Option<&str>) {
    for product in products {
        let Some(usual) = product.prices.iter().find(|price| price.sales).cloned() else { continue };
        if let Some(customer) = customer.filter(|_| product.mk_id % 11 == 0) {
            product.prices.push(Price {
                pricelist_code: "KUP-1".to_owned(),
                pricelist_title: format!("Cenik {customer}"),
                buyer: Some(customer.to_owned()),
                amount_from: None,
                amount_to: None,
                discount: None,
                ..usual.clone()
            });
        }
        let before = usual.valid_from.and_then(|from| from.yesterday().ok());
        if let Some(last) = before.filter(|_| product.mk_id % 7 == 0) {
            product.prices.push(Price {
                pricelist_code: "VPC-STARI".to_owned(),
                pricelist_title: "Veleprodajni cenik do spremembe".to_owned(),
                valid_from: None,
                valid_to: Some(last),
                ..usual
            });
        }
    }
}

/// How far prices had grown so many days ago, in thousandths of today's.
fn grown(days_ago: usize) -> i64 {
    1_000 - 29 * i64::try_from(days_ago / 365).unwrap_or_default()
}

struct Tier {
    from: i64,
    to: Option<i64>,
    percent: i64,
}

/// An amount of hundredths of a cent with so many decimal places, half up.
pub(super) fn money(hundredths: i64, places: u32) -> Decimal {
    Decimal::new(hundredths, 4).round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}
