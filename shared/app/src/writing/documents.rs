//! Documents as they are made.
//!
//! Decides what a new document says and where its marker goes. Partner and
//! receiver are links: what is none is refused, because the ERP would make a new
//! partner of it. The number is the ERP's.

use domain::{DocumentKind, ErpId, Fields, Marker, PartyRef, Status, Text, value};
use erp::client::{DocumentDraft, PartyDraft};
use serde_json::Value;
use std::collections::BTreeMap;
use sync::twoway::Outcome;

use super::contacts;
use super::lines::{Products, line_of, new_line};
use super::piece::{self, Refused, decimal, entries, get, party};
use super::{Attempt, Writer};

impl Writer<'_> {
    pub(super) async fn create_document(
        &self,
        kind: DocumentKind,
        fields: &Fields,
        marker: &str,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        let lines: Result<Vec<_>, _> = entries(fields, "lines").map(|(piece, value)| line_of(piece, value)).collect();
        let products = self.products_of(&lines?).await?;
        let mut draft = draft_of(kind, fields, marker, &products)?;
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
        Ok(PartyDraft { details: Some(contacts::particulars(&contact, receiver.address)), ..link(receiver) })
    }
}

/// A link to a partner.
pub(super) const fn link(party: &PartyRef) -> PartyDraft {
    PartyDraft { erp_id: Some(party.erp_id), address: party.address, details: None }
}

/// A new document, but for its receiver.
pub(super) fn draft_of(
    kind: DocumentKind,
    fields: &Fields,
    marker: &str,
    products: &Products,
) -> Result<DocumentDraft, Refused> {
    let needs_partner = kind.object().entry().needed.contains(&"partner");
    let partner = fields.get("partner").map(|partner| party("partner", partner)).transpose()?;
    if needs_partner && partner.is_none() {
        return Err(Refused::link_missing("partner"));
    }
    let notes: Option<Text> = get(fields, "notes")?;
    let lines = entries(fields, "lines").map(|(piece, value)| new_line(piece, &line_of(piece, value)?, products));
    let percent = fields.get("discount_percent");
    let is_numbered = kind.entry().marker == Marker::BuyerOrder;
    let number = if is_numbered { Some(piece::text("buyer_order", marker)?) } else { get(fields, "buyer_order")? };
    Ok(DocumentDraft {
        date: get(fields, "date")?,
        title: get(fields, "title")?,
        notes: if is_numbered { notes } else { Some(tagged(notes.as_ref(), marker)?) },
        partner: partner.as_ref().map(link),
        buyer_order: number,
        currency: get(fields, "currency")?,
        warehouse: get(fields, "warehouse")?,
        delivery_type: get(fields, "delivery_type")?,
        payment_method: get(fields, "payment_method")?,
        status_key: fields.get("status").map(status_key).transpose()?,
        due_date: get(fields, "due_date")?,
        valid_to: get(fields, "valid_to")?,
        service_from: get(fields, "service_from")?,
        service_to: get(fields, "service_to")?,
        discount_percent: percent.map(|v| decimal("discount_percent", v, value::parse_decimal)).transpose()?,
        lines: lines.collect::<Result<_, _>>()?,
        particulars: particulars(kind, fields)?,
        ..DocumentDraft::new(kind)
    })
}

/// What only this kind has. A name that it does not have is refused: the ERP would drop it in silence.
fn particulars(kind: DocumentKind, fields: &Fields) -> Result<BTreeMap<String, Text>, Refused> {
    let given: BTreeMap<String, Text> = get(fields, "particulars")?.unwrap_or_default();
    match given.keys().find(|name| !kind.entry().particulars.contains(&name.as_str())) {
        Some(name) => Err(Refused::not_in_api(&format!("particulars.{name}"))),
        None => Ok(given),
    }
}

/// The key of a status: what is written. Its label cannot be.
pub(super) fn status_key(value: &Value) -> Result<Text, Refused> {
    let status: Status = piece::read("status", value)?;
    status.key.ok_or_else(|| Refused::not_in_api("status"))
}

/// Notes with the tag by which a document is found again that the ERP does not search by a number of ours.
fn tagged(notes: Option<&Text>, marker: &str) -> Result<Text, Refused> {
    let tag = format!("[{marker}]");
    piece::text("notes", notes.map_or_else(|| tag.clone(), |notes| format!("{}\n{tag}", notes.as_str())))
}
