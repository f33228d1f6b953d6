//! SQS and Secrets Manager as far as the functions use them: messages are kept, secrets are given out.
//!
//! Taken by the binary tests of the functions with `#[path]`.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The two services at one address.
pub(crate) struct AwsStub {
    /// The address.
    pub(crate) url: String,
    world: Arc<World>,
}

struct World {
    secret: String,
    sent: Mutex<Vec<Value>>,
}

impl AwsStub {
    /// Services where every secret has the text `secret`.
    pub(crate) async fn start(secret: &str) -> Self {
        let world = Arc::new(World { secret: secret.to_owned(), sent: Mutex::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&world));
        let serving = axum::serve(listener, routes).into_future();
        #[expect(clippy::disallowed_methods, reason = "the stub serves until the test ends")]
        tokio::spawn(serving);
        Self { url, world }
    }

    /// The bodies of the messages that were sent, in order.
    pub(crate) fn sent(&self) -> Vec<Value> {
        self.world.sent.lock().expect("no panic").clone()
    }
}

async fn answer(State(world): State<Arc<World>>, headers: HeaderMap, body: String) -> (StatusCode, Json<Value>) {
    let input: Value = serde_json::from_str(&body).expect("JSON");
    let target = headers.get("x-amz-target").and_then(|t| t.to_str().ok()).unwrap_or_default();
    let keep = |entry: &Value| {
        let body = entry["MessageBody"].as_str().expect("a body");
        world.sent.lock().expect("no panic").push(serde_json::from_str(body).expect("JSON"));
    };
    let output = match target.rsplit('.').next().unwrap_or_default() {
        "SendMessage" => {
            keep(&input);
            json!({ "MessageId": "1", "MD5OfMessageBody": "" })
        }
        "SendMessageBatch" => {
            let entries = input["Entries"].as_array().expect("entries");
            entries.iter().for_each(keep);
            let taken: Vec<_> =
                entries.iter().map(|e| json!({ "Id": e["Id"], "MessageId": "1", "MD5OfMessageBody": "" })).collect();
            json!({ "Successful": taken, "Failed": [] })
        }
        "GetSecretValue" => json!({ "Name": input["SecretId"], "SecretString": world.secret }),
        "DescribeSecret" | "GetQueueAttributes" => json!({}),
        other => {
            let refusal = json!({ "__type": "UnknownOperationException", "message": other });
            return (StatusCode::BAD_REQUEST, Json(refusal));
        }
    };
    (StatusCode::OK, Json(output))
}
