//! What the embedded database never does: conflicts, lost answers, no answer at all.

use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use domain::{Object, RecordId, Settings};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use store::{
    Begun, ByCrm, Commit, CommitError, Disposition, InboxEvent, LeaseError, Link, OpenWrite, PlanRow, Received,
    StateWrite, StoreError, Table, TwoWay,
};

use crate::support::{TTL, at, change, create, faulty, lease, product, product_id, tenant};

/// Replaces the answers of an operation, with or without its effect.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fault(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    plan: Mutex<Plan>,
    left: AtomicU32,
    armed: AtomicBool,
    sent: AtomicU32,
}

#[derive(Clone, Debug, Default)]
struct Plan {
    operation: &'static str,
    happens: bool,
    status: u16,
    body: String,
}

impl Fault {
    /// The next `times` calls of `operation` are answered with `status` and `body`; they `happen` or not.
    fn next(&self, times: u32, operation: &'static str, happens: bool, status: u16, body: &str) {
        let body = body.to_owned();
        *self.0.plan.lock().expect("a lock") = Plan { operation, happens, status, body };
        self.0.sent.store(0, Ordering::SeqCst);
        self.0.left.store(times, Ordering::SeqCst);
    }

    fn sent(&self) -> u32 {
        self.0.sent.load(Ordering::SeqCst)
    }
}

impl Intercept for Fault {
    fn name(&self) -> &'static str {
        "Fault"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let plan = self.0.plan.lock().expect("a lock").clone();
        let headers = context.request_mut().headers_mut();
        let meant = headers.get("x-amz-target").is_some_and(|t| t.ends_with(plan.operation));
        if plan.operation.is_empty() || !meant {
            return Ok(());
        }
        self.0.sent.fetch_add(1, Ordering::SeqCst);
        let left = self.0.left.load(Ordering::SeqCst);
        if left > 0 {
            self.0.left.store(left - 1, Ordering::SeqCst);
            self.0.armed.store(true, Ordering::SeqCst);
            if !plan.happens {
                headers.insert("x-amz-target", "DynamoDB_20120810.NoSuchOperation");
            }
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.0.armed.swap(false, Ordering::SeqCst) {
            let plan = self.0.plan.lock().expect("a lock").clone();
            let response = context.response_mut();
            *response.status_mut() = plan.status.try_into()?;
            *response.body_mut() = plan.body.into();
        }
        Ok(())
    }
}

const CONFLICT: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled","CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}"#;
const SINGLE_CONFLICT: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException"}"#;
const BROKEN: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}"#;

fn step(lease: &store::Lease, expected_step: u64) -> Commit<'_> {
    let mut commit = Commit::new(lease);
    commit.state = Some(StateWrite { bytes: b"s".to_vec(), expected_step });
    commit
}

#[tokio::test]
async fn a_commit_that_meets_another_transaction_is_tried_again() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    let lease = lease(&t, "w", 0).await;
    fault.next(3, "TransactWriteItems", false, 400, CONFLICT);
    t.commit(&step(&lease, 0), at(1)).await.expect("the fourth try passes");
    assert_eq!(fault.sent(), 4);
    assert_eq!(t.state().await.expect("a read").map(|s| s.step), Some(1));
}

#[tokio::test]
async fn contention_without_end_is_an_error_to_retry_and_wrote_nothing() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    let lease = lease(&t, "w", 0).await;
    fault.next(100, "TransactWriteItems", false, 400, CONFLICT);
    let error = t.commit(&step(&lease, 0), at(1)).await.expect_err("still busy");
    assert_eq!(error, CommitError::Store(StoreError::Throttled));
    assert_eq!(StoreError::Throttled.disposition(), Disposition::Retry);
    assert_eq!(fault.sent(), 6);
    assert_eq!(t.state().await, Ok(None));
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_happens_once() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    let lease = lease(&t, "w", 0).await;
    fault.next(1, "TransactWriteItems", true, 500, BROKEN);
    let mut commit = step(&lease, 0);
    commit.writes = vec![create(&t, &product(1, "a"))];
    t.commit(&commit, at(1)).await.expect("the repetition is recognised by its token");
    assert_eq!(fault.sent(), 2);
    assert_eq!(t.seq().await, Ok(1));
    assert!(t.record(product_id(&t, 1)).await.expect("a read").is_some());
}

#[tokio::test]
async fn a_commit_that_is_never_answered_is_unavailable_and_the_state_tells_what_happened() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    let lease = lease(&t, "w", 0).await;
    fault.next(100, "TransactWriteItems", true, 500, BROKEN);
    let error = t.commit(&step(&lease, 0), at(1)).await.expect_err("no answer");
    assert_eq!(error, CommitError::Store(StoreError::Unavailable("service")));
    assert_eq!(t.state().await.expect("a read").map(|s| s.step), Some(1));
}

#[tokio::test]
async fn a_request_of_the_crm_whose_answer_is_lost_happens_once() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    let crm = RecordId::for_crm(t.id(), Object::Products, "c-1");
    let part = TwoWay { bytes: b"{}".to_vec(), revision: 1, queue: None, crm_id: Some("c-1".to_owned()) };
    let told = change(None, &product(1, "a"));
    let mut commit = Commit::unleased();
    commit.opens.push(OpenWrite::create(crm, part, told));
    fault.next(1, "TransactWriteItems", true, 500, BROKEN);
    t.commit(&commit, at(1)).await.expect("the repetition is recognised by its token");
    assert_eq!((fault.sent(), t.seq().await), (2, Ok(1)));
    // Sent anew, as after a crash, it meets what it wrote.
    assert_eq!(t.commit(&commit, at(2)).await, Err(CommitError::SeqMoved));
    commit.seq = 1;
    assert_eq!(t.commit(&commit, at(2)).await, Err(CommitError::RecordMoved(crm)));
}

#[tokio::test]
async fn an_id_of_the_crm_that_was_linked_while_it_was_looked_up_is_found() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    let crm = RecordId::for_crm(t.id(), Object::Products, "c-1");
    let mut commit = Commit::unleased();
    commit.links.push(Link { crm, to: product_id(&t, 1) });
    t.commit(&commit, at(1)).await.expect("a commit");
    // The link was read before the transaction, the open row after it: neither is there.
    fault.next(1, "BatchGetItem", true, 200, r#"{"Responses":{},"UnprocessedKeys":{}}"#);
    assert_eq!(t.find_by_crm(crm).await, Ok(Some(ByCrm::Linked(product_id(&t, 1)))));
    assert_eq!(fault.sent(), 1);
}

#[tokio::test]
async fn settings_and_a_plan_kept_by_an_attempt_without_an_answer_are_kept() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    fault.next(1, "TransactWriteItems", true, 500, BROKEN);
    t.replace_settings_if(0, &Settings::standard()).await.expect("written once, told twice");
    let (id, state, hash) = ("pln_1".to_owned(), "made".to_owned(), "h".to_owned());
    let plan = PlanRow { id, version: 1, made_at: at(0), state, hash, bytes: b"a".to_vec() };
    fault.next(2, "PutItem", true, 500, BROKEN);
    t.keep_plan(&plan).await.expect("kept");
    assert_eq!((fault.sent(), t.plan("pln_1").await), (4, Ok(Some(plan))));
    // What expires goes in any order, so the parts may go first.
    fault.next(1, "Query", true, 200, r#"{"Items":[],"Count":0,"ScannedCount":0}"#);
    assert_eq!(t.plan("pln_1").await, Ok(None));
}

#[tokio::test]
async fn an_attempt_that_kept_only_parts_of_a_plan_does_not_stand_in_the_way_of_the_next() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    let plan = |bytes: &[u8]| {
        let (id, state, hash) = ("pln_1".to_owned(), "made".to_owned(), "h".to_owned());
        PlanRow { id, version: 1, made_at: at(0), state, hash, bytes: bytes.to_vec() }
    };
    // The part happens, and the worker dies before the head.
    fault.next(3, "PutItem", true, 500, BROKEN);
    assert_eq!(t.keep_plan(&plan(b"first")).await, Err(StoreError::Unavailable("service")));
    assert_eq!((fault.sent(), t.plan("pln_1").await), (3, Ok(None)));
    t.keep_plan(&plan(b"second")).await.expect("nothing is kept under its id");
    assert_eq!(t.plan("pln_1").await, Ok(Some(plan(b"second"))));
}

#[tokio::test]
async fn a_single_write_that_meets_a_transaction_is_tried_again() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    let lease = lease(&t, "w", 0).await;
    fault.next(2, "UpdateItem", false, 400, SINGLE_CONFLICT);
    t.renew_lease(&lease, at(1), TTL).await.expect("the third try passes");
    assert_eq!(fault.sent(), 3);
}

#[tokio::test]
async fn a_lease_that_was_acquired_by_an_attempt_without_an_answer_is_ours() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    fault.next(1, "UpdateItem", true, 500, BROKEN);
    let lease = t.acquire_lease("w", at(0), TTL).await.expect("ours");
    assert_eq!((fault.sent(), lease.epoch), (2, 1));
    let other = t.acquire_lease("v", at(0), TTL).await;
    assert_eq!(other, Err(LeaseError::Held { until: lease.until }));
    fault.next(1, "UpdateItem", true, 500, BROKEN);
    t.release_lease(&lease).await.expect("released once, told twice");
}

#[tokio::test]
async fn a_request_begun_by_an_attempt_without_an_answer_is_fresh() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    fault.next(1, "PutItem", true, 500, BROKEN);
    let begun = t.begin("k", &[1; 32], at(0)).await.expect("begun");
    assert!(matches!(begun, Begun::Fresh { .. }), "{begun:?}");
}

#[tokio::test]
async fn an_event_kept_by_an_attempt_without_an_answer_is_told_as_kept() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    fault.next(1, "PutItem", true, 500, BROKEN);
    let event = InboxEvent {
        event_id: "e".to_owned(),
        body_sha256: [7; 32],
        event: "stock".to_owned(),
        received_at: at(0),
        body: b"{}".to_vec(),
    };
    // Its row is the hint, so it is found whether or not the caller sends one.
    assert_eq!(t.receive(&event).await, Ok(Received::Duplicate));
    assert_eq!(t.pending_inbox(10).await.expect("a read").len(), 1);
}

#[tokio::test]
async fn a_table_that_cannot_be_reached_is_unavailable() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let t = tenant(&Table::embedded(&format!("http://{address}"), "none"), 1);
    assert_eq!(t.seq().await, Err(StoreError::Unavailable("connection")));
}

#[tokio::test]
async fn a_table_that_is_not_there_is_a_defect_of_the_set_up() {
    let fault = Fault::default();
    let t = tenant(&faulty(fault.clone()).await, 1);
    fault.next(1, "GetItem", false, 400, r#"{"__type":"x#ResourceNotFoundException"}"#);
    let error = t.seq().await.expect_err("no table");
    assert_eq!(error, StoreError::Refused("ResourceNotFoundException".to_owned()));
    assert_eq!(error.disposition(), Disposition::Bug);
}
