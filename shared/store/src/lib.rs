//! The single DynamoDB table: keys, entities and the tenant handle.
//!
//! Decides how values become items, which condition guards each write, and what
//! a failed condition means. Must not decide *what* to write: that is the
//! callers' business. It reads no clock and no environment, and it is the only
//! crate that names the DynamoDB client.
//!
//! Everything that belongs to a tenant is a method of [`Tenant`]; keys never
//! leave this crate, so no caller can name a row of another tenant.

mod action;
mod api_key;
mod calls;
mod change;
mod commit;
mod connection;
mod console;
mod delivery;
mod door;
mod due;
mod endpoint;
mod error;
mod file;
mod idempotency;
mod inbox;
mod index;
mod item;
mod key;
mod lease;
mod look;
pub mod metering;
mod pace;
mod park;
mod plan;
mod rate;
mod reading;
mod record;
mod register;
mod run;
mod settings;
mod state;
mod table;
mod tenant;
mod transaction;
mod twoway;
mod write;

pub use action::{ActionRow, ActionWrite};
pub use change::{Change, Decided, NewChange, Side};
pub use commit::{Commit, CommitError, CommitReport};
pub use connection::{Connection, ConnectionState};
pub use console::{ConsoleLink, Session};
pub use delivery::{DeliveryKey, DeliveryRow};
pub use door::SavedDoor;
pub use due::SLOTS;
pub use endpoint::{EventEndpointRow, KeepEndpointError, OUT_SLOTS};
pub use error::{Disposition, StoreError};
pub use file::FileRow;
pub use idempotency::{Begun, IdempotencyToken};
pub use inbox::{InboxEvent, InboxKey, InboxRow, MAX_EVENT_ID, Received};
pub use lease::{Lease, LeaseError, LeaseView};
pub use metering::Meter;
pub use pace::{ClaimError, SearchClaim};
pub use plan::{DeletionApproval, PlanRow};
pub use rate::Taken;
pub use record::{Listed, RecordWrite, Stored};
pub use state::{SavedState, SeenChunk, StateWrite};
pub use table::{Table, client_config};
pub use tenant::{Tenant, VerifiedTenant};
pub use twoway::{ByCrm, Close, Link, Open, OpenWrite, Queue, Relink, Row, TwoWay};
