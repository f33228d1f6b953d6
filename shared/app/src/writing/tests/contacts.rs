//! Partners in the simulator.

use domain::{Fields, Object, Record};
use serde_json::{Value, json};
use sync::twoway::{Op, Outcome};

use super::world::{World, create, entry, holds, pieces, update};
use crate::writing::{Control, Lookup, Writer};

const CONTACTS: Object = Object::Contacts;

fn customer() -> Fields {
    pieces(json!({
        "name": "Kovinarstvo Žagar d.o.o.",
        "company": true,
        "tax": { "tax_number": "SI10040073", "taxpayer": true },
        "registration_number": "1234567000",
        "buyer": true,
        "supplier": false,
        "addresses/a1": { "kind": "billing", "street": "Cesta 1", "post_code": "1000", "city": "Ljubljana", "country": "SI" },
        "addresses/a2": { "kind": "delivery", "street": "Skladiščna 5", "post_code": "1386", "city": "Stari trg pri Ložu" },
        "addresses/a3": { "kind": "branch", "street": "Obala 3", "post_code": "6000", "city": "Koper", "country": "SI" },
        "persons/p1": { "name": "Ana Žagar", "email": "ana@zagar.example", "mobile": "+38631123456" },
        "persons/p2": { "name": "Bor Kos", "phone": "+38615551234", "fax": "+38615551235" },
    }))
}

#[tokio::test]
async fn a_contact_with_several_addresses_and_persons_is_made_whole_and_found_exactly() {
    let world = World::start(21).await;
    let fields = customer();
    let none = world.probe(CONTACTS, &fields, &[]).await;
    assert_eq!(none, (Vec::new(), true), "nothing is there, and nothing is known to be");
    let erp_id = world.create(CONTACTS, &fields).await;
    holds(&world.fields(CONTACTS, erp_id).await, &fields);
    assert_eq!(world.probe(CONTACTS, &fields, &[]).await.0, [erp_id]);
    for key in ["tax", "persons/p1", "name"] {
        let mut by_one = pieces(json!({}));
        by_one.put(key, fields.get(key));
        assert_eq!(world.probe(CONTACTS, &by_one, &[]).await.0, [erp_id], "by {key} alone");
    }
}

#[tokio::test]
async fn a_tax_number_is_found_however_it_was_typed() {
    let world = World::start(22).await;
    let partner = json!({ "customer": "Brez predpone", "tax_id_number": "10040073" });
    let made = world.edit(json!({ "op": "partner.create", "partner": partner })).await;
    let fields = pieces(json!({ "tax": { "tax_number": "SI10040073" } }));
    let (found, _) = world.probe(CONTACTS, &fields, &[]).await;
    assert_eq!(found.len(), 1);
    assert_eq!(made["id"], found[0].to_string());
}

#[tokio::test]
async fn every_shared_piece_of_a_contact_is_changed_and_read_back() {
    let world = World::start(23).await;
    let erp_id = world.create(CONTACTS, &customer()).await;
    let made = world.fields(CONTACTS, erp_id).await;
    let address = entry(&made, "addresses", &json!({ "kind": "branch" })).expect("a branch");
    let person = entry(&made, "persons", &json!({ "name": "Bor Kos" })).expect("Bor");
    let mut moved = made.get(&address).cloned().expect("an address");
    moved["street"] = json!("Obala 7");
    moved["kind"] = json!("delivery");
    let mut renamed = made.get(&person).cloned().expect("a person");
    renamed["email"] = json!("bor@zagar.example");
    let changes = [
        json!({ "name": "Kovinarstvo Žagar in sin d.o.o." }),
        json!({ "company": false }),
        json!({ "tax": { "tax_number": "SI59082437", "taxpayer": false } }),
        json!({ "registration_number": "7654321000" }),
        json!({ "buyer": false, "supplier": true }),
        json!({ address.as_str(): moved }),
        json!({ person.as_str(): renamed }),
        json!({ "addresses/n": { "kind": "delivery", "street": "Nova 9", "city": "Celje" } }),
        json!({ "persons/n": { "name": "Cene", "mobile": "+38640111222" } }),
    ];
    for change in changes {
        world.set(CONTACTS, erp_id, change.clone()).await;
        holds(&world.fields(CONTACTS, erp_id).await, &pieces(change));
    }
    let now = world.fields(CONTACTS, erp_id).await;
    let of = |list: &str| now.iter().filter(|(piece, _)| piece.starts_with(list)).count();
    assert_eq!((of("addresses/"), of("persons/")), (4, 3), "entries with an id were changed, not added");
}

#[tokio::test]
async fn an_update_that_is_sent_twice_adds_nothing_twice() {
    let world = World::start(24).await;
    let erp_id = world.create(CONTACTS, &customer()).await;
    let change = json!({
        "addresses/n": { "kind": "delivery", "street": "Nova 9", "city": "Celje" },
        "persons/n": { "name": "Cene", "mobile": "+38640111222" },
    });
    world.fault(json!({"kind": "commit_then_lose_answer", "endpoint": "update_partner", "remaining": 1})).await;
    assert_eq!(world.send(CONTACTS, &update(erp_id, change.clone())).await, Outcome::Unknown);
    let once = world.fields(CONTACTS, erp_id).await;
    holds(&once, &pieces(change.clone()));
    let calls = world.calls("update_partner").await;
    world.set(CONTACTS, erp_id, change).await;
    assert_eq!(world.fields(CONTACTS, erp_id).await, once);
    assert_eq!(world.calls("update_partner").await, calls, "what is there already is not sent");
}

#[tokio::test]
async fn what_the_api_cannot_do_to_a_contact_is_refused_before_anything_is_sent() {
    let world = World::start(25).await;
    let erp_id = world.create(CONTACTS, &customer()).await;
    let before = world.fields(CONTACTS, erp_id).await;
    let calls = world.calls("update_partner").await;
    let address = entry(&before, "addresses", &json!({ "kind": "branch" })).expect("a branch");
    let with = |key: &str, value: Value| {
        let mut changed = before.get(&address).cloned().expect("an address");
        changed[key] = value;
        json!({ "name": "Drugo", address.as_str(): changed })
    };
    for change in [
        json!({ "name": "Drugo", address.as_str(): null }),
        with("payment_due_days", json!(30)),
        with("street", Value::Null),
        json!({ "name": null }),
        json!({ "tax": null }),
        json!({ "tax": { "taxpayer": true } }),
        json!({ "registration_number": null }),
        json!({ "foreign": true }),
    ] {
        world.refuses(CONTACTS, erp_id, change, "not_in_api").await;
    }
    assert_eq!(world.send(CONTACTS, &Op::Delete { erp_id }).await, Outcome::Rejected { code: "not_in_api".to_owned() });
    assert_eq!(world.fields(CONTACTS, erp_id).await, before);
    assert_eq!(world.calls("update_partner").await, calls);
}

#[tokio::test]
async fn a_control_is_found_in_every_way_that_is_searched_in_and_a_blind_search_fails_it() {
    let world = World::start(26).await;
    let known = world.partners().await;
    let mut controls = Vec::new();
    for erp_id in known.into_iter().take(2) {
        controls.extend(Control::of(&world.record(CONTACTS, erp_id).await.expect("a partner")));
    }
    let fields = customer();
    assert_eq!(world.probe(CONTACTS, &fields, &controls).await, (Vec::new(), true));
    world.create(CONTACTS, &fields).await;
    world.fault(json!({"kind": "search_empty", "endpoint": "get_partner"})).await;
    assert_eq!(world.probe(CONTACTS, &fields, &controls).await, (Vec::new(), false), "it does not see what is there");
}

#[tokio::test]
async fn a_contact_that_was_merged_away_is_absent_and_one_that_cannot_be_read_is_not() {
    let world = World::start(27).await;
    let (from, into) = (world.create(CONTACTS, &customer()).await, world.partners().await[0]);
    let look = async || Writer::new(&world.client).side(&Lookup::of(CONTACTS, from, None)).await.0;
    world.fault(json!({"kind": "http_status", "endpoint": "get_partner", "remaining": 1})).await;
    assert_eq!(look().await, sync::twoway::Side::Unknown);
    world.edit(json!({ "op": "partner.merge", "from": from.to_string(), "into": into.to_string() })).await;
    super::world::is_absent(&look().await);
    assert_eq!(world.send(CONTACTS, &update(from, json!({ "name": "Ni ga" }))).await, Outcome::NotSent);
}

#[tokio::test]
async fn a_contact_whose_second_call_is_not_made_stays_open_and_is_found() {
    let world = World::start(28).await;
    let fields = customer();
    world.fault(json!({"kind": "quota", "endpoint": "update_partner", "remaining": 1})).await;
    assert_eq!(world.send(CONTACTS, &create(CONTACTS, &fields)).await, Outcome::Unknown);
    let (found, _) = world.probe(CONTACTS, &fields, &[]).await;
    let [erp_id] = found.as_slice() else { panic!("{found:?}") };
    let record = world.record(CONTACTS, *erp_id).await.expect("it is there");
    assert!(matches!(record, Record::Contact(contact) if contact.addresses.len() == 2 && contact.persons.len() == 1));
    // What is left goes as an update does, and nothing of it twice.
    let rest = json!({ "addresses/a3": fields.get("addresses/a3"), "persons/p1": fields.get("persons/p1"), "persons/p2": fields.get("persons/p2") });
    world.set(CONTACTS, *erp_id, rest).await;
    holds(&world.fields(CONTACTS, *erp_id).await, &fields);
}

#[tokio::test]
async fn a_row_that_cannot_be_used_is_in_the_way_only_when_it_may_be_the_one() {
    let world = World::start(29).await;
    let broken = |name: &str| {
        let contact = json!({ "name": "?", "email": "ni naslov" });
        json!({ "op": "partner.create", "partner": { "customer": name, "partner_contact": contact } })
    };
    world.edit(broken("Žaga Novak, stari naslov")).await;
    let fields = pieces(json!({ "name": "Žaga Novak" }));
    assert_eq!(world.probe(CONTACTS, &fields, &[]).await, (Vec::new(), true));
    world.edit(broken("ŽAGA NOVAK")).await;
    let keys = sync::twoway::keys_of(super::world::id(CONTACTS), &fields);
    let (probed, _) = Writer::new(&world.client).probe(CONTACTS, &keys, &[&fields], &[]).await;
    assert_eq!(probed, sync::twoway::Probed::CannotTell);
}
