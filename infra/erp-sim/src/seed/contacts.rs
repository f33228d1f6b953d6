//! Phone numbers, mailboxes and contact persons of partners, as users type them.
//!
//! Decides notations. Every address of a mailbox is under a reserved domain, so that
//! nothing real is ever written to.

use super::dice::Dice;
use super::names::{Person, slug};
use super::places::{Country, area_code};
use crate::model::ContactPerson;

const OPERATORS: [&str; 10] = ["031", "041", "051", "070", "040", "030", "068", "064", "071", "065"];

/// A Slovenian mobile number in one of the usual notations.
pub(super) fn mobile(dice: &mut Dice) -> String {
    let operator = OPERATORS[dice.below(10).min(dice.below(10))];
    let (first, last) = (dice.between(200, 999), dice.between(0, 999));
    match dice.below(12) {
        0..4 => format!("{operator} {first} {last:03}"),
        4 | 5 => format!("{operator}{first}{last:03}"),
        6 => format!("{operator}/{first}-{last:03}"),
        7 => format!("({operator}) {first} {last:03}"),
        8 => format!("+386{}{first}{last:03}", &operator[1..]),
        9 => format!("+386 (0){} {first} {last:03}", &operator[1..]),
        10 => format!("00386 {} {first} {last:03}", &operator[1..]),
        _ => format!("+386 {} {first} {last:03}", &operator[1..]),
    }
}

/// A land line in the region of a postal code.
pub(super) fn land_line(post: &str, dice: &mut Dice) -> String {
    let area = area_code(post);
    let (a, b, c) = (dice.between(200, 899), dice.between(0, 99), dice.between(0, 99));
    if dice.percent(70) {
        format!("{area} {a} {b:02} {c:02}")
    } else {
        format!("+386 {} {a} {b:02} {c:02}", &area[1..])
    }
}

/// A phone number abroad.
pub(super) fn abroad(country: &Country, dice: &mut Dice) -> String {
    let (a, b) = (dice.between(100, 999), dice.between(1_000, 99_999));
    match dice.below(4) {
        0 => format!("00{} {a} {b}", &country.prefix[1..]),
        1 => format!("{}{a}{b}", country.prefix),
        _ => format!("{} {a} {b}", country.prefix),
    }
}

/// The mail domain of a company: its short name under a reserved domain.
pub(super) fn domain_of(company: &str) -> String {
    let short = company.split(',').next().unwrap_or(company);
    let short = short.split(" d.").next().unwrap_or(short);
    let name = slug(short);
    if name.is_empty() { "podjetje.example.com".to_owned() } else { format!("{name}.example.com") }
}

/// The mailbox of a private person.
pub(super) fn private_mail(person: &Person, dice: &mut Dice) -> String {
    let (first, last) = (slug(&person.first), slug(&person.last));
    let host = dice.pick(&["example.com", "example.net", "example.org", "posta.example.com", "splet.example.net"]);
    let mail = match dice.below(8) {
        0 => format!("{last}.{first}@{host}"),
        1 => format!("{first}{}@{host}", dice.between(50, 99)),
        2 => format!("{}{last}@{host}", &first[..1]),
        3 => format!("{first}_{last}@{host}"),
        4 => format!("{first}.{last}{}@{host}", dice.between(1955, 2004)),
        _ => format!("{first}.{last}@{host}"),
    };
    if dice.percent(4) { capitalised(&mail) } else { mail }
}

/// The mailbox of a person at work.
pub(super) fn work_mail(person: &Person, domain: &str, dice: &mut Dice) -> String {
    let (first, last) = (slug(&person.first), slug(&person.last));
    match dice.below(6) {
        0 | 1 => format!("info@{domain}"),
        2 => format!("{first}@{domain}"),
        3 => format!("{}.{last}@{domain}", &first[..1]),
        _ => format!("{first}.{last}@{domain}"),
    }
}

/// The contact persons of a company; the first hangs on the main address.
pub(super) fn of_company(company: &str, post: &str, addresses: u64, dice: &mut Dice) -> Vec<ContactPerson> {
    let domain = domain_of(company);
    let mut contacts = Vec::new();
    if dice.percent(92) {
        let person = Person::slovenian(dice);
        contacts.push(ContactPerson {
            mk_id: 0,
            address_id: 0,
            name: Some(person.full()),
            gsm: dice.percent(80).then(|| mobile(dice)),
            phone: dice.percent(45).then(|| land_line(post, dice)),
            fax: dice.percent(5).then(|| land_line(post, dice)),
            email: dice.percent(88).then(|| work_mail(&person, &domain, dice)),
        });
    }
    if dice.percent(22) {
        contacts.push(ContactPerson {
            mk_id: 0,
            address_id: 0,
            name: Some("Računovodstvo".to_owned()),
            gsm: None,
            phone: dice.percent(60).then(|| land_line(post, dice)),
            fax: None,
            email: Some(format!("racunovodstvo@{domain}")),
        });
    }
    if dice.percent(18) {
        let person = Person::slovenian(dice);
        contacts.push(ContactPerson {
            mk_id: 0,
            address_id: addresses.saturating_sub(1),
            name: Some(person.full()),
            gsm: Some(mobile(dice)),
            phone: None,
            fax: None,
            email: dice.percent(50).then(|| work_mail(&person, &domain, dice)),
        });
    }
    contacts
}

fn capitalised(mail: &str) -> String {
    mail.chars().take(1).flat_map(char::to_uppercase).chain(mail.chars().skip(1)).collect()
}
