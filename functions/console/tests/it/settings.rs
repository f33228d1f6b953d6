//! The settings: changed as a whole, on the version that was seen, each fault by its field.

use axum::http::StatusCode;
use domain::{Direction, Object, Rule, Settings};
use runtime::Role;
use std::collections::BTreeMap;

use crate::support::{Page, World};

/// The fields of the settings' form as a browser would send them back.
fn fields(page: &Page) -> BTreeMap<String, String> {
    let (_, form) = page.body.split_once("action=\"/console/settings\"").expect("the form");
    let (form, _) = form.split_once("</form>").expect("its end");
    let value =
        |tag: &str| tag.split("value=\"").nth(1).and_then(|v| v.split('"').next()).unwrap_or_default().to_owned();
    let name = |tag: &str| tag.split("name=\"").nth(1).and_then(|v| v.split('"').next()).expect("a name").to_owned();
    let hidden = form.split("<input ").skip(1).map(|tag| (name(tag), value(tag)));
    let selects = form.split("<select ").skip(1).map(|select| {
        let chosen =
            select.split("<option ").find(|option| option.split('>').next().unwrap_or_default().contains(" selected"));
        (name(select), value(chosen.expect("one is chosen")))
    });
    hidden.chain(selects).collect()
}

fn encoded(fields: &BTreeMap<String, String>) -> String {
    fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

async fn now(world: &World) -> Settings {
    app::twoway::edit::settings(&world.tenant(1)).await.expect("read")
}

async fn administrator() -> (World, String, Page) {
    let world = World::new().await;
    world.connect(1).await;
    let cookie = world.sign_in(1, Role::Administrator).await;
    let page = world.get("/console/settings", &cookie).await;
    (world, cookie, page)
}

#[tokio::test]
async fn what_is_chosen_is_saved_and_the_rest_stays() {
    let (world, cookie, page) = administrator().await;
    let mut sent = fields(&page);
    for (name, value) in [
        ("orders.direction", "to_crm"),
        ("orders.deletes_in_erp", "yes"),
        ("orders.archives_in_crm", "no"),
        ("orders.rules.lines", "park"),
        ("stock.paused", "yes"),
    ] {
        assert!(sent.insert(name.to_owned(), value.to_owned()).is_some(), "{name}");
    }
    let saved = world.post("/console/settings", &cookie, &encoded(&sent)).await;
    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "/console/settings?done=saved"));
    let settings = now(&world).await;
    let mut expected = Settings { version: 2, ..Settings::standard() };
    let orders = expected.objects.get_mut(&Object::Orders).expect("there");
    orders.direction = Direction::ToCrm;
    orders.deletes_in_erp = true;
    orders.archives_in_crm = false;
    orders.rules.insert("lines".to_owned(), Rule::Park);
    expected.objects.get_mut(&Object::Stock).expect("there").paused = true;
    assert_eq!(settings, expected);
    let page = world.get("/console/settings?done=saved", &cookie).await;
    assert!(page.text().contains("The settings are saved."));
    assert_eq!(fields(&page)["orders.direction"], "to_crm");

    let stale = world.post("/console/settings", &cookie, &encoded(&sent)).await;
    assert_eq!((stale.status, now(&world).await), (StatusCode::PRECONDITION_FAILED, expected));
}

#[tokio::test]
async fn a_fault_names_its_field_keeps_what_was_chosen_and_saves_nothing() {
    let (world, cookie, page) = administrator().await;
    let mut sent = fields(&page);
    sent.remove("contacts.rules.name");
    sent.insert("products.direction".to_owned(), "sideways".to_owned());
    sent.insert("offers.paused".to_owned(), "yes".to_owned());
    let refused = world.post("/console/settings", &cookie, &encoded(&sent)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    for text in ["Nothing was saved", "Contacts, Name: choose one of the values", "Products, Direction: choose"] {
        assert!(refused.text().contains(text), "{text}\n{}", refused.text());
    }
    assert_eq!(refused.body.matches("aria-invalid=\"true\"").count(), 2);
    assert!(refused.body.contains("href=\"#contacts.rules.name\"") && !refused.body.contains("sideways"));
    assert_eq!(fields(&refused)["offers.paused"], "yes", "what was chosen is not lost");
    assert_eq!(now(&world).await, Settings::standard());
    for bad in ["csrf=x", &format!("csrf={}", page.csrf()), &format!("csrf={}&version=x", page.csrf())] {
        let broken = world.post("/console/settings", &cookie, bad).await;
        assert!(broken.status.is_client_error(), "{bad}");
    }
    assert_eq!(now(&world).await, Settings::standard());
}

#[tokio::test]
async fn the_switch_changes_whether_anything_is_written_and_nothing_else() {
    let (world, cookie, page) = administrator().await;
    let switch = async |version: u64, on: bool| {
        let form = format!("csrf={}&version={version}&read_only={on}", page.csrf());
        world.post("/console/settings/read-only", &cookie, &form).await
    };
    assert!(page.body.contains("id=\"read-only\""));
    assert_eq!(switch(9, false).await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(switch(1, false).await.status, StatusCode::SEE_OTHER);
    assert_eq!(now(&world).await, Settings { version: 2, read_only: false, ..Settings::standard() });
    for path in ["/console/", "/console/waiting", "/console/plans", "/console/certificates", "/console/settings"] {
        assert!(!world.get(path, &cookie).await.body.contains("id=\"read-only\""), "{path}");
    }
    assert_eq!(switch(2, true).await.status, StatusCode::SEE_OTHER);
    assert!(now(&world).await.read_only);
    assert!(world.get("/console/", &cookie).await.body.contains("id=\"read-only\""));
}
