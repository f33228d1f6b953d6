//! When and how bills are paid: in full, in parts, late, or not at all.
//!
//! Decides payments by the customer's habit. What would be paid after `now` is open.

use super::bills::half_up;
use super::calendar::Moment;
use super::dice::Dice;
use super::documents::{Writer, enter};
use super::habits::Pays;
use super::partners::Customer;
use super::registers::TRANSFER;
use crate::model::{Document, Payment};
use crate::state::sums;
use rust_decimal::Decimal;

/// Parts of a bill in percent, each with the day it is paid.
pub(super) type Plan = Vec<(usize, i64)>;

/// Paid when it is bought.
pub(super) fn at_the_till(at: Moment) -> Plan {
    vec![(at.day, 100)]
}

/// What a customer makes of a bill with so many days to pay.
pub(super) fn plan(customer: &Customer, at: Moment, due_days: usize, dice: &mut Dice) -> Plan {
    let due = at.day + due_days;
    let pays = if dice.percent(4) { Pays::Badly } else { customer.habit.pays };
    match pays {
        Pays::Early => vec![(at.day + dice.below(due_days / 2 + 1), 100)],
        Pays::Usual => vec![((due + dice.below(9)).saturating_sub(3), 100)],
        Pays::Late => vec![(due + dice.days(6, 70), 100)],
        Pays::Badly => {
            let first = due + dice.days(2, 40);
            let part = dice.between(3, 7) * 10;
            match dice.below(10) {
                0..3 => Vec::new(),
                3..7 => vec![(first, part)],
                _ => vec![(first, part), (first + dice.days(10, 90), 100)],
            }
        }
    }
}

impl Writer<'_> {
    /// Enters the payments of an issued bill that are due to happen before `now`, and the
    /// reminder of one that stays open.
    pub(super) fn pay(&mut self, bill: &mut Document, at: Moment, due_days: usize, plan: &Plan) {
        let calendar = self.stage.calendar;
        let total = sums::of(bill, &self.stage.registers.taxes).all;
        let mut paid = Decimal::ZERO;
        for (day, percent) in plan {
            let day = if *day > at.day { calendar.working_day(*day) } else { at.day };
            let moment = if day == at.day {
                calendar.later(at, 0, &mut self.dice)
            } else {
                calendar.opening(day, false, &mut self.dice)
            };
            let Some(moment) = moment else { break };
            let amount = if *percent == 100 {
                total - paid
            } else {
                half_up(total * Decimal::from(*percent) / Decimal::ONE_HUNDRED)
            };
            if amount <= Decimal::ZERO {
                break;
            }
            paid += amount;
            bill.payments.push(Payment {
                payment_type: bill.method_of_payment.clone().unwrap_or_else(|| TRANSFER.to_owned()),
                date: calendar.date(day),
                amount,
                notes: self.dice.percent(8).then(|| format!("Izpisek {}", 1 + day % 250)),
            });
            let user = self.user();
            enter(bill, user, "CUSTOM", (None, None), moment.at, Some("Plačilo"));
        }
        if paid >= total && self.dice.percent(60) {
            self.set_status(bill, "paid", bill.last_change);
        } else if paid < total && self.dice.percent(45) {
            let reminded = calendar.later(at, due_days + 21, &mut self.dice);
            if let Some(reminded) = reminded.filter(|reminded| reminded.at > bill.last_change) {
                self.set_status(bill, "reminder", reminded.at);
            }
        }
    }
}
