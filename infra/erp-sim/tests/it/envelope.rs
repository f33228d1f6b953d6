//! The envelope of every answer: strings only, echoes, collapsed lists.

use crate::world::{ESHOP, JSON, ONE, TWO, V1, start, strings_only};
use serde_json::json;

#[tokio::test]
async fn every_answer_holds_strings_only() {
    let world = start().await;
    let order = world.order("A-1").await;
    let calls = [
        (
            JSON,
            "product_list",
            json!({"limit": "20", "return_pricelist": "true", "show_tax_factor": "true",
            "return_category": "true", "return_warehause_stock": "true", "return_free_amount": "true",
            "return_warehouse_reservation": "true"}),
        ),
        (JSON, "warehouse_list", json!({})),
        (JSON, "warehouse_stock", json!({"limit": "20"})),
        (
            V1,
            "search",
            json!({"doc_type": "sales_order", "result_type": "doc", "limit": 20, "show_payment_detail": true,
            "return_document_info": "true", "show_product_detail": "true", "show_tax_factor": "true"}),
        ),
        (V1, "search", json!({"doc_type": "sales_bill_domestic", "limit": "3"})),
        (V1, "search_query_advance_discovery", json!({})),
        (V1, "get_document", json!({"doc_type": "sales_order", "doc_id": order["mk_id"]})),
        (JSON, "get_bank_statement", json!({"limit": "5"})),
        (JSON, "cash_register_journal", json!({"limit": "5"})),
        (V1, "get_bank_statement_status", json!({})),
        (V1, "get_delivery_service_pricelist", json!({})),
        (V1, "get_order_change_warehouse", json!({})),
        (V1, "report", json!({"report_id": "38", "mk_id": order["mk_id"], "async": "true"})),
    ];
    for (prefix, name, body) in calls {
        let answer = world.ok(&format!("{prefix}{name}"), body).await;
        assert!(strings_only(&answer), "{name}: {answer}");
        assert!(answer["opr_time_ms"].is_string(), "{name}");
    }
}

#[tokio::test]
async fn a_wrong_key_or_company_is_code_3_and_nothing_is_seen_of_another_company() {
    let world = start().await;
    let wrong = world.v1("search", json!({"doc_type": "sales_order", "secret_key": "no"})).await;
    assert_eq!(wrong["opr_code"], "3");
    let unknown = world.v1("search", json!({"doc_type": "sales_order", "company_id": "9"})).await;
    assert_eq!(unknown["opr_code"], "3");
    let crossed = json!({"doc_type": "sales_order", "company_id": TWO, "secret_key": format!("key-{ONE}")});
    assert_eq!(world.v1("search", crossed).await["opr_code"], "3");
    let order = world.order("A-1").await;
    let foreign = json!({"doc_type": "sales_order", "doc_id": order["mk_id"], "company_id": TWO});
    assert_eq!(world.v1("get_document", foreign).await["opr_code"], "2");
}

#[tokio::test]
async fn the_company_may_come_as_a_number() {
    let world = start().await;
    let body = json!({"company_id": 1600, "secret_key": format!("key-{ONE}"), "doc_type": "sales_order", "limit": 1});
    assert_eq!(world.v1("search", body).await["opr_code"], "0");
}

#[tokio::test]
async fn a_wrong_path_family_and_a_get_are_web_pages() {
    let world = start().await;
    let (status, kind, _) = world.raw(&format!("{V1}product_list"), json!({})).await.expect("an answer");
    assert_eq!((status, kind.starts_with("text/html")), (404, true));
    let page = world.client.get(format!("{}{V1}search", world.url)).send().await.expect("an answer");
    assert!(page.text().await.expect("a text").starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn one_element_lists_collapse_as_the_switch_says() {
    let world = start().await;
    let product = world.product().await;
    let body = json!({"code": product["code"], "return_pricelist": "true"});
    let path = format!("{JSON}product_list");
    assert!(world.ok(&path, body.clone()).await["product_list"].is_object());
    let search = json!({"doc_type": "sales_order", "limit": 1});
    assert!(world.search(search.clone()).await["result"].is_array());
    world.settings(json!({"collapse": "never"})).await;
    assert!(world.ok(&path, body.clone()).await["product_list"].is_array());
    world.settings(json!({"collapse": "always"})).await;
    assert!(world.search(search).await["result"].is_object());
}

#[tokio::test]
async fn stock_has_comma_decimals_and_prices_have_dots() {
    let world = start().await;
    let product = world.product().await;
    world.edit(json!({"op": "stock.set", "product": product["id"], "amount": "863.75"})).await;
    world.edit(json!({"op": "price.set", "id": product["id"], "price": "12.35"})).await;
    let stock = json!({"product_mk_id_list": product["id"]});
    let answer = world.ok(&format!("{JSON}warehouse_stock"), stock).await;
    let rows = answer["stock_list"].as_array().expect("rows").clone();
    assert!(rows.iter().any(|row| row["amount"].as_str().expect("a text").contains(',')), "{answer}");
    let list = json!({"code": product["code"], "return_pricelist": "true"});
    let answer = world.ok(&format!("{JSON}product_list"), list).await;
    assert_eq!(answer["product_list"]["pricelist"][0]["price_def"]["price"], "12.35", "{answer}");
}

#[tokio::test]
async fn ids_grow_and_numbers_go_on_in_their_series() {
    let world = start().await;
    let (first, second) = (world.order("A-1").await, world.order("A-2").await);
    let id =
        |answer: &serde_json::Value| answer["mk_id"].as_str().and_then(|id| id.parse::<u64>().ok()).expect("an id");
    assert!(id(&second) > id(&first) && first["mk_id"].as_str().is_some_and(|id| id.len() >= 10));
    let number = |answer: &serde_json::Value| {
        let code = answer["count_code"].as_str().expect("a number").to_owned();
        code.strip_prefix("PP-").and_then(|number| number.parse::<u64>().ok()).expect("PP-n")
    };
    assert_eq!(number(&second), number(&first) + 1);
    let partner = world.partner().await;
    let chosen = json!({"doc_type": "sales_order", "partner": {"mk_id": partner["id"]},
        "count_code": "COUNT_CODE_SELECT#I2022-", "product_list": []});
    assert_eq!(world.v1("put_document", chosen).await["count_code"], "I2022-1");
}

#[tokio::test]
async fn reports_are_pdf_bytes_or_a_json_error() {
    let world = start().await;
    let order = world.order("A-1").await;
    let path = format!("{V1}report");
    let body = json!({"report_id": "38", "mk_id": order["mk_id"]});
    let (_, kind, bytes) = world.raw(&path, body).await.expect("an answer");
    assert_eq!(kind, "application/pdf");
    assert!(bytes.starts_with(b"%PDF-"));
    assert_eq!(world.call(&path, json!({"report_id": "38", "mk_id": "1"})).await["opr_code"], "6");

    let token = world.ok(&path, json!({"report_id": "1", "async": "true"})).await["token"].clone();
    let poll = json!({"report_id": "1", "async": "true", "token": token});
    assert!(world.ok(&path, poll.clone()).await["progress"].is_string());
    world.post("/clock/advance", json!({"seconds": 6})).await;
    let done = world.ok(&path, poll.clone()).await;
    assert!(done.get("progress").is_none());
    let file = world.client.get(done["url"].as_str().expect("a URL")).send().await.expect("an answer");
    assert_eq!(file.headers()["content-type"], "application/pdf");
    world.post("/clock/advance", json!({"seconds": 90_000})).await;
    assert_eq!(world.call(&path, poll).await["opr_desc"], "Report with this token does not exist.");
}

#[tokio::test]
async fn an_attachment_can_be_fetched_where_the_document_says() {
    let world = start().await;
    let order = world.order("A-1").await;
    let file = json!({"doc_type": "sales_order", "mk_id": order["mk_id"],
        "attachment_list": [{"file_name": "a.txt", "data_b64": "ZG9iZXIgZGFu"}]});
    world.ok(&format!("{ESHOP}add_attachment"), file).await;
    let get = json!({"doc_type": "sales_order", "doc_id": order["mk_id"], "show_attachments": "true"});
    let doc = world.v1("get_document", get).await;
    let url = doc["attachment_list"][0]["source_url"].as_str().expect("a URL");
    let text = world.client.get(url).send().await.expect("an answer").text().await.expect("a text");
    assert_eq!(text, "dober dan");
}

#[tokio::test]
async fn an_open_purchase_order_is_on_its_way_until_it_is_done() {
    let world = start().await;
    let (product, partner) = (world.product().await, world.partner().await);
    let order = |delivery: serde_json::Value, amount: &str| {
        let mut document = json!({"partner": {"mk_id": partner["id"]}, "warehouse_delivery": "MB",
            "product_list": [{"code": product["code"], "amount": amount, "price": "1"}]});
        document["delivery_date"] = delivery;
        json!({"op": "document.create", "doc_type": "purchase_order", "document": document})
    };
    let first = world.edit(order(json!("2026-02-03+02:00"), "12.5")).await;
    world.edit(order(serde_json::Value::Null, "3")).await;
    let body = json!({"product_mk_id_list": product["id"], "return_expect_order_delivery_date": "true"});
    let coming = async || world.ok(&format!("{JSON}warehouse_stock"), body.clone()).await["order_in_delivery"].clone();
    let seen = coming().await;
    assert_eq!(seen.as_array().map(Vec::len), Some(2), "{seen}");
    let dated = &seen[0];
    assert_eq!(
        (
            &dated["mk_id"],
            &dated["expect_order_amount"],
            &dated["export_order_delivery_date"],
            &dated["warehouse_mark"]
        ),
        (&product["id"], &json!("12,5"), &json!("2026-02-03"), &json!("MB"))
    );
    assert_eq!(seen[1].get("export_order_delivery_date"), None, "{seen}");
    world.edit(json!({"op": "status.set", "id": first["id"], "status": "completed"})).await;
    assert_eq!(coming().await.as_array().map_or(1, Vec::len), 1);
}

#[tokio::test]
async fn a_price_list_says_whose_it_is_and_how_long_it_holds() {
    let world = start().await;
    let product = world.product().await;
    let price = json!({"op": "price.add", "id": product["id"], "pricelist": "JN", "title": "Cenik JN", "buyer": "Janez Novak",
        "currency": "USD", "valid_from": "2026-01-01", "valid_to": "31.12.2026", "amount_from": "10", "price": "7.5"});
    world.edit(price).await;
    let body = json!({"code": product["code"], "return_pricelist": "true", "show_tax_factor": "true"});
    let answer = world.ok(&format!("{JSON}product_list"), body).await;
    let lists = answer["product_list"]["pricelist"].as_array().cloned().unwrap_or_default();
    let own = lists.iter().find(|list| list["count_code"] == "JN").expect("there");
    assert_eq!((&own["buyer"], &own["currency_code"]), (&json!("Janez Novak"), &json!("USD")));
    assert_eq!((&own["valid_from"], &own["valid_to"]), (&json!("2026-01-01+02:00"), &json!("2026-12-31+02:00")));
    assert_eq!((&own["price_def"]["amount_from"], &own["price_def"]["price"]), (&json!("10"), &json!("7.5")));
    assert!(own["price_def"]["tax_factor"].is_string(), "{own}");
}
