//! What we hold of one record: both sides as they last agreed, and what is under way.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{ChangeKind, Evidence, FieldChange, Matched};
use domain::{ErpId, Fields, RecordId, Rule};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::intent::Intent;

/// One record on both sides.
///
/// The base is a pair: what the ERP returned and what the CRM had when the two
/// last agreed. So a value that the ERP rounds or trims is never a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id. Of a record that the ERP has it is derived from the ERP's id.
    pub id: RecordId,
    /// Grows by one with every write of the row.
    pub version: u64,
    /// Grows by one with every change that the CRM is told.
    pub revision: u64,
    /// The CRM's id of it.
    pub crm_id: Option<String>,
    /// The ERP's id of it.
    pub erp_id: Option<ErpId>,
    /// What the CRM has, or has been told to have.
    pub crm: Fields,
    /// What the CRM had when both sides last agreed.
    pub agreed: Fields,
    /// What the ERP returned when both sides last agreed, list entries by the CRM's names.
    pub erp: Fields,
    /// The CRM's name of a list entry by the ERP's name of it, where they differ.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, String>,
    /// When the CRM last changed it, by the CRM's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm_edited_at: Option<Timestamp>,
    /// When the CRM deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm_deleted_at: Option<Timestamp>,
    /// The guard let the deletion pass.
    #[serde(default)]
    pub released: bool,
    /// When it was archived because the ERP no longer has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
    /// Pieces that both sides changed and a person must settle.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conflicts: BTreeMap<String, Conflict>,
    /// The write to the ERP that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
    /// Why nothing is done with it until a person decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// The partner that a person said it is, until the next visit joins the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<ErpId>,
    /// The partners that a person said it is not, until it has one.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rejected: BTreeSet<ErpId>,
    /// When it is to be looked at again; `None` when nothing is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// It is another record of the CRM from now on: which, and what it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<Box<Merged>>,
    /// The CRM's ids of records that were merged into this one, each with the length of the longest way to it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub absorbed: BTreeMap<String, u8>,
}

/// A record of the CRM that went into another one of it, and what both were before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// The CRM's id of the one that stays.
    pub into: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub since: Timestamp,
    /// The record that went, as it was.
    pub gone: Entry,
    /// The one that stays, as it was.
    pub survivor: Entry,
    /// The revision of the one that stays, right after it.
    pub revision: u64,
    /// What both sides agreed on and what was open between them right after it, as a hash.
    pub base: u64,
}

/// A piece that both sides changed to different values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What both had.
    pub base: Option<Value>,
    /// What the CRM has.
    pub crm: Option<Value>,
    /// What the ERP has.
    pub erp: Option<Value>,
}

/// Who wins a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Winner {
    /// The CRM.
    Crm,
    /// The ERP.
    Erp,
}

/// Why a record waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// The ERP refused the write: its code and text.
    Rejected {
        /// The ERP's code.
        code: String,
    },
    /// Several ERP records could be this one.
    Ambiguous {
        /// Which.
        found: Vec<ErpId>,
    },
    /// The ERP has a record with the same key and other content.
    Different {
        /// Which.
        erp_id: ErpId,
    },
    /// The ERP record is linked to another CRM record.
    LinkTaken {
        /// The other CRM record.
        crm_id: String,
    },
    /// Sent as often as is allowed, and never found.
    GivenUp,
    /// One side deleted it and the other changed it.
    EditAgainstDelete,
    /// The ERP no longer has it, and the CRM changed it.
    GoneInErp,
    /// The ERP's API cannot do it.
    NotInApi,
    /// Records of this type travel to the CRM only.
    OneWay,
    /// A person took it and the ERP's record apart: it is neither matched nor made by itself.
    Unlinked {
        /// Who.
        by: String,
        /// The record that it was linked to.
        erp_id: ErpId,
    },
}

/// A record that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Why.
    pub reason: HoldReason,
    /// Since when.
    pub since: Timestamp,
    /// The partners that a contact could be, those with the strongest evidence first, at most [`MOST_CANDIDATES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

/// How many candidates are shown and kept at most.
pub const MOST_CANDIDATES: usize = 20;

/// A partner of the ERP that a contact of the CRM could be, as it was when the two were compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its id.
    pub erp_id: ErpId,
    /// Its name.
    pub name: String,
    /// Its visible number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What speaks for it and against it.
    pub evidence: Vec<Evidence>,
}

/// What is told of a write: history, feed and audit at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The side that the values came from.
    pub from: Winner,
    /// What happened.
    pub kind: ChangeKind,
    /// The CRM's pieces before and after.
    pub fields: BTreeMap<String, FieldChange>,
    /// Pieces that both sides had changed: the rule that decided, and the value that lost.
    pub decided: BTreeMap<String, (Rule, Option<Value>)>,
    /// By what a contact was found to be a partner, or what a person said about it.
    pub matched: Option<Matched>,
}

/// A write of a row, whole or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Save {
    /// The row as it is to be; its version is the one after `expected`.
    pub entry: Entry,
    /// The version that the row must have; zero when it must not be there.
    pub expected: u64,
    /// The row that it takes the place of, with the version that must be there: a record that got its ERP id.
    pub replaces: Option<(RecordId, u64)>,
    /// What to tell.
    pub change: Option<Change>,
}

impl Change {
    /// An update by the ERP.
    pub const fn of_erp(fields: BTreeMap<String, FieldChange>) -> Self {
        Self { from: Winner::Erp, kind: ChangeKind::Updated, fields, decided: BTreeMap::new(), matched: None }
    }
}

impl Entry {
    /// A record that only the CRM has.
    pub fn of_crm(id: RecordId, crm_id: String, crm: Fields) -> Self {
        Self { crm_id: Some(crm_id), crm, ..Self::empty(id) }
    }

    /// A record that only the ERP has.
    pub fn of_erp(id: RecordId, erp_id: ErpId, erp: Fields) -> Self {
        Self { erp_id: Some(erp_id), crm: erp.clone(), agreed: erp.clone(), erp, ..Self::empty(id) }
    }

    fn empty(id: RecordId) -> Self {
        Self {
            id,
            version: 0,
            revision: 1,
            crm_id: None,
            erp_id: None,
            crm: Fields::default(),
            agreed: Fields::default(),
            erp: Fields::default(),
            aliases: BTreeMap::new(),
            crm_edited_at: None,
            crm_deleted_at: None,
            released: false,
            archived_at: None,
            conflicts: BTreeMap::new(),
            intent: None,
            hold: None,
            chosen: None,
            rejected: BTreeSet::new(),
            due: None,
            merged: None,
            absorbed: BTreeMap::new(),
        }
    }

    /// Whether a person took it and the ERP's record apart.
    pub fn is_unlinked(&self) -> bool {
        self.hold.as_ref().is_some_and(|hold| matches!(hold.reason, HoldReason::Unlinked { .. }))
    }

    /// The ERP's side by the ERP's own names of its list entries.
    pub fn in_erp_names(&self) -> Fields {
        self.erp.iter().map(|(piece, value)| (self.erp_name(piece).to_owned(), value.clone())).collect()
    }

    /// The ERP's fields by the CRM's names of their list entries.
    pub fn in_crm_names(&self, erp: &Fields) -> Fields {
        if self.aliases.is_empty() {
            return erp.clone();
        }
        erp.iter().map(|(k, v)| (self.aliases.get(k).map_or(k, String::as_str).to_owned(), v.clone())).collect()
    }

    /// The ERP's name of a piece.
    pub fn erp_name<'a>(&'a self, piece: &'a str) -> &'a str {
        self.aliases.iter().find(|(_, crm)| crm.as_str() == piece).map_or(piece, |(erp, _)| erp.as_str())
    }

    /// Sets the record aside for a person.
    pub fn park(&mut self, reason: HoldReason, now: Timestamp) {
        self.hold = Some(Hold { reason, since: now, candidates: Vec::new() });
        self.chosen = None;
        self.due = None;
    }

    /// The write that makes this the row after `before`.
    pub fn saved_after(mut self, before: u64, change: Option<Change>) -> Save {
        self.version = before + 1;
        Save { entry: self, expected: before, replaces: None, change }
    }
}
