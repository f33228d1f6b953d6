//! No store: for functions that give out no files and keep none.

use async_trait::async_trait;
use bytes::Bytes;

use super::{BlobKey, Blobs, LinkHead};
use crate::error::BlobsError;

/// A store that refuses every call, so that a function without rights to files shows it at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBlobs;

fn refused<T>() -> Result<T, BlobsError> {
    Err(BlobsError::Refused("this function has no file store".into()))
}

#[async_trait]
impl Blobs for NoBlobs {
    async fn put(&self, _: &BlobKey, _: Bytes) -> Result<(), BlobsError> {
        refused()
    }

    async fn get(&self, _: &BlobKey, _: usize) -> Result<Option<Bytes>, BlobsError> {
        refused()
    }

    async fn exists(&self, _: &BlobKey) -> Result<bool, BlobsError> {
        refused()
    }

    async fn link(&self, _: &BlobKey, _: &LinkHead) -> Result<Option<String>, BlobsError> {
        refused()
    }
}
