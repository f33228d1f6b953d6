//! Timelines, a contact's documents, registers and what statuses mean.

use axum::http::StatusCode;
use domain::{Document, DocumentKind, ErpId, PartyRef, Record, Registers, Status, Text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::Commit;

use crate::support::{Answer, World, contact, document, id_of, now};

fn text(s: &str) -> Text {
    s.parse().expect("a text")
}

/// An order of contact 1 with these fields.
fn order(n: u64, change: impl FnOnce(&mut Document)) -> Record {
    of_kind(n, DocumentKind::SalesOrder, change)
}

fn of_kind(n: u64, kind: DocumentKind, change: impl FnOnce(&mut Document)) -> Record {
    let Record::Document(mut order) = document(n, kind) else { unreachable!("a document") };
    order.partner = Some(PartyRef { erp_id: ErpId::new(1), name: None, address: None });
    change(&mut order);
    Record::Document(order)
}

fn status(key: &str) -> Status {
    Status { label: None, key: Some(text(key)) }
}

fn ids(answer: &Answer) -> Vec<String> {
    answer.body["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|e| e.get("key").unwrap_or(&e["id"]).as_str().expect("a name").to_owned())
        .collect()
}

/// All parts of a list, one after the other.
async fn walk(world: &World, path: &str, limit: usize) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = world.get(1, &format!("{path}limit={limit}{cursor}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        all.extend(ids(&answer));
        match answer.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test]
async fn a_story_is_told_from_either_end_in_parts_and_says_what_each_time_is() {
    let world = World::new().await;
    world.load(1, &[order(5, |o| o.status = status("created"))]).await;
    for n in 0..6 {
        let changed = order(5, |o| {
            o.status = status(["shipped", "created"][n % 2]);
            o.notes = Text::new(&format!("{n}")).expect("short");
        });
        world.change(1, &changed, false).await;
    }
    let id = id_of(&world.tenant(1), &order(5, |_| {}));
    let whole = world.get(1, &format!("/v1/documents/{id}/timeline?limit=200&order=oldest")).await;
    assert_eq!((whole.status, &whole.body["complete"]), (StatusCode::OK, &json!(true)), "{}", whole.body);
    let oldest = ids(&whole);
    assert_eq!(
        oldest.iter().collect::<BTreeSet<_>>().len(),
        15,
        "created, issued, a status, six times a status and notes"
    );
    let times: BTreeSet<_> = whole.of_all("time_is").into_iter().collect();
    assert_eq!(times, ["seen".to_owned()].into());
    assert_eq!(whole.body["derived"]["delivery"]["by_status"], Value::Null, "the last status is created");
    assert_eq!(whole.body["derived"]["status"]["meaning"], "open");
    let newest: Vec<String> = oldest.iter().rev().cloned().collect();
    for limit in [1, 3, 15] {
        let path = format!("/v1/documents/{id}/timeline?");
        assert_eq!(walk(&world, &path, limit).await, newest, "limit {limit}");
        assert_eq!(walk(&world, &format!("{path}order=oldest&"), limit).await, oldest, "limit {limit}");
    }
    let part = world.get(1, &format!("/v1/documents/{id}/timeline?limit=2")).await;
    let cursor = part.body["next_cursor"].as_str().expect("more").to_owned();
    let turned = world.get(1, &format!("/v1/documents/{id}/timeline?order=oldest&cursor={cursor}")).await;
    assert_eq!(turned.code(), "invalid_cursor", "a cursor of the other order");
    for (query, fault) in [("limit=0", "limit"), ("order=upwards", "order")] {
        let answer = world.get(1, &format!("/v1/documents/{id}/timeline?{query}")).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid_request"), "{fault}");
    }
    let contact = id_of(&world.tenant(1), &contact(1, "Ana"));
    world.load(1, &[crate::support::contact(1, "Ana")]).await;
    assert_eq!(world.get(1, &format!("/v1/documents/{contact}/timeline")).await.code(), "not_found");
}

#[tokio::test]
async fn a_contacts_documents_come_with_their_sums_and_states_by_either_id() {
    let world = World::new().await;
    let day = |d| Some(jiff::civil::date(2026, 3, d));
    let sum = |n: i64| Some(rust_decimal::Decimal::from(n));
    let invoice = of_kind(6, DocumentKind::SalesBillDomestic, |o| {
        (o.date, o.due_date) = (day(2), day(3));
        (o.sums.gross, o.sums.paid) = (sum(100), sum(40));
    });
    let records = [contact(1, "Ana"), order(5, |o| o.date = day(1)), invoice, order(7, |o| o.date = day(9))];
    world.load(1, &records).await;
    let id = id_of(&world.tenant(1), &records[0]);
    let answer = world.get(1, &format!("/v1/contacts/{id}/documents")).await;
    assert_eq!(answer.of_all("number"), ["2026-7", "2026-6", "2026-5"], "{}", answer.body);
    let invoice = &answer.body["data"][1];
    assert_eq!(invoice["sums"], json!({ "gross": "100", "paid": "40" }));
    assert_eq!(invoice["derived"]["payment"]["state"], "partly_paid");
    assert_eq!(invoice["derived"]["due"]["state"], "overdue");
    assert_eq!(invoice["derived"]["due"]["overdue"], "60");
    let all = walk(&world, &format!("/v1/contacts/{id}/documents?"), 200).await;
    for limit in [1, 2] {
        assert_eq!(walk(&world, &format!("/v1/contacts/{id}/documents?"), limit).await, all);
    }
    world.change(1, &records[3], true).await;
    let answer = world.get(1, &format!("/v1/contacts/{id}/documents")).await;
    assert_eq!(answer.of_all("number"), ["2026-6", "2026-5"]);
    let answer = world.get(1, &format!("/v1/contacts/{id}/documents?include_missing=true")).await;
    assert_eq!(answer.of_all("number").len(), 3);

    // By the CRM's own id, linked or not yet in the ERP.
    let fields = crate::crm::customer("Ana");
    let linked = world.put(1, "/v1/contacts/c-1", None, json!({ "fields": fields, "record": id.to_string() })).await;
    assert!(linked.status.is_success(), "{}", linked.body);
    assert_eq!(world.get(1, "/v1/contacts/c-1/documents").await.of_all("number").len(), 2);
    let made = world.put(1, "/v1/contacts/c-2", None, json!({ "fields": crate::crm::customer("Eva") })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!(world.get(1, "/v1/contacts/c-2/documents").await.body["data"], json!([]));
    let order_id = id_of(&world.tenant(1), &records[1]);
    for unknown in ["c-3".to_owned(), order_id.to_string(), id.to_string().replace("con_", "con_0")] {
        assert_eq!(world.get(1, &format!("/v1/contacts/{unknown}/documents")).await.code(), "not_found", "{unknown}");
    }
    assert_eq!(world.get(2, &format!("/v1/contacts/{id}/documents")).await.code(), "not_found", "another tenant's");
}

async fn learned(world: &World, names: &[(&str, &str)]) {
    let tenant = world.tenant(1);
    let names = names.iter().map(|(key, label)| (text(key), [text(label)].into())).collect();
    let registers = Registers {
        statuses: [(DocumentKind::SalesOrder, names)].into(),
        units: [text("kos")].into(),
        ..Registers::default()
    };
    let ttl = jiff::SignedDuration::from_secs(60);
    let lease = tenant.acquire_lease("test", now(), ttl).await.expect("free");
    let mut commit = Commit::new(&lease);
    commit.registers = Some(registers);
    commit.release = true;
    tenant.commit(&commit, now()).await.expect("a commit");
}

#[tokio::test]
async fn an_unmapped_status_waits_for_a_person_until_it_has_a_meaning() {
    let world = World::new().await;
    learned(&world, &[("shipped", "Odpremljen"), ("caka", "Čaka na blago")]).await;
    let mapping = |answer: &Answer, key: &str| {
        let all = answer.body["statuses"].as_array().expect("a list").clone();
        let one = all.into_iter().find(|s| s["key"] == key).expect("in the list");
        (one["meaning"].clone(), one["mapping"].clone())
    };
    let registers = world.get(1, "/v1/registers").await;
    assert_eq!((registers.status, registers.header("etag")), (StatusCode::OK, "\"0\""), "{}", registers.body);
    assert_eq!(mapping(&registers, "shipped"), (json!("shipped"), json!("standard")));
    assert_eq!(mapping(&registers, "caka"), (Value::Null, json!("unknown")));
    assert_eq!(registers.body["units"], json!(["kos"]));
    let waiting = world.get(1, "/v1/attention").await;
    let caka = json!({ "kind": "sales_order", "key": "caka", "labels": ["Čaka na blago"], "mapping": "unknown" });
    assert_eq!(waiting.body["statuses"], json!([caka]));

    let wanted = json!({ "statuses": [{ "kind": "sales_order", "key": "caka", "meaning": "open" }] });
    let unnamed = world.put(1, "/v1/registers/statuses", None, wanted.clone()).await;
    assert_eq!(unnamed.code(), "precondition_required");
    let stale = world.put(1, "/v1/registers/statuses", Some(3), wanted.clone()).await;
    assert_eq!((stale.status, stale.code()), (StatusCode::PRECONDITION_FAILED, "version_mismatch"));
    let done = world.put(1, "/v1/registers/statuses", Some(0), wanted.clone()).await;
    assert_eq!((done.status, done.header("etag")), (StatusCode::OK, "\"1\""), "{}", done.body);
    assert_eq!(mapping(&done, "caka"), (json!("open"), json!("chosen")));
    assert_eq!(world.get(1, "/v1/attention").await.body["statuses"], json!([]));
    assert_eq!(world.get(1, "/v1/registers").await.body, done.body);
    assert_eq!(world.put(1, "/v1/registers/statuses", Some(0), wanted).await.code(), "version_mismatch");
    assert_eq!(world.get(2, "/v1/registers").await.body["statuses"], json!([]), "another tenant's");

    // What is not said again has no meaning of a person any more.
    let none = world.put(1, "/v1/registers/statuses", Some(1), json!({ "statuses": [] })).await;
    assert_eq!(mapping(&none, "caka"), (Value::Null, json!("unknown")));
}

#[tokio::test]
async fn meanings_that_cannot_be_kept_name_the_place() {
    let world = World::new().await;
    let one = |key: &str| json!({ "kind": "sales_order", "key": key, "meaning": "open" });
    let many: Vec<Value> = (0..=500).map(|n| one(&n.to_string())).collect();
    for (statuses, fault) in [
        (json!([one("a"), one(" a ")]), "$.statuses[1].key"),
        (json!([one("  ")]), "$.statuses[0].key"),
        (json!([one(&"a".repeat(101))]), "$.statuses"),
        (json!(many), "$.statuses"),
        (json!([{ "kind": "sales_order", "key": "a", "meaning": "gone" }]), "$.statuses[0].meaning"),
        (json!([{ "kind": "order", "key": "a", "meaning": "open" }]), "$.statuses[0].kind"),
    ] {
        let answer = world.put(1, "/v1/registers/statuses", Some(0), json!({ "statuses": statuses })).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, "invalid_request"), "{}", answer.body);
        assert_eq!(answer.fault(), fault, "{}", answer.body);
    }
}
