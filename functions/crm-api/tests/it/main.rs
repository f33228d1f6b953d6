//! The API on an embedded DynamoDB: who may ask what, and what comes.

mod access;
mod actions;
#[path = "../../../../tests/aws_stub.rs"]
mod aws_stub;
mod binary;
mod bulk;
mod connection;
mod crm;
mod documents;
mod edits;
#[path = "../../../../tests/embedded_table.rs"]
mod embedded_table;
mod endpoints;
mod feed;
mod files;
#[path = "../../../../tests/function_url.rs"]
mod function_url;
mod keys;
#[path = "../../../../tests/lambda_stub.rs"]
mod lambda_stub;
mod links;
mod merging;
mod odd_input;
mod offering;
mod oversight;
mod people;
mod plans;
mod privacy;
mod records;
mod runs;
mod settings;
mod story;
mod support;
#[path = "../../../../tests/token_signer.rs"]
mod token_signer;
mod undo;
