//! What the CRM sends, and what the ERP has beside it.

use app::work::{Outcome, work};
use axum::http::{Method, StatusCode};
use cloud::Work;
use domain::{Fields, Object, Record};
use fn_crm_api::contract::CrmRecord;
use jiff::SignedDuration;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use store::{Commit, ConnectionState, OpenWrite, Queue, Row, TwoWay};

use crate::support::{Answer, World, contact, id_of};

/// An ERP that nobody reaches: every call to it fails at once.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:1";

/// A customer with few pieces.
pub(crate) fn customer(name: &str) -> Value {
    json!({ "name": name, "buyer": true })
}

/// An order of a customer and a product of the CRM.
pub(crate) fn order() -> Value {
    json!({
        "partner": { "crm_id": "c-1" }, "currency": "EUR",
        "lines/l1": { "product_crm_id": "p-1", "amount": "2", "price": "12.5" },
    })
}

/// The pieces of a record.
pub(crate) fn pieces(record: &Record) -> Value {
    serde_json::to_value(Fields::of(record)).expect("JSON")
}

/// An answer has the form of the contract: read and written again, it is the same.
pub(crate) fn assert_form<T: Serialize + DeserializeOwned>(answer: &Answer) {
    let read: T = serde_json::from_value(answer.body.clone()).unwrap_or_else(|e| panic!("{e}: {}", answer.body));
    assert_eq!(serde_json::to_value(&read).expect("JSON"), answer.body);
}

impl Answer {
    /// Refused with this code at this place.
    pub(crate) fn is_refused(&self, code: &str, at: &str) {
        assert_eq!((self.code(), self.fault()), (code, at), "{} {}", self.status, self.body);
    }

    /// A record in the form of the contract, with this status, and with the tag of its revision.
    pub(crate) fn is_record(&self, status: StatusCode) -> &Value {
        assert_eq!(self.status, status, "{}", self.body);
        assert_form::<CrmRecord>(self);
        assert_eq!(self.header("etag"), format!("\"{}\"", self.body["revision"]));
        &self.body
    }
}

impl World {
    /// A world where tenants 1 and 2 are connected to an ERP that nobody reaches.
    pub(crate) async fn connected() -> Self {
        let world = Self::with_erp(&[NOWHERE]).await;
        for n in [1, 2] {
            world.connect_to(n, ConnectionState::Connected, NOWHERE).await;
        }
        world
    }

    /// Puts a record of tenant `n`'s CRM, as an edit on `revision`.
    pub(crate) async fn put(&self, n: u32, path: &str, revision: Option<u64>, body: Value) -> Answer {
        let tag = revision.map(|r| format!("\"{r}\""));
        let headers: Vec<_> = tag.iter().map(|tag| ("if-match", tag.as_str())).collect();
        self.send(n, Method::PUT, path, &headers, &body.to_string()).await
    }

    /// Puts the pieces of a record of tenant 1, as an edit on `revision`.
    pub(crate) async fn edit(&self, path: &str, revision: Option<u64>, fields: Value) -> Answer {
        self.put(1, path, revision, json!({ "fields": fields })).await
    }

    pub(crate) async fn delete(&self, n: u32, path: &str) -> Answer {
        self.ask(Method::DELETE, path, Some(&self.token(n, "administrator")), &[], None).await
    }

    pub(crate) async fn post(&self, n: u32, path: &str, body: Value) -> Answer {
        self.send(n, Method::POST, path, &[], &body.to_string()).await
    }

    /// Asks for something without a body.
    pub(crate) async fn order(&self, n: u32, path: &str) -> Answer {
        self.ask(Method::POST, path, Some(&self.token(n, "administrator")), &[], None).await
    }

    /// Tenant `n` may write on both sides from now on.
    pub(crate) async fn open(&self, n: u32) {
        let answer = self.get(n, "/v1/settings").await;
        let version = answer.body["version"].as_u64().expect("a version");
        let body = json!({ "read_only": false, "objects": answer.body["objects"] });
        let opened = self.put(n, "/v1/settings", Some(version), body).await;
        assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
    }

    /// Contact `erp_id` of tenant 1's ERP by the name "Ana", linked to the CRM's `crm_id`, which has these pieces.
    pub(crate) async fn link(&self, erp_id: u64, crm_id: &str, fields: Value) -> Answer {
        let record = contact(erp_id, "Ana");
        self.load(1, std::slice::from_ref(&record)).await;
        let body = json!({ "fields": fields, "record": id_of(&self.tenant(1), &record) });
        self.put(1, &format!("/v1/contacts/{crm_id}"), None, body).await
    }

    /// The same, where the two sides have different names: a person must say.
    pub(crate) async fn in_conflict(&self, erp_id: u64, crm_id: &str) -> String {
        let mut fields = pieces(&contact(erp_id, "Ana"));
        fields["name"] = json!("Ana d.o.o.");
        let linked = self.link(erp_id, crm_id, fields).await;
        linked.is_record(StatusCode::OK)["record"].as_str().expect("an id").to_owned()
    }

    /// Tenant 1's worker does something, to its end.
    pub(crate) async fn work(&self, what: &Work) {
        let done = work(&self.services, &self.tenant(1), what, SignedDuration::from_mins(10)).await;
        assert_eq!(done.expect("a slice"), Outcome::Done);
    }

    /// How many changes tenant 1 was told.
    pub(crate) async fn told(&self) -> u64 {
        self.tenant(1).seq().await.expect("the table")
    }

    /// The id of a contact of tenant 1's ERP.
    pub(crate) fn contact_id(&self, erp_id: u64) -> String {
        id_of(&self.tenant(1), &contact(erp_id, "Ana")).to_string()
    }

    /// The id that a record of the CRM has before the ERP has it.
    pub(crate) fn open_id(&self, object: Object, crm_id: &str) -> String {
        domain::RecordId::for_crm(self.tenant(1).id(), object, crm_id).to_string()
    }

    /// A record that only tenant 1's CRM has waits for a person from now on.
    pub(crate) async fn hold(&self, id: &str, hold: Value) {
        let tenant = self.tenant(1);
        let Some(Row::Open(open)) = tenant.row(id.parse().expect("an id")).await.expect("the table") else {
            panic!("an open row")
        };
        let mut sides: Value = serde_json::from_slice(&open.two_way.bytes).expect("JSON");
        sides.as_object_mut().expect("members").remove("due");
        sides["hold"] = hold;
        let bytes = serde_json::to_vec(&sides).expect("JSON");
        let part = TwoWay { bytes, queue: Some(Queue::Person(open.updated_at)), ..open.two_way.clone() };
        let mut commit = Commit::unleased();
        commit.opens.push(OpenWrite::replace(&open, part, None));
        commit.seq = tenant.seq().await.expect("the table");
        tenant.commit(&commit, self.services.clock.now()).await.expect("written");
    }
}
