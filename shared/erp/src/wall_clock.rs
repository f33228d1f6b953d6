//! Metakocka's clock: the wall clock of Ljubljana, with an offset that means nothing.
//!
//! Every timestamp ends in `+02:00`, in winter too. So the digits are read, the
//! offset is dropped and Europe/Ljubljana is put in its place; read as RFC 3339
//! it would be one hour wrong all winter. Written the same way.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{TimeZone, TimeZoneDatabase},
};
use std::sync::LazyLock;

static LJUBLJANA: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZoneDatabase::bundled().get("Europe/Ljubljana").expect("the bundled database knows Ljubljana")
});

/// The date in any of Metakocka's writings of a date or time: `2014-09-13+02:00`, `2020-10-24`, `12.03.2011`,
/// `2020-06-11T17:59:59+02:00`, `28.11.2016, 09:32`.
pub fn date(text: &str) -> Option<Date> {
    date_time(text).map(DateTime::date)
}

/// The date and time on the wall; midnight when the text gives a date only.
pub fn date_time(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let (date, rest) = match text.split_once('.') {
        Some((day, rest)) if digits(day, 2) => {
            let (month, rest) = rest.split_once('.')?;
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (year, rest) = rest.split_at(end);
            (civil(year, month, day)?, rest.trim_start_matches(',').trim_start())
        }
        _ => {
            let (date, rest) = (text.get(..10)?, &text[10..]);
            let mut parts = date.split('-');
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            if parts.next().is_some() {
                return None;
            }
            // Without a `T` what follows is an offset, or (once) a time of day that poses as one.
            let time = rest.strip_prefix(['T', ' ']);
            if time.is_none() && !is_offset(rest) {
                return None;
            }
            (civil(year, month, day)?, time.unwrap_or_default())
        }
    };
    let time = if rest.is_empty() { Time::midnight() } else { time_of_day(rest)? };
    Some(date.to_datetime(time))
}

/// Whether a text gives a time of day: `2020-06-11T17:59:59+02:00` does, `2020-10-24+02:00` does not.
pub fn has_time(text: &str) -> bool {
    let text = text.trim();
    let rest = text.get(10..).unwrap_or_default();
    text.contains(',') || rest.starts_with(['T', ' '])
}

/// The moment that a text means. Of an hour that occurs twice in autumn, the first.
pub fn moment(text: &str) -> Option<Timestamp> {
    LJUBLJANA.to_ambiguous_timestamp(date_time(text)?).earlier().ok()
}

/// The day that it is in Ljubljana.
pub fn day(moment: Timestamp) -> Date {
    LJUBLJANA.to_datetime(moment).date()
}

/// A moment as Metakocka writes it.
pub fn written(moment: Timestamp) -> String {
    let wall = LJUBLJANA.to_datetime(moment);
    wall.strftime("%Y-%m-%dT%H:%M:%S+02:00").to_string()
}

/// A date as Metakocka takes it in requests and filters the whole year round.
pub fn written_date(date: Date) -> String {
    date.strftime("%d.%m.%Y").to_string()
}

fn digits(text: &str, at_most: usize) -> bool {
    (1..=at_most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn civil(year: &str, month: &str, day: &str) -> Option<Date> {
    if year.len() != 4 || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fff`, and an offset or none.
fn time_of_day(text: &str) -> Option<Time> {
    let end = text.find(['+', '-', 'Z']).unwrap_or(text.len());
    let (clock, offset) = text.split_at(end);
    if !is_offset(offset) {
        return None;
    }
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
    let well_formed = [hour, minute, second].iter().all(|part| digits(part, 2)) && digits(fraction, 9);
    if !well_formed || parts.next().is_some() {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?, 0).ok()
}

fn is_offset(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['+', '-']) else {
        return matches!(text, "" | "Z");
    };
    rest.split_once(':').is_some_and(|(hours, minutes)| digits(hours, 2) && digits(minutes, 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date as day, datetime};
    use proptest::prelude::*;

    #[test]
    fn every_writing_of_a_date_is_read() {
        let cases = [
            ("2014-09-13+02:00", datetime(2014, 9, 13, 0, 0, 0, 0)),
            ("2020-06-11T17:59:59+02:00", datetime(2020, 6, 11, 17, 59, 59, 0)),
            ("2020-06-11T17:59:59.123Z", datetime(2020, 6, 11, 17, 59, 59, 0)),
            ("12.03.2011", datetime(2011, 3, 12, 0, 0, 0, 0)),
            ("3.3.2015", datetime(2015, 3, 3, 0, 0, 0, 0)),
            ("28.11.2016, 09:32", datetime(2016, 11, 28, 9, 32, 0, 0)),
            ("2020-10-24", datetime(2020, 10, 24, 0, 0, 0, 0)),
            ("2022-06-23+12:10", datetime(2022, 6, 23, 0, 0, 0, 0)),
        ];
        for (text, expected) in cases {
            assert_eq!(date_time(text), Some(expected), "{text}");
        }
        assert_eq!(date(" 2014-09-13+02:00 "), Some(day(2014, 9, 13)));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2021-11-205+02:00",
            "2021-02-30",
            "31.4.2020",
            "2020-1-1",
            "20201024",
            "2020-10-24x",
            "1.1.20",
            "2020-06-11T25:00:00",
            "č2.03.2011",
            "2020-06-1č",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_alone_has_no_time() {
        for (text, timed) in [
            ("2020-06-11T17:59:59+02:00", true),
            ("2020-06-11 17:59", true),
            ("28.11.2016, 09:32", true),
            ("2020-10-24", false),
            ("2020-10-24+02:00", false),
            ("2022-06-23+12:10", false),
            ("12.03.2011", false),
            ("", false),
            ("č", false),
        ] {
            assert_eq!(has_time(text), timed, "{text}");
        }
    }

    #[test]
    fn the_offset_is_dropped_in_winter_and_in_summer() {
        let winter: Timestamp = "2023-12-19T15:40:06Z".parse().expect("valid");
        assert_eq!(moment("2023-12-19T16:40:06+02:00"), Some(winter));
        assert_eq!(written(winter), "2023-12-19T16:40:06+02:00");
        let summer: Timestamp = "2020-06-11T15:59:59Z".parse().expect("valid");
        assert_eq!(moment("2020-06-11T17:59:59+02:00"), Some(summer));
        assert_eq!(written(summer), "2020-06-11T17:59:59+02:00");
    }

    #[test]
    fn the_hour_that_comes_twice_is_its_first_and_the_one_that_never_comes_is_read() {
        let twice = moment("2024-10-27T02:30:00+02:00").expect("a moment");
        assert_eq!(twice.to_string(), "2024-10-27T00:30:00Z");
        assert!(moment("2024-03-31T02:30:00+02:00").is_some());
    }

    proptest! {
        #[test]
        fn a_moment_comes_back_except_in_the_hour_that_comes_twice(seconds in 1_300_000_000_i64..1_900_000_000) {
            let at = Timestamp::from_second(seconds).expect("in range");
            let back = moment(&written(at)).expect("our own writing");
            prop_assert!(back == at || at.duration_since(back).as_secs() == 3600);
        }

        #[test]
        fn no_text_makes_it_crash(text in any::<String>()) {
            let _ = moment(&text);
        }
    }
}
