//! What a customer pays for a product: on a day, for an amount, in a currency.
//!
//! The only place that decides it. In this order:
//!
//! 1. Of the prices of sales lists stay those that this customer may have (a list with a `buyer` is that
//!    customer's alone; the ERP names him, so the name decides), then those in the currency, then those valid on
//!    the day (first and last day included). Nothing is converted.
//! 2. The customer's own list goes before the lists for everybody, then the list that became valid last (a list
//!    without a first day is the oldest), then the lower code. Of this order the first list that has a tier for
//!    the amount is taken; lists that were passed over because they have none are named.
//! 3. A tier holds its bounds; where two of a list meet, the one with the larger least amount counts.
//! 4. The list's discount comes first, the customer's discount on the product's category after it; one that
//!    overrides takes the list's place. Each is taken off what the one before left. Of several that fit, the one
//!    on the innermost category counts, then the larger.
//!
//! Halves are rounded away from zero: the price of a unit to four places, a sum to the places of the currency.
//! Without a known tax rate only the side that the list states is known. What is not known is said, never zero.

#[cfg(test)]
mod tests;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

use crate::value::normal;
use crate::{Contact, Currency, Price, Product, Text};

/// Places that the price of a unit is rounded to.
const UNIT_PLACES: u32 = 4;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who buys; `None` is anybody.
    pub contact: Option<&'a Contact>,
    /// How much.
    pub amount: Decimal,
    /// When.
    pub day: Date,
    /// In which currency.
    pub currency: Currency,
}

/// Where a discount comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountOf {
    /// The price list.
    List,
    /// The customer's discount on a category.
    Contact,
}

/// A discount that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discount {
    /// Where it comes from.
    pub of: DiscountOf,
    /// Percent off what the discount before left.
    pub percent: Decimal,
    /// The category that it is for.
    pub categories: Vec<Text>,
}

/// A value without and with tax. At least one of them is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides {
    /// Without tax.
    pub net: Option<Decimal>,
    /// With tax.
    pub gross: Option<Decimal>,
}

/// A price, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote<'a> {
    /// The list's tier: its price is before discounts.
    pub tier: &'a Price,
    /// The discounts, in their order.
    pub discounts: Vec<Discount>,
    /// What they take off together, in percent; 0 to 100.
    pub discount_percent: Decimal,
    /// The tax rate in percent, when it is known.
    pub tax_percent: Option<Decimal>,
    /// One unit after discounts.
    pub unit: Sides,
    /// The whole amount after discounts.
    pub sum: Sides,
    /// Lists that go before this one and have no tier for the amount.
    pub passed_over: Vec<&'a Text>,
    /// Lists that would have given a price too.
    pub others: Vec<&'a Text>,
}

/// Why no price is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unpriced {
    /// No sales list that is for this customer has a price of the product.
    NoPrice,
    /// None of them is in the currency.
    Currency,
    /// None of them is valid on the day.
    Day,
    /// None of them has a tier for the amount.
    Amount,
    /// A discount is not between 0 and 100 percent.
    Discount,
    /// The sum has more digits than a decimal holds.
    TooLarge,
}

/// The price of a product.
///
/// # Errors
///
/// Why none is known.
pub fn price<'a>(product: &'a Product, asked: Asked<'_>) -> Result<Quote<'a>, Unpriced> {
    let mut prices: Vec<&Price> = product.prices.iter().filter(|p| p.sales && is_for(p, asked.contact)).collect();
    let mut keep = |holds: &dyn Fn(&Price) -> bool, otherwise: Unpriced| {
        prices.retain(|p| holds(p));
        if prices.is_empty() { Err(otherwise) } else { Ok(()) }
    };
    keep(&|_| true, Unpriced::NoPrice)?;
    keep(&|p| p.currency == asked.currency, Unpriced::Currency)?;
    keep(&|p| is_valid(p, asked.day), Unpriced::Day)?;
    prices.sort_by_key(|p| (p.buyer.is_none(), Reverse(p.valid_from), &p.list, Reverse(p.amount_from), *p));
    let fitting: Vec<&Price> = prices.iter().copied().filter(|p| holds(p, asked.amount)).collect();
    let tier = *fitting.first().ok_or(Unpriced::Amount)?;
    let before = prices.iter().take_while(|p| !of_one_list(p, tier));
    let quote = Quote {
        tier,
        discounts: discounts(product, tier, asked.contact),
        discount_percent: Decimal::ZERO,
        tax_percent: tax_percent(product, tier),
        unit: Sides { net: None, gross: None },
        sum: Sides { net: None, gross: None },
        passed_over: named(before.copied()),
        others: named(fitting.iter().copied().filter(|p| p.list != tier.list)),
    };
    calculated(quote, asked)
}

/// A list without a buyer is for everybody.
fn is_for(price: &Price, contact: Option<&Contact>) -> bool {
    let is = |buyer: &Text| contact.is_some_and(|contact| contact.name == *buyer);
    price.buyer.as_ref().is_none_or(is)
}

fn is_valid(price: &Price, day: Date) -> bool {
    price.valid_from.is_none_or(|from| from <= day) && price.valid_to.is_none_or(|to| day <= to)
}

/// Whether the tier is for the amount. One without a least amount begins at zero.
fn holds(price: &Price, amount: Decimal) -> bool {
    price.amount_from.unwrap_or_default() <= amount && price.amount_to.is_none_or(|to| amount <= to)
}

/// Whether two tiers are of one list as it is at one time.
fn of_one_list(one: &Price, other: &Price) -> bool {
    (&one.list, &one.buyer, one.valid_from) == (&other.list, &other.buyer, other.valid_from)
}

/// The codes of the lists, each once, in their order.
fn named<'a>(prices: impl Iterator<Item = &'a Price>) -> Vec<&'a Text> {
    let mut codes = Vec::new();
    for price in prices {
        if !codes.contains(&&price.list) {
            codes.push(&price.list);
        }
    }
    codes
}

/// The rate of the tier's tax code: as the tier says, or another price of the product with the same code.
fn tax_percent(product: &Product, tier: &Price) -> Option<Decimal> {
    let same = |p: &&Price| tier.tax.is_some() && p.tax == tier.tax;
    let learned = || product.prices.iter().filter(same).find_map(|p| p.tax_percent);
    tier.tax_percent.or_else(learned).filter(|percent| *percent >= Decimal::ZERO)
}

fn discounts(product: &Product, tier: &Price, contact: Option<&Contact>) -> Vec<Discount> {
    let list = tier.discount.filter(|percent| !percent.is_zero());
    let of_list = list.map(|percent| Discount { of: DiscountOf::List, percent, categories: Vec::new() });
    let fitting = contact.into_iter().flat_map(|contact| &contact.discounts);
    let fitting = fitting.filter_map(|d| Some((depth(&product.categories, &d.categories)?, d.percent, d)));
    let Some((.., own)) = fitting.max_by_key(|(depth, percent, _)| (*depth, *percent)) else {
        return of_list.into_iter().collect();
    };
    let of_contact = Discount { of: DiscountOf::Contact, percent: own.percent, categories: own.categories.clone() };
    of_list.filter(|_| !own.overrides).into_iter().chain([of_contact]).collect()
}

/// How deep in the product's path the categories of a discount end. They stand one after the other there, at any place.
fn depth(path: &[Text], categories: &[Text]) -> Option<usize> {
    if categories.is_empty() {
        return None;
    }
    path.windows(categories.len()).rposition(|part| part == categories).map(|at| at + categories.len())
}

fn calculated<'a>(quote: Quote<'a>, asked: Asked<'_>) -> Result<Quote<'a>, Unpriced> {
    const HUNDRED: Decimal = Decimal::ONE_HUNDRED;
    let mut left = Decimal::ONE;
    for discount in &quote.discounts {
        if discount.percent < Decimal::ZERO || discount.percent > HUNDRED {
            return Err(Unpriced::Discount);
        }
        left = left.checked_mul((HUNDRED - discount.percent) / HUNDRED).ok_or(Unpriced::TooLarge)?;
    }
    let stated = quote.tier.price.checked_mul(left).ok_or(Unpriced::TooLarge)?;
    let sum = stated.checked_mul(asked.amount).ok_or(Unpriced::TooLarge)?;
    let factor = quote.tax_percent.map(|percent| percent / HUNDRED).and_then(|rate| rate.checked_add(Decimal::ONE));
    let with_tax = quote.tier.with_tax;
    let places = asked.currency.minor_digits();
    Ok(Quote {
        discount_percent: normal((Decimal::ONE - left) * HUNDRED),
        unit: sides(stated, with_tax, factor, UNIT_PLACES).ok_or(Unpriced::TooLarge)?,
        // What the list states is rounded first; the other side is that of the rounded sum.
        sum: sides(rounded(sum, places), with_tax, factor, places).ok_or(Unpriced::TooLarge)?,
        ..quote
    })
}

/// Both sides of a value that is stated with tax or without. `None` when one has too many digits.
fn sides(stated: Decimal, with_tax: bool, factor: Option<Decimal>, places: u32) -> Option<Sides> {
    let other = match factor {
        None => None,
        Some(factor) if with_tax => Some(stated.checked_div(factor)?),
        Some(factor) => Some(stated.checked_mul(factor)?),
    };
    let (stated, other) = (Some(rounded(stated, places)), other.map(|value| rounded(value, places)));
    Some(if with_tax { Sides { net: other, gross: stated } } else { Sides { net: stated, gross: other } })
}

fn rounded(value: Decimal, places: u32) -> Decimal {
    normal(value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
}
