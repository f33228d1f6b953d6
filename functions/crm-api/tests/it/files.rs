//! Files of documents over the API.

use app::files::attached::keep_of_crm;
use axum::http::{Method, StatusCode};
use cloud::Work;
use domain::{DocumentKind, Object, RecordId};
use serde_json::json;
use store::ConnectionState;

use crate::support::{Answer, NO_KEY, World, contact, document, id_of};

/// Tenants 1 and 2, connected, each with an order and an invoice.
async fn world() -> (World, RecordId) {
    let world = World::new().await;
    for n in [1, 2] {
        world.connect(n, ConnectionState::Connected).await;
        let orders = [document(3, DocumentKind::SalesOrder), document(4, DocumentKind::SalesBillDomestic)];
        world.load(n, &orders).await;
    }
    let order = id_of(&world.tenant(1), &document(3, DocumentKind::SalesOrder));
    (world, order)
}

async fn keep(world: &World, id: RecordId, name: &str, bytes: &[u8]) -> String {
    let kept = keep_of_crm(&world.services, &world.tenant(1), id, name, None, bytes.to_vec().into()).await;
    kept.expect("kept").id
}

impl Answer {
    fn is(&self, status: StatusCode, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
    }
}

#[tokio::test]
async fn a_file_leaves_as_its_bytes_to_be_saved_and_never_to_be_shown() {
    let (world, id) = world().await;
    let path = format!("/v1/documents/{id}/attachments");
    let text = b"\x8aifra;Koli\xe8ina\r\n";
    for (name, bytes, kind, plain) in [
        ("račun.pdf", &b"%PDF-1.4"[..], "application/pdf", "ra_un.pdf"),
        ("<img src=x onerror=alert(1)>.png", b"\x89PNG\r\n\x1a\n", "image/png", "_img src=x onerror=alert(1)_.png"),
        ("../../a\r\nx: y.csv", text, "application/octet-stream", "ax_ y.csv"),
        ("stran.html", b"<Invoice/>", "application/octet-stream", "stran.html.xml"),
    ] {
        let file = keep(&world, id, name, bytes).await;
        let got = world.get(1, &format!("{path}/{file}")).await;
        assert_eq!((got.status, got.bytes.as_slice(), got.header("content-type")), (StatusCode::OK, bytes, kind));
        let disposition = got.header("content-disposition");
        assert!(
            disposition.starts_with(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''")),
            "{disposition}"
        );
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(got.header("content-security-policy").starts_with("sandbox; default-src 'none'"));
        assert_eq!(got.header("cache-control"), "private, no-cache");
        let token = world.token(1, "administrator");
        let tag = got.header("etag").to_owned();
        let known = [("if-none-match", tag.as_str())];
        let again = world.ask(Method::GET, &format!("{path}/{file}"), Some(&token), &known, None).await;
        assert_eq!((again.status, again.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
    }
    let list = world.get(1, &path).await;
    assert_eq!(list.of_all("source"), ["crm"; 4]);
    assert!(list.of_all("name").iter().any(|name| name == "<img src=x onerror=alert(1)>.png"), "a text, as it is");
    assert_eq!(list.body["look"], json!({ "pending": false }));
}

#[tokio::test]
async fn anothers_file_and_what_is_none_lead_nowhere() {
    let (world, id) = world().await;
    let file = keep(&world, id, "a.pdf", b"%PDF-1.4").await;
    let other = id_of(&world.tenant(2), &document(3, DocumentKind::SalesOrder));
    let bill = id_of(&world.tenant(1), &document(4, DocumentKind::SalesBillDomestic));
    let person = RecordId::for_erp(world.tenant(1).id(), Object::Contacts, contact(1, "Ana").erp_id());
    for (n, of) in [(2, id), (2, other), (1, bill), (1, person)] {
        world.get(n, &format!("/v1/documents/{of}/attachments/{file}")).await.is(StatusCode::NOT_FOUND, "not_found");
    }
    for n in ["", "fil_", "fil_zz", "%2e%2e%2fLOOK", "LOOK", &"f".repeat(2_000)] {
        let got = world.get(1, &format!("/v1/documents/{id}/attachments/{n}")).await;
        got.is(StatusCode::NOT_FOUND, "not_found");
    }
    for route in ["attachments", "pdf", "proof-of-delivery"] {
        world.get(2, &format!("/v1/documents/{id}/{route}")).await.is(StatusCode::NOT_FOUND, "not_found");
    }
}

#[tokio::test]
async fn a_look_is_asked_for_once_and_its_message_names_the_document() {
    let (world, id) = world().await;
    let path = format!("/v1/documents/{id}/attachments/refresh");
    world.queue.take();
    let asked = world.send(1, Method::POST, &path, &[], "").await;
    assert_eq!((asked.status, &asked.body), (StatusCode::ACCEPTED, &json!({ "pending": true })));
    assert_eq!(asked.header("location"), format!("/v1/documents/{id}/attachments"));
    assert_eq!(world.queue.take().iter().map(|m| &m.work).collect::<Vec<_>>(), [&Work::Files(id)]);
    let list = world.get(1, &format!("/v1/documents/{id}/attachments")).await;
    assert_eq!(list.body["look"]["pending"], true);
    world.send(2, Method::POST, &path, &[], "").await.is(StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test]
async fn what_is_not_printed_or_was_not_delivered_says_so_in_the_callers_language() {
    let (world, id) = world().await;
    let token = world.token(1, "administrator");
    for (route, code, title) in [
        ("pdf", "report_not_available", "Izpisa ni"),
        ("pdf?language=en", "report_not_available", "Izpisa ni"),
        ("proof-of-delivery", "proof_not_available", "Dokazila o dostavi ni"),
    ] {
        let path = format!("/v1/documents/{id}/{route}");
        let got = world.ask(Method::GET, &path, Some(&token), &[("accept-language", "sl")], None).await;
        got.is(StatusCode::CONFLICT, code);
        assert_eq!(got.body["title"], title);
    }
    let wrong = world.get(1, &format!("/v1/documents/{id}/pdf?language=de")).await;
    wrong.is(StatusCode::BAD_REQUEST, "invalid_request");
    // No ERP is there: the invoice is asked for in vain, and nothing is kept.
    let bill = id_of(&world.tenant(1), &document(4, DocumentKind::SalesBillDomestic));
    world.get(1, &format!("/v1/documents/{bill}/pdf")).await.is(StatusCode::UNPROCESSABLE_ENTITY, "host_not_allowed");
}

#[tokio::test]
async fn a_file_that_is_attached_twice_with_one_key_is_one_action() {
    let (world, id) = world().await;
    world.open(1).await;
    let path = format!("/v1/documents/{id}/attachments");
    let body = json!({ "file_name": "a.pdf", "content": "JVBERi0xLjQ=" }).to_string();
    let send =
        async |key: &str, body: &str| world.send(1, Method::POST, &path, &[("idempotency-key", key)], body).await;
    let made = send("k-1", &body).await;
    assert_eq!(made.status, StatusCode::ACCEPTED, "{}", made.body);
    assert_eq!(made.header("location"), format!("/v1/actions/{}", made.body["id"].as_str().expect("an id")));
    assert_eq!(send("k-1", &body).await.body["id"], made.body["id"]);
    assert_eq!(world.get(1, &path).await.of_all("state"), ["kept"]);
    send("k-2", r#"{"file_name":"a.pdf","content":"no base64!"}"#).await.is(StatusCode::BAD_REQUEST, "invalid_request");
    send("k-3", r#"{"file_name":"a.pdf","content":""}"#).await.is(StatusCode::BAD_REQUEST, "invalid_request");
    let page = json!({ "file_name": "a.pdf", "content": "PGh0bWw+" }).to_string();
    send("k-4", &page).await.is(StatusCode::UNPROCESSABLE_ENTITY, "file_type_refused");
    let without = world.send(1, Method::POST, &path, &[NO_KEY], &body).await;
    without.is(StatusCode::BAD_REQUEST, "idempotency_key_missing");
}
