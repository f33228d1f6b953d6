//! The built binary under a stub of Lambda, with the embedded DynamoDB and stubs of the other services.

use serde_json::{Value, json};
use store::{Connection, ConnectionState, VerifiedTenant};

use crate::{
    aws_stub::AwsStub,
    embedded_table, function_url,
    lambda_stub::Function,
    support::{now, tenant_id},
    token_signer::{AUDIENCE, ISSUER, TokenSigner},
};

#[tokio::test]
async fn the_built_function_answers_anyone_its_health_and_a_caller_the_records_of_their_tenant() {
    let embedded = embedded_table::new_table().await;
    let tenant = embedded.table.tenant(&VerifiedTenant::vouch(tenant_id(1)));
    let connection = Connection {
        company_id: "16".to_owned(),
        base_url: "https://main.metakocka.si".to_owned(),
        endpoint_id: format!("whe_{:032}", 1).parse().expect("an endpoint id"),
        state: ConnectionState::Connected,
        cadence: [].into(),
        created_at: now(),
        updated_at: now(),
        version: 0,
    };
    tenant.create_connection(&connection).await.expect("connected");
    let aws = AwsStub::start("{}").await;
    let signer = TokenSigner::start().await;
    let queue_url = format!("{}/000000000000/work", aws.url);
    let mut function = Function::start(
        env!("CARGO_BIN_EXE_crm-api"),
        &[
            ("TABLE_NAME", embedded.name.as_str()),
            ("QUEUE_URL", &queue_url),
            ("SECRETS_PREFIX", "crm-erp/test/"),
            ("FILES_BUCKET", "crm-erp-files"),
            ("SIGNING_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("ERP_HOSTS", "main.metakocka.si"),
            ("JWT_ISSUER", ISSUER),
            ("JWT_AUDIENCE", AUDIENCE),
            ("JWKS_URL", &signer.jwks_url),
            ("PUBLIC_WEBHOOK_URL", "https://webhook.example.com/"),
            ("AWS_ENDPOINT_URL_DYNAMODB", embedded_table::endpoint()),
            ("AWS_ENDPOINT_URL_SQS", &aws.url),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &aws.url),
        ],
    )
    .await;

    let health = function.invoke(&function_url::request("GET", "/healthz", &[], "")).await.expect("an answer");
    assert_eq!(function_url::answer(&health), (200, json!({ "status": "ok" })));

    let stranger = function.invoke(&function_url::request("GET", "/v1/connection", &[], "")).await.expect("an answer");
    let (status, body) = function_url::answer(&stranger);
    assert_eq!((status, body["code"].as_str()), (401, Some("unauthorized")));

    let bearer = format!("Bearer {}", signer.token(tenant_id(1).as_str(), "administrator"));
    let headers = [("authorization", bearer.as_str())];
    let seen = function.invoke(&function_url::request("GET", "/v1/connection", &headers, "")).await.expect("an answer");
    let (status, body) = function_url::answer(&seen);
    assert_eq!((status, body["company_id"].as_str()), (200, Some("16")));
    let webhook = format!("https://webhook.example.com/w/whe_{:032}", 1);
    assert_eq!(body["webhook_url"].as_str(), Some(webhook.as_str()));

    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", "k")];
    let event = function_url::request("POST", "/v1/runs", &headers, r#"{"objects":["stock"]}"#);
    let (status, body) = function_url::answer(&function.invoke(&event).await.expect("an answer"));
    assert_eq!((status, body["state"].as_str()), (202, Some("queued")));
    let sent: Vec<Value> = aws.sent();
    assert_eq!((sent.len(), &sent[0]["work"]["run"]), (1, &body["id"]));
}
