//! Each state at its boundaries.

use super::*;
use crate::{ErpId, Installment, Sums, Text};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn text(s: &str) -> Text {
    Text::required(s).expect("visible")
}

fn dec(s: &str) -> Decimal {
    s.parse().expect("a decimal")
}

fn document(kind: DocumentKind) -> Document {
    serde_json::from_value(serde_json::json!({
        "erp_id": "1", "kind": kind, "number": "1", "currency": "EUR", "issued": true, "sums": {},
    }))
    .expect("a document")
}

fn invoice(gross: &str, paid: &str, due: Option<Date>) -> Document {
    let sum = |s: &str| (!s.is_empty()).then(|| dec(s));
    let sums = Sums { gross: sum(gross), paid: sum(paid), ..Sums::default() };
    Document { sums, due_date: due, ..document(DocumentKind::SalesBillDomestic) }
}

fn today() -> Date {
    date(2026, 3, 10)
}

fn derived(document: &Document) -> Derived {
    derive(document, &Meanings::default(), today())
}

fn with_status(key: &str, document: Document) -> Document {
    Document { status: Status { label: None, key: Some(text(key)) }, ..document }
}

#[test]
fn what_is_paid_is_measured_against_what_there_is_to_pay() {
    for (gross, paid, state, open) in [
        ("100", "", Paid::Unpaid, "100"),
        ("100", "0", Paid::Unpaid, "100"),
        ("100", "0.01", Paid::PartlyPaid, "99.99"),
        ("100", "99.99", Paid::PartlyPaid, "0.01"),
        ("100", "100.00", Paid::Paid, "0"),
        ("100", "100.01", Paid::Overpaid, "-0.01"),
        ("100", "-5", Paid::Unpaid, "105"),
        ("", "", Paid::Paid, "0"),
        ("0", "0", Paid::Paid, "0"),
        ("0.00", "5", Paid::Overpaid, "-5"),
        ("0", "-5", Paid::Unpaid, "5"),
        ("-100", "", Paid::Unpaid, "-100"),
        ("-100", "-40", Paid::PartlyPaid, "-60"),
        ("-100", "-100", Paid::Paid, "0"),
        ("-100", "-100.5", Paid::Overpaid, "0.5"),
        ("-100", "20", Paid::Unpaid, "-120"),
    ] {
        let payment = derived(&invoice(gross, paid, None)).payment.expect("invoices are paid");
        assert_eq!((payment.state, payment.open), (state, dec(open)), "{gross} {paid}");
    }
}

#[test]
fn a_payment_state_has_the_currency_of_its_document_and_an_offer_has_none() {
    let foreign = Document { currency: "USD".parse().expect("a currency"), ..invoice("1", "1", None) };
    assert_eq!(derived(&foreign).payment.expect("there").currency.code(), "USD");
    assert_eq!(derived(&document(DocumentKind::SalesOffer)).payment, None);
    assert!(derived(&document(DocumentKind::SalesOrder)).payment.is_some());
}

#[test]
fn an_invoice_is_late_from_the_day_after_it_was_due() {
    for (due, state, days) in [
        (date(2026, 3, 11), Due::NotYet, 1),
        (date(2026, 3, 10), Due::NotYet, 0),
        (date(2026, 3, 9), Due::Overdue, 1),
        (date(2025, 3, 10), Due::Overdue, 365),
        (date(1900, 1, 1), Due::Overdue, 46_089),
        (date(2100, 1, 1), Due::NotYet, 26_960),
    ] {
        let got = derived(&invoice("100", "30", Some(due))).due.expect("an invoice");
        assert_eq!((got.state, got.days, got.due_date), (state, Some(days), Some(due)), "{due}");
        assert_eq!(got.overdue, (state == Due::Overdue).then(|| dec("70")), "{due}");
    }
}

#[test]
fn only_an_issued_open_invoice_that_counts_is_late() {
    let late = Some(date(2026, 3, 1));
    let draft = Document { issued: false, ..invoice("100", "", late) };
    for (document, state) in [
        (draft, Due::NotIssued),
        (invoice("100", "100", late), Due::Settled),
        (invoice("100", "120", late), Due::Settled),
        (invoice("", "", late), Due::Settled),
        (invoice("-100", "", late), Due::Settled),
        (with_status("canceled", invoice("100", "", late)), Due::Canceled),
        (with_status("poslan", invoice("100", "", late)), Due::Undecided),
        (with_status("poslan", invoice("100", "100", late)), Due::Settled),
        (with_status("completed", invoice("100", "", late)), Due::Overdue),
        (invoice("100", "", None), Due::NoDueDate),
        (invoice("100", "", late), Due::Overdue),
    ] {
        assert_eq!(derived(&document).due.expect("an invoice").state, state, "{document:?}");
    }
    for kind in [DocumentKind::SalesOffer, DocumentKind::SalesOrder, DocumentKind::SalesBillCreditNote] {
        let other = Document { kind, ..invoice("100", "", late) };
        assert_eq!(derived(&other).due, None, "{kind:?}");
    }
}

#[test]
fn a_status_decides_once_somebody_mapped_it() {
    let bill = with_status("storno", invoice("100", "", Some(date(2026, 3, 1))));
    let chosen = BTreeMap::from([(text("storno"), Meaning::Canceled)]);
    let meanings = Meanings { version: 1, chosen: [(DocumentKind::SalesBillDomestic, chosen)].into() };
    let before = derived(&bill);
    assert_eq!(before.status.expect("a status").mapping, Mapping::Unknown);
    assert_eq!(before.due.expect("an invoice").state, Due::Undecided);
    let after = derive(&bill, &meanings, today());
    assert_eq!(after.status.expect("a status").meaning, Some(Meaning::Canceled));
    assert_eq!(after.due.expect("an invoice").state, Due::Canceled);
}

#[test]
fn what_is_paid_covers_the_oldest_installments_first() {
    let part = |due, amount: &str| Installment { due, amount: dec(amount) };
    let parts = vec![part(date(2026, 4, 1), "40"), part(date(2026, 2, 1), "30"), part(date(2026, 3, 1), "30")];
    for (paid, state, due, days, overdue) in [
        ("", Due::Overdue, date(2026, 2, 1), 37, Some("60")),
        ("10", Due::Overdue, date(2026, 2, 1), 37, Some("50")),
        ("30", Due::Overdue, date(2026, 3, 1), 9, Some("30")),
        ("60", Due::NotYet, date(2026, 4, 1), 22, None),
        ("99.5", Due::NotYet, date(2026, 4, 1), 22, None),
    ] {
        let bill = Document { installments: parts.clone(), ..invoice("100", paid, Some(date(2026, 1, 1))) };
        let got = derived(&bill).due.expect("an invoice");
        assert_eq!((got.state, got.due_date, got.days), (state, Some(due), Some(days)), "{paid}");
        assert_eq!(got.overdue, overdue.map(dec), "{paid}");
    }
    let rest =
        Document { installments: vec![part(date(2026, 4, 1), "40")], ..invoice("100", "", Some(date(2026, 3, 1))) };
    let got = derived(&rest).due.expect("an invoice");
    assert_eq!((got.due_date, got.overdue), (Some(date(2026, 3, 1)), Some(dec("60"))), "the rest has the own day");
}

#[test]
fn an_offer_is_good_through_its_last_day() {
    for (valid_to, state, days) in [
        (date(2026, 3, 10), Validity::Valid, 0),
        (date(2026, 3, 11), Validity::Valid, 1),
        (date(2026, 3, 9), Validity::Expired, 1),
        (date(1900, 3, 10), Validity::Expired, 46_021),
        (date(2100, 3, 10), Validity::Valid, 27_028),
    ] {
        let offer = Document { valid_to: Some(valid_to), ..document(DocumentKind::SalesOffer) };
        let got = derived(&offer).validity.expect("an offer with a last day");
        assert_eq!((got.state, got.days, got.valid_to), (state, days, valid_to));
    }
    assert_eq!(derived(&document(DocumentKind::SalesOffer)).validity, None);
    let order = Document { valid_to: Some(today()), ..document(DocumentKind::SalesOrder) };
    assert_eq!(derived(&order).validity, None);
}

fn event(day: i8, text_of: &str) -> DeliveryEvent {
    DeliveryEvent { date: date(2026, 3, day), at: None, code: None, text: Some(text(text_of)), place: None }
}

#[test]
fn the_carriers_words_say_where_the_goods_are() {
    for (words, state) in [
        ("Dodana koda za sledenje: 5853626", Delivery::Announced),
        ("Data sent", Delivery::Announced),
        ("APL - registration", Delivery::Announced),
        ("Shipping registered in our systems but not yet shipped", Delivery::Announced),
        ("Podatki poslani prevozniku", Delivery::Announced),
        ("In transit", Delivery::OnItsWay),
        ("GLS - pošiljka sprejeta v dostavo", Delivery::OnItsWay),
        ("Pošiljka ni bila dostavljena", Delivery::OnItsWay),
        ("Parcel will be delivered today", Delivery::OnItsWay),
        ("Undelivered", Delivery::OnItsWay),
        ("Pošiljka dostavljena", Delivery::Delivered),
        ("DELIVERED - signed by A. Kos", Delivery::Delivered),
        ("VROČENO naslovniku", Delivery::Delivered),
        ("Pošiljka vrnjena pošiljatelju", Delivery::Returned),
        ("Returned to sender", Delivery::Returned),
        ("Could not be returned", Delivery::OnItsWay),
    ] {
        assert_eq!(says(&event(1, words)), state, "{words}");
    }
}

#[test]
fn where_a_shipment_ended_is_what_was_said_last() {
    let order = |events: Vec<DeliveryEvent>| Document { delivery_events: events, ..document(DocumentKind::SalesOrder) };
    let state = |events| derived(&order(events)).delivery.map(|d| (d.state, d.event.is_some(), d.by_status));
    assert_eq!(state(vec![]), None);
    let announced = || event(1, "Data sent");
    let transit = || event(1, "In transit");
    assert_eq!(state(vec![announced()]), Some((Delivery::Announced, true, false)));
    assert_eq!(state(vec![transit(), announced()]), Some((Delivery::OnItsWay, true, false)), "of one day, any order");
    let all = vec![announced(), transit(), event(3, "Delivered"), event(4, "Proof stored")];
    assert_eq!(state(all.clone()), Some((Delivery::Delivered, true, false)));
    let back = [all, vec![event(9, "Returned to sender")]].concat();
    assert_eq!(state(back.clone()), Some((Delivery::Returned, true, false)));
    let got = derived(&order(back)).delivery.expect("there").event.expect("there");
    assert_eq!(got.date, date(2026, 3, 9));
}

#[test]
fn without_events_the_number_and_the_status_say_what_they_can() {
    let tracking = Tracking { number: Some(text("GLS1")), url: None };
    let numbered = Document { tracking, ..document(DocumentKind::SalesOrder) };
    let state = |document: Document| derived(&document).delivery.map(|d| (d.state, d.by_status));
    assert_eq!(state(numbered.clone()), Some((Delivery::Announced, false)));
    assert_eq!(state(with_status("shipped", numbered.clone())), Some((Delivery::OnItsWay, true)));
    assert_eq!(state(with_status("odposlano", numbered)), Some((Delivery::Announced, false)), "an unmapped status");
    assert_eq!(state(with_status("shipped", document(DocumentKind::SalesOrder))), Some((Delivery::OnItsWay, true)));
    assert_eq!(state(with_status("created", document(DocumentKind::SalesOrder))), None);
    assert_eq!(state(with_status("shipped", document(DocumentKind::SalesBillDomestic))), None);
    let there = Document { delivery_events: vec![event(2, "Delivered")], ..document(DocumentKind::SalesOrder) };
    assert_eq!(state(with_status("shipped", there)), Some((Delivery::Delivered, false)), "the carrier knows better");
}

#[test]
fn the_states_are_told_with_the_facts_they_come_from() {
    let bill = invoice("100", "30", Some(date(2026, 3, 1)));
    let json = serde_json::to_value(derived(&Document { erp_id: ErpId::new(5), ..bill })).expect("JSON");
    assert_eq!(
        json,
        serde_json::json!({
            "day": "2026-03-10",
            "payment": { "state": "partly_paid", "gross": "100", "paid": "30", "open": "70", "currency": "EUR" },
            "due": { "state": "overdue", "due_date": "2026-03-01", "days": 9, "overdue": "70" },
        })
    );
}

proptest! {
    #[test]
    fn no_document_makes_it_crash_and_what_is_late_is_never_more_than_what_is_open(
        gross in any::<i64>(), paid in any::<i64>(), scale in 0_u32..4, due in -9_000_i16..9_000,
        parts in proptest::collection::vec((1_900_i16..2_101, any::<i64>()), 0..5),
    ) {
        let sums = Sums { gross: Some(Decimal::new(gross, scale)), paid: Some(Decimal::new(paid, scale)), ..Sums::default() };
        let installments =
            parts.into_iter().map(|(y, n)| Installment { due: date(y, 1, 1), amount: Decimal::new(n, scale) }).collect();
        let bill = Document { sums, installments, ..invoice("", "", Some(date(due, 1, 1))) };
        let got = derived(&bill);
        let (payment, due) = (got.payment.expect("there"), got.due.expect("there"));
        prop_assert_eq!(payment.open <= Decimal::ZERO, due.state == Due::Settled);
        prop_assert!(due.days.is_none_or(|days| days >= 0));
        if bill.installments.is_empty() {
            prop_assert!(due.overdue.is_none_or(|late| late == payment.open));
        }
    }
}
