//! The slow lane: the real interpreter is stopped at every one of its polls, before, in and after each call and each
//! write, and either dropped or woken up much later. One document each, nothing lost.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};

use app::twoway::edit;
use app::work::work;
use cloud::Work;
use domain::Object;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sync::twoway::Entry;

use crate::twoway::{BY, contact, ready};
use crate::world::{LONG, World};

/// A future that stands still after so many polls.
pub(crate) struct StopAt<F> {
    pub(crate) inner: Pin<Box<F>>,
    pub(crate) polls_left: usize,
}

impl<F: Future> Future for StopAt<F> {
    /// `None` when it stands still.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls_left == 0 {
            return Poll::Ready(None);
        }
        self.polls_left -= 1;
        self.inner.as_mut().poll(cx).map(Some)
    }
}

/// What becomes of a worker that stands still.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Then {
    /// It is gone.
    Dropped,
    /// It goes on when others have done its work.
    Late,
}

/// A write to the ERP that the CRM asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    CreateContact,
    CreateProduct,
    CreateOffer,
    CreateOrder,
    UpdateContact,
    UpdateProduct,
    UpdateOffer,
    UpdateOrder,
    DeleteOrder,
    DeleteProduct,
}

const ALL: [Asked; 10] = [
    Asked::CreateContact,
    Asked::CreateProduct,
    Asked::CreateOffer,
    Asked::CreateOrder,
    Asked::UpdateContact,
    Asked::UpdateProduct,
    Asked::UpdateOffer,
    Asked::UpdateOrder,
    Asked::DeleteOrder,
    Asked::DeleteProduct,
];

impl Asked {
    const fn object(self) -> Object {
        match self {
            Self::CreateContact | Self::UpdateContact => Object::Contacts,
            Self::CreateProduct | Self::UpdateProduct | Self::DeleteProduct => Object::Products,
            Self::CreateOffer | Self::UpdateOffer => Object::Offers,
            Self::CreateOrder | Self::UpdateOrder | Self::DeleteOrder => Object::Orders,
        }
    }

    const fn is_create(self) -> bool {
        matches!(self, Self::CreateContact | Self::CreateProduct | Self::CreateOffer | Self::CreateOrder)
    }

    const fn is_delete(self) -> bool {
        matches!(self, Self::DeleteOrder | Self::DeleteProduct)
    }
}

/// The world with the records that documents name.
struct Lane {
    w: World,
    partner: String,
    product: String,
}

impl Lane {
    async fn new(seed: u64) -> Self {
        let w = ready(seed).await;
        let first = async |object| {
            let list = w.tenant(1).list(object, None, 1, false).await.expect("the table");
            list.records[0].erp_id.to_string()
        };
        let (partner, product) = (first(Object::Contacts).await, first(Object::Products).await);
        Self { w, partner, product }
    }

    fn value(&self, object: Object, n: usize) -> Value {
        match object {
            Object::Contacts => {
                let mut value = contact(&format!("Kupec {n} d.o.o."));
                // A tax number of its own.
                value["tax"]["tax_number"] = json!(tax_number(n));
                value
            }
            Object::Products => {
                json!({ "name": format!("Izdelek {n}"), "code": format!("K-{n}"), "unit": "kos", "sales": true })
            }
            _ => json!({
                "partner": { "erp_id": self.partner }, "title": format!("Dokument {n}"), "currency": "EUR",
                "lines/l1": { "product": self.product, "amount": "2", "price": "5" },
            }),
        }
    }

    /// Asks for the write, and says under which id of the CRM.
    async fn ask(&self, asked: Asked, n: usize) -> String {
        let (object, crm_id) = (asked.object(), format!("{asked:?}-{n}"));
        self.w.put(object, &crm_id, self.value(object, n)).await;
        if asked.is_create() {
            return crm_id;
        }
        self.settle(object, &crm_id).await;
        let made = self.w.of_crm(object, &crm_id).await;
        assert!(made.erp_id.is_some(), "{made:#?}");
        if asked.is_delete() {
            edit::delete(&self.w.services, &self.w.tenant(1), object, &crm_id, BY).await.expect("deleted");
        } else {
            let mut fields: BTreeMap<String, Value> = made.crm.iter().map(|(k, v)| (k.to_owned(), v.clone())).collect();
            let piece = if matches!(object, Object::Contacts | Object::Products) { "name" } else { "notes" };
            fields.insert(piece.to_owned(), json!(format!("Spremenjeno {n}")));
            self.w.try_put(object, &crm_id, json!(fields), Some(made.revision)).await.expect("taken");
        }
        crm_id
    }

    /// Lets time pass and others work, until nothing is due.
    async fn settle(&self, object: Object, crm_id: &str) -> Entry {
        for _ in 0..8 {
            self.w.push().await;
            match edit::find(&self.w.tenant(1), object, crm_id).await.expect("the table") {
                Some(entry) if entry.due.is_some() => {}
                Some(entry) => return entry,
                None => break,
            }
            self.w.clock.advance(SignedDuration::from_mins(20));
        }
        panic!("{crm_id} does not settle");
    }

    /// How many documents, partners or products of the ERP are this record.
    async fn found(&self, asked: Asked, n: usize) -> usize {
        let company = &self.w.companies[0].0;
        let (what, kind) = match asked.object() {
            Object::Contacts => ("partners", ""),
            Object::Products => ("products", ""),
            Object::Offers => ("documents", "sales_offer"),
            _ => ("documents", "sales_order"),
        };
        let marks = match asked.object() {
            Object::Contacts => vec![tax_number(n).trim_start_matches("SI").to_owned()],
            Object::Products => vec![format!("\"K-{n}\"")],
            _ => vec![format!("Dokument {n}\"")],
        };
        let mut after = String::new();
        let mut count = 0;
        loop {
            let path = format!("/companies/{company}/state/{what}?doc_type={kind}{after}");
            let part = self.w.control(reqwest::Method::GET, &path, json!({})).await;
            let items = part["items"].as_array().expect("a list");
            count += items.iter().filter(|i| marks.iter().any(|m| i.to_string().contains(m.as_str()))).count();
            match part["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return count,
            }
        }
    }

    /// Stops a worker after `polls` polls and lets the rest happen. `false` when it was done before.
    async fn stop_at(&self, asked: Asked, n: usize, polls: usize, then: Then) -> bool {
        let crm_id = self.ask(asked, n).await;
        let tenant = self.w.tenant(1);
        let job = Work::Push;
        let inner = Box::pin(work(&self.w.services, &tenant, &job, LONG));
        let mut stopping = StopAt { inner, polls_left: polls };
        let stopped = (&mut stopping).await.is_none();
        if then == Then::Dropped {
            drop(stopping);
            self.w.clock.advance(SignedDuration::from_secs(61));
        } else if stopped {
            // The others see its lease run out and do its work; then it wakes up.
            self.w.clock.advance(SignedDuration::from_secs(61));
            self.settle_or_deleted(asked, &crm_id).await;
            let _ = stopping.inner.await;
        }
        self.settle_or_deleted(asked, &crm_id).await;
        let wanted = usize::from(!asked.is_delete());
        assert_eq!(self.found(asked, n).await, wanted, "{asked:?} stopped after {polls} polls, {then:?}");
        stopped
    }

    async fn settle_or_deleted(&self, asked: Asked, crm_id: &str) {
        for _ in 0..8 {
            let entry = edit::find(&self.w.tenant(1), asked.object(), crm_id).await.expect("the table");
            let Some(entry) = entry else { return };
            if entry.due.is_none() && (!asked.is_delete() || entry.erp_id.is_none()) {
                assert_eq!((&entry.hold, &entry.intent), (&None, &None), "{entry:#?}");
                assert!(entry.conflicts.is_empty(), "{entry:#?}");
                return;
            }
            self.w.push().await;
            self.w.clock.advance(SignedDuration::from_mins(20));
        }
        let entry = edit::find(&self.w.tenant(1), asked.object(), crm_id).await.expect("the table");
        panic!("{asked:?} does not settle: {entry:#?}");
    }
}

/// A Slovenian tax number with its check digit.
fn tax_number(n: usize) -> String {
    let mut base = 1_000_000 + n;
    loop {
        let digits: Vec<usize> = base.to_string().bytes().map(|b| usize::from(b - b'0')).collect();
        let sum: usize = digits.iter().zip((2..=8).rev()).map(|(d, w)| d * w).sum();
        let check = 11 - sum % 11;
        if check < 10 {
            return format!("SI{base}{check}");
        }
        base += 5_000;
    }
}

/// Stops after every `step` polls, until the work is done before.
async fn campaign(seed: u64, asked: Asked, step: usize, then: Then) -> usize {
    let lane = Lane::new(seed).await;
    let (mut polls, mut n) = (1, 0);
    while lane.stop_at(asked, n, polls, then).await {
        n += 1;
        polls += step;
        assert!(polls < 4_000, "it never ends");
    }
    n
}

#[tokio::test]
async fn a_worker_that_dies_at_any_time_leaves_one_document() {
    for (seed, asked) in (40..).zip(ALL) {
        let stops = Box::pin(campaign(seed, asked, 3, Then::Dropped)).await;
        assert!(stops > 3, "{asked:?}: {stops}");
    }
}

#[tokio::test]
async fn a_worker_that_wakes_up_late_writes_nothing_more() {
    for (seed, asked) in (60..).zip(ALL) {
        let stops = Box::pin(campaign(seed, asked, 4, Then::Late)).await;
        assert!(stops > 3, "{asked:?}: {stops}");
    }
}
