//! Rows of a request: the product matched or created, net prices, tax codes, discount chains.

use super::fields::{Fields, scalar};
use super::{Call, Refusal};
use crate::model::{Id, Product, Row};
use crate::state::sums::factor;
use crate::wire::json::{object, write_object};
use crate::wire::number;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// Row fields that are kept and returned as they came.
const DETAILS: &[&str] = &[
    "microlocation",
    "target_microlocation",
    "serial_number_value",
    "lot_number_value",
    "expiration_date_value",
    "meta_data",
];

/// The net of a price with tax, to ten places.
pub(crate) fn net_of(with_tax: Decimal, factor: Decimal) -> Decimal {
    (with_tax / (Decimal::ONE + factor)).round_dp(10).normalize()
}

/// Rows that were read, and the details that have no place in the model.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) details: Map<String, Value>,
}

/// Reads all rows of a request. Missing products refuse the whole list.
pub(crate) fn read(call: &mut Call<'_>, key: &str, priced: bool) -> Result<Rows, Refusal> {
    let list = call.body.list(key);
    let mut missing = Vec::new();
    let mut products = Vec::with_capacity(list.len());
    for data in &list {
        match product_of(call, *data) {
            Some(id) => products.push(id),
            None => missing.push(*data),
        }
    }
    if let Some(first) = missing.first() {
        let name = first.text("code").or_else(|| first.text("count_code")).or_else(|| first.text("mk_id"));
        let text =
            format!("Product with code {} not found - unit must be set to add new product", name.unwrap_or_default());
        return Err(Refusal { extra: vec![("product_not_found_list", not_found(&missing))], ..Refusal::invalid(text) });
    }
    let mut read = Rows::default();
    for (data, product) in list.iter().zip(products) {
        let row = row_of(call, *data, product, priced)?;
        add_details(&mut read.details, row.mk_row_id, *data);
        read.rows.push(row);
    }
    Ok(read)
}

fn not_found(missing: &[Fields<'_>]) -> String {
    let mut out = String::from("[");
    for (at, data) in missing.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_object(&mut out, |obj| {
            for key in ["mk_id", "count_code", "code", "name", "amount"] {
                obj.opt(key, data.text(key).as_deref());
            }
        });
    }
    out.push(']');
    out
}

/// The product of a row: by number or code (an id alone finds nothing), created when a unit is given.
fn product_of(call: &mut Call<'_>, data: Fields<'_>) -> Option<Id> {
    let company = &mut *call.company;
    let (number, code) = (data.text("count_code"), data.text("code"));
    let by_number = number.as_deref().and_then(|number| company.product_by_number(number));
    let found = by_number.or_else(|| code.as_deref().and_then(|code| company.product_by_code(code)));
    if found.is_some() {
        return found;
    }
    let (Some(unit), Some(code)) = (data.text("unit"), code.or(number.clone())) else {
        return None;
    };
    let mk_id = company.next_id();
    let product = Product {
        mk_id,
        count_code: number.unwrap_or_else(|| company.next_number("PA-")),
        name: data.text("name").unwrap_or_else(|| code.clone()),
        code,
        name_desc: data.text("name_desc"),
        unit,
        barcode: data.text("barcode"),
        service: data.is_on("service"),
        sales: data.flag("sales").unwrap_or(true),
        purchasing: data.is_on("purchasing"),
        activated: true,
        eshop_sync: false,
        weight: None,
        min_stock: None,
        categories: data.list("categories").first().map(|item| item.texts("category")).unwrap_or_default(),
        prices: Vec::new(),
        extra_column: Vec::new(),
        localization: Vec::new(),
        customs_fee: data.text("customs_fee"),
        country: data.text("country"),
    };
    company.put_product(product);
    Some(mk_id)
}

fn row_of(call: &mut Call<'_>, data: Fields<'_>, product: Id, priced: bool) -> Result<Row, Refusal> {
    let mk_row_id = call.company.next_id();
    let company = &*call.company;
    let known = company.products.get(&product);
    let amount = data.decimal("amount");
    let amount = amount.ok_or_else(|| Refusal::invalid("Polje amount je obvezno."))?;
    let taxes = &company.registers.taxes;
    let tax = match (data.text("tax"), data.decimal("tax_factor")) {
        (Some(code), _) => code,
        (None, Some(wanted)) => {
            let found = taxes.iter().find(|(_, factor, _)| *factor == wanted).map(|(code, ..)| code.clone());
            found.ok_or_else(|| Refusal::invalid(format!("Tax with factor {wanted} not found")))?
        }
        (None, None) => taxes.first().map(|(code, ..)| code.clone()).unwrap_or_default(),
    };
    if !taxes.iter().any(|(code, ..)| *code == tax) {
        return Err(Refusal::invalid(format!("Tax with code {tax} not found")));
    }
    let with_tax = data.decimal("price_with_tax").map(|price| net_of(price, factor(taxes, &tax)));
    let listed = || known.and_then(|product| product.prices.iter().find(|price| price.sales)).map(|price| price.price);
    let price = data.decimal("price").or(with_tax).or_else(listed);
    if priced && price.is_none() {
        return Err(Refusal::invalid("Polje price je obvezno."));
    }
    Ok(Row {
        mk_row_id,
        product: Some(product),
        name: data.text("name").or_else(|| known.map(|product| product.name.clone())).unwrap_or_default(),
        doc_desc: data.text("doc_desc"),
        unit: data.text("unit").or_else(|| known.map(|product| product.unit.clone())).unwrap_or_default(),
        amount,
        price: price.unwrap_or_default(),
        discount: discounts(data)?,
        tax,
    })
}

fn discounts(data: Fields<'_>) -> Result<Vec<Decimal>, Refusal> {
    let Some(chain) = data.text("discount") else {
        return Ok(Vec::new());
    };
    let parse = |part: &str| {
        number::parse(part)
            .ok_or_else(|| Refusal::invalid(format!("Paramether 'discount' has invalid value : {chain}")))
    };
    let chain: Result<Vec<Decimal>, Refusal> = chain.split(';').map(parse).collect();
    chain.map(|chain| chain.into_iter().filter(|percent| !percent.is_zero()).collect())
}

/// Changes a row by what an update sends.
pub(crate) fn change(call: &Call<'_>, row: &mut Row, data: Fields<'_>) -> Result<(), Refusal> {
    let taxes = &call.company.registers.taxes;
    if let Some(tax) = data.text("tax") {
        row.tax = tax;
    }
    if let Some(amount) = data.decimal("amount") {
        row.amount = amount;
    }
    if let Some(price) = data.decimal("price") {
        row.price = price;
    } else if let Some(price) = data.decimal("price_with_tax") {
        row.price = net_of(price, factor(taxes, &row.tax));
    }
    if data.has("discount") {
        row.discount = discounts(data)?;
    }
    if let Some(name) = data.text("name") {
        row.name = name;
    }
    if let Some(text) = data.text("doc_desc") {
        row.doc_desc = Some(text);
    }
    Ok(())
}

/// Keeps what a row says beyond the model.
pub(crate) fn add_details(details: &mut Map<String, Value>, row: Id, data: Fields<'_>) {
    let mut kept = Map::new();
    for key in DETAILS {
        if let Some(value) = data.value().get(*key).filter(|value| !value.is_null()) {
            let value = scalar(value).map_or_else(|| value.clone(), Value::String);
            kept.insert((*key).to_owned(), value);
        }
    }
    if !kept.is_empty() {
        details.insert(row.to_string(), Value::Object(kept));
    }
}

/// The partner that was used, as answers show it.
pub(crate) fn partner_field(id: Id) -> String {
    object(|obj| obj.show("mk_id", id))
}
