//! What surrounds an answer, and requests that say nothing but who asks.

wire! {
    /// The members that any answer may have. It also reads answers of calls that say nothing more.
    struct Envelope {
        opr_code, opr_desc, opr_code_app, opr_desc_app, error_desc, opr_time_ms, opr_time, opr_time_no_lock_ms,
        mk_id, count_code, token, status, check_respond_status_json_ok,
        partner: Rows<Partner>,
        duplicate_doc_list: Rows<Named>,
        product_not_found_list: Rows<Row>,
    }

    /// A request of nothing but the account.
    struct Identity {
        secret_key, company_id, api_user_email,
    }

    /// A thing by its names: a linked document, a list by code, a performer.
    struct Named {
        mk_id, count_code, doc_type, doc_id, buyer_order, customer_order, email, bill_mk_id, opr_code,
        name, code, title, sum_eur, sum_currency, doc_date, status_code, sum_all, total_price,
    }

    /// A name and a value: custom fields, meta data, parameters.
    struct Pair {
        name, value, key, value_string, display_key, display_value, r#type = "type",
    }

    /// A file to attach, or one that is attached.
    struct Attachment {
        file_name, source_url, data_b64, content_type, file_data_base64, bill_mk_id, url, valid_until, mk_id,
    }

    /// A change of documents' status, or orders to mark as shipped, or orders to print stickers for.
    struct OrderSelection {
        secret_key, company_id, api_user_email, doc_type, mk_id, mk_id_list: Texts, buyer_order,
        status_code, status_code_new, shipped_date, country,
        sales_order_id_list: Texts, order_id_list: Texts, customer_order_list: Texts,
        tracking_code, sticker_code, document_change_log_notes, delivery_type, format,
    }
}
