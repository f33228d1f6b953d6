//! Records for the examples: one of each type with every field, and one with the fewest. No value
//! is written with `..`, so a field that is new in the domain stops the build here.

use domain::{
    Address, AddressKind, Contact, Country, Currency, DeliveryEvent, Document, DocumentKind, DocumentLink, ErpId,
    Incoming, Input, Installment, Line, Making, Object, PartyRef, Payment, Person, Price, Product, Record, RecordId,
    Status, Stock, StockLevel, Sums, TenantId, Text, Tracking, contact::CategoryDiscount,
};
use jiff::{Timestamp, civil::date};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

use crate::{contract, offering_view, view::RecordView};

/// A record as it would be stored.
pub(super) struct Sample {
    pub(super) record: Record,
    missing_since: Option<Timestamp>,
}

impl Sample {
    fn new(record: Record) -> Self {
        Self { record, missing_since: None }
    }

    /// As the API shows it.
    pub(super) fn view(&self) -> RecordView<'_> {
        let tenant: TenantId = "t_00000000000000000001".parse().expect("a tenant id");
        let id = RecordId::for_erp(&tenant, self.record.object(), self.record.erp_id());
        RecordView::new(id, 3, now(), self.missing_since, &self.record)
    }

    /// A record of stock, as the API shows it with how its product stands.
    pub(super) fn stock(&self, product: Option<&Self>) -> contract::Stock {
        offering_view::stock(self.shown(), product.map(Self::shown), date(2026, 11, 24))
    }

    fn shown(&self) -> offering_view::Shown<'_> {
        let tenant: TenantId = "t_00000000000000000001".parse().expect("a tenant id");
        let id = RecordId::for_erp(&tenant, self.record.object(), self.record.erp_id());
        let missing_since = self.missing_since;
        offering_view::Shown { id, version: 3, updated_at: now(), missing_since, record: &self.record }
    }
}

pub(super) fn now() -> Timestamp {
    "2026-11-24T08:15:00Z".parse().expect("a time")
}

fn text(s: &str) -> Text {
    s.parse().expect("a text")
}

/// A text that a record may do without.
#[expect(clippy::unnecessary_wraps, reason = "the records have it optional")]
fn some(s: &str) -> Option<Text> {
    Some(text(s))
}

fn id(n: u64) -> ErpId {
    ErpId::new(400_000_000_000 + n)
}

fn number(s: &str) -> Decimal {
    s.parse().expect("a number")
}

pub(super) fn contact() -> Sample {
    Sample::new(Record::Contact(Box::new(Contact {
        erp_id: id(1),
        number: some("PP-1"),
        name: text("Kavarna Pri Vodnjaku d.o.o."),
        company: true,
        taxpayer: Some(true),
        foreign: false,
        tax_number: domain::TaxNumber::new("SI51510847").expect("short"),
        registration_number: some("6051510000"),
        buyer: true,
        supplier: false,
        addresses: vec![
            Address {
                erp_id: Some(id(2)),
                kind: AddressKind::Billing,
                street: some("Stari trg 4"),
                post_code: some("1000"),
                city: some("Ljubljana"),
                province: some("Osrednjeslovenska"),
                country: Some(Country::SI),
                payment_due_days: Some(30),
                language: some("slovenski"),
                currency: Some(Currency::EUR),
            },
            Address {
                erp_id: None,
                kind: AddressKind::Other(text("Skladišče")),
                street: None,
                post_code: None,
                city: None,
                province: None,
                country: None,
                payment_due_days: None,
                language: None,
                currency: None,
            },
        ],
        persons: vec![Person {
            erp_id: Some(id(3)),
            address: Some(id(2)),
            name: some("Žiga Novak"),
            email: domain::Email::parse("ziga.novak@example.com").ok(),
            mobile: domain::Phone::new("031 123 456", None).expect("short"),
            phone: domain::Phone::new("01 234 56 78", None).expect("short"),
            fax: domain::Phone::new("01 234 56 79", None).expect("short"),
        }],
        discounts: vec![CategoryDiscount {
            categories: vec![text("Kava"), text("Zrnje")],
            percent: number("5"),
            overrides: false,
        }],
    })))
}

pub(super) fn bare_contact() -> Sample {
    Sample::new(Record::Contact(Box::new(Contact {
        erp_id: id(1),
        number: None,
        name: text("Ana"),
        company: false,
        taxpayer: None,
        foreign: false,
        tax_number: None,
        registration_number: None,
        buyer: true,
        supplier: false,
        addresses: vec![],
        persons: vec![Person {
            erp_id: None,
            address: None,
            name: None,
            email: None,
            mobile: None,
            phone: None,
            fax: None,
        }],
        discounts: vec![],
    })))
}

pub(super) fn product() -> Sample {
    Sample::new(Record::Product(Box::new(Product {
        erp_id: id(10),
        number: some("1-MK-1"),
        code: text("KAVA-ETI-1000"),
        name: text("Kava v zrnju Etiopija 1 kg"),
        description: some("Pražena v Ljubljani."),
        unit: text("kos"),
        barcode: some("3830000000017"),
        service: false,
        sales: true,
        purchasing: true,
        active: true,
        webshop: true,
        weight: Some(number("1.05")),
        min_stock: Some(number("24")),
        categories: vec![text("Kava"), text("Zrnje")],
        prices: vec![Price {
            list: text("MP"),
            list_title: some("Maloprodajni cenik"),
            buyer: some("Kavarna Pri Vodnjaku d.o.o."),
            sales: true,
            currency: Currency::EUR,
            amount_from: Some(number("1")),
            amount_to: Some(number("10")),
            valid_from: Some(date(2026, 1, 1)),
            valid_to: Some(date(2026, 12, 31)),
            price: number("18.5"),
            with_tax: false,
            discount: Some(number("10")),
            tax: some("EX4"),
            tax_percent: Some(number("9.5")),
        }],
        translations: BTreeMap::from([("en".to_owned(), text("Coffee beans Ethiopia 1 kg"))]),
        extra: BTreeMap::from([("praženje".to_owned(), text("srednje"))]),
        customs_code: some("09012100"),
        origin: Some(Country::SI),
    })))
}

pub(super) fn bare_product() -> Sample {
    let Record::Product(mut product) = product().record else { unreachable!("a product") };
    product.number = None;
    product.description = None;
    product.barcode = None;
    product.weight = None;
    product.min_stock = None;
    product.categories.clear();
    product.translations.clear();
    product.extra.clear();
    product.customs_code = None;
    product.origin = None;
    for price in &mut product.prices {
        (price.amount_from, price.amount_to, price.valid_from, price.valid_to) = (None, None, None, None);
        (price.discount, price.tax, price.tax_percent) = (None, None, None);
        (price.list_title, price.buyer) = (None, None);
    }
    Sample { record: Record::Product(product), missing_since: Some(now()) }
}

pub(super) fn stock() -> Sample {
    let level =
        StockLevel { warehouse: id(16), on_hand: number("42"), reserved: Some(number("4.5")), free: number("37.5") };
    Sample::new(Record::Stock(Box::new(Stock {
        erp_id: id(10),
        code: some("KAVA-ETI-1000"),
        name: some("Kava v zrnju Etiopija 1 kg"),
        unit: some("kos"),
        levels: vec![level],
        incoming: vec![
            Incoming { warehouse: Some(id(17)), date: Some(date(2026, 12, 4)), amount: number("60") },
            Incoming { warehouse: None, date: None, amount: number("12") },
        ],
    })))
}

pub(super) fn bare_stock() -> Sample {
    let level = StockLevel { warehouse: id(16), on_hand: number("-2"), reserved: None, free: number("-2") };
    Sample::new(Record::Stock(Box::new(Stock {
        erp_id: id(10),
        code: None,
        name: None,
        unit: None,
        levels: vec![level],
        incoming: vec![],
    })))
}

/// What only the lines of work orders have.
fn making() -> Making {
    let input = |row: u64, product: u64, code: &str, unit: &str, planned: &str, done: Option<&str>, cost: &str| Input {
        erp_id: Some(id(row)),
        product: Some(id(product)),
        code: some(code),
        name: some(code),
        unit: some(unit),
        planned: Some(number(planned)),
        done: done.map(number),
        cost: Some(number(cost)),
    };
    Making {
        done: Some(number("4")),
        materials: vec![input(22, 11, "VRECA-1000", "kos", "6", Some("4"), "0.35")],
        work: vec![input(23, 12, "PRAZENJE", "ura", "1.5", None, "24")],
    }
}

pub(super) fn document() -> Sample {
    Sample::new(Record::Document(Box::new(Document {
        erp_id: id(20),
        kind: DocumentKind::SalesOrder,
        number: text("PN-2026-118"),
        date: Some(date(2026, 11, 20)),
        title: some("Naročilo"),
        notes: some("Dostava dopoldne"),
        status: Status { label: some("Odpremljen"), key: some("shipped") },
        partner: Some(PartyRef { erp_id: id(1), name: some("Kavarna Pri Vodnjaku d.o.o."), address: Some(id(2)) }),
        receiver: Some(PartyRef { erp_id: id(1), name: None, address: None }),
        buyer_order: some("4711"),
        currency: Currency::EUR,
        warehouse: some("S1"),
        delivery_type: some("GLS"),
        payment_method: some("Predračun"),
        due_date: Some(date(2026, 12, 20)),
        valid_to: Some(date(2026, 11, 30)),
        service_from: Some(date(2026, 11, 1)),
        service_to: Some(date(2026, 11, 30)),
        issued: false,
        discount_percent: Some(number("2.5")),
        lines: vec![Line {
            erp_id: Some(id(21)),
            product: Some(id(10)),
            code: some("KAVA-ETI-1000"),
            name: some("Kava v zrnju Etiopija 1 kg"),
            description: some("Pražena 18. 11."),
            unit: some("kos"),
            amount: number("6"),
            price: Some(number("18.5")),
            price_with_tax: Some(number("20.2575")),
            discounts: vec![number("10"), number("5")],
            tax: some("EX4"),
            making: making(),
        }],
        sums: Sums {
            net: Some(number("92.53")),
            discount: Some(number("18.47")),
            taxes: BTreeMap::from([("ex4".to_owned(), number("8.79"))]),
            rates: BTreeMap::from([("ex4".to_owned(), number("0.095"))]),
            gross: Some(number("101.32")),
            paid: Some(number("50")),
        },
        payments: vec![Payment {
            kind: some("TRR"),
            date: Some(date(2026, 11, 22)),
            amount: Some(number("50")),
            notes: some("delno"),
        }],
        links: vec![DocumentLink { erp_id: id(30), number: some("2026-7"), kind: text("sales_offer") }],
        installments: vec![Installment { due: date(2026, 12, 20), amount: number("101.32") }],
        tracking: Tracking {
            number: some("RR123456789SI"),
            url: some("https://sledenje.example.com/?st=RR123456789SI"),
        },
        delivery_events: vec![DeliveryEvent {
            date: date(2026, 11, 21),
            at: Some("2026-11-21T07:30:00Z".parse().expect("a moment")),
            code: some("1"),
            text: some("GLS - pošiljka sprejeta v dostavo"),
            place: some("Ljubljana"),
        }],
        extra: BTreeMap::from([("tracking_number".to_owned(), text("RR123456789SI"))]),
        meta: BTreeMap::from([("source".to_owned(), text("web"))]),
        particulars: BTreeMap::from([("credit_note_type".to_owned(), text("goods"))]),
    })))
}

pub(super) fn bare_document() -> Sample {
    let Record::Document(mut document) = document().record else { unreachable!("a document") };
    (document.date, document.title, document.notes, document.status) = (None, None, None, Status::default());
    (document.partner, document.receiver, document.buyer_order) = (None, None, None);
    (document.warehouse, document.delivery_type, document.payment_method) = (None, None, None);
    (document.due_date, document.valid_to, document.service_from, document.service_to) = (None, None, None, None);
    document.discount_percent = None;
    document.payments = vec![Payment { kind: None, date: None, amount: None, notes: None }];
    document.links = vec![DocumentLink { erp_id: id(30), number: None, kind: text("sales_offer") }];
    (document.installments, document.tracking) = (Vec::new(), Tracking::default());
    let event = DeliveryEvent { date: date(2026, 11, 21), at: None, code: None, text: None, place: None };
    document.delivery_events = vec![event];
    document.extra.clear();
    document.meta.clear();
    document.sums = Sums::default();
    for line in &mut document.lines {
        (line.erp_id, line.product, line.code, line.name, line.description, line.unit) =
            (None, None, None, None, None, None);
        (line.price, line.price_with_tax, line.tax, line.making) = (None, None, None, Making::default());
        line.discounts.clear();
    }
    Sample::new(Record::Document(document))
}

#[test]
fn the_samples_are_of_every_type() {
    let objects = [contact(), product(), stock(), document()].map(|s| s.record.object());
    assert_eq!(objects, [Object::Contacts, Object::Products, Object::Stock, Object::Orders]);
}
