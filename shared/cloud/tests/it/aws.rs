//! The real AWS clients against a small server of ours that speaks their JSON protocol.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use cloud::{AwsSecrets, Clock, Disposition, Queue, Secrets, SqsQueue, TenantSecrets, Work, WorkMessage};
use domain::TenantId;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

#[derive(Default)]
struct World {
    calls: Mutex<Vec<(String, Value)>>,
    secrets: Mutex<BTreeMap<String, String>>,
    /// What every call is refused with.
    refusal: Mutex<Option<(u16, &'static str)>>,
}

impl World {
    fn names(&self) -> Vec<String> {
        self.calls.lock().expect("no panic").iter().map(|(n, _)| n.clone()).collect()
    }

    fn last(&self) -> Value {
        self.calls.lock().expect("no panic").last().expect("a call").1.clone()
    }

    fn refuse(&self, with: Option<(u16, &'static str)>) {
        *self.refusal.lock().expect("no panic") = with;
    }
}

fn refusal(status: u16, name: &str) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, Json(json!({ "__type": name, "message": "as the test wants it" }))).into_response()
}

async fn answer(State(world): State<Arc<World>>, headers: HeaderMap, body: String) -> Response {
    let target = headers["x-amz-target"].to_str().expect("text");
    let name = target.rsplit('.').next().expect("a name").to_owned();
    let input: Value = serde_json::from_str(&body).expect("JSON");
    world.calls.lock().expect("no panic").push((name.clone(), input.clone()));
    if let Some((status, refused)) = *world.refusal.lock().expect("no panic") {
        return refusal(status, refused);
    }
    let mut secrets = world.secrets.lock().expect("no panic");
    let id = input["SecretId"].as_str().or(input["Name"].as_str()).unwrap_or_default().to_owned();
    let text = input["SecretString"].as_str().map(str::to_owned);
    match name.as_str() {
        "GetSecretValue" => match secrets.get(&id) {
            Some(text) => Json(json!({ "Name": id, "SecretString": text })).into_response(),
            None => refusal(400, "ResourceNotFoundException"),
        },
        "PutSecretValue" if !secrets.contains_key(&id) => refusal(400, "ResourceNotFoundException"),
        "PutSecretValue" | "CreateSecret" => {
            secrets.insert(id.clone(), text.expect("a secret"));
            Json(json!({ "Name": id })).into_response()
        }
        "SendMessage" => Json(json!({ "MessageId": "1", "MD5OfMessageBody": "" })).into_response(),
        "SendMessageBatch" => {
            let all = input["Entries"].as_array().expect("entries");
            let ok: Vec<_> =
                all.iter().map(|e| json!({ "Id": e["Id"], "MessageId": "1", "MD5OfMessageBody": "" })).collect();
            Json(json!({ "Successful": ok, "Failed": [] })).into_response()
        }
        _ => refusal(400, "UnknownOperationException"),
    }
}

#[expect(clippy::disallowed_methods, reason = "the server of a test ends with its runtime")]
async fn start() -> (Arc<World>, SdkConfig) {
    let world = Arc::new(World::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().fallback(answer).with_state(Arc::clone(&world));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(aws_sdk_sqs::config::SharedCredentialsProvider::new(
            aws_sdk_sqs::config::Credentials::new("id", "key", None, None, "test"),
        ))
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .build();
    (world, config)
}

fn clock() -> Clock {
    Clock::from_fn(|| jiff::Timestamp::from_second(1_000_000).expect("a time"))
}

fn tenant(n: u8) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

#[tokio::test]
async fn the_first_save_makes_the_secret_and_the_next_writes_it() {
    let (world, config) = start().await;
    let secrets = AwsSecrets::new(&config, "crm/erp/", clock());
    assert_eq!(secrets.get(&tenant(1)).await.expect_err("nothing saved").code(), "secrets_missing");
    secrets.put(&tenant(1), &TenantSecrets::new("key 1".into(), "hook".into())).await.expect("made");
    secrets.put(&tenant(1), &TenantSecrets::new("key 2".into(), "hook".into())).await.expect("written");
    assert_eq!(world.names(), ["GetSecretValue", "PutSecretValue", "CreateSecret", "PutSecretValue"]);
    assert_eq!(world.last()["SecretId"], format!("crm/erp/{}", tenant(1)));

    let other = AwsSecrets::new(&config, "crm/erp/", clock());
    for _ in 0..3 {
        let known = other.get(&tenant(1)).await.expect("saved");
        assert_eq!(known.erp_key.expose_secret(), "key 2");
    }
    assert_eq!(world.names().len(), 5, "three readings, one call");
}

#[tokio::test]
async fn a_store_that_is_down_may_be_asked_again_and_one_that_denies_may_not() {
    let (world, config) = start().await;
    let secrets = AwsSecrets::new(&config, "", clock());
    let marker = TenantSecrets::new("MARKER".into(), "MARKER".into());
    for (refusal, disposition) in [
        ((500, "InternalServiceError"), Disposition::Retry),
        ((400, "ThrottlingException"), Disposition::Retry),
        ((400, "AccessDeniedException"), Disposition::Bug),
    ] {
        world.refuse(Some(refusal));
        let error = secrets.put(&tenant(1), &marker).await.expect_err("refused");
        assert_eq!(error.disposition(), disposition, "{refusal:?}");
        assert!(!format!("{error:?}").contains("MARKER"), "{error:?}");
        let error = secrets.get(&tenant(1)).await.expect_err("refused");
        assert_eq!(error.disposition(), disposition, "{refusal:?}");
    }
}

#[tokio::test]
async fn a_message_names_its_tenant_as_its_group_and_carries_the_envelope() {
    let (world, config) = start().await;
    let queue = SqsQueue::new(&config, "http://queue/work");
    let message = WorkMessage::new(tenant(7), Work::Due);
    queue.send(&message, Duration::from_mins(1)).await.expect("sent");
    let sent = world.last();
    assert_eq!(sent["MessageGroupId"], tenant(7).as_str());
    assert_eq!(sent["MessageBody"], message.encode());
    assert_eq!(sent["DelaySeconds"], 60);
    assert_eq!(sent["MessageAttributes"]["kind"]["StringValue"], "due");
    queue.send(&message, Duration::ZERO).await.expect("sent");
    assert_eq!(world.last()["DelaySeconds"], Value::Null);
}

#[tokio::test]
async fn many_messages_travel_ten_in_a_call() {
    let (world, config) = start().await;
    let queue = SqsQueue::new(&config, "http://queue/work");
    let messages: Vec<_> = (0..23).map(|n| WorkMessage::new(tenant(n), Work::Due)).collect();
    queue.send_all(&messages).await.expect("sent");
    assert_eq!(world.names(), ["SendMessageBatch"; 3]);
    assert_eq!(world.last()["Entries"].as_array().map(Vec::len), Some(3));
    world.refuse(Some((500, "ServiceUnavailable")));
    let error = queue.send_all(&messages).await.expect_err("down");
    assert_eq!(error.disposition(), Disposition::Retry);
}
