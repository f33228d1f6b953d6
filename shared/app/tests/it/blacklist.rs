//! Whether a contact is on the ERP's blacklist, against the simulator.

use app::connect::{Settings, connect};
use app::twoway::blacklist::{Asked, Hit, Look, LookError, Standing, look};
use domain::{Object, RecordId};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::twoway::{contact, ready};
use crate::world::World;

impl World {
    async fn looked(&self, id: RecordId) -> Look {
        look(&self.services, &self.tenant(1), id).await.expect("an answer")
    }

    /// Names a user of the ERP in whose name it is asked.
    async fn names_user(&self) {
        let version = self.tenant(1).connection().await.expect("the table").expect("connected").version;
        let erp_user = Some("ana@podjetje.si".to_owned());
        let settings = Settings { erp_user, expected_version: Some(version), ..self.settings(0) };
        connect(&self.services, &self.tenant(1), settings).await.expect("saved");
    }

    async fn blacklists(&self, entries: Value) {
        let (company_id, secret_key) = self.companies[0].clone();
        let body =
            json!({ "secret_key": secret_key, "company_id": company_id, "clear_all": "true", "blacklist": entries });
        let url = format!("{}/rest/eshop/v1/import_blacklist_partner", self.erp_url);
        let answer = reqwest::Client::new().post(url).body(body.to_string()).send().await.expect("an answer");
        let text = answer.text().await.expect("a text");
        assert!(text.contains("Blacklist import OK"), "{text}");
    }

    async fn searches(&self) -> u64 {
        self.calls().await["calls"]["search_blacklist_partner"].as_u64().unwrap_or(0)
    }
}

#[tokio::test]
async fn a_contact_is_listed_by_a_value_or_not_and_what_cannot_be_said_is_never_no() {
    let w = ready(61).await;
    let mut value = contact("Novi kupec d.o.o.");
    value["persons/p"] = json!({ "name": "Ana Kos", "email": "ana@kupec.example", "mobile": "+38640111222" });
    w.put(Object::Contacts, "c-1", value).await;
    let id = w.of_crm(Object::Contacts, "c-1").await.id;
    assert_eq!(w.looked(id).await.standing, Standing::NoUser);
    w.names_user().await;
    assert_eq!(w.looked(id).await.standing, Standing::NotListed);
    let asked = w.searches().await;
    assert_eq!(asked, 4, "by e-mail, by the number in two forms, by name");
    // For five minutes the answer is good; then the ERP is asked again.
    w.blacklists(json!([{ "email": "ANA@kupec.example", "reason": "Ne prevzema" }, { "phone": "040111222" }])).await;
    assert_eq!(w.looked(id).await.standing, Standing::NotListed);
    assert_eq!(w.searches().await, asked);
    w.clock.advance(SignedDuration::from_mins(6));
    let found = w.looked(id).await;
    assert_eq!(found.at, w.clock.now());
    let hits = vec![
        Hit { asked: Asked::Email("ana@kupec.example".to_owned()), reason: Some("Ne prevzema".to_owned()) },
        Hit { asked: Asked::Phone("040111222".to_owned()), reason: None },
    ];
    assert_eq!(found.standing, Standing::Listed(hits));
    // The feature is off, and the ERP fails: neither is "not listed".
    w.clock.advance(SignedDuration::from_mins(6));
    let path = format!("/companies/{}/settings", w.companies[0].0);
    w.control(reqwest::Method::PATCH, &path, json!({ "blacklist": false })).await;
    assert_eq!(w.looked(id).await.standing, Standing::NotAvailable);
    w.control(reqwest::Method::PATCH, &path, json!({ "blacklist": true })).await;
    w.clock.advance(SignedDuration::from_mins(6));
    for kind in ["http_status", "html_200", "truncated_json", "empty_body"] {
        w.fault(json!({ "endpoint": "search_blacklist_partner", "kind": kind })).await;
        let failed = look(&w.services, &w.tenant(1), id).await;
        assert!(matches!(failed, Err(LookError::Connect(_))), "{kind}: {failed:?}");
        w.no_faults().await;
    }
    assert!(matches!(w.looked(id).await.standing, Standing::Listed(_)), "nothing of a failure is kept");
    let none = look(&w.services, &w.tenant(2), id).await;
    assert!(matches!(none, Err(LookError::NotFound)), "another tenant has no such contact: {none:?}");
}
