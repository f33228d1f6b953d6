//! Decimals in the three forms of the wire, and reading the forms that requests use.

use rust_decimal::{Decimal, RoundingStrategy};
use std::fmt::Write as _;

/// `24.8`: documents, sums, prices.
pub(crate) fn dot(value: Decimal) -> Decimal {
    value.normalize()
}

/// `863,75`: products and stock.
pub(crate) fn comma(value: Decimal) -> String {
    value.normalize().to_string().replace('.', ",")
}

/// `1.895,01`, `53`: amounts of payments on a document.
pub(crate) fn slovenian(value: Decimal) -> String {
    let value = cents(value);
    let whole = value.trunc();
    let digits = whole.abs().to_string();
    let mut text = String::with_capacity(digits.len() + 8);
    if value.is_sign_negative() && !value.is_zero() {
        text.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    if value != whole {
        let fraction = ((value - whole).abs() * Decimal::ONE_HUNDRED).trunc();
        // Writing to a string cannot fail.
        let _ = write!(text, ",{fraction:0>2}");
    }
    text
}

/// Rounds half up (away from zero) to two places.
pub(crate) fn cents(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Always two places: `122.00`.
pub(crate) fn two_places(value: Decimal) -> Decimal {
    let mut value = cents(value);
    value.rescale(2);
    value
}

/// Reads what a request may hold: a dot or a comma, no thousands.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let text = text.trim();
    if text.is_empty() || text.len() > 40 {
        return None;
    }
    if text.contains(',') { text.replace(',', ".").parse().ok() } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn payments_use_slovenian_thousands() {
        for (value, text) in [
            ("1895.01", "1.895,01"),
            ("53", "53"),
            ("1895", "1.895"),
            ("0.72", "0,72"),
            ("-1234567.5", "-1.234.567,50"),
        ] {
            assert_eq!(slovenian(decimal(value)), text);
        }
    }

    #[test]
    fn cents_round_half_up() {
        assert_eq!(cents(decimal("53.0596")), decimal("53.06"));
        assert_eq!(cents(decimal("0.125")), decimal("0.13"));
        assert_eq!(two_places(decimal("122")).to_string(), "122.00");
    }

    #[test]
    fn requests_may_use_either_separator() {
        assert_eq!(parse("19,99"), Some(decimal("19.99")));
        assert_eq!(parse("19.99"), Some(decimal("19.99")));
        assert_eq!(parse("1.234,5"), None);
        assert_eq!(parse(""), None);
    }
}
