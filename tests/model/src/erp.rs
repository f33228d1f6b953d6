//! The ERP of one tenant: what it holds, and the log of what really happened.
//!
//! Has no idempotency keys, saves late, finds late, rounds, drops and renames, as the real one does.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ErpId, Fields, Object};
use serde_json::{Value, json};
use sync::twoway::{Key, Match, Op};

/// A record of the ERP.
#[derive(Clone, Debug)]
pub struct Doc {
    /// Its object type.
    pub object: Object,
    /// Its content.
    pub fields: Fields,
    /// From when a search finds it, in milliseconds.
    pub found_from: i64,
    /// Deleted.
    pub gone: bool,
    /// Deleted by a user of the ERP.
    pub gone_by_user: bool,
    /// Who made it: the CRM's id of the record that it was made for.
    pub made_for: Option<String>,
}

/// What came of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executed {
    /// Done.
    Done(ErpId),
    /// There are such records already.
    Duplicate(Vec<ErpId>),
    /// It does not exist.
    NotFound,
}

/// What a write is for.
#[derive(Clone, Debug)]
pub struct For {
    /// The object type.
    pub object: Object,
    /// The CRM's id of the record.
    pub crm_id: Option<String>,
    /// When it was decided, just after the ERP was read.
    pub since: i64,
}

/// The ERP of one tenant.
#[derive(Debug, Default)]
pub struct Erp {
    /// Everything that was ever there.
    pub docs: BTreeMap<ErpId, Doc>,
    /// Writes that will be saved late.
    pub late: Vec<(i64, Op, For)>,
    /// When a user last changed a piece.
    pub edited: BTreeMap<(ErpId, String), i64>,
    /// Pieces that a user changed after we had read them and before our write arrived (row 68).
    pub overwritten: BTreeSet<(ErpId, String)>,
    /// Refuses orders with a customer's number that it has.
    pub unique_orders: bool,
    next: u64,
}

impl Erp {
    /// An empty company.
    pub fn new(unique_orders: bool) -> Self {
        Self { unique_orders, ..Self::default() }
    }

    fn new_id(&mut self) -> u64 {
        self.next += 1;
        1000 + self.next
    }

    /// What the ERP makes of a value: prices to the cent.
    fn form(value: &Value) -> Value {
        let mut value = value.clone();
        if let Some(Value::String(price)) = value.get_mut("price")
            && let Some((whole, cents)) = price.split_once('.')
        {
            *price = format!("{whole}.{}", &cents[..cents.len().min(2)]);
        }
        value
    }

    fn set(&mut self, fields: &mut Fields, piece: &str, value: Option<&Value>) {
        if piece == "delivery_type" && value == Some(&json!("unknown")) {
            return;
        }
        let is_new_entry = piece.contains("/~");
        let formed = value.map(Self::form);
        if is_new_entry && formed.is_some() {
            let (list, _) = piece.split_once('/').unwrap_or((piece, ""));
            let id = self.new_id();
            fields.put(&format!("{list}/{id}"), formed.as_ref());
        } else {
            fields.put(piece, formed.as_ref());
        }
    }

    fn add_up(fields: &mut Fields) {
        let lines = fields.iter().filter(|(k, _)| k.starts_with("lines/")).count();
        if lines > 0 {
            fields.set("sums", json!({ "lines": lines }));
        }
    }

    /// Executes a write now.
    pub fn execute(&mut self, op: &Op, by: &For, now: i64, lag: i64) -> Executed {
        let object = by.object;
        match op {
            Op::Create { fields, marker } => {
                if self.unique_orders && object == Object::Orders {
                    let same = self.with_key(&Key::BuyerOrder(marker.clone()), object);
                    if !same.is_empty() {
                        return Executed::Duplicate(same);
                    }
                }
                let id = ErpId::new(self.new_id());
                let mut made = Fields::default();
                for (piece, value) in fields.iter() {
                    self.set(&mut made, piece, Some(value));
                }
                if object == Object::Orders {
                    made.set("buyer_order", json!(marker));
                }
                made.set("number", json!(format!("N-{id}")));
                Self::add_up(&mut made);
                self.docs.insert(
                    id,
                    Doc {
                        object,
                        fields: made,
                        found_from: now + lag,
                        gone: false,
                        gone_by_user: false,
                        made_for: by.crm_id.clone(),
                    },
                );
                Executed::Done(id)
            }
            Op::Update { erp_id, set } => {
                let Some(doc) = self.docs.get(erp_id).filter(|d| !d.gone) else { return Executed::NotFound };
                let mut fields = doc.fields.clone();
                for (piece, value) in set {
                    let key = (*erp_id, piece.clone());
                    if self.edited.get(&key).is_some_and(|at| *at >= by.since - 5_000) {
                        self.overwritten.insert(key);
                    }
                    self.set(&mut fields, piece, value.as_ref());
                }
                Self::add_up(&mut fields);
                if let Some(doc) = self.docs.get_mut(erp_id) {
                    doc.fields = fields;
                }
                Executed::Done(*erp_id)
            }
            Op::Delete { erp_id } => match self.docs.get_mut(erp_id).filter(|d| !d.gone) {
                Some(doc) => {
                    doc.gone = true;
                    Executed::Done(*erp_id)
                }
                None => Executed::NotFound,
            },
        }
    }

    /// Saves what was to be saved late.
    pub fn catch_up(&mut self, now: i64) {
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.late).into_iter().partition(|(at, ..)| *at <= now);
        self.late = later;
        for (at, op, by) in due {
            self.execute(&op, &by, at, 0);
        }
    }

    fn with_key(&self, key: &Key, object: Object) -> Vec<ErpId> {
        let has = |d: &Doc| match key {
            Key::BuyerOrder(k) => d.fields.get("buyer_order").and_then(Value::as_str) == Some(k),
            Key::Code(k) => d.fields.get("code").and_then(Value::as_str) == Some(k),
            Key::TaxNumber(k) => {
                d.fields.get("tax").and_then(|t| t.get("tax_number")).and_then(Value::as_str) == Some(k)
            }
            Key::Name(k) => d.fields.get("name").and_then(Value::as_str) == Some(k),
            Key::Email(_) | Key::Tag(_) => false,
        };
        self.docs.iter().filter(|(_, d)| d.object == object && !d.gone && has(d)).map(|(id, _)| *id).collect()
    }

    /// What a search brings: what has the key and can be found by now, and, when `near`, what only looks like it.
    pub fn search(&self, keys: &[Key], object: Object, now: i64, near: bool) -> Vec<Match> {
        let exact: Vec<ErpId> = keys.iter().flat_map(|k| self.with_key(k, object)).collect();
        self.docs
            .iter()
            .filter(|(id, d)| d.object == object && !d.gone && d.found_from <= now && (near || exact.contains(id)))
            .map(|(id, d)| Match { erp_id: *id, fields: d.fields.clone() })
            .collect()
    }
}
