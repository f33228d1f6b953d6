//! The three warehouses and what lies in them.
//!
//! Decides amounts, micro-locations and lots. Products that never moved have no row, and
//! services have none.

use super::catalogue::Kind;
use super::dice::Dice;
use super::numbering::Ids;
use super::products::Planned;
use crate::model::{Id, StockRow, Warehouse};
use rust_decimal::Decimal;

/// The warehouses of a company, the main one first.
pub(super) fn warehouses(ids: &mut Ids) -> Vec<Warehouse> {
    let places = [
        ("LJ", "Centralno skladišče Ljubljana", "Letališka cesta 32", "1000", "Ljubljana"),
        ("MB", "Skladišče Maribor", "Tržaška cesta 65", "2000", "Maribor"),
        ("KP", "Skladišče Koper", "Ferrarska ulica 14", "6000", "Koper"),
    ];
    places
        .into_iter()
        .map(|(mark, name, street, post, place)| Warehouse {
            mk_id: ids.take(),
            mark: mark.to_owned(),
            name: name.to_owned(),
            street: street.to_owned(),
            post: post.to_owned(),
            place: place.to_owned(),
            main: mark == "LJ",
            active: true,
        })
        .collect()
}

/// The stock of all products, by product and warehouse.
pub(super) fn rows(products: &[Planned], warehouses: &[Warehouse], dice: &mut Dice) -> Vec<StockRow> {
    let mut rows = Vec::new();
    for planned in products.iter().filter(|planned| planned.moved && planned.kind != Kind::Service) {
        // Each warehouse keeps less than the one before it.
        for (warehouse, percent) in warehouses.iter().zip([100, 58, 40]) {
            if dice.percent(percent) {
                fill(&mut rows, planned, warehouse.mk_id, dice);
            }
        }
    }
    rows
}

fn fill(rows: &mut Vec<StockRow>, planned: &Planned, warehouse: Id, dice: &mut Dice) {
    let by_lot = matches!(planned.kind, Kind::Food | Kind::GoodsByLot) && dice.percent(85);
    let places = if by_lot || dice.percent(20) { dice.days(1, 3) } else { 1 };
    for nth in 0..places {
        let located = places > 1 || dice.percent(35);
        rows.push(StockRow {
            warehouse,
            product: planned.product.mk_id,
            microlocation: located.then(|| location(nth, dice)),
            lot_number: by_lot.then(|| lot(nth, dice)),
            amount: amount(planned, dice),
        });
    }
}

/// Aisle, rack and level; the places of one product differ by the level.
fn location(nth: usize, dice: &mut Dice) -> String {
    let aisle = dice.pick(&["A", "B", "C", "D", "E", "R"]);
    format!("{aisle}-{:02}-{}", dice.between(1, 24), nth + 1)
}

fn lot(nth: usize, dice: &mut Dice) -> String {
    format!("L{:02}{:03}{}", dice.between(25, 26), dice.between(1, 365), [b'A', b'B', b'C'][nth % 3] as char)
}

fn amount(planned: &Planned, dice: &mut Dice) -> Decimal {
    let usual = match planned.pricing.cents() {
        0..300 => 900,
        300..2_000 => 160,
        2_000..10_000 => 40,
        _ => 9,
    };
    let whole = dice.between(0, usual).min(dice.between(0, usual * 3));
    match dice.below(100) {
        // Sold before it was booked in.
        0..2 => Decimal::from(-dice.between(1, 12)),
        2..6 => Decimal::ZERO,
        _ if matches!(planned.product.unit.as_str(), "kg" | "m" | "l") => {
            Decimal::new(whole * 1_000 + dice.between(0, 39) * 25, 3).normalize()
        }
        _ => Decimal::from(whole),
    }
}
