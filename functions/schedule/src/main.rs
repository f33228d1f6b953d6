//! The Lambda function that the schedule calls every minute.

use app::{ErpSettings, Services};
use cloud::{LocalSecrets, NoBlobs, SqsQueue};
use runtime::{Environment, clock, schedule::serve_ticks, telemetry::Telemetry};
use std::sync::Arc;
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let environment = Environment::read();
    let clock = clock::system();
    let telemetry = Telemetry {
        service: "schedule",
        function: environment.function_name(),
        level: environment.log_level()?,
        clock: clock.clone(),
        key: Some(environment.signing_key()?),
    };
    telemetry.start();
    let aws = cloud::aws::load().await;
    let table = Table::connect(&aws, environment.table_name()?);
    let queue = SqsQueue::new(&aws, environment.queue_url()?);
    // Connections are opened before the first event; whether the calls are allowed does not matter.
    let _ = tokio::join!(table.warm_up(), queue.warm());
    // It reads no secrets and calls no ERP, so it is given neither.
    let erp = Arc::new(ErpSettings::nowhere());
    let secrets = Arc::new(LocalSecrets::in_memory());
    let services =
        &Services { table, secrets, blobs: Arc::new(NoBlobs), queue: Arc::new(queue), clock: clock.clone(), erp };
    serve_ticks(clock, |at| fn_schedule::handle(services, at)).await
}
