//! What a company knows and how it changes: the business half of the simulator.
//!
//! Both doors (the ERP's API and the control plane's "app user") change a company
//! through the functions here, so that indexes, change times, stock, reservations
//! and events always move together. No HTTP and no wire format.

pub(crate) mod catalog;
pub(crate) mod company;
pub(crate) mod doctype;
pub(crate) mod documents;
pub(crate) mod extras;
pub(crate) mod indexes;
pub(crate) mod parties;
pub(crate) mod settings;
pub(crate) mod stock;
pub(crate) mod sums;
