//! Pages whose rows are read only when asked for: most rows of a sweep are as they were, and their text says so.
//!
//! Decides which rows a page has and that it is whole. A row is as trustworthy as
//! one of `search` or `products`: it goes through the same conversion when it is read.

use domain::{Document, DocumentKind, ErpId, Product};

use super::{
    AnswerOf, Client, ErpError, ProductQuery, RowError, SearchQuery,
    call::{PRODUCT_LIST, SEARCH},
    page::{check_count, count},
};
use crate::{
    Problem, Refusal,
    convert::{At, document, product},
    json::{Outcome, Reader},
    wire::{self, Fields, Item, Rows, Text, UnreadProducts, UnreadSearch, Value as _},
};

/// A row as it came.
#[derive(Clone)]
pub struct UnreadRow {
    /// Its id.
    pub erp_id: ErpId,
    /// The partners that it names.
    pub partners: Vec<ErpId>,
    text: Box<str>,
}

/// A page of rows as they came.
pub struct UnreadPage {
    /// How many records there are in all; a list of products does not say.
    pub total: Option<u64>,
    /// The rows, in their order.
    pub rows: Vec<UnreadRow>,
}

impl UnreadRow {
    /// The JSON of the row.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document that it is.
    pub fn document(&self, kind: DocumentKind) -> Result<Document, RowError> {
        self.read(|row: &wire::Document<'_>| document(row, Some(kind), At::Root))
    }

    /// The product that it is.
    pub fn product(&self) -> Result<Product, RowError> {
        self.read(|row: &wire::Product<'_>| product(row, At::Root))
    }

    fn read<'a, T: Fields<'a>, R>(&'a self, convert: impl Fn(&T) -> Result<R, Refusal>) -> Result<R, RowError> {
        let shape = || Refusal { path: String::new(), problem: Problem::Shape };
        let converted = match Rows::<'a, T>::read(&mut Reader::of(&self.text)) {
            Ok(Rows::One(Item::Object(row))) => convert(&row),
            _ => Err(shape()),
        };
        converted.map_err(|refusal| RowError {
            erp_id: Some(self.erp_id),
            path: refusal.path,
            reason: refusal.problem,
            raw: self.text.to_string(),
        })
    }
}

impl Client {
    /// A page of documents as they came. The counts must agree as in `search`.
    pub async fn search_unread(&self, query: &SearchQuery) -> Result<UnreadPage, ErpError> {
        let body = self.full_search_body(query);
        let page = self.ask(&SEARCH, body, |answer| {
            let found = answer.read::<UnreadSearch<'_>>()?;
            let rows = rows(answer, found.result.items())?;
            check_count(answer, count(answer, found.result_count)?, rows.len())?;
            let total = count(answer, found.result_all_records)?;
            let total = super::search::check_page(answer, query, total, rows.len())?;
            Ok(UnreadPage { total: Some(total), rows })
        });
        match super::search::hit(page.await, query)? {
            Some(UnreadPage { total: Some(total), rows }) => {
                Ok(UnreadPage { total: Some(self.counted(query, total).await?), rows })
            }
            Some(page) => Ok(page),
            None => Ok(UnreadPage { total: Some(query.offset), rows: Vec::new() }),
        }
    }

    /// A page of products as they came.
    pub async fn products_unread(&self, query: &ProductQuery) -> Result<UnreadPage, ErpError> {
        let body = self.products_body(query);
        self.ask(&PRODUCT_LIST, body, |answer| {
            let list = answer.read::<UnreadProducts<'_>>()?;
            let rows = rows(answer, list.product_list.items())?;
            super::products::check_list(answer, list.product_list_count, rows.len())?;
            Ok(UnreadPage { total: None, rows })
        })
        .await
    }
}

/// The rows of a list. `null` and `""` stand for an empty one; anything without an id is no row.
fn rows(answer: &AnswerOf<'_>, items: &[Text<'_>]) -> Result<Vec<UnreadRow>, ErpError> {
    if let [only] = items
        && matches!(only.raw(), "null" | "\"\"")
    {
        return Ok(Vec::new());
    }
    items.iter().map(|item| row(item.raw()).ok_or_else(|| answer.inconsistent("a row without an id"))).collect()
}

/// What tells a row, by a walk over its text that keeps nothing else.
fn row(text: &str) -> Option<UnreadRow> {
    let (mut erp_id, mut partners) = (None, Vec::new());
    let walked = Reader::of(text).members(|reader, key| {
        match key {
            r#""mk_id""# if erp_id.is_none() => erp_id = id(reader)?,
            r#""partner""# | r#""receiver""# if reader.peek()? == b'{' => reader.members(|reader, key| {
                match key {
                    r#""mk_id""# => partners.extend(id(reader)?),
                    _ => reader.value().map(|_| ())?,
                }
                Ok(())
            })?,
            _ => reader.value().map(|_| ())?,
        }
        Ok(())
    });
    walked.ok()?;
    Some(UnreadRow { erp_id: erp_id?, partners, text: text.into() })
}

fn id(reader: &mut Reader<'_>) -> Outcome<Option<ErpId>> {
    Ok(Text::read(reader)?.decode().ok().flatten().and_then(|id| id.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_told_by_its_id_and_names_its_partners() {
        let text = r#"{"opr_code":"0","partner":{"customer":"A","mk_id":"7"},"mk_id":"5","receiver":{"mk_id":8},
            "product_list":[{"mk_id":"9"}],"mk_id":"6"}"#;
        let row = row(text).expect("a row");
        assert_eq!((row.erp_id, row.partners), (ErpId::new(5), vec![ErpId::new(7), ErpId::new(8)]));
    }

    #[test]
    fn what_has_no_id_is_no_row() {
        for text in ["{}", "[]", "\"5\"", r#"{"mk_id":"x"}"#, r#"{"mk_id":{}}"#, r#"{"partner":{"mk_id":"5"}}"#] {
            assert!(row(text).is_none(), "{text}");
        }
    }
}
