//! The function that sends events, on an embedded DynamoDB and against a receiver on this machine.
#![expect(clippy::disallowed_methods, reason = "a receiver of a test runs beside it")]

#[path = "../../../../tests/embedded_table.rs"]
mod embedded_table;
#[path = "../../../../tests/lambda_stub.rs"]
mod lambda_stub;

mod asked;
mod binary;
mod faults;
mod receiver;
mod sending;
mod world;
