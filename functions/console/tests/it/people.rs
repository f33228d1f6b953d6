//! Contacts as people arrange them: a merge that is shown first, apart and together again, the blacklist.

use app::twoway::edit::{self, By, Put};
use axum::http::StatusCode;
use cloud::{Secrets, TenantSecrets, Work};
use domain::{Fields, Object, RecordId};
use runtime::{Permission, Role, allows};
use serde_json::json;

use crate::{
    both_sides::{contact, id},
    support::{Page, World, tenant_id},
};

const BY: By<'static> = By { actor: "crm", request: None };

/// The record that only the CRM has.
fn of_crm(crm_id: &str) -> RecordId {
    RecordId::for_crm(&tenant_id(1), Object::Contacts, crm_id)
}

struct Desk {
    world: World,
    cookie: String,
    csrf: String,
}

impl Desk {
    /// A partner 7 of the ERP that the CRM knows as `b`, and a contact `a` that only the CRM has.
    async fn new(role: Role) -> Self {
        let world = World::new().await;
        world.connect(1).await;
        let desk = Self { cookie: world.sign_in(1, role).await, csrf: String::new(), world };
        desk.linked(7, "b", "Kavarna <b>Pri</b> vodnjaku").await;
        let mut fields = Fields::of(&contact(1, "Kavarna"));
        fields.set("persons/p", json!({ "name": "Ana Kos", "email": "ana@kavarna.example" }));
        desk.put("a", &Put { fields, ..Put::default() }).await;
        let csrf = desk.world.get("/console/waiting", &desk.cookie).await.csrf();
        Self { csrf, ..desk }
    }

    async fn put(&self, crm_id: &str, put: &Put) {
        edit::put(&self.world.services, &self.world.tenant(1), Object::Contacts, crm_id, put, BY).await.expect("put");
    }

    async fn linked(&self, n: u64, crm_id: &str, name: &str) {
        let record = self.world.erp_contact(1, n, name).await;
        let fields = Fields::of(&contact(n, name));
        self.put(crm_id, &Put { fields, record: Some(record), ..Put::default() }).await;
    }

    async fn page(&self, record: RecordId, query: &str) -> Page {
        self.world.get(&format!("/console/records/{record}{query}"), &self.cookie).await
    }

    async fn post(&self, record: RecordId, what: &str, fields: &str) -> Page {
        let form = format!("csrf={}&{fields}", self.csrf);
        self.world.post(&format!("/console/records/{record}/{what}"), &self.cookie, &form).await
    }

    fn is_woken(&self) -> bool {
        self.world.queue.receive(10).iter().any(|d| d.message().expect("ours").work == Work::Push)
    }
}

fn leads_to(page: &Page, record: RecordId, done: &str) {
    let there = format!("/console/records/{record}?done={done}");
    assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, there.as_str()), "{}", page.text());
}

#[tokio::test]
async fn two_contacts_are_shown_side_by_side_merged_and_made_two_again() {
    let desk = Desk::new(Role::Operations).await;
    let (a, b) = (of_crm("a"), id(1, 7));
    assert!(desk.page(a, "").await.body.contains("name=\"into\""));
    let shown = desk.page(a, "/merge?into=%20b%20").await;
    let text = shown.text();
    assert_eq!(shown.status, StatusCode::OK, "{text}");
    for told in ["This one goes", "This one stays", "What it has afterwards", "Ana Kos", "new", "The other way round"] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(!shown.body.contains("<b>Pri"), "names are text");
    assert!(desk.world.entry(1, a).await.merged.is_none(), "a look changes nothing");
    let stale = desk.post(a, "merge", "into=b&revision=9").await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(
        stale.body.contains("id=\"merge-into-wrong\"") && stale.text().contains("Somebody has changed the contact")
    );
    let revision = desk.world.entry(1, a).await.revision;
    let merged = desk.post(a, "merge", &format!("into=b&revision={revision}")).await;
    leads_to(&merged, b, "merged");
    assert!(desk.is_woken());
    let survivor = desk.world.entry(1, b).await;
    assert!(survivor.absorbed.contains_key("a") && survivor.crm.get("persons/p").is_some());
    let page = desk.page(b, "?done=merged").await;
    for told in ["The two are one contact now.", "Merged into this contact", "Take the merge back : a"] {
        assert!(page.text().contains(told), "{told}\n{}", page.text());
    }
    let gone = desk.page(a, "").await;
    assert!(gone.text().contains("This contact was merged into another one") && gone.body.contains("id=\"unmerge\""));
    assert!(gone.body.contains(&format!("href=\"/console/records/{b}\"")));
    let again = desk.page(a, "/merge?into=b").await;
    assert!(again.status == StatusCode::CONFLICT || again.status == StatusCode::OK, "{}", again.status);

    let back = desk.post(b, "unmerge", "gone=a").await;
    leads_to(&back, a, "unmerged");
    assert!(desk.world.entry(1, a).await.merged.is_none());
    assert!(desk.page(a, "?done=unmerged").await.text().contains("They are two contacts again."));
    let twice = desk.post(b, "unmerge", "gone=a").await;
    assert!(twice.text().contains("This contact is not merged with another one."), "{}", twice.text());
}

#[tokio::test]
async fn each_reason_against_a_merge_stands_at_its_field_in_words() {
    let desk = Desk::new(Role::Operations).await;
    desk.linked(8, "c", "Bistro").await;
    let b = id(1, 7);
    for (query, told, slovenian) in [
        ("into=", "This is needed.", "Ta podatek je obvezen."),
        ("into=nobody", "The CRM has no contact with this id.", "V CRM ni stika s to oznako."),
        ("into=b", "Each would be the other", "Vsak bi bil drugi"),
        ("into=c", "two different partners in Metakocka", "dva različna partnerja"),
    ] {
        for (language, told) in [("en", told), ("sl", slovenian)] {
            let page = desk.page(b, &format!("/merge?{query}&language={language}")).await;
            assert_eq!(page.status, StatusCode::CONFLICT, "{query}");
            assert!(
                page.body.contains("id=\"do-merge\" open") && page.body.contains("aria-invalid=\"true\""),
                "{query}"
            );
            assert!(page.text().contains(told), "{told}\n{}", page.text());
        }
    }
    let odd = desk.page(b, "/merge?into=%3Cscript%3E").await;
    assert!(!odd.body.contains("<script>\"") && odd.body.contains("value=\"&#60;script&#62;\""));
    assert_eq!(desk.page(crate::both_sides::id(1, 99), "/merge?into=b").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_contact_and_its_partner_are_taken_apart_and_linked_again() {
    let desk = Desk::new(Role::Operations).await;
    let (a, b, partner) = (of_crm("a"), of_crm("b"), id(1, 7));
    let stale = desk.post(partner, "unlink", "revision=9").await;
    assert!(stale.text().contains("Somebody has changed the contact meanwhile."), "{}", stale.text());
    let revision = desk.world.entry(1, partner).await.revision;
    let apart = desk.post(partner, "unlink", &format!("revision={revision}")).await;
    leads_to(&apart, b, "unlinked");
    assert!(desk.world.entry(1, b).await.is_unlinked());
    let page = desk.page(b, "?done=unlinked").await;
    assert!(page.text().contains("They are apart.") && page.body.contains("name=\"partner\""), "{}", page.text());
    let not_linked = desk.post(a, "unlink", "revision=1").await;
    assert!(not_linked.text().contains("This contact is not linked with a partner."), "{}", not_linked.text());

    for (sent, told) in [
        ("partner=", "This is needed."),
        ("partner=seven", "An id of a partner is a number."),
        ("partner=99", "Metakocka has no such partner"),
    ] {
        let page = desk.post(b, "link", sent).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{sent}");
        assert!(page.body.contains("id=\"link-to-wrong\"") && page.text().contains(told), "{told}\n{}", page.text());
    }
    let linked = desk.post(b, "link", "partner=7").await;
    leads_to(&linked, partner, "linked");
    assert!(desk.is_woken());
    let taken = desk.post(a, "link", "partner=7").await;
    assert!(taken.text().contains("One of the two is linked already."), "{}", taken.text());

    // From the partner's side: it is nobody's, and a contact of the CRM is named.
    let free = desk.world.erp_contact(1, 8, "Bistro").await;
    assert!(desk.page(free, "").await.body.contains("name=\"contact\""));
    leads_to(&desk.post(free, "link", "contact=a").await, free, "linked");
    assert_eq!(desk.world.entry(1, free).await.crm_id.as_deref(), Some("a"));
}

#[tokio::test]
async fn who_may_not_arrange_contacts_sees_no_form_and_is_refused() {
    for role in Role::ALL {
        let desk = Desk::new(role).await;
        let (a, partner) = (of_crm("a"), id(1, 7));
        let may = allows(role, Permission::Sync);
        let page = desk.page(partner, "").await;
        assert_eq!(page.body.contains("id=\"do-merge\""), may, "{role}");
        assert_eq!(page.body.contains("id=\"do-unlink\""), may, "{role}");
        assert!(page.body.contains("id=\"ask-blacklist\""), "{role}: who sees a contact may look");
        if may {
            continue;
        }
        assert_eq!(desk.page(a, "/merge?into=b").await.status, StatusCode::FORBIDDEN, "{role}");
        let forms =
            [("merge", "into=b&revision=1"), ("unmerge", "gone=a"), ("unlink", "revision=1"), ("link", "partner=7")];
        for (what, fields) in forms {
            let page = desk.post(a, what, fields).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{role} {what}");
            assert!(page.text().contains(Permission::Sync.name()), "{role} {what}");
        }
    }
}

#[tokio::test]
async fn a_form_without_the_token_of_its_session_arranges_nothing() {
    let mut desk = Desk::new(Role::Operations).await;
    let before = (desk.world.entry(1, of_crm("a")).await, desk.world.entry(1, id(1, 7)).await);
    for csrf in ["", "x"] {
        csrf.clone_into(&mut desk.csrf);
        for (record, what, fields) in [
            (of_crm("a"), "merge", "into=b&revision=1"),
            (id(1, 7), "unmerge", "gone=a"),
            (id(1, 7), "unlink", "revision=1"),
            (of_crm("a"), "link", "partner=7"),
        ] {
            let page = desk.post(record, what, fields).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{what}");
            assert!(page.text().contains("form_not_genuine"), "{what}");
        }
    }
    assert_eq!((desk.world.entry(1, of_crm("a")).await, desk.world.entry(1, id(1, 7)).await), before);
}

#[tokio::test]
async fn the_blacklist_is_asked_when_somebody_looks_and_each_answer_has_words() {
    let desk = Desk::new(Role::Salesperson).await;
    let a = of_crm("a");
    let no_user = desk.page(a, "?look=blacklist").await.text();
    assert!(no_user.contains("Not asked: no user of Metakocka is named"), "{no_user}");
    let mut kept = TenantSecrets::new("key".into(), "webhook".into());
    kept.erp_user = Some("ana@podjetje.si".to_owned());
    desk.world.secrets.put(&tenant_id(1), &kept).await.expect("saved");
    desk.world.refuse_key(true);
    let refused = desk.page(a, "?look=blacklist").await;
    assert!(refused.text().contains("Metakocka does not accept the company id"), "{}", refused.text());
    desk.world.refuse_key(false);
    let listed = desk.page(a, "?look=blacklist&language=sl").await;
    for told in ["Na črni listi", "E-pošta: ana@kavarna.example", "Razlog: Ne <prevzema>"] {
        assert!(listed.text().replace("&#60;", "<").replace("&#62;", ">").contains(told), "{told}\n{}", listed.text());
    }
    assert!(!listed.body.contains("<prevzema>"));
}

#[tokio::test]
async fn a_record_is_found_by_any_of_its_ids() {
    let desk = Desk::new(Role::Salesperson).await;
    let find = async |id: &str| desk.world.get(&format!("/console/find?id={id}"), &desk.cookie).await;
    let empty = find("").await;
    assert!(empty.status == StatusCode::OK && empty.body.contains("id=\"find-id\""));
    for (id, record) in [("7", id(1, 7)), ("%20b", id(1, 7)), ("a", of_crm("a")), (&id(1, 7).to_string(), id(1, 7))] {
        let page = find(id).await;
        let there = format!("/console/records/{record}");
        assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, there.as_str()), "{id}");
    }
    desk.linked(8, "7", "Bistro").await;
    let several = find("7").await;
    assert!(several.text().contains("Several records have this id") && several.text().contains("Bistro"));
    assert!(!several.body.contains("<b>Pri"));
    let none = find("%3Cb%3E").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert!(none.text().contains("No record has this id.") && none.body.contains("value=\"&#60;b&#62;\""));
    assert!(find(&"x".repeat(201)).await.text().contains("at most 200 characters"));
    let other = desk.world.sign_in(2, Role::Salesperson).await;
    let page = desk.world.get(&format!("/console/find?id={}", id(1, 7)), &other).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND, "nobody finds what is another company's");
}
