//! The whole assortment of a company and what of it is on offer on a day.
//!
//! Decides how many products each shelf holds and which of them sell well.

use super::calendar::Calendar;
use super::catalogue::{Business, Kind, Shelf};
use super::dice::{Dice, Scatter};
use super::products::{Filling, Planned};

/// Products at scale 1.
const PRODUCTS: usize = 500;

/// All products, and which of them each group offers on a day.
pub(super) struct Assortment {
    /// The products in the order they came.
    pub(super) products: Vec<Planned>,
    /// By group and shelf.
    shelves: Vec<Vec<OnOffer>>,
}

/// The products of a shelf that sell, in the order they came.
#[derive(Default)]
struct OnOffer {
    places: Vec<usize>,
    launched: Vec<usize>,
}

impl Assortment {
    /// Fills the shelves of a business.
    pub(super) fn new(business: &Business, scale: usize, calendar: &Calendar, dice: &mut Dice) -> Self {
        let count = PRODUCTS * scale;
        let total: usize = business.groups.iter().flat_map(|group| group.shelves).map(share).sum();
        let mut articles = Scatter::new(9, dice);
        let mut products: Vec<Planned> = Vec::with_capacity(count);
        let (mut shares, mut number) = (0, 10_000);
        for (group, shelves) in business.groups.iter().map(|group| group.shelves).enumerate() {
            for (shelf, kind) in shelves.iter().enumerate() {
                shares += share(kind);
                let mut filling = Filling { business, group, shelf, calendar, articles: &mut articles };
                for nth in 0..(count * shares / total).saturating_sub(products.len()) {
                    number += 1;
                    products.push(filling.plan(nth, number, dice));
                }
            }
        }
        products.sort_by_key(|planned| planned.launched);
        let mut shelves: Vec<Vec<OnOffer>> =
            business.groups.iter().map(|group| group.shelves.iter().map(|_| OnOffer::default()).collect()).collect();
        for (place, planned) in products.iter().enumerate().filter(|(_, planned)| planned.moved) {
            let shelf = &mut shelves[planned.group][planned.shelf];
            shelf.places.push(place);
            shelf.launched.push(planned.launched);
        }
        Self { products, shelves }
    }

    /// A product of the group that is sold on that day; the older ones sell more.
    pub(super) fn pick(&self, group: usize, day: usize, dice: &mut Dice) -> usize {
        let offered = &self.shelves[group][dice.below(self.shelves[group].len())];
        let known = offered.launched.partition_point(|launched| *launched <= day).max(1);
        for _ in 0..6 {
            let place = offered.places[dice.below(known).min(dice.below(known))];
            if self.products[place].retired.is_none_or(|retired| retired > day) {
                return place;
            }
        }
        offered.places[0]
    }
}

fn share(shelf: &Shelf) -> usize {
    if shelf.kind == Kind::Service { 2 } else { shelf.nouns.len() }
}
