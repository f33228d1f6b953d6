//! Countries by ISO 3166 code, found by code or by name in Slovenian or English.
//!
//! Northern Ireland (`XI`) is a country of its own here, as it is in VAT
//! numbers and in the ERP; so is Kosovo (`XK`), which ISO leaves to its users.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

use super::fold::fold;
use super::strings::as_string;
use crate::ValueError;

/// One country a line: code, Slovenian name, English name, other names.
const NAMES: &str = include_str!("countries.txt");

/// Words that stand before a name and say only what kind of state it is.
const STATE_WORDS: [&str; 5] = ["republika ", "kraljevina ", "republic of ", "kingdom of ", "state of "];

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

struct Table {
    by_code: BTreeMap<&'static str, (&'static str, &'static str)>,
    by_key: BTreeMap<String, &'static str>,
}

impl Table {
    fn new() -> Self {
        let mut table = Self { by_code: BTreeMap::new(), by_key: BTreeMap::new() };
        for line in NAMES.lines() {
            let mut names = line.split('|');
            let (Some(code), Some(sl), Some(en)) = (names.next(), names.next(), names.next()) else {
                continue;
            };
            table.by_code.insert(code, (sl, en));
            for name in [sl, en].into_iter().chain(names) {
                table.by_key.insert(key(&fold(name)), code);
            }
        }
        table
    }
}

/// The words of a folded name, one for each way of writing it: `&`, `in` and `and` are the same, `the` and punctuation are nothing.
fn key(folded: &str) -> String {
    let spelled = folded.replace('&', " and ");
    let words = spelled.split(|c: char| !c.is_alphanumeric()).filter(|w| !matches!(*w, "" | "the"));
    let words: Vec<&str> = words
        .map(|word| match word {
            "in" => "and",
            "st" => "saint",
            word => word,
        })
        .collect();
    words.join(" ")
}

/// A country.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(&'static str);

impl Country {
    /// Slovenia.
    pub const SI: Self = Self("SI");

    /// The country that `s` names: by ISO code, by Slovenian or by English name.
    pub fn parse(s: &str) -> Result<Self, ValueError> {
        const UNKNOWN: ValueError = ValueError::new("country", "an ISO code or a Slovenian or English name");
        // Longer than any name, and folding it would be work for nothing.
        if s.len() > 200 {
            return Err(UNKNOWN);
        }
        let folded = fold(s);
        if let Some((code, _)) = TABLE.by_code.get_key_value(folded.to_ascii_uppercase().as_str()) {
            return Ok(Self(code));
        }
        let name = key(&folded);
        let short = || STATE_WORDS.iter().find_map(|w| name.strip_prefix(w)).and_then(|n| TABLE.by_key.get(n));
        TABLE.by_key.get(&name).or_else(short).map(|code| Self(code)).ok_or(UNKNOWN)
    }

    /// Every country, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.by_code.keys().map(|code| Self(code))
    }

    /// The ISO 3166 code of two letters.
    pub const fn code(&self) -> &'static str {
        self.0
    }

    /// The Slovenian name.
    pub fn name_sl(self) -> &'static str {
        TABLE.by_code.get(self.0).map_or(self.0, |(sl, _)| sl)
    }

    /// The English name.
    pub fn name_en(self) -> &'static str {
        TABLE.by_code.get(self.0).map_or(self.0, |(_, en)| en)
    }
}

impl FromStr for Country {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        Self::parse(s)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({})", self.0)
    }
}

as_string!(Country, code);

#[cfg(test)]
mod tests {
    use super::super::strategies::{hostile, recased};
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    /// Codes and names that people write for them.
    const WRITTEN: &[&str] = &[
        "SI=SI|si| Si |Slovenija|SLOVENIA|Republika Slovenija|Republic of Slovenia|SLO",
        "DE=Nemčija|nemcija|NEMC\u{30c}IJA|Germany|Zvezna republika Nemčija",
        "AT=Avstrija|Austria|Österreich|Republika Avstrija",
        "HR=Hrvaška|Croatia|HRVASKA|Republika Hrvatska|Hrvatska",
        "BA=Bosna in Hercegovina|Bosnia and Herzegovina|Bosnia & Herzegovina|bosna i hercegovina|BiH",
        "US=USA|ZDA|United States|Združene države Amerike|U.S.A.|The United States of America",
        "GB=Velika Britanija|UK|Great Britain|Združeno kraljestvo|United Kingdom|United Kingdom of Great Britain and Northern Ireland|Velika Britanija in Severna Irska",
        "XI=XI|Severna Irska|Northern Ireland|Združeno kraljestvo (Severna Irska)|United Kingdom (Northern Ireland)",
        "IE=Irska|Ireland|Republika Irska",
        "CZ=Češka|Češka republika|Czech Republic|Czechia",
        "MK=Makedonija|Severna Makedonija|North Macedonia|Republika Severna Makedonija",
        "GR=Grčija|Greece|EL",
        "NL=Nizozemska|The Netherlands|Netherlands|Kraljevina Nizozemska",
        "TR=Turčija|Turkey|Türkiye|Turkiye",
        "CI=Côte d’Ivoire|Cote d'Ivoire|Slonokoščena obala",
        "KN=St. Kitts & Nevis|Saint Kitts and Nevis|Sveti Krištof in Nevis",
        "KR=Južna Koreja|Republic of Korea|Korea, Republic of",
        "TW=Tajvan|Republic of China",
        "CN=Kitajska|China|People's Republic of China",
        "CG=Kongo|Republika Kongo|Republic of the Congo",
        "IN=in|IN|Indija",
        "XK=Kosovo|Republika Kosovo",
    ];

    #[test]
    fn codes_and_names_in_both_languages_are_the_same_country() {
        for line in WRITTEN {
            let (code, names) = line.split_once('=').expect(line);
            for name in names.split('|') {
                assert_eq!(Country::parse(name).map(|c| c.code()), Ok(code), "{name}");
            }
        }
    }

    #[test]
    fn what_names_no_country_is_refused() {
        for bad in [
            "",
            " ",
            "XX",
            "S",
            "Sloven",
            "Ljubljana",
            "Republika",
            "Korea",
            "Republika Srbska",
            "-",
            "and",
            "Slovenija|Slovenia",
        ] {
            assert!(Country::parse(bad).is_err(), "{bad}");
        }
        assert!(Country::parse(&"Slovenija ".repeat(1 << 20)).is_err());
    }

    #[test]
    fn no_name_means_two_countries_and_every_country_is_found_by_its_names() {
        let mut named = BTreeMap::new();
        for line in NAMES.lines() {
            let fields: Vec<&str> = line.split('|').collect();
            assert!(fields.len() >= 3 && fields.iter().all(|f| !f.is_empty() && f.trim() == *f), "{line}");
            let code = fields[0];
            assert!(code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()), "{line}");
            for name in &fields[1..] {
                assert_eq!(Country::parse(name).map(|c| c.code()), Ok(code), "{name}");
                assert_eq!(*named.entry(key(&fold(name))).or_insert(code), code, "{name}");
            }
        }
        // 249 of ISO 3166-1, Northern Ireland and Kosovo.
        assert_eq!(Country::all().count(), 251);
    }

    #[test]
    fn a_country_is_its_code_in_json_and_has_a_name_in_both_languages() {
        let country: Country = serde_json::from_str("\"nemčija\"").expect("a country");
        assert_eq!(serde_json::to_string(&country).expect("a string"), "\"DE\"");
        assert_eq!((country.name_sl(), country.name_en()), ("Nemčija", "Germany"));
        assert_eq!((Country::SI.name_sl(), Country::SI.name_en()), ("Slovenija", "Slovenia"));
        assert_eq!(format!("{country} {country:?}"), "DE Country(DE)");
    }

    proptest! {
        #[test]
        fn hostile_text_names_a_country_or_none(s in hostile()) {
            if let Ok(country) = Country::parse(&s) {
                prop_assert_eq!(Country::parse(country.code()), Ok(country));
            }
        }

        #[test]
        fn another_spelling_of_a_name_is_the_same_country(
            (country, other) in select(Country::all().collect::<Vec<_>>())
                .prop_flat_map(|c| (Just(c), prop_oneof![Just(c.code()), Just(c.name_sl()), Just(c.name_en())]))
                .prop_flat_map(|(c, name)| (Just(c), recased(name.to_owned())))
        ) {
            prop_assert_eq!(Country::parse(&other), Ok(country));
        }
    }
}
