//! What can be sold: whether an amount can be had, what it costs, and the categories of products.

use app::offering::{self, Meant};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::pricing::Asked;
use domain::value::parse_decimal;
use domain::{Contact, Currency, Object, Record};
use jiff::civil::Date;
use runtime::{
    Code, Permitted, Problem,
    auth::CanView,
    http::{Json, Path, Query},
};
use rust_decimal::Decimal;
use serde::Deserialize;
use store::Tenant;
use utoipa::IntoParams;

use crate::{
    CrmApi,
    body::{self, AskPrices},
    contract, offering_view as view,
    paging::NoQuery,
};

/// How much is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AmountQuery {
    /// How much, above zero; 1 unless it is given.
    #[param(value_type = Option<contract::Decimal>)]
    amount: Option<String>,
}

/// Availability of a product
///
/// Whether an amount can be had now, by a day, or not: in all warehouses together, and in each alone.
#[utoipa::path(get, path = "/v1/products/{id}/availability", tag = "records", params(("id" = String, Path, description = "The product, or your own id of it"), AmountQuery), responses((status = 200, description = "When it can be had", body = contract::ProductAvailability)))]
pub(super) async fn get_availability(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<String>,
    query: Query<AmountQuery>,
) -> Result<Response, Problem> {
    let amount = amount(query.0.amount.as_deref(), "amount")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let today = offering::today(&api.services);
    let outlook = match one(&tenant, Object::Products, &id.0).await?.ok_or(Problem::new(Code::NotFound))? {
        Meant::Record(product) => Some(offering::of_product(&tenant, &product, today).await?),
        Meant::Open => None,
    };
    Ok(Json(view::product_availability(&id.0, outlook.as_ref(), amount, today)).into_response())
}

/// What the price is for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PriceQuery {
    /// The customer, or your own id of it; anybody unless it is given.
    contact: Option<String>,
    /// How much, above zero; 1 unless it is given.
    #[param(value_type = Option<contract::Decimal>)]
    amount: Option<String>,
    /// The day; today unless it is given.
    #[param(value_type = Option<contract::Date>)]
    date: Option<Date>,
    /// Three letters; EUR unless it is given.
    #[param(value_type = Option<String>)]
    currency: Option<Currency>,
}

/// Price of a product
///
/// What a customer pays on a day for an amount, with the list, tier and discounts that make it. The
/// customer's own list goes before the others, of those the one that became valid last, then the lower code.
/// When no price is known, `known` is false and `reason` says why.
#[utoipa::path(get, path = "/v1/products/{id}/price", tag = "records", params(("id" = String, Path, description = "The product, or your own id of it"), PriceQuery), responses((status = 200, description = "The price, or why none is known", body = contract::Quote)))]
pub(super) async fn get_price(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    id: Path<String>,
    query: Query<PriceQuery>,
) -> Result<Response, Problem> {
    let PriceQuery { contact, amount: wanted, date, currency } = query.0;
    let amount = amount(wanted.as_deref(), "amount")?;
    let tenant = api.services.table.tenant(caller.tenant());
    let product = one(&tenant, Object::Products, &id.0).await?.ok_or(Problem::new(Code::NotFound))?;
    let contact = customer(&tenant, contact.as_deref(), "contact").await?;
    let day = date.unwrap_or_else(|| offering::today(&api.services));
    let currency = currency.unwrap_or(Currency::EUR);
    let asked = Asked { contact: contact.as_deref(), amount, day, currency };
    Ok(Json(quote(&id.0, Some(&product), asked)).into_response())
}

/// Prices of an offer in the making
///
/// The price of each line as one product's price is found. It changes nothing, so it may be sent again.
#[utoipa::path(post, path = "/v1/prices", tag = "records", request_body = AskPrices, responses((status = 200, description = "A price for each line, or why none is known", body = contract::Quotes)))]
pub(super) async fn ask_prices(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    _: Query<NoQuery>,
    asked: Json<AskPrices>,
) -> Result<Response, Problem> {
    let asked = asked.0;
    body::check(&asked, "$.")?;
    let lines: Vec<(&str, Decimal)> = asked
        .lines
        .iter()
        .enumerate()
        .map(|(n, line)| {
            let at = format!("$.lines[{n}].amount");
            Ok((line.product.as_str(), amount(line.amount.as_ref().map(|a| a.0.as_str()), &at)?))
        })
        .collect::<Result<_, Problem>>()?;
    let tenant = api.services.table.tenant(caller.tenant());
    let contact = customer(&tenant, asked.contact.as_deref(), "$.contact").await?;
    let products = offering::find(&tenant, Object::Products, lines.iter().map(|(id, _)| *id)).await?;
    let day = asked.date.unwrap_or_else(|| offering::today(&api.services));
    let currency = asked.currency.unwrap_or(Currency::EUR);
    let line = |(id, amount): &(&str, Decimal)| {
        quote(id, products.get(*id), Asked { contact: contact.as_deref(), amount: *amount, day, currency })
    };
    Ok(Json(contract::Quotes { lines: lines.iter().map(line).collect() }).into_response())
}

/// Categories
///
/// The tree of categories that the products make, each with the number of its products. There is no
/// register of them: a category is there while a product is in it.
#[utoipa::path(get, path = "/v1/categories", tag = "records", responses((status = 200, description = "All categories", body = contract::Categories)))]
pub(super) async fn list_categories(
    api: State<CrmApi>,
    caller: Permitted<CanView>,
    _: Query<NoQuery>,
) -> Result<Response, Problem> {
    let tenant = api.services.table.tenant(caller.tenant());
    let tree = api.browser.categories(&tenant).await?;
    Ok(Json(view::categories(&tree)).into_response())
}

/// The amount that is wanted: above zero, 1 when none is given.
fn amount(wanted: Option<&str>, at: &str) -> Result<Decimal, Problem> {
    let Some(wanted) = wanted else { return Ok(Decimal::ONE) };
    let amount = parse_decimal(wanted).map_err(|e| Problem::new(Code::InvalidRequest).at(at, e.to_string()))?;
    if amount > Decimal::ZERO { Ok(amount) } else { Err(Problem::new(Code::InvalidRequest).at(at, "not above zero")) }
}

async fn one(tenant: &Tenant, object: Object, id: &str) -> Result<Option<Meant>, Problem> {
    Ok(offering::find(tenant, object, [id]).await?.remove(id))
}

/// The customer that is named. One that the ERP does not have yet has no list and no discount there.
async fn customer(tenant: &Tenant, id: Option<&str>, at: &str) -> Result<Option<Box<Contact>>, Problem> {
    let Some(id) = id else { return Ok(None) };
    match one(tenant, Object::Contacts, id).await? {
        None => Err(Problem::new(Code::InvalidRequest).at(at, "no such contact")),
        Some(Meant::Open) => Ok(None),
        Some(Meant::Record(stored)) => match stored.record {
            Record::Contact(contact) => Ok(Some(contact)),
            _ => Ok(None),
        },
    }
}

fn quote(id: &str, product: Option<&Meant>, asked: Asked<'_>) -> contract::Quote {
    match product {
        None => view::no_quote(id, asked, contract::PriceReason::NotFound),
        Some(Meant::Open) => view::no_quote(id, asked, contract::PriceReason::NotInErp),
        Some(Meant::Record(stored)) => match offering::as_product(&stored.record) {
            Some(product) => view::quote(id, product, asked),
            None => view::no_quote(id, asked, contract::PriceReason::NotFound),
        },
    }
}
