//! A reader and a writer of JSON that lose nothing: spans of the source instead of values.
//!
//! Metakocka's answers hold strings only, numbers whose text matters, duplicate
//! keys and shapes that differ from call to call. The reader checks the grammar
//! and hands out the raw text of each value, so that a number keeps its digits,
//! an odd shape stays at hand and nothing is copied. What a value means is not
//! decided here.

mod fault;
mod reader;
mod string;
mod writer;

pub use fault::{Malformed, Reason};
pub(crate) use reader::{Outcome, Reader};
pub(crate) use string::unescape;
pub(crate) use writer::Writer;
