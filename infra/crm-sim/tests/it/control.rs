//! The control plane, the pages and the loops.

use crate::fake::Fault;
use crate::world::{World, pieces, start_with};
use crm_sim::{Clock, Config, CrmSim, Object, TokenSource};
use serde_json::{Value, json};
use std::time::Duration;

struct Served {
    world: World,
    url: String,
    http: reqwest::Client,
}

#[expect(clippy::disallowed_methods, reason = "the test's own client and server")]
async fn served(loops: Duration) -> Served {
    let world = start_with(|config| {
        config.push_every = loops;
        config.follow_every = loops;
        config.clock = Clock::from_fn(|| "2026-01-15T10:00:00Z".parse().expect("an instant"));
    })
    .await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let crm = world.crm.clone();
    if loops == Duration::ZERO {
        let router = crm.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
    } else {
        tokio::spawn(crm.serve(listener));
    }
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
    Served { world, url, http: http.expect("a client") }
}

/// Waits until the loops have done it.
async fn until(done: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the loops did not do it");
}

impl Served {
    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let request = self.http.request(method, format!("{}/control{path}", self.url)).json(&body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    async fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(method, path, body).await;
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }
}

#[tokio::test]
async fn records_are_made_edited_and_deleted_and_the_journal_tells_what_was_sent() {
    let served = served(Duration::ZERO).await;
    let made = served.ok("POST", "/records", json!({"object": "contacts", "fields": {"name": "Ana"}})).await;
    let id = made["crm_id"].as_str().expect("an id");
    assert_eq!(made["dirty"], true);
    assert_eq!(served.ok("POST", "/settle", json!({})).await["settled"], true);
    let path = format!("/records/contacts/{id}");
    let edited = served.ok("PATCH", &path, json!({"fields": {"name": "Bor", "notes": "x"}})).await;
    assert_eq!(edited["dirty_pieces"], json!(["name", "notes"]));
    served.ok("PATCH", &path, json!({"fields": {"notes": null}})).await;
    assert_eq!(served.ok("POST", "/push", json!({})).await["taken"], 1);
    assert_eq!(served.world.there(id).1, pieces([("name", json!("Bor"))]));
    served.ok("DELETE", &path, json!({})).await;
    served.ok("POST", "/settle", json!({"seconds": 5})).await;
    assert_eq!(served.ok("GET", &path, json!({})).await["life"], "deleted");
    let journal = served.ok("GET", &format!("/journal?crm_id={id}"), json!({})).await;
    let entries = journal["entries"].as_array().expect("entries");
    let sent: Vec<_> =
        entries.iter().filter(|e| ["put", "delete"].contains(&e["what"].as_str().unwrap_or(""))).collect();
    assert_eq!(sent.iter().map(|e| e["what"].as_str().expect("a word")).collect::<Vec<_>>(), ["put", "put", "delete"]);
    assert_eq!(sent[1]["body"]["if_match"], 1);
    assert_eq!(sent[1]["outcome"], "taken at 2");
    assert!(!journal.to_string().contains(crate::fake::TOKEN));
    for (method, path, body, status) in [
        ("GET", "/records/contacts/nobody", json!({}), 404),
        ("GET", "/records/invoices/x", json!({}), 400),
        ("PATCH", path.as_str(), json!({"fields": {"name": "C"}}), 409),
        ("POST", "/records", json!({"object": "contacts", "crm_id": id, "fields": {}}), 409),
        ("POST", "/records", json!({"object": "contacts", "crm_id": "a b", "fields": {}}), 409),
        ("POST", "/records", json!({"object": "contacts"}), 400),
        ("POST", "/faults", json!({"kind": "no_such"}), 400),
        ("POST", "/settle", json!({"seconds": 301}), 400),
    ] {
        assert_eq!(served.ask(method, path, body).await.0, status, "{method} {path}");
    }
}

#[tokio::test]
async fn many_orders_refer_to_existing_records_in_turn() {
    let served = served(Duration::ZERO).await;
    let (status, answer) = served.ask("POST", "/make", json!({"object": "orders", "count": 2})).await;
    assert_eq!(status, 409, "{answer}");
    let made = served.ok("POST", "/make", json!({"object": "contacts", "count": 2})).await;
    let product = served.ok("POST", "/make", json!({"object": "products", "count": 1})).await;
    let template = json!({"title": "Order {n} of Ana", "notes": null});
    let orders = served.ok("POST", "/make", json!({"object": "orders", "count": 3, "template": template})).await;
    assert_eq!(orders["crm_ids"].as_array().map(Vec::len), Some(3));
    let listed = served.ok("GET", "/records?object=orders&limit=2", json!({})).await;
    let next = listed["next"].as_str().expect("there is more");
    assert_eq!(next, listed["records"][1]["crm_id"]);
    let rest = served.ok("GET", &format!("/records?object=orders&after={next}"), json!({})).await;
    assert_eq!(rest["records"].as_array().map(Vec::len), Some(1));
    let third = &rest["records"][0]["fields"];
    assert_eq!(third["title"], "Order 3 of Ana");
    assert_eq!(third["partner"]["crm_id"], made["crm_ids"][0], "the two in turn");
    assert_eq!(third["lines/l1"]["product_crm_id"], product["crm_ids"][0]);
    served.ok("POST", "/settle", json!({})).await;
    let counts = served.ok("GET", "/counts", json!({})).await;
    assert_eq!(counts["objects"]["orders"]["without_erp_id"], 3);
    assert_eq!(counts["objects"]["orders"]["waiting"], 0);
    served.world.assert_in_step().await;
}

#[tokio::test]
async fn the_loops_carry_edits_there_and_changes_back_unless_they_are_paused() {
    let served = served(Duration::from_millis(10)).await;
    served.ok("POST", "/pause", json!({"push": true})).await;
    let id = served.world.crm.create(Object::Contacts, None, pieces([("name", json!("Ana"))])).expect("made");
    served.world.api.hold().rows.erp_new("contacts", pieces([("name", json!("Erp"))]));
    until(|| served.world.crm.records(Object::Contacts).len() == 2).await;
    assert_eq!(served.world.api.hold().calls.put, 0);
    served.world.api.order(&[Fault::Before]);
    assert_eq!(served.ok("POST", "/pause", json!({"push": false})).await["push_paused"], false);
    until(|| served.world.crm.standing().objects[&Object::Contacts].waiting == 0).await;
    assert_eq!(served.world.there(&id).1["name"], "Ana");
    served.ok("POST", "/pause", json!({"push": true, "follow": true})).await;
    served.world.settle().await;
    served.world.assert_in_step().await;
}

#[tokio::test]
async fn people_watch_and_edit_on_pages() {
    let served = served(Duration::ZERO).await;
    let id = served.world.known_contact("Ana <b>").await;
    let get = async |path: &str| {
        let answer = served.http.get(format!("{}{path}", served.url)).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    };
    let (status, list) = get("/").await;
    assert_eq!(status, 200);
    assert!(list.contains("Ana &lt;b&gt;") && list.contains(&format!("/records/contacts/{id}")), "{list}");
    let post = async |origin: Option<&str>, body: &'static str| {
        let mut request = served.http.post(format!("{}/records/contacts/{id}", served.url)).body(body);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(post(Some("https://elsewhere.example"), "do=edit&piece=name&value=Evil").await, 403);
    assert_eq!(post(Some(&served.url), "do=edit&piece=name&value=Bor").await, 303);
    assert_eq!(served.world.contact(&id).fields["name"], "Bor");
    assert!(get(&format!("/records/contacts/{id}")).await.1.contains("to be sent"));
    assert_eq!(get("/records/contacts/nobody").await.0, 404);
    assert!(get("/?object=contacts&only=waiting").await.1.contains(&id));
    served.world.settle().await;
    assert!(!get("/?object=contacts&only=waiting").await.1.contains(&id));
}

#[test]
fn a_token_goes_only_to_https_or_to_this_machine() {
    let of = |url: &str, prefix: &str| CrmSim::new(Config::new(url, TokenSource::fixed("secret"), prefix));
    assert!(of("https://api.example", "a").is_ok());
    assert!(of("http://127.0.0.1:8080", "a").is_ok());
    assert!(of("http://api.example", "a").is_err());
    assert!(of("nowhere", "a").is_err());
    assert!(of("https://api.example", "").is_err());
    assert!(of("https://api.example", "a b").is_err());
    assert!(!format!("{:?}", of("https://api.example", "a")).contains("secret"));
}
