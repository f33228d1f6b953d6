//! The partners of a company: companies, people, foreigners, the doubles that users make of
//! them, and suppliers.
//!
//! Decides master data and its faults. Ids are places until the history is numbered: an
//! address is 0 for the first, and a contact names its address by that place.

use super::calendar::Calendar;
use super::catalogue::Business;
use super::contacts;
use super::dice::{Dice, Scatter};
use super::habits::Habit;
use super::names::{self, Person};
use super::places::{self, ABROAD, Country, Place};
use super::tax_number;
use crate::model::{Address, ContactPerson, Partner, PartnerDiscount};
use rust_decimal::Decimal;

/// Customers at scale 1.
const PARTNERS: usize = 300;
/// Suppliers at scale 1; every third is abroad.
const SUPPLIERS: usize = 12;

/// A partner and how it behaves.
#[derive(Clone)]
pub(super) struct Customer {
    /// Master data.
    pub(super) partner: Partner,
    /// A private customer.
    pub(super) person: bool,
    /// The country, when foreign.
    pub(super) country: Option<&'static Country>,
    /// Behaviour.
    pub(super) habit: Habit,
}

/// Draws the partners of a company: its customers, and those who only sell to it.
pub(super) fn partners(
    business: &Business,
    scale: usize,
    calendar: &Calendar,
    dice: &mut Dice,
) -> (Vec<Customer>, Vec<Customer>) {
    let mut desk = Desk { business, calendar, tax: Scatter::new(7, dice), foreign: Scatter::new(9, dice) };
    let mut customers: Vec<Customer> = Vec::with_capacity(PARTNERS * scale);
    for nth in 0..PARTNERS * scale {
        let customer = match nth % 25 {
            24 => desk.double(&customers[nth - 1 - dice.below(20)], dice),
            _ if dice.percent(13) => desk.foreigner(dice),
            _ if dice.percent(business.people) => desk.person(dice),
            _ => desk.company(dice),
        };
        customers.push(customer);
    }
    let suppliers = (0..SUPPLIERS * scale).map(|nth| desk.supplier(nth % 3 == 2, dice)).collect();
    (customers, suppliers)
}

/// Where partners are entered.
struct Desk<'a> {
    business: &'a Business,
    calendar: &'a Calendar,
    tax: Scatter,
    foreign: Scatter,
}

impl Desk<'_> {
    fn habit(&self, person: bool, dice: &mut Dice) -> Habit {
        Habit::draw(self.business, self.calendar, person, dice)
    }

    fn company(&mut self, dice: &mut Dice) -> Customer {
        let name = names::company(self.business.trades, dice);
        let habit = self.habit(false, dice);
        let sole_trader = name.contains("s.p.") || name.contains("s. p.");
        let taxpayer = match dice.below(100) {
            0..5 => None,
            5..45 if sole_trader => Some(false),
            _ => Some(true),
        };
        let mut addresses = vec![address(&places::slovenian(dice), "Račun", None, &habit, dice)];
        if dice.percent(20) {
            addresses.push(address(&places::slovenian(dice), "Dobava", None, &habit, dice));
        }
        if dice.percent(7) {
            for _ in 0..dice.days(1, 3) {
                addresses.push(address(&places::slovenian(dice), "Poslovna enota", None, &habit, dice));
            }
        }
        let count = u64::try_from(addresses.len()).unwrap_or(1);
        let contacts = contacts::of_company(&name, &addresses[0].post_number, count, dice);
        let number = next_valid(&mut self.tax, tax_number::slovenian);
        let partner = Partner {
            business_entity: true,
            taxpayer,
            foreign: false,
            tax_id: dice.percent(93).then(|| notation(&number, taxpayer == Some(true), dice)),
            registration_number: dice
                .percent(55)
                .then(|| next_valid(&mut self.foreign, |n| tax_number::registration(n % 900_000 + 100_000))),
            supplier: dice.percent(7),
            addresses,
            contacts,
            discounts: discounts(self.business, dice),
            ..blank(name)
        };
        Customer { partner, person: false, country: None, habit }
    }

    fn person(&mut self, dice: &mut Dice) -> Customer {
        let person = Person::slovenian(dice);
        let habit = self.habit(true, dice);
        let mut addresses = vec![address(&places::slovenian(dice), "Račun", None, &habit, dice)];
        if dice.percent(6) {
            addresses.push(address(&places::slovenian(dice), "Dobava", None, &habit, dice));
        }
        let contacts = if dice.percent(94) {
            vec![ContactPerson {
                mk_id: 0,
                address_id: 0,
                name: dice.percent(90).then(|| person.full()),
                gsm: dice.percent(86).then(|| contacts::mobile(dice)),
                phone: dice.percent(6).then(|| contacts::land_line(&addresses[0].post_number, dice)),
                fax: None,
                email: dice.percent(82).then(|| contacts::private_mail(&person, dice)),
            }]
        } else {
            Vec::new()
        };
        let number = next_valid(&mut self.tax, tax_number::slovenian);
        let partner = Partner {
            taxpayer: dice.percent(65).then_some(false),
            tax_id: dice.percent(8).then(|| notation(&number, false, dice)),
            addresses,
            contacts,
            ..blank(spelling(&person, dice))
        };
        Customer { partner, person: true, country: None, habit }
    }

    fn foreigner(&mut self, dice: &mut Dice) -> Customer {
        let country = &ABROAD[dice.weighted(&[34, 24, 18, 16, 5, 3])];
        let private = dice.percent(22);
        let person =
            Person { first: dice.pick(country.first_names).to_owned(), last: dice.pick(country.surnames).to_owned() };
        let name = if private {
            person.full()
        } else {
            let trade = dice.pick(&["Handel", "Trade", "Garden", "Hotel", "Centro", "Team", "Commerce"]);
            format!("{} {trade} {}", person.last, dice.pick(country.forms))
        };
        let habit = self.habit(private, dice);
        let domain = contacts::domain_of(&name);
        let email = dice.percent(90).then(|| {
            if private { contacts::private_mail(&person, dice) } else { contacts::work_mail(&person, &domain, dice) }
        });
        let contact = ContactPerson {
            mk_id: 0,
            address_id: 0,
            name: Some(person.full()),
            gsm: dice.percent(70).then(|| contacts::abroad(country, dice)),
            phone: dice.percent(30).then(|| contacts::abroad(country, dice)),
            fax: None,
            email,
        };
        let tax_id = if private { None } else { tax_number::foreign(country.code, self.foreign.next().unwrap_or(1)) };
        let partner = Partner {
            business_entity: !private,
            taxpayer: dice.percent(80).then_some(!private),
            foreign: true,
            tax_id: tax_id.filter(|_| dice.percent(92)),
            addresses: vec![address(&places::foreign(country, dice), "Račun", Some(country), &habit, dice)],
            contacts: vec![contact],
            ..blank(name)
        };
        Customer { partner, person: private, country: Some(country), habit }
    }

    /// A company that only sells.
    fn supplier(&mut self, abroad: bool, dice: &mut Dice) -> Customer {
        let mut supplier = if abroad { self.foreigner(dice) } else { self.company(dice) };
        while supplier.person {
            supplier = self.foreigner(dice);
        }
        supplier.partner.buyer = false;
        supplier.partner.supplier = true;
        supplier.partner.discounts.clear();
        supplier
    }

    /// The same customer entered again, as a colleague would spell it.
    fn double(&self, original: &Customer, dice: &mut Dice) -> Customer {
        let mut again = original.clone();
        again.habit = self.habit(original.person, dice);
        let partner = &mut again.partner;
        partner.customer = match dice.below(5) {
            0 => names::folded(&partner.customer),
            1 => names::decomposed(&partner.customer),
            2 => format!("{} ", partner.customer),
            3 => partner.customer.to_uppercase(),
            _ => partner.customer.replacen(' ', "  ", 1),
        };
        match dice.below(3) {
            0 => partner.tax_id = None,
            1 => partner.addresses[0].street = names::folded(&partner.addresses[0].street),
            _ => {}
        }
        partner.discounts.clear();
        if let Some(contact) = partner.contacts.first_mut() {
            contact.email = contact.email.take().filter(|_| dice.percent(70)).map(|mail| mail.to_uppercase());
            contact.gsm = contact.gsm.take().map(|gsm| gsm.replace([' ', '/', '-'], ""));
        }
        again
    }
}

fn blank(customer: String) -> Partner {
    Partner {
        mk_id: 0,
        count_code: String::new(),
        customer,
        business_entity: false,
        taxpayer: None,
        foreign: false,
        tax_id: None,
        registration_number: None,
        buyer: true,
        supplier: false,
        addresses: Vec::new(),
        contacts: Vec::new(),
        discounts: Vec::new(),
    }
}

fn address(place: &Place, kind: &str, country: Option<&Country>, habit: &Habit, dice: &mut Dice) -> Address {
    let language = country.map_or("Slovenski", |country| country.language);
    let currency = country.map_or("EUR", |country| country.currency);
    Address {
        mk_id: 0,
        address_type: kind.to_owned(),
        street: place.street.clone(),
        post_number: place.post.to_owned(),
        city: place.town.to_owned(),
        province: country.and_then(|country| country.province).map(str::to_owned),
        country: country.map_or("Slovenija", |country| country.name).to_owned(),
        payment_due_days: dice.percent(75).then_some(habit.due_days),
        language: dice.percent(85).then(|| language.to_owned()),
        currency: (country.is_some() || dice.percent(70)).then(|| currency.to_owned()),
    }
}

fn discounts(business: &Business, dice: &mut Dice) -> Vec<PartnerDiscount> {
    let count = if dice.percent(12) { dice.days(1, 2) } else { 0 };
    (0..count)
        .map(|_| {
            let group = &business.groups[dice.below(business.groups.len())];
            let mut categories = vec![group.name.to_owned()];
            if dice.percent(40) {
                categories.push(group.shelves[dice.below(group.shelves.len())].name.to_owned());
            }
            let percent = [Decimal::from(5), Decimal::from(10), Decimal::new(125, 1), Decimal::from(15)][dice.below(4)];
            PartnerDiscount { categories, percent, override_existing: dice.percent(30) }
        })
        .collect()
}

/// Users write tax numbers as they find them.
fn notation(number: &str, taxpayer: bool, dice: &mut Dice) -> String {
    if !taxpayer && dice.percent(80) {
        return number.to_owned();
    }
    match dice.below(20) {
        0..4 => number.to_owned(),
        4 | 5 => format!("SI {number}"),
        6 => format!("si{number}"),
        7 => format!("SI-{number}"),
        8 => format!("SI{number} "),
        9 => format!("SI {} {}", &number[..4], &number[4..]),
        _ => format!("SI{number}"),
    }
}

/// People are entered by surname first, in capitals, or as they call themselves.
fn spelling(person: &Person, dice: &mut Dice) -> String {
    match dice.below(20) {
        0 => format!("{} {}", person.last, person.first),
        1 => person.full().to_uppercase(),
        2 => names::folded(&person.full()),
        3 => person.full().to_lowercase(),
        _ => person.full(),
    }
}

/// The next number of a walk for which a check digit exists.
fn next_valid(walk: &mut Scatter, check: impl Fn(i64) -> Option<String>) -> String {
    walk.find_map(check).unwrap_or_default()
}
