//! What the product uses of the cloud besides its table: the secrets of tenants and the queue of work.
//!
//! Decides how secrets are cached and how work travels. This is the only crate
//! besides `store` that names an `aws_sdk_*` crate. Each service is a trait with
//! two implementations: the one of AWS and a local one with the same semantics.
//! It reads no clock of its own: time comes in as a [`Clock`].

pub mod aws;
pub mod clock;
pub mod error;
pub mod queue;
pub mod secrets;
pub mod work;

pub use clock::Clock;
pub use error::{Disposition, QueueError, SecretsError};
pub use queue::{Delivery, LocalQueue, MAX_DELAY, Queue, QueueSettings, SqsQueue};
pub use secrets::{AwsSecrets, BasicAuth, LocalSecrets, Secrets, TenantSecrets, WebhookSecret};
pub use work::{Work, WorkMessage};
