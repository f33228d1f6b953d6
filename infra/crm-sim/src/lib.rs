//! A small CRM with records of its own, which keeps them in step through the product's public API and nothing else.
//!
//! It is the other end of the two-way tests and of a local run: people edit here, the product carries it to the
//! ERP and back. It shares no code with the product, so that a misreading of the API that both had would show.
//! Everything that can go wrong between the two can be switched on here.

mod books;
mod client;
mod clock;
mod control;
mod fault;
mod follower;
mod journal;
mod make;
mod page;
mod pusher;
mod record;
mod settle;
mod sim;
mod wire;

pub use books::Refused;
pub use client::TokenSource;
pub use clock::Clock;
pub use fault::{FaultKind, Faults};
pub use follower::FollowReport;
pub use pusher::PushReport;
pub use record::{CrmRecord, Life};
pub use settle::Settled;
pub use sim::{Config, Counts, CrmSim, Standing};
pub use wire::{Object, Pieces, Problem};
