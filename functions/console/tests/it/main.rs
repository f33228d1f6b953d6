//! The console on an embedded DynamoDB: who comes in, what each page shows to whom, what it costs.

#[path = "../../../../tests/aws_stub.rs"]
mod aws_stub;
mod binary;
mod both_sides;
mod decisions;
mod deeds;
mod door;
#[path = "../../../../tests/embedded_table.rs"]
mod embedded_table;
#[path = "../../../../tests/function_url.rs"]
mod function_url;
mod isolation;
#[path = "../../../../tests/lambda_stub.rs"]
mod lambda_stub;
mod offering;
mod orders;
mod overview;
mod pages;
mod people;
mod plans;
mod settings;
mod story;
mod support;
mod undo;
