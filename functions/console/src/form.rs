//! The fields of a form that was sent.

use axum::extract::{FromRequest, Multipart, Query, Request};
use bytes::Bytes;
use http::{Uri, header::CONTENT_TYPE};
use runtime::{Code, Problem};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

use crate::refusal::Refusal;

/// The largest form without a file.
const LARGEST: usize = 16 * 1024;
/// The most parts of a form with a file.
const MOST_PARTS: usize = 256;

/// A file that was sent with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upload {
    /// Its name where it came from.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) bytes: Bytes,
}

/// A form whose fields are not known beforehand, perhaps with a file.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) file: Option<Upload>,
}

impl<S: Send + Sync> FromRequest<S> for Sheet {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        if !kind.starts_with("multipart/form-data") {
            return Form::from_request(request, state).await.map(|Form(fields)| Self { fields, file: None });
        }
        let mut parts = Multipart::from_request(request, state).await.map_err(|_| unreadable())?;
        let mut sheet = Self { fields: BTreeMap::new(), file: None };
        // The body is in memory and capped before; one that is cut off or has too many parts is refused whole.
        for _ in 0..=MOST_PARTS {
            let Some(part) = parts.next_field().await.map_err(|_| unreadable())? else { return Ok(sheet) };
            let field = part.name().ok_or_else(unreadable)?.to_owned();
            match part.file_name().map(plain) {
                // A browser sends a file without a name when none was chosen.
                Some(name) if name.is_empty() => {}
                Some(name) => sheet.file = Some(Upload { name, bytes: part.bytes().await.map_err(|_| unreadable())? }),
                None => {
                    let bytes = part.bytes().await.map_err(|_| unreadable())?;
                    sheet.fields.insert(field, String::from_utf8(bytes.into()).map_err(|_| unreadable())?);
                }
            }
        }
        Err(unreadable())
    }
}

/// What browsers write for a quote and a line's end in a file's name, read again.
fn plain(value: &str) -> String {
    value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

/// A form, as browsers send it.
pub(crate) struct Form<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Problem::new(Code::UnsupportedMediaType).into());
        }
        let body = String::from_request(request, state).await.map_err(|_| unreadable())?;
        if body.len() > LARGEST {
            return Err(Problem::new(Code::BodyTooLarge).into());
        }
        parse(&body).map(Self)
    }
}

/// A form has the form of a query.
fn parse<T: DeserializeOwned>(body: &str) -> Result<T, Refusal> {
    let uri: Uri = format!("/?{body}").parse().map_err(|_| unreadable())?;
    let Query(fields) = Query::try_from_uri(&uri).map_err(|_| unreadable())?;
    Ok(fields)
}

fn unreadable() -> Refusal {
    Problem::new(Code::InvalidRequest).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Fields {
        code: String,
        version: u64,
    }

    #[test]
    fn a_form_is_read_and_a_broken_one_refused() {
        let fields: Fields = parse("code=t_1.a%2Bb+c&version=7&other=x").expect("a form");
        assert_eq!(fields, Fields { code: "t_1.a+b c".to_owned(), version: 7 });
        for bad in ["", "code=a", "code=a&version=x", "code=a b&version=1", "code=a&version=1\u{0}"] {
            assert!(parse::<Fields>(bad).is_err(), "{bad}");
        }
    }

    const BODY: &[u8] = b"--XX\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nt\r\n\
        --XX\r\nContent-Disposition: form-data; name=\"content\"; filename=\"ra\xc4\x8dun %22a%22; b.pdf\"\r\n\
        Content-Type: application/pdf\r\n\r\n%PDF\r\n--X\r\n\0\xff\r\n--XX\r\n\
        content-disposition: form-data; name=\"empty\"\r\n\r\n\r\n--XX--\r\n";

    async fn sheet(body: &[u8]) -> Result<Sheet, Refusal> {
        let request = http::Request::post("/").header(CONTENT_TYPE, "multipart/form-data; boundary=XX");
        Sheet::from_request(request.body(body.to_vec().into()).expect("a request"), &()).await
    }

    #[tokio::test]
    async fn fields_and_a_file_are_told_apart_byte_by_byte() {
        let sheet = sheet(BODY).await.expect("whole");
        let file =
            Upload { name: "račun \"a\"; b.pdf".to_owned(), bytes: Bytes::from_static(b"%PDF\r\n--X\r\n\0\xff") };
        assert_eq!(sheet.file, Some(file));
        assert_eq!(sheet.fields, [("csrf", "t"), ("empty", "")].map(|(k, v)| (k.to_owned(), v.to_owned())).into());
    }

    #[tokio::test]
    async fn a_body_that_is_cut_off_anywhere_before_its_end_is_refused() {
        for n in 0..BODY.len() - 4 {
            assert!(sheet(&BODY[..n]).await.is_err(), "{n}");
        }
        let many = b"--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(MOST_PARTS + 2);
        assert!(sheet(&[&many[..], b"--XX--"].concat()).await.is_err());
    }
}
