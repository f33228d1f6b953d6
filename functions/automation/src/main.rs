//! The Lambda function that is called each minute and by the table's stream.

use app::{ErpSettings, Services};
use cloud::{AwsSecrets, NoBlobs, SqsQueue};
use erp::{Outbound, Reach};
use fn_automation::Dispatcher;
use runtime::{CursorKey, Environment, FEED, clock, stream::serve_wakes, telemetry::Telemetry};
use std::sync::Arc;
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let environment = Environment::read();
    let (clock, key) = (clock::system(), environment.signing_key()?);
    let telemetry = Telemetry {
        service: "automation",
        function: environment.function_name(),
        level: environment.log_level()?,
        clock: clock.clone(),
        key: Some(key.clone()),
    };
    telemetry.start();
    let aws = cloud::aws::load().await;
    let table = Table::connect(&aws, environment.table_name()?);
    let secrets = AwsSecrets::new(&aws, environment.secrets_prefix()?, clock.clone());
    // Connections are opened before the first event; whether the calls are allowed does not matter.
    let _ = tokio::join!(table.warm_up(), secrets.warm());
    // It sends no message and calls no ERP.
    let queue = Arc::new(SqsQueue::new(&aws, environment.queue_url()?));
    let erp = Arc::new(ErpSettings::nowhere());
    let services =
        Services { table, secrets: Arc::new(secrets), blobs: Arc::new(NoBlobs), queue, clock: clock.clone(), erp };
    let cursors = CursorKey::new(&key);
    let dispatcher = &Dispatcher {
        services,
        outbound: Outbound::new(Reach::Public)?,
        positions: Arc::new(move |tenant, behind| cursors.seal(tenant, FEED, &behind)),
    };
    serve_wakes(clock, |call| fn_automation::handle(dispatcher, call)).await
}
