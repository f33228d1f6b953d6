//! The CRM of one tenant: its own records and what its users do to them.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Fields, Object, RecordId};
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::values::{WAREHOUSE_KINDS, amount, editable, ten_thousandths, value_of};

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
    /// How many lines it was made with.
    pub lines: usize,
    /// The pieces that users changed since the last answer.
    pub touched: BTreeSet<String>,
    /// It went into another record.
    pub merged: bool,
    /// What it had before the last answer or page of the feed, for a CRM that loses what it took.
    pub before: Option<(u64, Fields)>,
}

impl CrmRecord {
    /// A record that a user made, or that came from the ERP at `revision`.
    pub fn new(object: Object, fields: Fields, revision: u64) -> Self {
        let lines = lines_of(&fields);
        Self {
            lines,
            object,
            fields,
            revision,
            dirty: revision == 0,
            deleted: false,
            deletion_told: false,
            archived: false,
            touched: BTreeSet::new(),
            merged: false,
            before: None,
        }
    }

    /// Takes an answer over. What the CRM only computes stays until the ERP says it.
    pub fn take(&mut self, revision: u64, mut fields: Fields) {
        if let (None, Some(own)) = (fields.get("sums"), self.fields.get("sums").cloned()) {
            fields.set("sums", own);
        }
        let old = std::mem::replace(&mut self.fields, fields);
        self.before = Some((self.revision, old));
        self.revision = revision;
    }
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
    /// When the API took it.
    pub taken_at: Option<i64>,
}

/// The CRM of one tenant.
#[derive(Debug, Default)]
pub struct Crm {
    /// Records by the CRM's id.
    pub records: BTreeMap<String, CrmRecord>,
    /// Records that came by the feed, by our id.
    pub from_feed: BTreeMap<RecordId, String>,
    /// Persons that were erased.
    pub erased: BTreeSet<String>,
    /// Its users enter warehouse documents.
    pub has_warehouse: bool,
    /// How far the feed was followed.
    pub cursor: usize,
    next: u32,
}

impl Crm {
    /// An id for a record of the CRM's own.
    pub fn new_id(&mut self, tenant: usize) -> String {
        self.next += 1;
        format!("t{tenant}c{}", self.next)
    }

    fn some(&self, object: Object, dice: &mut Dice) -> Option<String> {
        let of = |r: &CrmRecord| r.object == object && !r.deleted && !r.archived && !r.merged;
        let ids: Vec<&String> = self.records.iter().filter(|(_, r)| of(r)).map(|(id, _)| id).collect();
        dice.pick(&ids).cloned()
    }

    /// A user of the CRM makes a record.
    pub fn make(&mut self, tenant: usize, n: u64, dice: &mut Dice) -> String {
        let parent = self.some(Object::Contacts, dice);
        let product = self.some(Object::Products, dice).filter(|_| dice.hit(400));
        let crm_id = self.new_id(tenant);
        if let Some(parent) = parent.as_ref().filter(|_| self.has_warehouse && dice.hit(250)) {
            let mut fields = document_of(tenant, n, parent, product.as_ref(), dice);
            fields.set("kind", json!(dice.pick(&WAREHOUSE_KINDS)));
            fields.set("warehouse", json!("1"));
            self.records.insert(crm_id.clone(), CrmRecord::new(Object::WarehouseDocuments, fields, 0));
            return crm_id;
        }
        let (object, fields) = match (dice.below(5), parent) {
            (0, _) | (_, None) => {
                let name = json!(format!("t{tenant} \u{17d} {n}"));
                let tax = json!({ "tax_number": format!("SI{}", 10_000_000 + n) });
                (Object::Contacts, Fields::from_iter([("name", name), ("tax", tax)]))
            }
            (1, _) => (Object::Products, product_of(tenant, n)),
            (2, Some(parent)) => {
                let title = value_of("title", tenant, n, None);
                let partner = json!({ "crm_id": parent });
                (Object::WorkOrders, Fields::from_iter([("title", title), ("partner", partner)]))
            }
            (3, Some(parent)) => (Object::Offers, document_of(tenant, n, &parent, product.as_ref(), dice)),
            (_, Some(parent)) => {
                let mut fields = document_of(tenant, n, &parent, product.as_ref(), dice);
                if dice.hit(600) {
                    fields.set("buyer_order", json!(format!("t{tenant}b{n}")));
                }
                if dice.hit(100) {
                    fields.set("delivery_type", json!("unknown"));
                }
                (Object::Orders, fields)
            }
        };
        self.records.insert(crm_id.clone(), CrmRecord::new(object, fields, 0));
        crm_id
    }

    /// A user of the CRM makes a product.
    pub fn make_product(&mut self, tenant: usize, n: u64) {
        let crm_id = self.new_id(tenant);
        let pieces = [("name", value_of("name", tenant, n, None)), ("code", json!(format!("t{tenant}p{n}")))];
        let mut fields = Fields::from_iter(pieces);
        fields.set("unit", json!("kos"));
        self.records.insert(crm_id, CrmRecord::new(Object::Products, fields, 0));
    }

    /// A user of the CRM changes a piece of some record.
    pub fn edit(&mut self, tenant: usize, n: u64, dice: &mut Dice) -> Option<Edited> {
        let open: Vec<String> = self
            .records
            .iter()
            .filter(|(_, r)| !r.deleted && !r.archived && !r.merged)
            .map(|(id, _)| id.clone())
            .collect();
        let crm_id = dice.pick(&open)?;
        let record = self.records.get(&crm_id)?;
        let adds = matches!(record.object, Object::Orders | Object::Offers | Object::WarehouseDocuments);
        let adds = adds && dice.hit(80);
        let piece = if adds { format!("lines/a{n}") } else { editable(record.object, &record.fields, dice)? };
        self.edit_piece(tenant, n, &crm_id, &piece)
    }

    /// A user of the CRM changes this piece.
    pub fn edit_piece(&mut self, tenant: usize, n: u64, crm_id: &str, piece: &str) -> Option<Edited> {
        let record = self.records.get_mut(crm_id)?;
        let value = value_of(piece, tenant, n, record.fields.get(piece));
        record.fields.set(piece, value.clone());
        record.dirty = true;
        record.touched.insert(piece.to_owned());
        Some(Edited { crm_id: crm_id.to_owned(), piece: piece.to_owned(), value, taken_at: None })
    }
}

/// How many lines a document has.
pub fn lines_of(fields: &Fields) -> usize {
    fields.iter().filter(|(piece, _)| piece.starts_with("lines/")).count()
}

fn product_of(tenant: usize, n: u64) -> Fields {
    let mut fields = Fields::from_iter([
        ("name", json!(format!("t{tenant} \u{17d} {n}"))),
        ("code", json!(format!("t{tenant}p{n}"))),
        ("unit", json!("kos")),
    ]);
    fields.set("prices/MP/true//", value_of("prices/MP/true//", tenant, n, None));
    fields
}

fn document_of(tenant: usize, n: u64, parent: &str, product: Option<&String>, dice: &mut Dice) -> Fields {
    let title = value_of("title", tenant, n, None);
    let mut fields = Fields::from_iter([("title", title), ("partner", json!({ "crm_id": parent }))]);
    let mut sum = 0;
    for line in 0..=dice.below(2) {
        let piece = format!("lines/l{line}");
        let mut value = value_of(&piece, tenant, n * 7 + line, None);
        sum += value["price"].as_str().map_or(0, ten_thousandths);
        if let Some(product) = product {
            value["product_crm_id"] = json!(product);
        }
        fields.set(piece, value);
    }
    // What the CRM shows until the ERP has added the document up.
    fields.set("sums", json!({ "net": amount(sum) }));
    fields
}
