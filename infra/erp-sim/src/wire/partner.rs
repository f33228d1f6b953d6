//! A partner as the partner calls return it, and as documents embed it.

use super::country;
use super::json::{Obj, Shape};
use crate::model::{Address, Id, Partner};

/// What decides how a partner is shown.
#[derive(Clone, Copy)]
pub(crate) struct PartnerView {
    /// `show_partner_discount`.
    pub(crate) discounts: bool,
    /// How one-element lists look (the partner's own lists).
    pub(crate) lists: Shape,
    /// How a category of one element looks.
    pub(crate) categories: Shape,
}

/// Fills the object that get_partner and update_partner return.
pub(crate) fn write(obj: &mut Obj<'_>, partner: &Partner, view: PartnerView) {
    obj.show("mk_id", partner.mk_id);
    write_kind(obj, partner);
    obj.text("customer", &partner.customer);
    obj.text("count_code", &partner.count_code);
    obj.opt("tax_id_number", partner.tax_id.as_deref());
    obj.opt("registration_number", partner.registration_number.as_deref());
    obj.flag("buyer", partner.buyer);
    obj.flag("supplier", partner.supplier);
    obj.list("partner_contact_list", view.lists, &partner.contacts, |obj, contact| {
        obj.show("mk_id", contact.mk_id);
        obj.show("mk_address_id", contact.address_id);
        let address = partner.addresses.iter().find(|address| address.mk_id == contact.address_id);
        obj.opt("contact_address", address.map(|address| address.street.as_str()));
        obj.opt("name", contact.name.as_deref());
        obj.opt("gsm", contact.gsm.as_deref());
        obj.opt("phone", contact.phone.as_deref());
        obj.opt("fax", contact.fax.as_deref());
        obj.opt("email", contact.email.as_deref());
    });
    obj.list("partner_delivery_address_list", view.lists, &partner.addresses, write_address);
    if view.discounts {
        obj.list("discounts", view.lists, &partner.discounts, |obj, discount| {
            obj.texts("categories", view.categories, &discount.categories);
            obj.show("discount_percent", discount.percent.normalize());
            obj.flag("override_existing", discount.override_existing);
        });
    }
}

fn write_kind(obj: &mut Obj<'_>, partner: &Partner) {
    obj.flag("business_entity", partner.business_entity);
    if let Some(taxpayer) = partner.taxpayer {
        obj.flag("taxpayer", taxpayer);
    }
    obj.flag("foreign_county", partner.foreign);
}

fn write_address(obj: &mut Obj<'_>, address: &Address) {
    obj.show("mk_id", address.mk_id);
    obj.opt("address_type", Some(&address.address_type));
    obj.opt("street", Some(&address.street));
    obj.opt("post_number", Some(&address.post_number));
    obj.opt("city", Some(&address.city));
    obj.opt("province", address.province.as_deref());
    obj.opt("country", Some(&address.country));
    obj.show_opt("payment_due_days", address.payment_due_days);
    obj.opt("language", address.language.as_deref());
    if let Some(currency) = &address.currency {
        obj.text("currency_id", if currency == "EUR" { "65" } else { "66" });
        obj.text("currency", currency);
    }
}

/// Fills the `partner` or `receiver` of a document from what the partner is now.
pub(crate) fn write_embedded(obj: &mut Obj<'_>, partner: &Partner, address_id: Option<Id>) {
    write_kind(obj, partner);
    obj.opt("tax_id_number", partner.tax_id.as_deref());
    obj.text("customer", &partner.customer);
    let address = address_of(partner, address_id);
    if let Some(address) = address {
        obj.opt("street", Some(&address.street));
        obj.opt("post_number", Some(&address.post_number));
        obj.opt("place", Some(&address.city));
        obj.opt("province", address.province.as_deref());
        match country::find(&address.country) {
            Some(country) => {
                obj.text("country", country.english);
                obj.text("country_iso_2", country.iso);
            }
            None => obj.opt("country", Some(&address.country)),
        }
    }
    obj.text("count_code", &partner.count_code);
    obj.flag("buyer", partner.buyer);
    obj.flag("supplier", partner.supplier);
    obj.text("useCustomerAsContact", "false");
    obj.show("mk_id", partner.mk_id);
    obj.show_opt("mk_address_id", address.map(|address| address.mk_id));
    let contact = partner
        .contacts
        .iter()
        .find(|contact| Some(contact.address_id) == address.map(|address| address.mk_id))
        .or_else(|| partner.contacts.first());
    if let Some(contact) = contact {
        obj.object("partner_contact", |obj| {
            obj.opt("name", contact.name.as_deref());
            obj.opt("phone", contact.phone.as_deref());
            obj.opt("fax", contact.fax.as_deref());
            obj.opt("gsm", contact.gsm.as_deref());
            obj.opt("email", contact.email.as_deref());
        });
    }
}

/// The address named, else the main one.
pub(crate) fn address_of(partner: &Partner, address_id: Option<Id>) -> Option<&Address> {
    partner.addresses.iter().find(|address| Some(address.mk_id) == address_id).or_else(|| partner.addresses.first())
}
