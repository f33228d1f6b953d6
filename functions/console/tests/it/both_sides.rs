//! Records with both sides for the tests: in conflict, held, deleted, in a plan.

use app::twoway::edit::{self, By, Put};
use domain::{
    Contact, ErpId, Fields, Object, Record, RecordId, Settings, Text,
    change::{ChangeKind, FieldChange},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Commit, NewChange, OpenWrite, PlanRow, Queue, RecordWrite, Side, TwoWay};
use sync::{
    guard,
    plan::{Action, Item, Plan, Reason},
};

use crate::support::{World, at, tenant_id};

pub(crate) const PLAN: &str = "pln_00000000000070008000000000000001";

const BY: By<'static> = By { actor: "crm", request: None };

pub(crate) fn contact(n: u64, name: &str) -> Record {
    Record::Contact(Box::new(Contact {
        erp_id: ErpId::new(n),
        number: None,
        name: Text::required(name).expect("visible"),
        company: false,
        taxpayer: None,
        foreign: false,
        tax_number: None,
        registration_number: None,
        buyer: true,
        supplier: false,
        addresses: Vec::new(),
        persons: Vec::new(),
        discounts: Vec::new(),
    }))
}

pub(crate) fn id(tenant: u32, n: u64) -> RecordId {
    RecordId::for_erp(&tenant_id(tenant), Object::Contacts, ErpId::new(n))
}

fn told(kind: ChangeKind, fields: BTreeMap<String, FieldChange>) -> NewChange {
    let actor = "sync".to_owned();
    NewChange { run: None, actor, side: Side::Erp, kind, fields, decided: BTreeMap::new(), event: None, matched: None }
}

impl World {
    /// Writes what `fill` puts into a commit, as a worker would.
    pub(crate) async fn write(&self, tenant: u32, fill: impl FnOnce(&mut Commit<'_>)) {
        let rows = self.tenant(tenant);
        let lease = rows.acquire_lease("test", at(0), SignedDuration::from_secs(60)).await.expect("free");
        let mut commit = Commit::new(&lease);
        commit.seq = rows.seq().await.expect("a number");
        fill(&mut commit);
        commit.release = true;
        rows.commit(&commit, at(0)).await.expect("a commit");
    }

    /// A contact that the ERP has.
    pub(crate) async fn erp_contact(&self, tenant: u32, n: u64, name: &str) -> RecordId {
        let (id, bytes) = (id(tenant, n), contact(n, name).to_bytes());
        let write = RecordWrite::create(id, ErpId::new(n), bytes, told(ChangeKind::Added, BTreeMap::new()));
        self.write(tenant, |commit| commit.writes.push(write)).await;
        id
    }

    /// An order of a contact that the ERP has, with these further fields.
    pub(crate) async fn erp_order(&self, tenant: u32, n: u64, contact: u64, more: &Value) -> RecordId {
        let mut order = json!({
            "type": "document", "erp_id": n.to_string(), "kind": "sales_order", "number": format!("N-{n}"),
            "currency": "EUR", "issued": false, "sums": {}, "partner": { "erp_id": contact.to_string() },
        });
        for (name, value) in more.as_object().expect("fields") {
            order[name] = value.clone();
        }
        let record: Record = serde_json::from_value(order).expect("an order");
        let id = RecordId::for_erp(&tenant_id(tenant), record.object(), record.erp_id());
        let told = told(ChangeKind::Added, BTreeMap::new());
        let write = RecordWrite::create(id, record.erp_id(), record.to_bytes(), told).listed(record.listing());
        self.write(tenant, |commit| commit.writes.push(write)).await;
        id
    }

    /// A record that the ERP has.
    pub(crate) async fn erp_record(&self, tenant: u32, record: &Record) {
        let id = RecordId::for_erp(&tenant_id(tenant), record.object(), record.erp_id());
        let told = told(ChangeKind::Added, BTreeMap::new());
        let write = RecordWrite::create(id, record.erp_id(), record.to_bytes(), told);
        self.write(tenant, |commit| commit.writes.push(write)).await;
    }

    /// Statuses of orders that were met, by key and label.
    pub(crate) async fn statuses(&self, tenant: u32, names: &[(&str, &str)]) {
        let text = |s: &str| Text::required(s).expect("visible");
        let names = names.iter().map(|(key, label)| (text(key), [text(label)].into())).collect();
        let statuses = [(domain::DocumentKind::SalesOrder, names)].into();
        let registers = domain::Registers { statuses, units: [text("kos")].into(), ..Default::default() };
        self.write(tenant, |commit| commit.registers = Some(registers)).await;
    }

    /// The ERP has another name of the contact by now.
    pub(crate) async fn rename(&self, tenant: u32, n: u64, name: &str, run: Option<domain::RunId>) {
        let stored = self.tenant(tenant).record(id(tenant, n)).await.expect("read").expect("there");
        let before = Fields::of(&stored.record).get("name").cloned();
        let field = FieldChange { before, after: Some(json!(name)) };
        let change = NewChange { run, ..told(ChangeKind::Updated, [("name".to_owned(), field)].into()) };
        let write = RecordWrite::replace(&stored, contact(n, name).to_bytes(), change);
        self.write(tenant, |commit| commit.writes.push(write)).await;
    }

    /// A contact that both sides have under two names: a conflict about the name.
    pub(crate) async fn conflict(&self, tenant: u32, n: u64, crm: &str, erp: &str) -> RecordId {
        let id = self.erp_contact(tenant, n, erp).await;
        let put = Put { fields: Fields::of(&contact(n, crm)), record: Some(id), ..Put::default() };
        let crm_id = format!("c-{n}");
        let held = edit::put(&self.services, &self.tenant(tenant), Object::Contacts, &crm_id, &put, BY).await;
        assert!(held.expect("linked").entry.conflicts.contains_key("name"), "a person decides about names");
        id
    }

    /// A contact of the CRM that waits for a person.
    pub(crate) async fn held(&self, tenant: u32, crm_id: &str, name: &str, reason: Value) -> RecordId {
        self.held_with(tenant, crm_id, name, reason, json!([])).await
    }

    /// The same, and a person is asked about partners that it could be.
    pub(crate) async fn held_with(
        &self,
        tenant: u32,
        crm_id: &str,
        name: &str,
        reason: Value,
        candidates: Value,
    ) -> RecordId {
        let fields: BTreeMap<String, Value> =
            Fields::of(&contact(1, name)).iter().map(|(piece, value)| (piece.to_owned(), value.clone())).collect();
        let bytes =
            json!({ "crm": fields, "hold": { "reason": reason, "since": at(-3_600), "candidates": candidates } });
        let two_way = TwoWay {
            bytes: serde_json::to_vec(&bytes).expect("plain"),
            revision: 1,
            queue: Some(Queue::Person(at(-3_600))),
            crm_id: Some(crm_id.to_owned()),
        };
        let id = RecordId::for_crm(&tenant_id(tenant), Object::Contacts, crm_id);
        let change = NewChange { side: Side::Crm, ..told(ChangeKind::Added, BTreeMap::new()) };
        let change = NewChange {
            fields: [("name".to_owned(), FieldChange { before: None, after: Some(json!(name)) })].into(),
            ..change
        };
        self.write(tenant, |commit| commit.opens.push(OpenWrite::create(id, two_way, change))).await;
        id
    }

    /// `count` contacts that the CRM deleted and the guard has not let pass; the list's hash.
    pub(crate) async fn deleted(&self, tenant: u32, first: u64, count: u64) -> String {
        for n in first..first + count {
            let id = self.erp_contact(tenant, n, "Izbrisana").await;
            let stored = self.tenant(tenant).record(id).await.expect("read").expect("there");
            let part = TwoWay {
                bytes: serde_json::to_vec(&json!({ "crm_deleted_at": at(-60) })).expect("plain"),
                revision: 2,
                queue: Some(Queue::Guard(at(-60))),
                crm_id: Some(format!("c-{n}")),
            };
            let change = NewChange { side: Side::Crm, ..told(ChangeKind::Deleted, BTreeMap::new()) };
            let write = RecordWrite::replace(&stored, stored.record.to_bytes(), change).with_two_way(Some(part));
            self.write(tenant, |commit| commit.writes.push(write)).await;
        }
        format!("{:016x}", guard::list_hash(&(first..first + count).map(|n| id(tenant, n)).collect()).0)
    }

    /// A plan that waits for an approval, under the standard settings: one write and one record that is left alone.
    pub(crate) async fn made_plan(&self, tenant: u32, name: &str) -> Plan {
        let item = |n: u64, action, reasons| Item {
            record: id(tenant, n),
            crm_id: Some(format!("c-{n}")),
            erp_id: Some(ErpId::new(n)),
            entry_version: 1,
            action,
            tells: BTreeMap::new(),
            reasons,
        };
        let set = [("name".to_owned(), Some(json!(name)))].into();
        let why = vec![Reason::CrmChanged { pieces: vec!["name".to_owned()] }];
        let items = vec![item(900, Action::UpdateErp { set }, why), item(901, Action::Nothing, vec![Reason::Equal])];
        let plan = Plan {
            settings_version: Settings::standard().version,
            made_at: at(0),
            items,
            guard: [(Object::Contacts, guard::Verdict::Go)].into(),
        };
        self.keep(tenant, PLAN, "made", Vec::new()).await;
        self.keep(tenant, &format!("{PLAN}.plan"), "part", serde_json::to_vec(&plan).expect("plain")).await;
        plan
    }

    /// Keeps a row of a plan.
    pub(crate) async fn keep(&self, tenant: u32, id: &str, state: &str, bytes: Vec<u8>) {
        let (id, state, hash) = (id.to_owned(), state.to_owned(), String::new());
        let row = PlanRow { id, version: 1, made_at: at(0), state, hash, bytes };
        self.tenant(tenant).keep_plan(&row).await.expect("kept");
    }

    /// Both sides of a record.
    pub(crate) async fn entry(&self, tenant: u32, id: RecordId) -> sync::twoway::Entry {
        edit::entry(&self.tenant(tenant), id).await.expect("read").expect("there")
    }
}
