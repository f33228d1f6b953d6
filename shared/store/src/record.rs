//! Records: what the CRM reads.
//!
//! Decides how a record is stored and read back. Records are written by
//! commits only, each with the change that describes it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ErpId, Listing, Object, Record, RecordId, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

use crate::change::{Changed, NewChange};
use crate::error::StoreError;
use crate::item::{Attributes, Draft, Fields, number, text, time};
use crate::key::{Key, listing_sort, of_listing_sort};
use crate::reading::{Query, Sort};
use crate::tenant::Tenant;
use crate::twoway::{self, Open, TwoWay};
use crate::write::Write;

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    tenant: TenantId,
    /// Its id.
    pub id: RecordId,
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// Grows by one with every write.
    pub version: u64,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// Since when the ERP no longer has it.
    pub missing_since: Option<Timestamp>,
    /// Its value.
    pub record: Record,
    /// The number of its last change; zero for one that was written before changes were chained.
    pub last_change: u64,
    /// Its two-way part; none for a record that the CRM never touched.
    pub two_way: Option<TwoWay>,
}

impl Stored {
    /// What the CRM names as its revision.
    pub fn revision(&self) -> u64 {
        self.two_way.as_ref().map_or(self.version, |t| t.revision)
    }
}

/// A part of the records of an object type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Records in the order of their ids.
    pub records: Vec<Stored>,
    /// After which id the next part begins; `None` at the end.
    pub next: Option<RecordId>,
}

/// A record to write, with the change that describes the write.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordWrite {
    tenant: Option<TenantId>,
    pub(crate) id: RecordId,
    pub(crate) erp_id: ErpId,
    pub(crate) expected_version: Option<u64>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) missing_since: Option<Timestamp>,
    pub(crate) change: Option<NewChange>,
    two_way: Option<TwoWay>,
    last_change: u64,
    joined: Option<u64>,
    /// Whose open row it follows.
    follows: Option<TenantId>,
    is_gone: bool,
    /// Where it was listed among the documents of a contact, and where it is.
    was_listed: Option<Listing>,
    listing: Option<Listing>,
}

/// A change of a document's place among those of its contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Taken(Listing),
    Left(Listing),
}

impl RecordWrite {
    /// A new record. `bytes` are its canonical bytes ([`Record::to_bytes`]).
    pub fn create(id: RecordId, erp_id: ErpId, bytes: Vec<u8>, change: impl Into<Option<NewChange>>) -> Self {
        Self {
            tenant: None,
            id,
            erp_id,
            expected_version: None,
            bytes,
            missing_since: None,
            change: change.into(),
            two_way: None,
            last_change: 0,
            joined: None,
            follows: None,
            is_gone: false,
            was_listed: None,
            listing: None,
        }
    }

    /// The next version of `stored`, with new content. The ERP has it. The two-way part and the place among the documents
    /// of its contact stay.
    pub fn replace(stored: &Stored, bytes: Vec<u8>, change: impl Into<Option<NewChange>>) -> Self {
        Self {
            tenant: Some(stored.tenant.clone()),
            id: stored.id,
            erp_id: stored.erp_id,
            expected_version: Some(stored.version),
            bytes,
            missing_since: None,
            change: change.into(),
            two_way: stored.two_way.clone(),
            last_change: stored.last_change,
            joined: None,
            follows: None,
            is_gone: false,
            was_listed: stored.record.listing(),
            listing: stored.record.listing(),
        }
    }

    /// With this place among the documents of a contact: [`Record::listing`] of the content that is written.
    #[must_use]
    pub const fn listed(mut self, listing: Option<Listing>) -> Self {
        self.listing = listing;
        self
    }

    /// What changes of its place: nothing in most writes.
    pub(crate) fn listings(&self) -> impl Iterator<Item = Place> + use<> {
        let moved = self.was_listed != self.listing;
        let (left, taken) = (self.was_listed.filter(|_| moved), self.listing.filter(|_| moved));
        left.map(Place::Left).into_iter().chain(taken.map(Place::Taken))
    }

    /// The next version of `stored`, as something that the ERP no longer has.
    pub fn mark_missing(stored: &Stored, since: Timestamp, change: impl Into<Option<NewChange>>) -> Self {
        let bytes = stored.record.to_bytes();
        Self { missing_since: Some(since), ..Self::replace(stored, bytes, change) }
    }

    /// With this two-way part; the one that it has stays when there is none.
    #[must_use]
    pub fn with_two_way(self, part: Option<TwoWay>) -> Self {
        Self { two_way: part.or(self.two_way), ..self }
    }

    /// As a record that has no ERP side any more: its change says so.
    #[must_use]
    pub fn without_erp(self, is_gone: bool) -> Self {
        Self { is_gone, ..self }
    }

    /// Still flagged as missing when `stored` is.
    #[must_use]
    pub fn still_missing(self, stored: &Stored) -> Self {
        Self { missing_since: stored.missing_since, ..self }
    }

    /// As the record that `open` becomes: its history goes on.
    #[must_use]
    pub fn following(self, open: &Open) -> Self {
        let follows = Some(open.tenant().clone());
        Self { last_change: self.last_change.max(open.last_change), follows, ..self }
    }

    /// As the record that `open` is from now on: its history goes on, and that of the record is told as well.
    #[must_use]
    pub fn taken_over_by(self, open: &Open) -> Self {
        let (joined, follows) = (Some(self.last_change), Some(open.tenant().clone()));
        Self { last_change: open.last_change, joined, follows, ..self }
    }

    /// As one with the record whose last change had this number from now on: its history is told as well.
    #[must_use]
    pub fn joining(self, last_change: u64) -> Self {
        Self { joined: Some(last_change), ..self }
    }

    pub(crate) fn changed(&self) -> Changed<'_> {
        Changed {
            id: self.id,
            erp_id: (!self.is_gone).then_some(self.erp_id),
            crm_id: self.two_way.as_ref().and_then(|t| t.crm_id.as_deref()),
            version: self.version(),
            revision: self.two_way.as_ref().map_or(self.version(), |t| t.revision),
            prev: self.last_change,
            joined: self.joined,
        }
    }

    /// The record's id.
    pub const fn id(&self) -> RecordId {
        self.id
    }

    /// The version that is written.
    pub fn version(&self) -> u64 {
        self.expected_version.map_or(1, |v| v + 1)
    }
}

impl Tenant {
    /// A record, consistently.
    pub async fn record(&self, id: RecordId) -> Result<Option<Stored>, StoreError> {
        self.calls().get(&self.keys.record(id)).await?.map(|item| self.stored(item)).transpose()
    }

    /// Those of the records that are there, consistently.
    pub async fn records(&self, ids: &[RecordId]) -> Result<BTreeMap<RecordId, Stored>, StoreError> {
        let keys: Vec<Key> = ids.iter().map(|id| self.keys.record(*id)).collect();
        let items = self.calls().batch_get(&keys).await?;
        items.into_iter().map(|item| self.stored(item).map(|s| (s.id, s))).collect()
    }

    /// At most `limit` records of an object type, in the order of their ids, from behind `after`.
    pub async fn list(
        &self,
        object: Object,
        after: Option<RecordId>,
        limit: usize,
        include_missing: bool,
    ) -> Result<Listed, StoreError> {
        let query = self.listing(object, after, include_missing);
        let mut items = self.calls().query_first(&query, limit + 1).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let records: Vec<Stored> = items.into_iter().map(|item| self.stored(item)).collect::<Result<_, _>>()?;
        let next = if more { records.last().map(|r| r.id) } else { None };
        Ok(Listed { records, next })
    }

    /// At most `limit` documents of a contact, those of the latest date first and those without a date last, from behind
    /// `after`: their dates and ids.
    pub async fn documents_of(
        &self,
        contact: RecordId,
        after: Option<(Option<Date>, RecordId)>,
        limit: usize,
    ) -> Result<Vec<(Option<Date>, RecordId)>, StoreError> {
        let sort = after.map_or(Sort::All, |(date, id)| Sort::Before(listing_sort(date, id)));
        let mut query = Query::new(self.keys.documents_of(contact), sort);
        query.backward = true;
        let items = self.calls().query_first(&query, limit).await?;
        let place = |item| {
            let fields = Fields::new(item, "listing");
            let sort: String = fields.parsed("sk")?;
            of_listing_sort(&sort).ok_or_else(|| fields.corrupt())
        };
        items.into_iter().map(place).collect()
    }

    pub(crate) fn listing_write(&self, document: RecordId, place: Place) -> Write {
        match place {
            Place::Taken(listing) => Write::put(Draft::new(self.keys.listing(listing, document))),
            Place::Left(listing) => Write::delete(self.keys.listing(listing, document)),
        }
    }

    /// How many records of an object type the ERP has.
    pub async fn count(&self, object: Object) -> Result<usize, StoreError> {
        self.calls().count(&self.listing(object, None, false)).await
    }

    fn listing(&self, object: Object, after: Option<RecordId>, include_missing: bool) -> Query {
        let sort = after.map_or(Sort::All, |id| Sort::After(id.to_string()));
        let mut query = Query::new(self.keys.records(object), sort);
        query.filter = (!include_missing).then_some("attribute_not_exists(m)");
        query
    }

    pub(crate) fn stored(&self, item: Attributes) -> Result<Stored, StoreError> {
        let fields = Fields::new(item, "record");
        let bytes = fields.unpacked("b")?;
        Ok(Stored {
            tenant: self.id().clone(),
            id: fields.parsed("sk")?,
            erp_id: fields.parsed("e")?,
            version: fields.number("v")?,
            updated_at: fields.time("t")?,
            missing_since: fields.time_if_any("m")?,
            record: Record::from_bytes(&bytes).map_err(|_| fields.corrupt())?,
            last_change: if fields.has("l") { fields.number("l")? } else { 0 },
            two_way: twoway::read(&fields)?,
        })
    }

    pub(crate) fn record_write(
        &self,
        write: &RecordWrite,
        packed: AttributeValue,
        change: Option<u64>,
        now: Timestamp,
    ) -> Result<Write, StoreError> {
        for tenant in write.tenant.iter().chain(&write.follows) {
            self.own(tenant)?;
        }
        let draft = Draft::new(self.keys.record(write.id))
            .with("v", number(write.version()))
            .with("e", text(write.erp_id.to_string()))
            .with("t", time(now))
            .with_some("m", write.missing_since.map(time))
            .with("b", packed)
            .with("l", number(change.unwrap_or(write.last_change)));
        let draft = self.with_two_way(draft, write.id, write.two_way.as_ref())?;
        Ok(match write.expected_version {
            None => Write::put(draft).when_absent(),
            Some(v) => Write::put(draft).when("v = :v").value(":v", number(v)),
        })
    }
}
