//! Documents: head, lines, sums, payments, links.

use domain::{
    Currency, DeliveryEvent, Document, DocumentKind, DocumentLink, ErpId, Installment, Line, Making, PartyRef, Payment,
    Status, Sums, Text as Canonical, Tracking,
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

use super::{
    At, Problem, Refusal, Style,
    field::{each, one},
    product::pairs,
    workorder::{MADE_LINES, made},
};
use crate::wire::{self, Fields as _};

/// The key under which complaints have their lines.
const COMPLAINT_LINES: &str = "complaint_products";

/// The document that the wire holds. `asked` is the kind that was searched for: a row of a search may not say its own.
pub(crate) fn document(
    wire: &wire::Document<'_>,
    asked: Option<DocumentKind>,
    at: At<'_>,
) -> Result<Document, Refusal> {
    let id = at.field("mk_id", wire.mk_id);
    let label = at.field("status_code", wire.status_code).text()?;
    let key = at.field("status_desc", wire.status_desc).text()?;
    let number = at.field("count_code", wire.count_code);
    let kind = kind(wire, asked, at)?;
    let entry = kind.entry();
    let lines = match entry.lines {
        MADE_LINES => each(&wire.create_product_realization_list, at, MADE_LINES, made)?,
        COMPLAINT_LINES => each(&wire.complaint_products, at, COMPLAINT_LINES, line)?,
        usual => each(&wire.product_list, at, usual, line)?,
    };
    let extra = pairs(&wire.extra_column, at, "extra_column")?;
    Ok(Document {
        erp_id: id.required(id.id()?)?,
        kind,
        number: number.required(number.text()?)?,
        date: at.field("doc_date", wire.doc_date).date()?,
        title: at.field("title", wire.title).text()?,
        notes: at.field("notes", wire.notes).text()?,
        status: if entry.status_is_key { Status { label: None, key: label } } else { Status { label, key } },
        partner: party(&wire.partner, at, "partner")?,
        receiver: party(&wire.receiver, at, "receiver")?,
        buyer_order: at.field("buyer_order", wire.buyer_order).text()?,
        // Answers leave the home currency out, and there is no call that names it: every company keeps its books in euro.
        currency: at.field("currency_code", wire.currency_code).currency()?.unwrap_or(Currency::EUR),
        warehouse: named(wire, entry.warehouse, at)?,
        delivery_type: at.field("delivery_type", wire.delivery_type).text()?,
        payment_method: at.field("method_of_payment", wire.method_of_payment).text()?,
        due_date: at.field("duo_payment", wire.duo_payment).date()?,
        valid_to: at.field("valid_to", wire.valid_to).date()?,
        service_from: at.field("service_from_date", wire.service_from_date).date()?,
        service_to: at.field("service_to_date", wire.service_to_date).date()?,
        issued: at.field("publish_ts", wire.publish_ts).plain()?.is_some(),
        discount_percent: at.field("discount_percent", wire.discount_percent).decimal(Style::Dot)?,
        lines,
        sums: sums(wire, at)?,
        payments: each(&wire.mark_paid, at, "mark_paid", payment)?,
        links: links(wire, at)?,
        installments: installments(wire, at)?,
        tracking: tracking(wire, &extra, at)?,
        delivery_events: delivery_events(wire, at)?,
        extra,
        meta: pairs(&wire.meta_data, at, "meta_data")?,
        particulars: particulars(wire, entry.particulars, at)?,
    })
}

/// The text of a field by its name.
fn named(wire: &wire::Document<'_>, name: &'static str, at: At<'_>) -> Result<Option<Canonical>, Refusal> {
    wire.text(name).map_or(Ok(None), |text| at.field(name, text).text())
}

fn particulars(
    wire: &wire::Document<'_>,
    names: &[&'static str],
    at: At<'_>,
) -> Result<BTreeMap<String, Canonical>, Refusal> {
    let pair = |name: &&'static str| Ok(named(wire, name, at)?.map(|text| ((*name).to_owned(), text)));
    names.iter().filter_map(|name| pair(name).transpose()).collect()
}

fn kind(wire: &wire::Document<'_>, asked: Option<DocumentKind>, at: At<'_>) -> Result<DocumentKind, Refusal> {
    let field = at.field("doc_type", wire.doc_type);
    let Some(name) = field.plain()? else { return field.required(asked) };
    let kind = DocumentKind::from_erp_name(&name);
    match (kind, asked) {
        (Some(kind), None) => Ok(kind),
        (Some(kind), Some(asked)) if kind == asked => Ok(kind),
        _ => {
            let what = asked.map_or("a document", DocumentKind::erp_name);
            Err(at.key("doc_type").refuse(Problem::Expected { what, found: name.chars().take(40).collect() }))
        }
    }
}

fn party(rows: &wire::Rows<'_, wire::Partner<'_>>, at: At<'_>, key: &'static str) -> Result<Option<PartyRef>, Refusal> {
    let Some(partner) = one(rows, at, key)? else { return Ok(None) };
    let at = at.key(key);
    let id = at.field("mk_id", partner.mk_id);
    Ok(Some(PartyRef {
        erp_id: id.required(id.id()?)?,
        name: at.field("customer", partner.customer).text()?,
        address: at.field("mk_address_id", partner.mk_address_id).id()?,
    }))
}

fn line(row: &wire::Row<'_>, at: At<'_>) -> Result<Line, Refusal> {
    let amount = at.field("amount", row.amount);
    let description = at.field("doc_desc", row.doc_desc).text()?;
    Ok(Line {
        erp_id: at.field("mk_row_id", row.mk_row_id).id()?,
        product: at.field("mk_id", row.mk_id).id()?,
        code: at.field("code", row.code).text()?,
        name: at.field("name", row.name).text()?,
        description: match description {
            Some(description) => Some(description),
            None => at.field("name_desc", row.name_desc).text()?,
        },
        unit: at.field("unit", row.unit).text()?,
        amount: amount.required(amount.decimal(Style::Dot)?)?,
        price: at.field("price", row.price).decimal(Style::Dot)?,
        price_with_tax: at.field("price_with_tax", row.price_with_tax).decimal(Style::Dot)?,
        discounts: at.field("discount", row.discount).discounts()?,
        tax: at.field("tax", row.tax).text()?,
        making: Making::default(),
    })
}

fn sums(wire: &wire::Document<'_>, at: At<'_>) -> Result<Sums, Refusal> {
    let mut taxes = BTreeMap::new();
    for (key, text) in wire.sum_tax.iter() {
        if let Some(sum) = at.field("sum_tax", *text).decimal(Style::Dot)? {
            taxes.insert(key.trim_start_matches("sum_tax_").to_lowercase(), sum);
        }
    }
    Ok(Sums {
        net: at.field("sum_basic", wire.sum_basic).decimal(Style::Dot)?,
        discount: at.field("sum_discount", wire.sum_discount).decimal(Style::Dot)?,
        taxes,
        rates: rates(wire, at)?,
        gross: at.field("sum_all", wire.sum_all).decimal(Style::Dot)?,
        paid: at.field("sum_paid", wire.sum_paid).decimal(Style::Dot)?,
    })
}

/// The rate of each tax code on the rows. Rows that give one code two rates say nothing about it.
fn rates(wire: &wire::Document<'_>, at: At<'_>) -> Result<BTreeMap<String, Decimal>, Refusal> {
    let mut rates: BTreeMap<String, Option<Decimal>> = BTreeMap::new();
    each(&wire.product_list, at, "product_list", |row, at| {
        let code = at.field("tax", row.tax).plain()?;
        let rate = at.field("tax_factor", row.tax_factor).decimal(Style::Dot)?;
        if let Some((code, rate)) = code.zip(rate) {
            let known = rates.entry(code.trim().to_lowercase()).or_insert(Some(rate));
            *known = known.filter(|known| *known == rate);
        }
        Ok(())
    })?;
    Ok(rates.into_iter().filter_map(|(code, rate)| Some((code, rate?))).collect())
}

/// Parts without a day or a sum promise nothing.
fn installments(wire: &wire::Document<'_>, at: At<'_>) -> Result<Vec<Installment>, Refusal> {
    let mut parts = each(&wire.installment_list, at, "installment_list", |part, at| {
        let due = at.field("installment_date", part.installment_date).date()?;
        let amount = at.field("installment_amount", part.installment_amount).decimal(Style::Dot)?;
        Ok(due.zip(amount).map(|(due, amount)| Installment { due, amount }))
    })?;
    parts.sort();
    Ok(parts.into_iter().flatten().collect())
}

/// The number stands in a custom field; newer answers have it in the head as well.
fn tracking(wire: &wire::Document<'_>, extra: &BTreeMap<String, Canonical>, at: At<'_>) -> Result<Tracking, Refusal> {
    let column = |names: &[&str]| names.iter().find_map(|name| extra.get(*name).cloned());
    let number = at.field("tracking_code", wire.tracking_code).text()?;
    let url = at.field("tracking_url", wire.tracking_url).text()?;
    Ok(Tracking {
        number: number.or_else(|| column(&["tracking_number"])),
        url: url.or_else(|| column(&["tracking_url", "tracking_page_url"])),
    })
}

/// Events by time. One without a day or without a word tells nothing.
fn delivery_events(wire: &wire::Document<'_>, at: At<'_>) -> Result<Vec<DeliveryEvent>, Refusal> {
    let events = each(&wire.delivery_service_events, at, "delivery_service_events", |event, at| {
        let when = at.field("event_date", event.event_date);
        let code = at.field("event_code", event.event_code).text()?;
        let text = at.field("event_status", event.event_status).text()?;
        let place = at.field("event_place", event.event_place).text()?;
        let date = when.date()?.filter(|_| code.is_some() || text.is_some());
        let at = when.moment()?;
        Ok(date.map(|date| DeliveryEvent { date, at, code, text, place }))
    })?;
    let mut events: Vec<_> = events.into_iter().flatten().collect();
    // The ERP gives the newest first or the oldest first; events of one day keep the order of the carrier.
    if events.first().zip(events.last()).is_some_and(|(first, last)| (last.date, last.at) < (first.date, first.at)) {
        events.reverse();
    }
    events.sort_by_key(|event| (event.date, event.at));
    Ok(events)
}

fn payment(payment: &wire::MarkPaid<'_>, at: At<'_>) -> Result<Payment, Refusal> {
    Ok(Payment {
        kind: at.field("payment_type", payment.payment_type).text()?,
        date: at.field("date", payment.date).date()?,
        amount: at.field("amount", payment.amount).decimal(Style::Slovenian)?,
        notes: at.field("notes", payment.notes).text()?,
    })
}

/// Links that have an id; `offer_list` and its like name documents by number only.
fn links(wire: &wire::Document<'_>, at: At<'_>) -> Result<Vec<DocumentLink>, Refusal> {
    let mut links = each(&wire.doc_link_list, at, "doc_link_list", |link, at| {
        let id: Option<ErpId> = at.field("mk_id", link.mk_id).id()?;
        let kind: Option<Canonical> = at.field("doc_type", link.doc_type).text()?;
        let number = at.field("count_code", link.count_code).text()?;
        Ok(id.zip(kind).map(|(erp_id, kind)| DocumentLink { erp_id, number, kind }))
    })?;
    links.sort();
    links.dedup();
    Ok(links.into_iter().flatten().collect())
}
