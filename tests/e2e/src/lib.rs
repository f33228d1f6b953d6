//! The product from outside: start the built runner, call it, stop it.
//!
//! Decides how a scenario reaches the product: over its command line, its
//! addresses and the simulator's control plane, as anyone else would. Must not
//! know what is inside: no crate of the product is used here.

pub mod control;
pub mod customer;
pub mod http;
pub mod lost_answers;
pub mod product;
mod runner;
pub mod waiting;
pub mod webhook;

pub use control::Control;
pub use customer::Customer;
pub use http::{Answer, Caller};
pub use product::{Ended, Product, run_to_end};
pub use waiting::eventually;
