//! The use cases: what the functions do, with the effects that the pure core asks for.
//!
//! Makes no choices of its own about records: `sync` decides, this crate reads,
//! commits and calls. It never reads the clock or the environment; both come in
//! with [`Services`].

pub mod actions;
pub mod browse;
pub mod connect;
pub mod door;
pub mod events;
pub mod feed;
pub mod files;
pub mod intake;
pub mod keys;
pub mod offering;
pub mod registers;
pub mod runs;
pub mod services;
pub mod story;
pub mod tick;
pub mod twoway;
pub mod work;

mod commit;
mod drive;
mod hints;
mod pacing;
mod reading;
mod writing;

pub use drive::SliceError;
pub use pacing::Busy;
pub use reading::ReadError;
pub use services::{ErpSettings, Services};
