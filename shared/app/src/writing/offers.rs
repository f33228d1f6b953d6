//! Changes of offers and purchase orders: the ERP takes the whole document anew, so all that stays is written again.
//!
//! Decides what a rewritten document says. What the ERP shows and does not take
//! back would be lost: then nothing is sent.

use std::collections::BTreeSet;

use domain::fields::field_of;
use domain::{DocumentKind, ErpId, Line, Product, value};
use erp::client::{DocumentDraft, LineDraft, RewriteBase, RowBase};
use sync::twoway::Outcome;

use super::documents::{link, status_key};
use super::lines::{Products, changed_line, line_of, new_line, same_line};
use super::orders::row;
use super::piece::{Refused, Set, decimal, needed, party, read, taken};
use super::{Attempt, Writer, unread};

impl Writer<'_> {
    pub(super) async fn rewrite(
        &self,
        kind: DocumentKind,
        erp_id: ErpId,
        set: &Set,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        let base = self.client.rewrite_base(kind, erp_id).await.map_err(|e| unread(&e))?;
        let mut lines = base.document.lines.clone();
        for (piece, value) in set.iter().filter(|(piece, _)| field_of(piece) == "lines") {
            lines.extend(value.as_ref().map(|value| line_of(piece, value)).transpose()?);
        }
        let products = self.products_of(&lines).await?;
        let mut draft = draft_of(&base, set, &products)?;
        let receiver = match set.get("receiver") {
            Some(Some(value)) => Some(party("receiver", value)?),
            Some(None) => None,
            None => base.document.receiver.clone(),
        };
        if let Some(receiver) = receiver {
            draft.receiver = Some(self.receiver(&receiver).await?);
        }
        attempt.call(self.client.put_document(&draft)).await?;
        Ok(erp_id)
    }
}

/// The whole document with what an update sets, but for its receiver.
pub(super) fn draft_of(base: &RewriteBase, set: &Set, products: &Products) -> Result<DocumentDraft, Refused> {
    let now = &base.document;
    if let Some(name) = base.lost.first() {
        return Err(Refused::not_in_api(name));
    }
    // What is shown of a status and cannot be written would be lost.
    if now.status.label.is_some() && now.status.key.is_none() {
        return Err(Refused::not_in_api("status"));
    }
    let mut draft = DocumentDraft {
        erp_id: Some(now.erp_id),
        date: now.date,
        title: now.title.clone(),
        notes: now.notes.clone(),
        partner: now.partner.as_ref().map(link),
        buyer_order: now.buyer_order.clone(),
        currency: Some(now.currency),
        warehouse: now.warehouse.clone(),
        delivery_type: now.delivery_type.clone(),
        payment_method: now.payment_method.clone(),
        status_key: now.status.key.clone(),
        due_date: now.due_date,
        valid_to: now.valid_to,
        service_from: now.service_from,
        service_to: now.service_to,
        discount_percent: now.discount_percent,
        kept: base.kept.clone(),
        ..DocumentDraft::new(now.kind)
    };
    for (piece, value) in set {
        let value = value.as_ref();
        match field_of(piece) {
            "title" => draft.title = value.map(|v| read(piece, v)).transpose()?,
            "notes" => draft.notes = value.map(|v| read(piece, v)).transpose()?,
            "partner" => draft.partner = Some(link(&party(piece, value.ok_or_else(|| Refused::not_in_api(piece))?)?)),
            "receiver" => drop(value.map(|v| party(piece, v)).transpose()?),
            "valid_to" => {
                draft.valid_to = Some(needed(piece, value)?);
                // The days would say another day.
                draft.kept.remove("valid_days");
            }
            "discount_percent" => {
                draft.discount_percent = value.map(|v| decimal(piece, v, value::parse_decimal)).transpose()?;
                draft.kept.remove("discount_value");
            }
            "status" => draft.status_key = Some(status_key(value.ok_or_else(|| Refused::not_in_api(piece))?)?),
            "lines" => {}
            _ => return Err(Refused::not_in_api(piece)),
        }
    }
    if draft.partner.is_none() {
        return Err(Refused::link_missing("partner"));
    }
    draft.lines = lines_of(base, set, products)?;
    Ok(draft)
}

/// The lines that stay, as they are or changed, and the new ones.
fn lines_of(base: &RewriteBase, set: &Set, products: &Products) -> Result<Vec<LineDraft>, Refused> {
    let now = &base.document;
    let mut lines = Vec::new();
    let mut used = BTreeSet::new();
    for (at, (line, own)) in now.lines.iter().zip(&base.rows).enumerate() {
        let piece = line.erp_id.map(|id| format!("lines/{id}")).unwrap_or_default();
        let product = line.product.and_then(|id| products.get(&id)).ok_or_else(|| Refused::not_in_api(&piece))?;
        let mut draft = as_it_is(&piece, line, own, product)?;
        if let Some(value) = set.get(&piece) {
            used.insert(at);
            let Some(value) = value else { continue };
            let changed = changed_line(&piece, &line_of(&piece, value)?, line)?;
            draft = over(draft, changed);
        }
        lines.push(draft);
    }
    let is_new = |piece: &str| field_of(piece) == "lines" && row(now, piece).is_none();
    for (piece, value) in set.iter().filter(|(piece, _)| is_new(piece)) {
        let Some(value) = value else { continue };
        let line = line_of(piece, value)?;
        if !taken(&now.lines, &mut used, |there| same_line(&line, there)) {
            lines.push(new_line(piece, &line, products)?);
        }
    }
    Ok(lines)
}

/// A line to write again as it is. What differs from the product and cannot be said of a row would be lost.
fn as_it_is(piece: &str, line: &Line, own: &RowBase, product: &Product) -> Result<LineDraft, Refused> {
    let same_unit = line.unit.as_ref().is_none_or(|unit| *unit == product.unit);
    let same_text = own.product_description.is_none() || own.product_description == product.description;
    if !same_unit || !same_text {
        return Err(Refused::not_in_api(piece));
    }
    Ok(LineDraft {
        product: Some(product.erp_id),
        code: Some(product.code.clone()),
        number: product.number.clone(),
        name: line.name.clone().filter(|name| *name != product.name),
        description: own.description.clone(),
        amount: line.amount,
        price: line.price,
        price_with_tax: line.price_with_tax.filter(|_| line.price.is_none()),
        discounts: line.discounts.clone(),
        tax: line.tax.clone(),
    })
}

/// A line with what a change says of it.
fn over(line: LineDraft, change: LineDraft) -> LineDraft {
    let priced = change.price.is_some() || change.price_with_tax.is_some();
    LineDraft {
        name: change.name.or(line.name),
        description: change.description.or(line.description),
        amount: change.amount,
        price: if priced { change.price } else { line.price },
        price_with_tax: if priced { change.price_with_tax } else { line.price_with_tax },
        discounts: change.discounts,
        tax: change.tax.or(line.tax),
        ..line
    }
}
