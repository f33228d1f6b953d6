//! The conversions as the check of sample payloads runs them.

use super::{At, Refusal, contact, document, incoming_row, product, stock_row, warehouse};
use crate::wire;

/// What the conversions of a payload say.
type Outcomes = Vec<Result<(), Refusal>>;

/// The document that is the answer, if it is of a kind that the product converts.
pub(crate) fn sampled_document(answer: &wire::Document<'_>) -> Outcomes {
    let ours = answer
        .doc_type
        .decode()
        .ok()
        .flatten()
        .is_some_and(|name| domain::DocumentKind::from_erp_name(&name).is_some());
    if ours { vec![document(answer, None, At::Root).map(drop)] } else { Vec::new() }
}

/// The documents and products that were found.
pub(crate) fn sampled_search(answer: &wire::SearchAnswer<'_>) -> Outcomes {
    let documents = answer.result.objects().flat_map(sampled_document);
    documents.chain(answer.result_product.objects().map(|row| product(row, At::Root).map(drop))).collect()
}

/// The partners that were found.
pub(crate) fn sampled_partners(answer: &wire::PartnerAnswer<'_>) -> Outcomes {
    answer.partner_list.objects().map(|row| contact(row, At::Root).map(drop)).collect()
}

/// The products listed.
pub(crate) fn sampled_products(answer: &wire::ProductList<'_>) -> Outcomes {
    answer.product_list.objects().map(|row| product(row, At::Root).map(drop)).collect()
}

/// The warehouses listed.
pub(crate) fn sampled_warehouses(answer: &wire::WarehouseList<'_>) -> Outcomes {
    answer.warehouse_list.objects().map(|row| warehouse(row, At::Root).map(drop)).collect()
}

/// The rows of stock and the deliveries listed.
pub(crate) fn sampled_stock(answer: &wire::StockAnswer<'_>) -> Outcomes {
    let rows = answer.stock_list.objects().map(|row| stock_row(row, At::Root).map(drop));
    rows.chain(answer.order_in_delivery.objects().map(|row| incoming_row(row, At::Root).map(drop))).collect()
}
