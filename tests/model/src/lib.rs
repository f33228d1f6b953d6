//! The fault model: the shipped state machines in a world in memory, under every fault, in virtual time.
//!
//! A schedule is a seed. The same seed gives the same trace. The oracles read the
//! ERP's and the CRM's own records, never the engine's opinion of them.

pub mod access;
pub mod acting;
pub mod api;
pub mod arrange;
pub mod bad;
pub mod campaign;
pub mod crm;
pub mod crm_users;
pub mod deeds;
pub mod deletions;
pub mod dice;
pub mod erp;
pub mod erp_users;
pub mod fleet;
pub mod intake;
pub mod mishaps;
pub mod operators;
pub mod oracle;
pub mod people;
pub mod running;
pub mod sending;
pub mod settle;
pub mod table;
pub mod tenant;
pub mod values;
pub mod visiting;
pub mod worker;
pub mod world;

pub use campaign::{IDLE, Summary, schedule, schedules};
