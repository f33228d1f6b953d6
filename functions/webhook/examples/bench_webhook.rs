//! CPU per webhook: our handler against the least that a handler with the AWS SDK can do.
//!
//! Both verify the signature, put one row on a condition, send one message and acknowledge, against
//! the same stub of the two services in a process of its own. Rounds are interleaved, the figure is
//! the median round. Prints one JSON line.

#![expect(clippy::print_stdout, reason = "the row is what the program is for")]

use app::{ErpSettings, Services};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use axum::{Router, body::Body};
use base64::{Engine, engine::general_purpose::STANDARD};
use cloud::{Clock, LocalSecrets, NoBlobs, Queue, Secrets, SqsQueue, TenantSecrets, Work, WorkMessage};
use domain::TenantId;
use fn_webhook::{Webhook, router};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use sha1::Sha1;
use std::{error::Error, fs, sync::Arc, time::Duration};
use store::Table;
use subtle::ConstantTimeEq;
use tokio::process::Command;
use tower::ServiceExt;

const TENANT: &str = "t_00000000000000000001";
const ADDRESS: &str = "/w/whe_00000000000000000000000000000001";
const SECRET: &str = "a webhook secret";
const ACKNOWLEDGED: &str = r#"{"status":"ok","check_respond_status_json_ok":"true"}"#;
const ROUNDS: usize = 7;
const WEBHOOKS: u32 = 2_000;
const WARM_UP: u32 = 200;
/// How much more than the minimal handler's CPU ours may take.
const BUDGET: f64 = 1.15;

/// A stock event of three warehouses, as Metakocka sends it.
const BODY: &str = r#"{"opr_code":"0","opr_time_ms":"0","stock_list_count":"3","stock_list":[{"warehouse_id":"1600000042","mk_id":"400000000159","count_code":"1-MK-1","code":"KAVA-ETI-1000","title":"Kava v zrnju Etiopija 1 kg","amount":"42","reserved_amount":"4","free_amount":"38","unit":"kos"},{"warehouse_id":"1600000067","mk_id":"400000000159","count_code":"1-MK-1","code":"KAVA-ETI-1000","title":"Kava v zrnju Etiopija 1 kg","amount":"0","unit":"kos"},{"warehouse_id":"1600000068","mk_id":"400000000159","count_code":"1-MK-1","code":"KAVA-ETI-1000","title":"Kava v zrnju Etiopija 1 kg","amount":"7","unit":"kos"}]}"#;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    match std::env::args().nth(1).as_deref() {
        Some("measure") => measure().await,
        _ => serve_and_start().await,
    }
}

/// Serves the stub, and measures in a process of its own, so that the stub's CPU is not counted.
async fn serve_and_start() -> Outcome<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let mut measuring = Command::new(std::env::current_exe()?)
        .arg("measure")
        .envs([("AWS_ENDPOINT_URL", url.as_str()), ("AWS_REGION", "eu-central-1")])
        .envs([("AWS_ACCESS_KEY_ID", "bench"), ("AWS_SECRET_ACCESS_KEY", "bench")])
        .spawn()?;
    tokio::select! {
        served = axum::serve(listener, Router::new().fallback(answer)) => Ok(served?),
        status = measuring.wait() => if status?.success() { Ok(()) } else { Err("the measurement failed".into()) },
    }
}

async fn answer(headers: HeaderMap, _: String) -> String {
    let target = headers.get("x-amz-target").and_then(|t| t.to_str().ok()).unwrap_or_default();
    match target.rsplit('.').next() {
        Some("GetItem") => format!(r#"{{"Item":{{"tenant":{{"S":"{TENANT}"}}}}}}"#),
        Some("SendMessage") => r#"{"MessageId":"1"}"#.to_owned(),
        _ => "{}".to_owned(),
    }
}

async fn measure() -> Outcome<()> {
    let aws = cloud::aws::load().await;
    let queue = || SqsQueue::new(&aws, "http://127.0.0.1/000000000000/work");
    let tenant: TenantId = TENANT.parse()?;
    let secrets = LocalSecrets::in_memory();
    secrets.put(&tenant, &TenantSecrets::new("key".into(), SECRET.into())).await?;
    let services = Services {
        table: Table::connect(&aws, "bench"),
        secrets: Arc::new(secrets),
        blobs: Arc::new(NoBlobs),
        queue: Arc::new(queue()),
        clock: Clock::from_fn(|| Timestamp::UNIX_EPOCH),
        erp: Arc::new(ErpSettings {
            allowed: [].into(),
            retry: erp::client::RetryPolicy::never(),
            calls_per_second: ErpSettings::CALLS_PER_SECOND,
        }),
    };
    let ours = router(Webhook::new(services));
    #[expect(clippy::disallowed_methods, reason = "the peer uses the SDK as it comes")]
    let client = aws_sdk_dynamodb::Client::new(&aws);
    let minimal = Minimal { client, queue: queue(), tenant };
    let signature = STANDARD.encode(mac(BODY.as_bytes()).finalize().into_bytes());

    let mut next = 0;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 0..=ROUNDS {
        let count = if round == 0 { WARM_UP } else { WEBHOOKS };
        let before = cpu_micros()?;
        for _ in 0..count {
            next += 1;
            check(ours.clone().oneshot(webhook(&signature, next)?).await?).await?;
        }
        let between = cpu_micros()?;
        for _ in 0..count {
            next += 1;
            check(minimal.handle(webhook(&signature, next)?).await?).await?;
        }
        let after = cpu_micros()?;
        if round > 0 {
            rounds.push(((between - before) / f64::from(count), (after - between) / f64::from(count)));
        }
    }
    print_row(&mut rounds);
    Ok(())
}

fn print_row(rounds: &mut [(f64, f64)]) {
    let ratio = |round: &(f64, f64)| round.0 / round.1;
    rounds.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let median = rounds[rounds.len() / 2];
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let row = serde_json::json!({
        "row": 3,
        "what": "CPU per webhook",
        "measured": format!("{:.0} us, {:.2}x the minimal handler's {:.0} us", median.0, ratio(&median), median.1),
        "budget": format!("{BUDGET}x the minimal handler"),
        "within": ratio(&median) <= BUDGET,
        "gated": true,
        "load": load.split(' ').next().unwrap_or_default(),
    });
    println!("{row}");
}

/// A genuine webhook as it comes.
fn webhook(signature: &str, id: u32) -> Outcome<Request<Body>> {
    let request = Request::post(ADDRESS)
        .header("content-type", "application/json")
        .header("x-metakocka-event", "warehouse_product_stock_update")
        .header("x-metakocka-id", id.to_string())
        .header("x-metakocka-signature", signature)
        .body(Body::from(BODY))?;
    Ok(request)
}

async fn check(response: Response<Body>) -> Outcome<()> {
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if status == StatusCode::OK && body == ACKNOWLEDGED { Ok(()) } else { Err(format!("answered {status}").into()) }
}

/// The least: no routes, no caches, no limits, one tenant.
struct Minimal {
    client: aws_sdk_dynamodb::Client,
    queue: SqsQueue,
    tenant: TenantId,
}

impl Minimal {
    async fn handle(&self, request: Request<Body>) -> Outcome<Response<Body>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).ok_or("a header is missing");
        let sent = STANDARD.decode(header("x-metakocka-signature")?)?;
        if !bool::from(mac(&body).finalize().into_bytes().as_slice().ct_eq(&sent)) {
            return Err("forged".into());
        }
        let id = header("x-metakocka-id")?;
        let key = format!("{id}#{:064}", 0);
        let put = self
            .client
            .put_item()
            .table_name("bench")
            .item("pk", AttributeValue::S(format!("T#{TENANT}#INBOX")))
            .item("sk", AttributeValue::S(key.clone()))
            .item("gpk", AttributeValue::S(format!("T#{TENANT}#TODO")))
            .item("gsk", AttributeValue::S(key.clone()))
            .item("id", AttributeValue::S(id.to_owned()))
            .item("t", AttributeValue::N("1790000000000".to_owned()))
            .item("ttl", AttributeValue::N("1790000000".to_owned()))
            .item("b", AttributeValue::B(Blob::new(body)))
            .condition_expression("attribute_not_exists(pk)");
        put.send().await?;
        let message = WorkMessage::new(self.tenant.clone(), Work::Inbox(key));
        self.queue.send(&message, Duration::ZERO).await?;
        let response = Response::builder().header("content-type", "application/json");
        Ok(response.body(Body::from(ACKNOWLEDGED))?)
    }
}

fn mac(body: &[u8]) -> Hmac<Sha1> {
    Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).expect("an HMAC takes a key of any length").chain_update(body)
}

/// The CPU time of every thread of this process so far, in microseconds.
fn cpu_micros() -> Outcome<f64> {
    let mut nanos = 0.0;
    for task in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        nanos += text.split(' ').next().unwrap_or_default().parse::<f64>()?;
    }
    Ok(nanos / 1_000.0)
}
