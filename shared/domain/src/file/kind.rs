//! The types of files that are kept, by what a sender says and by their bytes.

use serde::{Deserialize, Serialize};

/// How far into a file its marks are looked for.
const HEAD: usize = 4 * 1024;

/// A type of file that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// TIFF.
    Tiff,
    /// BMP.
    Bmp,
    /// Word, as a zip of XML.
    Docx,
    /// Excel, as a zip of XML.
    Xlsx,
    /// PowerPoint, as a zip of XML.
    Pptx,
    /// An OpenDocument text.
    Odt,
    /// An OpenDocument spreadsheet.
    Ods,
    /// Word, Excel, PowerPoint or an Outlook message in their old form.
    Ole,
    /// Rich text.
    Rtf,
    /// Any other zip.
    Zip,
    /// XML.
    Xml,
    /// A mail.
    Eml,
    /// CSV; by its bytes it is text.
    Csv,
    /// Plain text.
    Text,
}

/// A kind, what it is called on the wire, and how its name ends.
const TYPES: [(FileKind, &[&str], &str); 19] = [
    (FileKind::Pdf, &["application/pdf", "application/x-pdf"], "pdf"),
    (FileKind::Png, &["image/png"], "png"),
    (FileKind::Jpeg, &["image/jpeg", "image/jpg", "image/pjpeg"], "jpg"),
    (FileKind::Gif, &["image/gif"], "gif"),
    (FileKind::Webp, &["image/webp"], "webp"),
    (FileKind::Tiff, &["image/tiff"], "tif"),
    (FileKind::Bmp, &["image/bmp", "image/x-ms-bmp"], "bmp"),
    (FileKind::Docx, &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"], "docx"),
    (FileKind::Xlsx, &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"], "xlsx"),
    (FileKind::Pptx, &["application/vnd.openxmlformats-officedocument.presentationml.presentation"], "pptx"),
    (FileKind::Odt, &["application/vnd.oasis.opendocument.text"], "odt"),
    (FileKind::Ods, &["application/vnd.oasis.opendocument.spreadsheet"], "ods"),
    (
        FileKind::Ole,
        &[
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.ms-outlook",
        ],
        "doc",
    ),
    (FileKind::Rtf, &["application/rtf", "text/rtf"], "rtf"),
    (FileKind::Zip, &["application/zip", "application/x-zip-compressed"], "zip"),
    (FileKind::Xml, &["application/xml", "text/xml"], "xml"),
    (FileKind::Eml, &["message/rfc822"], "eml"),
    (FileKind::Csv, &["text/csv"], "csv"),
    (FileKind::Text, &["text/plain"], "txt"),
];

/// What servers say that do not know what they send.
const UNKNOWN: [&str; 4] =
    ["application/octet-stream", "binary/octet-stream", "application/download", "application/force-download"];

impl FileKind {
    fn entry(self) -> (&'static [&'static str], &'static str) {
        TYPES.iter().find(|(kind, ..)| *kind == self).map_or((&["application/octet-stream"], "bin"), |t| (t.1, t.2))
    }

    /// The `Content-Type` that it is given out with.
    pub fn media_type(self) -> &'static str {
        match self {
            // Which of the four is not known.
            Self::Ole => "application/octet-stream",
            _ => self.entry().0.first().copied().unwrap_or("application/octet-stream"),
        }
    }

    /// How a name of it ends, without the dot.
    pub fn extension(self) -> &'static str {
        self.entry().1
    }

    /// Whether a name that ends so may stay as it is.
    pub(super) fn goes_by(self, extension: &str) -> bool {
        let others: &[&str] = match self {
            Self::Jpeg => &["jpeg"],
            Self::Tiff => &["tiff"],
            Self::Ole => &["xls", "ppt", "msg"],
            Self::Text => &["csv", "log", "md"],
            _ => &[],
        };
        extension == self.extension() || others.contains(&extension)
    }
}

/// What a `Content-Type` says.
enum Said {
    Nothing,
    Kept(FileKind),
    NotKept,
}

impl Said {
    fn of(text: &str) -> Self {
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence.is_empty() || UNKNOWN.contains(&essence.as_str()) {
            return Self::Nothing;
        }
        let known = TYPES.iter().find(|(_, names, _)| names.contains(&essence.as_str()));
        known.map_or(Self::NotKept, |(kind, ..)| Self::Kept(*kind))
    }
}

/// What the bytes are; nothing when what is said does not fit, or is of no kind that is kept.
pub(super) fn judge(said: Option<&str>, bytes: &[u8]) -> Option<FileKind> {
    match (Said::of(said.unwrap_or_default()), seen(bytes)?) {
        (Said::NotKept, _) => None,
        (Said::Nothing, seen) => Some(seen),
        // What text is, its bytes alone do not say.
        (Said::Kept(said @ (FileKind::Csv | FileKind::Eml)), FileKind::Text) => Some(said),
        (Said::Kept(FileKind::Ole), FileKind::Text) => Some(FileKind::Csv),
        (Said::Kept(said), seen) => is_also(said, seen).then_some(seen),
    }
}

/// Whether bytes of `seen` may be called `said`.
fn is_also(said: FileKind, seen: FileKind) -> bool {
    use FileKind::{Docx, Eml, Ole, Pptx, Rtf, Text, Xlsx, Xml, Zip};
    match said {
        _ if said == seen => true,
        Text => matches!(seen, Xml | Eml | Rtf),
        // The old programs' types are said of the new programs' files, too.
        Ole => matches!(seen, Docx | Xlsx | Pptx | Rtf),
        Zip => is_zip(seen),
        _ => false,
    }
}

const fn is_zip(kind: FileKind) -> bool {
    matches!(kind, FileKind::Zip | FileKind::Docx | FileKind::Xlsx | FileKind::Pptx | FileKind::Odt | FileKind::Ods)
}

fn seen(bytes: &[u8]) -> Option<FileKind> {
    const MARKS: [(&[u8], FileKind); 10] = [
        (b"\x89PNG\r\n\x1a\n", FileKind::Png),
        (b"\xff\xd8\xff", FileKind::Jpeg),
        (b"GIF87a", FileKind::Gif),
        (b"GIF89a", FileKind::Gif),
        (b"II*\0", FileKind::Tiff),
        (b"MM\0*", FileKind::Tiff),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind::Ole),
        (b"{\\rtf", FileKind::Rtf),
        (b"%PDF-", FileKind::Pdf),
        (b"PK\x05\x06", FileKind::Zip),
    ];
    if let Some((_, kind)) = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return Some(*kind);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(FileKind::Webp);
    }
    // The length that stands in its head tells a bitmap from a text that begins with these letters.
    if bytes.starts_with(b"BM") && bytes.get(6..10) == Some(&[0; 4]) {
        return Some(FileKind::Bmp);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(zip(bytes));
    }
    text(bytes)
}

/// Which zip it is, by the names in it.
fn zip(bytes: &[u8]) -> FileKind {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    if contains(head, b"mimetypeapplication/vnd.oasis.opendocument.text") {
        return FileKind::Odt;
    }
    if contains(head, b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet") {
        return FileKind::Ods;
    }
    if contains(bytes, b"[Content_Types].xml") {
        for (name, kind) in [
            (&b"word/document.xml"[..], FileKind::Docx),
            (b"xl/workbook.xml", FileKind::Xlsx),
            (b"ppt/presentation.xml", FileKind::Pptx),
        ] {
            if contains(bytes, name) {
                return kind;
            }
        }
    }
    FileKind::Zip
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// Which text it is. A web page is none that is kept, whatever it calls itself: it would be a login or an error page.
fn text(bytes: &[u8]) -> Option<FileKind> {
    const MAIL: [&str; 9] = [
        "received:",
        "return-path:",
        "delivered-to:",
        "message-id:",
        "mime-version:",
        "dkim-signature:",
        "x-mozilla-",
        "from:",
        "date:",
    ];
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Not UTF-8 alone: Slovenian files of older programs are in Windows-1250.
    if bytes.iter().any(|b| matches!(b, 0..=8 | 11 | 14..=31 | 127)) {
        return None;
    }
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head).trim_start().to_ascii_lowercase();
    if head.starts_with('<') {
        return is_xml(&head).then_some(FileKind::Xml);
    }
    let is_mail = MAIL.iter().any(|name| head.starts_with(name)) && head.contains("\nsubject:");
    Some(if is_mail { FileKind::Eml } else { FileKind::Text })
}

/// Whether what begins with `<` is XML and no web page, by its first element. A document type is read over, unless it
/// is that of a page.
fn is_xml(mut rest: &str) -> bool {
    const PAGES: [&str; 12] =
        ["html", "head", "title", "meta", "body", "script", "style", "svg", "iframe", "form", "div", "img"];
    loop {
        rest = rest.trim_start();
        let end = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<!doctype html") => return false,
            _ if rest.starts_with("<?") || rest.starts_with("<!") => ">",
            _ => break,
        };
        let Some((_, after)) = rest.split_once(end) else { return false };
        rest = after;
    }
    let Some(name) = rest.strip_prefix('<').and_then(|rest| rest.split([' ', '\t', '\r', '\n', '/', '>']).next())
    else {
        return false;
    };
    let local = name.rsplit(':').next().unwrap_or_default();
    local.starts_with(|c: char| c.is_alphabetic() || c == '_') && !PAGES.contains(&local)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.4\n1 0 obj";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
    const DOCX: &[u8] = b"PK\x03\x04\x14\0[Content_Types].xml....word/document.xml";
    const ODS: &[u8] = b"PK\x03\x04\x14\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
    const ZIP: &[u8] = b"PK\x03\x04\x14\0slike/a.jpg";
    const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0";
    const XML: &[u8] = b"<?xml version=\"1.0\"?><Invoice/>";
    const HTML: &[u8] = b"  \n<!DOCTYPE html><html><body>Prijava</body></html>";
    const EML: &[u8] = b"From: a@b.si\r\nSubject: Racun\r\n\r\nx";
    const CP1250: &[u8] = b"\x8aifra;Koli\xe8ina\r\nA;1";

    #[test]
    fn a_file_is_what_its_bytes_are_when_nobody_says_anything_else() {
        for (bytes, kind) in [
            (PDF, Some(FileKind::Pdf)),
            (PNG, Some(FileKind::Png)),
            (JPEG, Some(FileKind::Jpeg)),
            (b"GIF89a\x01\0", Some(FileKind::Gif)),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some(FileKind::Webp)),
            (b"II*\0\x08\0", Some(FileKind::Tiff)),
            (b"BM\x36\0\0\0\0\0\0\0\x36\0", Some(FileKind::Bmp)),
            (DOCX, Some(FileKind::Docx)),
            (b"PK\x03\x04[Content_Types].xml xl/workbook.xml", Some(FileKind::Xlsx)),
            (b"PK\x03\x04[Content_Types].xml ppt/presentation.xml", Some(FileKind::Pptx)),
            (ODS, Some(FileKind::Ods)),
            (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.text", Some(FileKind::Odt)),
            (ZIP, Some(FileKind::Zip)),
            (OLE, Some(FileKind::Ole)),
            (b"{\\rtf1 x}", Some(FileKind::Rtf)),
            (XML, Some(FileKind::Xml)),
            (b"<Invoice><a/></Invoice>", Some(FileKind::Xml)),
            (EML, Some(FileKind::Eml)),
            (b"Narocilo 7\r\nVijak;3", Some(FileKind::Text)),
            (CP1250, Some(FileKind::Text)),
            ("Količina šest žebljev".as_bytes(), Some(FileKind::Text)),
            (
                b"<?xml version=\"1.0\"?>\n<!-- a --><!DOCTYPE r SYSTEM \"r.dtd\"><Header><table/></Header>",
                Some(FileKind::Xml),
            ),
            (b"Date: x\nSubject: y\n\n<html><body>", Some(FileKind::Eml)),
            (b"Opomba: <form> je obrazec", Some(FileKind::Text)),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?><a/>", Some(FileKind::Xml)),
            (b"BMW 320", Some(FileKind::Text)),
            // Never kept.
            (HTML, None),
            (b"<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"x\"><html/>", None),
            (b"<svg xmlns=\"x\" onload=\"alert(1)\"/>", None),
            (b"<?xml version=\"1.0\"?><svg/>", None),
            (b"<script>alert(1)</script>", None),
            (b"<!-- --><html>", None),
            (b"<!-- never closed", None),
            (b"<xhtml:html xmlns:xhtml=\"x\">", None),
            (b"<1>", None),
            (b"MZ\x90\0\x03\0", None),
            (b"\x7fELF\x02\x01", None),
            (b"\xca\xfe\xba\xbe\0\0", None),
            (b"Rar!\x1a\x07\0", None),
            (b"\x1f\x8b\x08\0", None),
            (b"7z\xbc\xaf\x27\x1c", None),
            (b"\0\0\0\0", None),
            (b"text\0with a null", None),
        ] {
            assert_eq!(judge(None, bytes), kind, "{}", String::from_utf8_lossy(bytes));
            for unknown in ["", "application/octet-stream", "Binary/Octet-Stream; x=1"] {
                assert_eq!(judge(Some(unknown), bytes), kind, "{unknown}");
            }
        }
    }

    #[test]
    fn what_a_sender_says_must_agree_with_the_bytes() {
        for (said, bytes, kind) in [
            ("application/pdf", PDF, Some(FileKind::Pdf)),
            ("Application/PDF; charset=UTF-8", PDF, Some(FileKind::Pdf)),
            ("application/pdf", HTML, None),
            ("application/pdf", PNG, None),
            ("application/pdf", b"not a pdf".as_slice(), None),
            ("image/png", JPEG, None),
            ("image/jpg", JPEG, Some(FileKind::Jpeg)),
            ("text/html", PDF, None),
            ("text/html; charset=UTF-8", HTML, None),
            ("application/xhtml+xml", XML, None),
            ("image/svg+xml", b"<svg/>", None),
            ("application/javascript", b"alert(1)", None),
            ("application/x-msdownload", b"MZ\x90\0", None),
            ("application/zip", ZIP, Some(FileKind::Zip)),
            ("application/zip", DOCX, Some(FileKind::Docx)),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", DOCX, Some(FileKind::Docx)),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ZIP, None),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", OLE, None),
            ("application/msword", OLE, Some(FileKind::Ole)),
            ("application/vnd.ms-excel", b"a;b\r\n1;2", Some(FileKind::Csv)),
            ("text/csv", CP1250, Some(FileKind::Csv)),
            ("text/csv", PDF, None),
            ("text/plain", XML, Some(FileKind::Xml)),
            ("text/plain", b"a", Some(FileKind::Text)),
            ("text/xml", XML, Some(FileKind::Xml)),
            ("text/xml", b"a", None),
            ("message/rfc822", EML, Some(FileKind::Eml)),
            ("message/rfc822", b"X-A: 1\r\n\r\nb", Some(FileKind::Eml)),
            ("message/rfc822", PDF, None),
            ("application/x-rar", b"Rar!\x1a\x07\0", None),
        ] {
            assert_eq!(judge(Some(said), bytes), kind, "{said} {}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn every_kind_has_a_type_and_an_extension_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for (kind, names, extension) in TYPES {
            assert!(seen.insert(extension) && names.iter().all(|name| seen.insert(name)), "{kind:?}");
            assert!(kind.goes_by(extension) && kind.media_type().contains('/'));
        }
    }
}
