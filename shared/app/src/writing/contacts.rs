//! Contacts: partners of the ERP, their addresses and persons.
//!
//! Decides which call carries what. A new partner takes one main address, one
//! other and one person; the rest follows in a second call. An entry that is
//! there is always named by its id. A partner cannot be deleted, and nothing of
//! it can be emptied.

use std::collections::BTreeSet;

use domain::fields::field_of;
use domain::{Address, AddressKind, Contact, Country, ErpId, Fields, Person, Phone, TaxNumber, Text};
use erp::client::{AddressDraft, PartnerChange, PartnerDraft, PartnerKey, PersonDraft};
use serde::Deserialize;
use sync::twoway::Outcome;

use super::piece::{self, Refused, Set, entries, entry_id, get, keeps, needed, read, says_same, taken, unchanged};
use super::{Attempt, Writer, unread};

/// The group of the tax number.
#[derive(Debug, Default, Deserialize)]
struct Tax {
    tax_number: Option<TaxNumber>,
    taxpayer: Option<bool>,
}

/// A new partner: what the first call carries, and what follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NewContact {
    pub(super) draft: PartnerDraft,
    pub(super) addresses: Vec<AddressDraft>,
    pub(super) persons: Vec<PersonDraft>,
}

impl Writer<'_> {
    pub(super) async fn create_contact(&self, fields: &Fields, attempt: &mut Attempt<'_>) -> Result<ErpId, Outcome> {
        let mut new = new_contact(fields)?;
        let added = attempt.call(self.client.add_partner(&new.draft)).await?;
        if new.addresses.is_empty() && new.persons.is_empty() {
            return Ok(added.erp_id);
        }
        // A person hangs on an address, and the first is the main one. Without it the rest is left to a later update.
        let main = *added.addresses.first().ok_or(Outcome::Unknown)?;
        for person in &mut new.persons {
            person.address = Some(main);
        }
        let rest = PartnerChange { addresses: new.addresses, persons: new.persons, ..PartnerChange::of(added.erp_id) };
        attempt.call(self.client.update_partner(&rest)).await?;
        Ok(added.erp_id)
    }

    pub(super) async fn update_contact(
        &self,
        erp_id: ErpId,
        set: &Set,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        // Gone meanwhile: the next look finds that out.
        let now = self.contact(erp_id).await?.ok_or(Outcome::NotSent)?;
        let change = change_of(&now, set)?;
        if change != PartnerChange::of(erp_id) {
            attempt.call(self.client.update_partner(&change)).await?;
        }
        Ok(erp_id)
    }

    /// A partner as it is now; `None` when the ERP does not have it.
    pub(super) async fn contact(&self, erp_id: ErpId) -> Result<Option<Contact>, Outcome> {
        let found = self.client.partners(PartnerKey::Id(erp_id)).await.map_err(|e| unread(&e))?;
        let mut found = found.into_iter().collect::<Result<Vec<_>, _>>().map_err(|_| Outcome::NotSent)?;
        let at = found.iter().position(|contact| contact.erp_id == erp_id);
        Ok(at.map(|at| found.swap_remove(at)))
    }
}

/// A partner to add.
pub(super) fn new_contact(fields: &Fields) -> Result<NewContact, Refused> {
    let tax: Tax = get(fields, "tax")?.unwrap_or_default();
    let (mut main, mut others) = (None, Vec::new());
    for (piece, value) in entries(fields, "addresses") {
        let address: Address = read(piece, value)?;
        let draft = address_draft(piece, &address, None)?;
        if address.kind == AddressKind::Billing && main.is_none() {
            main = Some(draft);
        } else {
            others.push(draft);
        }
    }
    let mut persons = Vec::new();
    for (piece, value) in entries(fields, "persons") {
        let person: Person = read(piece, value)?;
        // An address that is there is of another partner.
        if person.address.is_some() {
            return Err(Refused::not_in_api(piece));
        }
        persons.push(person_draft(piece, &person)?);
    }
    let main = main.unwrap_or_default();
    let first = |list: &mut Vec<_>| if list.is_empty() { None } else { Some(list.remove(0)) };
    let delivery_address = first(&mut others);
    let person = if persons.is_empty() { None } else { Some(persons.remove(0)) };
    let draft = PartnerDraft {
        name: get(fields, "name")?.ok_or_else(|| Refused::missing("name"))?,
        company: get(fields, "company")?.unwrap_or(false),
        taxpayer: tax.taxpayer.unwrap_or(false),
        foreign: match get(fields, "foreign")? {
            Some(foreign) => foreign,
            None => main.country.is_some_and(|country| country != Country::SI),
        },
        // A record of the CRM is of somebody who buys, unless it says otherwise.
        buyer: get(fields, "buyer")?.unwrap_or(true),
        supplier: get(fields, "supplier")?.unwrap_or(false),
        tax_number: tax.tax_number,
        registration_number: get(fields, "registration_number")?,
        address: main,
        delivery_address,
        person,
    };
    Ok(NewContact { draft, addresses: others, persons })
}

/// The change of a partner that is `now`.
pub(super) fn change_of(now: &Contact, set: &Set) -> Result<PartnerChange, Refused> {
    let mut change = PartnerChange::of(now.erp_id);
    let named = |list: &str| -> BTreeSet<ErpId> {
        set.keys().filter(|piece| field_of(piece) == list).filter_map(|piece| entry_id(piece)).collect()
    };
    // Those that the update names are not what a new entry became.
    let mut used_addresses = places(&named("addresses"), now.addresses.iter().map(|a| a.erp_id));
    let mut used_persons = places(&named("persons"), now.persons.iter().map(|p| p.erp_id));
    for (piece, value) in set {
        let value = value.as_ref();
        match field_of(piece) {
            "name" => change.name = Some(needed(piece, value)?),
            "company" => change.company = Some(needed(piece, value)?),
            "buyer" => change.buyer = Some(needed(piece, value)?),
            "supplier" => change.supplier = Some(needed(piece, value)?),
            "registration_number" => change.registration_number = Some(needed(piece, value)?),
            "tax" => {
                let tax: Tax = needed(piece, value)?;
                keeps(piece, tax.tax_number.as_ref(), now.tax_number.as_ref())?;
                (change.tax_number, change.taxpayer) = (tax.tax_number, tax.taxpayer);
            }
            "addresses" => {
                let known = now.addresses.iter().find(|a| a.erp_id.is_some() && a.erp_id == entry_id(piece));
                let Some(value) = value else {
                    keeps(piece, None, known)?;
                    continue;
                };
                let address: Address = read(piece, value)?;
                let draft = address_draft(piece, &address, known)?;
                let is_there =
                    known.is_none() && taken(&now.addresses, &mut used_addresses, |a| same_address(&address, a));
                if !is_there {
                    change.addresses.push(draft);
                }
            }
            "persons" => {
                let known = now.persons.iter().find(|p| p.erp_id.is_some() && p.erp_id == entry_id(piece));
                let Some(value) = value else {
                    keeps(piece, None, known)?;
                    continue;
                };
                let person: Person = read(piece, value)?;
                let is_there = known.is_none() && taken(&now.persons, &mut used_persons, |p| same_person(&person, p));
                if !is_there {
                    change.persons.push(changed_person(piece, &person, known, now)?);
                }
            }
            _ => return Err(Refused::not_in_api(piece)),
        }
    }
    Ok(change)
}

/// Where the entries with these ids are.
fn places(ids: &BTreeSet<ErpId>, there: impl Iterator<Item = Option<ErpId>>) -> BTreeSet<usize> {
    there.enumerate().filter(|(_, id)| id.is_some_and(|id| ids.contains(&id))).map(|(at, _)| at).collect()
}

fn address_draft(piece: &str, address: &Address, known: Option<&Address>) -> Result<AddressDraft, Refused> {
    for (ours, theirs) in [
        (&address.street, known.and_then(|a| a.street.as_ref())),
        (&address.post_code, known.and_then(|a| a.post_code.as_ref())),
        (&address.city, known.and_then(|a| a.city.as_ref())),
        (&address.province, known.and_then(|a| a.province.as_ref())),
    ] {
        keeps(piece, ours.as_ref(), theirs)?;
    }
    // They are shown and can be set in the app only.
    unchanged(piece, address.payment_due_days.as_ref(), known.and_then(|a| a.payment_due_days.as_ref()))?;
    unchanged(piece, address.language.as_ref(), known.and_then(|a| a.language.as_ref()))?;
    unchanged(piece, address.currency.as_ref(), known.and_then(|a| a.currency.as_ref()))?;
    Ok(AddressDraft {
        erp_id: known.and_then(|a| a.erp_id),
        kind: Some(address.kind.clone()),
        street: address.street.clone(),
        post_code: address.post_code.clone(),
        city: address.city.clone(),
        province: address.province.clone(),
        country: address.country,
    })
}

fn changed_person(piece: &str, person: &Person, known: Option<&Person>, now: &Contact) -> Result<PersonDraft, Refused> {
    let mut draft = person_draft(piece, person)?;
    if let Some(known) = known {
        keeps(piece, person.name.as_ref(), known.name.as_ref())?;
        keeps(piece, person.email.as_ref(), known.email.as_ref())?;
        keeps(piece, person.mobile.as_ref(), known.mobile.as_ref())?;
        keeps(piece, person.phone.as_ref(), known.phone.as_ref())?;
        keeps(piece, person.fax.as_ref(), known.fax.as_ref())?;
        // A person stays on the address it was added to.
        unchanged(piece, person.address.as_ref(), known.address.as_ref())?;
        draft.erp_id = known.erp_id;
        draft.address = known.address;
        return Ok(draft);
    }
    draft.address = match person.address {
        Some(address) if now.addresses.iter().any(|a| a.erp_id == Some(address)) => Some(address),
        Some(_) => return Err(Refused::link_missing(piece)),
        None => Some(main_address(now).and_then(|a| a.erp_id).ok_or_else(|| Refused::not_in_api(piece))?),
    };
    Ok(draft)
}

fn person_draft(piece: &str, person: &Person) -> Result<PersonDraft, Refused> {
    let dialled = |phone: &Option<Phone>| -> Result<Option<Text>, Refused> {
        phone.as_ref().map(|p| piece::text(piece, p.as_str())).transpose()
    };
    Ok(PersonDraft {
        erp_id: None,
        address: None,
        name: person.name.clone(),
        email: person.email.clone(),
        mobile: dialled(&person.mobile)?,
        phone: dialled(&person.phone)?,
        fax: dialled(&person.fax)?,
    })
}

fn same_address(ours: &Address, theirs: &Address) -> bool {
    ours.kind == theirs.kind
        && says_same(ours.street.as_ref(), theirs.street.as_ref())
        && says_same(ours.post_code.as_ref(), theirs.post_code.as_ref())
        && says_same(ours.city.as_ref(), theirs.city.as_ref())
        && says_same(ours.province.as_ref(), theirs.province.as_ref())
        && says_same(ours.country.as_ref(), theirs.country.as_ref())
}

fn same_person(ours: &Person, theirs: &Person) -> bool {
    says_same(ours.address.as_ref(), theirs.address.as_ref())
        && says_same(ours.name.as_ref(), theirs.name.as_ref())
        && says_same(ours.email.as_ref(), theirs.email.as_ref())
        && says_same(ours.mobile.as_ref(), theirs.mobile.as_ref())
        && says_same(ours.phone.as_ref(), theirs.phone.as_ref())
        && says_same(ours.fax.as_ref(), theirs.fax.as_ref())
}

/// The address on invoices, or the first one.
pub(super) fn main_address(contact: &Contact) -> Option<&Address> {
    let billing = contact.addresses.iter().find(|a| a.kind == AddressKind::Billing);
    billing.or_else(|| contact.addresses.first())
}

/// A partner that is there, with all its particulars: what a document needs of its receiver.
pub(super) fn particulars(contact: &Contact, address: Option<ErpId>) -> PartnerDraft {
    let named = contact.addresses.iter().find(|a| a.erp_id.is_some() && a.erp_id == address);
    let address = named.or_else(|| main_address(contact)).map(|address| AddressDraft {
        erp_id: None,
        kind: None,
        street: address.street.clone(),
        post_code: address.post_code.clone(),
        city: address.city.clone(),
        province: address.province.clone(),
        country: address.country,
    });
    PartnerDraft {
        name: contact.name.clone(),
        company: contact.company,
        taxpayer: contact.taxpayer.unwrap_or(false),
        foreign: contact.foreign,
        buyer: contact.buyer,
        supplier: contact.supplier,
        tax_number: contact.tax_number.clone(),
        registration_number: contact.registration_number.clone(),
        address: address.unwrap_or_default(),
        delivery_address: None,
        person: None,
    }
}
