//! What to do with each row of a page: nothing, write it, or set it aside.

use std::collections::{BTreeMap, VecDeque};

use domain::change::{ChangeKind, FieldChange};
use domain::{ContentHash, ErpId, Fields, Object, ObjectSettings, Parked, Record, RecordId, TenantId};
use jiff::Timestamp;

use crate::batch::{MAX_ITEMS, MAX_RECORDS, RecordWrite};
use crate::guard;
use crate::index::{Index, Mark};
use crate::machine::StoredRecord;
use crate::pass::{Row, RowOutcome};
use crate::twoway::{Change, Entry, Pulled, is_left_to_a_create, pull, pull_gone};

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

    /// Whether it is a record that we never met.
    pub(crate) const fn is_new(&self) -> bool {
        matches!(self, Self::Record { before: None | Some(Mark::Parked(_)), .. })
    }

    /// How many items of a transaction it takes: a record and its change, what takes it off the list of parked ones, and
    /// its places among the documents of its contact, the one that it had and the one that it has.
    fn items(&self, held: &Held<'_>) -> usize {
        let Self::Record { erp_id, record, before, .. } = self else {
            return if matches!(self, Self::Park { .. }) { 1 } else { 2 };
        };
        let was = held.stored.get(erp_id).and_then(|old| old.record.listing());
        let places = match (was, record.listing()) {
            (was, is) if was == is => 0,
            (Some(_), Some(_)) => 2,
            _ => 1,
        };
        2 + usize::from(matches!(before, Some(Mark::Parked(_)))) + places
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

/// What the rows of a page are judged by.
pub(crate) struct Held<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) object: Object,
    /// The records that we have of them.
    pub(crate) stored: &'a BTreeMap<ErpId, StoredRecord>,
    /// Records of the CRM without an ERP side.
    pub(crate) open: &'a [Entry],
    pub(crate) now: Timestamp,
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
    /// Rows that may be what an open create made: its own search joins the two.
    pub(crate) left: Vec<ErpId>,
}

/// Takes as many pending rows as fit into one transaction, in order.
pub(crate) fn take(
    held: &Held<'_>,
    settings: &ObjectSettings,
    pending: &mut VecDeque<Pending>,
    index: &Index,
) -> Taken {
    let mut taken = Taken::default();
    let mut pages = std::collections::BTreeSet::new();
    let mut items = 0;
    while let Some(next) = pending.front() {
        pages.insert(index.page_of(next.erp_id()));
        let cost = items + next.items(held);
        // A page may split in two.
        if taken.marks.len() >= MAX_RECORDS || cost + 2 * pages.len() > MAX_ITEMS {
            break;
        }
        items = cost;
        let Some(next) = pending.pop_front() else { break };
        if is_left(held, &next) {
            // No mark: it is met as a new row until its create is settled.
            taken.left.push(next.erp_id());
            continue;
        }
        taken.marks.push((next.erp_id(), mark(held, &next)));
        add(held, settings, next, &mut taken);
    }
    taken
}

/// How sure it is that the ERP no longer has a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absence {
    /// This sweep is the first without it.
    First,
    /// An earlier one was, less than an hour ago.
    Early,
    /// Enough is known.
    Proven,
}

/// The CRM has the record: before it is told to archive it, two complete sweeps that are an hour apart must agree.
fn absence(old: &StoredRecord, now: Timestamp) -> Absence {
    match (&old.entry, old.missing_since) {
        (None, _) => Absence::Proven,
        (Some(_), None) => Absence::First,
        (Some(_), Some(first_sweep)) => {
            // The machine has looked it up, and its control passed, before it comes here.
            let absence = guard::Absence { first_sweep, last_sweep: now, lookup_gone: true, control_passed: true };
            if guard::proves(&absence).is_ok() { Absence::Proven } else { Absence::Early }
        }
    }
}

/// What the index says afterwards. A record that is not proven to be gone stays live and unread: the next sweep asks for
/// it again, and reads it should it be there.
fn mark(held: &Held<'_>, next: &Pending) -> Mark {
    match next {
        Pending::Missing { erp_id } => match held.stored.get(erp_id) {
            Some(old) if absence(old, held.now) != Absence::Proven => Mark::known(ContentHash(0)),
            _ => Mark::Missing,
        },
        _ => next.mark(),
    }
}

fn is_left(held: &Held<'_>, next: &Pending) -> bool {
    match next {
        Pending::Record { erp_id, record, .. } if next.is_new() && !held.open.is_empty() => {
            !held.stored.contains_key(erp_id)
                && is_left_to_a_create(held.open, held.object, *erp_id, &Fields::of(record))
        }
        _ => false,
    }
}

fn add(held: &Held<'_>, settings: &ObjectSettings, next: Pending, taken: &mut Taken) {
    match next {
        Pending::Park { parked, .. } => taken.parked.push(parked),
        Pending::Missing { erp_id } => {
            let Some(old) = held.stored.get(&erp_id) else { return };
            match absence(old, held.now) {
                Absence::First => {
                    taken.writes.push(RecordWrite { missing: true, ..next_of(old, old.record.to_bytes()) });
                }
                Absence::Early => {}
                Absence::Proven => taken.writes.push(missing(old, settings, held.now)),
            }
        }
        Pending::Record { erp_id, record, before, .. } => {
            if matches!(before, Some(Mark::Parked(_))) {
                taken.unparked.push((held.object, erp_id));
            }
            let write = match held.stored.get(&erp_id) {
                None => Some(added(held, erp_id, &record)),
                Some(old) if old.missing_since.is_none() && old.record == record => None,
                Some(old) => changed(old, &record, settings, held.now),
            };
            match write {
                Some(write) => taken.writes.push(write),
                None => taken.same.push(erp_id),
            }
        }
    }
}

fn added(held: &Held<'_>, erp_id: ErpId, record: &Record) -> RecordWrite {
    RecordWrite {
        id: RecordId::for_erp(held.tenant, held.object, erp_id),
        erp_id,
        expected: None,
        bytes: record.to_bytes(),
        missing: false,
        listing: record.listing(),
        entry: None,
        change: Some(told(ChangeKind::Added, BTreeMap::new())),
    }
}

fn missing(old: &StoredRecord, settings: &ObjectSettings, now: Timestamp) -> RecordWrite {
    let mut write = next_of(old, old.record.to_bytes());
    write.missing = true;
    match &mut write.entry {
        Some(entry) => write.change = pull_gone(entry, settings, now),
        None => write.change = Some(told(ChangeKind::Missing, BTreeMap::new())),
    }
    write
}

/// The ERP's record is not as we have it. `None`: the row stays as it is.
fn changed(old: &StoredRecord, record: &Record, settings: &ObjectSettings, now: Timestamp) -> Option<RecordWrite> {
    let mut write = RecordWrite { listing: record.listing(), ..next_of(old, record.to_bytes()) };
    let theirs = Fields::of(record);
    let Some(entry) = &mut write.entry else {
        let kind = if old.missing_since.is_some() { ChangeKind::Found } else { ChangeKind::Updated };
        write.change = Some(told(kind, differing(&Fields::of(&old.record), &theirs)));
        return Some(write);
    };
    match pull(entry, &theirs, settings, now) {
        Pulled::Left => return None,
        Pulled::Due => (write.bytes, write.listing) = (old.record.to_bytes(), old.record.listing()),
        Pulled::Taken(change) => write.change = change,
    }
    Some(write)
}

/// The next version of a row, with nothing told.
fn next_of(old: &StoredRecord, bytes: Vec<u8>) -> RecordWrite {
    let mut entry = old.entry.clone();
    if let Some(entry) = &mut entry {
        entry.version = old.version + 1;
    }
    let expected = Some(old.version);
    let (erp_id, listing) = (old.record.erp_id(), old.record.listing());
    RecordWrite { id: old.id, erp_id, expected, bytes, missing: false, listing, entry, change: None }
}

fn told(kind: ChangeKind, fields: BTreeMap<String, FieldChange>) -> Change {
    Change { kind, ..Change::of_erp(fields) }
}

fn differing(before: &Fields, after: &Fields) -> BTreeMap<String, FieldChange> {
    let change = |p: &str| FieldChange { before: before.get(p).cloned(), after: after.get(p).cloned() };
    after.differing(before).into_iter().map(|p| (p.to_owned(), change(p))).collect()
}
