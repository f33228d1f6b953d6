//! Products: how they are found, changed and removed.

use super::company::Company;
use crate::model::{DocType, Id, Product};
use std::collections::BTreeSet;

impl Company {
    /// Enters a product or puts it in the place of what it was.
    pub(crate) fn put_product(&mut self, product: Product) {
        let id = product.mk_id;
        if let Some(before) = self.products.remove(&id) {
            self.product_codes.remove(&(before.code, id));
            self.product_numbers.remove(&(before.count_code, id));
        } else if let Err(at) = self.product_ids.binary_search(&id) {
            self.product_ids.insert(at, id);
        }
        self.note_number(&product.count_code);
        self.product_codes.insert((product.code.clone(), id));
        self.product_numbers.insert((product.count_code.clone(), id));
        self.products.insert(id, product);
        self.revision += 1;
    }

    /// Changes a product.
    pub(crate) fn edit_product(&mut self, id: Id, change: impl FnOnce(&mut Product)) -> bool {
        let Some(mut product) = self.products.get(&id).cloned() else {
            return false;
        };
        change(&mut product);
        self.put_product(product);
        true
    }

    /// Takes a product away with its stock. It must not be on a document.
    pub(crate) fn remove_product(&mut self, id: Id) -> Option<Product> {
        let product = self.products.remove(&id)?;
        self.product_codes.remove(&(product.code.clone(), id));
        self.product_numbers.remove(&(product.count_code.clone(), id));
        if let Ok(at) = self.product_ids.binary_search(&id) {
            self.product_ids.remove(at);
        }
        self.stock.rows.remove(&id);
        self.stock.reserved.retain(|(product, _), _| *product != id);
        self.revision += 1;
        Some(product)
    }

    /// By the visible number.
    pub(crate) fn product_by_number(&self, number: &str) -> Option<Id> {
        first(&self.product_numbers, number)
    }

    /// By the seller's code.
    pub(crate) fn product_by_code(&self, code: &str) -> Option<Id> {
        first(&self.product_codes, code)
    }

    /// Whether a document names the product.
    pub(crate) fn is_used(&self, product: Id) -> bool {
        self.indexes.with_product(product).next().is_some()
    }

    /// Whether a sales document names the product.
    pub(crate) fn is_sold(&self, product: Id) -> bool {
        self.indexes.with_product(product).any(|id| {
            self.documents.get(&id).is_some_and(|doc| {
                doc.doc_type.is_sales_bill() || matches!(doc.doc_type, DocType::SalesOffer | DocType::SalesOrder)
            })
        })
    }
}

fn first(set: &BTreeSet<(String, Id)>, key: &str) -> Option<Id> {
    set.range((key.to_owned(), Id::MIN)..=(key.to_owned(), Id::MAX)).next().map(|(_, id)| *id)
}
