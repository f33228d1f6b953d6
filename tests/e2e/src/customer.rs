//! A tenant of a running product with a company of its own in the simulated ERP.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::control::Control;
use crate::http::{Answer, Caller};
use crate::product::Product;

/// The marks of the warehouses of a simulated company.
const WAREHOUSES: [&str; 3] = ["LJ", "MB", "KP"];

/// A tenant, its administrator, and its company.
#[derive(Clone)]
pub struct Customer {
    /// The tenant.
    pub tenant: String,
    /// Its administrator.
    pub api: Caller,
    /// The company's id in the ERP.
    pub company: String,
    /// The company's key.
    pub key: String,
    /// What its webhooks are signed with.
    pub webhook_secret: String,
    /// The control plane of the simulator that the company is in.
    pub control: Control,
    erp: String,
}

impl Customer {
    /// A tenant with a company of the usual size: some thousand records.
    pub async fn usual(product: &Product) -> Self {
        Self::new(product, 1).await
    }

    /// A tenant with a company of some dozen records.
    pub async fn small(product: &Product) -> Self {
        let customer = Self::new(product, 0).await;
        customer.fill().await;
        customer
    }

    async fn new(product: &Product, scale: u32) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let n = MADE.fetch_add(1, Ordering::Relaxed);
        let (tenant, company, key) = (format!("t_e2e{n:017}"), (20_000 + n).to_string(), format!("key-of-{n}"));
        let control = product.control();
        let made = json!({"company_id": company, "secret_key": key, "seed": n, "scale": scale});
        control.send("POST", "/companies", &made).await;
        let api = product.caller(&tenant, "administrator");
        let webhook_secret = format!("hook-of-{n}");
        Self { tenant, api, company, key, webhook_secret, control, erp: product.ready.erp.clone() }
    }

    /// Products with stock, partners, and a document of every kind.
    async fn fill(&self) {
        let (control, company) = (&self.control, &self.company);
        control.edit_at_random(company, 12, 1, &["product.create"]).await;
        let products = control.state(company, "products", "").await;
        for (n, product) in products.iter().take(8).enumerate() {
            let warehouse = WAREHOUSES[n % WAREHOUSES.len()];
            let set = json!({"op": "stock.set", "product": product["id"], "warehouse": warehouse, "amount": "12.5"});
            control.edit(company, &set).await;
        }
        control.edit_at_random(company, 6, 2, &["partner.create"]).await;
        control.edit_at_random(company, 24, 3, &["document.create"]).await;
    }

    /// What a connection to the company is made with.
    pub fn settings(&self) -> Value {
        json!({
            "base_url": self.erp,
            "company_id": self.company,
            "secret_key": self.key,
            "webhook_secret": self.webhook_secret,
        })
    }

    /// Connects the tenant to the company.
    pub async fn connect(&self) -> Answer {
        self.api.send_json("PUT", "/v1/connection", &[], &self.settings()).await
    }

    /// Connects and waits for the end of the first run.
    pub async fn connected(self) -> Self {
        let run = self.connect().await.success()["first_run"].take();
        let run = self.api.end_of(&run).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        self
    }

    /// The path that the tenant's webhooks go to.
    pub async fn webhook_path(&self) -> String {
        let connection = self.api.get("/v1/connection").await.success();
        let url = connection["webhook_url"].as_str().expect("an address");
        url.find("/w/").map(|at| url[at..].to_owned()).expect("the path of webhooks")
    }

    /// Has the ERP send its webhooks to the tenant's address.
    pub async fn subscribe(&self) {
        let connection = self.api.get("/v1/connection").await.success();
        let hook = json!([{"url": connection["webhook_url"], "secret": self.webhook_secret, "require_ok": true}]);
        self.control.send("PUT", &format!("/companies/{}/webhooks", self.company), &hook).await;
    }

    /// The number of records that the API shows, in the order of [`crate::http::OBJECTS`].
    pub async fn counts(&self) -> [u64; crate::http::OBJECTS.len()] {
        let mut counts = [0; crate::http::OBJECTS.len()];
        for (object, count) in crate::http::OBJECTS.iter().zip(&mut counts) {
            *count = self.api.walk(&crate::http::path_of(object)).await.len() as u64;
        }
        counts
    }
}
