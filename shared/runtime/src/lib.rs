//! The glue between Lambda and the product: configuration, telemetry, identity, HTTP answers, batches.
//!
//! Decides who a caller is and how an error looks from outside. It is the one
//! place that reads the environment ([`config`]), the clock ([`clock`]) and that
//! makes a [`store::VerifiedTenant`] ([`auth`]). Must not decide what the product does.

pub mod auth;
pub mod catalogue;
pub mod clock;
pub mod config;
pub mod cursor;
pub mod failure;
pub mod gate;
pub mod http;
pub mod idempotency;
pub mod key;
pub mod language;
pub mod permission;
pub mod problem;
pub mod rate;
pub mod schedule;
pub mod sqs;
pub mod stream;
pub mod telemetry;

pub use auth::{Caller, Callers, ConsoleDoor, Permitted, TokenVerifier, WebhookCall, WebhookVerifier, verify_envelope};
pub use catalogue::Code;
pub use config::{AllowedHosts, ConfigError, Environment};
pub use cursor::{CursorKey, FEED};
pub use failure::Failure;
pub use gate::Gate;
pub use idempotency::Repeated;
pub use key::SigningKey;
pub use language::Language;
pub use permission::{Permission, Role, allows};
pub use problem::{Fault, Problem};
pub use rate::Rates;
