//! What to do with each row of a page: nothing, write it, or set it aside.

use std::collections::{BTreeMap, VecDeque};

use domain::change::{ChangeKind, diff};
use domain::{ErpId, Object, Parked, Record, RecordId, TenantId};
use jiff::Timestamp;

use crate::batch::{MAX_ITEMS, MAX_RECORDS, RecordWrite};
use crate::index::{Index, Mark};
use crate::machine::StoredRecord;
use crate::pass::{Row, RowOutcome};

/// One row that costs a write.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pending {
    /// A record that is new or changed.
    Record { erp_id: ErpId, record: Record, mark: Mark, before: Option<Mark> },
    /// A record that the ERP no longer has.
    Missing { erp_id: ErpId },
    /// A row that could not be understood.
    Park { parked: Parked, mark: Mark },
}

impl Pending {
    pub(crate) const fn erp_id(&self) -> ErpId {
        match self {
            Self::Record { erp_id, .. } | Self::Missing { erp_id } => *erp_id,
            Self::Park { parked, .. } => parked.erp_id,
        }
    }

    /// Whether the stored record must be read before it is written.
    pub(crate) const fn needs_stored(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Record { before: Some(_), .. })
    }

    /// How many items of a transaction it takes: a record and its change, and what takes it off the list of parked ones.
    const fn items(&self) -> usize {
        match self {
            Self::Record { before: Some(Mark::Parked(_)), .. } => 3,
            Self::Record { .. } | Self::Missing { .. } => 2,
            Self::Park { .. } => 1,
        }
    }

    const fn mark(&self) -> Mark {
        match self {
            Self::Record { mark, .. } | Self::Park { mark, .. } => *mark,
            Self::Missing { .. } => Mark::Missing,
        }
    }
}

/// What a row that was read has to wait for.
pub(crate) fn pending(object: Object, row: &Row, outcome: RowOutcome, index: &Index, now: Timestamp) -> Pending {
    let erp_id = row.erp_id;
    match outcome {
        RowOutcome::Record(record) => {
            Pending::Record { erp_id, record, mark: Mark::known(row.text), before: index.get(erp_id) }
        }
        RowOutcome::Odd { path, reason } => {
            let parked = Parked { object, erp_id, path, reason, since: now };
            Pending::Park { parked, mark: Mark::parked(row.text) }
        }
    }
}

/// What a commit takes of the pending rows.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) writes: Vec<RecordWrite>,
    pub(crate) parked: Vec<Parked>,
    pub(crate) unparked: Vec<(Object, ErpId)>,
    pub(crate) marks: Vec<(ErpId, Mark)>,
    /// Rows whose text changed and whose content did not.
    pub(crate) same: Vec<ErpId>,
}

/// Takes as many pending rows as fit into one transaction, in order.
pub(crate) fn take(
    tenant: &TenantId,
    object: Object,
    pending: &mut VecDeque<Pending>,
    stored: &BTreeMap<ErpId, StoredRecord>,
    index: &Index,
) -> Taken {
    let mut taken = Taken::default();
    let mut pages = std::collections::BTreeSet::new();
    let mut items = 0;
    while let Some(next) = pending.front() {
        pages.insert(index.page_of(next.erp_id()));
        let cost = items + next.items();
        // A page may split in two.
        if taken.marks.len() >= MAX_RECORDS || cost + 2 * pages.len() > MAX_ITEMS {
            break;
        }
        items = cost;
        let Some(next) = pending.pop_front() else { break };
        taken.marks.push((next.erp_id(), next.mark()));
        add(tenant, object, next, stored, &mut taken);
    }
    taken
}

fn add(tenant: &TenantId, object: Object, next: Pending, stored: &BTreeMap<ErpId, StoredRecord>, taken: &mut Taken) {
    match next {
        Pending::Park { parked, .. } => taken.parked.push(parked),
        Pending::Missing { erp_id } => {
            if let Some(old) = stored.get(&erp_id) {
                taken.writes.push(RecordWrite {
                    id: old.id,
                    erp_id,
                    expected: Some(old.version),
                    bytes: old.record.to_bytes(),
                    missing: true,
                    kind: ChangeKind::Missing,
                    fields: BTreeMap::new(),
                });
            }
        }
        Pending::Record { erp_id, record, before, .. } => {
            if matches!(before, Some(Mark::Parked(_))) {
                taken.unparked.push((object, erp_id));
            }
            let old = stored.get(&erp_id);
            if old.is_some_and(|o| !o.missing && o.record == record) {
                taken.same.push(erp_id);
                return;
            }
            let kind = match old {
                None => ChangeKind::Added,
                Some(o) if o.missing => ChangeKind::Found,
                Some(_) => ChangeKind::Updated,
            };
            taken.writes.push(RecordWrite {
                id: old.map_or_else(|| RecordId::for_erp(tenant, object, erp_id), |o| o.id),
                erp_id,
                expected: old.map(|o| o.version),
                // A new record says its fields itself.
                fields: old.map(|o| diff(Some(&o.record), &record)).unwrap_or_default(),
                bytes: record.to_bytes(),
                missing: false,
                kind,
            });
        }
    }
}
