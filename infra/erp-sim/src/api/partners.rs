//! get_partner, add_partner, update_partner.

use super::fields::Fields;
use super::matching::{new_partner, read_contact};
use super::{Call, Done, Refusal};
use crate::model::{Address, ContactPerson, Id, Partner};
use crate::wire::country::in_slovenian;
use crate::wire::json::Obj;
use crate::wire::partner::{PartnerView, write};

/// Partners by one key. Nothing found is an error here.
pub(crate) fn get(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let company = &*call.company;
    let parties = &company.parties;
    let ids: Vec<Id> = if let Some(id) = body.id("partner_id") {
        vec![id]
    } else if let Some(tax) = body.text("partner_tax_number") {
        // The number is compared as it was typed: with and without `SI` are two searches.
        let tax = tax.trim().to_uppercase();
        let same = |id: &Id| {
            let own = company.partners.get(id).and_then(|partner| partner.tax_id.as_deref());
            own.is_some_and(|own| own.trim().to_uppercase() == tax)
        };
        parties.with_tax(&tax).into_iter().filter(same).collect()
    } else if let Some(email) = body.text("partner_email") {
        parties.with_email(&email)
    } else if let Some(phone) = body.text("partner_phone_number") {
        parties.with_phone(&phone)
    } else if let Some(name) = body.text("partner_name") {
        parties.with_name_part(&name)
    } else {
        return Err(Refusal::invalid("One of partner search parameters must be set."));
    };
    let mut found: Vec<&Partner> = ids.iter().filter_map(|id| company.partners.get(id)).collect();
    if call.seem_empty {
        found.clear();
    }
    if found.is_empty() {
        return Err(Refusal::invalid("No partner with such properties."));
    }
    write_list(call, obj, &found, body.is_on("show_partner_discount"));
    Ok(())
}

fn write_list(call: &Call<'_>, obj: &mut Obj<'_>, partners: &[&Partner], discounts: bool) {
    let company = &*call.company;
    let view = PartnerView { discounts, lists: company.plain_list(), categories: company.collapsing() };
    obj.show("partner_list_count", partners.len());
    obj.list("partner_list", company.plain_list(), partners, |obj, partner| write(obj, partner, view));
}

/// A new partner; no guard against doubles, as in the ERP.
pub(crate) fn add(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let data = call.body.object("partner").ok_or_else(|| Refusal::invalid("Polje partner je obvezno."))?;
    if data.text("customer").is_none() {
        return Err(Refusal::invalid("Polje customer je obvezno."));
    }
    check_lengths(data)?;
    let partner = new_partner(call.company, data);
    obj.show("mk_id", partner.mk_id);
    obj.show_opt("mk_contact_id", partner.contacts.first().map(|contact| contact.mk_id));
    obj.list("mk_address_id_list", call.company.collapsing(), &partner.addresses, |obj, address| {
        obj.show("mk_id", address.mk_id);
        obj.opt("street", Some(&address.street));
    });
    call.company.put_partner(partner);
    Ok(())
}

fn check_lengths(data: Fields<'_>) -> Done {
    for (key, longest) in [
        ("tax_id_number", 50),
        ("registration_number", 50),
        ("customer", 100),
        ("street", 150),
        ("post_number", 20),
        ("place", 100),
        ("province", 50),
        ("country", 50),
    ] {
        if data.text(key).is_some_and(|text| text.chars().count() > longest) {
            return Err(Refusal::invalid(format!("Field {key} is longer than {longest} characters")));
        }
    }
    Ok(())
}

/// Changes what is sent; addresses and contacts with an id are changed, without one added.
pub(crate) fn update(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let data = call.body.object("partner").ok_or_else(|| Refusal::invalid("Polje partner je obvezno."))?;
    let by_number =
        || data.text("count_code").and_then(|code| call.company.parties.with_number(&code).first().copied());
    let id = data.id("mk_id").or_else(by_number);
    let id = id.filter(|id| call.company.partners.contains_key(id));
    let id = id.ok_or_else(|| Refusal::invalid("No partner with such properties."))?;
    check_lengths(data)?;
    let addresses = data.list("partner_delivery_address_list");
    let contacts = data.list("partner_contact_list");
    for contact in &contacts {
        if !contact.has("mk_id") && !contact.has("mk_address_id") {
            return Err(Refusal::invalid("Polje mk_address_id je obvezno."));
        }
    }
    let fresh: Vec<Id> = (0..addresses.len() + contacts.len()).map(|_| call.company.next_id()).collect();
    let mut fresh = fresh.into_iter();
    let mut refused = None;
    call.company.edit_partner(id, |partner| {
        set_fields(partner, data);
        for address in &addresses {
            if let Err(refusal) = put_address(partner, *address, &mut fresh) {
                refused = Some(refusal);
            }
        }
        for contact in &contacts {
            if let Err(refusal) = put_contact(partner, *contact, &mut fresh) {
                refused = Some(refusal);
            }
        }
    });
    if let Some(refusal) = refused {
        return Err(refusal);
    }
    let partner = call.company.partners.get(&id).cloned();
    let found: Vec<&Partner> = partner.iter().collect();
    write_list(call, obj, &found, false);
    Ok(())
}

/// Sets what is sent of the partner itself.
pub(crate) fn set_fields(partner: &mut Partner, data: Fields<'_>) {
    if let Some(flag) = data.flag("business_entity") {
        partner.business_entity = flag;
    }
    if let Some(flag) = data.flag("taxpayer") {
        partner.taxpayer = Some(flag);
    }
    if let Some(flag) = data.flag("foreign_county") {
        partner.foreign = flag;
    }
    if let Some(flag) = data.flag("buyer") {
        partner.buyer = flag;
    }
    if let Some(flag) = data.flag("supplier") {
        partner.supplier = flag;
    }
    if let Some(name) = data.text("customer") {
        partner.customer = name;
    }
    if let Some(tax) = data.text("tax_id_number") {
        partner.tax_id = Some(tax);
    }
    if let Some(number) = data.text("registration_number") {
        partner.registration_number = Some(number);
    }
    // The main address follows only when all four parts come together; a part alone is ignored.
    let whole = ["street", "post_number", "place", "country"].iter().all(|key| data.has(key));
    if let Some(main) = partner.addresses.first_mut().filter(|_| whole) {
        set_address(main, data, "place");
    }
}

/// Sets what is sent of an address; the city has another name on partners.
pub(crate) fn set_address(address: &mut Address, data: Fields<'_>, city: &str) {
    if let Some(kind) = data.text("address_type") {
        address.address_type = kind;
    }
    if let Some(street) = data.text("street") {
        address.street = street;
    }
    if let Some(post) = data.text("post_number") {
        address.post_number = post;
    }
    if let Some(city) = data.text(city) {
        address.city = city;
    }
    if let Some(province) = data.text("province") {
        address.province = Some(province);
    }
    if let Some(country) = data.text("country") {
        address.country = in_slovenian(&country);
    }
}

fn put_address(partner: &mut Partner, data: Fields<'_>, fresh: &mut impl Iterator<Item = Id>) -> Done {
    if let Some(id) = data.id("mk_id") {
        let known = partner.addresses.iter_mut().find(|address| address.mk_id == id);
        let address = known.ok_or_else(|| Refusal::invalid(format!("Address with mk_id {id} not found")))?;
        set_address(address, data, "city");
        return Ok(());
    }
    let mut address = Address {
        mk_id: fresh.next().unwrap_or_default(),
        address_type: "Dobava".to_owned(),
        street: String::new(),
        post_number: String::new(),
        city: String::new(),
        province: None,
        country: "Slovenija".to_owned(),
        payment_due_days: None,
        language: Some("Slovenski".to_owned()),
        currency: None,
    };
    set_address(&mut address, data, "city");
    partner.addresses.push(address);
    Ok(())
}

fn put_contact(partner: &mut Partner, data: Fields<'_>, fresh: &mut impl Iterator<Item = Id>) -> Done {
    let read = read_contact(data);
    if let Some(id) = data.id("mk_id") {
        let known = partner.contacts.iter_mut().find(|contact| contact.mk_id == id);
        let contact = known.ok_or_else(|| Refusal::invalid(format!("Contact with mk_id {id} not found")))?;
        contact.name = read.name.or_else(|| contact.name.take());
        contact.gsm = read.gsm.or_else(|| contact.gsm.take());
        contact.phone = read.phone.or_else(|| contact.phone.take());
        contact.fax = read.fax.or_else(|| contact.fax.take());
        contact.email = read.email.or_else(|| contact.email.take());
        return Ok(());
    }
    let address = data.id("mk_address_id").filter(|id| partner.addresses.iter().any(|address| address.mk_id == *id));
    let address_id = address.ok_or_else(|| Refusal::invalid("Address of the contact not found"))?;
    partner.contacts.push(ContactPerson { mk_id: fresh.next().unwrap_or_default(), address_id, ..read });
    Ok(())
}
