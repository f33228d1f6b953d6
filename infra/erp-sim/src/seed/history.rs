//! Who buys when: chains of documents, each with the day it starts.
//!
//! Decides how many chains of each kind there are, whose they are, and their first days
//! by season, trend and change of habit. What stands on the documents is not decided here.

use super::calendar::{Calendar, Moment, Season};
use super::catalogue::Business;
use super::dice::Dice;
use super::partners::Customer;

/// What a chain consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An offer nobody took up.
    Offer,
    /// An offer, its order, and the bill.
    OfferToBill,
    /// An offer and an order that was never billed.
    OfferToOrder,
    /// An order and its bill.
    OrderToBill,
    /// An order that was never billed.
    Order,
    /// A bill without an order.
    Bill,
}

impl Kind {
    /// Starts with an offer.
    pub(super) fn offers(self) -> bool {
        matches!(self, Self::Offer | Self::OfferToBill | Self::OfferToOrder)
    }

    /// Has an order.
    pub(super) fn orders(self) -> bool {
        !matches!(self, Self::Offer | Self::Bill)
    }

    /// Has a bill.
    pub(super) fn bills(self) -> bool {
        matches!(self, Self::OfferToBill | Self::OrderToBill | Self::Bill)
    }
}

/// The chains of a company at scale 1: 200 offers, 800 orders, 800 bills.
const CHAINS: [(Kind, usize); 6] = [
    (Kind::Offer, 80),
    (Kind::OfferToBill, 98),
    (Kind::OfferToOrder, 22),
    (Kind::OrderToBill, 562),
    (Kind::Order, 118),
    (Kind::Bill, 140),
];

/// A customer's business from the first paper to the last.
pub(super) struct Chain {
    /// Place of the customer.
    pub(super) customer: usize,
    /// What it consists of.
    pub(super) kind: Kind,
    /// When the first document is made.
    pub(super) start: Moment,
}

/// All chains of a company, customer by customer and in each by time. Every customer has
/// at least one.
pub(super) fn chains(
    customers: &[Customer],
    business: &Business,
    scale: usize,
    calendar: &Calendar,
    dice: &mut Dice,
) -> Vec<Chain> {
    let seasons: Vec<Season> = business.groups.iter().map(|group| calendar.season(&group.season)).collect();
    let mut chains = Vec::new();
    for (customer, kinds) in share_out(customers, scale, dice).into_iter().enumerate() {
        let mut days = days_of(&customers[customer], kinds.len(), &seasons, calendar, dice);
        days.sort_unstable();
        for (kind, day) in kinds.into_iter().zip(days) {
            let start = calendar.opening(day, customers[customer].person, dice);
            chains.extend(start.map(|start| Chain { customer, kind, start }));
        }
    }
    chains
}

/// Gives every customer one chain, and the others by how often each buys.
fn share_out(customers: &[Customer], scale: usize, dice: &mut Dice) -> Vec<Vec<Kind>> {
    let mut kinds: Vec<Kind> =
        CHAINS.iter().flat_map(|(kind, count)| std::iter::repeat_n(*kind, count * scale)).collect();
    dice.shuffle(&mut kinds);
    let mut sum = 0;
    let sums: Vec<u64> = customers
        .iter()
        .map(|customer| {
            // Who was a customer for a short time only cannot have bought for years.
            let days = u64::try_from(customer.habit.to - customer.habit.from + 30).unwrap_or(1);
            sum += u64::from(customer.habit.weight) * days;
            sum
        })
        .collect();
    let mut shares = vec![Vec::new(); customers.len()];
    for (nth, kind) in kinds.into_iter().enumerate() {
        let mut draw = || {
            let target = u64::try_from((u128::from(sum) * u128::from(dice.fraction())) >> 32).unwrap_or_default();
            sums.partition_point(|sum| *sum <= target).min(customers.len() - 1)
        };
        let customer = match kind {
            _ if nth < customers.len() => nth,
            // Who buys over the counter is mostly a person.
            Kind::Bill => {
                std::iter::repeat_with(&mut draw).take(8).find(|place| customers[*place].person).unwrap_or_else(draw)
            }
            _ => draw(),
        };
        shares[customer].push(kind);
    }
    shares
}

fn days_of(customer: &Customer, count: usize, seasons: &[Season], calendar: &Calendar, dice: &mut Dice) -> Vec<usize> {
    let habit = &customer.habit;
    let parts = u64::try_from(count).unwrap_or(1).max(1);
    (0..parts)
        .map(|part| {
            if habit.regular {
                let even = ((part << 32) + dice.fraction()) / parts;
                return calendar.working_day(habit.day_at(even)).min(calendar.yesterday());
            }
            let (from, to) = habit.stretch(dice.fraction());
            let season = &seasons[habit.group_on(from)];
            season.day(from, to, habit.bend(dice.fraction()))
        })
        .collect()
}
