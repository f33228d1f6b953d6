//! What the pages say, in Slovenian and English: texts, numbers, times, plural forms.
//!
//! Decides how a value looks in a language. Must not decide which value a page shows.

mod moment;
mod number;
mod phrases;
mod plural;
mod texts;

pub(crate) use moment::{elapsed, moment};
pub(crate) use number::number;
pub(crate) use phrases::Phrases;
pub(crate) use texts::Texts;
