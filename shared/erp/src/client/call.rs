//! The endpoints that are called, by path family, and how each is treated.

/// Whether a call changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It can be repeated.
    Read,
    /// It may not be repeated: a lost answer leaves its effect unknown.
    Write,
}

/// An endpoint.
#[derive(Debug)]
pub(super) struct Call {
    path: &'static str,
    class: Class,
    file: bool,
}

impl Call {
    const fn read(path: &'static str) -> Self {
        Self { path, class: Class::Read, file: false }
    }

    const fn write(path: &'static str) -> Self {
        Self { path, class: Class::Write, file: false }
    }

    /// The path, from the host on.
    pub(super) const fn path(&self) -> &'static str {
        self.path
    }

    /// The last part of the path: what errors call it.
    pub(super) fn name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Whether it changes something.
    pub(super) const fn class(&self) -> Class {
        self.class
    }

    /// Whether it answers with a file.
    pub(super) const fn is_file(&self) -> bool {
        self.file
    }
}

pub(super) static SEARCH: Call = Call::read("/rest/eshop/v1/search");
pub(super) static DISCOVERY: Call = Call::read("/rest/eshop/v1/search_query_advance_discovery");
pub(super) static GET_DOCUMENT: Call = Call::read("/rest/eshop/v1/get_document");
pub(super) static PUT_DOCUMENT: Call = Call::write("/rest/eshop/v1/put_document");
pub(super) static UPDATE_DOCUMENT: Call = Call::write("/rest/eshop/v1/update_document");
pub(super) static PUT_TRANSFER: Call = Call::write("/rest/eshop/v1/put_document_transfer_order");
pub(super) static PUT_WORKORDER: Call = Call::write("/rest/eshop/v1/put_document_workorder");
pub(super) static UPDATE_WORKORDER: Call = Call::write("/rest/eshop/v1/update_document_workorder");
pub(super) static UPDATE_COMPLAINT: Call = Call::write("/rest/eshop/update_complaint");
pub(super) static DELETE_DOCUMENT: Call = Call::write("/rest/eshop/v1/delete_document");
pub(super) static CHANGE_STATUS: Call = Call::write("/rest/eshop/v1/change_document_status");
pub(super) static PUT_TRANSACTION: Call = Call::write("/rest/eshop/v1/put_transaction");
pub(super) static GET_PARTNER: Call = Call::read("/rest/eshop/v1/get_partner");
pub(super) static ADD_PARTNER: Call = Call::write("/rest/eshop/v1/add_partner");
pub(super) static UPDATE_PARTNER: Call = Call::write("/rest/eshop/v1/update_partner");
pub(super) static SEARCH_BLACKLIST: Call = Call::read("/rest/eshop/v1/search_blacklist_partner");
pub(super) static REPORT: Call = Call { path: "/rest/eshop/v1/report", class: Class::Read, file: true };
/// The same by a token: the answer is JSON, and the file is elsewhere.
pub(super) static REPORT_JOB: Call = Call::read("/rest/eshop/v1/report");
pub(super) static PROOF_OF_DELIVERY: Call =
    Call { path: "/rest/eshop/get_proof_of_delivery", class: Class::Read, file: true };
pub(super) static PRODUCT_LIST: Call = Call::read("/rest/eshop/v1/json/product_list");
pub(super) static PRODUCT_ADD: Call = Call::write("/rest/eshop/v1/json/product_add");
pub(super) static PRODUCT_UPDATE: Call = Call::write("/rest/eshop/v1/json/product_update");
pub(super) static PRODUCT_DELETE: Call = Call::write("/rest/eshop/v1/json/product_delete");
pub(super) static WAREHOUSE_LIST: Call = Call::read("/rest/eshop/v1/json/warehouse_list");
pub(super) static WAREHOUSE_STOCK: Call = Call::read("/rest/eshop/v1/json/warehouse_stock");
pub(super) static ADD_ATTACHMENT: Call = Call::write("/rest/eshop/add_attachment");
pub(super) static CREATE_COMPLAINT: Call = Call::write("/rest/eshop/create_complaint");
