//! The ERP's registers as they were met on records, and what a company's statuses mean.
//!
//! No call lists most registers, so a set of what was met is all there is; it
//! only grows. Decides what a status means: a person's word first, then the
//! keys that the ERP's documentation names. A status that neither knows means
//! nothing, and nothing may be decided by it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

use crate::{DocumentKind, Status, Text};

/// The most entries of one register. Registers are short; what grows beyond this is no register.
pub const MOST_ENTRIES: usize = 500;

/// The most characters of the name of a status.
const MAX_NAME: usize = 100;

/// What was met of the ERP's registers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registers {
    /// Statuses by document kind and name ([`Status::name`]), each with the labels that it was shown by.
    #[serde(default)]
    pub statuses: BTreeMap<DocumentKind, BTreeMap<Text, BTreeSet<Text>>>,
    /// Units of products and lines.
    #[serde(default)]
    pub units: BTreeSet<Text>,
    /// Tax codes as lines and prices have them, each with the rates that documents gave it (`0.22`).
    #[serde(default, with = "rates")]
    pub taxes: BTreeMap<Text, BTreeSet<Decimal>>,
    /// Delivery types.
    #[serde(default)]
    pub delivery_types: BTreeSet<Text>,
    /// Payment types.
    #[serde(default)]
    pub payment_types: BTreeSet<Text>,
    /// Payment methods.
    #[serde(default)]
    pub payment_methods: BTreeSet<Text>,
}

/// What a status means to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Not given to anybody yet.
    Draft,
    /// It waits.
    Open,
    /// Both agree on it.
    Confirmed,
    /// Somebody works on it.
    InWork,
    /// The goods have left.
    Shipped,
    /// The goods are there.
    Delivered,
    /// Done.
    Completed,
    /// It no longer counts.
    Canceled,
    /// Somebody has to look at it.
    Problem,
}

impl Meaning {
    /// All of them, in the order of a document's life.
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::Open,
        Self::Confirmed,
        Self::InWork,
        Self::Shipped,
        Self::Delivered,
        Self::Completed,
        Self::Canceled,
        Self::Problem,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::InWork => "in_work",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
            Self::Problem => "problem",
        }
    }

    /// The meaning with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }

    /// What a key of the ERP's documentation means. `manually_closed` is labelled as deleted there.
    fn standard(key: &str) -> Option<Self> {
        Some(match key {
            "draft" => Self::Draft,
            "created" | "paused" => Self::Open,
            "ready_to_ship" | "group" => Self::InWork,
            "shipped" => Self::Shipped,
            "completed" => Self::Completed,
            "canceled" | "manually_closed" | "duplicate" => Self::Canceled,
            "problem" | "package_returned" | "lost" | "damaged" | "shipped_error" => Self::Problem,
            _ => return None,
        })
    }
}

/// What the statuses of a company mean, as far as a person said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meanings {
    /// Grows by one with every change; zero when nobody said anything.
    pub version: u64,
    /// By document kind and name of the status.
    pub chosen: BTreeMap<DocumentKind, BTreeMap<Text, Meaning>>,
}

/// Why meanings are refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MeaningsError {
    /// More entries than a register has.
    #[error("at most {MOST_ENTRIES} statuses a document type")]
    TooMany(DocumentKind),
    /// A name that no status can have.
    #[error("the key of a status has at most {MAX_NAME} characters")]
    LongName(DocumentKind),
}

/// Where the meaning of a status comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mapping {
    /// A person said it.
    Chosen,
    /// The ERP's documentation names the key.
    Standard,
    /// Nobody knows it.
    Unknown,
}

impl Meanings {
    /// What a status of this name means on a document of this kind, and where that comes from.
    pub fn of_name(&self, kind: DocumentKind, name: &Text) -> (Option<Meaning>, Mapping) {
        if let Some(chosen) = self.chosen.get(&kind).and_then(|of| of.get(name)) {
            return (Some(*chosen), Mapping::Chosen);
        }
        match Meaning::standard(name.as_str()) {
            Some(standard) => (Some(standard), Mapping::Standard),
            None => (None, Mapping::Unknown),
        }
    }

    /// The same, for a document's status; none when the document has no status.
    pub fn of(&self, kind: DocumentKind, status: &Status) -> Option<(Option<Meaning>, Mapping)> {
        status.name().map(|name| self.of_name(kind, name))
    }

    /// Whether they can be kept.
    ///
    /// # Errors
    ///
    /// Too many entries, or a name that is too long.
    pub fn check(&self) -> Result<(), MeaningsError> {
        for (kind, names) in &self.chosen {
            if names.len() > MOST_ENTRIES {
                return Err(MeaningsError::TooMany(*kind));
            }
            if names.keys().any(|name| name.as_str().chars().count() > MAX_NAME) {
                return Err(MeaningsError::LongName(*kind));
            }
        }
        Ok(())
    }
}

impl Registers {
    /// The statuses that nobody knows the meaning of, with their labels.
    pub fn unmapped<'a>(
        &'a self,
        meanings: &'a Meanings,
    ) -> impl Iterator<Item = (DocumentKind, &'a Text, &'a BTreeSet<Text>)> {
        let all =
            self.statuses.iter().flat_map(|(kind, names)| names.iter().map(move |(n, labels)| (*kind, n, labels)));
        all.filter(|(kind, name, _)| meanings.of_name(*kind, name).1 == Mapping::Unknown)
    }
}

/// Sets of decimals as text.
mod rates {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::{BTreeMap, BTreeSet};

    use crate::Text;
    use crate::value::{normal, parse_decimal};

    pub(super) fn serialize<S: Serializer>(
        taxes: &BTreeMap<Text, BTreeSet<Decimal>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let text = |rates: &BTreeSet<Decimal>| rates.iter().map(|r| normal(*r).to_string()).collect();
        let texts: BTreeMap<&Text, Vec<String>> = taxes.iter().map(|(code, rates)| (code, text(rates))).collect();
        texts.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<Text, BTreeSet<Decimal>>, D::Error> {
        let texts = BTreeMap::<Text, Vec<String>>::deserialize(from)?;
        let rates = |texts: Vec<String>| texts.iter().map(|t| parse_decimal(t)).collect::<Result<_, _>>();
        let read = |(code, texts)| Ok((code, rates(texts).map_err(serde::de::Error::custom)?));
        texts.into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> Text {
        Text::required(s).expect("visible")
    }

    #[test]
    fn every_key_of_the_documentation_has_a_meaning_and_no_other_key_has_one() {
        let table = [
            ("paused", "open"),
            ("shipped", "shipped"),
            ("created", "open"),
            ("ready_to_ship", "in_work"),
            ("completed", "completed"),
            ("manually_closed", "canceled"),
            ("duplicate", "canceled"),
            ("canceled", "canceled"),
            ("package_returned", "problem"),
            ("draft", "draft"),
            ("problem", "problem"),
            ("lost", "problem"),
            ("damaged", "problem"),
            ("shipped_error", "problem"),
            ("group", "in_work"),
        ];
        let meanings = Meanings::default();
        for (key, name) in table {
            let expected = (Meaning::from_name(name), Mapping::Standard);
            assert_eq!(meanings.of_name(DocumentKind::SalesOrder, &text(key)), expected, "{key}");
        }
        for key in ["Shipped", "Odpremljen", "poslano", "open"] {
            assert_eq!(meanings.of_name(DocumentKind::SalesOrder, &text(key)), (None, Mapping::Unknown), "{key}");
        }
    }

    #[test]
    fn a_persons_word_goes_before_the_documentation_and_holds_for_its_kind_only() {
        let chosen = BTreeMap::from([(text("shipped"), Meaning::Delivered), (text("poslano"), Meaning::Shipped)]);
        let meanings = Meanings { version: 1, chosen: [(DocumentKind::SalesOrder, chosen)].into() };
        let of = |kind, key: &str| meanings.of(kind, &Status { label: None, key: Some(text(key)) });
        assert_eq!(of(DocumentKind::SalesOrder, "shipped"), Some((Some(Meaning::Delivered), Mapping::Chosen)));
        assert_eq!(of(DocumentKind::SalesOrder, "poslano"), Some((Some(Meaning::Shipped), Mapping::Chosen)));
        assert_eq!(of(DocumentKind::SalesOffer, "poslano"), Some((None, Mapping::Unknown)));
        assert_eq!(of(DocumentKind::SalesOffer, "shipped"), Some((Some(Meaning::Shipped), Mapping::Standard)));
        assert_eq!(meanings.of(DocumentKind::SalesOrder, &Status::default()), None);
    }

    #[test]
    fn a_status_without_a_key_goes_by_its_label() {
        let status = Status { label: Some(text("Poslano")), key: None };
        let chosen = BTreeMap::from([(text("Poslano"), Meaning::Shipped)]);
        let meanings = Meanings { version: 1, chosen: [(DocumentKind::SalesOrder, chosen)].into() };
        assert_eq!(meanings.of(DocumentKind::SalesOrder, &status), Some((Some(Meaning::Shipped), Mapping::Chosen)));
    }

    #[test]
    fn meanings_that_no_register_can_have_are_refused() {
        let of = |names: Vec<String>| {
            let chosen = names.iter().map(|n| (text(n), Meaning::Open)).collect();
            Meanings { version: 1, chosen: [(DocumentKind::SalesOrder, chosen)].into() }.check()
        };
        assert_eq!(of((0..MOST_ENTRIES).map(|n| n.to_string()).collect()), Ok(()));
        let many = of((0..=MOST_ENTRIES).map(|n| n.to_string()).collect());
        assert_eq!(many, Err(MeaningsError::TooMany(DocumentKind::SalesOrder)));
        assert_eq!(of(vec!["a".repeat(101)]), Err(MeaningsError::LongName(DocumentKind::SalesOrder)));
    }

    #[test]
    fn registers_come_back_from_json_and_name_what_is_unmapped() {
        let names = BTreeMap::from([(text("shipped"), [text("Odpremljen")].into()), (text("x"), [text("X!")].into())]);
        let registers = Registers {
            statuses: [(DocumentKind::SalesOrder, names)].into(),
            taxes: [(text("EX4"), [Decimal::new(220, 3), Decimal::new(25, 2)].into())].into(),
            units: [text("kos")].into(),
            ..Registers::default()
        };
        let json = serde_json::to_string(&registers).expect("string keys");
        assert!(json.contains(r#""EX4":["0.22","0.25"]"#), "{json}");
        assert_eq!(serde_json::from_str::<Registers>(&json).expect("registers"), registers);
        let meanings = Meanings::default();
        let unmapped: Vec<_> = registers.unmapped(&meanings).map(|(kind, name, _)| (kind, name.as_str())).collect();
        assert_eq!(unmapped, [(DocumentKind::SalesOrder, "x")]);
    }
}
