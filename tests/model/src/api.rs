//! The CRM's API: what a request makes of the row. Decides nothing about values: the engine does.

use std::collections::BTreeSet;

use domain::change::ChangeKind;
use domain::{Fields, ObjectSettings, RecordId, TenantId};
use serde_json::{Value, json};
use sync::twoway::{Change, CrmEdit, Entry, accept, claim, delete_by_crm};

use crate::arrange::end_of;
use crate::bad::Bad;
use crate::crm::CrmRecord;
use crate::table::{By, Table};
use crate::world::at;

/// What is asked of the API, and by whom.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// The settings in force.
    pub settings: &'a ObjectSettings,
    /// When, and under which mistake.
    pub by: By,
}

/// References by the CRM's ids in the ERP's form, as far as the ERP has the records.
pub fn resolve(table: &Table, fields: &mut Fields) {
    // What names a contact that went into another one means that one.
    let linked = |crm_id: &Value| match crm_id.as_str()? {
        lost if table.loses_aliases => table.entry(*table.by_crm.get(lost)?)?.erp_id,
        crm_id => end_of(table, crm_id)?.0.erp_id,
    };
    let mut found = Vec::new();
    for (piece, value) in fields.iter() {
        if let Some(erp_id) = value.get("crm_id").and_then(linked) {
            found.push((piece.to_owned(), json!({ "erp_id": erp_id.to_string() })));
        } else if let Some(erp_id) = value.get("product_crm_id").and_then(linked) {
            let mut line = value.clone();
            line["product"] = json!(erp_id.to_string());
            line.as_object_mut().map(|l| l.remove("product_crm_id"));
            found.push((piece.to_owned(), line));
        }
    }
    for (piece, value) in found {
        fields.set(piece, value);
    }
}

/// What a request to change a record came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Taken: the revision and the fields from then on.
    Taken(u64, Fields),
    /// Refused, and the user is told.
    Refused,
    /// The record went into another one.
    Merged,
    /// The revision is of a time when the row was another record's: read it anew.
    TooOld,
}

/// `PUT /v1/{type}/{crm_id}`.
pub fn put(table: &mut Table, asked: &Asked<'_>, crm_id: &str, record: &CrmRecord, sent: &Fields) -> Answer {
    taken(table, asked, crm_id, record, sent).unwrap_or(Answer::Refused)
}

fn taken(table: &mut Table, asked: &Asked<'_>, crm_id: &str, record: &CrmRecord, sent: &Fields) -> Option<Answer> {
    let (by, now) = (asked.by, at(asked.by.at));
    let mut fields = sent.clone();
    // The CRM's own computation; the ERP alone says it.
    fields.set("sums", Value::Null);
    if by.bad != Some(Bad::TwinsApart) {
        fields = fields.canonical(record.object).ok()?;
    }
    resolve(table, &mut fields);
    let Some(id) = table.by_crm.get(crm_id).copied() else {
        let id = RecordId::for_crm(asked.tenant, record.object, crm_id);
        let mut entry = Entry::of_crm(id, crm_id.to_owned(), Fields::default());
        let edit = CrmEdit { fields, seen: Fields::default(), told_since: BTreeSet::new(), edited_at: Some(now) };
        let change = accept(&mut entry, &edit, asked.settings, now).ok()?;
        entry.revision = 1;
        let change = change.map(|c| Change { kind: ChangeKind::Added, ..c });
        let answer = Answer::Taken(entry.revision, entry.crm.clone());
        table.write(entry, 0, change.as_ref(), by);
        return Some(answer);
    };
    let mut entry = table.entry(id)?.clone();
    if entry.merged.is_some() {
        return Some(Answer::Merged);
    }
    let version = entry.version;
    resolve(table, &mut entry.crm);
    let Some((mut seen, told_since)) = table.seen(id, crm_id, record.revision) else { return Some(Answer::TooOld) };
    if by.bad == Some(Bad::StaleSeen) {
        seen = entry.crm.clone();
    }
    seen.set("sums", Value::Null);
    fields.set("sums", Value::Null);
    resolve(table, &mut seen);
    let edit = CrmEdit { fields, seen, told_since, edited_at: Some(now) };
    let change = accept(&mut entry, &edit, asked.settings, now).ok()?;
    if by.bad == Some(Bad::UnlinkMatches) && change.is_some() && entry.is_unlinked() {
        (entry.hold, entry.due) = (None, Some(now));
    }
    let answer = Answer::Taken(entry.revision, entry.crm.clone());
    if let Some(change) = change {
        table.write(entry, version, Some(&change), by);
    }
    Some(answer)
}

/// `PUT /v1/{type}/{crm_id}` with `record`: a record of the CRM's own for one that the feed brought.
pub fn put_linked(
    table: &mut Table,
    asked: &Asked<'_>,
    crm_id: &str,
    id: RecordId,
    fields: Fields,
) -> Option<(u64, Fields)> {
    let known = table.rows.get(&id)?.entry(id)?;
    if known.crm_id.is_some() {
        return None;
    }
    let (entry, change) = claim(&known, crm_id.to_owned(), fields, asked.settings, at(asked.by.at));
    let answer = (entry.revision, entry.crm.clone());
    table.write(entry, known.version, Some(&change), asked.by);
    Some(answer)
}

/// `DELETE /v1/{type}/{crm_id}`.
pub fn delete(table: &mut Table, crm_id: &str, by: By) {
    let Some(id) = table.by_crm.get(crm_id).copied() else { return };
    let Some(mut entry) = table.entry(id).cloned() else { return };
    let version = entry.version;
    if let Some(change) = delete_by_crm(&mut entry, at(by.at)) {
        table.write(entry, version, Some(&change), by);
    }
}
