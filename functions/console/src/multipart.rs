//! The parts of a form with a file, as browsers send it (RFC 7578).
//!
//! Decides where each part ends. The body is in memory and capped before; a body
//! that is not of the form is none, and nothing of it is used.

use bytes::Bytes;

/// The most parts of a form.
const MOST: usize = 256;

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The field's name.
    pub(crate) name: String,
    /// The file's name, if it is one: empty when none was chosen.
    pub(crate) file_name: Option<String>,
    /// What it holds.
    pub(crate) bytes: Bytes,
}

/// The boundary that a content type names.
pub(crate) fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.strip_prefix("multipart/form-data")?.split(';').skip(1);
    let value = parameters.find_map(|p| p.trim().strip_prefix("boundary="))?.trim_matches('"');
    (1..=70).contains(&value.len()).then_some(value)
}

/// The parts of a body; `None` when it is not whole.
pub(crate) fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut at = body.strip_prefix(first.as_bytes()).map(|_| first.len())?;
    let mut parts = Vec::new();
    loop {
        if body[at..].starts_with(b"--") {
            return Some(parts);
        }
        at = body[at..].starts_with(b"\r\n").then_some(at + 2)?;
        let head_end = at + find(&body[at..], b"\r\n\r\n")?;
        let (name, file_name) = disposition(std::str::from_utf8(&body[at..head_end]).ok()?)?;
        let begin = head_end + 4;
        let end = begin + find(&body[begin..], between.as_bytes())?;
        parts.push(Part { name, file_name, bytes: body.slice(begin..end) });
        at = end + between.len();
        if parts.len() > MOST {
            return None;
        }
    }
}

/// The names of a part, from its head.
fn disposition(head: &str) -> Option<(String, Option<String>)> {
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition").then(|| value.trim())
    })?;
    let mut rest = line.strip_prefix("form-data")?;
    let (mut name, mut file_name) = (None, None);
    while let Some((_, parameter)) = rest.split_once(';') {
        let (key, value) = parameter.split_once('=')?;
        // Browsers write a quote in a name as `%22`, so the next one ends it.
        let (value, after) = value.strip_prefix('"')?.split_once('"')?;
        match key.trim() {
            "name" => name = Some(plain(value)),
            "filename" => file_name = Some(plain(value)),
            _ => {}
        }
        rest = after;
    }
    Some((name?, file_name))
}

/// What browsers write for a quote and a line's end, read again.
fn plain(value: &str) -> String {
    value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = hay[from..].iter().position(|b| *b == first) {
        if hay[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, file_name: Option<&str>, bytes: &'static [u8]) -> Part {
        Part { name: name.to_owned(), file_name: file_name.map(str::to_owned), bytes: Bytes::from_static(bytes) }
    }

    const BODY: &[u8] = b"--XX\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nt\r\n\
        --XX\r\nContent-Disposition: form-data; name=\"content\"; filename=\"ra\xc4\x8dun %22a%22; b.pdf\"\r\n\
        Content-Type: application/pdf\r\n\r\n%PDF\r\n--X\r\n\0\xff\r\n--XX\r\n\
        content-disposition: form-data; name=\"empty\"\r\n\r\n\r\n--XX--\r\n";

    #[test]
    fn fields_and_a_file_are_told_apart_byte_by_byte() {
        let found = parts(&Bytes::from_static(BODY), "XX").expect("whole");
        let file = part("content", Some("račun \"a\"; b.pdf"), b"%PDF\r\n--X\r\n\0\xff");
        assert_eq!(found, [part("csrf", None, b"t"), file, part("empty", None, b"")]);
    }

    #[test]
    fn a_body_that_is_cut_off_anywhere_before_its_end_is_none() {
        let end = BODY.len() - 4;
        for n in 0..end {
            assert_eq!(parts(&Bytes::from_static(&BODY[..n]), "XX"), None, "{n}");
        }
        for bad in [
            &b""[..],
            b"--YY--",
            b"--XX\r\n\r\n\r\n--XX--",
            b"--XX\r\nContent-Disposition: form-data\r\n\r\n\r\n--XX--",
        ] {
            assert_eq!(parts(&Bytes::copy_from_slice(bad), "XX"), None, "{bad:?}");
        }
        let many = b"--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(MOST + 2);
        assert_eq!(parts(&[&many[..], b"--XX--"].concat().into(), "XX"), None);
    }

    #[test]
    fn a_content_type_names_its_boundary() {
        assert_eq!(
            boundary("multipart/form-data; boundary=----WebKitFormBoundaryA1"),
            Some("----WebKitFormBoundaryA1")
        );
        assert_eq!(boundary("multipart/form-data; charset=utf-8; boundary=\"a b\""), Some("a b"));
        for bad in ["multipart/form-data", "multipart/form-data; boundary=", "text/plain; boundary=a"] {
            assert_eq!(boundary(bad), None, "{bad}");
        }
    }
}
