//! Free text: names, titles, notes, codes.

use std::str::FromStr;

use super::fold::{clean, fold, nfc};
use super::strings::as_string;
use crate::ValueError;

/// The most bytes that a text may have.
const MAX_BYTES: usize = 64 * 1024;

/// Text in canonical form, never empty: NFC, trimmed, one space where there were several blanks, LF between lines,
/// no invisible or control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Box<str>);

impl Text {
    /// The text, or `None` when nothing visible is in it.
    pub fn new(s: &str) -> Result<Option<Self>, ValueError> {
        const TOO_LONG: ValueError = ValueError::new("text", "at most 64 KiB");
        let clean = clean(s);
        // Composing shortens by less than four, so what is longer than this cannot become short enough.
        if clean.len() > 4 * MAX_BYTES {
            return Err(TOO_LONG);
        }
        let text = nfc(clean);
        match text.len() {
            0 => Ok(None),
            1..=MAX_BYTES => Ok(Some(Self(text.into()))),
            _ => Err(TOO_LONG),
        }
    }

    /// The text, which must not be empty.
    pub fn required(s: &str) -> Result<Self, ValueError> {
        Self::new(s)?.ok_or(ValueError::new("text", "not empty"))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key for matching: equal for `Žiga`, `ZIGA` and their decomposed forms. Not for showing.
    pub fn key(&self) -> String {
        let key = fold(&self.0);
        // A text of marks alone folds to nothing, which would make all such texts equal.
        if key.is_empty() { self.0.to_string() } else { key }
    }
}

impl FromStr for Text {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        Self::required(s)
    }
}

as_string!(Text, as_str);

#[cfg(test)]
mod tests {
    use super::super::strategies::{hostile, recased, respaced};
    use super::*;
    use proptest::prelude::*;

    fn text(s: &str) -> Text {
        Text::required(s).expect("visible text")
    }

    #[test]
    fn blanks_line_ends_and_invisible_characters_have_one_form() {
        for (entered, canonical) in [
            ("  Kovinoplastika  Lož   d.d. ", "Kovinoplastika Lož d.d."),
            ("a\u{a0}\t b", "a b"),
            ("prva\r\ndruga\rtretja\u{2028}četrta", "prva\ndruga\ntretja\nčetrta"),
            ("\n\n  prva  \n\n   tretja \n", "prva\n\ntretja"),
            ("Z\u{30c}iga", "Žiga"),
            ("A\u{200b}N\u{ad}A\u{feff}", "ANA"),
            ("\u{202e}moc.live\u{202c}", "moc.live"),
            ("a\0b\u{7}c", "abc"),
            ("c\u{200d}\u{30c}", "č"),
        ] {
            assert_eq!(text(entered).as_str(), canonical, "{entered:?}");
        }
    }

    #[test]
    fn text_without_a_visible_character_is_none() {
        for empty in ["", " ", "\r\n\t", "\u{200b}\u{feff}", "\0", "\u{3164}", " \u{202e} "] {
            assert_eq!(Text::new(empty), Ok(None), "{empty:?}");
            assert!(Text::required(empty).is_err(), "{empty:?}");
        }
    }

    #[test]
    fn the_length_limit_counts_canonical_bytes() {
        let most = "č".repeat(MAX_BYTES / 2);
        let decomposed = "c\u{30c}".repeat(MAX_BYTES / 2);
        assert_eq!(text(&format!("{}{most}\n\n", " ".repeat(MAX_BYTES * 8))), text(&decomposed));
        assert!(Text::new(&format!("{most}x")).is_err());
        assert!(Text::new(&"a".repeat(10 << 20)).is_err());
    }

    #[test]
    fn keys_ignore_case_and_diacritics_and_keep_other_letters_apart() {
        for (a, b) in [
            ("Žiga", "ZIGA"),
            ("Z\u{30c}iga", "žiga"),
            ("Đorđe Nikolić", "dorde NIKOLIC"),
            ("Weißstraße", "WEISSSTRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("İstanbul", "istanbul"),
            ("Łódź", "lodz"),
            ("Ｎｏｖａｋ", "novak"),
            ("Ana\nNovak", "ana novak"),
        ] {
            assert_eq!(text(a).key(), text(b).key(), "{a} {b}");
        }
        for (a, b) in [("Žiga", "Žika"), ("か", "が"), ("Ana", "An a"), ("\u{301}", "\u{300}")] {
            assert_ne!(text(a).key(), text(b).key(), "{a} {b}");
        }
    }

    #[test]
    fn a_json_value_that_is_not_text_is_refused_without_being_quoted() {
        for json in ["31123456", "-3112345", "3.25", "true", "null", "{\"31123456\":1}"] {
            let error = serde_json::from_str::<Text>(json).expect_err("not a string").to_string();
            assert!(!error.contains("311") && !error.contains("3.25"), "{error}");
        }
        assert!(serde_json::from_str::<Text>("\"\\ud800\"").is_err());
        assert!(serde_json::from_str::<Text>("\" \"").is_err());
    }

    proptest! {
        #[test]
        fn canonical_text_stays_as_it_is_and_comes_back_equal(s in hostile()) {
            if let Some(t) = Text::new(&s).expect("short enough") {
                prop_assert_eq!(Text::new(t.as_str()), Ok(Some(t.clone())));
                let json = serde_json::to_string(&t).expect("a string");
                prop_assert_eq!(serde_json::from_str::<Text>(&json).expect("canonical"), t);
            }
        }

        #[test]
        fn a_key_of_a_key_is_the_key(s in hostile()) {
            if let Some(key) = Text::new(&s).expect("short enough").map(|t| t.key())
                && let Some(again) = Text::new(&key).expect("short enough") {
                prop_assert_eq!(again.key(), key);
            }
        }

        #[test]
        fn another_spelling_of_a_text_is_the_same_text(
            (s, other) in "[A-Za-zčšžćđČŠŽäöüéèß.,]{1,8}( [A-Za-zčšž]{1,8}){0,3}".prop_flat_map(|s| (Just(s.clone()), respaced(s)))
        ) {
            prop_assert_eq!(text(&s), text(&other));
        }

        #[test]
        fn another_case_of_a_text_has_the_same_key(
            (s, other) in "[A-Za-zčšžćđČŠŽäöüéèßøæł]{1,12}".prop_flat_map(|s| (Just(s.clone()), recased(s)))
        ) {
            prop_assert_eq!(text(&s).key(), text(&other).key());
        }
    }
}
