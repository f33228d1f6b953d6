//! What the seeded companies sell and to whom: three businesses as plain data.
//!
//! Decides names, price ranges, seasons and tax codes; the products themselves are made
//! in `products`. Brands are invented.

mod coffee;
mod cosmetics;
mod garden;

/// A seeded company's trade.
pub(super) struct Business {
    /// Name of the company.
    pub(super) name: &'static str,
    /// Its mail domain.
    pub(super) domain: &'static str,
    /// Who works there: name and mailbox.
    pub(super) staff: [(&'static str, &'static str); 4],
    /// Trades of its customers.
    pub(super) trades: &'static [&'static str],
    /// How many of a hundred customers are people.
    pub(super) people: u32,
    /// Tax code of the standard rate.
    pub(super) standard_tax: &'static str,
    /// Tax code of the reduced rate.
    pub(super) reduced_tax: &'static str,
    /// Tax register: code, factor in thousandths, percent text.
    pub(super) taxes: &'static [(&'static str, i64, &'static str)],
    /// Prefix of customer numbers.
    pub(super) customer_prefix: &'static str,
    /// Notes on documents.
    pub(super) notes: &'static [&'static str],
    /// Groups of the assortment.
    pub(super) groups: &'static [Group],
}

/// A main category, with a season of its own.
pub(super) struct Group {
    /// Outer category.
    pub(super) name: &'static str,
    /// Weight of each month, January first.
    pub(super) season: [u32; 12],
    /// Weight among the groups.
    pub(super) share: u32,
    /// Inner categories.
    pub(super) shelves: &'static [Shelf],
}

/// An inner category: products that are alike.
pub(super) struct Shelf {
    /// Inner category.
    pub(super) name: &'static str,
    /// Start of its product codes.
    pub(super) code: &'static str,
    /// Unit of measure.
    pub(super) unit: &'static str,
    /// What it is: goods, food, a service.
    pub(super) kind: Kind,
    /// Weight of one unit in grams, from and to.
    pub(super) grams: (i64, i64),
    /// Brands.
    pub(super) brands: &'static [&'static str],
    /// Sizes, strengths, colours.
    pub(super) variants: &'static [&'static str],
    /// What the products are.
    pub(super) nouns: &'static [Noun],
}

/// How a shelf is taxed and kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Standard rate.
    Goods,
    /// Standard rate, kept by lot.
    GoodsByLot,
    /// Reduced rate, kept by lot.
    Food,
    /// Standard rate, never in stock.
    Service,
}

/// A kind of product in three languages, with the range of its net retail price in cents.
pub(super) struct Noun {
    /// Slovenian.
    pub(super) sl: &'static str,
    /// English.
    pub(super) en: &'static str,
    /// German.
    pub(super) de: &'static str,
    /// Least price.
    pub(super) from: i64,
    /// Highest price.
    pub(super) to: i64,
}

const fn noun(sl: &'static str, en: &'static str, de: &'static str, from: i64, to: i64) -> Noun {
    Noun { sl, en, de, from, to }
}

/// The business of a company: neighbours in number never share one.
pub(super) fn business(company_no: u32) -> &'static Business {
    match company_no % 3 {
        0 => &garden::BUSINESS,
        1 => &coffee::BUSINESS,
        _ => &cosmetics::BUSINESS,
    }
}
