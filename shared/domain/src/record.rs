//! A record of any object type, and the hash of its content.

use serde::{Deserialize, Serialize};

use crate::{Contact, Document, ErpId, Listing, Object, Product, Stock};

/// The value of a record of any object type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Record {
    /// A contact.
    Contact(Box<Contact>),
    /// A product.
    Product(Box<Product>),
    /// Stock of a product.
    Stock(Box<Stock>),
    /// A document.
    Document(Box<Document>),
}

/// A 64-bit hash of a record's content as it came, to tell "unchanged" without reading the record.
///
/// It is only compared with an earlier hash of the same record, so a false
/// "unchanged" has a chance of 2^-64 a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentHash(pub u64);

impl ContentHash {
    /// The hash of these bytes, one after the other.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(part);
        }
        let mut first = [0u8; 8];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        Self(u64::from_be_bytes(first))
    }
}

impl Record {
    /// The object type it is of.
    pub const fn object(&self) -> Object {
        match self {
            Self::Contact(_) => Object::Contacts,
            Self::Product(_) => Object::Products,
            Self::Stock(_) => Object::Stock,
            Self::Document(d) => d.kind.object(),
        }
    }

    /// Its id in the ERP.
    pub const fn erp_id(&self) -> ErpId {
        match self {
            Self::Contact(c) => c.erp_id,
            Self::Product(p) => p.erp_id,
            Self::Stock(s) => s.erp_id,
            Self::Document(d) => d.erp_id,
        }
    }

    /// Where it is listed among the documents of a contact; only a document is.
    pub fn listing(&self) -> Option<Listing> {
        match self {
            Self::Document(d) => d.listing(),
            _ => None,
        }
    }

    /// Its canonical bytes: JSON with the fields in the order of their declaration, equal for equal values.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a record has string keys only and serialises")
    }

    /// A record from its canonical bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::*;
    use expect_test::expect;
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use std::collections::BTreeMap;

    fn text(s: &str) -> Text {
        Text::required(s).expect("visible text")
    }

    fn contact(name: &str, phone: &str, tax: &str, country: &str, percent: Decimal) -> Record {
        let id = ErpId::new(9_007_199_254_740_993);
        Record::Contact(Box::new(Contact {
            erp_id: id,
            number: None,
            name: text(name),
            company: true,
            taxpayer: Some(true),
            foreign: false,
            tax_number: TaxNumber::new(tax).expect("short"),
            registration_number: None,
            buyer: true,
            supplier: false,
            addresses: vec![Address {
                erp_id: Some(ErpId::new(7)),
                kind: AddressKind::Other(text("Skladišče")),
                street: Some(text("Cesta 4. maja 1")),
                post_code: Some(text("1386")),
                city: Some(text("Stari trg pri Ložu")),
                province: None,
                country: Country::parse(country).ok(),
                payment_due_days: Some(30),
                language: None,
                currency: Some(Currency::EUR),
            }],
            persons: vec![Person {
                erp_id: Some(ErpId::new(8)),
                address: Some(ErpId::new(7)),
                name: Some(text("Žiga Novak")),
                email: Email::parse("Ziga@example.com").ok(),
                mobile: Phone::new(phone, None).expect("short"),
                phone: Phone::new("po 16. uri", None).expect("short"),
                fax: None,
            }],
            discounts: vec![contact::CategoryDiscount { categories: vec![text("Vijaki")], percent, overrides: false }],
        }))
    }

    fn document(kind: DocumentKind, amount: Decimal, tax_codes: &[&str]) -> Record {
        Record::Document(Box::new(Document {
            erp_id: ErpId::new(1),
            kind,
            number: text("2026-1"),
            date: Some(jiff::civil::date(2026, 2, 3)),
            title: None,
            notes: Some(text("prva\ndruga")),
            status: Status { label: Some(text("Odpremljen")), key: Some(text("shipped")) },
            partner: Some(PartyRef { erp_id: ErpId::new(2), name: Some(text("Ana")), address: None }),
            receiver: None,
            buyer_order: None,
            currency: Currency::EUR,
            warehouse: None,
            delivery_type: None,
            payment_method: None,
            due_date: None,
            valid_to: None,
            service_from: None,
            service_to: None,
            issued: true,
            discount_percent: Some(amount),
            lines: vec![Line {
                erp_id: Some(ErpId::new(3)),
                product: None,
                code: None,
                name: Some(text("Vijak M8")),
                description: None,
                unit: Some(text("kos")),
                amount,
                price: Some(amount),
                price_with_tax: None,
                discounts: vec![amount, Decimal::ONE],
                tax: Some(text("EX4")),
                making: Making::default(),
            }],
            sums: Sums { taxes: tax_codes.iter().map(|c| ((*c).to_owned(), amount)).collect(), ..Sums::default() },
            payments: vec![Payment { kind: None, date: None, amount: None, notes: None }],
            links: vec![DocumentLink { erp_id: ErpId::new(4), number: None, kind: text("sales_order") }],
            installments: Vec::new(),
            tracking: Tracking::default(),
            delivery_events: Vec::new(),
            extra: BTreeMap::from([("tracking".to_owned(), text("RR123456789SI"))]),
            meta: BTreeMap::new(),
            particulars: BTreeMap::new(),
        }))
    }

    fn stock(on_hand: Decimal, reserved: Option<Decimal>) -> Record {
        let level = StockLevel { warehouse: ErpId::new(5), on_hand, reserved, free: on_hand };
        Record::Stock(Box::new(Stock {
            erp_id: ErpId::new(6),
            code: None,
            name: None,
            unit: None,
            levels: vec![level],
            incoming: vec![Incoming { warehouse: None, date: None, amount: on_hand }],
        }))
    }

    fn product(price: Decimal) -> Record {
        Record::Product(Box::new(Product {
            erp_id: ErpId::new(6),
            number: None,
            code: text("V-M8"),
            name: text("Vijak M8"),
            description: None,
            unit: text("kos"),
            barcode: None,
            service: false,
            sales: true,
            purchasing: true,
            active: true,
            webshop: false,
            weight: Some(price),
            min_stock: None,
            categories: vec![text("Vijaki")],
            prices: vec![Price {
                list: text("MP"),
                list_title: Some(text("Maloprodaja")),
                buyer: None,
                sales: true,
                currency: Currency::EUR,
                amount_from: None,
                amount_to: None,
                valid_from: Some(jiff::civil::date(2026, 1, 1)),
                valid_to: None,
                price,
                with_tax: false,
                discount: None,
                tax: None,
                tax_percent: None,
            }],
            translations: BTreeMap::from([("en".to_owned(), text("Bolt M8"))]),
            extra: BTreeMap::new(),
            customs_code: None,
            origin: Some(Country::SI),
        }))
    }

    #[test]
    fn a_record_of_every_type_comes_back_equal_from_its_bytes() {
        let d = Decimal::new(12_500, 4);
        let documents = DocumentKind::ALL.map(|kind| document(kind, d, &["ex4", "a22"]));
        let others = [
            contact("Kovinoplastika", "031 123 456", "12345678", "SI", d),
            stock(-d, Some(d)),
            stock(d, None),
            product(d),
        ];
        for record in documents.into_iter().chain(others) {
            let bytes = record.to_bytes();
            let back = Record::from_bytes(&bytes).expect("canonical bytes");
            assert_eq!(back, record);
            assert_eq!(back.to_bytes(), bytes);
            assert_eq!((back.object(), back.erp_id()), (record.object(), record.erp_id()));
        }
    }

    #[test]
    fn the_bytes_of_a_contact_are_these_and_a_change_of_them_is_a_change_of_the_format() {
        let bytes = contact("Kovinoplastika", "031 123 456", "12345678", "SI", Decimal::new(50, 1)).to_bytes();
        expect![[r#"{"type":"contact","erp_id":"9007199254740993","name":"Kovinoplastika","company":true,"taxpayer":true,"foreign":false,"tax_number":"SI12345678","buyer":true,"supplier":false,"addresses":[{"erp_id":"7","kind":{"other":"Skladišče"},"street":"Cesta 4. maja 1","post_code":"1386","city":"Stari trg pri Ložu","country":"SI","payment_due_days":30,"currency":"EUR"}],"persons":[{"erp_id":"8","address":"7","name":"Žiga Novak","email":"ziga@example.com","mobile":"+38631123456","phone":"po 16. uri"}],"discounts":[{"categories":["Vijaki"],"percent":"5","overrides":false}]}"#]]
        .assert_eq(&String::from_utf8(bytes).expect("JSON"));
    }

    #[test]
    fn a_contact_written_another_way_has_the_same_hash() {
        let one = contact("Kovinoplastika Lož", "031 123 456", "SI 12345678", "Slovenija", Decimal::new(5, 0));
        let other =
            contact(" Kovinoplastika  Loz\u{30c}", "00386-31-123-456", "12345678", "slovenia", Decimal::new(500, 2));
        assert_eq!(one, other);
        assert_eq!(ContentHash::of(&[&one.to_bytes()]), ContentHash::of(&[&other.to_bytes()]));
        let changed = contact("Kovinoplastika Loz", "031 123 456", "SI 12345678", "Slovenija", Decimal::new(5, 0));
        assert_ne!(ContentHash::of(&[&one.to_bytes()]), ContentHash::of(&[&changed.to_bytes()]));
    }

    #[test]
    fn bytes_that_are_no_record_are_refused() {
        for bad in [
            "",
            "{}",
            "null",
            r#"{"type":"contact"}"#,
            r#"{"type":"robot","erp_id":"1"}"#,
            r#"{"type":"stock","erp_id":1,"levels":[]}"#,
        ] {
            assert!(Record::from_bytes(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn equal_numbers_in_a_record_give_equal_hashes(n in any::<i32>(), scale in 0_u32..8, zeros in 0_u32..6) {
            let d = Decimal::new(i64::from(n), scale);
            let longer = Decimal::new(i64::from(n) * 10_i64.pow(zeros), scale + zeros);
            let hashes = |d| {
                [document(DocumentKind::SalesOrder, d, &["a22"]), stock(d, Some(d)), product(d)].map(|r| ContentHash::of(&[&r.to_bytes()]))
            };
            prop_assert_eq!(hashes(d), hashes(longer));
        }

        #[test]
        fn bytes_of_any_kind_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Record::from_bytes(&bytes).is_err());
        }
    }
}
