//! What the pages say, in Slovenian and English: texts, numbers, times, plural forms.
//!
//! Decides how a value looks in a language. Must not decide which value a page shows.

mod deed_texts;
mod deeds;
mod documents;
mod fields;
mod file_texts;
mod find_texts;
mod making_texts;
mod moment;
mod number;
mod offer_texts;
mod outcomes;
mod pairs;
mod people_texts;
mod phrases;
mod plain;
mod plural;
mod reasons;
mod story_texts;
mod sync_texts;
mod texts;
mod values;

pub(crate) use deed_texts::DeedTexts;
pub(crate) use fields::{field, piece, pieces};
pub(crate) use file_texts::FileTexts;
pub(crate) use find_texts::FindTexts;
pub(crate) use making_texts::MakingTexts;
pub(crate) use moment::{elapsed, moment};
pub(crate) use number::number;
pub(crate) use offer_texts::OfferTexts;
pub(crate) use outcomes::side;
pub(crate) use people_texts::PeopleTexts;
pub(crate) use phrases::Phrases;
pub(crate) use story_texts::StoryTexts;
pub(crate) use sync_texts::SyncTexts;
pub(crate) use texts::Texts;
pub(crate) use values::{of_piece, optional, value};
