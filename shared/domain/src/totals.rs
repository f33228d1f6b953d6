//! What the lines of a document add up to, by the ERP's own rule.
//!
//! Decides sums to check the ERP's by, and to show before a document is made.
//! The sums of a record stay the ERP's: nothing here is written into one. What
//! is not known (a price, the rate of a tax code) makes no sum, never a guess.
//!
//! The rule (the ERP's documentation, section 9.3, on its consistent examples):
//! a line is amount times net price less its chain of percentages; the percent
//! of the document comes off the sum of each tax code; that sum is rounded to
//! cents, and the tax is taken on it and rounded again. Halves go away from zero.

use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;
use thiserror::Error;

use crate::Line;

/// Digits of a cent.
const CENTS: u32 = 2;

/// What lines add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Net after all discounts.
    pub net: Decimal,
    /// What the discounts took off.
    pub discount: Decimal,
    /// Tax by code; a code without tax is left out, as the ERP does.
    pub taxes: BTreeMap<String, Decimal>,
    /// What the customer pays.
    pub gross: Decimal,
}

/// Why there is no sum.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoTotals {
    /// A line has no net price.
    #[error("line {line} has no net price")]
    NoPrice {
        /// Which, from one.
        line: usize,
    },
    /// The rate of a tax code is not known.
    #[error("line {line}: the rate of its tax code is not known")]
    UnknownTax {
        /// Which, from one.
        line: usize,
    },
    /// A number has more digits than can be added exactly.
    #[error("line {line} has more digits than can be added exactly")]
    TooLarge {
        /// Which, from one; 0 for the sum of all.
        line: usize,
    },
}

/// Adds lines up. `percent` comes off the whole; `factors` are rates by tax code (`0.22`). A line without a code has no tax.
///
/// # Errors
///
/// A line without a net price, with a code whose rate is not known, or with too many digits.
pub fn totals(
    lines: &[Line],
    percent: Option<Decimal>,
    factors: &BTreeMap<String, Decimal>,
) -> Result<Totals, NoTotals> {
    let all = NoTotals::TooLarge { line: 0 };
    let keep = left_of(Decimal::ONE, percent.unwrap_or_default()).ok_or_else(|| all.clone())?;
    let mut bases: BTreeMap<Option<&str>, Decimal> = BTreeMap::new();
    let mut full = Decimal::ZERO;
    for (at, line) in (1..).zip(lines) {
        let price = line.price.ok_or(NoTotals::NoPrice { line: at })?;
        let too_large = || NoTotals::TooLarge { line: at };
        let gross = line.amount.checked_mul(price).ok_or_else(too_large)?;
        full = full.checked_add(gross).ok_or_else(too_large)?;
        let net = line.discounts.iter().try_fold(gross, |net, percent| left_of(net, *percent));
        let net = net.and_then(|net| net.checked_mul(keep)).ok_or_else(too_large)?;
        let code = line.tax.as_ref().map(crate::Text::as_str);
        if code.is_some_and(|code| !factors.contains_key(code)) {
            return Err(NoTotals::UnknownTax { line: at });
        }
        let base = bases.entry(code).or_default();
        *base = base.checked_add(net).ok_or_else(too_large)?;
    }
    let mut sums = Totals::default();
    for (code, base) in bases {
        let base = cents(base);
        let factor = code.and_then(|code| factors.get(code)).copied().unwrap_or_default();
        let tax = cents(base.checked_mul(factor).ok_or_else(|| all.clone())?);
        sums.net += base;
        sums.gross += base + tax;
        if let Some(code) = code.filter(|_| !tax.is_zero()) {
            // The ERP writes the code in small letters into the name of the sum.
            *sums.taxes.entry(code.to_lowercase()).or_default() += tax;
        }
    }
    sums.discount = cents(full) - sums.net;
    Ok(sums)
}

/// What is left of `sum` without so many percent.
fn left_of(sum: Decimal, percent: Decimal) -> Option<Decimal> {
    sum.checked_sub(sum.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)?)
}

fn cents(sum: Decimal) -> Decimal {
    sum.round_dp_with_strategy(CENTS, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn line(amount: &str, price: &str, discounts: &[&str], tax: &str) -> Line {
        Line {
            erp_id: None,
            product: None,
            code: None,
            name: None,
            description: None,
            unit: None,
            amount: d(amount),
            price: Some(d(price)),
            price_with_tax: None,
            discounts: discounts.iter().map(|p| d(p)).collect(),
            tax: Text::new(tax).expect("a code"),
            making: crate::Making::default(),
        }
    }

    fn factors() -> BTreeMap<String, Decimal> {
        BTreeMap::from([("EX4".to_owned(), d("0.22")), ("EX3".to_owned(), d("0.095")), ("000".to_owned(), d("0"))])
    }

    #[test]
    fn tax_is_taken_on_the_sum_of_a_code_and_not_line_by_line() {
        let lines = vec![line("1", "0.09", &[], "EX4"); 3];
        let sums = totals(&lines, None, &factors()).expect("known");
        assert_eq!((sums.taxes["ex4"], sums.net, sums.gross), (d("0.06"), d("0.27"), d("0.33")));
    }

    #[test]
    fn the_documentations_own_sum_comes_out() {
        // 241.18 at 22 % is 53.06.
        let sums = totals(&[line("1", "241.18", &[], "EX4")], None, &factors()).expect("known");
        assert_eq!((sums.taxes["ex4"], sums.gross), (d("53.06"), d("294.24")));
    }

    #[test]
    fn percentages_come_off_one_after_the_other_and_the_documents_last() {
        let sums = totals(&[line("2", "50", &["10", "10"], "000")], Some(d("50")), &factors()).expect("known");
        assert_eq!((sums.net, sums.discount, sums.gross), (d("40.5"), d("59.5"), d("40.5")));
        assert!(sums.taxes.is_empty());
    }

    #[test]
    fn what_is_not_known_makes_no_sum() {
        let mut without = line("1", "1", &[], "EX4");
        without.price = None;
        let lines = [line("1", "1", &[], "EX4"), without];
        assert_eq!(totals(&lines, None, &factors()), Err(NoTotals::NoPrice { line: 2 }));
        let unknown = [line("1", "1", &[], "EX9")];
        assert_eq!(totals(&unknown, None, &factors()), Err(NoTotals::UnknownTax { line: 1 }));
        let huge = [line("79228162514264337593543950335", "79228162514264337593543950335", &[], "EX4")];
        assert_eq!(totals(&huge, None, &factors()), Err(NoTotals::TooLarge { line: 1 }));
        assert_eq!(totals(&[], None, &factors()), Ok(Totals::default()));
    }

    proptest! {
        #[test]
        fn net_and_taxes_are_the_gross_and_the_order_of_lines_says_nothing(
            rows in prop::collection::vec((-9_999_i64..9_999, 0_i64..999_999, 0_i64..100, 0_usize..3), 0..12),
            percent in 0_i64..100,
        ) {
            let codes = ["EX4", "EX3", "000"];
            let lines: Vec<Line> = rows.iter().map(|(amount, price, off, code)| Line {
                amount: Decimal::new(*amount, 3),
                price: Some(Decimal::new(*price, 4)),
                discounts: vec![Decimal::from(*off)],
                ..line("1", "1", &[], codes[*code])
            }).collect();
            let percent = Some(Decimal::from(percent));
            let sums = totals(&lines, percent, &factors()).expect("known");
            prop_assert_eq!(sums.net + sums.taxes.values().sum::<Decimal>(), sums.gross);
            let back: Vec<Line> = lines.into_iter().rev().collect();
            prop_assert_eq!(totals(&back, percent, &factors()).expect("known"), sums);
        }
    }
}
