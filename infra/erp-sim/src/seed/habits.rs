//! How a customer behaves over the years: when they start and stop, what they like, how
//! much they buy and how they pay.
//!
//! Decides behaviour only; the dates come from `history`.

use super::calendar::Calendar;
use super::catalogue::Business;
use super::dice::Dice;
use super::prices::Level;

/// A customer's behaviour.
#[derive(Clone)]
pub(super) struct Habit {
    /// How often they buy, compared with others.
    pub(super) weight: u32,
    /// First day they may buy.
    pub(super) from: usize,
    /// Last day they may buy.
    pub(super) to: usize,
    /// The group they mostly buy.
    group: usize,
    /// From this day on they mostly buy another one.
    turn: Option<(usize, usize)>,
    /// Whether they buy more and more, or less and less.
    trend: Trend,
    /// They order at even distances, whatever the season.
    pub(super) regular: bool,
    /// How they pay.
    pub(super) pays: Pays,
    /// Days they have to pay.
    pub(super) due_days: u32,
    /// The list they buy by.
    pub(super) level: Level,
    /// How much of a thing they buy at a time.
    pub(super) size: i64,
}

#[derive(Clone, Copy)]
enum Trend {
    Steady,
    Growing,
    Declining,
}

/// How a customer pays bills.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pays {
    /// At once or well before the day.
    Early,
    /// Around the day.
    Usual,
    /// Weeks after it.
    Late,
    /// In parts, late, or not at all.
    Badly,
}

impl Habit {
    /// Draws a behaviour; `person` is a private customer.
    pub(super) fn draw(business: &Business, calendar: &Calendar, person: bool, dice: &mut Dice) -> Self {
        let last = calendar.yesterday();
        let from = if dice.percent(45) { 0 } else { dice.below(last) };
        let stops = dice.percent(18);
        let to = if stops { from + (last - from) * dice.days(15, 85) / 100 } else { last };
        let group = favourite(business, dice);
        let turns = dice.percent(14) && to - from > 200;
        let turn = turns.then(|| (from + (to - from) * dice.days(30, 70) / 100, favourite(business, dice)));
        let (weight, size) = match dice.below(100) {
            _ if person => (dice.between(1, 4), 1),
            0..8 => (dice.between(24, 48), dice.between(3, 8)),
            8..32 => (dice.between(7, 18), dice.between(2, 4)),
            _ => (dice.between(2, 6), dice.between(1, 3)),
        };
        let trend = match dice.below(10) {
            0 | 1 => Trend::Growing,
            2 | 3 => Trend::Declining,
            _ => Trend::Steady,
        };
        let pays = match dice.below(100) {
            0..22 => Pays::Early,
            22..72 => Pays::Usual,
            72..92 => Pays::Late,
            _ => Pays::Badly,
        };
        Self {
            weight: u32::try_from(weight).unwrap_or(1),
            from,
            to,
            group,
            turn,
            trend,
            // A single big customer without seasons would hide those of all others.
            regular: !person && weight < 20 && dice.percent(12),
            pays,
            due_days: if person { 8 } else { [8, 15, 15, 30, 30, 30, 45, 60][dice.below(8)] },
            level: if person { Level::Retail } else { Level::Wholesale },
            size,
        }
    }

    /// The favourite group on a day.
    pub(super) fn group_on(&self, day: usize) -> usize {
        match self.turn {
            Some((turn, group)) if day >= turn => group,
            _ => self.group,
        }
    }

    /// The days with one favourite that hold this fraction (of 2^32) of the customer's time.
    pub(super) fn stretch(&self, fraction: u64) -> (usize, usize) {
        match self.turn {
            Some((turn, _)) if self.day_at(fraction) >= turn => (turn, self.to),
            Some((turn, _)) => (self.from, turn - 1),
            None => (self.from, self.to),
        }
    }

    /// The day at this fraction (of 2^32) of the customer's time.
    pub(super) fn day_at(&self, fraction: u64) -> usize {
        let length = u64::try_from(self.to - self.from + 1).unwrap_or(1);
        self.from + usize::try_from((length * fraction) >> 32).unwrap_or_default()
    }

    /// Moves a fraction (of 2^32) later for who grows and earlier for who declines.
    pub(super) fn bend(&self, fraction: u64) -> u64 {
        let full = u64::from(u32::MAX);
        // The root of a uniform fraction lies later: integer roots are the same everywhere.
        let later = |fraction: u64| (fraction << 32).isqrt().min(full);
        match self.trend {
            Trend::Steady => fraction,
            Trend::Growing => later(fraction),
            Trend::Declining => full - later(full - fraction),
        }
    }
}

/// A group, as likely as its share of the business.
pub(super) fn favourite(business: &Business, dice: &mut Dice) -> usize {
    let shares: Vec<u32> = business.groups.iter().map(|group| group.share).collect();
    dice.weighted(&shares)
}
