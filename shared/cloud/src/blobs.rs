//! Files of tenants, each kept under the hash of its bytes.
//!
//! Decides where a file lies: a key begins with its tenant and is made only by
//! [`TenantBlobs`], so no caller can name another tenant's file. The same bytes
//! twice are one object, and an object never changes. It knows nothing of names
//! and types; the table does.

mod local;
mod none;
mod s3;

pub use local::LocalBlobs;
pub use none::NoBlobs;
pub use s3::S3Blobs;

use async_trait::async_trait;
use bytes::Bytes;
use domain::{BlobHash, TenantId};
use std::sync::Arc;

use crate::error::BlobsError;

/// Where an object lies: `t/<tenant>/<64 hexadecimal digits>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobKey(String);

impl BlobKey {
    fn new(tenant: &TenantId, hash: BlobHash) -> Self {
        Self(format!("t/{tenant}/{hash}"))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a link gives out beside the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkHead {
    /// The `Content-Type`.
    pub content_type: String,
    /// The `Content-Disposition`.
    pub disposition: String,
}

/// A store of objects. Keys come from [`TenantBlobs`].
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Keeps bytes. Nothing happens when the key is there: it is made of the bytes.
    async fn put(&self, key: &BlobKey, bytes: Bytes) -> Result<(), BlobsError>;

    /// The bytes of an object, `None` when there is none; at most `limit` of them are read.
    async fn get(&self, key: &BlobKey, limit: usize) -> Result<Option<Bytes>, BlobsError>;

    /// Whether there is an object.
    async fn exists(&self, key: &BlobKey) -> Result<bool, BlobsError>;

    /// An address that gives the object out for 15 minutes to whoever has it; `None` where the store has no such addresses.
    async fn link(&self, key: &BlobKey, head: &LinkHead) -> Result<Option<String>, BlobsError>;
}

/// The files of one tenant. The tenant is one that was verified; this layer cannot check it.
#[derive(Clone)]
pub struct TenantBlobs {
    blobs: Arc<dyn Blobs>,
    tenant: TenantId,
}

impl TenantBlobs {
    /// The files of a tenant in a store.
    pub fn new(blobs: Arc<dyn Blobs>, tenant: TenantId) -> Self {
        Self { blobs, tenant }
    }

    fn key(&self, hash: BlobHash) -> BlobKey {
        BlobKey::new(&self.tenant, hash)
    }

    /// Keeps bytes and answers with their hash. The same bytes twice are one object.
    pub async fn put(&self, bytes: Bytes) -> Result<BlobHash, BlobsError> {
        let hash = BlobHash::of(&bytes);
        self.blobs.put(&self.key(hash), bytes).await?;
        Ok(hash)
    }

    /// The bytes with a hash, `None` when the tenant has none; more than `limit` are an error. What does not have the
    /// hash is not given out.
    pub async fn get(&self, hash: BlobHash, limit: usize) -> Result<Option<Bytes>, BlobsError> {
        let found = self.blobs.get(&self.key(hash), limit).await?;
        match found {
            Some(bytes) if BlobHash::of(&bytes) != hash => Err(BlobsError::Damaged),
            found => Ok(found),
        }
    }

    /// Whether the tenant has bytes with a hash.
    pub async fn exists(&self, hash: BlobHash) -> Result<bool, BlobsError> {
        self.blobs.exists(&self.key(hash)).await
    }

    /// An address for 15 minutes, where the store has such.
    pub async fn link(&self, hash: BlobHash, head: &LinkHead) -> Result<Option<String>, BlobsError> {
        self.blobs.link(&self.key(hash), head).await
    }
}
