//! What a tenant decides about its synchronisation: directions, rules, deletions.
//!
//! Decides when a rule set is total. A run is pinned to one version of the
//! settings; a later version plans again.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

use crate::fields::{field_of, shared_fields};
use crate::{DocumentKind, Object};

/// Which way an object type travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both ways.
    Both,
    /// From the ERP to the CRM only.
    ToCrm,
    /// From the CRM to the ERP only.
    ToErp,
}

/// Who wins when both sides changed a field to different values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The CRM.
    Crm,
    /// The ERP.
    Erp,
    /// The later change, when both sides give times; else a person.
    Newest,
    /// A person.
    Park,
}

/// The settings of one object type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectSettings {
    /// Which way it travels.
    pub direction: Direction,
    /// Neither read nor written until someone resumes it.
    #[serde(default)]
    pub paused: bool,
    /// The rule of each field that both sides may change.
    pub rules: BTreeMap<String, Rule>,
    /// Whether a record that the CRM deleted is deleted in the ERP, as far as its API goes.
    pub deletes_in_erp: bool,
    /// Whether a record that is gone from the ERP is archived in the CRM.
    pub archives_in_crm: bool,
}

/// A tenant's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Grows by one with every change.
    pub version: u64,
    /// Nothing is written on either side until a person approved a plan.
    pub read_only: bool,
    /// By object type.
    pub objects: BTreeMap<Object, ObjectSettings>,
    /// The ERP's reports that print a kind of document, where they are not the usual ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reports: BTreeMap<DocumentKind, Reports>,
    /// How many calls of the ERP the schedule may make in a day.
    #[serde(default = "usual_calls_a_day", skip_serializing_if = "is_usual_calls_a_day")]
    pub calls_a_day: u32,
}

/// Twice what a company of usual size needs for looks every 15 minutes and a sweep a day.
pub const CALLS_A_DAY: u32 = 25_000;
/// The least and the most calls a day that can be set.
pub const CALLS_A_DAY_BOUNDS: (u32, u32) = (1_000, 1_000_000);

const fn usual_calls_a_day() -> u32 {
    CALLS_A_DAY
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_usual_calls_a_day(calls: &u32) -> bool {
    *calls == CALLS_A_DAY
}

/// The language of a printed document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintLanguage {
    /// Slovenian.
    Sl,
    /// English.
    En,
}

impl PrintLanguage {
    /// The one that a kind of document is usually printed in.
    pub const fn of(kind: DocumentKind) -> Self {
        match kind {
            DocumentKind::SalesBillForeign => Self::En,
            _ => Self::Sl,
        }
    }

    /// Its name: `sl` or `en`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sl => "sl",
            Self::En => "en",
        }
    }
}

/// The ids of the ERP's reports that print a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reports {
    /// In Slovenian.
    pub sl: u32,
    /// In English.
    pub en: u32,
}

impl Reports {
    /// Those that every company has: the invoice in Slovenian, and the one for abroad.
    pub const USUAL: Self = Self { sl: 38, en: 42 };
}

/// Why settings are refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// A field that both sides may change has no rule.
    #[error("{object}: no rule for {}", fields.join(", "))]
    NotTotal {
        /// The object type.
        object: Object,
        /// The fields without a rule.
        fields: Vec<String>,
    },
    /// A rule for a field that the object type does not share.
    #[error("{object}: {field} is not a field that both sides may change")]
    UnknownField {
        /// The object type.
        object: Object,
        /// The field.
        field: String,
    },
}

impl ObjectSettings {
    /// Both ways, the ERP wins prices and documents' lines, people decide the rest.
    pub fn standard(object: Object) -> Self {
        let rule = |field: &str| match field {
            "prices" | "lines" | "status" | "tax" => Rule::Erp,
            _ => Rule::Park,
        };
        Self {
            direction: if shared_fields(object).is_empty() { Direction::ToCrm } else { Direction::Both },
            paused: false,
            rules: shared_fields(object).iter().map(|f| ((*f).to_owned(), rule(f))).collect(),
            deletes_in_erp: false,
            archives_in_crm: true,
        }
    }

    /// The rule of a piece. What has none is the ERP's.
    pub fn rule(&self, piece: &str) -> Rule {
        self.rules.get(field_of(piece)).copied().unwrap_or(Rule::Erp)
    }
}

impl Settings {
    /// The settings that a tenant begins with: read-only.
    pub fn standard() -> Self {
        Self {
            version: 1,
            read_only: true,
            objects: Object::ALL.into_iter().map(|o| (o, ObjectSettings::standard(o))).collect(),
            reports: BTreeMap::new(),
            calls_a_day: CALLS_A_DAY,
        }
    }

    /// The ERP's report that prints a kind of document; `None` for kinds that are not printed.
    pub fn report(&self, kind: DocumentKind, language: PrintLanguage) -> Option<u32> {
        if !kind.is_printed() {
            return None;
        }
        let reports = self.reports.get(&kind).copied().unwrap_or(Reports::USUAL);
        Some(match language {
            PrintLanguage::Sl => reports.sl,
            PrintLanguage::En => reports.en,
        })
    }

    /// Whether every shared field of every object type has a rule, and no other has.
    pub fn check(&self) -> Result<(), SettingsError> {
        for object in Object::ALL {
            let rules = self.objects.get(&object).map(|o| &o.rules);
            let missing: Vec<String> = shared_fields(object)
                .iter()
                .filter(|f| !rules.is_some_and(|r| r.contains_key(**f)))
                .map(|f| (*f).to_owned())
                .collect();
            if !missing.is_empty() {
                return Err(SettingsError::NotTotal { object, fields: missing });
            }
            let unknown = rules.and_then(|r| r.keys().find(|f| !shared_fields(object).contains(&f.as_str())));
            if let Some(field) = unknown {
                return Err(SettingsError::UnknownField { object, field: field.clone() });
            }
        }
        Ok(())
    }

    /// The settings of an object type.
    pub fn of(&self, object: Object) -> ObjectSettings {
        self.objects.get(&object).cloned().unwrap_or_else(|| ObjectSettings::standard(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_settings_are_total_and_read_only() {
        let settings = Settings::standard();
        assert_eq!(settings.check(), Ok(()));
        assert!(settings.read_only);
    }

    #[test]
    fn settings_without_a_rule_for_a_field_name_the_field() {
        let mut settings = Settings::standard();
        settings.objects.get_mut(&Object::Contacts).expect("there").rules.remove("name");
        let error = settings.check().expect_err("not total");
        assert_eq!(error.to_string(), "contacts: no rule for name");
        settings.objects.remove(&Object::Products);
        assert!(matches!(settings.check(), Err(SettingsError::NotTotal { object: Object::Products, .. })));
    }

    #[test]
    fn invoices_and_credit_notes_have_the_usual_reports_or_the_companys_own() {
        let mut settings = Settings::standard();
        settings.reports.insert(DocumentKind::SalesBillRetail, Reports { sl: 101, en: 102 });
        for (kind, sl, en) in [
            (DocumentKind::SalesOffer, None, None),
            (DocumentKind::SalesOrder, None, None),
            (DocumentKind::SalesBillDomestic, Some(38), Some(42)),
            (DocumentKind::SalesBillForeign, Some(38), Some(42)),
            (DocumentKind::SalesBillRetail, Some(101), Some(102)),
            (DocumentKind::SalesBillCreditNote, Some(38), Some(42)),
        ] {
            let reports = (settings.report(kind, PrintLanguage::Sl), settings.report(kind, PrintLanguage::En));
            assert_eq!(reports, (sl, en), "{kind:?}");
        }
        let text = serde_json::to_string(&settings).expect("JSON");
        assert_eq!(serde_json::from_str::<Settings>(&text).expect("JSON"), settings);
        assert!(!serde_json::to_string(&Settings::standard()).expect("JSON").contains("reports"));
    }

    #[test]
    fn a_rule_for_a_field_that_is_the_erps_is_refused() {
        let mut settings = Settings::standard();
        settings.objects.get_mut(&Object::Orders).expect("there").rules.insert("sums".to_owned(), Rule::Crm);
        assert_eq!(
            settings.check().expect_err("unknown").to_string(),
            "orders: sums is not a field that both sides may change"
        );
    }
}
