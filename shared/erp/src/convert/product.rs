//! Products with their prices.

use domain::{Currency, Price, Product, Text as Canonical};
use rust_decimal::Decimal;
use std::{borrow::Cow, collections::BTreeMap};

use super::{At, Refusal, Style, field::each};
use crate::wire;

/// The product that a row of `product_list` is.
pub(crate) fn product(product: &wire::Product<'_>, at: At<'_>) -> Result<Product, Refusal> {
    let id = at.field("mk_id", product.mk_id);
    let code = at.field("code", product.code);
    let name = at.field("name", product.name);
    let unit = at.field("unit", product.unit);
    let flag = |key, text: wire::Text<'_>| at.field(key, text).flag().map(|flag| flag.unwrap_or(false));
    Ok(Product {
        erp_id: id.required(id.id()?)?,
        number: at.field("count_code", product.count_code).text()?,
        code: code.required(code.text()?)?,
        name: name.required(name.text()?)?,
        description: at.field("name_desc", product.name_desc).text()?,
        unit: unit.required(unit.text()?)?,
        barcode: at.field("barcode", product.barcode).text()?,
        service: flag("service", product.service)?,
        sales: flag("sales", product.sales)?,
        purchasing: flag("purchasing", product.purchasing)?,
        // Unset is in use: older answers never say it.
        active: at.field("activated", product.activated).flag()?.unwrap_or(true),
        webshop: flag("eshop_sync", product.eshop_sync)?,
        weight: at.field("weight", product.weight).decimal(Style::Comma)?,
        min_stock: at.field("min_stock", product.min_stock).decimal(Style::Comma)?,
        categories: categories(&product.category_tree_list, at)?,
        prices: prices(product, at)?,
        translations: translations(product, at)?,
        extra: pairs(&product.extra_column, at, "extra_column")?,
        customs_code: at.field("customs_fee", product.customs_fee).text()?,
        origin: at.field("country", product.country).country()?,
    })
}

/// The path of the first category, outermost first.
fn categories(nodes: &wire::Rows<'_, wire::CategoryNode<'_>>, at: At<'_>) -> Result<Vec<Canonical>, Refusal> {
    let mut path = Vec::new();
    let mut level = nodes;
    while let Some(node) = level.objects().next() {
        path.extend(at.field("category_tree_list", node.tree_node_label).text()?);
        level = &node.tree_node_list;
    }
    Ok(path)
}

fn prices(product: &wire::Product<'_>, at: At<'_>) -> Result<Vec<Price>, Refusal> {
    let lists = each(&product.pricelist, at, "pricelist", |list, at| {
        let tiers = each(&list.price_def, at, "price_def", |tier, tier_at| price(list, at, tier, tier_at))?;
        Ok(tiers.into_iter().flatten())
    })?;
    let mut prices: Vec<Price> = lists.into_iter().flatten().collect();
    prices.sort();
    Ok(prices)
}

/// A tier of a list; `None` when it sets no price.
fn price(
    list: &wire::PriceList<'_>,
    at: At<'_>,
    tier: &wire::PriceTier<'_>,
    tier_at: At<'_>,
) -> Result<Option<Price>, Refusal> {
    let net = tier_at.field("price", tier.price).decimal(Style::Dot)?;
    let gross = tier_at.field("price_with_tax", tier.price_with_tax).decimal(Style::Dot)?;
    let Some(price) = net.or(gross) else { return Ok(None) };
    let code = at.field("count_code", list.count_code);
    let factor = tier_at.field("tax_factor", tier.tax_factor).decimal(Style::Dot)?;
    Ok(Some(Price {
        list: code.required(code.text()?)?,
        list_title: at.field("title", list.title).text()?,
        buyer: at.field("buyer", list.buyer).text()?,
        sales: at.field("sales_purchase", list.sales_purchase).plain()?.as_deref() != Some("purchase"),
        currency: at.field("currency_code", list.currency_code).currency()?.unwrap_or(Currency::EUR),
        amount_from: tier_at.field("amount_from", tier.amount_from).decimal(Style::Unknown)?,
        amount_to: tier_at.field("amount_to", tier.amount_to).decimal(Style::Unknown)?,
        valid_from: at.field("valid_from", list.valid_from).date()?,
        valid_to: at.field("valid_to", list.valid_to).date()?,
        price,
        with_tax: net.is_none(),
        discount: tier_at.field("discount", tier.discount).decimal(Style::Dot)?,
        tax: tier_at.field("tax", tier.tax).text()?,
        tax_percent: factor.map(|factor| factor.saturating_mul(Decimal::ONE_HUNDRED)),
    }))
}

fn translations(product: &wire::Product<'_>, at: At<'_>) -> Result<BTreeMap<String, Canonical>, Refusal> {
    let named = each(&product.localization, at, "localization", |text, at| {
        let language = at.field("language", text.language).plain()?;
        Ok(language.map(Cow::into_owned).zip(at.field("name", text.name).text()?))
    })?;
    Ok(named.into_iter().flatten().collect())
}

/// Names and values. A name that comes again is numbered, so that no value is lost.
pub(super) fn pairs(
    rows: &wire::Rows<'_, wire::Pair<'_>>,
    at: At<'_>,
    key: &'static str,
) -> Result<BTreeMap<String, Canonical>, Refusal> {
    let mut pairs = BTreeMap::new();
    let read = each(rows, at, key, |pair, at| {
        let name = at.field("name", pair.name).plain()?.or(at.field("key", pair.key).plain()?);
        let value = at.field("value", pair.value).text()?;
        let value = match value {
            Some(value) => Some(value),
            None => at.field("value_string", pair.value_string).text()?,
        };
        Ok(name.map(Cow::into_owned).zip(value))
    })?;
    for (name, value) in read.into_iter().flatten() {
        let mut key = name.clone();
        let mut number = 1;
        while pairs.contains_key(&key) {
            number += 1;
            key = format!("{name}#{number}");
        }
        pairs.insert(key, value);
    }
    Ok(pairs)
}
