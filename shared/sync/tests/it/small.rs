//! A handful of records of one object type with their ERP in memory, driven by real visits.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Direction, ErpId, Fields, Object, RecordId, Rule, Settings, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sync::fold::Told;
use sync::plan::{Item, Looked, Plan, Sizes, allows, allows_save, plan};
use sync::twoway::{
    CrmEdit, Effect, Entry, Input, Match, Op, Outcome, Probed, Report, Side, Timing, Visit, accept, delete_by_crm,
};

/// How the ERP takes a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    /// It is done, and the second piece is dropped.
    Drops,
    Lost,
    LostAndNotDone,
    Rejected,
    NotSent,
}

/// Rows, an ERP and a log in memory, for records of one object type.
#[derive(Clone, Debug)]
pub(crate) struct Small {
    pub(crate) tenant: TenantId,
    pub(crate) object: Object,
    pub(crate) settings: Settings,
    pub(crate) rows: BTreeMap<RecordId, Entry>,
    pub(crate) erp: BTreeMap<ErpId, Fields>,
    pub(crate) changed_at: Option<Timestamp>,
    pub(crate) locked: bool,
    pub(crate) log: Vec<Told>,
    pub(crate) now: Timestamp,
    next: u64,
    pub(crate) sends: Vec<(RecordId, Op)>,
}

impl Small {
    pub(crate) fn new(object: Object, rule: Rule, direction: Direction) -> Self {
        let mut settings = Settings::standard();
        let of = settings.objects.get_mut(&object).expect("every type has settings");
        of.rules.values_mut().for_each(|r| *r = rule);
        (of.direction, of.deletes_in_erp) = (direction, true);
        Self {
            tenant: format!("t_{:0>20}", 1).parse().expect("a tenant id"),
            object,
            settings,
            rows: BTreeMap::new(),
            erp: BTreeMap::new(),
            changed_at: None,
            locked: false,
            log: Vec::new(),
            now: Timestamp::from_second(1_700_000_000).expect("in range"),
            next: 900,
            sends: Vec::new(),
        }
    }

    pub(crate) fn later(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    fn number(&mut self) -> ErpId {
        self.next += 1;
        ErpId::new(self.next)
    }

    /// The `n`th record's key and content.
    pub(crate) fn fields(&self, n: usize, values: [u8; 3]) -> Fields {
        let mut out = match self.object {
            Object::Contacts => Fields::from_iter([("tax", json!({ "tax_number": format!("SI{n:08}") }))]),
            _ => Fields::from_iter([("code", json!(format!("A-{n}")))]),
        };
        for (piece, value) in self.pieces().into_iter().zip(values) {
            if value > 0 {
                out.set(piece, json!(value.to_string()));
            }
        }
        out
    }

    /// The pieces that are edited in tests.
    pub(crate) const fn pieces(&self) -> [&'static str; 3] {
        match self.object {
            Object::Contacts => ["name", "registration_number", "addresses/a"],
            _ => ["name", "description", "barcode"],
        }
    }

    /// A record that both sides have.
    pub(crate) fn linked(&mut self, n: usize, values: [u8; 3]) -> RecordId {
        let (fields, erp_id) = (self.fields(n, values), self.number());
        let id = RecordId::for_erp(&self.tenant, self.object, erp_id);
        let mut entry = Entry::of_erp(id, erp_id, fields.clone());
        (entry.crm_id, entry.version) = (Some(format!("c-{n}")), 1);
        self.erp.insert(erp_id, fields);
        self.rows.insert(id, entry);
        id
    }

    /// A record that only the CRM has.
    pub(crate) fn of_crm(&mut self, n: usize, values: [u8; 3]) -> RecordId {
        let id = RecordId::for_crm(&self.tenant, self.object, &format!("c-{n}"));
        let mut entry = Entry::of_crm(id, format!("c-{n}"), self.fields(n, values));
        (entry.version, entry.due) = (1, Some(self.now));
        self.rows.insert(id, entry);
        id
    }

    pub(crate) fn add_to_erp(&mut self, fields: Fields) -> ErpId {
        let erp_id = self.number();
        self.erp.insert(erp_id, fields);
        erp_id
    }

    /// The CRM edits the record as it knows it. Whether it was let.
    pub(crate) fn crm_edits(&mut self, id: RecordId, piece: &str, value: u8) -> bool {
        self.crm_edits_what_it_saw(id, piece, value, None)
    }

    /// The CRM edits the record; of the piece it had seen `seen`, and was told another value since.
    pub(crate) fn crm_edits_what_it_saw(&mut self, id: RecordId, piece: &str, value: u8, seen: Option<u8>) -> bool {
        let settings = self.settings.of(self.object);
        let Some(entry) = self.rows.get_mut(&id) else { return false };
        let json = |value: u8| if value > 0 { json!(value.to_string()) } else { Value::Null };
        let (mut fields, mut known) = (entry.crm.clone(), entry.crm.clone());
        fields.set(piece, json(value));
        if let Some(seen) = seen {
            known.set(piece, json(seen));
        }
        let told_since: BTreeSet<String> = seen.map(|_| piece.to_owned()).into_iter().collect();
        let edit = CrmEdit { fields, seen: known, told_since, edited_at: Some(self.now) };
        let taken = accept(entry, &edit, &settings, self.now);
        entry.version += 1;
        if let Ok(Some(change)) = &taken {
            self.log.push(Told::of_entry(entry, change.clone(), self.log.len() as u64 + 1, self.now, "crm"));
        }
        taken.is_ok()
    }

    pub(crate) fn erp_edits(&mut self, id: RecordId, piece: &str, value: u8) {
        // Of a record whose answer was lost nobody knows the id yet; the ERP's user has it before the eyes.
        let newest = self.erp.keys().next_back().copied();
        let Some(erp_id) = self.rows.get(&id).and_then(|e| e.erp_id).or(newest) else { return };
        if let Some(fields) = self.erp.get_mut(&erp_id) {
            let named = self.rows[&id].erp_name(piece).to_owned();
            fields.set(named, if value > 0 { json!(value.to_string()) } else { Value::Null });
        }
    }

    pub(crate) fn crm_deletes(&mut self, id: RecordId) {
        let Some(entry) = self.rows.get_mut(&id) else { return };
        let Some(change) = delete_by_crm(entry, self.now) else { return };
        entry.version += 1;
        self.log.push(Told::of_entry(entry, change, self.log.len() as u64 + 1, self.now, "crm"));
    }

    fn read(&self, erp_id: ErpId) -> Side {
        self.erp.get(&erp_id).map_or(Side::Absent, |fields| Side::Present {
            fields: fields.clone(),
            changed_at: self.changed_at,
            locked: self.locked,
        })
    }

    fn search(&self) -> Probed {
        let found = self.erp.iter().map(|(id, fields)| Match { erp_id: *id, fields: fields.clone() }).collect();
        Probed::Answered { found, control: true }
    }

    pub(crate) fn look(&self) -> Vec<Looked> {
        let looked = |entry: &Entry| {
            let meant = entry.intent.as_ref().and_then(|i| i.done).or(entry.erp_id);
            match meant {
                Some(erp_id) => Looked { probed: self.search(), ..Looked::linked(entry.clone(), self.read(erp_id)) },
                None => Looked::of_crm(entry.clone(), self.search(), None),
            }
        };
        self.rows.values().map(looked).collect()
    }

    pub(crate) fn plan(&self) -> Plan {
        let sizes = Sizes { live: self.rows.len(), ..Sizes::default() };
        let sizes = BTreeMap::from([(self.object, sizes)]);
        plan(&self.tenant, self.look(), &self.settings, &sizes, Timing::STANDARD, self.now)
    }

    fn take(&mut self, op: &Op) -> ErpId {
        match op {
            Op::Create { fields, .. } => {
                let erp_id = self.number();
                let mut made: Fields = Fields::default();
                for (piece, value) in fields.iter() {
                    let named = self.named(piece);
                    made.set(named, value.clone());
                }
                made.set("number", json!(erp_id.to_string()));
                self.erp.insert(erp_id, made);
                erp_id
            }
            Op::Update { erp_id, set } => {
                for (piece, value) in set {
                    let known = self.erp.get(erp_id).is_some_and(|f| f.get(piece).is_some());
                    let named = if known { piece.clone() } else { self.named(piece) };
                    if let Some(fields) = self.erp.get_mut(erp_id) {
                        fields.put(&named, value.as_ref());
                    }
                }
                *erp_id
            }
            Op::Delete { erp_id } => {
                self.erp.remove(erp_id);
                *erp_id
            }
        }
    }

    /// The ERP gives list entries names of its own.
    fn named(&mut self, piece: &str) -> String {
        match piece.split_once('/') {
            Some((list, _)) => format!("{list}/{}", self.number()),
            None => piece.to_owned(),
        }
    }

    /// One visit. `None` when it wanted something that `approved` does not let through: nothing was written then.
    pub(crate) fn visit(&mut self, id: RecordId, approved: Option<&Item>, answer: Answer) -> Option<Report> {
        let settings = self.settings.of(self.object);
        let mut visit = Visit::new(self.tenant.clone(), id, settings, Timing::STANDARD);
        let (mut input, mut current) = (Input::Begin, id);
        loop {
            input = match visit.step(input, self.now) {
                Effect::Load(row) => Input::Loaded(self.rows.get(&row).cloned().map(Box::new)),
                Effect::Read(erp_id) => Input::Side(self.read(erp_id)),
                Effect::Probe(_) => Input::Probed(self.search()),
                Effect::Save(save) => {
                    let before = &self.rows[&current];
                    if approved.is_some_and(|item| !allows_save(item, before, &save)) {
                        return None;
                    }
                    if let Some((old, _)) = save.replaces {
                        self.rows.remove(&old);
                    }
                    self.log.extend(Told::of(&save, self.log.len() as u64 + 1, self.now, "run"));
                    current = save.entry.id;
                    self.rows.insert(current, save.entry);
                    Input::Saved
                }
                Effect::Send { op, .. } => {
                    if let Some(item) = approved {
                        assert!(allows(item, &op), "a save let through what the send is refused for");
                    }
                    self.sends.push((approved.map_or(id, |item| item.record), op.clone()));
                    Input::Sent(match answer {
                        Answer::Done => Outcome::Done { erp_id: self.take(&op) },
                        Answer::Drops => {
                            let erp_id = self.take(&op);
                            let dropped = self.pieces()[1];
                            if let Some(fields) = self.erp.get_mut(&erp_id) {
                                fields.put(dropped, None);
                            }
                            Outcome::Done { erp_id }
                        }
                        Answer::Lost => {
                            self.take(&op);
                            Outcome::Unknown
                        }
                        Answer::LostAndNotDone => Outcome::Unknown,
                        Answer::Rejected => Outcome::Rejected { code: "7".to_owned() },
                        Answer::NotSent => Outcome::NotSent,
                    })
                }
                Effect::Done(report) => return Some(report),
            };
        }
    }
}
