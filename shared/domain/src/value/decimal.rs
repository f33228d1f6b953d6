//! Decimals: one form for one number, in memory and on the wire.
//!
//! A decimal is written as a string, without trailing zeros, exponent or
//! negative zero, so that equal numbers give equal bytes; it is read from
//! strings only, because a JSON number has passed through a float somewhere.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::str::FromStr;

use super::strings::StringVisitor;
use crate::ValueError;

/// The normal form of `d`: no trailing zeros, no negative zero.
pub fn normal(d: Decimal) -> Decimal {
    let d = d.normalize();
    if d.is_zero() { Decimal::ZERO } else { d }
}

/// The number that `s` writes with digits, a point at most and a minus at most. Exact: what does not fit is refused.
pub fn parse_decimal(s: &str) -> Result<Decimal, ValueError> {
    let (negative, unsigned) = s.strip_prefix('-').map_or((false, s), |rest| (true, rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(ValueError::new("decimal number", "digits with a decimal point at most"));
    }
    // Zeros at either end say nothing and would count as digits.
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let number = match fraction {
        "" => Decimal::from_str_exact(&format!("0{whole}")),
        _ => Decimal::from_str_exact(&format!("0{whole}.{fraction}")),
    };
    let number = number.map_err(|_| ValueError::new("decimal number", "at most 28 digits"))?;
    Ok(normal(if negative { -number } else { number }))
}

/// A decimal as it goes through serde.
struct Digits(Decimal);

impl FromStr for Digits {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        parse_decimal(s).map(Self)
    }
}

impl Serialize for Digits {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&normal(self.0))
    }
}

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(StringVisitor::new())
    }
}

/// `#[serde(with)]` for a `Decimal`.
pub mod decimal_text {
    use super::{Decimal, Deserialize, Deserializer, Digits, Serialize, Serializer};

    /// Writes the normal form.
    pub fn serialize<S: Serializer>(d: &Decimal, s: S) -> Result<S::Ok, S::Error> {
        Digits(*d).serialize(s)
    }

    /// Reads a string.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Decimal, D::Error> {
        Digits::deserialize(d).map(|n| n.0)
    }
}

/// `#[serde(with)]` for an `Option<Decimal>`; `None` is null.
pub mod decimal_text_option {
    use super::{Decimal, Deserialize, Deserializer, Digits, Serialize, Serializer};

    /// Writes the normal form or null.
    pub fn serialize<S: Serializer>(d: &Option<Decimal>, s: S) -> Result<S::Ok, S::Error> {
        d.map(Digits).serialize(s)
    }

    /// Reads a string or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Decimal>, D::Error> {
        Option::<Digits>::deserialize(d).map(|n| n.map(|n| n.0))
    }
}

/// `#[serde(with)]` for a list of `Decimal`s.
pub mod decimal_text_list {
    use super::{Decimal, Deserialize, Deserializer, Digits, Serializer};

    /// Writes the normal forms.
    pub fn serialize<S: Serializer>(list: &[Decimal], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(list.iter().copied().map(Digits))
    }

    /// Reads strings.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Decimal>, D::Error> {
        Vec::<Digits>::deserialize(d).map(|list| list.into_iter().map(|n| n.0).collect())
    }
}

/// `#[serde(with)]` for `Decimal`s by name.
pub mod decimal_text_map {
    use super::{Decimal, Deserialize, Deserializer, Digits, Serializer};
    use std::collections::BTreeMap;

    /// Writes the normal forms.
    pub fn serialize<S: Serializer>(map: &BTreeMap<String, Decimal>, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(map.iter().map(|(name, d)| (name, Digits(*d))))
    }

    /// Reads strings.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<String, Decimal>, D::Error> {
        let map = BTreeMap::<String, Digits>::deserialize(d)?;
        Ok(map.into_iter().map(|(name, n)| (name, n.0)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::strategies::hostile;
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sample {
        #[serde(with = "decimal_text")]
        one: Decimal,
        #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal_text_option")]
        maybe: Option<Decimal>,
        #[serde(with = "decimal_text_list")]
        list: Vec<Decimal>,
        #[serde(with = "decimal_text_map")]
        map: BTreeMap<String, Decimal>,
    }

    fn sample(d: Decimal) -> Sample {
        Sample { one: d, maybe: Some(d), list: vec![d, Decimal::ONE], map: BTreeMap::from([("22".to_owned(), d)]) }
    }

    fn json(d: Decimal) -> String {
        serde_json::to_string(&sample(d)).expect("strings")
    }

    #[test]
    fn decimals_are_strings_in_normal_form() {
        for (d, text) in [
            (Decimal::new(2_500_000, 6), "2.5"),
            (Decimal::new(100, 0), "100"),
            (Decimal::new(10_000, 2), "100"),
            (-Decimal::new(0, 3), "0"),
            (Decimal::new(-15, 1), "-1.5"),
            (Decimal::new(1, 28), "0.0000000000000000000000000001"),
            (Decimal::MAX, "79228162514264337593543950335"),
        ] {
            let expected =
                format!(r#"{{"one":"{text}","maybe":"{text}","list":["{text}","1"],"map":{{"22":"{text}"}}}}"#);
            assert_eq!(json(d), expected);
        }
    }

    #[test]
    fn a_missing_or_null_decimal_is_none() {
        for json in [r#"{"one":"1","list":[],"map":{}}"#, r#"{"one":"1","maybe":null,"list":[],"map":{}}"#] {
            assert_eq!(serde_json::from_str::<Sample>(json).expect("valid").maybe, None);
        }
    }

    #[test]
    fn decimals_are_read_exactly_from_plain_digits() {
        for (text, normal) in [
            ("2.5000000000", "2.5"),
            ("007", "7"),
            ("-0", "0"),
            ("-0.00", "0"),
            ("1.00000000000000000000000000000000000000", "1"),
            ("00000000000000000000000000000000000000.1", "0.1"),
            ("79228162514264337593543950335", "79228162514264337593543950335"),
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
        ] {
            assert_eq!(parse_decimal(text).expect(text).to_string(), normal);
        }
        for bad in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "+1",
            "1,5",
            "1_000",
            "1e3",
            " 1",
            "1 ",
            "--1",
            "1.2.3",
            "NaN",
            "inf",
            "1e999",
            "٣",
            "79228162514264337593543950336",
            "0.00000000000000000000000000001",
            "1.00000000000000000000000000001",
        ] {
            assert!(parse_decimal(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn json_numbers_are_refused() {
        for json in [
            r#"{"one":1,"list":[],"map":{}}"#,
            r#"{"one":1.5,"list":[],"map":{}}"#,
            r#"{"one":"1","list":[2],"map":{}}"#,
        ] {
            assert!(serde_json::from_str::<Sample>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn equal_numbers_give_equal_bytes_and_come_back_equal(n in any::<i64>(), scale in 0_u32..12, zeros in 0_u32..9) {
            let d = Decimal::from_i128_with_scale(i128::from(n), scale);
            let longer = Decimal::from_i128_with_scale(i128::from(n) * 10_i128.pow(zeros), scale + zeros);
            prop_assert_eq!(d, longer);
            prop_assert_eq!(json(d), json(longer));
            prop_assert_eq!(serde_json::from_str::<Sample>(&json(longer)).expect("canonical"), sample(d));
            prop_assert_eq!(normal(longer).to_string(), normal(normal(d)).to_string());
        }

        #[test]
        fn hostile_text_is_a_number_or_refused(s in prop_oneof![hostile(), "-?[0-9]{0,32}[.]?[0-9]{0,32}"]) {
            if let Ok(d) = parse_decimal(&s) {
                prop_assert_eq!(parse_decimal(&d.to_string()), Ok(d));
            }
        }
    }
}
