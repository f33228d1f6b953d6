//! Documents of every type, as read and as written, and the calls around them.

wire! {
    /// A document: what `get_document` answers, what a search of whole documents lists, what `put_document` and
    /// `update_document` send.
    struct Document {
        secret_key, company_id, mk_id, doc_type, opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms,
        opr_time_no_lock_ms, error_desc, count_code, count_code_internal, count_code_new, doc_date, publish_ts,
        partner: Rows<Partner>, receiver: Rows<Partner>, client: Rows<Partner>,
        service_from_date, service_to_date, receive_date, sales_pricelist_code, purchase_pricelist_code,
        prepayment_value, prepayment_percent, discount_value, discount_percent, duo_payment, duo_payment_days,
        currency_code, status_code, status_desc, title, pariteta, doc_created_email, commercialist_email,
        location_of_service, offer_list: Rows<Named>, order_list: Rows<Named>, sales_order_list: Rows<Named>,
        remove_sales_order_list: Rows<Named>, workorder_list: Rows<Named>, receiving_note_list: Rows<Named>,
        delivery_note_list: Rows<Named>, credit_note_list: Rows<Named>, packlist_accform_list: Rows<Named>,
        packlist_code, packlist_date, valid_days, valid_to, inquiry_num, offer_number,
        buyer_order, customer_order, customer_order_list: Texts, eshop_name, webshop_eshop_sync_id,
        link_to_web_store, warehouse, warehouse_delivery, delivery_date,
        sales_order_tracking_type = "salesOrderTrackingType", delivery_type, delivery_deadline, finish_date,
        priority, method_of_payment, notes, notes_header, order_create_ts, parcel_shop_id, profit_center,
        profit_center_desc, product_list: Rows<Row>, product_add: Rows<Row>, product_remove: Rows<Row>,
        mark_paid: Rows<MarkPaid>, extra_column: Rows<Pair>, shipped_date_expected_seller, shipped_date,
        sum_basic, sum_discount, sum_tax_total = "sum_tax", sum_all, sum_prepayment, sum_paid, sum_full_paid_when,
        sum_creditnote, sum_credit, last_paid_date, last_paid_sum, furs_zoi, furs_eor,
        count_code_foreign_country, bank_ref_prefix, bank_ref_number, credit_note_type, credit_note_bill,
        installment_list: Rows<Installment>, doc_link_list: Rows<Named>, meta_data: Rows<Pair>,
        delivery_service_events: Rows<DeliveryEvent>, delivery_stats: Rows<DeliveryStats>,
        document_info: Rows<DocumentInfo>, attachment_list: Rows<Attachment>, split_orders: Rows<Document>,
        sticker_list: Rows<Attachment>, created_ts, last_change_ts, last_change_user,
        tracking_code, return_tracking_code, tracking_intermediate_code, tracking_url,
        associated_tracking_numbers, clear: Texts, create_invoice, document_change_log_notes,
        warehouse_id_from = "warehouseIdFrom", warehouse_id_to = "warehouseIdTo", warehouse_mark_from,
        warehouse_mark_to, confirmed, confirm_save, document_type_short, total_price,
        duplicate_doc_list: Rows<Named>, product_not_found_list: Rows<Row>,
        bill_date, payment_date, import_date, import_user, warehouse_list: Rows<Warehouse>, write_off,
        api_user_email,
        complaint_products: Rows<Row>, replacement_products: Rows<Row>, additional_data, claim_id, claim_type,
        claim_status, claim_reason, claim_note, claim_description, reclamation_reason, reclamation_description,
        reclamation_replacement, include_services, refund, damaged, warehouse_damaged, sales_order_new_status,
        sales_order_customer_order, sales_order_count_code, sales_order_tracking_code,
        start_date, produce_deadline_date, doc_date_finished, warehouse_code, discount_precent,
        purchase_pricelist_list: Rows<Named>, create_product_plan_list: Rows<PlanRow>,
        create_product_realization_list: Rows<PlanRow>, material_list: Rows<PlanRow>, work_list: Rows<PlanRow>,
        external_id, order: Rows<Cart>,
        .. "sum_tax_" => sum_tax: Text,
    }

    /// A payment of a document.
    struct MarkPaid {
        payment_type, date, amount, payment_tip, cash_register = "cashRegister", cash_register_2 = "cash_register",
        notes, currency_code, doc_id, price,
    }

    /// A part of a bill that is due on a day of its own.
    struct Installment {
        mk_id, installment_date, installment_amount, installment_payed,
    }

    /// What a carrier reported.
    struct DeliveryEvent {
        event_code, event_date, event_status, event_place, tracking_code,
    }

    /// When a shipment was where.
    struct DeliveryStats {
        order_create_ts, date_delivery_service_accepted, date_first_delivery, date_delivery_finished,
        first_delivery_date, last_delivery_service_event_code, last_delivery_service_event_date,
        last_delivery_service_event_place, all_delivery_service_place, tracking_last_event,
    }

    /// Who did what to a document.
    struct DocumentInfo {
        user_email, name, surname, operation_type, notes, value_previous, value_new, operation_time,
    }

    /// A request for one document.
    struct DocumentQuery {
        secret_key, company_id, api_user_email, doc_type, doc_id, doc_count_code, doc_date, import_date, mk_id,
        count_code, buyer_order, customer_order,
        show_payment_detail, show_last_payment_date, show_product_compound, show_allocated_cost,
        show_sales_order_method_of_payment, show_tax_factor, show_product_detail, show_product_metadata,
        show_attachments, show_sum_credit, show_split_orders, show_tracking_url,
        return_delivery_service_events, return_delivery_stats, return_document_info, return_stickers_url,
        return_purchase_price, return_associated_tracking_numbers, return_credit_note_for_invoice,
        read_product_serial_from_linked_invoice,
        .. "show_" => show: Text,
    }

    /// A request to pay a document.
    struct Payment {
        secret_key, company_id, api_user_email, doc_type, mk_id, count_code, buyer_order, payment_mode, payment_type,
        cash_register, old_cash_register = "Cashregister", date, price, notes,
    }

    /// A request to attach files.
    struct AttachmentChange {
        secret_key, company_id, api_user_email, mk_id, doc_type, attachment_list: Rows<Attachment>,
    }

    /// A request for a report, and its answer unless it is the file.
    struct Report {
        secret_key, company_id, api_user_email, mk_id, report_id, params: Rows<Pair>, r#async = "async", token,
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc, progress, url,
        count_code, country, locale, hide_code,
    }
}
