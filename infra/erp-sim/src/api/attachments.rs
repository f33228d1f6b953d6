//! Files on documents: taken by URL or as base64, found again at a public URL.

use super::documents::{kind_of, locate};
use super::{Call, Done, Refusal, author, token};
use crate::model::Document;
use crate::wire::json::Obj;
use base64::Engine as _;

/// add_attachment: sent twice, the file is there twice.
pub(crate) fn add(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let kind = kind_of(call)?;
    let id = locate(call, kind, "mk_id")?;
    if call.body.list("attachment_list").is_empty() {
        return Err(Refusal::application("attachment_list is required"));
    }
    let mut doc = call.company.documents.get(&id).cloned().ok_or_else(|| Refusal::invalid("Document not found"))?;
    take(call, &mut doc)?;
    let user = call.user();
    call.company.edit_document(id, author(&user, call.now, None), |own| own.attachments = doc.attachments);
    Ok(())
}

/// Puts the files of a request onto a document.
pub(crate) fn take(call: &mut Call<'_>, doc: &mut Document) -> Done {
    for file in call.body.list("attachment_list") {
        let name = file.text("file_name").ok_or_else(|| Refusal::application("file_name is required"))?;
        let url = if let Some(url) = file.text("source_url") {
            url
        } else if let Some(text) = file.text("data_b64") {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim());
            let bytes = bytes.map_err(|_| Refusal::application("data_b64 is not valid"))?;
            let token = token(call.company);
            let url = format!("{}/download/file/{token}", call.base);
            call.company.extras.files.insert(token, bytes);
            url
        } else {
            return Err(Refusal::application("source_url or data_b64 is required"));
        };
        doc.attachments.push((name, url));
    }
    Ok(())
}
