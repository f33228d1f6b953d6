//! Products in the simulator.

use domain::{Fields, Object, Product, Record};
use serde_json::{Value, json};
use sync::twoway::{Op, Outcome, Side};

use super::world::{World, create, entry, holds, is_absent, line, pieces, update};
use crate::writing::{Control, Lookup, Writer};

const PRODUCTS: Object = Object::Products;

fn priced(products: &[Product]) -> &Product {
    products.iter().find(|product| product.prices.iter().any(|price| price.sales)).expect("a product with a price")
}

fn new(list: &str) -> Fields {
    pieces(json!({
        "code": "CRM-77",
        "name": "Vijak M8",
        "description": "Pocinkan",
        "unit": "kos",
        "barcode": "3830000000017",
        "service": false,
        "sales": true,
        "purchasing": true,
        "active": true,
        "weight": "0.25",
        "categories": ["Vijaki", "Metrični"],
        "prices/p": { "list": list, "sales": true, "currency": "EUR", "price": "1.5", "with_tax": false },
    }))
}

#[tokio::test]
async fn a_product_is_made_with_its_prices_found_exactly_and_refused_a_second_time() {
    let world = World::start(31).await;
    let fields = new(priced(&world.products().await).prices[0].list.as_str());
    assert_eq!(
        world.probe(PRODUCTS, &fields, &[]).await,
        (Vec::new(), true),
        "the ERP's own first product is the control"
    );
    let erp_id = world.create(PRODUCTS, &fields).await;
    holds(&world.fields(PRODUCTS, erp_id).await, &fields);
    let marked = Lookup::of(PRODUCTS, erp_id, None).marked("CRM-77");
    let (side, record) = Writer::new(&world.client).side(&marked).await;
    assert!(matches!(side, Side::Present { locked: false, .. }));
    assert!(matches!(&record, Some(Record::Product(p)) if p.number.as_ref().is_some_and(|n| n.as_str() == "CRM-77")));
    assert_eq!(world.probe(PRODUCTS, &fields, &[]).await, (vec![erp_id], true));
    assert_eq!(world.send(PRODUCTS, &create(PRODUCTS, &fields)).await, Outcome::Duplicate { found: vec![erp_id] });
}

#[tokio::test]
async fn every_shared_piece_of_a_product_is_changed_and_read_back() {
    let world = World::start(32).await;
    let list = priced(&world.products().await).prices[0].list.clone();
    let erp_id = world.create(PRODUCTS, &new(list.as_str())).await;
    let made = world.fields(PRODUCTS, erp_id).await;
    let price = entry(&made, "prices", &json!({ "price": "1.5" })).expect("a price");
    let mut dearer = made.get(&price).cloned().expect("a price");
    dearer["price"] = json!("1.75");
    dearer["discount"] = json!("5");
    let changes = [
        json!({ "name": "Vijak M8 x 20" }),
        json!({ "description": "Nerjaven" }),
        json!({ "unit": "paket" }),
        json!({ "barcode": "3830000000024" }),
        json!({ "sales": false, "purchasing": false, "active": false }),
        json!({ "weight": "1.125" }),
        json!({ "categories": ["Vijaki", "Drugi"] }),
        json!({ price.as_str(): dearer }),
        json!({ "prices/n": { "list": list, "sales": true, "currency": "EUR", "amount_from": "10", "price": "1.2", "with_tax": false } }),
    ];
    for change in changes {
        world.set(PRODUCTS, erp_id, change.clone()).await;
        holds(&world.fields(PRODUCTS, erp_id).await, &pieces(change));
    }
    let now = world.fields(PRODUCTS, erp_id).await;
    assert_eq!(now.iter().filter(|(piece, _)| piece.starts_with("prices/")).count(), 2, "no tier was lost");
    world.set(PRODUCTS, erp_id, json!({ "description": null, "barcode": null })).await;
    let emptied = world.fields(PRODUCTS, erp_id).await;
    assert_eq!((emptied.get("description"), emptied.get("barcode")), (None, None));
}

#[tokio::test]
async fn what_the_api_cannot_do_to_a_product_is_refused_before_anything_is_sent() {
    let world = World::start(33).await;
    let list = priced(&world.products().await).prices[0].list.clone();
    let erp_id = world.create(PRODUCTS, &new(list.as_str())).await;
    let before = world.fields(PRODUCTS, erp_id).await;
    let price = entry(&before, "prices", &json!({ "price": "1.5" })).expect("a price");
    let with = |key: &str, value: Value| {
        let mut changed = before.get(&price).cloned().expect("a price");
        changed[key] = value;
        changed
    };
    for change in [
        json!({ "name": "Drugo", "weight": null }),
        json!({ "name": null }),
        json!({ "categories": null }),
        json!({ "code": "X" }),
        json!({ price.as_str(): null }),
        json!({ price.as_str(): with("currency", json!("USD")) }),
        json!({ price.as_str(): with("list", json!("NEKAJ")) }),
        json!({ "prices/n": with("price", json!("9")) }),
        json!({ "prices/n": { "list": "NEZNAN", "sales": true, "currency": "USD", "price": "9", "with_tax": false } }),
    ] {
        world.refuses(PRODUCTS, erp_id, change, "not_in_api").await;
    }
    assert_eq!(world.fields(PRODUCTS, erp_id).await, before);
    assert_eq!(world.calls("product_update").await, 0);
}

#[tokio::test]
async fn an_unused_product_is_deleted_and_absent_and_a_used_one_is_put_out_of_use() {
    let world = World::start(34).await;
    let list = priced(&world.products().await).prices[0].list.clone();
    let erp_id = world.create(PRODUCTS, &new(list.as_str())).await;
    let lookup = Lookup::of(PRODUCTS, erp_id, world.record(PRODUCTS, erp_id).await.as_ref());
    let used = world
        .create(PRODUCTS, &pieces(json!({ "code": "CRM-78", "name": "Matica", "unit": "kos", "sales": true })))
        .await;
    let product = world.products().await.into_iter().find(|p| p.erp_id == used).expect("it is there");
    let order = json!({ "partner": { "erp_id": world.partners().await[0].to_string() }, "buyer_order": "U-1", "lines/a": line(&product, "1", "1") });
    world.create(Object::Orders, &pieces(order)).await;
    assert_eq!(world.send(PRODUCTS, &Op::Delete { erp_id }).await, Outcome::Done { erp_id });
    is_absent(&Writer::new(&world.client).side(&lookup).await.0);
    assert_eq!(world.send(PRODUCTS, &Op::Delete { erp_id }).await, Outcome::Done { erp_id }, "gone is gone");
    let kept = world.send(PRODUCTS, &Op::Delete { erp_id: used }).await;
    assert_eq!(kept, Outcome::Rejected { code: "deactivated".to_owned() });
    assert_eq!(world.fields(PRODUCTS, used).await.get("active"), Some(&json!(false)));
}

#[tokio::test]
async fn a_product_that_was_renumbered_is_found_by_its_stock_and_a_blind_list_makes_none_absent() {
    let world = World::start(35).await;
    let stocked = world.client.stock(&erp::client::StockQuery::default()).await.expect("a page").rows;
    let erp_id = stocked.into_iter().flatten().next().expect("a row").product;
    let known = world.record(PRODUCTS, erp_id).await.expect("it is there");
    let lookup = Lookup::of(PRODUCTS, erp_id, Some(&known));
    let writer = Writer::new(&world.client);
    world.fault(json!({"kind": "search_empty", "endpoint": "product_list"})).await;
    assert_eq!(writer.side(&lookup).await.0, Side::Unknown);
    let unstocked =
        world.create(PRODUCTS, &pieces(json!({ "code": "CRM-79", "name": "Brez zaloge", "unit": "kos" }))).await;
    let unstocked = Lookup::of(PRODUCTS, unstocked, None).marked("CRM-79");
    assert_eq!(writer.side(&unstocked).await.0, Side::Unknown, "the list finds nothing at all");
    world.no_faults().await;
    assert!(matches!(writer.side(&unstocked).await.0, Side::Present { .. }));
    let stale = Lookup::of(PRODUCTS, erp_id, None).marked("NI-GA");
    assert!(matches!(writer.side(&stale).await, (Side::Present { .. }, Some(record)) if record == known));
}

#[tokio::test]
async fn a_lost_answer_leaves_one_product_and_a_control_must_be_found_by_number_and_code() {
    let world = World::start(36).await;
    let products = world.products().await;
    let fields = new(priced(&products).prices[0].list.as_str());
    world.fault(json!({"kind": "commit_then_lose_answer", "endpoint": "product_add", "remaining": 1})).await;
    assert_eq!(world.send(PRODUCTS, &create(PRODUCTS, &fields)).await, Outcome::Unknown);
    let controls: Vec<Control> =
        products.iter().take(2).filter_map(|p| Control::of(&Record::Product(Box::new(p.clone())))).collect();
    let (found, control) = world.probe(PRODUCTS, &fields, &controls).await;
    assert_eq!((found.len(), control), (1, true));
    world.fault(json!({"kind": "search_empty", "endpoint": "product_list"})).await;
    assert_eq!(world.probe(PRODUCTS, &fields, &controls).await, (Vec::new(), false));
}

#[tokio::test]
async fn a_product_that_sold_keeps_its_flag_because_the_erp_says_so() {
    let world = World::start(37).await;
    let page =
        world.client.search(&erp::client::SearchQuery::all(domain::DocumentKind::SalesOrder)).await.expect("a page");
    let sold = page
        .rows
        .into_iter()
        .flatten()
        .find_map(|order| order.lines.iter().find_map(|line| line.product))
        .expect("a line");
    let outcome = world.send(PRODUCTS, &update(sold, json!({ "sales": false }))).await;
    assert_eq!(outcome, Outcome::Rejected { code: "erp_refused".to_owned() });
}
