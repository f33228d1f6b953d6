//! What deeds on documents leave in the ERP: payments, statuses, files, complaints, orders of offers.
//!
//! Nothing is done once because it was done before: what comes twice acts twice.

use std::collections::BTreeMap;

use domain::action::{Deed, DeedKind, tagged};
use domain::{ActionId, ErpId, Fields, Object};
use serde_json::{Value, json};
use sync::action::{Action, ComplaintSeen};
use sync::twoway::Key;

use super::{Erp, Executed};
use crate::values::{amount, ten_thousandths};

/// Something that became of a document.
#[derive(Clone, Debug)]
pub struct Happened {
    /// When.
    pub at: i64,
    /// What sort of thing: of changes of the status, always [`DeedKind::Status`].
    pub what: DeedKind,
    /// The action that did it; none for a user of the ERP.
    pub by: Option<ActionId>,
    /// The status that it left, if it is a change of the status.
    pub status: Option<String>,
}

/// A file of a document.
#[derive(Clone, Debug)]
pub struct File {
    /// Its address.
    pub url: String,
    /// What stands for its bytes.
    pub hash: String,
}

/// A complaint.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// As a list shows it.
    pub seen: ComplaintSeen,
    /// From when a list shows it.
    pub found_from: i64,
}

/// What deeds leave, and the log of it.
#[derive(Debug, Default)]
pub struct Desk {
    /// Files by document.
    pub files: BTreeMap<ErpId, Vec<File>>,
    /// Complaints, the oldest first.
    pub complaints: Vec<Complaint>,
    /// What became of each document, in order.
    pub happened: BTreeMap<ErpId, Vec<Happened>>,
    /// How often each action was done.
    pub done: BTreeMap<ActionId, u64>,
    /// Actions that will be done late.
    pub late: Vec<(i64, Action)>,
}

/// The sort of thing that a deed is.
pub const fn sort_of(deed: &Deed) -> DeedKind {
    match deed.kind() {
        DeedKind::Cancel | DeedKind::Ship => DeedKind::Status,
        other => other,
    }
}

impl Erp {
    /// Does an action now.
    pub fn act(&mut self, action: &Action, now: i64, lag: i64) -> Executed {
        if self.docs.get(&action.erp_id).is_none_or(|d| d.gone) {
            return Executed::NotFound;
        }
        let (doc, by) = (action.erp_id, Some(action.id));
        let made = match &action.deed {
            Deed::Payment(payment) => {
                let notes = tagged(payment.notes.as_ref(), action.id);
                self.pay(doc, &payment.amount.to_string(), Some(&notes), by, now);
                doc
            }
            Deed::Status { .. } | Deed::Cancel | Deed::Ship { .. } => {
                self.set_status(doc, action.deed.target().unwrap_or_default(), by, now);
                doc
            }
            Deed::Attachment { hash, .. } => {
                self.attach(doc, hash, by, now);
                doc
            }
            Deed::Complaint(complaint) => {
                let description = tagged(complaint.description.as_ref(), action.id);
                self.complain(doc, Some(&description), by, (now, lag))
            }
            Deed::OrderFromOffer { .. } => {
                let number = action.buyer_order().unwrap_or_default();
                match self.order_of(doc, &number, by, (now, lag)) {
                    Ok(order) => order,
                    Err(found) => return Executed::Duplicate(found),
                }
            }
        };
        *self.desk.done.entry(action.id).or_default() += 1;
        Executed::Done(made)
    }

    fn happens(&mut self, doc: ErpId, what: DeedKind, by: Option<ActionId>, now: i64, status: Option<String>) {
        self.desk.happened.entry(doc).or_default().push(Happened { at: now, what, by, status });
    }

    fn put_pieces(&mut self, id: ErpId, fields: Fields, piece: &str, now: i64) {
        let Some(object) = self.docs.get(&id).map(super::Doc::object) else { return };
        let snap = self.snap(object, id, fields);
        if let Some(doc) = self.docs.get_mut(&id) {
            (doc.snap, doc.by_us) = (snap, false);
        }
        self.edited.insert((id, piece.to_owned()), now);
    }

    /// Books a payment. The time of the document's last change stays: lists of changes do not show it.
    pub fn pay(&mut self, id: ErpId, sum: &str, notes: Option<&str>, by: Option<ActionId>, now: i64) {
        let Some(doc) = self.docs.get(&id) else { return };
        let mut fields = doc.fields().clone();
        let mut payments = fields.get("payments").cloned().unwrap_or_else(|| json!([]));
        let mut payment = json!({ "kind": "Gotovina", "date": crate::deeds::TODAY, "amount": sum });
        if let Some(notes) = notes {
            payment["notes"] = json!(notes);
        }
        if let Some(all) = payments.as_array_mut() {
            all.push(payment);
        }
        fields.set("payments", payments);
        let mut sums = fields.get("sums").cloned().unwrap_or_else(|| json!({}));
        let paid = sums.get("paid").and_then(Value::as_str).map_or(0, ten_thousandths);
        sums["paid"] = json!(amount(paid + ten_thousandths(sum)));
        fields.set("sums", sums);
        self.put_pieces(id, fields, "payments", now);
        self.happens(id, DeedKind::Payment, by, now, None);
    }

    /// Sets the status.
    pub fn set_status(&mut self, id: ErpId, key: &str, by: Option<ActionId>, now: i64) {
        let Some(doc) = self.docs.get(&id) else { return };
        let mut fields = doc.fields().clone();
        let status = json!({ "key": key });
        if fields.get("status") == Some(&status) {
            return;
        }
        fields.set("status", status);
        self.put_pieces(id, fields, "status", now);
        if let Some(doc) = self.docs.get_mut(&id) {
            doc.changed_at = now;
        }
        self.happens(id, DeedKind::Status, by, now, Some(key.to_owned()));
    }

    /// Attaches a file.
    pub fn attach(&mut self, id: ErpId, hash: &str, by: Option<ActionId>, now: i64) {
        let url = format!("https://erp.example/{}", self.new_id());
        self.desk.files.entry(id).or_default().push(File { url, hash: hash.to_owned() });
        self.happens(id, DeedKind::Attachment, by, now, None);
    }

    /// Files a complaint; a list shows it after `lag`.
    pub fn complain(&mut self, id: ErpId, text: Option<&str>, by: Option<ActionId>, (now, lag): (i64, i64)) -> ErpId {
        let erp_id = ErpId::new(self.new_id());
        let description = text.and_then(|text| domain::Text::new(text).ok().flatten());
        let seen = ComplaintSeen { erp_id, description };
        self.desk.complaints.push(Complaint { seen, found_from: now + lag });
        self.happens(id, DeedKind::Complaint, by, now, None);
        erp_id
    }

    /// Makes an order with what an offer says.
    pub fn order_of(
        &mut self,
        offer: ErpId,
        number: &str,
        by: Option<ActionId>,
        (now, lag): (i64, i64),
    ) -> Result<ErpId, Vec<ErpId>> {
        if self.unique_orders {
            let same = self.with_key(&Key::BuyerOrder(number.to_owned()), Object::Orders);
            if !same.is_empty() {
                return Err(same);
            }
        }
        let id = ErpId::new(self.new_id());
        let mut fields = super::filled(Object::Orders, id);
        if let Some(doc) = self.docs.get(&offer) {
            let takes = |piece: &str| matches!(piece, "title" | "partner" | "sums") || piece.starts_with("lines/");
            let of_offer: Vec<(String, Value)> =
                doc.fields().iter().filter(|(p, _)| takes(p)).map(|(p, v)| (p.to_owned(), v.clone())).collect();
            for (piece, mut value) in of_offer {
                if piece == "sums" {
                    value.as_object_mut().map(|sums| sums.remove("paid"));
                }
                fields.set(piece, value);
            }
            let number = doc.fields().get("number").cloned().unwrap_or_default();
            fields.set("links", json!([{ "erp_id": offer.to_string(), "number": number, "kind": "sales_offer" }]));
        }
        fields.set("buyer_order", json!(number));
        let snap = self.snap(Object::Orders, id, fields);
        self.docs.insert(id, super::Doc { made_by: by, ..Self::doc(snap, now, lag, None) });
        self.happens(offer, DeedKind::OrderFromOffer, by, now, None);
        Ok(id)
    }

    /// Does what was to be done late.
    pub fn act_late(&mut self, now: i64) {
        if self.desk.late.iter().all(|(at, _)| *at > now) {
            return;
        }
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.desk.late).into_iter().partition(|(at, _)| *at <= now);
        self.desk.late = later;
        for (at, action) in due {
            self.act(&action, at, 0);
        }
    }

    /// The status that a document had then.
    pub fn status_at(&self, id: ErpId, then: i64) -> Option<&str> {
        let all = self.desk.happened.get(&id)?;
        all.iter().rev().filter(|h| h.at < then).find_map(|h| h.status.as_deref())
    }
}
