//! What can be sold: which record is meant, what is there of a product, and who asks for its price.
//!
//! Decides nothing: `domain::availability` and `domain::pricing` do. This finds
//! the records that they need, with few reads whatever the number of lines.

use std::collections::BTreeMap;

use domain::availability::{Known, Outlook, outlook};
use domain::{Object, Product, Record, RecordId};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::civil::Date;
use store::{ByCrm, StoreError, Stored, Tenant};

use crate::Services;
use crate::work::load;

/// Ids of the CRM that are followed side by side.
const FOLLOWED: usize = 8;

/// What an id leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// A record that the ERP has or had.
    Record(Box<Stored>),
    /// A record of the CRM that the ERP does not have yet.
    Open,
}

/// The day that it is where the ERP is.
pub fn today(services: &Services) -> Date {
    erp::wall_clock::day(services.clock.now())
}

/// What each of these ids leads to, ours or the CRM's; one that leads nowhere is not in it.
pub async fn find(
    tenant: &Tenant,
    object: Object,
    ids: impl IntoIterator<Item = &str>,
) -> Result<BTreeMap<String, Meant>, StoreError> {
    let follow = async |id: &str| -> Result<Option<(String, Option<RecordId>)>, StoreError> {
        if let Ok(record) = id.parse::<RecordId>() {
            return Ok((record.object() == object).then(|| (id.to_owned(), Some(record))));
        }
        let crm = RecordId::for_crm(tenant.id(), object, id);
        Ok(tenant.find_by_crm(crm).await?.map(|found| match found {
            ByCrm::Linked(record) => (id.to_owned(), Some(record)),
            ByCrm::Open(_) => (id.to_owned(), None),
        }))
    };
    let different: std::collections::BTreeSet<&str> = ids.into_iter().collect();
    let followed: Vec<_> = stream::iter(different).map(follow).buffered(FOLLOWED).try_collect().await?;
    let followed: Vec<(String, Option<RecordId>)> = followed.into_iter().flatten().collect();
    let mut records: Vec<RecordId> = followed.iter().filter_map(|(_, record)| *record).collect();
    records.sort_unstable();
    records.dedup();
    let stored = tenant.records(&records).await?;
    let meant = |(id, record): (String, Option<RecordId>)| match record {
        None => Some((id, Meant::Open)),
        Some(record) => Some((id, Meant::Record(Box::new(stored.get(&record)?.clone())))),
    };
    Ok(followed.into_iter().filter_map(meant).collect())
}

/// What there is of a product, by its record.
pub async fn of_product(tenant: &Tenant, product: &Stored, today: Date) -> Result<Outlook, StoreError> {
    let id = RecordId::for_erp(tenant.id(), Object::Stock, product.erp_id);
    let stock = tenant.record(id).await?;
    // Only what has no stock needs to know whether stock was ever read.
    let is_read = match &stock {
        Some(_) => true,
        None => load(tenant).await?.state.cursors.get(&Object::Stock).is_some_and(|cursor| cursor.full_at.is_some()),
    };
    Ok(of_records(Some(product.into()), stock.as_ref().map(Seen::from), is_read, today))
}

/// A record, and whether the ERP no longer has it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The record.
    pub record: &'a Record,
    /// The ERP no longer has it.
    pub is_missing: bool,
}

impl<'a> From<&'a Stored> for Seen<'a> {
    fn from(stored: &'a Stored) -> Self {
        Self { record: &stored.record, is_missing: stored.missing_since.is_some() }
    }
}

/// What there is of a product whose records are known. Stock that the ERP no longer shows is none.
pub fn of_records(product: Option<Seen<'_>>, stock: Option<Seen<'_>>, is_read: bool, today: Date) -> Outlook {
    let stock = stock.filter(|stock| !stock.is_missing).and_then(|stock| match stock.record {
        Record::Stock(stock) => Some(&**stock),
        _ => None,
    });
    let gone = product.is_some_and(|product| product.is_missing);
    let product = product.and_then(|product| as_product(product.record));
    outlook(Known { product, gone, stock, is_read }, today)
}

/// The product that a record is.
pub fn as_product(record: &Record) -> Option<&Product> {
    match record {
        Record::Product(product) => Some(&**product),
        _ => None,
    }
}
