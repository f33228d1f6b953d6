//! Lambda's Runtime API as a stub, and a built function that polls it.
//!
//! Taken by the binary tests of the functions with `#[path]`: only a test of the same
//! package knows where the binary is. It decides nothing about events and answers.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode},
    routing::{get, post},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    process::Stdio,
    sync::{Arc, Mutex as StdMutex},
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    sync::{Mutex, mpsc, oneshot},
};

/// More than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// In the year 2100: no test waits for an invocation to end.
const DEADLINE_MS: &str = "4102444800000";

type Answer = oneshot::Sender<Result<Value, Value>>;

/// A built function, running. It ends with the value.
pub(crate) struct Function {
    child: Child,
    events: mpsc::UnboundedSender<(Vec<u8>, Answer)>,
    failed_init: mpsc::UnboundedReceiver<Value>,
}

struct Api {
    events: Mutex<mpsc::UnboundedReceiver<(Vec<u8>, Answer)>>,
    waiting: StdMutex<BTreeMap<String, Answer>>,
    failed_init: mpsc::UnboundedSender<Value>,
}

impl Function {
    /// Starts `binary` with nothing in its environment but what Lambda sets and `environment`.
    pub(crate) async fn start(binary: &str, environment: &[(&str, &str)]) -> Self {
        let (events, receiver) = mpsc::unbounded_channel();
        let (failed, failed_init) = mpsc::unbounded_channel();
        let api = Arc::new(Api { events: Mutex::new(receiver), waiting: StdMutex::default(), failed_init: failed });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let serving = axum::serve(listener, routes(api)).into_future();
        #[expect(clippy::disallowed_methods, reason = "the stub serves until the test ends")]
        tokio::spawn(serving);
        let child = Command::new(binary)
            .env_clear()
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", "under-test"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_REGION", "eu-central-1"),
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
            ])
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the function starts");
        Self { child, events, failed_init }
    }

    /// Sends an event; the function's answer, or the error that it reports.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Result<Value, Value> {
        let (sender, answer) = oneshot::channel();
        let event = serde_json::to_vec(event).expect("JSON");
        self.events.send((event, sender)).expect("the stub is up");
        tokio::select! {
            answer = answer => answer.expect("the stub is up"),
            status = self.child.wait() => panic!("the function ended: {status:?}"),
            error = self.failed_init.recv() => panic!("the function did not start: {error:?}"),
            () = tokio::time::sleep(PATIENCE) => panic!("the function did not answer"),
        }
    }
}

fn routes(api: Arc<Api>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(respond))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(fail))
        .route("/2018-06-01/runtime/init/error", post(fail_init))
        .with_state(api)
}

async fn next(State(api): State<Arc<Api>>) -> (HeaderMap, Vec<u8>) {
    let Some((event, answer)) = api.events.lock().await.recv().await else {
        return std::future::pending().await;
    };
    let mut waiting = api.waiting.lock().expect("no panic");
    let id = format!("request-{}", waiting.len());
    waiting.insert(id.clone(), answer);
    let header = |name: &'static str, value: &str| (HeaderName::from_static(name), value.parse().expect("a header"));
    let headers = HeaderMap::from_iter([
        header("lambda-runtime-aws-request-id", &id),
        header("lambda-runtime-deadline-ms", DEADLINE_MS),
        header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:000000000000:function:under-test"),
    ]);
    (headers, event)
}

async fn respond(State(api): State<Arc<Api>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.finish(&id, Ok(parse(&body)))
}

async fn fail(State(api): State<Arc<Api>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.finish(&id, Err(parse(&body)))
}

async fn fail_init(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    // Nobody listens once the test is over.
    let _ = api.failed_init.send(parse(&body));
    StatusCode::ACCEPTED
}

impl Api {
    fn finish(&self, id: &str, answer: Result<Value, Value>) -> StatusCode {
        let waiting = self.waiting.lock().expect("no panic").remove(id);
        match waiting.map(|w| w.send(answer)) {
            Some(Ok(())) => StatusCode::ACCEPTED,
            _ => StatusCode::NOT_FOUND,
        }
    }
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or(Value::Null)
}
