//! Examples of the CRM's own records, the feed, settings, plans and what people decide. Answers are made by the code
//! that answers and are read back by the contract's types.

use app::twoway::blacklist::{Asked, Hit, Look, Standing};
use app::twoway::certificates::Daily;
use app::twoway::edit::Held;
use app::twoway::oversight::Deletions;
use app::twoway::people::Pair;
use app::twoway::plans::{PlanOutcome, PlanState, PlanView};
use app::twoway::undo::Undone;
use domain::change::{ChangeKind, Evidence, FieldChange, Matched};
use domain::{ErpId, Fields, Mode, Object, ObjectSettings, RecordId, Rule, RunState, Settings, TenantId, Trigger};
use runtime::{Code, Problem};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Change, Decided, PlanRow, Side};
use sync::certificate::{Certificate, Difference, DifferenceKind, Digest};
use sync::contacts;
use sync::guard::{self, StopReason, Verdict};
use sync::plan::{Plan, Sizes};
use sync::twoway::{Candidate, Conflict, Entry, Hold, HoldReason, Probed, Timing};
use sync::undo::{Back, Later, Refused, Undo};

use super::examples::json;
use super::records::now;
use crate::{contract, plan_view, twoway_view};

const PLAN: &str = "pln_01990a1b2c3d7e5f8091a2b3c4d5e6f7";

/// The request of an operation with a body.
pub(super) fn request(operation: &str) -> Option<Value> {
    let line = json!({ "product_crm_id": "p-7", "amount": "3", "price": "12.5" });
    Some(match operation {
        "put_contact" => json!({ "fields": contact(), "edited_at": now().to_string() }),
        "put_product" => json!({
            "fields": { "name": "Kava v zrnju", "code": "KAVA-1", "unit": "kg", "sales": true },
            "record": id(Object::Products).to_string(),
        }),
        "put_offer" | "put_order" | "put_document" => json!({
            "fields": { "partner": { "crm_id": "c-42" }, "currency": "EUR", "date": "2026-11-24", "lines/l1": line },
        }),
        "bulk_contacts" | "bulk_products" | "bulk_offers" | "bulk_orders" | "bulk_documents" => json!({ "items": [
            { "crm_id": "c-42", "fields": contact(), "revision": 3 },
            { "crm_id": "c-43", "delete": true },
        ] }),
        "merge_contacts" => json!({ "into": "c-42" }),
        "link_contact" => json!({ "record": id(Object::Contacts).to_string() }),
        "settle_conflict" => json!({ "piece": "name", "winner": "crm" }),
        "settle_match" => json!({ "none_of": ["400000000007", "400000000008"], "reason": "Another shop of the chain" }),
        "approve_deletions" => {
            json!({ "object": "contacts", "list": format!("{:016x}", guard::list_hash(&deleted()).0) })
        }
        "put_settings" => {
            let mut settings = json(&plan_view::settings(&Settings::standard()));
            settings.as_object_mut().expect("an object").remove("version");
            settings
        }
        "approve_plan" => json!({ "hash": plan().hash() }),
        _ => return None,
    })
}

/// The answers of an operation, by status.
pub(super) fn responses(operation: &str) -> Vec<(&'static str, Value)> {
    let record = |entry: &Entry| json(&twoway_view::record(entry));
    match operation {
        "put_contact" | "put_product" | "put_offer" | "put_order" | "put_document" => {
            let object = object_of(operation);
            vec![("200", record(&linked(object))), ("201", record(&open(object)))]
        }
        "delete_contact" | "delete_product" | "delete_offer" | "delete_order" | "delete_document" => {
            let entry = Entry { crm_deleted_at: Some(now()), due: Some(now()), ..linked(object_of(operation)) };
            vec![("200", record(&entry))]
        }
        "get_offer" | "get_order" | "find_document" => vec![("200", record(&linked(object_of(operation))))],
        "get_sync" => vec![("200", json(&twoway_view::badge(&linked(Object::Orders), changes().last(), false)))],
        "settle_match" => vec![("200", record(&open(Object::Contacts)))],
        "settle_conflict" | "restore_record" | "look_again" | "link_contact" => {
            vec![("200", record(&linked(Object::Contacts)))]
        }
        "merge_contacts" => vec![("200", json(&twoway_view::pair(&merged())))],
        "unmerge_contacts" => {
            let pair = Pair { survivor: linked(Object::Contacts), gone: double() };
            vec![("200", json(&twoway_view::pair(&pair)))]
        }
        "unlink_contact" => {
            let by = "ana".to_owned();
            let hold =
                Hold { reason: HoldReason::Unlinked { by, erp_id: ERP_ID }, since: now(), candidates: Vec::new() };
            vec![("200", record(&Entry { hold: Some(hold), due: None, ..open(Object::Contacts) }))]
        }
        "get_blacklist" => {
            let asked = Asked::Email("ana@vodnjak.si".to_owned());
            let hit = Hit { asked, reason: Some("Ne prevzema paketov".to_owned()) };
            let look = Look { standing: Standing::Listed(vec![hit]), at: now() };
            vec![("200", json(&twoway_view::blacklist(&look)))]
        }
        "bulk_contacts" | "bulk_products" | "bulk_offers" | "bulk_orders" | "bulk_documents" => {
            vec![("200", bulk(object_of(operation)))]
        }
        "list_changes" => {
            let changes = changes().iter().map(twoway_view::change).collect();
            let cursor = "AbT3x0p6tq4eKQ8y5fJw".to_owned();
            vec![("200", json(&contract::Changes { changes, cursor, more: false, read_only: false }))]
        }
        "get_history" => {
            let changes = changes().iter().rev().map(twoway_view::change).collect();
            vec![("200", json(&contract::History { changes }))]
        }
        "list_attention" => vec![("200", attention())],
        "approve_deletions" => {
            vec![("202", json(&contract::Approved { list: format!("{:016x}", guard::list_hash(&deleted()).0) }))]
        }
        "get_settings" | "put_settings" => vec![("200", json(&plan_view::settings(&Settings::standard())))],
        "make_plan" => vec![("202", json(&plan_view::plan(&view(PlanState::Making), true)))],
        "list_plans" => {
            let plans = [PlanState::Made, PlanState::Refused].map(|state| plan_view::head(&view(state).row)).to_vec();
            vec![("200", json(&contract::Plans { plans }))]
        }
        "get_plan" => vec![("200", json(&plan_view::plan(&view(PlanState::Applied), true)))],
        "approve_plan" => vec![("202", json(&plan_view::plan(&view(PlanState::Approved), false)))],
        "list_certificates" => {
            let certificates = vec![plan_view::certificate(&certificate())];
            vec![("200", json(&contract::Certificates { certificates }))]
        }
        "undo_run" => vec![("200", plan_view::undone(&undone()))],
        _ => Vec::new(),
    }
}

fn object_of(operation: &str) -> Object {
    match operation.rsplit('_').next() {
        Some("product" | "products") => Object::Products,
        Some("document" | "documents") => Object::PurchaseOrders,
        Some("offer" | "offers") => Object::Offers,
        Some("order" | "orders") => Object::Orders,
        _ => Object::Contacts,
    }
}

fn tenant() -> TenantId {
    "t_00000000000000000001".parse().expect("a tenant id")
}

const ERP_ID: ErpId = ErpId::new(400_000_000_001);

fn id(object: Object) -> RecordId {
    RecordId::for_erp(&tenant(), object, ERP_ID)
}

fn pieces(value: Value) -> Fields {
    let Value::Object(pieces) = value else { panic!("pieces") };
    pieces.into_iter().collect()
}

fn contact() -> Value {
    json!({
        "name": "Kavarna Pri Vodnjaku d.o.o.", "company": true, "buyer": true,
        "tax": { "tax_number": "SI51510847", "taxpayer": true },
        "addresses/a1": { "kind": "billing", "street": "Stari trg 4", "post_code": "1000", "city": "Ljubljana", "country": "SI" },
    })
}

fn fields(object: Object) -> Fields {
    pieces(match object {
        Object::Contacts => contact(),
        Object::Products => json!({ "name": "Kava v zrnju", "code": "KAVA-1", "unit": "kg", "sales": true }),
        _ => json!({
            "partner": { "erp_id": "400000000001" }, "currency": "EUR", "date": "2026-11-24",
            "lines/l1": { "product": "400000000159", "amount": "3", "price": "12.5" },
        }),
    })
}

/// A record that only the CRM has.
fn open(object: Object) -> Entry {
    let id = RecordId::for_crm(&tenant(), object, "c-42");
    Entry { due: Some(now()), ..Entry::of_crm(id, "c-42".to_owned(), fields(object)) }
}

/// One that both sides have, in step.
fn linked(object: Object) -> Entry {
    let entry = Entry::of_erp(id(object), ERP_ID, fields(object));
    Entry { crm_id: Some("c-42".to_owned()), revision: 4, ..entry }
}

fn conflict() -> Entry {
    let value = |name: &str| Some(json!(name));
    let conflict = Conflict { base: value("Vodnjak"), crm: value("Pri Vodnjaku"), erp: value("Vodnjak d.o.o.") };
    Entry { conflicts: [("name".to_owned(), conflict)].into(), ..linked(Object::Contacts) }
}

fn held(reason: HoldReason) -> Entry {
    Entry { hold: Some(Hold { reason, since: now(), candidates: Vec::new() }), ..open(Object::Orders) }
}

/// A contact that two partners could be.
fn doubtful() -> Entry {
    let candidate = |n: u64, name: &str, evidence: &[Evidence]| Candidate {
        erp_id: ErpId::new(400_000_000_000 + n),
        name: name.to_owned(),
        number: Some(format!("K-{n}")),
        evidence: evidence.to_vec(),
    };
    let candidates = vec![
        candidate(7, "Kavarna Vodnjak Maribor d.o.o.", &[Evidence::Email, Evidence::Name]),
        candidate(8, "Pekarna Zrno", &[Evidence::Email, Evidence::DifferentName]),
    ];
    let reason = HoldReason::Ambiguous { found: candidates.iter().map(|c| c.erp_id).collect() };
    Entry { due: None, hold: Some(Hold { reason, since: now(), candidates }), ..open(Object::Contacts) }
}

/// Another contact of the CRM that is the same partner.
fn double() -> Entry {
    let id = RecordId::for_crm(&tenant(), Object::Contacts, "c-77");
    let fields = [("name", json!("Vodnjak")), ("registration_number", json!("6140777000"))];
    Entry::of_crm(id, "c-77".to_owned(), fields.into_iter().collect())
}

fn merged() -> Pair {
    let settings = ObjectSettings::standard(Object::Contacts);
    let done = contacts::merge(&tenant(), &double(), &linked(Object::Contacts), &settings, "ana", now());
    let done = done.expect("merged");
    Pair { survivor: done.survivor, gone: done.alias }
}

fn bulk(object: Object) -> Value {
    let gone = Problem::new(Code::NotFound);
    let wrong = Problem::new(Code::InvalidRequest).at("$.fields[\"name\"]", "must be a text in quotes");
    let results = vec![
        twoway_view::bulk_result("c-42".to_owned(), Ok(Held { entry: open(object), created: true })),
        twoway_view::bulk_result("c-43".to_owned(), Err(gone)),
        twoway_view::bulk_result("c-44".to_owned(), Err(wrong)),
    ];
    json(&contract::BulkAnswer { results })
}

/// A record that the ERP made, that became the CRM's, and that both sides changed.
fn changes() -> Vec<Change> {
    let field =
        |before: Option<&str>, after: &str| FieldChange { before: before.map(|b| json!(b)), after: Some(json!(after)) };
    let change = |seq, side, kind, fields: BTreeMap<String, FieldChange>| Change {
        seq,
        at: now(),
        run: None,
        actor: "sync".to_owned(),
        side,
        kind,
        record: id(Object::Contacts),
        erp_id: Some(ERP_ID),
        crm_id: (seq > 1).then(|| "c-42".to_owned()),
        version: seq,
        revision: seq,
        prev: (seq > 1).then_some(seq - 1),
        joined: None,
        decided: BTreeMap::new(),
        event: None,
        matched: None,
        action: None,
        fields,
    };
    let run = "run_01990a1b2c3d7e5f8091a2b3c4d5e6f8".parse().expect("a run id");
    let named = |field| [("name".to_owned(), field)].into();
    let acted = Some(super::actions::acted());
    let lost = Decided { rule: Rule::Newest, lost: Some(json!("Pri Vodnjaku")) };
    vec![
        Change { run: Some(run), ..change(1, Side::Erp, ChangeKind::Added, named(field(None, "Vodnjak"))) },
        Change {
            actor: "ana".to_owned(),
            event: Some("3f1c".to_owned()),
            matched: Some(Matched {
                erp_id: Some(ERP_ID),
                evidence: vec![Evidence::TaxNumber, Evidence::Name],
                ..Matched::default()
            }),
            ..change(2, Side::Erp, ChangeKind::Linked, BTreeMap::new())
        },
        Change {
            decided: [("name".to_owned(), lost)].into(),
            ..change(3, Side::Erp, ChangeKind::Updated, named(field(Some("Vodnjak"), "Vodnjak d.o.o.")))
        },
        Change { actor: "ana".to_owned(), action: acted, ..change(4, Side::Crm, ChangeKind::Acted, BTreeMap::new()) },
    ]
}

fn deleted() -> BTreeSet<RecordId> {
    (1..=12).map(|n| RecordId::for_erp(&tenant(), Object::Contacts, ErpId::new(n))).collect()
}

fn attention() -> Value {
    let (records, list) = (deleted(), guard::list_hash(&deleted()));
    let verdict = Verdict::Ask { list, reason: StopReason::LargeShare };
    let waiting = Deletions { object: Object::Contacts, records, verdict, list };
    let records = [conflict(), doubtful(), held(HoldReason::Rejected { code: "ERR_12".to_owned() })];
    json(&contract::Attention {
        records: records.iter().map(twoway_view::record).collect(),
        deletions: vec![twoway_view::deletions(&waiting)],
        statuses: crate::story_view::unmapped(&super::story::known()),
        next_cursor: Some("AbT3x0p6tq4eKQ8y5fJw".to_owned()),
    })
}

/// What the planner makes of a record that the ERP does not have, and of one that it has.
fn plan() -> Plan {
    let none = Probed::Answered { found: Vec::new(), control: true };
    let missing = sync::plan::Looked::of_crm(open(Object::Contacts), none, None);
    let unread = sync::plan::Looked::linked(linked(Object::Products), sync::twoway::Side::Unknown);
    let sizes = BTreeMap::from([(Object::Contacts, Sizes { live: 40, ..Sizes::default() })]);
    sync::plan::plan(&tenant(), vec![missing, unread], &Settings::standard(), &sizes, Timing::STANDARD, now())
}

fn view(state: PlanState) -> PlanView {
    let name = json(&state).as_str().expect("a name").to_owned();
    let row = PlanRow {
        id: PLAN.to_owned(),
        version: 1,
        made_at: now(),
        state: name,
        hash: String::new(),
        bytes: Vec::new(),
    };
    let outcome = PlanOutcome { written: vec![id(Object::Contacts)], ..PlanOutcome::default() };
    PlanView {
        row,
        state,
        plan: (state != PlanState::Making).then(plan),
        outcome: (state == PlanState::Applied).then_some(outcome),
    }
}

fn certificate() -> Daily {
    let digest = |count, byte| Digest { count, sum: [byte; 32] };
    let difference = Difference { key: id(Object::Contacts).to_string(), kind: DifferenceKind::Differs };
    let certificate = Certificate {
        crm: digest(1204, 17),
        erp: digest(1204, 18),
        differences: vec![difference],
        more: 0,
        equal: false,
    };
    Daily { day: "2026-11-24".to_owned(), object: Object::Contacts, at: now(), certificate }
}

fn undone() -> Undone {
    let run_id = "run_01990a1b2c3d7e5f8091a2b3c4d5e6f9".parse().expect("a run id");
    let mut run = domain::Run::queued(run_id, Mode::Undo, Trigger::Request, &[Object::Contacts], now());
    run.state = RunState::Succeeded;
    run.started_at = Some(now());
    run.finished_at = Some(now());
    let back = Back { is: Some(json!("Vodnjak d.o.o.")), to: Some(json!("Vodnjak")) };
    let later = Later { seq: 9, at: now(), by: "ana".to_owned(), from: sync::twoway::Winner::Crm };
    let one = Undo {
        record: id(Object::Contacts),
        set: [("name".to_owned(), back)].into(),
        kept: [("buyer".to_owned(), Some(later))].into(),
        refused: [("discounts".to_owned(), Refused::OwnedByErp)].into(),
        whole: Some(Refused::Linked),
    };
    let left = BTreeMap::from([(one.record, vec!["supplier".to_owned()])]);
    Undone { run, records: vec![one], left }
}

mod tests {
    use super::*;
    use crate::body;
    use crate::openapi::examples::assert_form;
    use domain::Direction;

    #[test]
    fn every_answer_about_both_sides_has_the_form_of_the_contract() {
        type Check = fn(&Value);
        let record: Check = assert_form::<contract::CrmRecord>;
        let bulk: Check = assert_form::<contract::BulkAnswer>;
        let table: &[(&str, Check)] = &[
            ("put_contact", record),
            ("put_product", record),
            ("put_offer", record),
            ("put_order", record),
            ("put_document", record),
            ("delete_contact", record),
            ("delete_product", record),
            ("delete_offer", record),
            ("delete_order", record),
            ("delete_document", record),
            ("get_offer", record),
            ("get_order", record),
            ("find_document", record),
            ("settle_conflict", record),
            ("settle_match", record),
            ("restore_record", record),
            ("look_again", record),
            ("bulk_contacts", bulk),
            ("bulk_products", bulk),
            ("bulk_offers", bulk),
            ("bulk_orders", bulk),
            ("bulk_documents", bulk),
            ("list_changes", assert_form::<contract::Changes>),
            ("get_history", assert_form::<contract::History>),
            ("list_attention", assert_form::<contract::Attention>),
            ("approve_deletions", assert_form::<contract::Approved>),
            ("get_settings", assert_form::<contract::Settings>),
            ("put_settings", assert_form::<contract::Settings>),
            ("make_plan", assert_form::<contract::Plan>),
            ("list_plans", assert_form::<contract::Plans>),
            ("get_plan", assert_form::<contract::Plan>),
            ("approve_plan", assert_form::<contract::Plan>),
            ("list_certificates", assert_form::<contract::Certificates>),
            ("undo_run", assert_form::<contract::Undone>),
        ];
        for (operation, check) in table {
            let examples = responses(operation);
            assert!(!examples.is_empty(), "{operation}");
            for (_, example) in examples {
                check(&example);
            }
        }
    }

    #[test]
    fn every_state_and_every_reason_has_a_name_in_the_contract() {
        let base = linked(Object::Contacts);
        let at = Some(now());
        for (entry, state) in [
            (base.clone(), "in_step"),
            (open(Object::Contacts), "waiting"),
            (Entry { due: at, ..base.clone() }, "waiting"),
            (conflict(), "held"),
            (held(HoldReason::GivenUp), "held"),
            (Entry { crm_deleted_at: at, ..base.clone() }, "deleting"),
            (Entry { crm_deleted_at: at, erp_id: None, ..base.clone() }, "deleted"),
            (Entry { crm_deleted_at: at, crm_id: None, ..base.clone() }, "deleted"),
            (Entry { crm_deleted_at: at, ..open(Object::Contacts) }, "deleted"),
            (Entry { archived_at: at, ..base }, "archived"),
            (merged().gone, "merged"),
        ] {
            let shown = json(&twoway_view::record(&entry));
            assert_eq!(shown["sync"], state);
            assert_form::<contract::CrmRecord>(&shown);
        }
        let found = vec![ErpId::new(7), ErpId::new(8)];
        for (reason, code, about) in [
            (HoldReason::Rejected { code: "ERR_12".to_owned() }, "rejected", json!(["ERR_12"])),
            (HoldReason::Ambiguous { found }, "ambiguous", json!(["7", "8"])),
            (HoldReason::Different { erp_id: ErpId::new(7) }, "different", json!(["7"])),
            (HoldReason::LinkTaken { crm_id: "c-1".to_owned() }, "link_taken", json!(["c-1"])),
            (HoldReason::GivenUp, "given_up", Value::Null),
            (HoldReason::EditAgainstDelete, "edit_against_delete", Value::Null),
            (HoldReason::GoneInErp, "gone_in_erp", Value::Null),
            (HoldReason::NotInApi, "not_in_api", Value::Null),
            (HoldReason::OneWay, "one_way", Value::Null),
            (HoldReason::Unlinked { by: "ana".to_owned(), erp_id: ErpId::new(7) }, "unlinked", json!(["ana", "7"])),
        ] {
            let shown = json(&twoway_view::record(&held(reason)));
            assert_eq!((&shown["hold"]["code"], &shown["hold"]["about"]), (&json!(code), &about));
            assert_form::<contract::CrmRecord>(&shown);
        }
    }

    #[test]
    fn every_name_about_both_sides_is_one_of_the_contract() {
        use ChangeKind::{
            Acted, Added, Deleted, Found, Linked, Merged, Missing, Restored, Unlinked, Unmerged, Updated,
        };
        use Evidence::{Address, DifferentName, Email, Name, Sent, TaxDigits, TaxNumber};
        use PlanState::{Applied, Approved, Failed, Made, Making, Refused};
        for kind in [Added, Updated, Missing, Found, Linked, Deleted, Restored, Merged, Unmerged, Unlinked, Acted] {
            let shown = json(&twoway_view::change(&Change { kind, ..changes().remove(0) }));
            assert_eq!(shown["kind"], json(&kind));
            assert_form::<contract::Change>(&shown);
        }
        for side in [Side::Erp, Side::Crm] {
            assert_eq!(json(&twoway_view::change(&Change { side, ..changes().remove(0) }))["from"], json(&side));
        }
        for state in [Making, Made, Approved, Applied, Refused, Failed] {
            assert_eq!(json(&plan_view::head(&view(state).row))["state"], json(&state));
        }
        let matched = Matched {
            erp_id: Some(ERP_ID),
            evidence: vec![Sent, TaxNumber, TaxDigits, Email, Name, Address, DifferentName],
            none_of: [ErpId::new(7)].into(),
            reason: Some("Another shop".to_owned()),
        };
        let shown = json(&twoway_view::change(&Change { matched: Some(matched.clone()), ..changes().remove(0) }));
        assert_eq!(shown["matched"], json(&matched), "said as it is kept");
        assert_form::<contract::Change>(&shown);
        for rule in [Rule::Crm, Rule::Erp, Rule::Newest, Rule::Park] {
            for direction in [Direction::Both, Direction::ToCrm, Direction::ToErp] {
                let mut settings = Settings::standard();
                let orders = settings.objects.get_mut(&Object::Orders).expect("there");
                orders.direction = direction;
                orders.rules.values_mut().for_each(|r| *r = rule);
                let shown = json(&plan_view::settings(&settings));
                let mut kept = json(&settings);
                // What is as usual is not kept, and shown all the same.
                kept["calls_a_day"] = json(&settings.calls_a_day);
                assert_eq!(shown, kept, "said as it is kept");
                let read: contract::Settings = serde_json::from_value(shown).expect("its form");
                let orders = read.objects[&contract::ObjectName(Object::Orders)].clone();
                assert_eq!(domain::ObjectSettings::from(orders), settings.of(Object::Orders), "and read back");
            }
        }
    }

    #[test]
    fn every_request_about_both_sides_is_one_that_the_api_takes() {
        fn read<T: serde::de::DeserializeOwned>(operation: &str) -> T {
            serde_json::from_value(request(operation).expect("an example")).expect("its form")
        }
        for operation in ["put_contact", "put_product", "put_offer", "put_order"] {
            let put = read::<body::PutRecord>(operation).into_put();
            let object = object_of(operation);
            let fields = put.fields.canonical(object).expect("every piece is one of its type");
            assert_eq!(domain::fields::missing_to_create(object, &fields), Vec::<&str>::new(), "{operation}");
            assert!(put.record.is_none_or(|r| r.object() == object));
        }
        for operation in ["bulk_contacts", "bulk_products", "bulk_offers", "bulk_orders"] {
            assert_eq!(body::check(&read::<body::BulkItems>(operation), "$."), Ok(()));
        }
        read::<body::Settle>("settle_conflict");
        read::<body::MergeContact>("merge_contacts");
        read::<body::LinkContact>("link_contact");
        assert!(read::<body::SettleMatch>("settle_match").into_word(1).is_ok());
        read::<body::ApproveDeletions>("approve_deletions");
        read::<body::ApprovePlan>("approve_plan");
        let settings = read::<body::ChangeSettings>("put_settings").into_settings(1).expect("every type");
        assert_eq!(settings, Settings::standard());
    }
}
