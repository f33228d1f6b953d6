//! What can be sold, from the ERP to the rule: what comes in, what orders hold back, whose list it is.

use app::offering::{Meant, find, of_product, today};
use domain::pricing::{Asked, price};
use domain::value::parse_decimal;
use domain::{Availability, Currency, Enough, ErpId, Object, Record};
use jiff::civil::date;
use serde_json::{Value, json};
use store::Stored;

use crate::world::{World, succeeded};

impl World {
    /// The goods that lie in most warehouses with their code, and a partner.
    async fn in_most_places(&self) -> (ErpId, String, ErpId) {
        let of = async |what: &str| {
            let path = format!("/companies/{}/state/{what}?limit=1000", self.companies[0].0);
            self.control(reqwest::Method::GET, &path, json!({})).await["items"].as_array().expect("items").clone()
        };
        let id = |item: &Value| item["id"].as_str().expect("an id").parse::<ErpId>().expect("an id");
        let partner = id(of("partners").await.first().expect("one"));
        let active = of("products").await.into_iter().filter(|p| p["activated"] == true);
        let active: Vec<_> = active.map(|p| (id(&p), p["code"].as_str().expect("a code").to_owned())).collect();
        let tenant = self.tenant(0);
        let mut most = (0, None);
        for (product, code) in active {
            let stock = domain::RecordId::for_erp(tenant.id(), Object::Stock, product);
            let Some(Record::Stock(stock)) = tenant.record(stock).await.expect("the table").map(|s| s.record) else {
                continue;
            };
            if stock.levels.len() > most.0 {
                most = (stock.levels.len(), Some((product, code)));
            }
        }
        let (product, code) = most.1.expect("goods");
        (product, code, partner)
    }

    async fn product(&self, erp_id: ErpId) -> Stored {
        let id = domain::RecordId::for_erp(self.tenant(0).id(), Object::Products, erp_id).to_string();
        match find(&self.tenant(0), Object::Products, [id.as_str()]).await.expect("the table").remove(&id) {
            Some(Meant::Record(stored)) => *stored,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_purchase_order_comes_in_on_its_day_and_an_order_lowers_what_is_free_once() {
    let w = World::new(21).await;
    succeeded(&w.connected(0, 0).await);
    let (product, code, partner) = w.in_most_places().await;
    let number = |s: &str| parse_decimal(s).expect("a number");
    let seen = async || {
        succeeded(&w.run_of(0, &[Object::Products, Object::Stock]).await);
        of_product(&w.tenant(0), &w.product(product).await, today(&w.services)).await.expect("the table").total
    };
    let document = |amount: &str, more: Value| {
        let mut document = json!({"partner": {"mk_id": partner.to_string()}, "warehouse": "LJ",
            "product_list": [{"code": code, "amount": amount, "price": "1"}]});
        document.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
        document
    };
    // Three rows of one warehouse: the ERP repeats what is reserved on each of them.
    for lot in ["L1", "L2", "L3"] {
        let mut note = document("4", json!({}));
        note["product_list"][0]["lot_number_value"] = json!(lot);
        w.edit(json!({"op": "document.create", "doc_type": "warehouse_acceptance_note", "document": note})).await;
    }
    let before = seen().await;
    let order = document("2.5", json!({}));
    w.edit(json!({"op": "document.create", "doc_type": "sales_order", "document": order})).await;
    let reserved = seen().await;
    let less = number("2.5");
    assert_eq!((reserved.on_hand, reserved.free), (before.on_hand, before.free - less), "once, not once a row");
    assert_eq!(reserved.reserved.unwrap_or_default(), before.reserved.unwrap_or_default() + less);

    let wanted = reserved.free.max(number("0")) + number("5");
    assert_eq!(reserved.enough(wanted, today(&w.services)), Enough::No);
    let purchase = document("1000", json!({"delivery_date": "2026-03-20+02:00"}));
    let made = w.edit(json!({"op": "document.create", "doc_type": "purchase_order", "document": purchase})).await;
    let undated = document("7", json!({}));
    w.edit(json!({"op": "document.create", "doc_type": "purchase_order", "document": undated})).await;
    let coming = seen().await;
    let days: Vec<_> = coming.incoming.iter().map(|c| (c.date, c.amount)).collect();
    assert_eq!(days, [(Some(date(2026, 3, 20)), number("1000")), (None, number("7"))]);
    assert_eq!(coming.enough(wanted, today(&w.services)), Enough::By(date(2026, 3, 20)));
    assert_eq!(coming.free, reserved.free, "what comes is not there");

    w.edit(json!({"op": "status.set", "id": made["id"], "status": "completed"})).await;
    assert_eq!(seen().await.incoming.len(), 1);
}

#[tokio::test]
async fn what_never_moved_and_comes_in_has_stock_without_a_level() {
    let w = World::new(22).await;
    let made = w
        .edit(json!({"op": "product.create", "product": {"code": "NOV", "name": "Nov", "unit": "kos", "sales": true}}))
        .await;
    let product: ErpId = made["id"].as_str().expect("an id").parse().expect("an id");
    succeeded(&w.connected(0, 0).await);
    let (.., partner) = w.in_most_places().await;
    let seen =
        async || of_product(&w.tenant(0), &w.product(product).await, today(&w.services)).await.expect("the table");
    let before = seen().await;
    assert_eq!((before.total.availability, before.warehouses.len()), (Availability::Out, 0), "read, and not there");
    let purchase = json!({"partner": {"mk_id": partner.to_string()}, "warehouse": "KP", "delivery_date": "2026-03-12",
        "product_list": [{"code": "NOV", "amount": "3", "price": "1"}]});
    w.edit(json!({"op": "document.create", "doc_type": "purchase_order", "document": purchase})).await;
    succeeded(&w.run_of(0, &[Object::Stock]).await);
    let after = seen().await;
    assert_eq!(after.total.availability, Availability::Incoming);
    assert!(after.total.free.is_zero());
    assert_eq!(after.warehouses.len(), 1);
}

#[tokio::test]
async fn a_price_of_the_erp_is_found_for_the_customer_that_it_names() {
    let w = World::new(23).await;
    succeeded(&w.connected(0, 0).await);
    let (product, code, _) = w.in_most_places().await;
    w.edit(json!({"op": "price.add", "id": product.to_string(), "pricelist": "ANA", "title": "Cenik za Ano", "buyer": "Ana Kos",
        "valid_from": "2026-01-01", "valid_to": "2026-12-31", "amount_from": "10", "amount_to": "99", "price": "7.5",
        "discount": "20"}))
    .await;
    let ana =
        json!({"op": "partner.create", "partner": {"customer": "Ana Kos", "buyer": "true", "country": "Slovenija"}});
    let ana: ErpId = w.edit(ana).await["id"].as_str().expect("an id").parse().expect("an id");
    let order =
        json!({"partner": {"mk_id": ana.to_string()}, "product_list": [{"code": code, "amount": "1", "price": "1"}]});
    w.edit(json!({"op": "document.create", "doc_type": "sales_order", "document": order})).await;
    succeeded(&w.full_run(0).await);
    let id = domain::RecordId::for_erp(w.tenant(0).id(), Object::Contacts, ana);
    let Some(Record::Contact(ana)) = w.tenant(0).record(id).await.expect("the table").map(|s| s.record) else {
        panic!("she was met in her order")
    };
    let Record::Product(product) = w.product(product).await.record else { panic!("a product") };
    let day = today(&w.services);
    let asked = |contact, amount: i64| Asked { contact, amount: amount.into(), day, currency: Currency::EUR };
    let own = price(&product, asked(Some(&ana), 10)).expect("a price");
    assert_eq!((own.tier.list.as_str(), own.unit.net), ("ANA", parse_decimal("6").ok()));
    assert_eq!(own.tier.list_title.as_ref().map(ToString::to_string), Some("Cenik za Ano".to_owned()));
    assert!(own.tax_percent.is_some() && own.unit.gross > own.unit.net, "the rate of the code came with the price");
    for (contact, amount) in [(None, 10), (Some(&*ana), 9), (Some(&*ana), 100)] {
        let other = price(&product, asked(contact, amount));
        assert!(!other.as_ref().is_ok_and(|quote| quote.tier.list.as_str() == "ANA"), "{amount}: {other:?}");
    }
}
