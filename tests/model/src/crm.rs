//! The CRM of one tenant: its own records, edits that it pushes, the feed that it follows.

use std::collections::BTreeMap;

use domain::{Fields, Object, RecordId, TenantId};
use jiff::Timestamp;
use serde_json::{Value, json};
use sync::twoway::{Change, Winner};
use sync::twoway::{CrmEdit, Entry, accept, delete_by_crm};

use crate::bad::Bad;
use crate::dice::Dice;
use crate::table::Table;

/// A record of the CRM.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags")]
pub struct CrmRecord {
    /// Its object type.
    pub object: Object,
    /// Its content as the CRM's users see it.
    pub fields: Fields,
    /// The revision that it last took over; zero before the first answer.
    pub revision: u64,
    /// Has edits that are not acknowledged.
    pub dirty: bool,
    /// Deleted by a user of the CRM.
    pub deleted: bool,
    /// The deletion is acknowledged.
    pub deletion_told: bool,
    /// Archived because the feed said so.
    pub archived: bool,
}

/// The CRM of one tenant.
#[derive(Debug, Default)]
pub struct Crm {
    /// Records by the CRM's id.
    pub records: BTreeMap<String, CrmRecord>,
    /// Records that came by the feed, by our id.
    pub from_feed: BTreeMap<RecordId, String>,
    /// How far the feed was followed.
    pub cursor: usize,
    next: u32,
}

/// What an edit did, for the truth log.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The record, by the CRM's id.
    pub crm_id: String,
    /// The piece.
    pub piece: String,
    /// The new value.
    pub value: Value,
}

/// The value of a piece that one edit gives: unique, and naming the tenant it belongs to.
pub fn value_of(piece: &str, tenant: usize, n: u64) -> Value {
    if piece.starts_with("lines/") || piece.starts_with("prices/") {
        json!({ "name": format!("t{tenant}"), "price": format!("{n}.{:04}", n % 9973) })
    } else {
        json!(format!("t{tenant} {n}"))
    }
}

impl Crm {
    /// A user of the CRM makes a record.
    pub fn make(&mut self, tenant: usize, n: u64, dice: &mut Dice) -> String {
        self.next += 1;
        let parent =
            self.records.iter().find(|(_, r)| r.object == Object::Contacts && !r.deleted).map(|(id, _)| id.clone());
        let crm_id = format!("t{tenant}c{}", self.next);
        let (object, mut fields) = match (dice.below(3), parent) {
            (0, _) | (_, None) => {
                let tax = json!({ "tax_number": format!("SI{}", 10_000_000 + n) });
                (Object::Contacts, Fields::from_iter([("name", value_of("name", tenant, n)), ("tax", tax)]))
            }
            (1, _) => {
                let price = value_of("prices/MP/true//", tenant, n);
                let pieces = [("name", value_of("name", tenant, n)), ("code", json!(format!("t{tenant}p{n}")))];
                let mut fields = Fields::from_iter(pieces);
                fields.set("prices/MP/true//", price);
                (Object::Products, fields)
            }
            (_, Some(parent)) => {
                let pieces = [("title", value_of("title", tenant, n)), ("partner", json!({ "crm_id": parent }))];
                (Object::Orders, Fields::from_iter(pieces))
            }
        };
        if object == Object::Orders {
            for line in 0..=dice.below(2) {
                let piece = format!("lines/~{line}");
                let value = value_of(&piece, tenant, n * 7 + line);
                fields.set(piece, value);
            }
            if dice.hit(300) {
                fields.set("buyer_order", json!(format!("t{tenant}b{n}")));
            }
            if dice.hit(100) {
                fields.set("delivery_type", json!("unknown"));
            }
        }
        let record = CrmRecord {
            object,
            fields,
            revision: 0,
            dirty: true,
            deleted: false,
            deletion_told: false,
            archived: false,
        };
        self.records.insert(crm_id.clone(), record);
        crm_id
    }

    /// A user of the CRM makes a product.
    pub fn make_product(&mut self, tenant: usize, n: u64) {
        self.next += 1;
        let pieces = [("name", value_of("name", tenant, n)), ("code", json!(format!("t{tenant}p{n}")))];
        let record = CrmRecord {
            object: Object::Products,
            fields: Fields::from_iter(pieces),
            revision: 0,
            dirty: true,
            deleted: false,
            deletion_told: false,
            archived: false,
        };
        self.records.insert(format!("t{tenant}c{}", self.next), record);
    }

    /// A user of the CRM changes a piece of some record.
    pub fn edit(&mut self, tenant: usize, n: u64, dice: &mut Dice) -> Option<Edited> {
        let open: Vec<String> =
            self.records.iter().filter(|(_, r)| !r.deleted && !r.archived).map(|(id, _)| id.clone()).collect();
        let crm_id = open.get(usize::try_from(dice.below(open.len() as u64)).ok()?)?.clone();
        let record = self.records.get_mut(&crm_id)?;
        let piece = editable(record.object, &record.fields, dice)?;
        let value = value_of(&piece, tenant, n);
        record.fields.set(piece.clone(), value.clone());
        record.dirty = true;
        Some(Edited { crm_id, piece, value })
    }
}

/// A piece that may be edited.
pub fn editable(object: Object, fields: &Fields, dice: &mut Dice) -> Option<String> {
    let lines: Vec<&str> =
        fields.iter().map(|(k, _)| k).filter(|k| k.starts_with("lines/") || k.starts_with("prices/")).collect();
    let names: &[&str] = match object {
        Object::Orders => &["title", "notes"],
        Object::Products => &["name", "description"],
        _ => &["name", "registration_number"],
    };
    if !lines.is_empty() && dice.hit(400) {
        let at = usize::try_from(dice.below(lines.len() as u64)).ok()?;
        return lines.get(at).map(|l| (*l).to_owned());
    }
    names.get(usize::try_from(dice.below(2)).ok()?).map(|n| (*n).to_owned())
}

/// `PUT /v1/{type}/{crm_id}`: what the API does with it. Answers with the revision and the fields from then on;
/// `None` when it is refused.
pub fn put(
    table: &mut Table,
    tenant: &TenantId,
    crm_id: &str,
    record: &CrmRecord,
    settings: &domain::ObjectSettings,
    now: Timestamp,
    bad: Option<Bad>,
) -> Option<(u64, Fields)> {
    let Some(id) = table.by_crm.get(crm_id).copied() else {
        let id = RecordId::for_crm(tenant, record.object, crm_id);
        let mut entry = Entry::of_crm(id, crm_id.to_owned(), record.fields.clone());
        entry.version = 1;
        entry.due = Some(now);
        table.by_crm.insert(crm_id.to_owned(), id);
        table.rows.insert(id, entry.clone());
        let kind = domain::change::ChangeKind::Added;
        let change = Change { from: Winner::Crm, kind, fields: BTreeMap::new(), decided: BTreeMap::new() };
        table.tell(&entry, &change);
        return Some((entry.revision, entry.crm));
    };
    let mut entry = table.rows.get(&id)?.clone();
    let (mut seen, told_since) = table.seen(id, record.revision);
    if bad == Some(Bad::StaleSeen) {
        seen = entry.crm.clone();
    }
    let mut fields = record.fields.clone();
    if let Some(partner) = entry.crm.get("partner").filter(|_| seen.get("partner").is_some()) {
        // The reference is the same whichever way it is written.
        fields.set("partner", partner.clone());
        seen.set("partner", partner.clone());
    }
    let edit = CrmEdit { fields, seen, told_since, edited_at: Some(now) };
    let change = accept(&mut entry, &edit, settings, now).ok()?;
    if let Some(change) = change {
        entry.version += 1;
        table.rows.insert(id, entry.clone());
        table.tell(&entry, &change);
    }
    Some((entry.revision, entry.crm))
}

/// `DELETE /v1/{type}/{crm_id}`.
pub fn delete(table: &mut Table, crm_id: &str, now: Timestamp) {
    let Some(id) = table.by_crm.get(crm_id).copied() else { return };
    let Some(entry) = table.rows.get_mut(&id) else { return };
    if let Some(change) = delete_by_crm(entry, now) {
        entry.version += 1;
        let entry = entry.clone();
        table.tell(&entry, &change);
    }
}
