//! What belongs to orders: rules, shipping, stickers, tracking, abandoned carts.

wire! {
    /// Rules by which an order changes its warehouse or is stopped, read or replaced.
    struct OrderRules {
        secret_key, company_id, api_user_email, opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms,
        opr_time_no_lock_ms, error_desc, change_list: Rows<OrderRule>,
    }

    /// A rule.
    struct OrderRule {
        from_status_list: Texts, from_warehouse_mark_list: Texts, from_delivery_type_list: Texts,
        from_country_list: Texts, product_code_list: Texts, to_warehouse_mark, to_delivery_type, to_status,
        forbidden_country_list: Texts, forbidden_status_list: Texts, forbidden_delivery_type_list: Texts,
    }

    /// Stickers printed.
    struct StickerAnswer {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc,
        sticker_public_url, sticker_url, url, valid_until,
        sticker_list: Rows<Sticker>, result: Rows<Sticker>, order_list: Rows<Sticker>,
    }

    /// The sticker of one order.
    struct Sticker {
        mk_id, order_id, sales_order_id, count_code, customer_order, buyer_order, opr_code, opr_desc, error_desc,
        tracking_code, carrier_tracking_code, return_tracking_code, sticker_public_url, url, valid_until,
    }

    /// A request by tracking code, or the order that has it.
    struct Tracking {
        secret_key, company_id, api_user_email, opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms,
        opr_time_no_lock_ms, error_desc, mk_id, count_code, buyer_order, tracking_code, sticker_code,
        return_tracking_code, doc_type,
    }

    /// What carriers charge.
    struct DeliveryPriceLists {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc,
        pricelist_list_count, pricelist_list: Rows<DeliveryPriceList>,
    }

    /// What one carrier charges.
    struct DeliveryPriceList {
        currency_code, delivery_type, package_delivered_status_list: Texts, package_return_status_list: Texts,
        pricelist_rows: Rows<DeliveryPrice>,
    }

    /// A price of a carrier.
    struct DeliveryPrice {
        cod_cost, id, package_delivery_cost, package_weight, return_cost, transport_cost, valid_from, valid_to,
        country,
    }

    /// A cart that somebody left, as it is put and changed.
    struct Cart {
        secret_key, company_id, api_user_email, doc_type, doc_date, mk_id, opr_code,
        id, external_id, external_id_list: Texts, number, status, order_value, currency, checkout_url, is_cod,
        webshop_eshop_sync_id, first_name, last_name, company, address_1, address_2, city, state, postal_code,
        country, county, locality, address_bl, address_sc, address_et, address_ap, gsm, phone, email, language,
        items: Rows<CartItem>, order: Rows<Cart>, customer: Rows<Cart>, notes, created, created_ts, discount_value,
    }

    /// An item of a cart.
    struct CartItem {
        id, variation_id, sku, name, quantity, unit, price, price_with_tax, tax_factor, tax, image_url, url,
        discount,
    }
}
