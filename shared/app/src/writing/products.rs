//! Products and their prices.
//!
//! Decides which call carries what. Number and code of a new product are both
//! ours: only then does the ERP refuse a second one. A price list that is
//! touched is sent whole, because tiers that are not sent may be lost. A product
//! that a document uses cannot be deleted; it is put out of use instead.

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::field_of;
use domain::{Currency, ErpId, Fields, Price, Product, Record, value};
use erp::ErpError;
use erp::client::{PriceDraft, ProductChange, ProductKey, ProductQuery, ProductText};
use sync::twoway::Outcome;

use super::piece::{self, Refused, Set, decimal, entries, get, needed, read, says_same, unchanged};
use super::{Attempt, DEACTIVATED, Failed, Writer, outcome_of, unread};

impl Writer<'_> {
    pub(super) async fn create_product(
        &self,
        fields: &Fields,
        marker: &str,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        let product = new_product(fields, marker)?;
        match attempt.try_call(self.client.add_product(Some(marker), &product)).await {
            Ok(erp_id) => Ok(erp_id),
            Err(Failed::Erp(error @ (ErpError::Invalid { .. } | ErpError::Application { .. }))) => {
                // The text alone does not tell a twin from another refusal; a search does.
                let found = self.twins(marker).await;
                Err(if found.is_empty() { outcome_of(&error) } else { Outcome::Duplicate { found } })
            }
            Err(failed) => Err(attempt.outcome(&failed)),
        }
    }

    /// The products that have this number and code.
    async fn twins(&self, marker: &str) -> Vec<ErpId> {
        let query =
            ProductQuery { number: Some(marker.to_owned()), code: Some(marker.to_owned()), ..ProductQuery::default() };
        let Ok(page) = self.client.products(&query).await else { return Vec::new() };
        let is_twin =
            |p: &Product| p.code.as_str() == marker && p.number.as_ref().is_some_and(|n| n.as_str() == marker);
        page.rows.into_iter().flatten().filter(is_twin).map(|p| p.erp_id).collect()
    }

    pub(super) async fn update_product(
        &self,
        erp_id: ErpId,
        set: &Set,
        attempt: &mut Attempt<'_>,
    ) -> Result<ErpId, Outcome> {
        let mut change = change_of(set)?;
        if set.keys().any(|piece| field_of(piece) == "prices") {
            let now = self.product_now(erp_id).await?;
            change.prices = prices_to_send(&now, set)?;
        }
        if change != ProductChange::default() {
            attempt.call(self.client.update_product(&ProductKey::Id(erp_id), &change)).await?;
        }
        Ok(erp_id)
    }

    /// A product as it is now, found by the number or code that it was last seen with.
    async fn product_now(&self, erp_id: ErpId) -> Result<Product, Outcome> {
        let known = self.products.get(&erp_id).ok_or_else(|| Refused::not_in_api("prices"))?;
        let number = known.number.as_ref().map(|number| number.as_str().to_owned());
        let code = Some(known.code.as_str().to_owned()).filter(|_| number.is_none());
        let query = ProductQuery { number, code, ..ProductQuery::default() };
        let page = self.client.products(&query).await.map_err(|e| unread(&e))?;
        // Renumbered or gone meanwhile: the next look finds that out.
        page.rows.into_iter().flatten().find(|product| product.erp_id == erp_id).ok_or(Outcome::NotSent)
    }

    pub(super) async fn delete_product(&self, erp_id: ErpId, attempt: &mut Attempt<'_>) -> Result<ErpId, Outcome> {
        let key = ProductKey::Id(erp_id);
        match attempt.try_call(self.client.delete_product(&key)).await {
            Ok(_) | Err(Failed::Erp(ErpError::NotFound { .. })) => Ok(erp_id),
            Err(Failed::Erp(ErpError::Application { .. } | ErpError::Invalid { .. })) => {
                let retired = ProductChange { active: Some(false), ..ProductChange::default() };
                attempt.call(self.client.update_product(&key, &retired)).await?;
                Err(Outcome::Rejected { code: DEACTIVATED.to_owned() })
            }
            Err(failed) => Err(attempt.outcome(&failed)),
        }
    }
}

/// A product to add.
pub(super) fn new_product(fields: &Fields, marker: &str) -> Result<ProductChange, Refused> {
    let prices = entries(fields, "prices").map(|(piece, value)| new_price(piece, &read(piece, value)?, &[]));
    Ok(ProductChange {
        code: Some(piece::text("code", marker)?),
        name: Some(get(fields, "name")?.ok_or_else(|| Refused::missing("name"))?),
        description: get(fields, "description")?,
        unit: Some(get(fields, "unit")?.ok_or_else(|| Refused::missing("unit"))?),
        barcode: get(fields, "barcode")?,
        service: get(fields, "service")?,
        sales: get(fields, "sales")?,
        purchasing: get(fields, "purchasing")?,
        active: get(fields, "active")?,
        weight: fields.get("weight").map(|v| decimal("weight", v, value::parse_decimal)).transpose()?,
        categories: get(fields, "categories")?.unwrap_or_default(),
        prices: prices.collect::<Result<_, _>>()?,
        ..ProductChange::default()
    })
}

/// The change of a product, but for its prices.
pub(super) fn change_of(set: &Set) -> Result<ProductChange, Refused> {
    let mut change = ProductChange::default();
    for (piece, value) in set {
        let value = value.as_ref();
        match (field_of(piece), value) {
            ("name", _) => change.name = Some(needed(piece, value)?),
            ("unit", _) => change.unit = Some(needed(piece, value)?),
            ("description", Some(_)) => change.description = Some(needed(piece, value)?),
            ("description", None) => change.clear.push(ProductText::Description),
            ("barcode", Some(_)) => change.barcode = Some(needed(piece, value)?),
            ("barcode", None) => change.clear.push(ProductText::Barcode),
            ("sales", _) => change.sales = Some(needed(piece, value)?),
            ("purchasing", _) => change.purchasing = Some(needed(piece, value)?),
            ("active", _) => change.active = Some(needed(piece, value)?),
            ("weight", Some(v)) => change.weight = Some(decimal(piece, v, value::parse_decimal)?),
            ("categories", Some(_)) => {
                change.categories = needed(piece, value)?;
                if change.categories.is_empty() {
                    return Err(Refused::not_in_api(piece));
                }
            }
            ("prices", _) => {}
            _ => return Err(Refused::not_in_api(piece)),
        }
    }
    Ok(change)
}

/// All tiers of the lists that an update touches.
pub(super) fn prices_to_send(now: &Product, set: &Set) -> Result<Vec<PriceDraft>, Refused> {
    let pieces = Fields::of(&Record::Product(Box::new(now.clone())));
    let mut tiers: BTreeMap<&str, Price> =
        entries(&pieces, "prices").map(|(piece, value)| Ok((piece, read(piece, value)?))).collect::<Result<_, _>>()?;
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let mut added = Vec::new();
    for (piece, value) in set.iter().filter(|(piece, _)| field_of(piece) == "prices") {
        match (tiers.get_mut(piece.as_str()), value) {
            (None, None) => {}
            // A tier is removed by taking the product off all its lists, and their history with it.
            (Some(_), None) => return Err(Refused::not_in_api(piece)),
            (Some(tier), Some(value)) => {
                let wanted: Price = read(piece, value)?;
                let place = (&wanted.list, wanted.amount_from);
                if place != (&tier.list, tier.amount_from) || !of_same_list(&wanted, tier) {
                    return Err(Refused::not_in_api(piece));
                }
                if wanted != *tier {
                    touched.insert(wanted.list.as_str().to_owned());
                    *tier = Price { tax: wanted.tax.clone().or_else(|| tier.tax.take()), ..wanted };
                }
            }
            (None, Some(value)) => added.push((piece, read::<Price>(piece, value)?)),
        }
    }
    for (piece, price) in &added {
        if now.prices.iter().any(|there| same_price(price, there)) {
            continue;
        }
        // Two prices of one place: which of them counts would be the ERP's guess.
        if tiers.values().any(|t| t.list == price.list && t.amount_from == price.amount_from) {
            return Err(Refused::not_in_api(piece));
        }
        new_price(piece, price, &now.prices)?;
        touched.insert(price.list.as_str().to_owned());
    }
    let whole = tiers.values().chain(added.iter().map(|(_, price)| price));
    Ok(whole.filter(|price| touched.contains(price.list.as_str())).map(price_draft).collect())
}

/// A price on a list that the ERP has. Currency, dates, title and buyer are the list's: a price in another currency would become
/// that number of the list's own.
fn new_price(piece: &str, price: &Price, there: &[Price]) -> Result<PriceDraft, Refused> {
    match there.iter().find(|t| t.list == price.list) {
        Some(tier) if !of_same_list(price, tier) => return Err(Refused::not_in_api(piece)),
        // Nothing is known of the list: it may be in the currency that every company keeps its books in.
        None => unchanged(piece, Some(&price.currency), Some(&Currency::EUR))?,
        Some(_) => {}
    }
    Ok(price_draft(price))
}

fn of_same_list(ours: &Price, theirs: &Price) -> bool {
    ours.sales == theirs.sales
        && ours.currency == theirs.currency
        && says_same(ours.list_title.as_ref(), theirs.list_title.as_ref())
        && says_same(ours.buyer.as_ref(), theirs.buyer.as_ref())
        && says_same(ours.valid_from.as_ref(), theirs.valid_from.as_ref())
        && says_same(ours.valid_to.as_ref(), theirs.valid_to.as_ref())
}

fn same_price(ours: &Price, theirs: &Price) -> bool {
    ours.list == theirs.list
        && of_same_list(ours, theirs)
        && (ours.price, ours.with_tax) == (theirs.price, theirs.with_tax)
        && ours.amount_from == theirs.amount_from
        && says_same(ours.amount_to.as_ref(), theirs.amount_to.as_ref())
        && says_same(ours.discount.as_ref(), theirs.discount.as_ref())
        && says_same(ours.tax.as_ref(), theirs.tax.as_ref())
}

fn price_draft(price: &Price) -> PriceDraft {
    PriceDraft {
        list: price.list.clone(),
        amount_from: price.amount_from,
        amount_to: price.amount_to,
        price: price.price,
        with_tax: price.with_tax,
        discount: price.discount,
        tax: price.tax.clone(),
    }
}
