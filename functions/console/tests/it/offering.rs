//! What a product's page says of stock, prices and categories.

use axum::http::StatusCode;
use domain::{ErpId, Incoming, Object, Record, RecordId, Stock, StockLevel, Text, Warehouse};
use jiff::civil::date;
use runtime::Role;
use serde_json::json;

use crate::support::{World, tenant_id};

fn text(s: &str) -> Text {
    Text::required(s).expect("visible")
}

/// A product with one price list and two categories.
fn product() -> Record {
    let product = json!({
        "type": "product", "erp_id": "70", "code": "SK-1", "name": "<i>Skodelica</i>", "unit": "kos", "service": false,
        "sales": true, "purchasing": true, "active": true, "webshop": false, "min_stock": "9",
        "categories": ["Kuhinja", "<b>Posoda</b>"],
        "prices": [{
            "list": "MPC", "list_title": "Maloprodajni", "sales": true, "currency": "EUR", "price": "1200.5",
            "with_tax": false, "discount": "10", "tax": "EX4", "tax_percent": "22", "amount_to": "100",
        }],
    });
    serde_json::from_value(product).expect("a product")
}

/// 8 free in one warehouse, 2 owed in another to which 20 come, and 5 of which nobody knows when.
fn stock() -> Record {
    let level = |warehouse, on_hand: i64, reserved: i64| StockLevel {
        warehouse: ErpId::new(warehouse),
        on_hand: on_hand.into(),
        reserved: Some(reserved.into()),
        free: (on_hand - reserved).into(),
    };
    let coming = |warehouse: Option<u64>, date, amount: i64| Incoming {
        warehouse: warehouse.map(ErpId::new),
        date,
        amount: amount.into(),
    };
    Record::Stock(Box::new(Stock {
        erp_id: ErpId::new(70),
        code: None,
        name: None,
        unit: None,
        levels: vec![level(1, 10, 2), level(2, -2, 0)],
        incoming: vec![coming(Some(2), Some(date(2026, 11, 26)), 20), coming(None, None, 5)],
    }))
}

async fn world() -> (World, RecordId) {
    let world = World::new().await;
    world.connect(1).await;
    world.erp_contact(1, 7, "Kavarna").await;
    for record in [product(), stock()] {
        world.erp_record(1, &record).await;
    }
    let warehouse = |n, name: &str| Warehouse {
        erp_id: ErpId::new(n),
        mark: text(&format!("S{n}")),
        name: text(name),
        active: true,
        main: n == 1,
    };
    world
        .write(1, |commit| commit.warehouses = Some(vec![warehouse(1, "Glavno"), warehouse(2, "<u>Izpostava</u>")]))
        .await;
    (world, RecordId::for_erp(&tenant_id(1), Object::Products, ErpId::new(70)))
}

#[tokio::test]
async fn stock_is_told_by_warehouse_with_what_comes_and_whether_the_amount_can_be_had() {
    let (world, id) = world().await;
    let cookie = world.sign_in(1, Role::Salesperson).await;
    let page = world.get(&format!("/console/records/{id}?amount=7"), &cookie).await;
    let told = page.text();
    for text in [
        "All warehouses together 8 2 6 20 (26 Nov 2026) 5 (day unknown) Low Yes, on 26 Nov 2026",
        "Glavno 10 2 8 – In stock Yes, now",
        "Less is free than the lowest stock",
        "Kuhinja › &#60;b&#62;Posoda&#60;/b&#62;",
    ] {
        assert!(told.contains(text), "{text}\n{told}");
    }
    for markup in ["<u>Izpostava", "<i>Skodelica", "<b>Posoda"] {
        assert!(!page.body.contains(markup), "{markup}");
    }
    let slovenian = world.get(&format!("/console/records/{id}?language=sl&amount=1000"), &cookie).await.text();
    assert!(slovenian.contains("Vsa skladišča skupaj") && slovenian.contains("Malo zaloge Ne"), "{slovenian}");
    let wrong = world.get(&format!("/console/records/{id}?amount=-1&language=en"), &cookie).await;
    assert!(
        wrong.status == StatusCode::OK && wrong.body.contains("id=\"stock-amount-wrong\">Write a number above zero")
    );
}

#[tokio::test]
async fn a_price_is_worked_out_for_a_customer_and_an_amount_or_it_is_said_why_not() {
    let (world, id) = world().await;
    let cookie = world.sign_in(1, Role::Salesperson).await;
    let ask = async |query: &str| world.get(&format!("/console/records/{id}?{query}"), &cookie).await;
    let page = ask("customer=7&price_amount=2&day=2026-11-24&currency=eur").await.text();
    for told in [
        "Customer Kavarna",
        "One piece 1,080.45 EUR without tax",
        "Together 2,160.90 EUR without tax, 2,636.30 EUR with tax",
        "Price list Maloprodajni",
        "Price in the list 1,200.50 EUR without tax",
        "Discount 10 % of the price list",
    ] {
        assert!(page.contains(told), "{told}\n{page}");
    }
    let anybody = ask("customer=&price_amount=1,5&day=2026-11-24&currency=EUR&language=sl").await.text();
    assert!(anybody.contains("Za kupca kdor koli") && anybody.contains("1.200,50 EUR brez davka"), "{anybody}");
    for (query, told) in [
        ("price_amount=101&day=2026-11-24&currency=EUR", "No price list has a price for this amount."),
        ("price_amount=1&day=2026-11-24&currency=USD", "No price list has the product in this currency."),
    ] {
        let page = ask(&format!("{query}&language=en")).await.text();
        assert!(page.contains("No price is known.") && page.contains(told), "{told}\n{page}");
    }
    let wrong = ask("customer=%3Cb%3E&price_amount=much&day=x&currency=euros").await;
    for (id, told) in [
        ("price-customer", "No customer has this id."),
        ("price-amount", "Write a number above zero"),
        ("price-day", "Choose a day."),
        ("price-currency", "Write three letters"),
    ] {
        assert!(wrong.body.contains(&format!("id=\"{id}-wrong\">{told}")), "{id}\n{}", wrong.text());
    }
    assert!(!wrong.body.contains("id=\"result\"") && !wrong.body.contains("value=\"<b>"));
}
