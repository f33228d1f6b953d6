//! Examples of what can be sold: made by the code that answers, from the records of the other examples.

use app::browse::Tree;
use app::offering::{Seen, as_product, of_records};
use domain::pricing::Asked;
use domain::{Currency, Record};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{examples, records};
use crate::{contract, offering_view as view};

const TODAY: Date = date(2026, 11, 24);

/// The lines of an offer in the making.
pub(super) fn request() -> Value {
    json!({
        "contact": "c-42",
        "date": "2026-11-24",
        "currency": "EUR",
        "lines": [{ "product": "p-7", "amount": "6" }, { "product": "p-7", "amount": "25" }, { "product": "p-8" }],
    })
}

/// The answers of an operation, by status.
pub(super) fn responses(operation: &str) -> Vec<(&'static str, Value)> {
    let answer = match operation {
        "get_availability" => examples::json(&availability()),
        "get_price" => examples::json(&quote("p-7", 6)),
        "ask_prices" => examples::json(&quotes()),
        "list_categories" => examples::json(&categories()),
        other => panic!("{other} has no example"),
    };
    vec![("200", answer)]
}

fn availability() -> contract::ProductAvailability {
    let (product, stock) = (records::product().record, records::stock().record);
    let seen = |record| Some(Seen { record, is_missing: false });
    let outlook = of_records(seen(&product), seen(&stock), true, TODAY);
    view::product_availability("p-7", Some(&outlook), Decimal::from(50), TODAY)
}

fn quote(id: &str, amount: u32) -> contract::Quote {
    let (product, contact) = (records::product().record, records::contact().record);
    let (Some(product), Record::Contact(contact)) = (as_product(&product), &contact) else { unreachable!("a product") };
    let (amount, currency) = (Decimal::from(amount), Currency::EUR);
    view::quote(id, product, Asked { contact: Some(contact), amount, day: TODAY, currency })
}

fn quotes() -> contract::Quotes {
    let asked = Asked { contact: None, amount: Decimal::ONE, day: TODAY, currency: Currency::EUR };
    let absent = view::no_quote("p-8", asked, contract::PriceReason::NotInErp);
    contract::Quotes { lines: vec![quote("p-7", 6), quote("p-7", 25), absent] }
}

fn categories() -> contract::Categories {
    let mut tree = Tree { is_complete: true, ..Tree::default() };
    if let Some(product) = as_product(&records::product().record) {
        tree.categories.count(&product.categories);
    }
    view::categories(&tree)
}

#[test]
fn the_examples_show_what_they_are_for() {
    let seen = availability();
    assert_eq!((seen.enough, seen.availability), (contract::Enough::ByDate, contract::Availability::In));
    let [known, gap, absent] = &quotes().lines[..] else { panic!("three lines") };
    assert_eq!(
        (known.known, gap.reason, absent.reason),
        (true, Some(contract::PriceReason::Amount), Some(contract::PriceReason::NotInErp))
    );
    assert_eq!(known.discounts.len(), 2, "the list's, and the customer's on the category");
}

#[test]
fn a_record_of_stock_has_the_form_of_the_contract() {
    let full = records::stock().stock(Some(&records::product()));
    examples::assert_form::<contract::Stock>(&examples::json(&full));
    assert_eq!((full.levels.len(), full.incoming.len()), (2, 2), "the second warehouse has nothing but what comes");
    examples::assert_form::<contract::Stock>(&examples::json(&records::bare_stock().stock(None)));
}
