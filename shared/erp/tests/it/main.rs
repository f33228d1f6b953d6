//! The client against a server that does to the bytes whatever a network can do, and against the ERP simulator.

mod calls;
mod faults;
mod outcomes;
mod pages;
mod secrets;
mod server;
mod simulator;
mod totals;
