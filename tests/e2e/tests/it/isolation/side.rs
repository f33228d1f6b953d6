//! One tenant's side: what it has been given, and what the other one must never see of it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{ErpId, Object, RecordId};
use serde_json::{Value, json};

use crate::inside::{Inside, Reply, company, tenant_id, webhook_secret};

/// Words that stand in every text of a tenant's company.
const MARKS: [&str; 2] = ["Javornik", "Mlakarica"];
/// A shorter text may stand anywhere by chance.
const SHORTEST: usize = 8;
/// In a cursor the position stands behind a version and a signature.
const BEFORE_POSITION: usize = 17;

/// One side.
pub(crate) struct Side {
    pub(crate) n: usize,
    /// What the other side must never see.
    pub(crate) secrets: BTreeSet<String>,
    /// Its products in the ERP.
    pub(crate) products: Vec<String>,
    /// Its partners in the ERP.
    pub(crate) partners: Vec<String>,
    /// Ids of records, of any type.
    pub(crate) records: Vec<String>,
    pub(crate) runs: Vec<String>,
    pub(crate) endpoints: Vec<String>,
    pub(crate) cursors: Vec<String>,
    /// Ids of keys.
    pub(crate) keys: Vec<String>,
    pub(crate) endpoint: String,
    /// Links to the console that are not used yet.
    pub(crate) codes: Vec<String>,
    /// Open sessions: the cookie and the token of the forms.
    pub(crate) sessions: Vec<(String, String)>,
}

impl Side {
    /// A tenant whose company has a record of every type.
    pub(crate) async fn new(world: &Inside, n: usize) -> Self {
        let mark = MARKS[n];
        let mut products = Vec::new();
        for i in 0..4 {
            let product = json!({"code": format!("{mark}-{i}"), "name": format!("{mark} izdelek {i}"), "unit": "kos", "sales": "true"});
            products.push(world.edit(n, &json!({"op": "product.create", "product": product})).await);
        }
        for (i, product) in products.iter().take(3).enumerate() {
            let amount = format!("{}7.25", 1_000 + 100 * n + i);
            world.edit(n, &json!({"op": "stock.set", "product": product, "warehouse": "LJ", "amount": amount})).await;
        }
        let mut partners = Vec::new();
        for i in 0..2 {
            let person = json!({"name": format!("{mark} oseba {i}"), "email": format!("oseba{i}@{}.example", mark.to_lowercase())});
            let partner = json!({
                "customer": format!("{mark} partner {i} d.o.o."), "business_entity": "true", "buyer": "true", "taxpayer": "true",
                "street": format!("{mark} ulica {i}"), "post_number": "1000", "place": "Ljubljana", "country": "Slovenija",
                "partner_contact": person,
            });
            partners.push(world.edit(n, &json!({"op": "partner.create", "partner": partner})).await);
        }
        let kinds = [
            "sales_offer",
            "sales_order",
            "sales_order",
            "sales_bill_domestic",
            "sales_bill_retail",
            "sales_bill_credit_note",
        ];
        for (i, kind) in kinds.into_iter().enumerate() {
            let row = json!({"code": format!("{mark}-{}", i % 4), "amount": "2", "price": format!("{}.37", 4_000 + 10 * n + i), "tax": "EX4"});
            let document = json!({
                "partner": {"mk_id": partners[i % 2]}, "product_list": [row], "notes": format!("{mark} opomba {i}"),
                "buyer_order": format!("{mark}-{i}"), "duo_payment": "2026-04-01", "service_to_date": "2026-03-10",
            });
            world.edit(n, &json!({"op": "document.create", "doc_type": kind, "document": document})).await;
        }
        let endpoint = String::new();
        Self {
            n,
            secrets: BTreeSet::new(),
            products,
            partners,
            records: vec![],
            runs: vec![],
            endpoints: vec![],
            cursors: vec![],
            keys: vec![],
            endpoint,
            codes: vec![],
            sessions: vec![],
        }
    }

    /// Learns what is this tenant's and not the other's, of the texts that their companies have.
    pub(crate) async fn learn_secrets(&mut self, world: &Inside, own: &BTreeSet<String>, other: &BTreeSet<String>) {
        self.secrets.extend(own.difference(other).cloned());
        let (id, key) = company(self.n);
        self.secrets.extend([id, key, webhook_secret(self.n), tenant_id(self.n).as_str().to_owned()]);
        self.secrets.extend([MARKS[self.n].to_owned(), MARKS[self.n].to_lowercase()]);
        for (what, objects) in [
            ("partners", &[Object::Contacts][..]),
            ("products", &[Object::Products, Object::Stock]),
            ("documents", &[Object::Offers, Object::Orders, Object::Invoices, Object::CreditNotes]),
        ] {
            for item in world.state(self.n, what).await {
                let erp_id: u64 = item["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
                let ids =
                    objects.iter().map(|o| RecordId::for_erp(&tenant_id(self.n), *o, ErpId::new(erp_id)).to_string());
                self.secrets.extend(ids);
            }
        }
    }

    /// Keeps what an answer gave this side, to use it later or to lend it.
    pub(crate) fn harvest(&mut self, reply: &Reply) {
        let body = reply.json();
        let lists = ["data", "endpoints"].into_iter().filter_map(|list| body[list].as_array()).flatten();
        let entries = lists.chain([&body, &body["first_run"], &body["endpoint"]]);
        for id in entries.filter_map(|entry| entry["id"].as_str()) {
            let known = match id.split('_').next() {
                Some("run") => &mut self.runs,
                Some("evt") => &mut self.endpoints,
                // A time and a number, which may be the same at both.
                Some("dlv") => continue,
                _ => &mut self.records,
            };
            if !known.iter().any(|k| k == id) {
                known.push(id.to_owned());
            }
            self.secrets.insert(id.to_owned());
        }
        if let (Some(id), Some(secret)) = (body["key"]["id"].as_str(), body["secret"].as_str()) {
            self.keys.push(id.to_owned());
            self.secrets.extend([id.to_owned(), secret.to_owned()]);
        }
        if let Some(cursor) = body["next_cursor"].as_str() {
            self.cursors.push(cursor.to_owned());
            self.secrets.insert(cursor.to_owned());
        }
    }

    /// Keeps a session that a link opened.
    pub(crate) fn keep_session(&mut self, cookie: &str, page: &str) {
        let csrf =
            page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        self.secrets.insert(cookie.to_owned());
        if csrf.len() >= SHORTEST {
            self.secrets.insert(csrf.to_owned());
        }
        self.sessions.push((cookie.to_owned(), csrf.to_owned()));
    }
}

/// The word that stands in every text of a tenant's company.
pub(crate) const fn mark(n: usize) -> &'static str {
    MARKS[n]
}

/// Every text of a company's state that is long enough not to stand anywhere by chance.
pub(crate) async fn texts_of_company(world: &Inside, n: usize) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for what in ["partners", "products", "warehouses", "stock", "documents"] {
        world.state(n, what).await.iter().for_each(|item| collect(item, &mut texts));
    }
    texts
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() >= SHORTEST => {
            into.insert(text.clone());
        }
        Value::Array(all) => all.iter().for_each(|v| collect(v, into)),
        Value::Object(all) => all.values().for_each(|v| collect(v, into)),
        _ => {}
    }
}

/// A secret that stands in a text, or in a cursor of it.
pub(crate) fn found(text: &str, secrets: &BTreeSet<String>) -> Option<String> {
    let body: Value = serde_json::from_str(text).unwrap_or_default();
    let position = body["next_cursor"].as_str().and_then(|c| BASE64_URL_SAFE_NO_PAD.decode(c).ok());
    let position = position.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    secrets.iter().find(|s| text.contains(s.as_str()) || position.contains(s.as_str())).cloned()
}

/// A cursor as the API makes them, but for its signature.
pub(crate) fn cursor_of(position: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode([&[1; BEFORE_POSITION], position].concat())
}
