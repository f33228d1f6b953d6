//! The CRM's requests and the visits that follow, against the simulator.

use app::twoway::edit::{self, By, EditError, Held, Put};
use app::work::{Outcome, work};
use cloud::Work;
use domain::{Fields, Object, Settings};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sync::twoway::{Entry, HoldReason};

use crate::world::{LONG, World};

pub(crate) const BY: By<'static> = By { actor: "ana", request: None };

fn pieces(value: Value) -> Fields {
    let Value::Object(pieces) = value else { panic!("an object") };
    pieces.into_iter().collect()
}

/// A tenant that is loaded and may write.
pub(crate) async fn ready(seed: u64) -> World {
    let w = World::new(seed).await;
    w.connected(1, 0).await;
    let mut settings = Settings { read_only: false, ..Settings::standard() };
    for object in settings.objects.values_mut() {
        object.deletes_in_erp = true;
    }
    w.tenant(1).replace_settings_if(0, &settings).await.expect("none yet");
    w
}

impl World {
    pub(crate) async fn put(&self, object: Object, crm_id: &str, value: Value) -> Held {
        self.try_put(object, crm_id, value, None).await.expect("taken")
    }

    pub(crate) async fn try_put(
        &self,
        object: Object,
        crm_id: &str,
        value: Value,
        revision: Option<u64>,
    ) -> Result<Held, EditError> {
        let put = Put { fields: pieces(value), revision, ..Put::default() };
        edit::put(&self.services, &self.tenant(1), object, crm_id, &put, BY).await
    }

    pub(crate) async fn push(&self) {
        let outcome = work(&self.services, &self.tenant(1), &Work::Push, LONG).await.expect("a slice");
        assert_eq!(outcome, Outcome::Done);
    }

    pub(crate) async fn of_crm(&self, object: Object, crm_id: &str) -> Entry {
        edit::find(&self.tenant(1), object, crm_id).await.expect("the table").expect("a record")
    }

    pub(crate) async fn writes(&self) -> u64 {
        let calls = self.calls().await;
        let of = |name: &str| calls["calls"][name].as_u64().unwrap_or(0);
        of("put_document")
            + of("add_partner")
            + of("product_add")
            + of("update_document")
            + of("update_partner")
            + of("product_update")
            + of("delete_document")
            + of("product_delete")
            + of("change_document_status")
    }
}

pub(crate) fn contact(name: &str) -> Value {
    json!({
        "name": name, "company": true, "buyer": true,
        "tax": { "tax_number": "SI93410981", "taxpayer": true },
        "addresses/a": { "kind": "billing", "street": "Cesta 1", "post_code": "1000", "city": "Ljubljana", "country": "SI" },
    })
}

#[tokio::test]
async fn a_customer_a_product_and_an_order_of_the_crm_are_made_once_and_linked() {
    let w = ready(11).await;
    w.put(
        Object::Orders,
        "o-1",
        json!({
            "partner": { "crm_id": "c-1" }, "title": "Prvo naročilo", "currency": "EUR", "date": "2026-03-10",
            "lines/l1": { "product_crm_id": "p-1", "amount": "3", "price": "12.5" },
        }),
    )
    .await;
    w.put(Object::Contacts, "c-1", contact("Novi kupec d.o.o.")).await;
    w.put(Object::Products, "p-1", json!({ "name": "Nov izdelek", "code": "NOV-1", "unit": "kos", "sales": true }))
        .await;
    for _ in 0..4 {
        w.push().await;
        w.clock.advance(SignedDuration::from_secs(90));
    }
    for (object, crm_id) in [(Object::Contacts, "c-1"), (Object::Products, "p-1"), (Object::Orders, "o-1")] {
        let entry = w.of_crm(object, crm_id).await;
        assert!(entry.erp_id.is_some() && entry.intent.is_none() && entry.hold.is_none(), "{crm_id}: {entry:#?}");
        assert_eq!((&entry.conflicts, entry.due), (&[].into(), None), "{crm_id}: {entry:#?}");
    }
    let writes = w.writes().await;
    // The run that follows meets what we made, and writes nothing on either side.
    let seq = w.tenant(1).seq().await.expect("the table");
    w.full_run(1).await;
    w.push().await;
    assert_eq!((w.writes().await, w.tenant(1).seq().await), (writes, Ok(seq)));
}

#[tokio::test]
async fn an_edit_of_the_crm_is_one_write_and_an_edit_of_the_erp_is_told() {
    let w = ready(12).await;
    w.put(Object::Contacts, "c-1", contact("Novi kupec d.o.o.")).await;
    w.push().await;
    let made = w.of_crm(Object::Contacts, "c-1").await;
    assert!(made.erp_id.is_some(), "{made:#?}");
    let writes = w.writes().await;
    let mut fields: Value = json!({});
    for (piece, value) in made.crm.iter() {
        fields[piece] = value.clone();
    }
    fields["name"] = json!("Novi kupec d.d.");
    let held = w.try_put(Object::Contacts, "c-1", fields.clone(), Some(made.revision)).await.expect("taken");
    assert_eq!(held.entry.revision, made.revision + 1);
    w.push().await;
    assert_eq!(w.writes().await, writes + 1);
    // Sent again, it changes nothing.
    w.try_put(Object::Contacts, "c-1", fields, Some(made.revision)).await.expect("taken");
    w.push().await;
    assert_eq!(w.writes().await, writes + 1);
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert_eq!(entry.erp.get("name"), Some(&json!("Novi kupec d.d.")));
    assert_eq!((entry.due, entry.hold), (None, None));
}

#[tokio::test]
async fn nothing_is_written_to_the_erp_while_the_tenant_is_read_only() {
    let w = World::new(13).await;
    w.connected(1, 0).await;
    w.put(Object::Contacts, "c-1", contact("Novi kupec d.o.o.")).await;
    w.push().await;
    assert_eq!(w.writes().await, 0);
    assert!(w.of_crm(Object::Contacts, "c-1").await.due.is_some(), "it waits");
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_found_and_never_sent_again() {
    let w = ready(14).await;
    w.fault(json!({ "endpoint": "add_partner", "kind": "commit_then_lose_answer", "ms": 0, "remaining": 1 })).await;
    w.put(Object::Contacts, "c-1", contact("Novi kupec d.o.o.")).await;
    w.push().await;
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert!(entry.intent.is_some() && entry.erp_id.is_none(), "unknown, not failed: {entry:#?}");
    w.push().await;
    w.clock.advance(SignedDuration::from_mins(20));
    w.push().await;
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert!(entry.erp_id.is_some() && entry.hold.is_none(), "{entry:#?}");
    assert_eq!(w.calls().await["calls"]["add_partner"], json!(1));
}

#[tokio::test]
async fn what_the_erp_refuses_waits_for_a_person_with_its_code() {
    let w = ready(15).await;
    let order = json!({ "partner": { "erp_id": "1" }, "lines/l1": { "product": "2", "amount": "1" } });
    w.put(Object::Orders, "o-1", order).await;
    w.push().await;
    let entry = w.of_crm(Object::Orders, "o-1").await;
    assert!(matches!(entry.hold.map(|h| h.reason), Some(HoldReason::Rejected { .. })));
}
