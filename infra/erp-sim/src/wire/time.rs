//! Ljubljana wall-clock time with the literal `+02:00`, and the forms that requests use.
//!
//! The offset is fake on purpose: the ERP writes `+02:00` all year round.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use std::fmt;
use std::sync::LazyLock;

static LJUBLJANA: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Ljubljana").expect("the zone is in the bundled database"));

/// `2014-09-13+02:00`.
pub(crate) struct WireDate(pub(crate) Date);

impl fmt::Display for WireDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}+02:00", self.0.year(), self.0.month(), self.0.day())
    }
}

/// `2020-06-11T17:59:59+02:00`.
pub(crate) struct WireTime(pub(crate) Timestamp);

impl fmt::Display for WireTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = local(self.0);
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+02:00",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

/// `13.09.2014`.
pub(crate) struct SlovenianDate(pub(crate) Date);

impl fmt::Display for SlovenianDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}.{:02}.{:04}", self.0.day(), self.0.month(), self.0.year())
    }
}

/// The wall clock in Ljubljana at an instant.
pub(crate) fn local(at: Timestamp) -> DateTime {
    LJUBLJANA.to_datetime(at)
}

/// The day in Ljubljana at an instant.
pub(crate) fn day(at: Timestamp) -> Date {
    local(at).date()
}

/// The instant of a Ljubljana wall-clock time; the earlier one in the repeated autumn hour.
pub(crate) fn instant(at: DateTime) -> Option<Timestamp> {
    LJUBLJANA.to_timestamp(at).ok()
}

/// A date of a request: ISO with any offset or none, or Slovenian.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Some(date) = slovenian_date(text) {
        return Some(date);
    }
    let (date, rest) = iso_date(text)?;
    (rest.is_empty() || rest.starts_with(['+', '-', 'T', 'Z'])).then_some(date)
}

/// A date of a search filter: the literal `+02:00` or nothing behind an ISO date, or Slovenian.
pub(crate) fn parse_filter_date(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Some(date) = slovenian_date(text) {
        return Some(date);
    }
    let (date, rest) = iso_date(text)?;
    matches!(rest, "" | "+02:00").then_some(date)
}

/// A datetime of a search filter: digits are Ljubljana time, the offset must be the literal one.
pub(crate) fn parse_filter_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(date) = parse_filter_date(text) {
        return instant(date.to_datetime(Time::midnight()));
    }
    let (date, rest) = iso_date(text)?;
    let (time, rest) = clock_time(rest.strip_prefix(['T', ' '])?)?;
    if !matches!(rest, "" | "+02:00") {
        return None;
    }
    instant(date.to_datetime(time))
}

/// A datetime of a request, any offset ignored as the ERP does.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(date) = slovenian_date(text) {
        return instant(date.to_datetime(Time::midnight()));
    }
    let (date, rest) = iso_date(text)?;
    let time = match rest.strip_prefix(['T', ' ']) {
        Some(rest) => clock_time(rest)?.0,
        None => Time::midnight(),
    };
    instant(date.to_datetime(time))
}

fn iso_date(text: &str) -> Option<(Date, &str)> {
    let head = text.get(..10)?;
    let bytes = head.as_bytes();
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let date = Date::new(head[..4].parse().ok()?, head[5..7].parse().ok()?, head[8..].parse().ok()?).ok()?;
    Some((date, &text[10..]))
}

fn clock_time(text: &str) -> Option<(Time, &str)> {
    let head = text.get(..8)?;
    if head.as_bytes()[2] != b':' || head.as_bytes()[5] != b':' {
        return None;
    }
    let time = Time::new(head[..2].parse().ok()?, head[3..5].parse().ok()?, head[6..].parse().ok()?, 0).ok()?;
    Some((time, &text[8..]))
}

fn slovenian_date(text: &str) -> Option<Date> {
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn winter_and_summer_carry_the_same_fake_offset() {
        assert_eq!(WireTime(at("2023-12-19T15:40:06Z")).to_string(), "2023-12-19T16:40:06+02:00");
        assert_eq!(WireTime(at("2023-07-19T15:40:06Z")).to_string(), "2023-07-19T17:40:06+02:00");
    }

    #[test]
    fn filters_take_the_literal_offset_and_slovenian_dates_only() {
        assert!(parse_filter_date("2024-01-05+01:00").is_none());
        assert_eq!(parse_filter_date("2024-01-05+02:00"), parse_filter_date("05.01.2024"));
        assert_eq!(parse_filter_date("5.1.2024"), parse_filter_date("05.01.2024"));
        assert!(parse_filter_time("2023-12-19T16:40:06+01:00").is_none());
        assert_eq!(parse_filter_time("2023-12-19T16:40:06+02:00"), Some(at("2023-12-19T15:40:06Z")));
    }

    #[test]
    fn nonsense_is_no_date() {
        for text in ["", "2021-11-205+02:00", "13.13.2020", "2021-13-01", "čšž-čš-žčšž", "1.2.3.4"] {
            assert!(parse_date(text).is_none(), "{text}");
        }
    }
}
