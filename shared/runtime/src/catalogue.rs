//! The catalogue of codes: what each means, in each language, and whether trying again helps.
//!
//! Decides the texts that people read about an error, over HTTP and in the
//! console. A code is for programs and never changes; a text may.

use http::StatusCode;

use crate::language::Language;

mod texts;

pub use texts::Code;

/// What people read about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// A few words.
    pub title: &'static str,
    /// What happened.
    pub detail: &'static str,
    /// What to do, and whether trying again helps.
    pub remedy: &'static str,
}

impl Code {
    /// The code that a name stands for.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.name() == name)
    }

    /// The HTTP status of an answer with this code.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.status_number()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// What people read about a code by its name, if the catalogue has it: for a failed run or a log entry.
pub fn describe(name: &str, language: Language) -> Option<Text> {
    Code::parse(name).map(|code| code.text(language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_says_in_both_languages_what_happened_and_what_to_do() {
        for &code in Code::ALL {
            let (en, sl) = (code.text(Language::En), code.text(Language::Sl));
            for text in [en, sl] {
                assert!(!text.title.is_empty() && !text.title.ends_with('.'), "{code:?}: {text:?}");
                assert!(text.detail.ends_with('.') && text.remedy.ends_with('.'), "{code:?}: {text:?}");
            }
            for (a, b) in [(en.title, sl.title), (en.detail, sl.detail), (en.remedy, sl.remedy)] {
                assert_ne!(a, b, "{code:?} is not translated");
            }
        }
    }

    #[test]
    fn a_name_is_a_code_once_and_its_status_is_an_error() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for &code in Code::ALL {
            assert!(code.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{code:?}");
            assert_eq!(Code::parse(code.name()), Some(code));
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{code:?}");
        }
        assert_eq!(describe("no_such_code", Language::En), None);
    }

    #[test]
    fn whether_trying_again_helps_agrees_with_the_status() {
        for &code in Code::ALL {
            let status = code.status().as_u16();
            if matches!(status, 429 | 503) {
                assert!(code.is_retryable(), "{code:?}");
            }
            if matches!(status, 400 | 401 | 403 | 404 | 405 | 412 | 413 | 415 | 428) {
                assert!(!code.is_retryable(), "{code:?}");
            }
        }
    }
}
