//! What can be done to a document: forms, the question before what is final, what became of it, files.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header::COOKIE},
};
use cloud::Work;
use domain::{Deed, Object, RecordId, Settings};
use runtime::{Permission, Role, allows};
use serde_json::{Value, json};

use crate::support::{Page, World};

const BOUNDARY: &str = "----WebKitFormBoundaryAbc";

/// An order of 120.50, of which 20.50 is paid, in a company that may be written to.
async fn world(more: Value) -> (World, RecordId) {
    let world = World::new().await;
    world.connect(1).await;
    let settings = Settings { read_only: false, version: 1, ..Settings::standard() };
    world.tenant(1).replace_settings_if(0, &settings).await.expect("saved");
    world.erp_contact(1, 7, "Kavarna").await;
    let mut order = json!({
        "date": "2026-11-20", "status": { "key": "created", "label": "Ustvarjeno" },
        "partner": { "erp_id": "7", "name": "<b>Kavarna</b>" }, "sums": { "gross": "120.5", "paid": "20.5" },
        "lines": [
            { "product": "70", "name": "<i>Skodelica</i>", "amount": "3", "unit": "kos" },
            { "product": "71", "name": "Žlica", "amount": "2" },
        ],
    });
    for (name, value) in more.as_object().expect("fields") {
        order[name] = value.clone();
    }
    let id = world.erp_order(1, 5, 7, &order).await;
    world.statuses(1, &[("created", "Ustvarjeno"), ("shipped", "Odpremljen")]).await;
    (world, id)
}

/// The key that the form of an action carries.
fn key(page: &Page, deed: &str) -> String {
    let (_, form) = page.body.split_once(&format!("id=\"do-{deed}\"")).expect("the form");
    let (_, rest) = form.split_once("name=\"once\" value=\"").expect("its key");
    rest.split('"').next().expect("its end").to_owned()
}

/// A form as a browser sends one with a file.
fn multipart(fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.bytes());
    }
    if let Some((name, bytes)) = file {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"content\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

struct Desk {
    world: World,
    id: RecordId,
    cookie: String,
    csrf: String,
    page: Page,
}

impl Desk {
    async fn of(more: Value, role: Role) -> Self {
        let (world, id) = world(more).await;
        let cookie = world.sign_in(1, role).await;
        let page = world.get(&format!("/console/records/{id}"), &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        Self { csrf: page.csrf(), world, id, cookie, page }
    }

    async fn send(&self, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Page {
        let mut all = vec![("csrf", self.csrf.as_str())];
        all.extend_from_slice(fields);
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/console/records/{}/actions", self.id))
            .header(COOKIE, &self.cookie)
            .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
            .body(Body::from(multipart(&all, file)))
            .expect("a request");
        self.world.send(request).await
    }

    async fn look(&self) -> Page {
        self.world.get(&format!("/console/records/{}", self.id), &self.cookie).await
    }

    async fn asked_for(&self) -> Vec<Deed> {
        let found = app::actions::of_document(&self.world.tenant(1), self.id).await.expect("read");
        found.actions.into_iter().map(|action| action.deed).collect()
    }

    fn done(&self) -> String {
        format!("/console/records/{}?done=asked#actions", self.id)
    }
}

fn payment<'a>(key: &'a str, amount: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("once", key),
        ("deed", "payment"),
        ("mode", "payment"),
        ("payment_type.other", "Gotovina"),
        ("payment_type", ""),
        ("date", "2026-11-24"),
        ("amount", amount),
        ("notes", "<script>1</script>"),
    ]
}

#[tokio::test]
async fn a_payment_is_asked_about_first_and_booked_once_however_often_it_is_sent() {
    let desk = Desk::of(json!({}), Role::Operations).await;
    for told in ["Book a payment", "Change the status", "Cancel the order", "Mark as shipped", "File a complaint"] {
        assert!(desk.page.text().contains(told), "{told}");
    }
    assert!(desk.page.body.contains("value=\"100\" inputmode=\"decimal\""), "what is open is there already");
    let key = key(&desk.page, "payment");
    let form = payment(&key, "50,25");
    let question = desk.send(&form, None).await;
    let text = question.text();
    assert_eq!(question.status, StatusCode::OK);
    for told in ["is this right?", "50.25 EUR", "24 Nov 2026", "Gotovina", "cannot be taken back", "N-5"] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(!question.body.contains("<script>1") && !question.body.contains("<b>Kavarna"));
    assert!(desk.asked_for().await.is_empty(), "a question does nothing");
    let change = desk.send(&[form.clone(), vec![("step", "change")]].concat(), None).await;
    assert_eq!(change.status, StatusCode::OK);
    assert!(change.body.contains("value=\"50,25\"") && change.body.contains("id=\"do-payment\" open"));

    let confirmed = [form, vec![("step", "done")]].concat();
    for _ in 0..2 {
        let done = desk.send(&confirmed, None).await;
        assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, desk.done().as_str()));
    }
    assert_eq!(desk.asked_for().await.len(), 1);
    let works: Vec<_> = desk.world.queue.receive(10).iter().map(|d| d.message().expect("ours").work).collect();
    assert_eq!(works, [Work::Push], "once");
    let other = desk.send(&[payment(&key, "60"), vec![("step", "done")]].concat(), None).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(other.text().contains("This form was sent before with other values"), "{}", other.text());
    assert_eq!(desk.asked_for().await.len(), 1);
    let page = desk.world.get(&desk.done().replace("#actions", ""), &desk.cookie).await;
    for told in ["It is asked for.", "Waits to be sent", "Amount 50.25 EUR", "asked for by ana-1@example.com"] {
        assert!(page.text().contains(told), "{told}\n{}", page.text());
    }
    let slovenian = desk.world.get(&format!("/console/records/{}?language=sl", desk.id), &desk.cookie).await;
    for told in ["Kaj lahko naredite", "Knjiži plačilo", "Čaka na pošiljanje", "Znesek 50,25 EUR", "Doslej zahtevano"]
    {
        assert!(slovenian.text().contains(told), "{told}\n{}", slovenian.text());
    }
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_nothing_is_done() {
    let desk = Desk::of(json!({}), Role::Operations).await;
    let key = key(&desk.page, "payment");
    let all_wrong = [("once", key.as_str()), ("deed", "payment"), ("mode", "gift"), ("date", "x"), ("amount", "much")];
    let page = desk.send(&all_wrong, None).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    for (id, told) in [
        ("payment-mode", "Choose one of these."),
        ("payment-date", "Choose a day."),
        ("payment-amount", "Write a number"),
        ("payment-payment_type", "This is needed."),
    ] {
        assert!(page.body.contains(&format!("id=\"{id}-wrong\">{told}")), "{id}\n{}", page.body);
        assert!(page.body.contains(&format!("<a href=\"#{id}\">")), "{id} is led to");
    }
    assert!(page.body.contains("value=\"much\""), "what was written stays");
    for (amount, told) in [
        ("100.01", "This is more than what is open."),
        ("0", "It must be above zero."),
        ("1,005", "At most two decimal places."),
    ] {
        for step in ["", "done"] {
            let page = desk.send(&[payment(&key, amount), vec![("step", step)]].concat(), None).await;
            assert_eq!(page.status, StatusCode::CONFLICT, "{amount}");
            assert!(page.body.contains(&format!("id=\"payment-amount-wrong\">{told}")), "{amount}\n{}", page.text());
        }
    }
    let late = [payment(&key, "10"), vec![("date", "2027-01-01")]].concat();
    let page = desk.send(&late, None).await;
    assert!(page.body.contains("id=\"payment-date-wrong\">The day must be between"), "{}", page.text());
    assert!(desk.asked_for().await.is_empty());
    let over = [payment(&key, "100.01"), vec![("over", "yes"), ("step", "done")]].concat();
    assert_eq!(desk.send(&over, None).await.status, StatusCode::SEE_OTHER, "when it is meant, it is taken");
    let again = [payment("another-key", "100.01"), vec![("over", "yes"), ("step", "done")]].concat();
    let page = desk.send(&again, None).await;
    assert!(page.text().contains("The same was asked for already and is not over yet."), "{}", page.text());
    for broken in
        [vec![("deed", "payment")], vec![("once", "k"), ("deed", "dance")], vec![("once", "a b"), ("deed", "cancel")]]
    {
        assert_eq!(desk.send(&broken, None).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(desk.asked_for().await.len(), 1);
}

#[tokio::test]
async fn each_action_of_an_order_is_asked_for_with_its_inputs() {
    let desk = Desk::of(json!({}), Role::Operations).await;
    let complaint = [
        ("once", "k4"),
        ("deed", "complaint"),
        ("claim", "return"),
        ("user_email", "ana@example.com"),
        ("reason", "Počeno"),
        ("lines.0.product", "70"),
        ("lines.0.amount", "1,5"),
        ("lines.1.product", "71"),
        ("lines.1.amount", ""),
    ];
    let question = desk.send(&complaint, None).await;
    assert!(question.text().contains("1.5 × ") && !question.body.contains("<i>Skodelica"), "{}", question.text());
    let nothing = desk.send(&complaint[..6], None).await;
    assert!(nothing.body.contains("id=\"complaint-lines-wrong\">Write an amount beside"), "{}", nothing.text());
    let forms: [&[(&str, &str)]; 4] = [
        &[("once", "k1"), ("deed", "status"), ("key", "shipped"), ("key.other", "")],
        &[("once", "k2"), ("deed", "ship"), ("on", "2026-11-24")],
        &[("once", "k3"), ("deed", "cancel"), ("step", "done")],
        &[&complaint[..], &[("step", "done")]].concat(),
    ];
    for form in forms {
        let page = desk.send(form, None).await;
        assert_eq!(
            (page.status, page.header("location")),
            (StatusCode::SEE_OTHER, desk.done().as_str()),
            "{}",
            page.text()
        );
        desk.world.advance(1);
    }
    let kinds: Vec<_> = desk.asked_for().await.iter().rev().map(|deed| deed.kind().name()).collect();
    assert_eq!(kinds, ["status", "ship", "cancel", "complaint"]);
    let text = desk.look().await.text();
    for told in ["New status Odpremljen", "Day of shipment 24 Nov 2026", "What the customer wants Give the goods back"]
    {
        assert!(text.contains(told), "{told}\n{text}");
    }
    let asked = desk.send(&[("once", "k5"), ("deed", "cancel")], None).await;
    assert!(asked.text().contains("The same was asked for already"), "{}", asked.text());
}

#[tokio::test]
async fn an_offer_becomes_an_order_after_a_question() {
    let offer = json!({ "kind": "sales_offer", "number": "P-5", "status": {} });
    let desk = Desk::of(offer, Role::Operations).await;
    assert_eq!(desk.id.object(), Object::Offers);
    let form = [("once", "k"), ("deed", "order_from_offer"), ("buyer_order", "")];
    let question = desk.send(&form, None).await;
    assert!(
        question.text().contains("Make an order of this offer Please check: is this right?"),
        "{}",
        question.text()
    );
    let done = desk.send(&[&form[..], &[("step", "done")]].concat(), None).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(desk.asked_for().await, [Deed::OrderFromOffer { buyer_order: None }]);
}

#[tokio::test]
async fn a_file_is_attached_listed_and_given_out_to_be_saved_only() {
    let desk = Desk::of(json!({}), Role::Operations).await;
    let pdf: &[u8] = b"%PDF-1.7\n1 0 obj\r\n--x\r\n\xff\xfe\n%%EOF\n";
    let form = [("once", "k"), ("deed", "attachment"), ("file_name", "")];
    let none = desk.send(&form, None).await;
    assert!(none.body.contains("id=\"attachment-content-wrong\">Choose a file."), "{}", none.text());
    let odd = desk.send(&form, Some(("a.exe", b"MZ\x90\0\x03"))).await;
    assert_eq!(odd.status, StatusCode::CONFLICT);
    assert!(odd.body.contains("id=\"attachment-content-wrong\""), "{}", odd.text());
    let large = vec![b'x'; domain::action::MAX_FILE + 1];
    let large = desk.send(&form, Some(("a.txt", &large))).await;
    assert!(large.text().contains("The file is empty or larger than 4 MB."), "{}", large.text());
    let attached = desk.send(&form, Some(("račun <1>.pdf", pdf))).await;
    assert_eq!(attached.status, StatusCode::SEE_OTHER, "{}", attached.text());
    let page = desk.look().await;
    assert!(
        page.body.contains("račun &#60;1&#62;.pdf") && page.text().contains("Not looked for in Metakocka yet"),
        "{}",
        page.text()
    );

    let (_, rest) = page.body.split_once(&format!("/console/records/{}/files/", desk.id)).expect("a link");
    let (_, rest) = if rest.starts_with("fil_") { ("", rest) } else { rest.split_once("/files/").expect("a link") };
    let file = rest.split('"').next().expect("its end");
    let address = format!("/console/records/{}/files/{file}", desk.id);
    let given = desk.world.bytes(&address, &desk.cookie).await;
    assert_eq!((given.0, given.2.as_slice()), (StatusCode::OK, pdf));
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(given.1.get(name).and_then(|v| v.to_str().ok()), Some(value), "{name}");
    }
    let disposition = given.1.get("content-disposition").expect("to be saved").to_str().expect("text");
    assert!(disposition.starts_with("attachment; filename=\"ra_un _1_.pdf\""), "{disposition}");
    let of_another = desk.world.sign_in(2, Role::Administrator).await;
    assert_eq!(desk.world.get(&address, &of_another).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.world.get(&address.replace("fil_", "fil_0"), &desk.cookie).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn files_are_looked_for_by_the_worker_and_what_is_not_there_is_explained() {
    let desk = Desk::of(json!({}), Role::Operations).await;
    assert!(desk.page.text().contains("Nobody has looked in Metakocka yet."));
    let address = format!("/console/records/{}/files/refresh", desk.id);
    let asked = desk.world.post(&address, &desk.cookie, &format!("csrf={}", desk.csrf)).await;
    assert_eq!(asked.header("location"), format!("/console/records/{}?done=files_asked#files", desk.id));
    let works: Vec<_> = desk.world.queue.receive(10).iter().map(|d| d.message().expect("ours").work).collect();
    assert_eq!(works, [Work::Files(desk.id)]);
    assert!(desk.look().await.text().contains("Files are being looked for"));
    for (path, told) in [("pdf", "report_not_available"), ("proof-of-delivery", "proof_not_available")] {
        let page = desk.world.get(&format!("/console/records/{}/{path}", desk.id), &desk.cookie).await;
        assert!(page.status.is_client_error() && page.text().contains(told), "{path}: {}", page.text());
        assert!(page.header("content-type").starts_with("text/html"));
    }
    let contact = crate::both_sides::id(1, 7);
    let page = desk.world.get(&format!("/console/records/{contact}/pdf"), &desk.cookie).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_may_not_act_sees_what_could_be_done_and_no_form_and_is_refused() {
    for role in Role::ALL {
        let desk = Desk::of(json!({}), role).await;
        let may = allows(role, Permission::Sync);
        assert_eq!(desk.page.body.contains("id=\"do-payment\""), may, "{role}");
        assert_eq!(desk.page.body.contains("id=\"look-for-files\""), may, "{role}");
        assert!(desk.page.text().contains("Book a payment"), "{role}");
        if !may {
            let page = desk.send(&[("once", "k"), ("deed", "cancel"), ("step", "done")], None).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{role}");
            assert!(page.text().contains(Permission::Sync.name()), "{}", page.text());
            let refresh = format!("/console/records/{}/files/refresh", desk.id);
            let page = desk.world.post(&refresh, &desk.cookie, &format!("csrf={}", desk.csrf)).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{role}");
            assert!(desk.asked_for().await.is_empty());
        }
    }
}

#[tokio::test]
async fn a_form_of_another_session_or_of_a_company_that_is_only_read_does_nothing() {
    let mut desk = Desk::of(json!({}), Role::Operations).await;
    let own = desk.csrf.clone();
    for csrf in ["", "x", "AAAA"] {
        csrf.clone_into(&mut desk.csrf);
        let page = desk.send(&[("once", "k"), ("deed", "cancel"), ("step", "done")], None).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{csrf}");
        assert!(page.text().contains("form_not_genuine"));
    }
    desk.csrf = own;
    let settings = Settings { read_only: true, version: 2, ..Settings::standard() };
    desk.world.tenant(1).replace_settings_if(1, &settings).await.expect("saved");
    let page = desk.look().await;
    assert!(page.text().contains("Nothing can be done yet") && !page.body.contains("id=\"do-payment\""));
    let page = desk.send(&[("once", "k"), ("deed", "ship"), ("on", "2026-11-24")], None).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(desk.asked_for().await.is_empty());
    let request = |kind: &str, body: Vec<u8>| {
        let path = format!("/console/records/{}/actions", desk.id);
        let request = Request::post(path).header(COOKIE, &desk.cookie).header("content-type", kind);
        request.body(Body::from(body)).expect("a request")
    };
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let cut = multipart(&[("csrf", &desk.csrf)], None);
    for (kind, body) in [(kind.as_str(), cut[..cut.len() - 8].to_vec()), ("text/plain", Vec::new()), ("", Vec::new())] {
        let page = desk.world.send(request(kind, body)).await;
        assert!(page.status.is_client_error(), "{kind}: {}", page.status);
    }
}

#[tokio::test]
async fn a_document_that_moved_on_allows_what_it_allows_now() {
    let desk = Desk::of(json!({ "status": { "key": "canceled", "label": "Preklicano" } }), Role::Operations).await;
    assert!(!desk.page.body.contains("id=\"do-cancel\""));
    let page = desk.send(&[("once", "k"), ("deed", "cancel"), ("step", "done")], None).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(desk.asked_for().await.is_empty());
}
