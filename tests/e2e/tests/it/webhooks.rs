//! A stock edit in the ERP reaches the API by the ERP's own webhook; what is no genuine webhook changes nothing.

use e2e::webhook::{EVENT, ID, SIGNATURE, STOCK, body_of, sign};
use e2e::{Answer, Customer, Product, eventually};
use serde_json::{Value, json};

/// A stock record of the customer and one of its levels: record id, product in the ERP, warehouse.
async fn any_stock(customer: &Customer) -> (String, String, String) {
    let stock = customer.api.get("/v1/stock?limit=1").await.success()["data"][0].take();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (text(&stock["id"]), text(&stock["erp_id"]), text(&stock["levels"][0]["warehouse"]))
}

async fn set_stock(customer: &Customer, product: &str, warehouse: &str, amount: &str) {
    let op = json!({"op": "stock.set", "product": product, "warehouse": warehouse, "amount": amount});
    customer.control.edit(&customer.company, &op).await;
}

/// Waits until the API shows this amount.
async fn stock_is(customer: &Customer, id: &str, warehouse: &str, amount: &str) {
    let path = format!("/v1/stock/{id}");
    let look = async || {
        let stock = customer.api.get(&path).await.success();
        let levels = stock["levels"].as_array().expect("a list");
        levels.iter().any(|l| l["warehouse"] == warehouse && l["on_hand"] == amount).then_some(())
    };
    eventually(&format!("stock of {amount}"), look).await;
}

#[tokio::test]
async fn a_stock_edit_in_the_erp_is_in_the_api_after_one_run() {
    let customer = Customer::small(Product::shared()).await.connected().await;
    customer.subscribe().await;
    let before = customer.api.runs().await.len();
    let (id, product, warehouse) = any_stock(&customer).await;
    set_stock(&customer, &product, &warehouse, "4321.5").await;
    stock_is(&customer, &id, &warehouse, "4321.5").await;
    let runs = customer.api.settled().await;
    assert_eq!(runs.len(), before + 1);
    let run = runs.iter().find(|run| run["trigger"] == "webhook").expect("a run for the webhook");
    assert_eq!((&run["state"], &run["counts"]["stock"]["updated"]), (&json!("succeeded"), &json!(1)), "{run}");
    let attempts = customer.control.get(&format!("/companies/{}/webhooks/attempts", customer.company)).await;
    let outcomes: Vec<_> = attempts["attempts"].as_array().expect("a list").iter().map(|a| &a["outcome"]).collect();
    assert_eq!(outcomes, ["ok"], "{attempts}");
}

/// Sends webhooks by hand.
struct Sender {
    customer: Customer,
    path: String,
}

impl Sender {
    async fn send(&self, id: &str, body: Vec<u8>, signature: &str) -> Answer {
        let headers = [(EVENT, STOCK), (ID, id), (SIGNATURE, signature), ("content-type", "application/json")];
        Product::shared().anonymous().send("POST", &self.path, &headers, Some(body)).await
    }

    async fn genuine(&self, id: &str, body: Vec<u8>) {
        let answer = self.send(id, body.clone(), &sign(&self.customer.webhook_secret, &body)).await;
        let ok = answer.success();
        assert_eq!((&ok["status"], &ok["check_respond_status_json_ok"]), (&json!("ok"), &json!("true")), "{ok}");
    }

    async fn runs(&self) -> usize {
        self.customer.api.settled().await.len()
    }

    async fn failed(&self) -> usize {
        self.customer.api.settled().await.iter().filter(|run| run["state"] == "failed").count()
    }
}

#[tokio::test]
async fn what_is_no_genuine_webhook_is_refused_with_its_code_and_changes_nothing() {
    let customer = Customer::small(Product::shared()).await.connected().await;
    let path = customer.webhook_path().await;
    let sender = Sender { customer, path };
    let (_, product, _) = any_stock(&sender.customer).await;
    let (body, before) = (body_of(&product), sender.runs().await);
    let forged = sign("another secret", &body);
    let of_another_body = sign(&sender.customer.webhook_secret, b"{}");
    for signature in [forged.as_str(), of_another_body.as_str(), "", "not base64!"] {
        let answer = sender.send("1", body.clone(), signature).await;
        assert_eq!(answer.problem(), (401, "signature_invalid".to_owned()), "{signature}");
    }
    let anyone = Product::shared().anonymous();
    for path in ["/w/whe_00000000000000000000000000000000", "/w/anything", "/w/%F0%9F%92%A9"] {
        let headers = [(SIGNATURE, sign(&sender.customer.webhook_secret, &body))];
        let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let answer = anyone.send("POST", path, &headers, Some(body.clone())).await;
        assert_eq!(answer.problem(), (404, "endpoint_unknown".to_owned()), "{path}");
    }
    let large = vec![b' '; 10 * 1024 * 1024];
    let answer = sender.send("2", large.clone(), &sign(&sender.customer.webhook_secret, &large)).await;
    assert_eq!(answer.problem(), (413, "body_too_large".to_owned()));
    assert_eq!(anyone.get(&sender.path).await.problem(), (405, "method_not_allowed".to_owned()));
    // A genuine one shows that what came before it asked for no run.
    sender.genuine("3", body).await;
    let after =
        eventually("the run of the genuine one", async || Some(sender.runs().await).filter(|n| *n > before)).await;
    assert_eq!(after, before + 1);
}

#[tokio::test]
async fn a_replayed_webhook_is_acknowledged_and_not_followed_up_again() {
    let customer = Customer::small(Product::shared()).await.connected().await;
    let path = customer.webhook_path().await;
    let sender = Sender { customer, path };
    let (_, product, _) = any_stock(&sender.customer).await;
    let before = sender.runs().await;
    sender.genuine("1", body_of(&product)).await;
    let grown =
        async |than: usize| eventually("another run", async || Some(sender.runs().await).filter(|n| *n > than)).await;
    let first = grown(before).await;
    for _ in 0..3 {
        sender.genuine("1", body_of(&product)).await;
    }
    sender.genuine("2", body_of(&product)).await;
    let second = grown(first).await;
    assert_eq!((first, second), (before + 1, before + 2));
}

#[tokio::test]
async fn a_genuine_webhook_that_names_nothing_is_kept_and_does_no_harm() {
    let customer = Customer::small(Product::shared()).await.connected().await;
    let path = customer.webhook_path().await;
    let sender = Sender { customer, path };
    let (id, product, warehouse) = any_stock(&sender.customer).await;
    let nothing: [&[u8]; 6] =
        [b"", b"{}", b"not JSON", b"{\"stock_list\":[{\"mk_id\":\"x\"}]}", b"\xff\xfe", b"{\"stock_list\":[]}"];
    for (n, body) in nothing.into_iter().enumerate() {
        sender.genuine(&format!("nothing-{n}"), body.to_vec()).await;
    }
    set_stock(&sender.customer, &product, &warehouse, "77.25").await;
    sender.genuine("something", body_of(&product)).await;
    stock_is(&sender.customer, &id, &warehouse, "77.25").await;
    for run in sender.customer.api.runs().await {
        assert_eq!(run["state"], "succeeded", "{run}");
    }
}

#[tokio::test]
async fn a_webhook_about_a_product_that_the_erp_does_not_have_is_settled_by_the_next_read_of_the_stock() {
    let customer = Customer::small(Product::shared()).await.connected().await;
    let path = customer.webhook_path().await;
    let sender = Sender { customer, path };
    let before = sender.runs().await;
    for product in [json!({"mk_id": "999", "count_code": "999"}), json!({"mk_id": "998"})] {
        sender.genuine("1", json!({"opr_code": "0", "stock_list": [product]}).to_string().into_bytes()).await;
    }
    eventually("the run of the webhooks", async || Some(sender.runs().await).filter(|n| *n > before)).await;
    let run = sender.customer.api.run("afterwards").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(sender.customer.counts().await, sender.customer.control.counts(&sender.customer.company).await);
    let (runs, failed) = (sender.runs().await, sender.failed().await);
    sender.genuine("2", body_of(&any_stock(&sender.customer).await.1)).await;
    eventually("the run of the next one", async || Some(sender.runs().await).filter(|n| *n > runs)).await;
    assert_eq!(sender.failed().await, failed, "{:?}", sender.customer.api.runs().await);
}
