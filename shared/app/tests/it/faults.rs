//! What the ERP does wrong must never become a wrong record, a lost one, or one that is called missing.

use app::connect::{ConnectError, connect};
use app::work::work;
use cloud::Work;
use domain::Object;
use serde_json::json;
use store::ConnectionState;

use crate::world::{LONG, World, succeeded};

async fn missing(w: &World, n: usize) -> usize {
    let mut all = 0;
    for object in Object::ALL {
        let mut after = None;
        loop {
            let part = w.tenant(n).list(object, after, 200, true).await.expect("the table");
            all += part.records.iter().filter(|r| r.missing_since.is_some()).count();
            match part.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    all
}

#[tokio::test]
async fn whatever_the_erp_answers_nothing_is_called_missing_and_the_next_run_is_whole() {
    let w = World::new(1).await;
    succeeded(&w.connected(0, 0).await);
    let company = w.companies[0].0.clone();
    let kinds = [
        "connection_reset",
        "http_status",
        "html_200",
        "truncated_json",
        "not_utf8",
        "empty_body",
        "opr_code_1",
        "quota",
        "search_empty",
        "short_page",
    ];
    for kind in kinds {
        let endpoints = [
            ("search", Object::Offers),
            ("product_list", Object::Products),
            ("warehouse_stock", Object::Stock),
            ("get_partner", Object::Contacts),
        ];
        for (endpoint, object) in endpoints {
            let fault = json!({"company": company, "endpoint": endpoint, "kind": kind, "remaining": 2});
            w.fault(fault).await;
            let run = w.run_of(0, &[object]).await;
            assert!(run.is_over(), "{kind} {endpoint}");
            w.no_faults().await;
            let flagged = missing(&w, 0).await;
            assert_eq!(flagged, 0, "{kind} on {endpoint}");
        }
    }
    let run = w.full_run(0).await;
    succeeded(&run);
    assert_eq!(w.table_counts(0).await, w.erp_counts(0).await);
}

#[tokio::test]
async fn a_refused_key_pauses_the_connection_and_a_right_one_resumes_it() {
    let w = World::new(2).await;
    succeeded(&w.connected(0, 0).await);
    let company = w.companies[0].0.clone();
    w.fault(json!({"company": company, "endpoint": "*", "kind": "auth", "remaining": 1000})).await;
    let run = w.full_run(0).await;
    assert_eq!(run.error.map(|e| e.code), Some("credentials_invalid".to_owned()));
    let connection = w.tenant(0).connection().await.expect("the table").expect("a connection");
    assert_eq!(connection.state, ConnectionState::Paused { code: "credentials_invalid".to_owned() });
    w.no_faults().await;
    w.clock.advance(jiff::SignedDuration::from_hours(48));
    w.control(reqwest::Method::DELETE, "/journal", json!({})).await;
    work(&w.services, &w.tenant(0), &Work::Due, LONG).await.expect("a slice");
    let quiet = w.control(reqwest::Method::GET, "/journal?limit=10", json!({})).await;
    let entries = quiet["entries"].as_array().or_else(|| quiet.as_array()).expect("entries");
    assert!(entries.is_empty(), "a paused connection calls nobody: {entries:?}");
    let again = app::connect::Settings { expected_version: Some(connection.version), ..w.settings(0) };
    let resumed = connect(&w.services, &w.tenant(0), again).await.expect("a connection");
    assert_eq!(resumed.connection.state, ConnectionState::Connected);
    succeeded(&w.full_run(0).await);
}

#[tokio::test]
async fn a_wrong_key_an_unknown_host_and_another_company_are_refused_before_anything_is_saved() {
    let w = World::new(3).await;
    let wrong = app::connect::Settings { secret_key: Some("wrong".to_owned().into()), ..w.settings(0) };
    let error = connect(&w.services, &w.tenant(0), wrong).await.expect_err("refused");
    assert!(matches!(&error, ConnectError::Erp(e) if e.code() == "credentials_invalid"), "{error:?}");
    let elsewhere = app::connect::Settings { base_url: "http://127.0.0.1:1".to_owned(), ..w.settings(0) };
    let error = connect(&w.services, &w.tenant(0), elsewhere).await.expect_err("refused");
    assert!(matches!(error, ConnectError::HostNotAllowed), "{error:?}");
    let none = app::connect::Settings { secret_key: None, ..w.settings(0) };
    let error = connect(&w.services, &w.tenant(0), none).await.expect_err("refused");
    assert!(matches!(error, ConnectError::KeyMissing), "{error:?}");
    assert_eq!(w.tenant(0).connection().await, Ok(None));
    let made = w.connect(0, 0).await.connection;
    let other = app::connect::Settings { expected_version: Some(made.version), ..w.settings(1) };
    let error = connect(&w.services, &w.tenant(0), other).await.expect_err("refused");
    assert!(matches!(error, ConnectError::OtherCompany), "{error:?}");
    let stale = app::connect::Settings { expected_version: Some(made.version + 1), ..w.settings(0) };
    let error = connect(&w.services, &w.tenant(0), stale).await.expect_err("refused");
    assert!(matches!(error, ConnectError::VersionMismatch { current: Some(1) }), "{error:?}");
}

#[tokio::test]
async fn a_run_whose_host_is_no_longer_allowed_ends_as_failed_and_frees_the_tenant() {
    let w = World::new(5).await;
    let run = w.connect(0, 0).await.first_run.expect("a first run");
    let mut services = w.services.clone();
    services.erp = std::sync::Arc::new(app::ErpSettings { allowed: [].into(), ..(*w.services.erp).clone() });
    work(&services, &w.tenant(0), &Work::Run(run.id), LONG).await.expect("nothing to try again");
    let ended = w.tenant(0).run(run.id).await.expect("the table").expect("the run");
    assert_eq!(ended.error.map(|e| e.code), Some("host_not_allowed".to_owned()));
    succeeded(&w.full_run(0).await);
}
