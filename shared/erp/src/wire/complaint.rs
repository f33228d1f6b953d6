//! Complaints as they are made and changed.

wire! {
    /// A request to make or change a complaint.
    struct ComplaintChange {
        secret_key, company_id, api_user_email, claim_id, claim_type, claim_status, claim_reason, claim_description,
        claim_note, datetime, sales_order_count_code, sales_order_customer_order, sales_order_tracking_code,
        return_tracking_code, partner: Rows<Partner>, complaint_products: Rows<Row>, replacement_products: Rows<Row>,
        attachment_list: Rows<Attachment>, additional_data, reclamation_reason, reclamation_description,
        reclamation_replacement, include_services, refund, damaged, warehouse_damaged, sales_order_new_status,
    }
}
