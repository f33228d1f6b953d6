//! The daily certificate: whether both sides hold the same, and what differs.
//!
//! Decides what stands for a record on each side. The ERP's side is what the
//! last complete reading brought; the CRM's what it has or was told.

use std::collections::BTreeMap;

use domain::fields::owner;
use domain::{ContentHash, Object, Owner};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{StoreError, Tenant};
use sync::certificate::{Certificate, compare};
use sync::twoway::Entry;

use super::rows::{entry_of, entry_of_open};

/// How many differences a certificate lists.
const LISTED: usize = 100;
/// How many records are read at once.
const PAGE: usize = 500;

/// A certificate with what it is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daily {
    /// The day, in UTC.
    pub day: String,
    /// The object type.
    pub object: Object,
    /// When both sides were compared.
    pub at: Timestamp,
    /// What was found.
    pub certificate: Certificate,
}

/// Object types that both sides hold.
pub fn objects() -> impl Iterator<Item = Object> {
    Object::ALL.into_iter().filter(|object| object.is_two_way())
}

/// Compares the sides of an object type and keeps the day's certificate.
pub async fn certify(tenant: &Tenant, object: Object, now: Timestamp) -> Result<Daily, StoreError> {
    let (mut crm, mut erp) = (BTreeMap::new(), BTreeMap::new());
    let mut after = None;
    loop {
        let part = tenant.list(object, after, PAGE, true).await?;
        for stored in &part.records {
            let entry = entry_of(stored)?;
            let is_there = stored.missing_since.is_none() && entry.erp_id.is_some();
            add(&entry, is_there, &mut crm, &mut erp);
        }
        after = part.next;
        if after.is_none() {
            break;
        }
    }
    for open in tenant.open_rows(object).await? {
        add(&entry_of_open(&open)?, false, &mut crm, &mut erp);
    }
    let day = day_of(now);
    let daily = Daily { day, object, at: now, certificate: compare(&crm, &erp, LISTED) };
    let bytes = serde_json::to_vec(&daily).map_err(|_| StoreError::Corrupt { what: "certificate" })?;
    tenant.keep_certificate(&daily.day, object, &bytes).await?;
    Ok(daily)
}

/// Puts a record on the sides that hold it. What was never in the CRM's hands is not compared.
fn add(
    entry: &Entry,
    is_in_erp: bool,
    crm: &mut BTreeMap<String, ContentHash>,
    erp: &mut BTreeMap<String, ContentHash>,
) {
    if entry.crm_id.is_none() || entry.merged.is_some() {
        return;
    }
    let key = entry.id.to_string();
    if entry.crm_deleted_at.is_none() && entry.archived_at.is_none() {
        crm.insert(key.clone(), content(entry, true));
    }
    if is_in_erp {
        erp.insert(key, content(entry, false));
    }
}

/// A record's content as one side has it. Where the sides agreed, the ERP's form stands for both: it rounds and trims.
fn content(entry: &Entry, of_crm: bool) -> ContentHash {
    let mut pieces = entry.erp.clone();
    pieces.retain(|piece| owner(entry.id.object(), piece) == Owner::Both);
    if of_crm {
        for piece in entry.crm.differing(&entry.agreed) {
            if owner(entry.id.object(), piece) == Owner::Both {
                pieces.put(piece, entry.crm.get(piece));
            }
        }
    }
    pieces.hash()
}

/// The day of a moment, in UTC.
fn day_of(now: Timestamp) -> String {
    now.strftime("%Y-%m-%d").to_string()
}

/// The newest certificates.
pub async fn newest(tenant: &Tenant, limit: usize) -> Result<Vec<Daily>, StoreError> {
    let kept = tenant.certificates(limit).await?;
    kept.into_iter()
        .map(|(.., bytes)| serde_json::from_slice(&bytes).map_err(|_| StoreError::Corrupt { what: "certificate" }))
        .collect()
}

/// Keeps the certificates of the day that are not kept yet.
pub(crate) async fn certify_today(tenant: &Tenant, now: Timestamp) -> Result<(), StoreError> {
    let day = day_of(now);
    let kept = tenant.certificates(objects().count()).await?;
    for object in objects() {
        if !kept.iter().any(|(of, what, _)| *of == day && *what == object) {
            let daily = certify(tenant, object, now).await?;
            let certificate = &daily.certificate;
            tracing::info!(object = %object, equal = certificate.equal, differences = certificate.differences.len(), "a certificate");
        }
    }
    Ok(())
}
