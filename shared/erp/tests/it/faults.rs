//! Everything that can come instead of an answer, for a read and for a write.

use domain::{DocumentKind, ErpId};
use erp::{
    Client, Effect, ErpError,
    client::{ConfigError, DocumentDraft, PartnerKey, SearchQuery, Timeouts},
};
use std::time::Duration;

use crate::server::{Reply, Server, config};

async fn read(client: &Client) -> ErpError {
    client.search(&SearchQuery::all(DocumentKind::SalesOrder)).await.expect_err("it fails")
}

async fn write(client: &Client) -> ErpError {
    client.put_document(&DocumentDraft::new(DocumentKind::SalesOrder)).await.expect_err("it fails")
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_with_a_code_and_a_known_effect() {
    use Effect::{NotExecuted, Unknown};
    const HTML: &[u8] = b"<html><body>Nadgradnja</body></html>";
    let json = "application/json";
    let cases = [
        // what comes, the code, the effect of a write, how often a read is sent
        (Reply::With(200, "text/html", HTML.to_vec()), "erp_unavailable", Unknown, 3),
        (Reply::With(200, json, HTML.to_vec()), "erp_unavailable", Unknown, 3),
        (Reply::With(200, "text/plain", b"{}".to_vec()), "erp_unavailable", Unknown, 3),
        (Reply::With(200, json, Vec::new()), "erp_unavailable", Unknown, 3),
        (Reply::With(503, "text/html", HTML.to_vec()), "erp_unavailable", Unknown, 3),
        (Reply::With(502, json, b"{}".to_vec()), "erp_unavailable", Unknown, 3),
        (Reply::With(302, "text/html", Vec::new()), "erp_unavailable", Unknown, 3),
        (Reply::With(404, "text/html", HTML.to_vec()), "erp_misconfigured", NotExecuted, 1),
        (Reply::With(405, "text/html", HTML.to_vec()), "erp_misconfigured", NotExecuted, 1),
        (Reply::With(301, "text/html", Vec::new()), "erp_misconfigured", NotExecuted, 1),
        (Reply::With(429, "text/html", HTML.to_vec()), "erp_quota", NotExecuted, 3),
        (Reply::Cut(r#"{"opr_code":"0","result_all_records":"#.to_owned()), "erp_unreachable", Unknown, 3),
        (Reply::json(r#"{"opr_code":"0","result_all_records":"#), "erp_malformed", Unknown, 3),
        (Reply::json(r#"{"opr_code":"0",,}"#), "erp_malformed", Unknown, 1),
        (Reply::With(200, json, b"{\"opr_desc\":\"\xff\"}".to_vec()), "erp_malformed", Unknown, 1),
        (Reply::json("[]"), "erp_inconsistent", Unknown, 1),
        (Reply::json("{}"), "erp_inconsistent", Unknown, 1),
        (Reply::json(r#"{"opr_code":"0"}"#), "erp_inconsistent", Unknown, 1),
        (Reply::Close, "erp_unreachable", Unknown, 3),
        (Reply::Silence, "erp_unreachable", Unknown, 3),
        (Reply::Drip, "erp_unreachable", Unknown, 3),
        (Reply::json(r#"{"opr_code":"1","opr_desc":"java.lang.InterruptedException"}"#), "erp_failed", Unknown, 1),
        (Reply::json(r#"{"opr_code":"3","opr_desc":"key"}"#), "credentials_invalid", NotExecuted, 1),
        (Reply::json(r#"{"opr_code":"4","opr_desc":"ip"}"#), "erp_ip_denied", NotExecuted, 1),
        (Reply::json(r#"{"opr_code":"5","opr_desc":"Quote exceeds"}"#), "erp_quota", NotExecuted, 3),
        (
            Reply::json(r#"{"opr_code":"2","opr_desc":"Unknown document type : X"}"#),
            "erp_request_invalid",
            NotExecuted,
            1,
        ),
    ];
    for (reply, code, effect, tries) in cases {
        let server = Server::start(vec![reply.clone()]).await;
        let error = read(&server.client()).await;
        assert_eq!((error.code(), server.seen().len()), (code, tries), "{reply:?}: {error}");
        let server = Server::start(vec![reply.clone()]).await;
        let error = write(&server.client()).await;
        assert_eq!((error.code(), error.effect(), server.seen().len()), (code, effect, 1), "{reply:?}: {error}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let server = Server::start(vec![Reply::Endless]).await;
    let mut config = config(&server.url);
    config.timeouts = Timeouts { read: Duration::from_mins(1), ..config.timeouts };
    let error = read(&Client::new(config).expect("a client")).await;
    assert_eq!((error.code(), error.effect()), ("erp_too_large", Effect::Unknown));
}

#[tokio::test]
async fn a_read_that_fails_once_succeeds_the_second_time() {
    let page = r#"{"opr_code":"0","result_all_records":"0","result_count":"0"}"#;
    let server = Server::start(vec![Reply::Close, Reply::json(page)]).await;
    let page = server.client().search(&SearchQuery::all(DocumentKind::SalesOffer)).await.expect("the second try");
    assert_eq!((page.total, page.rows.len(), server.seen().len()), (0, 0, 2));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a server of a test runs beside it")]
async fn a_connection_that_never_came_about_sent_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let refused = Client::new(config(&format!("http://{address}"))).expect("a client");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        // Hangs up as soon as the client says hello.
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.readable().await;
        }
    });
    let no_tls = Client::new(config(&format!("https://{address}"))).expect("a client");
    for client in [refused, no_tls] {
        let error = write(&client).await;
        assert!(matches!(error, ErpError::Transport { sent: false, .. }), "{error:?}");
        assert_eq!(error.effect(), Effect::NotExecuted);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = Server::start(vec![Reply::With(307, "text/html", Vec::new())]).await;
    write(&server.client()).await;
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_partner_that_is_not_there_is_no_error_and_an_empty_answer_is_one() {
    let server =
        Server::start(vec![Reply::json(r#"{"opr_code":"2","opr_desc":"No partner with such properties."}"#)]).await;
    let found = server.client().partners(PartnerKey::Id(ErpId::new(1))).await.expect("nothing found");
    assert!(found.is_empty());
    let server = Server::start(vec![Reply::json("{}")]).await;
    let error = server.client().partners(PartnerKey::Id(ErpId::new(1))).await.expect_err("it says nothing");
    assert_eq!(error.code(), "erp_inconsistent");
}

#[tokio::test]
async fn an_address_that_cannot_be_right_makes_no_client() {
    let code = |url: &str| Client::new(config(url)).err().as_ref().map(ConfigError::code);
    assert_eq!(code("https://main.metakocka.si"), None);
    assert_eq!(code(" http://localhost:8080/ "), None);
    assert_eq!(code("http://[::1]:8080"), None);
    for (url, expected) in [
        ("main.metakocka.si", "erp_address_invalid"),
        ("ftp://main.metakocka.si", "erp_address_invalid"),
        ("http://main.metakocka.si", "erp_address_unencrypted"),
        ("http://localhost.example.com", "erp_address_unencrypted"),
        ("https://main.metakocka.si/rest/eshop", "erp_address_not_a_host"),
        ("https://user:key@main.metakocka.si", "erp_address_not_a_host"),
        ("https://main.metakocka.si/?x=1", "erp_address_not_a_host"),
    ] {
        assert_eq!(code(url), Some(expected), "{url}");
    }
}
