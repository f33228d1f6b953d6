//! Sentences about documents: sums, days, states.

use domain::derived::{Delivery, Due, Paid, Validity};
use domain::{DocumentKind, Meaning};
use jiff::civil::Date;
use runtime::Language;
use std::fmt::Display;

use super::{Phrases, StoryTexts, number, plural::Noun};

const DAYS: Noun = Noun { en: ["day", "days"], sl: ["dan", "dneva", "dni", "dni"] };

impl Phrases {
    fn story(self) -> &'static StoryTexts {
        StoryTexts::of(self.0)
    }

    /// `12. 3. 2026` or `12 Mar 2026`.
    pub(crate) fn day(self, day: Date) -> String {
        let form = match self.0 {
            Language::En => "%-d %b %Y",
            Language::Sl => "%-d. %-m. %Y",
        };
        day.strftime(form).to_string()
    }

    /// `1 day`, `2 dneva`.
    pub(crate) fn days(self, n: i64) -> String {
        DAYS.counted(self.0, n.unsigned_abs())
    }

    /// A decimal as its language writes it: `-1234,5` in Slovenian.
    pub(crate) fn decimal(self, of: impl Display) -> String {
        let text = of.to_string();
        match self.0 {
            Language::En => text,
            Language::Sl => text.replace('.', ","),
        }
    }

    /// A sum in its currency, with two places at least: `1.234,50 EUR` in Slovenian.
    pub(crate) fn sum(self, amount: impl Display, currency: impl Display) -> String {
        format!("{} {currency}", self.money(amount))
    }

    /// A sum whose currency is known from elsewhere.
    pub(crate) fn money(self, amount: impl Display) -> String {
        let text = amount.to_string();
        let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole = whole.parse().map_or_else(|_| whole.to_owned(), |n| number(self.0, n));
        format!("{sign}{whole}{}{fraction:0<2}", self.say(".", ","))
    }

    /// How many lines changed and how.
    pub(crate) fn lines(self, added: u32, changed: u32, removed: u32) -> String {
        let s = self.story();
        let parts = [(added, s.lines_added), (changed, s.lines_changed), (removed, s.lines_removed)];
        let some = parts.iter().filter(|(n, _)| *n > 0);
        some.map(|(n, word)| format!("{} {word}", number(self.0, u64::from(*n)))).collect::<Vec<_>>().join(", ")
    }

    /// The name of a kind of document.
    pub(crate) fn document_kind(self, kind: DocumentKind) -> &'static str {
        match self.0 {
            Language::Sl => kind.entry().sl,
            Language::En => kind.entry().en,
        }
    }

    /// What a status means; that it means nothing when it has no meaning.
    pub(crate) fn meaning(self, meaning: Option<Meaning>) -> &'static str {
        let s = self.story();
        match meaning {
            Some(Meaning::Draft) => s.draft,
            Some(Meaning::Open) => s.open,
            Some(Meaning::Confirmed) => s.confirmed,
            Some(Meaning::InWork) => s.in_work,
            Some(Meaning::Shipped) => s.shipped,
            Some(Meaning::Delivered) => s.delivered,
            Some(Meaning::Completed) => s.completed,
            Some(Meaning::Canceled) => s.canceled,
            Some(Meaning::Problem) => s.problem,
            None => s.unknown,
        }
    }

    /// How much is paid.
    pub(crate) fn paid(self, paid: Paid) -> &'static str {
        let s = self.story();
        match paid {
            Paid::Paid => s.paid,
            Paid::PartlyPaid => s.partly_paid,
            Paid::Unpaid => s.unpaid,
            Paid::Overpaid => s.overpaid,
        }
    }

    /// Whether a payment is late.
    pub(crate) fn due(self, due: Due) -> &'static str {
        let s = self.story();
        match due {
            Due::NotIssued => s.not_issued,
            Due::Canceled => s.canceled,
            Due::Settled => s.settled,
            Due::NoDueDate => s.no_due_date,
            Due::NotYet => s.not_yet,
            Due::Overdue => s.overdue,
            Due::Undecided => s.undecided,
        }
    }

    /// Whether an offer is good.
    pub(crate) fn validity(self, validity: Validity) -> &'static str {
        let s = self.story();
        match validity {
            Validity::Valid => s.valid,
            Validity::Expired => s.expired,
        }
    }

    /// Where the goods are.
    pub(crate) fn delivery(self, delivery: Delivery) -> &'static str {
        let s = self.story();
        match delivery {
            Delivery::Announced => s.announced,
            Delivery::OnItsWay => s.on_its_way,
            Delivery::Delivered => s.is_delivered,
            Delivery::Returned => s.returned,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_sums_and_counts_are_told_as_each_language_writes_them() {
        let (en, sl) = (Phrases(Language::En), Phrases(Language::Sl));
        assert_eq!((en.day(date(2026, 3, 2)), sl.day(date(2026, 3, 2))), ("2 Mar 2026".into(), "2. 3. 2026".into()));
        assert_eq!(
            (sl.days(1), sl.days(2), sl.days(3), sl.days(-5)),
            ("1 dan".into(), "2 dneva".into(), "3 dni".into(), "5 dni".into())
        );
        assert_eq!((en.sum("-12.5", "EUR"), sl.sum("-12.5", "EUR")), ("-12.50 EUR".into(), "-12,50 EUR".into()));
        assert_eq!(
            (en.sum(1_234_567, "EUR"), sl.sum("1234.5678", "EUR")),
            ("1,234,567.00 EUR".into(), "1.234,5678 EUR".into())
        );
        assert_eq!(en.lines(2, 0, 1), "2 new, 1 removed");
        assert_eq!(sl.lines(0, 1, 0), "1 spremenjene");
    }
}
