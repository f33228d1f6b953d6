//! What the product uses of the cloud besides its table: the secrets of tenants, their files, and the queue of work.
//!
//! Decides how secrets are cached, where files lie and how work travels. This is the only crate
//! besides `store` that names an `aws_sdk_*` crate. Each service is a trait with
//! two implementations: the one of AWS and a local one with the same semantics.
//! It reads no clock of its own: time comes in as a [`Clock`].

pub mod aws;
pub mod blobs;
pub mod clock;
pub mod error;
pub mod queue;
pub mod secrets;
pub mod work;

pub use blobs::{BlobKey, Blobs, LinkHead, LocalBlobs, NoBlobs, S3Blobs, TenantBlobs};
pub use clock::Clock;
pub use error::{BlobsError, Disposition, QueueError, SecretsError};
pub use queue::{Delivery, LocalQueue, MAX_DELAY, Queue, QueueSettings, SqsQueue};
pub use secrets::{AwsSecrets, BasicAuth, EventSecret, LocalSecrets, Secrets, TenantSecrets, WebhookSecret};
pub use work::{Work, WorkMessage};
