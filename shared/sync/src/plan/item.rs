//! One record of a plan: what would be written of it, and why.

use std::collections::BTreeMap;

use domain::change::FieldChange;
use domain::{ErpId, Fields, RecordId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reason::Reason;

/// What would be done with a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// It is made in the ERP.
    CreateInErp {
        /// The content.
        fields: Fields,
    },
    /// Pieces are set in the ERP.
    UpdateErp {
        /// The pieces by the ERP's names; `None` unsets.
        set: BTreeMap<String, Option<Value>>,
    },
    /// It is deleted in the ERP, when the guard lets it pass.
    DeleteInErp,
    /// Only the CRM is told something.
    TellCrm,
    /// It becomes one with a record that the ERP has.
    Link {
        /// The ERP's record.
        erp_id: ErpId,
        /// The pieces that are set in it afterwards, by the ERP's names.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        set: BTreeMap<String, Option<Value>>,
    },
    /// Nothing.
    Nothing,
    /// It waits: for time, for the ERP, for another record.
    Wait,
    /// It waits for a person.
    Park,
}

impl Action {
    /// The name that the plan is counted by.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CreateInErp { .. } => "create_in_erp",
            Self::UpdateErp { .. } => "update_erp",
            Self::DeleteInErp => "delete_in_erp",
            Self::TellCrm => "tell_crm",
            Self::Link { .. } => "link",
            Self::Nothing => "nothing",
            Self::Wait => "wait",
            Self::Park => "park",
        }
    }
}

/// One record of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The record, by the id that it has now.
    pub record: RecordId,
    /// The CRM's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm_id: Option<String>,
    /// The ERP record that is meant: the one that it is linked to, or will be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// The version of the row that was looked at.
    pub entry_version: u64,
    /// What would be done.
    pub action: Action,
    /// What the CRM would be told with it. What the ERP computes of a write is told as well, and not known before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tells: BTreeMap<String, FieldChange>,
    /// Why: first what decided the action, then what is to be said of single pieces. Never empty.
    pub reasons: Vec<Reason>,
}

/// What an item writes, apart from anything that moves without a write becoming another.
#[derive(PartialEq, Serialize)]
pub(super) struct Written<'a> {
    pub(super) record: RecordId,
    crm_id: Option<&'a str>,
    erp_id: Option<ErpId>,
    action: Option<&'a Action>,
    tells: &'a BTreeMap<String, FieldChange>,
}

impl Item {
    /// Whether something is written on either side.
    pub fn writes(&self) -> bool {
        self.written().is_some()
    }

    pub(super) fn written(&self) -> Option<Written<'_>> {
        let action = match &self.action {
            Action::Nothing | Action::Wait | Action::Park | Action::TellCrm => None,
            sends => Some(sends),
        };
        (action.is_some() || !self.tells.is_empty()).then_some(Written {
            record: self.record,
            crm_id: self.crm_id.as_deref(),
            erp_id: self.erp_id,
            action,
            tells: &self.tells,
        })
    }
}
