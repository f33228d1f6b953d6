//! What every seeded company keeps of purchases, the warehouse, work and complaints.

use super::{companies, count, invoice, spec};
use crate::model::{DocType, Document, Id, Seeded};
use crate::seed::seed_company;
use crate::state::company::Company;
use crate::state::doctype::ALL;
use crate::state::sums;
use crate::wire::stock::expected;
use crate::wire::time::parse_date;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

fn of(company: &Seeded, kind: DocType) -> impl Iterator<Item = &Document> {
    company.documents.iter().filter(move |doc| doc.doc_type == kind)
}

fn linked<'a>(company: &'a Seeded, doc: &Document, kind: DocType) -> Vec<&'a Document> {
    of(company, kind).filter(|other| doc.links.contains(&other.mk_id)).collect()
}

fn text<'a>(doc: &'a Document, key: &str) -> Option<&'a str> {
    doc.other.get(key)?.as_str()
}

#[test]
fn every_kind_of_document_is_there_in_proportion_to_the_scale() {
    for company in companies() {
        for kind in ALL {
            assert!(count(&company, *kind) >= 3, "{kind:?}: {}", count(&company, *kind));
        }
        let sales = of(&company, DocType::SalesOrder).count() + company.documents.iter().filter(|d| invoice(d)).count();
        let office = company.documents.len() - sales;
        assert!(office < sales / 3, "{office} beside {sales}");
    }
    let (one, ten) = (seed_company(&spec(3, 1, 0)), seed_company(&spec(3, 10, 0)));
    for kind in [DocType::PurchaseOrder, DocType::TransferOrder, DocType::Complaint, DocType::Workorder] {
        assert_eq!(count(&ten, kind), 10 * count(&one, kind), "{kind:?}");
    }
    assert_eq!(seed_company(&spec(3, 0, 0)).documents, []);
}

#[test]
fn suppliers_only_sell_and_are_the_partners_of_purchases() {
    let purchase = |kind| {
        matches!(kind, DocType::PurchaseOrder | DocType::PurchaseBillDomestic | DocType::PurchaseBillForeign)
            || matches!(kind, DocType::WarehouseReceivingNote | DocType::WarehouseAcceptanceNote)
    };
    for company in companies() {
        let suppliers: BTreeSet<Id> =
            company.partners.iter().filter(|partner| !partner.buyer).map(|partner| partner.mk_id).collect();
        assert!(suppliers.len() >= 10);
        let used: BTreeSet<Id> =
            of(&company, DocType::PurchaseOrder).map(|doc| doc.partner.expect("a supplier")).collect();
        assert_eq!(used, suppliers);
        for doc in company.documents.iter().filter(|doc| doc.doc_type != DocType::TransferOrder) {
            let sells = suppliers.contains(&doc.partner.expect("a partner"));
            assert_eq!(sells, purchase(doc.doc_type), "{:?} {}", doc.doc_type, doc.count_code);
        }
        for partner in company.partners.iter().filter(|partner| !partner.buyer) {
            assert!(partner.supplier && partner.business_entity, "{}", partner.customer);
            for bill in company.documents.iter().filter(|doc| doc.partner == Some(partner.mk_id)) {
                assert!(bill.doc_type != DocType::PurchaseBillForeign || partner.foreign);
                assert!(bill.doc_type != DocType::PurchaseBillDomestic || !partner.foreign);
            }
        }
    }
}

#[test]
fn some_goods_are_to_come_and_all_of_them_later_than_today() {
    for seeded in companies() {
        let today = crate::wire::time::day(spec(0, 1, 0).now);
        let (mut coming, mut settled) = (0, 0);
        for order in of(&seeded, DocType::PurchaseOrder) {
            let due = text(order, "delivery_date").and_then(parse_date).expect("a date");
            assert!(due > order.doc_date && order.warehouse.is_some());
            match order.status.as_deref() {
                Some("created") => {
                    assert!(due > today, "{due}");
                    coming += 1;
                }
                Some("completed") => {
                    let bills = [DocType::PurchaseBillDomestic, DocType::PurchaseBillForeign]
                        .map(|kind| linked(&seeded, order, kind).len());
                    assert_eq!(bills.iter().sum::<usize>(), 1, "{}", order.count_code);
                    settled += 1;
                }
                other => assert_eq!(other, Some("canceled")),
            }
        }
        assert!(coming >= 3 && settled >= 10, "{coming} {settled}");
        let company = Company::new("1".to_owned(), seeded);
        let products: Vec<Id> = company.products.keys().copied().collect();
        assert!(products.iter().filter(|id| !expected(&company, **id).is_empty()).count() >= 3);
    }
}

#[test]
fn a_suppliers_bill_brings_its_goods_in_and_is_never_overpaid() {
    for company in companies() {
        let (mut paid, mut all) = (0, 0);
        for kind in [DocType::PurchaseBillDomestic, DocType::PurchaseBillForeign] {
            for bill in of(&company, kind) {
                let notes = linked(&company, bill, DocType::WarehouseAcceptanceNote);
                let goods = |doc: &Document| doc.rows.iter().map(|row| (row.product, row.amount)).collect::<Vec<_>>();
                assert_eq!(notes.iter().map(|note| goods(note)).collect::<Vec<_>>(), [goods(bill)]);
                assert!(bill.due_date.is_some() && text(bill, "receive_date").is_some());
                let own = text(bill, "count_code_internal").expect("our number");
                assert!(own.starts_with(kind.series()) && !bill.count_code.starts_with(kind.series()), "{own}");
                let sums = sums::of(bill, &company.registers.taxes);
                assert!(sums.all > Decimal::ZERO && sums.paid <= sums.all);
                all += 1;
                paid += i32::from(sums.open().is_zero());
            }
        }
        assert!(paid > all / 2, "{paid} of {all}");
    }
}

#[test]
fn goods_go_out_with_orders_that_were_shipped_and_move_between_two_warehouses() {
    for company in companies() {
        for kind in [DocType::WarehouseDeliveryNote, DocType::WarehousePackingList, DocType::Complaint] {
            for doc in of(&company, kind) {
                let orders = linked(&company, doc, DocType::SalesOrder);
                assert_eq!(orders.len(), 1);
                let shipped = orders[0].log.iter().find(|entry| entry.new.as_deref() == Some("shipped"));
                assert!(shipped.expect("shipped").at <= doc.created);
                assert_eq!(doc.partner, orders[0].partner);
                let known: Vec<Option<Id>> = orders[0].rows.iter().map(|row| row.product).collect();
                assert!(doc.rows.iter().all(|row| row.product.is_some() && known.contains(&row.product)));
                if kind == DocType::Complaint {
                    let named = orders[0].buyer_order.as_ref().unwrap_or(&orders[0].count_code);
                    assert_eq!(doc.buyer_order.as_ref(), Some(named));
                    assert!(text(doc, "claim_type").is_some() && text(doc, "claim_description").is_some());
                }
            }
        }
        let (mut confirmed, mut waiting) = (0, 0);
        for doc in of(&company, DocType::TransferOrder) {
            let to = company.warehouses.iter().find(|one| Some(one.mark.as_str()) == text(doc, "warehouse_mark_to"));
            let to = to.expect("a warehouse").mk_id;
            assert_eq!(text(doc, "warehouseIdTo"), Some(to.to_string().as_str()));
            assert!(doc.warehouse.is_some_and(|from| from != to));
            *(if doc.other.contains_key("confirmed") { &mut confirmed } else { &mut waiting }) += 1;
        }
        assert!(confirmed > 0 && waiting > 0, "{confirmed} {waiting}");
    }
}

#[test]
fn some_of_each_are_still_open() {
    for company in companies() {
        for (kind, open, done) in [
            (DocType::Complaint, "draft", "completed"),
            (DocType::Workorder, "aktiven", "finished"),
            (DocType::WarehouseDeliveryNote, "aktiven", "finished"),
        ] {
            for status in [open, done] {
                let found = of(&company, kind).filter(|doc| doc.status.as_deref() == Some(status)).count();
                assert!(found > 0, "{kind:?} {status} in {}", company.name);
            }
        }
        let mut rows = std::collections::BTreeSet::new();
        for doc in of(&company, DocType::Workorder) {
            let codes: Vec<&str> = company.products.iter().map(|product| product.code.as_str()).collect();
            let plan = &doc.other["create_product_realization_list"];
            assert!(codes.contains(&plan[0]["product_code"].as_str().expect("a code")));
            let below = ["material_plan_list", "work_plan_list"].map(|key| plan[0][key].as_array().expect("a list"));
            assert!(below.iter().all(|rows| !rows.is_empty()), "{plan}");
            let is_open = doc.status.as_deref() == Some("aktiven");
            assert_eq!(plan[0]["amount_realization"] == plan[0]["amount_plan"], !is_open, "{plan}");
            for row in below.into_iter().flatten().chain([&plan[0]]) {
                let id: Id = row["product_mk_id"].as_str().expect("an id").parse().expect("digits");
                let product = company.products.iter().find(|product| product.mk_id == id).expect("it is there");
                assert_eq!(row["product_code"], product.code.as_str());
                assert!(
                    row["mk_id"].as_str().is_some_and(|id| rows.insert(id.to_owned())),
                    "ids are there once: {row}"
                );
            }
            assert_eq!(doc.other.contains_key("doc_date_finished"), doc.status.as_deref() == Some("finished"));
        }
    }
}
