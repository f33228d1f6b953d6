//! The two-way part of a record, and records that only the CRM has.
//!
//! Decides where both lie and how they are found: by the CRM's id, by when they
//! are due, by whom they wait for. Must not know what the part says: `app` makes
//! and reads it.

use domain::{Object, RecordId, TenantId};
use jiff::Timestamp;

use crate::change::{Changed, NewChange};
use crate::error::StoreError;
use crate::item::{Attributes, Draft, Fields, binary, number, pack, text, time};
use crate::key::{of_waiting_sort, waiting_sort};
use crate::reading::{Query, Sort};
use crate::record::Stored;
use crate::tenant::Tenant;
use crate::write::Write;

/// Whom a row waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// A visit, from then on.
    Visit(Timestamp),
    /// A person, since then.
    Person(Timestamp),
    /// The guard of deletions, since then.
    Guard(Timestamp),
}

/// The two-way part of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoWay {
    /// What `app` keeps.
    pub bytes: Vec<u8>,
    /// What the CRM names as the record's revision.
    pub revision: u64,
    /// Whom the row waits for.
    pub queue: Option<Queue>,
    /// The CRM's id of it.
    pub crm_id: Option<String>,
}

/// A record that only the CRM has, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    tenant: TenantId,
    /// Its id, derived from the CRM's.
    pub id: RecordId,
    /// Grows by one with every write.
    pub version: u64,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// The number of its last change.
    pub last_change: u64,
    /// What is known of it.
    pub two_way: TwoWay,
}

impl Open {
    pub(crate) const fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}

/// A record, wherever it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The ERP has it, or had it.
    Record(Box<Stored>),
    /// Only the CRM has it.
    Open(Box<Open>),
}

impl Row {
    /// Its version.
    pub fn version(&self) -> u64 {
        match self {
            Self::Record(stored) => stored.version,
            Self::Open(open) => open.version,
        }
    }

    /// The number of its last change; zero if it has none.
    pub fn last_change(&self) -> u64 {
        match self {
            Self::Record(stored) => stored.last_change,
            Self::Open(open) => open.last_change,
        }
    }
}

/// What the CRM's id of a record leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ByCrm {
    /// A record that only the CRM has.
    Open(Box<Open>),
    /// The record that it is linked to.
    Linked(RecordId),
}

/// A record of the CRM and one of the ERP are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The hash of the CRM's id ([`RecordId::for_crm`]).
    pub crm: RecordId,
    /// The record.
    pub to: RecordId,
}

/// A record of the CRM was linked to `from` and is linked to another one now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relink {
    /// The record that it was linked to.
    pub from: RecordId,
    /// Where it goes.
    pub link: Link,
}

/// A record that only the CRM had, as it was read, to take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// Its id.
    pub id: RecordId,
    /// Its version.
    pub version: u64,
    /// The number of its last change.
    pub last_change: u64,
}

impl From<&Open> for Close {
    fn from(open: &Open) -> Self {
        Self { id: open.id, version: open.version, last_change: open.last_change }
    }
}

/// A record that only the CRM has, to write.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenWrite {
    tenant: Option<TenantId>,
    pub(crate) id: RecordId,
    /// The version and the last change that it must have: a row that is taken away and comes back begins with the first
    /// version again, and no two rows have the same last change.
    expected: Option<(u64, u64)>,
    last_change: u64,
    two_way: TwoWay,
    joined: Option<u64>,
    pub(crate) change: Option<NewChange>,
}

impl OpenWrite {
    /// A new one, under the hash of the CRM's id ([`RecordId::for_crm`]). It is refused when that id is linked.
    pub fn create(id: RecordId, two_way: TwoWay, change: impl Into<Option<NewChange>>) -> Self {
        Self { tenant: None, id, expected: None, last_change: 0, two_way, joined: None, change: change.into() }
    }

    /// The next version of `open`.
    pub fn replace(open: &Open, two_way: TwoWay, change: impl Into<Option<NewChange>>) -> Self {
        Self {
            tenant: Some(open.tenant.clone()),
            id: open.id,
            expected: Some((open.version, open.last_change)),
            last_change: open.last_change,
            two_way,
            joined: None,
            change: change.into(),
        }
    }

    /// As the record whose last change had this number: its history goes on.
    #[must_use]
    pub fn continuing(self, last_change: u64) -> Self {
        Self { last_change, ..self }
    }

    /// As one with the record whose last change had this number from now on: its history is told as well.
    #[must_use]
    pub fn joining(self, last_change: u64) -> Self {
        Self { joined: Some(last_change), ..self }
    }

    /// Whether there must be none before it.
    pub(crate) const fn is_new(&self) -> bool {
        self.expected.is_none()
    }

    fn version(&self) -> u64 {
        self.expected.map_or(1, |(v, _)| v + 1)
    }

    pub(crate) fn changed(&self) -> Changed<'_> {
        Changed {
            id: self.id,
            erp_id: None,
            crm_id: self.two_way.crm_id.as_deref(),
            version: self.version(),
            revision: self.two_way.revision,
            prev: self.last_change,
            joined: self.joined,
        }
    }
}

/// Only while the row is as it was read.
fn as_read(write: Write, version: u64, last_change: u64) -> Write {
    write.when("v = :v AND l = :l").value(":v", number(version)).value(":l", number(last_change))
}

impl Tenant {
    /// A record, wherever it lies, consistently.
    pub async fn row(&self, id: RecordId) -> Result<Option<Row>, StoreError> {
        let found = self.calls().batch_get(&[self.keys.record(id), self.keys.open(id)]).await?;
        found.into_iter().next().map(|item| self.read_row(item)).transpose()
    }

    fn read_row(&self, item: Attributes) -> Result<Row, StoreError> {
        if item.contains_key("e") {
            return Ok(Row::Record(Box::new(self.stored(item)?)));
        }
        Ok(Row::Open(Box::new(self.read_open(item)?)))
    }

    /// All records of an object type that only the CRM has, consistently.
    pub async fn open_rows(&self, object: Object) -> Result<Vec<Open>, StoreError> {
        let rows = self.calls().query(&Query::new(self.keys.opens(object), Sort::All)).await?;
        rows.into_iter().map(|item| self.read_open(item)).collect()
    }

    /// What the CRM's id leads to, consistently. `crm` is its hash ([`RecordId::for_crm`]).
    pub async fn find_by_crm(&self, crm: RecordId) -> Result<Option<ByCrm>, StoreError> {
        let found = self.calls().batch_get(&[self.keys.open(crm), self.keys.link(crm)]).await?;
        if found.is_empty() {
            // The two are not read at one moment: it may have become linked between them.
            return self.calls().get(&self.keys.link(crm)).await?.map(linked).transpose();
        }
        let mut open = None;
        for item in found {
            if item.contains_key("rec") {
                return linked(item).map(Some);
            }
            open = Some(ByCrm::Open(Box::new(self.read_open(item)?)));
        }
        Ok(open)
    }

    /// Records whose visit is due at `now`, the longest due first. Only a finder: the rows themselves may have moved on.
    pub async fn due_visits(&self, now: Timestamp, limit: usize) -> Result<Vec<(Timestamp, RecordId)>, StoreError> {
        // The hash mark comes before every character of an id, the tilde after.
        let mut query = Query::new(self.keys.waiting(VISIT), Sort::UpTo(format!("{:014}~", now.as_millisecond())));
        query.todo = true;
        let rows = self.calls().query_first(&query, limit).await?;
        rows.into_iter().map(waiting).collect()
    }

    /// Records that wait for a person, from behind `after`, the longest waiting first. Only a finder.
    pub async fn for_people(
        &self,
        after: Option<(Timestamp, RecordId)>,
        limit: usize,
    ) -> Result<Vec<(Timestamp, RecordId)>, StoreError> {
        let sort = after.map_or(Sort::All, |(at, id)| Sort::After(waiting_sort(at.as_millisecond(), id)));
        let mut query = Query::new(self.keys.waiting(PERSON), sort);
        query.todo = true;
        let rows = self.calls().query_first(&query, limit).await?;
        rows.into_iter().map(waiting).collect()
    }

    /// Records whose deletion waits for the guard. Only a finder.
    pub async fn for_guard(&self) -> Result<Vec<RecordId>, StoreError> {
        let mut query = Query::new(self.keys.waiting(GUARD), Sort::All);
        query.todo = true;
        let rows = self.calls().query(&query).await?;
        rows.into_iter().map(|row| waiting(row).map(|(_, id)| id)).collect()
    }

    fn read_open(&self, item: Attributes) -> Result<Open, StoreError> {
        let fields = Fields::new(item, "open record");
        let id: RecordId = fields.parsed("sk")?;
        Ok(Open {
            tenant: self.id().clone(),
            id,
            version: fields.number("v")?,
            updated_at: fields.time("t")?,
            last_change: fields.number("l")?,
            two_way: read(&fields)?.ok_or_else(|| fields.corrupt())?,
        })
    }

    pub(crate) fn open_write(
        &self,
        write: &OpenWrite,
        change: Option<u64>,
        now: Timestamp,
    ) -> Result<Write, StoreError> {
        if let Some(tenant) = &write.tenant {
            self.own(tenant)?;
        }
        let draft = Draft::new(self.keys.open(write.id))
            .with("v", number(write.version()))
            .with("t", time(now))
            .with("l", number(change.unwrap_or(write.last_change)));
        let draft = self.with_two_way(draft, write.id, Some(&write.two_way))?;
        Ok(match write.expected {
            None => Write::put(draft).when_absent(),
            Some((v, last)) => as_read(Write::put(draft), v, last),
        })
    }

    pub(crate) fn close_write(&self, close: &Close) -> Write {
        as_read(Write::delete(self.keys.open(close.id)), close.version, close.last_change)
    }

    pub(crate) fn link_write(&self, link: &Link) -> Write {
        let to = text(link.to.to_string());
        let draft = Draft::new(self.keys.link(link.crm)).with("rec", to.clone());
        Write::put(draft).when("attribute_not_exists(pk) OR rec = :to").value(":to", to)
    }

    pub(crate) fn relink_write(&self, relink: &Relink) -> Write {
        let to = text(relink.link.to.to_string());
        let draft = Draft::new(self.keys.link(relink.link.crm)).with("rec", to.clone());
        let from = text(relink.from.to_string());
        Write::put(draft).when("rec = :to OR rec = :from").value(":to", to).value(":from", from)
    }

    pub(crate) fn unlink_write(&self, link: &Link) -> Write {
        let to = text(link.to.to_string());
        Write::delete(self.keys.link(link.crm)).when("attribute_not_exists(pk) OR rec = :to").value(":to", to)
    }

    /// The row with its two-way part and its place in the `todo` index.
    pub(crate) fn with_two_way(&self, draft: Draft, id: RecordId, part: Option<&TwoWay>) -> Result<Draft, StoreError> {
        let Some(part) = part else { return Ok(draft) };
        let draft = draft
            .with("s", binary(pack(&part.bytes)?))
            .with("r", number(part.revision))
            .with_some("c", part.crm_id.as_deref().map(text));
        let Some(queue) = part.queue else { return Ok(draft) };
        let (whom, at) = match queue {
            Queue::Visit(at) => (VISIT, at),
            Queue::Person(at) => (PERSON, at),
            Queue::Guard(at) => (GUARD, at),
        };
        let sort = waiting_sort(at.as_millisecond(), id);
        Ok(draft.with("gpk", text(self.keys.waiting(whom).pk)).with("gsk", text(sort)))
    }
}

const VISIT: &str = "VISIT";
const PERSON: &str = "PERSON";
const GUARD: &str = "GUARD";

/// The two-way part of a row, if it has one.
pub(crate) fn read(fields: &Fields) -> Result<Option<TwoWay>, StoreError> {
    if !fields.has("s") {
        return Ok(None);
    }
    let queue = if fields.has("gpk") {
        let (at, _) = of_waiting_sort(fields.text("gsk")?).ok_or_else(|| fields.corrupt())?;
        let at = Timestamp::from_millisecond(at).map_err(|_| fields.corrupt())?;
        match fields.text("gpk")?.rsplit('#').next() {
            Some(VISIT) => Some(Queue::Visit(at)),
            Some(PERSON) => Some(Queue::Person(at)),
            Some(GUARD) => Some(Queue::Guard(at)),
            _ => return Err(fields.corrupt()),
        }
    } else {
        None
    };
    Ok(Some(TwoWay {
        bytes: fields.unpacked("s")?,
        revision: fields.number("r")?,
        queue,
        crm_id: if fields.has("c") { Some(fields.text("c")?.to_owned()) } else { None },
    }))
}

fn linked(item: Attributes) -> Result<ByCrm, StoreError> {
    Fields::new(item, "link").parsed("rec").map(ByCrm::Linked)
}

fn waiting(row: Attributes) -> Result<(Timestamp, RecordId), StoreError> {
    let fields = Fields::new(row, "waiting row");
    let (at, id) = of_waiting_sort(fields.text("gsk")?).ok_or_else(|| fields.corrupt())?;
    Ok((Timestamp::from_millisecond(at).map_err(|_| fields.corrupt())?, id))
}
