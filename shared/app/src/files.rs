//! The files of documents: what the ERP has attached, what it prints, what carriers gave.
//!
//! Decides when the ERP is asked and what is kept of its answer. The bytes lie in
//! the file store under their hash, what is known of them in the rows of the
//! document. A file that both sides have is one: it is known by its bytes, so
//! what we sent is not taken for news when the ERP shows it.

pub mod attached;
pub mod giving;
mod look;
pub mod made;

pub(crate) use look::read_new;
pub use look::{LookView, ask, look, looked};

use bytes::Bytes;
use cloud::{BlobsError, QueueError, SecretsError, TenantBlobs};
use domain::file::FileKind;
use domain::{BlobHash, Document, FileRefusal, MAX_FILE_BYTES, Record, RecordId};
use erp::{Client, DownloadError, Downloader, ErpError};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use store::{FileRow, StoreError, Stored, Tenant};
use thiserror::Error;

use crate::Services;
use crate::connect::ConnectError;

/// How often a row is read again that somebody else wrote at the same time.
const TRIES: usize = 5;

/// A file to give out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name; clean.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Its bytes' hash.
    pub hash: BlobHash,
    /// How many bytes it has.
    pub size: u64,
}

/// Why there is no file.
#[derive(Debug, Error)]
pub enum FilesError {
    /// There is no such document, or no such file of it.
    #[error("not found")]
    NotFound,
    /// There is no connection, or it is paused.
    #[error("there is no connection to the ERP that may be used")]
    NoConnection,
    /// The file is one that is not kept.
    #[error(transparent)]
    Refused(#[from] FileRefusal),
    /// The ERP prints no such document, or did not send what it should.
    #[error("the ERP has no printed form of the document: {0}")]
    NoReport(&'static str),
    /// There is no proof of delivery.
    #[error("there is no proof of delivery: {0}")]
    NoProof(&'static str),
    /// The file could not be fetched for now.
    #[error("the file could not be fetched: {0}")]
    Unavailable(&'static str),
    /// The ERP did not answer as it should.
    #[error(transparent)]
    Erp(#[from] ErpError),
    /// The connection's address is not one that may be called.
    #[error(transparent)]
    Connection(#[from] Arc<ConnectError>),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file store failed.
    #[error(transparent)]
    Blobs(#[from] BlobsError),
    /// The secrets could not be read.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl From<ConnectError> for FilesError {
    fn from(error: ConnectError) -> Self {
        Self::Connection(Arc::new(error))
    }
}

impl From<DownloadError> for FilesError {
    fn from(error: DownloadError) -> Self {
        match error {
            DownloadError::Refused(why) => Self::Refused(why),
            DownloadError::Unavailable(why) => Self::Unavailable(why),
        }
    }
}

/// The tenant's files in the file store.
pub fn blobs(services: &Services, tenant: &Tenant) -> TenantBlobs {
    TenantBlobs::new(services.blobs.clone(), tenant.id().clone())
}

/// The bytes of a file that was kept; an error of ours when they are not there.
pub async fn bytes_of(services: &Services, tenant: &Tenant, hash: BlobHash) -> Result<Bytes, FilesError> {
    let found = blobs(services, tenant).get(hash, MAX_FILE_BYTES).await?;
    found.ok_or(FilesError::Store(StoreError::Corrupt { what: "kept file" }))
}

/// A document with the version of its record.
struct Found {
    stored: Stored,
    document: Box<Document>,
}

async fn document(tenant: &Tenant, id: RecordId) -> Result<Found, FilesError> {
    let stored = tenant.record(id).await?.ok_or(FilesError::NotFound)?;
    match stored.record.clone() {
        Record::Document(document) => Ok(Found { stored, document }),
        _ => Err(FilesError::NotFound),
    }
}

/// A client of the tenant's company.
async fn client(services: &Services, tenant: &Tenant) -> Result<Client, FilesError> {
    let connection = tenant.connection().await?.ok_or(FilesError::NoConnection)?;
    if matches!(connection.state, store::ConnectionState::Paused { .. }) {
        return Err(FilesError::NoConnection);
    }
    let secrets = services.secrets.get(tenant.id()).await?;
    Ok(crate::reading::client(services, &connection.base_url, &connection.company_id, &secrets)?)
}

/// What goes to addresses that the ERP named. Of this machine only what the configuration allows as an ERP.
fn downloader(services: &Services) -> Result<Downloader, FilesError> {
    let made = Downloader::new(services.erp.allowed.iter().map(String::as_str));
    made.map_err(|e| ConnectError::from(e).into())
}

fn read<T: DeserializeOwned>(row: &FileRow) -> Result<T, StoreError> {
    serde_json::from_slice(&row.bytes).map_err(|_| StoreError::Corrupt { what: "file row" })
}

/// Changes a row to what `change` makes of it, or leaves it where it makes nothing. Reads again when somebody else wrote.
async fn change<T: Serialize + DeserializeOwned>(
    tenant: &Tenant,
    document: RecordId,
    name: &str,
    change: impl Fn(Option<T>) -> Option<T>,
) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let row = tenant.file_row(document, name).await?;
        let Some(next) = change(row.as_ref().map(read).transpose()?) else { return Ok(()) };
        let bytes = serde_json::to_vec(&next).map_err(|_| StoreError::Corrupt { what: "file row" })?;
        match tenant.put_file_row(document, name, row.map_or(0, |row| row.version), &bytes).await {
            Err(StoreError::Conflict) => {}
            done => return done,
        }
    }
    Err(StoreError::Conflict)
}
