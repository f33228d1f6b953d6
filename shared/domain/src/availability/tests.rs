//! Tables of what stands how, and what more stock or a larger amount may never do.

use super::*;
use crate::value::parse_decimal;
use crate::{StockLevel, Text};
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

fn product(least: Option<&str>) -> Product {
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
        min_stock: least.map(number),
        categories: vec![],
        prices: vec![],
        translations: BTreeMap::new(),
        extra: BTreeMap::new(),
        customs_code: None,
        origin: None,
    }
}

fn level(warehouse: u64, on_hand: &str, reserved: &str) -> StockLevel {
    let (on_hand, reserved) = (number(on_hand), number(reserved));
    StockLevel { warehouse: ErpId::new(warehouse), on_hand, reserved: Some(reserved), free: on_hand - reserved }
}

fn coming(amount: &str, date: Option<Date>, warehouse: Option<u64>) -> Incoming {
    Incoming { warehouse: warehouse.map(ErpId::new), date, amount: number(amount) }
}

fn stock(levels: Vec<StockLevel>, incoming: Vec<Incoming>) -> Stock {
    Stock { erp_id: ErpId::new(1), code: None, name: None, unit: None, levels, incoming }
}

fn of(product: &Product, stock: Option<&Stock>) -> Outlook {
    outlook(Known { product: Some(product), gone: false, stock, is_read: true }, TODAY)
}

/// What has one level with this much free, and this much coming tomorrow.
fn simple(free: &str, least: Option<&str>, comes: &str) -> Position {
    let comes = coming(comes, Some(date(2026, 11, 25)), Some(5));
    of(&product(least), Some(&stock(vec![level(5, free, "0")], vec![comes]))).total
}

#[test]
fn how_a_product_stands() {
    use Availability::{In, Incoming, Low, Out};
    for (free, least, comes, expected) in [
        ("10", None, "0", In),
        ("0.001", None, "0", In),
        ("10", Some("10"), "0", In),
        ("9.999", Some("10"), "0", Low),
        ("9.999", Some("10"), "500", Low),
        ("1", Some("0"), "0", In),
        ("1", Some("-5"), "0", In),
        ("0", None, "0", Out),
        ("0", Some("10"), "0", Out),
        ("-41", None, "0", Out),
        ("0", None, "0.5", Incoming),
        ("-41", Some("10"), "5", Incoming),
        // What is taken back from an order is nothing that comes.
        ("0", None, "-5", Out),
        ("79228162514264337593543950335", Some("10"), "79228162514264337593543950335", In),
        ("-79228162514264337593543950335", None, "0", Out),
    ] {
        assert_eq!(simple(free, least, comes).availability, expected, "{free} {least:?} {comes}");
    }
}

#[test]
fn services_retired_products_and_those_without_stock() {
    let there = stock(vec![level(5, "7", "0")], vec![]);
    let service = Product { service: true, ..product(None) };
    let retired = Product { active: false, ..product(None) };
    let both = Product { active: false, ..service.clone() };
    let plain = product(Some("1"));
    for (product, gone, stock, is_read, expected) in [
        (Some(&service), false, None, false, Availability::NotStocked),
        (Some(&service), false, Some(&there), true, Availability::NotStocked),
        (Some(&retired), false, Some(&there), true, Availability::Retired),
        (Some(&both), false, None, true, Availability::Retired),
        (Some(&plain), true, Some(&there), true, Availability::Retired),
        (Some(&plain), false, None, true, Availability::Out),
        (Some(&plain), false, None, false, Availability::Unknown),
        (Some(&plain), false, Some(&there), false, Availability::In),
        (None, false, Some(&there), true, Availability::In),
    ] {
        let seen = outlook(Known { product, gone, stock, is_read }, TODAY).total;
        assert_eq!(seen.availability, expected);
        let lies = stock.map_or(Decimal::ZERO, |s| s.levels[0].free);
        assert_eq!(seen.free, lies, "what lies there is shown all the same");
    }
}

#[test]
fn what_one_warehouse_lacks_is_owed_by_the_others() {
    use Availability::{In, Incoming};
    let three = stock(
        vec![level(5, "-41", "54"), level(6, "873.75", "6"), level(7, "1", "0")],
        vec![coming("17", Some(date(2026, 12, 1)), Some(5)), coming("3", None, Some(8)), coming("9", None, None)],
    );
    let seen = of(&product(Some("1000")), Some(&three));
    let total = &seen.total;
    assert_eq!((total.on_hand, total.reserved, total.free), (number("833.75"), Some(number("60")), number("773.75")));
    assert_eq!((total.availability, total.incoming.len()), (Availability::Low, 3));
    let states: Vec<_> = seen.warehouses.iter().map(|(id, p)| (id.get(), p.availability)).collect();
    assert_eq!(states, [(5, Incoming), (6, In), (7, In), (8, Incoming)], "only the whole is low");
    assert_eq!(seen.warehouses[&ErpId::new(8)].reserved, None);
    let short = stock(vec![level(5, "-10", "0"), level(6, "4", "0")], vec![]);
    let seen = of(&product(None), Some(&short));
    assert_eq!((seen.total.availability, seen.total.free), (Availability::Out, number("-6")));
    assert_eq!(seen.warehouses[&ErpId::new(6)].availability, In);
}

#[test]
fn the_next_that_comes_is_the_first_that_is_not_late() {
    let (late, soon, then) = (date(1900, 1, 1), date(2026, 11, 24), date(2100, 12, 31));
    for (dates, next) in [
        (vec![None, Some(then), Some(late), Some(soon)], Some(Some(soon))),
        (vec![Some(late), Some(then)], Some(Some(then))),
        (vec![None, Some(late)], Some(Some(late))),
        (vec![None], Some(None)),
        (vec![], None),
    ] {
        let incoming = dates.iter().map(|date| coming("1", *date, None)).collect();
        let seen = of(&product(None), Some(&stock(vec![], incoming))).total;
        assert_eq!(seen.next_incoming.as_ref().map(|c| c.date), next, "{dates:?}");
        let order: Vec<_> = seen.incoming.iter().map(|c| c.date).collect();
        assert!(order.is_sorted_by_key(|d| (d.is_none(), *d)), "{order:?}");
    }
}

#[test]
fn when_an_amount_can_be_had() {
    let day = |d| date(2026, 12, d);
    let incoming = vec![
        coming("2", Some(date(2026, 11, 1)), Some(5)),
        coming("10", Some(day(1)), Some(5)),
        coming("10", Some(day(8)), Some(6)),
        coming("5", None, None),
    ];
    let seen = of(&product(None), Some(&stock(vec![level(5, "7", "0"), level(6, "-3", "0")], incoming)));
    for (amount, expected) in [
        ("-1", Enough::Now),
        ("0", Enough::Now),
        ("4", Enough::Now),
        ("4.001", Enough::By(day(1))),
        ("14", Enough::By(day(1))),
        ("14.5", Enough::By(day(8))),
        ("24", Enough::By(day(8))),
        // What is late and what has no day come some time.
        ("24.001", Enough::Undated),
        ("31", Enough::Undated),
        ("31.001", Enough::No),
        ("79228162514264337593543950335", Enough::No),
    ] {
        assert_eq!(seen.total.enough(number(amount), TODAY), expected, "{amount}");
    }
    let sixth = &seen.warehouses[&ErpId::new(6)];
    assert_eq!(sixth.enough(number("7"), TODAY), Enough::By(day(8)), "the hole is filled first");
    assert_eq!(sixth.enough(number("7.1"), TODAY), Enough::No);
}

#[test]
fn an_amount_of_what_has_no_stock() {
    let one = Decimal::ONE;
    let service = Product { service: true, ..product(None) };
    let retired = Product { active: false, ..product(None) };
    let there = stock(vec![level(5, "7", "0")], vec![]);
    assert_eq!(of(&service, None).total.enough(Decimal::MAX, TODAY), Enough::Now);
    assert_eq!(of(&retired, Some(&there)).total.enough(one, TODAY), Enough::No);
    assert_eq!(of(&product(None), None).total.enough(one, TODAY), Enough::No);
    let unread = outlook(Known { product: Some(&service), gone: false, stock: None, is_read: false }, TODAY);
    assert_eq!(unread.total.enough(one, TODAY), Enough::Now);
    let unread = outlook(Known { product: None, gone: false, stock: None, is_read: false }, TODAY);
    assert_eq!(unread.total.enough(one, TODAY), Enough::Unknown);
}

fn amount() -> impl Strategy<Value = Decimal> {
    (-500_i64..500, 0_u32..3).prop_map(|(n, scale)| Decimal::new(n, scale))
}

fn some_incoming() -> impl Strategy<Value = Vec<Incoming>> {
    let day = prop::option::of((1_i8..29).prop_map(|d| date(2026, 11, d)));
    let one = (prop::option::of(4_u64..7), day, amount()).prop_map(|(w, date, amount)| Incoming {
        warehouse: w.map(ErpId::new),
        date,
        amount,
    });
    prop::collection::vec(one, 0..5)
}

/// How late an answer is.
fn rank(enough: Enough) -> (u8, Option<Date>) {
    match enough {
        Enough::Now => (0, None),
        Enough::By(day) => (1, Some(day)),
        Enough::Undated => (2, None),
        Enough::No | Enough::Unknown => (3, None),
    }
}

proptest! {
    #[test]
    fn more_that_is_free_never_makes_it_worse(
        free in prop::collection::vec(amount(), 1..4), more in amount(), least in prop::option::of(amount()),
        incoming in some_incoming(), wanted in amount(),
    ) {
        let product = Product { min_stock: least, ..product(None) };
        let with = |more: Decimal| {
            let levels = free.iter().zip(5..).map(|(n, warehouse)| {
                let free = if warehouse == 5 { n + more } else { *n };
                StockLevel { warehouse: ErpId::new(warehouse), on_hand: free, reserved: None, free }
            });
            of(&product, Some(&stock(levels.collect(), incoming.clone())))
        };
        let (before, after) = (with(Decimal::ZERO), with(more.abs()));
        prop_assert!(after.total.availability >= before.total.availability);
        prop_assert!(rank(after.total.enough(wanted, TODAY)) <= rank(before.total.enough(wanted, TODAY)));
        for (id, position) in &before.warehouses {
            prop_assert!(after.warehouses[id].availability >= position.availability);
        }
    }

    #[test]
    fn a_larger_amount_is_never_had_earlier(free in amount(), incoming in some_incoming(), a in amount(), b in amount()) {
        let level = StockLevel { warehouse: ErpId::new(5), on_hand: free, reserved: None, free };
        let seen = of(&product(None), Some(&stock(vec![level], incoming))).total;
        let (small, large) = (a.min(b), a.max(b));
        prop_assert!(rank(seen.enough(small, TODAY)) <= rank(seen.enough(large, TODAY)));
    }
}
