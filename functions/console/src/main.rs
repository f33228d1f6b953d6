//! The Lambda function behind the console's address.

use app::{ErpSettings, Services};
use cloud::{AwsSecrets, S3Blobs, SqsQueue};
use fn_console::{Console, router};
use runtime::{ConsoleDoor, Environment, clock, http::serve_lambda, telemetry::Telemetry};
use std::{error::Error, sync::Arc};
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let environment = Environment::read();
    let clock = clock::system();
    let telemetry = Telemetry {
        service: "console",
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
    // Most requests only read the table; the other connections wait until someone presses a button.
    let _ = table.warm_up().await;
    let erp = Arc::new(ErpSettings::new(environment.erp_hosts()?.origins(), environment.erp_calls_per_second()?));
    let door = ConsoleDoor::new(table.clone(), clock.clone(), true);
    let services = Services { table, secrets: Arc::new(secrets), blobs, queue: Arc::new(queue), clock, erp };
    serve_lambda(router(Console { services, door, webhook_url: environment.public_webhook_url()? })).await
}
