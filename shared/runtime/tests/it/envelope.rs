//! Queue envelopes: a message works only for a tenant whose rows agree.

use cloud::{Disposition, Work, WorkMessage};
use domain::{Mode, Object, Run, RunId, Trigger};
use jiff::Timestamp;
use runtime::{Failure, verify_envelope};
use store::VerifiedTenant;

use crate::support::{table, tenant_id};

#[tokio::test]
async fn a_message_that_names_another_tenants_run_is_rejected() {
    let (table, meter) = table().await;
    let id: RunId = "run_0190a1b2c3d47e5f8091a2b3c4d5e6f7".parse().expect("a run id");
    let run = Run::queued(id, Mode::Full, Trigger::Request, &[Object::Stock], Timestamp::UNIX_EPOCH);
    table.tenant(&VerifiedTenant::vouch(tenant_id(1))).create_run(&run).await.expect("made");
    meter.take();
    let message = |n: u32, work: Work| WorkMessage::new(tenant_id(n), work);

    let tenant = verify_envelope(&message(1, Work::Run(id)), &table).await.expect("its own run");
    assert_eq!(tenant.id(), &tenant_id(1));
    assert_eq!(meter.take().all_requests(), 1, "one reading proves it");
    for (message, code) in [
        (message(2, Work::Run(id)), "not_found"),
        (message(1, Work::Due), "connection_missing"),
        (message(1, Work::Inbox("x".to_owned())), "connection_missing"),
    ] {
        let failure = Failure::from(verify_envelope(&message, &table).await.expect_err(code));
        assert_eq!((failure.code.as_str(), failure.disposition), (code, Disposition::Reject));
        assert!(!failure.to_string().contains("t_0"), "{failure}");
    }
}
