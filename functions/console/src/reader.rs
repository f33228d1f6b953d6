//! For whom a page is, and the forms in which times, states and faults stand on pages.
//!
//! Decides nothing about what a page shows.

use jiff::Timestamp;
use runtime::{Language, Permission, Role, allows};

use crate::wording::{Phrases, SyncTexts, Texts, moment, number};

/// For whom a page is.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) language: Language,
    pub(crate) role: Role,
    /// The token that the page's forms carry.
    pub(crate) csrf: &'a str,
    /// What the addresses of webhooks begin with.
    pub(crate) webhook_url: &'a str,
    /// Whether the page refreshes by itself.
    pub(crate) is_live: bool,
}

impl Reader<'_> {
    pub(crate) fn texts(&self) -> &'static Texts {
        Texts::of(self.language)
    }

    pub(crate) fn sync_texts(&self) -> &'static SyncTexts {
        SyncTexts::of(self.language)
    }

    pub(crate) const fn phrases(&self) -> Phrases {
        Phrases(self.language)
    }

    pub(crate) fn may(&self, permission: Permission) -> bool {
        allows(self.role, permission)
    }

    pub(crate) fn number(&self, n: u64) -> String {
        number(self.language, n)
    }

    pub(crate) fn when(&self, at: Timestamp) -> When {
        When { iso: at.to_string(), text: moment(self.language, at) }
    }
}

/// A time, for machines and for people.
pub(crate) struct When {
    pub(crate) iso: String,
    pub(crate) text: String,
}

/// A time, or a word in its place.
pub(crate) enum Moment {
    At(When),
    Word(&'static str),
}

impl Moment {
    pub(crate) fn or(when: Option<When>, word: &'static str) -> Self {
        when.map_or(Self::Word(word), Self::At)
    }
}

/// A state in a word, and how it is coloured. The colour says nothing that the word does not.
pub(crate) struct Badge {
    pub(crate) tone: &'static str,
    pub(crate) text: &'static str,
}

/// What went wrong and what to do.
pub(crate) struct Fault {
    pub(crate) title: String,
    pub(crate) detail: &'static str,
    pub(crate) remedy: &'static str,
    pub(crate) code: String,
    /// What the other side said, in its own words.
    pub(crate) message: Option<String>,
}
