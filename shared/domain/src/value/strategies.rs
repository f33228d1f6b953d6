//! What the property tests of the values are fed with: hostile text, and other ways of writing a given text.

use proptest::prelude::*;
use proptest::sample::select;
use unicode_normalization::UnicodeNormalization;

/// Characters that have broken something somewhere: blanks, line ends, invisible ones, marks, case and width oddities.
const ODD: &str = "\0\t\n\r\u{b}\u{85}\u{a0}\u{ad}\u{200b}\u{200d}\u{202e}\u{2028}\u{3000}\u{feff}\u{e0041}\u{301}\u{30c}\u{327}\
    \u{345}\u{3099}\u{2de0}\u{16ff0}\u{1100}\u{1161}čšžđßẞİıſςΣŉǰﬁ½⑴Ａ０١５+-./()@#|&'\"<>,;: aZ09_*\u{fffd}🇸🇮👩";

/// Any text, and above all text of odd characters.
pub(super) fn hostile() -> impl Strategy<Value = String> {
    let odd = select(ODD.chars().collect::<Vec<_>>());
    let part =
        prop_oneof![4 => odd.prop_map(String::from), 2 => "[0-9+ ]{1,6}", 1 => any::<char>().prop_map(String::from)];
    prop_oneof![
        3 => prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat()),
        1 => any::<String>(),
    ]
}

/// Other ways of writing `s` that mean the same: blanks around it, invisible characters inside, decomposed.
pub(super) fn respaced(s: String) -> impl Strategy<Value = String> {
    let blank = || "[ \t\u{a0}\u{200b}]{0,3}";
    let count = s.chars().count();
    (blank(), prop::collection::vec("[\u{200b}\u{ad}\u{202e}]{0,1}", count), blank(), any::<bool>()).prop_map(
        move |(before, inside, after, decompose)| {
            let mixed: String = s.chars().zip(inside).flat_map(|(c, extra)| [extra, c.to_string()]).collect();
            let text = format!("{before}{mixed}{after}");
            if decompose { text.nfd().collect() } else { text }
        },
    )
}

/// Other ways of writing `s` that also change its case.
pub(super) fn recased(s: String) -> impl Strategy<Value = String> {
    let count = s.chars().count();
    prop::collection::vec(any::<bool>(), count)
        .prop_map(move |flips| {
            s.chars()
                .zip(flips)
                .flat_map(|(c, up)| {
                    if up { c.to_uppercase().to_string() } else { c.to_string() }.chars().collect::<Vec<_>>()
                })
                .collect()
        })
        .prop_flat_map(|s: String| respaced(s))
}
