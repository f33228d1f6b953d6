//! What a look at the ERP says about an action that may have been done.
//!
//! Decides what is ours, what is somebody else's and what proves that nothing of
//! ours is there. Equal content is not enough for a payment: its tag is.

use domain::action::{Deed, PaymentMode, tag};
use domain::{Document, ErpId, Payment, Text};
use rust_decimal::Decimal;

use super::{Action, Baseline, Why};

/// What a look brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It failed or was not whole: it says nothing.
    CannotTell,
    /// A direct lookup says that the document is not there.
    Gone,
    /// The document was read, and with it what the action would leave.
    There(Box<View>),
}

/// The document and what an action on it may have left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The document as it is now.
    pub document: Document,
    /// Orders with the customer's number that the action makes.
    pub orders: Vec<Document>,
    /// The newest complaints.
    pub complaints: Vec<ComplaintSeen>,
    /// The document's files.
    pub files: Vec<FileSeen>,
    /// The search found what is known to be there. A direct read of the document needs no other proof.
    pub control: bool,
}

/// A file of a document. The ERP shows neither its name nor an id of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSeen {
    /// Its address, without a signature: what it is known by.
    pub url: String,
    /// Its address as it is shown now.
    pub address: String,
    /// What is in it.
    pub content: FileContent,
}

/// What is known of a file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileContent {
    /// It was not read.
    Unread,
    /// It is none that the CRM can attach.
    Foreign,
    /// The hash of its bytes.
    Hash(String),
}

/// A complaint of the ERP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintSeen {
    /// Its id.
    pub erp_id: ErpId,
    /// Its description.
    pub description: Option<Text>,
}

/// What a look says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is done, and this is what was made.
    Ours(Option<ErpId>),
    /// Nothing of ours is there.
    Absent,
    /// Nothing is proven.
    Unproven,
    /// A person has to look.
    Person(Why),
}

/// What is to be remembered before the first sending; `Err` when that must not happen.
pub(super) fn baseline(action: &Action, view: &View) -> Result<Baseline, &'static str> {
    Ok(match &action.deed {
        Deed::Payment(_) => {
            Baseline::Payments { paid: view.document.sums.paid, payments: view.document.payments.clone() }
        }
        Deed::Status { .. } | Deed::Cancel | Deed::Ship { .. } => {
            Baseline::Status { key: view.document.status.key.clone() }
        }
        Deed::Attachment { .. } => Baseline::Files { urls: view.files.iter().map(|f| f.url.clone()).collect() },
        Deed::Complaint(_) => Baseline::Complaints { newest: view.complaints.iter().map(|c| c.erp_id).collect() },
        Deed::OrderFromOffer { .. } if !view.orders.is_empty() => return Err("buyer_order_taken"),
        Deed::OrderFromOffer { .. } => Baseline::Nothing,
    })
}

pub(super) fn judge(action: &Action, view: &View) -> Verdict {
    let Some(before) = &action.baseline else { return Verdict::Unproven };
    match (&action.deed, before) {
        (Deed::Payment(_), Baseline::Payments { paid, payments }) => judge_payment(action, view, *paid, payments),
        (Deed::Status { .. } | Deed::Cancel | Deed::Ship { .. }, Baseline::Status { key }) => {
            let now = view.document.status.key.as_ref();
            if now.is_some_and(|key| Some(key.as_str()) == action.deed.target()) {
                Verdict::Ours(None)
            } else if now == key.as_ref() {
                Verdict::Absent
            } else {
                Verdict::Person(Why::Changed)
            }
        }
        (Deed::Attachment { hash, .. }, Baseline::Files { urls }) => judge_file(action, view, hash, urls),
        (Deed::Complaint(_), Baseline::Complaints { newest }) => judge_complaint(action, view, newest),
        (Deed::OrderFromOffer { .. }, Baseline::Nothing) => judge_order(action, view),
        _ => Verdict::Unproven,
    }
}

fn judge_payment(action: &Action, view: &View, paid: Option<Decimal>, before: &[Payment]) -> Verdict {
    let Deed::Payment(deed) = &action.deed else { return Verdict::Unproven };
    let tag = format!("[{}]", tag(action.id));
    let is_tagged = |p: &&Payment| p.notes.as_ref().is_some_and(|n| n.as_str().contains(&tag));
    match view.document.payments.iter().filter(is_tagged).count() {
        0 => {}
        1 => return Verdict::Ours(None),
        _ => return Verdict::Person(Why::Ambiguous),
    }
    let new = without(&view.document.payments, before);
    let amount = if deed.mode == PaymentMode::Return { -deed.amount } else { deed.amount };
    let is_alike = |p: &&Payment| {
        p.date == Some(deed.date) && p.amount.is_some_and(|a| a == amount || a == deed.amount) && p.notes.is_none()
    };
    if new.iter().any(is_alike) {
        // As ours, but for the notes, which may have been lost.
        return Verdict::Person(Why::Ambiguous);
    }
    if new.is_empty() && view.document.sums.paid.unwrap_or_default() != paid.unwrap_or_default() {
        // Something was paid, and the list does not show it.
        return Verdict::Unproven;
    }
    Verdict::Absent
}

/// That a file came proves nothing: somebody else may have attached one meanwhile. Its bytes do. Of other bytes nobody can
/// say that they are not what the ERP made of ours.
fn judge_file(action: &Action, view: &View, hash: &str, before: &[String]) -> Verdict {
    let new: Vec<&FileSeen> = new_files(action, view).collect();
    if new.iter().any(|file| matches!(&file.content, FileContent::Hash(own) if own == hash)) {
        return Verdict::Ours(None);
    }
    if new.iter().any(|file| file.content == FileContent::Unread) {
        return Verdict::Unproven;
    }
    let is_gone = |url: &String| !view.files.iter().any(|file| file.url == *url);
    if new.is_empty() && !before.iter().any(is_gone) { Verdict::Absent } else { Verdict::Person(Why::Ambiguous) }
}

/// The files that were not there before the action was first sent: whether one of them is what it attached, its bytes say.
pub fn new_files<'a>(action: &'a Action, view: &'a View) -> impl Iterator<Item = &'a FileSeen> {
    let before: &[String] = match &action.baseline {
        Some(Baseline::Files { urls }) => urls,
        _ => &[],
    };
    view.files.iter().filter(move |file| !before.contains(&file.url))
}

fn judge_complaint(action: &Action, view: &View, before: &[ErpId]) -> Verdict {
    let tag = format!("[{}]", tag(action.id));
    let text = |c: &ComplaintSeen| c.description.as_ref().is_some_and(|d| d.as_str().contains(&tag));
    let ours: Vec<ErpId> = view.complaints.iter().filter(|c| text(c)).map(|c| c.erp_id).collect();
    match ours.as_slice() {
        [only] => return Verdict::Ours(Some(*only)),
        [] => {}
        _ => return Verdict::Person(Why::Ambiguous),
    }
    let mut new = view.complaints.iter().filter(|c| !before.contains(&c.erp_id));
    if new.any(|c| c.description.is_none()) {
        return Verdict::Person(Why::Ambiguous);
    }
    // A list that shows none of those that were there before proves nothing.
    let control = before.is_empty() || view.complaints.iter().any(|c| before.contains(&c.erp_id));
    if control { Verdict::Absent } else { Verdict::Unproven }
}

fn judge_order(action: &Action, view: &View) -> Verdict {
    match view.orders.as_slice() {
        [] if view.control => Verdict::Absent,
        [] => Verdict::Unproven,
        [order] if is_made_of(order, &view.document) => Verdict::Ours(Some(order.erp_id)),
        // A number of our own making is nobody else's.
        [order] if matches!(action.deed, Deed::OrderFromOffer { buyer_order: None }) => {
            Verdict::Ours(Some(order.erp_id))
        }
        _ => Verdict::Person(Why::Ambiguous),
    }
}

/// Whether an order is of this offer: it says so, or has its partner and lines.
fn is_made_of(order: &Document, offer: &Document) -> bool {
    if order.links.iter().any(|link| link.erp_id == offer.erp_id) {
        return true;
    }
    let partner = |d: &Document| d.partner.as_ref().map(|p| p.erp_id);
    let lines = |d: &Document| {
        let mut lines: Vec<_> = d.lines.iter().map(|line| (line.product, line.amount)).collect();
        lines.sort();
        lines
    };
    partner(order) == partner(offer) && lines(order) == lines(offer)
}

/// What of `all` is not in `known`, each entry counted.
fn without<'a, T: PartialEq>(all: &'a [T], known: &[T]) -> Vec<&'a T> {
    let mut left: Vec<&T> = known.iter().collect();
    all.iter()
        .filter(|one| match left.iter().position(|k| k == one) {
            Some(at) => {
                left.swap_remove(at);
                false
            }
            None => true,
        })
        .collect()
}
