//! The Metakocka client: what its JSON looks like, what it means, and the calls.
//!
//! Knows everything about the ERP's wire and nothing about who asks: it keeps
//! no state between calls, decides no order of calls and writes nothing down.
//! Time and retry delays are parameters. The wire types stay inside.

pub mod client;
mod convert;
pub mod download;
mod json;
pub mod outbound;
pub mod samples;
pub mod wall_clock;
mod webhook;
mod wire;

pub use client::{Client, ClientConfig, Effect, ErpError};
pub use convert::{IncomingRow, Problem, Refusal, StockRow, aggregate};
pub use download::{DownloadError, Downloaded, Downloader};
pub use json::{Malformed, Reason};
pub use outbound::{AddressRefused, Outbound, Reach, SendError, Sent};
pub use webhook::{NamedProduct, webhook_products};
