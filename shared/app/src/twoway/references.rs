//! References by the CRM's ids: `{"crm_id": "c-42"}` for a partner, `product_crm_id` in a line.
//!
//! Decides nothing: puts the ERP's id in the place of the CRM's as soon as the
//! record that is meant has one. Both forms mean the same, so an edit that
//! repeats the CRM's form changes nothing.

use std::collections::BTreeMap;

use domain::change::FieldChange;
use domain::fields::field_of;
use domain::{ErpId, Fields, Object};
use serde_json::{Value, json};
use store::{StoreError, Tenant};
use sync::twoway::Change;

/// A reference within a piece.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    object: Object,
    crm_id: String,
}

fn reference(piece: &str, value: &Value) -> Option<Reference> {
    let named = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let (object, crm_id) = match field_of(piece) {
        "partner" | "receiver" => (Object::Contacts, named("crm_id")?),
        "lines" => (Object::Products, named("product_crm_id")?),
        _ => return None,
    };
    Some(Reference { object, crm_id })
}

/// Adds to a change the pieces whose references were followed: the log says everything that a row says.
pub(crate) fn tell(change: &mut Option<Change>, followed: &BTreeMap<String, FieldChange>, now: &Fields) {
    let stayed = followed.iter().filter(|(piece, f)| now.get(piece) == f.after.as_ref());
    let stayed: BTreeMap<String, FieldChange> = stayed.map(|(piece, f)| (piece.clone(), f.clone())).collect();
    if stayed.is_empty() {
        return;
    }
    let change = change.get_or_insert_with(|| Change::of_erp(BTreeMap::new()));
    for (piece, field) in stayed {
        change.fields.entry(piece).or_insert(field);
    }
}

/// The pieces that differ because references were followed.
pub(crate) fn followed(before: &Fields, after: &Fields) -> BTreeMap<String, FieldChange> {
    let change = |p: &str| FieldChange { before: before.get(p).cloned(), after: after.get(p).cloned() };
    after.differing(before).into_iter().map(|piece| (piece.to_owned(), change(piece))).collect()
}

/// The pieces with every reference that can be followed in the ERP's form.
pub(crate) async fn resolve(tenant: &Tenant, mut fields: Fields) -> Result<Fields, StoreError> {
    let mut known: BTreeMap<Reference, Option<ErpId>> = BTreeMap::new();
    let open: Vec<(String, Reference)> =
        fields.iter().filter_map(|(piece, value)| Some((piece.to_owned(), reference(piece, value)?))).collect();
    for (piece, reference) in open {
        let erp_id = match known.get(&reference) {
            Some(erp_id) => *erp_id,
            None => find(tenant, &reference).await?,
        };
        if let (Some(erp_id), Some(value)) = (erp_id, fields.get(&piece)) {
            let value = in_erp_form(value, erp_id);
            fields.set(piece, value);
        }
        known.insert(reference, erp_id);
    }
    Ok(fields)
}

fn in_erp_form(value: &Value, erp_id: ErpId) -> Value {
    let mut value = value.clone();
    let Some(object) = value.as_object_mut() else { return value };
    if object.remove("product_crm_id").is_some() {
        object.insert("product".to_owned(), json!(erp_id.to_string()));
    } else {
        object.remove("crm_id");
        object.insert("erp_id".to_owned(), json!(erp_id.to_string()));
    }
    value
}

/// The ERP's id of a record of the CRM, when it is linked and still there.
async fn find(tenant: &Tenant, reference: &Reference) -> Result<Option<ErpId>, StoreError> {
    // What names a contact that went into another one means that one.
    let end = super::people::end_of(tenant, reference.object, &reference.crm_id).await?;
    Ok(end.and_then(|end| end.entry.erp_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_becomes_a_link_and_leaves_the_rest_alone() {
        let line = json!({ "product_crm_id": "p1", "amount": "2" });
        assert_eq!(reference("lines/l1", &line), Some(Reference { object: Object::Products, crm_id: "p1".to_owned() }));
        assert_eq!(in_erp_form(&line, ErpId::new(9)), json!({ "product": "9", "amount": "2" }));
        let partner = json!({ "crm_id": "c1" });
        assert!(reference("partner", &partner).is_some());
        assert_eq!(in_erp_form(&partner, ErpId::new(9)), json!({ "erp_id": "9" }));
        assert_eq!(reference("partner", &json!({ "erp_id": "9", "name": "Ana" })), None);
        assert_eq!(reference("title", &json!("text")), None);
        assert_eq!(reference("extra", &json!({ "crm_id": "c1" })), None, "a free field may have any key");
    }
}
