//! Contacts of the CRM as people arrange them: two that are one, and pairs that a person takes apart or joins.
//!
//! Decides what becomes of both records, what is told of each, and what is
//! refused. Nothing is lost by it: what a value was is in the history of the
//! record that had it. Must not write to the ERP: what a merge adds goes there
//! by the visit that any edit gets.

pub mod alias;
pub mod apart;
pub mod merge;

pub(crate) mod names;

pub use alias::{FURTHEST, Lost, Step, Trail};
pub use apart::{Apart, ApartError, let_go, link_to, unlink};
pub use merge::{Built, Merge, Refused, Unmerge, merge, unmerge};
