//! product_list, product_add, product_update, product_delete and the supplier codes.

use super::fields::Fields;
use super::{Call, Done, Refusal};
use crate::model::{Id, Price, Product};
use crate::state::extras::SupplierCode;
use crate::wire::json::Obj;
use crate::wire::product::{ProductView, write};
use rust_decimal::Decimal;
use serde_json::Value;

/// Most products on a page.
const PAGE: usize = 1000;
/// The marker that clears a text.
const REMOVE: &str = "$REMOVE_STRING_VALUE$";
/// Fields that are kept and returned without a place in the model.
const KEPT: &[&str] = &[
    "unit2",
    "unit_factor",
    "height",
    "width",
    "depth",
    "gross_weight",
    "koli_package_amount",
    "minimal_order_quantity",
    "safety_stock",
    "supplier_info",
];

/// One page of the catalogue: no total, page on until a page is short.
#[expect(clippy::unnecessary_wraps, reason = "handlers share one signature")]
pub(crate) fn list(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let offset = body.number("offset").unwrap_or(0);
    let limit = body.number("limit").unwrap_or(PAGE).min(PAGE);
    let filter = Filter::read(body);
    let hits = call.company.hits(&format!("products {filter:?}"), |company, touched| {
        let single = filter.count_code.as_deref().filter(|_| !filter.like).map(|code| company.product_by_number(code));
        let single = single
            .or_else(|| filter.code.as_deref().filter(|_| !filter.like).map(|code| company.product_by_code(code)));
        let ids: Vec<Id> = single.map_or_else(|| company.product_ids.clone(), |id| id.into_iter().collect());
        *touched += ids.len() as u64;
        ids.into_iter().filter(|id| company.products.get(id).is_some_and(|product| filter.matches(product))).collect()
    });
    let page: Vec<Id> = hits.iter().skip(offset).take(limit).copied().collect();
    let page = if call.seem_empty { Vec::new() } else { call.cut_page(page) };
    for key in [
        "count_code",
        "mk_id",
        "code",
        "title",
        "sales",
        "purchase",
        "service",
        "work",
        "active",
        "eshop_sync",
        "category",
        "return_category",
    ] {
        obj.opt(key, body.text(key).as_deref());
    }
    obj.show("limit", limit);
    obj.show("offset", offset);
    obj.show("product_list_count", page.len());
    let view = read_view(body);
    let company = &*call.company;
    let products: Vec<&Product> = page.iter().filter_map(|id| company.products.get(id)).collect();
    obj.list("product_list", company.collapsing(), products, |obj, product| write(obj, company, product, view));
    Ok(())
}

fn read_view(body: Fields<'_>) -> ProductView {
    ProductView {
        stock: body.is_on("return_warehause_stock"),
        free: body.is_on("return_free_amount"),
        reservation: body.is_on("return_warehouse_reservation") || body.is_on("return_warehause_reservation"),
        pricelist: body.is_on("return_pricelist"),
        tax_factor: body.is_on("show_tax_factor"),
        partner_info: body.is_on("return_product_partner_info"),
        category: body.is_on("return_category"),
        compound: body.is_on("return_product_compound"),
        last_purchase_price: body.is_on("return_last_purchase_price"),
        expected: body.is_on("return_expect_order_delivery_date"),
    }
}

#[derive(Debug)]
struct Filter {
    count_code: Option<String>,
    code: Option<String>,
    title: Option<String>,
    like: bool,
    sales: Option<bool>,
    purchase: Option<bool>,
    service: Option<bool>,
    active: Option<bool>,
    eshop_sync: Option<bool>,
    category: Option<String>,
}

impl Filter {
    fn read(body: Fields<'_>) -> Self {
        Self {
            count_code: body.text("count_code"),
            code: body.text("code"),
            title: body.text("title"),
            like: body.is_on("search_with_like"),
            sales: body.flag("sales"),
            purchase: body.flag("purchase"),
            service: body.flag("service"),
            active: body.flag("active"),
            eshop_sync: body.flag("eshop_sync"),
            category: body.text("category"),
        }
    }

    fn matches(&self, product: &Product) -> bool {
        let text = |wanted: &Option<String>, own: &str| {
            wanted.as_ref().is_none_or(|wanted| {
                if self.like { own.to_lowercase().contains(&wanted.to_lowercase()) } else { own == wanted }
            })
        };
        let flag = |wanted: Option<bool>, own: bool| wanted.is_none_or(|wanted| wanted == own);
        text(&self.count_code, &product.count_code)
            && text(&self.code, &product.code)
            && text(&self.title, &product.name)
            && flag(self.sales, product.sales)
            && flag(self.purchase, product.purchasing)
            && flag(self.service, product.service)
            && flag(self.active, product.activated)
            && flag(self.eshop_sync, product.eshop_sync)
            && self.category.as_ref().is_none_or(|category| product.categories.contains(category))
    }
}

/// A new product; the same number and code as another one are refused.
pub(crate) fn add(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let need = |key: &str| body.text(key).ok_or_else(|| Refusal::invalid(format!("Polje {key} je obvezno.")));
    let (code, name, unit) = (need("code")?, need("name")?, need("unit")?);
    for (text, longest, key) in [(&code, 50, "code"), (&name, 200, "name")] {
        if text.chars().count() > longest {
            return Err(Refusal::invalid(format!("Field {key} is longer than {longest} characters")));
        }
    }
    let company = &mut *call.company;
    if let Some(number) = body.text("count_code")
        && let Some(same) = company.product_by_number(&number)
        && company.products.get(&same).is_some_and(|product| product.code == code)
    {
        return Err(Refusal::invalid(format!("Product with count_code {number} and code {code} already exists")));
    }
    let mk_id = company.next_id();
    let mut product = Product {
        mk_id,
        count_code: body.text("count_code").unwrap_or_else(|| company.next_number("PA-")),
        code,
        name,
        name_desc: None,
        unit,
        barcode: None,
        service: false,
        sales: false,
        purchasing: false,
        activated: true,
        eshop_sync: false,
        weight: None,
        min_stock: None,
        categories: Vec::new(),
        prices: Vec::new(),
        extra_column: Vec::new(),
        localization: Vec::new(),
        customs_fee: None,
        country: None,
    };
    set_fields(&mut product, body);
    let prices = read_prices(call, &product)?;
    product.prices = prices;
    finish(call, obj, product);
    Ok(())
}

/// Changes what is sent; an empty text does not clear.
pub(crate) fn update(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let mut product = by_key(call)?;
    if call.body.flag("sales") == Some(false) && product.sales && call.company.is_sold(product.mk_id) {
        return Err(Refusal::application("Product is used on sales documents - sales cannot be removed"));
    }
    set_fields(&mut product, call.body);
    if call.body.is_on("pricelist_remove_product_before_add") {
        product.prices.clear();
    }
    product.prices = read_prices(call, &product)?;
    finish(call, obj, product);
    Ok(())
}

/// Takes a product away that no document names.
pub(crate) fn delete(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let product = by_key(call)?;
    if call.company.is_used(product.mk_id) {
        return Err(Refusal::application("Product is used on documents - it cannot be deleted"));
    }
    call.company.remove_product(product.mk_id);
    obj.show("mk_id", product.mk_id);
    obj.text("count_code", &product.count_code);
    Ok(())
}

fn finish(call: &mut Call<'_>, obj: &mut Obj<'_>, product: Product) {
    obj.show("mk_id", product.mk_id);
    obj.text("count_code", &product.count_code);
    let id = product.mk_id;
    call.company.put_product(product);
    let kept: Vec<(String, Value)> = KEPT
        .iter()
        .filter(|key| call.body.has(key))
        .filter_map(|key| Some(((*key).to_owned(), as_stored(call.body.value().get(*key)?))))
        .collect();
    if !kept.is_empty() {
        call.company.extras.product_fields.entry(id).or_default().extend(kept);
    }
    if !call.body.list("product_partner_info").is_empty() {
        let ids = add_codes(call, id);
        obj.texts("product_partner_info_mk_id", call.company.plain_list(), &ids);
    }
}

/// Decimals are kept with the comma that they come back with.
fn as_stored(value: &Value) -> Value {
    match super::fields::scalar(value) {
        Some(text) if text.parse::<Decimal>().is_ok() => Value::String(text.replace('.', ",")),
        Some(text) => Value::String(text),
        None => value.clone(),
    }
}

fn by_key(call: &Call<'_>) -> Result<Product, Refusal> {
    let company = &*call.company;
    let by_number = || call.body.text("count_code").and_then(|code| company.product_by_number(&code));
    let id = call.body.id("mk_id").or_else(by_number);
    let product = id.and_then(|id| company.products.get(&id)).cloned();
    let asked = call.body.text("mk_id").or_else(|| call.body.text("count_code")).unwrap_or_default();
    product.ok_or_else(|| Refusal::invalid(format!("Product with count_code {asked} not found")))
}

fn set_fields(product: &mut Product, body: Fields<'_>) {
    let text = |key: &str, own: &mut Option<String>| match body.text(key) {
        Some(text) if text == REMOVE => *own = None,
        Some(text) => *own = Some(text),
        None => {}
    };
    text("name_desc", &mut product.name_desc);
    text("barcode", &mut product.barcode);
    text("customs_fee", &mut product.customs_fee);
    text("country", &mut product.country);
    for (key, own) in [("code", &mut product.code), ("name", &mut product.name), ("unit", &mut product.unit)] {
        if let Some(text) = body.text(key) {
            *own = text;
        }
    }
    for (key, own) in [
        ("service", &mut product.service),
        ("sales", &mut product.sales),
        ("purchasing", &mut product.purchasing),
        ("activated", &mut product.activated),
        ("eshop_sync", &mut product.eshop_sync),
    ] {
        if let Some(flag) = body.flag(key) {
            *own = flag;
        }
    }
    for (key, own) in [("weight", &mut product.weight), ("min_stock", &mut product.min_stock)] {
        if let Some(value) = body.decimal(key) {
            *own = Some(value);
        }
    }
    if body.has("localization") {
        let read = |item: Fields<'_>| Some((item.text("language")?, item.text("name")?, item.text("name_desc")));
        product.localization = body.list("localization").into_iter().filter_map(read).collect();
    }
    if let Some(deepest) = body.list("categories").iter().map(|item| item.texts("category")).max_by_key(Vec::len) {
        product.categories = deepest;
    }
    for column in body.list("extra_column") {
        if let Some(name) = column.text("name") {
            product.extra_column.retain(|(known, _)| *known != name);
            product.extra_column.push((name, column.sent("value").unwrap_or_default()));
        }
    }
}

/// The prices after a request: a list that is sent replaces the product's rows on that list.
fn read_prices(call: &Call<'_>, product: &Product) -> Result<Vec<Price>, Refusal> {
    let mut prices = product.prices.clone();
    for list in call.body.list("pricelist") {
        let code = list.text("count_code").unwrap_or_default();
        let known = call
            .company
            .products
            .values()
            .flat_map(|product| &product.prices)
            .find(|price| price.pricelist_code == code)
            .cloned();
        let known = known.ok_or_else(|| Refusal::invalid(format!("Pricelist with count_code {code} not found")))?;
        prices.retain(|price| price.pricelist_code != code);
        for tier in list.list("price_def") {
            prices.push(read_tier(call, tier, &known)?);
        }
    }
    Ok(prices)
}

fn read_tier(call: &Call<'_>, tier: Fields<'_>, known: &Price) -> Result<Price, Refusal> {
    let taxes = &call.company.registers.taxes;
    let tax = match (tier.text("tax"), tier.decimal("tax_factor")) {
        (Some(code), _) => code,
        (None, Some(factor)) => {
            let found = taxes.iter().find(|(_, known, _)| *known == factor).map(|(code, ..)| code.clone());
            found.ok_or_else(|| Refusal::invalid(format!("Tax with factor {factor} not found")))?
        }
        (None, None) => known.tax.clone(),
    };
    let with_tax = tier.decimal("price_with_tax");
    let factor = crate::state::sums::factor(taxes, &tax);
    let net = tier.decimal("price").or_else(|| with_tax.map(|price| super::rows::net_of(price, factor)));
    Ok(Price {
        amount_from: tier.decimal("amount_from").filter(|amount| !amount.is_zero()),
        amount_to: tier.decimal("amount_to"),
        price: net.ok_or_else(|| Refusal::invalid("Polje price je obvezno."))?,
        discount: tier.decimal("discount"),
        tax,
        ..known.clone()
    })
}

fn add_codes(call: &mut Call<'_>, product: Id) -> Vec<String> {
    let mut ids = Vec::new();
    for info in call.body.list("product_partner_info") {
        let code = SupplierCode {
            mk_id: call.company.next_id(),
            product_code: info.text("product_code"),
            product_name: info.text("product_name"),
            partner: info.id("partner_id").unwrap_or_default(),
        };
        ids.push(code.mk_id.to_string());
        call.company.extras.supplier_codes.entry(product).or_default().push(code);
    }
    ids
}

/// Adds codes that suppliers use.
pub(crate) fn put_supplier_codes(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let product = by_key(call)?;
    let ids = add_codes(call, product.mk_id);
    obj.show("mk_id", product.mk_id);
    obj.text("count_code", &product.count_code);
    obj.texts("product_partner_info_mk_id", call.company.plain_list(), &ids);
    Ok(())
}

/// Changes codes that suppliers use.
pub(crate) fn update_supplier_codes(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let product = by_key(call)?;
    let codes = call.company.extras.supplier_codes.entry(product.mk_id).or_default();
    let mut ids = Vec::new();
    for info in call.body.list("product_partner_info") {
        let known = codes.iter_mut().find(|code| Some(code.mk_id) == info.id("mk_id"));
        let code = known.ok_or_else(|| Refusal::invalid("product_partner_info with such mk_id not found"))?;
        code.product_code = info.text("product_code").or_else(|| code.product_code.take());
        code.product_name = info.text("product_name").or_else(|| code.product_name.take());
        code.partner = info.id("partner_id").unwrap_or(code.partner);
        ids.push(code.mk_id.to_string());
    }
    obj.show("mk_id", product.mk_id);
    obj.text("count_code", &product.count_code);
    obj.texts("product_partner_info_mk_id", call.company.plain_list(), &ids);
    Ok(())
}

/// Takes codes away that suppliers use.
pub(crate) fn delete_supplier_codes(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let product = by_key(call)?;
    let gone: Vec<Id> = call.body.list("product_partner_info").iter().filter_map(|info| info.id("mk_id")).collect();
    let codes = call.company.extras.supplier_codes.entry(product.mk_id).or_default();
    codes.retain(|code| !gone.contains(&code.mk_id));
    Ok(())
}
