//! The table of endpoints: three path families, as the ERP has them.

use super::{Class, Endpoint, Handler};
use super::{
    attachments, bank, blacklist, carts, complaints, documents, inventory, messages, partners, payments, products,
    reports, rules, search, shipping, stock, transfers, updates,
};

const V1: &str = "/rest/eshop/v1";
const JSON: &str = "/rest/eshop/v1/json";
const ESHOP: &str = "/rest/eshop";

const fn at(prefixes: &'static [&'static str], name: &'static str, latency: u32, handler: Handler) -> Endpoint {
    Endpoint { name, prefixes, class: Class::Free, newer: false, bare: false, latency, handler }
}

const fn v1(name: &'static str, latency: u32, handler: Handler) -> Endpoint {
    at(&[V1], name, latency, handler)
}

const fn json(name: &'static str, latency: u32, handler: Handler) -> Endpoint {
    at(&[JSON], name, latency, handler)
}

const fn eshop(name: &'static str, latency: u32, handler: Handler) -> Endpoint {
    at(&[ESHOP], name, latency, handler)
}

const fn class(class: Class, mut endpoint: Endpoint) -> Endpoint {
    endpoint.class = class;
    endpoint
}

const fn newer(mut endpoint: Endpoint) -> Endpoint {
    endpoint.newer = true;
    endpoint
}

const fn bare(mut endpoint: Endpoint) -> Endpoint {
    endpoint.bare = true;
    endpoint
}

/// All endpoints.
pub(crate) static ENDPOINTS: &[Endpoint] = &[
    bare(v1("get_partner", 60, partners::get)),
    bare(v1("add_partner", 120, partners::add)),
    bare(v1("update_partner", 140, partners::update)),
    class(Class::Slow, json("product_list", 600, products::list)),
    json("product_add", 90, products::add),
    json("product_update", 60, products::update),
    json("product_delete", 40, products::delete),
    json("put_product_partner_code", 150, products::put_supplier_codes),
    json("update_product_partner_code", 180, products::update_supplier_codes),
    json("delete_product_partner_code", 300, products::delete_supplier_codes),
    json("warehouse_list", 58, stock::warehouses),
    class(Class::Slow, json("warehouse_stock", 86, stock::list)),
    eshop("sync_stock", 90, stock::sync),
    class(Class::Slow, newer(v1("source_stock", 200, stock::source))),
    class(Class::Search, v1("search", 300, search::search)),
    v1("search_query_advance_discovery", 20, search::discovery),
    class(Class::Slow, v1("search_tracking_code", 60, search::tracking_code)),
    v1("get_document", 120, documents::get),
    v1("put_document", 450, documents::put),
    v1("update_document", 700, updates::update),
    v1("delete_document", 900, documents::delete),
    v1("change_document_status", 40, updates::change_status),
    v1("mark_orders_as_shipped", 120, shipping::mark_shipped),
    v1("generate_sticker", 2500, shipping::stickers),
    newer(v1("get_delivery_service_pricelist", 30, shipping::pricelist)),
    newer(eshop("get_proof_of_delivery", 60, shipping::proof)),
    newer(eshop("group_expedition", 400, shipping::group)),
    at(&[V1, JSON], "put_transaction", 60, payments::put),
    json("add_payment", 60, payments::put),
    eshop("add_attachment", 250, attachments::add),
    newer(v1("report", 900, reports::report)),
    at(&[ESHOP, V1], "accounting_export", 900, reports::export),
    eshop("create_complaint", 189, complaints::create),
    eshop("update_complaint", 23, complaints::update),
    newer(eshop("get_message", 300, messages::get)),
    eshop("send_message", 400, messages::send),
    eshop("get_email_events", 60, messages::email_events),
    v1("put_document_workorder", 300, transfers::put_workorder),
    v1("update_document_workorder", 300, transfers::update_workorder),
    v1("put_document_transfer_order", 300, transfers::put_transfer),
    eshop("import_inventory", 3000, inventory::import),
    class(Class::Slow, json("get_bank_statement", 60, bank::statements)),
    class(Class::Slow, json("get_bank_compensation", 100, bank::compensations)),
    class(Class::Slow, json("cash_register_journal", 300, bank::cash_journal)),
    v1("get_bank_statement_status", 52, bank::status),
    v1("search_blacklist_partner", 30, blacklist::search),
    v1("import_blacklist_partner", 100, blacklist::import),
    newer(v1("get_order_change_warehouse", 300, rules::get_change_warehouse)),
    newer(v1("replace_order_change_warehouse", 48, rules::replace_change_warehouse)),
    newer(v1("get_order_forbidden_products", 29, rules::get_forbidden)),
    newer(v1("replace_order_forbidden_products", 48, rules::replace_forbidden)),
    v1("abandoned_cart_update", 30, carts::update),
];

#[cfg(test)]
mod tests {
    use super::super::find;

    #[test]
    fn the_wrong_path_family_leads_nowhere() {
        assert!(find("/rest/eshop/v1/json/product_list").is_some());
        assert!(find("/rest/eshop/v1/product_list").is_none());
        assert!(find("/rest/eshop/add_attachment").is_some());
        assert!(find("/rest/eshop/v1/add_attachment").is_none());
        assert!(find("/rest/eshop/v1/get_change_documents").is_none());
    }
}
