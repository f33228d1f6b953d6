//! The object types that are synchronised, by the names the API and the command line use.
//!
//! Decides what each object type is called, how often it is read, and which of
//! its pieces the CRM may change. Everything that tells one object type from
//! another is an entry here; of documents, what tells one kind from another is
//! an entry of [`crate::DocumentType`].

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

use crate::ValueError;

/// What an object type is.
#[derive(Debug)]
pub struct ObjectType {
    /// The name on the command line, in the API and in keys.
    pub name: &'static str,
    /// The prefix of its record ids.
    pub prefix: &'static str,
    /// Its name in Slovenian.
    pub sl: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Whether its records are documents.
    pub is_document: bool,
    /// Seconds from one look for changes to the next, until the tenant says otherwise.
    pub every_s: u32,
    /// Seconds from one full read to the next, until the tenant says otherwise.
    pub full_every_s: u32,
    /// Fields that both sides may change; what is not named is the ERP's.
    pub shared: &'static [&'static str],
    /// Fields that are set when a record is made and stay.
    pub at_creation: &'static [&'static str],
    /// Fields that a record cannot be made without. Empty when the CRM cannot make any.
    pub needed: &'static [&'static str],
}

/// Declares the object types: the variants, in the order of a run, and what each is.
macro_rules! objects {
    ($( $(#[$doc:meta])* $variant:ident { $($field:ident: $value:expr),* $(,)? } )*) => {
        /// An object type. The order is the order of a run: contacts come last, because they are harvested from documents.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Object {
            $( $(#[$doc])* $variant, )*
        }

        impl Object {
            /// All of them, in the order of a run.
            pub const ALL: [Self; [$(stringify!($variant)),*].len()] = [$(Self::$variant),*];

            /// What it is.
            pub const fn entry(self) -> &'static ObjectType {
                match self {
                    $( Self::$variant => &ObjectType { $($field: $value),* }, )*
                }
            }
        }
    };
}

const QUARTER: u32 = 900;
const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

objects! {
    /// Products and services with their prices.
    Products {
        name: "products", prefix: "prd", sl: "Izdelki", en: "Products", is_document: false,
        // There is no list of changes: they are read whole.
        every_s: QUARTER, full_every_s: HOUR,
        shared: &["name", "description", "unit", "barcode", "sales", "purchasing", "active", "weight", "prices", "categories"],
        at_creation: &["code", "service"],
        needed: &["name", "code", "unit"],
    }
    /// Stock, one record a product with a level per warehouse.
    Stock {
        name: "stock", prefix: "stk", sl: "Zaloga", en: "Stock", is_document: false,
        every_s: QUARTER, full_every_s: HOUR,
        shared: &[], at_creation: &[], needed: &[],
    }
    /// Sales offers.
    Offers {
        name: "offers", prefix: "ofr", sl: "Ponudbe", en: "Offers", is_document: true,
        // Only new ones can be listed, so they are swept four times a day.
        every_s: QUARTER, full_every_s: 6 * HOUR,
        shared: &["title", "notes", "partner", "receiver", "valid_to", "lines", "discount_percent"],
        at_creation: &["date", "currency"],
        needed: &["partner", "lines"],
    }
    /// Sales orders.
    Orders {
        name: "orders", prefix: "ord", sl: "Naročila", en: "Orders", is_document: true,
        every_s: QUARTER, full_every_s: DAY,
        shared: &["title", "notes", "partner", "receiver", "delivery_type", "warehouse", "lines", "status", "discount_percent"],
        at_creation: &["date", "currency", "buyer_order"],
        needed: &["partner", "lines"],
    }
    /// Sales invoices: domestic, foreign, retail, and for advances.
    Invoices {
        name: "invoices", prefix: "inv", sl: "Računi", en: "Invoices", is_document: true,
        every_s: QUARTER, full_every_s: DAY,
        shared: &["status"],
        at_creation: &[
            "kind", "date", "currency", "buyer_order", "title", "notes", "partner", "receiver", "lines", "due_date",
            "service_from", "service_to", "payment_method", "discount_percent",
        ],
        needed: &["kind", "partner", "lines", "due_date", "service_to"],
    }
    /// Credit notes.
    CreditNotes {
        name: "credit_notes", prefix: "crn", sl: "Dobropisi", en: "Credit notes", is_document: true,
        every_s: QUARTER, full_every_s: DAY,
        shared: &["status"],
        at_creation: &[
            "date", "currency", "buyer_order", "title", "notes", "partner", "lines", "due_date", "service_from",
            "service_to", "discount_percent", "particulars",
        ],
        needed: &["partner", "lines", "due_date", "service_to"],
    }
    /// Orders that we place with suppliers.
    PurchaseOrders {
        name: "purchase_orders", prefix: "por", sl: "Naročila dobaviteljem", en: "Purchase orders", is_document: true,
        every_s: HOUR, full_every_s: 6 * HOUR,
        shared: &["title", "notes", "partner", "lines", "status", "discount_percent"],
        at_creation: &["date", "currency", "warehouse"],
        needed: &["partner", "lines"],
    }
    /// Invoices of suppliers.
    PurchaseInvoices {
        name: "purchase_invoices", prefix: "pin", sl: "Prejeti računi", en: "Purchase invoices", is_document: true,
        every_s: HOUR, full_every_s: DAY,
        shared: &["status"],
        at_creation: &["kind", "date", "currency", "title", "notes", "partner", "lines", "due_date", "particulars"],
        needed: &["kind", "partner", "lines", "due_date"],
    }
    /// Work orders.
    WorkOrders {
        name: "work_orders", prefix: "wor", sl: "Delovni nalogi", en: "Work orders", is_document: true,
        every_s: HOUR, full_every_s: 6 * HOUR,
        shared: &["title", "notes", "status"],
        at_creation: &["date", "partner", "particulars"],
        needed: &["partner"],
    }
    /// Warehouse documents: what comes in, goes out, and is moved.
    WarehouseDocuments {
        name: "warehouse_documents", prefix: "whd", sl: "Skladiščni dokumenti", en: "Warehouse documents",
        is_document: true,
        every_s: HOUR, full_every_s: DAY,
        shared: &["title", "notes", "status", "lines"],
        at_creation: &["kind", "date", "currency", "buyer_order", "partner", "receiver", "warehouse", "particulars"],
        needed: &["kind", "lines", "warehouse"],
    }
    /// Complaints.
    Complaints {
        name: "complaints", prefix: "cmp", sl: "Reklamacije", en: "Complaints", is_document: true,
        every_s: QUARTER, full_every_s: DAY,
        shared: &["status"],
        at_creation: &[], needed: &[],
    }
    /// Contacts (partners).
    Contacts {
        name: "contacts", prefix: "con", sl: "Stiki", en: "Contacts", is_document: false,
        every_s: QUARTER, full_every_s: DAY,
        shared: &["name", "company", "tax", "registration_number", "buyer", "supplier", "addresses", "persons"],
        at_creation: &["foreign"],
        needed: &["name"],
    }
}

impl Object {
    /// The name on the command line, in the API and in keys.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// The prefix of its record ids.
    pub const fn prefix(self) -> &'static str {
        self.entry().prefix
    }

    /// The object type whose record ids start with `prefix`.
    pub fn from_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.prefix() == prefix)
    }

    /// Whether its records are documents.
    pub const fn is_document(self) -> bool {
        self.entry().is_document
    }

    /// Whether the CRM can make records of it in the ERP.
    pub const fn can_be_made(self) -> bool {
        !self.entry().needed.is_empty()
    }

    /// Whether the CRM has a say in its records.
    pub const fn is_two_way(self) -> bool {
        !self.entry().shared.is_empty()
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
        Self::ALL
            .into_iter()
            .find(|o| o.name() == s)
            .ok_or(ValueError::new("object type", "the name of an object type"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_prefixes_are_of_one_object_type_each_and_lead_back() {
        let prefixes: BTreeSet<_> = Object::ALL.iter().map(|o| o.prefix()).collect();
        assert_eq!(prefixes.len(), Object::ALL.len());
        for object in Object::ALL {
            assert_eq!(object.name().parse(), Ok(object));
            assert_eq!(Object::from_prefix(object.prefix()), Some(object));
            assert_eq!(object.prefix().len(), 3, "{object}");
            assert_eq!(serde_json::to_value(object).expect("a name"), object.name());
        }
    }

    #[test]
    fn no_field_is_both_shared_and_set_at_creation_only() {
        for object in Object::ALL {
            let entry = object.entry();
            for field in entry.shared {
                assert!(!entry.at_creation.contains(field), "{object} {field}");
            }
            for field in entry.needed {
                assert!(entry.shared.contains(field) || entry.at_creation.contains(field), "{object} {field}");
            }
        }
    }
}
