//! What can be sold of a product, as its page shows it: what is there, what it costs, where it belongs.
//!
//! Decides the form only.

use app::registers::Known;
use domain::availability::{Enough, Outlook, Position, is_late};
use domain::pricing::{self, Asked, DiscountOf, Sides, Unpriced};
use domain::value::normal;
use domain::{Availability, Currency, ErpId, Incoming, Product};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::{
    reader::{Badge, Reader},
    wording::{OfferTexts, Phrases},
};

/// What there is of a product in one place.
pub(crate) struct StockRow {
    pub(crate) name: String,
    pub(crate) on_hand: String,
    pub(crate) reserved: String,
    pub(crate) free: String,
    /// What comes, one after the other.
    pub(crate) coming: Vec<String>,
    pub(crate) badge: Badge,
    /// Whether the amount that is asked for can be had.
    pub(crate) enough: String,
}

/// What there is of a product.
pub(crate) struct StockView {
    pub(crate) total: StockRow,
    pub(crate) rows: Vec<StockRow>,
    pub(crate) is_low: bool,
}

/// What the form for a price holds, and what is wrong with it.
#[derive(Default)]
pub(crate) struct PriceForm {
    pub(crate) customer: String,
    pub(crate) amount: String,
    pub(crate) day: String,
    pub(crate) currency: String,
    pub(crate) customer_fault: Option<&'static str>,
    pub(crate) amount_fault: Option<&'static str>,
    pub(crate) day_fault: Option<&'static str>,
    pub(crate) currency_fault: Option<&'static str>,
}

/// A label and what belongs to it.
pub(crate) struct PriceFact {
    pub(crate) label: &'static str,
    pub(crate) value: String,
}

/// A price, or why there is none.
pub(crate) struct PriceView {
    pub(crate) facts: Vec<PriceFact>,
    pub(crate) why_none: Option<&'static str>,
}

/// What can be sold of a product.
pub(crate) struct OfferingView {
    pub(crate) amount: String,
    pub(crate) amount_fault: Option<&'static str>,
    /// `None` for a product that the ERP does not have yet.
    pub(crate) stock: Option<StockView>,
    pub(crate) form: PriceForm,
    pub(crate) price: Option<PriceView>,
    pub(crate) categories: String,
}

fn availability(of: Availability, o: &OfferTexts) -> Badge {
    let (tone, text) = match of {
        Availability::Unknown => ("idle", o.unknown),
        Availability::Retired => ("idle", o.retired),
        Availability::Out => ("bad", o.out),
        Availability::Incoming => ("warn", o.incoming),
        Availability::Low => ("warn", o.low),
        Availability::In => ("good", o.in_stock),
        Availability::NotStocked => ("idle", o.not_stocked),
    };
    Badge { tone, text }
}

fn enough(of: Enough, p: Phrases, o: &OfferTexts) -> String {
    match of {
        Enough::Now => o.enough_now.to_owned(),
        Enough::By(day) => format!("{} {}", o.enough_by, p.day(day)),
        Enough::Undated => o.enough_undated.to_owned(),
        Enough::No => o.enough_no.to_owned(),
        Enough::Unknown => o.enough_unknown.to_owned(),
    }
}

impl StockView {
    /// What there is, and whether `amount` of it can be had.
    pub(crate) fn of(outlook: &Outlook, amount: Decimal, known: &Known, today: Date, reader: &Reader<'_>) -> Self {
        let (p, o) = (reader.phrases(), OfferTexts::of(reader.language));
        let come = |coming: &Incoming| {
            let day = coming.date.map_or_else(|| o.no_day.to_owned(), |day| p.day(day));
            let late = if is_late(coming, today) { format!(", {}", o.late) } else { String::new() };
            format!("{} ({day}{late})", p.decimal(normal(coming.amount)))
        };
        let row = |name: String, position: &Position| StockRow {
            name,
            on_hand: p.decimal(normal(position.on_hand)),
            reserved: position.reserved.map_or_else(|| "\u{2013}".to_owned(), |n| p.decimal(normal(n))),
            free: p.decimal(normal(position.free)),
            coming: position.incoming.iter().map(come).collect(),
            badge: availability(position.availability, o),
            enough: enough(position.enough(amount, today), p, o),
        };
        let name = |id: &ErpId| {
            let warehouse = known.warehouses.iter().find(|warehouse| warehouse.erp_id == *id);
            warehouse.map_or_else(|| format!("{} {id}", o.unknown_warehouse), |w| w.name.to_string())
        };
        Self {
            total: row(o.all_warehouses.to_owned(), &outlook.total),
            rows: outlook.warehouses.iter().map(|(id, position)| row(name(id), position)).collect(),
            is_low: outlook.total.availability == Availability::Low,
        }
    }
}

const fn why(of: Unpriced, o: &OfferTexts) -> &'static str {
    match of {
        Unpriced::NoPrice => o.why_no_price,
        Unpriced::Currency => o.why_currency,
        Unpriced::Day => o.why_day,
        Unpriced::Amount => o.why_amount,
        Unpriced::Discount => o.why_discount,
        Unpriced::TooLarge => o.why_too_large,
    }
}

/// Both sides of a sum, as far as they are known.
fn sides(of: Sides, currency: Currency, p: Phrases, o: &OfferTexts) -> String {
    let side = |value: Option<Decimal>, word: &str| value.map(|v| format!("{} {word}", p.sum(normal(v), currency)));
    [side(of.net, o.net), side(of.gross, o.gross)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

impl PriceView {
    /// The price, with what makes it. `customer` is the name of who asks.
    pub(crate) fn of(product: &Product, asked: Asked<'_>, customer: Option<String>, reader: &Reader<'_>) -> Self {
        let (p, o) = (reader.phrases(), OfferTexts::of(reader.language));
        let quote = match pricing::price(product, asked) {
            Ok(quote) => quote,
            Err(of) => return Self { facts: Vec::new(), why_none: Some(why(of, o)) },
        };
        let mut facts = Vec::new();
        let mut say = |label, value: String| facts.push(PriceFact { label, value });
        say(o.for_customer, customer.unwrap_or_else(|| o.anybody.to_owned()));
        say(o.unit_price, sides(quote.unit, asked.currency, p, o));
        say(o.whole_price, sides(quote.sum, asked.currency, p, o));
        let list = quote.tier.list_title.as_ref().unwrap_or(&quote.tier.list);
        say(o.from_list, list.to_string());
        let word = if quote.tier.with_tax { o.gross } else { o.net };
        say(o.list_price, format!("{} {word}", p.sum(normal(quote.tier.price), asked.currency)));
        for discount in &quote.discounts {
            let of = match discount.of {
                DiscountOf::List => o.discount_list,
                DiscountOf::Contact => o.discount_customer,
            };
            say(o.discount, format!("{} % {of}", p.decimal(normal(discount.percent))));
        }
        if !quote.passed_over.is_empty() {
            let lists: Vec<String> = quote.passed_over.iter().map(ToString::to_string).collect();
            say(o.passed_over, lists.join(", "));
        }
        Self { facts, why_none: None }
    }
}

/// The categories of a product, the outermost first.
pub(crate) fn categories(product: &Product) -> String {
    product.categories.iter().map(ToString::to_string).collect::<Vec<_>>().join(" \u{203a} ")
}
