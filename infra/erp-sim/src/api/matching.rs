//! The partner of a document: linked by id, matched by its data, or silently created.
//!
//! The rule, with the switch `partner_match`: `mk_id` links; `count_code` links; else the
//! tax number (with or without its country); else the whole name with the same street
//! and post number. When nothing fits a new partner is created, also when the document
//! then fails, as the ERP does.

use super::fields::Fields;
use super::{Call, Refusal};
use crate::model::{Address, ContactPerson, Id, Partner};
use crate::state::company::Company;
use crate::state::settings::PartnerMatch;
use crate::wire::country::in_slovenian;

/// The partner to use, and the address on it when one was named.
pub(crate) struct Matched {
    pub(crate) id: Id,
    pub(crate) address: Option<Id>,
}

/// Finds or makes the partner that `key` (`partner`, `receiver`, `client`) describes.
pub(crate) fn resolve(call: &mut Call<'_>, key: &str) -> Result<Option<Matched>, Refusal> {
    let Some(data) = call.body.object(key) else {
        return Ok(None);
    };
    let company = &mut *call.company;
    if let Some(id) = data.id("mk_id") {
        let partner = company.partners.get(&id);
        let partner = partner.ok_or_else(|| Refusal::invalid(format!("Partner with mk_id {id} not found")))?;
        let address = match data.id("mk_address_id") {
            Some(wanted) if partner.addresses.iter().any(|address| address.mk_id == wanted) => Some(wanted),
            Some(wanted) => return Err(Refusal::invalid(format!("Address with mk_id {wanted} not found"))),
            None => None,
        };
        return Ok(Some(Matched { id, address }));
    }
    if let Some(code) = data.text("count_code")
        && let Some(id) = company.parties.with_number(&code).first()
    {
        return Ok(Some(Matched { id: *id, address: None }));
    }
    if data.text("customer").is_none() && data.text("tax_id_number").is_none() {
        return Err(Refusal::invalid("Polje customer je obvezno."));
    }
    if company.settings.partner_match == PartnerMatch::MatchOrCreate
        && let Some(id) = find(company, data)
    {
        let address = address_like(company, id, data);
        return Ok(Some(Matched { id, address }));
    }
    let partner = new_partner(company, data);
    let matched = Matched { id: partner.mk_id, address: partner.addresses.first().map(|address| address.mk_id) };
    company.put_partner(partner);
    Ok(Some(matched))
}

fn find(company: &Company, data: Fields<'_>) -> Option<Id> {
    if let Some(tax) = data.text("tax_id_number")
        && let Some(id) = company.parties.with_tax(&tax).first()
    {
        return Some(*id);
    }
    let name = data.text("customer")?;
    company.parties.with_name(&name).into_iter().find(|id| address_like(company, *id, data).is_some())
}

fn address_like(company: &Company, id: Id, data: Fields<'_>) -> Option<Id> {
    let same =
        |one: &str, other: Option<String>| one.trim().to_lowercase() == other.unwrap_or_default().trim().to_lowercase();
    let partner = company.partners.get(&id)?;
    let address = partner.addresses.iter().find(|address| {
        same(&address.street, data.text("street")) && same(&address.post_number, data.text("post_number"))
    });
    address.map(|address| address.mk_id)
}

/// A partner from the data of a request: partner, address and contact ids in sequence.
pub(crate) fn new_partner(company: &mut Company, data: Fields<'_>) -> Partner {
    let mk_id = company.next_id();
    let mut addresses = vec![Address {
        mk_id: company.next_id(),
        address_type: "Račun".to_owned(),
        street: data.text("street").unwrap_or_default(),
        post_number: data.text("post_number").unwrap_or_default(),
        city: data.text("place").unwrap_or_default(),
        province: data.text("province"),
        country: in_slovenian(&data.text("country").unwrap_or_else(|| "Slovenija".to_owned())),
        payment_due_days: None,
        language: Some("Slovenski".to_owned()),
        currency: None,
    }];
    for other in data.list("partner_delivery_address") {
        addresses.push(Address {
            mk_id: company.next_id(),
            address_type: other.text("address_type").unwrap_or_else(|| "Dobava".to_owned()),
            street: other.text("street").unwrap_or_default(),
            post_number: other.text("post_number").unwrap_or_default(),
            city: other.text("city").unwrap_or_default(),
            province: other.text("province"),
            country: in_slovenian(&other.text("country").unwrap_or_else(|| "Slovenija".to_owned())),
            payment_due_days: None,
            language: Some("Slovenski".to_owned()),
            currency: None,
        });
    }
    let address_id = addresses[0].mk_id;
    let mut contacts = Vec::new();
    for contact in data.list("partner_contact") {
        let mut read = ContactPerson { mk_id: company.next_id(), address_id, ..read_contact(contact) };
        if contact.is_on("useCustomerAsContact") {
            read.name = data.text("customer");
        }
        contacts.push(read);
    }
    Partner {
        mk_id,
        count_code: data.text("count_code").unwrap_or_else(|| company.next_number("")),
        customer: data.text("customer").or_else(|| data.text("tax_id_number")).unwrap_or_default(),
        business_entity: data.is_on("business_entity"),
        taxpayer: data.flag("taxpayer"),
        foreign: data.is_on("foreign_county"),
        tax_id: data.text("tax_id_number"),
        registration_number: data.text("registration_number"),
        buyer: data.flag("buyer").unwrap_or(true),
        supplier: data.is_on("supplier"),
        addresses,
        contacts,
        discounts: Vec::new(),
    }
}

/// A contact as it was sent; ids are the caller's.
pub(crate) fn read_contact(data: Fields<'_>) -> ContactPerson {
    ContactPerson {
        mk_id: 0,
        address_id: 0,
        name: data.text("name").or_else(|| data.text("contact")),
        gsm: data.text("gsm"),
        phone: data.text("phone"),
        fax: data.text("fax"),
        email: data.text("email"),
    }
}
