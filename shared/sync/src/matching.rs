//! Whether a contact of the CRM is a partner that the ERP already has.
//!
//! Decides from tax number, e-mail, name and address. Only what leaves no
//! doubt is joined; all else is shown to people with the evidence. Must not
//! create, join or change anything.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Contact, Email, ErpId, TaxNumber};
use serde::{Deserialize, Serialize};

/// Words of names that say what kind of company it is, or join other words.
const NOT_NAMES: [&str; 12] = ["and", "dno", "doo", "gmbh", "inc", "kft", "llc", "ltd", "spa", "srl", "sro", "und"];

/// What matching looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The tax number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<TaxNumber>,
    /// The e-mail addresses of its persons.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub emails: BTreeSet<Email>,
    /// The key of its name, without case and diacritics.
    pub name: String,
    /// The keys of post code and street of every address that has both.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub addresses: BTreeSet<(String, String)>,
}

/// What speaks for or against a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The tax numbers are equal.
    TaxNumber,
    /// An e-mail address is on both.
    Email,
    /// The names are equal or share a word.
    Name,
    /// Post code and street of an address are equal.
    Address,
    /// The names share no word. This speaks against it.
    DifferentName,
}

/// Which partner it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "match", rename_all = "snake_case")]
pub enum Match {
    /// None of those found.
    None,
    /// This one.
    Certain {
        /// The partner.
        erp_id: ErpId,
        /// What speaks for it.
        evidence: Vec<Evidence>,
    },
    /// A person must say which of these, if any.
    Doubtful {
        /// The partners by id, with what speaks for and against each.
        candidates: Vec<(ErpId, Vec<Evidence>)>,
    },
}

impl Candidate {
    /// What matching looks at in a contact.
    pub fn of(contact: &Contact) -> Self {
        let address = |a: &domain::Address| Some((a.post_code.as_ref()?.key(), a.street.as_ref()?.key()));
        Self {
            tax_number: contact.tax_number.clone(),
            emails: contact.persons.iter().filter_map(|p| p.email.clone()).collect(),
            name: contact.name.key(),
            addresses: contact.addresses.iter().filter_map(address).collect(),
        }
    }
}

/// What the tax numbers of both say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tax {
    Equal,
    /// One of them has no country and the digits are equal.
    Alike,
    Unknown,
    Different,
}

fn compare_tax(a: Option<&TaxNumber>, b: Option<&TaxNumber>) -> Tax {
    match (a, b) {
        (Some(a), Some(b)) if a == b => Tax::Equal,
        (Some(a), Some(b)) if a.country().is_some() && b.country().is_some() => Tax::Different,
        (Some(a), Some(b)) if a.without_prefix() == b.without_prefix() => Tax::Alike,
        (Some(_), Some(_)) => Tax::Different,
        _ => Tax::Unknown,
    }
}

/// Whether the names are equal or share a word of at least `least` letters.
fn share_a_word(a: &str, b: &str, least: usize) -> bool {
    let words = |name: &str| -> BTreeSet<String> {
        name.split(|c: char| !c.is_alphanumeric())
            .filter(|w| w.chars().count() >= least && !NOT_NAMES.contains(w))
            .map(str::to_owned)
            .collect()
    };
    a == b || !words(a).is_disjoint(&words(b))
}

/// What is known of one partner.
#[derive(Default)]
struct Found {
    contradicted: bool,
    equal_tax: bool,
    certain: bool,
    evidence: BTreeSet<Evidence>,
}

impl Found {
    fn add(&mut self, ours: &Candidate, theirs: &Candidate) {
        let tax = compare_tax(ours.tax_number.as_ref(), theirs.tax_number.as_ref());
        let email = !ours.emails.is_disjoint(&theirs.emails);
        let same_name = ours.name == theirs.name;
        let address = !ours.addresses.is_disjoint(&theirs.addresses);
        // A tax number is strong enough that names of two letters may confirm it.
        let least = if tax == Tax::Equal { 2 } else { 3 };
        let similar = share_a_word(&ours.name, &theirs.name, least);
        self.contradicted |= tax == Tax::Different;
        self.equal_tax |= tax == Tax::Equal;
        self.certain |= (similar && (tax == Tax::Equal || email)) || (same_name && address);
        if matches!(tax, Tax::Equal | Tax::Alike) || email || same_name {
            let told = [
                (matches!(tax, Tax::Equal | Tax::Alike), Evidence::TaxNumber),
                (email, Evidence::Email),
                (similar, Evidence::Name),
                (address, Evidence::Address),
                (!similar, Evidence::DifferentName),
            ];
            self.evidence.extend(told.into_iter().filter(|(is, _)| *is).map(|(_, e)| e));
        }
    }
}

/// Which of the partners in `found` our contact is. The order of `found` does not matter, and a partner may be in it twice.
pub fn judge(ours: &Candidate, found: &[(ErpId, Candidate)]) -> Match {
    let mut partners: BTreeMap<ErpId, Found> = BTreeMap::new();
    for (erp_id, theirs) in found {
        partners.entry(*erp_id).or_default().add(ours, theirs);
    }
    partners.retain(|_, f| !f.contradicted && !f.evidence.is_empty());
    let with_tax = partners.values().filter(|f| f.equal_tax).count();
    let mut certain = partners.iter().filter(|(_, f)| f.certain);
    // A tax number is worth more than the rest: only the one partner that has it can be certain, when one has.
    if let (Some((erp_id, f)), None) = (certain.next(), certain.next())
        && (with_tax == 0 || (with_tax == 1 && f.equal_tax))
    {
        return Match::Certain { erp_id: *erp_id, evidence: f.evidence.iter().copied().collect() };
    }
    if partners.is_empty() {
        return Match::None;
    }
    let candidates = partners.into_iter().map(|(id, f)| (id, f.evidence.into_iter().collect())).collect();
    Match::Doubtful { candidates }
}

#[cfg(test)]
mod tests {
    use super::Evidence::{Address as SameAddress, DifferentName, Email as SameEmail, Name, TaxNumber as SameTax};
    use super::*;
    use domain::{Address, AddressKind, Person, Text};
    use proptest::prelude::*;

    fn text(s: &str) -> Text {
        Text::required(s).expect("visible text")
    }

    /// A contact; an empty string is a field that is not there.
    fn contact(name: &str, tax: &str, email: &str, place: &str) -> Candidate {
        let person = |e: &str| Person {
            erp_id: None,
            address: None,
            name: None,
            email: Some(Email::parse(e).expect("an address")),
            mobile: None,
            phone: None,
            fax: None,
        };
        let address = |(post_code, street): (&str, &str)| Address {
            erp_id: None,
            kind: AddressKind::Billing,
            street: Some(text(street)),
            post_code: Some(text(post_code)),
            city: None,
            province: None,
            country: None,
            payment_due_days: None,
            language: None,
            currency: None,
        };
        Candidate::of(&Contact {
            erp_id: ErpId::new(0),
            number: None,
            name: text(name),
            company: true,
            taxpayer: None,
            foreign: false,
            tax_number: TaxNumber::new(tax).expect("short"),
            registration_number: None,
            buyer: true,
            supplier: false,
            addresses: place.split_once(' ').map(address).into_iter().collect(),
            persons: email.split(' ').filter(|e| !e.is_empty()).map(person).collect(),
            discounts: Vec::new(),
        })
    }

    fn one(ours: &Candidate, theirs: Candidate) -> Match {
        judge(ours, &[(ErpId::new(1), theirs)])
    }

    fn certain(evidence: &[Evidence]) -> Match {
        Match::Certain { erp_id: ErpId::new(1), evidence: evidence.to_vec() }
    }

    fn doubtful(evidence: &[Evidence]) -> Match {
        Match::Doubtful { candidates: vec![(ErpId::new(1), evidence.to_vec())] }
    }

    #[test]
    fn an_equal_tax_number_is_certain_unless_the_names_share_no_word() {
        let ours = contact("Kovinoplastika Lož d.o.o.", "SI 12345678", "", "");
        assert_eq!(one(&ours, contact("LOZ, kovinoplastika", "12345678", "", "")), certain(&[SameTax, Name]));
        // `d.o.o.` is no word that they share.
        assert_eq!(one(&ours, contact("Mlekarna d.o.o.", "12345678", "", "")), doubtful(&[SameTax, DifferentName]));
    }

    #[test]
    fn a_tax_number_on_several_partners_is_doubtful_whatever_their_names() {
        let ours = contact("Lesnina", "12345678", "", "");
        let (a, b) = (contact("Lesnina", "12345678", "", ""), contact("Mlekarna", "12345678", "", ""));
        assert_eq!(
            judge(&ours, &[(ErpId::new(2), b), (ErpId::new(1), a)]),
            Match::Doubtful {
                candidates: vec![(ErpId::new(1), vec![SameTax, Name]), (ErpId::new(2), vec![SameTax, DifferentName])]
            }
        );
    }

    #[test]
    fn different_tax_numbers_contradict_everything_else() {
        let ours = contact("Lesnina", "12345678", "info@lesnina.si", "1000 Glavna 1");
        let same_but_tax = |tax| contact("Lesnina", tax, "info@lesnina.si", "1000 Glavna 1");
        assert_eq!(one(&ours, same_but_tax("87654321")), Match::None);
        assert_eq!(one(&ours, same_but_tax("HR12345678")), Match::None);
        assert_eq!(one(&ours, same_but_tax("")), certain(&[SameEmail, Name, SameAddress]));
    }

    #[test]
    fn a_foreign_number_without_its_country_neither_proves_nor_contradicts() {
        let ours = contact("Kraš", "HR12345678901", "", "");
        assert_eq!(one(&ours, contact("Kraš Zagreb", "12345678901", "", "")), doubtful(&[SameTax, Name]));
    }

    #[test]
    fn an_equal_email_is_certain_with_a_similar_name_and_doubtful_alone() {
        let ours = contact("Ana Novak", "", "Ana@example.com", "");
        let theirs = |name| contact(name, "", "druga@example.com ana@EXAMPLE.com", "");
        assert_eq!(one(&ours, theirs("Novak Ana s.p.")), certain(&[SameEmail, Name]));
        assert_eq!(one(&ours, theirs("Lesnina")), doubtful(&[SameEmail, DifferentName]));
    }

    #[test]
    fn an_equal_name_is_certain_with_the_address_and_doubtful_alone() {
        let ours = contact("Žiga Kos", "", "", "1000 Šmartinska 5");
        assert_eq!(one(&ours, contact("Z\u{30c}IGA  kos", "", "", "1000 smartinska 5")), certain(&[Name, SameAddress]));
        assert_eq!(one(&ours, contact("Žiga Kos", "", "", "2000 Šmartinska 5")), doubtful(&[Name]));
        assert_eq!(one(&ours, contact("Žiga Medved", "", "", "1000 Šmartinska 5")), Match::None);
    }

    #[test]
    fn several_certain_ones_are_doubtful_and_a_weaker_one_beside_a_certain_one_is_not() {
        let ours = contact("Ana Novak", "", "ana@example.com", "");
        let with_email = || contact("Ana Novak", "", "ana@example.com", "");
        let name_only = || contact("Ana Novak", "", "", "");
        let two = judge(&ours, &[(ErpId::new(2), with_email()), (ErpId::new(1), with_email())]);
        let both = vec![SameEmail, Name];
        assert_eq!(two, Match::Doubtful { candidates: vec![(ErpId::new(1), both.clone()), (ErpId::new(2), both)] });
        let beside = judge(&ours, &[(ErpId::new(2), name_only()), (ErpId::new(1), with_email())]);
        assert_eq!(beside, certain(&[SameEmail, Name]));
        let twice = judge(&ours, &[(ErpId::new(1), with_email()), (ErpId::new(1), with_email())]);
        assert_eq!(twice, certain(&[SameEmail, Name]));
    }

    #[test]
    fn another_partner_with_our_tax_number_makes_the_rest_doubtful() {
        let ours = contact("Ana Novak", "12345678", "ana@example.com", "");
        let found = [
            (ErpId::new(1), contact("Ana Novak", "", "ana@example.com", "")),
            (ErpId::new(2), contact("Lesnina", "12345678", "", "")),
        ];
        assert!(matches!(judge(&ours, &found), Match::Doubtful { candidates } if candidates.len() == 2));
    }

    #[test]
    fn a_match_comes_back_equal_from_json() {
        for m in [Match::None, certain(&[SameTax, Name]), doubtful(&[SameEmail, DifferentName])] {
            let json = serde_json::to_string(&m).expect("plain");
            assert_eq!(serde_json::from_str::<Match>(&json).expect("a match"), m);
        }
    }

    fn any_candidate() -> impl Strategy<Value = Candidate> {
        let pick = |of: &'static [&'static str]| prop::sample::select(of);
        (
            pick(&["Ana Novak", "Novak d.o.o.", "Lesnina d.o.o.", "ana novák"]),
            pick(&["", "", "12345678", "SI 12345678", "87654321", "HR12345678901", "12345678901"]),
            pick(&["", "ana@example.com", "info@example.com", "ana@example.com info@example.com"]),
            pick(&["", "1000 Glavna 1", "2000 Glavna 1"]),
        )
            .prop_map(|(name, tax, email, place)| contact(name, tax, email, place))
    }

    fn any_found() -> impl Strategy<Value = Vec<(ErpId, Candidate)>> {
        prop::collection::vec(((1_u64..5).prop_map(ErpId::new), any_candidate()), 0..6)
    }

    proptest! {
        #[test]
        fn the_order_of_those_found_does_not_matter(
            ours in any_candidate(),
            (found, shuffled) in any_found().prop_flat_map(|f| (Just(f.clone()), Just(f).prop_shuffle())),
        ) {
            prop_assert_eq!(judge(&ours, &found), judge(&ours, &shuffled));
        }

        #[test]
        fn what_is_certain_is_never_contradicted_and_has_no_rival(ours in any_candidate(), found in any_found()) {
            let holders = |tax: &TaxNumber| -> BTreeSet<ErpId> {
                let with = found.iter().filter(|(_, c)| c.tax_number.as_ref() == Some(tax));
                with.map(|(id, _)| *id).collect()
            };
            if let Match::Certain { erp_id, evidence } = judge(&ours, &found) {
                prop_assert!(evidence.contains(&Name) || evidence.contains(&SameAddress));
                for (_, theirs) in found.iter().filter(|(id, _)| *id == erp_id) {
                    prop_assert_ne!(
                        compare_tax(ours.tax_number.as_ref(), theirs.tax_number.as_ref()), Tax::Different
                    );
                }
                let rivals = ours.tax_number.as_ref().map(holders).unwrap_or_default();
                let contradicted = |id: &ErpId| found.iter().any(|(i, c)| {
                    i == id && compare_tax(ours.tax_number.as_ref(), c.tax_number.as_ref()) == Tax::Different
                });
                prop_assert!(rivals.iter().all(|id| *id == erp_id || contradicted(id)));
            }
        }
    }
}
