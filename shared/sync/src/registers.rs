//! What records teach about the ERP's registers.
//!
//! Decides what of a record is an entry of a register. A set only grows: what
//! was met once stays, so it does not matter in which order, or how often,
//! records are read. Must not guess an entry that no record has.

use std::collections::BTreeSet;

use domain::registers::MOST_ENTRIES;
use domain::{Document, Record, Registers, Text};

/// Adds what a record teaches; says whether anything of it is new.
pub fn learn(registers: &mut Registers, record: &Record) -> bool {
    match record {
        Record::Product(product) => {
            let mut new = meet(&mut registers.units, Some(&product.unit));
            for price in &product.prices {
                new |= meet_tax(registers, price.tax.as_ref());
            }
            new
        }
        Record::Document(document) => learn_document(registers, document),
        Record::Contact(_) | Record::Stock(_) => false,
    }
}

fn learn_document(registers: &mut Registers, document: &Document) -> bool {
    let mut new = learn_status(registers, document);
    new |= meet(&mut registers.delivery_types, document.delivery_type.as_ref());
    new |= meet(&mut registers.payment_methods, document.payment_method.as_ref());
    for payment in &document.payments {
        new |= meet(&mut registers.payment_types, payment.kind.as_ref());
    }
    for line in &document.lines {
        new |= meet(&mut registers.units, line.unit.as_ref());
        new |= meet_tax(registers, line.tax.as_ref());
        let rate = line.tax.as_ref().and_then(|code| document.sums.rates.get(&code.as_str().to_lowercase()));
        let known = line.tax.as_ref().and_then(|code| registers.taxes.get_mut(code));
        if let Some((rates, rate)) = known.zip(rate) {
            new |= rates.len() < MOST_ENTRIES && rates.insert(*rate);
        }
    }
    new
}

fn learn_status(registers: &mut Registers, document: &Document) -> bool {
    let Some(name) = document.status.name() else { return false };
    let names = registers.statuses.entry(document.kind).or_default();
    if !names.contains_key(name) && names.len() >= MOST_ENTRIES {
        return false;
    }
    let is_new = !names.contains_key(name);
    let labels = names.entry(name.clone()).or_default();
    meet(labels, document.status.label.as_ref()) || is_new
}

fn meet_tax(registers: &mut Registers, code: Option<&Text>) -> bool {
    match code {
        Some(code) if !registers.taxes.contains_key(code) && registers.taxes.len() < MOST_ENTRIES => {
            registers.taxes.insert(code.clone(), BTreeSet::new());
            true
        }
        _ => false,
    }
}

fn meet(register: &mut BTreeSet<Text>, entry: Option<&Text>) -> bool {
    match entry {
        Some(entry) if !register.contains(entry) && register.len() < MOST_ENTRIES => register.insert(entry.clone()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::DocumentKind;
    use proptest::prelude::*;
    use serde_json::json;

    fn order(number: u64, status: Option<(&str, &str)>, unit: &str, tax: &str, rate: &str) -> Record {
        let mut value = json!({
            "type": "document", "erp_id": number.to_string(), "kind": "sales_order", "number": "1", "currency": "EUR",
            "issued": false, "delivery_type": "GLS", "payment_method": "Predračun",
            "lines": [{ "amount": "1", "unit": unit, "tax": tax }],
            "payments": [{ "kind": "Gotovina" }],
            "sums": { "rates": { (tax.to_lowercase()): rate } },
        });
        if let Some((key, label)) = status {
            value["status"] = json!({ "key": key, "label": label });
        }
        serde_json::from_value(value).expect("an order")
    }

    fn texts(all: &BTreeSet<Text>) -> Vec<&str> {
        all.iter().map(Text::as_str).collect()
    }

    #[test]
    fn a_document_teaches_every_register_once() {
        let mut registers = Registers::default();
        let first = order(1, Some(("shipped", "Odpremljen")), "kos", "EX4", "0.22");
        assert!(learn(&mut registers, &first));
        assert!(!learn(&mut registers, &first), "nothing new");
        assert!(!learn(&mut registers, &order(2, Some(("shipped", "Odpremljen")), "kos", "EX4", "0.22")));
        let of_orders = &registers.statuses[&DocumentKind::SalesOrder];
        let labels: Vec<_> = of_orders.iter().map(|(key, labels)| (key.as_str(), texts(labels))).collect();
        assert_eq!(labels, [("shipped", vec!["Odpremljen"])]);
        assert_eq!(texts(&registers.units), ["kos"]);
        assert_eq!(texts(&registers.delivery_types), ["GLS"]);
        assert_eq!(texts(&registers.payment_types), ["Gotovina"]);
        assert_eq!(texts(&registers.payment_methods), ["Predračun"]);
        let taxes: Vec<_> = registers.taxes.iter().map(|(code, rates)| (code.as_str(), rates.len())).collect();
        assert_eq!(taxes, [("EX4", 1)]);
        assert!(learn(&mut registers, &order(3, Some(("shipped", "Poslano")), "kos", "EX4", "0.25")));
        assert_eq!(registers.taxes.values().next().expect("a code").len(), 2, "a code may have had two rates");
    }

    #[test]
    fn a_product_teaches_its_unit_and_the_tax_codes_of_its_prices() {
        let product: Record = serde_json::from_value(json!({
            "type": "product", "erp_id": "1", "code": "V", "name": "Vijak", "unit": "kg", "service": false,
            "sales": true, "purchasing": true, "active": true, "webshop": false,
            "prices": [{ "list": "MP", "sales": true, "currency": "EUR", "price": "1", "with_tax": false, "tax": "095" }],
        }))
        .expect("a product");
        let mut registers = Registers::default();
        assert!(learn(&mut registers, &product));
        assert!(!learn(&mut registers, &product));
        assert_eq!(texts(&registers.units), ["kg"]);
        assert!(registers.taxes.values().all(BTreeSet::is_empty), "a price does not say the rate");
    }

    #[test]
    fn what_grows_without_end_is_no_register() {
        let mut registers = Registers::default();
        for n in 0..=MOST_ENTRIES as u64 {
            learn(&mut registers, &order(n, Some((&n.to_string(), "x")), &n.to_string(), &n.to_string(), "0"));
        }
        assert_eq!(registers.units.len(), MOST_ENTRIES);
        assert_eq!(registers.taxes.len(), MOST_ENTRIES);
        assert_eq!(registers.statuses[&DocumentKind::SalesOrder].len(), MOST_ENTRIES);
        assert!(!learn(&mut registers, &order(1, Some(("one more", "x")), "one more", "one more", "0")));
    }

    proptest! {
        #[test]
        fn neither_order_nor_repetition_matters(orders in proptest::collection::vec((0..4_u8, 0..3_u8, 0..3_u8), 0..12)) {
            let all: Vec<Record> = orders
                .iter()
                .map(|(s, u, t)| order(1, (*s > 0).then_some((["a", "b", "c", "d"][usize::from(*s)], "A")), ["kos", "m", "l"][usize::from(*u)],
                    ["EX1", "EX2", "EX3"][usize::from(*t)], "0.22"))
                .collect();
            let fold = |records: &mut dyn Iterator<Item = &Record>| {
                let mut registers = Registers::default();
                for record in records {
                    let before = registers.clone();
                    let new = learn(&mut registers, record);
                    assert_eq!(new, before != registers, "it says whether something is new");
                }
                registers
            };
            let once = fold(&mut all.iter());
            prop_assert_eq!(&fold(&mut all.iter().rev()), &once);
            prop_assert_eq!(&fold(&mut all.iter().chain(&all)), &once);
        }
    }
}
