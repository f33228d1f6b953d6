//! The fields of a form that was sent.

use axum::extract::{FromRequest, Query, Request};
use bytes::Bytes;
use http::{Uri, header::CONTENT_TYPE};
use runtime::{Code, Problem};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

use crate::{multipart, refusal::Refusal};

/// The largest form without a file.
const LARGEST: usize = 16 * 1024;

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
        let Some(boundary) = multipart::boundary(&kind) else {
            return Form::from_request(request, state).await.map(|Form(fields)| Self { fields, file: None });
        };
        let body = Bytes::from_request(request, state).await.map_err(|_| unreadable())?;
        let mut sheet = Self { fields: BTreeMap::new(), file: None };
        for part in multipart::parts(&body, boundary).ok_or_else(unreadable)? {
            match part.file_name {
                // A browser sends a file without a name when none was chosen.
                Some(name) if name.is_empty() => {}
                Some(name) => sheet.file = Some(Upload { name, bytes: part.bytes }),
                None => {
                    let text = String::from_utf8(part.bytes.to_vec()).map_err(|_| unreadable())?;
                    sheet.fields.insert(part.name, text);
                }
            }
        }
        Ok(sheet)
    }
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
}
