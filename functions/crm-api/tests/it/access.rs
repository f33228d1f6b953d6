//! Every route by every role, without a token, and with another tenant's id.

use axum::http::{Method, StatusCode};
use domain::{DocumentKind, Mode, Object, RunState, Trigger};
use runtime::{Permission, Role, allows};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::ConnectionState;

use crate::crm::{customer, order};
use crate::support::{Answer, NO_KEY, World, contact, document, id_of, product, stock};

/// What each route needs. `None` needs no token.
const ROUTES: &[(&str, &str, Option<Permission>)] = &[
    ("GET", "/v1/contacts", Some(Permission::View)),
    ("GET", "/v1/contacts/{id}", Some(Permission::View)),
    ("GET", "/v1/products", Some(Permission::View)),
    ("GET", "/v1/products/{id}", Some(Permission::View)),
    ("GET", "/v1/stock", Some(Permission::View)),
    ("GET", "/v1/stock/{id}", Some(Permission::View)),
    ("GET", "/v1/categories", Some(Permission::View)),
    ("GET", "/v1/products/{id}/availability", Some(Permission::View)),
    ("GET", "/v1/products/{id}/price", Some(Permission::View)),
    ("POST", "/v1/prices", Some(Permission::View)),
    ("GET", "/v1/documents", Some(Permission::View)),
    ("GET", "/v1/documents/{id}", Some(Permission::View)),
    ("GET", "/v1/documents/{id}/actions", Some(Permission::View)),
    ("POST", "/v1/documents/{id}/actions", Some(Permission::Sync)),
    ("GET", "/v1/actions/{id}", Some(Permission::View)),
    ("GET", "/v1/runs", Some(Permission::View)),
    ("POST", "/v1/runs", Some(Permission::Sync)),
    ("GET", "/v1/runs/{id}", Some(Permission::View)),
    ("GET", "/v1/connection", Some(Permission::View)),
    ("PUT", "/v1/connection", Some(Permission::Configure)),
    ("GET", "/v1/parked", Some(Permission::LogsView)),
    ("GET", "/v1/warehouses", Some(Permission::View)),
    ("PUT", "/v1/contacts/{id}", Some(Permission::Sync)),
    ("DELETE", "/v1/contacts/{id}", Some(Permission::Sync)),
    ("POST", "/v1/contacts/bulk", Some(Permission::Sync)),
    ("PUT", "/v1/products/{id}", Some(Permission::Sync)),
    ("DELETE", "/v1/products/{id}", Some(Permission::Sync)),
    ("POST", "/v1/products/bulk", Some(Permission::Sync)),
    ("GET", "/v1/offers/{id}", Some(Permission::View)),
    ("PUT", "/v1/offers/{id}", Some(Permission::Sync)),
    ("DELETE", "/v1/offers/{id}", Some(Permission::Sync)),
    ("POST", "/v1/offers/bulk", Some(Permission::Sync)),
    ("GET", "/v1/orders/{id}", Some(Permission::View)),
    ("PUT", "/v1/orders/{id}", Some(Permission::Sync)),
    ("DELETE", "/v1/orders/{id}", Some(Permission::Sync)),
    ("POST", "/v1/orders/bulk", Some(Permission::Sync)),
    ("GET", "/v1/{type}/{id}", Some(Permission::View)),
    ("PUT", "/v1/{type}/{id}", Some(Permission::Sync)),
    ("DELETE", "/v1/{type}/{id}", Some(Permission::Sync)),
    ("POST", "/v1/{type}/bulk", Some(Permission::Sync)),
    ("GET", "/v1/changes", Some(Permission::View)),
    ("GET", "/v1/records/{type}/{id}/sync", Some(Permission::View)),
    ("GET", "/v1/records/{id}/history", Some(Permission::View)),
    ("POST", "/v1/records/{id}/settle", Some(Permission::LogsResolve)),
    ("POST", "/v1/records/{id}/settle-match", Some(Permission::LogsResolve)),
    ("POST", "/v1/records/{id}/restore", Some(Permission::Sync)),
    ("POST", "/v1/records/{id}/look-again", Some(Permission::LogsResolve)),
    ("GET", "/v1/attention", Some(Permission::View)),
    ("POST", "/v1/deletions/approve", Some(Permission::LogsResolve)),
    ("POST", "/v1/contacts/{id}/merge", Some(Permission::Sync)),
    ("POST", "/v1/contacts/{id}/unmerge", Some(Permission::Sync)),
    ("POST", "/v1/contacts/{id}/unlink", Some(Permission::Sync)),
    ("POST", "/v1/contacts/{id}/link", Some(Permission::Sync)),
    ("GET", "/v1/contacts/{id}/blacklist", Some(Permission::View)),
    ("GET", "/v1/settings", Some(Permission::View)),
    ("PUT", "/v1/settings", Some(Permission::Configure)),
    ("POST", "/v1/plans", Some(Permission::Sync)),
    ("GET", "/v1/plans", Some(Permission::View)),
    ("GET", "/v1/plans/{id}", Some(Permission::View)),
    ("POST", "/v1/plans/{id}/approve", Some(Permission::Configure)),
    ("GET", "/v1/certificates", Some(Permission::View)),
    ("POST", "/v1/runs/{id}/undo", Some(Permission::Sync)),
    ("GET", "/v1/documents/{id}/timeline", Some(Permission::View)),
    ("GET", "/v1/contacts/{id}/documents", Some(Permission::View)),
    ("GET", "/v1/registers", Some(Permission::View)),
    ("PUT", "/v1/registers/statuses", Some(Permission::Configure)),
    ("GET", "/v1/documents/{id}/attachments", Some(Permission::View)),
    ("POST", "/v1/documents/{id}/attachments", Some(Permission::Sync)),
    ("POST", "/v1/documents/{id}/attachments/refresh", Some(Permission::Sync)),
    ("GET", "/v1/documents/{id}/attachments/{file_id}", Some(Permission::View)),
    ("GET", "/v1/documents/{id}/pdf", Some(Permission::View)),
    ("GET", "/v1/documents/{id}/proof-of-delivery", Some(Permission::View)),
    ("GET", "/v1/endpoints", Some(Permission::Automations)),
    ("POST", "/v1/endpoints", Some(Permission::Configure)),
    ("GET", "/v1/endpoints/{id}", Some(Permission::Automations)),
    ("PATCH", "/v1/endpoints/{id}", Some(Permission::Configure)),
    ("POST", "/v1/endpoints/{id}/rotate", Some(Permission::Configure)),
    ("POST", "/v1/endpoints/{id}/test", Some(Permission::Automations)),
    ("GET", "/v1/endpoints/{id}/deliveries", Some(Permission::Automations)),
    ("POST", "/v1/endpoints/{id}/deliveries/{delivery_id}/redeliver", Some(Permission::Automations)),
    ("POST", "/v1/endpoints/{id}/redeliver", Some(Permission::Automations)),
    ("DELETE", "/v1/endpoints/{id}", Some(Permission::Configure)),
    ("GET", "/v1/keys", Some(Permission::Configure)),
    ("POST", "/v1/keys", Some(Permission::Configure)),
    ("POST", "/v1/keys/{id}/rotate", Some(Permission::Configure)),
    ("DELETE", "/v1/keys/{id}", Some(Permission::Configure)),
    ("GET", "/v1/openapi.json", None),
    ("GET", "/healthz", None),
];

/// Methods and paths that the description knows; it is made of the registered routes.
fn described() -> BTreeSet<(String, String)> {
    let description: Value = serde_json::from_str(fn_crm_api::OPENAPI).expect("JSON");
    let paths = description["paths"].as_object().expect("paths").iter();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("methods").keys();
            methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        })
        .collect()
}

/// Routes that are reached with what these tests send, and change nothing: what they answer then.
const REACHED: &[(&str, &str, &str)] = &[
    // A host that is not allowed.
    ("PUT", "/v1/connection", "host_not_allowed"),
    // No list of this hash, no conflict, no candidates, a plan that nobody has made yet.
    ("POST", "/v1/deletions/approve", "list_moved"),
    ("POST", "/v1/records/{id}/settle", "no_conflict"),
    ("POST", "/v1/records/{id}/settle-match", "no_candidates"),
    ("POST", "/v1/plans/{id}/approve", "plan_moved"),
    // Into itself; one that never went anywhere, has no partner, and was deleted before.
    ("POST", "/v1/contacts/{id}/merge", "merge_cyclic"),
    ("POST", "/v1/contacts/{id}/unmerge", "not_merged"),
    ("POST", "/v1/contacts/{id}/unlink", "not_linked"),
    ("POST", "/v1/contacts/{id}/link", "record_deleted"),
    // Only invoices are printed, and the order has no parcel.
    ("GET", "/v1/documents/{id}/pdf", "report_not_available"),
    ("GET", "/v1/documents/{id}/proof-of-delivery", "proof_not_available"),
    // Nothing is written before a plan was approved.
    ("POST", "/v1/documents/{id}/actions", "read_only"),
    ("POST", "/v1/documents/{id}/attachments", "read_only"),
];

fn reached(method: &str, template: &str) -> Option<&'static str> {
    REACHED.iter().find(|(m, t, _)| (*m, *t) == (method, template)).map(|(.., code)| *code)
}

/// A world where tenants 1 and 2 have a record of each type, of their own CRM as well, a run, a plan and a connection.
async fn world() -> World {
    let world = World::new().await;
    for n in [1, 2] {
        world.connect(n, ConnectionState::Connected).await;
        let records = [contact(1, "Ana"), product(2, "Vijak"), stock(2, 5), document(3, DocumentKind::SalesOrder)];
        world.load(n, &records).await;
        for template in
            ["/v1/contacts/{id}", "/v1/products/{id}", "/v1/offers/{id}", "/v1/orders/{id}", "/v1/{type}/{id}"]
        {
            let made = world.put(n, &of_type(template).replace("{id}", &own(n)), None, put_body(template)).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        }
        keep_file(&world, n).await;
        crate::keys::made(&world, n, &["view"]).await;
        crate::actions::kept(&world, n).await;
        app::twoway::plans::request(&world.services, &world.tenant(n)).await.expect("a plan");
        let run =
            app::runs::request(&world.services, &world.tenant(n), Mode::Full, Trigger::Request, &Object::ALL).await;
        let mut over = run.expect("queued");
        over.id = world.services.run_id();
        over.state = RunState::Succeeded;
        world.tenant(n).create_run(&over).await.expect("written");
    }
    world
}

/// The address with an object type in it.
fn of_type(template: &str) -> String {
    template.replace("{type}", "purchase_orders")
}

/// A file of tenant `n`'s order. Its bytes are those of every tenant.
async fn keep_file(world: &World, n: u32) -> String {
    let (tenant, bytes) = (world.tenant(n), b"%PDF-1.4".to_vec());
    let order = id_of(&tenant, &document(3, DocumentKind::SalesOrder));
    let kept = app::files::attached::keep_of_crm(&world.services, &tenant, order, "a.pdf", None, bytes.into()).await;
    kept.expect("kept").id
}

/// The CRM's id of the records of tenant `n`: one that no other tenant uses.
fn own(n: u32) -> String {
    format!("of-{n}")
}

fn put_body(template: &str) -> Value {
    let fields = match template {
        "/v1/contacts/{id}" => customer("Eva"),
        "/v1/products/{id}" => json!({ "name": "Vijak", "code": "V-1", "unit": "kos" }),
        _ => order(),
    };
    json!({ "fields": fields })
}

/// The id of what tenant `n` has at a route.
async fn id(world: &World, n: u32, method: &str, template: &str) -> String {
    let tenant = world.tenant(n);
    match (method, template) {
        (_, of_endpoint) if of_endpoint.starts_with("/v1/endpoints/{id}") => crate::endpoints::one(world, n).await,
        ("PUT" | "DELETE", of_crm) if !of_crm.starts_with("/v1/keys") => own(n),
        (_, "/v1/records/{type}/{id}/sync" | "/v1/offers/{id}" | "/v1/orders/{id}" | "/v1/{type}/{id}") => own(n),
        (_, "/v1/contacts/{id}" | "/v1/contacts/{id}/documents") => id_of(&tenant, &contact(1, "Ana")).to_string(),
        (_, arranged) if arranged.starts_with("/v1/contacts/{id}/") => own(n),
        (_, of_product) if of_product.starts_with("/v1/products/{id}") => {
            id_of(&tenant, &product(2, "Vijak")).to_string()
        }
        (_, "/v1/stock/{id}") => id_of(&tenant, &stock(2, 5)).to_string(),
        (_, of_document) if of_document.starts_with("/v1/documents/{id}") => {
            id_of(&tenant, &document(3, DocumentKind::SalesOrder)).to_string()
        }
        (_, "/v1/actions/{id}") => {
            let order = id_of(&tenant, &document(3, DocumentKind::SalesOrder));
            tenant.actions_of(order, 1).await.expect("read")[0].id.to_string()
        }
        (_, of_record) if of_record.starts_with("/v1/records/{id}/") => id_of(&tenant, &contact(1, "Ana")).to_string(),
        (_, of_plan) if of_plan.starts_with("/v1/plans/{id}") => tenant.plans(1).await.expect("read")[0].id.clone(),
        // Those that the roles ask for wait.
        (_, "/v1/runs/{id}/undo") => {
            let runs = tenant.runs(None, 50).await.expect("read");
            runs.iter().find(|run| run.is_over()).expect("one").id.to_string()
        }
        (_, of_key) if of_key.starts_with("/v1/keys/{id}") => {
            tenant.api_keys().await.expect("read").keys.first().expect("a key").id.to_string()
        }
        (_, of_run) if of_run.starts_with("/v1/runs/{id}") => {
            tenant.runs(None, 1).await.expect("read")[0].id.to_string()
        }
        other => panic!("{other:?} says nowhere whose id it takes"),
    }
}

/// The same for any route: none where it takes no id.
async fn id_or(world: &World, method: &str, template: &str) -> String {
    if template.contains("{id}") { id(world, 1, method, template).await } else { String::new() }
}

/// Asks a route for what tenant `owner` has.
async fn ask(world: &World, method: &str, template: &str, owner: u32, token: Option<&str>) -> Answer {
    let path = if template.contains("{id}") {
        let path = of_type(template).replace("{id}", &id(world, owner, method, template).await);
        let path = path.replace("{delivery_id}", &crate::endpoints::delivery(world, owner).await);
        if path.contains("{file_id}") { path.replace("{file_id}", &keep_file(world, owner).await) } else { path }
    } else {
        of_type(template)
    };
    let mut headers = Vec::new();
    let mut tag = String::new();
    let body = match (method, template) {
        ("POST", "/v1/documents/{id}/attachments") => json!({ "file_name": "a.pdf", "content": "JVBERi0xLjQ=" }),
        ("POST", "/v1/endpoints") => json!({ "url": "https://crm.vodnjak.si/events" }),
        ("POST", "/v1/endpoints/{id}/redeliver") => json!({ "since": "2026-11-24T00:00:00Z" }),
        ("PATCH", _) => {
            let version = world.get(owner, &path).await.body["version"].clone();
            tag = format!("\"{version}\"");
            json!({ "description": "ours" })
        }
        ("POST", "/v1/runs") => json!({ "objects": ["stock"] }),
        ("PUT", "/v1/connection") => json!({ "base_url": "https://erp.example.com", "company_id": "16" }),
        ("PUT", "/v1/settings") => {
            let mut settings = world.get(owner, template).await.body;
            let version = settings.as_object_mut().expect("members").remove("version").expect("there");
            tag = format!("\"{version}\"");
            settings
        }
        ("PUT", "/v1/registers/statuses") => {
            let version = world.get(owner, "/v1/registers").await.body["version"].clone();
            tag = format!("\"{version}\"");
            json!({ "statuses": [{ "kind": "sales_order", "key": "poslano", "meaning": "shipped" }] })
        }
        ("PUT", of_crm) => put_body(of_crm),
        ("POST", bulk) if bulk.ends_with("/bulk") => json!({ "items": [{ "crm_id": "none", "delete": true }] }),
        ("POST", "/v1/keys") => json!({ "name": "nightly", "scopes": ["view"] }),
        ("POST", "/v1/keys/{id}/rotate") => json!({ "overlap_s": 60 }),
        ("POST", "/v1/prices") => json!({ "lines": [{ "product": own(owner) }] }),
        ("POST", "/v1/deletions/approve") => json!({ "object": "contacts", "list": "0" }),
        ("POST", "/v1/records/{id}/settle") => json!({ "piece": "name", "winner": "crm" }),
        ("POST", "/v1/records/{id}/settle-match") => {
            "\"1\"".clone_into(&mut tag);
            json!({ "link": "7" })
        }
        ("POST", "/v1/documents/{id}/actions") => json!({ "action": "cancel" }),
        ("POST", "/v1/plans/{id}/approve") => json!({ "hash": "0" }),
        ("POST", "/v1/contacts/{id}/merge") => {
            "\"1\"".clone_into(&mut tag);
            json!({ "into": own(owner) })
        }
        ("POST", "/v1/contacts/{id}/link") => {
            json!({ "record": id_of(&world.tenant(owner), &contact(1, "Ana")).to_string() })
        }
        _ => Value::Null,
    };
    if !tag.is_empty() {
        headers.push(("if-match", tag.as_str()));
    }
    let body = (!body.is_null()).then(|| body.to_string());
    world.ask(method.parse().expect("a method"), &path, token, &headers, body.as_deref()).await
}

#[test]
fn every_route_has_its_row() {
    let rows: BTreeSet<_> = ROUTES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(rows.len(), ROUTES.len());
    assert_eq!(rows, described());
}

#[tokio::test]
async fn each_role_gets_what_its_permissions_allow_and_no_more() {
    let world = world().await;
    for role in Role::ALL {
        let token = world.token(1, role.name());
        for (method, template, needs) in ROUTES {
            let answer = ask(&world, method, template, 1, Some(&token)).await;
            let what = format!("{role} {method} {template}: {} {}", answer.status, answer.body);
            match needs.filter(|p| !allows(role, *p)) {
                None => match reached(method, template) {
                    Some(code) => assert_eq!(answer.code(), code, "{what}"),
                    None => assert!(answer.status.is_success(), "{what}"),
                },
                Some(permission) => {
                    assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "forbidden"), "{what}");
                    let said = answer.body["errors"][0]["message"].as_str().expect("a message");
                    assert!(said.contains(permission.name()), "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn each_key_gets_what_its_scopes_allow_and_no_more() {
    let world = world().await;
    for permission in Permission::ALL {
        let key = crate::keys::made(&world, 1, &[permission.name()]).await;
        for (method, template, needs) in ROUTES {
            let answer = ask(&world, method, template, 1, Some(&key)).await;
            let what = format!("{permission} {method} {template}: {} {}", answer.status, answer.body);
            // A program neither makes nor changes keys.
            let is_for_people = template.starts_with("/v1/keys") && *method != "GET";
            let allowed = needs.is_none_or(|needed| needed == permission) && !is_for_people;
            match (allowed, reached(method, template)) {
                (true, Some(code)) => assert_eq!(answer.code(), code, "{what}"),
                (true, None) => assert!(answer.status.is_success(), "{what}"),
                (false, _) => {
                    assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "forbidden"), "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn no_post_or_patch_is_taken_without_a_good_key() {
    let world = world().await;
    let token = world.token(1, "administrator");
    let open = |method: &str| matches!(method, "POST" | "PATCH");
    for (method, template, _) in ROUTES.iter().filter(|(method, ..)| open(method)) {
        let what = format!("{method} {template}");
        let path = of_type(template).replace("{id}", &id_or(&world, method, template).await);
        let send = async |key: (&'static str, &'static str), body: &str| {
            world.ask(method.parse().expect("a method"), &path, Some(&token), &[key], Some(body)).await
        };
        let without = send(NO_KEY, "{}").await;
        assert_eq!((without.status, without.code()), (StatusCode::BAD_REQUEST, "idempotency_key_missing"), "{what}");
        let bad = send(("idempotency-key", "two words"), "{}").await;
        assert_eq!((bad.status, bad.code()), (StatusCode::BAD_REQUEST, "idempotency_key_invalid"), "{what}");
    }
}

#[tokio::test]
async fn without_a_good_token_only_the_public_routes_answer() {
    let world = world().await;
    let good = world.token(1, "administrator");
    let forged = format!("{}AAAA", &good[..good.len() - 4]);
    let another_issuer = crate::token_signer::TokenSigner::start().await;
    let foreign = another_issuer.token(crate::support::tenant_id(1).as_str(), "administrator");
    for token in [None, Some(""), Some("x"), Some(forged.as_str()), Some(foreign.as_str())] {
        for (method, template, needs) in ROUTES {
            let answer = ask(&world, method, template, 1, token).await;
            match needs {
                None => assert_eq!(answer.status, StatusCode::OK, "{method} {template}"),
                Some(_) => {
                    assert_eq!(
                        (answer.status, answer.code()),
                        (StatusCode::UNAUTHORIZED, "unauthorized"),
                        "{method} {template}"
                    );
                }
            }
        }
    }
    let unknown = ask(&world, "GET", "/v1/contacts", 1, Some(&world.token(1, "emperor"))).await;
    assert_eq!((unknown.status, unknown.code()), (StatusCode::FORBIDDEN, "role_unknown"));
}

#[tokio::test]
async fn anothers_id_leads_nowhere() {
    let world = world().await;
    let token = world.token(1, "administrator");
    let put = |method: &str| method == "PUT";
    for (method, template, _) in ROUTES.iter().filter(|(method, t, _)| t.contains("{id}") && !put(method)) {
        let own = ask(&world, method, template, 1, Some(&token)).await;
        match reached(method, template) {
            Some(code) => assert_eq!(own.code(), code, "{template}"),
            None => assert!(own.status.is_success(), "{method} {template}: {}", own.body),
        }
        let another = ask(&world, method, template, 2, Some(&token)).await;
        assert_eq!((another.status, another.code()), (StatusCode::NOT_FOUND, "not_found"), "{method} {template}");
    }
}

#[tokio::test]
async fn the_same_id_of_two_crms_is_two_records() {
    let world = world().await;
    let token = world.token(1, "administrator");
    for (method, template, _) in ROUTES.iter().filter(|(method, t, _)| t.contains("{id}") && *method == "PUT") {
        let theirs = of_type(template).replace("{id}", &own(2));
        let before = world.get(2, &theirs).await;
        let made = ask(&world, method, template, 2, Some(&token)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{template}: one of its own");
        assert_ne!(made.body["record"], before.body["record"], "{template}");
        assert_eq!(world.delete(1, &theirs).await.status, StatusCode::OK);
        assert_eq!(world.get(2, &theirs).await.body, before.body, "{template}");
    }
}

#[tokio::test]
async fn ids_of_nothing_of_another_type_or_of_no_form_lead_nowhere() {
    let world = world().await;
    let order = id(&world, 1, "GET", "/v1/documents/{id}").await;
    let person = id(&world, 1, "GET", "/v1/contacts/{id}").await;
    for (path, id) in [
        ("/v1/contacts", order.as_str()),
        ("/v1/documents", &person),
        ("/v1/products", "prd_00000000000000000000000000000000"),
        ("/v1/products", "prd_0"),
        ("/v1/products", "1"),
        ("/v1/stock", "..%2fcontacts"),
        ("/v1/runs", "run_00000000000000000000000000000000"),
        ("/v1/runs", "run_%00"),
        ("/v1/runs", "č"),
    ] {
        let path = format!("{path}/{}", id.replace('č', "%C4%8D"));
        let answer = world.get(1, &path).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn what_is_no_route_is_a_problem_too() {
    let world = World::new().await;
    for (method, path, code) in [
        (Method::GET, "/", "not_found"),
        (Method::GET, "/v2/contacts", "not_found"),
        (Method::GET, "/v1/changed", "not_found"),
        (Method::DELETE, "/v1/contacts", "method_not_allowed"),
        (Method::POST, "/v1/connection", "method_not_allowed"),
    ] {
        let answer = world.send(1, method.clone(), path, &[], "{}").await;
        assert_eq!(answer.code(), code, "{method} {path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}
