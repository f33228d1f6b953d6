//! Partners become contacts.

use domain::{Address, AddressKind, Contact, Person, contact::CategoryDiscount};

use super::{At, Problem, Refusal, Style, field::each};
use crate::wire::{Partner, PartnerAddress, PartnerContact, PartnerDiscount, Text};

/// The contact that a partner of `get_partner` is.
pub(crate) fn contact(partner: &Partner<'_>, at: At<'_>) -> Result<Contact, Refusal> {
    let id = at.field("mk_id", partner.mk_id);
    let name = at.field("customer", partner.customer);
    let mut addresses = each(&partner.partner_delivery_address_list, at, "partner_delivery_address_list", address)?;
    if addresses.is_empty() {
        addresses.extend(own_address(partner, at)?);
    }
    addresses.sort_by_key(|address| address.erp_id);
    let home = addresses.iter().find_map(|address| address.country);
    let contacts = &partner.partner_contact_list;
    let mut persons = each(contacts, at, "partner_contact_list", |contact, at| {
        let field = |key, text: Text<'_>| at.field(key, text).phone(home);
        person(contact, at, field("gsm", contact.gsm)?, field("phone", contact.phone)?, field("fax", contact.fax)?)
    })?;
    persons.sort_by_key(|person| person.erp_id);
    Ok(Contact {
        erp_id: id.required(id.id()?)?,
        number: at.field("count_code", partner.count_code).text()?,
        name: name.required(name.text()?)?,
        company: at.field("business_entity", partner.business_entity).flag()?.unwrap_or(false),
        taxpayer: at.field("taxpayer", partner.taxpayer).flag()?,
        foreign: at.field("foreign_county", partner.foreign_county).flag()?.unwrap_or(false),
        tax_number: at.field("tax_id_number", partner.tax_id_number).tax_number()?,
        registration_number: at.field("registration_number", partner.registration_number).text()?,
        buyer: at.field("buyer", partner.buyer).flag()?.unwrap_or(false),
        supplier: at.field("supplier", partner.supplier).flag()?.unwrap_or(false),
        addresses,
        persons,
        discounts: each(&partner.discounts, at, "discounts", discount)?,
    })
}

fn address(address: &PartnerAddress<'_>, at: At<'_>) -> Result<Address, Refusal> {
    let days = at.field("payment_due_days", address.payment_due_days);
    let too_many =
        |_| at.key("payment_due_days").refuse(Problem::Expected { what: "days", found: "too many".to_owned() });
    let city = at.field("city", address.city).text()?;
    Ok(Address {
        erp_id: at.field("mk_id", address.mk_id).id()?,
        kind: match at.field("address_type", address.address_type).text()? {
            Some(kind) => match kind.as_str() {
                "Račun" => AddressKind::Billing,
                "Dobava" => AddressKind::Delivery,
                "Poslovna enota" => AddressKind::Branch,
                _ => AddressKind::Other(kind),
            },
            None => AddressKind::Billing,
        },
        street: at.field("street", address.street).text()?,
        post_code: at.field("post_number", address.post_number).text()?,
        city: match city {
            Some(city) => Some(city),
            None => at.field("place", address.place).text()?,
        },
        province: at.field("province", address.province).text()?,
        country: at.field("country", address.country).country()?,
        payment_due_days: days.count()?.map(u32::try_from).transpose().map_err(too_many)?,
        language: at.field("language", address.language).text()?,
        currency: at.field("currency", address.currency).currency()?,
    })
}

/// The address that stands on the partner itself, where no list of addresses comes along.
fn own_address(partner: &Partner<'_>, at: At<'_>) -> Result<Option<Address>, Refusal> {
    let address = Address {
        erp_id: at.field("mk_address_id", partner.mk_address_id).id()?,
        kind: AddressKind::Billing,
        street: at.field("street", partner.street).text()?,
        post_code: at.field("post_number", partner.post_number).text()?,
        city: at.field("place", partner.place).text()?,
        province: at.field("province", partner.province).text()?,
        country: at.field("country", partner.country).country()?,
        payment_due_days: None,
        language: None,
        currency: None,
    };
    let said =
        address.street.is_some() || address.post_code.is_some() || address.city.is_some() || address.country.is_some();
    Ok(said.then_some(address))
}

fn person(
    contact: &PartnerContact<'_>,
    at: At<'_>,
    mobile: Option<domain::Phone>,
    phone: Option<domain::Phone>,
    fax: Option<domain::Phone>,
) -> Result<Person, Refusal> {
    let name = at.field("name", contact.name).text()?;
    Ok(Person {
        erp_id: at.field("mk_id", contact.mk_id).id()?,
        address: at.field("mk_address_id", contact.mk_address_id).id()?,
        name: match name {
            Some(name) => Some(name),
            None => at.field("contact", contact.contact).text()?,
        },
        email: at.field("email", contact.email).email()?,
        mobile,
        phone,
        fax,
    })
}

fn discount(discount: &PartnerDiscount<'_>, at: At<'_>) -> Result<CategoryDiscount, Refusal> {
    let percent = at.field("discount_percent", discount.discount_percent);
    let categories = discount.categories.items().iter().map(|text| at.field("categories", *text).text());
    Ok(CategoryDiscount {
        categories: categories.filter_map(Result::transpose).collect::<Result<_, _>>()?,
        percent: percent.required(percent.decimal(Style::Dot)?)?,
        overrides: at.field("override_existing", discount.override_existing).flag()?.unwrap_or(false),
    })
}
