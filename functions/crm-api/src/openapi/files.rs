//! Examples of documents' files. Answers are made by the code that answers and are read back by the contract's types.

use app::files::LookView;
use app::files::attached::{Attached, Fate, Origin};
use domain::file::FileKind;
use domain::{BlobHash, FileRefusal};
use serde_json::Value;

use super::examples::json;
use super::records::now;
use crate::{contract, file_view};

/// The answers of an operation, by status. The bytes of files have no example.
pub(super) fn responses(operation: &str) -> Vec<(&'static str, Value)> {
    match operation {
        "list_attachments" => vec![("200", json(&file_view::attachments(&files(), &over())))],
        "refresh_attachments" => {
            vec![("202", json(&file_view::look(&LookView { pending: true, ..LookView::default() })))]
        }
        "get_document_pdf" => vec![("202", json(&contract::Making { retry_after: 10 }))],
        _ => Vec::new(),
    }
}

/// The request of an operation with a body.
pub(super) fn request(operation: &str) -> Option<Value> {
    (operation == "add_attachment")
        .then(|| serde_json::json!({ "file_name": "zapisnik.pdf", "content": "JVBERi0xLjQ=" }))
}

fn over() -> LookView {
    LookView { pending: false, looked_at: Some(now()), problem: None }
}

fn files() -> Vec<Attached> {
    let bytes = b"%PDF-1.4 order form";
    let kept = Attached {
        id: "fil_0190a1b2c3d47e5f8091a2b3c4d5e6f7".to_owned(),
        name: "naročilnica.pdf".to_owned(),
        origin: Origin::Erp,
        first_seen: now(),
        fate: Fate::Kept { hash: BlobHash::of(bytes), size: bytes.len() as u64, kind: FileKind::Pdf },
        in_erp: Some(true),
        addresses: Vec::new(),
    };
    let refused = Attached {
        id: "fil_0190a1b2c3d47e5f8091a2b3c4d5e6f8".to_owned(),
        name: "prijava.html".to_owned(),
        fate: Fate::Refused { why: FileRefusal::Type },
        ..kept.clone()
    };
    let sent = Attached { origin: Origin::Crm, in_erp: None, name: "slika.png".to_owned(), ..kept.clone() };
    vec![kept, refused, sent]
}

#[test]
fn every_answer_about_files_has_the_form_of_the_contract() {
    use super::examples::assert_form;
    type Check = fn(&Value);
    let table: &[(&str, Check)] = &[
        ("list_attachments", assert_form::<contract::Attachments>),
        ("refresh_attachments", assert_form::<contract::AttachmentsLook>),
        ("get_document_pdf", assert_form::<contract::Making>),
    ];
    for (operation, check) in table {
        let examples = responses(operation);
        assert!(!examples.is_empty(), "{operation}");
        for (_, example) in &examples {
            check(example);
        }
    }
    let asked: crate::body::AddAttachment =
        serde_json::from_value(request("add_attachment").expect("an example")).expect("its form");
    assert!(asked.to_ask(None).is_ok());
    let troubled = LookView { problem: Some("file_unavailable".to_owned()), ..over() };
    assert_form::<contract::AttachmentsLook>(&json(&file_view::look(&troubled)));
}
