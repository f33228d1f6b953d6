//! The products of every shelf: names, codes, prices and the life of each.
//!
//! Decides what a product looks like; which of them sells is `assortment`'s matter. Ids
//! come when the whole history is numbered.

use super::calendar::Calendar;
use super::catalogue::{Business, Kind, Noun, Shelf};
use super::dice::{Dice, Scatter};
use super::prices::Pricing;
use crate::model::Product;
use rust_decimal::Decimal;

/// A product before it has an id.
pub(super) struct Planned {
    /// The product.
    pub(super) product: Product,
    /// Its group's place in the business.
    pub(super) group: usize,
    /// Its shelf's place in the group.
    pub(super) shelf: usize,
    /// How it is taxed and kept.
    pub(super) kind: Kind,
    /// Day it came into the assortment.
    pub(super) launched: usize,
    /// Day it was retired.
    pub(super) retired: Option<usize>,
    /// What it costs.
    pub(super) pricing: Pricing,
    /// Ever bought or sold; without it there is no stock row.
    pub(super) moved: bool,
}

/// A shelf that is being filled.
pub(super) struct Filling<'a> {
    /// The company's business.
    pub(super) business: &'a Business,
    /// Place of the group.
    pub(super) group: usize,
    /// Place of the shelf in the group.
    pub(super) shelf: usize,
    /// The history.
    pub(super) calendar: &'a Calendar,
    /// EAN article numbers.
    pub(super) articles: &'a mut Scatter,
}

impl Filling<'_> {
    /// The `nth` product of the shelf with this visible number.
    pub(super) fn plan(&mut self, nth: usize, number: u64, dice: &mut Dice) -> Planned {
        let group = &self.business.groups[self.group];
        let kept = &group.shelves[self.shelf];
        let what = Article::of(kept, nth);
        // The first of a shelf is there from the start to the end, so that there is
        // always one to sell.
        let steady = nth == 0;
        let launched = if steady || dice.percent(78) { 0 } else { dice.below(self.calendar.today()) };
        let retired = (!steady && dice.percent(8)).then(|| dice.days(launched, self.calendar.today()));
        let moved = steady || !dice.percent(10);
        let service = kept.kind == Kind::Service;
        let pricing = Pricing::draw(what.noun, kept.kind, dice);
        let tax = tax_of(self.business, kept.kind);
        let from = self.calendar.date(launched);
        let product = Product {
            mk_id: 0,
            count_code: number.to_string(),
            code: format!("{}-{:04}", kept.code, nth + 1),
            name: what.name(),
            name_desc: what.description(dice),
            unit: kept.unit.to_owned(),
            barcode: (!service && dice.percent(88)).then(|| ean_13(self.articles.next().unwrap_or_default())),
            service,
            sales: moved || dice.percent(70),
            purchasing: !service,
            activated: retired.is_none(),
            eshop_sync: !service && retired.is_none() && dice.percent(60),
            weight: (!service && dice.percent(88)).then(|| weight(kept, pricing.cents(), dice)),
            min_stock: (!service && dice.percent(40)).then(|| Decimal::from(dice.between(1, 8) * 5)),
            categories: vec![group.name.to_owned(), kept.name.to_owned()],
            prices: pricing.lists(tax, service, from, dice),
            extra_column: what.columns(dice),
            localization: what.localization(dice),
            customs_fee: (!service && dice.percent(35)).then(|| dice.between(21_011_100, 84_679_900).to_string()),
            country: (!service && dice.percent(60))
                .then(|| dice.pick(&["SI", "SI", "SI", "IT", "DE", "AT", "CN", "HR"]).to_owned()),
        };
        Planned { product, group: self.group, shelf: self.shelf, kind: kept.kind, launched, retired, pricing, moved }
    }
}

/// The tax code of a kind of product.
pub(super) fn tax_of(business: &Business, kind: Kind) -> &'static str {
    if kind == Kind::Food { business.reduced_tax } else { business.standard_tax }
}

/// What a product is called.
struct Article<'a> {
    noun: &'a Noun,
    brand: &'a str,
    variant: &'a str,
    series: usize,
}

impl<'a> Article<'a> {
    /// Walks through all combinations of a shelf before it names a second series.
    fn of(shelf: &'a Shelf, nth: usize) -> Self {
        let (nouns, variants, brands) = (shelf.nouns.len(), shelf.variants.len(), shelf.brands.len());
        let (noun, variant) = (nth % nouns, nth / nouns % variants);
        let round = nth / nouns / variants;
        Self {
            noun: &shelf.nouns[noun],
            brand: shelf.brands[(round + noun + variant) % brands],
            variant: shelf.variants[variant],
            series: round / brands,
        }
    }

    fn with(&self, noun: &str) -> String {
        let mut name = format!("{noun} {} {}", self.brand, self.variant);
        name.truncate(name.trim_end().len());
        match self.series {
            0 => name,
            series => format!("{name} mod. {}", series + 1),
        }
    }

    fn name(&self) -> String {
        self.with(self.noun.sl)
    }

    fn description(&self, dice: &mut Dice) -> Option<String> {
        let (noun, brand, variant) = (self.noun.sl, self.brand, self.variant);
        match dice.below(10) {
            0 => Some(format!(
                "<p>{noun} <b>{brand}</b> {variant}</p><ul><li>preverjena kakovost</li><li>dobava v 2 dneh</li></ul>"
            )),
            1 => Some(format!("{noun} znamke {brand}.<br>Garancija 24 mesecev &amp; servis v Sloveniji.")),
            2 | 3 => Some(format!("{noun} znamke {brand}, izvedba: {variant}.")),
            _ => None,
        }
    }

    fn columns(&self, dice: &mut Dice) -> Vec<(String, String)> {
        let mut columns = Vec::new();
        if dice.percent(12) {
            let text = format!("{}. Uvoznik in distributer za Slovenijo; rok uporabe je na embalaži.", self.noun.sl);
            columns.push(("declaration".to_owned(), text));
        }
        if dice.percent(6) {
            columns.push(("polica".to_owned(), format!("P{}", dice.between(1, 60))));
        }
        columns
    }

    fn localization(&self, dice: &mut Dice) -> Vec<(String, String, Option<String>)> {
        let mut texts = Vec::new();
        if dice.percent(20) {
            let about = dice.percent(50).then(|| format!("{} by {}<br>", self.noun.en, self.brand));
            texts.push(("en".to_owned(), self.with(self.noun.en), about));
            if dice.percent(40) {
                texts.push(("de".to_owned(), self.with(self.noun.de), None));
            }
        }
        texts
    }
}

/// Kilograms: within the range of a shelf the dearer things are heavier.
fn weight(shelf: &Shelf, cents: i64, dice: &mut Dice) -> Decimal {
    let least = shelf.nouns.iter().map(|noun| noun.from).min().unwrap_or_default();
    let most = shelf.nouns.iter().map(|noun| noun.to).max().unwrap_or_default();
    let (light, heavy) = shelf.grams;
    let usual = light + (heavy - light) * (cents - least).max(0) / (most - least).max(1);
    Decimal::new(usual * dice.between(85, 115) / 100, 3)
}

/// An EAN-13 under the Slovenian prefix.
fn ean_13(article: i64) -> String {
    let digits = format!("383{article:09}");
    let sum: u32 = digits
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ean_carries_its_check_digit() {
        // 3*1+8*3+3*1+1*3+2*1+3*3+4*1+5*3+6*1+7*3+8*1+9*3 = 125, to 130 is 5.
        assert_eq!(ean_13(123_456_789), "3831234567895");
    }
}
