//! Objects in a directory, or in memory, with what the bucket promises: whole or not at all, and never changed.

use async_trait::async_trait;
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{fs, io::AsyncWriteExt};

use super::{BlobKey, Blobs, LinkHead};
use crate::error::BlobsError;

/// Objects of this process, or of a directory that outlives it.
pub struct LocalBlobs {
    place: Place,
    drafts: AtomicU64,
}

enum Place {
    Memory(Mutex<BTreeMap<String, Bytes>>),
    Directory(PathBuf),
}

impl LocalBlobs {
    /// Objects that end with the process.
    pub fn in_memory() -> Self {
        Self { place: Place::Memory(Mutex::default()), drafts: AtomicU64::new(0) }
    }

    /// Objects below a directory, which is made when the first is kept.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self { place: Place::Directory(directory.into()), drafts: AtomicU64::new(0) }
    }

    /// How many objects there are; in a directory, those that are kept whole.
    pub fn count(&self) -> usize {
        match &self.place {
            Place::Memory(all) => all.lock().unwrap_or_else(PoisonError::into_inner).len(),
            Place::Directory(directory) => count(directory),
        }
    }

    /// Old or new, never half: a second file that takes the name.
    async fn write_whole(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let Some(directory) = path.parent() else { return Err(io::ErrorKind::InvalidInput.into()) };
        fs::create_dir_all(directory).await?;
        let n = self.drafts.fetch_add(1, Ordering::Relaxed);
        let draft = path.with_extension(format!("{}-{n}.new", std::process::id()));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(&draft).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        fs::rename(&draft, path).await
    }
}

fn count(directory: &Path) -> usize {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => count(&path),
            path => usize::from(path.extension().is_none()),
        })
        .sum()
}

fn refused(error: io::Error) -> BlobsError {
    BlobsError::Refused(error.into())
}

#[async_trait]
impl Blobs for LocalBlobs {
    async fn put(&self, key: &BlobKey, bytes: Bytes) -> Result<(), BlobsError> {
        match &self.place {
            Place::Memory(all) => {
                all.lock().unwrap_or_else(PoisonError::into_inner).insert(key.as_str().to_owned(), bytes);
                Ok(())
            }
            Place::Directory(directory) => {
                let path = directory.join(key.as_str());
                if fs::try_exists(&path).await.map_err(refused)? {
                    return Ok(());
                }
                self.write_whole(&path, &bytes).await.map_err(refused)
            }
        }
    }

    async fn get(&self, key: &BlobKey, limit: usize) -> Result<Option<Bytes>, BlobsError> {
        let found = match &self.place {
            Place::Memory(all) => all.lock().unwrap_or_else(PoisonError::into_inner).get(key.as_str()).cloned(),
            Place::Directory(directory) => {
                let path = directory.join(key.as_str());
                match fs::metadata(&path).await {
                    Ok(meta) if usize::try_from(meta.len()).is_ok_and(|len| len <= limit) => {
                        Some(fs::read(&path).await.map_err(refused)?.into())
                    }
                    Ok(_) => return Err(BlobsError::TooLarge { limit }),
                    Err(e) if e.kind() == io::ErrorKind::NotFound => None,
                    Err(e) => return Err(refused(e)),
                }
            }
        };
        match found {
            Some(bytes) if bytes.len() > limit => Err(BlobsError::TooLarge { limit }),
            found => Ok(found),
        }
    }

    async fn exists(&self, key: &BlobKey) -> Result<bool, BlobsError> {
        match &self.place {
            Place::Memory(all) => Ok(all.lock().unwrap_or_else(PoisonError::into_inner).contains_key(key.as_str())),
            Place::Directory(directory) => fs::try_exists(directory.join(key.as_str())).await.map_err(refused),
        }
    }

    async fn link(&self, _: &BlobKey, _: &LinkHead) -> Result<Option<String>, BlobsError> {
        Ok(None)
    }
}
