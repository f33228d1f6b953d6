//! Timelines: what each change tells, and what holds for any sequence of changes.

use std::collections::BTreeMap;

use domain::change::{ChangeKind, FieldChange};
use domain::{ActionEnd, ActionId, DeliveryEvent, DocumentKind, ErpId, Fields, Object, Record, RecordId};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use sync::fold::Told;
use sync::timeline::{Event, Source, What, When, timeline};
use sync::twoway::{Change, Winner};
use uuid::Uuid;

use crate::world::{document, tenant};

fn at(n: u64) -> Timestamp {
    let start: Timestamp = "2026-03-10T09:00:00Z".parse().expect("a timestamp");
    start + SignedDuration::from_hours(i64::try_from(n).expect("small"))
}

fn differing(before: &Fields, after: &Fields) -> BTreeMap<String, FieldChange> {
    let of = |p: &str| FieldChange { before: before.get(p).cloned(), after: after.get(p).cloned() };
    after.differing(before).into_iter().map(|p| (p.to_owned(), of(p))).collect()
}

fn told(seq: u64, kind: ChangeKind, from: Winner, fields: BTreeMap<String, FieldChange>) -> Told {
    Told {
        seq,
        at: at(seq),
        by: if from == Winner::Crm { "ana".to_owned() } else { "sync".to_owned() },
        record: RecordId::for_erp(&tenant(), Object::Orders, ErpId::new(1)),
        was: None,
        crm_id: None,
        erp_id: Some(ErpId::new(1)),
        revision: seq,
        change: Change { from, kind, fields, decided: BTreeMap::new(), matched: None },
        action: None,
    }
}

/// The order as it is with these pieces.
fn order(pieces: &Value) -> Fields {
    let mut fields = Fields::of(&document(1, DocumentKind::SalesOrder, 7, "t"));
    for (name, value) in pieces.as_object().expect("pieces") {
        fields.set(name, value.clone());
    }
    fields
}

/// The changes of an order that was in these states, one after the other.
fn history(states: &[Value]) -> Vec<Told> {
    let mut before = Fields::default();
    let mut out = Vec::new();
    for state in states {
        let after = order(state);
        let fields = differing(&before, &after);
        if !fields.is_empty() {
            let kind = if out.is_empty() { ChangeKind::Added } else { ChangeKind::Updated };
            out.push(told(out.len() as u64 + 1, kind, Winner::Erp, fields));
        }
        before = after;
    }
    out
}

/// An event in one line.
fn line(event: &Event) -> String {
    let when = match event.when {
        When::At(at) => at.to_string(),
        When::On(day) => day.to_string(),
        When::Seen => "seen".to_owned(),
    };
    let key =
        |s: &Option<domain::Status>| s.as_ref().and_then(|s| s.key.clone()).map_or("-".to_owned(), |k| k.to_string());
    let what = match &event.what {
        What::Created => "created".to_owned(),
        What::Status { from, to } => format!("status {} > {}", key(from), key(to)),
        What::Payment(p) => format!("paid {}", p.amount.unwrap_or_default()),
        What::PaymentGone(p) => format!("unpaid {}", p.amount.unwrap_or_default()),
        What::Delivery(e) => format!("carrier {}", e.text.as_ref().expect("words")),
        What::Tracking(t) => format!("tracking {}", t.number.as_ref().map_or("-", |n| n.as_str())),
        What::Linked(l) => format!("link {}", l.number.as_ref().expect("a number")),
        What::Unlinked(l) => format!("unlink {}", l.number.as_ref().expect("a number")),
        What::Lines { added, changed, removed } => format!("lines {added} {changed} {removed}"),
        What::Fields(names) => format!("fields {}", names.join(",")),
        other => format!("{other:?}").to_lowercase(),
    };
    format!("{:?} {when}: {what}", event.source).to_lowercase()
}

fn lines(changes: &[Told]) -> Vec<String> {
    timeline(changes).iter().map(line).collect()
}

#[test]
fn an_order_tells_its_story_in_the_order_of_events() {
    let report = |day: &str, text: &str| json!({ "date": day, "text": text });
    let lines_of = |amount: &str| json!({ "amount": amount });
    let created = json!({ "date": "2026-03-02", "status": { "key": "created" }, "lines/1": lines_of("1"), "lines/2": lines_of("1") });
    let mut shipped = json!({
        "date": "2026-03-02", "status": { "key": "shipped" }, "lines/1": lines_of("2"), "lines/3": lines_of("1"),
        "tracking": { "number": "GLS1" }, "delivery_events": [report("2026-03-09", "Data sent")],
        "links": [{ "erp_id": "5", "number": "R-1", "kind": "sales_bill_domestic" }],
        "sums": { "gross": "10" }, "notes": "nujno",
    });
    let first = shipped.clone();
    shipped["delivery_events"] = json!([report("2026-03-09", "Data sent"), { "date": "2026-03-10", "at": "2026-03-10T10:30:00Z", "text": "Delivered" }]);
    shipped["payments"] = json!([{ "date": "2026-03-08", "amount": "4" }, { "amount": "6" }]);
    assert_eq!(
        lines(&history(&[created, first, shipped])),
        [
            "erp 2026-03-02: created",
            "erp 2026-03-08: paid 4",
            "carrier 2026-03-09: carrier data sent",
            "erp seen: status - > created",
            "carrier 2026-03-10t10:30:00z: carrier delivered",
            "erp seen: link r-1",
            "erp seen: status created > shipped",
            "erp seen: tracking gls1",
            "erp seen: lines 1 1 1",
            "erp seen: fields notes",
            "erp seen: paid 6",
        ]
    );
}

#[test]
fn what_the_erp_drops_stays_and_what_it_shows_again_is_told_once() {
    let sent = json!({ "date": "2026-03-09", "text": "Data sent" });
    let pay = json!({ "amount": "4", "date": "2026-03-09" });
    let with = json!({ "delivery_events": [sent], "payments": [pay, pay] });
    let without = json!({ "payments": [pay] });
    let changes = history(&[json!({}), with.clone(), without, with]);
    let told = lines(&changes);
    assert_eq!(told.iter().filter(|l| l.contains("data sent")).count(), 1, "{told:?}");
    assert_eq!(told.iter().filter(|l| l.ends_with(": paid 4")).count(), 3, "{told:?}");
    assert_eq!(told.iter().filter(|l| l.ends_with(": unpaid 4")).count(), 1, "{told:?}");
}

#[test]
fn who_says_so_and_when_are_told_by_the_kind_of_change() {
    let none = BTreeMap::new;
    let status = |key: &str| {
        BTreeMap::from([("status".to_owned(), FieldChange { before: None, after: Some(json!({ "key": key })) })])
    };
    let date = BTreeMap::from([("date".to_owned(), FieldChange { before: None, after: Some(json!("2026-09-01")) })]);
    let table = [
        (told(1, ChangeKind::Added, Winner::Crm, date.clone()), vec!["crm 2026-03-10t10:00:00z: created"]),
        (told(1, ChangeKind::Added, Winner::Erp, date), vec!["erp seen: created"]),
        (told(1, ChangeKind::Linked, Winner::Erp, status("a")), vec!["us seen: joined", "erp seen: status - > a"]),
        (told(1, ChangeKind::Missing, Winner::Erp, none()), vec!["us seen: missing"]),
        (told(1, ChangeKind::Found, Winner::Erp, none()), vec!["us seen: found"]),
        (told(1, ChangeKind::Deleted, Winner::Crm, none()), vec!["crm 2026-03-10t10:00:00z: deleted"]),
        (told(1, ChangeKind::Deleted, Winner::Erp, none()), vec!["erp seen: deleted"]),
        (told(1, ChangeKind::Restored, Winner::Crm, none()), vec!["crm 2026-03-10t10:00:00z: restored"]),
    ];
    for (change, expected) in table {
        assert_eq!(lines(std::slice::from_ref(&change)), expected, "{change:?}");
    }
}

#[test]
fn an_invoice_that_is_issued_tells_so_and_a_draft_does_not() {
    let changes = history(&[json!({ "issued": false }), json!({ "issued": true }), json!({ "issued": false })]);
    assert_eq!(lines(&changes), ["erp seen: created", "erp seen: issued", "erp seen: fields issued"]);
}

#[test]
fn a_field_that_cannot_be_read_is_still_told_of() {
    let odd = BTreeMap::from([("payments".to_owned(), FieldChange { before: None, after: Some(json!("x")) })]);
    assert_eq!(lines(&[told(1, ChangeKind::Updated, Winner::Erp, odd)]), ["erp seen: fields payments"]);
}

/// A state of an order: status, payments, what the carrier said, links, lines, notes.
fn state() -> impl Strategy<Value = Value> {
    let payment = (0..2_u8, 1..3_u8).prop_map(|(day, n)| match day {
        0 => json!({ "amount": n.to_string() }),
        d => json!({ "amount": n.to_string(), "date": format!("2026-02-0{d}") }),
    });
    let report = (1..5_u8, any::<bool>()).prop_map(|(d, timed)| {
        let mut report = json!({ "date": format!("2026-03-1{d}"), "text": "x" });
        if timed {
            report["at"] = json!(format!("2026-03-1{d}T08:00:00Z"));
        }
        report
    });
    let link =
        (1..4_u8).prop_map(|n| json!({ "erp_id": n.to_string(), "kind": "sales_offer", "number": n.to_string() }));
    let lists = (
        prop::collection::vec(payment, 0..4),
        prop::collection::vec(report, 0..4),
        prop::collection::btree_map(1..4_u8, link, 0..3),
    );
    (0..3_u8, lists, prop::collection::btree_map(1..4_u8, 1..3_u8, 0..3), 0..2_u8).prop_map(
        |(s, (payments, reports, links), lines, note)| {
            let links: Vec<Value> = links
                .into_keys()
                .map(|n| json!({ "erp_id": n.to_string(), "kind": "sales_offer", "number": n.to_string() }))
                .collect();
            let mut pieces = json!({ "status": { "key": s.to_string() }, "title": format!("t{note}") });
            for (name, list) in [("payments", payments), ("delivery_events", reports), ("links", links)] {
                if !list.is_empty() {
                    pieces[name] = list.into();
                }
            }
            for (n, amount) in lines {
                pieces[format!("lines/{n}")] = json!({ "amount": amount.to_string() });
            }
            pieces
        },
    )
}

fn count_of(list: &Value, one: &Value) -> usize {
    list.as_array().map_or(0, |all| all.iter().filter(|other| *other == one).count())
}

proptest! {
    #[test]
    fn events_are_in_order_none_is_lost_and_none_is_invented(states in prop::collection::vec(state(), 1..8)) {
        let changes = history(&states);
        let events = timeline(&changes);
        prop_assert!(events.windows(2).all(|w| w[0].place() < w[1].place()), "in order, each in a place of its own");

        // The same events come from the beginning of the history, whatever came later.
        for n in 0..changes.len() {
            let earlier = timeline(&changes[..n]);
            prop_assert!(earlier.iter().all(|e| events.contains(e)));
            prop_assert_eq!(events.iter().filter(|e| e.seq <= n as u64).count(), earlier.len());
        }

        // Each report of the carrier that was ever shown is told once, and no other.
        let mut shown: Vec<DeliveryEvent> = Vec::new();
        for report in states.iter().filter_map(|s| s["delivery_events"].as_array()).flatten() {
            let report = serde_json::from_value(report.clone()).expect("a report");
            if !shown.contains(&report) {
                shown.push(report);
            }
        }
        let mut reported: Vec<_> = events.iter().filter_map(|e| match &e.what {
            What::Delivery(report) => Some(report.clone()),
            _ => None,
        }).collect();
        shown.sort();
        reported.sort();
        prop_assert_eq!(reported, shown);
        prop_assert!(events.iter().all(|e| (e.source == Source::Carrier) == matches!(e.what, What::Delivery(_))));

        // What appeared less what went is what is there, of every payment and every link.
        let last = states.last().expect("a state");
        let mut balance: Vec<(Value, i64)> = Vec::new();
        for event in &events {
            let (of, by) = match &event.what {
                What::Payment(p) => (serde_json::to_value(p).expect("JSON"), 1),
                What::PaymentGone(p) => (serde_json::to_value(p).expect("JSON"), -1),
                What::Linked(l) => (serde_json::to_value(l).expect("JSON"), 1),
                What::Unlinked(l) => (serde_json::to_value(l).expect("JSON"), -1),
                _ => continue,
            };
            match balance.iter_mut().find(|(known, _)| *known == of) {
                Some((_, n)) => *n += by,
                None => balance.push((of, by)),
            }
        }
        for (of, n) in &balance {
            let there = count_of(&last["payments"], of) + count_of(&last["links"], of);
            prop_assert_eq!(i64::try_from(there).expect("small"), *n);
        }
        let there = ["payments", "links"].iter().map(|l| last[*l].as_array().map_or(0, Vec::len)).sum::<usize>();
        prop_assert_eq!(balance.iter().map(|(_, n)| *n).sum::<i64>(), i64::try_from(there).expect("small"));

        // The statuses are a chain from nothing to the last one.
        let mut by_change: Vec<&Event> = events.iter().filter(|e| matches!(e.what, What::Status { .. })).collect();
        by_change.sort_by_key(|e| e.seq);
        let mut now: Option<domain::Status> = None;
        for event in by_change {
            let What::Status { from, to } = &event.what else { continue };
            prop_assert_eq!(from, &now);
            now.clone_from(to);
        }
        let key = now.and_then(|s| s.key).map(|k| json!(k.as_str()));
        prop_assert_eq!(key.as_ref(), Some(&last["status"]["key"]));

        // A record of the domain has all of this.
        let fields = order(last);
        prop_assert!(Record::of_fields(Object::Orders, None, ErpId::new(1), &fields).is_ok());
    }
}

#[test]
fn an_action_that_ended_is_told_with_how_it_ended() {
    let deed = domain::Deed::Cancel;
    let acted =
        domain::Acted { id: ActionId::new(Uuid::from_u128(7)), deed, ended: ActionEnd::Done, code: None, made: None };
    let ended = Told { action: Some(acted.clone()), ..told(2, ChangeKind::Acted, Winner::Crm, BTreeMap::new()) };
    let events = timeline(&[ended]);
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0].what, events[0].source), (&What::Acted(acted), Source::Us));
}
