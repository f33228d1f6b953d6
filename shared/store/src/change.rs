//! Changes: at once history, feed, audit and outbox.
//!
//! Decides that a change is written once, in the transaction of the record it
//! describes, under the tenant's next number. Nothing rewrites it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::change::{ChangeKind, FieldChange, diff};
use domain::{ErpId, Record, RecordId, RunId};
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
    /// The fields before and after. Of a new record it may be empty: the record itself says them.
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
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
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
                let mut change = Change { seq: fields.parsed("sk")?, ..fields.json("b")? };
                if fields.has("a") {
                    let whole = Record::from_bytes(&fields.unpacked("a")?);
                    change.fields = diff(None, &whole.map_err(|_| StoreError::Corrupt { what: "change" })?);
                }
                Ok(change)
            })
            .collect()
    }

    /// The row of a change. A new record that says no fields is kept whole, as `record` packed it: it is not packed twice.
    pub(crate) fn change_write(
        &self,
        write: &RecordWrite,
        record: &AttributeValue,
        seq: u64,
        now: Timestamp,
    ) -> Result<Write, StoreError> {
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
        let is_whole = new.kind == ChangeKind::Added && new.fields.is_empty();
        let draft = Draft::new(self.keys.change(seq)).with("b", binary(packed));
        Ok(Write::put(draft.with_some("a", is_whole.then(|| record.clone()))))
    }
}
