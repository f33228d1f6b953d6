//! Two-way synchronisation: the CRM's requests, and visits to what is due.
//!
//! Decides nothing about values: `sync::twoway` does. Here its effects are
//! carried out on the table and the ERP.

pub mod blacklist;
pub mod certificates;
pub mod edit;
pub mod oversight;
pub mod people;
pub mod plans;
pub mod undo;

pub(crate) mod bound;
mod push;
mod references;
pub(crate) mod rows;
mod seen;
pub(crate) mod visit;
