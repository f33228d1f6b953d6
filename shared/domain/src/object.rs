//! The object types that are synchronised, by the names the API and the command line use.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

use crate::ValueError;

/// An object type. The order is the order of a run: contacts come last, because they are harvested from documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// Products and services with their prices.
    Products,
    /// Stock, one record a product with a level per warehouse.
    Stock,
    /// Sales offers.
    Offers,
    /// Sales orders.
    Orders,
    /// Sales invoices: domestic, foreign, retail.
    Invoices,
    /// Credit notes.
    CreditNotes,
    /// Contacts (partners).
    Contacts,
}

impl Object {
    /// All of them, in the order of a run.
    pub const ALL: [Self; 7] =
        [Self::Products, Self::Stock, Self::Offers, Self::Orders, Self::Invoices, Self::CreditNotes, Self::Contacts];

    /// The name on the command line, in the API and in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Stock => "stock",
            Self::Offers => "offers",
            Self::Orders => "orders",
            Self::Invoices => "invoices",
            Self::CreditNotes => "credit_notes",
            Self::Contacts => "contacts",
        }
    }

    /// The prefix of its record ids.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Products => "prd",
            Self::Stock => "stk",
            Self::Offers => "ofr",
            Self::Orders => "ord",
            Self::Invoices => "inv",
            Self::CreditNotes => "crn",
            Self::Contacts => "con",
        }
    }

    /// The object type whose record ids start with `prefix`.
    pub fn from_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.prefix() == prefix)
    }

    /// Whether its records are documents.
    pub const fn is_document(self) -> bool {
        matches!(self, Self::Offers | Self::Orders | Self::Invoices | Self::CreditNotes)
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Object {
    type Err = ValueError;
    fn from_str(s: &str) -> Result<Self, ValueError> {
        Self::ALL.into_iter().find(|o| o.name() == s).ok_or(ValueError::new(
            "object type",
            "one of contacts, products, stock, offers, orders, invoices, credit_notes",
        ))
    }
}
