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

    /// What tells a row and the partners that it names.
    struct RowHead {
        mk_id, partner: Rows<PartyHead>, receiver: Rows<PartyHead>,
    }

    /// What tells a partner.
    struct PartyHead {
        mk_id,
    }
}
