//! Two tenants in one table never meet.

use domain::{ErpId, Mode, Object, Parked, RecordId, Run, RunId, Settings, Trigger};
use proptest::prelude::*;
use store::{
    Begun, ByCrm, Commit, CommitError, ConsoleLink, DeletionApproval, LeaseError, Link, NewChange, OpenWrite, PlanRow,
    Queue, RecordWrite, Row, Session, StateWrite, StoreError, Table, Tenant, TwoWay,
};

use crate::connection::connection;
use crate::inbox::event;
use crate::support::{TTL, at, change, create, lease, order, product, product_id, table, tenant, tenant_id};

#[tokio::test]
async fn what_one_tenant_loaded_cannot_be_saved_through_anothers_handle() {
    let table = table().await;
    let (one, two) = (tenant(&table, 1), tenant(&table, 2));
    let (lease_one, lease_two) = (lease(&one, "w", 0).await, lease(&two, "w", 0).await);
    let mut commit = Commit::new(&lease_one);
    commit.writes = vec![create(&one, &product(1, "one"))];
    one.commit(&commit, at(1)).await.expect("a commit");
    let stored = one.record(product_id(&one, 1)).await.expect("a read").expect("a record");

    let wrong = StoreError::WrongTenant;
    let mut stolen = Commit::new(&lease_two);
    let next = product(1, "two");
    stolen.writes = vec![RecordWrite::replace(&stored, next.to_bytes(), change(None, &next))];
    assert_eq!(two.commit(&stolen, at(1)).await, Err(CommitError::Store(wrong.clone())));
    let borrowed = Commit::new(&lease_one);
    assert_eq!(two.commit(&borrowed, at(1)).await, Err(CommitError::Store(wrong.clone())));
    let mut done = Commit::new(&lease_two);
    let kept = event("e", 0, b"{}");
    one.receive(&kept).await.expect("kept");
    done.inbox_done = vec![one.inbox_key_of(&kept)];
    assert_eq!(two.commit(&done, at(1)).await, Err(CommitError::Store(wrong.clone())));
    assert_eq!(two.inbox_events(&[one.inbox_key_of(&kept)]).await, Err(wrong.clone()));
    assert_eq!(two.renew_lease(&lease_one, at(1), TTL).await, Err(wrong.clone()));
    assert_eq!(two.release_lease(&lease_one).await, Err(wrong.clone()));
    assert_eq!(two.yield_search(&lease_one, "x").await, Err(wrong.clone()));
    let Begun::Fresh { token } = one.begin("k", &[0; 32], at(0)).await.expect("begun") else {
        panic!("not fresh");
    };
    assert_eq!(two.finish(&token, 200, "text/plain", b"").await, Err(wrong.clone()));
    assert_eq!(two.abandon(&token).await, Err(wrong.clone()));
    opened(&one, "one").await;
    let Some(Row::Open(open)) = one.row(crm(&one)).await.expect("a read") else { panic!("not open") };
    let mut stolen = Commit::unleased();
    stolen.opens = vec![OpenWrite::replace(&open, part("two"), None)];
    assert_eq!(two.commit(&stolen, at(1)).await, Err(CommitError::Store(wrong.clone())));
    let mut stolen = Commit::new(&lease_two);
    stolen.writes = vec![create(&two, &product(1, "two")).following(&open)];
    assert_eq!(two.commit(&stolen, at(1)).await, Err(CommitError::Store(wrong)));
    let mut closing = Commit::unleased();
    closing.closes = vec![(&*open).into()];
    assert_eq!(two.commit(&closing, at(1)).await, Err(CommitError::RecordMoved(open.id)), "there is none of its own");
    let plan = plan("one");
    one.keep_plan(&plan).await.expect("new");
    assert_eq!(two.advance_plan(&plan, "two").await, Err(StoreError::Conflict), "there is none of its own");

    assert_eq!(two.record(stored.id).await, Ok(None));
    assert_eq!(two.row(stored.id).await, Ok(None));
    assert_eq!(two.history(stored.id, 5).await, Ok(vec![]));
    assert_eq!(one.row(open.id).await, Ok(Some(Row::Open(open))));
    assert_eq!(one.pending_inbox(5).await.expect("a read").len(), 1);
}

/// The CRM's id is the same at every tenant.
fn crm(t: &Tenant) -> RecordId {
    RecordId::for_crm(t.id(), Object::Products, "c-1")
}

fn part(mark: &str) -> TwoWay {
    let queue = Some(Queue::Visit(at(0)));
    TwoWay { bytes: mark.as_bytes().to_vec(), revision: 1, queue, crm_id: Some(mark.to_owned()) }
}

async fn opened(t: &Tenant, mark: &str) {
    let mut commit = Commit::unleased();
    commit.seq = t.seq().await.expect("a read");
    let told = NewChange { actor: mark.to_owned(), ..change(None, &product(1, mark)) };
    commit.opens = vec![OpenWrite::create(crm(t), part(mark), told)];
    t.commit(&commit, at(1)).await.expect("a commit");
}

fn plan(mark: &str) -> PlanRow {
    let (id, bytes) = ("pln_1".to_owned(), mark.as_bytes().to_vec());
    PlanRow { id, version: 1, made_at: at(0), state: mark.to_owned(), hash: mark.to_owned(), bytes }
}

#[derive(Clone, Debug)]
enum Step {
    Commit { first: u64, count: u64 },
    Replace { erp_id: u64 },
    Park { erp_id: u64 },
    Event { n: u8 },
    Run { n: u32 },
    Begin { key: u8 },
    Claim,
    Connect,
    Link { code: u8 },
    SignIn { token: u8 },
    Open,
    Join { erp_id: u64 },
    Decide,
}

fn steps() -> impl Strategy<Value = Vec<(bool, Step)>> {
    let step = prop_oneof![
        3 => (0u64..6, 1u64..4).prop_map(|(first, count)| Step::Commit { first, count }),
        3 => (0u64..8).prop_map(|erp_id| Step::Replace { erp_id }),
        1 => (0u64..4).prop_map(|erp_id| Step::Park { erp_id }),
        2 => (0u8..5).prop_map(|n| Step::Event { n }),
        1 => (0u32..4).prop_map(|n| Step::Run { n }),
        1 => (0u8..3).prop_map(|key| Step::Begin { key }),
        1 => Just(Step::Claim),
        1 => Just(Step::Connect),
        1 => (0u8..2).prop_map(|code| Step::Link { code }),
        1 => (0u8..2).prop_map(|token| Step::SignIn { token }),
        2 => Just(Step::Open),
        2 => (0u64..8).prop_map(|erp_id| Step::Join { erp_id }),
        1 => Just(Step::Decide),
    ];
    proptest::collection::vec((any::<bool>(), step), 15..40)
}

/// Everything of a tenant carries its mark, so that a foreign mark shows at once.
struct Side {
    t: Tenant,
    mark: String,
}

fn run_id(n: u32) -> RunId {
    format!("run_{n:08x}00007000800000000000000a").parse().expect("a run id")
}

impl Side {
    fn new(table: &Table, n: u32) -> Self {
        Self { t: tenant(table, n), mark: format!("mark-{n}") }
    }

    async fn commit(&self, fill: impl FnOnce(&mut Commit<'_>)) {
        let t = &self.t;
        let lease = match t.acquire_lease(&self.mark, at(0), TTL).await {
            Ok(lease) => lease,
            Err(LeaseError::Held { .. } | LeaseError::Store(_)) => panic!("nobody else works here"),
        };
        let step = t.state().await.expect("a read").map_or(0, |s| s.step);
        let mut commit = Commit::new(&lease);
        commit.seq = t.seq().await.expect("a read");
        commit.state = Some(StateWrite { bytes: self.mark.clone().into_bytes(), expected_step: step });
        commit.release = true;
        fill(&mut commit);
        t.commit(&commit, at(1)).await.expect("a commit");
    }

    async fn take(&self, step: &Step) {
        let (t, mark) = (&self.t, self.mark.as_str());
        match *step {
            Step::Commit { first, count } => {
                let mut new = Vec::new();
                for n in first..first + count {
                    if t.record(product_id(t, n)).await.expect("a read").is_none() {
                        new.push(create(t, &product(n, mark)));
                    }
                }
                self.commit(|c| c.writes = new).await;
            }
            Step::Replace { erp_id } => {
                if let Some(old) = t.record(product_id(t, erp_id)).await.expect("a read") {
                    let next = product(erp_id, &format!("{mark} v{}", old.version + 1));
                    let change = change(Some(&old.record), &next);
                    let write = RecordWrite::replace(&old, next.to_bytes(), change);
                    self.commit(|c| c.writes = vec![write]).await;
                }
            }
            Step::Park { erp_id } => {
                let parked = Parked {
                    object: Object::Orders,
                    erp_id: ErpId::new(erp_id),
                    path: String::new(),
                    reason: mark.to_owned(),
                    since: at(0),
                };
                self.commit(|c| c.parked = vec![parked]).await;
            }
            Step::Event { n } => {
                let id = format!("e{n}");
                t.receive(&event(&id, 0, mark.as_bytes())).await.expect("kept");
            }
            Step::Run { n } => {
                let objects = [Object::Orders];
                let run = Run::queued(run_id(n), Mode::Full, Trigger::Request, &objects, at(0));
                let _ = t.create_run(&run).await;
            }
            _ => {
                self.sign(step).await;
                self.work_both_ways(step).await;
            }
        }
    }

    async fn work_both_ways(&self, step: &Step) {
        let (t, mark) = (&self.t, self.mark.as_str());
        let found = t.find_by_crm(crm(t)).await.expect("a read");
        match (step, found) {
            (Step::Open, None) => opened(t, mark).await,
            (Step::Open, Some(ByCrm::Open(open))) => {
                let write = OpenWrite::replace(&open, part(mark), None);
                self.commit(|c| c.opens = vec![write]).await;
            }
            (Step::Join { erp_id }, Some(ByCrm::Open(open))) => {
                let Some(old) = t.record(product_id(t, *erp_id)).await.expect("a read") else { return };
                let write = RecordWrite::replace(&old, old.record.to_bytes(), None).following(&open);
                let link = Link { crm: open.id, to: old.id };
                self.commit(|c| {
                    c.writes = vec![write.with_two_way(Some(part(mark)))];
                    c.closes = vec![(&*open).into()];
                    c.links = vec![link];
                })
                .await;
            }
            (Step::Join { .. }, Some(ByCrm::Linked(to))) => {
                assert_eq!(t.row(to).await.expect("a read").map(|row| row.version() > 1), Some(true));
                let link = Link { crm: crm(t), to };
                self.commit(|c| c.unlinks = vec![link]).await;
            }
            (Step::Decide, _) => {
                let mut settings = t.settings().await.expect("a read").unwrap_or_else(Settings::standard);
                let expected = t.settings().await.expect("a read").map_or(0, |s| s.version);
                settings.version += 1;
                settings.read_only = mark.ends_with('1');
                t.replace_settings_if(expected, &settings).await.expect("nobody else decides");
                let _ = t.keep_plan(&plan(mark)).await;
                t.keep_certificate("2026-11-24", Object::Orders, mark.as_bytes()).await.expect("kept");
                let about = RecordId::for_crm(&tenant_id(9), Object::Orders, "c");
                let _ = t.put_file_row(about, "LOOK", 0, mark.as_bytes()).await;
                let word = DeletionApproval { list: mark.to_owned(), by: mark.to_owned(), at: at(0) };
                t.approve_deletions(Object::Orders, &word).await.expect("kept");
                self.sort_out().await;
            }
            _ => {}
        }
    }

    /// A document of the contact that both tenants have, and registers with the mark in them.
    async fn sort_out(&self) {
        let (t, mark) = (&self.t, domain::Text::required(&self.mark).expect("visible"));
        let mut meanings = t.meanings().await.expect("a read");
        meanings.version += 1;
        let chosen = [(mark.clone(), domain::Meaning::Open)].into();
        meanings.chosen.insert(domain::DocumentKind::SalesOrder, chosen);
        t.replace_meanings(&meanings).await.expect("nobody else decides");
        let (order, registers) = (order(3, 1), domain::Registers { units: [mark].into(), ..Default::default() });
        let id = RecordId::for_erp(t.id(), Object::Orders, order.erp_id());
        let is_new = t.record(id).await.expect("a read").is_none();
        self.commit(|c| {
            c.registers = Some(registers);
            c.writes = is_new.then(|| create(t, &order).listed(order.listing())).into_iter().collect();
        })
        .await;
    }

    /// What the registers and a contact's documents say, as text.
    async fn sorted_out(&self, seen: &mut Vec<String>) {
        let t = &self.t;
        seen.push(format!("{:?}", t.meanings().await.expect("a read")));
        seen.push(format!("{:?}", t.registers().await.expect("a read")));
        let contact = RecordId::for_erp(t.id(), Object::Contacts, ErpId::new(1_600_012_345));
        let listed = t.documents_of(contact, None, 9).await.expect("a read");
        let order = RecordId::for_erp(t.id(), Object::Orders, ErpId::new(3));
        let expected =
            t.record(order).await.expect("a read").map(|stored| (Some(jiff::civil::date(2026, 3, 17)), stored.id));
        assert_eq!(listed, expected.into_iter().collect::<Vec<_>>(), "the tenant's own documents");
    }

    /// Everything that is known of both ways, as text.
    async fn both_ways(&self, seen: &mut Vec<String>) {
        let t = &self.t;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        for open in t.open_rows(Object::Products).await.expect("a read") {
            assert_eq!((open.id, t.history(open.id, 100).await.expect("a read").len()), (crm(t), 1));
            seen.push(format!("{:?} {}", open.two_way.crm_id, text(open.two_way.bytes)));
        }
        let mut waiting: Vec<RecordId> = Vec::new();
        waiting.extend(t.due_visits(at(9), 100).await.expect("a read").iter().map(|(_, id)| *id));
        waiting.extend(t.for_people(None, 100).await.expect("a read").iter().map(|(_, id)| *id));
        waiting.extend(t.for_guard().await.expect("a read"));
        for id in waiting {
            assert!(t.row(id).await.expect("a read").is_some(), "a row of another tenant waits here");
        }
        if let Some(settings) = t.settings().await.expect("a read") {
            assert_eq!(settings.read_only, self.mark.ends_with('1'));
            assert_eq!(t.settings_at(settings.version).await, Ok(Some(settings)));
        }
        seen.push(format!("{:?}", t.plans(9).await.expect("a read")));
        if let Some(plan) = t.plan("pln_1").await.expect("a read") {
            seen.push(text(plan.bytes));
        }
        for (_, _, bytes) in t.certificates(9).await.expect("a read") {
            seen.push(text(bytes));
        }
        for row in t.file_rows(RecordId::for_crm(&tenant_id(9), Object::Orders, "c"), "").await.expect("a read") {
            seen.push(text(row.bytes));
        }
        seen.push(format!("{:?}", t.deletion_approval(Object::Orders).await.expect("a read")));
    }

    async fn sign(&self, step: &Step) {
        let (t, mark) = (&self.t, self.mark.clone());
        match *step {
            Step::Begin { key } => {
                let begun = t.begin(&key.to_string(), &[0; 32], at(0)).await.expect("begun");
                if let Begun::Fresh { token } = begun {
                    t.finish(&token, 200, "text/plain", mark.as_bytes()).await.expect("kept");
                }
            }
            Step::Claim => {
                t.claim_search(&mark, at(0), TTL).await.expect("nobody else claims");
            }
            Step::Connect => {
                let mut wanted = connection(mark.chars().last().unwrap_or('x'));
                wanted.company_id = mark;
                let _ = t.create_connection(&wanted).await;
            }
            Step::Link { code } => {
                let link = ConsoleLink { subject: mark, role: "r".to_owned(), expires: at(60) };
                let _ = t.create_link(&[code; 32], &link).await;
            }
            Step::SignIn { token } => {
                let session = Session { subject: mark, role: "r".to_owned(), expires: at(60) };
                let _ = t.create_session(&[token; 32], &session).await;
            }
            _ => {}
        }
    }

    /// Everything that the tenant can see, as text.
    async fn everything(&self) -> String {
        let t = &self.t;
        let mut seen = Vec::new();
        let listed = t.list(Object::Products, None, 100, true).await.expect("a read");
        assert_eq!(t.count(Object::Products).await, Ok(listed.records.len()));
        for stored in listed.records {
            assert_eq!(stored.id, product_id(t, stored.erp_id.get()));
            seen.push(format!("{:?} {:?}", stored.record, stored.two_way.and_then(|t| t.crm_id)));
        }
        let changes = t.changes(0, 1_000).await.expect("a read");
        assert_eq!(t.seq().await, Ok(changes.len() as u64));
        seen.push(format!("{changes:?}"));
        let state = t.state().await.expect("a read").map(|s| s.bytes);
        seen.push(String::from_utf8(state.unwrap_or_default()).expect("text"));
        seen.push(format!("{:?}", t.parked(None, 100).await.expect("a read")));
        let keys = t.pending_inbox(100).await.expect("a read");
        for row in t.inbox_events(&keys).await.expect("a read") {
            seen.push(String::from_utf8(row.event.body).expect("text"));
        }
        seen.push(format!("{:?}", t.search_claim().await.expect("a read")));
        seen.push(format!("{:?}", t.lease_view().await.expect("a read")));
        seen.push(format!("{:?}", t.connection().await.expect("a read")));
        for n in 0..3u8 {
            if let Begun::Replay { body, .. } = t.begin(&n.to_string(), &[0; 32], at(1)).await.expect("begun") {
                seen.push(String::from_utf8(body).expect("text"));
            }
            seen.push(format!("{:?}", t.session(&[n; 32], at(1)).await.expect("a read")));
            seen.push(format!("{:?}", t.redeem_link(&[n; 32], at(1)).await.expect("a read")));
        }
        self.both_ways(&mut seen).await;
        self.sorted_out(&mut seen).await;
        seen.join("\n")
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_tenants_interleaved_at_random_never_see_each_others_data(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (one, two) = runtime.block_on(async {
            let table = table().await;
            let (one, two) = (Side::new(&table, 1), Side::new(&table, 2));
            let (mut runs_one, mut runs_two) = (0, 0);
            for (first, step) in &steps {
                let side = if *first { &one } else { &two };
                side.take(step).await;
                let runs = side.t.runs(None, 100).await.expect("a read").len();
                *(if *first { &mut runs_one } else { &mut runs_two }) = runs;
            }
            assert_eq!(one.t.runs(None, 100).await.expect("a read").len(), runs_one);
            assert_eq!(two.t.runs(None, 100).await.expect("a read").len(), runs_two);
            (one.everything().await, two.everything().await)
        });
        prop_assert!(!one.contains("mark-2"), "{}", one);
        prop_assert!(!two.contains("mark-1"), "{}", two);
    }
}
