//! Drives the simulator over real HTTP, as its users do.

mod documents;
mod envelope;
mod faults;
mod files;
mod partners;
mod search;
mod state;
mod webhooks;
mod world;
