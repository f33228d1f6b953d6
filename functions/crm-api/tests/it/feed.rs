//! The feed of changes, and what a record's history says.

use app::feed::Position;
use axum::http::StatusCode;
use domain::Object;
use fn_crm_api::contract::{Changes, History, SyncBadge};
use jiff::SignedDuration;
use runtime::{CursorKey, SigningKey};
use serde_json::{Value, json};

use crate::crm::{assert_form, customer, pieces};
use crate::support::{Answer, World, contact, now, tenant_id};

fn seqs(answer: &Answer) -> Vec<u64> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_form::<Changes>(answer);
    let changes = answer.body["changes"].as_array().expect("a list");
    changes.iter().map(|c| c["seq"].as_u64().expect("a number")).collect()
}

fn after(path: &str, answer: &Answer) -> String {
    format!("{path}&cursor={}", answer.body["cursor"].as_str().expect("a cursor"))
}

#[tokio::test]
async fn the_feed_is_in_order_and_goes_on_where_the_cursor_stands() {
    let world = World::new().await;
    world.open(1).await;
    let empty = world.get(1, "/v1/changes?limit=3").await;
    assert_eq!((seqs(&empty), &empty.body["more"]), (vec![], &json!(false)));
    world.load(1, &(1..=5).map(|n| contact(n, "Ana")).collect::<Vec<_>>()).await;
    world.edit("/v1/contacts/c-1", None, customer("Eva")).await.is_record(StatusCode::CREATED);
    world.edit("/v1/contacts/c-1", Some(1), customer("Eva d.o.o.")).await.is_record(StatusCode::OK);

    let mut path = after("/v1/changes?limit=3", &empty);
    let mut parts = Vec::new();
    for more in [true, true, false] {
        let part = world.get(1, &path).await;
        assert_eq!((&part.body["more"], &part.body["read_only"]), (&json!(more), &json!(false)));
        parts.push(seqs(&part));
        assert_eq!(seqs(&world.get(1, &path).await), seqs(&part), "reading a part again does no harm");
        path = after("/v1/changes?limit=3", &part);
    }
    assert_eq!(parts, [vec![1, 2, 3], vec![4, 5, 6], vec![7]]);
    // At the end, the cursor waits for what comes.
    assert_eq!(seqs(&world.get(1, &path).await), Vec::<u64>::new());
    world.delete(1, "/v1/contacts/c-1").await.is_record(StatusCode::OK);
    assert_eq!(seqs(&world.get(1, &path).await), [8]);
    assert_eq!(seqs(&world.get(1, "/v1/changes").await), (1..=8).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_change_says_who_what_and_which_pieces() {
    let world = World::new().await;
    world.open(1).await;
    let mut fields = pieces(&contact(7, "Ana"));
    fields["name"] = json!("Ana d.o.o.");
    fields["tax"] = json!({ "tax_number": "SI51510847" });
    world.link(7, "c-1", fields.clone()).await.is_record(StatusCode::OK);
    let headers = [("x-request-id", "req-7"), ("if-match", "\"2\"")];
    fields["buyer"] = json!(false);
    let body = json!({ "fields": fields }).to_string();
    world.send(1, axum::http::Method::PUT, "/v1/contacts/c-1", &headers, &body).await.is_record(StatusCode::OK);

    let feed = world.get(1, "/v1/changes").await;
    assert_eq!(seqs(&feed), [1, 2, 3]);
    let [added, linked, edited] = feed.body["changes"].as_array().expect("a list").as_slice() else { panic!("three") };
    let is = |change: &Value, kind: &str, from: &str, actor: &str| {
        assert_eq!((&change["kind"], &change["from"], &change["actor"]), (&json!(kind), &json!(from), &json!(actor)));
        assert_eq!((&change["object"], &change["record"]), (&json!("contacts"), &json!(world.contact_id(7))));
        assert_eq!((&change["erp_id"], &change["at"]), (&json!("7"), &json!(now().to_string())));
    };
    is(added, "added", "erp", "sync");
    assert_eq!((&added["crm_id"], &added["revision"]), (&Value::Null, &json!(1)));
    assert_eq!(added["fields"]["name"], json!({ "after": "Ana" }));
    is(linked, "linked", "erp", "user-1");
    assert_eq!((&linked["crm_id"], &linked["revision"]), (&json!("c-1"), &json!(2)));
    assert_eq!(linked["fields"]["name"], json!({ "before": "Ana", "after": "Ana d.o.o." }));
    is(edited, "updated", "crm", "user-1");
    assert_eq!((&edited["event"], &edited["revision"]), (&json!("req-7"), &json!(3)));
    assert_eq!(edited["fields"], json!({ "buyer": { "before": true, "after": false } }));
}

#[tokio::test]
async fn nothing_is_told_while_the_company_is_read_only_and_nothing_is_lost_by_it() {
    let world = World::new().await;
    world.edit("/v1/contacts/c-1", None, customer("Eva")).await.is_record(StatusCode::CREATED);
    let shut = world.get(1, "/v1/changes?limit=3").await;
    assert_eq!((seqs(&shut), &shut.body["more"], &shut.body["read_only"]), (vec![], &json!(false), &json!(true)));
    world.open(1).await;
    assert_eq!(seqs(&world.get(1, &after("/v1/changes?limit=3", &shut)).await), [1]);
}

#[tokio::test]
async fn a_cursor_of_anybody_else_or_of_another_list_is_refused() {
    let world = World::new().await;
    let feed = world.get(1, "/v1/changes").await;
    let attention = world.get(1, "/v1/contacts").await;
    assert_eq!(attention.status, StatusCode::OK);
    for n in 1..=3 {
        world.in_conflict(n, &format!("c-{n}")).await;
    }
    let people = world.get(1, "/v1/attention?limit=1").await;
    let of_people = people.body["next_cursor"].as_str().expect("a cursor");
    let of_feed = feed.body["cursor"].as_str().expect("a cursor");
    for (n, path) in [
        (2, format!("/v1/changes?cursor={of_feed}")),
        (1, format!("/v1/attention?cursor={of_feed}")),
        (1, format!("/v1/changes?cursor={of_people}")),
        (2, format!("/v1/attention?cursor={of_people}")),
        (1, format!("/v1/changes?cursor={of_feed}A")),
        (1, "/v1/changes?cursor=7".to_owned()),
    ] {
        let answer = world.get(n, &path).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid_cursor"), "{path}");
    }
    for query in ["limit=0", "limit=201", "limit=x", "since=7"] {
        assert_eq!(world.get(1, &format!("/v1/changes?{query}")).await.code(), "invalid_request", "{query}");
    }
}

#[tokio::test]
async fn a_history_is_the_records_own_changes_the_newest_first() {
    let world = World::new().await;
    world.edit("/v1/contacts/c-1", None, customer("Ana")).await.is_record(StatusCode::CREATED);
    world.link(7, "c-2", pieces(&contact(7, "Ana"))).await.is_record(StatusCode::OK);
    world.edit("/v1/contacts/c-1", Some(1), customer("Ana d.o.o.")).await.is_record(StatusCode::OK);
    world.delete(1, "/v1/contacts/c-1").await.is_record(StatusCode::OK);
    let open = world.open_id(Object::Contacts, "c-1");
    world.order(1, &format!("/v1/records/{open}/restore")).await.is_record(StatusCode::OK);

    let history = async |n: u32, id: &str| world.get(n, &format!("/v1/records/{id}/history")).await;
    let of_open = history(1, &open).await;
    assert_form::<History>(&of_open);
    let told = |answer: &Answer| -> Vec<(u64, u64, String)> {
        let changes = answer.body["changes"].as_array().expect("a list").iter();
        let number = |c: &Value, name: &str| c[name].as_u64().expect("a number");
        changes
            .map(|c| (number(c, "seq"), number(c, "revision"), c["kind"].as_str().expect("a kind").to_owned()))
            .collect()
    };
    let expected = [(6, 4, "restored"), (5, 3, "deleted"), (4, 2, "updated"), (1, 1, "added")];
    assert_eq!(told(&of_open), expected.map(|(seq, revision, kind)| (seq, revision, kind.to_owned())));
    let of_linked = history(1, &world.contact_id(7)).await;
    assert_form::<History>(&of_linked);
    let expected = [(3, 2, "linked"), (2, 1, "added")];
    assert_eq!(told(&of_linked), expected.map(|(seq, revision, kind)| (seq, revision, kind.to_owned())));
    for (n, id) in [(2, open.as_str()), (1, "con_00000000000000000000000000000000"), (1, "c-1")] {
        let answer = history(n, id).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not_found"), "{id}");
    }
}

/// A cursor of tenant 1 that names a change.
fn cursor_at(seq: u64) -> String {
    let key = CursorKey::new(&SigningKey::new(vec![7; 32]).expect("long enough"));
    key.seal(&tenant_id(1), "changes", &Position { seq, at: now().as_second() })
}

#[tokio::test]
async fn a_reader_who_waits_is_told_as_soon_as_something_changes() {
    let world = World::new().await;
    world.open(1).await;
    let empty = world.get(1, "/v1/changes").await;
    let waiting = format!("{}&wait=20", after("/v1/changes?limit=3", &empty));
    let one = [contact(1, "Ana")];
    let (told, ()) = tokio::join!(world.get(1, &waiting), world.load(1, &one));
    assert_eq!(seqs(&told), [1]);
    // The time that was not waited is given back: as many may wait again.
    for n in 2..=4 {
        let waiting = format!("{}&wait=20", after("/v1/changes?limit=3", &world.get(1, "/v1/changes").await));
        let next = [contact(n, "Ana")];
        let (told, ()) = tokio::join!(world.get(1, &waiting), world.load(1, &next));
        assert_eq!(seqs(&told), [n]);
    }
    let none = world.get(1, &format!("/v1/changes?cursor={}&wait=1", cursor_at(4))).await;
    assert_eq!(seqs(&none), Vec::<u64>::new());
    // A company that is read-only is waited for as well: it is told once a person has opened it.
    let opening = async {
        world.load(2, &one).await;
        world.open(2).await;
    };
    let (told, ()) = tokio::join!(world.get(2, "/v1/changes?wait=20"), opening);
    assert_eq!((seqs(&told), &told.body["read_only"]), (vec![1], &json!(false)));
    let long = world.get(1, "/v1/changes?wait=21").await;
    assert_eq!((long.code(), long.fault()), ("invalid_request", "wait"));
}

#[tokio::test]
async fn when_two_readers_of_a_company_wait_a_third_is_answered_at_once() {
    let world = World::new().await;
    world.open(1).await;
    let twenty = SignedDuration::from_secs(20);
    for _ in 0..2 {
        // What a reader who waits takes ahead.
        world.tenant(1).take("WAIT", twenty, twenty * 2, now()).await.expect("taken");
    }
    let path = format!("/v1/changes?cursor={}&wait=20", cursor_at(0));
    let third = tokio::time::timeout(std::time::Duration::from_secs(10), world.get(1, &path)).await;
    assert_eq!(seqs(&third.expect("at once")), Vec::<u64>::new());
    // When their time is over, others may wait.
    world.advance(twenty);
    let one = [contact(1, "Ana")];
    let (told, ()) = tokio::join!(world.get(1, &path), world.load(1, &one));
    assert_eq!(seqs(&told), [1]);
}

#[tokio::test]
async fn a_cursor_that_can_no_longer_be_served_is_told_so() {
    let world = World::new().await;
    world.open(1).await;
    world.load(1, &[contact(1, "Ana")]).await;
    let old = after("/v1/changes?limit=3", &world.get(1, "/v1/changes").await);
    // The table was set back: the change that the cursor names is not there.
    let ahead = world.get(1, &format!("/v1/changes?cursor={}", cursor_at(2))).await;
    assert_eq!((ahead.status, ahead.code(), ahead.fault()), (StatusCode::GONE, "feed_too_old", "cursor"));
    world.advance(SignedDuration::from_hours(90 * 24));
    assert_eq!(seqs(&world.get(1, &old).await), Vec::<u64>::new());
    world.advance(SignedDuration::from_secs(1));
    let gone = world.get(1, &old).await;
    assert_eq!((gone.status, gone.code()), (StatusCode::GONE, "feed_too_old"));
}

#[tokio::test]
async fn one_call_tells_how_a_record_stands() {
    let world = World::new().await;
    world.open(1).await;
    world.edit("/v1/contacts/c-1", None, customer("Eva")).await.is_record(StatusCode::CREATED);
    let badge = world.get(1, "/v1/records/contacts/c-1/sync").await;
    assert_form::<SyncBadge>(&badge);
    assert_eq!((&badge.body["sync"], &badge.body["crm_id"]), (&json!("waiting"), &json!("c-1")));
    assert!(badge.body["pending"].as_array().is_some_and(|p| p.contains(&json!("name"))), "{}", badge.body);
    assert_eq!(badge.body["last_change"]["from"], "crm");
    let by_record = format!("/v1/records/contacts/{}/sync", badge.body["record"].as_str().expect("an id"));
    assert_eq!(world.get(1, &by_record).await.body, badge.body);

    world.load(1, &[contact(7, "Ana")]).await;
    let of_erp = world.get(1, &format!("/v1/records/contacts/{}/sync", world.contact_id(7))).await;
    assert_eq!((&of_erp.body["sync"], &of_erp.body["erp_id"]), (&json!("in_step"), &json!("7")));
    for nowhere in ["contacts/c-2", "orders/c-1", "letters/c-1", "stock/c-1"] {
        assert_eq!(world.get(1, &format!("/v1/records/{nowhere}/sync")).await.code(), "not_found", "{nowhere}");
    }
}
