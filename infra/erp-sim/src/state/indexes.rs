//! The orders in which documents are found: every search starts at one of these,
//! so that its cost follows its hits and not the size of the company.

use crate::model::{DocType, Document, Id};
use jiff::{Timestamp, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

/// What the indexes need to know of a document beyond the document itself.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    /// Something is still to pay.
    pub(crate) unpaid: bool,
}

/// Indexes over the documents of one company.
#[derive(Debug, Default)]
pub(crate) struct Indexes {
    by_type: BTreeMap<DocType, Vec<Id>>,
    changed: BTreeSet<(DocType, Timestamp, Id)>,
    dated: BTreeSet<(DocType, Date, Id)>,
    unpaid: BTreeSet<(DocType, Id)>,
    status: BTreeSet<(DocType, String, Id)>,
    partner: BTreeSet<(Id, Id)>,
    product: BTreeSet<(Id, Id)>,
    buyer_order: BTreeSet<(String, Id)>,
    count_code: BTreeSet<(String, Id)>,
    words: BTreeSet<(String, Id)>,
    status_changes: BTreeSet<(Timestamp, Id, String)>,
    tracked: BTreeSet<(Date, Id)>,
    tracking_code: BTreeSet<(String, Id)>,
}

impl Indexes {
    /// Enters a document.
    pub(crate) fn add(&mut self, doc: &Document, facts: Facts) {
        let ids = self.by_type.entry(doc.doc_type).or_default();
        match ids.last() {
            Some(last) if *last >= doc.mk_id => {
                if let Err(at) = ids.binary_search(&doc.mk_id) {
                    ids.insert(at, doc.mk_id);
                }
            }
            _ => ids.push(doc.mk_id),
        }
        if facts.unpaid {
            self.unpaid.insert((doc.doc_type, doc.mk_id));
        }
        self.each_key(doc, true);
    }

    /// Takes a document out; `doc` must be as it was when it was entered.
    pub(crate) fn remove(&mut self, doc: &Document) {
        if let Some(ids) = self.by_type.get_mut(&doc.doc_type)
            && let Ok(at) = ids.binary_search(&doc.mk_id)
        {
            ids.remove(at);
        }
        self.unpaid.remove(&(doc.doc_type, doc.mk_id));
        self.each_key(doc, false);
    }

    fn each_key(&mut self, doc: &Document, add: bool) {
        let (kind, id) = (doc.doc_type, doc.mk_id);
        put(&mut self.changed, (kind, doc.last_change, id), add);
        put(&mut self.dated, (kind, doc.doc_date, id), add);
        put(&mut self.status, (kind, doc.status.clone().unwrap_or_default(), id), add);
        for partner in [doc.partner, doc.receiver].into_iter().flatten() {
            put(&mut self.partner, (partner, id), add);
        }
        for product in doc.rows.iter().filter_map(|row| row.product) {
            put(&mut self.product, (product, id), add);
        }
        let count_code = doc.count_code.to_lowercase();
        each_word(&count_code, |word| put(&mut self.words, (word.to_owned(), id), add));
        put(&mut self.count_code, (count_code, id), add);
        if let Some(order) = &doc.buyer_order {
            let order = order.to_lowercase();
            each_word(&order, |word| put(&mut self.words, (word.to_owned(), id), add));
            put(&mut self.buyer_order, (order, id), add);
        }
        if kind == DocType::SalesOrder {
            for entry in doc.log.iter().filter(|entry| entry.operation == "DOCUMENT_STATUS_CHANGE") {
                put(&mut self.status_changes, (entry.at, id, entry.new.clone().unwrap_or_default()), add);
            }
            if let Some(last) = doc.delivery_events.iter().map(|(_, at, _)| at.date()).max() {
                put(&mut self.tracked, (last, id), add);
            }
        }
        for (name, value) in &doc.extra_column {
            if name == "tracking_number" || name == "sticker_code" {
                put(&mut self.tracking_code, (value.to_lowercase(), id), add);
            }
        }
    }

    /// All ids of a kind, ascending.
    pub(crate) fn of_type(&self, kind: DocType) -> &[Id] {
        self.by_type.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Changed within a closed window.
    pub(crate) fn changed(&self, kind: DocType, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Id> {
        self.changed.range((kind, from, Id::MIN)..=(kind, to, Id::MAX)).map(|(_, _, id)| *id)
    }

    /// Dated within closed limits.
    pub(crate) fn dated(&self, kind: DocType, from: Date, to: Date) -> impl Iterator<Item = Id> {
        self.dated.range((kind, from, Id::MIN)..=(kind, to, Id::MAX)).map(|(_, _, id)| *id)
    }

    /// With something still to pay.
    pub(crate) fn unpaid(&self, kind: DocType) -> impl Iterator<Item = Id> {
        self.unpaid.range((kind, Id::MIN)..=(kind, Id::MAX)).map(|(_, id)| *id)
    }

    /// Whether something is still to pay.
    pub(crate) fn is_unpaid(&self, kind: DocType, id: Id) -> bool {
        self.unpaid.contains(&(kind, id))
    }

    /// With a status; an empty key is "without status".
    pub(crate) fn with_status(&self, kind: DocType, key: &str) -> impl Iterator<Item = Id> + use<'_> {
        self.status.range((kind, key.to_owned(), Id::MIN)..=(kind, key.to_owned(), Id::MAX)).map(|(_, _, id)| *id)
    }

    /// Of a partner or for it as the receiver.
    pub(crate) fn of_partner(&self, partner: Id) -> impl Iterator<Item = Id> {
        self.partner.range((partner, Id::MIN)..=(partner, Id::MAX)).map(|(_, id)| *id)
    }

    /// With a product on a row.
    pub(crate) fn with_product(&self, product: Id) -> impl Iterator<Item = Id> {
        self.product.range((product, Id::MIN)..=(product, Id::MAX)).map(|(_, id)| *id)
    }

    /// With this customer's order number, whatever the case.
    pub(crate) fn with_buyer_order(&self, order: &str) -> impl Iterator<Item = Id> + use<'_> {
        exactly(&self.buyer_order, order.to_lowercase())
    }

    /// With this number, whatever the case.
    pub(crate) fn with_count_code(&self, code: &str) -> impl Iterator<Item = Id> + use<'_> {
        exactly(&self.count_code, code.to_lowercase())
    }

    /// With this tracking or sticker code.
    pub(crate) fn with_tracking_code(&self, code: &str) -> impl Iterator<Item = Id> + use<'_> {
        exactly(&self.tracking_code, code.to_lowercase())
    }

    /// With a number or order number of which a part begins with the text (lower case).
    pub(crate) fn with_word(&self, text: &str) -> impl Iterator<Item = Id> + use<'_> {
        let text = text.to_owned();
        self.words
            .range((text.clone(), Id::MIN)..)
            .take_while(move |(word, _)| word.starts_with(&text))
            .map(|(_, id)| *id)
    }

    /// Orders that changed into a status within a closed window.
    pub(crate) fn status_changes(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Id, &str)> {
        self.status_changes
            .range((from, Id::MIN, String::new())..)
            .take_while(move |(at, _, _)| *at <= to)
            .map(|(_, id, key)| (*id, key.as_str()))
    }

    /// Orders whose last carrier event is within closed limits.
    pub(crate) fn tracked(&self, from: Date, to: Date) -> impl Iterator<Item = Id> {
        self.tracked.range((from, Id::MIN)..=(to, Id::MAX)).map(|(_, id)| *id)
    }
}

fn put<T: Ord>(set: &mut BTreeSet<T>, key: T, add: bool) {
    if add {
        set.insert(key);
    } else {
        set.remove(&key);
    }
}

fn exactly(set: &BTreeSet<(String, Id)>, key: String) -> impl Iterator<Item = Id> {
    set.range((key.clone(), Id::MIN)..=(key, Id::MAX)).map(|(_, id)| *id)
}

/// The whole text and every part of it that follows a separator.
fn each_word(text: &str, mut visit: impl FnMut(&str)) {
    visit(text);
    let mut after_separator = false;
    for (at, character) in text.char_indices() {
        if after_separator && character.is_alphanumeric() {
            visit(&text[at..]);
        }
        after_separator = !character.is_alphanumeric();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_by_the_start_of_any_of_its_parts() {
        let mut words = Vec::new();
        each_word("1-mk-1406", |word| words.push(word.to_owned()));
        assert_eq!(words, ["1-mk-1406", "mk-1406", "1406"]);
    }
}
