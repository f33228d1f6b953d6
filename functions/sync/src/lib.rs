//! The worker of the queue: one message of work, in a slice that ends before the invocation does.
//!
//! Decides how long a slice may take and what becomes of a message whose work
//! is not done. What the message means is decided by `app` from the tenant's rows.

use app::{
    ReadError, Services, SliceError,
    files::FilesError,
    work::{Outcome, work},
};
use cloud::{Disposition, WorkMessage};
use jiff::{SignedDuration, Timestamp};
use runtime::{Failure, sqs::Received, verify_envelope};
use std::time::Duration;
use store::{CommitError, LeaseError};

/// Left of the invocation when a slice ends: its last read and its commit still have to fit.
const RESERVE: SignedDuration = SignedDuration::from_secs(60);
/// The longest slice, so that a stopped function loses little and tenants take turns.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);
/// The least time before a busy tenant is looked at again.
const SOONEST: SignedDuration = SignedDuration::from_secs(5);

/// Does the work of one message. An error leaves the message in the queue, unless it can never succeed.
pub async fn handle(services: &Services, received: Received) -> Result<(), Failure> {
    let now = services.clock.now();
    let budget = budget(received.deadline, now).ok_or_else(|| Failure {
        code: "out_of_time".to_owned(),
        disposition: Disposition::Retry,
        message: "the invocation ends too soon to begin".to_owned(),
    })?;
    let message = received.message;
    let verified = verify_envelope(&message, &services.table).await?;
    let tenant = services.table.tenant(&verified);
    let outcome = work(services, &tenant, &message.work, budget).await.map_err(failure)?;
    tracing::info!(tenant = %verified.id(), kind = message.work.kind(), ?outcome, "a slice");
    match outcome {
        Outcome::Done => Ok(()),
        Outcome::Again => again(services, &message, Duration::ZERO).await,
        // The message would stay unseen for as long as the longest invocation takes: a new one comes
        // as soon as the lease may have ended.
        Outcome::Later { until } | Outcome::Busy { until } => {
            again(services, &message, wait(until, services.clock.now())).await
        }
    }
}

/// How long a slice may take; nothing when there is no time for one.
fn budget(deadline: Timestamp, now: Timestamp) -> Option<SignedDuration> {
    let left = deadline.duration_since(now).checked_sub(RESERVE)?;
    left.is_positive().then(|| left.min(LONGEST))
}

/// How long to wait for a lease that holds until `until`.
fn wait(until: Timestamp, now: Timestamp) -> Duration {
    let left = until.duration_since(now).max(SOONEST);
    Duration::try_from(left).unwrap_or(cloud::MAX_DELAY).min(cloud::MAX_DELAY)
}

/// The same message once more. This one is deleted then; should that fail, two are no harm.
async fn again(services: &Services, message: &WorkMessage, delay: Duration) -> Result<(), Failure> {
    Ok(services.queue.send(message, delay).await?)
}

fn failure(error: SliceError) -> Failure {
    let comes_again = |code, error: &SliceError| Failure::new(code, Disposition::Retry, error);
    match error {
        SliceError::Store(e) | SliceError::Lease(LeaseError::Store(e)) | SliceError::Commit(CommitError::Store(e)) => {
            e.into()
        }
        SliceError::Read(ReadError::Secrets(e)) => e.into(),
        SliceError::Files(e) => of_files(*e),
        // The connection names an address that may not be called (any more): a person has to change it.
        SliceError::Read(ReadError::Connection(_)) => Failure::new("connection_unusable", Disposition::Reject, &error),
        SliceError::Lease(LeaseError::Held { .. }) | SliceError::Commit(CommitError::Fenced) => {
            comes_again("fenced", &error)
        }
        SliceError::Commit(CommitError::TooLarge) => Failure::new("too_large", Disposition::Bug, &error),
        SliceError::Commit(CommitError::StateMoved | CommitError::SeqMoved | CommitError::RecordMoved(_)) => {
            comes_again("conflict", &error)
        }
    }
}

/// What the ERP and the files' servers fail at is told in the document's row; this is the rest.
fn of_files(error: FilesError) -> Failure {
    match error {
        FilesError::Store(e) => e.into(),
        FilesError::Secrets(e) => e.into(),
        FilesError::Queue(e) => e.into(),
        FilesError::Blobs(e) => Failure::new(e.code(), e.disposition(), &e),
        other => Failure::new("files", Disposition::Bug, &other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).expect("a time")
    }

    #[test]
    fn a_slice_ends_a_minute_before_the_invocation_and_after_ten_at_most() {
        for (left, expected) in
            [(900, Some(600)), (660, Some(600)), (659, Some(599)), (61, Some(1)), (60, None), (-5, None)]
        {
            assert_eq!(budget(at(left), at(0)), expected.map(SignedDuration::from_secs), "{left}");
        }
    }

    #[test]
    fn a_busy_tenant_is_looked_at_again_when_its_lease_may_have_ended() {
        for (until, expected) in [(45, 45), (2, 5), (-10, 5), (10_000, 900)] {
            assert_eq!(wait(at(until), at(0)), Duration::from_secs(expected), "{until}");
        }
    }

    #[test]
    fn what_another_worker_caused_comes_again_and_what_we_caused_is_seen() {
        let of = |error: SliceError| {
            let failure = failure(error);
            (failure.code, failure.disposition)
        };
        let conflict = ("conflict".to_owned(), Disposition::Retry);
        assert_eq!(of(CommitError::Fenced.into()), ("fenced".to_owned(), Disposition::Retry));
        assert_eq!(of(LeaseError::Held { until: at(0) }.into()), ("fenced".to_owned(), Disposition::Retry));
        assert_eq!(of(CommitError::StateMoved.into()), conflict);
        assert_eq!(of(CommitError::SeqMoved.into()), conflict);
        assert_eq!(of(CommitError::TooLarge.into()), ("too_large".to_owned(), Disposition::Bug));
        let throttled = of(CommitError::Store(store::StoreError::Throttled).into());
        assert_eq!(throttled, ("throttled".to_owned(), Disposition::Retry));
        assert_eq!(of(ReadError::from(cloud::SecretsError::Malformed("x")).into()).1, Disposition::Bug);
        let refused = of(ReadError::from(app::connect::ConnectError::HostNotAllowed).into());
        assert_eq!(refused, ("connection_unusable".to_owned(), Disposition::Reject));
    }
}
