//! The overview of a tenant: what is read for it, and what it shows of that.
//!
//! Reading ([`reading`], [`counts`]) and judging ([`due`], the views) are apart:
//! the views are pure, so that each state of a page can be tested as a value.

mod connection;
mod counts;
mod due;
mod objects;
mod parked;
mod reading;
mod runs;
mod view;

#[cfg(test)]
mod samples;

pub(crate) use counts::Counter;
pub(crate) use reading::{Snapshot, read};
pub(crate) use view::Live;
