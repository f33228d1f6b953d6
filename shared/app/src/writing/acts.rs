//! Actions on documents: the call that carries one out, and the look at what it left.
//!
//! Decides which call a deed is and where its tag goes. What a look means is the
//! engine's: here only what failed or is not whole is told from what was read.

use domain::action::{ClaimType, ComplaintDeed, Deed, PaymentDeed, PaymentMode, tagged};
use domain::{Document, DocumentKind, ErpId, Object, Record, Text};
use erp::ErpError;
use erp::client::{AttachmentDraft, ComplaintDraft, Content, DocumentDraft, OrderChange, PaymentDraft};
use sync::action::{Action, ComplaintSeen, FileContent, FileSeen, Seen, View};
use sync::twoway::{Key, Outcome, Probed};

use super::documents::link;
use super::lines::new_line;
use super::piece::{self, Refused};
use super::{Attempt, Control, LONGEST, Writer, unread};

/// Head fields of an offer that its record does not show and an order takes.
const OF_THE_OFFER: [&str; 2] = ["discount_value", "sales_pricelist_code"];

impl Writer<'_> {
    /// Carries out one action on `document`, as it was read last. `file` is what is to be attached. `open` is asked
    /// immediately before the first byte.
    pub(crate) async fn act(
        &self,
        action: &Action,
        document: &Document,
        file: Vec<u8>,
        open: impl Fn() -> bool + Send + Sync,
    ) -> Outcome {
        let mut attempt = Attempt { open: &open, repeatable: false, begun: false, done: false };
        let ended = tokio::time::timeout(LONGEST, self.carry_out_act(action, document, file, &mut attempt)).await;
        match ended {
            Ok(Ok(erp_id)) => Outcome::Done { erp_id },
            Ok(Err(outcome)) => outcome,
            Err(_) if attempt.begun => Outcome::Unknown,
            Err(_) => Outcome::NotSent,
        }
    }

    async fn carry_out_act(
        &self,
        action: &Action,
        document: &Document,
        file: Vec<u8>,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        let (kind, erp_id) = (action.kind, action.erp_id);
        match &action.deed {
            Deed::Payment(payment) => {
                let draft = payment_of(action, payment)?;
                attempt.call(self.client.put_payment(&draft)).await?;
            }
            Deed::Status { key } if kind == DocumentKind::SalesOrder => {
                attempt.call(self.client.change_order_status(&[erp_id], key.as_str())).await?;
            }
            Deed::Status { key } => {
                attempt.call(self.client.update_invoice_status(kind, erp_id, key.as_str())).await?;
            }
            Deed::Cancel | Deed::Ship { .. } => {
                let status_key = action.deed.target().map(|key| piece::text("status", key)).transpose()?;
                let shipped_date = if let Deed::Ship { on } = &action.deed { Some(*on) } else { None };
                let change = OrderChange { status_key, shipped_date, ..OrderChange::default() };
                attempt.call(self.client.update_order(erp_id, &change)).await?;
            }
            Deed::OrderFromOffer { .. } => return self.order_of(action, attempt).await,
            Deed::Complaint(complaint) => {
                let draft = complaint_of(action, complaint, document)?;
                attempt.call(self.client.create_complaint(&draft)).await?;
            }
            Deed::Attachment { file_name, bytes, .. } => {
                if u32::try_from(file.len()) != Ok(*bytes) {
                    return Err(Refused { code: "file_missing", piece: "content".to_owned() }.into());
                }
                let content = Content::Bytes(file);
                let files = [AttachmentDraft { file_name: file_name.as_str().to_owned(), content }];
                attempt.call(self.client.add_attachments(kind, erp_id, &files)).await?;
            }
        }
        Ok(erp_id)
    }

    /// A new order with what an offer says. Partner and products are links, as in every document that we make.
    async fn order_of(&self, action: &Action, attempt: &mut Attempt<'_>) -> Result<ErpId, Outcome> {
        let base = self.client.rewrite_base(action.kind, action.erp_id).await.map_err(|e| unread(&e))?;
        let offer = &base.document;
        let linked = offer.lines.iter().enumerate().find(|(_, line)| line.product.is_none());
        if let Some((at, _)) = linked {
            return Err(Refused::link_missing(&format!("lines/{at}")).into());
        }
        let products = self.products_of(&offer.lines).await?;
        let lines = offer.lines.iter().map(|line| new_line("lines", line, &products)).collect::<Result<_, _>>()?;
        let partner = offer.partner.as_ref().ok_or_else(|| Refused::link_missing("partner"))?;
        let receiver = match &offer.receiver {
            Some(receiver) if receiver.erp_id != partner.erp_id => Some(self.receiver(receiver).await?),
            _ => None,
        };
        let number = action.buyer_order().unwrap_or_default();
        let kept = base.kept.iter().filter(|(name, _)| OF_THE_OFFER.contains(name));
        let draft = DocumentDraft {
            title: offer.title.clone(),
            notes: offer.notes.clone(),
            offer: Some(offer.number.clone()),
            partner: Some(link(partner)),
            receiver,
            buyer_order: Some(piece::text("buyer_order", &number)?),
            currency: Some(offer.currency),
            warehouse: offer.warehouse.clone(),
            delivery_type: offer.delivery_type.clone(),
            payment_method: offer.payment_method.clone(),
            discount_percent: offer.discount_percent,
            lines,
            kept: kept.map(|(name, value)| (*name, value.clone())).collect(),
            ..DocumentDraft::new(DocumentKind::SalesOrder)
        };
        let meant = partner.erp_id;
        let put = attempt.call(self.client.put_document(&draft)).await?;
        if put.partner.is_some_and(|taken| taken != meant) {
            // Not what was sent: the look that follows says that it is different.
            tracing::warn!("the ERP took another partner for an order than the one of its offer");
            return Err(Outcome::Unknown);
        }
        Ok(put.erp_id)
    }

    /// The document now, and what the action would leave. `controls` are orders that the ERP is known to have.
    pub(crate) async fn view(&self, action: &Action, controls: &[Control]) -> Seen {
        match self.try_view(action, controls).await {
            Ok(seen) => seen,
            Err(ErpError::NotFound { .. }) => Seen::Gone,
            Err(error) => {
                tracing::warn!(code = error.code(), "a look at what an action left says nothing");
                Seen::CannotTell
            }
        }
    }

    async fn try_view(&self, action: &Action, controls: &[Control]) -> Result<Seen, ErpError> {
        let document = self.client.document(action.kind, action.erp_id).await?;
        let mut view = View { document, orders: Vec::new(), complaints: Vec::new(), files: Vec::new(), control: true };
        match &action.deed {
            Deed::Attachment { .. } => {
                // A signature is new each time, and the file is not.
                let shown = self.client.attachments(action.kind, action.erp_id).await?;
                view.files = shown.into_iter().map(file).collect();
            }
            Deed::Complaint(_) => {
                let listed = self.client.newest_complaints().await?;
                let seen = |c: erp::client::Complaint| ComplaintSeen { erp_id: c.erp_id, description: c.description };
                view.complaints = listed.into_iter().map(seen).collect();
            }
            Deed::OrderFromOffer { .. } => {
                let number = action.buyer_order().unwrap_or_default();
                let keys = [Key::BuyerOrder(number.clone())];
                let (probed, records) = self.probe(Object::Orders, &keys, &[], controls).await;
                let Probed::Answered { control, .. } = probed else { return Ok(Seen::CannotTell) };
                view.control = control;
                view.orders = records.into_iter().filter_map(|record| with_number(record, &number)).collect();
            }
            Deed::Payment(_) | Deed::Status { .. } | Deed::Cancel | Deed::Ship { .. } => {}
        }
        Ok(Seen::There(Box::new(view)))
    }
}

fn file(address: String) -> FileSeen {
    FileSeen { url: erp::download::unsigned(&address), address, content: FileContent::Unread }
}

/// The order, if its customer's number is this one: a search finds near matches as well.
fn with_number(record: Record, number: &str) -> Option<Document> {
    let Record::Document(order) = record else { return None };
    let key = |text: &Text| text.key();
    let wanted = Text::new(number).ok().flatten().as_ref().map(key);
    (order.buyer_order.as_ref().map(key) == wanted).then_some(*order)
}

fn payment_of(action: &Action, payment: &PaymentDeed) -> Result<PaymentDraft, Refused> {
    Ok(PaymentDraft {
        document_kind: action.kind,
        document: action.erp_id,
        mode: match payment.mode {
            PaymentMode::Payment => erp::client::PaymentMode::Payment,
            PaymentMode::Prepayment => erp::client::PaymentMode::Prepayment,
            PaymentMode::Return => erp::client::PaymentMode::Return,
        },
        kind: payment.payment_type.clone(),
        cash_register: None,
        date: payment.date,
        amount: payment.amount,
        notes: Some(piece::text("notes", tagged(payment.notes.as_ref(), action.id))?),
    })
}

fn complaint_of(action: &Action, complaint: &ComplaintDeed, order: &Document) -> Result<ComplaintDraft, Refused> {
    let line = |line: &domain::action::ComplaintLine| {
        let own = order.lines.iter().find(|own| own.product == Some(line.product));
        let code = own.and_then(|own| own.code.clone()).ok_or_else(|| Refused::link_missing("lines"))?;
        Ok((line.product, code, line.amount))
    };
    Ok(ComplaintDraft {
        claim_type: match complaint.claim {
            ClaimType::Reclamation => "reclamation",
            ClaimType::Return => "return",
            ClaimType::Replacement => "replacement",
        },
        user_email: complaint.user_email.clone(),
        order: order.number.clone(),
        reason: complaint.reason.clone(),
        description: Some(piece::text("description", tagged(complaint.description.as_ref(), action.id))?),
        lines: complaint.lines.iter().map(line).collect::<Result<_, _>>()?,
    })
}
