//! One document: read, put, changed, deleted.

use domain::{Currency, Document, DocumentKind, ErpId, Put, Text as Canonical, Update};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

use super::{
    AnswerOf, Client, ErpError, PartnerDraft,
    body::Object,
    call::{
        CHANGE_STATUS, DELETE_DOCUMENT, GET_DOCUMENT, PUT_DOCUMENT, PUT_TRANSFER, PUT_WORKORDER, UPDATE_COMPLAINT,
        UPDATE_DOCUMENT, UPDATE_WORKORDER,
    },
    search::whole,
};
use crate::{
    convert::{At, document, one},
    wall_clock,
    wire::{self, Envelope},
};

/// The longest note that the app's change log takes.
const MAX_NOTE_CHARS: usize = 50;

/// A document to put. With an id it rewrites the whole of that document; without, each call makes a new one, unless
/// the company has the ERP check that customer order numbers are unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentDraft {
    /// Its kind.
    pub kind: DocumentKind,
    /// The document to rewrite.
    pub erp_id: Option<ErpId>,
    /// Its number; the ERP gives one when it is `None`.
    pub number: Option<Canonical>,
    /// Date.
    pub date: Option<Date>,
    /// Title.
    pub title: Option<Canonical>,
    /// Notes.
    pub notes: Option<Canonical>,
    /// Number of the offer that it comes from.
    pub offer: Option<Canonical>,
    /// Whom it is for.
    pub partner: Option<PartyDraft>,
    /// Who receives the goods. Must be whole: what the ERP does not know becomes a new partner.
    pub receiver: Option<PartyDraft>,
    /// The customer's order number: the key by which a lost answer is found again.
    pub buyer_order: Option<Canonical>,
    /// Currency.
    pub currency: Option<Currency>,
    /// Warehouse mark.
    pub warehouse: Option<Canonical>,
    /// Delivery type; one that the ERP does not know is dropped without a word.
    pub delivery_type: Option<Canonical>,
    /// Payment method.
    pub payment_method: Option<Canonical>,
    /// Status key.
    pub status_key: Option<Canonical>,
    /// Day on which it is due; needed on invoices.
    pub due_date: Option<Date>,
    /// Last day of an offer.
    pub valid_to: Option<Date>,
    /// First day of the service.
    pub service_from: Option<Date>,
    /// Last day of the service; needed on sales invoices.
    pub service_to: Option<Date>,
    /// Percent off the whole.
    pub discount_percent: Option<Decimal>,
    /// Lines.
    pub lines: Vec<LineDraft>,
    /// Payments of the whole document.
    pub paid: Vec<PaymentMark>,
    /// Custom fields.
    pub extra: BTreeMap<String, Canonical>,
    /// Free key-value pairs.
    pub meta: BTreeMap<String, Canonical>,
    /// What only documents of its kind have, by the ERP's names.
    pub particulars: BTreeMap<String, Canonical>,
    /// Head fields that are repeated as they were read, by the ERP's names: see [`RewriteBase`](super::RewriteBase).
    pub kept: BTreeMap<&'static str, Canonical>,
    /// A note for the app's change log; cut to 50 characters.
    pub change_note: Option<String>,
}

impl DocumentDraft {
    /// An empty document of a kind.
    pub const fn new(kind: DocumentKind) -> Self {
        Self {
            kind,
            erp_id: None,
            number: None,
            date: None,
            title: None,
            notes: None,
            offer: None,
            partner: None,
            receiver: None,
            buyer_order: None,
            currency: None,
            warehouse: None,
            delivery_type: None,
            payment_method: None,
            status_key: None,
            due_date: None,
            valid_to: None,
            service_from: None,
            service_to: None,
            discount_percent: None,
            lines: Vec::new(),
            paid: Vec::new(),
            extra: BTreeMap::new(),
            meta: BTreeMap::new(),
            particulars: BTreeMap::new(),
            kept: BTreeMap::new(),
            change_note: None,
        }
    }
}

/// A party on a document: a link to a partner that is there, the particulars, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartyDraft {
    /// The partner.
    pub erp_id: Option<ErpId>,
    /// Its address.
    pub address: Option<ErpId>,
    /// Particulars. Without a link the ERP looks for a partner like this and may make a new one.
    pub details: Option<PartnerDraft>,
}

/// A line to put. The id alone is not found: code or number must be there, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDraft {
    /// The product.
    pub product: Option<ErpId>,
    /// Its code.
    pub code: Option<Canonical>,
    /// Its number.
    pub number: Option<Canonical>,
    /// Name on the document; the product's own when it is `None`.
    pub name: Option<Canonical>,
    /// Description on the document.
    pub description: Option<Canonical>,
    /// Amount.
    pub amount: Decimal,
    /// Net price of one unit.
    pub price: Option<Decimal>,
    /// Price of one unit with tax; not together with the net price.
    pub price_with_tax: Option<Decimal>,
    /// Percentages, applied one after the other.
    pub discounts: Vec<Decimal>,
    /// Tax code.
    pub tax: Option<Canonical>,
}

/// A payment of a whole document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentMark {
    /// Payment type, a register value.
    pub kind: Canonical,
    /// Day.
    pub date: Option<Date>,
}

/// A change of an order. `None` leaves as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderChange {
    /// Status key.
    pub status_key: Option<Canonical>,
    /// Delivery type.
    pub delivery_type: Option<Canonical>,
    /// Tracking number; refused while the order has no invoice.
    pub tracking_code: Option<Canonical>,
    /// Day of shipment; needed with the status `shipped`.
    pub shipped_date: Option<Date>,
    /// Title. The ERP's list of what can be changed does not name it: read back whether it was taken.
    pub title: Option<Canonical>,
    /// Notes.
    pub notes: Option<Canonical>,
    /// Percent off the whole; zero for none. To be read back as the title.
    pub discount_percent: Option<Decimal>,
    /// Warehouse mark.
    pub warehouse: Option<Canonical>,
    /// A new number.
    pub number: Option<Canonical>,
    /// Whom it is for, whole.
    pub partner: Option<PartyDraft>,
    /// Who receives the goods, whole.
    pub receiver: Option<PartyDraft>,
    /// Rows to change, add or remove.
    pub rows: Vec<RowChange>,
    /// Custom fields to set.
    pub extra: BTreeMap<String, Canonical>,
    /// Fields to empty: `tracking_code`, `notes`, `notes_header`.
    pub clear: Vec<&'static str>,
    /// A note for the app's change log; cut to 50 characters.
    pub change_note: Option<String>,
}

/// A change of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// Adds a line; twice when it is sent twice.
    Add(LineDraft),
    /// Sets the line of a row.
    Set {
        /// The row.
        row: ErpId,
        /// What it shall be.
        line: LineDraft,
    },
    /// Removes a row.
    Remove {
        /// The row.
        row: ErpId,
    },
}

/// What the ERP made of a document that was put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAnswer {
    /// The document.
    pub erp_id: ErpId,
    /// Its number.
    pub number: Option<Canonical>,
    /// The partner that the ERP took or made: compare it with the one that was meant.
    pub partner: Option<ErpId>,
}

fn party(object: &mut Object<'_>, key: &str, party: Option<&PartyDraft>) {
    let Some(party) = party else { return };
    object.object(key, |object| {
        object.id("mk_id", party.erp_id);
        object.id("mk_address_id", party.address);
        if let Some(details) = &party.details {
            details.write(object);
        }
    });
}

fn line(object: &mut Object<'_>, line: &LineDraft) {
    object.id("mk_id", line.product);
    object.maybe("code", line.code.as_ref());
    object.maybe("count_code", line.number.as_ref());
    object.maybe("name", line.name.as_ref());
    object.maybe("doc_desc", line.description.as_ref());
    object.decimal("amount", Some(line.amount));
    object.decimal("price", line.price);
    object.decimal("price_with_tax", line.price_with_tax);
    if !line.discounts.is_empty() {
        let chain: Vec<String> = line.discounts.iter().map(|d| domain::value::normal(*d).to_string()).collect();
        object.text("discount", &chain.join(";"));
    }
    object.maybe("tax", line.tax.as_ref());
}

fn change_note(object: &mut Object<'_>, note: Option<&String>) {
    if let Some(note) = note {
        object.text("document_change_log_notes", &note.chars().take(MAX_NOTE_CHARS).collect::<String>());
    }
}

impl DocumentDraft {
    fn write(&self, object: &mut Object<'_>) {
        object.text("doc_type", self.kind.erp_name());
        object.id("mk_id", self.erp_id);
        object.maybe("count_code", self.number.as_ref());
        object.date("doc_date", self.date);
        object.maybe("title", self.title.as_ref());
        object.maybe("notes", self.notes.as_ref());
        party(object, "partner", self.partner.as_ref());
        party(object, "receiver", self.receiver.as_ref());
        object.maybe("buyer_order", self.buyer_order.as_ref());
        object.maybe("currency_code", self.currency.as_ref().map(Currency::code).as_ref());
        object.maybe(self.kind.entry().warehouse, self.warehouse.as_ref());
        object.maybe("delivery_type", self.delivery_type.as_ref());
        object.maybe("method_of_payment", self.payment_method.as_ref());
        object.maybe("status_code", self.status_key.as_ref());
        object.date("duo_payment", self.due_date);
        object.date("valid_to", self.valid_to);
        object.date("service_from_date", self.service_from);
        object.date("service_to_date", self.service_to);
        object.decimal("discount_percent", self.discount_percent);
        object.list("offer_list", self.offer.as_slice(), |object, number| object.text("count_code", number.as_str()));
        object.list("product_list", &self.lines, line);
        object.list("mark_paid", &self.paid, |object, mark| {
            object.text("payment_type", mark.kind.as_str());
            object.date("date", mark.date);
        });
        object.pairs("extra_column", ("name", "value"), &self.extra);
        object.pairs("meta_data", ("key", "value_string"), &self.meta);
        for (name, value) in &self.particulars {
            object.text(name, value.as_str());
        }
        for (name, value) in &self.kept {
            object.text(name, value.as_str());
        }
        change_note(object, self.change_note.as_ref());
    }
}

impl OrderChange {
    fn write(&self, object: &mut Object<'_>) {
        object.maybe("status_code", self.status_key.as_ref());
        object.maybe("delivery_type", self.delivery_type.as_ref());
        object.maybe("tracking_code", self.tracking_code.as_ref());
        object.date("shipped_date", self.shipped_date);
        object.maybe("title", self.title.as_ref());
        object.maybe("notes", self.notes.as_ref());
        object.decimal("discount_percent", self.discount_percent);
        object.maybe("warehouse", self.warehouse.as_ref());
        object.maybe("count_code_new", self.number.as_ref());
        party(object, "partner", self.partner.as_ref());
        party(object, "receiver", self.receiver.as_ref());
        object.list("product_list", &self.rows, |object, row| match row {
            RowChange::Add(added) => line(object, added),
            RowChange::Set { row, line: set } => {
                object.id("mk_row_id", Some(*row));
                line(object, set);
            }
            RowChange::Remove { row } => {
                object.id("mk_row_id", Some(*row));
                object.flag("mark_delete", Some(true));
            }
        });
        object.pairs("extra_column", ("name", "value"), &self.extra);
        object.texts("clear", self.clear.iter().map(ToString::to_string));
        change_note(object, self.change_note.as_ref());
    }
}

impl Client {
    /// A document.
    pub async fn document(&self, kind: DocumentKind, id: ErpId) -> Result<Document, ErpError> {
        let body = self.body(|object| asked(object, kind, id));
        self.ask(&GET_DOCUMENT, body, |answer| found(answer, kind).map(|(document, _)| document)).await
    }

    /// A document, and when it was last changed, if its log says so (orders and invoices).
    pub async fn document_with_time(
        &self,
        kind: DocumentKind,
        id: ErpId,
    ) -> Result<(Document, Option<Timestamp>), ErpError> {
        let body = self.body(|object| {
            asked(object, kind, id);
            object.text("return_document_info", "true");
        });
        self.ask(&GET_DOCUMENT, body, |answer| found(answer, kind)).await
    }

    /// Puts a document: a new one, or a whole one in the place of the one whose id it has.
    pub async fn put_document(&self, draft: &DocumentDraft) -> Result<PutAnswer, ErpError> {
        let body = self.body(|object| draft.write(object));
        let call = match draft.kind.entry().put {
            Some(Put::Transfer) => &PUT_TRANSFER,
            Some(Put::WorkOrder) => &PUT_WORKORDER,
            Some(Put::Document | Put::Complaint) | None => &PUT_DOCUMENT,
        };
        self.ask(call, body, |answer| {
            let put = answer.read::<wire::Document<'_>>()?;
            let refused = |refusal| answer.refused(refusal);
            let partner = one(&put.partner, At::Root, "partner").map_err(refused)?;
            let partner = partner.map(|partner| At::Root.field("partner.mk_id", partner.mk_id).id());
            Ok(PutAnswer {
                erp_id: answer.id(At::Root.field("mk_id", put.mk_id))?,
                number: At::Root.field("count_code", put.count_code).text().map_err(refused)?,
                partner: partner.transpose().map_err(refused)?.flatten(),
            })
        })
        .await
    }

    /// Changes an order: what is said, and nothing else.
    pub async fn update_order(&self, id: ErpId, change: &OrderChange) -> Result<(), ErpError> {
        self.update_document(DocumentKind::SalesOrder, id, change).await
    }

    /// Changes an order, a warehouse document or a work order: what is said, and nothing else. A transfer takes all of
    /// its rows anew.
    pub async fn update_document(&self, kind: DocumentKind, id: ErpId, change: &OrderChange) -> Result<(), ErpError> {
        let update = kind.entry().update;
        let body = self.body(|object| {
            match update {
                Update::WorkOrder => {}
                // Here a transfer goes by another name.
                Update::Transfer => object.text("doc_type", "warehouse_transfer_order"),
                _ => object.text("doc_type", kind.erp_name()),
            }
            object.id("mk_id", Some(id));
            change.write(object);
        });
        let call = if update == Update::WorkOrder { &UPDATE_WORKORDER } else { &UPDATE_DOCUMENT };
        self.ask(call, body, done).await
    }

    /// Sets the status of a complaint. `claim_type` is the one that it has.
    pub async fn update_complaint(&self, id: ErpId, claim_type: &str, status: &str) -> Result<(), ErpError> {
        let body = self.body(|object| {
            object.id("claim_id", Some(id));
            object.text("claim_type", claim_type);
            object.text("claim_status", status);
        });
        self.ask(&UPDATE_COMPLAINT, body, done).await
    }

    /// Changes the status of an invoice: all that can be changed of one.
    pub async fn update_invoice_status(&self, kind: DocumentKind, id: ErpId, key: &str) -> Result<(), ErpError> {
        let body = self.body(|object| {
            object.text("doc_type", kind.erp_name());
            object.id("mk_id", Some(id));
            object.text("status_code", key);
        });
        self.ask(&UPDATE_DOCUMENT, body, done).await
    }

    /// Deletes a document. It leaves no trace.
    pub async fn delete_document(&self, kind: DocumentKind, id: ErpId) -> Result<(), ErpError> {
        let body = self.body(|object| {
            object.text("doc_type", kind.erp_name());
            object.id("mk_id", Some(id));
        });
        self.ask(&DELETE_DOCUMENT, body, done).await
    }

    /// Sets the status of orders by its key.
    pub async fn change_order_status(&self, ids: &[ErpId], key: &str) -> Result<(), ErpError> {
        let body = self.body(|object| {
            object.text("doc_type", DocumentKind::SalesOrder.erp_name());
            object.texts("mk_id_list", ids.iter().map(ToString::to_string));
            object.text("status_code", key);
        });
        self.ask(&CHANGE_STATUS, body, done).await
    }
}

fn asked(object: &mut Object<'_>, kind: DocumentKind, id: ErpId) {
    object.text("doc_type", kind.erp_name());
    object.id("doc_id", Some(id));
    whole(object, kind);
}

fn found(answer: &AnswerOf<'_>, kind: DocumentKind) -> Result<(Document, Option<Timestamp>), ErpError> {
    let found = answer.read::<wire::Document<'_>>()?;
    if found.mk_id.raw().is_empty() {
        return Err(answer.inconsistent("a document without an id"));
    }
    let refused = |refusal| answer.refused(refusal);
    let times =
        found.document_info.objects().map(|entry| At::Root.field("operation_time", entry.operation_time).plain());
    let times: Vec<_> = times.collect::<Result<_, _>>().map_err(refused)?;
    // A time that cannot be read is none: it decides nothing but which of two changes is the later one.
    let changed = times.into_iter().flatten().filter_map(|time| wall_clock::moment(&time)).max();
    Ok((document(&found, Some(kind), At::Root).map_err(refused)?, changed))
}

/// An answer that says nothing but that it worked; it must say that.
pub(super) fn done(answer: &AnswerOf<'_>) -> Result<(), ErpError> {
    let envelope = answer.read::<Envelope<'_>>()?;
    if envelope.opr_code.raw().is_empty() {
        return Err(answer.inconsistent("it does not say that it worked"));
    }
    Ok(())
}
