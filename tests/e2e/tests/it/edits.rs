//! Two hundred edits of every kind, one run, and both sides are equal: in number and in every field that both have.

use std::collections::BTreeMap;

use e2e::http::{OBJECTS, path_of};
use e2e::{Customer, Product};
use serde_json::Value;

use crate::comparison::{of_api, of_erp};

#[tokio::test]
async fn after_two_hundred_random_edits_one_run_makes_both_sides_equal() {
    let customer = Customer::usual(Product::shared()).await.connected().await;
    assert_equal(&customer).await;
    customer.control.edit_at_random(&customer.company, 200, 7, &[]).await;
    let run = customer.api.run("after-the-edits").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let changed: u64 = OBJECTS.iter().filter_map(|o| run["counts"][o]["updated"].as_u64()).sum();
    assert!(changed > 50, "{run}");
    assert_equal(&customer).await;
}

/// Every record of the API is one of the ERP, with the same content, and the other way round.
async fn assert_equal(customer: &Customer) {
    let mut counts = [0; OBJECTS.len()];
    for (object, count) in OBJECTS.iter().zip(&mut counts) {
        let ours: BTreeMap<String, Value> =
            customer.api.walk(&path_of(object)).await.iter().map(|r| of_api(object, r)).collect();
        let theirs = erp_records(customer, object).await;
        *count = ours.len() as u64;
        for (id, record) in &ours {
            assert_eq!(Some(record), theirs.get(id), "{object} {id}");
        }
        let lost: Vec<_> = theirs.keys().filter(|id| !ours.contains_key(*id)).collect();
        assert_eq!(lost, Vec::<&String>::new(), "{object}");
    }
    assert_eq!(counts, customer.control.counts(&customer.company).await);
}

async fn erp_records(customer: &Customer, object: &str) -> BTreeMap<String, Value> {
    let lists: &[(&str, &str)] = match object {
        "contacts" => &[("partners", "")],
        "products" => &[("products", "")],
        "stock" => &[("stock", "")],
        "offers" => &[("documents", "sales_offer")],
        "orders" => &[("documents", "sales_order")],
        "invoices" => &[
            ("documents", "sales_bill_domestic"),
            ("documents", "sales_bill_foreign"),
            ("documents", "sales_bill_retail"),
            ("documents", "sales_bill_prepaid"),
        ],
        "purchase_orders" => &[("documents", "purchase_order")],
        "purchase_invoices" => &[("documents", "purchase_bill_domestic"), ("documents", "purchase_bill_foreign")],
        "work_orders" => &[("documents", "workorder")],
        "warehouse_documents" => &[
            ("documents", "warehouse_delivery_note"),
            ("documents", "warehouse_packing_list"),
            ("documents", "warehouse_receiving_note"),
            ("documents", "warehouse_acceptance_note"),
            ("documents", "transfer_order"),
        ],
        "complaints" => &[("documents", "complaint")],
        _ => &[("documents", "sales_bill_credit_note")],
    };
    let mut all = BTreeMap::new();
    for (what, kind) in lists {
        for item in customer.control.state(&customer.company, what, kind).await {
            all.extend(of_erp(object, &item));
        }
    }
    all
}
