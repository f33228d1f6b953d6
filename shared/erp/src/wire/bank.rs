//! Bank statements, compensations, the cash journal, and the export for accountants.

wire! {
    /// A request for what happened on bank accounts or in cash registers.
    struct BankQuery {
        secret_key, company_id, api_user_email, doc_date, doc_date_from, doc_date_to, doc_id, cash_register,
        bank_account, code, offset, limit,
    }

    /// Statements or compensations.
    struct BankAnswer {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc, limit, offset,
        doc_id, doc_date, doc_date_from, doc_date_to, result_count, result_all_records, result: Rows<Statement>,
        cash_register, cash_register_journal_count, cash_register_journal_list: Rows<Statement>,
        statement_list: Rows<StatementStatus>,
    }

    /// A statement of an account, a day of a cash register, or a compensation.
    struct Statement {
        doc_date, code, doc_id, currency, bank_account, cash_register, initial_state, final_state, deposit,
        transactions: Rows<Transaction>,
        confirmation_date, confirmed, compensation_amount, partner_id, partner_desc, count_code,
        purchase_bill_list: Rows<CompensatedBill>, sales_bill_list: Rows<CompensatedBill>, opr_code,
    }

    /// A line of a statement.
    struct Transaction {
        r#type = "type", partner, document, description, amount, payment_type, doc_id, partner_id, date, reference,
    }

    /// A bill in a compensation.
    struct CompensatedBill {
        mk_id, opr_code, count_code, doc_date, duo_payment, currency_code, receive_date, sum_all, sum_paid,
        compensation_amount,
    }

    /// The newest statement of an account.
    struct StatementStatus {
        opr_code, opr_time_ms, opr_desc, ttr, currency, last_statement_count_code, last_statement_date,
        finished_state,
    }

    /// A request to export for accountants, and its answer.
    struct AccountingExport {
        secret_key, company_id, api_user_email, profile_name_list: Texts, from_date, to_date, export_attachment,
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc, result_url,
        job_id, status,
    }
}
