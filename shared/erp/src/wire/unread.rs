//! Pages whose rows are left as text: what a reader needs that may know them already.

wire! {
    /// What a search found, its documents unread.
    struct UnreadSearch {
        opr_code, opr_desc, opr_code_app, opr_desc_app, error_desc, result_all_records, result_count, result: Texts,
    }

    /// A list of products, unread.
    struct UnreadProducts {
        opr_code, opr_desc, opr_code_app, opr_desc_app, error_desc, product_list_count, product_list: Texts,
    }
}
