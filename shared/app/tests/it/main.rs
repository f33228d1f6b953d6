//! Use cases on the real table and the real client, against the simulator.
#![expect(clippy::disallowed_methods, reason = "tests spawn their servers and make a client of the control plane")]

mod actions;
mod crashes;
mod faults;
mod files;
mod log;
mod oversight;
mod sync;
mod twoway;
mod world;
