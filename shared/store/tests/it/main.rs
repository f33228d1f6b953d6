//! The store with the real SDK against an embedded DynamoDB over loopback.

mod commit;
mod connection;
mod console;
mod door;
mod faults;
mod idempotency;
mod inbox;
mod isolation;
mod lease;
mod listings;
mod records;
mod support;
mod twoway;
