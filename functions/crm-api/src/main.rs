//! The Lambda function behind the CRM's API.

use app::{ErpSettings, Services, browse::Browser};
use cloud::{AwsSecrets, S3Blobs, SqsQueue};
use fn_crm_api::{CrmApi, router};
use runtime::{Callers, CursorKey, Environment, Rates, TokenVerifier, clock, http::serve_lambda, telemetry::Telemetry};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let environment = Environment::read();
    let (clock, key) = (clock::system(), environment.signing_key()?);
    let telemetry = Telemetry {
        service: "crm-api",
        function: environment.function_name(),
        level: environment.log_level()?,
        clock: clock.clone(),
        key: Some(key.clone()),
    };
    telemetry.start();
    let aws = cloud::aws::load().await;
    let table = store::Table::connect(&aws, environment.table_name()?);
    let secrets = AwsSecrets::new(&aws, environment.secrets_prefix()?, clock.clone());
    let blobs = Arc::new(S3Blobs::new(&aws, environment.files_bucket()?));
    let queue = SqsQueue::new(&aws, environment.queue_url()?);
    // Most requests read the table only; whether the call is allowed does not matter.
    let _ = table.warm_up().await;
    let erp = Arc::new(ErpSettings::new(environment.erp_hosts()?.origins(), environment.erp_calls_per_second()?));
    let api = CrmApi {
        callers: Callers::new(TokenVerifier::new(environment.tokens()?, clock.clone()), table.clone(), clock.clone()),
        rates: Rates::new(environment.api_requests_per_second()?, clock.clone()),
        services: Services { table, secrets: Arc::new(secrets), blobs, queue: Arc::new(queue), clock, erp },
        browser: Arc::new(Browser::default()),
        cursors: CursorKey::new(&key),
        outbound: erp::Outbound::new(erp::Reach::Public)?,
        webhook_base: environment.public_webhook_url()?.into(),
    };
    serve_lambda(router(api)).await
}
