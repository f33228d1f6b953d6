//! A clock that is moved by hand: product and simulator go by it together.

use e2e::{Caller, Control, Product, eventually};
use serde_json::{Value, json};

/// The runs that the schedule began.
async fn scheduled(api: &Caller) -> Vec<Value> {
    api.runs().await.into_iter().filter(|run| run["trigger"] == "schedule" && e2e::http::is_over(run)).collect()
}

async fn now(control: &Control) -> String {
    control.get("/clock").await["now"].as_str().expect("a time").to_owned()
}

#[tokio::test]
async fn time_stands_still_until_it_is_moved_and_then_moves_everything() {
    let product = Product::start(&["--clock", "manual"]);
    let (api, company) = (product.administrator(0), product.ready.tenants[0].company_id.as_str());
    let first = api.settled().await.remove(0);
    product.administrator(1).settled().await;
    let control = product.control();
    let start = now(&control).await;
    assert_eq!(first["requested_at"], start.as_str(), "the product goes by the same clock");
    assert_eq!(first["finished_at"], start.as_str());
    assert!(scheduled(&api).await.is_empty(), "nothing is due while time stands still");

    // By either address, product and simulator move.
    let whole = Control::at(&format!("{}/control", product.ready.control.as_deref().expect("a simulator")));
    let at_erp = Control::at(&format!("{}/control", product.ready.erp));
    for (n, by) in [&control, &whole, &at_erp].into_iter().enumerate() {
        by.advance(61).await;
        let moved = now(&control).await;
        assert_eq!((now(&whole).await, now(&at_erp).await), (moved.clone(), moved.clone()));
        let look = async || {
            let runs = scheduled(&api).await;
            (runs.len() > n && runs[0]["requested_at"] == moved.as_str()).then(|| runs[0].clone())
        };
        let run = eventually("a run of the schedule", look).await;
        assert_eq!((&run["state"], &run["mode"]), (&json!("succeeded"), &json!("changes")), "{run}");
    }

    delayed_webhooks(&product, &api, company).await;

    assert_eq!(api.get("/v1/contacts?limit=1").await.status, 200);
    control.advance(367 * 24 * 3_600).await;
    assert_eq!(api.get("/v1/contacts?limit=1").await.problem(), (401, "token_expired".to_owned()));
}

/// The simulator holds webhooks back for minutes of its clock; they come when the clock has passed them.
async fn delayed_webhooks(product: &Product, api: &Caller, company: &str) {
    let control = product.control();
    let faults =
        json!({"delay_max_seconds": 600, "duplicate": 0.0, "lose": 0.0, "reorder": 0.5, "wrong_signature": 0.0});
    control.send("PATCH", &format!("/companies/{company}/settings"), &json!({"webhook_faults": faults})).await;
    let stock = api.get("/v1/stock?limit=5").await.success();
    let products: Vec<_> = stock["data"].as_array().expect("a list").iter().map(|s| (&s["id"], &s["erp_id"])).collect();
    let mut amounts = Vec::new();
    for (n, (_, product)) in products.iter().enumerate() {
        let amount = format!("{}.5", 5_000 + n);
        let op = json!({"op": "stock.set", "product": product, "warehouse": "LJ", "amount": amount});
        control.edit(company, &op).await;
        amounts.push(amount);
    }
    control.send("POST", "/webhooks/settle", &json!({})).await;
    let attempts = control.get(&format!("/companies/{company}/webhooks/attempts")).await;
    assert!(attempts["waiting"].as_u64() > Some(0), "they wait for the clock: {attempts}");
    control.advance(600).await;
    control.send("POST", "/webhooks/settle", &json!({})).await;
    for ((id, _), amount) in products.iter().zip(&amounts) {
        let path = format!("/v1/stock/{}", id.as_str().expect("an id"));
        let shown = async || {
            let stock = api.get(&path).await.success();
            let levels = stock["levels"].as_array().expect("a list");
            levels.iter().any(|l| l["on_hand"] == amount.as_str()).then_some(())
        };
        eventually(&format!("stock of {amount}"), shown).await;
    }
    let attempts = control.get(&format!("/companies/{company}/webhooks/attempts")).await;
    assert_eq!(attempts["waiting"], 0, "{attempts}");
}
