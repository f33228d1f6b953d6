//! Stock, availability, prices and categories as the API tells them.
//!
//! Decides the form only.

use app::browse::Tree;
use app::offering::{self, Seen};
use domain::availability::{self, Outlook, Position, is_late};
use domain::pricing::{self, Asked, DiscountOf, Unpriced};
use domain::value::normal;
use domain::{CategoryId, Price, Record, RecordId, Text};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use store::Stored;

use crate::contract;

fn decimal(value: Decimal) -> contract::Decimal {
    contract::Decimal(normal(value).to_string())
}

fn date(value: Date) -> contract::Date {
    contract::Date(value.to_string())
}

fn erp_id(value: domain::ErpId) -> contract::ErpId {
    contract::ErpId(value.to_string())
}

fn texts<'a>(values: impl IntoIterator<Item = &'a Text>) -> Vec<String> {
    values.into_iter().map(ToString::to_string).collect()
}

const fn availability(value: domain::Availability) -> contract::Availability {
    use domain::Availability as A;
    match value {
        A::Unknown => contract::Availability::Unknown,
        A::Retired => contract::Availability::Retired,
        A::Out => contract::Availability::Out,
        A::Incoming => contract::Availability::Incoming,
        A::Low => contract::Availability::Low,
        A::In => contract::Availability::In,
        A::NotStocked => contract::Availability::NotStocked,
    }
}

fn enough(value: domain::Enough) -> (contract::Enough, Option<contract::Date>) {
    match value {
        availability::Enough::Now => (contract::Enough::Now, None),
        availability::Enough::By(day) => (contract::Enough::ByDate, Some(date(day))),
        availability::Enough::Undated => (contract::Enough::Undated, None),
        availability::Enough::No => (contract::Enough::No, None),
        availability::Enough::Unknown => (contract::Enough::Unknown, None),
    }
}

fn incoming(coming: &domain::Incoming, today: Date) -> contract::Incoming {
    contract::Incoming {
        amount: decimal(coming.amount),
        date: coming.date.map(date),
        warehouse: coming.warehouse.map(erp_id),
        late: is_late(coming, today),
    }
}

fn next_incoming(position: &Position, today: Date) -> Option<contract::Incoming> {
    position.next_incoming.as_ref().map(|coming| incoming(coming, today))
}

/// A record with what we know of it.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) id: RecordId,
    pub(crate) version: u64,
    pub(crate) updated_at: Timestamp,
    pub(crate) missing_since: Option<Timestamp>,
    pub(crate) record: &'a Record,
}

impl<'a> From<&'a Stored> for Shown<'a> {
    fn from(stored: &'a Stored) -> Self {
        let Stored { id, version, updated_at, missing_since, record, .. } = stored;
        Self { id: *id, version: *version, updated_at: *updated_at, missing_since: *missing_since, record }
    }
}

impl<'a> Shown<'a> {
    const fn seen(self) -> Seen<'a> {
        Seen { record: self.record, is_missing: self.missing_since.is_some() }
    }
}

/// A record of stock with how its product stands on the day.
pub(crate) fn stock(stock: Shown<'_>, product: Option<Shown<'_>>, today: Date) -> contract::Stock {
    let Outlook { total, warehouses } = offering::of_records(product.map(Shown::seen), Some(stock.seen()), true, today);
    let (code, name, unit) = match stock.record {
        Record::Stock(of) => (of.code.as_ref(), of.name.as_ref(), of.unit.as_ref()),
        _ => (None, None, None),
    };
    let text = |text: Option<&Text>| text.map(ToString::to_string);
    let level = |(id, position): (domain::ErpId, Position)| contract::StockLevel {
        warehouse: erp_id(id),
        on_hand: decimal(position.on_hand),
        reserved: position.reserved.map(decimal),
        free: decimal(position.free),
        availability: availability(position.availability),
        next_incoming: next_incoming(&position, today),
    };
    let comes = total.incoming.iter().fold(Decimal::ZERO, |sum, coming| sum.saturating_add(coming.amount));
    contract::Stock {
        id: contract::RecordId(stock.id.to_string()),
        erp_id: erp_id(stock.record.erp_id()),
        version: stock.version,
        updated_at: contract::Timestamp(stock.updated_at.to_string()),
        missing_since: stock.missing_since.map(|at| contract::Timestamp(at.to_string())),
        code: text(code),
        name: text(name),
        unit: text(unit),
        min_stock: product
            .and_then(|product| offering::as_product(product.record))
            .and_then(|product| product.min_stock)
            .map(decimal),
        availability: availability(total.availability),
        next_incoming: next_incoming(&total, today),
        total: contract::StockTotal {
            on_hand: decimal(total.on_hand),
            reserved: total.reserved.map(decimal),
            free: decimal(total.free),
            incoming: decimal(comes),
        },
        levels: warehouses.into_iter().map(level).collect(),
        incoming: total.incoming.iter().map(|coming| incoming(coming, today)).collect(),
    }
}

/// Whether an amount of a product can be had. `None` is a product that the ERP does not have.
pub(crate) fn product_availability(
    product: &str,
    outlook: Option<&Outlook>,
    amount: Decimal,
    today: Date,
) -> contract::ProductAvailability {
    let when = |position: &Position| enough(position.enough(amount, today));
    let warehouse = |(id, position): (&domain::ErpId, &Position)| {
        let (enough, date) = when(position);
        contract::WarehouseAvailability {
            warehouse: erp_id(*id),
            enough,
            date,
            free: decimal(position.free),
            next_incoming: next_incoming(position, today),
        }
    };
    let total = outlook.map(|outlook| &outlook.total);
    let (enough, date) = total.map_or((contract::Enough::Unknown, None), when);
    contract::ProductAvailability {
        product: product.to_owned(),
        amount: decimal(amount),
        enough,
        date,
        availability: availability(total.map_or(domain::Availability::Unknown, |total| total.availability)),
        free: decimal(total.map_or(Decimal::ZERO, |total| total.free)),
        next_incoming: total.and_then(|total| next_incoming(total, today)),
        warehouses: outlook.into_iter().flat_map(|outlook| &outlook.warehouses).map(warehouse).collect(),
    }
}

/// Why a line has no price.
const fn reason(of: Unpriced) -> contract::PriceReason {
    match of {
        Unpriced::NoPrice => contract::PriceReason::NoPrice,
        Unpriced::Currency => contract::PriceReason::Currency,
        Unpriced::Day => contract::PriceReason::Day,
        Unpriced::Amount => contract::PriceReason::Amount,
        Unpriced::Discount => contract::PriceReason::Discount,
        Unpriced::TooLarge => contract::PriceReason::TooLarge,
    }
}

/// A line without a price.
pub(crate) fn no_quote(product: &str, asked: Asked<'_>, reason: contract::PriceReason) -> contract::Quote {
    contract::Quote {
        product: product.to_owned(),
        amount: decimal(asked.amount),
        date: date(asked.day),
        currency: asked.currency.to_string(),
        known: false,
        reason: Some(reason),
        tier: None,
        discounts: Vec::new(),
        discount_percent: None,
        tax_percent: None,
        unit: None,
        sum: None,
        passed_over: Vec::new(),
        other_lists: Vec::new(),
    }
}

/// The price of a product that the ERP has, or why none is known.
pub(crate) fn quote(name: &str, product: &domain::Product, asked: Asked<'_>) -> contract::Quote {
    let quote = match pricing::price(product, asked) {
        Ok(quote) => quote,
        Err(of) => return no_quote(name, asked, reason(of)),
    };
    let discount = |discount: &pricing::Discount| contract::PriceDiscount {
        from: match discount.of {
            DiscountOf::List => contract::DiscountSource::List,
            DiscountOf::Contact => contract::DiscountSource::Contact,
        },
        percent: decimal(discount.percent),
        categories: texts(&discount.categories),
    };
    contract::Quote {
        known: true,
        reason: None,
        tier: Some(tier(quote.tier)),
        discounts: quote.discounts.iter().map(discount).collect(),
        discount_percent: Some(decimal(quote.discount_percent)),
        tax_percent: quote.tax_percent.map(decimal),
        unit: Some(sides(quote.unit)),
        sum: Some(sides(quote.sum)),
        passed_over: texts(quote.passed_over),
        other_lists: texts(quote.others),
        ..no_quote(name, asked, contract::PriceReason::NoPrice)
    }
}

fn sides(of: pricing::Sides) -> contract::PriceSides {
    contract::PriceSides { net: of.net.map(decimal), gross: of.gross.map(decimal) }
}

fn tier(price: &Price) -> contract::Price {
    contract::Price {
        list: price.list.to_string(),
        list_title: price.list_title.as_ref().map(ToString::to_string),
        buyer: price.buyer.as_ref().map(ToString::to_string),
        sales: price.sales,
        currency: price.currency.to_string(),
        amount_from: price.amount_from.map(decimal),
        amount_to: price.amount_to.map(decimal),
        valid_from: price.valid_from.map(date),
        valid_to: price.valid_to.map(date),
        price: decimal(price.price),
        with_tax: price.with_tax,
        discount: price.discount.map(decimal),
        tax: price.tax.as_ref().map(ToString::to_string),
        tax_percent: price.tax_percent.map(decimal),
    }
}

/// The categories of the products.
pub(crate) fn categories(tree: &Tree) -> contract::Categories {
    let category = |category: domain::category::Category<'_>| {
        let (name, above) = category.path.split_last()?;
        Some(contract::Category {
            id: CategoryId::of(category.path).to_string(),
            name: name.to_string(),
            path: texts(category.path),
            parent: (!above.is_empty()).then(|| CategoryId::of(above).to_string()),
            products: category.products,
        })
    };
    contract::Categories { data: tree.categories.iter().filter_map(category).collect(), complete: tree.is_complete }
}
