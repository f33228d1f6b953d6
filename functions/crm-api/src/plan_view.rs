//! Settings, plans, certificates and undone runs as the API tells them.
//!
//! Decides the form only.

use app::twoway::certificates::Daily;
use app::twoway::plans::{PlanState, PlanView};
use app::twoway::undo::Undone;
use domain::{Direction, ObjectSettings, Rule};
use runtime::Language;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::PlanRow;

use crate::contract;
use crate::twoway_view::{object, rule};
use crate::view::RunView;

/// The settings.
pub(crate) fn settings(settings: &domain::Settings) -> contract::Settings {
    contract::Settings {
        version: settings.version,
        read_only: settings.read_only,
        objects: settings.objects.iter().map(|(o, s)| (object(*o), object_settings(s))).collect(),
        reports: settings.reports.iter().map(|(kind, r)| (contract::DocumentKind(*kind), reports(*r))).collect(),
        calls_a_day: settings.calls_a_day,
    }
}

const fn reports(reports: domain::Reports) -> contract::Reports {
    contract::Reports { sl: reports.sl, en: reports.en }
}

fn object_settings(s: &ObjectSettings) -> contract::ObjectSettings {
    contract::ObjectSettings {
        direction: match s.direction {
            Direction::Both => contract::Direction::Both,
            Direction::ToCrm => contract::Direction::ToCrm,
            Direction::ToErp => contract::Direction::ToErp,
        },
        paused: s.paused,
        rules: s.rules.iter().map(|(field, r)| (field.clone(), rule(*r))).collect(),
        deletes_in_erp: s.deletes_in_erp,
        archives_in_crm: s.archives_in_crm,
    }
}

impl From<contract::ObjectSettings> for ObjectSettings {
    fn from(s: contract::ObjectSettings) -> Self {
        let rule = |rule| match rule {
            contract::Rule::Crm => Rule::Crm,
            contract::Rule::Erp => Rule::Erp,
            contract::Rule::Newest => Rule::Newest,
            contract::Rule::Park => Rule::Park,
        };
        Self {
            direction: match s.direction {
                contract::Direction::Both => Direction::Both,
                contract::Direction::ToCrm => Direction::ToCrm,
                contract::Direction::ToErp => Direction::ToErp,
            },
            paused: s.paused,
            rules: s.rules.into_iter().map(|(field, r)| (field, rule(r))).collect(),
            deletes_in_erp: s.deletes_in_erp,
            archives_in_crm: s.archives_in_crm,
        }
    }
}

/// A plan without what it says.
pub(crate) fn head(row: &PlanRow) -> contract::Plan {
    let state = serde_json::from_value(Value::String(row.state.clone()));
    contract::Plan {
        id: row.id.clone(),
        state: state.unwrap_or(contract::PlanState::Failed),
        made_at: contract::Timestamp(row.made_at.to_string()),
        hash: None,
        settings_version: None,
        counts: BTreeMap::new(),
        items: Vec::new(),
        guard: BTreeMap::new(),
        outcome: None,
    }
}

/// A plan with what it says: all records, or those of which something is written.
pub(crate) fn plan(view: &PlanView, all: bool) -> contract::Plan {
    let mut out = head(&view.row);
    if let Some(plan) = &view.plan {
        out.hash = Some(plan.hash());
        out.settings_version = Some(plan.settings_version);
        out.counts = plan.counts().into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
        out.items = plan.items.iter().filter(|i| all || i.writes()).map(|i| json!(i)).collect();
        out.guard = plan.guard.iter().map(|(o, v)| (o.to_string(), json!(v))).collect();
    }
    out.outcome = view.outcome.as_ref().map(|o| json!(o));
    debug_assert!(!matches!(view.state, PlanState::Made) || out.hash.is_some());
    out
}

/// A certificate.
pub(crate) fn certificate(daily: &Daily) -> contract::Certificate {
    let c = &daily.certificate;
    let hex = |sum: &[u8; 32]| sum.iter().rev().fold(String::new(), |text, b| text + &format!("{b:02x}"));
    let kind = |kind| json!(kind).as_str().unwrap_or_default().to_owned();
    let difference = |d: &sync::certificate::Difference| contract::Difference {
        record: contract::RecordId(d.key.clone()),
        kind: kind(d.kind),
    };
    contract::Certificate {
        day: daily.day.clone(),
        object: object(daily.object),
        at: contract::Timestamp(daily.at.to_string()),
        equal: c.equal,
        crm_count: c.crm.count,
        erp_count: c.erp.count,
        crm_digest: hex(&c.crm.sum),
        erp_digest: hex(&c.erp.sum),
        differences: c.differences.iter().map(difference).collect(),
        more: c.more,
    }
}

/// What was taken back.
pub(crate) fn undone(undone: &Undone) -> Value {
    let records: Vec<Value> = undone
        .records
        .iter()
        .map(|one| {
            let refused: BTreeMap<&String, Value> =
                one.refused.iter().map(|(p, r)| (p, json!({ "why": r, "instead": r.instead() }))).collect();
            let mut shown = json!({ "record": one.record, "set": one.set, "kept": one.kept, "refused": refused });
            if let Some(why) = one.whole {
                shown["whole"] = json!({ "why": why, "instead": why.instead() });
            }
            if let Some(left) = undone.left.get(&one.record) {
                shown["changed_meanwhile"] = json!(left);
            }
            shown
        })
        .collect();
    json!({ "run": RunView::new(&undone.run, Language::En), "records": records })
}
