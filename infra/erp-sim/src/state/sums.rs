//! The sums of a document by the ERP's rule: row net after its discount chain,
//! tax on the sum of each code, half up to two places. Paid comes from the payments.

use crate::model::{Document, Row};
use crate::wire::number::cents;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A tax as the register holds it: code, factor, percent text.
pub(crate) type Tax = (String, Decimal, String);

/// What a document adds up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Net after all discounts.
    pub(crate) basic: Decimal,
    /// What the discounts took off.
    pub(crate) discount: Decimal,
    /// Tax by code, codes as the register writes them.
    pub(crate) taxes: BTreeMap<String, Decimal>,
    /// With tax.
    pub(crate) all: Decimal,
    /// Payments.
    pub(crate) paid: Decimal,
}

impl Sums {
    /// What is still to pay.
    pub(crate) fn open(&self) -> Decimal {
        self.all - self.paid
    }
}

/// The net of one row, unrounded.
pub(crate) fn row_net(row: &Row) -> Decimal {
    let gross = row.amount * row.price;
    row.discount.iter().fold(gross, |net, percent| net - net * percent / Decimal::ONE_HUNDRED)
}

/// The factor of a tax code; zero when the register does not know it.
pub(crate) fn factor(taxes: &[Tax], code: &str) -> Decimal {
    taxes.iter().find(|(known, _, _)| known == code).map_or(Decimal::ZERO, |(_, factor, _)| *factor)
}

/// Adds a document up.
pub(crate) fn of(doc: &Document, taxes: &[Tax]) -> Sums {
    let keep = Decimal::ONE - doc.discount_percent.unwrap_or_default() / Decimal::ONE_HUNDRED;
    let mut bases: BTreeMap<&str, Decimal> = BTreeMap::new();
    let mut gross = Decimal::ZERO;
    for row in &doc.rows {
        gross += row.amount * row.price;
        *bases.entry(row.tax.as_str()).or_default() += row_net(row) * keep;
    }
    let mut basic = Decimal::ZERO;
    let mut tax_sums = BTreeMap::new();
    let mut all = Decimal::ZERO;
    for (code, base) in bases {
        let base = cents(base);
        let tax = cents(base * factor(taxes, code));
        basic += base;
        all += base + tax;
        if !tax.is_zero() {
            tax_sums.insert(code.to_owned(), tax);
        }
    }
    Sums {
        basic,
        discount: cents(gross) - basic,
        taxes: tax_sums,
        all,
        paid: doc.payments.iter().map(|payment| payment.amount).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DocType;
    use crate::state::documents::Author;
    use jiff::Timestamp;

    fn row(amount: &str, price: &str, tax: &str) -> Row {
        Row {
            mk_row_id: 1,
            product: None,
            name: String::new(),
            doc_desc: None,
            unit: String::new(),
            amount: amount.parse().expect("a decimal"),
            price: price.parse().expect("a decimal"),
            discount: Vec::new(),
            tax: tax.to_owned(),
        }
    }

    #[test]
    fn tax_is_taken_on_the_sum_and_not_row_by_row() {
        let author = Author { user: "a", now: Timestamp::UNIX_EPOCH, notes: None };
        let mut doc = Document::blank(1, DocType::SalesOrder, author);
        // Row by row the tax would be 3 x 0.02 = 0.06; on the sum it is 0.27 x 22 % = 0.0594.
        doc.rows = vec![row("1", "0.09", "EX4"), row("1", "0.09", "EX4"), row("1", "0.09", "EX4")];
        doc.rows.push(row("1", "241.18", "EX3"));
        let taxes: Vec<Tax> = vec![
            ("EX4".to_owned(), Decimal::new(22, 2), "22".to_owned()),
            ("EX3".to_owned(), Decimal::new(22, 2), "22".to_owned()),
        ];
        let sums = of(&doc, &taxes);
        assert_eq!(sums.taxes["EX4"], Decimal::new(6, 2));
        assert_eq!(sums.taxes["EX3"], Decimal::new(5306, 2));
        assert_eq!(sums.basic, Decimal::new(24145, 2));
        assert_eq!(sums.all, Decimal::new(29457, 2));
    }
}
