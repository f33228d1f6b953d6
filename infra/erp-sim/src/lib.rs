//! A stateful Metakocka over HTTP: the ERP's API, its habits and its failures, on a clock that tests can move.
//!
//! It is the other side of every local run and every integration test. It knows nothing
//! of the product and shares no code with the product's client, so that a mistake in the
//! one cannot hide a mistake in the other. Where the real ERP is undocumented a switch of
//! the company decides.

mod api;
mod clock;
mod control;
mod downloads;
mod fault;
mod gate;
mod journal;
pub mod model;
mod pages;
mod pdf;
pub mod seed;
mod server;
mod sim;
mod state;
mod webhook;
mod wire;

pub use clock::Clock;
pub use sim::{CompanySpec, Sim, SimConfig};
