//! The decision core of synchronisation: every choice is made here, as values and state machines.
//!
//! Pure: no I/O, no clock, no randomness. A machine takes an input and answers
//! with an effect (plain data); `app` carries effects out on the real table and
//! the real ERP, tests carry them out in memory.

pub mod action;
pub mod breaker;
pub mod bucket;
pub mod certificate;
pub mod contacts;
pub mod delivery;
pub mod door;
pub mod due;
pub mod fold;
pub mod guard;
pub mod id_set;
pub mod index;
pub mod machine;
pub mod matching;
pub mod pass;
pub mod plan;
pub mod registers;
pub mod timeline;
pub mod twoway;
pub mod undo;

mod batch;
mod classify;
mod page;
mod walk;

pub use batch::{Batch, RecordWrite};
pub use due::{Cursor, plan_changes, plan_full, plan_hints, plan_within};
pub use id_set::IdSet;
pub use machine::{Effect, Failure, Input, Machine, StoredRecord, SyncState};
pub use pass::{Filter, Hint, LookupItem, Page, Pass, PassKind, Read, Row, RowOutcome};
