//! Countries: a document names them in English with an ISO code, a partner in Slovenian.

/// (ISO-2, English, Slovenian).
const COUNTRIES: &[(&str, &str, &str)] = &[
    ("SI", "Slovenia", "Slovenija"),
    ("HR", "Croatia", "Hrvaška"),
    ("AT", "Austria", "Avstrija"),
    ("IT", "Italy", "Italija"),
    ("HU", "Hungary", "Madžarska"),
    ("DE", "Germany", "Nemčija"),
    ("FR", "France", "Francija"),
    ("CH", "Switzerland", "Švica"),
    ("RS", "Serbia", "Srbija"),
    ("BA", "Bosnia and Herzegovina", "Bosna in Hercegovina"),
    ("ME", "Montenegro", "Črna gora"),
    ("MK", "North Macedonia", "Severna Makedonija"),
    ("XK", "Kosovo", "Kosovo"),
    ("AL", "Albania", "Albanija"),
    ("CZ", "Czech Republic", "Češka"),
    ("SK", "Slovakia", "Slovaška"),
    ("PL", "Poland", "Poljska"),
    ("RO", "Romania", "Romunija"),
    ("BG", "Bulgaria", "Bolgarija"),
    ("GR", "Greece", "Grčija"),
    ("ES", "Spain", "Španija"),
    ("PT", "Portugal", "Portugalska"),
    ("NL", "Netherlands", "Nizozemska"),
    ("BE", "Belgium", "Belgija"),
    ("LU", "Luxembourg", "Luksemburg"),
    ("DK", "Denmark", "Danska"),
    ("SE", "Sweden", "Švedska"),
    ("NO", "Norway", "Norveška"),
    ("FI", "Finland", "Finska"),
    ("IE", "Ireland", "Irska"),
    ("GB", "United Kingdom", "Združeno kraljestvo"),
    ("XI", "Northern Ireland", "Severna Irska"),
    ("EE", "Estonia", "Estonija"),
    ("LV", "Latvia", "Latvija"),
    ("LT", "Lithuania", "Litva"),
    ("MT", "Malta", "Malta"),
    ("CY", "Cyprus", "Ciper"),
    ("UA", "Ukraine", "Ukrajina"),
    ("TR", "Turkey", "Turčija"),
    ("US", "United States", "Združene države Amerike"),
    ("CN", "China", "Kitajska"),
    ("JP", "Japan", "Japonska"),
];

/// A country by any of its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Country {
    pub(crate) iso: &'static str,
    pub(crate) english: &'static str,
    pub(crate) slovenian: &'static str,
}

/// Finds a country by ISO code, English or Slovenian name, whatever the case.
pub(crate) fn find(name: &str) -> Option<Country> {
    let name = name.trim();
    COUNTRIES
        .iter()
        .find(|(iso, english, slovenian)| name == *slovenian || name == *english || name == *iso)
        .or_else(|| {
            let name = name.to_lowercase();
            COUNTRIES.iter().find(|(iso, english, slovenian)| {
                name == iso.to_lowercase() || name == english.to_lowercase() || name == slovenian.to_lowercase()
            })
        })
        .map(|&(iso, english, slovenian)| Country { iso, english, slovenian })
}

/// The Slovenian name, or the text itself when the country is unknown.
pub(crate) fn in_slovenian(name: &str) -> String {
    find(name).map_or_else(|| name.trim().to_owned(), |country| country.slovenian.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_found_by_any_of_its_names() {
        for name in ["SI", "si", "Slovenia", "SLOVENIJA", " Slovenija "] {
            assert_eq!(find(name).map(|country| country.iso), Some("SI"));
        }
        assert_eq!(in_slovenian("Hrvaška"), "Hrvaška");
        assert_eq!(in_slovenian("Atlantida"), "Atlantida");
    }
}
