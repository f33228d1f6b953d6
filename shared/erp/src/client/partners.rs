//! Partners: looked up by a key, added, changed.

use domain::{AddressKind, Contact, Country, Email, ErpId, TaxNumber, Text as Canonical};

use super::{
    Client, ErpError, RowError,
    body::Object,
    call::{ADD_PARTNER, GET_PARTNER, UPDATE_PARTNER},
    page::{check_count, convert, count},
};
use crate::{
    convert::{At, contact},
    wire::PartnerAnswer,
};

/// What a partner is looked up by. The ERP lists no partners without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartnerKey<'a> {
    /// Its id.
    Id(ErpId),
    /// Its e-mail address.
    Email(&'a str),
    /// Its tax number, as it is written there: with `SI` or without.
    TaxNumber(&'a str),
    /// A part of its name.
    Name(&'a str),
    /// Its phone number.
    Phone(&'a str),
}

/// A partner to add, or to send along with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the ERP's own flags, each independent of the others")]
pub struct PartnerDraft {
    /// Name.
    pub name: Canonical,
    /// A company (true) or a person.
    pub company: bool,
    /// Liable for VAT.
    pub taxpayer: bool,
    /// From outside Slovenia.
    pub foreign: bool,
    /// Buys from us.
    pub buyer: bool,
    /// Sells to us.
    pub supplier: bool,
    /// Tax number.
    pub tax_number: Option<TaxNumber>,
    /// Register number.
    pub registration_number: Option<Canonical>,
    /// Main address.
    pub address: AddressDraft,
    /// Another address.
    pub delivery_address: Option<AddressDraft>,
    /// A person.
    pub person: Option<PersonDraft>,
}

/// An address to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressDraft {
    /// Of an address that is there; `None` adds one.
    pub erp_id: Option<ErpId>,
    /// What it is for.
    pub kind: Option<AddressKind>,
    /// Street and number.
    pub street: Option<Canonical>,
    /// Postal code.
    pub post_code: Option<Canonical>,
    /// City.
    pub city: Option<Canonical>,
    /// Province.
    pub province: Option<Canonical>,
    /// Country.
    pub country: Option<Country>,
}

/// A person to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonDraft {
    /// Of a person who is there; `None` adds one.
    pub erp_id: Option<ErpId>,
    /// The address the person hangs on; needed to add one to a partner that is there.
    pub address: Option<ErpId>,
    /// Name.
    pub name: Option<Canonical>,
    /// E-mail address.
    pub email: Option<Email>,
    /// Mobile phone.
    pub mobile: Option<Canonical>,
    /// Land line.
    pub phone: Option<Canonical>,
    /// Fax.
    pub fax: Option<Canonical>,
}

/// A change of a partner. `None` leaves as it is; an address or person without an id is added, each time it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerChange {
    /// The partner.
    pub erp_id: ErpId,
    /// Name.
    pub name: Option<Canonical>,
    /// A company (true) or a person.
    pub company: Option<bool>,
    /// Liable for VAT.
    pub taxpayer: Option<bool>,
    /// Buys from us.
    pub buyer: Option<bool>,
    /// Sells to us.
    pub supplier: Option<bool>,
    /// Tax number.
    pub tax_number: Option<TaxNumber>,
    /// Register number.
    pub registration_number: Option<Canonical>,
    /// Addresses to change or add.
    pub addresses: Vec<AddressDraft>,
    /// Persons to change or add.
    pub persons: Vec<PersonDraft>,
}

/// What the ERP made of a partner that was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedPartner {
    /// The partner.
    pub erp_id: ErpId,
    /// The person that came along.
    pub person: Option<ErpId>,
    /// Its addresses.
    pub addresses: Vec<ErpId>,
}

impl PartnerChange {
    /// A change of nothing.
    pub const fn of(erp_id: ErpId) -> Self {
        Self {
            erp_id,
            name: None,
            company: None,
            taxpayer: None,
            buyer: None,
            supplier: None,
            tax_number: None,
            registration_number: None,
            addresses: Vec::new(),
            persons: Vec::new(),
        }
    }
}

impl PartnerDraft {
    /// The members of the partner.
    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.flag("business_entity", Some(self.company));
        object.flag("taxpayer", Some(self.taxpayer));
        object.flag("foreign_county", Some(self.foreign));
        object.flag("buyer", Some(self.buyer));
        object.flag("supplier", Some(self.supplier));
        object.maybe("tax_id_number", self.tax_number.as_ref());
        object.maybe("registration_number", self.registration_number.as_ref());
        object.text("customer", self.name.as_str());
        object.maybe("street", self.address.street.as_ref());
        object.maybe("post_number", self.address.post_code.as_ref());
        object.maybe("place", self.address.city.as_ref());
        object.maybe("province", self.address.province.as_ref());
        object.maybe("country", self.address.country.map(Country::name_en).as_ref());
        if let Some(person) = &self.person {
            object.object("partner_contact", |object| person.write(object));
        }
        if let Some(address) = &self.delivery_address {
            object.object("partner_delivery_address", |object| address.write(object));
        }
    }
}

impl AddressDraft {
    fn write(&self, object: &mut Object<'_>) {
        let kind = self.kind.as_ref().map(|kind| match kind {
            AddressKind::Billing => "Račun",
            AddressKind::Delivery => "Dobava",
            AddressKind::Branch => "Poslovna enota",
            AddressKind::Other(kind) => kind.as_str(),
        });
        object.id("mk_id", self.erp_id);
        object.maybe("address_type", kind.as_ref());
        object.maybe("street", self.street.as_ref());
        object.maybe("post_number", self.post_code.as_ref());
        object.maybe("city", self.city.as_ref());
        object.maybe("province", self.province.as_ref());
        object.maybe("country", self.country.map(Country::name_en).as_ref());
    }
}

impl PersonDraft {
    fn write(&self, object: &mut Object<'_>) {
        object.id("mk_id", self.erp_id);
        object.id("mk_address_id", self.address);
        object.maybe("name", self.name.as_ref());
        object.maybe("email", self.email.as_ref());
        object.maybe("gsm", self.mobile.as_ref());
        object.maybe("phone", self.phone.as_ref());
        object.maybe("fax", self.fax.as_ref());
    }
}

impl Client {
    /// The partners that a key finds; none is no error.
    pub async fn partners(&self, key: PartnerKey<'_>) -> Result<Vec<Result<Contact, RowError>>, ErpError> {
        let body = self.body(|object| {
            match key {
                PartnerKey::Id(id) => object.id("partner_id", Some(id)),
                PartnerKey::Email(email) => object.text("partner_email", email),
                PartnerKey::TaxNumber(number) => object.text("partner_tax_number", number),
                PartnerKey::Name(name) => object.text("partner_name", name),
                PartnerKey::Phone(number) => object.text("partner_phone_number", number),
            }
            object.text("show_partner_discount", "true");
        });
        let found = self.ask(&GET_PARTNER, body, found).await;
        match found {
            Err(ErpError::NotFound { .. }) => Ok(Vec::new()),
            found => found,
        }
    }

    /// Adds a partner. The ERP takes the same one a second time, too.
    pub async fn add_partner(&self, partner: &PartnerDraft) -> Result<AddedPartner, ErpError> {
        let body = self.body(|object| object.object("partner", |object| partner.write(object)));
        self.ask(&ADD_PARTNER, body, |answer| {
            let added = answer.read::<PartnerAnswer<'_>>()?;
            let ids =
                added.mk_address_id_list.objects().map(|address| At::Root.field("mk_address_id", address.mk_id).id());
            Ok(AddedPartner {
                erp_id: answer.id(At::Root.field("mk_id", added.mk_id))?,
                person: At::Root.field("mk_contact_id", added.mk_contact_id).id().map_err(|e| answer.refused(e))?,
                addresses: ids
                    .filter_map(Result::transpose)
                    .collect::<Result<_, _>>()
                    .map_err(|e| answer.refused(e))?,
            })
        })
        .await
    }

    /// Changes a partner and gives what the ERP has then.
    pub async fn update_partner(&self, change: &PartnerChange) -> Result<Contact, ErpError> {
        let body = self.body(|object| {
            object.object("partner", |object| {
                object.id("mk_id", Some(change.erp_id));
                object.maybe("customer", change.name.as_ref());
                object.flag("business_entity", change.company);
                object.flag("taxpayer", change.taxpayer);
                object.flag("buyer", change.buyer);
                object.flag("supplier", change.supplier);
                object.maybe("tax_id_number", change.tax_number.as_ref());
                object.maybe("registration_number", change.registration_number.as_ref());
                object.list("partner_contact_list", &change.persons, |object, person| person.write(object));
                object
                    .list("partner_delivery_address_list", &change.addresses, |object, address| address.write(object));
            });
        });
        self.ask(&UPDATE_PARTNER, body, |answer| {
            let changed = answer.read::<PartnerAnswer<'_>>()?;
            let mut partners = changed.partner_list.objects();
            match (partners.next(), partners.next()) {
                (Some(partner), None) => contact(partner, At::Root).map_err(|refusal| answer.refused(refusal)),
                _ => Err(answer.inconsistent("not one partner")),
            }
        })
        .await
    }
}

fn found(answer: &super::AnswerOf<'_>) -> Result<Vec<Result<Contact, RowError>>, ErpError> {
    let found = answer.read::<PartnerAnswer<'_>>()?;
    let items = found.partner_list.items();
    let said = count(answer, found.partner_list_count)?;
    check_count(answer, said, items.len())?;
    // The ERP sends no code here, so the list is all that tells success.
    if items.is_empty() && said.is_none() {
        return Err(answer.inconsistent("neither partners nor their number"));
    }
    Ok(convert(items, |partner| partner.mk_id, contact))
}
