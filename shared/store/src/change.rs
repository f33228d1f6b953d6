//! Changes: at once history, feed, audit and outbox.
//!
//! Decides that a change is written once, in the transaction of the record it
//! describes, under the tenant's next number. Nothing rewrites it.

use domain::change::{ChangeKind, FieldChange};
use domain::{ErpId, RecordId, RunId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, pack_json};
use crate::reading::{Query, Sort};
use crate::record::RecordWrite;
use crate::tenant::Tenant;
use crate::write::Write;

/// Where a change came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The ERP.
    Erp,
    /// The CRM.
    Crm,
}

/// What a caller knows of a change before it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct NewChange {
    /// The run that wrote it.
    pub run: Option<RunId>,
    /// Who: a user of the CRM, or `sync`.
    pub actor: String,
    /// Where it came from.
    pub side: Side,
    /// What happened.
    pub kind: ChangeKind,
    /// The fields before and after.
    pub fields: BTreeMap<String, FieldChange>,
}

/// A change of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its number; a tenant's changes are numbered without gaps.
    #[serde(skip)]
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The run that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Who: a user of the CRM, or `sync`.
    pub actor: String,
    /// Where it came from.
    pub side: Side,
    /// What happened.
    pub kind: ChangeKind,
    /// The record.
    pub record: RecordId,
    /// The record's id in the ERP.
    pub erp_id: ErpId,
    /// The record's version after it.
    pub version: u64,
    /// The fields before and after.
    pub fields: BTreeMap<String, FieldChange>,
}

impl Tenant {
    /// At most `limit` changes after the one with number `after`, in order.
    pub async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Change>, StoreError> {
        let query = Query::new(self.keys.changes(), Sort::After(format!("{after:020}")));
        let rows = self.calls().query_first(&query, limit).await?;
        rows.into_iter()
            .map(|row| {
                let fields = Fields::new(row, "change");
                Ok(Change { seq: fields.parsed("sk")?, ..fields.json("b")? })
            })
            .collect()
    }

    pub(crate) fn change_write(&self, write: &RecordWrite, seq: u64, now: Timestamp) -> Result<Write, StoreError> {
        let new = &write.change;
        let change = Change {
            seq,
            at: now,
            run: new.run,
            actor: new.actor.clone(),
            side: new.side,
            kind: new.kind,
            record: write.id,
            erp_id: write.erp_id,
            version: write.version(),
            fields: new.fields.clone(),
        };
        let packed = pack_json(&change, "change")?;
        Ok(Write::put(Draft::new(self.keys.change(seq)).with("b", binary(packed))))
    }
}
