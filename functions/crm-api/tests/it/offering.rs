//! Whether a product can be had, what it costs, and its categories.

use axum::http::{Method, StatusCode};
use domain::contact::CategoryDiscount;
use domain::{Currency, ErpId, Incoming, Price, Product, Record, Stock, StockLevel, value::parse_decimal};
use jiff::{SignedDuration, civil::date};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::crm::pieces;
use crate::support::{World, contact, id_of, product};

fn number(s: &str) -> Decimal {
    parse_decimal(s).expect("a number")
}

fn a_product(n: u64, set: impl FnOnce(&mut Product)) -> Record {
    let Record::Product(mut record) = product(n, &format!("Vijak {n}")) else { unreachable!("a product") };
    set(&mut record);
    Record::Product(record)
}

fn price(list: &str, amount: &str) -> Price {
    Price {
        list: list.parse().expect("a text"),
        list_title: None,
        buyer: None,
        sales: true,
        currency: Currency::EUR,
        amount_from: None,
        amount_to: None,
        valid_from: None,
        valid_to: None,
        price: number(amount),
        with_tax: false,
        discount: Some(number("10")),
        tax: "EX4".parse().ok(),
        tax_percent: Some(number("22")),
    }
}

/// Stock of a product: 8 free in warehouse 1, 2 owed in warehouse 2, 20 on the way there and 5 nobody knows when.
fn a_stock(n: u64) -> Record {
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
        erp_id: ErpId::new(n),
        code: None,
        name: None,
        unit: None,
        levels: vec![level(1, 10, 2), level(2, -2, 0)],
        incoming: vec![coming(Some(2), Some(date(2026, 11, 26)), 20), coming(None, None, 5)],
    }))
}

impl World {
    /// Links tenant 1's record to an id of the CRM.
    async fn name(&self, record: &Record, path: &str) {
        let id = id_of(&self.tenant(1), record).to_string();
        let made = self.put(1, path, None, json!({ "fields": pieces(record), "record": id })).await;
        assert!(made.status.is_success(), "{}", made.body);
    }
}

#[tokio::test]
async fn stock_says_how_its_product_stands_and_its_tag_moves_with_the_product_and_the_day() {
    let world = World::new().await;
    let (item, stock) = (a_product(1, |p| p.min_stock = Some(number("7"))), a_stock(1));
    world.load(1, &[item, stock.clone()]).await;
    let path = format!("/v1/stock/{}", id_of(&world.tenant(1), &stock));
    let low = world.get(1, &path).await;
    assert_eq!((&low.body["availability"], &low.body["min_stock"]), (&json!("low"), &json!("7")));
    assert_eq!(low.body["total"], json!({ "on_hand": "8", "reserved": "2", "free": "6", "incoming": "25" }));
    let next = json!({ "amount": "20", "date": "2026-11-26", "warehouse": "2", "late": false });
    assert_eq!(low.body["next_incoming"], next);
    let states: Vec<_> = low.body["levels"].as_array().expect("levels").iter().map(|l| &l["availability"]).collect();
    assert_eq!(states, ["in", "incoming"]);
    assert_eq!(world.get(1, "/v1/stock").await.body["data"], json!([low.body]));

    let token = world.token(1, "salesperson");
    let again = async |tag: &str| world.ask(Method::GET, &path, Some(&token), &[("if-none-match", tag)], None).await;
    assert_eq!(again(low.header("etag")).await.status, StatusCode::NOT_MODIFIED);
    world.change(1, &a_product(1, |p| p.min_stock = None), false).await;
    let enough = again(low.header("etag")).await;
    assert_eq!((enough.status, &enough.body["availability"]), (StatusCode::OK, &json!("in")));
    assert_eq!(world.get(1, "/v1/stock").await.body["data"][0]["availability"], "in");
    // What did not come is late.
    world.advance(SignedDuration::from_hours(72));
    let late = world.get(1, &path).await;
    assert_eq!(late.body["next_incoming"]["late"], true);
    assert_ne!(late.header("etag"), enough.header("etag"));
    world.change(1, &a_product(1, |_| ()), true).await;
    assert_eq!(world.get(1, &path).await.body["availability"], "retired");
}

#[tokio::test]
async fn an_amount_is_enough_now_or_by_a_day_or_not() {
    let world = World::new().await;
    let item = a_product(1, |_| ());
    world.load(1, &[item.clone(), a_stock(1), a_product(2, |p| p.service = true), a_product(3, |_| ())]).await;
    world.name(&item, "/v1/products/p-1").await;
    let id = id_of(&world.tenant(1), &item).to_string();
    for (amount, enough, day) in [
        ("", "now", None),
        ("?amount=6", "now", None),
        ("?amount=6.01", "by_date", Some("2026-11-26")),
        ("?amount=26", "by_date", Some("2026-11-26")),
        ("?amount=31", "undated", None),
        ("?amount=32", "no", None),
        ("?amount=79228162514264337593543950335", "no", None),
    ] {
        for id in [id.as_str(), "p-1"] {
            let answer = world.get(1, &format!("/v1/products/{id}/availability{amount}")).await;
            assert_eq!(
                (&answer.body["enough"], answer.body["date"].as_str()),
                (&json!(enough), day),
                "{}",
                answer.body
            );
            assert_eq!(answer.body["product"], id);
        }
    }
    let seven = world.get(1, "/v1/products/p-1/availability?amount=7").await;
    let alone: Vec<_> = seven.body["warehouses"].as_array().expect("two").iter().map(|w| &w["enough"]).collect();
    assert_eq!(alone, ["now", "by_date"], "one warehouse has it, though the whole owes some of it");
    let of = async |n| {
        let id = id_of(&world.tenant(1), &a_product(n, |_| ()));
        world.get(1, &format!("/v1/products/{id}/availability")).await.body
    };
    let service = of(2).await;
    assert_eq!((&service["availability"], &service["enough"]), (&json!("not_stocked"), &json!("now")));
    // No run has read the stock in this world, so a product without a row may have some.
    let unread = of(3).await;
    assert_eq!((&unread["availability"], &unread["enough"]), (&json!("unknown"), &json!("unknown")));
    for amount in ["0", "-1", "ten", "1e3", "", "1,5"] {
        let refused = world.get(1, &format!("/v1/products/p-1/availability?amount={amount}")).await;
        assert_eq!((refused.code(), refused.fault()), ("invalid_request", "amount"), "{amount}");
    }
    for id in ["p-2", "prd_00000000000000000000000000000000", &id.replace("prd", "stk")] {
        assert_eq!(world.get(1, &format!("/v1/products/{id}/availability")).await.code(), "not_found", "{id}");
    }
    world.put(1, "/v1/products/p-9", None, json!({ "fields": { "name": "Nov", "code": "N", "unit": "kos" } })).await;
    assert_eq!(world.get(1, "/v1/products/p-9/availability").await.body["enough"], "unknown");
    assert_eq!(world.get(1, "/v1/products/p-9/price").await.body["reason"], "not_in_erp");
}

#[tokio::test]
async fn a_price_is_the_customers_and_says_how_it_came_about() {
    let world = World::new().await;
    let item = a_product(1, |p| {
        p.categories = vec!["Vijaki".parse().expect("a text")];
        let own = Price { buyer: "Ana".parse().ok(), valid_to: Some(date(2026, 11, 24)), ..price("ANA", "8") };
        p.prices = vec![own, price("MPC", "10")];
    });
    let Record::Contact(mut ana) = contact(7, "Ana") else { unreachable!("a contact") };
    let categories = vec!["Vijaki".parse().expect("a text")];
    ana.discounts = vec![CategoryDiscount { categories, percent: number("5"), overrides: false }];
    let ana = Record::Contact(ana);
    world.load(1, &[item.clone(), ana.clone()]).await;
    world.name(&item, "/v1/products/p-1").await;
    world.name(&ana, "/v1/contacts/c-1").await;
    let of = async |query: &str| world.get(1, &format!("/v1/products/p-1/price{query}")).await.body;
    let anybody = of("").await;
    assert_eq!((&anybody["tier"]["list"], &anybody["unit"]), (&json!("MPC"), &json!({ "net": "9", "gross": "10.98" })));
    let own = of("?contact=c-1&amount=3").await;
    assert_eq!(
        (&own["known"], &own["tier"]["list"], &own["other_lists"]),
        (&json!(true), &json!("ANA"), &json!(["MPC"]))
    );
    assert_eq!(own["sum"], json!({ "net": "20.52", "gross": "25.03" }), "10 % and 5 % off 3 times 8");
    assert_eq!(own["discount_percent"], "14.5");
    assert_eq!(own["discounts"][1], json!({ "from": "contact", "percent": "5", "categories": ["Vijaki"] }));
    let tomorrow = of("?contact=c-1&date=2026-11-25").await;
    assert_eq!((&tomorrow["tier"]["list"], &tomorrow["date"]), (&json!("MPC"), &json!("2026-11-25")));
    let dollars = of("?currency=usd").await;
    assert_eq!(
        (&dollars["known"], &dollars["reason"], &dollars["unit"]),
        (&json!(false), &json!("currency"), &Value::Null)
    );
    for (query, at) in [
        ("contact=c-9", "contact"),
        ("contact=p-1", "contact"),
        ("amount=0", "amount"),
        ("date=2026-02-30", "date"),
        ("currency=euro", "currency"),
        ("list=MPC", "list"),
    ] {
        let refused = world.get(1, &format!("/v1/products/p-1/price?{query}")).await;
        assert_eq!((refused.code(), refused.fault()), ("invalid_request", at), "{query}: {}", refused.body);
    }

    // The same for an offer in the making, with few reads however many lines.
    let lines: Vec<_> =
        (0..200).map(|n| json!({ "product": if n % 2 == 0 { "p-1" } else { "p-0" }, "amount": "3" })).collect();
    let ask = json!({ "contact": "c-1", "lines": lines }).to_string();
    world.meter.take();
    let answer = world.send(1, Method::POST, "/v1/prices", &[], &ask).await;
    assert!(world.meter.take().all_requests() <= 8);
    let quotes = answer.body["lines"].as_array().expect("lines");
    assert_eq!((quotes.len(), &quotes[0]), (200, &own));
    assert_eq!((&quotes[1]["product"], &quotes[1]["reason"]), (&json!("p-0"), &json!("not_found")));
    let theirs = json!({ "lines": [{ "product": id_of(&world.tenant(1), &item).to_string() }, { "product": "p-1" }] });
    let other = world.send(2, Method::POST, "/v1/prices", &[], &theirs.to_string()).await;
    assert!(other.body["lines"].as_array().expect("lines").iter().all(|q| q["reason"] == "not_found"), "another's");
    for (body, at) in [
        (json!({ "lines": [] }), "$.lines"),
        (json!({ "lines": vec![json!({ "product": "p-1" }); 201] }), "$.lines"),
        (json!({ "lines": [{ "product": "p-1" }, { "product": "p-1", "amount": "-2" }] }), "$.lines[1].amount"),
        (json!({ "contact": "c-9", "lines": [{ "product": "p-1" }] }), "$.contact"),
    ] {
        let refused = world.send(1, Method::POST, "/v1/prices", &[], &body.to_string()).await;
        assert_eq!((refused.code(), refused.fault()), ("invalid_request", at), "{}", refused.body);
    }
}

#[tokio::test]
async fn categories_are_counted_and_products_found_by_them() {
    let world = World::new().await;
    let of = |n: u64, path: &[&str]| {
        a_product(n, |p| p.categories = path.iter().map(|label| label.parse().expect("a text")).collect())
    };
    let records: Vec<_> = (1..=450)
        .map(|n| match n % 150 {
            0 => of(n, &["Kava", "Zrnje"]),
            1 => of(n, &["Kava"]),
            _ => of(n, &["Čaj / listi"]),
        })
        .collect();
    world.load(1, &records).await;
    world.load(2, &[of(1, &["Tuje"])]).await;
    let tree = world.get(1, "/v1/categories").await.body;
    let seen: Vec<_> = tree["data"].as_array().expect("a list").iter().map(|c| (&c["path"], &c["products"])).collect();
    assert_eq!(
        seen,
        [(&json!(["Kava"]), &json!(6)), (&json!(["Kava", "Zrnje"]), &json!(3)), (&json!(["Čaj / listi"]), &json!(444))]
    );
    assert_eq!((&tree["data"][1]["parent"], &tree["complete"]), (&tree["data"][0]["id"], &json!(true)));
    world.meter.take();
    assert_eq!(world.get(1, "/v1/categories").await.body, tree);
    assert_eq!(world.meter.take().all_requests(), 1, "kept until something changes");
    for (category, expected) in [(0, 6), (1, 3), (2, 444)] {
        let id = tree["data"][category]["id"].as_str().expect("an id");
        let (mut found, mut path) = (Vec::new(), format!("/v1/products?limit=200&category={id}"));
        loop {
            let part = world.get(1, &path).await;
            found.extend(part.of_all("id"));
            let Some(cursor) = part.body["next_cursor"].as_str() else { break };
            path = format!("/v1/products?limit=200&category={id}&cursor={cursor}");
            let other = format!("/v1/products?limit=200&cursor={cursor}");
            assert_eq!(world.get(1, &other).await.code(), "invalid_cursor");
        }
        found.dedup();
        assert_eq!(found.len(), expected);
    }
    world.change(1, &of(1, &["Čaj / listi"]), false).await;
    assert_eq!(world.get(1, "/v1/categories").await.body["data"][0]["products"], 5);
    for bad in ["Kava", "cat_", ""] {
        assert_eq!(world.get(1, &format!("/v1/products?category={bad}")).await.fault(), "category", "{bad}");
    }
    let none = world.get(1, "/v1/products?category=cat_0000000000000000").await;
    assert_eq!(none.body["data"], json!([]));
}
