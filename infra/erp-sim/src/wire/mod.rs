//! How values look on the wire: strings only, in the forms that the ERP uses.
//!
//! Nothing here decides anything about the business; it turns plain values into
//! text and back.

pub(crate) mod country;
pub(crate) mod document;
pub(crate) mod json;
pub(crate) mod number;
pub(crate) mod partner;
pub(crate) mod product;
pub(crate) mod stock;
pub(crate) mod time;
