//! The table or the queue is down: what is not kept is not acknowledged, what is kept is.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use cloud::Clock;
use fn_webhook::{Webhook, router};
use jiff::Timestamp;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use store::Table;
use tower::ServiceExt;

use crate::support::{CountingQueue, NOW, World, genuine, read, services, tenant_id};

/// A DynamoDB that knows every address as tenant 1's and cannot write.
async fn table_that_cannot_write(puts: Arc<AtomicUsize>) -> Table {
    async fn answer(State(puts): State<Arc<AtomicUsize>>, headers: HeaderMap) -> (StatusCode, String) {
        let target = headers["x-amz-target"].to_str().expect("text");
        if target.ends_with(".GetItem") {
            return (StatusCode::OK, format!(r#"{{"Item":{{"tenant":{{"S":"{}"}}}}}}"#, tenant_id(1)));
        }
        puts.fetch_add(1, Ordering::SeqCst);
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}"#.to_owned(),
        )
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = axum::serve(listener, Router::new().fallback(answer).with_state(puts)).into_future();
    #[expect(clippy::disallowed_methods, reason = "the stub serves until the test ends")]
    tokio::spawn(serving);
    Table::embedded(&url, "table")
}

fn clock() -> Clock {
    Clock::from_fn(|| Timestamp::from_second(NOW).expect("a time"))
}

#[tokio::test]
async fn an_event_that_cannot_be_kept_is_not_acknowledged_so_that_it_comes_again() {
    let puts = Arc::new(AtomicUsize::new(0));
    let queue = Arc::new(CountingQueue::default());
    let table = table_that_cannot_write(Arc::clone(&puts)).await;
    let router = router(Webhook::new(services(table, Arc::clone(&queue), clock()).await));
    let response = router.oneshot(genuine(1, Some("1"), b"{}")).await.expect("the router answers");
    assert!(response.headers().contains_key("retry-after"));
    let (status, body) = read(response).await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("busy")));
    assert_eq!(body["retryable"], true);
    assert!(puts.load(Ordering::SeqCst) >= 1);
    assert_eq!(queue.take().len(), 0);
}

#[tokio::test]
async fn a_table_that_is_not_there_is_no_unknown_address() {
    let queue = Arc::new(CountingQueue::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let router = router(Webhook::new(services(Table::embedded(&url, "table"), queue, clock()).await));
    let (status, body) = read(router.oneshot(genuine(1, Some("1"), b"{}")).await.expect("the router answers")).await;
    assert_eq!((status, body["code"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("busy")));
}

#[tokio::test]
async fn an_event_that_is_kept_is_acknowledged_although_the_queue_is_down() {
    let world = World::new().await;
    world.queue.break_down();
    let (status, body, _) = world.send(genuine(1, Some("1"), b"{}")).await;
    assert_eq!((status, body["status"].as_str()), (StatusCode::OK, Some("ok")));
    assert_eq!(world.waiting(1).await, 1, "the next scheduled run finds it");
}
