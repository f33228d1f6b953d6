//! The registers as a page, and a form as what the statuses mean.
//!
//! Decides which values a field of the form may have.

use app::registers::Known;
use domain::registers::Mapping;
use domain::value::normal;
use domain::{DocumentKind, Meaning, Meanings, Text};
use runtime::Permission;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

use super::settings::{Choice, Sent};
use crate::{
    reader::Reader,
    wording::{StoryTexts, number},
};

/// A status with the field that says what it means.
pub(crate) struct StatusRow {
    /// Its place in the form.
    pub(crate) n: usize,
    pub(crate) key: String,
    pub(crate) labels: String,
    /// What it means as it is.
    pub(crate) meaning: &'static str,
    pub(crate) mapping: &'static str,
    pub(crate) is_unknown: bool,
    pub(crate) choices: Vec<Choice>,
}

/// The statuses of a kind of document.
pub(crate) struct KindForm {
    /// The ERP's name of the kind.
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) rows: Vec<StatusRow>,
}

/// A register that is only shown.
pub(crate) struct PlainRegister {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) entries: Vec<String>,
}

/// A tax code with its rates.
pub(crate) struct TaxRow {
    pub(crate) code: String,
    pub(crate) rates: String,
}

/// The registers as their page shows them.
pub(crate) struct RegistersView {
    pub(crate) version: String,
    /// As the form names it.
    pub(crate) form_version: u64,
    pub(crate) can_change: bool,
    pub(crate) kinds: Vec<KindForm>,
    pub(crate) taxes: Vec<TaxRow>,
    pub(crate) plain: Vec<PlainRegister>,
}

impl RegistersView {
    /// What `reader` sees of the registers.
    pub(crate) fn of(known: &Known, reader: &Reader<'_>) -> Self {
        let s = StoryTexts::of(reader.language);
        let registers = &known.registers;
        let texts = |all: &BTreeSet<Text>| all.iter().map(Text::to_string).collect();
        let plain = |id, title, entries| PlainRegister { id, title, entries };
        let warehouses = known.warehouses.iter().map(|w| format!("{} {}", w.mark, w.name)).collect();
        Self {
            version: number(reader.language, known.meanings.version),
            form_version: known.meanings.version,
            can_change: reader.may(Permission::Configure),
            kinds: DocumentKind::ALL.into_iter().filter_map(|kind| kind_form(known, kind, reader)).collect(),
            taxes: registers
                .taxes
                .iter()
                .map(|(code, rates)| TaxRow {
                    code: code.to_string(),
                    rates: rates.iter().map(|rate| percent(*rate, reader)).collect::<Vec<_>>().join("; "),
                })
                .collect(),
            plain: vec![
                plain("units", s.units, texts(&registers.units)),
                plain("warehouses", s.warehouses, warehouses),
                plain("delivery-types", s.delivery_types, texts(&registers.delivery_types)),
                plain("payment-types", s.payment_types, texts(&registers.payment_types)),
                plain("payment-methods", s.payment_methods, texts(&registers.payment_methods)),
            ],
        }
    }
}

/// A rate as people know it: `0.22` is 22 %.
fn percent(rate: Decimal, reader: &Reader<'_>) -> String {
    format!("{} %", reader.phrases().decimal(normal(rate.saturating_mul(Decimal::ONE_HUNDRED))))
}

/// The statuses of a kind: those that were met, and those that only a person named. `None` when there are none.
fn kind_form(known: &Known, kind: DocumentKind, reader: &Reader<'_>) -> Option<KindForm> {
    let met = known.registers.statuses.get(&kind).into_iter().flat_map(|names| names.keys());
    let chosen = known.meanings.chosen.get(&kind).into_iter().flat_map(|names| names.keys());
    let names: BTreeSet<&Text> = met.chain(chosen).collect();
    let rows: Vec<StatusRow> =
        names.into_iter().enumerate().map(|(n, name)| status_row(known, kind, n, name, reader)).collect();
    let title = reader.phrases().document_kind(kind);
    (!rows.is_empty()).then_some(KindForm { kind: kind.erp_name(), title, rows })
}

fn status_row(known: &Known, kind: DocumentKind, n: usize, name: &Text, reader: &Reader<'_>) -> StatusRow {
    let (p, s) = (reader.phrases(), StoryTexts::of(reader.language));
    let (meaning, mapping) = known.meanings.of_name(kind, name);
    let labels = known.registers.statuses.get(&kind).and_then(|names| names.get(name));
    let labels: Vec<String> = labels.into_iter().flatten().map(Text::to_string).collect();
    let chosen = meaning.filter(|_| mapping == Mapping::Chosen);
    let none = Choice { value: "", text: s.no_choice, is_chosen: chosen.is_none() };
    let choice = |of: Meaning| Choice { value: of.name(), text: p.meaning(Some(of)), is_chosen: chosen == Some(of) };
    StatusRow {
        n,
        key: name.to_string(),
        labels: labels.join(", "),
        meaning: p.meaning(meaning),
        mapping: match mapping {
            Mapping::Chosen => s.said_by_person,
            Mapping::Standard => s.by_documentation,
            Mapping::Unknown => "",
        },
        is_unknown: mapping == Mapping::Unknown,
        choices: std::iter::once(none).chain(Meaning::ALL.into_iter().map(choice)).collect(),
    }
}

/// The meanings that a form says for one kind of document, from `now` on; the other kinds stay. `None` when a field has
/// none of its values.
pub(crate) fn wanted(sent: &Sent, now: &Meanings) -> Option<Meanings> {
    let kind = DocumentKind::from_erp_name(sent.get("kind")?)?;
    let mut next = now.clone();
    let of_kind = next.chosen.entry(kind).or_default();
    of_kind.clear();
    for n in 0.. {
        let Some(meaning) = sent.get(&format!("meaning.{n}")) else { break };
        let key = Text::new(sent.get(&format!("key.{n}"))?).ok()??;
        if !meaning.is_empty() {
            of_kind.insert(key, Meaning::from_name(meaning)?);
        }
    }
    if of_kind.is_empty() {
        next.chosen.remove(&kind);
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::super::samples::reader;
    use super::*;
    use domain::Registers;
    use runtime::{Language, Role};
    use std::collections::BTreeMap;

    fn text(s: &str) -> Text {
        s.parse().expect("a text")
    }

    fn known() -> Known {
        let label = |s: &str| [text(s)].into();
        let orders = BTreeMap::from([
            (text("caka"), label("Čaka na blago")),
            (text("poslano"), label("Poslano")),
            (text("shipped"), label("Odpremljen")),
        ]);
        let chosen = BTreeMap::from([(text("poslano"), Meaning::Shipped)]);
        let offers = BTreeMap::from([(text("sent"), Meaning::Open)]);
        Known {
            registers: Registers {
                statuses: [(DocumentKind::SalesOrder, orders)].into(),
                units: [text("kos")].into(),
                ..Registers::default()
            },
            meanings: Meanings {
                version: 3,
                chosen: [(DocumentKind::SalesOrder, chosen), (DocumentKind::SalesOffer, offers)].into(),
            },
            warehouses: Vec::new(),
        }
    }

    fn view(role: Role) -> RegistersView {
        RegistersView::of(&known(), &reader(Language::En, role))
    }

    /// What a browser sends when nobody touches the form of a kind.
    fn untouched(form: &KindForm) -> Sent {
        let mut sent = Sent::from([("kind".to_owned(), form.kind.to_owned())]);
        for row in &form.rows {
            let chosen = row.choices.iter().find(|c| c.is_chosen).expect("a value");
            sent.insert(format!("meaning.{}", row.n), chosen.value.to_owned());
            sent.insert(format!("key.{}", row.n), row.key.clone());
        }
        sent
    }

    #[test]
    fn each_status_says_what_it_means_and_who_says_so() {
        let view = view(Role::Administrator);
        let orders = view.kinds.iter().find(|k| k.kind == "sales_order").expect("orders");
        let told: Vec<_> = orders
            .rows
            .iter()
            .map(|r| (r.key.as_str(), r.labels.as_str(), r.meaning, r.mapping, r.is_unknown))
            .collect();
        assert_eq!(
            told,
            [
                ("caka", "Čaka na blago", "No meaning yet", "", true),
                ("poslano", "Poslano", "Shipped", "chosen", false),
                ("shipped", "Odpremljen", "Shipped", "as documented", false),
            ]
        );
        assert_eq!(view.kinds[0].rows[0].labels, "", "one that only a person named");
        assert!(view.can_change && !super::tests::view(Role::Salesperson).can_change);
    }

    #[test]
    fn a_form_that_nobody_touched_says_the_meanings_as_they_are() {
        for form in &view(Role::Administrator).kinds {
            assert_eq!(wanted(&untouched(form), &known().meanings), Some(known().meanings), "{}", form.kind);
        }
    }

    #[test]
    fn what_is_chosen_is_taken_and_the_other_kinds_stay() {
        let view = view(Role::Administrator);
        let orders = view.kinds.iter().find(|k| k.kind == "sales_order").expect("orders");
        let mut sent = untouched(orders);
        sent.insert("meaning.0".to_owned(), "open".to_owned());
        sent.insert("meaning.1".to_owned(), String::new());
        let said = wanted(&sent, &known().meanings).expect("whole");
        let chosen = BTreeMap::from([(text("caka"), Meaning::Open)]);
        assert_eq!(said.chosen[&DocumentKind::SalesOrder], chosen);
        assert_eq!(said.chosen[&DocumentKind::SalesOffer], known().meanings.chosen[&DocumentKind::SalesOffer]);
        for (name, bad) in [("kind", "orders"), ("meaning.0", "gone"), ("key.0", " ")] {
            let mut sent = sent.clone();
            sent.insert(name.to_owned(), bad.to_owned());
            assert_eq!(wanted(&sent, &known().meanings), None, "{name}");
        }
    }
}
