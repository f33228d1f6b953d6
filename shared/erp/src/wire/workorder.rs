//! Work orders: what is planned, what was done, and changes of both.

wire! {
    /// A row of a work order: a product to make, a material or work, planned or done.
    struct PlanRow {
        mk_id, r#type = "type", product_code, product_count_code, product_mk_id, product_plan_mk_id, position_mk_id,
        amount, amount_plan, amount_realization, price_sales, discount_sales, price_purchase, price_purchase_plan,
        purchase_price, notes, warehouse_code, when, microlocation, lot_number_value, serial_number_value,
        expiration_date_value, fulfillment_user, mark_delete, performer_name_list: Rows<Named>,
        product_title, product_name, unit, code, count_code, name, price, tax,
        material_plan_list: Rows<PlanRow>, material_realization_list: Rows<PlanRow>, work_plan_list: Rows<PlanRow>,
        work_realization_list: Rows<PlanRow>, product_realization_list: Rows<PlanRow>,
    }

    /// A request to change a work order.
    struct WorkorderChange {
        secret_key, company_id, api_user_email, mk_id, count_code, doc_type, status_code, title, notes, notes_header,
        doc_date, start_date, finish_date, produce_deadline_date, doc_date_finished, buyer_order, fulfillment_user,
        product_list: Rows<PlanRow>, material_list: Rows<PlanRow>, work_list: Rows<PlanRow>,
        document_change_log_notes,
    }
}
