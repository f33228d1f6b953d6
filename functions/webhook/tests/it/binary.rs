//! The built binary under a stub of Lambda, with the embedded DynamoDB and stubs of the other services.

use serde_json::{Value, json};
use store::VerifiedTenant;

use crate::{
    aws_stub::AwsStub,
    embedded_table, function_url,
    lambda_stub::Function,
    support::{address, connection, secret, sign, tenant_id},
};

const BODY: &str = r#"{"opr_code":"0","stock_list":[{"mk_id":"400000000159","amount":"5"}]}"#;

fn event(signature: &str) -> Value {
    let headers = [
        ("content-type", "application/json"),
        ("x-metakocka-event", "warehouse_product_stock_update"),
        ("x-metakocka-id", "71538876"),
        ("x-metakocka-signature", signature),
    ];
    function_url::request("POST", &address(1), &headers, BODY)
}

#[tokio::test]
async fn the_built_function_acknowledges_a_signed_event_and_refuses_a_forged_one() {
    let embedded = embedded_table::new_table().await;
    let tenant = embedded.table.tenant(&VerifiedTenant::vouch(tenant_id(1)));
    tenant.create_connection(&connection(1)).await.expect("connected");
    let saved = json!({
        "v": 1, "erp_key": "key", "webhook": [{ "secret": secret(1), "accepted_until": null }], "basic_auth": null,
    });
    let aws = AwsStub::start(&saved.to_string()).await;
    let queue_url = format!("{}/000000000000/work", aws.url);
    let mut function = Function::start(
        env!("CARGO_BIN_EXE_webhook"),
        &[
            ("TABLE_NAME", embedded.name.as_str()),
            ("QUEUE_URL", &queue_url),
            ("SECRETS_PREFIX", "crm-erp/test/"),
            ("SIGNING_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("AWS_ENDPOINT_URL_DYNAMODB", embedded_table::endpoint()),
            ("AWS_ENDPOINT_URL_SQS", &aws.url),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &aws.url),
        ],
    )
    .await;

    let forged = function.invoke(&event(&sign("another secret", BODY.as_bytes()))).await.expect("an answer");
    let (status, body) = function_url::answer(&forged);
    assert_eq!((status, body["code"].as_str()), (401, Some("signature_invalid")));
    assert_eq!(aws.sent(), Vec::<Value>::new());

    let signed = function.invoke(&event(&sign(&secret(1), BODY.as_bytes()))).await.expect("an answer");
    assert_eq!(function_url::answer(&signed), (200, json!({ "status": "ok", "check_respond_status_json_ok": "true" })));
    let sent = aws.sent();
    assert_eq!((sent.len(), sent[0]["tenant"].as_str()), (1, Some(tenant_id(1).as_str())));
    assert_eq!(tenant.pending_inbox(10).await.expect("read").len(), 1);
}
