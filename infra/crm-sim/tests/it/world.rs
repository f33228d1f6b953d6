//! A product in memory and a CRM beside it, and short ways to ask both.

use crate::fake::{Fake, TOKEN};
use crm_sim::{Config, CrmRecord, CrmSim, Object, Pieces, TokenSource};
use serde_json::{Value, json};
use std::time::Duration;

/// Both sides.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) api: Fake,
    pub(crate) crm: CrmSim,
}

/// Pieces of a record.
pub(crate) fn pieces<const N: usize>(of: [(&str, Value); N]) -> Pieces {
    of.into_iter().map(|(piece, value)| (piece.to_owned(), value)).collect()
}

pub(crate) fn crm_of(api: &Fake, change: impl FnOnce(&mut Config)) -> CrmSim {
    let mut config = Config {
        timeout: Duration::from_secs(10),
        backoff: Duration::ZERO,
        ..Config::new(api.url.clone(), TokenSource::fixed(TOKEN), "t")
    };
    change(&mut config);
    CrmSim::new(config).expect("a CRM")
}

pub(crate) async fn start() -> World {
    start_with(|_| ()).await
}

pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> World {
    let api = Fake::start().await;
    let crm = crm_of(&api, change);
    World { api, crm }
}

impl World {
    /// A contact that the CRM made and the product has.
    pub(crate) async fn known_contact(&self, name: &str) -> String {
        let id = self.crm.create(Object::Contacts, None, pieces([("name", json!(name))])).expect("made");
        assert_eq!(self.crm.push_once().await.taken, 1);
        id
    }

    pub(crate) fn contact(&self, id: &str) -> CrmRecord {
        self.crm.record(Object::Contacts, id).expect("a record")
    }

    pub(crate) fn set(&self, id: &str, piece: &str, value: &str) {
        self.crm.edit(Object::Contacts, id, pieces([(piece, json!(value))])).expect("edited");
    }

    /// The product's id of a contact, and what it has.
    pub(crate) fn there(&self, id: &str) -> (String, Pieces) {
        let mut inner = self.api.hold();
        let row = inner.rows.find("contacts", id).expect("a row");
        (row.id.clone(), row.fields.clone())
    }

    /// Brings this side to rest.
    pub(crate) async fn settle(&self) {
        let settled = self.crm.settle(Duration::from_secs(10)).await;
        let left = || Object::ALL.into_iter().flat_map(|o| self.crm.records(o)).filter(CrmRecord::is_waiting);
        assert!(settled.settled, "{settled:?}: {:#?}", left().collect::<Vec<_>>());
    }

    /// Both sides have the same of every record, each record is there once, and nothing more is sent.
    pub(crate) async fn assert_in_step(&self) {
        let spoken = || {
            let inner = self.api.hold();
            (inner.calls, inner.rows.log.len())
        };
        self.settle().await;
        let before = spoken();
        self.settle().await;
        assert_eq!(spoken(), before, "nothing changed, and it spoke");
        let rows = self.api.hold().rows.rows.clone();
        let ours: Vec<CrmRecord> = Object::ALL.into_iter().flat_map(|o| self.crm.records(o)).collect();
        for row in &rows {
            let here: Vec<_> = ours.iter().filter(|r| r.record.as_deref() == Some(row.id.as_str())).collect();
            assert_eq!(here.len(), 1, "{row:?}: {here:#?}");
            assert_eq!(row.crm_id.as_ref(), Some(&here[0].crm_id));
            if row.life == "in_step" {
                assert_eq!(here[0].fields, row.fields, "{}", row.id);
            }
        }
    }
}
