//! Playing the steps, and holding every answer against what the other tenant must not see.

use cloud::{Disposition, Work, WorkMessage};
use domain::{Object, RunId};
use e2e::webhook::{EVENT, ID, SIGNATURE, STOCK, body_of, sign};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::operation::{Kind, Operation};
use super::page::Page;
use super::side::{Side, found, texts_of_company};
use super::step::{Lent, Step};
use crate::inside::{Inside, Reply, company, tenant_id, webhook_secret};

/// Both tenants and their world.
pub(crate) struct Play {
    pub(crate) operations: Vec<Operation>,
    world: Inside,
    sides: [Side; 2],
    /// How often a tenant saw something of its own: the check sees what is there.
    own_seen: [usize; 2],
    /// How many requests with a key of their own each sent.
    asked: [usize; 2],
}

/// A request before it is sent, and what must come of it when something in it is the other's.
#[derive(Default)]
struct Asked {
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Value,
    /// Status and code.
    refused_with: Option<(u16, &'static str)>,
}

/// A request about an endpoint, of the other where `lent` says so.
fn of_endpoint(asked: &mut Asked, id: Option<String>, lent: Lent, pick: usize) {
    let id = id.unwrap_or_else(|| "none".to_owned());
    asked.headers.push(("idempotency-key", format!("{}-{pick}-{id}", asked.path.len())));
    asked.headers.push(("if-match", "\"1\"".to_owned()));
    let is_since = asked.path.ends_with("{id}/redeliver");
    asked.body = if is_since { json!({"since": "2026-01-01T00:00:00Z"}) } else { json!({"description": "naš"}) };
    asked.path = asked.path.replace("{id}", &id).replace("{delivery_id}", &format!("dlv_{pick:014}_1"));
    asked.refused_with = lent.id.then_some((404, "not_found"));
}

/// A request about an action, or for one on the record of this id.
fn of_action(asked: &mut Asked, kind: Kind, record: Option<String>, lent: Lent, pick: usize) {
    let (id, refused) = match kind {
        Kind::Act | Kind::Attach => (record.unwrap_or_else(|| "none".to_owned()), lent.id),
        _ => (format!("act_{pick:032x}"), true),
    };
    asked.path = asked.path.replace("{id}", &id);
    asked.headers.push(("idempotency-key", format!("act-{}-{pick}", lent.id)));
    let file = json!({"file_name": "a.txt", "content": "YQ=="});
    asked.body = if kind == Kind::Attach { file } else { json!({"action": "attachment", "inputs": file}) };
    asked.refused_with = refused.then_some((404, "not_found"));
}

impl Play {
    /// Two tenants, connected to two companies and synchronised once.
    pub(crate) async fn begin() -> Self {
        let world = Inside::new(2).await;
        let mut sides = [Side::new(&world, 0).await, Side::new(&world, 1).await];
        let texts = [texts_of_company(&world, 0).await, texts_of_company(&world, 1).await];
        for n in 0..2 {
            sides[n].learn_secrets(&world, &texts[n], &texts[1 - n]).await;
            let reply = world.connect(n).await;
            let url = reply.json()["connection"]["webhook_url"].as_str().expect("an address").to_owned();
            let endpoint = url.rsplit('/').next().expect("an id");
            endpoint.clone_into(&mut sides[n].endpoint);
            sides[n].secrets.insert(endpoint.to_owned());
            sides[n].harvest(&reply);
        }
        world.work(10).await;
        let mut play = Self { operations: Operation::all(), world, sides, own_seen: [0, 0], asked: [0, 0] };
        for who in 0..2 {
            for path in ["/v1/contacts", "/v1/products", "/v1/stock", "/v1/documents"] {
                let reply = play
                    .world
                    .send_json(who, "administrator", "GET", &format!("{path}?limit=3"), &[], &Value::Null)
                    .await;
                play.sides[who].harvest(&reply);
            }
            assert!(play.sides[who].records.len() > 8, "tenant {who} has too little");
            play.link(who).await;
        }
        play
    }

    /// One step.
    pub(crate) async fn step(&mut self, step: &Step) {
        match *step {
            Step::Call { who, role, ref operation, lent, pick } => {
                self.call(who, role, operation.index(self.operations.len()), lent, pick).await;
            }
            Step::Visit { who, page, lent } => self.visit(who, page, lent).await,
            Step::Link { who } => self.link(who).await,
            Step::Webhook { to, signed_by, naming, id, pick } => self.webhook(to, signed_by, naming, id, pick).await,
            Step::Work { messages } => {
                self.world.work(messages).await;
            }
            Step::Stray { who, pick } => self.stray(who, pick).await,
            Step::Tick { minutes } => {
                self.world.clock.advance(SignedDuration::from_mins(minutes));
                self.world.tick().await;
            }
            Step::Edit { who, pick } => self.edit(who, pick).await,
        }
    }

    /// Calls an operation and holds its answer against the other's secrets.
    pub(crate) async fn call(&mut self, who: usize, role: &str, operation: usize, lent: Lent, pick: usize) {
        let operation = self.operations[operation].clone();
        let kind = operation.kind.unwrap_or_else(|| panic!("{} has no step", operation.name));
        let mut asked = self.ask(who, &operation.path, kind, lent, pick).await;
        if operation.method == "POST" && !asked.headers.iter().any(|(name, _)| *name == "idempotency-key") {
            // Both tenants use the same keys for this as well.
            asked.headers.push(("idempotency-key", format!("k-{}", self.asked[who])));
            self.asked[who] += 1;
        }
        let headers: Vec<_> = asked.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reply = self.world.send_json(who, role, &operation.method, &asked.path, &headers, &asked.body).await;
        let (status, code) = (reply.status.as_u16(), reply.json()["code"].as_str().unwrap_or_default().to_owned());
        let said = format!("{} as {role} of {who}: {status} {code}", operation.name);
        assert!(status < 500, "{said} {}", reply.text);
        self.assert_apart(who, &said, &reply);
        let shows_own = matches!(kind, Kind::Plain | Kind::List | Kind::Documents | Kind::Connection);
        if let Some(expected) = asked.refused_with.filter(|_| code != "forbidden") {
            assert_eq!((status, code.as_str()), expected, "{said} {lent:?} {}", asked.path);
        } else if shows_own {
            assert!(matches!(status, 200 | 202 | 304) || code == "forbidden", "{said} {}", reply.text);
        }
        if reply.status.is_success() {
            for id in self.sides[1 - who].runs.iter().chain(&self.sides[1 - who].records) {
                assert!(!reply.text.contains(id.as_str()), "{said}: {id}");
            }
            self.sides[who].harvest(&reply);
        }
    }

    /// Makes a request: of `who`'s own things, or where `lent` says so of the other's.
    #[expect(clippy::too_many_lines, reason = "a table: what is asked for, by the kind of operation")]
    async fn ask(&self, who: usize, template: &str, kind: Kind, lent: Lent, pick: usize) -> Asked {
        let (own, other) = (&self.sides[who], &self.sides[1 - who]);
        let one = |lent: bool, of: fn(&Side) -> &Vec<String>| {
            let list = of(if lent { other } else { own });
            list.get(pick % list.len().max(1)).cloned()
        };
        let tag = self.version(if lent.tag { 1 - who } else { who }).await;
        let template = &template.replace("{type}", "purchase_orders");
        let mut asked = Asked { path: template.to_owned(), ..Asked::default() };
        match kind {
            Kind::Plain => {}
            Kind::List | Kind::Documents | Kind::Parked => {
                let filter = match kind {
                    Kind::Documents => ["", "&type=orders", "&type=invoices", "&include_missing=true"][pick % 4],
                    Kind::Parked => ["", "&object=orders"][pick % 2],
                    _ => "",
                };
                let cursor = one(true, |s| &s.cursors).filter(|_| lent.cursor);
                let from = cursor.as_ref().map(|c| format!("&cursor={c}")).unwrap_or_default();
                asked.path = format!("{template}?limit={}{filter}{from}", 1 + pick % 3);
                asked.refused_with = cursor.map(|_| (400, "invalid_cursor"));
            }
            Kind::Record | Kind::Run => {
                let of: fn(&Side) -> &Vec<String> = if kind == Kind::Run { |s| &s.runs } else { |s| &s.records };
                let id = one(lent.id, of).unwrap_or_else(|| "none".to_owned());
                asked.path = template.replace("{id}", &id);
                asked.headers.push(("if-none-match", if lent.tag { "*".to_owned() } else { tag }));
                asked.refused_with = lent.id.then_some((404, "not_found"));
            }
            Kind::File => {
                let id = one(lent.id, |s| &s.records).unwrap_or_else(|| "none".to_owned());
                asked.path = template.replace("{id}", &id).replace("{file_id}", &format!("fil_{pick:032x}"));
                asked.refused_with = Some((404, "not_found"));
            }
            Kind::StartRun => {
                // Both tenants use the same keys.
                asked.headers.push(("idempotency-key", format!("key-{}", pick % 3)));
                let (object, mode) = (Object::ALL[pick % 2].name(), ["full", "changes"][pick % 2]);
                asked.body = json!({"objects": [object], "mode": mode});
            }
            Kind::OfCrm => {
                asked.path = template.replace("{id}", &format!("c-{}", pick % 3));
                asked.body = json!({"fields": {"name": format!("Ime {who}"), "code": "C-1", "unit": "kos"}});
            }
            Kind::Arrange => arrange(&mut asked, template, pick, one(lent.id, |s| &s.records).as_ref()),
            Kind::Many => {
                let fields = json!({"name": format!("Ime {who}")});
                asked.body = json!({"items": [{"crm_id": format!("c-{}", pick % 3), "fields": fields}]});
            }
            Kind::Reserved | Kind::Settle => {
                let id = one(lent.id, |s| &s.records).unwrap_or_else(|| "none".to_owned());
                asked.path = template.replace("{id}", &id);
                asked.body = json!({"piece": "name", "winner": "erp"});
                if template.ends_with("-match") {
                    asked.headers.push(("if-match", "\"1\"".to_owned()));
                    asked.body = json!({"link": "1"});
                }
                let refused = if kind == Kind::Settle { (404, "not_found") } else { (400, "invalid_request") };
                // Ids of plans are met as well; they are no record's.
                let is_record = !id.starts_with("pln_");
                asked.refused_with = (lent.id && is_record).then_some(refused);
            }
            Kind::Plan => {
                asked.path = template.replace("{id}", &format!("pln_{pick:032x}"));
                asked.body = json!({"hash": "x"});
                asked.refused_with = Some((404, "not_found"));
            }
            Kind::Action | Kind::Act | Kind::Attach => {
                of_action(&mut asked, kind, one(lent.id, |s| &s.records), lent, pick);
            }
            Kind::Prices => {
                let contact = one(true, |s| &s.records).filter(|_| lent.id);
                let product = one(false, |s| &s.records).unwrap_or_else(|| "none".to_owned());
                asked.body = json!({"lines": [{"product": product, "amount": "2"}]});
                if let Some(contact) = contact {
                    asked.body["contact"] = json!(contact);
                    asked.refused_with = Some((400, "invalid_request"));
                }
            }
            Kind::MakeEndpoint => {
                asked.headers.push(("idempotency-key", format!("key-{}", pick % 3)));
                // Nobody answers there.
                asked.body = json!({"url": format!("http://127.0.0.1:9/{who}")});
            }
            Kind::Endpoint => of_endpoint(&mut asked, one(lent.id, |s| &s.endpoints), lent, pick),
            Kind::Word => {
                asked.headers.push(("if-match", tag));
                asked.body = json!({"object": "orders", "list": "0"});
            }
            Kind::MakeKey => asked.body = json!({"name": format!("Ime {who}"), "scopes": ["view"]}),
            Kind::Key => {
                let id = one(lent.id, |s| &s.keys).unwrap_or_else(|| format!("key_{pick:032x}"));
                asked.path = template.replace("{id}", &id);
                asked.body = json!({"overlap_s": 60});
                asked.refused_with = lent.id.then_some((404, "not_found"));
            }
            Kind::Connection => asked.headers.push(("if-none-match", tag)),
            Kind::SaveConnection => {
                let version = self.version(who).await;
                asked.headers.push(("if-match", version));
                asked.body = self.world.settings(who);
                let (company_id, key) = company(1 - who);
                if lent.cursor {
                    asked.body["secret_key"] = json!(key);
                    asked.refused_with = Some((422, "credentials_invalid"));
                }
                if lent.id {
                    asked.body["company_id"] = json!(company_id);
                    asked.refused_with = Some((409, "company_fixed"));
                }
            }
        }
        asked
    }

    /// The tag of a tenant's connection.
    async fn version(&self, who: usize) -> String {
        let connection = self.world.tenant(who).connection().await.expect("the table").expect("a connection");
        format!("\"{}\"", connection.version)
    }

    /// Nothing in an answer to `who` is the other's.
    fn assert_apart(&mut self, who: usize, said: &str, reply: &Reply) {
        self.own_seen[who] += usize::from(found(&reply.text, &self.sides[who].secrets).is_some());
        let (head, secrets) = (reply.head(), &self.sides[1 - who].secrets);
        let leak = found(&reply.text, secrets).or_else(|| found(&head, secrets));
        assert_eq!(leak, None, "{said}: tenant {who} sees it in {head}{}", reply.text);
    }

    async fn link(&mut self, who: usize) {
        let token = self.world.token(who, "administrator");
        let caller = self.world.verifier.verify(&token).await.expect("our own token");
        let code = self.world.door.issue_link(&caller).await.expect("the table");
        self.sides[who].codes.push(code);
    }

    /// Looks at a page with `who`'s session; forms carry the other's token where `lent` says so.
    pub(crate) async fn visit(&mut self, who: usize, page: Page, lent: Lent) {
        let session = self.sides[who].sessions.last().cloned();
        let (mut cookie, own_csrf) = session.unwrap_or_default();
        let lent_csrf = self.sides[1 - who].sessions.last().map(|(_, csrf)| csrf.clone()).filter(|_| lent.tag);
        let is_forged = lent_csrf.is_some();
        let csrf = lent_csrf.unwrap_or(own_csrf);
        let is_moved = lent.id && !cookie.is_empty();
        if is_moved {
            // The secret of one tenant's session with the other tenant in front.
            cookie = cookie.replace(tenant_id(who).as_str(), tenant_id(1 - who).as_str());
        }
        let code =
            if page == Page::Enter { self.sides[who].codes.pop() } else { self.sides[who].codes.last().cloned() };
        let mut code = code.unwrap_or_default();
        if page == Page::Enter && lent.id {
            // A link's secret of one tenant with the other tenant in front: it opens nothing, and is still good.
            self.sides[who].codes.extend((!code.is_empty()).then(|| code.clone()));
            code = code.replace(tenant_id(who).as_str(), tenant_id(1 - who).as_str());
        }
        let version = self.version(who).await;
        let body = match page {
            Page::Enter => format!("code={code}"),
            Page::Sync => format!("csrf={csrf}&mode=changes"),
            _ => format!("csrf={csrf}&version={}", version.trim_matches('"')),
        };
        let path = if page == Page::Ask { format!("{}?code={code}", page.path()) } else { page.path().to_owned() };
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", cookie.as_str())];
        let runs = self.world.tenant(who).runs(None, 100).await.expect("the table").len();
        let reply = self.world.send(page.method(), &path, &headers, body.as_bytes()).await;
        let (said, status) = (format!("{page:?} of {who} {lent:?}"), reply.status.as_u16());
        assert!(status < 500, "{said}: {}", reply.text);
        self.assert_apart(who, &said, &reply);
        let in_session = page.is_guarded() || matches!(page, Page::Overview | Page::Live);
        if in_session && (is_moved || cookie.is_empty()) {
            assert_eq!(status, 401, "{said}");
        } else if page.is_guarded() && is_forged {
            assert_eq!(status, 403, "{said}");
            assert_eq!(self.world.tenant(who).runs(None, 100).await.expect("the table").len(), runs, "{said}");
        }
        if page == Page::Enter && lent.id {
            assert!(!reply.status.is_redirection() && reply.header("set-cookie").is_none(), "{said}");
        }
        if page == Page::Leave && status == 303 {
            self.sides[who].sessions.pop();
        }
        if let Some(cookie) =
            reply.header("set-cookie").and_then(|c| c.split(';').next()).filter(|_| page == Page::Enter)
        {
            let cookie = cookie.to_owned();
            let overview = self.world.send("GET", Page::Overview.path(), &[("cookie", &cookie)], &[]).await;
            assert_eq!(overview.status.as_u16(), 200, "{said}");
            assert!(overview.text.contains(&company(who).0), "{said}: a link leads to its own tenant");
            self.assert_apart(who, &said, &overview);
            self.sides[who].keep_session(&cookie, &overview.text);
        }
    }

    /// Sends a webhook. It counts only when address and secret are of one tenant; whose product it names is not looked at.
    async fn webhook(&mut self, to: usize, signed_by: usize, naming: usize, id: u8, pick: usize) {
        let products = &self.sides[naming].products;
        let body = body_of(&products[pick % products.len()]);
        let signature = sign(&webhook_secret(signed_by), &body);
        let id = format!("event-{id}");
        let headers = [(EVENT, STOCK), (ID, id.as_str()), (SIGNATURE, signature.as_str())];
        let reply = self.world.send("POST", &format!("/w/{}", self.sides[to].endpoint), &headers, &body).await;
        let expected = if to == signed_by { 200 } else { 401 };
        assert_eq!(reply.status.as_u16(), expected, "to {to} signed by {signed_by}: {}", reply.text);
        for who in 0..2 {
            self.assert_apart(who, "a webhook", &reply);
        }
    }

    /// A message of one tenant that names the other's run leads nowhere.
    async fn stray(&mut self, who: usize, pick: usize) {
        let other = &self.sides[1 - who];
        let run: RunId = other.runs[pick % other.runs.len()].parse().expect("a run");
        let before = self.world.tenant(1 - who).run(run).await.expect("the table");
        let message = WorkMessage::new(tenant_id(who), Work::Run(run));
        let refused = self.world.handle(message).await.expect_err("no run of this tenant");
        assert_eq!((refused.code.as_str(), refused.disposition), ("not_found", Disposition::Reject));
        assert_eq!(self.world.tenant(1 - who).run(run).await.expect("the table"), before);
        assert_eq!(self.world.tenant(who).run(run).await.expect("the table"), None);
    }

    async fn edit(&mut self, who: usize, pick: usize) {
        let side = &self.sides[who];
        let (product, partner) = (&side.products[pick % 3], &side.partners[pick % 2]);
        let op = match pick % 3 {
            0 => json!({"op": "stock.set", "product": product, "warehouse": "MB", "amount": format!("{pick}.125")}),
            1 => {
                json!({"op": "partner.update", "id": partner, "fields": {"street": format!("{} {pick}", super::side::mark(who))}})
            }
            _ => {
                json!({"op": "product.update", "id": product, "fields": {"name": format!("{} nov {pick}", super::side::mark(who))}})
            }
        };
        self.world.edit(who, &op).await;
    }

    /// After everything: each tenant's rows hold what its company has, and nothing of the other's.
    pub(crate) async fn finish(&mut self) {
        while self.world.work(10).await > 0 {}
        for who in 0..2 {
            let tenant = self.world.tenant(who);
            let body = json!({"objects": Object::ALL.map(Object::name)});
            let run = self
                .world
                .send_json(who, "administrator", "POST", "/v1/runs", &[("idempotency-key", "last")], &body)
                .await;
            self.sides[who].harvest(&run);
            while self.world.work(10).await > 0 {}
            let counts =
                self.world.control("GET", &format!("/companies/{}/counts", company(who).0), &Value::Null).await;
            for object in Object::ALL {
                let kept = tenant.list(object, None, 200, true).await.expect("the table").records;
                assert_eq!(kept.len() as u64, counts[object.name()].as_u64().expect("a count"), "{object} of {who}");
                for record in &kept {
                    let text = format!("{} {}", record.id, String::from_utf8_lossy(&record.record.to_bytes()));
                    assert_eq!(found(&text, &self.sides[1 - who].secrets), None, "{object} of {who}: {text}");
                }
            }
            assert!(self.own_seen[who] >= 8, "tenant {who} has hardly seen anything: {:?}", self.own_seen);
            let changes = format!("{:?}", tenant.changes(0, 10_000).await.expect("the table"));
            assert_eq!(found(&changes, &self.sides[1 - who].secrets), None, "the changes of {who}");
            let runs: Vec<_> =
                tenant.runs(None, 1_000).await.expect("the table").into_iter().map(|r| r.id.to_string()).collect();
            let others: Vec<_> = self.sides[1 - who].runs.iter().filter(|r| runs.contains(r)).collect();
            assert_eq!(others, Vec::<&String>::new(), "runs of {who}");
        }
    }
}

/// One of the CRM's contacts merges with another, is taken apart or is linked with a record.
fn arrange(asked: &mut Asked, template: &str, pick: usize, record: Option<&String>) {
    asked.path = template.replace("{id}", &format!("c-{}", pick % 3));
    match template.rsplit('/').next() {
        Some("merge") => {
            asked.headers.push(("if-match", "\"1\"".to_owned()));
            asked.body = json!({"into": format!("c-{}", (pick / 3) % 3)});
        }
        Some("link") => asked.body = json!({"record": record}),
        _ => {}
    }
}
