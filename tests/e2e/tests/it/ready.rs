//! The ready line: its members, and that everything it names answers.

use e2e::{Caller, Product};
use serde_json::Value;

fn path_of(url: &str) -> String {
    let (_, rest) = url.split_once("://").expect("a URL");
    rest.find('/').map_or("/", |at| &rest[at..]).to_owned()
}

#[tokio::test]
async fn the_ready_line_is_one_line_with_the_promised_members() {
    let product = Product::shared();
    let line: Value = serde_json::from_str(&product.line).expect("JSON");
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    for member in ["api", "console", "webhook", "erp", "control"] {
        assert!(text(&line[member]), "{member}: {line}");
    }
    let tenants = line["tenants"].as_array().expect("a list");
    assert_eq!(tenants.len(), 2);
    for tenant in tenants {
        for member in ["tenant", "company_id", "token", "webhook_url", "webhook_secret"] {
            assert!(text(&tenant[member]), "{member}: {tenant}");
        }
    }
    product.administrator(0).settled().await;
    assert_eq!(product.lines().len(), 1, "the line is the only one");
}

#[tokio::test]
async fn every_address_of_the_ready_line_answers() {
    let product = Product::shared();
    let anyone = product.anonymous();
    let description = anyone.get("/v1/openapi.json").await.success();
    assert!(description["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "{description}");
    assert_eq!(anyone.get("/v1/contacts").await.problem(), (401, "unauthorized".to_owned()));
    let keys = anyone.get("/.well-known/jwks.json").await.success();
    assert_eq!(keys["keys"][0]["crv"], "Ed25519");
    let erp = Caller::anonymous(&product.ready.erp).get("/control/companies").await.success();
    assert_eq!(erp, product.control().get("/companies").await);
    assert_eq!(path_of(&product.ready.console), "/console/");
    assert_eq!(anyone.get("/console/").await.status, 401);
    for (n, tenant) in product.ready.tenants.iter().enumerate() {
        let api = product.administrator(n);
        let part = api.get("/v1/contacts?limit=2").await.success();
        assert!(part["data"].is_array(), "{part}");
        let connection = api.get("/v1/connection").await.success();
        assert_eq!(connection["company_id"], tenant.company_id.as_str());
        assert_eq!(connection["webhook_url"], tenant.webhook_url.as_str());
        assert!(tenant.webhook_url.starts_with(&format!("{}/w/", product.ready.webhook)));
        let knock = anyone.send("POST", &path_of(&tenant.webhook_url), &[], Some(b"{}".to_vec())).await;
        assert_eq!(knock.problem(), (401, "signature_invalid".to_owned()));
    }
}

#[tokio::test]
async fn a_console_link_opens_the_console_once() {
    const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];
    let product = Product::shared();
    let (browser, tenant) = (product.anonymous(), &product.ready.tenants[0]);
    let (_, code) = tenant.console_link.split_once("code=").expect("a code");
    // A look at the link, as a mail scanner takes, does not use it up.
    for _ in 0..2 {
        assert_eq!(browser.get(&path_of(&tenant.console_link)).await.status, 200);
    }
    let enter = || browser.send("POST", "/console/enter", &FORM, Some(format!("code={code}").into_bytes()));
    let entered = enter().await;
    assert_eq!((entered.status, entered.header("location")), (303, "/console/"), "{}", entered.text);
    let cookie = entered.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let page = browser.send("GET", "/console/", &[("cookie", &cookie)], None).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains(&tenant.company_id), "{}", page.text);
    assert!(!page.text.contains(&product.ready.tenants[1].company_id), "{}", page.text);
    let again = enter().await;
    assert_eq!((again.status, again.header("set-cookie")), (410, ""), "{}", again.text);
    assert!(again.text.contains("link_invalid"), "{}", again.text);
}
