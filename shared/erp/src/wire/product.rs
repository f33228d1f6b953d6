//! Products, their prices, categories and parts, and the codes that suppliers give them.

wire! {
    /// A product, as listed and as sent to be added or changed.
    struct Product {
        count_code, mk_id, code, name, unit, service, sales, purchasing,
        unit2, unit_factor, barcode, name_desc, activated, eshop_sync, height, width, depth, weight,
        customs_fee, country, koli_package_amount, asset, compound, expiration_dates, gross_weight, lot_numbers,
        min_stock, safety_stock, minimal_order_quantity, norm, serial_numbers, work, title,
        purchase_unit, purchase_unit_factor, amount, free_amount, last_purchase_price, compound_type, complete_set,
        product_partner_info: Rows<SupplierCode>,
        extra_column: Rows<Pair>,
        localization: Rows<Localization>,
        supplier_info: Rows<Supplier>,
        pricelist: Rows<PriceList>,
        compounds: Rows<Compound>,
        category_tree_list: Rows<CategoryNode>,
        categories: Rows<CategoryPath>,
        category: Texts,
        amount_detail: Rows<AmountDetail>,
        reservation_detail: Rows<AmountDetail>,
        order_in_delivery: Rows<OrderInDelivery>,
        web_shop_link: Rows<WebShopLink>,
        attachment_list: Rows<Attachment>,
        meta_data: Rows<Pair>,
        remove_not_send_attachments, pricelist_remove_product_before_add, confirm_save_change_product_service,
        web_shop_url = "web_shop_URL", first_image_url = "first_image_URL", tax, tax_factor, tax_desc,
        opr_code, opr_desc, secret_key, company_id, api_user_email,
        .. "packaging_waste_" => packaging: Text,
    }

    /// A product's texts in another language.
    struct Localization {
        language, name, name_desc,
    }

    /// Who supplies a product.
    struct Supplier {
        partner_id, partner_name,
    }

    /// A supplier's own code of a product.
    struct SupplierCode {
        mk_id, product_id, product_code, product_name, partner_id, partner_name, partner_count_code,
    }

    /// A price list with one tier of it, or with its tiers.
    struct PriceList {
        count_code, title, buyer, valid_from, valid_to, sales_purchase, currency_code, pricelist_type,
        price_def: Rows<PriceTier>,
    }

    /// A price from an amount on.
    struct PriceTier {
        amount_from, amount_to, price, price_with_tax, discount, tax, tax_desc, tax_factor, lowest_price_30_days,
    }

    /// A part of a product.
    struct Compound {
        mk_id, product_mk_id, product_count_code, product_code, product_title, amount, purchase_unit_factor,
        supplier_id, n_of_workers, row_order, workplace_id, purchase_price, unit, mark_delete, notes, r#type = "type",
    }

    /// A category with the categories below it.
    struct CategoryNode {
        tree_node_container, tree_node_id, tree_node_label, tree_node_list: Rows<CategoryNode>, tree_node_visible,
    }

    /// A path of categories, outermost first.
    struct CategoryPath {
        category: Texts,
    }

    /// What is in one place, or reserved there.
    struct AmountDetail {
        warehouse_mark, warehouse_name, warehouse_id, serial_number, lot_number, exp_date, microlocation, amount,
    }

    /// What is ordered and on its way.
    struct OrderInDelivery {
        mk_id, expect_order_amount, export_order_delivery_date, warehouse_id, warehouse_mark, status, count_code,
    }

    /// A product's page in a web shop.
    struct WebShopLink {
        eshop_sync_id, eshop_sync_name, first_image_url, title, url,
    }

    /// A request for products.
    struct ProductQuery {
        secret_key, company_id, count_code, mk_id, code, title, search_with_like, sales, purchase, service, work,
        active, eshop_sync, category, limit, offset, return_warehause_stock, return_free_amount,
        return_warehouse_reservation, return_warehause_reservation, return_pricelist, show_tax_factor,
        return_product_compound, return_product_partner_info, return_category, return_expect_order_delivery_date,
        return_web_shop_link, return_last_purchase_price, show_product_metadata, api_user_email,
    }

    /// Products listed.
    struct ProductList {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, limit, offset,
        product_list_count, product_list: Rows<Product>, error_desc,
        count_code, mk_id, code, title, search_with_like, sales, purchase, service, work, active, eshop_sync,
        category, return_category, return_pricelist,
    }

    /// The answer to an added, changed or deleted product.
    struct ProductAnswer {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc,
        mk_id, count_code, code, product_partner_info_mk_id: Texts,
    }
}
