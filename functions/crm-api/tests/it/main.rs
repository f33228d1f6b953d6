//! The API on an embedded DynamoDB: who may ask what, and what comes.

mod access;
#[path = "../../../../tests/aws_stub.rs"]
mod aws_stub;
mod binary;
mod connection;
mod documents;
#[path = "../../../../tests/embedded_table.rs"]
mod embedded_table;
#[path = "../../../../tests/function_url.rs"]
mod function_url;
#[path = "../../../../tests/lambda_stub.rs"]
mod lambda_stub;
mod oversight;
mod records;
mod runs;
mod support;
#[path = "../../../../tests/token_signer.rs"]
mod token_signer;
