//! Documents: what a put, an update and a delete leave behind, and the sums.

use crate::world::{JSON, ONE, V1, World, start};
use serde_json::{Value, json};

async fn put(world: &World, body: Value) -> Value {
    world.v1("put_document", body).await
}

async fn read(world: &World, kind: &str, id: &Value) -> Value {
    let body = json!({"doc_type": kind, "doc_id": id, "show_payment_detail": "true", "return_document_info": "true",
        "show_product_detail": "true"});
    world.v1("get_document", body).await
}

async fn stock(world: &World, product: &Value) -> f64 {
    let body = json!({"code": product["code"], "return_warehause_stock": "true"});
    let answer = world.ok(&format!("{JSON}product_list"), body).await;
    let amount = answer["product_list"]["amount"].as_str().expect("an amount").replace(',', ".");
    amount.parse().expect("a number")
}

#[tokio::test]
async fn sums_follow_the_documented_rule() {
    let world = start().await;
    let (partner, product) = (world.partner().await, world.product().await);
    let code = &product["code"];
    let body = json!({"doc_type": "sales_order", "partner": {"mk_id": partner["id"]}, "discount_percent": "5",
        "product_list": [
            {"code": code, "amount": "2", "price": "10.05", "discount": "10;5", "tax": "EX4"},
            {"code": code, "amount": "1", "price_with_tax": "12.20", "tax": "EX4"},
            {"code": code, "amount": "3", "price": "1,11", "tax": "EX3"}]});
    let made = put(&world, body).await;
    let taxes = world.get(&format!("/companies/{ONE}/state/documents?doc_type=sales_order&limit=1")).await;
    assert!(taxes["items"][0]["sums"].is_object());
    let doc = read(&world, "sales_order", &made["mk_id"]).await;
    // EX4: (20.10 x 0.9 x 0.95 + 10) x 0.95 = 25.826225 -> 25.83, tax 22 % = 5.6826 -> 5.68.
    // EX3: 3.33 x 0.95 = 3.1635 -> 3.16, tax 9.5 % = 0.3002 -> 0.30.
    assert_eq!(doc["sum_basic"], "28.99", "{doc}");
    assert_eq!(doc["sum_tax_ex4"], "5.68");
    assert_eq!(doc["sum_tax_ex3"], "0.3");
    assert_eq!(doc["sum_all"], "34.97");
    assert_eq!(made["total_price"], "34.97");
    assert!(doc.get("sum_paid").is_none(), "zero sums are left out");
}

#[tokio::test]
async fn payments_add_up_and_sent_twice_are_paid_twice() {
    let world = start().await;
    let (partner, product) = (world.partner().await, world.product().await);
    let body = json!({"doc_type": "sales_bill_domestic", "partner": {"mk_id": partner["id"]},
        "duo_payment": "15.02.2026", "service_to_date": "15.01.2026",
        "product_list": [{"code": product["code"], "amount": "2", "price": "1000", "tax": "EX4"}]});
    let bill = put(&world, body).await;
    let pay = json!({"doc_type": "sales_bill_domestic", "mk_id": bill["mk_id"], "payment_mode": "payment",
        "payment_type": "Transakcijski račun", "date": "2026-01-15+02:00", "price": "1220.00"});
    world.ok(&format!("{V1}put_transaction"), pay.clone()).await;
    let doc = read(&world, "sales_bill_domestic", &bill["mk_id"]).await;
    assert_eq!((doc["sum_paid"].clone(), doc.get("sum_full_paid_when")), (json!("1220"), None));
    world.ok(&format!("{JSON}put_transaction"), pay).await;
    let doc = read(&world, "sales_bill_domestic", &bill["mk_id"]).await;
    assert_eq!(doc["mark_paid"].as_array().map(Vec::len), Some(2));
    assert_eq!(doc["mark_paid"][0]["amount"], "1.220");
    assert_eq!(doc["mark_paid"][0]["date"], "15.01.2026");
    assert_eq!(doc["sum_full_paid_when"], "2026-01-15+02:00");
    assert!(doc.get("publish_ts").is_none(), "bills made by the API are not issued");
    let wrong =
        json!({"doc_type": "sales_bill_domestic", "mk_id": bill["mk_id"], "payment_type": "Zlato", "price": "1"});
    assert_eq!(world.v1("put_transaction", wrong).await["opr_code"], "2");
}

#[tokio::test]
async fn a_second_order_with_the_same_number_is_refused_when_the_switch_is_on() {
    let world = start().await;
    let first = world.order("UNI-1").await;
    assert_ne!(world.order("UNI-1").await["mk_id"], first["mk_id"], "off by default: two documents");
    world.settings(json!({"unique_buyer_order": "on"})).await;
    let second = world.order("UNI-2").await;
    let (partner, product) = (world.partner().await, world.product().await);
    let body = json!({"doc_type": "sales_order", "partner": {"mk_id": partner["id"]}, "buyer_order": "UNI-2",
        "product_list": [{"code": product["code"], "amount": "1", "price": "1"}]});
    let mut refused = put(&world, body).await;
    refused.as_object_mut().expect("an object").remove("opr_time_ms");
    assert_eq!(
        refused,
        json!({"opr_code": "6", "opr_code_app": "7", "opr_desc_app": "Documents with some buyer order already exist",
            "partner": {"mk_id": partner["id"]},
            "duplicate_doc_list": [{"count_code": second["count_code"], "mk_id": second["mk_id"]}]})
    );
}

#[tokio::test]
async fn a_put_with_an_id_rewrites_the_whole_document() {
    let world = start().await;
    let order = world.order("A-1").await;
    let before = read(&world, "sales_order", &order["mk_id"]).await;
    let (partner, product) = (world.partner().await, world.product().await);
    let body = json!({"doc_type": "sales_order", "mk_id": order["mk_id"], "count_code": "ignored",
        "partner": {"mk_id": partner["id"]}, "product_list": [{"code": product["code"], "amount": "5", "price": "10", "tax": "EX4"}]});
    let again = put(&world, body).await;
    assert_eq!(again["mk_id"], order["mk_id"]);
    let after = read(&world, "sales_order", &order["mk_id"]).await;
    assert_eq!(after["count_code"], before["count_code"]);
    assert_eq!(after["sum_all"], "61");
    assert_ne!(after["product_list"][0]["mk_row_id"], before["product_list"][0]["mk_row_id"]);
    assert!(after.get("buyer_order").is_none(), "what is not sent is gone");
}

#[tokio::test]
async fn only_differences_are_applied_by_an_update() {
    let world = start().await;
    let order = world.order("A-1").await;
    let path = format!("{V1}update_document");
    let update = json!({"doc_type": "sales_order", "mk_id": order["mk_id"], "notes": "prvič"});
    world.ok(&path, update.clone()).await;
    let once = read(&world, "sales_order", &order["mk_id"]).await;
    world.ok(&path, update).await;
    let twice = read(&world, "sales_order", &order["mk_id"]).await;
    assert_eq!(once["document_info"], twice["document_info"]);
    let tracking = json!({"doc_type": "sales_order", "buyer_order": "A-1", "tracking_code": "CF1"});
    let refused = world.call(&path, tracking.clone()).await;
    assert_eq!(refused["opr_desc"], "No invoice for given sales order. Tracking code cannot be add.");
    world.ok(&path, json!({"doc_type": "sales_order", "buyer_order": "A-1", "create_invoice": "true"})).await;
    world.ok(&path, tracking).await;
    let found = world.v1("search_tracking_code", json!({"tracking_code": "CF1"})).await;
    assert_eq!(found["mk_id"], order["mk_id"]);
    let unknown = json!({"doc_type": "sales_order", "buyer_order": "A-1", "delivery_type": "Golob"});
    world.ok(&path, unknown).await;
    assert!(read(&world, "sales_order", &order["mk_id"]).await.get("delivery_type").is_none());
}

#[tokio::test]
async fn a_deleted_document_leaves_no_trace() {
    let world = start().await;
    let order = world.order("DEL-1").await;
    let delete = json!({"doc_type": "sales_order", "mk_id": order["mk_id"]});
    world.ok(&format!("{V1}delete_document"), delete.clone()).await;
    let by_number = json!({"doc_type": "sales_order", "query_advance": [{"type": "customer_order", "value": "DEL-1"}]});
    assert_eq!(world.search(by_number).await["result_all_records"], "0");
    assert_eq!(read(&world, "sales_order", &order["mk_id"]).await["opr_code"], "2");
    assert_eq!(world.v1("delete_document", delete).await["opr_code"], "2");
}

#[tokio::test]
async fn goods_move_with_warehouse_documents_and_not_with_bills() {
    let world = start().await;
    let (partner, product) = (world.partner().await, world.product().await);
    let before = stock(&world, &product).await;
    let rows = json!([{"code": product["code"], "amount": "3", "price": "1", "tax": "EX4"}]);
    let bill = json!({"doc_type": "sales_bill_domestic", "partner": {"mk_id": partner["id"]},
        "duo_payment": "15.02.2026", "service_to_date": "15.01.2026", "product_list": rows});
    put(&world, bill).await;
    assert!((stock(&world, &product).await - before).abs() < 0.001);
    let packing = put(&world, json!({"doc_type": "warehouse_packing_list", "product_list": rows})).await;
    assert!((stock(&world, &product).await - (before - 3.0)).abs() < 0.001);
    let purchase = json!({"doc_type": "purchase_bill_domestic", "partner": {"mk_id": partner["id"]},
        "duo_payment": "15.02.2026", "product_list": rows});
    put(&world, purchase).await;
    assert!((stock(&world, &product).await - before).abs() < 0.001, "the acceptance note came with it");
    let delete = json!({"doc_type": "warehouse_packing_list", "mk_id": packing["mk_id"]});
    world.ok(&format!("{V1}delete_document"), delete).await;
    assert!((stock(&world, &product).await - (before + 3.0)).abs() < 0.001);
}

#[tokio::test]
async fn an_open_order_reserves_and_a_shipped_one_does_not() {
    let world = start().await;
    let product = world.product().await;
    let reserved = async || {
        let state = world.get(&format!("/companies/{ONE}/state/stock?limit=1000")).await;
        let own =
            state["items"].as_array().into_iter().flatten().find(|row| row["product_id"] == product["id"]).cloned();
        let sums = own.unwrap_or_default()["reserved"].as_object().cloned().unwrap_or_default();
        sums.values().filter_map(|sum| sum.as_str()?.parse::<f64>().ok()).sum::<f64>()
    };
    let before = reserved().await;
    let order = world.order("A-1").await;
    assert!((reserved().await - before - 2.0).abs() < 0.001);
    world.edit(json!({"op": "status.set", "id": order["mk_id"], "status": "shipped"})).await;
    assert!((reserved().await - before).abs() < 0.001);
}

#[tokio::test]
async fn status_is_written_as_key_and_labels_only_with_the_switch() {
    let world = start().await;
    let order = world.order("A-1").await;
    let label = json!({"doc_type": "sales_order", "mk_id": order["mk_id"], "status_code": "Odpremljen"});
    let refused = world.v1("change_document_status", label.clone()).await;
    assert!(refused["opr_desc"].as_str().is_some_and(|text| text.contains("Dinamični šifrant")), "{refused}");
    world.settings(json!({"accept_status_labels": true})).await;
    world.ok(&format!("{V1}change_document_status"), label).await;
    assert_eq!(read(&world, "sales_order", &order["mk_id"]).await["status_desc"], "shipped");
}

#[tokio::test]
async fn products_are_added_once_and_not_deleted_while_they_are_used() {
    let world = start().await;
    let new =
        json!({"count_code": "N-1", "code": "nov", "name": "Nov", "unit": "kos", "sales": "true", "weight": "6.3"});
    let path = format!("{JSON}product_add");
    let made = world.ok(&path, new.clone()).await;
    assert_eq!(world.call(&path, new).await["opr_code"], "2");
    let listed = world.ok(&format!("{JSON}product_list"), json!({"count_code": "N-1"})).await;
    assert_eq!(listed["product_list"]["weight"], "6,3");
    let update = json!({"count_code": "N-1", "name": "", "barcode": "123"});
    world.ok(&format!("{JSON}product_update"), update).await;
    let listed = world.ok(&format!("{JSON}product_list"), json!({"count_code": "N-1"})).await;
    assert_eq!(
        (listed["product_list"]["name"].clone(), listed["product_list"]["barcode"].clone()),
        (json!("Nov"), json!("123"))
    );
    let order = json!({"doc_type": "sales_order", "partner": {"mk_id": world.partner().await["id"]},
        "product_list": [{"code": "nov", "amount": "1", "price": "1"}]});
    let order = put(&world, order).await;
    let delete = json!({"mk_id": made["mk_id"]});
    assert_eq!(world.call(&format!("{JSON}product_delete"), delete.clone()).await["opr_code"], "6");
    world.ok(&format!("{V1}delete_document"), json!({"doc_type": "sales_order", "mk_id": order["mk_id"]})).await;
    world.ok(&format!("{JSON}product_delete"), delete).await;
}
