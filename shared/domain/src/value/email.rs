//! E-mail addresses.

use std::str::FromStr;

use super::fold::{clean, nfc};
use super::strings::{as_string, redacted};
use crate::ValueError;

/// The most characters that an address may have, by RFC 5321.
const MAX_CHARS: usize = 254;

/// An e-mail address in canonical form: lower case, one `@`, no blanks.
///
/// The part before the `@` is lower case too. RFC 5321 lets a server tell
/// `Ana@` from `ana@`, but none that people use does, while the same mailbox
/// comes in different cases from the two sides; kept apart, it would be two
/// persons. A domain in its own script stays as it is written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(Box<str>);

impl Email {
    /// The address in `s`.
    pub fn parse(s: &str) -> Result<Self, ValueError> {
        const TOO_LONG: ValueError = ValueError::new("e-mail address", "at most 254 characters");
        if s.len() > 64 * MAX_CHARS {
            return Err(TOO_LONG);
        }
        let address = nfc(clean(s).chars().flat_map(char::to_lowercase).collect());
        if address.chars().count() > MAX_CHARS {
            return Err(TOO_LONG);
        }
        // These mean a list of addresses or a name beside the address.
        let foreign = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | ':' | '<' | '>' | '"');
        if address.contains(foreign) {
            return Err(ValueError::new("e-mail address", "one address without blanks and separators"));
        }
        match address.split_once('@') {
            Some((local, domain)) if !local.is_empty() && is_domain(domain) => Ok(Self(address.into())),
            _ => Err(ValueError::new("e-mail address", "a name, one @ and a domain")),
        }
    }

    /// The canonical address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

fn is_domain(s: &str) -> bool {
    !s.contains('@') && s.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

impl FromStr for Email {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        Self::parse(s)
    }
}

as_string!(Email, as_str);
redacted!(Email, as_str);

#[cfg(test)]
mod tests {
    use super::super::strategies::{hostile, recased};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_lower_case_without_blanks_around_it() {
        for (entered, canonical) in [
            (" Info@Podjetje.SI ", "info@podjetje.si"),
            ("Ana.Novak+narocila@gmail.com", "ana.novak+narocila@gmail.com"),
            ("o'brien@example.ie", "o'brien@example.ie"),
            ("info@C\u{30c}EBELA.si", "info@čebela.si"),
            ("info@xn--ebela-53a.si", "info@xn--ebela-53a.si"),
            ("ana@\u{200b}example.com", "ana@example.com"),
        ] {
            let email = Email::parse(entered).expect(entered);
            assert_eq!(email.as_str(), canonical);
        }
        assert_eq!(Email::parse("a@b.si").expect("valid").domain(), "b.si");
    }

    #[test]
    fn what_is_not_one_address_is_refused() {
        for bad in [
            "",
            " ",
            "@",
            "ana",
            "ana@",
            "@b.si",
            "a@b@c.si",
            "a b@c.si",
            "a@b c.si",
            "a@b.si, c@d.si",
            "a@b.si,c",
            "a@b.si;",
            "<a@b.si>",
            "Ana <a@b.si>",
            "mailto:a@b.si",
            "a@.si",
            "a@b..si",
            "a@b.si.",
            "a@-b.si",
            "a@b-.si",
            "a\n@b.si",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_length_limit_is_254_characters() {
        let domain = format!("{}.si", "d".repeat(60));
        let local = "a".repeat(254 - 1 - domain.len());
        assert!(Email::parse(&format!("{local}@{domain}")).is_ok());
        assert!(Email::parse(&format!("a{local}@{domain}")).is_err());
        assert!(Email::parse(&"a@b.si".repeat(1 << 20)).is_err());
    }

    #[test]
    fn debug_and_errors_do_not_show_the_address() {
        let email = Email::parse("ana.novak@example.com").expect("valid");
        assert_eq!(format!("{email:?}"), "Email(*** 21)");
        let error = serde_json::from_str::<Email>("\"ana.novak\"").expect_err("no @").to_string();
        assert!(!error.contains("ana"), "{error}");
    }

    proptest! {
        #[test]
        fn a_canonical_address_stays_as_it_is_and_comes_back_equal(s in prop_oneof![hostile(), "[A-Za-zčŽ.+-]{1,9}@[A-Za-z.čŽ-]{1,9}"]) {
            if let Ok(email) = Email::parse(&s) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
                let json = serde_json::to_string(&email).expect("a string");
                prop_assert_eq!(serde_json::from_str::<Email>(&json).expect("canonical"), email);
            }
        }

        #[test]
        fn another_spelling_of_an_address_is_the_same_address(
            (s, other) in "[a-zčšž0-9.+]{1,9}@[a-zčšž]{1,9}\\.si".prop_flat_map(|s| (Just(s.clone()), recased(s)))
        ) {
            prop_assert_eq!(Email::parse(&s), Email::parse(&other));
        }
    }
}
