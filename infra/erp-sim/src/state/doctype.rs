//! The kinds of document: wire names, numbering series, and what each kind may do.

use crate::model::DocType;

/// Every kind, in the order of its wire documentation.
pub(crate) const ALL: &[DocType] = &[
    DocType::SalesOffer,
    DocType::SalesOrder,
    DocType::SalesBillDomestic,
    DocType::SalesBillForeign,
    DocType::SalesBillRetail,
    DocType::SalesBillPrepaid,
    DocType::SalesBillCreditNote,
    DocType::PurchaseBillDomestic,
    DocType::PurchaseBillForeign,
    DocType::PurchaseOrder,
    DocType::WarehouseDeliveryNote,
    DocType::WarehousePackingList,
    DocType::WarehouseReceivingNote,
    DocType::WarehouseAcceptanceNote,
    DocType::TransferOrder,
    DocType::Workorder,
    DocType::Complaint,
];

impl DocType {
    /// The wire name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SalesOffer => "sales_offer",
            Self::SalesOrder => "sales_order",
            Self::SalesBillDomestic => "sales_bill_domestic",
            Self::SalesBillForeign => "sales_bill_foreign",
            Self::SalesBillRetail => "sales_bill_retail",
            Self::SalesBillPrepaid => "sales_bill_prepaid",
            Self::SalesBillCreditNote => "sales_bill_credit_note",
            Self::PurchaseBillDomestic => "purchase_bill_domestic",
            Self::PurchaseBillForeign => "purchase_bill_foreign",
            Self::PurchaseOrder => "purchase_order",
            Self::WarehouseDeliveryNote => "warehouse_delivery_note",
            Self::WarehousePackingList => "warehouse_packing_list",
            Self::WarehouseReceivingNote => "warehouse_receiving_note",
            Self::WarehouseAcceptanceNote => "warehouse_acceptance_note",
            Self::TransferOrder => "transfer_order",
            Self::Workorder => "workorder",
            Self::Complaint => "complaint",
        }
    }

    /// The kind of a wire name; the two spellings of a transfer are one kind.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "warehouse_transfer_order" {
            return Some(Self::TransferOrder);
        }
        ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// `document_type_short` of answers.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::SalesOffer => "PR_PO",
            Self::SalesOrder => "PR_SO",
            Self::SalesBillDomestic => "PR_RD",
            Self::SalesBillForeign => "PR_RT",
            Self::SalesBillRetail => "PR_RM",
            Self::SalesBillPrepaid => "PR_PR",
            Self::SalesBillCreditNote => "PR_DB",
            Self::PurchaseBillDomestic => "NA_RD",
            Self::PurchaseBillForeign => "NA_RT",
            Self::PurchaseOrder => "NA_NA",
            Self::WarehouseDeliveryNote => "SK_DO",
            Self::WarehousePackingList => "SK_OUT",
            Self::WarehouseReceivingNote => "SK_RE",
            Self::WarehouseAcceptanceNote => "SK_IN",
            Self::TransferOrder => "SK_PR",
            Self::Workorder => "DN",
            Self::Complaint => "RK",
        }
    }

    /// The prefix of the kind's automatic numbers.
    pub(crate) fn series(self) -> &'static str {
        match self {
            Self::SalesOffer => "PP1_",
            Self::SalesOrder => "PP-",
            Self::SalesBillDomestic => "1-MK-",
            Self::SalesBillForeign => "2-MK-",
            Self::SalesBillRetail => "3-MK-",
            Self::SalesBillPrepaid => "AV-",
            Self::SalesBillCreditNote => "DB-",
            Self::PurchaseBillDomestic => "PRD1_",
            Self::PurchaseBillForeign => "PRT1_",
            Self::PurchaseOrder => "NN-",
            Self::WarehouseDeliveryNote => "DO1_",
            Self::WarehousePackingList => "SK1_",
            Self::WarehouseReceivingNote => "PR1_",
            Self::WarehouseAcceptanceNote => "SP1_",
            Self::TransferOrder => "SM_",
            Self::Workorder => "DN-",
            Self::Complaint => "",
        }
    }

    /// A sales invoice of any kind, a prepayment bill or a credit note.
    pub(crate) fn is_sales_bill(self) -> bool {
        matches!(
            self,
            Self::SalesBillDomestic
                | Self::SalesBillForeign
                | Self::SalesBillRetail
                | Self::SalesBillPrepaid
                | Self::SalesBillCreditNote
        )
    }

    /// A bill of either side.
    pub(crate) fn is_bill(self) -> bool {
        self.is_sales_bill() || matches!(self, Self::PurchaseBillDomestic | Self::PurchaseBillForeign)
    }

    /// A warehouse document other than a transfer.
    pub(crate) fn is_warehouse(self) -> bool {
        matches!(
            self,
            Self::WarehouseDeliveryNote
                | Self::WarehousePackingList
                | Self::WarehouseReceivingNote
                | Self::WarehouseAcceptanceNote
        )
    }

    /// Whether searches of this kind run downwards when no direction is sent.
    pub(crate) fn newest_first(self) -> bool {
        matches!(self, Self::Workorder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_parses_back_to_its_kind() {
        for kind in ALL {
            assert_eq!(DocType::parse(kind.name()), Some(*kind));
        }
        assert_eq!(DocType::parse("warehouse_transfer_order"), Some(DocType::TransferOrder));
        assert_eq!(DocType::parse("SALES_ORDER"), None);
    }
}
