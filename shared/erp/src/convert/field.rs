//! One field on its way: the span, and the path to name it by when it is refused.

use domain::{Country, Currency, Email, ErpId, Phone, TaxNumber, Text as Canonical, ValueError};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use std::{borrow::Cow, fmt};

use super::{
    Problem, Refusal, Style,
    decimal::{NotDecimal, decimal},
};
use crate::{
    wall_clock,
    wire::{Fields, Item, Oddity, Rows, Text},
};

/// How much of an unreadable number or date an error shows.
const SHOWN_CHARS: usize = 32;

/// A place in a record. Costs nothing until it is shown.
#[derive(Clone, Copy)]
pub(crate) enum At<'p> {
    /// The record itself.
    Root,
    /// A member.
    Key(&'p At<'p>, &'static str),
    /// An element of a list that is a member.
    Element(&'p At<'p>, &'static str, usize),
}

impl<'p> At<'p> {
    /// The member `key` of this place.
    pub(crate) const fn key(&'p self, key: &'static str) -> At<'p> {
        At::Key(self, key)
    }

    /// A refusal of what is here.
    pub(crate) fn refuse(&self, problem: Problem) -> Refusal {
        Refusal { path: self.to_string(), problem }
    }

    /// The field `key` of this place, which holds `text`.
    pub(crate) const fn field<'a>(&'p self, key: &'static str, text: Text<'a>) -> Field<'a, 'p> {
        Field { text, at: At::Key(self, key) }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parent, key) = match self {
            At::Root => return Ok(()),
            At::Key(parent, key) | At::Element(parent, key, _) => (parent, key),
        };
        parent.fmt(f)?;
        if !matches!(parent, At::Root) {
            f.write_str(".")?;
        }
        f.write_str(key)?;
        match self {
            At::Element(_, _, index) => write!(f, "[{index}]"),
            _ => Ok(()),
        }
    }
}

/// A field with its place.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a, 'p> {
    text: Text<'a>,
    at: At<'p>,
}

impl<'a> Field<'a, '_> {
    /// The text as it is, `None` when there is none or nothing but blanks in it.
    pub(crate) fn plain(&self) -> Result<Option<Cow<'a, str>>, Refusal> {
        let text = self.text.decode().map_err(|oddity| {
            self.at.refuse(match oddity {
                Oddity::Shape => Problem::Shape,
                Oddity::BadText => Problem::BadText,
            })
        })?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    /// Canonical text.
    pub(crate) fn text(&self) -> Result<Option<Canonical>, Refusal> {
        self.parsed(Canonical::new).map(Option::flatten)
    }

    /// An id.
    pub(crate) fn id(&self) -> Result<Option<ErpId>, Refusal> {
        self.parsed(|text| text.trim().parse())
    }

    /// A phone number as it would be dialled in `country`.
    pub(crate) fn phone(&self, country: Option<Country>) -> Result<Option<Phone>, Refusal> {
        self.parsed(|text| Phone::new(text, country)).map(Option::flatten)
    }

    /// An e-mail address.
    pub(crate) fn email(&self) -> Result<Option<Email>, Refusal> {
        self.parsed(Email::parse)
    }

    /// A tax number.
    pub(crate) fn tax_number(&self) -> Result<Option<TaxNumber>, Refusal> {
        self.parsed(TaxNumber::new).map(Option::flatten)
    }

    /// A country, by code or name.
    pub(crate) fn country(&self) -> Result<Option<Country>, Refusal> {
        self.parsed(Country::parse)
    }

    /// A currency.
    pub(crate) fn currency(&self) -> Result<Option<Currency>, Refusal> {
        self.parsed(Currency::parse)
    }

    /// A number, as this field writes it.
    pub(crate) fn decimal(&self, style: Style) -> Result<Option<Decimal>, Refusal> {
        let Some(text) = self.plain()? else { return Ok(None) };
        decimal(&text, style).map(Some).map_err(|why| {
            self.at.refuse(match why {
                NotDecimal::Garbage => Problem::Expected { what: "a decimal", found: shown(&text) },
                NotDecimal::Ambiguous => Problem::Ambiguous { found: shown(&text) },
            })
        })
    }

    /// Percentages applied one after the other: `22;23`.
    pub(crate) fn discounts(&self) -> Result<Vec<Decimal>, Refusal> {
        let Some(text) = self.plain()? else { return Ok(Vec::new()) };
        let expected = || self.at.refuse(Problem::Expected { what: "discounts", found: shown(&text) });
        text.split(';').map(|part| decimal(part, Style::Dot).map_err(|_| expected())).collect()
    }

    /// A whole number, not negative.
    pub(crate) fn count(&self) -> Result<Option<u64>, Refusal> {
        self.readable("a whole number", |text| text.trim().parse().ok())
    }

    /// A date.
    pub(crate) fn date(&self) -> Result<Option<Date>, Refusal> {
        self.readable("a date", wall_clock::date)
    }

    /// The moment that a time on Ljubljana's wall means; `None` when the text gives a day only.
    pub(crate) fn moment(&self) -> Result<Option<Timestamp>, Refusal> {
        let text = self.plain()?.filter(|text| wall_clock::has_time(text));
        Ok(text.and_then(|text| wall_clock::moment(&text)))
    }

    /// A flag; `None` when the ERP never said.
    pub(crate) fn flag(&self) -> Result<Option<bool>, Refusal> {
        self.readable("true or false", |text| match text.trim() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }

    /// A value that must be there.
    pub(crate) fn required<T>(&self, value: Option<T>) -> Result<T, Refusal> {
        value.ok_or_else(|| self.at.refuse(Problem::Missing))
    }

    fn parsed<T>(&self, parse: impl FnOnce(&str) -> Result<T, ValueError>) -> Result<Option<T>, Refusal> {
        let Some(text) = self.plain()? else { return Ok(None) };
        parse(&text).map(Some).map_err(|error| self.at.refuse(Problem::Invalid(error)))
    }

    fn readable<T>(&self, what: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
        let Some(text) = self.plain()? else { return Ok(None) };
        let expected = || self.at.refuse(Problem::Expected { what, found: shown(&text) });
        parse(&text).map(Some).ok_or_else(expected)
    }
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).collect()
}

/// Converts every element of a list that is the member `key`.
pub(crate) fn each<'a, T: Fields<'a>, R>(
    rows: &Rows<'a, T>,
    at: At<'_>,
    key: &'static str,
    mut convert: impl FnMut(&T, At<'_>) -> Result<R, Refusal>,
) -> Result<Vec<R>, Refusal> {
    let element = |(index, item): (usize, &Item<'a, T>)| {
        let at = At::Element(&at, key, index);
        match item {
            Item::Object(object) => convert(object, at),
            Item::Odd(_) => Err(at.refuse(Problem::Shape)),
        }
    };
    rows.items().iter().enumerate().map(element).collect()
}

/// The one object that is the member `key`, if it is there.
pub(crate) fn one<'r, 'a, T: Fields<'a>>(
    rows: &'r Rows<'a, T>,
    at: At<'_>,
    key: &'static str,
) -> Result<Option<&'r T>, Refusal> {
    match rows.items() {
        [] => Ok(None),
        [Item::Object(object)] => Ok(Some(object)),
        [_] => Err(at.key(key).refuse(Problem::Shape)),
        _ => Err(at.key(key).refuse(Problem::Several)),
    }
}
