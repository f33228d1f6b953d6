//! The Lambda function behind the addresses that Metakocka's webhooks call.

use app::{ErpSettings, Services};
use cloud::{AwsSecrets, NoBlobs, SqsQueue};
use fn_webhook::{Webhook, router};
use runtime::{Environment, clock, http::serve_lambda, telemetry::Telemetry};
use std::sync::Arc;
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let environment = Environment::read();
    let clock = clock::system();
    let telemetry = Telemetry {
        service: "webhook",
        function: environment.function_name(),
        level: environment.log_level()?,
        clock: clock.clone(),
        key: Some(environment.signing_key()?),
    };
    telemetry.start();
    let aws = cloud::aws::load().await;
    let table = Table::connect(&aws, environment.table_name()?);
    let secrets = AwsSecrets::new(&aws, environment.secrets_prefix()?, clock.clone());
    let queue = SqsQueue::new(&aws, environment.queue_url()?);
    // Connections are opened before the first event; whether the calls are allowed does not matter.
    let _ = tokio::join!(table.warm_up(), secrets.warm(), queue.warm());
    // A webhook is kept and hinted; nobody calls the ERP.
    let erp = Arc::new(ErpSettings::nowhere());
    serve_lambda(router(Webhook::new(Services {
        table,
        secrets: Arc::new(secrets),
        blobs: Arc::new(NoBlobs),
        queue: Arc::new(queue),
        clock,
        erp,
    })))
    .await
}
