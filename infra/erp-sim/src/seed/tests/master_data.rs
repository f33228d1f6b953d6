//! What partners, products and stock of every seeded company keep.

use super::companies;
use crate::model::Id;
use crate::seed::tax_number;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_slovenian_tax_number_is_valid() {
    let mut notations = BTreeSet::new();
    for company in companies() {
        let numbers: Vec<&String> = company
            .partners
            .iter()
            .filter(|partner| !partner.foreign)
            .filter_map(|partner| partner.tax_id.as_ref())
            .collect();
        assert!(numbers.len() > 60);
        for number in numbers {
            assert!(tax_number::is_slovenian(number), "{number}");
            notations.insert(number.chars().filter(|c| !c.is_ascii_digit()).collect::<String>());
        }
    }
    assert!(notations.len() >= 5, "{notations:?}");
}

#[test]
fn partners_show_the_faults_of_real_ones() {
    let names: Vec<String> = companies().flat_map(|company| company.partners).map(|partner| partner.customer).collect();
    for sign in ["\u{30c}", "&", "\"", "<", "'"] {
        assert!(names.iter().any(|name| name.contains(sign)), "{sign:?}");
    }
    assert!(names.iter().any(|name| name.ends_with(' ')));
    assert!(names.iter().all(|name| name.chars().count() <= 100 && !name.trim().is_empty()));
    let partners: Vec<_> = companies().flat_map(|company| company.partners).collect();
    assert!(partners.iter().any(|partner| partner.taxpayer.is_none()));
    assert!(partners.iter().any(|partner| partner.addresses.len() > 2));
    for mail in partners.iter().flat_map(|partner| &partner.contacts).filter_map(|contact| contact.email.as_ref()) {
        let (name, host) = mail.split_once('@').expect("a mailbox");
        let host = host.to_lowercase();
        assert!(!name.is_empty() && mail.is_ascii(), "{mail}");
        assert!(["example.com", "example.net", "example.org"].iter().any(|domain| host.ends_with(domain)), "{mail}");
    }
}

#[test]
fn visible_numbers_and_codes_are_unique() {
    for company in companies() {
        let unique = |codes: Vec<String>| codes.iter().collect::<BTreeSet<_>>().len() == codes.len();
        assert!(unique(company.partners.iter().map(|partner| partner.count_code.clone()).collect()));
        assert!(unique(company.products.iter().map(|product| product.count_code.clone()).collect()));
        assert!(unique(company.products.iter().map(|product| product.code.clone()).collect()));
        assert!(unique(company.products.iter().map(|product| product.name.clone()).collect()));
        assert!(unique(company.documents.iter().map(|doc| format!("{:?} {}", doc.doc_type, doc.count_code)).collect()));
    }
}

#[test]
fn every_barcode_carries_its_check_digit() {
    for company in companies() {
        for code in company.products.iter().filter_map(|product| product.barcode.as_ref()) {
            let sum: u32 = code
                .chars()
                .zip([1, 3].into_iter().cycle())
                .filter_map(|(c, weight)| Some(c.to_digit(10)? * weight))
                .sum();
            assert!(code.len() == 13 && sum.is_multiple_of(10), "{code}");
        }
    }
}

#[test]
fn stock_has_several_rows_some_negative_and_none_for_services() {
    for company in companies() {
        let products: BTreeMap<Id, _> = company.products.iter().map(|product| (product.mk_id, product)).collect();
        assert!(company.stock.iter().all(|row| !products[&row.product].service));
        assert!(company.stock.iter().any(|row| row.amount < Decimal::ZERO));
        let places: BTreeSet<(Id, Id)> = company.stock.iter().map(|row| (row.product, row.warehouse)).collect();
        assert!(places.len() < company.stock.len());
        let stocked: BTreeSet<Id> = company.stock.iter().map(|row| row.product).collect();
        assert!(products.values().any(|product| !product.service && !stocked.contains(&product.mk_id)));
        for (id, product) in &products {
            let sold = company.documents.iter().flat_map(|doc| &doc.rows).any(|row| row.product == Some(*id));
            assert!(!sold || product.service || stocked.contains(id), "{} was sold and has no stock row", product.name);
        }
    }
}
