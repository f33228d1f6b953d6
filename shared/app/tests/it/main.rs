//! Use cases on the real table and the real client, against the simulator.
#![expect(clippy::disallowed_methods, reason = "tests spawn their servers and make a client of the control plane")]

mod crashes;
mod faults;
mod log;
mod offering;
mod oversight;
mod sync;
mod twoway;
mod world;
