//! What a customer pays, and the categories of products.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Date, Decimal, Price};

/// Why no price is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceReason {
    /// No sales list that is for this customer has a price of the product.
    NoPrice,
    /// None of them is in the currency.
    Currency,
    /// None of them is valid on the day.
    Day,
    /// None of them has a tier for the amount.
    Amount,
    /// A discount is not between 0 and 100 percent.
    Discount,
    /// The sum has too many digits.
    TooLarge,
    /// There is no such product.
    NotFound,
    /// Your product is not in the ERP yet.
    NotInErp,
}

/// Where a discount comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiscountSource {
    /// The price list.
    List,
    /// The customer's discount on a category of products.
    Contact,
}

/// A discount that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PriceDiscount {
    /// Where it comes from.
    pub from: DiscountSource,
    /// Percent off what the discount before it left.
    pub percent: Decimal,
    /// The category that it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
}

/// A value without and with tax. One side is missing when the tax rate is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PriceSides {
    /// Without tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<Decimal>,
    /// With tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross: Option<Decimal>,
}

/// The price of a product, or why none is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    /// The product, as you named it.
    pub product: String,
    /// How much.
    pub amount: Decimal,
    /// When.
    pub date: Date,
    /// In which currency, three letters.
    pub currency: String,
    /// Whether a price is known.
    pub known: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PriceReason>,
    /// The list and its tier, with the price before discounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Price>,
    /// The discounts that were taken, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<PriceDiscount>,
    /// What they take off together, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Decimal>,
    /// The tax rate in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_percent: Option<Decimal>,
    /// One unit after discounts, rounded to four places, halves away from zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<PriceSides>,
    /// The whole amount after discounts, rounded to the places of the currency, halves away from zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<PriceSides>,
    /// Codes of lists that go before this one and have no tier for the amount.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<String>,
    /// Codes of lists that would have given a price too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_lists: Vec<String>,
}

/// The prices of an offer in the making.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quotes {
    /// One for each line, in their order.
    pub lines: Vec<Quote>,
}

/// A category of products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Category {
    /// Its id: what the list of products is filtered by. It is made of the path.
    #[schema(pattern = "^cat_[0-9a-f]{16}$")]
    pub id: String,
    /// Name.
    pub name: String,
    /// Names from the outermost category to this one.
    pub path: Vec<String>,
    /// The category above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// How many products are in it and below it.
    pub products: u64,
}

/// The categories that products are in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Categories {
    /// The categories; each comes before those below it.
    pub data: Vec<Category>,
    /// Whether all products were counted; false above 10 000 products.
    pub complete: bool,
}
