//! The registers a seeded company keeps, with the labels its users see.
//!
//! Decides keys and labels; what a document's status may be is decided where it is made.

use super::catalogue::Business;
use crate::model::Registers;
use rust_decimal::Decimal;

/// Delivery types; the last one needs no carrier.
pub(super) const DELIVERY_TYPES: [&str; 4] = ["GLS", "Pošta Slovenije", "DPD", "Osebni prevzem"];

/// How bills are paid.
pub(super) const TRANSFER: &str = "Transakcijski račun";
/// Cash.
pub(super) const CASH: &str = "Gotovina";
/// Card.
pub(super) const CARD: &str = "Plačilna kartica";
/// PayPal.
pub(super) const PAYPAL: &str = "PayPal";

const ORDER_STATUS: &[(&str, &str)] = &[
    ("draft", "Osnutek"),
    ("created", "Ustvarjen"),
    ("paused", "Zadržan"),
    ("ready_to_ship", "Pripravljen za odpremo"),
    ("shipped", "Odpremljen"),
    ("completed", "Zaključen"),
    ("canceled", "Preklican"),
    ("manually_closed", "Brisan"),
    ("duplicate", "Podvojen"),
    ("package_returned", "Vrnjen paket"),
    ("problem", "Problem"),
    ("lost", "Izgubljen"),
    ("damaged", "Poškodovan"),
    ("shipped_error", "Napaka pri odpremi"),
    ("group", "Skupinska odprema"),
];

const WAREHOUSE_STATUS: &[(&str, &str)] =
    &[("aktiven", "Aktiven"), ("delno_aktiven", "Delno aktiven"), ("finished", "Končan"), ("deleted", "Izbrisan")];

const BILL_STATUS: &[(&str, &str)] = &[
    ("draft", "Osnutek"),
    ("sent", "Poslan"),
    ("accepted", "Potrjen"),
    ("rejected", "Zavrnjen"),
    ("expired", "Potekel"),
    ("paid", "Plačan"),
    ("reminder", "Opomin"),
    ("canceled", "Storniran"),
];

/// The registers of a company in this business.
pub(super) fn registers(business: &Business) -> Registers {
    Registers {
        order_status: pairs(ORDER_STATUS),
        warehouse_status: pairs(WAREHOUSE_STATUS),
        bill_status: pairs(BILL_STATUS),
        taxes: business
            .taxes
            .iter()
            .map(|(code, thousandths, percent)| {
                let factor = Decimal::new(*thousandths, 3).normalize();
                ((*code).to_owned(), factor, (*percent).to_owned())
            })
            .collect(),
        delivery_types: texts(&DELIVERY_TYPES),
        payment_types: texts(&[TRANSFER, CASH, CARD, PAYPAL, "Kompenzacija"]),
        units: texts(&["kos", "kg", "m", "l", "ura", "komplet", "paket"]),
    }
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(key, label)| ((*key).to_owned(), (*label).to_owned())).collect()
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_owned()).collect()
}
