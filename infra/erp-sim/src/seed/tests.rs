//! What every seeded company keeps, whatever the seed.

mod back_office;
mod master_data;

use super::{SeedSpec, dice::Dice, seed_company};
use crate::model::{DocType, Document, Id, Seeded};
use crate::state::sums;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

fn spec(seed: u64, scale: u32, company_no: u32) -> SeedSpec {
    SeedSpec { seed, scale, company_no, now: "2026-11-24T09:30:00Z".parse().expect("a timestamp") }
}

/// Several companies, so that a rule that holds by luck shows itself.
fn companies() -> impl Iterator<Item = Seeded> {
    [(1, 0), (2, 1), (3, 2), (4, 0), (5, 1), (u64::MAX, 5)]
        .into_iter()
        .map(|(seed, company_no)| seed_company(&spec(seed, 1, company_no)))
}

fn invoice(doc: &Document) -> bool {
    matches!(doc.doc_type, DocType::SalesBillDomestic | DocType::SalesBillForeign | DocType::SalesBillRetail)
}

fn count(company: &Seeded, kind: DocType) -> usize {
    company.documents.iter().filter(|doc| doc.doc_type == kind).count()
}

fn assert_near(what: &str, got: usize, wanted: usize) {
    assert!(got.abs_diff(wanted) * 10 <= wanted, "{what}: {got} is not about {wanted}");
}

fn assert_size(company: &Seeded, scale: usize) {
    assert_near("customers", company.partners.iter().filter(|partner| partner.buyer).count(), 300 * scale);
    assert_near("products", company.products.len(), 500 * scale);
    assert_near("offers", count(company, DocType::SalesOffer), 200 * scale);
    assert_near("orders", count(company, DocType::SalesOrder), 800 * scale);
    assert_near("invoices", company.documents.iter().filter(|doc| invoice(doc)).count(), 800 * scale);
    assert_near("credit notes", count(company, DocType::SalesBillCreditNote), 40 * scale);
    assert!(count(company, DocType::SalesBillPrepaid) >= 3 * scale);
    assert_eq!(company.warehouses.len(), 3);
}

#[test]
fn a_company_has_the_size_of_its_scale() {
    companies().for_each(|company| assert_size(&company, 1));
    assert_size(&seed_company(&spec(7, 20, 0)), 20);
}

#[test]
fn invoices_are_mostly_domestic_and_of_all_three_kinds() {
    for company in companies() {
        let [domestic, foreign, retail] =
            [DocType::SalesBillDomestic, DocType::SalesBillForeign, DocType::SalesBillRetail]
                .map(|kind| count(&company, kind));
        assert!(domestic > foreign + retail && foreign >= 20 && retail >= 10, "{domestic} {foreign} {retail}");
    }
}

#[test]
fn equal_specs_give_equal_companies_and_other_seeds_give_others() {
    let company = seed_company(&spec(1, 1, 0));
    assert!(company == seed_company(&spec(1, 1, 0)));
    let other = seed_company(&spec(2, 1, 0));
    assert!(company.partners != other.partners && company.documents != other.documents);
    let neighbour = seed_company(&spec(1, 1, 1));
    assert!(company.name != neighbour.name && company.products[0].name != neighbour.products[0].name);
}

#[test]
fn every_partner_has_an_offer_an_order_or_an_invoice() {
    for company in companies() {
        let known: BTreeSet<Id> = company
            .documents
            .iter()
            .filter(|doc| matches!(doc.doc_type, DocType::SalesOffer | DocType::SalesOrder) || invoice(doc))
            .filter_map(|doc| doc.partner)
            .collect();
        for partner in &company.partners {
            assert_eq!(known.contains(&partner.mk_id), partner.buyer, "who only sells has none: {}", partner.customer);
        }
    }
}

#[test]
fn ids_are_given_once_and_grow_with_time() {
    for company in companies() {
        let mut ids: Vec<Id> = company.warehouses.iter().map(|warehouse| warehouse.mk_id).collect();
        ids.extend(company.products.iter().map(|product| product.mk_id));
        for partner in &company.partners {
            ids.push(partner.mk_id);
            ids.extend(partner.addresses.iter().map(|address| address.mk_id));
            ids.extend(partner.contacts.iter().map(|contact| contact.mk_id));
        }
        for doc in &company.documents {
            ids.push(doc.mk_id);
            ids.extend(doc.rows.iter().map(|row| row.mk_row_id));
        }
        let unique: BTreeSet<Id> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len());
        assert!(unique.last().is_some_and(|last| *last < company.next_id));
        assert!(unique.first().is_some_and(|first| *first >= 1_000_000_000));
        assert!(company.documents.is_sorted_by(|a, b| a.mk_id < b.mk_id && a.created <= b.created));
        assert!(company.partners.is_sorted_by(|a, b| a.mk_id < b.mk_id));
        assert!(company.products.is_sorted_by(|a, b| a.mk_id < b.mk_id));
    }
}

#[test]
fn companies_of_one_seed_share_no_id() {
    let (a, b) = (seed_company(&spec(1, 1, 0)), seed_company(&spec(1, 1, 2)));
    assert!(a.next_id <= b.warehouses[0].mk_id);
    assert!(seed_company(&spec(1, 1, 1)).warehouses[0].mk_id > b.next_id);
}

#[test]
fn every_reference_resolves() {
    for company in companies() {
        let partners: BTreeMap<Id, _> = company.partners.iter().map(|partner| (partner.mk_id, partner)).collect();
        let products: BTreeSet<Id> = company.products.iter().map(|product| product.mk_id).collect();
        let warehouses: BTreeSet<Id> = company.warehouses.iter().map(|warehouse| warehouse.mk_id).collect();
        let documents: BTreeMap<Id, _> = company.documents.iter().map(|doc| (doc.mk_id, doc)).collect();
        for partner in &company.partners {
            let addresses: BTreeSet<Id> = partner.addresses.iter().map(|address| address.mk_id).collect();
            assert!(!addresses.is_empty());
            assert!(partner.contacts.iter().all(|contact| addresses.contains(&contact.address_id)));
        }
        for doc in &company.documents {
            if doc.doc_type == DocType::TransferOrder {
                assert_eq!((doc.partner, doc.partner_address), (None, None), "goods stay in the house");
            } else {
                let partner = partners[&doc.partner.expect("a partner")];
                assert!(partner.addresses.iter().any(|address| Some(address.mk_id) == doc.partner_address));
            }
            assert!(doc.receiver.is_none_or(|receiver| partners.contains_key(&receiver)));
            assert!(doc.warehouse.is_none_or(|warehouse| warehouses.contains(&warehouse)));
            assert!(doc.rows.iter().filter_map(|row| row.product).all(|product| products.contains(&product)));
            assert_eq!(doc.rows.is_empty(), doc.doc_type == DocType::Workorder, "work has a plan of its own");
            for link in &doc.links {
                assert!(documents[link].links.contains(&doc.mk_id), "links go both ways");
            }
            if let Some(code) = doc.other.get("credit_note_bill") {
                assert_eq!(code.as_str(), Some(documents[&doc.links[0]].count_code.as_str()));
            }
        }
        for row in &company.stock {
            assert!(products.contains(&row.product) && warehouses.contains(&row.warehouse));
        }
    }
}

#[test]
fn every_key_is_in_its_register() {
    for company in companies() {
        let registers = &company.registers;
        let keys = |register: &[(String, String)]| -> BTreeSet<String> {
            register.iter().map(|(key, _)| key.clone()).collect()
        };
        let (orders, bills) = (keys(&registers.order_status), keys(&registers.bill_status));
        let stores = keys(&registers.warehouse_status);
        let complaints = BTreeSet::from(["draft", "completed", "canceled"].map(str::to_owned));
        let taxes: BTreeSet<&str> = registers.taxes.iter().map(|(code, ..)| code.as_str()).collect();
        for doc in &company.documents {
            let known = match doc.doc_type {
                DocType::SalesOrder | DocType::PurchaseOrder => &orders,
                DocType::Complaint => &complaints,
                kind if kind.is_bill() || kind == DocType::SalesOffer => &bills,
                _ => &stores,
            };
            assert!(doc.status.as_ref().is_none_or(|status| known.contains(status)), "{:?}", doc.status);
            assert!(doc.delivery_type.as_ref().is_none_or(|kind| registers.delivery_types.contains(kind)));
            assert!(doc.method_of_payment.as_ref().is_none_or(|kind| registers.payment_types.contains(kind)));
            assert!(doc.payments.iter().all(|paid| registers.payment_types.contains(&paid.payment_type)));
            assert!(doc.rows.iter().all(|row| taxes.contains(row.tax.as_str())));
            assert!(doc.rows.iter().all(|row| registers.units.contains(&row.unit)));
        }
        for product in &company.products {
            assert!(product.prices.iter().all(|price| taxes.contains(price.tax.as_str())));
            assert!(registers.units.contains(&product.unit));
        }
    }
}

#[test]
fn a_customers_order_number_is_never_given_twice() {
    for company in companies() {
        let orders = company.documents.iter().filter(|doc| doc.doc_type == DocType::SalesOrder);
        let numbers: Vec<&String> = orders.filter_map(|doc| doc.buyer_order.as_ref()).collect();
        assert!(numbers.len() > 300);
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len());
    }
}

#[test]
fn the_best_month_stands_out() {
    let zone = TimeZone::get("Europe/Ljubljana").expect("the bundled zones know Ljubljana");
    for company in companies() {
        let mut months = [0_u32; 12];
        for doc in company.documents.iter().filter(|doc| doc.doc_type == DocType::SalesOrder) {
            let month = zone.to_datetime(doc.created).month();
            months[usize::try_from(month - 1).expect("a month")] += 1;
        }
        let (best, all) = (months.iter().max().copied().unwrap_or_default(), months.iter().sum::<u32>());
        assert!(best * 12 * 10 > all * 13, "{}: {months:?}", company.name);
    }
}

#[test]
fn weekends_are_quiet() {
    for company in companies() {
        let weekend = company.documents.iter().filter(|doc| doc.doc_date.weekday().to_monday_zero_offset() > 4).count();
        assert!(weekend > 0 && weekend * 10 < company.documents.len());
    }
}

#[test]
fn nothing_is_changed_before_it_was_made_or_after_now() {
    for company in companies() {
        let now = spec(0, 1, 0).now;
        let day = 86_400;
        for doc in &company.documents {
            assert!(doc.created <= doc.last_change && doc.last_change <= now);
            assert!(doc.published.is_none_or(|published| doc.created <= published && published <= now));
            assert!(doc.log.is_sorted_by_key(|entry| entry.at));
            assert_eq!(doc.log.last().map(|entry| entry.at), Some(doc.last_change));
            assert!(now.as_second() - doc.created.as_second() <= 4 * 366 * day);
        }
        let recent =
            company.documents.iter().filter(|doc| now.as_second() - doc.last_change.as_second() < 7 * day).count();
        assert!((5..company.documents.len() / 20).contains(&recent), "{recent}");
    }
}

#[test]
fn payments_are_full_partial_and_missing_and_never_too_much() {
    for company in companies() {
        let (mut full, mut partial, mut none) = (0, 0, 0);
        for doc in company.documents.iter().filter(|doc| invoice(doc)) {
            let sums = sums::of(doc, &company.registers.taxes);
            assert!(sums.all > Decimal::ZERO);
            assert!(sums.paid <= sums.all, "{} of {}", sums.paid, sums.all);
            assert!(doc.published.is_some() || doc.payments.is_empty());
            match sums.paid {
                paid if paid == sums.all => full += 1,
                paid if paid.is_zero() => none += 1,
                _ => partial += 1,
            }
        }
        assert!(full > 400 && partial > 5 && none > 20, "{full} {partial} {none}");
    }
}

#[test]
fn a_walk_of_numbers_meets_none_twice() {
    let mut dice = Dice::new(&spec(9, 1, 0), super::dice::Stream::Ids);
    let walk = super::dice::Scatter::new(3, &mut dice);
    let met: BTreeSet<i64> = walk.take(900).collect();
    assert_eq!((met.len(), met.first(), met.last()), (900, Some(&100), Some(&999)));
}
