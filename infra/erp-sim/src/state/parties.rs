//! Partners: how they are found, matched, changed, merged and removed.

use super::company::Company;
use super::documents::Author;
use crate::model::{Id, Partner};
use std::collections::BTreeSet;

/// How partners are found.
#[derive(Debug, Default)]
pub(crate) struct PartyIndex {
    tax: BTreeSet<(String, Id)>,
    email: BTreeSet<(String, Id)>,
    phone: BTreeSet<(String, Id)>,
    name: BTreeSet<(String, Id)>,
    number: BTreeSet<(String, Id)>,
}

impl PartyIndex {
    fn each(&mut self, partner: &Partner, mut put: impl FnMut(&mut BTreeSet<(String, Id)>, (String, Id))) {
        let id = partner.mk_id;
        if let Some(tax) = &partner.tax_id {
            put(&mut self.tax, (tax_key(tax), id));
        }
        for contact in &partner.contacts {
            if let Some(email) = &contact.email {
                put(&mut self.email, (email.trim().to_lowercase(), id));
            }
            for phone in [&contact.gsm, &contact.phone].into_iter().flatten() {
                put(&mut self.phone, (digits(phone), id));
            }
        }
        put(&mut self.name, (partner.customer.trim().to_lowercase(), id));
        put(&mut self.number, (partner.count_code.clone(), id));
    }

    /// By tax number, with or without the country.
    pub(crate) fn with_tax(&self, tax: &str) -> Vec<Id> {
        exactly(&self.tax, &tax_key(tax))
    }

    /// By e-mail, whatever the case.
    pub(crate) fn with_email(&self, email: &str) -> Vec<Id> {
        exactly(&self.email, &email.trim().to_lowercase())
    }

    /// By the digits of a phone number.
    pub(crate) fn with_phone(&self, phone: &str) -> Vec<Id> {
        exactly(&self.phone, &digits(phone))
    }

    /// By the visible number.
    pub(crate) fn with_number(&self, number: &str) -> Vec<Id> {
        exactly(&self.number, number)
    }

    /// By the whole name, whatever the case.
    pub(crate) fn with_name(&self, name: &str) -> Vec<Id> {
        exactly(&self.name, &name.trim().to_lowercase())
    }

    /// By a part of the name.
    pub(crate) fn with_name_part(&self, part: &str) -> Vec<Id> {
        let part = part.trim().to_lowercase();
        let mut ids: Vec<Id> = self.name.iter().filter(|(name, _)| name.contains(&part)).map(|(_, id)| *id).collect();
        ids.sort_unstable();
        ids
    }
}

fn exactly(set: &BTreeSet<(String, Id)>, key: &str) -> Vec<Id> {
    if key.is_empty() {
        return Vec::new();
    }
    set.range((key.to_owned(), Id::MIN)..=(key.to_owned(), Id::MAX)).map(|(_, id)| *id).collect()
}

fn tax_key(tax: &str) -> String {
    let key: String = tax.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    key.strip_prefix("SI").map_or_else(|| key.clone(), str::to_owned)
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

impl Company {
    /// Enters a partner or puts it in the place of what it was.
    pub(crate) fn put_partner(&mut self, partner: Partner) {
        if let Some(before) = self.partners.remove(&partner.mk_id) {
            self.parties.each(&before, |set, key| {
                set.remove(&key);
            });
        }
        self.note_number(&partner.count_code);
        self.parties.each(&partner, |set, key| {
            set.insert(key);
        });
        self.partners.insert(partner.mk_id, partner);
        self.revision += 1;
    }

    /// Changes a partner.
    pub(crate) fn edit_partner(&mut self, id: Id, change: impl FnOnce(&mut Partner)) -> bool {
        let Some(mut partner) = self.partners.get(&id).cloned() else {
            return false;
        };
        change(&mut partner);
        self.put_partner(partner);
        true
    }

    /// Takes a partner away. Documents must not name it any more.
    pub(crate) fn remove_partner(&mut self, id: Id) -> Option<Partner> {
        let partner = self.partners.remove(&id)?;
        self.parties.each(&partner, |set, key| {
            set.remove(&key);
        });
        self.revision += 1;
        Some(partner)
    }

    /// Moves all documents of one partner to another and removes the first.
    pub(crate) fn merge_partner(&mut self, from: Id, into: Id, author: Author<'_>) -> Option<usize> {
        let target = self.partners.get(&into)?;
        let address = target.addresses.first().map(|address| address.mk_id);
        let partner = self.partners.get(&from)?;
        if from == into {
            return None;
        }
        let addresses: BTreeSet<Id> = partner.addresses.iter().map(|address| address.mk_id).collect();
        let docs: BTreeSet<Id> = self.indexes.of_partner(from).collect();
        for id in &docs {
            self.edit_document(*id, author, |doc| {
                if doc.partner == Some(from) {
                    doc.partner = Some(into);
                    if doc.partner_address.is_none_or(|id| addresses.contains(&id)) {
                        doc.partner_address = address;
                    }
                }
                if doc.receiver == Some(from) {
                    doc.receiver = Some(into);
                }
            });
        }
        self.remove_partner(from);
        Some(docs.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tax_number_is_the_same_with_and_without_its_country() {
        assert_eq!(tax_key("SI 1234 5678"), tax_key("12345678"));
        assert_eq!(tax_key("HR12345678901"), "HR12345678901");
    }
}
