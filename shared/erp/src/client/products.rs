//! Products: pages of them, and changes.

use domain::{Country, ErpId, Product, Text as Canonical};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

use super::{
    AnswerOf, Client, ErpError, RowError,
    body::Object,
    call::{Call, PRODUCT_ADD, PRODUCT_DELETE, PRODUCT_LIST, PRODUCT_UPDATE},
    page::{check_count, convert, count},
};
use crate::{
    convert::{At, product},
    wire::{ProductAnswer, ProductList, Text},
};

/// The most rows of a page of products.
const MAX_LIMIT: u32 = 1000;
/// What the ERP takes for a text that is to be emptied.
const EMPTIED: &str = "$REMOVE_STRING_VALUE$";

/// Which products are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductQuery {
    /// With this number only.
    pub number: Option<String>,
    /// With this code only.
    pub code: Option<String>,
    /// Rows to skip.
    pub offset: u64,
    /// Rows on the page, at most 1000; all that is possible when `None`.
    pub limit: Option<u32>,
}

/// A page of products. The ERP says no total: a page that is not full is the last.
#[derive(Debug)]
pub struct ProductPage {
    /// The rows; one that does not fit is an error of its own.
    pub rows: Vec<Result<Product, RowError>>,
    /// Where the next page starts; `None` after the last one.
    pub next: Option<u64>,
}

/// What names a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductKey {
    /// Its id.
    Id(ErpId),
    /// Its number.
    Number(String),
}

/// A text of a product that can be emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProductText {
    /// Its description.
    Description,
    /// Its bar code.
    Barcode,
}

/// What a product is to be. `None` leaves as it is; to add one, code, name and unit must be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductChange {
    /// Code.
    pub code: Option<Canonical>,
    /// Name.
    pub name: Option<Canonical>,
    /// Description.
    pub description: Option<Canonical>,
    /// Unit.
    pub unit: Option<Canonical>,
    /// Bar code.
    pub barcode: Option<Canonical>,
    /// A service.
    pub service: Option<bool>,
    /// Can be sold.
    pub sales: Option<bool>,
    /// Can be bought.
    pub purchasing: Option<bool>,
    /// In use.
    pub active: Option<bool>,
    /// Kilograms.
    pub weight: Option<Decimal>,
    /// Least stock.
    pub min_stock: Option<Decimal>,
    /// Customs code.
    pub customs_code: Option<Canonical>,
    /// Country of origin.
    pub origin: Option<Country>,
    /// Category path, outermost first; none leaves it as it is.
    pub categories: Vec<Canonical>,
    /// Prices to set. A list that is named must be whole: tiers of it that are not sent may be lost.
    pub prices: Vec<PriceDraft>,
    /// Texts to empty: an empty text does not.
    pub clear: Vec<ProductText>,
    /// Custom fields to set.
    pub extra: BTreeMap<String, Canonical>,
}

/// A price to set in an existing list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceDraft {
    /// The list's code.
    pub list: Canonical,
    /// Least amount.
    pub amount_from: Option<Decimal>,
    /// Largest amount.
    pub amount_to: Option<Decimal>,
    /// Price of one unit.
    pub price: Decimal,
    /// Whether it includes tax.
    pub with_tax: bool,
    /// Percent off.
    pub discount: Option<Decimal>,
    /// Tax code.
    pub tax: Option<Canonical>,
}

impl ProductKey {
    fn write(&self, object: &mut Object<'_>) {
        match self {
            Self::Id(id) => object.id("mk_id", Some(*id)),
            Self::Number(number) => object.text("count_code", number),
        }
    }
}

impl ProductChange {
    fn write(&self, object: &mut Object<'_>) {
        object.maybe("code", self.code.as_ref());
        object.maybe("name", self.name.as_ref());
        object.maybe("name_desc", self.description.as_ref());
        object.maybe("unit", self.unit.as_ref());
        object.maybe("barcode", self.barcode.as_ref());
        for text in &self.clear {
            let key = match text {
                ProductText::Description => "name_desc",
                ProductText::Barcode => "barcode",
            };
            object.text(key, EMPTIED);
        }
        object.flag("service", self.service);
        object.flag("sales", self.sales);
        object.flag("purchasing", self.purchasing);
        object.flag("activated", self.active);
        object.decimal("weight", self.weight);
        object.decimal("min_stock", self.min_stock);
        object.maybe("customs_fee", self.customs_code.as_ref());
        object.maybe("country", self.origin.map(|country| country.code()).as_ref());
        if !self.categories.is_empty() {
            object.list("categories", &[&self.categories], |object, path| {
                object.texts("category", path.iter().map(|level| level.as_str().to_owned()));
            });
        }
        // Sent twice, a list is what its last mention says.
        let mut lists: BTreeMap<&str, Vec<&PriceDraft>> = BTreeMap::new();
        for price in &self.prices {
            lists.entry(price.list.as_str()).or_default().push(price);
        }
        let lists: Vec<_> = lists.into_iter().collect();
        object.list("pricelist", &lists, |object, (list, tiers)| {
            object.text("count_code", list);
            object.list("price_def", tiers, |object, price| {
                object.decimal("amount_from", price.amount_from);
                object.decimal("amount_to", price.amount_to);
                object.decimal(if price.with_tax { "price_with_tax" } else { "price" }, Some(price.price));
                object.decimal("discount", price.discount);
                object.maybe("tax", price.tax.as_ref());
            });
        });
        object.pairs("extra_column", ("name", "value"), &self.extra);
    }
}

impl Client {
    /// A page of products with their prices and categories.
    pub async fn products(&self, query: &ProductQuery) -> Result<ProductPage, ErpError> {
        let limit = limit_of(query);
        let body = self.products_body(query);
        self.ask(&PRODUCT_LIST, body, |answer| {
            let list = answer.read::<ProductList<'_>>()?;
            let items = list.product_list.items();
            check_list(answer, list.product_list_count, items.len())?;
            let full = items.len() >= limit as usize;
            Ok(ProductPage {
                rows: convert(items, |row| row.mk_id, product),
                next: full.then(|| query.offset + items.len() as u64),
            })
        })
        .await
    }

    pub(super) fn products_body(&self, query: &ProductQuery) -> String {
        self.body(|object| {
            object.maybe("count_code", query.number.as_ref());
            object.maybe("code", query.code.as_ref());
            object.text("offset", &query.offset.to_string());
            object.text("limit", &limit_of(query).to_string());
            object.text("return_pricelist", "true");
            object.text("show_tax_factor", "true");
            object.text("return_category", "true");
        })
    }

    /// Adds a product; the same number and code a second time are refused. Gives its id.
    pub async fn add_product(&self, number: Option<&str>, product: &ProductChange) -> Result<ErpId, ErpError> {
        let body = self.body(|object| {
            object.maybe("count_code", number.as_ref());
            product.write(object);
        });
        self.change_product(&PRODUCT_ADD, body).await
    }

    /// Changes a product: what is said, and nothing else. Gives its id.
    pub async fn update_product(&self, key: &ProductKey, product: &ProductChange) -> Result<ErpId, ErpError> {
        let body = self.body(|object| {
            key.write(object);
            product.write(object);
        });
        self.change_product(&PRODUCT_UPDATE, body).await
    }

    /// Deletes a product that no document uses. Gives its id.
    pub async fn delete_product(&self, key: &ProductKey) -> Result<ErpId, ErpError> {
        let body = self.body(|object| key.write(object));
        self.change_product(&PRODUCT_DELETE, body).await
    }

    async fn change_product(&self, call: &'static Call, body: String) -> Result<ErpId, ErpError> {
        let understand = |answer: &AnswerOf<'_>| {
            let changed = answer.read::<ProductAnswer<'_>>()?;
            answer.id(At::Root.field("mk_id", changed.mk_id))
        };
        self.ask(call, body, understand).await
    }
}

fn limit_of(query: &ProductQuery) -> u32 {
    query.limit.unwrap_or(MAX_LIMIT).clamp(1, MAX_LIMIT)
}

/// Refuses a list that says another number of products than it has, or nothing at all.
pub(super) fn check_list(answer: &AnswerOf<'_>, said: Text<'_>, rows: usize) -> Result<(), ErpError> {
    let said = count(answer, said)?;
    check_count(answer, said, rows)?;
    if rows == 0 && said.is_none() {
        return Err(answer.inconsistent("neither products nor their number"));
    }
    Ok(())
}
