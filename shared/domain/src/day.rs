//! Days of Ljubljana: the calendar that the ERP's dates and everybody's deadlines are in.
//!
//! Decides which day a moment falls on and when a day begins. Must not read a clock.

use jiff::{
    Timestamp,
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};
use std::sync::LazyLock;

static LJUBLJANA: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZoneDatabase::bundled().get("Europe/Ljubljana").expect("the bundled database knows Ljubljana")
});

/// The day that it is in Ljubljana at a moment.
pub fn day_of(moment: Timestamp) -> Date {
    LJUBLJANA.to_datetime(moment).date()
}

/// The moment at which a day begins in Ljubljana; the furthest moment there is for a day beyond all moments.
pub fn begin_of(day: Date) -> Timestamp {
    let beyond = if day.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    LJUBLJANA.to_ambiguous_timestamp(day.to_datetime(jiff::civil::Time::midnight())).compatible().unwrap_or(beyond)
}

/// How many days `to` lies after `from`; negative when it lies before.
pub fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn a_day_changes_at_midnight_in_ljubljana_in_winter_and_in_summer() {
        for (moment, day) in [
            ("2026-01-14T22:59:59Z", date(2026, 1, 14)),
            ("2026-01-14T23:00:00Z", date(2026, 1, 15)),
            ("2026-07-14T21:59:59Z", date(2026, 7, 14)),
            ("2026-07-14T22:00:00Z", date(2026, 7, 15)),
        ] {
            assert_eq!(day_of(moment.parse().expect("a moment")), day, "{moment}");
        }
        assert_eq!(begin_of(date(2026, 1, 15)).to_string(), "2026-01-14T23:00:00Z");
        assert_eq!(begin_of(date(2026, 7, 15)).to_string(), "2026-07-14T22:00:00Z");
    }

    #[test]
    fn days_are_counted_over_leap_years_and_centuries() {
        for (from, to, days) in [
            (date(2026, 3, 10), date(2026, 3, 10), 0),
            (date(2024, 2, 28), date(2024, 3, 1), 2),
            (date(1900, 2, 28), date(1900, 3, 1), 1),
            (date(2100, 1, 1), date(1900, 1, 1), -73_049),
        ] {
            assert_eq!(days_between(from, to), days, "{from} to {to}");
        }
        assert_eq!(begin_of(Date::MAX), Timestamp::MAX);
        assert_eq!(begin_of(Date::MIN), Timestamp::MIN);
    }

    proptest! {
        #[test]
        fn a_day_begins_within_itself(days in -60_000_i64..60_000) {
            let day = date(2000, 1, 1).saturating_add(jiff::SignedDuration::from_hours(24 * days));
            prop_assert_eq!(day_of(begin_of(day)), day);
            prop_assert_eq!(days_between(date(2000, 1, 1), day), days);
        }
    }
}
