//! Tax and register numbers with right check digits, for Slovenia and the countries the
//! seeded companies trade with.
//!
//! Decides the check digits only; how users write the numbers is `partners`' matter.

/// The eight digits of a Slovenian tax number whose first seven are `seven`, or nothing
/// when no check digit exists for them.
pub(super) fn slovenian(seven: i64) -> Option<String> {
    let digits = digits(seven, 7);
    let sum: u32 = digits.iter().zip((2..=8).rev()).map(|(digit, weight)| digit * weight).sum();
    let check = match 11 - sum % 11 {
        11 => return None,
        10 => 0,
        check => check,
    };
    (digits[0] != 0).then(|| format!("{seven:07}{check}"))
}

/// The ten digits of a Slovenian register number whose first six are `six`: seven digits
/// with a check, and `000` for the company itself.
pub(super) fn registration(six: i64) -> Option<String> {
    let sum: u32 = digits(six, 6).iter().zip((2..=7).rev()).map(|(digit, weight)| digit * weight).sum();
    match 11 - sum % 11 {
        10 => None,
        11 => Some(format!("{six:06}0000")),
        check => Some(format!("{six:06}{check}000")),
    }
}

/// A VAT number of the country with this ISO code, made of the digits of `number`.
pub(super) fn foreign(country: &str, number: i64) -> Option<String> {
    match country {
        "AT" => Some(austrian(number)),
        "HR" => Some(format!("HR{}", mod_11_10(number, 10))),
        "DE" => Some(format!("DE{}", mod_11_10(10_000_000 + number % 90_000_000, 8))),
        "IT" => Some(italian(number)),
        "CH" => swiss(number),
        _ => None,
    }
}

/// Whether `text` holds a valid Slovenian tax number in any of the notations users type.
#[cfg(test)]
pub(super) fn is_slovenian(text: &str) -> bool {
    let kept: String = text.chars().filter(char::is_ascii_digit).collect();
    let rest = text.trim().trim_start_matches(['S', 's', 'I', 'i']);
    rest.chars().all(|c| c.is_ascii_digit() || " -.".contains(c))
        && kept.len() == 8
        && kept[..7].parse().ok().and_then(slovenian).is_some_and(|valid| valid == kept)
}

fn digits(number: i64, width: usize) -> Vec<u32> {
    let text = format!("{number:0width$}");
    let last = text.len().saturating_sub(width);
    text[last..].chars().filter_map(|c| c.to_digit(10)).collect()
}

fn join(digits: &[u32]) -> String {
    digits.iter().filter_map(|digit| char::from_digit(*digit, 10)).collect()
}

/// ISO 7064 MOD 11,10, the check of Croatia and Germany.
fn mod_11_10(number: i64, width: usize) -> String {
    let digits = digits(number, width);
    let product = digits.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    format!("{}{}", join(&digits), (11 - product) % 10)
}

fn austrian(number: i64) -> String {
    let digits = digits(number, 7);
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { *digit } else { digit / 5 + digit * 2 % 10 })
        .sum();
    format!("ATU{}{}", join(&digits), (10 - (sum + 4) % 10) % 10)
}

fn italian(number: i64) -> String {
    let digits = digits(number, 10);
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    format!("IT{}{}", join(&digits), (10 - sum % 10) % 10)
}

fn swiss(number: i64) -> Option<String> {
    let digits = digits(number, 8);
    let sum: u32 = digits.iter().zip([5, 4, 3, 2, 7, 6, 5, 4]).map(|(d, weight)| d * weight).sum();
    let check = match 11 - sum % 11 {
        10 => return None,
        11 => 0,
        check => check,
    };
    let all = join(&digits);
    Some(format!("CHE-{}.{}.{}{check} MWST", &all[..3], &all[3..6], &all[6..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slovenian_number_carries_its_mod_11_check() {
        assert_eq!(slovenian(1_234_567).as_deref(), Some("12345679"));
        assert!(is_slovenian("SI 1234 5679"));
        assert!(!is_slovenian("SI12345678"));
    }

    #[test]
    fn a_remainder_that_asks_for_eleven_gives_no_number() {
        let without = (1_000_000..1_000_200).filter(|seven| slovenian(*seven).is_none()).count();
        assert!((10..30).contains(&without));
    }

    #[test]
    fn foreign_numbers_carry_the_check_of_their_country() {
        // Worked examples of the published rules.
        assert_eq!(foreign("AT", 1_358_562).as_deref(), Some("ATU13585627"));
        assert_eq!(foreign("DE", 3_669_597).as_deref(), Some("DE136695976"));
        assert_eq!(foreign("HR", 6_943_515_153).as_deref(), Some("HR69435151530"));
        assert_eq!(foreign("IT", 74_311_015).as_deref(), Some("IT00743110157"));
    }
}
