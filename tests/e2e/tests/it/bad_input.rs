//! What is wrong with a request is said with a stable code and a remedy, in the caller's language, on
//! every route that the API describes; and nothing is changed by it.

use e2e::{Answer, Caller, Customer, Product};
use serde_json::{Value, json};

/// An operation as the description has it.
struct Operation {
    method: String,
    path: String,
    is_open: bool,
    parameters: Vec<String>,
    has_body: bool,
}

async fn operations() -> Vec<Operation> {
    let description = Product::shared().anonymous().get("/v1/openapi.json").await.success();
    let mut all = Vec::new();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for method in ["get", "put", "post", "patch", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            let names = operation["parameters"].as_array().into_iter().flatten();
            all.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                is_open: operation["security"].as_array().is_none_or(Vec::is_empty),
                parameters: names.filter_map(|p| p["name"].as_str().map(str::to_owned)).collect(),
                has_body: operation["requestBody"].is_object(),
            });
        }
    }
    assert!(all.len() >= 17, "the description has lost operations");
    all
}

impl Operation {
    /// The path with an id that is nobody's.
    fn at(&self, id: &str) -> String {
        let is_endpoint = self.path.starts_with("/v1/endpoints/");
        self.path.replace("{id}", if is_endpoint { "evt_00000000000070008000000000000000" } else { id })
    }

    fn takes(&self, parameter: &str) -> bool {
        self.parameters.iter().any(|p| p == parameter)
    }

    async fn send(&self, caller: &Caller, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let json = [("content-type", "application/json"), ("idempotency-key", "bad-input")];
        let headers = if body.is_some() { [&json[..], headers].concat() } else { headers.to_vec() };
        caller.send(&self.method, path, &headers, body.map(|b| b.as_bytes().to_vec())).await
    }
}

/// A problem has all its members, and its texts are in the language that it says.
fn assert_problem(answer: &Answer, status: u16, code: &str) {
    let problem = answer.json();
    let said = format!("{} {}", answer.status, answer.text);
    assert_eq!(answer.problem(), (status, code.to_owned()), "{said}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{said}");
    assert_eq!(problem["status"], status, "{said}");
    assert_eq!(problem["type"], format!("/problems/{}", code.replace('_', "-")), "{said}");
    for member in ["title", "detail", "remedy"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {said}");
    }
    let trace = problem["trace_id"].as_str().unwrap_or_default();
    assert!(trace.len() == 32 && trace.bytes().all(|b| b.is_ascii_hexdigit()), "{said}");
    assert!(answer.header("traceparent").contains(trace), "{said}");
}

const NOBODYS: &str = "con_00000000000080008000000000000000";

fn administrator() -> Caller {
    Product::shared().administrator(0)
}

#[tokio::test]
async fn every_route_but_the_open_ones_asks_for_a_token_that_is_good() {
    let product = Product::shared();
    let good = product.ready.tenants[0].token.as_str();
    let (head, signature) = good.rsplit_once('.').expect("a token");
    let (_, claims) = head.split_once('.').expect("a token");
    let unsigned = format!("eyJhbGciOiJub25lIn0.{claims}.");
    let cut = &good[..good.len() - 4];
    let swapped = format!("{}.{signature}", head.replace("eyJ", "eyK"));
    for operation in operations().await {
        let path = operation.at(NOBODYS);
        if operation.is_open {
            operation.send(&product.anonymous(), &path, &[], None).await.success();
            continue;
        }
        let none = operation.send(&product.anonymous(), &path, &[], Some("{}")).await;
        assert_problem(&none, 401, "unauthorized");
        for bad in ["x", unsigned.as_str(), cut, swapped.as_str(), ""] {
            let headers = [("authorization", format!("Bearer {bad}"))];
            let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let answer = operation.send(&product.anonymous(), &path, &headers, Some("{}")).await;
            assert_problem(&answer, 401, "unauthorized");
        }
        let basic = operation.send(&product.anonymous(), &path, &[("authorization", "Basic dTpw")], Some("{}")).await;
        assert_problem(&basic, 401, "unauthorized");
    }
}

#[tokio::test]
async fn every_route_refuses_what_it_does_not_know() {
    let admin = administrator();
    for operation in operations().await {
        let path = operation.at(match operation.path.split('/').nth(2) {
            Some("runs") => "run_00000000000070008000000000000000",
            Some("actions") => "act_00000000000000000000000000000000",
            _ => NOBODYS,
        });
        let method = if operation.path == "/v1/endpoints/{id}" { "PUT" } else { "PATCH" };
        let other_method = admin.send(method, &path, &[], None).await;
        assert_problem(&other_method, 405, "method_not_allowed");
        assert!(other_method.header("allow").contains(&operation.method), "{path}: {:?}", other_method.headers);
        if operation.is_open {
            continue;
        }
        let parameter = operation.send(&admin, &format!("{path}?nonsense=1"), &[], Some("{}")).await;
        assert_problem(&parameter, 400, "invalid_request");
    }
    for path in
        ["/", "/v1", "/v1/", "/v1/nothing", "/v1/contacts/", "/v2/contacts", "/v1/contacts/a/b", "/%00", "/v1/..%2f"]
    {
        assert_problem(&admin.get(path).await, 404, "not_found");
    }
}

#[tokio::test]
async fn an_id_that_is_none_or_nobodys_leads_nowhere() {
    let admin = administrator();
    let nobodys = ["con", "prd", "stk", "ofr", "ord", "inv", "crn", "run"]
        .map(|p| format!("{p}_00000000000080008000000000000000"));
    let none =
        ["x", "con_", "con_zz", "CON_00000000000080008000000000000000", "1600207046", "%F0%9F%92%A9", "..", "run_1"];
    for operation in operations().await.iter().filter(|o| o.path.contains("{id}")) {
        for id in nobodys.iter().map(String::as_str).chain(none) {
            // `..` leads to the list, as any client of HTTP resolves it.
            let answer = operation.send(&admin, &operation.at(id), &[], None).await;
            if id == ".." {
                assert!(answer.status < 500, "{} {}", answer.status, answer.text);
            } else if operation.method != "GET" {
                // Without a body, or with an id of ours in the place of the CRM's, some are refused for that first.
                assert!((400..500).contains(&answer.status), "{} {}", answer.status, answer.text);
            } else {
                assert_problem(&answer, 404, "not_found");
            }
        }
    }
}

#[tokio::test]
async fn a_cursor_that_is_malformed_or_of_another_list_or_tenant_is_refused() {
    let (admin, other) = (administrator(), Product::shared().administrator(1));
    admin.settled().await;
    other.settled().await;
    let cursor_of = async |caller: &Caller, path: &str| {
        let part = caller.get(path).await.success();
        part["next_cursor"].as_str().expect("more").to_owned()
    };
    let foreign = [
        cursor_of(&other, "/v1/contacts?limit=1").await,
        cursor_of(&other, "/v1/products?limit=1").await,
        cursor_of(&other, "/v1/stock?limit=1").await,
        cursor_of(&other, "/v1/documents?limit=1").await,
        // Our own, of a list that only this request asks for.
        cursor_of(&admin, "/v1/documents?type=credit_notes&include_missing=true&limit=1").await,
    ];
    let mut changed = cursor_of(&admin, "/v1/contacts?limit=1").await;
    changed.replace_range(30..31, if &changed[30..31] == "A" { "B" } else { "A" });
    let long = "A".repeat(5_000);
    let malformed = ["", "x", "!!!", "AAAA", "bm90IG91cnM", "%00", &changed, &long];
    let first_of = async |list: &str| {
        let part = admin.get(&format!("{list}?limit=1")).await.success();
        part["data"][0]["id"].as_str().expect("an id").to_owned()
    };
    let (contact, document) = (first_of("/v1/contacts").await, first_of("/v1/documents").await);
    for operation in operations().await.iter().filter(|o| o.takes("cursor")) {
        let path = operation.at(if operation.path.starts_with("/v1/contacts/") { &contact } else { &document });
        for cursor in malformed.into_iter().chain(foreign.iter().map(String::as_str)) {
            let answer = admin.get(&format!("{path}?cursor={cursor}")).await;
            assert_problem(&answer, 400, "invalid_cursor");
        }
        for limit in ["0", "201", "-1", "x", "", "1.5", "99999999999999999999"] {
            let answer = admin.get(&format!("{path}?limit={limit}")).await;
            assert_problem(&answer, 400, "invalid_request");
        }
    }
    for path in [
        "/v1/documents?type=letters",
        "/v1/documents?type=contacts",
        "/v1/parked?object=letters",
        "/v1/contacts?include_missing=perhaps",
    ] {
        assert_problem(&admin.get(path).await, 400, "invalid_request");
    }
}

#[tokio::test]
async fn a_body_that_is_none_of_the_form_is_refused_at_its_place() {
    let admin = administrator();
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(300 * 1024));
    let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(10 * 1024 * 1024));
    for operation in operations().await.iter().filter(|o| o.has_body) {
        let key = [("idempotency-key", "bad-body")];
        for kind in ["text/plain", "application/x-www-form-urlencoded", "json", ""] {
            let headers = [&key[..], &[("content-type", kind)]].concat();
            let answer = admin.send(&operation.method, &operation.at(NOBODYS), &headers, Some(b"{}".to_vec())).await;
            assert_problem(&answer, 415, "unsupported_media_type");
        }
        let undeclared = admin.send(&operation.method, &operation.at(NOBODYS), &key, Some(b"{}".to_vec())).await;
        assert_problem(&undeclared, 415, "unsupported_media_type");
        for bad in [
            "",
            "{",
            "[]",
            "null",
            "7",
            "\"x\"",
            "{}",
            "{\"nonsense\":1}",
            "{\"objects\":\"stock\"}",
            "{\"objects\":[]} {}",
        ] {
            let answer = operation.send(&admin, &operation.at(NOBODYS), &[], Some(bad)).await;
            assert_problem(&answer, 400, "invalid_request");
            assert!(
                answer.json()["errors"][0]["path"].as_str().is_some_and(|p| !p.is_empty()),
                "{bad}: {}",
                answer.text
            );
        }
        let carries_file = ["/actions", "/attachments"].iter().any(|end| operation.path.ends_with(end));
        for body in [&large, &huge].into_iter().skip(usize::from(carries_file)) {
            let answer = operation.send(&admin, &operation.at(NOBODYS), &[], Some(body)).await;
            assert_problem(&answer, 413, "body_too_large");
        }
    }
    for objects in [json!([]), json!(["letters"]), json!(["stock", 7]), json!(null)] {
        let answer =
            admin.send_json("POST", "/v1/runs", &[("idempotency-key", "o")], &json!({"objects": objects})).await;
        assert_problem(&answer, 400, "invalid_request");
    }
}

#[tokio::test]
async fn a_key_makes_a_repeated_request_one_run_and_its_absence_is_refused() {
    let customer = Customer::small(Product::shared()).await.connected().await;
    let api = &customer.api;
    let body = json!({"objects": ["stock"]});
    let send = async |keys: &[(&str, &str)], body: &Value| api.send_json("POST", "/v1/runs", keys, body).await;
    let json = [("content-type", "application/json")];
    let without = api.send("POST", "/v1/runs", &json, Some(body.to_string().into_bytes())).await;
    assert_problem(&without, 400, "idempotency_key_missing");
    let long = "k".repeat(65);
    for bad in ["", "two words", &long] {
        assert_problem(&send(&[("idempotency-key", bad)], &body).await, 400, "idempotency_key_invalid");
    }
    let before = api.runs().await.len();
    let key = [("idempotency-key", "once")];
    let first = send(&key, &body).await;
    assert_eq!(first.status, 202, "{}", first.text);
    assert_eq!(first.header("location"), format!("/v1/runs/{}", first.json()["id"].as_str().expect("an id")));
    for _ in 0..3 {
        let again = send(&key, &body).await;
        assert_eq!((again.status, again.text.as_str()), (202, first.text.as_str()));
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.header("location"), first.header("location"));
    }
    assert_problem(&send(&key, &json!({"objects": ["orders"]})).await, 422, "idempotency_other_body");
    api.settled().await;
    assert_eq!(api.runs().await.len(), before + 1);
    // A refused request has used up nothing: the key is still good.
    let key = [("idempotency-key", "later")];
    assert_problem(&send(&key, &json!({"objects": ["letters"]})).await, 400, "invalid_request");
    assert_eq!(send(&key, &body).await.status, 202);
}

#[tokio::test]
async fn a_connection_is_changed_only_by_who_has_seen_it_and_only_to_what_works() {
    let customer = Customer::small(Product::shared()).await.connected().await;
    let api = &customer.api;
    let shown = api.get("/v1/connection").await;
    let (before, etag) = (shown.success(), shown.header("etag").to_owned());
    let settings = customer.settings();
    let with = |member: &str, value: &str| {
        let mut changed = settings.clone();
        changed[member] = json!(value);
        changed
    };
    let put = async |tag: Option<&str>, body: &Value| {
        let headers: Vec<_> = tag.iter().map(|t| ("if-match", *t)).collect();
        api.send_json("PUT", "/v1/connection", &headers, body).await
    };
    assert_problem(&put(None, &settings).await, 428, "precondition_required");
    for stale in ["\"0\"", "\"99\"", "W/\"1\"", "1", "\"1\", \"2\""] {
        assert_problem(&put(Some(stale), &settings).await, 412, "version_mismatch");
    }
    let current = Some(etag.as_str());
    for host in ["https://erp.example", "http://127.0.0.1:1", "file:///etc/passwd", "x"] {
        assert_problem(&put(current, &with("base_url", host)).await, 422, "host_not_allowed");
    }
    assert_problem(&put(current, &with("secret_key", "wrong")).await, 422, "credentials_invalid");
    assert_problem(&put(current, &with("company_id", "1")).await, 409, "company_fixed");
    assert_problem(&put(current, &with("company_id", "not a number")).await, 400, "invalid_request");
    let refused = put(current, &with("secret_key", "wrong-key-that-nobody-may-see")).await;
    assert!(!refused.text.contains("wrong-key"), "{}", refused.text);
    let after = api.get("/v1/connection").await;
    assert_eq!((after.success(), after.header("etag")), (before, etag.as_str()), "nothing was half-written");
    assert_eq!(api.run("still-works").await["state"], "succeeded");
    let fits = put(current, &settings).await;
    assert_eq!(fits.status, 200, "{}", fits.text);
    assert_ne!(fits.header("etag"), etag);
}

#[tokio::test]
async fn a_tenant_that_is_not_connected_sees_nothing_and_is_told_what_to_do() {
    let nobody = Product::shared().caller("t_nobodynobodynobodyn0", "administrator");
    for path in
        ["/v1/contacts", "/v1/products", "/v1/stock", "/v1/documents", "/v1/runs", "/v1/parked", "/v1/warehouses"]
    {
        assert_eq!(nobody.get(path).await.success()["data"], json!([]), "{path}");
    }
    assert_problem(&nobody.get("/v1/connection").await, 404, "not_found");
    assert_problem(&nobody.start_run("a-run", &["stock"]).await, 409, "connection_missing");
}

#[tokio::test]
async fn a_problem_is_told_in_the_language_that_is_asked_for() {
    let admin = administrator();
    for (asked, language) in
        [("sl", "sl"), ("sl-SI,sl;q=0.9,en;q=0.5", "sl"), ("en", "en"), ("de", "en"), ("sl;q=0.2,en;q=0.8", "en")]
    {
        let answer = admin.send("GET", "/v1/contacts?limit=0", &[("accept-language", asked)], None).await;
        assert_problem(&answer, 400, "invalid_request");
        assert_eq!(answer.header("content-language"), language, "{asked}");
        let title = if language == "sl" { "Zahteva ni razumljiva" } else { "Request not understood" };
        assert_eq!(answer.json()["title"], title, "{asked}");
    }
    let anyone = Product::shared().anonymous();
    for (language, said) in [("sl", "Podpis ni veljaven"), ("en", "Signature not valid")] {
        let path = &Product::shared().ready.tenants[0].webhook_url;
        let path = &path[path.find("/w/").expect("a path")..];
        let answer = anyone.send("POST", path, &[("accept-language", language)], Some(b"{}".to_vec())).await;
        assert_problem(&answer, 401, "signature_invalid");
        assert_eq!(answer.json()["title"], said);
    }
}

#[tokio::test]
async fn the_console_explains_what_it_refuses_and_does_nothing_without_a_session() {
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    let anyone = Product::shared().anonymous();
    let runs = administrator().runs().await.len();
    for (method, path, body, status) in [
        ("GET", "/console/", "", 401),
        ("GET", "/console/live", "", 401),
        ("POST", "/console/runs", "csrf=x&mode=full", 401),
        ("POST", "/console/connection/pause", "csrf=x&version=1", 401),
        ("POST", "/console/connection/resume", "csrf=x&version=1", 401),
        ("POST", "/console/leave", "csrf=x", 401),
        ("GET", "/console/find?id=1", "", 401),
        ("POST", "/console/records/con_00000000000000000000000000000000/actions", "csrf=x&deed=cancel", 401),
        ("POST", "/console/records/con_00000000000000000000000000000000/merge", "csrf=x&into=a&revision=1", 401),
        ("GET", "/console/records/con_00000000000000000000000000000000/pdf", "", 401),
        ("GET", "/console/nothing", "", 404),
        ("GET", "/console/enter?code=", "", 410),
        ("GET", "/console/enter?code=%3Cscript%3E", "", 410),
        ("POST", "/console/enter", "code=t_00000000000000000001.x", 410),
        ("POST", "/console/enter", "nothing=x", 410),
        ("DELETE", "/console/", "", 405),
    ] {
        for (language, cookie) in [("sl", ""), ("en", "crm_erp_session=t_00000000000000000001.x")] {
            let headers = [FORM, ("accept-language", language), ("cookie", cookie)];
            let answer = anyone.send(method, path, &headers, Some(body.as_bytes().to_vec())).await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
            assert_eq!(answer.header("content-language"), language, "{method} {path}");
            assert!(answer.header("content-type").starts_with("text/html"), "{method} {path}");
            assert!(!answer.text.contains("<script>"), "{method} {path}");
        }
    }
    assert_eq!(administrator().runs().await.len(), runs);
}
