//! import_inventory and reading an inventory back.

use super::{Call, Done, Refusal};
use crate::model::Id;
use crate::state::extras::{Counted, Inventory};
use crate::wire::json::{Obj, write_object};
use crate::wire::time::{SlovenianDate, WireDate, WireTime};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Counts stock: what was counted becomes what is there.
pub(crate) fn import(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let date = body.date("inventory_date").ok_or_else(|| Refusal::invalid("Polje inventory_date je obvezno."))?;
    let replaced = body.id("replace_inventory_id");
    let (counts, missing) = read(call)?;
    if let Some((first, _)) = missing.first() {
        let mut list = String::from("[");
        for (at, (code, amount)) in missing.iter().enumerate() {
            if at > 0 {
                list.push(',');
            }
            write_object(&mut list, |obj| {
                obj.text("count_code", code);
                obj.text("amount", amount);
            });
        }
        list.push(']');
        let refusal = Refusal::invalid(format!("Product with count_code {first} not found"));
        return Err(Refusal { extra: vec![("product_not_found_list", list)], ..refusal });
    }
    let company = &mut *call.company;
    for other in company.extras.inventories.values().filter(|other| other.date == date && Some(other.mk_id) != replaced)
    {
        let twice = other.counted.iter().find(|counted| counts.contains_key(&(counted.warehouse, counted.product)));
        if let Some(counted) = twice {
            return Err(conflict(company, counted, other));
        }
    }
    if let Some(id) = replaced {
        let old = company.extras.inventories.remove(&id);
        old.ok_or_else(|| Refusal::invalid(format!("Inventory with mk_id {id} not found")))?;
    }
    let mk_id = company.next_id();
    let mut counted = Vec::with_capacity(counts.len());
    for ((warehouse, product), after) in counts {
        let before = company.stock.amount(product, warehouse);
        company.set_stock(product, warehouse, after);
        counted.push(Counted { warehouse, product, before, after });
    }
    company.extras.inventories.insert(mk_id, Inventory { mk_id, date, imported: call.now, counted });
    obj.show("mk_id", mk_id);
    Ok(())
}

type Counts = BTreeMap<(Id, Id), Decimal>;

fn read(call: &Call<'_>) -> Result<(Counts, Vec<(String, String)>), Refusal> {
    let company = &*call.company;
    let mut counts: Counts = BTreeMap::new();
    let mut missing = Vec::new();
    for place in call.body.list("warehouse_list") {
        let mark = place.text("mark").unwrap_or_default();
        let warehouse = company.warehouse(&mark);
        let warehouse = warehouse.ok_or_else(|| Refusal::invalid(format!("Warehouse with mark {mark} not found")))?;
        for row in place.list("product_list") {
            let code = row.text("count_code").or_else(|| row.text("code")).unwrap_or_default();
            let found = company.product_by_number(&code).or_else(|| company.product_by_code(&code));
            match (found, row.decimal("amount")) {
                (Some(product), Some(amount)) => *counts.entry((warehouse, product)).or_default() += amount,
                (Some(_), None) => return Err(Refusal::invalid("Polje amount je obvezno.")),
                (None, _) => missing.push((code, row.text("amount").unwrap_or_default())),
            }
        }
    }
    Ok((counts, missing))
}

fn conflict(company: &crate::state::company::Company, counted: &Counted, other: &Inventory) -> Refusal {
    let name = company
        .products
        .get(&counted.product)
        .map_or_else(String::new, |product| format!("{} - {} - {}", product.count_code, product.code, product.name));
    let mark = company.warehouses.get(&counted.warehouse).map_or("", |warehouse| warehouse.mark.as_str());
    Refusal::new(
        5,
        format!(
            "Inventuri ni mogoče dodati, ker je artikel {name} (skladišče {mark}) že vpisan na inventuri z datumom {}",
            SlovenianDate(other.date)
        ),
    )
}

/// An inventory by id, date or the date of its import.
pub(crate) fn get(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let (body, company) = (call.body, &*call.company);
    let id = body.id("doc_id");
    let day = body.date("doc_date");
    let imported = body.date("import_date");
    let mut all = company.extras.inventories.values();
    let found = all.find(|inventory| {
        id.is_none_or(|id| id == inventory.mk_id)
            && day.is_none_or(|day| day == inventory.date)
            && imported.is_none_or(|day| day == crate::wire::time::day(inventory.imported))
    });
    let inventory = found.ok_or_else(|| Refusal::invalid("Inventory not found"))?;
    obj.show("mk_id", inventory.mk_id);
    obj.text("doc_type", "warehouse_inventory");
    obj.show("doc_date", WireDate(inventory.date));
    obj.show("import_date", WireTime(inventory.imported));
    let mut places: BTreeMap<Id, Vec<&Counted>> = BTreeMap::new();
    for counted in &inventory.counted {
        places.entry(counted.warehouse).or_default().push(counted);
    }
    let list = company.plain_list();
    obj.list("warehouse_list", list, places, |obj, (id, rows)| {
        obj.show("mk_id", id);
        if let Some(warehouse) = company.warehouses.get(&id) {
            obj.text("mark", &warehouse.mark);
            obj.text("name", &warehouse.name);
        }
        obj.list("product_list", list, rows, |obj, row| {
            if let Some(product) = company.products.get(&row.product) {
                obj.text("count_code", &product.count_code);
                obj.show("mk_id", product.mk_id);
                obj.text("code", &product.code);
                obj.text("name", &product.name);
                obj.text("unit", &product.unit);
            }
            obj.show("amount_warehouse", row.before.normalize());
            obj.show("amount_new", row.after.normalize());
            obj.show("amount_diff", (row.after - row.before).normalize());
        });
    });
    Ok(())
}
