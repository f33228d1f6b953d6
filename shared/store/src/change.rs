//! Changes: at once history, feed, audit and outbox.
//!
//! Decides that a change is written once, in the transaction of the record it
//! describes, under the tenant's next number. Nothing rewrites it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::change::{ChangeKind, FieldChange, Matched};
use domain::{Acted, ErpId, Record, RecordId, Rule, RunId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::StoreError;
use crate::item::{Attributes, Draft, Fields, binary, pack_json};
use crate::reading::{Query, Sort};
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
    /// The pieces before and after. Of a new record it may be empty: the record itself says them.
    pub fields: BTreeMap<String, FieldChange>,
    /// Pieces that both sides had changed, and what decided.
    pub decided: BTreeMap<String, Decided>,
    /// The request or event that it came from.
    pub event: Option<String>,
    /// By what a contact was found to be a partner, or what a person said about it.
    pub matched: Option<Matched>,
}

/// How it was decided which side's value a piece has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// The rule.
    pub rule: Rule,
    /// The value that lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Value>,
}

/// What a change is of.
pub(crate) struct Changed<'a> {
    pub(crate) id: RecordId,
    pub(crate) erp_id: Option<ErpId>,
    pub(crate) crm_id: Option<&'a str>,
    pub(crate) version: u64,
    pub(crate) revision: u64,
    /// The number of the record's change before it; zero if there is none.
    pub(crate) prev: u64,
    /// The number of the last change of the record that became one with this one.
    pub(crate) joined: Option<u64>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// The CRM's id of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crm_id: Option<String>,
    /// The record's version after it.
    pub version: u64,
    /// The record's revision after it: what the CRM names.
    #[serde(default)]
    pub revision: u64,
    /// The number of the record's change before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<u64>,
    /// The number of the last change of another record, which became one with this one by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<u64>,
    /// Pieces that both sides had changed, and what decided.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub decided: BTreeMap<String, Decided>,
    /// The request or event that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// By what a contact was found to be a partner, or what a person said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<Matched>,
    /// The action that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Acted>,
    /// The fields before and after.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldChange>,
}

impl Tenant {
    /// At most `limit` changes after the one with number `after`, in order.
    pub async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Change>, StoreError> {
        let query = Query::new(self.keys.changes(), Sort::After(format!("{after:020}")));
        let rows = self.calls().query_first(&query, limit).await?;
        rows.into_iter().map(read).collect()
    }

    /// The change with a number.
    pub async fn change(&self, seq: u64) -> Result<Option<Change>, StoreError> {
        self.calls().get(&self.keys.change(seq)).await?.map(read).transpose()
    }

    /// At most `limit` changes of a record, the newest first. Those from before changes were chained are not among them.
    pub async fn history(&self, id: RecordId, limit: usize) -> Result<Vec<Change>, StoreError> {
        let mut next = self.row(id).await?.map_or(0, |row| row.last_change());
        let mut out = Vec::new();
        while next > 0 && out.len() < limit {
            let Some(change) = self.change(next).await? else { break };
            next = change.prev.unwrap_or(0);
            out.push(change);
        }
        Ok(out)
    }

    /// At most `limit` changes of a record and of those that became one with it, the newest first.
    pub async fn whole_history(&self, id: RecordId, limit: usize) -> Result<Vec<Change>, StoreError> {
        let last = self.row(id).await?.map_or(0, |row| row.last_change());
        let mut next: BTreeSet<u64> = [last].into_iter().filter(|seq| *seq > 0).collect();
        let mut out = Vec::new();
        while let Some(seq) = next.pop_last()
            && out.len() < limit
        {
            let Some(change) = self.change(seq).await? else { continue };
            next.extend(change.prev.into_iter().chain(change.joined));
            out.push(change);
        }
        Ok(out)
    }

    /// The row of a change. A new record that says no pieces is kept whole, as `record` packed it: it is not packed twice.
    pub(crate) fn change_write(
        &self,
        of: &Changed<'_>,
        new: &NewChange,
        action: Option<&Acted>,
        record: Option<&AttributeValue>,
        seq: u64,
        now: Timestamp,
    ) -> Result<Write, StoreError> {
        let change = Change {
            seq,
            at: now,
            run: new.run,
            actor: new.actor.clone(),
            side: new.side,
            kind: new.kind,
            record: of.id,
            erp_id: of.erp_id,
            crm_id: of.crm_id.map(str::to_owned),
            version: of.version,
            revision: of.revision,
            prev: (of.prev > 0).then_some(of.prev),
            joined: of.joined.filter(|joined| *joined > 0),
            decided: new.decided.clone(),
            event: new.event.clone(),
            matched: new.matched.clone(),
            action: action.cloned(),
            fields: new.fields.clone(),
        };
        let packed = pack_json(&change, "change")?;
        let is_whole = new.kind == ChangeKind::Added && new.fields.is_empty();
        let draft = Draft::new(self.keys.change(seq)).with("b", binary(packed));
        Ok(Write::put(draft.with_some("a", record.filter(|_| is_whole).cloned())))
    }
}

fn read(row: Attributes) -> Result<Change, StoreError> {
    let fields = Fields::new(row, "change");
    let mut change = Change { seq: fields.parsed("sk")?, ..fields.json("b")? };
    if change.revision == 0 {
        // From before the two ways, when the CRM named versions.
        change.revision = change.version;
    }
    if fields.has("a") {
        let whole = Record::from_bytes(&fields.unpacked("a")?).map_err(|_| StoreError::Corrupt { what: "change" })?;
        let pieces = domain::Fields::of(&whole);
        let new = |(piece, value): (&str, &Value)| {
            (piece.to_owned(), FieldChange { before: None, after: Some(value.clone()) })
        };
        change.fields = pieces.iter().map(new).collect();
    }
    Ok(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{pack, text};

    const OLD: &str = r#"{"at":"2026-09-21T14:13:21Z","actor":"sync","side":"erp","kind":"updated",
        "record":"prd_8fa821aae6028a9f8fdea9faeb5de218","erp_id":"1600000123","version":3}"#;

    #[test]
    fn a_change_from_before_the_two_ways_is_read() {
        let row = [("sk", text("00000000000000000042")), ("b", binary(pack(OLD.as_bytes()).expect("small")))];
        let change = read(row.map(|(name, value)| (name.to_owned(), value)).into()).expect("a change");
        assert_eq!(change.seq, 42);
        assert_eq!((change.erp_id, change.version, change.revision), (Some(ErpId::new(1_600_000_123)), 3, 3));
        assert_eq!((change.prev, change.crm_id, change.event), (None, None, None));
    }

    #[test]
    fn what_a_change_does_not_know_takes_no_room() {
        let change: Change = serde_json::from_str(OLD).expect("a change");
        let text = serde_json::to_string(&change).expect("text");
        for name in ["prev", "crm_id", "decided", "event", "fields", "run"] {
            assert!(!text.contains(name), "{text}");
        }
    }
}
