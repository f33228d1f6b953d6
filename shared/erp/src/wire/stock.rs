//! Warehouses, stock, inventories, and the webhook that tells of a change of stock.

wire! {
    /// A warehouse; in an inventory with what is counted there.
    struct Warehouse {
        mk_id, mark, name, same_address_as_company, main_warehouse, street, post, place, country,
        default_microloc_id, include_in_stock_info, active, warehouse_type, show_product_free_stock,
        product_list: Rows<Row>,
    }

    /// The warehouses.
    struct WarehouseList {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc,
        offset, limit, warehouse_list_count, warehouse_list: Rows<Warehouse>,
    }

    /// A request for stock, or to write it.
    struct StockQuery {
        secret_key, company_id, api_user_email, offset, limit, wh_id_list: Texts, product_code_list: Texts,
        product_mk_id_list: Texts, eshop_sync, return_expect_order_delivery_date, return_reservation_without_stock,
        return_reservation_without_amount, include_current_stock, stock_list: Rows<StockRow>,
        warehouse_id, product_code, eshop_sync_id,
    }

    /// The stock of a product in one place of a warehouse.
    struct StockRow {
        warehouse_id, mk_id, count_code, code, title, amount, reserved_amount, free_amount, unit, unit2, unit_factor,
        microlocation, lot_number, serial_number, exp_date, lot_number_value, serial_number_value,
        expiration_date_value, expiration_date, warehouse_mark,
        product_code, product_id, product_mk_id, current_day_invoice_amount, error_desc, opr_code, opr_desc,
    }

    /// Stock, as listed, as written, and as a webhook tells of it.
    struct StockAnswer {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc,
        offset, limit, wh_id_list: Texts, product_code_list: Texts, product_mk_id_list: Texts, eshop_sync,
        stock_list_count, stock_list: Rows<StockRow>,
        order_in_delivery: Rows<OrderInDelivery>,
        stock_remove_list: Rows<StockRow>,
        error_list: Rows<StockRow>,
        source_stock_list: Rows<StockRow>,
        result: Rows<StockRow>,
        check_respond_status_json_ok, status,
    }

    /// A request to import an inventory.
    struct InventoryImport {
        secret_key, company_id, api_user_email, inventory_date, doc_date, notes, replace_inventory_id,
        warehouse_list: Rows<Warehouse>,
    }

    /// The answer to an inventory.
    struct InventoryAnswer {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc,
        mk_id, count_code, inventory_id, product_not_found_list: Rows<Row>,
        warehouse_not_found_list: Rows<Warehouse>, warehouse_list: Rows<Warehouse>,
    }

    /// What Metakocka itself tells a shop of its own: the stock of one item.
    struct StockPush {
        stock_amount, item_id,
    }
}
