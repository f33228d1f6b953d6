//! One record of a plan, as people read it.

use domain::change::FieldChange;
use serde_json::Value;
use std::collections::BTreeMap;
use sync::plan::{Action, Item};

use super::{RecordLink, history::PieceChange};
use crate::{
    reader::{Badge, Reader},
    wording::{optional, piece, value},
};

/// A value that the ERP gets.
pub(crate) struct SetRow {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A record of a plan.
pub(crate) struct ItemRow {
    pub(crate) record: RecordLink,
    pub(crate) erp_id: Option<String>,
    pub(crate) badge: Badge,
    pub(crate) reasons: Vec<String>,
    /// What the ERP gets.
    pub(crate) sets: Vec<SetRow>,
    /// What the CRM is told.
    pub(crate) tells: Vec<PieceChange>,
}

/// A record of a plan as a page shows it.
pub(super) fn item_row(item: &Item, reader: &Reader<'_>) -> ItemRow {
    let tone = match item.action {
        Action::DeleteInErp => "bad",
        Action::Park => "warn",
        Action::Nothing | Action::Wait => "idle",
        _ => "busy",
    };
    ItemRow {
        record: RecordLink::of_id(item.record, item.crm_id.as_deref(), reader),
        erp_id: item.erp_id.map(|id| id.to_string()),
        badge: Badge { tone, text: reader.phrases().action(&item.action) },
        reasons: item.reasons.iter().map(|r| reader.phrases().plan_reason(r)).collect(),
        sets: sets(&item.action, reader),
        tells: tells(&item.tells, reader),
    }
}

fn sets(action: &Action, reader: &Reader<'_>) -> Vec<SetRow> {
    let language = reader.language;
    let row = |name: &str, value: String| SetRow { name: piece(language, name), value };
    match action {
        Action::CreateInErp { fields } => fields.iter().map(|(name, v)| row(name, value(language, v))).collect(),
        Action::UpdateErp { set } | Action::Link { set, .. } => {
            let text = |v: &Option<Value>| {
                v.as_ref().map_or_else(|| reader.sync_texts().unset.to_owned(), |v| value(language, v))
            };
            set.iter().map(|(name, v)| row(name, text(v))).collect()
        }
        _ => Vec::new(),
    }
}

fn tells(of: &BTreeMap<String, FieldChange>, reader: &Reader<'_>) -> Vec<PieceChange> {
    let row = |(name, field): (&String, &FieldChange)| PieceChange {
        name: piece(reader.language, name),
        before: optional(reader.language, field.before.as_ref()),
        after: optional(reader.language, field.after.as_ref()),
        why: None,
    };
    of.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{id, reader};
    use super::*;
    use domain::{ErpId, Object};
    use runtime::{Language, Role};
    use serde_json::json;
    use sync::plan::Reason;

    #[test]
    fn a_write_shows_every_value_what_the_crm_is_told_and_why() {
        let told = FieldChange { before: Some(json!("Ana")), after: Some(json!("ANA")) };
        let item = Item {
            record: id(Object::Contacts, 7),
            crm_id: Some("c-1".to_owned()),
            erp_id: Some(ErpId::new(7)),
            entry_version: 2,
            action: Action::UpdateErp {
                set: [("buyer".to_owned(), Some(json!(true))), ("tax".to_owned(), None)].into(),
            },
            tells: [("name".to_owned(), told)].into(),
            reasons: vec![Reason::CrmChanged { pieces: vec!["buyer".to_owned(), "tax".to_owned()] }],
        };
        let row = item_row(&item, &reader(Language::En, Role::Support));
        let sets: Vec<_> = row.sets.iter().map(|s| (s.name.as_str(), s.value.as_str())).collect();
        assert_eq!(sets, [("Buyer", "yes"), ("Tax", "taken out")]);
        assert_eq!((row.tells[0].before.as_str(), row.tells[0].after.as_str()), ("Ana", "ANA"));
        assert_eq!(row.reasons, ["The CRM changed: Buyer, Tax."]);
        assert_eq!((row.record.name.as_str(), row.badge.text), ("c-1", "Changed in Metakocka"));
    }
}
