//! How a file leaves: always to be saved, never to be shown as a page of ours.
//!
//! Decides its type, its name and whether its bytes are in the answer or at an
//! address of the file store.

use bytes::Bytes;
use cloud::LinkHead;
use domain::file::FileKind;
use store::Tenant;

use super::{File, FilesError, blobs, bytes_of};
use crate::Services;

/// The most bytes that are in an answer itself. A function's answer ends at 6 MB, and bytes are a third longer in it.
const INLINE: u64 = 4 * 1024 * 1024;

/// What a browser may do with a file that is opened all the same: nothing.
pub const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// A file on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Its bytes.
    Bytes(Bytes),
    /// An address that holds for 15 minutes.
    Link(String),
}

/// The file as it leaves. What it is sent as is in [`head`].
///
/// # Errors
///
/// The file store failed, or the bytes are not there.
pub async fn given(services: &Services, tenant: &Tenant, file: &File) -> Result<Given, FilesError> {
    if file.size > INLINE
        && let Some(link) = blobs(services, tenant).link(file.hash, &head(file)).await?
    {
        return Ok(Given::Link(link));
    }
    Ok(Given::Bytes(bytes_of(services, tenant, file.hash).await?))
}

/// The type and the name that a file leaves with.
pub fn head(file: &File) -> LinkHead {
    LinkHead { content_type: sent_as(file.kind).to_owned(), disposition: disposition(&file.name) }
}

/// The type that bytes leave with. Text leaves as bytes: on its way through a function it would be read as UTF-8 and
/// written anew.
fn sent_as(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Text | FileKind::Csv | FileKind::Xml | FileKind::Eml | FileKind::Rtf => "application/octet-stream",
        kind => kind.media_type(),
    }
}

/// `attachment` with the name twice: in ASCII, and as it is.
fn disposition(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '<' | '>') || c == ' ';
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let code = |byte| if is_unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let coded: String = name.bytes().map(code).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_value_of_a_header_whatever_it_holds() {
        for (name, header) in [
            ("a b.pdf", "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"),
            ("račun.pdf", "attachment; filename=\"ra_un.pdf\"; filename*=UTF-8''ra%C4%8Dun.pdf"),
            ("a\"b\\c.pdf", "attachment; filename=\"a_b_c.pdf\"; filename*=UTF-8''a%22b%5Cc.pdf"),
            ("<b>.png", "attachment; filename=\"_b_.png\"; filename*=UTF-8''%3Cb%3E.png"),
        ] {
            assert_eq!(disposition(name), header);
            assert!(header.bytes().all(|b| b.is_ascii_graphic() || b == b' '));
        }
    }

    #[test]
    fn nothing_leaves_as_what_a_browser_would_run_or_a_function_would_rewrite() {
        for kind in [FileKind::Text, FileKind::Csv, FileKind::Xml, FileKind::Eml, FileKind::Rtf, FileKind::Ole] {
            assert_eq!(sent_as(kind), "application/octet-stream", "{kind:?}");
        }
        assert_eq!(sent_as(FileKind::Pdf), "application/pdf");
    }
}
