//! The languages that answers are given in, and the choice between them.

use http::{HeaderMap, header::ACCEPT_LANGUAGE};

/// A language of the product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English: what whoever asks for nothing gets.
    #[default]
    En,
    /// Slovenian.
    Sl,
}

impl Language {
    /// The language's code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Sl => "sl",
        }
    }

    /// The language that a request likes best (`Accept-Language`), of those there are.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut best = (0, Self::default());
        for header in headers.get_all(ACCEPT_LANGUAGE) {
            for range in header.to_str().unwrap_or_default().split(',') {
                let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
                let language = match tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
                    "sl" => Self::Sl,
                    "en" => Self::En,
                    _ => continue,
                };
                let weight = thousandths(weight.trim());
                if weight > best.0 {
                    best = (weight, language);
                }
            }
        }
        best.1
    }
}

/// `q=0.8` as 800; none is 1000, and what cannot be read is 0.
fn thousandths(weight: &str) -> u32 {
    if weight.is_empty() {
        return 1000;
    }
    let Some(number) = weight.strip_prefix("q=") else { return 0 };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{part:0<3}");
    match (whole, digits.get(..3).map(str::parse::<u32>)) {
        ("1", _) => 1000,
        ("0", Some(Ok(n))) => n,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_of_those_there_are_wins() {
        for (header, language) in [
            ("", Language::En),
            ("sl", Language::Sl),
            ("sl-SI,sl;q=0.9,en;q=0.8", Language::Sl),
            ("de,en;q=0.5,sl;q=0.7", Language::Sl),
            ("EN-gb,sl;q=0.9", Language::En),
            ("sl;q=0,en;q=0.1", Language::En),
            ("fr;q=1.0, *", Language::En),
            ("sl;q=abc", Language::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, header.parse().expect("a header"));
            assert_eq!(Language::of(&headers), language, "{header}");
        }
    }
}
