//! Use cases on the real table and the real client, against the simulator.
#![expect(clippy::disallowed_methods, reason = "tests spawn their servers and make a client of the control plane")]

mod actions;
mod addresses;
mod blacklist;
mod budget;
mod crashes;
mod door;
mod faults;
mod files;
mod log;
mod matching;
mod odd_data;
mod offering;
mod oversight;
mod people;
mod story;
mod sync;
mod twoway;
mod types;
mod world;
