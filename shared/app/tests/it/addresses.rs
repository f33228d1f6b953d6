//! Addresses and persons of contacts, both ways and never twice, against the simulator.

use app::twoway::edit::{self, Put};
use domain::{AddressKind, Contact, Fields, Object, Record, RecordId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::Row;
use sync::twoway::Entry;

use crate::twoway::{BY, ready};
use crate::world::World;

impl World {
    /// The partner as the last reading has it.
    async fn partner_of(&self, id: RecordId) -> Contact {
        let row = self.tenant(1).row(id).await.expect("the table");
        let Some(Row::Record(stored)) = row else { panic!("no record") };
        let Record::Contact(contact) = stored.record else { panic!("a contact") };
        *contact
    }

    async fn visited(&self) {
        for _ in 0..3 {
            self.push().await;
            self.clock.advance(SignedDuration::from_secs(90));
        }
    }

    async fn set(&self, entry: &Entry, changes: Value) -> Entry {
        let mut fields = entry.crm.clone();
        for (piece, value) in changes.as_object().expect("pieces") {
            fields.set(piece, value.clone());
        }
        let put = Put { fields, revision: Some(entry.revision), ..Put::default() };
        let crm_id = entry.crm_id.as_deref().expect("the CRM's");
        edit::put(&self.services, &self.tenant(1), Object::Contacts, crm_id, &put, BY).await.expect("taken").entry
    }

    /// Somebody changes the partner in the ERP.
    async fn in_erp(&self, entry: &Entry, mut partner: Value) {
        let (company_id, secret_key) = self.companies[0].clone();
        partner["mk_id"] = json!(entry.erp_id.expect("a partner").to_string());
        let body = json!({ "secret_key": secret_key, "company_id": company_id, "partner": partner });
        let url = format!("{}/rest/eshop/v1/update_partner", self.erp_url);
        let answer = reqwest::Client::new().post(url).body(body.to_string()).send().await.expect("an answer");
        let text = answer.text().await.expect("a text");
        assert!(text.contains("partner_list"), "{text}");
    }
}

fn customer() -> Value {
    json!({
        "name": "Kovinarstvo Žagar d.o.o.", "company": true, "buyer": true,
        "tax": { "tax_number": "SI93410981", "taxpayer": true },
        "addresses/main": { "kind": "billing", "street": "Cesta 1", "post_code": "1000", "city": "Ljubljana", "country": "SI" },
        "addresses/depot": { "kind": "delivery", "street": "Skladiščna 5", "post_code": "1386", "city": "Stari trg pri Ložu", "country": "SI" },
        "addresses/coast": { "kind": "branch", "street": "Obala 3", "post_code": "6000", "city": "Koper", "country": "SI" },
        "persons/ana": { "name": "Ana Žagar", "email": "ana@zagar.example" },
        "persons/bor": { "name": "Bor Kos", "phone": "+38615551234" },
    })
}

/// The ERP's id of an entry that the CRM has under `name`.
fn id_of(entry: &Entry, name: &str) -> String {
    entry.erp_name(name).rsplit('/').next().expect("an id").to_owned()
}

#[tokio::test]
async fn addresses_of_every_kind_and_persons_travel_both_ways_and_are_changed_by_their_ids() {
    let w = ready(51).await;
    w.put(Object::Contacts, "c-1", customer()).await;
    w.visited().await;
    let made = w.of_crm(Object::Contacts, "c-1").await;
    assert!(made.erp_id.is_some() && made.due.is_none() && made.conflicts.is_empty(), "{made:#?}");
    let partner = w.partner_of(made.id).await;
    let mut kinds: Vec<&AddressKind> = partner.addresses.iter().map(|a| &a.kind).collect();
    kinds.sort_by_key(|kind| format!("{kind:?}"));
    assert_eq!(kinds, [&AddressKind::Billing, &AddressKind::Branch, &AddressKind::Delivery]);
    assert_eq!(partner.persons.len(), 2);
    // The CRM changes one of each and hangs a person on its own branch, by the id that it is told of it.
    let coast = id_of(&made, "addresses/coast");
    let edited = w
        .set(&made, json!({
            "addresses/coast": { "kind": "branch", "street": "Obala 7", "post_code": "6000", "city": "Koper", "country": "SI" },
            "persons/bor": { "name": "Bor Kos", "phone": "+38615551234", "email": "bor@zagar.example" },
            "persons/cene": { "name": "Cene Vir", "mobile": "+38640111222", "address": coast },
        }))
        .await;
    assert!(edited.due.is_some());
    w.visited().await;
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert!(entry.due.is_none() && entry.hold.is_none() && entry.conflicts.is_empty(), "{entry:#?}");
    let partner = w.partner_of(made.id).await;
    assert_eq!((partner.addresses.len(), partner.persons.len()), (3, 3), "changed by their ids, not added");
    let cene = partner.persons.iter().find(|p| p.email.is_none() && p.mobile.is_some()).expect("Cene");
    assert_eq!(cene.address.map(|a| a.to_string()), Some(coast.clone()));
    // The ERP changes an address and a person: the CRM is told by its own names.
    let address = json!({ "mk_id": coast, "street": "Obala 9" });
    let person = json!({ "mk_id": id_of(&entry, "persons/ana"), "gsm": "031 123 456" });
    w.in_erp(&entry, json!({ "partner_delivery_address_list": [address], "partner_contact_list": [person] })).await;
    // The ERP lists no partners: the next visit reads it.
    w.set(&entry, json!({ "name": "Kovinarstvo Žagar in sin d.o.o." })).await;
    w.visited().await;
    let told = w.of_crm(Object::Contacts, "c-1").await;
    assert_eq!(told.crm.get("addresses/coast").expect("there")["street"], "Obala 9");
    assert_eq!(told.crm.get("persons/ana").expect("there")["mobile"], "+38631123456");
    assert_eq!(told.crm.len(), entry.crm.len(), "no entry is told twice");
}

#[tokio::test]
async fn an_entry_whose_answer_was_lost_is_never_added_twice() {
    let w = ready(52).await;
    // The second call of a create.
    w.fault(json!({ "endpoint": "update_partner", "kind": "commit_then_lose_answer", "ms": 0, "remaining": 1 })).await;
    w.put(Object::Contacts, "c-1", customer()).await;
    w.push().await;
    w.clock.advance(SignedDuration::from_mins(20));
    w.visited().await;
    let made = w.of_crm(Object::Contacts, "c-1").await;
    assert!(made.erp_id.is_some() && made.due.is_none() && made.hold.is_none(), "{made:#?}");
    let partner = w.partner_of(made.id).await;
    assert_eq!((partner.addresses.len(), partner.persons.len()), (3, 2));
    // An update that adds one of each.
    w.fault(json!({ "endpoint": "update_partner", "kind": "commit_then_lose_answer", "ms": 0, "remaining": 1 })).await;
    w.set(&made, json!({
        "addresses/new": { "kind": "delivery", "street": "Nova 9", "post_code": "3000", "city": "Celje", "country": "SI" },
        "persons/new": { "name": "Dana Lah", "email": "dana@zagar.example" },
    }))
    .await;
    w.push().await;
    assert!(w.of_crm(Object::Contacts, "c-1").await.intent.is_some(), "nobody knows");
    w.clock.advance(SignedDuration::from_mins(20));
    w.visited().await;
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert!(entry.intent.is_none() && entry.due.is_none() && entry.conflicts.is_empty(), "{entry:#?}");
    let partner = w.partner_of(made.id).await;
    assert_eq!((partner.addresses.len(), partner.persons.len()), (4, 3), "each once");
    assert_ne!(id_of(&entry, "addresses/new"), "new", "it has its id");
}

#[tokio::test]
async fn a_contact_that_is_linked_with_entries_under_its_own_names_adds_none_of_them() {
    let w = ready(53).await;
    w.put(Object::Contacts, "c-1", customer()).await;
    w.visited().await;
    let made = w.of_crm(Object::Contacts, "c-1").await;
    app::twoway::people::unlink(&w.services, &w.tenant(1), "c-1", None, BY).await.expect("apart");
    // Another contact of the CRM, with names of its own for the same entries and less to say of one.
    let mut value = customer();
    for (old, new) in
        [("addresses/main", "addresses/1a"), ("addresses/coast", "addresses/2a"), ("persons/ana", "persons/1a")]
    {
        let entry = value.as_object_mut().expect("pieces").remove(old).expect("there");
        value[new] = entry;
    }
    value["addresses/1a"]["street"] = json!("Cesta 11");
    let fields: Fields = value.as_object().expect("pieces").clone().into_iter().collect();
    let put = Put { fields, record: Some(made.id), ..Put::default() };
    let linked = edit::put(&w.services, &w.tenant(1), Object::Contacts, "c-2", &put, BY).await.expect("linked").entry;
    assert_eq!(linked.conflicts.keys().collect::<Vec<_>>(), ["addresses/1a"], "one main address, said in two ways");
    w.visited().await;
    w.full_run(1).await;
    let partner = w.partner_of(made.id).await;
    assert_eq!((partner.addresses.len(), partner.persons.len()), (3, 2));
}

#[tokio::test]
async fn discounts_by_category_are_read_and_are_the_erps() {
    let w = ready(54).await;
    let mut after = None;
    let (id, discounts) = loop {
        let part = w.tenant(1).list(Object::Contacts, after, 100, false).await.expect("the table");
        let with = part.records.iter().find_map(|stored| match &stored.record {
            Record::Contact(contact) if !contact.discounts.is_empty() => Some((stored.id, contact.discounts.clone())),
            _ => None,
        });
        match with {
            Some(found) => break found,
            None => after = Some(part.next.expect("a partner with discounts")),
        }
    };
    let entry = edit::entry(&w.tenant(1), id).await.expect("the table").expect("a record");
    assert_eq!(entry.crm.get("discounts").and_then(Value::as_array).map(Vec::len), Some(discounts.len()));
    let put = Put { fields: entry.crm.clone(), record: Some(id), ..Put::default() };
    let linked = edit::put(&w.services, &w.tenant(1), Object::Contacts, "c-1", &put, BY).await.expect("linked").entry;
    let mut fields = linked.crm.clone();
    fields.set("discounts", json!([]));
    let put = Put { fields, revision: Some(linked.revision), ..Put::default() };
    let refused = edit::put(&w.services, &w.tenant(1), Object::Contacts, "c-1", &put, BY).await;
    assert!(matches!(refused, Err(edit::EditError::Refused(sync::twoway::Refusal::OwnedByErp(_)))), "{refused:?}");
}
