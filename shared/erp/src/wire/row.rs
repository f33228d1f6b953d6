//! Rows of documents.

wire! {
    /// A row of a document: of a sale, a purchase, a transfer, a complaint, an inventory.
    struct Row {
        mk_row_id, count_code, mk_id, code, r#type = "type", name, name_desc, unit, amount, price, price_with_tax,
        discount, tax, tax_factor, tax_desc, doc_desc, microlocation, serial_number_value, lot_number_value,
        expiration_date_value, meta_data: Rows<Pair>,
        compound_type, compounds: Rows<Compound>, allocated_cost_list: Rows<AllocatedCost>,
        purchase_price_list: Rows<PurchasePrice>, price_purchase, allocated_code_purchase, allocated_cost_sales,
        target_microlocation, amount_original, amount_warehouse, amount_new, amount_diff, purchase_price,
        mark_delete, service, sales, purchasing, categories: Rows<CategoryPath>, barcode, country, customs_fee,
        title, warehouse, extra_column: Rows<Pair>, web_shop_url = "web_shop_URL",
        first_image_url = "first_image_URL", localization: Rows<Localization>, weight, gross_weight,
        product_code, product_id, error_desc, opr_code,
        .. "packaging_waste_" => packaging: Text,
    }

    /// A cost that is spread over the rows.
    struct AllocatedCost {
        r#type = "type", value, currency_code,
    }

    /// What a product cost.
    struct PurchasePrice {
        mk_id, code, count_code, stock_price, stock_allocation_cost, last_price, last_allocation_cost,
        pricelist_price, amount,
    }
}
