//! Tables of which price is taken, and what no list, amount or discount may ever lead to.

use super::*;
use crate::ErpId;
use crate::contact::CategoryDiscount;
use crate::value::parse_decimal;
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;

const TODAY: Date = date(2026, 11, 24);

fn number(s: &str) -> Decimal {
    parse_decimal(s).expect("a number")
}

fn text(s: &str) -> Text {
    s.parse().expect("a text")
}

/// A price of a list for everybody, from an amount up to another.
fn tier(list: &str, from: &str, to: &str, price: &str) -> Price {
    let bound = |s: &str| (!s.is_empty()).then(|| number(s));
    Price {
        list: text(list),
        list_title: None,
        buyer: None,
        sales: true,
        currency: Currency::EUR,
        amount_from: bound(from),
        amount_to: bound(to),
        valid_from: None,
        valid_to: None,
        price: number(price),
        with_tax: false,
        discount: None,
        tax: Some(text("EX4")),
        tax_percent: Some(number("22")),
    }
}

fn plain(list: &str, price: &str) -> Price {
    tier(list, "", "", price)
}

fn product(prices: Vec<Price>) -> Product {
    Product {
        erp_id: ErpId::new(1),
        number: None,
        code: text("V-M8"),
        name: text("Vijak"),
        description: None,
        unit: text("kos"),
        barcode: None,
        service: false,
        sales: true,
        purchasing: true,
        active: true,
        webshop: false,
        weight: None,
        min_stock: None,
        categories: vec![text("Računalnik"), text("Apple"), text("MacBook")],
        prices,
        translations: BTreeMap::new(),
        extra: BTreeMap::new(),
        customs_code: None,
        origin: None,
    }
}

fn discount(categories: &[&str], percent: &str, overrides: bool) -> CategoryDiscount {
    CategoryDiscount { categories: categories.iter().map(|c| text(c)).collect(), percent: number(percent), overrides }
}

fn contact(name: &str, discounts: Vec<CategoryDiscount>) -> Contact {
    Contact {
        erp_id: ErpId::new(2),
        number: None,
        name: text(name),
        company: true,
        taxpayer: None,
        foreign: false,
        tax_number: None,
        registration_number: None,
        buyer: true,
        supplier: false,
        addresses: vec![],
        persons: vec![],
        discounts,
    }
}

fn asked<'a>(contact: Option<&'a Contact>, amount: &str) -> Asked<'a> {
    Asked { contact, amount: number(amount), day: TODAY, currency: Currency::EUR }
}

/// The list that is used, and the price of a unit without tax.
fn of(product: &Product, asked: Asked<'_>) -> Result<(String, Decimal), Unpriced> {
    price(product, asked).map(|q| (q.tier.list.to_string(), q.unit.net.expect("it is stated")))
}

#[test]
fn the_tier_is_the_one_that_holds_the_amount() {
    // 49.5 lies between two tiers, 50 and 200 in two of them; nothing begins below 1.
    let tiers = product(vec![
        tier("VPC", "1", "49", "10"),
        tier("VPC", "50", "200", "9"),
        tier("VPC", "200", "1000", "8"),
        tier("VPC", "2000", "", "7"),
    ]);
    for (amount, expected) in [
        ("-1", None),
        ("0", None),
        ("0.999", None),
        ("1", Some("10")),
        ("49", Some("10")),
        ("49.5", None),
        ("50", Some("9")),
        ("199.999", Some("9")),
        ("200", Some("8")),
        ("1000", Some("8")),
        ("1000.001", None),
        ("1999", None),
        ("2000", Some("7")),
        ("7922816251426433759354395", Some("7")),
    ] {
        let expected = expected.map(|price| ("VPC".to_owned(), number(price))).ok_or(Unpriced::Amount);
        assert_eq!(of(&tiers, asked(None, amount)), expected, "{amount}");
    }
    let open = product(vec![plain("MPC", "3")]);
    assert_eq!(of(&open, asked(None, "0")), Ok(("MPC".to_owned(), number("3"))));
    assert_eq!(of(&open, asked(None, "-1")), Err(Unpriced::Amount));
    assert_eq!(of(&open, Asked { amount: Decimal::MAX, ..asked(None, "1") }), Err(Unpriced::TooLarge));
}

#[test]
fn a_list_without_a_tier_is_passed_over_and_named() {
    let newest = Price { valid_from: Some(date(2026, 1, 1)), ..tier("NOV", "100", "", "5") };
    let lists = product(vec![plain("STAR", "8"), newest, tier("VMES", "", "10", "6")]);
    let quote = price(&lists, asked(None, "20")).expect("a price");
    assert_eq!((quote.tier.list.as_str(), quote.passed_over), ("STAR", vec![&text("NOV")]));
    let quote = price(&lists, asked(None, "100")).expect("a price");
    assert_eq!((quote.tier.list.as_str(), quote.passed_over, quote.others), ("NOV", vec![], vec![&text("STAR")]));
}

#[test]
fn of_lists_that_overlap_the_own_one_counts_then_the_newest_then_the_lower_code() {
    let from = |list: &str, price: &str, year| Price { valid_from: Some(date(year, 1, 1)), ..plain(list, price) };
    let own = Price { buyer: Some(text("Janez Novak")), ..from("JN", "1", 2020) };
    let lists = product(vec![
        plain("A", "9"),
        from("D", "8", 2025),
        from("C", "7", 2026),
        from("B", "6", 2026),
        from("E", "5", 2027),
        own,
    ]);
    let (janez, ana) = (contact("Janez Novak", vec![]), contact("Ana Novak", vec![]));
    for (who, list, others) in [
        (None, "B", vec!["C", "D", "A"]),
        (Some(&ana), "B", vec!["C", "D", "A"]),
        (Some(&janez), "JN", vec!["B", "C", "D", "A"]),
    ] {
        let quote = price(&lists, asked(who, "1")).expect("a price");
        assert_eq!(quote.tier.list.as_str(), list);
        assert_eq!(quote.others, others.iter().map(|s| text(s)).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    }
    // Another's list is nobody else's, even when there is no other one.
    let only = product(vec![Price { buyer: Some(text("Janez Novak")), ..plain("JN", "1") }]);
    assert_eq!(of(&only, asked(Some(&ana), "1")), Err(Unpriced::NoPrice));
    assert_eq!(of(&only, asked(None, "1")), Err(Unpriced::NoPrice));
}

#[test]
fn a_price_holds_from_its_first_day_to_its_last() {
    let (first, last) = (date(2009, 5, 10), date(2021, 4, 4));
    let one = product(vec![Price { valid_from: Some(first), valid_to: Some(last), ..plain("P", "2") }]);
    let inverted = product(vec![Price { valid_from: Some(last), valid_to: Some(first), ..plain("P", "2") }]);
    let open = product(vec![Price { valid_from: Some(first), ..plain("P", "2") }]);
    for (day, held, always) in [
        (date(1900, 1, 1), false, false),
        (date(2009, 5, 9), false, false),
        (first, true, true),
        (last, true, true),
        (date(2021, 4, 5), false, true),
        (date(2100, 12, 31), false, true),
        (Date::MAX, false, true),
        (Date::MIN, false, false),
    ] {
        let of = |product| price(product, Asked { day, ..asked(None, "1") }).map(|_| ());
        let expected = |is: bool| if is { Ok(()) } else { Err(Unpriced::Day) };
        assert_eq!((of(&one), of(&open)), (expected(held), expected(always)), "{day}");
        assert_eq!(of(&inverted), Err(Unpriced::Day));
    }
    assert_eq!(
        price(&product(vec![plain("P", "2")]), Asked { day: Date::MIN, ..asked(None, "1") }).map(|_| ()),
        Ok(())
    );
}

#[test]
fn a_price_that_is_not_known_is_said_with_its_reason() {
    let bought = Price { sales: false, ..plain("NAB", "1") };
    let foreign = Price { currency: Currency::parse("USD").expect("a code"), ..plain("EXP", "1") };
    for (prices, reason) in [
        (vec![], Unpriced::NoPrice),
        (vec![bought.clone()], Unpriced::NoPrice),
        (vec![foreign, bought], Unpriced::Currency),
    ] {
        assert_eq!(of(&product(prices), asked(None, "1")), Err(reason));
    }
    for percent in ["-1", "100.01"] {
        let odd = Price { discount: Some(number(percent)), ..plain("P", "10") };
        assert_eq!(of(&product(vec![odd]), asked(None, "1")), Err(Unpriced::Discount));
    }
}

#[test]
fn discounts_follow_each_other_and_one_that_overrides_stands_alone() {
    let listed = |percent: &str| product(vec![Price { discount: Some(number(percent)), ..plain("P", "200") }]);
    for (list, of_contact, percents, off, net) in [
        ("0", vec![], vec![], "0", "200"),
        ("10", vec![], vec!["10"], "10", "180"),
        ("10", vec![discount(&["Apple"], "5", false)], vec!["10", "5"], "14.5", "171"),
        ("10", vec![discount(&["Apple"], "5", true)], vec!["5"], "5", "190"),
        ("0", vec![discount(&["Apple"], "5", false)], vec!["5"], "5", "190"),
        ("100", vec![discount(&["Apple"], "5", false)], vec!["100", "5"], "100", "0"),
        ("10", vec![discount(&["Apple"], "0", true)], vec!["0"], "0", "200"),
        // The innermost category counts, then the larger discount.
        (
            "0",
            vec![discount(&["Računalnik"], "50", true), discount(&["Apple", "MacBook"], "5", false)],
            vec!["5"],
            "5",
            "190",
        ),
        (
            "0",
            vec![discount(&["Apple"], "5", false), discount(&["Računalnik", "Apple"], "7", false)],
            vec!["7"],
            "7",
            "186",
        ),
        // Others' categories, a path that is broken, and no category at all.
        ("10", vec![discount(&["Gume"], "5", true)], vec!["10"], "10", "180"),
        ("10", vec![discount(&["Računalnik", "MacBook"], "5", true)], vec!["10"], "10", "180"),
        ("10", vec![discount(&["MacBook", "MacBook Pro"], "5", true)], vec!["10"], "10", "180"),
        ("10", vec![discount(&[], "5", true)], vec!["10"], "10", "180"),
    ] {
        let (product, ana) = (listed(list), contact("Ana", of_contact));
        let quote = price(&product, asked(Some(&ana), "1")).expect("a price");
        let taken: Vec<_> = quote.discounts.iter().map(|d| d.percent.to_string()).collect();
        assert_eq!((taken, quote.discount_percent), (percents.iter().map(ToString::to_string).collect(), number(off)));
        assert_eq!(quote.unit.net, Some(number(net)));
    }
    let (product, ana) = (listed("10"), contact("Ana", vec![discount(&["Apple"], "-3", true)]));
    assert_eq!(of(&product, asked(Some(&ana), "1")), Err(Unpriced::Discount), "nothing is left out in silence");
}

#[test]
fn the_other_side_of_the_tax_is_known_when_the_rate_is() {
    let unsaid = Price { tax_percent: None, ..plain("P", "1.23456") };
    let gross = Price { with_tax: true, ..plain("P", "20") };
    let other_code = Price { tax: Some(text("EX1")), tax_percent: None, ..plain("P", "2") };
    let reduced = Price { tax_percent: Some(number("9.5")), ..plain("P", "2") };
    let some = |s: &str| Some(number(s));
    for (prices, unit, sum) in [
        // The stated sum is rounded first: 4.93824 is 4.94, and 22 % on it make 6.0268.
        (vec![plain("P", "1.23456")], (some("1.2346"), some("1.5062")), (some("4.94"), some("6.03"))),
        (vec![gross.clone()], (some("16.3934"), some("20")), (some("65.57"), some("80"))),
        (vec![reduced], (some("2"), some("2.19")), (some("8"), some("8.76"))),
        (vec![unsaid.clone()], (some("1.2346"), None), (some("4.94"), None)),
        // The rate of the code is learned from another price, a purchase price too.
        (
            vec![unsaid.clone(), Price { sales: false, ..plain("N", "1") }],
            (some("1.2346"), some("1.5062")),
            (some("4.94"), some("6.03")),
        ),
        (vec![other_code, Price { sales: false, ..plain("N", "1") }], (some("2"), None), (some("8"), None)),
        (vec![Price { tax: None, tax_percent: None, ..gross }], (None, some("20")), (None, some("80"))),
    ] {
        let product = product(prices);
        let quote = price(&product, asked(None, "4")).expect("a price");
        assert_eq!((quote.unit.net, quote.unit.gross), unit);
        assert_eq!((quote.sum.net, quote.sum.gross), sum);
    }
}

#[test]
fn a_sum_has_the_places_of_its_currency() {
    for (currency, sum) in [("EUR", "4.94"), ("JPY", "5"), ("KWD", "4.938")] {
        let currency = Currency::parse(currency).expect("a code");
        let product = product(vec![Price { currency, ..plain("P", "1.23456") }]);
        let quote = price(&product, Asked { currency, ..asked(None, "4") }).expect("a price");
        assert_eq!(quote.sum.net, Some(number(sum)), "{currency}");
    }
}

fn decimal(from: i64, to: i64) -> impl Strategy<Value = Decimal> {
    (from..to, 0_u32..3).prop_map(|(n, scale)| Decimal::new(n, scale))
}

fn some_price() -> impl Strategy<Value = Price> {
    let bounds = (prop::option::of(decimal(0, 50)), prop::option::of(decimal(0, 80)));
    let dates = prop::array::uniform2(prop::option::of((2025_i16..2028).prop_map(|year| date(year, 1, 1))));
    let flags = any::<[bool; 3]>();
    ("[A-C]", bounds, dates, decimal(0, 9_000), flags, prop::option::of(decimal(0, 101))).prop_map(
        |(list, (amount_from, amount_to), [valid_from, valid_to], price, [sales, with_tax, own], discount)| Price {
            buyer: own.then(|| text("Ana")),
            sales,
            amount_from,
            amount_to,
            valid_from,
            valid_to,
            with_tax,
            discount,
            ..plain(&list, &price.to_string())
        },
    )
}

proptest! {
    #[test]
    fn a_price_is_of_a_tier_that_is_for_all_that_was_asked(
        prices in prop::collection::vec(some_price(), 0..8), amount in decimal(-5, 100),
        percent in decimal(0, 101), overrides: bool, is_ana: bool,
    ) {
        let product = product(prices);
        let discounts = vec![CategoryDiscount { categories: vec![text("Apple")], percent, overrides }];
        let who = contact(if is_ana { "Ana" } else { "Eva" }, discounts);
        let asked = Asked { contact: Some(&who), amount, day: TODAY, currency: Currency::EUR };
        let fits = |p: &Price| {
            p.sales && (p.buyer.is_none() || is_ana) && p.amount_from.is_none_or(|from| from <= amount)
                && p.amount_to.is_none_or(|to| amount <= to) && amount >= Decimal::ZERO
                && p.valid_from.is_none_or(|from| from <= TODAY) && p.valid_to.is_none_or(|to| TODAY <= to)
        };
        match price(&product, asked) {
            Ok(quote) => {
                prop_assert!(fits(quote.tier), "a larger amount never gets an unknown tier");
                let own = product.prices.iter().any(|p| fits(p) && p.buyer.is_some());
                prop_assert_eq!(quote.tier.buyer.is_some(), own);
                let hundred = Decimal::ONE_HUNDRED;
                prop_assert!((Decimal::ZERO..=hundred).contains(&quote.discount_percent));
                let largest = quote.discounts.iter().map(|d| d.percent).max().unwrap_or_default();
                prop_assert!(quote.discount_percent >= largest.round_dp(4).min(hundred) - Decimal::new(1, 3));
                let unit = if quote.tier.with_tax { quote.unit.gross } else { quote.unit.net };
                prop_assert!(unit.is_some_and(|unit| unit <= quote.tier.price && unit >= Decimal::ZERO));
                prop_assert!(quote.unit.net <= quote.unit.gross);
            }
            Err(Unpriced::Discount) => prop_assert!(false, "all are between 0 and 100"),
            Err(_) => prop_assert!(!product.prices.iter().any(fits)),
        }
    }

    #[test]
    fn the_order_of_the_prices_says_nothing(prices in prop::collection::vec(some_price(), 0..6), amount in decimal(0, 60)) {
        let mut turned = prices.clone();
        turned.reverse();
        let (one, other) = (product(prices), product(turned));
        let asked = Asked { amount, ..asked(None, "1") };
        prop_assert_eq!(price(&one, asked), price(&other, asked));
    }
}
