//! The simulator's control plane: what a test does to the ERP behind the product's back.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::http::{OBJECTS, client};

/// The control plane at one address.
#[derive(Clone)]
pub struct Control {
    http: Client,
    base: String,
}

impl Control {
    /// The control plane at `base`, which ends in `/control`.
    pub fn at(base: &str) -> Self {
        Self { http: client(), base: base.to_owned() }
    }

    /// Sends a request; its answer must be a success.
    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let method: Method = method.parse().expect("a method");
        let request = self.http.request(method, format!("{}{path}", self.base)).json(body);
        let answer = request.send().await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let status = answer.status();
        let text = answer.text().await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Asks.
    pub async fn get(&self, path: &str) -> Value {
        self.send("GET", path, &Value::Null).await
    }

    /// One change as an app user would make it.
    pub async fn edit(&self, company: &str, op: &Value) -> Value {
        self.send("POST", &format!("/companies/{company}/edit"), op).await
    }

    /// Random changes of some kinds; of all when none is named.
    pub async fn edit_at_random(&self, company: &str, count: usize, seed: u64, kinds: &[&str]) {
        let mut wanted = json!({"count": count, "seed": seed});
        if !kinds.is_empty() {
            wanted["kinds"] = json!(kinds);
        }
        let done = self.send("POST", &format!("/companies/{company}/random-edits"), &wanted).await;
        assert_eq!(done["done"], json!(count), "{kinds:?}");
    }

    /// Everything of one kind that a company has.
    pub async fn state(&self, company: &str, what: &str, doc_type: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("/companies/{company}/state/{what}?doc_type={doc_type}{after}");
            let mut part = self.get(&path).await;
            let Value::Array(items) = part["items"].take() else { panic!("no list: {part}") };
            all.extend(items);
            match part["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return all,
            }
        }
    }

    /// How many records there are, in the order of [`OBJECTS`].
    pub async fn counts(&self, company: &str) -> [u64; OBJECTS.len()] {
        let counts = self.get(&format!("/companies/{company}/counts")).await;
        OBJECTS.map(|object| counts[object].as_u64().expect("a count"))
    }

    /// Moves the clock on.
    pub async fn advance(&self, seconds: i64) {
        self.send("POST", "/clock/advance", &json!({"seconds": seconds})).await;
    }

    /// Switches a fault on; its id.
    pub async fn fault(&self, fault: &Value) -> u64 {
        self.send("POST", "/faults", fault).await["id"].as_u64().expect("an id")
    }

    /// Switches a fault off; how often it has hit.
    pub async fn end_fault(&self, id: u64) -> u64 {
        let faults = self.get("/faults").await;
        let all = faults["faults"].as_array().expect("a list");
        let hits = all.iter().find(|f| f["id"] == json!(id)).and_then(|f| f["hits"].as_u64());
        self.send("DELETE", &format!("/faults/{id}"), &Value::Null).await;
        hits.expect("the fault is on")
    }
}
