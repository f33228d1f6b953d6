//! Seeds a company: Slovenian data that look real, the same for the same spec.
//!
//! Decides everything a simulated company starts with: master data, prices, stock, and
//! four years of offers, orders, bills and payments, with what the back office makes of
//! them. Pure: the only time is the spec's `now`, the only chance its seed. Must not know
//! the wire format, but for fields that the simulator keeps as they were sent.

mod assortment;
mod back_office;
mod bills;
mod calendar;
mod catalogue;
mod contacts;
mod dice;
mod documents;
mod habits;
mod history;
mod names;
mod numbering;
mod orders;
mod partners;
mod payments;
mod places;
mod prices;
mod products;
mod purchases;
mod registers;
mod rows;
mod stock;
mod tax_number;
#[cfg(test)]
mod tests;

use crate::model::{Document, Seeded};
use assortment::Assortment;
use calendar::{Calendar, Moment};
use dice::{Dice, Stream};
use documents::{Stage, Writer};
use jiff::Timestamp;
use numbering::Ids;
use rows::Counter;

/// What a company is seeded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedSpec {
    /// The seed; the same one gives the same data.
    pub seed: u64,
    /// Size: 1 is about 300 customers, 500 products, 200 offers, 800 orders and 800 invoices, and a dozen or two of
    /// every other kind of document.
    pub scale: u32,
    /// Number of the company; neighbours have different businesses and id ranges.
    pub company_no: u32,
    /// The end of the four years of history.
    pub now: Timestamp,
}

/// Seeds a company. Equal specs give equal companies.
pub fn seed_company(spec: &SeedSpec) -> Seeded {
    let scale = usize::try_from(spec.scale).unwrap_or(usize::MAX);
    let business = catalogue::business(spec.company_no);
    let registers = registers::registers(business);
    let calendar = Calendar::new(spec.now);
    let mut ids = Ids::new(spec.company_no, Dice::new(spec, Stream::Ids));
    let warehouses = stock::warehouses(&mut ids);
    let mut assortment = Assortment::new(business, scale, &calendar, &mut Dice::new(spec, Stream::Products));
    let (customers, suppliers) = partners::partners(business, scale, &calendar, &mut Dice::new(spec, Stream::Partners));
    let chains = history::chains(&customers, business, scale, &calendar, &mut Dice::new(spec, Stream::History));

    let mut since: Vec<Option<Moment>> = vec![None; customers.len()];
    for chain in &chains {
        let first = &mut since[chain.customer];
        *first = Some(first.map_or(chain.start, |first| first.min(chain.start)));
    }
    let everyone = [customers.as_slice(), suppliers.as_slice()].concat();
    let stage = |customers| Stage {
        calendar: &calendar,
        counter: Counter { business, assortment: &assortment, calendar: &calendar },
        registers: &registers,
        customers,
        since: &since,
        warehouses: &warehouses,
    };
    let mut writer = Writer::new(stage(&customers), chains.len(), Dice::new(spec, Stream::Documents));
    for chain in &chains {
        writer.write(chain);
    }
    let mut writer = Writer::behind(stage(&everyone), writer.finish(), Dice::new(spec, Stream::BackOffice));
    writer.back_office(customers.len(), scale);
    let documents = writer.all();
    since.extend(first_papers(&documents, customers.len(), suppliers.len(), &calendar));

    let partners = (customers, suppliers);
    let (partners, documents) =
        numbering::number(business, &calendar, &mut assortment.products, partners, &since, documents, &mut ids);
    let stock = stock::rows(&assortment.products, &warehouses, &mut Dice::new(spec, Stream::Stock));
    let mut products: Vec<_> = assortment.products.into_iter().map(|planned| planned.product).collect();
    products.sort_by_key(|product| product.mk_id);
    let customer = partners.iter().find(|partner| partner.business_entity && partner.buyer);
    prices::special_lists(&mut products, customer.map(|partner| partner.customer.as_str()));
    Seeded {
        name: business.name.to_owned(),
        registers,
        partners,
        products,
        warehouses,
        stock,
        documents,
        next_id: ids.next(),
    }
}

/// The moment of each supplier's first paper; the suppliers come behind the customers.
fn first_papers(
    documents: &[Document],
    customers: usize,
    suppliers: usize,
    calendar: &Calendar,
) -> Vec<Option<Moment>> {
    let mut first: Vec<Option<Moment>> = vec![None; suppliers];
    for doc in documents {
        let supplier = doc.partner.and_then(|place| usize::try_from(place).ok()?.checked_sub(customers));
        if let (Some(supplier), Some(at)) = (supplier, calendar.at(doc.created)) {
            first[supplier] = Some(first[supplier].map_or(at, |first| first.min(at)));
        }
    }
    first
}
