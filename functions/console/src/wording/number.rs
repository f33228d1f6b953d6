//! Whole numbers: `1.234` in Slovenian, `1,234` in English.

use runtime::Language;

/// A number with its digits in groups of three.
pub(crate) fn number(language: Language, n: u64) -> String {
    let separator = match language {
        Language::En => ',',
        Language::Sl => '.',
    };
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three_from_the_right() {
        for (n, en, sl) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1,000", "1.000"),
            (12_345, "12,345", "12.345"),
            (1_234_567, "1,234,567", "1.234.567"),
            (u64::MAX, "18,446,744,073,709,551,615", "18.446.744.073.709.551.615"),
        ] {
            assert_eq!((number(Language::En, n).as_str(), number(Language::Sl, n).as_str()), (en, sl));
        }
    }
}
