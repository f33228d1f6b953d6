//! The one counter of ids, and the moment the history gets its numbers.
//!
//! Decides ids and visible numbers: everything is numbered in the order it was made, and
//! places become ids. Must not change what was decided before.

use super::calendar::{Calendar, Moment};
use super::catalogue::Business;
use super::dice::Dice;
use super::partners::Customer;
use super::products::Planned;
use crate::model::{DocType, Document, Id, Partner};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Under this key a work order has what it makes.
const MADE: &str = "create_product_realization_list";

/// The growing counter of a company.
pub(super) struct Ids {
    next: Id,
    dice: Dice,
}

impl Ids {
    /// The counter of a company: two prefixes, as companies of different age have them,
    /// and a range of its own for each company.
    pub(super) fn new(company_no: u32, dice: Dice) -> Self {
        let start = if company_no.is_multiple_of(2) { 1_600_200_000 } else { 400_000_000_100 };
        Self { next: start + Id::from(company_no / 2) * 100_000_000, dice }
    }

    /// The next id.
    pub(super) fn take(&mut self) -> Id {
        let id = self.next;
        self.next += 1;
        id
    }

    /// Leaves out what others have used in between.
    fn skip(&mut self) {
        self.next += Id::try_from(self.dice.below(12)).unwrap_or_default();
    }

    /// The first free id.
    pub(super) fn next(&self) -> Id {
        self.next
    }
}

/// What is numbered, in the order of ties.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Made {
    Product(usize),
    Partner(usize),
    Document(usize),
}

/// Numbers everything and returns partners and documents by id. Products get their ids in
/// place.
pub(super) fn number(
    business: &Business,
    calendar: &Calendar,
    products: &mut [Planned],
    (customers, suppliers): (Vec<Customer>, Vec<Customer>),
    since: &[Option<Moment>],
    documents: Vec<Document>,
    ids: &mut Ids,
) -> (Vec<Partner>, Vec<Document>) {
    let timeline = timeline(calendar, products, since, customers.len(), &documents, ids);
    let everyone = customers.into_iter().chain(suppliers);
    let mut partners: Vec<Partner> = everyone.map(|customer| customer.partner).collect();
    let mut documents: Vec<Option<Document>> = documents.into_iter().map(Some).collect();
    let mut numbers = Numbers::new(ids);
    let (mut customer_number, mut supplier_number) = (1_000, 0);
    for (_, made) in &timeline {
        ids.skip();
        match *made {
            Made::Product(place) => products[place].product.mk_id = ids.take(),
            Made::Partner(place) => {
                let number = if partners[place].buyer { &mut customer_number } else { &mut supplier_number };
                *number += 1;
                let series = if partners[place].buyer { business.customer_prefix } else { "D-" };
                partners[place].count_code = format!("{series}{number}");
                number_partner(&mut partners[place], ids);
            }
            Made::Document(place) => {
                if let Some(doc) = &mut documents[place] {
                    doc.mk_id = ids.take();
                    doc.rows.iter_mut().for_each(|row| row.mk_row_id = ids.take());
                    if let Some(rows) = doc.other.get_mut(MADE) {
                        number_plan(rows, ids);
                    }
                    let number = numbers.take(doc.doc_type);
                    if doc.count_code.is_empty() {
                        doc.count_code = number;
                    } else {
                        // A supplier's paper bears the supplier's number.
                        doc.other.insert("count_code_internal".to_owned(), number.into());
                    }
                }
            }
        }
    }
    // By place, for the links and for the papers that name another one.
    let names: Vec<(Id, String)> = documents.iter().flatten().map(|doc| (doc.mk_id, doc.count_code.clone())).collect();
    let order = timeline.into_iter().filter_map(|(_, made)| match made {
        Made::Document(place) => Some(place),
        _ => None,
    });
    let documents = order
        .filter_map(|place| documents[place].take())
        .map(|doc| resolve(doc, &partners, products, &names))
        .collect();
    partners.sort_by_key(|partner| partner.mk_id);
    (partners, documents)
}

/// Everything that was made, by the time it was made.
fn timeline(
    calendar: &Calendar,
    products: &[Planned],
    since: &[Option<Moment>],
    customers: usize,
    documents: &[Document],
    ids: &mut Ids,
) -> Vec<(Timestamp, Made)> {
    let mut timeline = Vec::with_capacity(products.len() + since.len() + documents.len());
    for (place, planned) in products.iter().enumerate() {
        let at = calendar.moment(planned.launched, 0).map_or(Timestamp::UNIX_EPOCH, |moment| moment.at);
        timeline.push((at, Made::Product(place)));
    }
    for (place, since) in since.iter().enumerate() {
        // A customer is entered some minutes before the first document, a supplier with it.
        let before = if place < customers { ids.dice.between(60, 3_000) } else { 60 };
        let at = since.and_then(|since| Timestamp::from_second(since.at.as_second() - before).ok());
        timeline.push((at.unwrap_or(Timestamp::UNIX_EPOCH), Made::Partner(place)));
    }
    timeline.extend(documents.iter().enumerate().map(|(place, doc)| (doc.created, Made::Document(place))));
    timeline.sort_unstable();
    timeline
}

/// Numbers the rows of a work order, each before those below it.
fn number_plan(rows: &mut Value, ids: &mut Ids) {
    each_row(rows, &mut |row| {
        row.insert("mk_id".to_owned(), ids.take().to_string().into());
    });
}

/// Visits the rows of a work order and what is below them.
fn each_row(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(rows) => rows.iter_mut().for_each(|row| each_row(row, visit)),
        Value::Object(row) => {
            visit(row);
            row.values_mut().for_each(|below| each_row(below, visit));
        }
        _ => {}
    }
}

fn number_partner(partner: &mut Partner, ids: &mut Ids) {
    partner.mk_id = ids.take();
    partner.addresses.iter_mut().for_each(|address| address.mk_id = ids.take());
    for contact in &mut partner.contacts {
        contact.mk_id = ids.take();
        contact.address_id = by_place(&partner.addresses, contact.address_id).map_or(0, |address| address.mk_id);
    }
}

/// What stands on a document by place becomes what it is.
fn resolve(mut doc: Document, partners: &[Partner], products: &[Planned], names: &[(Id, String)]) -> Document {
    let partner = doc.partner.and_then(|place| by_place(partners, place));
    doc.partner = partner.map(|partner| partner.mk_id);
    doc.partner_address =
        doc.partner_address.and_then(|place| by_place(&partner?.addresses, place)).map(|address| address.mk_id);
    doc.receiver = doc.receiver.and_then(|place| by_place(partners, place)).map(|partner| partner.mk_id);
    for row in &mut doc.rows {
        row.product = row.product.and_then(|place| by_place(products, place)).map(|planned| planned.product.mk_id);
    }
    if let Some(rows) = doc.other.get_mut(MADE) {
        each_row(rows, &mut |row| {
            let code = row.get("product_code").and_then(Value::as_str);
            let product = products.iter().find(|planned| Some(planned.product.code.as_str()) == code);
            if let Some(planned) = product {
                row.insert("product_mk_id".to_owned(), planned.product.mk_id.to_string().into());
            }
        });
    }
    // Both are made about what they are linked to first.
    if let Some((_, code)) = doc.links.first().and_then(|place| by_place(names, *place)) {
        match doc.doc_type {
            DocType::SalesBillCreditNote => {
                doc.other.insert("credit_note_bill".to_owned(), code.clone().into());
            }
            DocType::Complaint => {
                doc.buyer_order.get_or_insert_with(|| code.clone());
            }
            _ => {}
        }
    }
    for link in &mut doc.links {
        *link = by_place(names, *link).map_or(0, |(id, _)| *id);
    }
    doc
}

fn by_place<T>(all: &[T], place: Id) -> Option<&T> {
    all.get(usize::try_from(place).ok()?)
}

/// The visible numbers of each kind of document; a company did not start yesterday.
struct Numbers(BTreeMap<DocType, i64>);

impl Numbers {
    fn new(ids: &mut Ids) -> Self {
        let kinds = [
            DocType::SalesOffer,
            DocType::SalesOrder,
            DocType::SalesBillDomestic,
            DocType::SalesBillForeign,
            DocType::SalesBillRetail,
            DocType::SalesBillPrepaid,
            DocType::SalesBillCreditNote,
            DocType::PurchaseBillDomestic,
            DocType::PurchaseBillForeign,
            DocType::PurchaseOrder,
            DocType::WarehouseDeliveryNote,
            DocType::WarehousePackingList,
            DocType::WarehouseReceivingNote,
            DocType::WarehouseAcceptanceNote,
            DocType::TransferOrder,
            DocType::Workorder,
            DocType::Complaint,
        ];
        Self(kinds.into_iter().map(|kind| (kind, ids.dice.between(0, 4_000))).collect())
    }

    fn take(&mut self, kind: DocType) -> String {
        let last = self.0.entry(kind).or_default();
        *last += 1;
        format!("{}{last}", kind.series())
    }
}
