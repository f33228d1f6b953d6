//! What can be done to a document, as forms.
//!
//! Decides how each input of an action looks; which inputs there are is said by
//! the table of transitions.

use app::actions::OfDocument;
use app::registers::Known;
use domain::action::DeedKind;
use domain::transition::{InputField, InputKind, Transition};
use domain::value::normal;
use domain::{Document, TenantId, Text};
use jiff::civil::Date;
use runtime::Permission;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

use super::{
    deed_form::{GOODS, Wrong, line_name, other_name},
    deed_told::deed_row,
    settings::Sent,
};
use crate::{
    reader::{Badge, Reader, When},
    wording::DeedTexts,
};

/// A value that can be chosen.
pub(crate) struct Pick {
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) is_chosen: bool,
}

/// Goods of the document, and how much of them is meant.
pub(crate) struct Goods {
    /// The names of the two fields.
    pub(crate) product_field: String,
    pub(crate) amount_field: String,
    pub(crate) product: String,
    pub(crate) name: String,
    pub(crate) on_order: String,
    pub(crate) amount: String,
}

/// How a field is filled in.
pub(crate) enum Control {
    Line,
    Area,
    Email,
    Amount,
    Day,
    Flag,
    Choice(Vec<Pick>),
    /// One of those that were met, or another one, which the field of this name takes.
    Known {
        picks: Vec<Pick>,
        other: String,
        other_value: String,
    },
    Goods(Vec<Goods>),
    File,
}

/// A field of an action's form.
pub(crate) struct DeedField {
    /// The element's id; unique on the page.
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// Behind the label, in small print.
    pub(crate) unit: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) value: String,
    pub(crate) control: Control,
    pub(crate) is_required: bool,
    pub(crate) fault: Option<&'static str>,
}

/// The form of an action.
pub(crate) struct DeedForm {
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    pub(crate) fields: Vec<DeedField>,
    /// It was sent, and is to be looked at again.
    pub(crate) is_open: bool,
    /// What is wrong with it as a whole.
    pub(crate) fault: Option<String>,
    /// Nothing happens before a second step.
    pub(crate) asks_again: bool,
}

/// A label and a value.
pub(crate) struct Told {
    pub(crate) label: &'static str,
    pub(crate) value: String,
}

/// An action that was asked for.
pub(crate) struct DeedRow {
    pub(crate) title: &'static str,
    pub(crate) badge: Badge,
    pub(crate) told: Vec<Told>,
    pub(crate) when: When,
    pub(crate) by: String,
    pub(crate) message: Option<String>,
    pub(crate) next: Option<When>,
    /// What the ERP made of it: a record, or an id.
    pub(crate) made: Option<(&'static str, Option<String>, String)>,
    pub(crate) id: String,
}

/// What can be done to a document and what was asked for, as its page shows it.
pub(crate) struct DeedsView {
    pub(crate) forms: Vec<DeedForm>,
    pub(crate) can_ask: bool,
    pub(crate) is_read_only: bool,
    pub(crate) past: Vec<DeedRow>,
    pub(crate) is_under_way: bool,
}

/// A form that came back.
pub(crate) struct Returned {
    pub(crate) kind: DeedKind,
    pub(crate) sent: Sent,
    /// What is wrong, by input, in words.
    pub(crate) faults: BTreeMap<&'static str, &'static str>,
    /// What is wrong with the whole.
    pub(crate) fault: Option<String>,
}

/// What the forms of a document are made of.
pub(crate) struct Ground<'a> {
    pub(crate) document: &'a Document,
    pub(crate) tenant: &'a TenantId,
    pub(crate) known: &'a Known,
    pub(crate) today: Date,
    pub(crate) is_read_only: bool,
}

/// Whether a second step asks before an action is done: it cannot be taken back from here.
pub(crate) const fn is_final(kind: DeedKind) -> bool {
    match kind {
        DeedKind::Payment | DeedKind::Cancel | DeedKind::OrderFromOffer | DeedKind::Complaint => true,
        DeedKind::Status | DeedKind::Ship | DeedKind::Attachment => false,
    }
}

/// What is wrong with a field, in words.
pub(crate) fn wrong(d: &'static DeedTexts, wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Missing => d.wrong_missing,
        Wrong::Amount => d.wrong_amount,
        Wrong::Day => d.wrong_day,
        Wrong::Choice => d.wrong_choice,
        Wrong::Lines => d.wrong_lines,
        Wrong::File => d.wrong_file,
    }
}

impl DeedsView {
    /// What `reader` sees of it.
    pub(crate) fn of(
        found: &OfDocument,
        ground: &Ground<'_>,
        returned: Option<&Returned>,
        reader: &Reader<'_>,
    ) -> Self {
        let can_ask = reader.may(Permission::Sync) && !ground.is_read_only;
        let form = |transition: &&'static Transition| {
            let returned = returned.filter(|r| r.kind == transition.deed);
            deed_form(transition, ground, returned, reader)
        };
        Self {
            forms: found.allowed.iter().map(form).collect(),
            can_ask,
            is_read_only: ground.is_read_only,
            past: found.actions.iter().map(|action| deed_row(action, ground, reader)).collect(),
            is_under_way: found.actions.iter().any(|action| !action.is_over()),
        }
    }

    /// The form that came back and is wrong.
    pub(crate) fn wrong(&self) -> Option<&DeedForm> {
        self.forms.iter().find(|form| form.fault.is_some() || form.fields.iter().any(|field| field.fault.is_some()))
    }
}

fn deed_form(t: &Transition, ground: &Ground<'_>, returned: Option<&Returned>, reader: &Reader<'_>) -> DeedForm {
    let p = reader.phrases();
    DeedForm {
        kind: t.deed.name(),
        title: p.command(t.deed),
        about: p.about(t.deed),
        fields: t.inputs.iter().map(|input| deed_field(t.deed, input, ground, returned, reader)).collect(),
        is_open: returned.is_some(),
        fault: returned.and_then(|returned| returned.fault.clone()),
        asks_again: is_final(t.deed),
    }
}

fn deed_field(
    deed: DeedKind,
    input: &InputField,
    ground: &Ground<'_>,
    returned: Option<&Returned>,
    reader: &Reader<'_>,
) -> DeedField {
    let p = reader.phrases();
    let (label, hint) = p.input(input.name);
    let sent = returned.map(|returned| &returned.sent);
    let text = |name: &str| sent.and_then(|sent| sent.get(name)).cloned();
    let value = match sent {
        Some(_) => text(input.name).unwrap_or_default(),
        None => usual(input, ground, reader),
    };
    let open = normal(open_sum(ground.document));
    let currency = ground.document.currency;
    let is_sum = input.name == "amount";
    let hint = if is_sum {
        Some(format!("{}: {}", p.deeds().of_open, p.sum(open, currency)))
    } else {
        hint.map(str::to_owned)
    };
    DeedField {
        id: format!("{}-{}", deed.name(), input.name),
        control: control(deed, input, ground, sent, &value, reader),
        name: input.name,
        label,
        unit: is_sum.then(|| currency.to_string()),
        hint,
        value,
        // The name of a file is that of the file unless another is given.
        is_required: input.required && input.name != "file_name",
        fault: returned.and_then(|returned| returned.faults.get(input.name)).copied(),
    }
}

fn open_sum(document: &Document) -> Decimal {
    let open = document.sums.gross.unwrap_or_default() - document.sums.paid.unwrap_or_default();
    open.max(Decimal::ZERO)
}

/// What a field holds before anybody writes into it.
fn usual(input: &InputField, ground: &Ground<'_>, reader: &Reader<'_>) -> String {
    match input.kind {
        InputKind::Date => ground.today.to_string(),
        InputKind::Amount => {
            let open = normal(open_sum(ground.document));
            if open.is_zero() { String::new() } else { reader.phrases().decimal(open) }
        }
        InputKind::Choice if input.name == "mode" => "payment".to_owned(),
        _ => String::new(),
    }
}

fn control(
    deed: DeedKind,
    input: &InputField,
    ground: &Ground<'_>,
    sent: Option<&Sent>,
    value: &str,
    reader: &Reader<'_>,
) -> Control {
    let p = reader.phrases();
    let pick = |of: String, text: String| Pick { is_chosen: of == value, value: of, text };
    match input.kind {
        InputKind::Amount => Control::Amount,
        InputKind::Date => Control::Day,
        InputKind::Flag => Control::Flag,
        InputKind::File => Control::File,
        InputKind::Lines => Control::Goods(goods(ground.document, sent, reader)),
        InputKind::Choice => {
            let choice = |of: &&'static str| pick((*of).to_owned(), p.choice(input.name, of).to_owned());
            Control::Choice(input.choices.iter().map(choice).collect())
        }
        InputKind::Text => {
            let picks: Vec<Pick> = match (deed, input.name) {
                (DeedKind::Payment, "payment_type") => {
                    ground.known.registers.payment_types.iter().map(|t| pick(t.to_string(), t.to_string())).collect()
                }
                (DeedKind::Status, "key") => statuses(ground).into_iter().map(|(k, text)| pick(k, text)).collect(),
                (_, "description") => return Control::Area,
                (_, "user_email") => return Control::Email,
                _ => Vec::new(),
            };
            if picks.is_empty() {
                return Control::Line;
            }
            let other = other_name(input.name);
            let other_value = sent.and_then(|sent| sent.get(&other)).cloned().unwrap_or_default();
            Control::Known { picks, other, other_value }
        }
    }
}

/// The statuses that were met on documents of this kind, but the present one: key and label. A status that was met
/// without its key cannot be set.
fn statuses(ground: &Ground<'_>) -> Vec<(String, String)> {
    let met = ground.known.registers.statuses.get(&ground.document.kind);
    let present = ground.document.status.key.as_ref();
    let known = met.into_iter().flatten().filter(|(key, labels)| Some(*key) != present && !labels.contains(*key));
    known.map(|(key, labels)| (key.to_string(), label_of(key, labels))).collect()
}

pub(super) fn label_of(key: &Text, labels: &std::collections::BTreeSet<Text>) -> String {
    let labels: Vec<&str> = labels.iter().map(Text::as_str).collect();
    if labels.is_empty() { key.to_string() } else { labels.join(", ") }
}

/// The goods of a document, each product once.
pub(super) fn goods(document: &Document, sent: Option<&Sent>, reader: &Reader<'_>) -> Vec<Goods> {
    let p = reader.phrases();
    let mut all: Vec<(domain::ErpId, String, Decimal, String)> = Vec::new();
    for line in &document.lines {
        let Some(product) = line.product else { continue };
        if let Some((_, _, amount, _)) = all.iter_mut().find(|(known, ..)| *known == product) {
            *amount = amount.saturating_add(line.amount);
        } else {
            let name = line.name.as_ref().or(line.code.as_ref()).map_or_else(|| product.to_string(), Text::to_string);
            let unit = line.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
            all.push((product, name, line.amount, unit));
        }
    }
    let row = |(n, (product, name, amount, unit)): (usize, (domain::ErpId, String, Decimal, String))| {
        let field = line_name(n, "amount");
        Goods {
            amount: sent.and_then(|sent| sent.get(&field)).cloned().unwrap_or_default(),
            product_field: line_name(n, "product"),
            amount_field: field,
            product: product.to_string(),
            name,
            on_order: format!("{}{unit}", p.decimal(normal(amount))),
        }
    };
    all.into_iter().take(GOODS).enumerate().map(row).collect()
}
