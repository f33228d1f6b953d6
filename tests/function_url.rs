//! A request to a function URL as Lambda hands it to the function, and the parts of its answer.
//!
//! Taken by the binary tests of the HTTP functions with `#[path]`.

use serde_json::{Value, json};

/// The event of a request.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
    let headers: Value = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "test",
            "domainName": "test.lambda-url.eu-central-1.on.aws",
            "domainPrefix": "test",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test" },
            "requestId": "test",
            "routeKey": "$default",
            "stage": "$default",
            "time": "24/Nov/2026:08:15:00 +0000",
            "timeEpoch": 1_795_508_100_000_i64
        },
        "body": body,
        "isBase64Encoded": false
    })
}

/// Status and JSON body of an answer.
pub(crate) fn answer(value: &Value) -> (u64, Value) {
    let status = value["statusCode"].as_u64().expect("a status");
    let body = value["body"].as_str().unwrap_or_default();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}
