//! Actions on documents against the simulator: each done once, whatever becomes of its answer.

use app::actions::{self, ActionError, Ask};
use app::work::work;
use cloud::Work;
use domain::action::{ClaimType, ComplaintDeed, ComplaintLine, PaymentDeed, PaymentMode, tag};
use domain::change::ChangeKind;
use domain::{Deed, DeedKind, Document, DocumentKind, Object, Record, RecordId, Settings, Text};
use jiff::{SignedDuration, civil::date};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sync::action::{Action, How, Stage, Why};

use crate::crashes::{StopAt, Then};
use crate::twoway::{BY, ready};
use crate::world::{LONG, World};

const FILE: &[u8] = b"%PDF-1.4 nekaj";

fn text(s: &str) -> Text {
    Text::required(s).expect("text")
}

fn payment(amount: Decimal) -> Deed {
    Deed::Payment(PaymentDeed {
        mode: PaymentMode::Payment,
        payment_type: text("Transakcijski račun"),
        date: date(2026, 3, 10),
        amount,
        notes: Some(text("po predračunu")),
        over: false,
    })
}

/// An action to ask for: what is done, to which document, and by which call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    PayOrder,
    PayInvoice,
    OrderStatus,
    InvoiceStatus,
    Cancel,
    Ship,
    OrderFromOffer,
    Complaint,
    Attachment,
}

impl Asked {
    const ALL: [Self; 9] = [
        Self::PayOrder,
        Self::PayInvoice,
        Self::OrderStatus,
        Self::InvoiceStatus,
        Self::Cancel,
        Self::Ship,
        Self::OrderFromOffer,
        Self::Complaint,
        Self::Attachment,
    ];

    const fn kind(self) -> DocumentKind {
        match self {
            Self::PayInvoice | Self::InvoiceStatus => DocumentKind::SalesBillDomestic,
            Self::OrderFromOffer => DocumentKind::SalesOffer,
            _ => DocumentKind::SalesOrder,
        }
    }

    const fn call(self) -> &'static str {
        match self {
            Self::PayOrder | Self::PayInvoice => "put_transaction",
            Self::OrderStatus => "change_document_status",
            Self::InvoiceStatus | Self::Cancel | Self::Ship => "update_document",
            Self::OrderFromOffer => "put_document",
            Self::Complaint => "create_complaint",
            Self::Attachment => "add_attachment",
        }
    }

    const fn deed_kind(self) -> DeedKind {
        match self {
            Self::PayOrder | Self::PayInvoice => DeedKind::Payment,
            Self::OrderStatus | Self::InvoiceStatus => DeedKind::Status,
            Self::Cancel => DeedKind::Cancel,
            Self::Ship => DeedKind::Ship,
            Self::OrderFromOffer => DeedKind::OrderFromOffer,
            Self::Complaint => DeedKind::Complaint,
            Self::Attachment => DeedKind::Attachment,
        }
    }

    fn ask(self, document: &Document) -> Ask {
        let deed = match self {
            Self::PayOrder | Self::PayInvoice => payment(Decimal::ONE),
            Self::OrderStatus => Deed::Status { key: text("paused") },
            Self::InvoiceStatus => Deed::Status { key: text("reminder") },
            Self::Cancel => Deed::Cancel,
            Self::Ship => Deed::Ship { on: date(2026, 3, 10) },
            Self::OrderFromOffer => Deed::OrderFromOffer { buyer_order: None },
            Self::Complaint => Deed::Complaint(ComplaintDeed {
                claim: ClaimType::Return,
                user_email: text("ana@example.com"),
                reason: Some(text("napaka")),
                description: Some(text("Ne dela.")),
                lines: vec![ComplaintLine {
                    product: document.lines[0].product.expect("a product"),
                    amount: Decimal::ONE,
                }],
            }),
            Self::Attachment => Deed::Attachment { file_name: text("zapisnik.pdf"), bytes: 0, hash: String::new() },
        };
        Ask { deed, file: (self == Self::Attachment).then(|| FILE.to_vec()), key: None }
    }
}

impl World {
    /// A document that allows a deed and has one cent open at least, `nth` of them.
    async fn document_for(&self, asked: Asked, nth: usize) -> (RecordId, Document) {
        let documents = self.records(1).await.into_iter().filter_map(|((object, erp_id), record)| {
            let Record::Document(document) = record else { return None };
            Some((RecordId::for_erp(self.tenant(1).id(), object, erp_id), *document))
        });
        let fits = |d: &Document| {
            let open = d.sums.gross.unwrap_or_default() - d.sums.paid.unwrap_or_default();
            let has_products = !d.lines.is_empty() && d.lines.iter().all(|line| line.product.is_some());
            d.kind == asked.kind()
                && has_products
                && open > Decimal::TEN
                && asked.ask(d).deed.target().is_none_or(|t| d.status.key.as_ref().is_none_or(|k| k.as_str() != t))
                && domain::transition::allowed(d.kind, &d.status).any(|t| t.deed == asked.deed_kind())
        };
        documents.filter(|(_, d)| fits(d)).nth(nth).expect("such a document")
    }

    async fn ask_for(&self, document: RecordId, ask: Ask) -> Result<Action, ActionError> {
        actions::request(&self.services, &self.tenant(1), document, ask, BY).await
    }

    async fn action(&self, action: &Action) -> Action {
        actions::get(&self.tenant(1), action.id).await.expect("the table").expect("the action")
    }

    /// Works and lets time pass until the action is over.
    async fn settle_action(&self, action: &Action) -> Action {
        for _ in 0..12 {
            let now = self.action(action).await;
            if now.is_over() {
                return now;
            }
            self.push().await;
            self.clock.advance(SignedDuration::from_mins(20));
        }
        panic!("{:#?} does not settle", self.action(action).await);
    }

    /// All documents of a kind, as the ERP has them.
    async fn erp_documents(&self, kind: &str) -> Vec<Value> {
        let company = &self.companies[0].0;
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/companies/{company}/state/documents?doc_type={kind}{after}");
            let part = self.control(reqwest::Method::GET, &path, json!({})).await;
            all.extend(part["items"].as_array().expect("a list").clone());
            match part["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return all,
            }
        }
    }

    async fn erp_document(&self, document: &Document) -> Value {
        let all = self.erp_documents(document.kind.erp_name()).await;
        all.into_iter().find(|d| d["id"] == json!(document.erp_id.to_string())).expect("the document")
    }

    /// How often the ERP has what the action was to do.
    async fn effects(&self, action: &Action, document: &Document) -> usize {
        let now = self.erp_document(document).await;
        let count = |list: &Value, fits: &dyn Fn(&Value) -> bool| {
            list.as_array().expect("a list").iter().filter(|one| fits(one)).count()
        };
        match &action.deed {
            Deed::Payment(_) => {
                count(&now["payments"], &|p| p["notes"].as_str().is_some_and(|n| n.contains(&tag(action.id))))
            }
            Deed::OrderFromOffer { .. } => {
                let orders = self.erp_documents("sales_order").await;
                orders.iter().filter(|o| o["links"].as_array().is_some_and(|l| l.contains(&now["id"]))).count()
            }
            Deed::Complaint(_) => {
                let orders = self.erp_documents("complaint").await;
                orders.iter().filter(|o| o["links"].as_array().is_some_and(|l| l.contains(&now["id"]))).count()
            }
            Deed::Attachment { .. } => count(&now["attachments"], &|name| name == "zapisnik.pdf"),
            deed => usize::from(now["status"].as_str() == deed.target()),
        }
    }

    async fn read_document(&self, id: RecordId) -> Document {
        let stored = self.tenant(1).record(id).await.expect("the table").expect("the record");
        let Record::Document(document) = stored.record else { panic!("a document") };
        *document
    }
}

#[tokio::test]
async fn each_action_is_done_and_its_document_shows_it_in_the_same_slice() {
    let w = ready(101).await;
    for (nth, asked) in Asked::ALL.into_iter().enumerate() {
        let (id, before) = w.document_for(asked, nth).await;
        let already = w.effects(&w.ask_for(id, asked.ask(&before)).await.expect("taken"), &before).await;
        let listed = actions::of_document(&w.tenant(1), id).await.expect("a document").actions;
        assert_eq!(listed.len(), 1, "{asked:?}");
        w.push().await;
        let action = w.action(&listed[0]).await;
        let Stage::Done { how: How::Answered, made } = action.stage else { panic!("{asked:?}: {action:#?}") };
        assert_eq!(w.effects(&action, &before).await, already + 1, "{asked:?}");
        let history = w.tenant(1).history(id, 5).await.expect("a history");
        let told = history.iter().find(|c| c.kind == ChangeKind::Acted).expect("it is told");
        assert_eq!((told.actor.as_str(), told.action.as_ref().map(|a| a.id)), ("ana", Some(action.id)));
        let after = w.read_document(id).await;
        match asked {
            Asked::PayOrder | Asked::PayInvoice => {
                assert_eq!(after.payments.len(), before.payments.len() + 1, "{asked:?}");
                let paid = |d: &Document| d.sums.paid.unwrap_or_default();
                assert_eq!(paid(&after), paid(&before) + Decimal::ONE);
            }
            Asked::OrderFromOffer => {
                let order = RecordId::for_erp(w.tenant(1).id(), Object::Orders, made.expect("an order"));
                assert_eq!(told.action.as_ref().and_then(|a| a.made), Some(order));
                let order = w.read_document(order).await;
                let lines = |d: &Document| {
                    let line = |l: &domain::Line| (l.product, l.amount, l.price, l.discounts.clone(), l.tax.clone());
                    d.lines.iter().map(line).collect::<Vec<_>>()
                };
                let party = |p: &Option<domain::PartyRef>| p.as_ref().map(|p| p.erp_id);
                assert_eq!((lines(&order), party(&order.partner)), (lines(&before), party(&before.partner)));
                assert_eq!(order.sums.gross, before.sums.gross, "prices and discounts are the same");
                assert_eq!(order.buyer_order.map(|o| o.as_str().to_owned()), Some(tag(action.id)));
            }
            Asked::Complaint => {
                let id = RecordId::for_erp(w.tenant(1).id(), Object::Complaints, made.expect("found by its tag"));
                assert_eq!(told.action.as_ref().and_then(|a| a.made), Some(id));
                let complaint = w.read_document(id).await;
                assert_eq!(complaint.partner.map(|p| p.erp_id), before.partner.as_ref().map(|p| p.erp_id));
            }
            Asked::Attachment => {}
            _ => assert_eq!(after.status.key.as_ref().map(Text::as_str), action.deed.target(), "{asked:?}"),
        }
    }
    // What was done is known: the runs that follow change nothing and make no second record.
    let counts = w.table_counts(1).await;
    w.full_run(1).await;
    assert_eq!(w.table_counts(1).await, counts);
    assert_eq!(counts, w.erp_counts(0).await);
    assert!(counts.values().all(|count| *count > 0), "{counts:?}");
}

#[tokio::test]
async fn an_action_whose_answer_is_lost_is_done_once_and_found() {
    let w = ready(102).await;
    for (nth, asked) in Asked::ALL.into_iter().enumerate() {
        let (id, document) = w.document_for(asked, nth).await;
        let action = w.ask_for(id, asked.ask(&document)).await.expect("taken");
        let already = w.effects(&action, &document).await;
        w.fault(json!({ "kind": "commit_then_lose_answer", "endpoint": asked.call(), "remaining": 1 })).await;
        w.push().await;
        assert!(w.action(&action).await.is_sending(), "{asked:?}");
        // A look a minute later finds it.
        w.clock.advance(SignedDuration::from_secs(61));
        w.push().await;
        let action = w.action(&action).await;
        assert!(matches!(action.stage, Stage::Done { how: How::Found, .. }), "{asked:?}: {action:#?}");
        assert_eq!(w.effects(&action, &document).await, already + 1, "{asked:?}");
        w.no_faults().await;
    }
}

#[tokio::test]
async fn an_action_whose_request_was_lost_is_sent_again_when_its_time_is_up_and_done_once() {
    let w = ready(103).await;
    for (nth, asked) in Asked::ALL.into_iter().enumerate() {
        let (id, document) = w.document_for(asked, nth).await;
        let action = w.ask_for(id, asked.ask(&document)).await.expect("taken");
        let already = w.effects(&action, &document).await;
        w.fault(json!({ "kind": "http_status", "status": 504, "endpoint": asked.call(), "remaining": 1 })).await;
        w.push().await;
        let action = w.settle_action(&action).await;
        assert!(matches!(action.stage, Stage::Done { .. }), "{asked:?}: {action:#?}");
        assert_eq!(w.effects(&action, &document).await, already + 1, "{asked:?}");
        w.no_faults().await;
    }
}

#[tokio::test]
async fn an_equal_payment_of_somebody_else_is_not_taken_for_ours() {
    let w = ready(104).await;
    let (id, order) = w.document_for(Asked::PayOrder, 0).await;
    let action = w.ask_for(id, Asked::PayOrder.ask(&order)).await.expect("taken");
    w.fault(json!({ "kind": "http_status", "status": 504, "endpoint": "put_transaction", "remaining": 1 })).await;
    w.push().await;
    assert!(w.action(&action).await.is_sending());
    // Somebody books the same sum of the same day at a screen of the ERP.
    let (company_id, secret_key) = w.companies[0].clone();
    let body = json!({
        "secret_key": secret_key, "company_id": company_id, "doc_type": "sales_order", "mk_id": order.erp_id.to_string(),
        "payment_mode": "payment", "payment_type": "Transakcijski račun", "date": "2026-03-10", "price": "1",
        "notes": "nekdo drug",
    });
    let url = format!("{}/rest/eshop/v1/put_transaction", w.erp_url);
    let answer = reqwest::Client::new().post(url).json(&body).send().await.expect("an answer");
    assert!(answer.text().await.expect("text").contains("\"0\""));
    let action = w.settle_action(&action).await;
    assert!(matches!(action.stage, Stage::Done { how: How::Answered, .. }), "{action:#?}");
    assert_eq!(w.effects(&action, &order).await, 1);
    let now = w.erp_document(&order).await;
    assert_eq!(now["payments"].as_array().expect("a list").len(), order.payments.len() + 2, "{now}");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_before_anything_is_kept() {
    let w = ready(105).await;
    let (id, invoice) = w.document_for(Asked::PayInvoice, 0).await;
    let open = invoice.sums.gross.unwrap_or_default() - invoice.sums.paid.unwrap_or_default();
    let day = |y, m| {
        let Deed::Payment(pay) = payment(Decimal::ONE) else { panic!("a payment") };
        Deed::Payment(PaymentDeed { date: date(y, m, 1), ..pay })
    };
    let cases = [
        (payment(Decimal::ZERO), "invalid_request"),
        (payment(Decimal::NEGATIVE_ONE), "invalid_request"),
        (payment(Decimal::from(10_000_000_000_i64)), "invalid_request"),
        (payment(open + Decimal::new(1, 2)), "amount_over_open"),
        (day(1900, 1), "invalid_request"),
        (day(2100, 1), "invalid_request"),
        (Deed::Cancel, "action_not_allowed"),
        (Deed::OrderFromOffer { buyer_order: None }, "action_not_allowed"),
    ];
    for (deed, code) in cases {
        let refused = w.ask_for(id, Ask { deed: deed.clone(), file: None, key: None }).await;
        assert!(matches!(&refused, Err(ActionError::Barred(b)) if b.code == code), "{deed:?}: {refused:?}");
    }
    let nowhere = RecordId::for_crm(w.tenant(1).id(), Object::Orders, "nobody");
    let asked = Ask { deed: Deed::Cancel, file: None, key: None };
    assert!(matches!(w.ask_for(nowhere, asked.clone()).await, Err(ActionError::NotFound)));
    w.tenant(1).replace_settings_if(1, &Settings { version: 2, ..Settings::standard() }).await.expect("changed");
    let closed = w.ask_for(id, Ask { deed: payment(Decimal::ONE), ..asked }).await;
    assert!(matches!(closed, Err(ActionError::ReadOnly)), "{closed:?}");
    assert_eq!(actions::of_document(&w.tenant(1), id).await.expect("a document").actions, []);
}

#[tokio::test]
async fn a_request_that_comes_again_makes_no_second_action_and_an_equal_one_waits() {
    let w = ready(106).await;
    let (id, order) = w.document_for(Asked::PayOrder, 0).await;
    let ask = Ask { key: Some("k-1".to_owned()), ..Asked::PayOrder.ask(&order) };
    let first = w.ask_for(id, ask.clone()).await.expect("taken");
    assert_eq!(w.ask_for(id, ask.clone()).await.expect("the same").id, first.id);
    let other = Ask { key: Some("k-2".to_owned()), ..ask.clone() };
    let refused = w.ask_for(id, other.clone()).await;
    assert!(matches!(refused, Err(ActionError::UnderWay(at)) if at == first.id), "{refused:?}");
    w.push().await;
    assert_eq!(w.ask_for(id, ask).await.expect("the same").id, first.id, "also when it is over");
    let second = w.ask_for(id, other).await.expect("a payment of its own");
    w.push().await;
    assert_ne!(first.id, second.id);
    let now = w.erp_document(&order).await;
    assert_eq!(now["payments"].as_array().expect("a list").len(), order.payments.len() + 2);
}

#[tokio::test]
async fn a_customers_number_that_an_order_has_is_refused_and_so_is_what_the_erp_refuses() {
    let w = ready(107).await;
    let (id, _) = w.document_for(Asked::OrderFromOffer, 0).await;
    let taken = w.records(1).await.into_values().find_map(|record| match record {
        Record::Document(order) if order.kind == DocumentKind::SalesOrder => order.buyer_order,
        _ => None,
    });
    let deed = Deed::OrderFromOffer { buyer_order: taken };
    let action = w.ask_for(id, Ask { deed, file: None, key: None }).await.expect("taken");
    w.push().await;
    assert_eq!(w.action(&action).await.stage, Stage::Rejected { code: "buyer_order_taken".to_owned() });
    let (id, order) = w.document_for(Asked::OrderStatus, 0).await;
    let deed = Deed::Status { key: text("ni-v-registru") };
    let action = w.ask_for(id, Ask { deed, file: None, key: None }).await.expect("taken");
    w.push().await;
    let ended = w.action(&action).await;
    assert!(matches!(ended.stage, Stage::Rejected { .. }), "{ended:#?}");
    assert_eq!(w.effects(&ended, &order).await, 0);
    let history = w.tenant(1).history(id, 1).await.expect("a history");
    assert!(history[0].action.as_ref().is_some_and(|a| a.code.is_some()), "{history:#?}");
}

#[tokio::test]
async fn an_erp_that_does_not_answer_for_a_day_leaves_the_action_to_a_person() {
    let w = ready(108).await;
    let (id, order) = w.document_for(Asked::PayOrder, 0).await;
    let action = w.ask_for(id, Asked::PayOrder.ask(&order)).await.expect("taken");
    w.fault(json!({ "kind": "http_status", "status": 503 })).await;
    w.push().await;
    w.clock.advance(SignedDuration::from_hours(25));
    w.push().await;
    let ended = w.action(&action).await;
    assert_eq!(ended.stage, Stage::Person { why: Why::NeverSent });
    w.no_faults().await;
    assert_eq!(w.effects(&ended, &order).await, 0);
}

/// Stops a worker after every `step` polls while it does an action, and lets the rest happen.
async fn campaign(seed: u64, asked: Asked, step: usize, then: Then) -> usize {
    let w = ready(seed).await;
    let (mut polls, mut n) = (1, 0);
    loop {
        let (id, document) = w.document_for(asked, 0).await;
        // A document of its own each time: earlier ones have their effect already.
        let action = w.ask_for(id, asked.ask(&document)).await.expect("taken");
        let already = w.effects(&action, &document).await;
        let tenant = w.tenant(1);
        let inner = Box::pin(work(&w.services, &tenant, &Work::Push, LONG));
        let mut stopping = StopAt { inner, polls_left: polls };
        let stopped = (&mut stopping).await.is_none();
        w.clock.advance(SignedDuration::from_secs(61));
        if then == Then::Dropped || !stopped {
            drop(stopping);
        } else {
            // The others see its lease run out and do its work; then it wakes up.
            w.settle_action(&action).await;
            let _ = stopping.inner.await;
        }
        let ended = w.settle_action(&action).await;
        assert!(matches!(ended.stage, Stage::Done { .. }), "{asked:?} after {polls} polls, {then:?}: {ended:#?}");
        let effects = w.effects(&ended, &document).await;
        assert_eq!(effects, already + 1, "{asked:?} stopped after {polls} polls, {then:?}");
        if !stopped {
            return n;
        }
        n += 1;
        polls += step;
        assert!(polls < 4_000, "it never ends");
    }
}

#[tokio::test]
async fn a_worker_that_dies_at_any_time_pays_once_and_makes_one_order() {
    for (seed, asked) in [(110, Asked::PayOrder), (111, Asked::OrderFromOffer)] {
        let stops = Box::pin(campaign(seed, asked, 3, Then::Dropped)).await;
        assert!(stops > 3, "{asked:?}: {stops}");
    }
}

#[tokio::test]
async fn a_worker_that_wakes_up_late_pays_nothing_more_and_makes_no_second_order() {
    for (seed, asked) in [(112, Asked::PayOrder), (113, Asked::OrderFromOffer)] {
        let stops = Box::pin(campaign(seed, asked, 4, Then::Late)).await;
        assert!(stops > 3, "{asked:?}: {stops}");
    }
}
