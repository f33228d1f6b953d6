//! A simulator on a port of its own with a manual clock, and short ways to call it.

use erp_sim::{Clock, CompanySpec, Sim, SimConfig};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const V1: &str = "/rest/eshop/v1/";
pub(crate) const JSON: &str = "/rest/eshop/v1/json/";
pub(crate) const ESHOP: &str = "/rest/eshop/";
pub(crate) const ONE: &str = "1600";
pub(crate) const TWO: &str = "1601";

/// A running simulator with two companies.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
}

#[expect(clippy::disallowed_methods, reason = "the test's own client and server")]
pub(crate) async fn start_scaled(seed: u64, scale: u32) -> World {
    let clock = Clock::manual("2026-01-15T10:00:00Z".parse().expect("an instant"));
    let company = |id: &str| CompanySpec { company_id: id.to_owned(), secret_key: format!("key-{id}") };
    let sim = Sim::new(SimConfig { seed, scale, clock, companies: vec![company(ONE), company(TWO)], seeded_at: None });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(sim.serve(listener));
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().expect("a client");
    World { url, client }
}

pub(crate) async fn start() -> World {
    start_scaled(1, 1).await
}

impl World {
    /// The raw answer of a call of company one.
    pub(crate) async fn raw(&self, path: &str, mut body: Value) -> Result<(u16, String, Vec<u8>), reqwest::Error> {
        if body.get("company_id").is_none() {
            body["company_id"] = json!(ONE);
        }
        if body.get("secret_key").is_none() {
            body["secret_key"] = json!(format!("key-{}", body["company_id"].as_str().unwrap_or_default()));
        }
        let answer = self.client.post(format!("{}{path}", self.url)).json(&body).send().await?;
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("").to_owned();
        Ok((status, kind, answer.bytes().await?.to_vec()))
    }

    /// The JSON of a call.
    pub(crate) async fn call(&self, path: &str, body: Value) -> Value {
        let (_, _, bytes) = self.raw(path, body).await.expect("an answer");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// The JSON of a call that must succeed.
    pub(crate) async fn ok(&self, path: &str, body: Value) -> Value {
        let answer = self.call(path, body).await;
        assert_eq!(answer["opr_code"], "0", "{answer}");
        answer
    }

    pub(crate) async fn v1(&self, name: &str, body: Value) -> Value {
        self.call(&format!("{V1}{name}"), body).await
    }

    pub(crate) async fn search(&self, body: Value) -> Value {
        self.ok(&format!("{V1}search"), body).await
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let request = self.client.request(method, format!("{}/control{path}", self.url)).json(&body);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.expect("a text"));
        answer.json().await.expect("JSON")
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.control("GET", path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.control("POST", path, body).await
    }

    /// One edit of company one as an app user.
    pub(crate) async fn edit(&self, op: Value) -> Value {
        self.post(&format!("/companies/{ONE}/edit"), op).await
    }

    pub(crate) async fn settings(&self, patch: Value) {
        self.control("PATCH", &format!("/companies/{ONE}/settings"), patch).await;
    }

    /// The first product with stock and a sales price, in canonical form.
    pub(crate) async fn product(&self) -> Value {
        let page = self.get(&format!("/companies/{ONE}/state/products?limit=50")).await;
        let found = page["items"].as_array().expect("items").iter().find(|product| product["service"] == false);
        found.expect("a product").clone()
    }

    pub(crate) async fn partner(&self) -> Value {
        self.get(&format!("/companies/{ONE}/state/partners?limit=1")).await["items"][0].clone()
    }

    /// A sales order of one product; answers with the ERP's answer.
    pub(crate) async fn order(&self, buyer_order: &str) -> Value {
        let (partner, product) = (self.partner().await, self.product().await);
        let body = json!({
            "doc_type": "sales_order",
            "partner": {"mk_id": partner["id"]},
            "buyer_order": buyer_order,
            "status_code": "created",
            "product_list": [{"code": product["code"], "amount": "2", "price": "10", "tax": "EX4"}],
        });
        self.ok(&format!("{V1}put_document"), body).await
    }
}

/// Every leaf is a string.
pub(crate) fn strings_only(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(items) => items.iter().all(strings_only),
        Value::Object(fields) => fields.values().all(strings_only),
        _ => false,
    }
}
