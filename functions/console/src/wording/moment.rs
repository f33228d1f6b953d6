//! Points in time and spans of time, on the clock that the company's people look at: Ljubljana's.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use runtime::Language;
use std::sync::LazyLock;

/// Slovenia's time zone, from the rules that are in the binary.
static LJUBLJANA: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Ljubljana").unwrap_or(TimeZone::UTC));

/// `24. 11. 2026, 10:05` or `24 Nov 2026, 10:05`.
pub(crate) fn moment(language: Language, at: Timestamp) -> String {
    let form = match language {
        Language::En => "%-d %b %Y, %H:%M",
        Language::Sl => "%-d. %-m. %Y, %H:%M",
    };
    at.to_zoned_datetime(LJUBLJANA.clone()).strftime(form).to_string()
}

/// How long something took: `12 s`, `3 min 5 s`, `2 h 10 min`. The units are the same in both languages.
pub(crate) fn elapsed(span: SignedDuration) -> String {
    let seconds = span.as_secs().max(0);
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) if rest == 0 => "< 1 s".to_owned(),
        (0, 0) => format!("{rest} s"),
        (0, _) => format!("{minutes} min {rest} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_moment_is_told_by_the_clock_of_ljubljana_in_winter_and_summer() {
        for (utc, en, sl) in [
            ("2026-11-24T09:05:59Z", "24 Nov 2026, 10:05", "24. 11. 2026, 10:05"),
            ("2026-07-01T22:30:00Z", "2 Jul 2026, 00:30", "2. 7. 2026, 00:30"),
            ("2026-12-31T23:00:00Z", "1 Jan 2027, 00:00", "1. 1. 2027, 00:00"),
        ] {
            assert_eq!((moment(Language::En, at(utc)).as_str(), moment(Language::Sl, at(utc)).as_str()), (en, sl));
        }
    }

    #[test]
    fn a_span_is_told_in_two_units_at_most() {
        for (seconds, text) in
            [(-5, "< 1 s"), (0, "< 1 s"), (59, "59 s"), (185, "3 min 5 s"), (3_600, "1 h 0 min"), (7_859, "2 h 10 min")]
        {
            assert_eq!(elapsed(SignedDuration::from_secs(seconds)), text);
        }
    }
}
