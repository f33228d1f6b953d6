//! The Lambda function that works through the queue.

use app::{ErpSettings, Services};
use cloud::{AwsSecrets, S3Blobs, SqsQueue};
use runtime::{Environment, clock, sqs::serve_batches, telemetry::Telemetry};
use std::sync::Arc;
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let environment = Environment::read();
    let clock = clock::system();
    let telemetry = Telemetry {
        service: "sync",
        function: environment.function_name(),
        level: environment.log_level()?,
        clock: clock.clone(),
        key: Some(environment.signing_key()?),
    };
    telemetry.start();
    let aws = cloud::aws::load().await;
    let table = Table::connect(&aws, environment.table_name()?);
    let secrets = AwsSecrets::new(&aws, environment.secrets_prefix()?, clock.clone());
    let blobs = Arc::new(S3Blobs::new(&aws, environment.files_bucket()?));
    let queue = SqsQueue::new(&aws, environment.queue_url()?);
    // Connections are opened before the first event; whether the calls are allowed does not matter.
    let _ = tokio::join!(table.warm_up(), secrets.warm(), queue.warm());
    let erp = Arc::new(ErpSettings::new(environment.erp_hosts()?.origins(), environment.erp_calls_per_second()?));
    let services =
        &Services { table, secrets: Arc::new(secrets), blobs, queue: Arc::new(queue), clock: clock.clone(), erp };
    serve_batches(clock, |received| Box::pin(fn_sync::handle(services, received))).await
}
