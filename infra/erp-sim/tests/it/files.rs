//! Files that the addresses in answers lead to, while they hold.

use crate::world::{ESHOP, ONE, V1, World, start};
use serde_json::{Value, json};

const PDF: &str = "JVBERi0xLjQgYWJj";

async fn fetch(world: &World, url: &Value) -> (u16, String, Vec<u8>) {
    let answer = world.client.get(url.as_str().expect("an address")).send().await.expect("an answer");
    let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
    (answer.status().as_u16(), kind, answer.bytes().await.expect("bytes").to_vec())
}

async fn advance(world: &World, seconds: u32) {
    world.post("/clock/advance", json!({"seconds": seconds})).await;
}

#[tokio::test]
async fn an_attached_file_is_at_an_address_that_holds_as_long_as_the_company_says() {
    let world = start().await;
    let order = world.order("F-1").await;
    let file = json!({"file_name": "a.pdf", "data_b64": PDF});
    let body = json!({"mk_id": order["mk_id"], "doc_type": "sales_order", "attachment_list": [file]});
    world.ok(&format!("{ESHOP}add_attachment"), body).await;
    let read = json!({"doc_type": "sales_order", "doc_id": order["mk_id"], "show_attachments": "true"});
    let url = |doc: Value| {
        let list = doc["attachment_list"].clone();
        list.get(0).unwrap_or(&list)["source_url"].clone()
    };
    let plain = url(world.v1("get_document", read.clone()).await);
    assert_eq!(fetch(&world, &plain).await, (200, "application/octet-stream".to_owned(), b"%PDF-1.4 abc".to_vec()));

    world.settings(json!({"attachment_seconds": 60})).await;
    assert_eq!(fetch(&world, &plain).await.0, 403, "without a signature");
    let signed = url(world.v1("get_document", read.clone()).await);
    assert_eq!(fetch(&world, &signed).await.0, 200);
    advance(&world, 61).await;
    assert_eq!(fetch(&world, &signed).await.0, 403);
    let again = url(world.v1("get_document", read).await);
    assert_ne!(again, signed);
    assert_eq!(fetch(&world, &again).await.0, 200);
    let forged = json!(signed.as_str().expect("text").replace("Expires=1", "Expires=9"));
    assert_eq!(fetch(&world, &forged).await.0, 403);
    let counts = world.get("/journal/counts").await;
    assert_eq!(counts["calls"]["download"], 6, "{counts}");
}

#[tokio::test]
async fn a_report_by_token_is_ready_after_its_time_and_its_address_ends_after_a_day() {
    let world = start().await;
    let bills = world.get(&format!("/companies/{ONE}/state/documents?doc_type=sales_bill_domestic&limit=1")).await;
    let body = json!({"mk_id": bills["items"][0]["id"], "report_id": "38", "async": "true"});
    let token = world.v1("report", body).await["token"].clone();
    let poll = json!({"report_id": "38", "async": "true", "token": token});
    let making = world.v1("report", poll.clone()).await;
    assert!(making["progress"].is_string() && making["url"].is_null() && making["token"] != token, "{making}");
    advance(&world, 6).await;
    let ready = world.v1("report", poll.clone()).await;
    let (status, kind, bytes) = fetch(&world, &ready["url"]).await;
    assert_eq!((status, kind.as_str(), bytes.starts_with(b"%PDF-")), (200, "application/pdf", true));
    advance(&world, 25 * 3_600).await;
    assert_eq!(fetch(&world, &ready["url"]).await.0, 404);
    assert_eq!(world.v1("report", poll).await["opr_code"], "6");
}

#[tokio::test]
async fn a_page_can_come_where_a_file_is_the_answer() {
    let world = start().await;
    let bills = world.get(&format!("/companies/{ONE}/state/documents?doc_type=sales_bill_domestic&limit=1")).await;
    let body = json!({"mk_id": bills["items"][0]["id"], "report_id": "38"});
    let ask = async || world.raw(&format!("{V1}report"), body.clone()).await.expect("an answer");
    world.post("/faults", json!({"kind": "page_as_file", "endpoint": "report", "remaining": 1})).await;
    let (_, kind, bytes) = ask().await;
    assert!(kind == "application/pdf" && bytes.starts_with(b"<!DOCTYPE html>"));
    assert!(ask().await.2.starts_with(b"%PDF-"));
}
