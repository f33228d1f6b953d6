//! Tax numbers.
//!
//! Decides one spelling for each number and, where we know the rule, whether
//! the number can be right. A wrong number is kept: the ERP may hold one, and
//! people must see it to correct it.

use std::str::FromStr;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::fold::nfc;
use super::strings::{as_string, redacted};
use crate::{Country, ValueError};

/// The most characters that a number may have: what the ERP's field takes.
const MAX_CHARS: usize = 50;

/// The form of VAT numbers by the prefix of the member state (`EL` is Greece, `XI` Northern Ireland).
///
/// `9` is a digit, `A` a letter, `X` either, `*` also `+` and `*`; all else stands for itself.
const VAT_FORMS: [(&str, &[&str]); 27] = [
    ("AT", &["U99999999"]),
    ("BE", &["9999999999"]),
    ("BG", &["999999999", "9999999999"]),
    ("CY", &["99999999A"]),
    ("CZ", &["99999999", "999999999", "9999999999"]),
    ("DE", &["999999999"]),
    ("DK", &["99999999"]),
    ("EE", &["999999999"]),
    ("EL", &["999999999"]),
    ("ES", &["X9999999X"]),
    ("FI", &["99999999"]),
    ("FR", &["XX999999999"]),
    ("HR", &["99999999999"]),
    ("HU", &["99999999"]),
    ("IE", &["9*99999A", "9999999AA"]),
    ("IT", &["99999999999"]),
    ("LT", &["999999999", "999999999999"]),
    ("LU", &["99999999"]),
    ("LV", &["99999999999"]),
    ("MT", &["99999999"]),
    ("NL", &["999999999B99"]),
    ("PL", &["9999999999"]),
    ("PT", &["999999999"]),
    ("RO", &["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"]),
    ("SE", &["999999999999"]),
    ("SK", &["9999999999"]),
    ("XI", &["999999999", "999999999999", "GD999", "HA999"]),
];

/// What is known of a tax number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// Its check digit is right.
    Valid,
    /// It breaks a rule of its country.
    Invalid,
    /// No rule is known that would tell.
    Unchecked,
}

/// A tax number in canonical form: capital letters and digits without separators, Slovenian ones with `SI`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxNumber(Box<str>);

impl TaxNumber {
    /// The number in `s`, or `None` when there is neither letter nor digit in it.
    pub fn new(s: &str) -> Result<Option<Self>, ValueError> {
        const TOO_LONG: ValueError = ValueError::new("tax number", "at most 50 characters");
        if s.len() > 64 * MAX_CHARS {
            return Err(TOO_LONG);
        }
        let upper: String = s.nfkc().flat_map(char::to_uppercase).collect();
        // `+`, `*` and `&` are parts of Irish and Mexican numbers, all other signs separate.
        let kept = |c: &char| c.is_alphanumeric() && !is_combining_mark(*c) || matches!(c, '+' | '*' | '&');
        // Letters that a separator kept apart may compose once it is gone.
        let number = nfc(upper.nfkc().filter(kept).collect());
        if !number.chars().any(char::is_alphanumeric) {
            return Ok(None);
        }
        let number = with_prefix(number);
        if number.chars().count() > MAX_CHARS {
            return Err(TOO_LONG);
        }
        Ok(Some(Self(number.into())))
    }

    /// The canonical number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number without the prefix of its country: `12345678` of `SI12345678`.
    pub fn without_prefix(&self) -> &str {
        self.split().map_or(&self.0, |(_, rest)| rest)
    }

    /// The country by the prefix, for Slovenia and the other states whose VAT numbers have one.
    pub fn country(&self) -> Option<Country> {
        let (prefix, _) = self.split()?;
        Country::parse(prefix).ok()
    }

    /// Whether it can be right: by check digit for Slovenia, by form for the other states of the VAT area.
    pub fn is_valid(&self) -> Validity {
        let Some((prefix, rest)) = self.split() else {
            return Validity::Unchecked;
        };
        match vat_forms(prefix) {
            None if has_slovenian_check_digit(rest) => Validity::Valid,
            Some(forms) if forms.iter().any(|form| is_of_form(rest, form)) => Validity::Unchecked,
            _ => Validity::Invalid,
        }
    }

    /// Prefix and rest, when the prefix is one of a VAT number and digits follow.
    fn split(&self) -> Option<(&str, &str)> {
        let (prefix, rest) = self.0.split_at_checked(2)?;
        let known = prefix == "SI" || vat_forms(prefix).is_some();
        (known && rest.bytes().any(|b| b.is_ascii_digit())).then_some((prefix, rest))
    }
}

fn vat_forms(prefix: &str) -> Option<&'static [&'static str]> {
    VAT_FORMS.iter().find(|(p, _)| *p == prefix).map(|(_, forms)| *forms)
}

/// Gives a number the prefix under which it is known: `SI` to eight bare digits, `EL` to a Greek number with the ISO code.
fn with_prefix(number: String) -> String {
    if is_of_form(&number, "99999999") {
        return format!("SI{number}");
    }
    match number.strip_prefix("GR") {
        Some(rest) if is_of_form(rest, "999999999") => format!("EL{rest}"),
        _ => number,
    }
}

fn is_of_form(s: &str, form: &str) -> bool {
    s.len() == form.len()
        && s.bytes().zip(form.bytes()).all(|(b, f)| match f {
            b'9' => b.is_ascii_digit(),
            b'A' => b.is_ascii_uppercase(),
            b'X' => b.is_ascii_digit() || b.is_ascii_uppercase(),
            b'*' => b.is_ascii_digit() || b.is_ascii_uppercase() || matches!(b, b'+' | b'*'),
            _ => b == f,
        })
}

/// Whether the last of eight digits is 11 less the weighted sum of the others modulo 11, where 10 is written 0.
///
/// A sum that leaves 0 asks for 11, which no digit is: such numbers are not given out, nor are those with a leading 0.
fn has_slovenian_check_digit(digits: &str) -> bool {
    if !is_of_form(digits, "99999999") || digits.starts_with('0') {
        return false;
    }
    let digit = |b: u8| u32::from(b - b'0');
    let sum: u32 = digits.bytes().take(7).zip((2..=8).rev()).map(|(b, weight)| digit(b) * weight).sum();
    let control = match 11 - sum % 11 {
        11 => return false,
        10 => 0,
        n => n,
    };
    digits.bytes().last().map(digit) == Some(control)
}

impl FromStr for TaxNumber {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        Self::new(s)?.ok_or(ValueError::new("tax number", "not empty"))
    }
}

as_string!(TaxNumber, as_str);
redacted!(TaxNumber, as_str);

#[cfg(test)]
mod tests {
    use super::super::strategies::{hostile, recased};
    use super::*;
    use proptest::prelude::*;

    fn tax(s: &str) -> TaxNumber {
        s.parse().expect("a number")
    }

    #[test]
    fn slovenian_numbers_are_equal_with_and_without_prefix_and_separators() {
        for s in [
            "SI 12345678",
            "si12345678",
            "12345678",
            " 123 456 78 ",
            "SI-12345678",
            "SI.123.456.78",
            "ＳＩ１２３４５６７８",
            "\u{202e}12345678",
        ] {
            assert_eq!(tax(s).as_str(), "SI12345678", "{s}");
        }
        assert_eq!(tax("12345678").without_prefix(), "12345678");
        assert_eq!(tax("12345678").country(), Some(Country::SI));
    }

    #[test]
    fn numbers_of_slovenian_companies_pass_the_check() {
        for s in ["82646716", "SI80267432", "98511734", "SI 45884595", "SI91132550", "80040306"] {
            assert_eq!(tax(s).is_valid(), Validity::Valid, "{s}");
        }
    }

    #[test]
    fn wrong_slovenian_numbers_are_kept_and_told() {
        // The last two: a sum that asks for 11, and a leading zero.
        for s in
            ["12345678", "SI82646717", "SI28646716", "SI1234567", "SI123456789", "10000100", "10000101", "00000000"]
        {
            assert_eq!(tax(s).is_valid(), Validity::Invalid, "{s}");
        }
    }

    #[test]
    fn foreign_numbers_keep_their_prefix_and_are_checked_by_form() {
        for (s, canonical, country) in [
            ("ATU 12345678", "ATU12345678", "AT"),
            ("hr-12345678901", "HR12345678901", "HR"),
            ("IT 01234567890", "IT01234567890", "IT"),
            ("DE 123 456 789", "DE123456789", "DE"),
            ("NL123456789B01", "NL123456789B01", "NL"),
            ("IE 1+23456A", "IE1+23456A", "IE"),
            ("GR123456789", "EL123456789", "GR"),
            ("EL 123456789", "EL123456789", "GR"),
            ("XI 123 4567 89", "XI123456789", "XI"),
        ] {
            let t = tax(s);
            assert_eq!((t.as_str(), t.is_valid()), (canonical, Validity::Unchecked), "{s}");
            assert_eq!(t.country().map(|c| c.code()), Some(country), "{s}");
        }
        for s in ["HR1234567890", "ATU1234567", "DE12345678A", "NL123456789C01", "RO1"] {
            assert_eq!(tax(s).is_valid(), Validity::Invalid, "{s}");
        }
        for s in [
            "CHE-123.456.789 MWST",
            "US 12-3456789",
            "1234567",
            "123456789",
            "DELTA",
            "neznana",
            "SI",
            "I",
            "XAXX010101&Ñ0",
        ] {
            assert_eq!(tax(s).is_valid(), Validity::Unchecked, "{s}");
            assert_eq!(tax(s).country(), None, "{s}");
        }
    }

    #[test]
    fn an_entry_without_letter_or_digit_is_none_and_a_long_one_is_refused() {
        for empty in ["", " ", "-", "/", "***", "\u{200b}"] {
            assert_eq!(TaxNumber::new(empty), Ok(None), "{empty}");
        }
        assert!(TaxNumber::new(&"1".repeat(50)).is_ok());
        assert!(TaxNumber::new(&"1".repeat(51)).is_err());
        assert!(TaxNumber::new(&"1".repeat(10 << 20)).is_err());
    }

    #[test]
    fn every_prefix_names_a_country() {
        for (prefix, _) in VAT_FORMS {
            assert!(Country::parse(prefix).is_ok(), "{prefix}");
        }
    }

    #[test]
    fn debug_does_not_show_the_number() {
        assert_eq!(format!("{:?}", tax("12345678")), "TaxNumber(*** 10)");
    }

    proptest! {
        #[test]
        fn a_canonical_number_stays_as_it_is_and_comes_back_equal(s in prop_oneof![hostile(), "[A-Za-z]{0,2}[0-9 ]{0,12}"]) {
            if let Ok(Some(t)) = TaxNumber::new(&s) {
                prop_assert_eq!(TaxNumber::new(t.as_str()), Ok(Some(t.clone())));
                let json = serde_json::to_string(&t).expect("a string");
                prop_assert_eq!(serde_json::from_str::<TaxNumber>(&json).expect("canonical"), t);
            }
        }

        #[test]
        fn another_spelling_of_a_number_is_the_same_number(
            (s, other) in "(si|hr|atu)?[0-9]{8}".prop_flat_map(|s| (Just(s.clone()), recased(s)))
        ) {
            prop_assert_eq!(tax(&s), tax(&other));
        }

        #[test]
        fn one_check_digit_at_most_is_right_and_a_wrong_digit_is_found(
            first in "[1-9][0-9]{6}", at in 0_usize..8, by in 1_u8..10,
        ) {
            let right: Vec<String> = (0..10).map(|d| format!("{first}{d}")).filter(|n| tax(n).is_valid() == Validity::Valid).collect();
            prop_assert!(right.len() <= 1);
            if let Some(number) = right.first() {
                let wrong: String = number.bytes().enumerate()
                    .map(|(i, b)| char::from(if i == at { b'0' + (b - b'0' + by) % 10 } else { b }))
                    .collect();
                prop_assert_eq!(tax(&wrong).is_valid(), Validity::Invalid);
            }
        }
    }
}
