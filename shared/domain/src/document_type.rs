//! The kinds of document: one entry each, and no other code.
//!
//! Decides what the ERP's API can do with a kind and where its content is on the
//! wire. The client, the reading run, the writer and the API go by these entries;
//! none of them names a kind of its own.
//!
//! Sections are those of the ERP's API documentation as of August 2026.

use serde::{Deserialize, Serialize};

use crate::Object;

/// How changes of a kind are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// By windows of the time of the last change.
    Changes,
    /// New ones by id; the others by full reads.
    Newest,
    /// As [`Feed::Newest`], and those with an open amount every hour: a payment leaves no other trace.
    NewestAndUnpaid,
}

/// How one is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// `put_document`
    Document,
    /// `put_document_transfer_order`
    Transfer,
    /// `put_document_workorder`
    WorkOrder,
    /// `create_complaint`, which answers without an id: an action of its own.
    Complaint,
}

/// How one is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// `update_document`, field by field.
    Fields,
    /// `put_document` with its id: the whole document anew.
    Whole,
    /// `update_document`, its status only.
    Status,
    /// `update_document_workorder`
    WorkOrder,
    /// `update_complaint`, its status only.
    Complaint,
    /// `update_document` under another name and with all of its lines.
    Transfer,
}

/// Whether one can be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delete {
    /// `delete_document`
    Document,
    /// The API has no call for it.
    NotInApi,
    /// The API has a call; we never make it: what was invoiced is kept by law.
    Never,
}

/// What one that we make is found again by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// The customer's order number, which the ERP searches by.
    BuyerOrder,
    /// A tag in the notes, looked for among the documents of the partner.
    TagOfPartner,
    /// A tag in the notes, looked for among all that are newer than one that is known.
    TagOfNewest,
}

/// What a kind of document is.
#[derive(Debug)]
pub struct DocumentType {
    /// The ERP's name (`doc_type`).
    pub erp_name: &'static str,
    /// The object type that it is synchronised as.
    pub object: Object,
    /// Its name in Slovenian.
    pub sl: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// How changes are found.
    pub feed: Feed,
    /// How one is made; `None` when the API has no call.
    pub put: Option<Put>,
    /// How one is changed.
    pub update: Update,
    /// Whether one can be deleted.
    pub delete: Delete,
    /// What one that we make is found again by.
    pub marker: Marker,
    /// The key of its lines on the wire.
    pub lines: &'static str,
    /// The key of its warehouse's mark on the wire.
    pub warehouse: &'static str,
    /// Its status comes as the key, not as the label.
    pub status_is_key: bool,
    /// Its searches do not say how many there are, and one without a hit is answered with an error.
    pub is_uncounted: bool,
    /// Somebody pays it.
    pub is_paid: bool,
    /// Fields that only this kind has, by the ERP's names.
    pub particulars: &'static [&'static str],
    /// The sections of the ERP's documentation that say so.
    pub section: &'static str,
}

/// What most kinds have in common.
const USUAL: DocumentType = DocumentType {
    erp_name: "",
    object: Object::Orders,
    sl: "",
    en: "",
    feed: Feed::Newest,
    put: Some(Put::Document),
    update: Update::Status,
    delete: Delete::Never,
    marker: Marker::TagOfPartner,
    lines: "product_list",
    warehouse: "warehouse",
    status_is_key: false,
    is_uncounted: false,
    is_paid: true,
    particulars: &[],
    section: "9",
};

/// Declares the kinds: the variants and what each is.
macro_rules! document_types {
    ($( $(#[$doc:meta])* $variant:ident { $($field:ident: $value:expr),* $(,)? } )*) => {
        /// The kind of a document, by the ERP's name of it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum DocumentKind {
            $( $(#[$doc])* $variant, )*
        }

        impl DocumentKind {
            /// All of them.
            pub const ALL: [Self; [$(stringify!($variant)),*].len()] = [$(Self::$variant),*];

            /// What it is.
            pub const fn entry(self) -> &'static DocumentType {
                match self {
                    $( Self::$variant => {
                        const ENTRY: DocumentType = DocumentType { $($field: $value,)* ..USUAL };
                        &ENTRY
                    } )*
                }
            }
        }
    };
}

document_types! {
    /// An offer.
    SalesOffer {
        is_paid: false, erp_name: "sales_offer", object: Object::Offers, sl: "Ponudba", en: "Offer",
        update: Update::Whole, delete: Delete::NotInApi, section: "9, 9.8",
    }
    /// An order.
    SalesOrder {
        erp_name: "sales_order", object: Object::Orders, sl: "Naročilo", en: "Order",
        feed: Feed::Changes, update: Update::Fields, delete: Delete::Document, marker: Marker::BuyerOrder,
        section: "9, 9.5",
    }
    /// An invoice to a customer in Slovenia.
    SalesBillDomestic {
        erp_name: "sales_bill_domestic", object: Object::Invoices, sl: "Domači račun", en: "Domestic invoice",
        feed: Feed::NewestAndUnpaid, section: "9, 9.7",
    }
    /// An invoice abroad.
    SalesBillForeign {
        erp_name: "sales_bill_foreign", object: Object::Invoices, sl: "Tuji račun", en: "Foreign invoice",
        feed: Feed::NewestAndUnpaid, section: "9, 9.7",
    }
    /// A retail invoice.
    SalesBillRetail {
        erp_name: "sales_bill_retail", object: Object::Invoices, sl: "Maloprodajni račun", en: "Retail invoice",
        feed: Feed::NewestAndUnpaid, section: "9, 9.7",
    }
    /// An invoice for an advance payment.
    SalesBillPrepaid {
        erp_name: "sales_bill_prepaid", object: Object::Invoices, sl: "Račun za predplačilo", en: "Advance invoice",
        section: "9, 9.7",
    }
    /// A credit note.
    SalesBillCreditNote {
        erp_name: "sales_bill_credit_note", object: Object::CreditNotes, sl: "Dobropis", en: "Credit note",
        particulars: &["credit_note_type", "credit_note_bill"], section: "9, 9.1, 9.7",
    }
    /// An order with a supplier.
    PurchaseOrder {
        is_paid: false, erp_name: "purchase_order", object: Object::PurchaseOrders, sl: "Naročilo dobavitelju", en: "Purchase order",
        update: Update::Whole, delete: Delete::NotInApi, marker: Marker::TagOfNewest, section: "9",
    }
    /// An invoice of a supplier in Slovenia.
    PurchaseBillDomestic {
        erp_name: "purchase_bill_domestic", object: Object::PurchaseInvoices, sl: "Prejeti račun",
        en: "Domestic purchase invoice",
        particulars: &["count_code_internal", "receive_date"], section: "9, 9.7",
    }
    /// An invoice of a supplier abroad.
    PurchaseBillForeign {
        erp_name: "purchase_bill_foreign", object: Object::PurchaseInvoices, sl: "Prejeti račun iz tujine",
        en: "Foreign purchase invoice",
        particulars: &["count_code_internal", "receive_date"], section: "9, 9.7",
    }
    /// A delivery note.
    WarehouseDeliveryNote {
        is_paid: false, erp_name: "warehouse_delivery_note", object: Object::WarehouseDocuments, sl: "Dobavnica", en: "Delivery note",
        update: Update::Fields, delete: Delete::Document, marker: Marker::TagOfNewest, section: "9",
    }
    /// A packing list: what leaves the warehouse.
    WarehousePackingList {
        is_paid: false, erp_name: "warehouse_packing_list", object: Object::WarehouseDocuments, sl: "Izdajnica", en: "Packing list",
        update: Update::Fields, delete: Delete::Document, marker: Marker::TagOfNewest, section: "9",
    }
    /// A receiving note.
    WarehouseReceivingNote {
        is_paid: false, erp_name: "warehouse_receiving_note", object: Object::WarehouseDocuments, sl: "Prevzem", en: "Receiving note",
        update: Update::Fields, delete: Delete::Document, marker: Marker::TagOfNewest, section: "9",
    }
    /// An acceptance note: what comes into the warehouse.
    WarehouseAcceptanceNote {
        is_paid: false, erp_name: "warehouse_acceptance_note", object: Object::WarehouseDocuments, sl: "Prejemnica",
        en: "Acceptance note", update: Update::Fields, delete: Delete::Document, marker: Marker::TagOfNewest,
        section: "9",
    }
    /// A transfer between warehouses.
    TransferOrder {
        is_paid: false, erp_name: "transfer_order", object: Object::WarehouseDocuments, sl: "Medskladiščni prenos", en: "Transfer",
        put: Some(Put::Transfer), update: Update::Transfer, delete: Delete::NotInApi, marker: Marker::TagOfNewest,
        warehouse: "warehouse_mark_from", particulars: &["warehouse_mark_to", "confirmed"], section: "9, 9.8",
    }
    /// A work order.
    Workorder {
        is_paid: false, erp_name: "workorder", object: Object::WorkOrders, sl: "Delovni nalog", en: "Work order",
        put: Some(Put::WorkOrder), update: Update::WorkOrder, delete: Delete::NotInApi, marker: Marker::TagOfNewest,
        lines: "create_product_realization_list", warehouse: "warehouse_code",
        particulars: &["start_date", "produce_deadline_date", "doc_date_finished"],
        section: "9, 9.8",
    }
    /// A complaint.
    Complaint {
        is_paid: false, erp_name: "complaint", object: Object::Complaints, sl: "Reklamacija", en: "Complaint",
        feed: Feed::Changes, put: Some(Put::Complaint), update: Update::Complaint, delete: Delete::NotInApi,
        lines: "complaint_products", warehouse: "warehouse_damaged", status_is_key: true, is_uncounted: true,
        particulars: &[
            "claim_type", "claim_reason", "claim_description", "claim_note", "return_tracking_code",
            "reclamation_reason", "reclamation_description",
        ],
        section: "15",
    }
}

impl DocumentKind {
    /// The ERP's name (`doc_type`).
    pub const fn erp_name(self) -> &'static str {
        self.entry().erp_name
    }

    /// The kind that the ERP calls `name`.
    pub fn from_erp_name(name: &str) -> Option<Self> {
        // A transfer has two names; the second is that of its change.
        let name = if name == "warehouse_transfer_order" { "transfer_order" } else { name };
        Self::ALL.into_iter().find(|k| k.erp_name() == name)
    }

    /// The object type it is synchronised as.
    pub const fn object(self) -> Object {
        self.entry().object
    }

    /// Whether the ERP has a report that prints it.
    pub const fn is_printed(self) -> bool {
        matches!(self.object(), Object::Invoices | Object::CreditNotes)
    }

    /// The kinds that `object` is made of.
    pub fn of(object: Object) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |k| k.object() == object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_leads_back_from_its_name_and_belongs_to_documents() {
        for kind in DocumentKind::ALL {
            assert_eq!(DocumentKind::from_erp_name(kind.erp_name()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("a name"), kind.erp_name(), "kept under the ERP's name");
            assert!(kind.object().is_document(), "{kind:?}");
        }
    }

    #[test]
    fn every_object_type_of_documents_has_a_kind() {
        for object in Object::ALL {
            assert_eq!(DocumentKind::of(object).next().is_some(), object.is_document(), "{object}");
        }
    }

    #[test]
    fn an_object_type_of_several_kinds_needs_the_kind_of_one_that_is_made() {
        for object in Object::ALL.into_iter().filter(|o| o.is_document() && o.can_be_made()) {
            let several = DocumentKind::of(object).count() > 1;
            assert_eq!(object.entry().needed.contains(&"kind"), several, "{object}");
        }
    }
}
