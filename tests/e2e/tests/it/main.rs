//! The whole product: scenarios from outside against the built runner, and properties from inside
//! over every route.

mod bad_input;
mod clock;
mod command_line;
mod comparison;
mod edits;
mod faults;
mod inside;
mod isolation;
mod killed;
mod lost_answers;
mod ready;
mod restart;
mod shared_keys;
#[path = "../../../token_signer.rs"]
mod token_signer;
mod webhooks;
