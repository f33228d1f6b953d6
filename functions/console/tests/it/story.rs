//! Documents, what follows from them and what happened; registers and what statuses mean.

use axum::http::StatusCode;
use domain::{DocumentKind, Meaning, Text};
use runtime::Role;
use serde_json::json;

use crate::support::World;

/// A tenant with a contact, a delivered order, a late invoice whose status nobody knows, and registers.
async fn world() -> (World, domain::RecordId, domain::RecordId) {
    let world = World::new().await;
    world.connect(1).await;
    world.erp_contact(1, 7, "Kavarna Pri Vodnjaku").await;
    let order = json!({
        "date": "2026-11-20", "status": { "key": "shipped", "label": "Odpremljen" },
        "tracking": { "number": "GLS77", "url": "https://gls.example/GLS77" },
        "delivery_events": [{ "date": "2026-11-22", "text": "Pošiljka dostavljena" }],
        "links": [{ "erp_id": "6", "number": "R-6", "kind": "sales_bill_domestic" }],
        "sums": { "gross": "120.5", "paid": "20.5" },
    });
    let order = world.erp_order(1, 5, 7, &order).await;
    let invoice = json!({
        "kind": "sales_bill_domestic", "number": "R-6", "date": "2026-11-21", "due_date": "2026-11-22", "issued": true,
        "sums": { "gross": "120.5" }, "status": { "key": "caka" },
        "payments": [{ "date": "2026-11-23", "amount": "20.5", "kind": "Gotovina" }],
    });
    let invoice = world.erp_order(1, 6, 7, &invoice).await;
    world.statuses(1, &[("caka", "Čaka na blago"), ("shipped", "Odpremljen")]).await;
    (world, order, invoice)
}

#[tokio::test]
async fn a_document_shows_its_states_and_what_happened_and_leads_to_others() {
    let (world, order, invoice) = world().await;
    let cookie = world.sign_in(1, Role::Salesperson).await;
    let page = world.get(&format!("/console/records/{order}?language=sl"), &cookie).await;
    let text = page.text();
    for told in [
        "Dostavljeno Pošiljka dostavljena, 22. 11. 2026; GLS77 Sledi paketu",
        "Delno plačano 20,50 EUR / 120,50 EUR; odprto: 100,00 EUR",
        "Odpremljeno Odpremljen",
        "Nastanek 20. 11. 2026 · iz Metakocke",
        "Dostava: Pošiljka dostavljena 22. 11. 2026 · prevoznik",
        "Številka za sledenje: GLS77 opaženo 24. 11. 2026",
        "Povezan dokument: Domači račun R-6",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(page.body.contains("<a href=\"https://gls.example/GLS77\" rel=\"noopener noreferrer\""));
    assert!(page.body.contains(&format!("<a href=\"/console/records/{invoice}\"")), "{}", page.body);
    let invoice = world.get(&format!("/console/records/{invoice}?language=en"), &cookie).await.text();
    for told in
        ["Not decided Its status has no meaning yet", "Payment: 20.50, Gotovina 23 Nov 2026", "No meaning yet caka"]
    {
        assert!(invoice.contains(told), "{told}\n{invoice}");
    }
}

#[tokio::test]
async fn a_work_order_shows_what_it_makes_of_what_and_by_which_work() {
    let (world, order, _) = world().await;
    let cookie = world.sign_in(1, Role::Salesperson).await;
    let work = json!({
        "kind": "workorder", "lines": [{
            "product": "10", "name": "Darilni paket", "unit": "kos", "amount": "4",
            "making": {
                "done": "1.5",
                "materials": [{ "code": "KAVA-1", "planned": "8", "done": "2.25", "unit": "kg", "cost": "12.5" }],
                "work": [{ "name": "<b>Pakiranje</b>", "planned": "2" }],
            },
        }],
    });
    let id = world.erp_order(1, 9, 7, &work).await;
    let page = world.get(&format!("/console/records/{id}?language=sl"), &cookie).await;
    let text = page.text();
    for told in [
        "Material in delo",
        "Darilni paket Izdelek 4 kos 1,5 kos –",
        "KAVA-1 Material 8 kg 2,25 kg 12,50 EUR",
        "Pakiranje&#60;/b&#62; Delo 2 – –",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(!page.body.contains("<b>Pakiranje"), "what people wrote is text");
    let product =
        domain::RecordId::for_erp(&crate::support::tenant_id(1), domain::Object::Products, domain::ErpId::new(10));
    assert!(page.body.contains(&format!("<a href=\"/console/records/{product}\"")), "{}", page.body);
    let en = world.get(&format!("/console/records/{id}?language=en"), &cookie).await.text();
    assert!(en.contains("Materials and work") && en.contains("KAVA-1 Materials 8 kg 2.25 kg 12.50 EUR"), "{en}");
    let other = world.get(&format!("/console/records/{order}?language=en"), &cookie).await.text();
    assert!(!other.contains("Materials and work"), "an order makes nothing");
}

#[tokio::test]
async fn a_contact_lists_its_documents_with_their_states() {
    let (world, order, _) = world().await;
    let cookie = world.sign_in(1, Role::Salesperson).await;
    let path = format!("/console/records/{}?language=sl", crate::both_sides::id(1, 7));
    let page = world.get(&path, &cookie).await;
    let text = page.text();
    assert!(text.contains("R-6 Domači račun 21. 11. 2026 120,50 EUR Še brez pomena Neplačano Ni odločeno"), "{text}");
    assert!(text.contains("N-5 Naročilo 20. 11. 2026 120,50 EUR Odpremljeno Delno plačano Dostavljeno"), "{text}");
    assert!(text.find("R-6").expect("there") < text.find("N-5").expect("there"), "the latest first");
    assert!(page.body.contains(&format!("<a href=\"/console/records/{order}\"")));
    let other = world.erp_contact(1, 8, "Brez dokumentov").await;
    let none = world.get(&format!("/console/records/{other}?language=sl"), &cookie).await.text();
    assert!(none.contains("Noben dokument ne navaja tega stika."), "{none}");
}

#[tokio::test]
async fn a_status_without_a_meaning_waits_until_a_person_gives_it_one() {
    let (world, ..) = world().await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let waiting = world.get("/console/waiting?language=sl", &cookie).await;
    assert!(waiting.text().contains("Stanja brez pomena"), "{}", waiting.text());
    assert!(waiting.text().contains("Naročilo: Čaka na blago") && waiting.body.contains("href=\"/console/registers\""));
    let page = world.get("/console/registers?language=sl", &cookie).await;
    for told in ["Čaka na blago caka Še brez pomena", "Odpremljen shipped Odpremljeno po dokumentaciji", "kos"] {
        assert!(page.text().contains(told), "{told}\n{}", page.text());
    }
    let csrf = page.csrf();
    let form = |version: u64, meaning: &str| {
        format!(
            "csrf={csrf}&version={version}&kind=sales_order&key.0=caka&meaning.0={meaning}&key.1=shipped&meaning.1="
        )
    };
    let post = async |body: String| world.post("/console/registers/statuses", &cookie, &body).await;
    assert_eq!(post(form(1, "open")).await.status, StatusCode::PRECONDITION_FAILED, "another version");
    assert_eq!(post(form(0, "gone")).await.status, StatusCode::BAD_REQUEST, "no meaning of ours");
    let saved = post(form(0, "open")).await;
    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "/console/registers?done=saved"));
    let meanings = world.tenant(1).meanings().await.expect("read");
    let chosen = [("caka".parse::<Text>().expect("a text"), Meaning::Open)].into();
    assert_eq!((meanings.version, meanings.chosen), (1, [(DocumentKind::SalesOrder, chosen)].into()));
    let page = world.get("/console/registers?language=sl&done=saved", &cookie).await.text();
    assert!(page.contains("Čaka na blago caka Odprto izbrano") && page.contains("Pomeni so shranjeni"), "{page}");
    assert!(!world.get("/console/waiting?language=sl", &cookie).await.text().contains("Stanja brez pomena"));
    assert_eq!(post(form(0, "open")).await.status, StatusCode::PRECONDITION_FAILED);

    let support = world.sign_in(1, Role::Support).await;
    let page = world.get("/console/registers", &support).await;
    assert!(!page.body.contains("<select"));
}

#[tokio::test]
async fn odd_values_of_a_document_are_text_and_break_no_page() {
    let (world, _, _) = world().await;
    let markup = "<script>alert(1)</script>";
    let huge = "9999999999999999999999999999";
    let odd = json!({
        "kind": "sales_bill_domestic", "number": markup, "title": markup, "currency": "XTS", "issued": true,
        "date": "1900-01-01", "due_date": "2100-12-31", "status": { "key": "<b>caka</b>" },
        "lines": [{ "product": "999", "name": markup, "amount": "0" }, { "name": markup, "amount": huge, "price": "-5" }],
        "links": [{ "erp_id": "6", "number": markup, "kind": "sales_order" }],
        "sums": { "gross": huge, "paid": format!("-{huge}") },
    });
    let id = world.erp_order(1, 9, 7, &odd).await;
    world.erp_contact(1, 8, markup).await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    for language in ["sl", "en"] {
        let page = world.get(&format!("/console/records/{id}?language={language}"), &cookie).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<b>caka"), "{}", page.body);
        assert!(page.body.contains("&#60;script&#62;alert(1)") && page.text().contains("XTS"), "{}", page.body);
    }
}
