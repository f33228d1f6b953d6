//! Examples of stories, a contact's documents and registers, made by the code that answers.

use app::registers::Known;
use domain::change::{ChangeKind, FieldChange};
use domain::day::day_of;
use domain::{DocumentKind, Meaning, Meanings, Object, Record, RecordId, Registers, TenantId, Text, Warehouse, derive};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use sync::fold::Told;
use sync::timeline::{Event, timeline};
use sync::twoway::{Change, Winner};

use super::examples::json;
use super::records::{self, now};
use crate::contract;
use crate::story_view::{ContactDocumentView, EntryView, RegistersView, TimelineView};
use crate::view::PageView;

const CURSOR: &str = "AbT3x0p6tq4eKQ8y5fJw";

/// The request of an operation with a body.
pub(super) fn request() -> Value {
    json!({ "statuses": [{ "kind": "sales_order", "key": "poslano", "meaning": "shipped" }] })
}

/// The answers of an operation, by status.
pub(super) fn responses(operation: &str) -> Vec<(&'static str, Value)> {
    let answer = match operation {
        "get_timeline" => story(),
        "list_contact_documents" => documents(),
        _ => json(&RegistersView::new(&known())),
    };
    vec![("200", answer)]
}

fn tenant() -> TenantId {
    "t_00000000000000000001".parse().expect("a tenant id")
}

fn text(s: &str) -> Text {
    s.parse().expect("a text")
}

fn meanings() -> Meanings {
    let chosen = BTreeMap::from([(text("poslano"), Meaning::Shipped)]);
    Meanings { version: 2, chosen: [(DocumentKind::SalesOrder, chosen)].into() }
}

fn told(seq: u64, kind: ChangeKind, from: Winner, fields: &[(&str, Value, Value)]) -> Told {
    let some = |value: &Value| (!value.is_null()).then(|| value.clone());
    let field = |(name, before, after): &(&str, Value, Value)| {
        ((*name).to_owned(), FieldChange { before: some(before), after: some(after) })
    };
    Told {
        seq,
        at: now(),
        by: if from == Winner::Crm { "ana@example.com".to_owned() } else { "sync".to_owned() },
        record: RecordId::for_erp(&tenant(), Object::Orders, domain::ErpId::new(20)),
        was: None,
        crm_id: None,
        erp_id: Some(domain::ErpId::new(20)),
        revision: seq,
        change: Change {
            from,
            kind,
            fields: fields.iter().map(field).collect(),
            decided: BTreeMap::new(),
            matched: None,
        },
        action: None,
    }
}

/// A story with an event of every kind.
fn events() -> Vec<Event> {
    let (none, status) = (|| Value::Null, |key: &str| json!({ "label": key.to_uppercase(), "key": key }));
    let invoice = || json!([{ "erp_id": "30", "number": "R-7", "kind": "sales_bill_domestic" }]);
    let paid = || json!([{ "kind": "TRR", "date": "2026-11-22", "amount": "50" }]);
    let parcel = json!([
        { "date": "2026-11-21", "text": "Podatki poslani prevozniku" },
        { "date": "2026-11-22", "at": "2026-11-22T08:30:00Z", "code": "3", "text": "Pošiljka dostavljena" },
    ]);
    timeline(&[
        told(
            1,
            ChangeKind::Added,
            Winner::Erp,
            &[("date", none(), json!("2026-11-20")), ("status", none(), status("created"))],
        ),
        told(
            2,
            ChangeKind::Updated,
            Winner::Erp,
            &[
                ("status", status("created"), status("shipped")),
                ("tracking", none(), json!({ "number": "RR123456789SI" })),
                ("delivery_events", none(), parcel),
                ("payments", none(), paid()),
                ("links", none(), invoice()),
                ("issued", json!(false), json!(true)),
            ],
        ),
        told(
            3,
            ChangeKind::Updated,
            Winner::Crm,
            &[("lines/21", json!({ "amount": "6" }), json!({ "amount": "5" })), ("notes", none(), json!("nujno"))],
        ),
        told(4, ChangeKind::Updated, Winner::Erp, &[("payments", paid(), none()), ("links", invoice(), none())]),
        told(5, ChangeKind::Linked, Winner::Erp, &[]),
        told(6, ChangeKind::Missing, Winner::Erp, &[]),
        told(7, ChangeKind::Found, Winner::Erp, &[]),
        told(8, ChangeKind::Deleted, Winner::Crm, &[]),
        told(9, ChangeKind::Restored, Winner::Crm, &[]),
        Told { action: Some(super::actions::acted()), ..told(10, ChangeKind::Acted, Winner::Erp, &[]) },
    ])
}

fn story() -> Value {
    let Record::Document(document) = records::document().record else { unreachable!("a document") };
    let derived = derive(&document, &meanings(), day_of(now()));
    let (tenant, events) = (tenant(), events());
    json(&TimelineView {
        derived: Some(&derived),
        data: events.iter().rev().map(|event| EntryView::new(&tenant, event)).collect(),
        next_cursor: Some(CURSOR.to_owned()),
        has_more: true,
        complete: true,
    })
}

fn documents() -> Value {
    let Record::Document(order) = records::document().record else { unreachable!("a document") };
    let mut invoice = order.clone();
    (invoice.kind, invoice.issued, invoice.number) = (DocumentKind::SalesBillDomestic, true, text("R-7"));
    let mut offer = order.clone();
    (offer.kind, offer.number) = (DocumentKind::SalesOffer, text("PON-7"));
    let all: Vec<_> = [*order, *invoice, *offer]
        .into_iter()
        .map(|document| {
            let derived = derive(&document, &meanings(), day_of(now()));
            (RecordId::for_erp(&tenant(), document.kind.object(), document.erp_id), document, derived)
        })
        .collect();
    let missing: Option<Timestamp> = Some(now());
    let view = |(id, document, derived)| ContactDocumentView::of(id, missing, document, derived);
    let data = all.iter().map(|(id, document, derived)| view((*id, document, derived))).collect();
    json(&PageView::new(data, Some(CURSOR.to_owned())))
}

/// Registers with a status of every mapping.
pub(super) fn known() -> Known {
    let label = |s: &str| [text(s)].into();
    let names = BTreeMap::from([
        (text("shipped"), label("Odpremljen")),
        (text("poslano"), label("Poslano stranki")),
        (text("caka"), label("Čaka na blago")),
    ]);
    Known {
        registers: Registers {
            statuses: [(DocumentKind::SalesOrder, names)].into(),
            units: [text("kos")].into(),
            taxes: [(text("EX4"), [rust_decimal::Decimal::new(22, 2)].into())].into(),
            delivery_types: [text("GLS")].into(),
            payment_types: [text("Transakcijski račun")].into(),
            payment_methods: [text("Predračun")].into(),
        },
        meanings: meanings(),
        warehouses: vec![Warehouse {
            erp_id: domain::ErpId::new(16),
            mark: text("S1"),
            name: text("Skladišče Ljubljana"),
            active: true,
            main: true,
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::assert_form;
    use super::*;
    use crate::body::MapStatuses;
    use domain::derived::{Delivery, Due, Paid, Validity};
    use std::collections::BTreeSet;
    use sync::timeline::Source;

    #[test]
    fn every_answer_about_a_story_has_the_form_of_the_contract() {
        assert_form::<contract::Timeline>(&story());
        assert_form::<contract::Page<contract::ContactDocument>>(&documents());
        assert_form::<contract::Registers>(&json(&RegistersView::new(&known())));
        let bare = derive(
            &match records::bare_document().record {
                Record::Document(document) => *document,
                _ => unreachable!("a document"),
            },
            &Meanings::default(),
            day_of(now()),
        );
        assert_form::<contract::Derived>(&json(&bare));
    }

    #[test]
    fn the_example_has_every_kind_of_event_and_every_source() {
        let story = story();
        let entries = story["data"].as_array().expect("a list");
        let of = |name: &str| entries.iter().map(|e| e[name].as_str().expect("text")).collect::<BTreeSet<_>>();
        assert_eq!(of("kind").len(), 17, "{:?}", of("kind"));
        assert_eq!(of("source"), ["carrier", "crm", "erp", "us"].into());
        assert_eq!(of("time_is"), ["event", "seen"].into());
        assert_eq!(of("key").len(), entries.len());
        assert!(entries.iter().all(|e| e.get("at").is_some() != e.get("day").is_some()), "one of the two");
        let link = entries.iter().find(|e| e["kind"] == "linked").expect("a link");
        assert!(link["record"].as_str().expect("an id").starts_with("inv_"));
    }

    #[test]
    fn every_name_of_a_state_is_one_of_the_contract() {
        for meaning in Meaning::ALL {
            assert_form::<contract::Meaning>(&json(&meaning));
            let read: contract::Meaning = serde_json::from_value(json(&meaning)).expect("a meaning");
            assert_eq!(Meaning::from(read), meaning);
        }
        for kind in DocumentKind::ALL {
            assert_eq!(DocumentKind::from(contract::DocumentKind::from(kind)), kind);
            assert_eq!(json(&contract::DocumentKind::from(kind)), json(&kind));
        }
        for paid in [Paid::Paid, Paid::PartlyPaid, Paid::Unpaid, Paid::Overpaid] {
            assert_form::<contract::Paid>(&json(&paid));
        }
        let due =
            [Due::NotIssued, Due::Canceled, Due::Settled, Due::NoDueDate, Due::NotYet, Due::Overdue, Due::Undecided];
        for due in due {
            assert_form::<contract::Due>(&json(&due));
        }
        for validity in [Validity::Valid, Validity::Expired] {
            assert_form::<contract::Validity>(&json(&validity));
        }
        for delivery in [Delivery::Announced, Delivery::OnItsWay, Delivery::Delivered, Delivery::Returned] {
            assert_form::<contract::Delivery>(&json(&delivery));
        }
        for source in [Source::Erp, Source::Crm, Source::Us, Source::Carrier] {
            assert_form::<contract::TimelineSource>(&json(&source));
        }
    }

    #[test]
    fn the_request_is_one_that_the_api_takes() {
        let read: MapStatuses = serde_json::from_value(request()).expect("its form");
        let wanted = read.into_meanings().expect("no status twice");
        assert_eq!(wanted.chosen, meanings().chosen);
    }
}
