//! Messages: SMS, Viber, WhatsApp and e-mail, and what became of them.

wire! {
    /// A request to send messages, or the answer.
    struct MessageBatch {
        secret_key, company_id, api_user_email, opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms,
        opr_time_no_lock_ms, error_desc, message_list: Rows<Message>,
    }

    /// A message, or a thread of them.
    struct Message {
        r#type = "type", mk_id, sender_message_id, status, error_desc, eshop_sync_id, abandoned_cart_id, to_number,
        from_number, message, message_type, receiver_country, sender_name,
        email_from, email_sender_name, email_to_list: Texts, email_cc_list: Texts, email_bc_list: Texts,
        email_subject, email_html_body, attached_file_list: Rows<Attachment>,
        doc_type, doc_id, doc_count_code, customer_order, direction, create_time, receive_time, received_time,
        seen_time, message_list: Rows<Message>, opr_code, opr_desc,
    }

    /// A request for messages or for the events of e-mails.
    struct MessageQuery {
        secret_key, company_id, api_user_email, r#type = "type", doc_type, doc_id,
        return_new_inbound_messages_from, mk_id_list: Texts, limit, offset,
    }

    /// What happened to an e-mail. The call answers with a bare list of them, or with an envelope.
    struct EmailEvent {
        mk_id, sender_message_id, event, event_type, r#type = "type", status, email, recipient, timestamp, time,
        event_time, event_ts, reason, description, error_desc, events: Rows<EmailEvent>,
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms,
    }
}
