//! Contacts that people merge, take apart and join: what both records have, and that ways always end.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::ChangeKind;
use domain::{ErpId, Fields, Object, ObjectSettings, RecordId, Rule, TenantId};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use sync::contacts::{Built, FURTHEST, Refused, Step, Trail, let_go, link_to, merge, unlink, unmerge};
use sync::twoway::{CrmEdit, Entry, HoldReason, Intent, Op, accept, pending};

fn tenant() -> TenantId {
    format!("t_{:0>20}", 1).parse().expect("a tenant id")
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn settings() -> ObjectSettings {
    ObjectSettings::standard(Object::Contacts)
}

fn fields(value: Value) -> Fields {
    let Value::Object(pieces) = value else { panic!("pieces") };
    pieces.into_iter().collect()
}

fn open(crm_id: &str, value: Value) -> Entry {
    let id = RecordId::for_crm(&tenant(), Object::Contacts, crm_id);
    Entry { due: Some(now()), ..Entry::of_crm(id, crm_id.to_owned(), fields(value)) }
}

fn linked(crm_id: &str, erp: u64, value: Value) -> Entry {
    let erp = ErpId::new(erp);
    let entry = Entry::of_erp(RecordId::for_erp(&tenant(), Object::Contacts, erp), erp, fields(value));
    Entry { crm_id: Some(crm_id.to_owned()), revision: 5, ..entry }
}

fn billing(street: &str) -> Value {
    json!({ "kind": "billing", "street": street })
}

fn branch(city: &str) -> Value {
    json!({ "kind": "branch", "city": city })
}

#[test]
fn the_one_that_stays_keeps_its_values_and_gets_what_it_lacked() {
    let survivor = linked("b", 7, json!({ "name": "Ana", "addresses/71": billing("Stari trg 4") }));
    let gone = open(
        "a",
        json!({ "name": "Ana d.o.o.", "registration_number": "123", "addresses/x": billing("Novi trg 1"),
            "addresses/71": branch("Kranj"), "persons/p": { "email": "ana@ana.si" } }),
    );
    let done = merge(&tenant(), &gone, &survivor, &settings(), "eva", now()).expect("merged");
    let crm = &done.survivor.crm;
    assert_eq!(crm.get("name"), Some(&json!("Ana")));
    assert_eq!(crm.get("registration_number"), Some(&json!("123")));
    assert_eq!(crm.get("addresses/71"), Some(&billing("Stari trg 4")), "there is one main address");
    assert_eq!(crm.get("addresses/e71"), Some(&branch("Kranj")), "an id of another partner names nothing here");
    assert_eq!(crm.get("persons/p"), Some(&json!({ "email": "ana@ana.si" })));
    assert_eq!(done.told.decided["name"], (Rule::Crm, Some(json!("Ana d.o.o."))), "the value that lost is told");
    assert_eq!((done.survivor.erp_id, done.survivor.due), (Some(ErpId::new(7)), Some(now())));
    assert_eq!(pending(&done.survivor), ["addresses/e71", "persons/p", "registration_number"]);
    assert_eq!(done.alias.crm, gone.crm, "nothing is lost");
    assert_eq!((done.alias.due, done.moves), (None, false));
}

#[test]
fn the_partner_of_the_one_that_goes_becomes_that_of_the_one_that_stays_by_the_rules() {
    let mut gone = linked(
        "a",
        7,
        json!({ "name": "Ana", "tax": { "tax_number": "SI10000003" }, "addresses/71": branch("Kranj"), "addresses/72": billing("Stari trg 4") }),
    );
    gone.crm.set("registration_number", json!("1"));
    let survivor = open(
        "b",
        json!({ "name": "Ana d.o.o.", "tax": { "tax_number": "SI93410981" }, "registration_number": "2",
            "addresses/home": billing("Stari trg 4"), "addresses/new": branch("Celje") }),
    );
    let done = merge(&tenant(), &gone, &survivor, &settings(), "eva", now()).expect("merged");
    let out = &done.survivor;
    assert_eq!((out.id, out.crm_id.as_deref(), out.erp_id), (gone.id, Some("b"), Some(ErpId::new(7))));
    assert!(out.conflicts.contains_key("name"), "a person decides between the CRM and the ERP");
    assert_eq!(out.crm.get("tax"), Some(&json!({ "tax_number": "SI10000003" })), "the ERP's by its rule");
    assert_eq!(out.crm.get("registration_number"), Some(&json!("2")), "neither had reached the ERP");
    assert_eq!(out.aliases, BTreeMap::from([("addresses/72".to_owned(), "addresses/home".to_owned())]));
    assert_eq!(pending(out), ["addresses/new", "registration_number"]);
    assert_eq!(done.alias.id, RecordId::for_crm(&tenant(), Object::Contacts, "a"));
    assert_eq!(done.alias.crm, gone.crm);
    assert!(out.revision > gone.revision && out.revision > survivor.revision);
}

#[test]
fn two_partners_writes_under_way_and_deleted_ones_are_refused() {
    let (a, b) = (linked("a", 7, json!({ "name": "Ana" })), linked("b", 8, json!({ "name": "Ana" })));
    let refused = |a: &Entry, b: &Entry| merge(&tenant(), a, b, &settings(), "eva", now()).expect_err("refused");
    let both = Refused::BothLinked { gone: ("a".to_owned(), ErpId::new(7)), survivor: ("b".to_owned(), ErpId::new(8)) };
    assert_eq!(refused(&a, &b), both);
    assert_eq!(refused(&a, &a), Refused::Cyclic(vec!["a".to_owned()]));
    let mut writing = open("c", json!({ "name": "Ana" }));
    let op = Op::Create { fields: writing.crm.clone(), marker: String::new() };
    writing.intent = Some(Intent::first(op, now()));
    assert_eq!(refused(&a, &writing), Refused::Busy("c".to_owned()));
    assert_eq!(refused(&writing, &a), Refused::Busy("c".to_owned()));
    let deleted = Entry { crm_deleted_at: Some(now()), ..open("d", json!({ "name": "Ana" })) };
    assert_eq!(refused(&deleted, &a), Refused::Deleted("d".to_owned()));
}

#[test]
fn a_merge_on_which_something_was_built_is_not_taken_back() {
    let survivor = linked("b", 7, json!({ "name": "Ana" }));
    let gone = open("a", json!({ "name": "Ana", "registration_number": "1" }));
    let done = merge(&tenant(), &gone, &survivor, &settings(), "eva", now()).expect("merged");
    let back = unmerge(&done.alias, &done.survivor, now()).expect("nothing was built");
    assert_eq!((&back.survivor.crm, &back.gone.crm), (&survivor.crm, &gone.crm));
    assert!(back.survivor.absorbed.is_empty() && back.gone.merged.is_none());
    let mut edited = done.survivor.clone();
    let wanted = fields(json!({ "name": "Ana s.p.", "registration_number": "1" }));
    let edit = CrmEdit { fields: wanted, seen: edited.crm.clone(), told_since: BTreeSet::new(), edited_at: None };
    accept(&mut edited, &edit, &settings(), now()).expect("taken");
    assert_eq!(unmerge(&done.alias, &edited, now()), Err(Built::Changed("b".to_owned())));
    let mut written = done.survivor.clone();
    (written.agreed, written.erp) = (written.crm.clone(), written.crm.clone());
    assert_eq!(unmerge(&done.alias, &written, now()), Err(Built::Written("b".to_owned())));
    assert_eq!(unmerge(&gone, &survivor, now()), Err(Built::NotMerged));
}

#[test]
fn a_contact_that_was_taken_apart_waits_whatever_is_edited_and_finds_its_entries_again() {
    let mut entry = linked(
        "a",
        7,
        json!({ "name": "Ana", "addresses/71": branch("Kranj"), "persons/5": { "name": "Eva", "address": "71" } }),
    );
    entry.crm = fields(
        json!({ "name": "Ana", "addresses/k": branch("Kranj"), "persons/5": { "name": "Eva", "address": "71" } }),
    );
    (entry.agreed, entry.erp) = (entry.crm.clone(), entry.crm.clone());
    entry.aliases.insert("addresses/71".to_owned(), "addresses/k".to_owned());
    let apart = unlink(&tenant(), &entry, "eva", now()).expect("apart");
    assert_eq!((apart.record.crm_id.clone(), apart.record.due), (None, None));
    assert_eq!(apart.record.crm.get("addresses/71"), Some(&branch("Kranj")));
    let mut contact = apart.open.clone();
    let why = contact.hold.clone().map(|hold| hold.reason);
    assert_eq!(why, Some(HoldReason::Unlinked { by: "eva".to_owned(), erp_id: ErpId::new(7) }));
    let mut wanted = contact.crm.clone();
    wanted.set("name", json!("Ana s.p."));
    let edit = CrmEdit { fields: wanted, seen: contact.crm.clone(), told_since: BTreeSet::new(), edited_at: None };
    accept(&mut contact, &edit, &settings(), now()).expect("taken").expect("told");
    assert!(contact.is_unlinked() && contact.due.is_none(), "an edit matches nothing");
    let (joined, change) = link_to(&contact, &contact.crm, &apart.record, &settings(), now());
    assert_eq!(joined.conflicts.keys().collect::<Vec<_>>(), ["name"], "the two names differ, and a person decides");
    assert_eq!(pending(&joined), [] as [&str; 0], "no entry is added a second time");
    assert_eq!((change.kind, joined.hold), (ChangeKind::Linked, None));
    let mut free = contact.clone();
    let_go(&mut free, now()).expect("let go");
    assert_eq!(free.crm.get("persons/e5"), Some(&json!({ "name": "Eva" })), "nothing of the old partner's");
    assert_eq!(free.due, Some(now()));
}

#[test]
fn a_contact_that_joins_another_partner_takes_no_id_along() {
    let contact = Entry {
        revision: 9,
        ..open("a", json!({ "name": "Ana", "addresses/71": branch("Kranj"), "addresses/72": billing("Stari trg 4") }))
    };
    let other =
        Entry { crm_id: None, ..linked("-", 8, json!({ "name": "Ana", "addresses/81": billing("Novi trg 1") })) };
    let (joined, _) = link_to(&contact, &contact.crm, &other, &settings(), now());
    assert_eq!(pending(&joined), ["addresses/e71"]);
    assert_eq!(joined.aliases["addresses/81"], "addresses/e72", "the main address is one");
    assert!(joined.conflicts.contains_key("addresses/e72"));
    assert!(joined.revision > 9);
}

/// What people do, by the numbers of the records.
#[derive(Clone, Debug)]
enum Act {
    Merge(usize, usize),
    Unmerge(usize),
    Unlink(usize),
    Link(usize, usize),
    Edit(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let n = 0..RECORDS;
    let act = prop_oneof![
        6 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Merge(a, b)),
        3 => n.clone().prop_map(Act::Unmerge),
        1 => n.clone().prop_map(Act::Unlink),
        1 => (n.clone(), 0..PARTNERS).prop_map(|(a, p)| Act::Link(a, p)),
        1 => n.prop_map(Act::Edit),
    ];
    prop::collection::vec(act, 0..60)
}

const RECORDS: usize = 14;
const PARTNERS: usize = 4;

fn crm_id(n: usize) -> String {
    format!("c{n}")
}

/// The table: what each id of the CRM leads to, and partners that are nobody's.
struct Book {
    records: BTreeMap<String, Entry>,
    free: BTreeMap<u64, Entry>,
}

impl Book {
    fn new() -> Self {
        let records = (0..RECORDS).map(|n| {
            let name = json!({ "name": format!("N{n}"), "addresses/h": billing(&format!("{n}")), "persons/p": { "name": format!("P{n}") } });
            let entry = if n < PARTNERS { linked(&crm_id(n), 100 + n as u64, name) } else { open(&crm_id(n), name) };
            (crm_id(n), entry)
        });
        Self { records: records.collect(), free: BTreeMap::new() }
    }

    /// Where an id leads.
    fn end(&self, from: &str) -> (String, Trail) {
        let (mut trail, mut at) = (Trail::from(from), from.to_owned());
        loop {
            let into = self.records[&at].merged.as_ref().map(|m| m.into.clone());
            match trail.step(into.as_deref()).expect("every way ends") {
                Step::Here => return (at, trail),
                Step::Next(next) => at = next,
            }
        }
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Merge(a, b) => {
                let (going, into) = (crm_id(a), crm_id(b));
                if self.records[&going].merged.is_some() {
                    return;
                }
                let (end, trail) = self.end(&into);
                if trail.check(&going).is_err() {
                    return;
                }
                let done = merge(&tenant(), &self.records[&going], &self.records[&end], &settings(), "eva", now());
                if let Ok(done) = done {
                    self.records.insert(going, done.alias);
                    self.records.insert(end, done.survivor);
                }
            }
            Act::Unmerge(n) => {
                let Some(merged) = self.records[&crm_id(n)].merged.clone() else { return };
                if let Ok(done) = unmerge(&self.records[&crm_id(n)], &self.records[&merged.into], now()) {
                    self.records.insert(crm_id(n), done.gone);
                    self.records.insert(merged.into, done.survivor);
                }
            }
            Act::Unlink(n) => {
                if let Ok(apart) = unlink(&tenant(), &self.records[&crm_id(n)], "eva", now()) {
                    self.free.insert(apart.record.erp_id.expect("a partner").get(), apart.record);
                    self.records.insert(crm_id(n), apart.open);
                }
            }
            Act::Link(n, p) => {
                let entry = &self.records[&crm_id(n)];
                let partner = 100 + p as u64;
                if entry.erp_id.is_none() && entry.merged.is_none() && self.free.contains_key(&partner) {
                    let (joined, _) = link_to(entry, &entry.crm, &self.free[&partner], &settings(), now());
                    self.free.remove(&partner);
                    self.records.insert(crm_id(n), joined);
                }
            }
            Act::Edit(n) => {
                let entry = self.records.get_mut(&crm_id(n)).expect("there");
                if entry.merged.is_none() {
                    let mut wanted = entry.crm.clone();
                    wanted.set("name", json!(format!("N{n} {}", entry.revision)));
                    let seen = entry.crm.clone();
                    let edit = CrmEdit { fields: wanted, seen, told_since: BTreeSet::new(), edited_at: None };
                    accept(entry, &edit, &settings(), now()).expect("taken");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn whatever_people_merge_every_way_ends_and_a_partner_has_one_record(acts in acts()) {
        let mut book = Book::new();
        for act in &acts {
            let before: BTreeMap<String, u64> = book.records.iter().map(|(id, e)| (id.clone(), e.revision)).collect();
            book.act(act);
            let mut partners = BTreeSet::new();
            for (id, entry) in &book.records {
                let (end, trail) = book.end(id);
                prop_assert!(trail.ids().len() <= usize::from(FURTHEST) + 1);
                prop_assert!(book.records[&end].merged.is_none());
                prop_assert_eq!(entry.crm_id.as_deref(), Some(id.as_str()));
                if let Some(partner) = entry.erp_id {
                    prop_assert!(entry.merged.is_none() && partners.insert(partner), "two live records of {}", partner);
                    prop_assert_eq!(entry.id, RecordId::for_erp(&tenant(), Object::Contacts, partner));
                } else {
                    prop_assert_eq!(entry.id, RecordId::for_crm(&tenant(), Object::Contacts, id));
                }
                if entry.merged.is_some() {
                    prop_assert!(entry.due.is_none() && entry.hold.is_none());
                }
                prop_assert!(entry.revision >= before[id], "a revision never goes back");
                // The aliases are those of the ERP's entries, each once.
                let names: BTreeSet<&String> = entry.aliases.values().collect();
                prop_assert_eq!(names.len(), entry.aliases.len());
            }
            for partner in book.free.keys() {
                prop_assert!(partners.insert(ErpId::new(*partner)));
            }
            prop_assert_eq!(partners.len(), PARTNERS, "no partner is lost");
        }
    }

    #[test]
    fn a_merge_taken_back_leaves_both_as_they_were(links in 0..3_u8, name in any::<bool>(), own in any::<bool>()) {
        let value = |n: &str| json!({ "name": n, "addresses/h": billing(n), "persons/p": { "name": n } });
        let (a, b) = ("Ana", if name { "Ana" } else { "Bor" });
        let mut gone = if links == 1 { linked("a", 7, value(a)) } else { open("a", value(a)) };
        if own {
            gone.crm.set("registration_number", json!("1"));
        }
        let survivor = if links == 2 { linked("b", 8, value(b)) } else { open("b", value(b)) };
        let done = merge(&tenant(), &gone, &survivor, &settings(), "eva", now()).expect("merged");
        let back = unmerge(&done.alias, &done.survivor, now()).expect("taken back");
        prop_assert_eq!(&back.gone, &Entry { revision: back.gone.revision, due: back.gone.due, ..gone });
        prop_assert_eq!(&back.survivor, &Entry { revision: back.survivor.revision, due: back.survivor.due, ..survivor });
    }
}

#[test]
fn a_circle_is_named_and_a_chain_is_only_as_long_as_it_is_followed() {
    let mut book = Book::new();
    for n in PARTNERS..PARTNERS + usize::from(FURTHEST) {
        book.act(&Act::Merge(n, n + 1));
    }
    let (first, last) = (crm_id(PARTNERS), crm_id(PARTNERS + usize::from(FURTHEST)));
    let (end, trail) = book.end(&first);
    assert_eq!((end.as_str(), trail.ids().len()), (last.as_str(), usize::from(FURTHEST) + 1));
    assert_eq!(trail.check(&last), Err(Refused::Cyclic(trail.ids().to_vec())));
    let next = &book.records[&crm_id(PARTNERS + usize::from(FURTHEST) + 1)];
    let done = merge(&tenant(), &book.records[&last], next, &settings(), "eva", now());
    assert_eq!(done, Err(Refused::TooDeep(last.clone())));
    book.act(&Act::Merge(PARTNERS + usize::from(FURTHEST) + 1, PARTNERS));
    assert_eq!(book.end(&crm_id(PARTNERS + usize::from(FURTHEST) + 1)).0, last, "the other way round it goes");
    for n in (PARTNERS..PARTNERS + usize::from(FURTHEST)).rev().skip(1) {
        book.act(&Act::Unmerge(n));
        assert!(book.records[&crm_id(n)].merged.is_some(), "the later merge comes first");
    }
}
