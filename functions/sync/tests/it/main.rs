//! The worker on an embedded DynamoDB: what becomes of a message that is not done.

#[path = "../../../../tests/aws_stub.rs"]
mod aws_stub;
#[path = "../../../../tests/embedded_table.rs"]
mod embedded_table;
#[path = "../../../../tests/lambda_stub.rs"]
mod lambda_stub;

use app::{ErpSettings, Services, runs};
use async_trait::async_trait;
use cloud::{
    Clock, Disposition, LocalBlobs, LocalSecrets, Queue, QueueError, Secrets, TenantSecrets, Work, WorkMessage,
};
use domain::{Cadence, Mode, Object, RunId, TenantId, Trigger};
use jiff::{SignedDuration, Timestamp};
use runtime::sqs::Received;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use store::{Connection, ConnectionState, Meter, Tenant, VerifiedTenant};

use crate::{aws_stub::AwsStub, lambda_stub::Function};

#[derive(Default)]
struct KeepingQueue(Mutex<Vec<(WorkMessage, Duration)>>);

#[async_trait]
impl Queue for KeepingQueue {
    async fn send(&self, message: &WorkMessage, delay: Duration) -> Result<(), QueueError> {
        self.0.lock().expect("no panic").push((message.clone(), delay));
        Ok(())
    }

    async fn send_all(&self, messages: &[WorkMessage]) -> Result<(), QueueError> {
        for message in messages {
            self.send(message, Duration::ZERO).await?;
        }
        Ok(())
    }
}

impl KeepingQueue {
    fn take(&self) -> Vec<(WorkMessage, Duration)> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }
}

struct World {
    services: Services,
    queue: Arc<KeepingQueue>,
    meter: Meter,
}

fn now() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().expect("a time")
}

fn tenant_id(n: u32) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

fn connection(state: ConnectionState) -> Connection {
    Connection {
        company_id: "16".to_owned(),
        base_url: "https://main.metakocka.si".to_owned(),
        endpoint_id: format!("whe_{:032}", 1).parse().expect("an endpoint id"),
        state,
        cadence: Object::ALL.map(|o| (o, Cadence { paused: true, ..Cadence::standard(o) })).into(),
        created_at: now(),
        updated_at: now(),
        version: 0,
    }
}

impl World {
    /// Tenant 1 is connected, to a host that may not be called: no test here reaches an ERP.
    async fn new(state: ConnectionState) -> Self {
        let meter = Meter::new();
        let table = embedded_table::new_table().await.table.with_meter(&meter);
        let secrets = LocalSecrets::in_memory();
        secrets.put(&tenant_id(1), &TenantSecrets::new("key".into(), "hook".into())).await.expect("saved");
        let queue = Arc::new(KeepingQueue::default());
        let erp = Arc::new(ErpSettings::nowhere());
        let services = Services {
            table,
            secrets: Arc::new(secrets),
            blobs: Arc::new(LocalBlobs::in_memory()),
            queue: queue.clone(),
            clock: Clock::from_fn(now),
            erp,
        };
        let world = Self { services, queue, meter };
        world.tenant().create_connection(&connection(state)).await.expect("connected");
        world
    }

    fn tenant(&self) -> Tenant {
        self.services.table.tenant(&VerifiedTenant::vouch(tenant_id(1)))
    }

    async fn request_run(&self) -> RunId {
        let run = runs::request(&self.services, &self.tenant(), Mode::Full, Trigger::Request, &[Object::Stock])
            .await
            .expect("queued");
        self.queue.take();
        run.id
    }

    async fn handle(&self, tenant: u32, work: Work) -> Result<(), runtime::Failure> {
        self.handle_until(tenant, work, now() + SignedDuration::from_mins(15)).await
    }

    async fn handle_until(&self, tenant: u32, work: Work, deadline: Timestamp) -> Result<(), runtime::Failure> {
        let message = WorkMessage::new(tenant_id(tenant), work);
        let received = Received { message, message_id: "m".to_owned(), receive_count: 1, deadline };
        fn_sync::handle(&self.services, received).await
    }
}

fn some_run() -> RunId {
    RunId::new(uuid::Uuid::from_u128(7))
}

#[tokio::test]
async fn work_of_a_tenant_or_run_that_is_not_there_is_given_up() {
    let world = World::new(ConnectionState::Connected).await;
    for (tenant, work) in
        [(2, Work::Due), (2, Work::Inbox("1#ab".to_owned())), (1, Work::Run(some_run())), (2, Work::Run(some_run()))]
    {
        let failure = world.handle(tenant, work.clone()).await.expect_err("nobody's work");
        assert_eq!(failure.disposition, Disposition::Reject, "{work:?}");
    }
    assert_eq!(world.queue.take(), []);
}

#[tokio::test]
async fn a_message_that_finds_nothing_to_do_writes_nothing() {
    let world = World::new(ConnectionState::Connected).await;
    world.meter.take();
    world.handle(1, Work::Due).await.expect("done");
    assert_eq!(world.meter.take().all_written(), 0);
    assert_eq!(world.queue.take(), []);
}

#[tokio::test]
async fn a_paused_tenant_is_left_alone() {
    let world = World::new(ConnectionState::Paused { code: "paused_by_person".to_owned() }).await;
    world.meter.take();
    world.handle(1, Work::Due).await.expect("done");
    assert_eq!(world.meter.take().all_written(), 0);
}

#[tokio::test]
async fn a_message_for_a_busy_tenant_comes_again_when_the_lease_may_have_ended() {
    let world = World::new(ConnectionState::Connected).await;
    let run = world.request_run().await;
    let lease = world.tenant().acquire_lease("another", now(), SignedDuration::from_secs(42)).await.expect("free");
    world.handle(1, Work::Run(run)).await.expect("handed on");
    let expected = WorkMessage::new(tenant_id(1), Work::Run(run));
    assert_eq!(world.queue.take(), [(expected, Duration::from_secs(42))]);
    world.tenant().release_lease(&lease).await.expect("still held");
}

#[tokio::test]
async fn an_invocation_that_ends_too_soon_begins_nothing() {
    let world = World::new(ConnectionState::Connected).await;
    let run = world.request_run().await;
    world.meter.take();
    let failure =
        world.handle_until(1, Work::Run(run), now() + SignedDuration::from_secs(60)).await.expect_err("no time");
    assert_eq!((failure.code.as_str(), failure.disposition), ("out_of_time", Disposition::Retry));
    assert_eq!(world.meter.take().all_requests(), 0);
}

#[tokio::test]
async fn a_connection_that_may_not_be_called_any_more_is_given_up_with_a_code() {
    let world = World::new(ConnectionState::Connected).await;
    let run = world.request_run().await;
    world.handle(1, Work::Run(run)).await.expect("trying again would not help");
    let ended = world.tenant().run(run).await.expect("the table").expect("the run");
    assert_eq!(ended.error.map(|e| e.code), Some("host_not_allowed".to_owned()));
}

#[tokio::test]
async fn the_built_function_gives_up_unknown_tenants_and_leaves_what_is_no_message() {
    let embedded = embedded_table::new_table().await;
    let aws = AwsStub::start("{}").await;
    let queue_url = format!("{}/000000000000/work", aws.url);
    let mut function = Function::start(
        env!("CARGO_BIN_EXE_sync"),
        &[
            ("TABLE_NAME", embedded.name.as_str()),
            ("QUEUE_URL", &queue_url),
            ("SECRETS_PREFIX", "crm-erp/test/"),
            ("FILES_BUCKET", "crm-erp-files"),
            ("ERP_HOSTS", "main.metakocka.si"),
            ("SIGNING_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("AWS_ENDPOINT_URL_DYNAMODB", embedded_table::endpoint()),
            ("AWS_ENDPOINT_URL_SQS", &aws.url),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &aws.url),
        ],
    )
    .await;
    let record = |id: &str, body: &str| {
        json!({
            "messageId": id, "receiptHandle": "r", "body": body, "attributes": { "ApproximateReceiveCount": "1" },
            "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-central-1",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:work",
        })
    };
    let unknown = WorkMessage::new(tenant_id(7), Work::Due).encode();
    let event = json!({ "Records": [record("1", &unknown), record("2", "not a message")] });
    let answer = function.invoke(&event).await.expect("a batch response");
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] }));
    assert_eq!(aws.sent(), Vec::<Value>::new());
}
