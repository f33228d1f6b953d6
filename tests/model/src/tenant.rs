//! One tenant's world: its rows, its ERP, its CRM, and the log of what its users really did.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ActionId, Direction, ErpId, Fields, Object, ObjectSettings, RecordId, Rule, Settings, TenantId};
use jiff::Timestamp;
use serde_json::{Value, json};
use sync::bucket::{Bucket, CALL};
use sync::twoway::Save;

use crate::crm::{Crm, Edited};
use crate::deeds::Watched;
use crate::dice::Dice;
use crate::erp::Erp;
use crate::people::People;
use crate::table::{By, Table};
use crate::values::{WAREHOUSE_KINDS, value_of};
use crate::world::at;

/// Calls a second, and at once.
pub const RATE: u64 = 4;
/// Calls at once.
pub const BURST: u64 = 20;
/// What every company synchronises.
const OBJECTS: [Object; 6] =
    [Object::Products, Object::Stock, Object::Offers, Object::Orders, Object::WorkOrders, Object::Contacts];

/// An edit by a user of the ERP, for the truth log.
#[derive(Clone, Debug)]
pub struct ErpEdited {
    /// The record.
    pub erp_id: ErpId,
    /// The piece.
    pub piece: String,
    /// The new value.
    pub value: Value,
}

/// What the ERP really answered about a record: why it may wait for a person.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent answers")]
pub struct Heard {
    /// The write was refused.
    pub rejected: bool,
    /// Something with its key is there.
    pub found: bool,
    /// Several things with its key are there.
    pub several: bool,
    /// It is not there.
    pub gone: bool,
    /// It is there, and another company or a lost right said that it is not.
    pub misled: bool,
    /// How often a write was allowed to be sent.
    pub allowed: u32,
    /// When one was allowed last.
    pub allowed_at: Option<Timestamp>,
}

/// One tenant's world.
#[derive(Debug)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its rows.
    pub table: Table,
    /// Its ERP company.
    pub erp: Erp,
    /// Its CRM.
    pub crm: Crm,
    /// Its settings, each with the time from which it is in force.
    pub settings: Vec<(i64, Settings)>,
    /// The minute of the quarter of an hour in which it is looked at.
    pub slot: i64,
    /// All edits in the CRM, in order.
    pub crm_edits: Vec<Edited>,
    /// All edits in the ERP, in order.
    pub erp_edits: Vec<ErpEdited>,
    /// What the ERP answered, by row.
    pub heard: BTreeMap<RecordId, Heard>,
    /// What really happened around each action.
    pub watched: BTreeMap<ActionId, Watched>,
    /// What is synchronised.
    pub objects: Vec<Object>,
    /// What users of the CRM did to contacts as people.
    pub people: People,
    /// Values of persons that were erased.
    pub erased: Vec<String>,
    /// The token bucket and the version of its row.
    pub bucket: (Bucket, u64),
    /// When calls were made.
    pub admitted: Vec<i64>,
    /// How often the bucket was brought back from a clock that was ahead.
    pub set_back: u64,
    /// The key of the ERP that is kept.
    pub key_kept: u32,
    /// Paused since then.
    pub paused_since: Option<i64>,
    /// The company refuses our key until then.
    pub no_access_until: i64,
    /// Records to visit whether they are due or not.
    pub to_visit: BTreeSet<RecordId>,
    /// A full run is asked for.
    pub full_asked: bool,
    /// The last webhook of each product that was delivered, by the order in which they were sent.
    pub delivered: BTreeMap<ErpId, u64>,
    /// A mass deletion passed the guard.
    pub mass_deleted: bool,
    /// Customers that a user of the ERP made while our create of the same was past its search.
    pub raced: u64,
    /// Visits by row.
    pub visits: BTreeMap<RecordId, u32>,
    /// Writes of rows that are made later whatever is there then (a known-bad variant).
    pub forced: Vec<(i64, Save)>,
}

impl Tenant {
    /// The `n`th tenant.
    pub fn new(n: usize, dice: &mut Dice) -> Self {
        let id: TenantId = format!("t_{n:0>20}").parse().expect("a tenant id");
        let erp = company(n, dice);
        let bucket = Bucket::new(at(0), RATE * CALL, BURST * CALL);
        Self {
            id,
            table: Table::default(),
            erp,
            crm: Crm::default(),
            settings: vec![(0, settings(1, any_rule(dice)))],
            slot: dice.ms(15),
            crm_edits: Vec::new(),
            erp_edits: Vec::new(),
            heard: BTreeMap::new(),
            watched: BTreeMap::new(),
            objects: OBJECTS.to_vec(),
            people: People::default(),
            erased: Vec::new(),
            bucket: (bucket, 0),
            admitted: Vec::new(),
            set_back: 0,
            key_kept: 0,
            paused_since: None,
            no_access_until: 0,
            to_visit: BTreeSet::new(),
            full_asked: false,
            delivered: BTreeMap::new(),
            mass_deleted: false,
            raced: 0,
            visits: BTreeMap::new(),
            forced: Vec::new(),
        }
    }

    /// The company has a warehouse: documents of what comes in, goes out and is moved.
    pub fn open_warehouse(&mut self, n: usize) {
        self.objects.push(Object::WarehouseDocuments);
        self.crm.has_warehouse = true;
        let title = value_of("notes", n, 1, None);
        for (at, kind) in WAREHOUSE_KINDS.into_iter().enumerate() {
            let id = ErpId::new(40 + at as u64);
            let fields = [("kind", json!(kind)), ("title", title.clone()), ("warehouse", json!("1"))];
            self.erp.seed(Object::WarehouseDocuments, id, &Fields::from_iter(fields));
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings.last().expect("there is always one").1
    }

    /// The settings of a version.
    pub fn settings_at(&self, version: u64) -> &Settings {
        self.settings.iter().map(|(_, s)| s).find(|s| s.version == version).unwrap_or_else(|| self.settings())
    }

    /// The settings of an object type that are in force.
    pub fn settings_of(&self, object: Object) -> &ObjectSettings {
        self.settings().objects.get(&object).expect("the model's settings are total")
    }

    /// Whether a rule decided about a piece at any time.
    pub fn ever_had(&self, object: Object, piece: &str, rule: Rule) -> bool {
        self.settings.iter().any(|(_, s)| s.objects.get(&object).is_some_and(|o| o.rule(piece) == rule))
    }

    /// What is late happens.
    pub fn catch_up(&mut self, now: i64) {
        self.erp.catch_up(now);
        if !self.forced.is_empty() {
            let (due, later) = std::mem::take(&mut self.forced).into_iter().partition(|(at, _)| *at <= now);
            self.forced = later;
            let due: Vec<(i64, Save)> = due;
            for (_, save) in due {
                self.table.save(&save, None, By { at: now, began: now, bad: None }, true);
            }
        }
    }
}

fn any_rule(dice: &mut Dice) -> Rule {
    dice.pick(&[Rule::Crm, Rule::Erp, Rule::Park, Rule::Newest]).unwrap_or(Rule::Erp)
}

/// Settings under which `rule` decides about everything.
pub fn settings(version: u64, rule: Rule) -> Settings {
    let mut settings = Settings::standard();
    settings.version = version;
    settings.read_only = false;
    for of in settings.objects.values_mut() {
        of.rules.values_mut().for_each(|r| *r = rule);
        of.deletes_in_erp = true;
    }
    for object in [Object::Invoices, Object::CreditNotes, Object::Stock] {
        settings.objects.entry(object).and_modify(|o| o.direction = Direction::ToCrm);
    }
    settings
}

/// What is there from the beginning, one of each: the searches' positive control.
fn company(n: usize, dice: &mut Dice) -> Erp {
    let mut erp = Erp::new(dice.hit(500));
    let id = |object: Object| ErpId::new(1 + object as u64);
    let partner = json!({ "erp_id": id(Object::Contacts).to_string() });
    for object in [Object::Contacts, Object::Products, Object::Orders, Object::Offers, Object::WorkOrders] {
        let fields = match object {
            Object::Contacts => Fields::from_iter([("name", value_of("name", n, 2, None))]),
            Object::Products => {
                let code = json!(format!("t{n}seed"));
                Fields::from_iter([("name", value_of("name", n, 1, None)), ("code", code)])
            }
            _ => Fields::from_iter([("title", value_of("notes", n, 1, None)), ("partner", partner.clone())]),
        };
        erp.seed(object, id(object), &fields);
    }
    erp.set_stock(id(Object::Products), 5);
    erp.complain(id(Object::Orders), Some("an old one"), None, (0, 0));
    erp
}
