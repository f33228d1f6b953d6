//! Partners: companies and people, with addresses, contacts, discounts, and the blacklist.

wire! {
    /// A partner, alone or on a document.
    struct Partner {
        mk_id, business_entity, taxpayer, foreign_county, tax_id_number, customer, street, post_number, place,
        country, count_code, mk_address_id, country_iso_2, buyer, supplier, use_customer_as_contact = "useCustomerAsContact",
        registration_number, province, street_number, city, language, currency, payment_due_days,
        partner_contact: Rows<PartnerContact>,
        partner_contact_list: Rows<PartnerContact>,
        partner_delivery_address: Rows<PartnerAddress>,
        partner_delivery_address_list: Rows<PartnerAddress>,
        discounts: Rows<PartnerDiscount>,
        iban, swift, bank_name, bank_street, bank_place, bank_country_code,
        email, phone, gsm, fax, name, notes,
    }

    /// A person or mailbox at a partner.
    struct PartnerContact {
        mk_id, mk_address_id, contact_address, name, contact, gsm, phone, fax, email,
        use_customer_as_contact = "useCustomerAsContact", mark_delete,
    }

    /// An address of a partner.
    struct PartnerAddress {
        mk_id, address_type, street, street_number, post_number, city, place, province, payment_due_days, language,
        country, country_iso_2, currency_id, currency, mark_delete,
    }

    /// A discount of a partner.
    struct PartnerDiscount {
        categories: Texts, discount_percent, override_existing, product_code, count_code,
    }

    /// A request for partners.
    struct PartnerQuery {
        secret_key, company_id, partner_id, partner_name, partner_tax_number, partner_email, partner_phone_number,
        show_partner_discount, api_user_email,
    }

    /// A request to add or change a partner.
    struct PartnerChange {
        secret_key, company_id, partner: Rows<Partner>, api_user_email,
    }

    /// Partners found, or the ids of the partner just added.
    struct PartnerAnswer {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms,
        partner_list_count, partner_list: Rows<Partner>,
        mk_id, mk_contact_id, mk_address_id_list: Rows<PartnerAddress>, count_code,
        mk_contact_id_list: Rows<PartnerContact>, error_desc,
    }

    /// A request to search the blacklist.
    struct BlacklistQuery {
        secret_key, company_id, api_user_email, partner_email, partner_phone, partner_name, partner_phone_number,
    }

    /// A request to fill the blacklist.
    struct BlacklistImport {
        secret_key, company_id, api_user_email, clear_all, blacklist: Rows<BlacklistEntry>,
    }

    /// One on the blacklist.
    struct BlacklistEntry {
        customer, name, email, phone, gsm, mobilephone, street, post_number, place, province, country, reason,
        mk_id, email_on_blacklist, phone_on_blacklist, name_on_blacklist,
    }

    /// What a search of the blacklist or an import into it says.
    struct BlacklistAnswer {
        opr_code, opr_desc, opr_code_app, opr_desc_app, opr_time_ms, opr_time_no_lock_ms, error_desc,
        partner_list_count, blacklist: Rows<BlacklistEntry>, partner_list: Rows<BlacklistEntry>, result: Rows<BlacklistEntry>,
        is_on_blacklist, on_blacklist, blacklisted,
    }
}
