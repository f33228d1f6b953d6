//! Contacts that people merge, take apart and join, against the simulator.

use app::twoway::edit::{self, EditError, Put};
use app::twoway::people::{self, Pair, PeopleError};
use domain::{Fields, Object, RecordId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::Row;
use sync::contacts::{ApartError, Built, Refused};
use sync::twoway::{Entry, HoldReason, Winner, pending};

use crate::log::assert_folds;
use crate::twoway::{BY, contact, ready};
use crate::world::World;

impl World {
    /// A contact of the ERP that the CRM takes up as it is.
    async fn claimed(&self, crm_id: &str, n: usize) -> Entry {
        let list = self.tenant(1).list(Object::Contacts, None, n + 1, false).await.expect("the table");
        let stored = &list.records[n];
        let put = Put { fields: Fields::of(&stored.record), record: Some(stored.id), ..Put::default() };
        edit::put(&self.services, &self.tenant(1), Object::Contacts, crm_id, &put, BY).await.expect("linked").entry
    }

    async fn merged(&self, going: &str, into: &str) -> Result<Pair, PeopleError> {
        let revision = self.of_crm(Object::Contacts, going).await.revision;
        people::merge(&self.services, &self.tenant(1), (going, into), revision, BY).await
    }

    async fn end(&self, crm_id: &str) -> Entry {
        let end = people::end_of(&self.tenant(1), Object::Contacts, crm_id).await.expect("the table");
        end.expect("a record").entry
    }

    async fn settled(&self) {
        for _ in 0..4 {
            self.push().await;
            self.clock.advance(SignedDuration::from_secs(90));
        }
    }

    async fn told(&self, id: RecordId) -> Vec<String> {
        let changes = self.tenant(1).whole_history(id, 50).await.expect("the table");
        changes.iter().map(|c| format!("{} {:?}", c.crm_id.as_deref().unwrap_or("-"), c.kind)).collect()
    }
}

fn customer(name: &str, tax: &str) -> Value {
    let mut value = contact(name);
    value["tax"]["tax_number"] = json!(tax);
    value
}

fn order(of: &str) -> Value {
    json!({ "partner": { "crm_id": of }, "currency": "EUR", "lines/l1": { "product_crm_id": "p-1", "amount": "1", "price": "5" } })
}

#[tokio::test]
async fn two_contacts_that_the_erp_does_not_have_are_made_as_one_and_orders_of_either_are_its() {
    let w = ready(41).await;
    w.put(Object::Products, "p-1", json!({ "name": "Nov izdelek", "code": "NOV-1", "unit": "kos", "sales": true }))
        .await;
    w.put(Object::Contacts, "b", customer("Ana d.o.o.", "SI10000003")).await;
    let mut gone = customer("Ana", "SI93410981");
    gone["persons/p"] = json!({ "name": "Ana Kos", "email": "ana@example.si" });
    w.put(Object::Contacts, "a", gone.clone()).await;
    w.put(Object::Orders, "o-1", order("a")).await;
    let pair = w.merged("a", "b").await.expect("merged");
    assert_eq!(pair.survivor.crm.get("persons/p"), Some(&gone["persons/p"]));
    assert_eq!(w.end("a").await, w.of_crm(Object::Contacts, "b").await);
    // Asked again it is the same, whatever revision is named by then.
    assert_eq!(w.merged("a", "b").await.expect("the same").survivor.revision, pair.survivor.revision);
    let refused = w.try_put(Object::Contacts, "a", gone, None).await.expect_err("it is another one");
    assert!(matches!(refused, EditError::Merged { into } if into == "b"));
    w.settled().await;
    assert_eq!(w.added().await, 1, "one partner");
    let survivor = w.end("a").await;
    let partner = survivor.erp_id.expect("made").to_string();
    let made = w.of_crm(Object::Orders, "o-1").await;
    assert!(made.erp_id.is_some() && made.hold.is_none(), "{made:#?}");
    assert_eq!(made.erp.get("partner").expect("a partner")["erp_id"], json!(partner));
    // The history of each tells it, and the one that stays tells that of both.
    let alias = w.of_crm(Object::Contacts, "a").await;
    assert_eq!(w.told(alias.id).await, ["a Merged", "a Added"]);
    let told = w.told(survivor.id).await;
    for line in ["b Linked", "b Merged", "a Added", "b Added"] {
        assert!(told.iter().any(|t| t == line), "{line}: {told:?}");
    }
    assert_eq!(alias.crm.get("name"), Some(&json!("Ana")), "what it was is not lost");
    // It is in the ERP: taking it back would leave that there.
    let back = people::unmerge(&w.services, &w.tenant(1), "a", BY).await.expect_err("built upon");
    assert!(matches!(back, PeopleError::Built(Built::Changed(_) | Built::Written(_))), "{back:?}");
    assert_folds(&w).await;
    // Another tenant has neither, and reaches neither.
    let two = w.tenant(2);
    let none = people::merge(&w.services, &two, ("a", "b"), 1, BY).await.expect_err("not its own");
    assert!(matches!(none, PeopleError::Edit(EditError::NotFound)), "{none:?}");
    let link = people::link(&w.services, &two, "a", survivor.id, BY).await.expect_err("not its own");
    assert!(matches!(link, PeopleError::Edit(EditError::NotFound)), "{link:?}");
}

#[tokio::test]
async fn a_contact_without_a_partner_takes_over_that_of_the_one_that_goes_and_gives_it_back() {
    let w = ready(42).await;
    let linked = w.claimed("a", 3).await;
    w.put(Object::Contacts, "b", customer("Ana d.o.o.", "SI10000003")).await;
    let before = w.of_crm(Object::Contacts, "b").await;
    let pair = w.merged("a", "b").await.expect("merged");
    assert_eq!((pair.survivor.id, pair.survivor.erp_id), (linked.id, linked.erp_id));
    assert!(pair.survivor.conflicts.contains_key("name"), "a person decides: {:#?}", pair.survivor.conflicts);
    assert_eq!(pair.gone.crm, linked.crm);
    assert_folds(&w).await;
    let back = people::unmerge(&w.services, &w.tenant(1), "a", BY).await.expect("taken back");
    assert_eq!((&back.gone.crm, &back.survivor.crm), (&linked.crm, &before.crm));
    assert_eq!(w.of_crm(Object::Contacts, "a").await.id, linked.id);
    assert_eq!(w.of_crm(Object::Contacts, "b").await.erp_id, None);
    assert_folds(&w).await;
    // An edit that was made before both lies on what another one had then: it is read again.
    let mut edited = serde_json::to_value(&linked.crm).expect("pieces");
    edited["name"] = json!("Ana s.p.");
    let late = w.try_put(Object::Contacts, "a", edited, Some(linked.revision)).await.expect_err("read it again");
    assert!(matches!(late, EditError::TooOld), "{late:?}");
    // Once more, and now something is built on it.
    let pair = w.merged("a", "b").await.expect("merged");
    let person = edit::settle(&w.services, &w.tenant(1), pair.survivor.id, "name", Winner::Crm, BY).await;
    person.expect("settled");
    let built = people::unmerge(&w.services, &w.tenant(1), "a", BY).await.expect_err("built upon");
    assert!(matches!(built, PeopleError::Built(Built::Written(_) | Built::Changed(_))), "{built:?}");
    let writes = w.writes().await;
    w.settled().await;
    let survivor = w.of_crm(Object::Contacts, "b").await;
    assert_eq!(survivor.erp.get("name"), Some(&json!("Ana d.o.o.")), "the CRM's name is in the ERP");
    assert_eq!((w.added().await, w.writes().await > writes), (0, true));
    w.full_run(1).await;
    assert_folds(&w).await;
}

#[tokio::test]
async fn circles_two_partners_and_creates_under_way_are_refused_and_change_nothing() {
    let w = ready(43).await;
    let (a, b) = (w.claimed("a", 1).await, w.claimed("b", 2).await);
    let refused = w.merged("a", "b").await.expect_err("two partners");
    let both = Refused::BothLinked {
        gone: ("a".to_owned(), a.erp_id.expect("a partner")),
        survivor: ("b".to_owned(), b.erp_id.expect("a partner")),
    };
    assert!(matches!(refused, PeopleError::Merge(r) if r == both));
    for (n, tax) in ["SI10000003", "SI93410981", "SI97473189"].into_iter().enumerate() {
        w.put(Object::Contacts, &format!("c{n}"), customer(&format!("Kupec {n}"), tax)).await;
    }
    let into_itself = w.merged("c0", "c0").await.expect_err("a circle");
    assert!(matches!(into_itself, PeopleError::Merge(Refused::Cyclic(ids)) if ids == ["c0"]));
    w.merged("c0", "c1").await.expect("merged");
    w.merged("c1", "c2").await.expect("merged");
    assert_eq!(w.end("c0").await.crm_id.as_deref(), Some("c2"));
    let circle = w.merged("c2", "c0").await.expect_err("a circle");
    assert!(matches!(circle, PeopleError::Merge(Refused::Cyclic(ids)) if ids == ["c0", "c1", "c2"]));
    let gone = w.merged("c0", "a").await.expect_err("it went already");
    assert!(matches!(gone, PeopleError::Edit(EditError::Merged { into }) if into == "c1"));
    let first = people::unmerge(&w.services, &w.tenant(1), "c0", BY).await.expect_err("the later one comes first");
    assert!(matches!(first, PeopleError::Built(Built::WentOn(..))));
    let moved = people::merge(&w.services, &w.tenant(1), ("c2", "a"), 1, BY).await.expect_err("an old revision");
    assert!(matches!(moved, PeopleError::Moved));
    // A create whose answer was lost.
    w.fault(json!({ "endpoint": "add_partner", "kind": "commit_then_lose_answer", "ms": 0, "remaining": 1 })).await;
    w.push().await;
    assert!(w.of_crm(Object::Contacts, "c2").await.intent.is_some());
    for (going, into) in [("c2", "a"), ("a", "c2")] {
        let busy = w.merged(going, into).await.expect_err("under way");
        assert!(matches!(busy, PeopleError::Merge(Refused::Busy(of)) if of == "c2"));
    }
    w.clock.advance(SignedDuration::from_mins(20));
    w.push().await;
    assert_eq!((w.added().await, w.end("c0").await.erp_id.is_some()), (1, true));
    assert_folds(&w).await;
}

#[tokio::test]
async fn of_two_people_who_merge_each_into_the_other_one_succeeds() {
    let w = World::new(44).await;
    for n in 0..6 {
        let (a, b) = (format!("a{n}"), format!("b{n}"));
        w.put(Object::Contacts, &a, contact("Ana")).await;
        w.put(Object::Contacts, &b, contact("Ana d.o.o.")).await;
        let (one, other) = tokio::join!(w.merged(&a, &b), w.merged(&b, &a));
        let done = [one.is_ok(), other.is_ok()];
        assert_eq!(done.iter().filter(|ok| **ok).count(), 1, "{one:?} {other:?}");
        let lost = if done[0] { other } else { one };
        assert!(matches!(lost, Err(PeopleError::Merge(Refused::Cyclic(_)))), "{lost:?}");
        assert_eq!(w.end(&a).await.id, w.end(&b).await.id);
    }
}

#[tokio::test]
async fn a_pair_that_a_person_takes_apart_stays_apart_until_a_person_joins_it() {
    let w = ready(45).await;
    w.put(Object::Contacts, "a", contact("Novi kupec d.o.o.")).await;
    w.settled().await;
    let made = w.of_crm(Object::Contacts, "a").await;
    let partner = made.erp_id.expect("made");
    let apart = people::unlink(&w.services, &w.tenant(1), "a", None, BY).await.expect("apart");
    let why = HoldReason::Unlinked { by: "ana".to_owned(), erp_id: partner };
    assert_eq!((apart.hold.map(|h| h.reason), &apart.crm), (Some(why), &made.crm));
    let again = people::unlink(&w.services, &w.tenant(1), "a", Some(1), BY).await.expect("the same");
    assert_eq!(again.revision, apart.revision);
    assert_folds(&w).await;
    // Neither an edit nor a run matches it or makes it.
    let mut fields = serde_json::to_value(&made.crm).expect("pieces");
    fields["name"] = json!("Novi kupec s.p.");
    w.try_put(Object::Contacts, "a", fields, Some(made.revision)).await.expect("the CRM's own");
    w.settled().await;
    w.full_run(1).await;
    let open = w.of_crm(Object::Contacts, "a").await;
    assert!(open.erp_id.is_none() && open.is_unlinked(), "{open:#?}");
    assert_eq!(w.added().await, 1);
    let row = w.tenant(1).row(made.id).await.expect("the table");
    assert!(matches!(row, Some(Row::Record(s)) if s.two_way.as_ref().is_none_or(|t| t.crm_id.is_none())));
    // Joined again: the name differs, which a person decides; the address is the same one.
    let joined = people::link(&w.services, &w.tenant(1), "a", made.id, BY).await.expect("joined");
    assert_eq!(joined.conflicts.keys().collect::<Vec<_>>(), ["name"]);
    assert_eq!((joined.erp_id, pending(&joined).len()), (Some(partner), 0));
    let same = people::link(&w.services, &w.tenant(1), "a", made.id, BY).await.expect("the same");
    assert_eq!(same.revision, joined.revision);
    edit::settle(&w.services, &w.tenant(1), made.id, "name", Winner::Crm, BY).await.expect("settled");
    w.settled().await;
    let entry = w.of_crm(Object::Contacts, "a").await;
    let list = |f: &Fields| f.iter().filter(|(k, _)| k.starts_with("addresses/")).count();
    assert_eq!((entry.erp.get("name"), list(&entry.erp)), (Some(&json!("Novi kupec s.p.")), 1), "{entry:#?}");
    assert_folds(&w).await;
    // Apart once more, and let go: it is searched for like any other, and found.
    let apart = people::unlink(&w.services, &w.tenant(1), "a", None, BY).await.expect("apart");
    edit::look_again(&w.services, &w.tenant(1), apart.id, BY).await.expect("let go");
    w.settled().await;
    let found = w.of_crm(Object::Contacts, "a").await;
    assert_eq!((found.erp_id, w.added().await), (Some(partner), 1));
    let none = people::unlink(&w.services, &w.tenant(1), "nobody", None, BY).await.expect_err("no such contact");
    assert!(matches!(none, PeopleError::Edit(EditError::NotFound)));
    w.put(Object::Contacts, "n", customer("Brez partnerja", "SI10000003")).await;
    let none = people::unlink(&w.services, &w.tenant(1), "n", None, BY).await.expect_err("nothing to take apart");
    assert!(matches!(none, PeopleError::Apart(ApartError::NotLinked)));
    assert_folds(&w).await;
}

#[tokio::test]
async fn what_was_taken_apart_by_a_deletion_is_linked_again_and_a_partner_has_one_contact() {
    let w = ready(46).await;
    let (a, b) = (w.claimed("a", 1).await, w.claimed("b", 2).await);
    edit::delete(&w.services, &w.tenant(1), Object::Contacts, "a", BY).await.expect("deleted");
    w.settled().await;
    let restored = edit::take_back(&w.services, &w.tenant(1), a.id, BY).await.expect_err("apart");
    assert!(matches!(restored, EditError::TakenApart), "{restored:?}");
    let taken = people::link(&w.services, &w.tenant(1), "c", b.id, BY).await.expect_err("it is b's");
    assert!(matches!(taken, PeopleError::Edit(EditError::LinkTaken { crm_id }) if crm_id == "b"));
    let elsewhere = people::link(&w.services, &w.tenant(1), "b", a.id, BY).await.expect_err("b has a partner");
    assert!(matches!(elsewhere, PeopleError::Edit(EditError::LinkedElsewhere)));
    let back = people::link(&w.services, &w.tenant(1), "a", a.id, BY).await.expect("linked again");
    assert_eq!((&back.crm, back.crm_deleted_at, back.due), (&a.crm, None, None));
    assert_folds(&w).await;
    // A contact that only the CRM has is linked with its value by a put as well.
    people::unlink(&w.services, &w.tenant(1), "b", None, BY).await.expect("apart");
    let put = Put { fields: b.crm.clone(), record: Some(b.id), ..Put::default() };
    let held = edit::put(&w.services, &w.tenant(1), Object::Contacts, "b", &put, BY).await.expect("joined");
    assert_eq!((held.entry.erp_id, pending(&held.entry).len(), held.created), (b.erp_id, 0, false));
    assert_folds(&w).await;
}
