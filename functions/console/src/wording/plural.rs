//! Plural forms: Slovenian has four (zapis, zapisa, zapisi, zapisov), English two.

use runtime::Language;

use super::number;

/// A word that is counted, in all its forms.
pub(super) struct Noun {
    /// One, and any other number.
    pub(super) en: [&'static str; 2],
    /// Singular, dual, three and four, five and more.
    pub(super) sl: [&'static str; 4],
}

impl Noun {
    /// The form that goes with a number.
    pub(super) const fn form(&self, language: Language, n: u64) -> &'static str {
        match language {
            Language::En => self.en[if n == 1 { 0 } else { 1 }],
            Language::Sl => {
                self.sl[match n % 100 {
                    1 => 0,
                    2 => 1,
                    3 | 4 => 2,
                    _ => 3,
                }]
            }
        }
    }

    /// The number and the word.
    pub(super) fn counted(&self, language: Language, n: u64) -> String {
        format!("{} {}", number(language, n), self.form(language, n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: Noun = Noun { en: ["record", "records"], sl: ["zapis", "zapisa", "zapisi", "zapisov"] };

    #[test]
    fn slovenian_counts_in_four_forms_by_the_last_two_digits() {
        for (n, text) in [
            (0, "0 zapisov"),
            (1, "1 zapis"),
            (2, "2 zapisa"),
            (3, "3 zapisi"),
            (4, "4 zapisi"),
            (5, "5 zapisov"),
            (11, "11 zapisov"),
            (12, "12 zapisov"),
            (13, "13 zapisov"),
            (21, "21 zapisov"),
            (100, "100 zapisov"),
            (101, "101 zapis"),
            (102, "102 zapisa"),
            (104, "104 zapisi"),
            (111, "111 zapisov"),
            (1_001, "1.001 zapis"),
            (1_203, "1.203 zapisi"),
        ] {
            assert_eq!(RECORD.counted(Language::Sl, n), text);
        }
    }

    #[test]
    fn english_has_one_and_many() {
        for (n, text) in
            [(0, "0 records"), (1, "1 record"), (2, "2 records"), (101, "101 records"), (1_001, "1,001 records")]
        {
            assert_eq!(RECORD.counted(Language::En, n), text);
        }
    }
}
