//! Registers that runs learn, the story of a document, the documents of a contact.

use std::collections::BTreeMap;

use app::registers::{MapError, known, map_statuses};
use app::story::{documents_of, story};
use app::twoway::edit::By;
use app::work::{Outcome, work};
use cloud::Work;
use domain::derived::{Delivery, Due, Paid};
use domain::{DocumentKind, Mapping, Meaning, Meanings, Object, Record, RecordId, Text};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::Tenant;
use store::metering::Entity;
use sync::timeline::{Event, Source, What, When};

use crate::world::{LONG, World, succeeded};

const BY: By<'_> = By { actor: "ana", request: None };

fn text(s: &str) -> Text {
    Text::required(s).expect("visible")
}

impl World {
    /// An edit by a user of the first company's ERP.
    pub(crate) async fn edit(&self, op: Value) -> Value {
        let path = format!("/companies/{}/edit", self.companies[0].0);
        self.control(reqwest::Method::POST, &path, op).await
    }

    /// A look for changes, beyond the overlap of the one before.
    async fn look(&self, n: usize) {
        self.clock.advance(SignedDuration::from_mins(50));
        assert_eq!(work(&self.services, &self.tenant(n), &Work::Due, LONG).await.expect("a slice"), Outcome::Done);
    }

    async fn a_product(&self, n: usize) -> (String, String) {
        let listed = self.tenant(n).list(Object::Products, None, 50, false).await.expect("the table");
        let sold = listed.records.into_iter().find_map(|s| match s.record {
            Record::Product(p) if p.active && p.sales && p.number.is_some() => {
                Some((p.code.to_string(), p.number.map(|n| n.to_string()).unwrap_or_default()))
            }
            _ => None,
        });
        sold.expect("a product that is sold")
    }

    async fn a_contact(&self, n: usize) -> RecordId {
        self.tenant(n).list(Object::Contacts, None, 1, false).await.expect("the table").records[0].id
    }

    /// A new document of a contact in the ERP; its id there.
    async fn document(&self, n: usize, contact: RecordId, doc_type: &str, more: Value) -> u64 {
        let erp_id = self.tenant(n).record(contact).await.expect("the table").expect("a contact").erp_id;
        let (code, number) = self.a_product(n).await;
        let mut document = json!({
            "doc_date": "10.03.2026", "partner": { "mk_id": erp_id.to_string() },
            "product_list": [{ "code": code, "count_code": number, "amount": "1", "price": "100", "tax": "EX4" }],
        });
        for (name, value) in more.as_object().expect("fields") {
            document[name] = value.clone();
        }
        let made = self.edit(json!({ "op": "document.create", "doc_type": doc_type, "document": document })).await;
        let id = made["result"]["id"].as_str().or(made["id"].as_str()).expect("an id");
        id.parse().expect("a number")
    }
}

fn id_of(t: &Tenant, object: Object, erp_id: u64) -> RecordId {
    RecordId::for_erp(t.id(), object, domain::ErpId::new(erp_id))
}

async fn events(w: &World, t: &Tenant, id: RecordId) -> (Vec<Event>, domain::Derived) {
    let story = story(t, id, w.clock.now()).await.expect("the table").expect("a document");
    assert!(story.is_whole);
    (story.events, story.derived.expect("the ERP has it"))
}

#[tokio::test]
async fn an_order_is_created_shipped_and_delivered_and_its_story_tells_it() {
    let w = World::new(41).await;
    succeeded(&w.connected(0, 0).await);
    let (t, contact) = (w.tenant(0), w.a_contact(0).await);
    let erp_id = w.document(0, contact, "sales_order", json!({ "status_code": "created" })).await;
    let id = id_of(&t, Object::Orders, erp_id);
    w.look(0).await;
    let (_, derived) = events(&w, &t, id).await;
    assert_eq!(derived.delivery, None);
    assert_eq!(derived.payment.expect("an order").state, Paid::Unpaid);

    w.edit(json!({ "op": "status.set", "id": erp_id.to_string(), "status": "shipped" })).await;
    let track =
        json!({ "op": "track", "id": erp_id.to_string(), "number": "GLS77", "text": "Podatki poslani prevozniku" });
    w.edit(track).await;
    w.look(0).await;
    let (_, derived) = events(&w, &t, id).await;
    assert_eq!(derived.delivery.expect("on its way").state, Delivery::OnItsWay, "the status says so");

    w.edit(json!({ "op": "track", "id": erp_id.to_string(), "text": "Pošiljka dostavljena", "at": "2026-03-10T10:45:00Z" })).await;
    w.look(0).await;
    let (told, derived) = events(&w, &t, id).await;
    let delivery = derived.delivery.expect("there");
    assert_eq!((delivery.state, delivery.by_status), (Delivery::Delivered, false));
    assert_eq!(delivery.tracking.number, Some(text("GLS77")));
    let kinds: Vec<_> = told.iter().map(|e| (e.source, &e.what)).collect();
    let status = |key: &str| Some(key.to_owned());
    let moves: Vec<_> = kinds
        .iter()
        .filter_map(|(_, what)| match what {
            What::Status { from, to } => {
                let key = |s: &Option<domain::Status>| s.as_ref()?.key.as_ref().map(Text::to_string);
                Some((key(from), key(to)))
            }
            _ => None,
        })
        .collect();
    assert_eq!(moves, [(None, status("created")), (status("created"), status("shipped"))]);
    let reports: Vec<_> = told.iter().filter(|e| e.source == Source::Carrier).map(|e| e.when).collect();
    let delivered_at = "2026-03-10T10:45:00Z".parse().expect("a moment");
    assert_eq!(reports, [When::On(jiff::civil::date(2026, 3, 10)), When::At(delivered_at)]);
    assert!(told.windows(2).all(|w| w[0].place() < w[1].place()));
    assert_eq!(told.iter().filter(|e| e.what == What::Created).count(), 1);
    assert_eq!(kinds.iter().filter(|(_, what)| matches!(what, What::Tracking(_))).count(), 1);
}

#[tokio::test]
async fn an_invoice_that_is_paid_in_two_parts_tells_both_and_is_late_in_between() {
    let w = World::new(42).await;
    succeeded(&w.connected(0, 0).await);
    let (t, contact) = (w.tenant(0), w.a_contact(0).await);
    let more = json!({ "duo_payment": "12.03.2026", "service_to_date": "10.03.2026" });
    let erp_id = w.document(0, contact, "sales_bill_domestic", more).await;
    let id = id_of(&t, Object::Invoices, erp_id);
    w.look(0).await;
    assert_eq!(events(&w, &t, id).await.1.due.expect("an invoice").state, Due::NotIssued);
    w.edit(json!({ "op": "publish", "id": erp_id.to_string() })).await;
    succeeded(&w.run_of(0, &[Object::Invoices]).await);
    let due = events(&w, &t, id).await.1.due.expect("an invoice");
    assert_eq!((due.state, due.days), (Due::NotYet, Some(2)));

    let gross = events(&w, &t, id).await.1.payment.expect("an invoice").gross;
    let pay = |amount: String, day: &str| json!({ "op": "payment.add", "id": erp_id.to_string(), "amount": amount, "date": day });
    w.edit(pay("40".to_owned(), "11.03.2026")).await;
    w.clock.advance(SignedDuration::from_hours(24 * 4));
    succeeded(&w.run_of(0, &[Object::Invoices]).await);
    let (_, derived) = events(&w, &t, id).await;
    let (payment, due) = (derived.payment.expect("an invoice"), derived.due.expect("an invoice"));
    assert_eq!((payment.state, payment.paid.to_string()), (Paid::PartlyPaid, "40".to_owned()));
    assert_eq!((due.state, due.days, due.overdue), (Due::Overdue, Some(2), Some(payment.open)));

    w.edit(pay(payment.open.to_string(), "14.03.2026")).await;
    succeeded(&w.run_of(0, &[Object::Invoices]).await);
    let (told, derived) = events(&w, &t, id).await;
    let payment = derived.payment.expect("an invoice");
    assert_eq!((payment.state, payment.paid), (Paid::Paid, gross));
    assert_eq!(derived.due.expect("an invoice").state, Due::Settled);
    let days: Vec<_> = told.iter().filter(|e| matches!(e.what, What::Payment(_))).map(|e| e.when).collect();
    assert_eq!(days, [11, 14].map(|day| When::On(jiff::civil::date(2026, 3, day))));
    assert!(told.iter().any(|e| e.what == What::Issued), "{told:?}");
}

#[tokio::test]
async fn registers_are_learned_from_a_load_and_an_unmapped_status_decides_nothing_until_a_person_maps_it() {
    let w = World::new(43).await;
    succeeded(&w.connected(0, 0).await);
    let t = w.tenant(0);
    let found = known(&t).await.expect("the table");
    let all = w.records(0).await;
    let documents = || all.values().filter_map(|r| if let Record::Document(d) = r { Some(d) } else { None });
    for document in documents() {
        if let Some(name) = document.status.name() {
            let labels = &found.registers.statuses[&document.kind][name];
            // Of a complaint the ERP tells the key only.
            let label = document.status.label.as_ref();
            assert_eq!(label.is_none(), document.kind.entry().status_is_key, "the simulator shows it");
            assert!(label.is_none_or(|label| labels.contains(label)), "{name:?}");
        }
        assert!(document.lines.iter().filter_map(|l| l.unit.as_ref()).all(|u| found.registers.units.contains(u)));
        for tax in document.lines.iter().filter_map(|l| l.tax.as_ref()) {
            assert_eq!(found.registers.taxes[tax].len(), 1, "the simulator gives each code one rate");
        }
    }
    assert!(!found.registers.delivery_types.is_empty() && !found.registers.payment_types.is_empty());
    assert!(!found.warehouses.is_empty());

    let contact = w.a_contact(0).await;
    let more = json!({ "duo_payment": "01.03.2026", "service_to_date": "01.03.2026", "status_code": "reminder" });
    let erp_id = w.document(0, contact, "sales_bill_domestic", more).await;
    w.edit(json!({ "op": "publish", "id": erp_id.to_string() })).await;
    succeeded(&w.run_of(0, &[Object::Invoices]).await);
    let id = id_of(&t, Object::Invoices, erp_id);
    let derived = events(&w, &t, id).await.1;
    assert_eq!(derived.status.expect("a status").mapping, Mapping::Unknown);
    assert_eq!(derived.due.expect("an invoice").state, Due::Undecided);
    let found = known(&t).await.expect("the table");
    let unmapped: Vec<_> =
        found.registers.unmapped(&found.meanings).map(|(kind, name, _)| (kind, name.clone())).collect();
    assert!(unmapped.contains(&(DocumentKind::SalesBillDomestic, text("reminder"))), "{unmapped:?}");

    let chosen = BTreeMap::from([(text("reminder"), Meaning::Open)]);
    let wanted = || Meanings { version: 0, chosen: [(DocumentKind::SalesBillDomestic, chosen.clone())].into() };
    let done = map_statuses(&t, 0, wanted(), BY).await.expect("taken");
    assert_eq!(done.version, 1);
    assert!(matches!(map_statuses(&t, 0, wanted(), BY).await, Err(MapError::Moved)));
    let due = events(&w, &t, id).await.1.due.expect("an invoice");
    assert_eq!((due.state, due.days), (Due::Overdue, Some(9)));
    let found = known(&t).await.expect("the table");
    let mut unmapped = found.registers.unmapped(&found.meanings);
    assert!(!unmapped.any(|(kind, name, _)| kind == DocumentKind::SalesBillDomestic && name.as_str() == "reminder"));
}

#[tokio::test]
async fn what_was_learned_is_written_once_and_an_idle_run_writes_four_rows() {
    let w = World::new(44).await;
    w.meter.take();
    succeeded(&w.connected(0, 0).await);
    let first = w.meter.take().written(Entity::Register);
    assert!(first > 0);
    // What is looked at once an hour is looked at in the second of these, so that the third is an idle one.
    w.look(0).await;
    w.look(0).await;
    w.meter.take();
    w.look(0).await;
    let tally = w.meter.take();
    assert_eq!((tally.written(Entity::Register), tally.written(Entity::Listing)), (0, 0));
    assert!(tally.all_written() <= 4, "{tally:?}");
    // One new status is one write of the registers, and then it is known.
    let contact = w.a_contact(0).await;
    let more = json!({ "status_code": "group", "delivery_type": "GLS" });
    let erp_id = w.document(0, contact, "sales_order", more).await;
    w.meter.take();
    w.look(0).await;
    let tally = w.meter.take();
    assert!(tally.written(Entity::Register) <= 1, "{tally:?}");
    assert_eq!(tally.written(Entity::Listing), 1);
    let known = known(&w.tenant(0)).await.expect("the table");
    assert!(known.registers.statuses[&DocumentKind::SalesOrder].contains_key(&text("group")));
    w.edit(json!({ "op": "document.update", "id": erp_id.to_string(), "fields": { "notes": "nujno" } })).await;
    w.meter.take();
    succeeded(&w.run_of(0, &[Object::Orders]).await);
    let tally = w.meter.take();
    assert_eq!((tally.written(Entity::Record), tally.written(Entity::Change)), (1, 1));
    assert_eq!((tally.written(Entity::Register), tally.written(Entity::Listing)), (0, 0));
}

#[tokio::test]
async fn the_documents_of_every_contact_are_all_documents_that_name_it() {
    let w = World::new(45).await;
    succeeded(&w.connected(0, 0).await);
    w.clock.advance(SignedDuration::from_hours(1));
    let company = w.companies[0].0.clone();
    let edits = json!({ "count": 150, "seed": 3 });
    w.control(reqwest::Method::POST, &format!("/companies/{company}/random-edits"), edits).await;
    let merged = json!({ "count": 3, "seed": 4, "kinds": ["partner.merge"] });
    w.control(reqwest::Method::POST, &format!("/companies/{company}/random-edits"), merged).await;
    succeeded(&w.full_run(0).await);
    let t = w.tenant(0);
    let mut expected: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
    for ((object, erp_id), record) in w.records(0).await {
        if let Some(listing) = record.listing() {
            let contact = RecordId::for_erp(t.id(), Object::Contacts, listing.partner);
            expected.entry(contact).or_default().push(RecordId::for_erp(t.id(), object, erp_id));
        }
    }
    assert!(expected.len() > 20);
    for (contact, mut ids) in expected {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let part = documents_of(&t, contact, after, 3, false, w.clock.now()).await.expect("the table");
            assert!(part.documents.len() <= 3);
            found.extend(part.documents);
            after = part.next;
            if after.is_none() {
                break;
            }
        }
        let dates: Vec<_> = found.iter().map(|(s, _)| s.record.listing().and_then(|l| l.date)).collect();
        assert!(dates.is_sorted_by(|a, b| a >= b), "the latest first: {dates:?}");
        let mut got: Vec<RecordId> = found.iter().map(|(s, _)| s.id).collect();
        got.sort_unstable();
        ids.sort_unstable();
        assert_eq!(got, ids, "{contact}");
    }
}
