//! A contact that could be one of several partners: what a person says, and what the visits after it do.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{ChangeKind, Evidence, Matched};
use domain::{ErpId, Fields, Object, ObjectSettings, RecordId};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use sync::twoway::{
    Change, Decision, Effect, Ended, Entry, HoldReason, Input, Match, NotDecided, Op, Outcome, Probed, Save, Side,
    Timing, Visit, decide,
};

use crate::world::{id, tenant};

/// Partners as the ERP has them, one record of the CRM, and what was sent and told.
struct World {
    partners: BTreeMap<ErpId, Fields>,
    rows: BTreeMap<RecordId, Entry>,
    of: RecordId,
    now: Timestamp,
    made: usize,
    told: Vec<Change>,
    /// The next answer to a create is lost.
    loses_answer: bool,
}

fn contact(name: &str, tax: &str, email: &str, street: &str) -> Fields {
    let mut fields = Fields::from_iter([("name", json!(name))]);
    for (piece, value, there) in [
        ("tax", json!({ "tax_number": tax }), tax),
        ("persons/p1", json!({ "name": "Nekdo", "email": email }), email),
        ("addresses/a1", json!({ "kind": "billing", "post_code": "1000", "street": street }), street),
    ] {
        if !there.is_empty() {
            fields.set(piece, value);
        }
    }
    fields
}

impl World {
    fn new(ours: Fields, partners: impl IntoIterator<Item = (u64, Fields)>) -> Self {
        let of = RecordId::for_crm(&tenant(), Object::Contacts, "c-1");
        let mut entry = Entry::of_crm(of, "c-1".to_owned(), ours);
        (entry.version, entry.due) = (1, Some(Timestamp::UNIX_EPOCH));
        Self {
            partners: partners.into_iter().map(|(n, fields)| (id(n), fields)).collect(),
            rows: [(of, entry)].into(),
            of,
            now: Timestamp::UNIX_EPOCH,
            made: 0,
            told: Vec::new(),
            loses_answer: false,
        }
    }

    fn entry(&self) -> &Entry {
        &self.rows[&self.of]
    }

    fn entry_mut(&mut self) -> &mut Entry {
        self.rows.get_mut(&self.of).expect("the record")
    }

    fn visit(&mut self) -> Ended {
        let settings = ObjectSettings::standard(Object::Contacts);
        let mut visit = Visit::new(tenant(), self.of, settings, Timing::STANDARD);
        let mut input = Input::Begin;
        loop {
            input = match visit.step(input, self.now) {
                Effect::Load(id) => Input::Loaded(self.rows.get(&id).cloned().map(Box::new)),
                Effect::Read(erp_id) => Input::Side(self.partners.get(&erp_id).map_or(Side::Absent, |fields| {
                    Side::Present { fields: fields.clone(), changed_at: None, locked: false }
                })),
                Effect::Probe(_) => {
                    // All that there are: what a search brings too much is for the engine to see.
                    let all = self.partners.iter().map(|(id, f)| Match { erp_id: *id, fields: f.clone() });
                    Input::Probed(Probed::Answered { found: all.collect(), control: true })
                }
                Effect::Save(save) => self.save(*save),
                Effect::Send { op, .. } => Input::Sent(self.send(op)),
                Effect::Done(report) => return report.ended,
            };
        }
    }

    fn save(&mut self, save: Save) -> Input {
        if let Some((old, _)) = save.replaces {
            self.rows.remove(&old);
            self.of = save.entry.id;
        }
        self.rows.insert(save.entry.id, save.entry);
        self.told.extend(save.change);
        Input::Saved
    }

    fn send(&mut self, op: Op) -> Outcome {
        let fields = match op {
            Op::Create { fields, .. } => fields,
            Op::Update { erp_id, set } => {
                let partner = self.partners.get_mut(&erp_id).expect("it was read");
                for (piece, value) in &set {
                    partner.put(piece, value.as_ref());
                }
                return Outcome::Done { erp_id };
            }
            Op::Delete { .. } => panic!("the ERP cannot delete a partner"),
        };
        self.made += 1;
        let erp_id = id(9_000 + self.made as u64);
        self.partners.insert(erp_id, fields);
        if std::mem::take(&mut self.loses_answer) { Outcome::Unknown } else { Outcome::Done { erp_id } }
    }

    fn say(&mut self, decision: &Decision) -> Result<Option<Change>, NotDecided> {
        let (revision, now) = (self.entry().revision, self.now);
        decide(self.entry_mut(), revision, decision, Some("known customer".to_owned()), now)
    }

    fn candidates(&self) -> Vec<(u64, Vec<Evidence>)> {
        let hold = self.entry().hold.as_ref().expect("it waits");
        hold.candidates.iter().map(|c| (c.erp_id.get(), c.evidence.clone())).collect()
    }
}

fn none_of(ids: &[u64]) -> Decision {
    Decision::New { none_of: ids.iter().map(|n| id(*n)).collect() }
}

fn namesakes() -> World {
    let ours = contact("Ana Novak", "", "", "Cesta 1");
    World::new(ours, [(7, contact("ANA NOVAK", "", "", "Ulica 2")), (8, contact("Eva Kos", "", "", "Cesta 1"))])
}

#[test]
fn a_name_alone_waits_for_a_person_with_what_speaks_for_it() {
    let mut w = namesakes();
    assert_eq!(w.visit(), Ended::Parked);
    let hold = w.entry().hold.clone().expect("it waits");
    assert_eq!(hold.reason, HoldReason::Different { erp_id: id(7) });
    assert_eq!(w.candidates(), [(7, vec![Evidence::Name])]);
    assert_eq!(hold.candidates[0].name, "ANA NOVAK");
    assert_eq!(w.made, 0);
}

#[test]
fn what_is_certain_is_joined_and_told_with_its_evidence() {
    let ours = contact("Ana Novak", "SI12345678", "", "Cesta 1");
    let mut w = World::new(ours, [(7, contact("Novak Ana s.p.", "12345678", "", ""))]);
    assert_eq!(w.visit(), Ended::Linked);
    assert_eq!((w.entry().erp_id, w.made), (Some(id(7)), 0));
    let matched = w.told[0].matched.clone().expect("told");
    assert_eq!((matched.erp_id, matched.evidence), (Some(id(7)), vec![Evidence::TaxNumber, Evidence::Name]));
}

#[test]
fn the_partner_that_a_person_chose_is_joined_and_nothing_is_made() {
    let mut w = namesakes();
    w.visit();
    let told = w.say(&Decision::Link { erp_id: id(7) }).expect("taken").expect("told");
    let reason = Some("known customer".to_owned());
    let matched = Matched { erp_id: Some(id(7)), evidence: vec![Evidence::Name], reason, ..Matched::default() };
    assert_eq!((told.matched, told.kind), (Some(matched), ChangeKind::Updated));
    assert_eq!(w.say(&Decision::Link { erp_id: id(7) }), Ok(None), "said again it changes nothing");
    assert_eq!(w.visit(), Ended::Linked);
    let entry = w.entry();
    assert_eq!((entry.erp_id, entry.chosen, entry.hold.as_ref(), w.made), (Some(id(7)), None, None, 0));
}

#[test]
fn none_of_them_makes_exactly_one_and_a_new_namesake_is_asked_about_again() {
    let mut w = namesakes();
    w.visit();
    w.say(&none_of(&[7])).expect("taken").expect("told");
    assert_eq!(w.say(&none_of(&[7])), Ok(None), "said again it changes nothing");
    w.partners.insert(id(9), contact("Ana Novak", "", "", ""));
    assert_eq!(w.visit(), Ended::Parked);
    assert_eq!(w.candidates(), [(9, vec![Evidence::Name])], "the one that is new");
    w.say(&none_of(&[9])).expect("taken");
    assert_eq!(w.visit(), Ended::Linked);
    assert_eq!((w.made, w.entry().erp_id, w.entry().rejected.clone()), (1, Some(id(9_001)), BTreeSet::new()));
    assert_eq!(w.visit(), Ended::Same);
}

#[test]
fn a_create_after_a_persons_word_is_found_again_when_its_answer_is_lost() {
    let mut w = namesakes();
    w.visit();
    w.say(&none_of(&[7])).expect("taken");
    w.loses_answer = true;
    assert_eq!(w.visit(), Ended::Waits);
    w.now += Timing::STANDARD.settle;
    assert_eq!(w.visit(), Ended::Linked);
    assert_eq!((w.made, w.entry().erp_id), (1, Some(id(9_001))));
}

#[test]
fn of_two_namesakes_after_a_lost_answer_the_one_that_has_what_we_sent_is_ours() {
    let lost = || {
        let mut w = World::new(contact("Ana Novak", "", "", ""), []);
        w.entry_mut().crm.set("buyer", json!(true));
        w.loses_answer = true;
        w.visit();
        w.now += Timing::STANDARD.settle;
        w
    };
    let mut w = lost();
    w.partners.insert(id(7), contact("Ana Novak", "", "", "Ulica 2"));
    assert_eq!(w.visit(), Ended::Linked);
    assert_eq!((w.made, w.entry().erp_id), (1, Some(id(9_001))));
    // A second one with the same content: a person is told which could be ours.
    let mut w = lost();
    w.partners.insert(id(7), w.partners[&id(9_001)].clone());
    assert_eq!(w.visit(), Ended::Parked);
    let both = vec![Evidence::Sent, Evidence::Name];
    assert_eq!(w.candidates(), [(7, both.clone()), (9_001, both)]);
}

#[test]
fn a_create_that_never_arrived_is_not_sent_again_when_its_contact_is_there_by_what_the_crm_has_now() {
    let mut w = World::new(contact("Ana Novak", "", "", "Cesta 1"), []);
    w.loses_answer = true;
    w.visit();
    w.partners.clear();
    // It was never executed. Meanwhile the CRM learned the tax number, under which the ERP has another name.
    w.entry_mut().crm.set("tax", json!({ "tax_number": "SI12345678" }));
    w.partners.insert(id(7), contact("Novak s.p.", "SI12345678", "", ""));
    w.now += Timing::STANDARD.settle;
    assert_eq!(w.visit(), Ended::Waits);
    w.now += Timing::STANDARD.between_probes;
    assert_eq!(w.visit(), Ended::Linked);
    assert_eq!((w.made, w.entry().erp_id), (1, Some(id(7))));
}

#[test]
fn a_candidate_with_the_same_tax_number_cannot_be_passed_over() {
    let ours = contact("Ana Novak", "SI12345678", "", "");
    let mut w = World::new(ours, [(7, contact("Mlekarna", "SI12345678", "", ""))]);
    w.visit();
    let before = w.entry().clone();
    assert_eq!(w.say(&none_of(&[7])), Err(NotDecided::SameTaxNumber(id(7))));
    assert_eq!(w.entry(), &before);
    assert_eq!(w.say(&Decision::Link { erp_id: id(7) }).map(|told| told.is_some()), Ok(true));
    assert_eq!(w.visit(), Ended::Linked);
}

#[test]
fn a_passed_over_candidate_that_gets_our_tax_number_is_asked_about_and_never_joined_by_itself() {
    let mut w = namesakes();
    w.visit();
    w.say(&none_of(&[7])).expect("taken");
    w.entry_mut().crm.set("tax", json!({ "tax_number": "SI12345678" }));
    w.partners.insert(id(7), contact("Ana Novak", "12345678", "", "Cesta 1"));
    assert_eq!(w.visit(), Ended::Parked);
    assert_eq!(w.candidates(), [(7, vec![Evidence::TaxNumber, Evidence::Name, Evidence::Address])]);
}

#[test]
fn a_word_about_something_else_is_not_taken() {
    let mut w = namesakes();
    let link = |n| Decision::Link { erp_id: id(n) };
    assert_eq!(w.say(&link(7)), Err(NotDecided::NotAsked));
    assert_eq!(w.say(&none_of(&[])), Err(NotDecided::NotAsked));
    w.visit();
    let before = w.entry().clone();
    assert_eq!(w.say(&link(8)), Err(NotDecided::NoCandidate(id(8))));
    for others in [&[][..], &[8], &[7, 8]] {
        assert_eq!(w.say(&none_of(others)), Err(NotDecided::OthersByNow));
    }
    let (revision, now) = (before.revision + 1, w.now);
    assert_eq!(decide(w.entry_mut(), revision, &link(7), None, now), Err(NotDecided::Moved));
    assert_eq!(w.entry(), &before);
}

#[test]
fn a_chosen_partner_that_is_gone_or_is_another_company_by_now_is_not_joined() {
    for gone in [true, false] {
        let ours = contact("Ana Novak", "SI87654321", "", "");
        let mut w = World::new(ours, [(7, contact("Ana Novak", "", "", ""))]);
        w.visit();
        w.say(&Decision::Link { erp_id: id(7) }).expect("taken");
        if gone {
            w.partners.clear();
        } else {
            w.partners.insert(id(7), contact("Ana Novak", "SI12345678", "", ""));
        }
        assert_eq!(w.visit(), Ended::Waits);
        assert_eq!((w.entry().chosen, w.entry().erp_id), (None, None));
        assert_eq!(w.visit(), Ended::Linked, "there is no other: it is made");
        assert_eq!((w.made, w.entry().erp_id), (1, Some(id(9_001))));
    }
}

#[test]
fn a_partner_of_another_contact_is_not_taken_and_a_person_may_have_a_second_one_made() {
    let ours = contact("Ana Novak", "", "info@novak.si", "");
    let mut w = World::new(ours, [(7, contact("Novak d.o.o.", "", "info@novak.si", ""))]);
    let theirs = RecordId::for_erp(&tenant(), Object::Contacts, id(7));
    let mut other = Entry::of_erp(theirs, id(7), w.partners[&id(7)].clone());
    other.crm_id = Some("c-9".to_owned());
    w.rows.insert(theirs, other);
    assert_eq!(w.visit(), Ended::Parked);
    let hold = w.entry().hold.clone().expect("it waits");
    assert_eq!(hold.reason, HoldReason::LinkTaken { crm_id: "c-9".to_owned() });
    assert_eq!(w.candidates(), [(7, vec![Evidence::Email, Evidence::Name])]);
    w.say(&none_of(&[7])).expect("taken");
    assert_eq!(w.visit(), Ended::Linked);
    assert_eq!(w.made, 1);
}

#[test]
fn a_hold_from_before_candidates_were_kept_is_read_and_settled() {
    let old = r#"{ "reason": { "ambiguous": { "found": ["7", "8"] } }, "since": "2026-01-10T10:00:00Z" }"#;
    let mut w = namesakes();
    w.entry_mut().hold = Some(serde_json::from_str(old).expect("as rows have it"));
    assert_eq!(w.say(&Decision::Link { erp_id: id(9) }), Err(NotDecided::NoCandidate(id(9))));
    w.say(&none_of(&[7, 8])).expect("taken").expect("told");
    assert_eq!(w.entry().rejected, BTreeSet::from([id(7), id(8)]));
    let text = serde_json::to_string(&namesakes().entry()).expect("plain");
    assert!(!text.contains("candidates") && !text.contains("rejected") && !text.contains("chosen"), "{text}");
}

#[test]
fn of_many_candidates_those_with_the_strongest_evidence_are_kept() {
    let ours = contact("Ana Novak", "", "info@novak.si", "");
    let mut partners: Vec<(u64, Fields)> = (1..=30).map(|n| (n, contact("Ana Novak", "", "", ""))).collect();
    partners.extend([40, 41].map(|n| (n, contact("Eva Kos", "", "info@novak.si", ""))));
    let mut w = World::new(ours, partners);
    w.visit();
    let shown = w.candidates();
    assert_eq!((shown.len(), shown[0].0, shown[1].0, shown[2].0), (20, 40, 41, 1));
    let Some(HoldReason::Ambiguous { found }) = w.entry().hold.clone().map(|h| h.reason) else { panic!("several") };
    assert_eq!(found.len(), 32);
    // Passing over those that were shown asks about the rest.
    let seen: Vec<u64> = shown.iter().map(|(n, _)| *n).collect();
    w.say(&none_of(&seen)).expect("taken");
    assert_eq!(w.visit(), Ended::Parked);
    assert_eq!(w.candidates().len(), 12);
}

fn any_contact() -> impl Strategy<Value = Fields> {
    let pick = |of: &'static [&'static str]| prop::sample::select(of);
    (
        pick(&["Ana Novak", "ANA NOVÁK", "Novak d.o.o.", "Lesnina"]),
        pick(&["", "", "SI12345678", "12345678", "SI87654321", "HR12345678901"]),
        pick(&["", "", "info@novak.si", "ana@novak.si"]),
        pick(&["", "Cesta 1", "Ulica 2"]),
    )
        .prop_map(|(name, tax, email, street)| contact(name, tax, email, street))
}

fn tax_of(fields: &Fields) -> Option<domain::TaxNumber> {
    let text = fields.get("tax")?.get("tax_number")?.as_str()?;
    domain::TaxNumber::new(text).ok().flatten()
}

proptest! {
    /// The word of a person, then visits: at most one is made, no tax number is contradicted, and then there is silence.
    #[test]
    fn what_a_person_says_is_done_once_and_the_next_visit_plans_nothing_more(
        ours in any_contact(),
        theirs in prop::collection::vec(any_contact(), 0..5),
        links in any::<bool>(),
        loses_answer in any::<bool>(),
    ) {
        let partners = theirs.into_iter().enumerate().map(|(n, fields)| (1 + n as u64, fields));
        let mut w = World::new(ours.clone(), partners);
        w.loses_answer = loses_answer;
        let mut said = 0;
        for _ in 0..12 {
            w.visit();
            if w.entry().hold.is_some() {
                let seen: Vec<u64> = w.candidates().iter().map(|(n, _)| *n).collect();
                let link = Decision::Link { erp_id: id(seen[0]) };
                if links || w.say(&none_of(&seen)).is_err() {
                    w.say(&link).expect("a candidate").expect("told");
                }
                said += 1;
            }
            w.now += Timing::STANDARD.settle;
        }
        let erp_id = w.entry().erp_id.expect("it is joined");
        prop_assert!(w.made <= 1 && said <= 2, "{} made, asked {said} times", w.made);
        if let (Some(a), Some(b)) = (tax_of(&ours), tax_of(&w.partners[&erp_id])) {
            prop_assert!(a == b || a.without_prefix() == b.without_prefix(), "{a:?} and {b:?}");
        }
        let (before, told) = (w.entry().clone(), w.told.len());
        w.visit();
        prop_assert_eq!((w.entry(), w.told.len()), (&before, told));
    }

    #[test]
    fn a_visit_asks_the_same_whatever_the_order_of_what_was_found(
        ours in any_contact(), theirs in prop::collection::vec(any_contact(), 0..5), turn in 0_usize..5,
    ) {
        let visited = |turn: usize| {
            let mut found: Vec<Match> = theirs.iter().enumerate().map(|(n, f)| Match { erp_id: id(1 + n as u64), fields: f.clone() }).collect();
            let by = turn.min(found.len());
            found.rotate_left(by);
            let of = RecordId::for_crm(&tenant(), Object::Contacts, "c-1");
            let entry = Entry { due: Some(Timestamp::UNIX_EPOCH), ..Entry::of_crm(of, "c-1".to_owned(), ours.clone()) };
            let mut visit = Visit::new(tenant(), of, ObjectSettings::standard(Object::Contacts), Timing::STANDARD);
            visit.step(Input::Begin, Timestamp::UNIX_EPOCH);
            visit.step(Input::Loaded(Some(Box::new(entry))), Timestamp::UNIX_EPOCH);
            visit.step(Input::Probed(Probed::Answered { found, control: true }), Timestamp::UNIX_EPOCH)
        };
        prop_assert_eq!(visited(0), visited(turn));
    }
}
