//! Which decoder belongs to which endpoint.

use super::{Conversions, DecodeError, Decoded, Kind, report};
use crate::{
    convert,
    json::Reader,
    wire::{self, Rows, Value},
};

/// Decodes and checks one payload.
type Decode = fn(&[u8]) -> Result<Decoded, DecodeError>;

/// The decoder that reads into a type of the wire, and what is converted of it.
macro_rules! typed {
    ($name:ident) => {
        typed!($name, |_: &wire::$name<'_>| Conversions::new())
    };
    ($name:ident, $convert:expr) => {
        (|bytes: &[u8]| {
            let mut reader = Reader::new(bytes)?;
            let root = Rows::<'_, wire::$name<'_>>::read(&mut reader)?;
            reader.finish()?;
            report(bytes, &root, $convert)
        }) as Decode
    };
}

/// An endpoint: its path, the decoder of its requests, the decoder of its answers.
type Endpoint = (&'static str, Decode, Decode);

const V1: &[Endpoint] = &[
    ("put_document", typed!(Document), typed!(Document)),
    ("get_document", typed!(DocumentQuery), typed!(Document, convert::sampled_document)),
    ("update_document", typed!(Document), typed!(Document)),
    ("delete_document", typed!(DocumentQuery), typed!(Envelope)),
    ("get_change_documents", typed!(SearchQuery), typed!(SearchAnswer, convert::sampled_search)),
    ("put_document_workorder", typed!(Document), typed!(Document)),
    ("update_document_workorder", typed!(WorkorderChange), typed!(Document)),
    ("update_workorder_perform_operation", typed!(WorkorderChange), typed!(Envelope)),
    ("put_document_transfer_order", typed!(Document), typed!(Document)),
    ("put_sales_offer", typed!(Document), typed!(Document)),
    ("get_document_for_bill", typed!(DocumentQuery), typed!(Document)),
    ("abandoned_cart_update", typed!(Cart), typed!(Envelope)),
    ("search", typed!(SearchQuery), typed!(SearchAnswer, convert::sampled_search)),
    ("search_query_advance_discovery", typed!(Identity), typed!(Discovery)),
    ("search_tracking_code", typed!(Tracking), typed!(Tracking)),
    ("search_blacklist_partner", typed!(BlacklistQuery), typed!(BlacklistAnswer)),
    ("import_blacklist_partner", typed!(BlacklistImport), typed!(BlacklistAnswer)),
    ("report", typed!(Report), typed!(Report)),
    ("get_partner", typed!(PartnerQuery), typed!(PartnerAnswer, convert::sampled_partners)),
    ("add_partner", typed!(PartnerChange), typed!(PartnerAnswer)),
    ("update_partner", typed!(PartnerChange), typed!(PartnerAnswer, convert::sampled_partners)),
    ("put_transaction", typed!(Payment), typed!(Envelope)),
    ("change_document_status", typed!(OrderSelection), typed!(Envelope)),
    ("mark_orders_as_shipped", typed!(OrderSelection), typed!(Envelope)),
    ("generate_sticker", typed!(OrderSelection), typed!(StickerAnswer)),
    ("source_stock", typed!(StockQuery), typed!(StockAnswer)),
    ("get_order_change_warehouse", typed!(OrderRules), typed!(OrderRules)),
    ("replace_order_change_warehouse", typed!(OrderRules), typed!(OrderRules)),
    ("get_order_forbidden_products", typed!(OrderRules), typed!(OrderRules)),
    ("replace_order_forbidden_products", typed!(OrderRules), typed!(OrderRules)),
    ("get_delivery_service_pricelist", typed!(Identity), typed!(DeliveryPriceLists)),
    ("get_bank_statement_status", typed!(BankQuery), typed!(BankAnswer)),
    ("add_webshop_terms_of_use", typed!(TermsOfUse), typed!(Envelope)),
    ("get_pricelist_inventories", typed!(ProductQuery), typed!(PriceAnswer)),
    ("check_inventories", typed!(StockQuery), typed!(StockAnswer)),
    ("accounting_export", typed!(AccountingExport), typed!(AccountingExport)),
];

const JSON: &[Endpoint] = &[
    ("product_list", typed!(ProductQuery), typed!(ProductList, convert::sampled_products)),
    ("product_add", typed!(Product), typed!(ProductAnswer)),
    ("product_update", typed!(Product), typed!(ProductAnswer)),
    ("product_delete", typed!(ProductQuery), typed!(ProductAnswer)),
    ("put_product_partner_code", typed!(Product), typed!(ProductAnswer)),
    ("update_product_partner_code", typed!(Product), typed!(ProductAnswer)),
    ("delete_product_partner_code", typed!(Product), typed!(ProductAnswer)),
    ("warehouse_list", typed!(StockQuery), typed!(WarehouseList, convert::sampled_warehouses)),
    ("warehouse_stock", typed!(StockQuery), typed!(StockAnswer, convert::sampled_stock)),
    ("cash_register_journal", typed!(BankQuery), typed!(BankAnswer)),
    ("get_bank_statement", typed!(BankQuery), typed!(BankAnswer)),
    ("get_bank_compensation", typed!(BankQuery), typed!(BankAnswer)),
    ("put_sales_bill", typed!(Document), typed!(Document)),
    ("put_transaction", typed!(Payment), typed!(Envelope)),
    ("add_payment", typed!(Payment), typed!(Envelope)),
];

const ESHOP: &[Endpoint] = &[
    ("add_attachment", typed!(AttachmentChange), typed!(Envelope)),
    ("send_message", typed!(MessageBatch), typed!(MessageBatch)),
    ("get_message", typed!(MessageQuery), typed!(MessageBatch)),
    ("get_email_events", typed!(MessageQuery), typed!(EmailEvent)),
    ("create_complaint", typed!(ComplaintChange), typed!(Envelope)),
    ("update_complaint", typed!(ComplaintChange), typed!(Envelope)),
    ("import_inventory", typed!(InventoryImport), typed!(InventoryAnswer)),
    ("sync_stock", typed!(StockQuery), typed!(StockAnswer)),
    ("accounting_export", typed!(AccountingExport), typed!(AccountingExport)),
    ("get_proof_of_delivery", typed!(Tracking), typed!(Envelope)),
    ("create_webshop", typed!(Webshop), typed!(Webshop)),
    ("group_expedition", typed!(Document), typed!(Document)),
    ("getUserPrices", typed!(Identity), typed!(PriceAnswer)),
];

const PDF: &[Endpoint] = &[("report_bill", typed!(Report), typed!(Report))];

/// The path families: getting one wrong gives a web page instead of an answer.
pub(super) const FAMILIES: [(&str, &[Endpoint]); 4] =
    [("/rest/eshop/v1/json/", JSON), ("/rest/eshop/v1/pdf/", PDF), ("/rest/eshop/v1/", V1), ("/rest/eshop/", ESHOP)];

/// The decoder of an endpoint, which is a path, `*` for any answer, or `webhook:EVENT`.
pub(super) fn decoder(endpoint: &str, kind: Kind) -> Option<Decode> {
    if endpoint == "*" {
        return Some(typed!(Envelope));
    }
    if endpoint.starts_with("webhook:") {
        return Some(typed!(StockAnswer, convert::sampled_stock));
    }
    let path = match endpoint.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/')?..],
        None => endpoint,
    };
    if path.contains("/items/") {
        return Some(typed!(StockPush));
    }
    let known = |(_, request, response): &Endpoint| match kind {
        Kind::Request => *request,
        Kind::Response | Kind::Webhook => *response,
    };
    let (family, endpoints) = FAMILIES.iter().find(|(family, _)| path.starts_with(family))?;
    // The old call for prices carries the account in its path.
    let name = path[family.len()..].split(['/', '?']).next()?;
    let named = |endpoints: &[Endpoint]| endpoints.iter().find(|(known, ..)| *known == name).map(known);
    // The documentation itself names calls under the wrong family now and then. For reading that does not matter.
    named(endpoints).or_else(|| FAMILIES.iter().find_map(|(_, endpoints)| named(endpoints)))
}
