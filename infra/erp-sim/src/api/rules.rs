//! Rules for orders: change of warehouse and forbidden products; only the whole set is replaced.

use super::fields::split;
use super::{Call, Done, Refusal};
use crate::wire::json::Obj;
use serde_json::Value;

/// The rules that change an order's warehouse.
#[expect(clippy::unnecessary_wraps, reason = "handlers share one signature")]
pub(crate) fn get_change_warehouse(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    write(call, obj, &call.company.extras.change_warehouse);
    Ok(())
}

/// The rules that forbid products.
#[expect(clippy::unnecessary_wraps, reason = "handlers share one signature")]
pub(crate) fn get_forbidden(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    write(call, obj, &call.company.extras.forbidden_products);
    Ok(())
}

fn write(call: &Call<'_>, obj: &mut Obj<'_>, rules: &[Value]) {
    obj.list("change_list", call.company.plain_list(), rules, |obj, rule| {
        for (key, value) in rule.as_object().into_iter().flatten() {
            obj.value(key, value);
        }
    });
}

/// Replaces the rules that change an order's warehouse.
pub(crate) fn replace_change_warehouse(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let rules = read(call)?;
    call.company.extras.change_warehouse = rules;
    Ok(())
}

/// Replaces the rules that forbid products.
pub(crate) fn replace_forbidden(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let rules = read(call)?;
    call.company.extras.forbidden_products = rules;
    Ok(())
}

fn read(call: &Call<'_>) -> Result<Vec<Value>, Refusal> {
    let mut rules = Vec::new();
    for rule in call.body.list("change_list") {
        for code in rule.text("product_code_list").map(|list| split(&list)).unwrap_or_default() {
            if call.company.product_by_code(&code).is_none() {
                return Err(Refusal::application(format!("Cannot find product with code = {code}")));
            }
        }
        rules.push(rule.value().clone());
    }
    Ok(rules)
}
