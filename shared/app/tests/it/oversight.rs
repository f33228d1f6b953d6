//! Plans, deletions, conflicts, undo and certificates, against the simulator.

use app::twoway::edit::{self, EditError};
use app::twoway::plans::{self, PlanError, PlanState};
use app::twoway::{certificates, oversight, undo};
use app::work::work;
use cloud::Work;
use domain::{Fields, Object, RecordId, Settings};
use jiff::SignedDuration;
use serde_json::json;
use sync::guard::Verdict;
use sync::twoway::{Entry, HoldReason, Winner};

use crate::twoway::{BY, contact, ready};
use crate::world::{LONG, World};

impl World {
    pub(crate) async fn plan(&self) -> plans::PlanView {
        let row = plans::request(&self.services, &self.tenant(1)).await.expect("a plan");
        self.work_plan(&row.id).await
    }

    pub(crate) async fn work_plan(&self, id: &str) -> plans::PlanView {
        work(&self.services, &self.tenant(1), &Work::Plan(id.to_owned()), LONG).await.expect("a slice");
        plans::view(&self.tenant(1), id).await.expect("the plan")
    }

    pub(crate) async fn approve(&self, view: &plans::PlanView) -> Result<(), PlanError> {
        let hash = view.plan.as_ref().expect("made").hash();
        plans::approve(&self.services, &self.tenant(1), &view.row.id, &hash, BY).await.map(|_| ())
    }

    /// A contact of the ERP that the CRM claims, as it has it.
    async fn claim(&self, crm_id: &str, n: usize) -> Entry {
        let list = self.tenant(1).list(Object::Contacts, None, n + 1, false).await.expect("the table");
        let stored = &list.records[n];
        let put = edit::Put { fields: Fields::of(&stored.record), record: Some(stored.id), ..edit::Put::default() };
        edit::put(&self.services, &self.tenant(1), Object::Contacts, crm_id, &put, BY).await.expect("linked").entry
    }

    async fn rename(&self, entry: &Entry, name: &str) -> Entry {
        let mut fields = entry.crm.clone();
        fields.set("name", json!(name));
        let put = edit::Put { fields, revision: Some(entry.revision), ..edit::Put::default() };
        let crm_id = entry.crm_id.as_deref().expect("linked");
        edit::put(&self.services, &self.tenant(1), Object::Contacts, crm_id, &put, BY).await.expect("taken").entry
    }

    async fn rename_in_erp(&self, entry: &Entry, name: &str) {
        let op = json!({ "op": "partner.update", "id": entry.erp_id.expect("linked").to_string(), "fields": { "customer": name } });
        let path = format!("/companies/{}/edit", self.companies[0].0);
        self.control(reqwest::Method::POST, &path, op).await;
    }

    async fn entry(&self, id: RecordId) -> Entry {
        edit::entry(&self.tenant(1), id).await.expect("the table").expect("a record")
    }
}

#[tokio::test]
async fn a_plan_of_a_read_only_tenant_says_every_write_and_exactly_that_is_carried_out() {
    let w = World::new(21).await;
    w.connected(1, 0).await;
    w.put(Object::Contacts, "c-1", contact("Novi kupec d.o.o.")).await;
    let claimed = w.claim("c-2", 0).await;
    w.rename(&claimed, "Preimenovan d.o.o.").await;
    let view = w.plan().await;
    assert_eq!(view.state, PlanState::Made);
    let plan = view.plan.clone().expect("made");
    assert_eq!(plan.counts(), [("create_in_erp", 1), ("update_erp", 1)].into());
    assert_eq!(w.writes().await, 0, "a plan writes nothing");
    assert!(matches!(plans::approve(&w.services, &w.tenant(1), &view.row.id, "0", BY).await, Err(PlanError::Moved(_))));
    w.approve(&view).await.expect("approved");
    let done = w.work_plan(&view.row.id).await;
    assert_eq!(done.state, PlanState::Applied, "{:?}", done.outcome);
    assert_eq!(done.outcome.expect("carried out").written.len(), 2);
    assert_eq!(w.writes().await, 2);
    assert!(!edit::settings(&w.tenant(1)).await.expect("the table").read_only, "from now on it writes");
    assert_eq!(w.entry(claimed.id).await.erp.get("name"), Some(&json!("Preimenovan d.o.o.")));
    assert!(matches!(w.approve(&view).await, Err(PlanError::Moved(_))), "once");
    assert!(w.plan().await.plan.expect("made").is_empty(), "planning again is empty");
}

#[tokio::test]
async fn what_moved_since_a_plan_is_named_and_nothing_is_written() {
    let w = World::new(22).await;
    w.connected(1, 0).await;
    let claimed = w.claim("c-2", 0).await;
    let renamed = w.rename(&claimed, "Preimenovan d.o.o.").await;
    let view = w.plan().await;
    w.approve(&view).await.expect("approved");
    w.rename(&renamed, "Spet drugače d.o.o.").await;
    let done = w.work_plan(&view.row.id).await;
    assert_eq!(done.state, PlanState::Refused);
    assert_eq!(done.outcome.expect("looked at").moved[0].record, claimed.id);
    assert_eq!(w.writes().await, 0);
    assert!(edit::settings(&w.tenant(1)).await.expect("the table").read_only);
}

#[tokio::test]
async fn a_conflict_shows_both_values_and_is_settled_by_a_person() {
    let w = ready(23).await;
    let claimed = w.claim("c-2", 0).await;
    w.rename(&claimed, "Naše ime d.o.o.").await;
    w.rename_in_erp(&claimed, "Njihovo ime d.o.o.").await;
    w.push().await;
    let entry = w.entry(claimed.id).await;
    let conflict = entry.conflicts.get("name").unwrap_or_else(|| panic!("{entry:#?}"));
    assert_eq!(conflict.crm, Some(json!("Naše ime d.o.o.")));
    assert_eq!(conflict.erp, Some(json!("Njihovo ime d.o.o.")));
    assert_eq!(conflict.base.as_ref(), claimed.crm.get("name"));
    let (waiting, next) = oversight::waiting(&w.tenant(1), None, 10).await.expect("the table");
    assert_eq!((waiting.iter().map(|e| e.id).collect::<Vec<_>>(), next), (vec![claimed.id], None));
    let tenant = w.tenant(1);
    let of = |piece: &'static str| edit::settle(&w.services, &tenant, claimed.id, piece, Winner::Crm, BY);
    assert!(matches!(of("tax").await, Err(EditError::NoConflict(_))));
    of("name").await.expect("settled");
    w.push().await;
    let entry = w.entry(claimed.id).await;
    assert_eq!((entry.erp.get("name"), entry.conflicts.len(), entry.due), (Some(&json!("Naše ime d.o.o.")), 0, None));
    let why = w.tenant(1).history(claimed.id, 10).await.expect("the table");
    assert!(why.iter().any(|c| c.decided.contains_key("name") && c.actor == "ana"), "who settled it: {why:#?}");
}

#[tokio::test]
async fn many_deletions_wait_for_a_person_before_the_first_of_them() {
    let w = ready(24).await;
    let all = w.tenant(1).list(Object::Orders, None, 120, false).await.expect("the table").records;
    for (n, stored) in all.iter().enumerate() {
        let put = edit::Put { fields: Fields::of(&stored.record), record: Some(stored.id), ..edit::Put::default() };
        let crm_id = format!("o-{n}");
        edit::put(&w.services, &w.tenant(1), Object::Orders, &crm_id, &put, BY).await.expect("linked");
        edit::delete(&w.services, &w.tenant(1), Object::Orders, &crm_id, BY).await.expect("deleted");
    }
    w.push().await;
    w.push().await;
    assert_eq!(w.writes().await, 0);
    let waiting = oversight::deletions(&w.tenant(1), w.services.clock.now()).await.expect("the table");
    assert_eq!((waiting.len(), waiting[0].records.len()), (1, 120));
    assert!(matches!(waiting[0].verdict, Verdict::Ask { .. }));
    let list = format!("{:016x}", waiting[0].list.0);
    let word = oversight::approve_deletions(&w.services, &w.tenant(1), Object::Orders, &list, BY).await;
    word.expect("the list that was shown");
    w.push().await;
    let gone = w.calls().await["calls"]["delete_document"].as_u64().unwrap_or(0);
    let left = oversight::deletions(&w.tenant(1), w.services.clock.now()).await.expect("the table");
    assert!(gone > 0 && left.is_empty(), "{gone} {left:?}");
}

#[tokio::test]
async fn a_deleted_contact_is_taken_apart_and_comes_back_within_thirty_days() {
    let w = ready(25).await;
    let claimed = w.claim("c-2", 0).await;
    edit::delete(&w.services, &w.tenant(1), Object::Contacts, "c-2", BY).await.expect("deleted");
    let refused = w.try_put(Object::Contacts, "c-2", json!({ "name": "X" }), Some(claimed.revision + 1)).await;
    assert!(matches!(refused, Err(EditError::Refused(_))), "{refused:?}");
    w.push().await;
    w.push().await;
    let entry = w.entry(claimed.id).await;
    assert_eq!((entry.crm_id.clone(), entry.erp_id, w.writes().await), (None, claimed.erp_id, 0), "{entry:#?}");
    w.clock.advance(SignedDuration::from_hours(31 * 24));
    let late = edit::take_back(&w.services, &w.tenant(1), claimed.id, BY).await;
    assert!(matches!(late, Err(EditError::Restore(_))), "{late:?}");
}

#[tokio::test]
async fn a_run_is_taken_back_and_the_undo_as_well() {
    let w = ready(26).await;
    let claimed = w.claim("c-2", 0).await;
    let before = claimed.crm.get("name").cloned();
    w.rename_in_erp(&claimed, "Preimenovan v ERP d.o.o.").await;
    w.clock.advance(SignedDuration::from_mins(1));
    let run = w.full_run(1).await;
    assert_eq!(w.entry(claimed.id).await.crm.get("name"), Some(&json!("Preimenovan v ERP d.o.o.")));
    w.clock.advance(SignedDuration::from_mins(1));
    let undone = undo::undo_run(&w.services, &w.tenant(1), run.id, BY).await.expect("undone");
    let record = undone.records.iter().find(|u| u.record == claimed.id).expect("of this record");
    assert!(record.set.contains_key("name"), "{record:?}");
    w.push().await;
    let entry = w.entry(claimed.id).await;
    assert_eq!((entry.crm.get("name"), entry.erp.get("name")), (before.as_ref(), before.as_ref()));
    w.clock.advance(SignedDuration::from_mins(1));
    undo::undo_run(&w.services, &w.tenant(1), undone.run.id, BY).await.expect("the undo is undone");
    w.push().await;
    assert_eq!(w.entry(claimed.id).await.erp.get("name"), Some(&json!("Preimenovan v ERP d.o.o.")));
}

#[tokio::test]
async fn a_certificate_says_equal_or_names_what_differs() {
    let w = ready(27).await;
    let claimed = w.claim("c-2", 0).await;
    let now = w.services.clock.now();
    let equal = certificates::certify(&w.tenant(1), Object::Contacts, now).await.expect("the table").certificate;
    assert!(equal.equal && equal.crm == equal.erp && equal.crm.count == 1, "{equal:?}");
    w.rename(&claimed, "Še na poti d.o.o.").await;
    let differs = certificates::certify(&w.tenant(1), Object::Contacts, now).await.expect("the table").certificate;
    assert_eq!(differs.differences.iter().map(|d| d.key.clone()).collect::<Vec<_>>(), [claimed.id.to_string()]);
    w.push().await;
    let again = certificates::certify(&w.tenant(1), Object::Contacts, now).await.expect("the table");
    assert!(again.certificate.equal);
    assert!(
        certificates::newest(&w.tenant(1), 2 * certificates::objects().count())
            .await
            .expect("the table")
            .contains(&again)
    );
}

#[tokio::test]
async fn settings_that_are_not_total_are_refused_and_a_rule_that_changes_holds_from_then_on() {
    let w = ready(28).await;
    let now = edit::settings(&w.tenant(1)).await.expect("the table");
    let mut partial = now.clone();
    partial.objects.get_mut(&Object::Contacts).expect("there").rules.remove("name");
    let change = async |settings: Settings| {
        oversight::change_settings(&w.services, &w.tenant(1), now.version, settings, BY).await
    };
    assert!(change(partial).await.is_err());
    let mut crm_wins = now.clone();
    crm_wins.objects.get_mut(&Object::Contacts).expect("there").rules.insert("name".to_owned(), domain::Rule::Crm);
    change(crm_wins).await.expect("total");
    let claimed = w.claim("c-2", 0).await;
    w.rename(&claimed, "Naše ime d.o.o.").await;
    w.rename_in_erp(&claimed, "Njihovo ime d.o.o.").await;
    w.push().await;
    let entry = w.entry(claimed.id).await;
    assert_eq!((entry.conflicts.len(), entry.erp.get("name")), (0, Some(&json!("Naše ime d.o.o."))), "{entry:#?}");
    assert!(!matches!(entry.hold.map(|h| h.reason), Some(HoldReason::Rejected { .. })));
}

#[tokio::test]
async fn a_record_that_the_crm_takes_up_from_an_old_part_of_the_feed_takes_nothing_back() {
    let w = ready(29).await;
    let stored = w.tenant(1).list(Object::Contacts, None, 1, false).await.expect("the table").records.remove(0);
    let entry = w.entry(stored.id).await;
    w.rename_in_erp(&entry, "Medtem preimenovan d.o.o.").await;
    w.full_run(1).await;
    let put = edit::Put {
        fields: entry.crm.clone(),
        record: Some(stored.id),
        revision: Some(entry.revision),
        ..edit::Put::default()
    };
    let held = edit::put(&w.services, &w.tenant(1), Object::Contacts, "c-9", &put, BY).await.expect("linked");
    assert_eq!(held.entry.crm.get("name"), Some(&json!("Medtem preimenovan d.o.o.")));
    w.push().await;
    assert_eq!((w.writes().await, w.entry(stored.id).await.due), (0, None));
}

#[tokio::test]
async fn a_deletion_is_not_taken_for_done_because_another_company_answers() {
    let w = ready(30).await;
    let stored = w.tenant(1).list(Object::Orders, None, 1, false).await.expect("the table").records.remove(0);
    let put = edit::Put { fields: Fields::of(&stored.record), record: Some(stored.id), ..edit::Put::default() };
    edit::put(&w.services, &w.tenant(1), Object::Orders, "o-1", &put, BY).await.expect("linked");
    edit::delete(&w.services, &w.tenant(1), Object::Orders, "o-1", BY).await.expect("deleted");
    w.fault(json!({ "kind": "wrong_company", "endpoint": "get_document" })).await;
    w.push().await;
    w.clock.advance(SignedDuration::from_mins(20));
    w.push().await;
    let entry = w.entry(stored.id).await;
    assert!(entry.erp_id.is_some() && entry.due.is_some(), "it waits for an answer that can be believed: {entry:#?}");
    assert_eq!(w.writes().await, 0);
    w.no_faults().await;
    w.clock.advance(SignedDuration::from_mins(20));
    w.push().await;
    w.push().await;
    assert_eq!((w.entry(stored.id).await.erp_id, w.writes().await), (None, 1));
}
