//! The rows of a document: what a customer buys on a day, how much of it, at what price.
//!
//! Decides rows; sums are the simulator's own rule. A row's product is its place in the
//! assortment until the history is numbered.

use super::assortment::Assortment;
use super::calendar::Calendar;
use super::catalogue::{Business, Kind};
use super::dice::Dice;
use super::habits::favourite;
use super::partners::Customer;
use super::products::{Planned, tax_of};
use crate::model::{Id, Row};
use rust_decimal::Decimal;

/// Rows are drawn from this.
pub(super) struct Counter<'a> {
    /// The company's business.
    pub(super) business: &'a Business,
    /// What is sold.
    pub(super) assortment: &'a Assortment,
    /// The history.
    pub(super) calendar: &'a Calendar,
}

impl Counter<'_> {
    /// The rows of a sale on a day.
    pub(super) fn sell(&self, customer: &Customer, day: usize, dice: &mut Dice) -> Vec<Row> {
        let counts: &[u32] = if customer.person { &[42, 30, 18, 10] } else { &[20, 26, 22, 13, 8, 5, 4, 2] };
        let count = 1 + dice.weighted(counts);
        let mut rows: Vec<Row> = Vec::with_capacity(count);
        for _ in 0..count {
            let place = self.assortment.pick(self.group(customer, day, dice), day, dice);
            let product = Id::try_from(place).ok();
            if rows.iter().all(|row| row.product != product) {
                rows.push(self.row(customer, day, place, dice));
            }
        }
        if dice.percent(2) {
            rows.push(self.loose_row(customer, dice));
        }
        rows
    }

    /// The places of up to `count` different goods that are kept in stock on a day.
    pub(super) fn goods(&self, count: usize, day: usize, dice: &mut Dice) -> Vec<usize> {
        let mut places = Vec::with_capacity(count);
        // Services come up too, and one thing twice: so there are more draws than places.
        for _ in 0..16 * count {
            let place = self.assortment.pick(favourite(self.business, dice), day, dice);
            let fits = self.assortment.products[place].kind != Kind::Service && !places.contains(&place);
            if fits && places.len() < count {
                places.push(place);
            }
        }
        places
    }

    /// The customer's favourite, or what is in season.
    fn group(&self, customer: &Customer, day: usize, dice: &mut Dice) -> usize {
        if dice.percent(72) {
            return customer.habit.group_on(day);
        }
        let month = self.calendar.month(day);
        let weights: Vec<u32> = self.business.groups.iter().map(|group| group.share * group.season[month]).collect();
        if dice.percent(85) { dice.weighted(&weights) } else { favourite(self.business, dice) }
    }

    fn row(&self, customer: &Customer, day: usize, place: usize, dice: &mut Dice) -> Row {
        let planned = &self.assortment.products[place];
        let product = &planned.product;
        let amount = amount(planned, customer.habit.size, dice);
        let days_ago = self.calendar.today() - day;
        Row {
            mk_row_id: 0,
            product: Id::try_from(place).ok(),
            name: product.name.clone(),
            doc_desc: dice.percent(6).then(|| remark(dice)),
            unit: product.unit.clone(),
            amount,
            price: planned.pricing.unit(customer.habit.level, amount, days_ago, rate(customer)),
            discount: discount(customer, dice),
            tax: tax_for(customer, tax_of(self.business, planned.kind)).to_owned(),
        }
    }

    /// A row that names no product, as old documents and imports have them.
    fn loose_row(&self, customer: &Customer, dice: &mut Dice) -> Row {
        Row {
            mk_row_id: 0,
            product: None,
            name: dice.pick(&["Embalaža in priprava pošiljke", "Povračljiva paleta", "Zaokrožitev"]).to_owned(),
            doc_desc: None,
            unit: "kos".to_owned(),
            amount: Decimal::ONE,
            price: Decimal::new(dice.between(50, 1_250), 2),
            discount: Vec::new(),
            tax: tax_for(customer, self.business.standard_tax).to_owned(),
        }
    }
}

/// Companies abroad and everyone outside the Union are billed without tax.
pub(super) fn tax_for<'t>(customer: &Customer, code: &'t str) -> &'t str {
    match customer.country {
        Some(country) if !customer.person || country.currency != "EUR" => "000",
        _ => code,
    }
}

/// What one euro is in the customer's currency, in thousandths.
pub(super) fn rate(customer: &Customer) -> i64 {
    match customer.country.map(|country| country.currency) {
        Some("USD") => 1_085,
        Some("CHF") => 948,
        _ => 1_000,
    }
}

/// Cheap things are bought by the box, dear ones one at a time.
fn amount(planned: &Planned, size: i64, dice: &mut Dice) -> Decimal {
    let cents = planned.pricing.cents();
    let few = dice.between(1, 4).min(dice.between(1, 4)) * dice.between(1, size);
    match planned.product.unit.as_str() {
        "ura" => Decimal::new(few.min(16) * 5, 1),
        "m" => Decimal::new(dice.between(2, 40) * 25 * size, 1),
        "kg" if dice.percent(35) => Decimal::new(few * 5, 1),
        "l" if dice.percent(30) => Decimal::new(few * 5, 1),
        "kg" | "l" => Decimal::from(few * 2),
        _ if cents < 300 => Decimal::from(few * [5, 10, 25, 50][dice.below(4)]),
        _ if cents < 2_000 => Decimal::from(few * [1, 1, 2, 6][dice.below(4)]),
        _ if cents < 10_000 => Decimal::from(few),
        _ => Decimal::from(few.min(1 + size / 3)),
    }
}

/// Successive percentages; people rarely get any.
fn discount(customer: &Customer, dice: &mut Dice) -> Vec<Decimal> {
    let with = if customer.person { 4 } else { 20 };
    if !dice.percent(with) {
        return Vec::new();
    }
    let chain: &[&[i64]] = &[&[50], &[100], &[100], &[150], &[25], &[100, 50], &[220, 230], &[50, 25, 10]];
    chain[dice.below(chain.len())].iter().map(|tenths| Decimal::new(*tenths, 1).normalize()).collect()
}

fn remark(dice: &mut Dice) -> String {
    dice.pick(&[
        "barva: zelena",
        "<b>akcija</b> - do odprodaje zalog",
        "po vzorcu stranke",
        "rok dobave 5 dni",
        "dim. 120 x 60 & 80 x 60",
        "serija iz skladišča Koper",
    ])
    .to_owned()
}
