//! What the pieces of each object type are made of.
//!
//! Decides which names there are and of what kind the value of each is. It says
//! of the domain types only what their declarations say too (the tests compare
//! the two); it must not know a rule of a single value.

use crate::Object;

/// The kind of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    Text,
    Flag,
    Decimal,
    Day,
    Moment,
    Whole,
    ErpId,
    /// The CRM's id of one of its own records.
    CrmId,
    Currency,
    Country,
    Email,
    Phone,
    TaxNumber,
    AddressKind,
    DocumentKind,
    /// A link to a contact, by the ERP's id or by the CRM's.
    Party,
    /// A line of a document, its product by the ERP's id or by the CRM's.
    Line,
    /// A list of values.
    Many(&'static Self),
    /// Values by free names.
    Named(&'static Self),
    /// Values by known names.
    Group(&'static [Part]),
    /// A list whose entries are pieces of their own.
    Entries(&'static Self),
}

/// A named part of a record, a group or an entry.
#[derive(Debug)]
pub(super) struct Part {
    /// Its name.
    pub(super) name: &'static str,
    /// Its kind.
    pub(super) shape: Shape,
    /// Whether the whole cannot be without it.
    pub(super) needed: bool,
}

const fn may(name: &'static str, shape: Shape) -> Part {
    Part { name, shape, needed: false }
}

const fn must(name: &'static str, shape: Shape) -> Part {
    Part { name, shape, needed: true }
}

use Shape::{
    AddressKind, Country, CrmId, Currency, Day, Decimal, DocumentKind, Email, Entries, ErpId, Flag, Group, Line, Many,
    Moment, Named, Party, Phone, TaxNumber, Text, Whole,
};

const CONTACT: &[Part] = &[
    may("number", Text),
    must("name", Text),
    must("company", Flag),
    must("foreign", Flag),
    may("tax", Group(&[may("tax_number", TaxNumber), may("taxpayer", Flag)])),
    may("registration_number", Text),
    must("buyer", Flag),
    must("supplier", Flag),
    may("addresses", Entries(&Group(ADDRESS))),
    may("persons", Entries(&Group(PERSON))),
    may("discounts", Many(&Group(CATEGORY_DISCOUNT))),
];

const ADDRESS: &[Part] = &[
    must("kind", AddressKind),
    may("street", Text),
    may("post_code", Text),
    may("city", Text),
    may("province", Text),
    may("country", Country),
    may("payment_due_days", Whole),
    may("language", Text),
    may("currency", Currency),
];

const PERSON: &[Part] = &[
    may("address", ErpId),
    may("name", Text),
    may("email", Email),
    may("mobile", Phone),
    may("phone", Phone),
    may("fax", Phone),
];

const CATEGORY_DISCOUNT: &[Part] =
    &[must("categories", Many(&Text)), must("percent", Decimal), must("overrides", Flag)];

const PRODUCT: &[Part] = &[
    may("number", Text),
    must("code", Text),
    must("name", Text),
    may("description", Text),
    must("unit", Text),
    may("barcode", Text),
    must("service", Flag),
    must("sales", Flag),
    must("purchasing", Flag),
    must("active", Flag),
    must("webshop", Flag),
    may("weight", Decimal),
    may("min_stock", Decimal),
    may("categories", Many(&Text)),
    may("prices", Entries(&Group(PRICE))),
    may("translations", Named(&Text)),
    may("extra", Named(&Text)),
    may("customs_code", Text),
    may("origin", Country),
];

const PRICE: &[Part] = &[
    must("list", Text),
    may("list_title", Text),
    may("buyer", Text),
    must("sales", Flag),
    must("currency", Currency),
    may("amount_from", Decimal),
    may("amount_to", Decimal),
    may("valid_from", Day),
    may("valid_to", Day),
    must("price", Decimal),
    must("with_tax", Flag),
    may("discount", Decimal),
    may("tax", Text),
    may("tax_percent", Decimal),
];

const STOCK: &[Part] = &[
    may("code", Text),
    may("name", Text),
    may("unit", Text),
    must(
        "levels",
        Many(&Group(&[
            must("warehouse", ErpId),
            must("on_hand", Decimal),
            may("reserved", Decimal),
            must("free", Decimal),
        ])),
    ),
    may("incoming", Many(&Group(&[may("warehouse", ErpId), may("date", Day), must("amount", Decimal)]))),
];

const DOCUMENT: &[Part] = &[
    must("kind", DocumentKind),
    must("number", Text),
    may("date", Day),
    may("title", Text),
    may("notes", Text),
    may("status", Group(&[may("label", Text), may("key", Text)])),
    may("partner", Party),
    may("receiver", Party),
    may("buyer_order", Text),
    must("currency", Currency),
    may("warehouse", Text),
    may("delivery_type", Text),
    may("payment_method", Text),
    may("due_date", Day),
    may("valid_to", Day),
    may("service_from", Day),
    may("service_to", Day),
    must("issued", Flag),
    may("discount_percent", Decimal),
    may("lines", Entries(&Line)),
    must(
        "sums",
        Group(&[
            may("net", Decimal),
            may("discount", Decimal),
            may("taxes", Named(&Decimal)),
            may("rates", Named(&Decimal)),
            may("gross", Decimal),
            may("paid", Decimal),
        ]),
    ),
    may("payments", Many(&Group(&[may("kind", Text), may("date", Day), may("amount", Decimal), may("notes", Text)]))),
    may("links", Many(&Group(&[must("erp_id", ErpId), may("number", Text), must("kind", Text)]))),
    may("installments", Many(&Group(&[must("due", Day), must("amount", Decimal)]))),
    may("tracking", Group(&[may("number", Text), may("url", Text)])),
    may(
        "delivery_events",
        Many(&Group(&[must("date", Day), may("at", Moment), may("code", Text), may("text", Text), may("place", Text)])),
    ),
    may("extra", Named(&Text)),
    may("meta", Named(&Text)),
    may("particulars", Named(&Text)),
];

/// A party by the ERP's id.
pub(super) const PARTY: &[Part] = &[must("erp_id", ErpId), may("name", Text), may("address", ErpId)];

/// A party by the CRM's id.
pub(super) const CRM_PARTY: &[Part] = &[must("crm_id", CrmId)];

/// A line.
pub(super) const LINE: &[Part] = &[
    may("product", ErpId),
    may("product_crm_id", CrmId),
    may("code", Text),
    may("name", Text),
    may("description", Text),
    may("unit", Text),
    must("amount", Decimal),
    may("price", Decimal),
    may("price_with_tax", Decimal),
    may("discounts", Many(&Decimal)),
    may("tax", Text),
    may(
        MAKING,
        Group(&[may("done", Decimal), may("materials", Many(&Group(INPUT))), may("work", Many(&Group(INPUT)))]),
    ),
];

/// The part of a line that only work orders have.
pub(super) const MAKING: &str = "making";

const INPUT: &[Part] = &[
    may("erp_id", ErpId),
    may("product", ErpId),
    may("code", Text),
    may("name", Text),
    may("unit", Text),
    may("planned", Decimal),
    may("done", Decimal),
    may("cost", Decimal),
];

/// The pieces of a record of `object`; entries of a list under the name of the list.
pub(super) const fn parts_of(object: Object) -> &'static [Part] {
    match object {
        Object::Contacts => CONTACT,
        Object::Products => PRODUCT,
        Object::Stock => STOCK,
        _ => DOCUMENT,
    }
}
