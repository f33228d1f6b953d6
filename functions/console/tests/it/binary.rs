//! The built binary under a stub of Lambda, with the embedded DynamoDB and stubs of the other services.

use jiff::Timestamp;
use serde_json::Value;

use store::VerifiedTenant;

use crate::{
    aws_stub::AwsStub,
    embedded_table, function_url,
    lambda_stub::Function,
    support::{connection, issue_link, tenant_id},
};

fn parts(answer: &Value) -> (u64, &str) {
    (function_url::answer(answer).0, answer["body"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn the_built_function_lets_in_by_a_link_shows_the_overview_and_queues_a_run() {
    let embedded = embedded_table::new_table().await;
    let year_2100 = Timestamp::from_second(4_102_444_800).expect("a time");
    let code = issue_link(&embedded.table, 1, 1, "administrator", year_2100).await;
    let aws = AwsStub::start("{}").await;
    let queue_url = format!("{}/000000000000/work", aws.url);
    let mut function = Function::start(
        env!("CARGO_BIN_EXE_console"),
        &[
            ("TABLE_NAME", embedded.name.as_str()),
            ("QUEUE_URL", &queue_url),
            ("SECRETS_PREFIX", "crm-erp/test/"),
            ("FILES_BUCKET", "files-test"),
            ("SIGNING_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("ERP_HOSTS", "main.metakocka.si"),
            ("PUBLIC_WEBHOOK_URL", "https://hooks.example/"),
            ("AWS_ENDPOINT_URL_DYNAMODB", embedded_table::endpoint()),
            ("AWS_ENDPOINT_URL_SQS", &aws.url),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &aws.url),
        ],
    )
    .await;

    let outside = function.invoke(&function_url::request("GET", "/console/", &[], "")).await.expect("an answer");
    let (status, body) = parts(&outside);
    assert!(status == 401 && body.contains("Not signed in"), "{status}: {body}");

    let form = [("content-type", "application/x-www-form-urlencoded")];
    let entering = function_url::request("POST", "/console/enter", &form, &format!("code={code}"));
    let entered = function.invoke(&entering).await.expect("an answer");
    assert_eq!(parts(&entered).0, 303, "{entered}");
    let cookies = entered["cookies"].as_array().expect("cookies");
    let cookie = cookies[0].as_str().and_then(|c| c.split(';').next()).expect("a pair");

    let headers = [("cookie", cookie), ("accept-language", "sl")];
    let page = function_url::request("GET", "/console/", &headers, "");
    let inside = function.invoke(&page).await.expect("an answer");
    let (status, body) = parts(&inside);
    assert!(status == 200 && body.contains("Nobeno podjetje še ni povezano"), "{status}: {body}");
    assert!(inside["headers"]["content-security-policy"].as_str().is_some_and(|p| p.contains("script-src 'self'")));

    let tenant = embedded.table.tenant(&VerifiedTenant::vouch(tenant_id(1)));
    tenant.create_connection(&connection(1, "https://main.metakocka.si")).await.expect("connected");
    let (_, rest) = body.split_once(r#"name="csrf" value=""#).expect("a form");
    let csrf = rest.split('"').next().expect("its end");
    let headers = [form[0], ("cookie", cookie)];
    let asking = function_url::request("POST", "/console/runs", &headers, &format!("csrf={csrf}&mode=changes"));
    let asked = function.invoke(&asking).await.expect("an answer");
    assert_eq!(parts(&asked).0, 303, "{asked}");
    let sent = aws.sent();
    assert_eq!((sent.len(), sent[0]["tenant"].as_str()), (1, Some(tenant_id(1).as_str())));
}
