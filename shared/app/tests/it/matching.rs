//! Contacts of the CRM that the ERP may already have: what is joined, what waits, and what a person's word does.

use app::twoway::edit::{self, By, EditError, Word};
use app::twoway::oversight;
use domain::change::{ChangeKind, Evidence};
use domain::{ErpId, Object, RecordId, Settings};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use sync::twoway::{Decision, Entry, HoldReason, NotDecided};

use crate::twoway::ready;
use crate::world::World;

const EVA: By<'static> = By { actor: "eva", request: Some("req-1") };

/// A partner as a user of the ERP writes it: name, tax number, e-mail, street; an empty text is left out.
impl World {
    async fn partner(&self, name: &str, tax: &str, email: &str, street: &str) -> ErpId {
        let mut partner = json!({ "customer": name, "buyer": "true", "business_entity": "true" });
        for (field, value, there) in [
            ("tax_id_number", json!(tax), tax),
            ("partner_contact", json!([{ "name": "Tajništvo", "email": email }]), email),
            ("street", json!(street), street),
            ("post_number", json!("3000"), street),
            ("place", json!("Celje"), street),
        ] {
            if !there.is_empty() {
                partner[field] = value;
            }
        }
        let path = format!("/companies/{}/edit", self.companies[0].0);
        let made = self.control(reqwest::Method::POST, &path, json!({ "op": "partner.create", "partner": partner }));
        made.await["id"].as_str().expect("an id").parse().expect("an id")
    }

    async fn pushed(&self, customer: Value) -> Entry {
        self.put(Object::Contacts, "c-1", customer).await;
        self.push().await;
        self.of_crm(Object::Contacts, "c-1").await
    }

    async fn say(&self, entry: &Entry, decision: Decision) -> Result<edit::Held, EditError> {
        let word = Word { revision: entry.revision, decision, reason: Some("known by phone".to_owned()) };
        edit::settle_match(&self.services, &self.tenant(1), entry.id, &word, EVA).await
    }

    pub(crate) async fn added(&self) -> u64 {
        self.calls().await["calls"]["add_partner"].as_u64().unwrap_or(0)
    }

    /// What is written once more when everything is looked at again: nothing.
    async fn is_silent(&self) {
        let (writes, seq) = (self.writes().await, self.tenant(1).seq().await.expect("the table"));
        self.push().await;
        assert_eq!((self.writes().await, self.tenant(1).seq().await), (writes, Ok(seq)));
    }
}

fn customer(name: &str, tax: &str, email: &str, street: &str) -> Value {
    let mut fields = json!({ "name": name, "company": true, "buyer": true });
    for (piece, value, there) in [
        ("tax", json!({ "tax_number": tax }), tax),
        ("persons/p1", json!({ "name": "Tajništvo", "email": email }), email),
        (
            "addresses/a1",
            json!({ "kind": "billing", "street": street, "post_code": "3000", "city": "Celje", "country": "SI" }),
            street,
        ),
    ] {
        if !there.is_empty() {
            fields[piece] = value;
        }
    }
    fields
}

fn evidence(entry: &Entry) -> Vec<(ErpId, Vec<Evidence>)> {
    let hold = entry.hold.as_ref().expect("it waits");
    hold.candidates.iter().map(|c| (c.erp_id, c.evidence.clone())).collect()
}

fn none_of(ids: &[ErpId]) -> Decision {
    Decision::New { none_of: ids.iter().copied().collect() }
}

#[tokio::test]
async fn a_tax_number_is_the_same_with_its_country_and_without() {
    for (seed, ours, theirs) in [(31, "SI 12345678", "12345678"), (32, "12345678", "SI 12345678")] {
        let w = ready(seed).await;
        let erp_id = w.partner("Žaga Celje d.o.o.", theirs, "", "").await;
        let entry = w.pushed(customer("Žaga Celje", ours, "", "")).await;
        assert_eq!((entry.erp_id, entry.hold.as_ref(), w.added().await), (Some(erp_id), None, 0), "{entry:#?}");
        let told = w.tenant(1).history(entry.id, 10).await.expect("the table");
        let linked = told.iter().find(|c| c.kind == ChangeKind::Linked).expect("told");
        let matched = linked.matched.clone().expect("with its evidence");
        assert_eq!((matched.erp_id, matched.evidence), (Some(erp_id), vec![Evidence::TaxNumber, Evidence::Name]));
    }
}

#[tokio::test]
async fn name_and_address_are_enough_where_there_is_no_number() {
    let w = ready(33).await;
    let erp_id = w.partner("Ana Zidar", "", "", "Glavni trg 7").await;
    let entry = w.pushed(customer("ana zidar", "", "", "Glavni trg 7")).await;
    assert_eq!((entry.erp_id, entry.hold.as_ref(), w.added().await), (Some(erp_id), None, 0), "{entry:#?}");
}

#[tokio::test]
async fn a_name_alone_waits_with_its_evidence_and_is_joined_when_a_person_says_so() {
    let w = ready(34).await;
    let erp_id = w.partner("Ana Zidar", "", "", "Glavni trg 7").await;
    let entry = w.pushed(customer("Ana Zidar", "", "", "Stari trg 9")).await;
    let (waiting, _) = oversight::waiting(&w.tenant(1), None, 10).await.expect("the table");
    assert_eq!(waiting, std::slice::from_ref(&entry));
    let hold = entry.hold.clone().expect("it waits");
    assert_eq!(hold.reason, HoldReason::Different { erp_id });
    assert_eq!(evidence(&entry), [(erp_id, vec![Evidence::Name])]);
    assert!(hold.candidates[0].name == "Ana Zidar" && hold.candidates[0].number.is_some(), "{hold:#?}");

    let stale = Entry { revision: entry.revision + 1, ..entry.clone() };
    let refused = w.say(&stale, Decision::Link { erp_id }).await;
    assert!(matches!(refused, Err(EditError::NotDecided(NotDecided::Moved))), "{refused:?}");
    w.say(&entry, Decision::Link { erp_id }).await.expect("taken");
    w.say(&entry, Decision::Link { erp_id }).await.expect("said again it changes nothing");
    for _ in 0..2 {
        w.push().await;
    }
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert_eq!((entry.erp_id, entry.chosen, entry.hold.as_ref(), w.added().await), (Some(erp_id), None, None, 0));
    let told = w.tenant(1).history(entry.id, 10).await.expect("the table");
    let words: Vec<_> = told.iter().filter(|c| c.actor == "eva").collect();
    let [word] = words.as_slice() else { panic!("one word: {told:#?}") };
    let matched = word.matched.clone().expect("what she said");
    assert_eq!((matched.erp_id, matched.evidence), (Some(erp_id), vec![Evidence::Name]));
    assert_eq!((matched.reason.as_deref(), word.event.as_deref()), (Some("known by phone"), Some("req-1")));
    w.is_silent().await;
}

#[tokio::test]
async fn a_shared_mailbox_waits_and_none_of_them_makes_exactly_one() {
    let w = ready(35).await;
    let first = w.partner("Lesnina Maribor", "", "info@lesnina.example", "").await;
    let second = w.partner("Lesnina Koper", "", "info@lesnina.example", "").await;
    let entry = w.pushed(customer("Lesnina Celje", "", "info@lesnina.example", "")).await;
    let both = vec![Evidence::Email, Evidence::Name];
    let found: BTreeSet<_> = evidence(&entry).into_iter().collect();
    assert_eq!(found, BTreeSet::from([(first, both.clone()), (second, both)]));
    let refused = w.say(&entry, none_of(&[first])).await;
    assert!(matches!(refused, Err(EditError::NotDecided(NotDecided::OthersByNow))), "{refused:?}");
    assert_eq!(w.added().await, 0);
    w.say(&entry, none_of(&[first, second])).await.expect("taken");
    // A third one appears before the visit: it is asked about, the other two are not.
    let third = w.partner("Lesnina Kranj", "", "info@lesnina.example", "").await;
    w.push().await;
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert_eq!(evidence(&entry), [(third, vec![Evidence::Email, Evidence::Name])]);
    w.say(&entry, none_of(&[third])).await.expect("taken");
    for _ in 0..3 {
        w.push().await;
    }
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert!(entry.hold.is_none() && ![Some(first), Some(second), Some(third), None].contains(&entry.erp_id));
    assert_eq!(w.added().await, 1);
    w.is_silent().await;
}

#[tokio::test]
async fn a_new_one_is_made_once_and_asks_again_only_about_a_new_candidate() {
    let w = ready(36).await;
    let first = w.partner("Ana Zidar", "", "", "Glavni trg 7").await;
    let entry = w.pushed(customer("Ana Zidar", "", "", "Stari trg 9")).await;
    w.say(&entry, none_of(&[first])).await.expect("taken");
    let second = w.partner("ANA ZIDAR", "", "", "").await;
    w.push().await;
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert_eq!(evidence(&entry), [(second, vec![Evidence::Name])]);
    w.say(&entry, none_of(&[second])).await.expect("taken");
    w.push().await;
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert!(entry.hold.is_none() && ![Some(first), Some(second), None].contains(&entry.erp_id), "{entry:#?}");
    assert_eq!((w.added().await, entry.rejected.len()), (1, 0));
    w.push().await;
    w.is_silent().await;
    assert_eq!(w.added().await, 1);
    let told = w.tenant(1).history(entry.id, 10).await.expect("the table");
    let said: Vec<_> = told.iter().filter_map(|c| c.matched.clone()).map(|m| m.none_of).collect();
    assert_eq!(said, [BTreeSet::from([second]), BTreeSet::from([first])]);
}

#[tokio::test]
async fn a_new_one_whose_answer_is_lost_is_found_beside_its_namesake() {
    let w = ready(37).await;
    let first = w.partner("Ana Zidar", "", "", "Glavni trg 7").await;
    let entry = w.pushed(customer("Ana Zidar", "", "", "")).await;
    w.say(&entry, none_of(&[first])).await.expect("taken");
    w.fault(json!({ "endpoint": "add_partner", "kind": "commit_then_lose_answer", "ms": 0, "remaining": 1 })).await;
    w.push().await;
    w.clock.advance(jiff::SignedDuration::from_mins(20));
    w.push().await;
    let entry = w.of_crm(Object::Contacts, "c-1").await;
    assert!(entry.hold.is_none() && ![Some(first), None].contains(&entry.erp_id), "{entry:#?}");
    assert_eq!(w.added().await, 1);
}

#[tokio::test]
async fn a_candidate_with_the_same_tax_number_or_another_contact_is_refused_with_the_reason() {
    let w = ready(38).await;
    let erp_id = w.partner("Mlekarna Planika", "12345678", "", "").await;
    let entry = w.pushed(customer("Ana Zidar", "SI12345678", "", "")).await;
    assert_eq!(evidence(&entry), [(erp_id, vec![Evidence::TaxNumber, Evidence::DifferentName])]);
    let refused = w.say(&entry, none_of(&[erp_id])).await;
    assert!(matches!(refused, Err(EditError::NotDecided(NotDecided::SameTaxNumber(of))) if of == erp_id));
    // Another record of the CRM is that partner.
    w.put(Object::Contacts, "c-2", customer("Mlekarna Planika", "12345678", "", "")).await;
    w.push().await;
    assert_eq!(w.of_crm(Object::Contacts, "c-2").await.erp_id, Some(erp_id));
    let refused = w.say(&entry, Decision::Link { erp_id }).await;
    assert!(matches!(&refused, Err(EditError::LinkTaken { crm_id }) if crm_id == "c-2"), "{refused:?}");
    assert_eq!((w.of_crm(Object::Contacts, "c-1").await, w.added().await), (entry, 0));
}

#[tokio::test]
async fn a_plan_shows_the_link_that_a_person_chose_and_carries_it_out() {
    let w = ready(39).await;
    let erp_id = w.partner("Ana Zidar", "", "", "Glavni trg 7").await;
    let entry = w.pushed(customer("Ana Zidar", "", "", "")).await;
    let settings = edit::settings(&w.tenant(1)).await.expect("the table");
    let quiet = Settings { read_only: true, version: settings.version, ..settings };
    oversight::change_settings(&w.services, &w.tenant(1), quiet.version, quiet.clone(), EVA).await.expect("changed");
    w.say(&entry, Decision::Link { erp_id }).await.expect("taken");
    w.push().await;
    assert_eq!(w.of_crm(Object::Contacts, "c-1").await.erp_id, None, "read-only");
    let view = w.plan().await;
    let plan = view.plan.clone().expect("made");
    let item = plan.item(RecordId::for_crm(w.tenant(1).id(), Object::Contacts, "c-1")).expect("planned");
    assert_eq!((item.action.name(), item.erp_id), ("link", Some(erp_id)), "{item:#?}");
    w.approve(&view).await.expect("approved");
    w.work_plan(&view.row.id).await;
    assert_eq!((w.of_crm(Object::Contacts, "c-1").await.erp_id, w.added().await), (Some(erp_id), 0));
}
