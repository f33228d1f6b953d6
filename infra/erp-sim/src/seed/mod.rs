//! Seeds a company: Slovenian data that look real, the same for the same spec.
//!
//! Decides everything a simulated company starts with: master data, prices, stock, and
//! four years of offers, orders, bills and payments. Pure: the only time is the spec's
//! `now`, the only chance its seed. Must not know the wire format.

mod assortment;
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
mod registers;
mod rows;
mod stock;
mod tax_number;
#[cfg(test)]
mod tests;

use crate::model::Seeded;
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
    /// Size: 1 is about 300 partners, 500 products, 200 offers, 800 orders and 800 invoices.
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
    let customers = partners::customers(business, scale, &calendar, &mut Dice::new(spec, Stream::Partners));
    let chains = history::chains(&customers, business, scale, &calendar, &mut Dice::new(spec, Stream::History));

    let mut since: Vec<Option<Moment>> = vec![None; customers.len()];
    for chain in &chains {
        let first = &mut since[chain.customer];
        *first = Some(first.map_or(chain.start, |first| first.min(chain.start)));
    }
    let stage = Stage {
        calendar: &calendar,
        counter: Counter { business, assortment: &assortment, calendar: &calendar },
        registers: &registers,
        customers: &customers,
        since: &since,
        warehouses: &warehouses,
    };
    let mut writer = Writer::new(stage, chains.len(), Dice::new(spec, Stream::Documents));
    for chain in &chains {
        writer.write(chain);
    }
    let documents = writer.finish();

    let (partners, documents) =
        numbering::number(business, &calendar, &mut assortment.products, customers, &since, documents, &mut ids);
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
