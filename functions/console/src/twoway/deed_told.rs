//! Actions that were asked for, in words: what each does, how far it is, what came of it.

use domain::action::{ClaimType, ComplaintLine, Deed, DeedKind, PaymentMode};
use domain::value::normal;
use domain::{Object, RecordId, Text};
use runtime::catalogue;
use sync::action::{Action, How, Stage};

use super::deeds::{DeedRow, Ground, Told, goods, label_of};
use crate::reader::{Badge, Reader};

/// What a deed does, in words, but for its name.
pub(crate) fn told(deed: &Deed, ground: &Ground<'_>, reader: &Reader<'_>) -> Vec<Told> {
    let p = reader.phrases();
    let mut told = Vec::new();
    let mut say = |input: &str, value: String| {
        if !value.is_empty() {
            told.push(Told { label: p.input(input).0, value });
        }
    };
    let text = |text: Option<&Text>| text.map(Text::to_string).unwrap_or_default();
    match deed {
        Deed::Payment(payment) => {
            let mode = match payment.mode {
                PaymentMode::Payment => "payment",
                PaymentMode::Prepayment => "prepayment",
                PaymentMode::Return => "return",
            };
            say("amount", p.sum(normal(payment.amount), ground.document.currency));
            say("mode", p.choice("mode", mode).to_owned());
            say("payment_type", payment.payment_type.to_string());
            say("date", p.day(payment.date));
            say("notes", text(payment.notes.as_ref()));
            if payment.over {
                say("over", reader.sync_texts().yes.to_owned());
            }
        }
        Deed::Status { key } => {
            let met = ground.known.registers.statuses.get(&ground.document.kind).and_then(|of| of.get(key));
            say("key", met.map_or_else(|| key.to_string(), |labels| label_of(key, labels)));
        }
        Deed::Cancel => {}
        Deed::Ship { on } => say("on", p.day(*on)),
        Deed::OrderFromOffer { buyer_order } => say("buyer_order", text(buyer_order.as_ref())),
        Deed::Complaint(complaint) => {
            let claim = match complaint.claim {
                ClaimType::Reclamation => "reclamation",
                ClaimType::Return => "return",
                ClaimType::Replacement => "replacement",
            };
            say("claim", p.choice("claim", claim).to_owned());
            let goods = goods(ground.document, None, reader);
            let line = |line: &ComplaintLine| {
                let product = line.product.to_string();
                let name = goods.iter().find(|g| g.product == product).map_or(product.clone(), |g| g.name.clone());
                format!("{} × {name}", p.decimal(normal(line.amount)))
            };
            say("lines", complaint.lines.iter().map(line).collect::<Vec<_>>().join("; "));
            say("reason", text(complaint.reason.as_ref()));
            say("description", text(complaint.description.as_ref()));
            say("user_email", complaint.user_email.to_string());
        }
        Deed::Attachment { file_name, bytes, .. } => {
            let kilobytes = reader.number(u64::from(*bytes).div_ceil(1024));
            say("content", format!("{file_name} ({kilobytes} KB)"));
        }
    }
    told
}

/// An action that was asked for.
pub(crate) fn deed_row(action: &Action, ground: &Ground<'_>, reader: &Reader<'_>) -> DeedRow {
    let d = reader.phrases().deeds();
    let described = |code: &str| {
        let text = catalogue::describe(code, reader.language);
        Some(text.map_or_else(|| code.to_owned(), |text| format!("{} {}", text.detail, text.remedy)))
    };
    let (tone, state, message) = match &action.stage {
        Stage::Planned => ("idle", d.state_planned, None),
        Stage::Sending { .. } => ("busy", d.state_sending, None),
        Stage::Done { how, .. } => {
            let how = match how {
                How::Answered => None,
                How::Found => Some(d.how_found.to_owned()),
                How::Already => Some(d.how_already.to_owned()),
            };
            ("good", d.state_done, how)
        }
        Stage::Rejected { code } => ("bad", d.state_rejected, described(code)),
        Stage::Person { why } => ("warn", d.state_person, described(why.code())),
    };
    let made = match &action.stage {
        Stage::Done { made: Some(id), .. } if action.deed.kind() == DeedKind::OrderFromOffer => {
            let record = RecordId::for_erp(ground.tenant, Object::Orders, *id);
            Some((d.made_order, Some(record.to_string()), id.to_string()))
        }
        // Complaints are no records of ours.
        Stage::Done { made: Some(id), .. } => Some((d.made_complaint, None, id.to_string())),
        _ => None,
    };
    DeedRow {
        title: reader.phrases().command(action.deed.kind()),
        badge: Badge { tone, text: state },
        told: told(&action.deed, ground, reader),
        when: reader.when(action.at),
        by: action.by.clone(),
        message,
        next: action.due.filter(|_| action.is_sending()).map(|at| reader.when(at)),
        made,
        id: action.id.to_string(),
    }
}
