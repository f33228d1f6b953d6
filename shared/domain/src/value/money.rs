//! Amounts of money.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::fmt;

use super::{Currency, normal};
use crate::ValueError;

/// An amount in a currency. Exact: nothing rounds unless `rounded` is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// How much.
    #[serde(with = "crate::value::decimal_text")]
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// An amount in a currency.
    pub fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount: normal(amount), currency }
    }

    /// The sum of both, which must be of one currency.
    pub fn plus(self, other: Self) -> Result<Self, ValueError> {
        if self.currency != other.currency {
            return Err(ValueError::new("sum of money", "both amounts in one currency"));
        }
        let (a, b) = (self.amount, other.amount);
        // A sum of more digits than a decimal holds comes out rounded; taking either amount off again shows it.
        let exact = |sum: &Decimal| sum.checked_sub(b) == Some(a) && sum.checked_sub(a) == Some(b);
        let sum = a.checked_add(b).filter(exact).ok_or(ValueError::new("sum of money", "at most 28 digits"))?;
        Ok(Self::new(sum, self.currency))
    }

    /// What remains when `other` is taken off; both must be of one currency.
    pub fn minus(self, other: Self) -> Result<Self, ValueError> {
        self.plus(Self { amount: -other.amount, ..other })
    }

    /// Rounded to the digits of the currency, halves away from zero.
    #[must_use]
    pub fn rounded(self) -> Self {
        let digits = self.currency.minor_digits();
        Self::new(self.amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero), self.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", normal(self.amount), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(amount: &str, currency: &str) -> Money {
        let amount = super::super::parse_decimal(amount).expect("a number");
        Money::new(amount, currency.parse().expect("a currency"))
    }

    #[test]
    fn sums_are_exact_and_of_one_currency() {
        assert_eq!(money("0.1", "EUR").plus(money("0.2", "EUR")), Ok(money("0.3", "EUR")));
        assert_eq!(money("1.20", "EUR").minus(money("1.2", "EUR")), Ok(money("0", "EUR")));
        assert!(money("1", "EUR").plus(money("1", "USD")).is_err());
        assert!(money("1", "EUR").minus(money("1", "USD")).is_err());
    }

    #[test]
    fn a_sum_that_a_decimal_cannot_hold_is_refused() {
        let most = Money::new(Decimal::MAX, Currency::EUR);
        assert!(most.plus(money("1", "EUR")).is_err());
        assert!(most.plus(money("0.1", "EUR")).is_err());
        assert!(most.minus(money("0.0001", "EUR")).is_err());
        assert!(most.minus(most).is_ok());
    }

    #[test]
    fn rounding_takes_halves_away_from_zero_at_the_digits_of_the_currency() {
        for (amount, currency, rounded) in [
            ("1.005", "EUR", "1.01"),
            ("-1.005", "EUR", "-1.01"),
            ("1.0049999", "EUR", "1"),
            ("2.5", "JPY", "3"),
            ("1.00049", "KWD", "1"),
            ("1.0005", "KWD", "1.001"),
            ("-0.001", "EUR", "0"),
        ] {
            assert_eq!(money(amount, currency).rounded(), money(rounded, currency), "{amount} {currency}");
        }
    }

    #[test]
    fn money_shows_and_reads_its_amount_as_text() {
        let m = money("12.50", "EUR");
        assert_eq!(m.to_string(), "12.5 EUR");
        let json = serde_json::to_string(&m).expect("strings");
        assert_eq!(json, r#"{"amount":"12.5","currency":"EUR"}"#);
        assert_eq!(serde_json::from_str::<Money>(&json).expect("canonical"), m);
    }

    proptest! {
        #[test]
        fn taking_off_what_was_added_gives_the_amount_back(a in any::<i64>(), b in any::<i64>(), p in 0_u32..9, q in 0_u32..9) {
            let (a, b) = (Money::new(Decimal::new(a, p), Currency::EUR), Money::new(Decimal::new(b, q), Currency::EUR));
            let sum = a.plus(b).expect("it fits");
            prop_assert_eq!(sum.minus(b), Ok(a));
            prop_assert_eq!(b.plus(a), Ok(sum));
            prop_assert_eq!(sum.rounded().rounded(), sum.rounded());
        }
    }
}
