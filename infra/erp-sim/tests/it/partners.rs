//! Partners: ids, matching, what is added twice.

use crate::world::{V1, start};
use serde_json::json;

#[tokio::test]
async fn partner_answers_carry_no_code_until_the_switch_says_so() {
    let world = start().await;
    let partner = world.partner().await;
    let get = json!({"partner_id": partner["id"]});
    let answer = world.v1("get_partner", get.clone()).await;
    assert!(answer.get("opr_code").is_none());
    assert_eq!(answer["partner_list"][0]["mk_id"], partner["id"]);
    world.settings(json!({"partner_opr_code": true})).await;
    assert_eq!(world.v1("get_partner", get).await["opr_code"], "0");
    assert_eq!(world.v1("get_partner", json!({"partner_name": "čistonihče"})).await["opr_code"], "2");
}

#[tokio::test]
async fn add_partner_takes_partner_address_and_contact_ids_in_sequence() {
    let world = start().await;
    let new = json!({"partner": {"business_entity": "false", "customer": "Test Uporabnik", "street": "Test 4",
        "post_number": "1000", "place": "Ljubljana", "country": "Slovenia",
        "partner_contact": {"name": "Test", "email": "Test@Primer.example"},
        "partner_delivery_address": {"address_type": "Dobava", "street": "Park 24", "post_number": "1000", "city": "Ljubljana"}}});
    let added = world.v1("add_partner", new).await;
    let number = |value: &serde_json::Value| value.as_str().and_then(|id| id.parse::<u64>().ok()).expect("an id");
    let first = number(&added["mk_id"]);
    assert_eq!(number(&added["mk_address_id_list"][0]["mk_id"]), first + 1);
    assert_eq!(number(&added["mk_address_id_list"][1]["mk_id"]), first + 2);
    assert_eq!(number(&added["mk_contact_id"]), first + 3);
    let found = world.v1("get_partner", json!({"partner_email": "test@primer.example"})).await;
    assert_eq!(found["partner_list"][0]["mk_id"], added["mk_id"]);
    assert_eq!(found["partner_list"][0]["partner_delivery_address_list"][0]["country"], "Slovenija");
}

#[tokio::test]
async fn an_address_without_an_id_is_added_each_time_it_is_sent() {
    let world = start().await;
    let partner = world.partner().await;
    let before = partner["addresses"].as_array().map_or(0, Vec::len);
    let update = json!({"partner": {"mk_id": partner["id"], "partner_delivery_address_list": [
        {"address_type": "Poslovna enota", "street": "Stegne 21c", "post_number": "1000", "city": "Ljubljana"}]}});
    world.v1("update_partner", update.clone()).await;
    let answer = world.v1("update_partner", update).await;
    let after = answer["partner_list"][0]["partner_delivery_address_list"].as_array().map_or(0, Vec::len);
    assert_eq!(after, before + 2);
}

#[tokio::test]
async fn a_document_shows_its_partner_as_it_is_now() {
    let world = start().await;
    let order = world.order("A-1").await;
    let partner = world.partner().await;
    world.edit(json!({"op": "partner.update", "id": partner["id"], "fields": {"customer": "Novo ime d.o.o."}})).await;
    let get = json!({"doc_type": "sales_order", "doc_id": order["mk_id"]});
    let doc = world.v1("get_document", get).await;
    assert_eq!(doc["partner"]["customer"], "Novo ime d.o.o.");
    assert_eq!(doc["partner"]["country"], "Slovenia");
}

#[tokio::test]
async fn a_partner_that_comes_as_data_is_matched_by_tax_number_or_created() {
    let world = start().await;
    let product = world.product().await;
    let body = |tax: &str, code: &str| {
        json!({"doc_type": "sales_order",
            "partner": {"customer": "Kupec d.o.o.", "tax_id_number": tax, "street": "Cesta 1", "post_number": "1000", "place": "Ljubljana"},
            "product_list": [{"code": code, "amount": "1", "price": "1"}]})
    };
    let code = product["code"].as_str().expect("a code");
    let first = world.ok(&format!("{V1}put_document"), body("SI 99999999", code)).await;
    let second = world.ok(&format!("{V1}put_document"), body("99999999", code)).await;
    assert_eq!(first["partner"]["mk_id"], second["partner"]["mk_id"]);
    world.settings(json!({"partner_match": "always_create"})).await;
    let third = world.ok(&format!("{V1}put_document"), body("99999999", code)).await;
    assert_ne!(first["partner"]["mk_id"], third["partner"]["mk_id"]);
}

#[tokio::test]
async fn the_partner_stays_although_the_document_failed() {
    let world = start().await;
    let body = json!({"doc_type": "sales_order", "partner": {"customer": "Ostal d.o.o.", "street": "Cesta 1"},
        "product_list": [{"code": "art400", "amount": "1", "price": "1"}]});
    let refused = world.v1("put_document", body).await;
    assert_eq!(refused["opr_code"], "2");
    assert_eq!(refused["opr_desc"], "Product with code art400 not found - unit must be set to add new product");
    assert_eq!(refused["product_not_found_list"][0]["code"], "art400");
    let found = world.v1("get_partner", json!({"partner_name": "Ostal"})).await;
    assert_eq!(found["partner_list"][0]["mk_id"], refused["partner"]["mk_id"]);
}
