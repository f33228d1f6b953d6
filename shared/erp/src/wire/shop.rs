//! Web shops and their terms of use.

wire! {
    /// A request to make a web shop, and its answer.
    struct Webshop {
        secret_key, company_id, api_user_email, r#type = "type", name, create_doc_type,
        report_background_id_list: Texts, report_background_file_name, report_background_country,
        report_background_file_data_b64, opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms,
        opr_time_no_lock_ms, error_desc, mk_id, eshop_sync_id, eshop_sync_name, webshop_eshop_sync_id, url,
    }

    /// A request to add terms of use.
    struct TermsOfUse {
        secret_key, company_id, api_user_email, eshop_sync_id, eshop_sync_name, file_name, file_content, country,
        language,
    }

    /// Prices that a user of the old web shop has.
    struct PriceAnswer {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc,
        product_list: Rows<Product>, pricelist: Rows<PriceList>, pricelist_list: Rows<PriceList>,
    }
}
