//! Changes of documents that the ERP takes field by field: what differs, and nothing else.
//!
//! Decides which call carries what, and that a row is always named by its id.

use std::collections::BTreeSet;

use domain::fields::field_of;
use domain::{Document, DocumentKind, ErpId, Line, Text, Update, value};
use erp::ErpError;
use erp::client::{OrderChange, RowChange};
use sync::twoway::Outcome;

use super::documents::{link, status_key};
use super::lines::{Products, changed_line, line_of, new_line, same_line};
use super::piece::{Refused, Set, decimal, entry_id, needed, party, taken, zero};
use super::{Attempt, Writer, unread};

const ORDER: DocumentKind = DocumentKind::SalesOrder;

/// The status that may not come along with other fields unless the day of shipment does, which nobody tells us.
const SHIPPED: &str = "shipped";

/// What an update of an order needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// What one call changes.
    pub(super) fields: OrderChange,
    /// The status that has a call of its own.
    pub(super) status: Option<Text>,
}

impl Writer<'_> {
    pub(super) async fn update_fields(
        &self,
        kind: DocumentKind,
        erp_id: ErpId,
        set: &Set,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        let now = match self.client.document(kind, erp_id).await {
            Ok(now) => now,
            Err(error) => return Err(unread(&error)),
        };
        let products = self.products_of(&new_lines(set, &now)?).await?;
        let mut change = change_of(&now, set, &products)?;
        if let Some(Some(value)) = set.get("receiver") {
            let receiver = party("receiver", value)?;
            if now.receiver.as_ref().is_none_or(|r| (r.erp_id, r.address) != (receiver.erp_id, receiver.address)) {
                change.fields.receiver = Some(self.receiver(&receiver).await?);
            }
        }
        if kind != ORDER && change.fields.status_key.is_none() {
            // Only orders have a call of its own for it.
            change.fields.status_key = change.status.take();
        }
        if change.fields != OrderChange::default() {
            attempt.call(self.client.update_document(kind, erp_id, &change.fields)).await?;
        }
        if let Some(status) = &change.status {
            attempt.call(self.client.change_order_status(&[erp_id], status.as_str())).await?;
        }
        self.check_taken(kind, erp_id, &change.fields).await?;
        Ok(erp_id)
    }

    /// Reads back what the ERP does not say it takes. A change that it dropped in silence would look as if somebody had
    /// taken it back.
    async fn check_taken(&self, kind: DocumentKind, erp_id: ErpId, change: &OrderChange) -> Result<(), Outcome> {
        if change.title.is_none() && change.discount_percent.is_none() {
            return Ok(());
        }
        // It is written; that it cannot be read now is for the reading that follows.
        let Ok(now) = self.client.document(kind, erp_id).await else { return Ok(()) };
        let percent = now.discount_percent.unwrap_or_default();
        if change.title.is_some() && change.title != now.title {
            return Err(Refused::not_in_api("title").into());
        }
        if change.discount_percent.is_some_and(|wanted| wanted != percent) {
            return Err(Refused::not_in_api("discount_percent").into());
        }
        Ok(())
    }

    /// A transfer: its lines go whole.
    pub(super) async fn update_transfer(
        &self,
        kind: DocumentKind,
        erp_id: ErpId,
        set: &Set,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        let now = self.client.document(kind, erp_id).await.map_err(|e| unread(&e))?;
        let mut change = OrderChange::default();
        for (piece, value) in set {
            match field_of(piece) {
                "title" => change.title = Some(needed(piece, value.as_ref())?),
                "notes" => change.notes = Some(needed(piece, value.as_ref())?),
                "lines" => {}
                _ => return Err(Refused::not_in_api(piece).into()),
            }
        }
        if set.keys().any(|piece| field_of(piece) == "lines") {
            let mut lines = now.lines.clone();
            for (piece, value) in set.iter().filter(|(piece, _)| field_of(piece) == "lines") {
                let said = value.as_ref().map(|value| line_of(piece, value)).transpose()?;
                let there = row(&now, piece).map(|(id, _)| id);
                lines.retain(|line| there.is_none() || line.erp_id != there);
                lines.extend(said.filter(|line| !lines.iter().any(|there| same_line(line, there))));
            }
            let products = self.products_of(&lines).await?;
            let drafts = lines.iter().map(|line| new_line("lines", line, &products).map(RowChange::Add));
            change.rows = drafts.collect::<Result<_, _>>()?;
        }
        attempt.call(self.client.update_document(kind, erp_id, &change)).await?;
        Ok(erp_id)
    }

    /// The status of a document of which nothing else can be changed.
    pub(super) async fn set_status(
        &self,
        kind: DocumentKind,
        erp_id: ErpId,
        set: &Set,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        if let Some(piece) = set.keys().find(|piece| field_of(piece) != "status") {
            return Err(Refused::not_in_api(piece).into());
        }
        let Some(Some(value)) = set.get("status") else { return Err(Refused::not_in_api("status").into()) };
        let key = status_key(value)?;
        if kind.entry().update == Update::Complaint {
            let now = self.client.document(kind, erp_id).await.map_err(|e| unread(&e))?;
            let claim = now.particulars.get("claim_type").ok_or_else(|| Refused::not_in_api("status"))?;
            attempt.call(self.client.update_complaint(erp_id, claim.as_str(), key.as_str())).await?;
        } else {
            attempt.call(self.client.update_invoice_status(kind, erp_id, key.as_str())).await?;
        }
        Ok(erp_id)
    }

    pub(super) async fn delete_document(
        &self,
        kind: DocumentKind,
        erp_id: ErpId,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        match attempt.try_call(self.client.delete_document(kind, erp_id)).await {
            // It is gone, whoever deleted it.
            Ok(()) | Err(super::Failed::Erp(ErpError::NotFound { .. })) => Ok(erp_id),
            Err(failed) => Err(attempt.outcome(&failed)),
        }
    }
}

/// The lines of an update that the order does not have.
fn new_lines(set: &Set, now: &Document) -> Result<Vec<Line>, Refused> {
    let is_new = |piece: &str| field_of(piece) == "lines" && row(now, piece).is_none();
    set.iter()
        .filter(|(piece, _)| is_new(piece))
        .filter_map(|(piece, value)| value.as_ref().map(|value| line_of(piece, value)))
        .collect()
}

/// The row that a piece names, and its line.
pub(super) fn row<'a>(now: &'a Document, piece: &str) -> Option<(ErpId, &'a Line)> {
    let id = entry_id(piece)?;
    now.lines.iter().find(|line| line.erp_id == Some(id)).map(|line| (id, line))
}

/// The change of an order that is `now`, but for its receiver.
pub(super) fn change_of(now: &Document, set: &Set, products: &Products) -> Result<Change, Refused> {
    let (mut change, mut status) = (OrderChange::default(), None);
    let named: BTreeSet<ErpId> = set.keys().filter_map(|piece| row(now, piece)).map(|(id, _)| id).collect();
    let mut used: BTreeSet<usize> =
        (0..now.lines.len()).filter(|at| now.lines[*at].erp_id.is_some_and(|id| named.contains(&id))).collect();
    for (piece, value) in set {
        let value = value.as_ref();
        match (field_of(piece), value) {
            ("title", _) => change.title = Some(needed(piece, value)?),
            ("notes", Some(_)) => change.notes = Some(needed(piece, value)?),
            ("notes", None) => change.clear.push("notes"),
            ("warehouse", _) => change.warehouse = Some(needed(piece, value)?),
            ("delivery_type", _) => change.delivery_type = Some(needed(piece, value)?),
            ("discount_percent", Some(v)) => {
                change.discount_percent = Some(decimal(piece, v, value::parse_decimal)?);
            }
            ("discount_percent", None) => change.discount_percent = Some(zero()),
            ("partner", Some(v)) => {
                let partner = party(piece, v)?;
                let same = |p: &domain::PartyRef| (p.erp_id, p.address) == (partner.erp_id, partner.address);
                if !now.partner.as_ref().is_some_and(same) {
                    change.partner = Some(link(&partner));
                }
            }
            ("receiver", Some(v)) => drop(party(piece, v)?),
            ("status", Some(v)) => status = Some(status_key(v)?),
            ("lines", value) => match (row(now, piece), value) {
                (Some((row, line)), Some(v)) => {
                    change.rows.push(RowChange::Set { row, line: changed_line(piece, &line_of(piece, v)?, line)? });
                }
                (Some((row, _)), None) => change.rows.push(RowChange::Remove { row }),
                (None, Some(v)) => {
                    let line = line_of(piece, v)?;
                    if !taken(&now.lines, &mut used, |there| same_line(&line, there)) {
                        change.rows.push(RowChange::Add(new_line(piece, &line, products)?));
                    }
                }
                (None, None) => {}
            },
            _ => return Err(Refused::not_in_api(piece)),
        }
    }
    // One call where it can be one.
    let alone = change == OrderChange::default() && !set.contains_key("receiver");
    if !alone && status.as_ref().is_some_and(|key| key.as_str() != SHIPPED) {
        change.status_key = status.take();
    }
    Ok(Change { fields: change, status })
}
