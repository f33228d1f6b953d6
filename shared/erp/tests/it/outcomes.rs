//! What became of the calls, as it is counted.

use domain::DocumentKind;
use erp::client::{Outcomes, RetryPolicy, SearchQuery};

use crate::server::{Reply, Server, config};

const PAGE: &str = r#"{"opr_code":"0","result_all_records":"0","result_count":"0"}"#;
const MAINTENANCE: &[u8] = b"<html><body>Nadgradnja</body></html>";

fn page() -> Reply {
    Reply::json(PAGE)
}

/// What is counted when the server answers so, one call after another.
async fn counted(replies: Vec<Reply>) -> Outcomes {
    let calls = replies.len();
    let server = Server::start(replies).await;
    let mut config = config(&server.url);
    config.retry = RetryPolicy::never();
    let client = erp::Client::new(config).expect("a client");
    for _ in 0..calls {
        let _ = client.clone().search(&SearchQuery::all(DocumentKind::SalesOrder)).await;
    }
    let counted = client.take_outcomes();
    assert_eq!(client.outcomes(), Outcomes::default(), "what was taken is gone");
    counted
}

#[tokio::test]
async fn each_way_to_end_is_counted_apart() {
    let html = || Reply::With(200, "text/html", MAINTENANCE.to_vec());
    let of = |connect, html, fault, quota, straight| Outcomes { calls: 1, connect, html, fault, quota, straight };
    let cases = [
        (page(), of(0, 0, 0, 0, 0)),
        (Reply::Close, of(1, 0, 0, 0, 1)),
        (Reply::Silence, of(1, 0, 0, 0, 1)),
        (html(), of(0, 1, 0, 0, 1)),
        (Reply::With(503, "text/html", MAINTENANCE.to_vec()), of(0, 1, 0, 0, 1)),
        (Reply::Cut(r#"{"opr_code":"0","#.to_owned()), of(0, 0, 1, 0, 0)),
        (Reply::json(r#"{"opr_code":"0","result_all_records":"#), of(0, 0, 1, 0, 0)),
        (Reply::json(r#"{"opr_code":"1","opr_desc":"java.lang.NullPointerException"}"#), of(0, 0, 1, 0, 0)),
        (Reply::json(r#"{"opr_code":"5","opr_desc":"Quote exceeds"}"#), of(0, 0, 0, 1, 0)),
        (Reply::With(429, "text/html", MAINTENANCE.to_vec()), of(0, 0, 0, 1, 0)),
        // What the ERP explains is an answer.
        (Reply::json(r#"{"opr_code":"2","opr_desc":"Unknown document type : X"}"#), of(0, 0, 0, 0, 0)),
        (Reply::json(r#"{"opr_code":"3","opr_desc":"key"}"#), of(0, 0, 0, 0, 0)),
        (Reply::json("{}"), of(0, 0, 0, 0, 0)),
    ];
    for (reply, expected) in cases {
        assert_eq!(counted(vec![reply.clone()]).await, expected, "{reply:?}");
    }
}

#[tokio::test]
async fn what_got_no_answer_is_straight_until_anything_else_comes() {
    let broken = || Reply::Close;
    let counts = counted(vec![broken(), broken(), page(), broken(), broken(), broken()]).await;
    assert_eq!((counts.calls, counts.connect, counts.straight, counts.failed()), (6, 5, 3, 5));
    let fault = Reply::json(r#"{"opr_code":"1"}"#);
    assert_eq!(counted(vec![broken(), broken(), fault]).await.straight, 0);
}

#[tokio::test]
async fn every_try_of_a_call_is_counted_wherever_a_client_counts_with_another() {
    let server = Server::start(vec![Reply::Close, Reply::Close, page()]).await;
    let client = server.client();
    client.search(&SearchQuery::all(DocumentKind::SalesOrder)).await.expect("the third try");
    let counts = client.outcomes();
    assert_eq!((counts.calls, counts.connect, counts.straight), (3, 2, 0));
    let other = server.client().counting_with(&client);
    other.search(&SearchQuery::all(DocumentKind::SalesOrder)).await.expect("a page");
    assert_eq!(client.outcomes().calls, 4);
}
