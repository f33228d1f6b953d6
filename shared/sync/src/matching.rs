//! Whether a contact of the CRM is a partner that the ERP already has.
//!
//! Decides from tax number, e-mail, name and address. Only what leaves no
//! doubt is joined; all else is shown to people with the evidence. Must not
//! create, join or change anything.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::Evidence;
use domain::fields::field_of;
use domain::{Email, ErpId, Fields, TaxNumber, Text};
use serde_json::Value;

/// Words of names that say what kind of company it is, or join other words.
const NOT_NAMES: [&str; 12] = ["and", "dno", "doo", "gmbh", "inc", "kft", "llc", "ltd", "spa", "srl", "sro", "und"];

/// What matching looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The tax number.
    pub tax_number: Option<TaxNumber>,
    /// The e-mail addresses of its persons.
    pub emails: BTreeSet<Email>,
    /// The key of its name, without case and diacritics; empty without a name.
    pub name: String,
    /// The keys of post code and street of every address that has both.
    pub addresses: BTreeSet<(String, String)>,
}

/// Which partner it is.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Profile {
    /// What matching looks at in a contact's pieces. What has no form that it knows is left aside.
    pub fn of(contact: &Fields) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).and_then(|s| Text::new(s).ok().flatten());
        let entries = |list| contact.iter().filter(move |(piece, _)| field_of(piece) == list).map(|(_, value)| value);
        let place = |a: &Value| Some((text(a.get("post_code"))?.key(), text(a.get("street"))?.key()));
        let tax = contact.get("tax").and_then(|tax| tax.get("tax_number")).and_then(Value::as_str);
        let email = |person: &Value| Email::parse(person.get("email")?.as_str()?).ok();
        Self {
            tax_number: tax.and_then(|tax| TaxNumber::new(tax).ok().flatten()),
            emails: entries("persons").filter_map(email).collect(),
            name: text(contact.get("name")).map(|name| name.key()).unwrap_or_default(),
            addresses: entries("addresses").filter_map(place).collect(),
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

/// Whether the tax numbers say that the two are not one.
pub fn contradicts(ours: &Profile, theirs: &Profile) -> bool {
    compare_tax(ours.tax_number.as_ref(), theirs.tax_number.as_ref()) == Tax::Different
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
    /// The e-mail addresses that are ours as well.
    emails: BTreeSet<Email>,
    evidence: BTreeSet<Evidence>,
}

impl Found {
    fn add(&mut self, ours: &Profile, theirs: &Profile) {
        let tax = compare_tax(ours.tax_number.as_ref(), theirs.tax_number.as_ref());
        let emails: BTreeSet<Email> = ours.emails.intersection(&theirs.emails).cloned().collect();
        let email = !emails.is_empty();
        let same_name = !ours.name.is_empty() && ours.name == theirs.name;
        let address = !ours.addresses.is_disjoint(&theirs.addresses);
        // A tax number is strong enough that names of two letters may confirm it.
        let least = if tax == Tax::Equal { 2 } else { 3 };
        let similar = share_a_word(&ours.name, &theirs.name, least);
        self.contradicted |= tax == Tax::Different;
        self.equal_tax |= tax == Tax::Equal;
        self.certain |= (similar && tax == Tax::Equal) || (same_name && address);
        self.emails.extend(emails);
        if matches!(tax, Tax::Equal | Tax::Alike) || email || same_name {
            let told = [
                (tax == Tax::Equal, Evidence::TaxNumber),
                (tax == Tax::Alike, Evidence::TaxDigits),
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
///
/// `rejected` are those that a person said it is not: they are left aside, and never joined. One that has our tax number
/// by now is asked about again.
pub fn judge(ours: &Profile, found: &[(ErpId, Profile)], rejected: &BTreeSet<ErpId>) -> Match {
    let mut partners: BTreeMap<ErpId, Found> = BTreeMap::new();
    for (erp_id, theirs) in found {
        partners.entry(*erp_id).or_default().add(ours, theirs);
    }
    // A mailbox that several partners have says little about each of them.
    let mut holders: BTreeMap<Email, usize> = BTreeMap::new();
    for email in partners.values().flat_map(|f| &f.emails) {
        *holders.entry(email.clone()).or_default() += 1;
    }
    for f in partners.values_mut().filter(|f| f.evidence.contains(&Evidence::Name)) {
        f.certain |= f.emails.iter().any(|email| holders.get(email) == Some(&1));
    }
    partners
        .retain(|erp_id, f| !f.contradicted && !f.evidence.is_empty() && (f.equal_tax || !rejected.contains(erp_id)));
    let with_tax = partners.values().filter(|f| f.equal_tax).count();
    let mut certain = partners.iter().filter(|(erp_id, f)| f.certain && !rejected.contains(erp_id));
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
    use super::*;
    use domain::change::Evidence::{
        Address as SameAddress, DifferentName, Email as SameEmail, Name, TaxDigits, TaxNumber as SameTax,
    };
    use proptest::prelude::*;
    use serde_json::json;

    /// A contact; an empty string is a piece that is not there.
    fn contact(name: &str, tax: &str, email: &str, place: &str) -> Profile {
        let mut pieces = vec![("name".to_owned(), json!(name))];
        if !tax.is_empty() {
            pieces.push(("tax".to_owned(), json!({ "tax_number": tax })));
        }
        let persons = email.split(' ').filter(|e| !e.is_empty()).enumerate();
        pieces.extend(persons.map(|(n, email)| (format!("persons/p{n}"), json!({ "email": email }))));
        if let Some((post_code, street)) = place.split_once(' ') {
            let address = json!({ "kind": "billing", "post_code": post_code, "street": street });
            pieces.push(("addresses/a1".to_owned(), address));
        }
        Profile::of(&pieces.into_iter().collect())
    }

    fn judge(ours: &Profile, found: &[(ErpId, Profile)]) -> Match {
        super::judge(ours, found, &BTreeSet::new())
    }

    fn one(ours: &Profile, theirs: Profile) -> Match {
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
        assert_eq!(one(&ours, contact("Kraš Zagreb", "12345678901", "", "")), doubtful(&[TaxDigits, Name]));
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
    fn what_a_person_said_it_is_not_is_left_aside_until_it_has_our_tax_number() {
        let ours = contact("Ana Novak", "12345678", "ana@example.com", "");
        let with = |tax| vec![(ErpId::new(1), contact("Ana Novak", tax, "ana@example.com", ""))];
        let rejected = BTreeSet::from([ErpId::new(1)]);
        assert_eq!(super::judge(&ours, &with(""), &rejected), Match::None);
        assert_eq!(super::judge(&ours, &with("12345678"), &rejected), doubtful(&[SameTax, SameEmail, Name]));
        let mut found = with("");
        found.push((ErpId::new(2), contact("Ana Novak", "", "", "")));
        let new = Match::Doubtful { candidates: vec![(ErpId::new(2), vec![Name])] };
        assert_eq!(super::judge(&ours, &found, &rejected), new, "a new one is asked about");
    }

    #[test]
    fn a_mailbox_that_several_partners_have_proves_nothing_whoever_they_are() {
        let ours = contact("Lesnina Celje", "12345678", "info@lesnina.si", "");
        let branch = |name, tax| contact(name, tax, "info@lesnina.si", "");
        let found =
            |tax| vec![(ErpId::new(1), branch("Lesnina Koper", tax)), (ErpId::new(2), branch("Lesnina Kranj", ""))];
        let second = Match::Doubtful { candidates: vec![(ErpId::new(2), vec![SameEmail, Name])] };
        assert_eq!(super::judge(&ours, &found(""), &BTreeSet::from([ErpId::new(1)])), second, "one is passed over");
        assert_eq!(judge(&ours, &found("87654321")), second, "one is another company");
    }

    #[test]
    fn two_contacts_without_a_name_have_no_name_in_common() {
        let nobody = Profile::default();
        assert_eq!(one(&nobody, Profile::default()), Match::None);
    }

    fn any_profile() -> impl Strategy<Value = Profile> {
        let pick = |of: &'static [&'static str]| prop::sample::select(of);
        (
            pick(&["Ana Novak", "Novak d.o.o.", "Lesnina d.o.o.", "ana novák"]),
            pick(&["", "", "12345678", "SI 12345678", "87654321", "HR12345678901", "12345678901"]),
            pick(&["", "ana@example.com", "info@example.com", "ana@example.com info@example.com"]),
            pick(&["", "1000 Glavna 1", "2000 Glavna 1"]),
        )
            .prop_map(|(name, tax, email, place)| contact(name, tax, email, place))
    }

    fn any_found() -> impl Strategy<Value = Vec<(ErpId, Profile)>> {
        prop::collection::vec(((1_u64..5).prop_map(ErpId::new), any_profile()), 0..6)
    }

    proptest! {
        #[test]
        fn the_order_of_those_found_does_not_matter(
            ours in any_profile(),
            (found, shuffled) in any_found().prop_flat_map(|f| (Just(f.clone()), Just(f).prop_shuffle())),
        ) {
            prop_assert_eq!(judge(&ours, &found), judge(&ours, &shuffled));
        }

        #[test]
        fn what_a_person_rejected_is_never_certain_and_counts_only_by_our_tax_number_and_mailbox(
            ours in any_profile(), found in any_found(), rejected in prop::collection::btree_set((1_u64..5).prop_map(ErpId::new), 0..4),
        ) {
            let judged = super::judge(&ours, &found, &rejected);
            if let Match::Certain { erp_id, .. } = &judged {
                prop_assert!(!rejected.contains(erp_id));
            }
            let has_ours = |c: &Profile| {
                let tax = ours.tax_number.is_some() && c.tax_number == ours.tax_number;
                tax || !c.emails.is_disjoint(&ours.emails)
            };
            if !found.iter().any(|(id, c)| rejected.contains(id) && has_ours(c)) {
                let rest: Vec<_> = found.into_iter().filter(|(id, _)| !rejected.contains(id)).collect();
                prop_assert_eq!(judged, judge(&ours, &rest));
            }
        }

        #[test]
        fn what_is_certain_is_never_contradicted_and_has_no_rival(ours in any_profile(), found in any_found()) {
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
