//! Phone and fax numbers.
//!
//! Decides which entries are numbers that can be dialled and gives those one
//! form, E.164. All else that people type into a phone field (an extension,
//! two numbers, a name) is kept as text, because the ERP holds it and it must
//! be shown.

use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

use super::fold::{clean_line, nfc};
use super::strings::{as_string, redacted};
use crate::{Country, ValueError};

/// The most characters that an entry may have.
const MAX_CHARS: usize = 255;

/// A phone number: E.164 when it is one, else the text that was entered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone {
    text: Box<str>,
    verified: bool,
}

impl Phone {
    /// The number in `s`, or `None` when it is empty.
    ///
    /// A number without a country code is tried in `region` first, then in
    /// Slovenia. The second try makes a stored text mean the same whenever it
    /// is read, whatever region it was entered with.
    pub fn new(s: &str, default_region: Option<Country>) -> Result<Option<Self>, ValueError> {
        const TOO_LONG: ValueError = ValueError::new("phone number", "at most 255 characters");
        if s.len() > 64 * MAX_CHARS {
            return Err(TOO_LONG);
        }
        let text = nfc(clean_line(s));
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().count() > MAX_CHARS {
            return Err(TOO_LONG);
        }
        let number = dialled(&text).and_then(|d| e164(&d, default_region));
        let verified = number.is_some();
        Ok(Some(Self { text: number.unwrap_or(text).into(), verified }))
    }

    /// E.164, or the text as entered.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is a number of an existing plan, in E.164.
    pub const fn is_verified(&self) -> bool {
        self.verified
    }
}

/// What is dialled for `text`: digits, with `+` before an international number. `None` when it holds anything but one number.
fn dialled(text: &str) -> Option<String> {
    let ascii: String = text.nfkc().collect();
    let number = ascii.strip_prefix("tel:").unwrap_or(&ascii).trim();
    let (plus, rest) = match number.strip_prefix('+').or_else(|| number.strip_prefix("(+")) {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    // A trunk zero in brackets is dialled at home only: `+386 (0)31 123 456`.
    let trunk = plus || rest.starts_with("00");
    let rest = if trunk { rest.replacen("(0)", "", 1) } else { rest.to_owned() };
    let mut digits = String::with_capacity(rest.len() + 1);
    if plus {
        digits.push('+');
    }
    for c in rest.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            _ => return None,
        }
    }
    (5..=20).contains(&digits.len()).then_some(digits)
}

/// The E.164 form of what is dialled.
fn e164(digits: &str, region: Option<Country>) -> Option<String> {
    if digits.starts_with('+') {
        return international(digits);
    }
    if let Some(number) = digits.strip_prefix("00").and_then(|rest| international(&format!("+{rest}"))) {
        return Some(number);
    }
    let home = (region != Some(Country::SI)).then_some(Country::SI);
    region.into_iter().chain(home).find_map(|r| national(digits, r))
}

/// The E.164 form of `+` and digits, when a numbering plan has it.
///
/// It is parsed without a region: with one, the library takes the region's trunk prefix off foreign numbers too, and
/// an Italian number loses its zero.
fn international(digits: &str) -> Option<String> {
    let number = phonenumber::parse(None, digits).ok()?;
    phonenumber::is_valid(&number).then(|| format!("+{}{}", number.code().value(), number.national()))
}

/// The E.164 form of digits dialled inside `region`.
fn national(digits: &str, region: Country) -> Option<String> {
    // Northern Ireland dials as the rest of the kingdom does.
    let plan = if region.code() == "XI" { "GB" } else { region.code() };
    let region: phonenumber::country::Id = plan.parse().ok()?;
    let number = phonenumber::parse(Some(region), digits).ok()?;
    // Dialled abroad from there, with the region's own international prefix: see `international` for why not from here.
    let abroad = number.code().source() == phonenumber::country::Source::Idd;
    (!abroad).then(|| international(&format!("+{}{}", number.code().value(), number.national())))?
}

impl FromStr for Phone {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        Self::new(s, None)?.ok_or(ValueError::new("phone number", "not empty"))
    }
}

as_string!(Phone, as_str);
redacted!(Phone, as_str);

#[cfg(test)]
mod tests {
    use super::super::strategies::hostile;
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn phone(s: &str) -> Phone {
        s.parse().expect("an entry")
    }

    fn in_country(s: &str, country: &str) -> Phone {
        Phone::new(s, Some(Country::parse(country).expect("a country"))).expect("short").expect("an entry")
    }

    #[test]
    fn every_way_of_writing_a_number_is_the_same_e164_number() {
        for (number, spellings) in [
            (
                "+38631123456",
                &[
                    "031 123 456",
                    "+386 31 123456",
                    "00386-31-123-456",
                    "031/123-456",
                    "031.123.456",
                    "(031) 123 456",
                    "+386 (0)31 123 456",
                    "00386 (0) 31 123 456",
                    "+386 031 123 456",
                    "38631123456",
                    "tel:+38631123456",
                    "０３１ １２３ ４５６",
                    "031\u{a0}123\u{200b}456",
                    "031–123–456",
                    "(+386) 31 123 456",
                    "31 123 456",
                ][..],
            ),
            ("+38612345678", &["01 234 56 78", "01/234-56-78", "+386 1 234 56 78", "+386 (1) 2345678"]),
            ("+386801234", &["080 12 34", "+386 80 1234"]),
            ("+390669812345", &["+39 06 698 12345", "0039 06 698 12345"]),
            ("+436601234567", &["+43 660 1234567", "0043 660 123 45 67"]),
            ("+385911234567", &["+385 91 123 4567", "+385 (0)91 123 4567"]),
            ("+442079460958", &["+44 (0)20 7946 0958", "+44 20 7946 0958"]),
            ("+16502530000", &["+1 650-253-0000", "001 (650) 253 0000"]),
            ("+38344123456", &["+383 44 123 456"]),
        ] {
            for s in spellings {
                let p = phone(s);
                assert_eq!((p.as_str(), p.is_verified()), (number, true), "{s}");
            }
        }
    }

    #[test]
    fn a_number_without_a_country_code_is_of_the_region_first_and_then_of_slovenia() {
        assert_eq!(in_country("030 123456", "DE").as_str(), "+4930123456");
        assert_eq!(in_country("091 123 4567", "HR").as_str(), "+385911234567");
        assert_eq!(in_country("06 698 12345", "IT").as_str(), "+390669812345");
        assert_eq!(in_country("020 7946 0958", "XI").as_str(), "+442079460958");
        assert_eq!(in_country("(650) 253-0000", "US").as_str(), "+16502530000");
        assert_eq!(in_country("+386 31 123 456", "US").as_str(), "+38631123456");
        assert_eq!(in_country("0039 06 698 12345", "HR").as_str(), "+390669812345");
        assert_eq!(in_country("031 123 456", "US"), phone("031 123 456"));
    }

    #[test]
    fn an_entry_that_is_not_one_number_is_kept_as_text() {
        for (entered, kept) in [
            ("031 123 456  int. 12", "031 123 456 int. 12"),
            ("031 123 456, 041 654 321", "031 123 456, 041 654 321"),
            ("031 123 456 / 041 654 321", "031 123 456 / 041 654 321"),
            ("Janez: 031 123 456", "Janez: 031 123 456"),
            ("  po\n16. uri ", "po 16. uri"),
            ("112", "112"),
            ("0", "0"),
            ("+", "+"),
            ("00", "00"),
            ("+999 123 456", "+999 123 456"),
            ("+386 31", "+386 31"),
            ("031 123 456 789 012 345 678", "031 123 456 789 012 345 678"),
        ] {
            let p = phone(entered);
            assert_eq!((p.as_str(), p.is_verified()), (kept, false), "{entered}");
        }
    }

    #[test]
    fn an_empty_entry_is_none_and_a_long_one_is_refused() {
        assert_eq!(Phone::new(" \u{200b}\n", None), Ok(None));
        assert!(Phone::new(&"1".repeat(255), None).is_ok());
        assert!(Phone::new(&"1".repeat(256), None).is_err());
        assert!(Phone::new(&"1".repeat(10 << 20), None).is_err());
    }

    #[test]
    fn debug_does_not_show_the_number() {
        assert_eq!(format!("{:?}", phone("031 123 456")), "Phone(*** 12)");
    }

    #[test]
    fn no_country_makes_the_library_panic() {
        for country in Country::all() {
            for s in [
                "031 123 456",
                "00386 31 123 456",
                "0",
                "00000",
                "000000000000",
                "99999999999999999999",
                "011 386 31 123 456",
            ] {
                assert!(Phone::new(s, Some(country)).is_ok(), "{country} {s}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_canonical_entry_stays_as_it_is_and_comes_back_equal(
            s in prop_oneof![hostile(), "[+0]{0,3}[0-9]{0,20}", "[+0-9 ()/.\\-]{0,30}", "(00|\\+)?(386|385|39|43|49|1|7|44)[0-9]{4,12}"],
            region in prop::option::of(select(Country::all().collect::<Vec<_>>())),
        ) {
            if let Some(p) = Phone::new(&s, region).expect("short enough") {
                prop_assert_eq!(Phone::new(p.as_str(), None), Ok(Some(p.clone())));
                prop_assert_eq!(Phone::new(p.as_str(), region), Ok(Some(p.clone())));
                let json = serde_json::to_string(&p).expect("a string");
                prop_assert_eq!(serde_json::from_str::<Phone>(&json).expect("canonical"), p);
            }
        }

        #[test]
        fn separators_do_not_matter_in_a_slovenian_number(
            digits in "(31|41|51|40|70|1[2-8]|2[2-8])[2-8][0-9]{5}",
            separators in prop::collection::vec("[ ./-]{0,2}", 8),
            prefix in select(vec!["0", "+386", "+386 ", "00386", "+386 (0)", "386"]),
        ) {
            let spread: String = digits.chars().zip(separators).flat_map(|(c, gap)| [c.to_string(), gap]).collect();
            prop_assert_eq!(phone(&format!("{prefix}{spread}")), phone(&format!("+386{digits}")));
        }
    }
}
