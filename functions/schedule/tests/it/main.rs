//! The schedule's function on an embedded DynamoDB: who gets a message, and what a failed tick leaves.

#[path = "../../../../tests/aws_stub.rs"]
mod aws_stub;
#[path = "../../../../tests/embedded_table.rs"]
mod embedded_table;
#[path = "../../../../tests/lambda_stub.rs"]
mod lambda_stub;

use app::{ErpSettings, Services};
use async_trait::async_trait;
use cloud::{Clock, Disposition, LocalSecrets, NoBlobs, Queue, QueueError, Work, WorkMessage};
use domain::TenantId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::{Connection, ConnectionState, Table, VerifiedTenant};

use crate::{aws_stub::AwsStub, lambda_stub::Function};

#[derive(Default)]
struct KeepingQueue {
    sent: Mutex<Vec<WorkMessage>>,
    down: AtomicBool,
}

#[async_trait]
impl Queue for KeepingQueue {
    async fn send(&self, message: &WorkMessage, _: Duration) -> Result<(), QueueError> {
        self.send_all(std::slice::from_ref(message)).await
    }

    async fn send_all(&self, messages: &[WorkMessage]) -> Result<(), QueueError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(QueueError::Unavailable("down".into()));
        }
        self.sent.lock().expect("no panic").extend_from_slice(messages);
        Ok(())
    }
}

fn start() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().expect("a time")
}

fn minute(n: i64) -> Timestamp {
    start() + SignedDuration::from_mins(n)
}

fn tenant_id(n: u32) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

async fn connect(table: &Table, tenants: u32) {
    for n in 0..tenants {
        let connection = Connection {
            company_id: n.to_string(),
            base_url: "https://main.metakocka.si".to_owned(),
            endpoint_id: format!("whe_{n:032}").parse().expect("an endpoint id"),
            state: ConnectionState::Connected,
            cadence: BTreeMap::new(),
            created_at: start(),
            updated_at: start(),
            version: 0,
        };
        let tenant = table.tenant(&VerifiedTenant::vouch(tenant_id(n)));
        tenant.create_connection(&connection).await.expect("connected");
    }
}

async fn world(tenants: u32) -> (Services, Arc<KeepingQueue>) {
    let table = embedded_table::new_table().await.table;
    connect(&table, tenants).await;
    let queue = Arc::new(KeepingQueue::default());
    let services = Services {
        table,
        secrets: Arc::new(LocalSecrets::in_memory()),
        blobs: Arc::new(NoBlobs),
        queue: queue.clone(),
        clock: Clock::from_fn(start),
        erp: Arc::new(ErpSettings::nowhere()),
    };
    (services, queue)
}

fn take(queue: &KeepingQueue) -> Vec<TenantId> {
    let sent = std::mem::take(&mut *queue.sent.lock().expect("no panic"));
    assert!(sent.iter().all(|m| m.work == Work::Due));
    sent.into_iter().map(|m| m.tenant).collect()
}

#[tokio::test]
async fn in_a_quarter_of_an_hour_every_tenant_gets_one_message() {
    let (services, queue) = world(40).await;
    let mut all = Vec::new();
    for n in 0..15 {
        fn_schedule::handle(&services, minute(n)).await.expect("a tick");
        let sent = take(&queue);
        assert!(sent.len() < 20, "spread over the minutes");
        all.extend(sent);
    }
    assert_eq!((all.len(), all.into_iter().collect::<BTreeSet<_>>().len()), (40, 40));
}

#[tokio::test]
async fn a_tick_that_comes_twice_sends_nothing_the_second_time() {
    let (services, queue) = world(40).await;
    fn_schedule::handle(&services, minute(0)).await.expect("a tick");
    fn_schedule::handle(&services, minute(14)).await.expect("a tick");
    take(&queue);
    fn_schedule::handle(&services, minute(14)).await.expect("a tick");
    fn_schedule::handle(&services, minute(3)).await.expect("a late tick");
    assert_eq!(take(&queue), Vec::<TenantId>::new());
}

#[tokio::test]
async fn what_a_failed_tick_did_not_send_the_next_one_does() {
    let (services, queue) = world(40).await;
    fn_schedule::handle(&services, minute(0)).await.expect("a tick");
    take(&queue);
    queue.down.store(true, Ordering::SeqCst);
    for n in 1..8 {
        if let Err(failure) = fn_schedule::handle(&services, minute(n)).await {
            assert_eq!((failure.code.as_str(), failure.disposition), ("queue_unavailable", Disposition::Retry));
        }
    }
    queue.down.store(false, Ordering::SeqCst);
    for n in 8..16 {
        fn_schedule::handle(&services, minute(n)).await.expect("a tick");
    }
    assert_eq!(take(&queue).into_iter().collect::<BTreeSet<_>>().len(), 40);
}

#[tokio::test]
async fn a_table_that_cannot_be_read_is_a_failure_that_comes_again() {
    let (mut services, queue) = world(0).await;
    services.table = Table::embedded("http://127.0.0.1:1", "table");
    let failure = fn_schedule::handle(&services, minute(0)).await.expect_err("no table");
    assert_eq!((failure.code.as_str(), failure.disposition), ("unavailable", Disposition::Retry));
    assert_eq!(take(&queue), Vec::<TenantId>::new());
}

#[tokio::test]
async fn the_built_function_turns_a_tick_into_messages() {
    let embedded = embedded_table::new_table().await;
    connect(&embedded.table, 20).await;
    let aws = AwsStub::start("").await;
    let queue_url = format!("{}/000000000000/work", aws.url);
    let mut function = Function::start(
        env!("CARGO_BIN_EXE_schedule"),
        &[
            ("TABLE_NAME", embedded.name.as_str()),
            ("QUEUE_URL", &queue_url),
            ("SIGNING_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("AWS_ENDPOINT_URL_DYNAMODB", embedded_table::endpoint()),
            ("AWS_ENDPOINT_URL_SQS", &aws.url),
        ],
    )
    .await;
    for n in 0..15 {
        // As EventBridge's scheduler sends it; long past, so that the tick stands for the planned minute.
        let planned = minute(n - 1_000_000).to_string();
        let event = json!({
            "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.scheduler",
            "account": "000000000000", "time": planned, "region": "eu-central-1", "resources": [], "detail": {},
        });
        assert_eq!(function.invoke(&event).await, Ok(Value::Null));
    }
    let sent = aws.sent();
    let tenants: BTreeSet<_> = sent.iter().filter_map(|m| m["tenant"].as_str()).collect();
    assert_eq!((sent.len(), tenants.len()), (20, 20));
    assert!(sent.iter().all(|m| m["work"] == "due"));
}
