//! Decimals as Metakocka writes them: by field.

use domain::value::parse_decimal;
use rust_decimal::Decimal;

/// How a field writes its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `24.8`: prices, sums and amounts of documents. The point is never between thousands.
    Dot,
    /// `7,3`: measures of products, and stock.
    Comma,
    /// `1.895,01`, and `1.895` for 1895: amounts of payments.
    Slovenian,
    /// `1.5` and `1,5`: rows of work orders. The ERP's documentation says of documents that they have a point, yet the one
    /// fraction among its examples of work orders is `1,1`; thousands are set apart in none of them. So both are decimal.
    Either,
    /// Nobody says; what can be read in two ways is refused.
    Unknown,
}

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotDecimal {
    /// It is none.
    Garbage,
    /// It could be one of two.
    Ambiguous,
}

/// The longest text that can be a number of ours.
const MAX_CHARS: usize = 64;

/// The number in `text`.
pub(crate) fn decimal(text: &str, style: Style) -> Result<Decimal, NotDecimal> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    if digits.len() > MAX_CHARS || !digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',')) {
        return Err(NotDecimal::Garbage);
    }
    let plain = plain(digits, style)?;
    parse_decimal(&format!("{sign}{plain}")).map_err(|_| NotDecimal::Garbage)
}

/// The digits with a decimal point at most.
fn plain(digits: &str, style: Style) -> Result<String, NotDecimal> {
    let dots = digits.matches('.').count();
    let commas = digits.matches(',').count();
    match (dots, commas) {
        (0, 0) => Ok(digits.to_owned()),
        (1, 0) => match style {
            Style::Slovenian if grouped(digits) => Ok(digits.replace('.', "")),
            Style::Comma | Style::Unknown if grouped(digits) => Err(NotDecimal::Ambiguous),
            _ => Ok(digits.to_owned()),
        },
        (0, 1) => match style {
            Style::Dot | Style::Unknown if grouped(&digits.replace(',', ".")) => Err(NotDecimal::Ambiguous),
            _ => Ok(digits.replace(',', ".")),
        },
        // Both say which is which, as long as the comma comes last.
        (_, 1) => match digits.split_once(',') {
            Some((whole, fraction)) if grouped(whole) => Ok(format!("{}.{fraction}", whole.replace('.', ""))),
            _ => Err(NotDecimal::Garbage),
        },
        (_, 0) if !matches!(style, Style::Dot | Style::Either) && grouped(digits) => Ok(digits.replace('.', "")),
        _ => Err(NotDecimal::Garbage),
    }
}

/// Whether the points stand where points between thousands would.
fn grouped(digits: &str) -> bool {
    let mut groups = digits.split('.');
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len()) && !first.starts_with('0') && groups.all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn each_way_of_writing_is_read_by_its_field() {
        let cases = [
            ("24.8", Style::Dot, Ok(dec("24.8"))),
            ("2.500", Style::Dot, Ok(dec("2.5"))),
            ("4.0000000000", Style::Dot, Ok(dec("4"))),
            ("19,99", Style::Dot, Ok(dec("19.99"))),
            ("1,895", Style::Dot, Err(NotDecimal::Ambiguous)),
            ("1.895.000", Style::Dot, Err(NotDecimal::Garbage)),
            ("863,75", Style::Comma, Ok(dec("863.75"))),
            ("12,123", Style::Comma, Ok(dec("12.123"))),
            ("1.895,5", Style::Comma, Ok(dec("1895.5"))),
            ("0.125", Style::Comma, Ok(dec("0.125"))),
            ("12.5", Style::Comma, Ok(dec("12.5"))),
            ("1.895", Style::Comma, Err(NotDecimal::Ambiguous)),
            ("-41", Style::Comma, Ok(dec("-41"))),
            ("1.895,01", Style::Slovenian, Ok(dec("1895.01"))),
            ("1.895", Style::Slovenian, Ok(dec("1895"))),
            ("1.234.567", Style::Slovenian, Ok(dec("1234567"))),
            ("0,72", Style::Slovenian, Ok(dec("0.72"))),
            ("53", Style::Slovenian, Ok(dec("53"))),
            ("53.50", Style::Slovenian, Ok(dec("53.5"))),
            ("1.234", Style::Either, Ok(dec("1.234"))),
            ("1,234", Style::Either, Ok(dec("1.234"))),
            ("1,1", Style::Either, Ok(dec("1.1"))),
            ("93", Style::Either, Ok(dec("93"))),
            ("1.895,01", Style::Either, Ok(dec("1895.01"))),
            ("1.234.567", Style::Either, Err(NotDecimal::Garbage)),
            ("1.895", Style::Unknown, Err(NotDecimal::Ambiguous)),
            ("1,895", Style::Unknown, Err(NotDecimal::Ambiguous)),
            ("1,89", Style::Unknown, Ok(dec("1.89"))),
            ("1.2345", Style::Unknown, Ok(dec("1.2345"))),
        ];
        for (text, style, expected) in cases {
            assert_eq!(decimal(text, style), expected, "{text} {style:?}");
        }
    }

    #[test]
    fn garbage_is_no_number_in_any_style() {
        let long = "9".repeat(65);
        for text in [
            "", "-", "abc", "NaN", "inf", "1e999", "1 000", ".", ",", "1,", "1.", ".5", "1,895.01", "1..2", "--1",
            &long,
        ] {
            for style in [Style::Dot, Style::Comma, Style::Slovenian, Style::Either, Style::Unknown] {
                assert_eq!(decimal(text, style), Err(NotDecimal::Garbage), "{text} {style:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_number_written_in_a_style_is_read_back_in_it(cents in -10_000_000_i64..10_000_000) {
            let number = Decimal::new(cents, 2);
            let dot = number.to_string();
            prop_assert_eq!(decimal(&dot, Style::Dot), Ok(number.normalize()));
            prop_assert_eq!(decimal(&dot.replace('.', ","), Style::Comma), Ok(number.normalize()));
            prop_assert_eq!(decimal(&dot.replace('.', ","), Style::Slovenian), Ok(number.normalize()));
        }

        #[test]
        fn no_text_makes_it_crash(text in any::<String>()) {
            let _ = decimal(&text, Style::Unknown);
        }
    }
}
