//! Files of documents, between the simulator, a server of somebody else's, and the file store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::files::attached::{self, Attached, Fate, Origin};
use app::files::made::{Made, pdf, proof_of_delivery};
use app::files::{self, FilesError};
use app::work::{Outcome, work};
use app::{ErpSettings, Services};
use cloud::{LocalBlobs, Work};
use domain::file::FileKind;
use domain::{DocumentKind, FileRefusal, Object, PrintLanguage, Record, RecordId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::world::{LONG, World};

const PDF: &[u8] = b"%PDF-1.4 priponka";

/// A server of somebody else's: a path, and what it answers now.
#[derive(Clone)]
struct Site {
    base: String,
    pages: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl Site {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let pages: Arc<Mutex<BTreeMap<String, Vec<u8>>>> = Arc::default();
        let shown = Arc::clone(&pages);
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut head = vec![0; 8_192];
                let read = socket.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..read]).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec();
                let answer = shown.lock().expect("no panic").get(&path).cloned().unwrap_or(missing);
                let _ = socket.write_all(&answer).await;
            }
        });
        Self { base, pages }
    }

    /// Answers a path with a head and a body, and says its address.
    fn show(&self, path: &str, head: &str, body: &[u8]) -> String {
        let answer = [format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes(), body].concat();
        self.pages.lock().expect("no panic").insert(path.to_owned(), answer);
        format!("{}{path}", self.base)
    }
}

/// A loaded tenant, a server of somebody else's that the configuration allows, and a document without files.
struct Files {
    w: World,
    services: Services,
    blobs: Arc<LocalBlobs>,
    site: Site,
    id: RecordId,
    kind: DocumentKind,
    erp_id: String,
}

impl Files {
    async fn of(seed: u64, fits: impl Fn(&domain::Document) -> bool) -> Self {
        let w = World::new(seed).await;
        w.connected(1, 0).await;
        let site = Site::start().await;
        let blobs = Arc::new(LocalBlobs::in_memory());
        let allowed = [w.erp_url.clone(), site.base.clone()].into();
        let erp = Arc::new(ErpSettings {
            allowed,
            retry: erp::client::RetryPolicy::never(),
            calls_per_second: ErpSettings::CALLS_PER_SECOND,
        });
        let services = Services { blobs: blobs.clone(), erp, ..w.services.clone() };
        let all = w.records(1).await;
        let document = all.values().find_map(|record| match record {
            Record::Document(document) if fits(document) => Some(document),
            _ => None,
        });
        let document = document.expect("a document").clone();
        let id = RecordId::for_erp(w.tenant(1).id(), document.kind.object(), document.erp_id);
        Self { w, services, blobs, site, id, kind: document.kind, erp_id: document.erp_id.to_string() }
    }

    async fn of_order(seed: u64) -> Self {
        Self::of(seed, |document| document.kind == DocumentKind::SalesOrder && document.buyer_order.is_none()).await
    }

    async fn of_bill(seed: u64) -> Self {
        Self::of(seed, |document| document.kind == DocumentKind::SalesBillDomestic).await
    }

    /// Attaches files in the ERP, as another program of the company would.
    async fn attach(&self, list: Value) {
        let (company, key) = &self.w.companies[0];
        let body = json!({"secret_key": key, "company_id": company, "mk_id": self.erp_id,
            "doc_type": self.kind.erp_name(), "attachment_list": list});
        let url = format!("{}/rest/eshop/add_attachment", self.w.erp_url);
        let answer = reqwest::Client::new().post(url).json(&body).send().await.expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        assert_eq!(answer["opr_code"], "0", "{answer}");
    }

    async fn attach_urls(&self, urls: &[&str]) {
        let list: Vec<Value> = urls.iter().map(|url| json!({"file_name": "x", "source_url": url})).collect();
        self.attach(json!(list)).await;
    }

    async fn settings(&self, patch: Value) {
        let company = format!("/companies/{}/settings", self.w.companies[0].0);
        self.w.control(reqwest::Method::PATCH, &company, patch).await;
    }

    /// A look, half a minute after the last one; how many messages it took.
    async fn look(&self) -> usize {
        self.w.clock.advance(SignedDuration::from_secs(31));
        let view = files::ask(&self.services, &self.w.tenant(1), self.id).await.expect("asked");
        assert!(view.pending);
        let mut messages = 1;
        while self.message().await == Outcome::Again {
            messages += 1;
        }
        let view = files::looked(&self.w.tenant(1), self.id).await.expect("known");
        assert!(!view.pending && view.looked_at.is_some(), "{view:?}");
        messages
    }

    async fn message(&self) -> Outcome {
        work(&self.services, &self.w.tenant(1), &Work::Files(self.id), LONG).await.expect("a slice")
    }

    async fn problem(&self) -> Option<String> {
        files::looked(&self.w.tenant(1), self.id).await.expect("known").problem
    }

    async fn list(&self) -> Vec<Attached> {
        attached::list(&self.w.tenant(1), self.id).await.expect("a list")
    }

    async fn bytes(&self, file: &str) -> Result<Vec<u8>, FilesError> {
        let file = attached::one(&self.w.tenant(1), self.id, file).await?;
        Ok(files::bytes_of(&self.services, &self.w.tenant(1), file.hash).await?.to_vec())
    }

    async fn count(&self, call: &str) -> u64 {
        self.w.calls().await["calls"][call].as_u64().unwrap_or(0)
    }

    async fn pdf(&self, language: Option<PrintLanguage>, patience: Duration) -> Result<Made, FilesError> {
        pdf(&self.services, &self.w.tenant(1), self.id, language, patience).await
    }
}

fn base64(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for part in bytes.chunks(3) {
        let n = part.iter().fold(0_u32, |n, b| (n << 8) | u32::from(*b)) << (8 * (3 - part.len()));
        for k in 0..4 {
            let digit = DIGITS[((n >> (18 - 6 * k)) & 63) as usize];
            let _ = write!(out, "{}", if k <= part.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn why(file: &Attached) -> Option<FileRefusal> {
    match file.fate {
        Fate::Kept { .. } => None,
        Fate::Refused { why } => Some(why),
    }
}

#[tokio::test]
async fn what_the_erp_has_attached_is_fetched_once_and_given_out_as_it_is() {
    let f = Files::of_order(5).await;
    let csv = f.site.show("/a/koli%C4%8Dine.csv?id=7", "200 OK\r\nContent-Type: text/csv", b"A;1\r\n");
    f.attach(json!([{"file_name": "ponudba.pdf", "data_b64": base64(PDF)}, {"file_name": "x", "source_url": csv}]))
        .await;
    assert_eq!(f.list().await, vec![], "nobody has looked yet");
    assert_eq!(f.look().await, 1);
    let list = f.list().await;
    let names: Vec<&str> = list.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        (names.len(), names.contains(&"količine.csv"), names.contains(&"file.pdf")),
        (2, true, true),
        "{names:?}"
    );
    assert!(list.iter().all(|file| file.origin == Origin::Erp && file.in_erp == Some(true) && why(file).is_none()));
    for file in &list {
        let bytes = f.bytes(&file.id).await.expect("kept");
        assert_eq!(bytes, if file.name.strip_suffix(".pdf").is_some() { PDF } else { b"A;1\r\n" });
    }
    assert_eq!((f.blobs.count(), f.problem().await), (2, None));

    // What is known is not fetched again, and what nobody asked for is not looked at.
    let fetched = f.count("download").await;
    f.look().await;
    assert_eq!((f.count("download").await, f.list().await), (fetched, list));
    let asked = f.count("get_document").await;
    assert_eq!(f.message().await, Outcome::Done);
    let at_once = files::ask(&f.services, &f.w.tenant(1), f.id).await.expect("known");
    assert!(!at_once.pending, "it was just looked at");
    assert_eq!(f.count("get_document").await, asked);
}

#[tokio::test]
async fn a_file_that_we_sent_is_known_by_its_bytes_when_the_erp_shows_it() {
    let f = Files::of_order(6).await;
    let tenant = f.w.tenant(1);
    let keep = || attached::keep_of_crm(&f.services, &tenant, f.id, "C:\\tmp\\naročilo.pdf", None, PDF.into());
    let sent = keep().await.expect("kept");
    assert_eq!((sent.name.as_str(), sent.origin, sent.in_erp), ("naročilo.pdf", Origin::Crm, None));
    f.look().await;
    assert_eq!(f.list().await, vec![sent.clone()], "it is on its way");

    f.attach(json!([{"file_name": "naročilo.pdf", "data_b64": base64(PDF)}])).await;
    f.look().await;
    let list = f.list().await;
    assert_eq!(list.len(), 1, "no echo: {list:?}");
    assert_eq!((list[0].origin, list[0].in_erp, &list[0].id), (Origin::Crm, Some(true), &sent.id));
    // Attached a second time under another address it is still one.
    f.attach(json!([{"file_name": "kopija.pdf", "data_b64": base64(PDF)}])).await;
    f.look().await;
    assert_eq!((f.list().await.len(), f.list().await[0].addresses.len(), f.blobs.count()), (1, 2, 1));
    assert_eq!(keep().await.expect("kept").id, sent.id, "sent again it is the same");

    for (name, bytes, why) in [("a.pdf", &b""[..], FileRefusal::Empty), ("a.pdf", b"<html>", FileRefusal::Type)] {
        let refused = attached::keep_of_crm(&f.services, &tenant, f.id, name, None, bytes.into()).await;
        assert!(matches!(refused, Err(FilesError::Refused(w)) if w == why), "{refused:?}");
    }
    assert_eq!(f.blobs.count(), 1);
}

#[tokio::test]
async fn what_is_not_kept_says_why_and_leaves_no_bytes() {
    let f = Files::of_order(7).await;
    let pdf_head = "200 OK\r\nContent-Type: application/pdf";
    let inside = f.site.show("/inside.pdf", pdf_head, PDF);
    let cases = [
        (f.site.show("/empty.pdf", pdf_head, b""), FileRefusal::Empty),
        (f.site.show("/large.pdf", &format!("{pdf_head}\r\nContent-Length: 26214401"), PDF), FileRefusal::TooLarge),
        (f.site.show("/page.pdf", pdf_head, b"<!DOCTYPE html><html>Prijava</html>"), FileRefusal::Type),
        (f.site.show("/login.pdf", "200 OK\r\nContent-Type: text/html", PDF), FileRefusal::Type),
        (f.site.show("/tool.exe", "200 OK", b"MZ\x90\0"), FileRefusal::Type),
        (f.site.show("/there.pdf", &format!("302 Found\r\nLocation: {inside}"), b""), FileRefusal::Address),
        (f.site.show("/me.pdf", "302 Found\r\nLocation: http://127.0.0.1/a", b""), FileRefusal::Address),
        (f.site.show("/meta.pdf", "307 Go\r\nLocation: http://169.254.169.254/latest/", b""), FileRefusal::Address),
        (f.site.show("/gone.pdf", "403 Forbidden\r\nContent-Type: application/xml", b"<Error/>"), FileRefusal::Gone),
        ("https://169.254.169.254/latest/meta-data/".to_owned(), FileRefusal::Address),
        ("https://10.0.0.1/a.pdf".to_owned(), FileRefusal::Address),
        ("https://[::ffff:127.0.0.1]/a.pdf".to_owned(), FileRefusal::Address),
        ("http://datoteke.example.com/a.pdf".to_owned(), FileRefusal::Address),
        ("file:///etc/passwd".to_owned(), FileRefusal::Address),
        // This machine, at a port that the configuration does not name.
        ("http://127.0.0.1:9/a.pdf".to_owned(), FileRefusal::Address),
    ];
    let urls: Vec<&str> = cases.iter().map(|(url, _)| url.as_str()).collect();
    f.attach_urls(&urls).await;
    assert_eq!(f.look().await, 2, "ten a message");
    let list = f.list().await;
    assert_eq!(list.len(), cases.len());
    let mut got: Vec<FileRefusal> = list.iter().filter_map(why).collect();
    let mut wanted: Vec<FileRefusal> = cases.iter().map(|(_, why)| *why).collect();
    got.sort();
    wanted.sort();
    assert_eq!((got, f.blobs.count(), f.problem().await), (wanted, 0, None));
    for file in &list {
        assert!(matches!(f.bytes(&file.id).await, Err(FilesError::Refused(_))));
    }

    // An address that works the next time is taken then, and no longer refused.
    f.site.show("/gone.pdf", pdf_head, PDF);
    f.look().await;
    let list = f.list().await;
    assert_eq!((list.len(), list.iter().filter(|file| why(file).is_none()).count()), (cases.len(), 1));
}

#[tokio::test]
async fn a_new_signature_is_no_new_file_and_one_whose_time_is_over_is_asked_for_again() {
    let f = Files::of_order(8).await;
    f.attach(json!([{"file_name": "a.pdf", "data_b64": base64(PDF)}])).await;
    f.settings(json!({"attachment_seconds": 20})).await;
    f.look().await;
    let list = f.list().await;
    assert_eq!((list.len(), why(&list[0])), (1, None));
    let fetched = f.count("download").await;
    f.look().await;
    assert_eq!((f.list().await, f.count("download").await), (list, fetched));

    let order = Files::of_order(9).await;
    let expired = order.site.show("/s.pdf?Expires=1&Signature=a", "403 Forbidden", b"");
    order.attach_urls(&[&expired]).await;
    order.look().await;
    assert_eq!(why(&order.list().await[0]), Some(FileRefusal::Gone));
}

#[tokio::test]
async fn a_file_that_cannot_be_fetched_now_and_an_erp_that_fails_are_told_and_tried_again() {
    let f = Files::of_order(10).await;
    let down = f.site.show("/a.pdf", "503 Down", b"");
    f.attach_urls(&[&down]).await;
    f.look().await;
    assert_eq!((f.list().await, f.problem().await), (vec![], Some("file_unavailable".to_owned())));
    f.site.show("/a.pdf", "200 OK", PDF);
    f.w.fault(json!({"kind": "http_status", "status": 503, "endpoint": "get_document", "remaining": 1})).await;
    f.look().await;
    assert_eq!((f.list().await, f.problem().await), (vec![], Some("erp_unavailable".to_owned())));
    f.look().await;
    assert_eq!((f.list().await.len(), f.problem().await), (1, None));
}

#[tokio::test]
async fn another_tenants_document_and_its_files_lead_nowhere() {
    let f = Files::of_order(11).await;
    f.attach(json!([{"file_name": "a.pdf", "data_b64": base64(PDF)}])).await;
    f.look().await;
    let file = f.list().await.remove(0);
    let Fate::Kept { hash, .. } = file.fate else { panic!("kept") };
    let other = f.w.tenant(2);
    f.w.connected(2, 1).await;
    assert!(matches!(attached::list(&other, f.id).await, Err(FilesError::NotFound)));
    assert!(matches!(attached::one(&other, f.id, &file.id).await, Err(FilesError::NotFound)));
    assert!(matches!(files::ask(&f.services, &other, f.id).await, Err(FilesError::NotFound)));
    assert!(!files::blobs(&f.services, &other).exists(hash).await.expect("an answer"));
    assert!(files::blobs(&f.services, &f.w.tenant(1)).exists(hash).await.expect("an answer"));
    // An id of another document of its own, or none at all, is no file of it either.
    for id in [file.id.replace("fil_", "fil"), String::new(), "fil_".to_owned(), format!("{}#", file.id)] {
        assert!(matches!(attached::one(&f.w.tenant(1), f.id, &id).await, Err(FilesError::NotFound)), "{id}");
    }
}

#[tokio::test]
async fn a_bill_is_printed_once_for_a_version_in_each_language() {
    let f = Files::of_bill(12).await;
    let patience = Duration::from_secs(30);
    let Made::Ready(first) = f.pdf(None, patience).await.expect("a form") else { panic!("at once") };
    assert!(first.kind == FileKind::Pdf && first.name.strip_suffix(".pdf").is_some(), "{first:?}");
    let bytes = files::bytes_of(&f.services, &f.w.tenant(1), first.hash).await.expect("kept");
    assert!(bytes.starts_with(b"%PDF-"));
    assert_eq!(f.pdf(Some(PrintLanguage::Sl), patience).await.expect("kept"), Made::Ready(first.clone()));
    assert_eq!(f.count("report").await, 1);
    f.pdf(Some(PrintLanguage::En), patience).await.expect("a form");
    assert_eq!(f.count("report").await, 2, "another language is another form");

    // The bill is another one.
    let edit = json!({"op": "document.update", "id": f.erp_id, "fields": {"notes": "Spremenjeno"}});
    f.w.control(reqwest::Method::POST, &format!("/companies/{}/edit", f.w.companies[0].0), edit).await;
    f.w.run_of(1, &[Object::Invoices]).await;
    f.pdf(None, patience).await.expect("a form");
    assert_eq!(f.count("report").await, 3);
}

#[tokio::test]
async fn a_page_in_the_place_of_a_pdf_is_never_kept_as_one() {
    let f = Files::of_bill(13).await;
    let patience = Duration::from_secs(30);
    for fault in [
        json!({"kind": "page_as_file", "endpoint": "report", "remaining": 1}),
        json!({"kind": "html_200", "endpoint": "report", "remaining": 1}),
        json!({"kind": "empty_body", "endpoint": "report", "remaining": 1}),
        json!({"kind": "opr_code_1", "endpoint": "report", "remaining": 1}),
    ] {
        f.w.fault(fault.clone()).await;
        let refused = f.pdf(None, patience).await;
        assert!(refused.is_err(), "{fault}: {refused:?}");
        assert_eq!(f.blobs.count(), 0, "{fault}");
    }
    assert!(matches!(f.pdf(None, patience).await, Ok(Made::Ready(_))), "the next one is asked for anew");
    let order = Files::of_order(13).await;
    assert!(matches!(order.pdf(None, patience).await, Err(FilesError::NoReport(_))), "orders are not printed");
}

#[tokio::test]
async fn a_form_that_takes_long_is_asked_about_once_in_ten_seconds_and_no_more() {
    let f = Files::of_bill(14).await;
    f.settings(json!({"report_seconds": 15})).await;
    let at_once = Duration::ZERO;
    assert_eq!(f.pdf(None, at_once).await.expect("begun"), Made::Later { seconds: 10 });
    f.w.clock.advance(SignedDuration::from_secs(4));
    assert_eq!(f.pdf(None, at_once).await.expect("under way"), Made::Later { seconds: 6 });
    assert_eq!(f.count("report").await, 1, "only begun");
    f.w.clock.advance(SignedDuration::from_secs(6));
    assert_eq!(f.pdf(None, at_once).await.expect("under way"), Made::Later { seconds: 10 });
    assert_eq!(f.pdf(None, at_once).await.expect("under way"), Made::Later { seconds: 10 });
    assert_eq!(f.count("report").await, 2, "two that ask are one");
    f.w.clock.advance(SignedDuration::from_secs(10));
    let Made::Ready(file) = f.pdf(None, at_once).await.expect("made") else { panic!("it is made") };
    assert_eq!((f.count("report").await, f.count("download").await), (3, 1));
    assert_eq!(f.pdf(None, at_once).await.expect("kept"), Made::Ready(file));

    // A token that the ERP has forgotten begins anew.
    let g = Files::of_bill(15).await;
    assert_eq!(g.pdf(None, at_once).await.expect("begun"), Made::Later { seconds: 10 });
    g.w.clock.advance(SignedDuration::from_secs(26 * 3_600));
    assert_eq!(g.pdf(None, at_once).await.expect("begun anew"), Made::Later { seconds: 10 });
    assert_eq!(g.count("report").await, 2);
}

#[tokio::test]
async fn a_proof_of_delivery_is_fetched_for_the_orders_parcel_and_kept() {
    let f = Files::of(16, |document| document.buyer_order.is_some() && document.extra.contains_key("tracking_number"))
        .await;
    let tenant = f.w.tenant(1);
    let proof = proof_of_delivery(&f.services, &tenant, f.id, None).await.expect("a proof");
    assert_eq!(proof.kind, FileKind::Pdf);
    assert_eq!(proof_of_delivery(&f.services, &tenant, f.id, None).await.expect("kept"), proof);
    assert_eq!(f.count("get_proof_of_delivery").await, 1);
    for code in ["NOPE-1", "", &"9".repeat(101)] {
        let refused = proof_of_delivery(&f.services, &tenant, f.id, Some(code)).await;
        assert!(matches!(refused, Err(FilesError::NoProof(_))), "{code}: {refused:?}");
    }
    f.w.fault(json!({"kind": "page_as_file", "endpoint": "get_proof_of_delivery"})).await;
    let all = f.w.records(1).await;
    let another = all.values().find_map(|record| match record {
        Record::Document(d)
            if d.buyer_order.is_some()
                && d.extra.contains_key("tracking_number")
                && d.erp_id.to_string() != f.erp_id =>
        {
            Some(RecordId::for_erp(tenant.id(), d.kind.object(), d.erp_id))
        }
        _ => None,
    });
    let refused = proof_of_delivery(&f.services, &tenant, another.expect("another order"), None).await;
    assert!(matches!(refused, Err(FilesError::Refused(FileRefusal::Type))), "{refused:?}");
    assert_eq!(f.blobs.count(), 1);
    let bill = Files::of_bill(16).await;
    let refused = proof_of_delivery(&bill.services, &bill.w.tenant(1), bill.id, None).await;
    assert!(matches!(refused, Err(FilesError::NoProof(_))));
}
