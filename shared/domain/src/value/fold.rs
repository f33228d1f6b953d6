//! Cleaning and folding of characters, shared by every value.
//!
//! `clean` decides which characters a value may hold; `fold` decides which
//! differences do not count when two names are compared.

use unicode_normalization::{IsNormalized, UnicodeNormalization, char::canonical_combining_class, is_nfc_quick};

/// Whether `c` shows nothing and only hides or reorders other characters: zero-width, bidi, fillers, tags, controls.
///
/// Joiners are among them, so an emoji of several people falls apart into its
/// parts. Two names that look alike and are not equal would cost more.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether `c` ends a line.
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// `s` without invisible characters, its lines ended by LF and trimmed, every run of blanks one space, no empty line at either end.
pub(super) fn clean(s: &str) -> String {
    if is_clean(s) { s.to_owned() } else { rebuild(s) }
}

fn rebuild(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let (mut lines, mut blank, mut after_cr) = (0_usize, false, false);
    for c in s.chars().filter(|c| !is_invisible(*c)) {
        if is_line_end(c) {
            // CRLF is one line end; those before the text are none.
            let counts = !out.is_empty() && (c != '\n' || !after_cr);
            lines += usize::from(counts);
            blank = false;
        } else if c.is_whitespace() {
            blank = true;
        } else {
            if lines > 0 {
                out.extend(std::iter::repeat_n('\n', lines));
            } else if blank && !out.is_empty() {
                out.push(' ');
            }
            (lines, blank) = (0, false);
            out.push(c);
        }
        after_cr = c == '\r';
    }
    out
}

/// Whether cleaning would leave `s` as it is. Most values are clean, and asking is cheaper than copying by character.
fn is_clean(s: &str) -> bool {
    let mut blank = true;
    for c in s.chars() {
        let is_blank = c == ' ';
        let is_plain =
            c.is_ascii_graphic() || (!c.is_ascii() && !c.is_whitespace() && !is_invisible(c) && !is_line_end(c));
        if !(is_plain || (is_blank && !blank)) {
            return false;
        }
        blank = is_blank;
    }
    !blank || s.is_empty()
}

/// `s` cleaned and on one line.
pub(super) fn clean_line(s: &str) -> String {
    let clean = clean(s);
    if clean.contains('\n') { clean.split('\n').filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ") } else { clean }
}

/// NFC of `s`; ASCII is it already.
pub(super) fn nfc(s: String) -> String {
    if is_nfc_quick(s.chars()) == IsNormalized::Yes { s } else { s.nfc().collect() }
}

/// The lower case of `c`, by way of its upper case so that letters with two lower cases (`σ` and `ς`) become one.
fn lower(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase)
}

/// Letters that are a letter with a stroke or a ligature and do not decompose.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ø' => "o",
        'ħ' => "h",
        'ŧ' => "t",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => return None,
    })
}

/// A key that is equal for texts that differ in case, diacritics, compatibility forms and blanks only.
///
/// Only marks above, below and through a letter are dropped; vowel signs and
/// voicing marks of other scripts make another word and stay.
pub(super) fn fold(s: &str) -> String {
    let mark = |c: &char| matches!(canonical_combining_class(*c), 1 | 200..);
    let mut out = String::with_capacity(s.len());
    for c in s.nfkd().filter(|c| !mark(c)).flat_map(lower).nfkd().filter(|c| !mark(c)) {
        match plain(c) {
            Some(letters) => out.push_str(letters),
            None => out.push(c),
        }
    }
    clean_line(&out)
}

#[cfg(test)]
mod tests {
    use super::super::strategies::hostile;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_counts_as_clean_is_not_changed_by_cleaning(s in hostile()) {
            prop_assert!(!is_clean(&s) || rebuild(&s) == s, "{:?}", s);
            let cleaned = rebuild(&s);
            prop_assert_eq!(clean(&cleaned), cleaned);
        }
    }

    #[test]
    fn ordinary_names_are_clean_and_take_the_short_way() {
        for s in ["", "Žiga Čuček", "1,0 mm Düse", "a"] {
            assert!(is_clean(s), "{s}");
        }
        for s in [" a", "a ", "a  b", "a\tb", "a\nb", "a\u{200b}b", "a\u{a0}b"] {
            assert!(!is_clean(s), "{s:?}");
        }
    }
}
