//! Currencies by ISO 4217 code.

use std::{fmt, str::FromStr};

use super::strings::as_string;
use crate::ValueError;

/// A currency: three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The currency with the code `s`, in any case and with blanks around it.
    pub fn parse(s: &str) -> Result<Self, ValueError> {
        match s.trim().as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|l| l.is_ascii_alphabetic()) => {
                Ok(Self([*a, *b, *c].map(|l| l.to_ascii_uppercase())))
            }
            _ => Err(ValueError::new("currency", "three letters")),
        }
    }

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the constructor takes ASCII letters only")
    }

    /// Digits after the decimal point that amounts in it have.
    pub const fn minor_digits(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        Self::parse(s)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({})", self.code())
    }
}

as_string!(Currency, code);

#[cfg(test)]
mod tests {
    use super::super::strategies::hostile;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_currency_is_three_letters_in_any_case() {
        for s in ["EUR", "eur", " Eur\n"] {
            assert_eq!(Currency::parse(s), Ok(Currency::EUR), "{s:?}");
        }
        for bad in ["", "EU", "EURO", "€", "E1R", "ČŠŽ", "E R", "č€"] {
            assert!(Currency::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{} {:?}", Currency::EUR, Currency::EUR), "EUR Currency(EUR)");
    }

    #[test]
    fn minor_digits_are_those_of_iso_4217() {
        for (code, digits) in [
            ("EUR", 2),
            ("USD", 2),
            ("HUF", 2),
            ("RSD", 2),
            ("JPY", 0),
            ("ISK", 0),
            ("KRW", 0),
            ("KWD", 3),
            ("TND", 3),
            ("CLF", 4),
        ] {
            assert_eq!(Currency::parse(code).expect(code).minor_digits(), digits, "{code}");
        }
    }

    proptest! {
        #[test]
        fn a_currency_comes_back_equal(s in prop_oneof![hostile(), "[ ]{0,2}[A-Za-z]{3}[ ]{0,2}"]) {
            if let Ok(currency) = Currency::parse(&s) {
                prop_assert_eq!(Currency::parse(currency.code()), Ok(currency));
                let json = serde_json::to_string(&currency).expect("a string");
                prop_assert_eq!(serde_json::from_str::<Currency>(&json).expect("canonical"), currency);
            }
        }
    }
}
