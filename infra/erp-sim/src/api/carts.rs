//! Abandoned carts: put_document with doc_type abandoned_cart, abandoned_cart_update.

use super::{Call, Done, Refusal};
use crate::wire::json::Obj;
use serde_json::Value;

const STATUSES: &[&str] = &["waiting", "sms", "email", "viber", "call_center", "done", "deleted", "unsuccessful"];

/// A cart by its id in the shop.
pub(crate) fn put(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let order = call.body.object("order").ok_or_else(|| Refusal::invalid("Polje order je obvezno."))?;
    let id = order.text("id").ok_or_else(|| Refusal::invalid("Polje id je obvezno."))?;
    let mk_id = call.company.next_id();
    let mut cart = order.value().clone();
    if let Some(fields) = cart.as_object_mut() {
        fields.insert("mk_id".to_owned(), Value::String(mk_id.to_string()));
        fields.insert("status".to_owned(), Value::String("waiting".to_owned()));
    }
    call.company.extras.carts.insert(id, cart);
    obj.show("mk_id", mk_id);
    Ok(())
}

/// The status of carts.
pub(crate) fn update(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let status = call.body.text("status").ok_or_else(|| Refusal::invalid("Polje status je obvezno."))?;
    if !STATUSES.contains(&status.as_str()) {
        return Err(Refusal::invalid(format!(
            "Paramether 'status' has invalid value : {status}. Valid values : {}",
            STATUSES.join(",")
        )));
    }
    let mut ids = call.body.texts("external_id_list");
    ids.extend(call.body.text("external_id"));
    if let Some(unknown) = ids.iter().find(|id| !call.company.extras.carts.contains_key(*id)) {
        return Err(Refusal::invalid(format!("Abandoned cart {unknown} not found")));
    }
    for id in ids {
        if let Some(fields) = call.company.extras.carts.get_mut(&id).and_then(Value::as_object_mut) {
            fields.insert("status".to_owned(), Value::String(status.clone()));
        }
    }
    Ok(())
}
