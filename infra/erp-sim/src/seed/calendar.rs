//! The four years before `now`: working days, seasons, and instants in Ljubljana time.
//!
//! Decides how busy each day is. Nothing here is after `now`: a moment that would be is
//! no moment. Must not read a clock; `now` is the spec's.

use super::dice::Dice;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Seconds from 06:00 to the latest moment a day may have.
const LAST_SECOND: i64 = 64_500;

/// The days of the history and what time it is on them.
pub(super) struct Calendar {
    now: Timestamp,
    dates: Vec<Date>,
    /// 06:00 of each day in epoch seconds: after the clock changes, so that the rest of
    /// the day is plain addition.
    mornings: Vec<i64>,
    busy: Vec<u64>,
}

/// A moment of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// Day of the history.
    pub(super) day: usize,
    /// Seconds since 06:00.
    second: i64,
    /// The instant.
    pub(super) at: Timestamp,
}

/// The running sum of a season's busy days.
pub(super) struct Season(Vec<u64>);

impl Calendar {
    /// The four years that end with the day of `now`.
    pub(super) fn new(now: Timestamp) -> Self {
        let zone = TimeZone::get("Europe/Ljubljana").expect("the bundled zones know Ljubljana");
        let today = zone.to_datetime(now).date();
        let first = today.saturating_sub(Span::new().years(4));
        let dates: Vec<Date> =
            std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(|date| *date <= today).collect();
        let mornings = dates
            .iter()
            .map(|date| {
                let six = zone.to_timestamp(date.at(6, 0, 0, 0));
                six.map_or(0, Timestamp::as_second)
            })
            .collect();
        // The company grows by some eight percent a year.
        let busy = dates.iter().zip(0_u64..).map(|(date, day)| weight_of(*date) * (1000 + day * 80 / 365)).collect();
        Self { now, dates, mornings, busy }
    }

    /// The instant the history ends.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// The day of `now`.
    pub(super) fn today(&self) -> usize {
        self.dates.len() - 1
    }

    /// The last day that is over.
    pub(super) fn yesterday(&self) -> usize {
        self.dates.len().saturating_sub(2)
    }

    /// The date of a day, which may lie after today.
    pub(super) fn date(&self, day: usize) -> Date {
        let known = day.min(self.today());
        let beyond = i64::try_from(day - known).unwrap_or_default();
        self.dates[known].saturating_add(Span::new().days(beyond))
    }

    /// The month of a day as an index.
    pub(super) fn month(&self, day: usize) -> usize {
        usize::try_from(self.date(day).month() - 1).unwrap_or_default()
    }

    /// How the days of a group's season add up.
    pub(super) fn season(&self, months: &[u32; 12]) -> Season {
        let mut sum = 0;
        let mut sums = vec![0];
        for (day, busy) in self.busy.iter().enumerate() {
            sum += busy * u64::from(months[self.month(day)]);
            sums.push(sum);
        }
        Season(sums)
    }

    /// A moment so many seconds after 06:00 of a day, unless that is after `now`.
    pub(super) fn moment(&self, day: usize, second: i64) -> Option<Moment> {
        let second = second.min(LAST_SECOND);
        let at = Timestamp::from_second(self.mornings.get(day)? + second).ok()?;
        (at <= self.now).then_some(Moment { day, second, at })
    }

    /// The moment of an instant that a document was made or changed at.
    pub(super) fn at(&self, at: Timestamp) -> Option<Moment> {
        let day = self.mornings.partition_point(|six| *six <= at.as_second()).checked_sub(1)?;
        (at <= self.now).then(|| Moment { day, second: at.as_second() - self.mornings[day], at })
    }

    /// A moment of a day in office hours, or any time of the day for people at home.
    pub(super) fn opening(&self, day: usize, at_home: bool, dice: &mut Dice) -> Option<Moment> {
        let last = if at_home { 58_000 } else { 36_000 };
        self.moment(day, dice.between(3_600, last))
    }

    /// A moment of a working day `days` later, or some minutes later when `days` is 0.
    pub(super) fn later(&self, from: Moment, days: usize, dice: &mut Dice) -> Option<Moment> {
        if days == 0 {
            return self.moment(from.day, from.second + dice.between(300, 5_400));
        }
        let day = self.working_day(from.day + days);
        self.moment(day, dice.between(3_600, 34_000))
    }

    /// This day, or the next one people work on.
    pub(super) fn working_day(&self, day: usize) -> usize {
        (day..day + 7).find(|day| weight_of(self.date(*day)) > 3).unwrap_or(day)
    }
}

impl Season {
    /// The day between `from` and `to` (both included) at this fraction (of 2^32) of the
    /// season's business between them.
    pub(super) fn day(&self, from: usize, to: usize, fraction: u64) -> usize {
        let (low, high) = (self.0[from], self.0[to + 1]);
        let target = low + u64::try_from((u128::from(high - low) * u128::from(fraction)) >> 32).unwrap_or_default();
        self.0.partition_point(|sum| *sum <= target).saturating_sub(1).clamp(from, to)
    }
}

/// How busy a day is by its weekday and the public holidays.
fn weight_of(date: Date) -> u64 {
    let holiday = matches!(
        (date.month(), date.day()),
        (1 | 5, 1 | 2) | (2, 8) | (4, 27) | (6, 25) | (8, 15) | (10, 31) | (11, 1) | (12, 25 | 26)
    );
    match date.weekday() {
        _ if holiday => 1,
        Weekday::Monday => 21,
        Weekday::Tuesday => 24,
        Weekday::Wednesday | Weekday::Thursday => 22,
        Weekday::Friday => 18,
        Weekday::Saturday => 3,
        Weekday::Sunday => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::new("2026-11-24T09:30:00Z".parse().expect("a timestamp"))
    }

    #[test]
    fn a_day_starts_at_six_in_summer_and_in_winter() {
        let calendar = calendar();
        for day in [0, 200, calendar.today()] {
            let at = calendar.moment(day, 0).expect("in the past").at;
            let local = TimeZone::get("Europe/Ljubljana").expect("bundled").to_datetime(at);
            assert_eq!((local.date(), local.hour()), (calendar.date(day), 6));
        }
    }

    #[test]
    fn nothing_happens_after_now() {
        let calendar = calendar();
        assert!(calendar.moment(calendar.today(), 3 * 3_600).is_some());
        assert!(calendar.moment(calendar.today(), 5 * 3_600).is_none());
        assert!(calendar.moment(calendar.today() + 1, 0).is_none());
    }

    #[test]
    fn a_season_keeps_within_its_days() {
        let calendar = calendar();
        let season = calendar.season(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
        let day = season.day(0, calendar.today(), 1 << 31);
        assert_eq!(calendar.month(day), 11);
        assert_eq!(season.day(5, 5, 1 << 31), 5);
    }
}
