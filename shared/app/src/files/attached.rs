//! The ledger of a document's attached files.

use bytes::Bytes;
use domain::file::{FileKind, judge, name_for};
use domain::{BlobHash, FileRefusal, RecordId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{StoreError, Tenant};

use super::{File, FilesError, blobs, change, document, read};
use crate::Services;

/// What the names of the rows begin with.
pub(super) const ROWS: &str = "FILE#";
/// The most addresses that are remembered of one file.
const ADDRESSES: usize = 20;

/// Whose file it was first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The ERP showed it.
    Erp,
    /// The CRM sent it.
    Crm,
}

/// Whether a file is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Fate {
    /// Its bytes are in the file store.
    Kept {
        /// Their hash.
        hash: BlobHash,
        /// How many they are.
        size: u64,
        /// What they are.
        kind: FileKind,
    },
    /// They are not.
    Refused {
        /// Why.
        why: FileRefusal,
    },
}

/// An attached file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// `fil_` and 32 hexadecimal digits: made of the document and the bytes; of the address when there are no bytes.
    pub id: String,
    /// Its name; clean.
    pub name: String,
    /// Whose it was first.
    pub origin: Origin,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// Whether it is kept.
    pub fate: Fate,
    /// Whether the last look at the ERP showed it; `None` before one did.
    pub in_erp: Option<bool>,
    /// Hashes of its addresses in the ERP, without signatures.
    pub addresses: Vec<String>,
}

impl Attached {
    pub(super) fn row(id: &str) -> String {
        format!("{ROWS}{id}")
    }
}

/// The id of a file of a document.
pub(super) fn id_of(document: RecordId, what: &str) -> String {
    let hash = blake3::hash(format!("{document}#{what}").as_bytes()).to_hex();
    format!("fil_{}", &hash[..32])
}

/// All files of a document, the first seen first.
pub async fn list(tenant: &Tenant, id: RecordId) -> Result<Vec<Attached>, FilesError> {
    document(tenant, id).await?;
    Ok(rows(tenant, id).await?)
}

pub(super) async fn rows(tenant: &Tenant, id: RecordId) -> Result<Vec<Attached>, StoreError> {
    let rows = tenant.file_rows(id, ROWS).await?;
    let mut files = rows.iter().map(read).collect::<Result<Vec<Attached>, _>>()?;
    files.sort_by(|a, b| (a.first_seen, &a.id).cmp(&(b.first_seen, &b.id)));
    Ok(files)
}

/// One file of a document that is kept.
pub async fn one(tenant: &Tenant, id: RecordId, file: &str) -> Result<File, FilesError> {
    document(tenant, id).await?;
    let is_id =
        file.strip_prefix("fil_").is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    let row = if is_id { tenant.file_row(id, &Attached::row(file)).await? } else { None };
    let file: Attached = read(&row.ok_or(FilesError::NotFound)?)?;
    match file.fate {
        Fate::Kept { hash, size, kind } => Ok(File { name: file.name, kind, hash, size }),
        Fate::Refused { why } => Err(why.into()),
    }
}

/// Keeps a file that the CRM sends for a document, before the ERP is told of it. When the ERP shows it, it is known.
pub async fn keep_of_crm(
    services: &Services,
    tenant: &Tenant,
    id: RecordId,
    name: &str,
    said: Option<&str>,
    bytes: Bytes,
) -> Result<Attached, FilesError> {
    document(tenant, id).await?;
    let kind = judge(said, &bytes)?;
    let kept = Kept { name: name_for(Some(name), kind), kind, origin: Origin::Crm, address: None };
    keep(services, tenant, id, kept, bytes).await
}

/// What is known of a file that is to be kept.
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) kind: FileKind,
    pub(super) origin: Origin,
    pub(super) address: Option<String>,
}

/// Keeps bytes, and notes them; the same bytes of one document are one file, whoever brings them.
pub(super) async fn keep(
    services: &Services,
    tenant: &Tenant,
    id: RecordId,
    kept: Kept,
    bytes: Bytes,
) -> Result<Attached, FilesError> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let hash = blobs(services, tenant).put(bytes).await?;
    let now = services.clock.now();
    let fresh = Attached {
        id: id_of(id, &hash.to_string()),
        name: kept.name,
        origin: kept.origin,
        first_seen: now,
        fate: Fate::Kept { hash, size, kind: kept.kind },
        in_erp: kept.address.is_some().then_some(true),
        addresses: kept.address.clone().into_iter().collect(),
    };
    let row = Attached::row(&fresh.id);
    change(tenant, id, &row, |known: Option<Attached>| match (known, &kept.address) {
        (None, _) => Some(fresh.clone()),
        (Some(known), Some(address)) => with_address(known, address),
        (Some(_), None) => None,
    })
    .await?;
    let written = tenant.file_row(id, &row).await?.ok_or(StoreError::Corrupt { what: "file row" })?;
    Ok(read(&written)?)
}

fn with_address(mut file: Attached, address: &str) -> Option<Attached> {
    if file.in_erp == Some(true) && file.addresses.iter().any(|a| a == address) {
        return None;
    }
    file.in_erp = Some(true);
    if !file.addresses.iter().any(|a| a == address) {
        file.addresses.push(address.to_owned());
    }
    let excess = file.addresses.len().saturating_sub(ADDRESSES);
    file.addresses.drain(..excess);
    Some(file)
}

/// Notes that a file of an address is not kept.
pub(super) async fn refuse(
    tenant: &Tenant,
    id: RecordId,
    (name, address): (String, &str),
    why: FileRefusal,
    now: Timestamp,
) -> Result<(), StoreError> {
    let fresh = Attached {
        id: id_of(id, address),
        name,
        origin: Origin::Erp,
        first_seen: now,
        fate: Fate::Refused { why },
        in_erp: Some(true),
        addresses: vec![address.to_owned()],
    };
    change(tenant, id, &Attached::row(&fresh.id), |known: Option<Attached>| {
        let first_seen = known.map_or(now, |known| known.first_seen);
        Some(Attached { first_seen, ..fresh.clone() })
    })
    .await
}

/// Takes back that a file of an address is not kept.
pub(super) async fn accept(tenant: &Tenant, id: RecordId, address: &str) -> Result<(), StoreError> {
    let name = Attached::row(&id_of(id, address));
    match tenant.file_row(id, &name).await? {
        None => Ok(()),
        Some(row) => match tenant.remove_file_row(id, &name, row.version).await {
            // Somebody else looks as well, and it is theirs to say.
            Err(StoreError::Conflict) => Ok(()),
            done => done,
        },
    }
}
