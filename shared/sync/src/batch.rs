//! What is committed together: one transaction of the table.

use std::collections::BTreeMap;

use domain::{ErpId, IndexPage, Listing, Object, Parked, RecordId, Registers, Run, Warehouse};

use crate::IdSet;
use crate::twoway::{Change, Entry};

/// The most items of a transaction that a batch may fill; the lease, the run, the state, the sequence and the chunk take the rest.
pub(crate) const MAX_ITEMS: usize = 90;
/// The most records in a batch.
pub(crate) const MAX_RECORDS: usize = 40;

/// One record to write, with its change.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordWrite {
    /// Its id.
    pub id: RecordId,
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// The version it must have now; `None`: it must not exist.
    pub expected: Option<u64>,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// Whether it is flagged as something that the ERP no longer has.
    pub missing: bool,
    /// Where it is listed among the documents of a contact afterwards.
    pub listing: Option<Listing>,
    /// Both sides of it as they are to be; `None` for a record that the CRM never touched.
    pub entry: Option<Box<Entry>>,
    /// What is told; a new record says its fields itself. `None` when the CRM need not know.
    pub change: Option<Change>,
}

/// One commit. Everything in it happens or nothing does.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Records with their changes.
    pub writes: Vec<RecordWrite>,
    /// Pages of the index.
    pub pages: Vec<(Object, IndexPage)>,
    /// Records set aside.
    pub parked: Vec<Parked>,
    /// Records that were set aside and are understood now.
    pub unparked: Vec<(Object, ErpId)>,
    /// The warehouses, when they were read.
    pub warehouses: Option<Vec<Warehouse>>,
    /// The registers, when a record taught something new.
    pub registers: Option<Registers>,
    /// Ids met since the last commit: number of the chunk and its bytes.
    pub chunk: Option<(u32, Vec<u8>)>,
    /// The run as it stands with this commit.
    pub run: Run,
    /// The last one: the run is over and lets go of the lease.
    pub last: bool,
}

/// The ids that a run met: what it counts once and what it looks up in the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Met {
    /// Records met, by object type.
    pub(crate) seen: BTreeMap<Object, IdSet>,
    /// Contacts named by documents.
    pub(crate) contacts: IdSet,
    /// Contacts named by documents that are new or changed.
    pub(crate) touched: IdSet,
    /// Contacts that a lookup did not find; another one must agree.
    pub(crate) doubted: IdSet,
}

const CONTACTS: u8 = 100;
const TOUCHED: u8 = 101;
const DOUBTED: u8 = 102;

impl Met {
    pub(crate) fn is_empty(&self) -> bool {
        self.contacts.is_empty()
            && self.touched.is_empty()
            && self.doubted.is_empty()
            && self.seen.values().all(IdSet::is_empty)
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        for (object, ids) in &other.seen {
            self.seen.entry(*object).or_default().extend(ids);
        }
        self.contacts.extend(&other.contacts);
        self.touched.extend(&other.touched);
        self.doubted.extend(&other.doubted);
    }

    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut part = |tag: u8, ids: &IdSet| {
            if !ids.is_empty() {
                let bytes = ids.pack();
                out.push(tag);
                out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
                out.extend_from_slice(&bytes);
            }
        };
        for (i, object) in (0u8..).zip(Object::ALL) {
            if let Some(ids) = self.seen.get(&object) {
                part(i, ids);
            }
        }
        part(CONTACTS, &self.contacts);
        part(TOUCHED, &self.touched);
        part(DOUBTED, &self.doubted);
        out
    }

    pub(crate) fn unpack(mut bytes: &[u8]) -> Option<Self> {
        let mut met = Self::default();
        while let Some((tag, rest)) = bytes.split_first() {
            let (len, rest) = rest.split_first_chunk::<4>()?;
            let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
            let (part, rest) = rest.split_at_checked(len)?;
            let ids = IdSet::unpack(part)?;
            match *tag {
                CONTACTS => met.contacts = ids,
                TOUCHED => met.touched = ids,
                DOUBTED => met.doubted = ids,
                n => {
                    met.seen.insert(*Object::ALL.get(usize::from(n))?, ids);
                }
            }
            bytes = rest;
        }
        Some(met)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids() -> impl Strategy<Value = IdSet> {
        proptest::collection::vec(any::<u64>(), 0..30).prop_map(|v| v.into_iter().map(ErpId::new).collect())
    }

    proptest! {
        #[test]
        fn what_was_met_comes_back_as_it_was_packed(seen in ids(), contacts in ids(), touched in ids(), doubted in ids()) {
            let mut met = Met { contacts, touched, doubted, ..Met::default() };
            if !seen.is_empty() {
                met.seen.insert(Object::Orders, seen);
            }
            prop_assert_eq!(Met::unpack(&met.pack()), Some(met));
        }

        #[test]
        fn bytes_that_are_nothing_met_are_refused_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = Met::unpack(&bytes);
        }
    }
}
