//! The product's rows and the merge: the last write wins, unless the ERP is to win over an edit that had not seen it.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Pieces = BTreeMap<String, Value>;

/// A request that writes.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    object: String,
    crm_id: String,
    revision: Option<u64>,
    /// `None` deletes.
    fields: Option<Pieces>,
    record: Option<String>,
    event: Option<String>,
}

/// One record.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) object: String,
    pub(crate) crm_id: Option<String>,
    pub(crate) erp_id: Option<String>,
    pub(crate) revision: u64,
    pub(crate) fields: Pieces,
    pub(crate) life: &'static str,
    /// What the CRM had seen at each revision.
    seen: BTreeMap<u64, Pieces>,
    /// The revision of what its first request said.
    first: u64,
}

/// All of them, and the feed.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    pub(crate) log: Vec<Value>,
    pub(crate) erp_wins: bool,
    next: u64,
}

impl Sent {
    pub(crate) fn put(object: &str, crm_id: &str, revision: Option<u64>, body: &Value, event: Option<String>) -> Self {
        let fields = body["fields"].as_object().expect("fields").clone().into_iter().collect();
        let record = body["record"].as_str().map(str::to_owned);
        Self { object: object.to_owned(), crm_id: crm_id.to_owned(), revision, fields: Some(fields), record, event }
    }

    pub(crate) fn delete(object: &str, crm_id: &str, event: Option<String>) -> Self {
        let (object, crm_id) = (object.to_owned(), crm_id.to_owned());
        Self { object, crm_id, revision: None, fields: None, record: None, event }
    }
}

impl Row {
    pub(crate) fn answer(&self) -> Value {
        json!({"record": self.id, "crm_id": self.crm_id, "revision": self.revision, "fields": self.fields,
            "erp_id": self.erp_id, "sync": self.life})
    }

    fn change(&self, kind: &str, from: &str, event: Option<&str>, pieces: &BTreeSet<String>, before: &Pieces) -> Value {
        let fields: Map<String, Value> =
            pieces.iter().map(|p| (p.clone(), json!({"before": before.get(p), "after": self.fields.get(p)}))).collect();
        json!({"seq": 0, "at": "2026-01-15T10:00:00Z", "object": self.object, "record": self.id, "crm_id": self.crm_id,
            "erp_id": self.erp_id, "revision": self.revision, "kind": kind, "from": from, "actor": "somebody",
            "event": event, "fields": fields})
    }
}

fn differing(a: &Pieces, b: &Pieces) -> BTreeSet<String> {
    a.keys().chain(b.keys()).filter(|p| a.get(*p) != b.get(*p)).cloned().collect()
}

fn put(pieces: &mut Pieces, piece: &str, value: Option<&Value>) {
    match value {
        Some(value) => drop(pieces.insert(piece.to_owned(), value.clone())),
        None => drop(pieces.remove(piece)),
    }
}

/// Texts lose the spaces around them: what comes back is not always what was sent.
fn canonical(fields: &Pieces) -> Pieces {
    let trim = |v: &Value| v.as_str().map_or_else(|| v.clone(), |text| json!(text.trim()));
    fields.iter().map(|(p, v)| (p.clone(), trim(v))).collect()
}

impl Table {
    pub(crate) fn find(&mut self, object: &str, crm_id: &str) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.object == object && row.crm_id.as_deref() == Some(crm_id))
    }

    fn tell(&mut self, mut change: Value) {
        change["seq"] = json!(self.log.len() + 1);
        self.log.push(change);
    }

    /// Writes a row's next revision and tells it.
    fn write(&mut self, mut row: Row, fields: Pieces, kind: &str, from: &str, event: Option<&str>) -> Value {
        let before = std::mem::replace(&mut row.fields, fields);
        let pieces = differing(&before, &row.fields);
        row.revision += 1;
        row.seen.insert(row.revision, row.fields.clone());
        let change = row.change(kind, from, event, &pieces, &before);
        self.tell(change);
        let answer = row.answer();
        match self.rows.iter_mut().find(|r| r.id == row.id || (r.crm_id.is_some() && r.crm_id == row.crm_id)) {
            Some(old) => *old = row,
            None => self.rows.push(row),
        }
        answer
    }

    fn new_row(&mut self, object: &str, crm_id: Option<&str>) -> Row {
        self.next += 1;
        Row {
            id: format!("rec_{}", self.next),
            object: object.to_owned(),
            crm_id: crm_id.map(str::to_owned),
            erp_id: None,
            revision: 0,
            fields: Pieces::new(),
            life: "in_step",
            seen: BTreeMap::new(),
            first: 1,
        }
    }

    /// Does what was asked. The status and the body.
    pub(crate) fn take(&mut self, sent: &Sent) -> (u16, Value) {
        let refused = |status: u16, code: &str| (status, json!({"crm_id": sent.crm_id, "code": code}));
        let known = self.find(&sent.object, &sent.crm_id).cloned();
        let event = sent.event.as_deref();
        let Some(fields) = sent.fields.as_ref().map(canonical) else {
            let Some(mut row) = known else { return refused(404, "not_found") };
            if row.life == "deleted" {
                return (200, row.answer());
            }
            row.life = "deleted";
            let fields = row.fields.clone();
            return (200, self.write(row, fields, "deleted", "crm", event));
        };
        if fields.get("name").is_some_and(|name| name == "bad") {
            return refused(400, "invalid_request");
        }
        match (known, &sent.record) {
            (None, None) => {
                let row = self.new_row(&sent.object, Some(&sent.crm_id));
                (201, self.write(row, fields, "added", "crm", event))
            }
            (None, Some(id)) => self.link(sent, id, fields),
            (Some(row), Some(id)) if row.id != *id => refused(409, "link_taken"),
            (Some(row), _) => self.merge(row, sent, &fields),
        }
    }

    fn link(&mut self, sent: &Sent, id: &str, ours: Pieces) -> (u16, Value) {
        let refused = |status: u16, code: &str| (status, json!({"crm_id": sent.crm_id, "code": code}));
        let Some(mut row) = self.rows.iter().find(|row| row.id == id).cloned() else {
            return refused(404, "not_found");
        };
        if row.crm_id.is_some() {
            return refused(409, "link_taken");
        }
        row.crm_id = Some(sent.crm_id.clone());
        row.first = row.revision;
        row.seen.insert(row.revision, ours.clone());
        // The ERP wins where both have a value.
        let theirs = std::mem::replace(&mut row.fields, ours.clone());
        let joined = ours.into_iter().chain(theirs).collect();
        (200, self.write(row, joined, "linked", "erp", sent.event.as_deref()))
    }

    fn merge(&mut self, row: Row, sent: &Sent, fields: &Pieces) -> (u16, Value) {
        let refused = |status: u16, code: &str| (status, json!({"crm_id": sent.crm_id, "code": code}));
        let revision = sent.revision.unwrap_or(row.first);
        let Some(seen) = row.seen.get(&revision) else { return refused(412, "version_mismatch") };
        let told_since: BTreeSet<&str> = self
            .log
            .iter()
            .filter(|c| c["crm_id"] == json!(row.crm_id) && c["object"] == json!(row.object) && c["from"] == "erp")
            .filter(|c| c["revision"].as_u64() > Some(revision))
            .flat_map(|c| c["fields"].as_object().into_iter().flatten().map(|(piece, _)| piece.as_str()))
            .collect();
        let changed = differing(fields, seen);
        let mut now = row.fields.clone();
        for piece in changed.iter().filter(|p| !(self.erp_wins && told_since.contains(p.as_str()))) {
            put(&mut now, piece, fields.get(piece));
        }
        if now == row.fields {
            return (200, row.answer());
        }
        if row.life != "in_step" {
            return refused(409, "record_deleted");
        }
        (200, self.write(row, now, "updated", "crm", sent.event.as_deref()))
    }

    /// Somebody makes a record in the ERP; its id.
    pub(crate) fn erp_new(&mut self, object: &str, fields: Pieces) -> String {
        let mut row = self.new_row(object, None);
        row.erp_id = Some((1_000 + self.next).to_string());
        let id = row.id.clone();
        self.write(row, fields, "added", "erp", None);
        id
    }

    /// Somebody sets a piece of a record in the ERP.
    pub(crate) fn erp_edit(&mut self, id: &str, piece: &str, value: &Value) {
        let Some(row) = self.rows.iter().find(|row| row.id == id && row.life == "in_step").cloned() else { return };
        let mut fields = row.fields.clone();
        put(&mut fields, piece, Some(value));
        if fields != row.fields {
            self.write(row, fields, "updated", "erp", None);
        }
    }

    /// Somebody deletes a record in the ERP, or it is taken back.
    pub(crate) fn erp_life(&mut self, id: &str, life: &'static str, kind: &str, from: &str) {
        let Some(mut row) = self.rows.iter().find(|row| row.id == id).cloned() else { return };
        row.life = life;
        let fields = row.fields.clone();
        self.write(row, fields, kind, from, None);
    }

    /// Somebody else sets a piece in the CRM's name.
    pub(crate) fn edit_for_crm(&mut self, id: &str, piece: &str, value: &Value) {
        let row = self.rows.iter().find(|row| row.id == id).cloned().expect("a record");
        let mut fields = row.fields.clone();
        put(&mut fields, piece, Some(value));
        self.write(row, fields, "updated", "crm", None);
    }

    /// The ERP makes what only the CRM has; each gets another id.
    pub(crate) fn make_in_erp(&mut self) {
        let open = self.rows.iter().filter(|row| row.erp_id.is_none() && row.life == "in_step").cloned();
        for mut row in open.collect::<Vec<_>>() {
            self.next += 1;
            row.id = format!("rec_{}", self.next);
            row.erp_id = Some((1_000 + self.next).to_string());
            let mut fields = row.fields.clone();
            fields.insert("number".to_owned(), json!(format!("K-{}", self.next)));
            self.write(row, fields, "linked", "erp", None);
        }
    }
}

impl Row {
    /// It goes on at a much later revision, and the earlier ones are forgotten.
    pub(crate) fn forget(&mut self) {
        self.revision += 500;
        self.seen = BTreeMap::from([(self.revision, self.fields.clone())]);
    }
}
