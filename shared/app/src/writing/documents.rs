//! Offers and orders as they are made.
//!
//! Decides what a new document says and where its marker goes. Partner and
//! receiver are links: what is none is refused, because the ERP would make a new
//! partner of it. The number is the ERP's.

use domain::{DocumentKind, ErpId, Fields, Object, PartyRef, Status, Text, value};
use erp::client::{DocumentDraft, PartyDraft};
use serde_json::Value;
use sync::twoway::Outcome;

use super::contacts::particulars;
use super::lines::{Products, line_of, new_line};
use super::piece::{self, Refused, decimal, entries, get, party};
use super::{Attempt, Writer};

impl Writer<'_> {
    pub(super) async fn create_document(
        &self,
        object: Object,
        fields: &Fields,
        marker: &str,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        let lines: Result<Vec<_>, _> = entries(fields, "lines").map(|(piece, value)| line_of(piece, value)).collect();
        let products = self.products_of(&lines?).await?;
        let mut draft = draft_of(object, fields, marker, &products)?;
        if let Some(value) = fields.get("receiver") {
            draft.receiver = Some(self.receiver(&party("receiver", value)?).await?);
        }
        let put = attempt.call(self.client.put_document(&draft)).await?;
        let meant = draft.partner.as_ref().and_then(|partner| partner.erp_id);
        if put.partner.is_some() && put.partner != meant {
            // Not what was sent: the search that follows finds it and says that it is different.
            tracing::warn!("the ERP took another partner for a document than the one that was named");
            return Err(Outcome::Unknown);
        }
        Ok(put.erp_id)
    }

    /// A receiver. Less than all of it becomes a new partner.
    pub(super) async fn receiver(&self, receiver: &PartyRef) -> Result<PartyDraft, Outcome> {
        let contact = self.contact(receiver.erp_id).await?.ok_or_else(|| Refused::link_missing("receiver"))?;
        Ok(PartyDraft { details: Some(particulars(&contact, receiver.address)), ..link(receiver) })
    }
}

/// A link to a partner.
pub(super) const fn link(party: &PartyRef) -> PartyDraft {
    PartyDraft { erp_id: Some(party.erp_id), address: party.address, details: None }
}

/// A new document, but for its receiver.
pub(super) fn draft_of(
    object: Object,
    fields: &Fields,
    marker: &str,
    products: &Products,
) -> Result<DocumentDraft, Refused> {
    let is_order = object == Object::Orders;
    let kind = if is_order { DocumentKind::SalesOrder } else { DocumentKind::SalesOffer };
    let partner = fields.get("partner").ok_or_else(|| Refused::link_missing("partner"))?;
    let notes: Option<Text> = get(fields, "notes")?;
    let lines = entries(fields, "lines").map(|(piece, value)| new_line(piece, &line_of(piece, value)?, products));
    let percent = fields.get("discount_percent");
    let mut draft = DocumentDraft {
        date: get(fields, "date")?,
        title: get(fields, "title")?,
        partner: Some(link(&party("partner", partner)?)),
        currency: get(fields, "currency")?,
        discount_percent: percent.map(|v| decimal("discount_percent", v, value::parse_decimal)).transpose()?,
        lines: lines.collect::<Result<_, _>>()?,
        ..DocumentDraft::new(kind)
    };
    if is_order {
        draft.notes = notes;
        draft.buyer_order = Some(piece::text("buyer_order", marker)?);
        draft.delivery_type = get(fields, "delivery_type")?;
        draft.warehouse = get(fields, "warehouse")?;
        draft.status_key = fields.get("status").map(status_key).transpose()?;
    } else {
        draft.notes = Some(tagged(notes.as_ref(), marker)?);
        draft.valid_to = get(fields, "valid_to")?;
    }
    Ok(draft)
}

/// The key of a status: what is written. Its label cannot be.
pub(super) fn status_key(value: &Value) -> Result<Text, Refused> {
    let status: Status = piece::read("status", value)?;
    status.key.ok_or_else(|| Refused::not_in_api("status"))
}

/// Notes with the tag by which an offer is found again: offers have no number of the customer's.
fn tagged(notes: Option<&Text>, marker: &str) -> Result<Text, Refused> {
    let tag = format!("[{marker}]");
    piece::text("notes", notes.map_or_else(|| tag.clone(), |notes| format!("{}\n{tag}", notes.as_str())))
}
