//! The store with the real SDK against an embedded DynamoDB over loopback.

mod actions;
mod commit;
mod connection;
mod console;
mod door;
mod faults;
mod files;
mod idempotency;
mod inbox;
mod isolation;
mod lease;
mod listings;
mod records;
mod support;
mod twoway;
