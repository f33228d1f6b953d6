//! What users of the CRM have done to documents, and what users of the ERP do to the same things meanwhile.

use domain::action::{Deed, DeedKind};
use domain::{ActionId, Document, DocumentKind, ErpId, Record, RecordId, transition};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::json;
use sync::action::Action;

use crate::erp::deeds::sort_of;
use crate::intake::Work;
use crate::world::{Event, World, at};

/// The day of the payments.
pub const TODAY: &str = "2023-11-14";
const STATUSES: [&str; 4] = ["paused", "in_progress", "problem", "waiting"];

/// What really happened around an action.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watched {
    /// When the ERP was looked at for its first sending.
    pub first_look: Option<i64>,
    /// How often it was allowed to be sent.
    pub allowed: u32,
    /// When it was allowed last.
    pub allowed_at: Option<Timestamp>,
    /// Its document is there, and we were told that it is not.
    pub misled: bool,
    /// How often its end was told.
    pub told: u64,
    /// It undid what a user had done since the first look, and which a later look could see.
    pub undid: bool,
}

impl World {
    /// A user of the CRM has something done to an order or an offer.
    pub fn ask_deed(&mut self, t: usize) {
        let tenant = &self.tenants[t];
        let documents: Vec<(RecordId, ErpId)> = tenant
            .table
            .rows
            .iter()
            .filter(|(id, row)| id.object().is_document() && row.missing.is_none() && row.is_live())
            .filter_map(|(id, row)| Some((*id, row.snap.as_ref()?.erp_id)))
            .collect();
        let Some((id, erp_id)) = self.dice.pick(&documents) else { return };
        let Some(Record::Document(document)) =
            self.tenants[t].table.rows.get(&id).and_then(|r| r.snap.as_ref()).map(|s| s.record().clone())
        else {
            return;
        };
        let n = self.next_value();
        let Some(deed) = self.some_deed(t, n, &document) else { return };
        let day = Offset::UTC.to_datetime(at(self.now)).date();
        let open = |a: &Action| a.document == id && !a.is_over() && a.deed == deed;
        if transition::check(&document, &deed, day).is_err() || self.tenants[t].table.actions.values().any(open) {
            return;
        }
        let name: ActionId = format!("act_{n:032x}").parse().expect("an action id");
        let planned = Action::planned(name, id, (document.kind, erp_id), deed, "ana".to_owned(), at(self.now));
        self.deeds[kind_at(planned.deed.kind())] += 1;
        self.tenants[t].table.actions.insert(name, Action { version: 1, ..planned });
        self.tenants[t].watched.insert(name, Watched::default());
        self.hint(t, Work::Push, 0);
        if self.dice.hit(400) {
            let long = self.dice.hit(500);
            let when = self.now + self.dice.ms(if long { 25 * 60_000 } else { 10_000 });
            self.queue(when, Event::Rival(t, name));
        }
    }

    fn some_deed(&mut self, t: usize, n: u64, document: &Document) -> Option<Deed> {
        let kinds: &[DeedKind] = match document.kind {
            // Goods can be complained about only where they are known.
            DocumentKind::SalesOrder if document.lines.iter().any(|line| line.product.is_some()) => {
                &[DeedKind::Complaint, DeedKind::Complaint, DeedKind::Payment, DeedKind::Status]
            }
            DocumentKind::SalesOrder => &[
                DeedKind::Payment,
                DeedKind::Status,
                DeedKind::Status,
                DeedKind::Cancel,
                DeedKind::Ship,
                DeedKind::Attachment,
            ],
            DocumentKind::SalesOffer => {
                &[DeedKind::OrderFromOffer, DeedKind::OrderFromOffer, DeedKind::Payment, DeedKind::Attachment]
            }
            _ if self.dice.hit(300) => &[DeedKind::Attachment],
            _ => return None,
        };
        let kind = self.dice.pick(kinds)?;
        let mut said = json!({ "deed": kind.name() });
        match kind {
            DeedKind::Payment => {
                said["mode"] = json!(if self.dice.hit(100) { "return" } else { "payment" });
                said["payment_type"] = json!("Gotovina");
                said["date"] = json!(TODAY);
                said["amount"] = json!((n % 40 + 1).to_string());
                said["over"] = json!(self.dice.hit(300));
                if self.dice.hit(500) {
                    said["notes"] = json!(format!("t{t} {n}"));
                }
            }
            DeedKind::Status => said["key"] = json!(self.dice.pick(&STATUSES)),
            DeedKind::Ship => said["on"] = json!(TODAY),
            DeedKind::OrderFromOffer if self.dice.hit(500) => said["buyer_order"] = json!(format!("t{t}d{n}")),
            DeedKind::Complaint => {
                let product = document.lines.iter().find_map(|line| line.product)?;
                said["claim"] = json!("return");
                said["user_email"] = json!("ana@example.com");
                said["lines"] = json!([{ "product": product.to_string(), "amount": "1" }]);
            }
            DeedKind::Attachment => {
                said["file_name"] = json!("a.pdf");
                said["bytes"] = json!(3);
                said["hash"] = json!(format!("{n:064x}"));
            }
            DeedKind::Cancel | DeedKind::OrderFromOffer => {}
        }
        serde_json::from_value(said).ok()
    }

    /// A user of the ERP does the same sort of thing to the document of an action, or the very same.
    pub fn rival(&mut self, t: usize, id: ActionId) {
        let Some(action) = self.tenants[t].table.actions.get(&id).cloned() else { return };
        let (now, doc, n) = (self.now, action.erp_id, self.next_value());
        let is_there = self.tenants[t].erp.docs.get(&doc).is_some_and(|d| !d.gone);
        if !is_there {
            return;
        }
        let (same, bare) = (self.dice.hit(500), self.dice.hit(300));
        let key = self.dice.pick(&STATUSES).unwrap_or_default();
        let erp = &mut self.tenants[t].erp;
        match &action.deed {
            Deed::Payment(payment) => {
                let sum = if same { payment.amount.to_string() } else { (n % 40 + 1).to_string() };
                erp.pay(doc, &sum, (!bare).then_some("a user's"), None, now);
            }
            Deed::Status { .. } | Deed::Cancel | Deed::Ship { .. } => {
                let key = if same && bare { action.deed.target().unwrap_or(key) } else { key };
                erp.set_status(doc, key, None, now);
            }
            Deed::Attachment { .. } => erp.attach(doc, &format!("{n:064x}"), None, now),
            Deed::Complaint(_) => {
                erp.complain(doc, (!bare).then_some("a user's"), None, (now, 0));
            }
            Deed::OrderFromOffer { .. } => {
                let number = action.buyer_order().filter(|_| same && bare).unwrap_or_else(|| format!("t{t}e{n}"));
                // Refused when the number is taken and must not be.
                let _ = erp.order_of(doc, &number, None, (now, 0));
            }
        }
        if sort_of(&action.deed) == DeedKind::Status {
            self.fire(68);
        }
    }
}

/// The place of a kind among all of them.
pub fn kind_at(kind: DeedKind) -> usize {
    DeedKind::ALL.iter().position(|k| *k == kind).unwrap_or(0)
}
