//! Lines of documents, each linked to a product that is there.
//!
//! Decides how a line is written. A line without a link is refused: the ERP
//! would make a new product. The ERP finds a product by its code, so the code
//! must be that of the linked product, never what a line merely says.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ErpId, Line, Product};
use erp::client::{LineDraft, ProductQuery};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use sync::twoway::Outcome;

use super::piece::{Refused, keeps, read, says_same, unchanged, zero};
use super::{READS, Writer, unread};

/// Products by id.
pub(super) type Products = BTreeMap<ErpId, Product>;

impl Writer<'_> {
    /// The products of these lines, as far as they can be known. A code that leads to another product is no link.
    pub(super) async fn products_of(&self, lines: &[Line]) -> Result<Products, Outcome> {
        let mut known = Products::new();
        let mut open: BTreeSet<(ErpId, String)> = BTreeSet::new();
        for line in lines {
            let Some(id) = line.product else { continue };
            match (self.products.get(&id), &line.code) {
                (Some(product), _) => drop(known.insert(id, product.clone())),
                (None, Some(code)) => drop(open.insert((id, code.as_str().to_owned()))),
                (None, None) => {}
            }
        }
        let looked = stream::iter(open).map(|(id, code)| async move {
            let query = ProductQuery { code: Some(code), ..ProductQuery::default() };
            let page = self.client.products(&query).await.map_err(|e| unread(&e))?;
            Ok::<_, Outcome>(page.rows.into_iter().flatten().find(|product| product.erp_id == id))
        });
        let found: Vec<Option<Product>> = looked.buffered(READS).try_collect().await?;
        known.extend(found.into_iter().flatten().map(|product| (product.erp_id, product)));
        Ok(known)
    }
}

/// The line that a piece says.
pub(super) fn line_of(piece: &str, value: &Value) -> Result<Line, Refused> {
    let line: Line = read(piece, value)?;
    if line.product.is_none() {
        return Err(Refused::link_missing(piece));
    }
    Ok(line)
}

/// A new line.
pub(super) fn new_line(piece: &str, line: &Line, products: &Products) -> Result<LineDraft, Refused> {
    let product = line.product.and_then(|id| products.get(&id)).ok_or_else(|| Refused::link_missing(piece))?;
    // The unit is the product's: with one of its own the ERP would make a product that it does not find.
    unchanged(piece, line.unit.as_ref(), Some(&product.unit))?;
    Ok(LineDraft {
        product: Some(product.erp_id),
        code: Some(product.code.clone()),
        number: product.number.clone(),
        name: line.name.clone().filter(|name| *name != product.name),
        description: line.description.clone().filter(|text| Some(text) != product.description.as_ref()),
        amount: line.amount,
        price: line.price,
        price_with_tax: line.price_with_tax.filter(|_| line.price.is_none()),
        discounts: line.discounts.clone(),
        tax: line.tax.clone(),
    })
}

/// A line that is there as `now`. What is not said stays as it is; only a discount that is not said is none.
pub(super) fn changed_line(piece: &str, line: &Line, now: &Line) -> Result<LineDraft, Refused> {
    // A row keeps its product.
    if now.product.is_none() || line.product != now.product {
        return Err(Refused::not_in_api(piece));
    }
    unchanged(piece, line.unit.as_ref(), now.unit.as_ref())?;
    keeps(piece, line.price.or(line.price_with_tax).as_ref(), now.price.or(now.price_with_tax).as_ref())?;
    // Both prices are never sent. When both are said, the one that changed counts.
    let gross = line.price_with_tax.filter(|_| line.price.is_none() || line.price == now.price);
    let gross = gross.filter(|gross| line.price.is_none() || Some(*gross) != now.price_with_tax);
    let mut discounts = line.discounts.clone();
    if discounts.is_empty() && !now.discounts.is_empty() {
        discounts.push(zero());
    }
    Ok(LineDraft {
        product: now.product,
        code: now.code.clone(),
        number: None,
        name: line.name.clone().filter(|name| Some(name) != now.name.as_ref()),
        description: line.description.clone().filter(|text| Some(text) != now.description.as_ref()),
        amount: line.amount,
        price: line.price.filter(|_| gross.is_none()),
        price_with_tax: gross,
        discounts,
        tax: line.tax.clone(),
    })
}

/// Whether everything that is said of a new line is so of one that is there.
pub(super) fn same_line(ours: &Line, theirs: &Line) -> bool {
    ours.product == theirs.product
        && ours.amount == theirs.amount
        && ours.discounts == theirs.discounts
        && says_same(ours.name.as_ref(), theirs.name.as_ref())
        && says_same(ours.description.as_ref(), theirs.description.as_ref())
        && says_same(ours.price.as_ref(), theirs.price.as_ref())
        && says_same(ours.price_with_tax.as_ref().filter(|_| ours.price.is_none()), theirs.price_with_tax.as_ref())
        && says_same(ours.tax.as_ref(), theirs.tax.as_ref())
}
