//! The search of documents and what it can be asked.

wire! {
    /// A search.
    struct SearchQuery {
        secret_key, company_id, api_user_email, doc_type, query, query_advance: Rows<Pair>, result_type, limit,
        offset, order_direction, show_status_code, show_payment_detail, show_product_detail, show_tax_factor,
        show_product_metadata, show_sum_credit, show_split_orders, show_tracking_url, show_last_payment_date,
        show_attachments, return_delivery_service_events, return_stickers_url, return_purchase_price,
        return_associated_tracking_numbers, return_credit_note_for_invoice, return_delivery_stats,
        return_document_info, read_product_serial_from_linked_invoice,
        .. "show_" => show: Text,
    }

    /// What a search found: documents, whole or short, or products.
    struct SearchAnswer {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time, opr_time_no_lock_ms, error_desc,
        result_all_records, result_count, offset, limit, result: Rows<Document>, result_product: Rows<Product>,
        credit_note_list: Rows<Named>,
    }

    /// What can be searched for, by document type.
    struct Discovery {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc,
        .. "" => doc_types: Rows<QueryType>,
    }

    /// One thing that can be searched for.
    struct QueryType {
        r#type = "type", label, value_desc,
    }
}
