//! The webhook function on an embedded DynamoDB: what it answers, what it keeps, what it costs.

#[path = "../../../../tests/aws_stub.rs"]
mod aws_stub;
mod binary;
#[path = "../../../../tests/embedded_table.rs"]
mod embedded_table;
#[path = "../../../../tests/function_url.rs"]
mod function_url;
#[path = "../../../../tests/lambda_stub.rs"]
mod lambda_stub;
mod outage;
mod support;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use cloud::{Work, WorkMessage};
use serde_json::json;

use crate::support::{World, address, genuine, secret, sign, tenant_id, with};

const STOCK: &[u8] = br#"{"opr_code":"0","stock_list":[{"mk_id":"400000000159","amount":"5"}]}"#;

fn acknowledgement() -> serde_json::Value {
    json!({ "status": "ok", "check_respond_status_json_ok": "true" })
}

#[tokio::test]
async fn a_new_event_is_kept_and_hinted_with_two_calls_and_a_known_one_costs_one() {
    let world = World::new().await;
    world.send(genuine(1, Some("1"), b"{}")).await;
    world.queue.take();

    let (status, body, calls) = world.send(genuine(1, Some("71538876"), STOCK)).await;
    assert_eq!((status, body), (StatusCode::OK, acknowledgement()));
    let sent = world.queue.take();
    assert_eq!((calls, sent.len()), (1, 1), "one put and one message");
    let WorkMessage { tenant, work: Work::Inbox(key) } = &sent[0] else { panic!("a hint") };
    assert_eq!(tenant, &tenant_id(1));
    assert!(key.starts_with("71538876#"), "{key}");
    assert_eq!(WorkMessage::decode(&sent[0].encode()).expect("it travels"), sent[0]);

    let (status, body, calls) = world.send(genuine(1, Some("71538876"), STOCK)).await;
    assert_eq!((status, body), (StatusCode::OK, acknowledgement()));
    assert_eq!((calls, world.queue.take().len()), (1, 0), "one put that was refused");
    assert_eq!(world.waiting(1).await, 2);
}

#[tokio::test]
async fn a_forged_webhook_is_refused_without_a_call_to_aws() {
    let world = World::new().await;
    world.send(genuine(1, Some("1"), b"{}")).await;
    world.queue.take();
    let of_the_other = sign(&secret(2), STOCK);
    let of_another_body = sign(&secret(1), b"{}");
    let sha256 = STANDARD.encode([7; 32]);
    for signature in ["", "x", of_the_other.as_str(), of_another_body.as_str(), sha256.as_str()] {
        let (status, body, calls) = world.send(with(1, Some("9"), STOCK, signature)).await;
        assert_eq!(
            (status, body["code"].as_str()),
            (StatusCode::UNAUTHORIZED, Some("signature_invalid")),
            "{signature}"
        );
        assert_eq!((calls, world.queue.take().len()), (0, 0), "{signature}");
    }
    assert_eq!(world.waiting(1).await, 1);
}

#[tokio::test]
async fn a_tenant_that_wants_user_and_password_gets_only_calls_with_both() {
    let world = World::new().await;
    for (credentials, expected) in [
        (Some("metakocka:geslo č"), StatusCode::OK),
        (Some("metakocka:geslo"), StatusCode::UNAUTHORIZED),
        (Some(":"), StatusCode::UNAUTHORIZED),
        (None, StatusCode::UNAUTHORIZED),
    ] {
        let mut request = genuine(2, Some("1"), STOCK);
        if let Some(text) = credentials {
            let value = format!("Basic {}", STANDARD.encode(text));
            request.headers_mut().insert("authorization", value.parse().expect("a header"));
        }
        assert_eq!(world.send(request).await.0, expected, "{credentials:?}");
    }
    assert_eq!((world.waiting(1).await, world.waiting(2).await), (0, 1));
}

#[tokio::test]
async fn an_address_that_nobody_has_is_not_found() {
    let world = World::new().await;
    for address in [address(3), "/w/whe_1".to_owned(), "/w/..%2f".to_owned(), "/w/".to_owned(), "/".to_owned()] {
        let mut request = genuine(1, Some("1"), STOCK);
        *request.uri_mut() = address.parse().expect("a path");
        let (status, body, _) = world.send(request).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{address}");
        assert!(["endpoint_unknown", "not_found"].contains(&body["code"].as_str().expect("a code")), "{address}");
    }
    assert_eq!(world.queue.take().len(), 0);
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused_as_too_large_and_nothing_is_kept() {
    let world = World::new().await;
    for size in [fn_webhook::BODY_LIMIT + 1, 10_000_000] {
        let (status, body, calls) = world.send(genuine(1, Some("1"), &vec![b' '; size])).await;
        assert_eq!((status, body["code"].as_str()), (StatusCode::PAYLOAD_TOO_LARGE, Some("body_too_large")));
        assert_eq!(calls, 0);
    }
    let (status, ..) = world.send(genuine(1, Some("1"), &vec![b' '; fn_webhook::BODY_LIMIT])).await;
    assert_eq!(status, StatusCode::OK, "the limit itself fits");
    assert_eq!(world.waiting(1).await, 1);
}

#[tokio::test]
async fn without_an_id_the_body_tells_events_apart() {
    let world = World::new().await;
    for (body, sent) in [(STOCK, 1), (STOCK, 0), (b"{}".as_slice(), 1)] {
        assert_eq!(world.send(genuine(1, None, body)).await.0, StatusCode::OK);
        assert_eq!(world.queue.take().len(), sent);
    }
    // The stock that came back to an old value hours later is a new event.
    world.advance(7_200);
    assert_eq!(world.send(genuine(1, None, STOCK)).await.0, StatusCode::OK);
    assert_eq!(world.queue.take().len(), 1);
}

#[tokio::test]
async fn ids_of_any_form_are_kept_and_travel_through_the_queue() {
    let world = World::new().await;
    let long = "7".repeat(5_000);
    for id in ["a#b", "0", " ", "\"}{", long.as_str()] {
        assert_eq!(world.send(genuine(1, Some(id), STOCK)).await.0, StatusCode::OK, "{id}");
        for message in world.queue.take() {
            assert_eq!(WorkMessage::decode(&message.encode()).expect("it travels"), message);
        }
    }
    assert_eq!(world.waiting(1).await, 5);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_kept_as_it_came() {
    let world = World::new().await;
    for body in [b"".as_slice(), b"<html>", &[0xff, 0xfe, 0x00]] {
        assert_eq!(world.send(genuine(1, None, body)).await.0, StatusCode::OK);
    }
    assert_eq!(world.waiting(1).await, 3);
}

#[tokio::test]
async fn the_same_event_of_two_tenants_is_two_events() {
    let world = World::new().await;
    let mut second = genuine(2, Some("1"), STOCK);
    let credentials = format!("Basic {}", STANDARD.encode("metakocka:geslo č"));
    second.headers_mut().insert("authorization", credentials.parse().expect("a header"));
    assert_eq!(world.send(genuine(1, Some("1"), STOCK)).await.0, StatusCode::OK);
    assert_eq!(world.send(second).await.0, StatusCode::OK);
    let tenants: Vec<_> = world.queue.take().into_iter().map(|m| m.tenant).collect();
    assert_eq!(tenants, [tenant_id(1), tenant_id(2)]);
    assert_eq!((world.waiting(1).await, world.waiting(2).await), (1, 1));
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let world = World::new().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = Request::builder().method(method).uri(address(1)).body(Body::empty()).expect("a request");
        let (status, body, calls) = world.send(request).await;
        assert_eq!((status, body["code"].as_str()), (StatusCode::METHOD_NOT_ALLOWED, Some("method_not_allowed")));
        assert_eq!(calls, 0);
    }
}
