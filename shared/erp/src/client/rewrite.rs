//! What a document is rewritten from.
//!
//! Decides what of a document a rewrite carries and what it would lose: the ERP
//! takes the whole document anew, and what is not sent again is gone. Must not
//! decide whether that is acceptable.

use domain::{Document, DocumentKind, ErpId, Text as Canonical};
use std::collections::BTreeMap;

use super::{AnswerOf, Client, ErpError, body::Object, call::GET_DOCUMENT, search::whole};
use crate::{
    Refusal,
    convert::{At, document},
    json::{Outcome, Reader},
    wire,
};

/// Head fields that a draft says itself.
const SAID: &[&str] = &[
    "mk_id",
    "doc_type",
    "count_code",
    "doc_date",
    "title",
    "notes",
    "partner",
    "receiver",
    "buyer_order",
    "currency_code",
    "warehouse",
    "delivery_type",
    "method_of_payment",
    "status_code",
    "status_desc",
    "duo_payment",
    "valid_to",
    "service_from_date",
    "service_to_date",
    "discount_percent",
    "product_list",
];

/// Head fields that are the ERP's own: calculated, or of the answer.
const OWN: &[&str] = &[
    "created_ts",
    "order_create_ts",
    "last_change_ts",
    "last_change_user",
    "document_type_short",
    "total_price",
    "sum_basic",
    "sum_discount",
    "sum_all",
    "sum_prepayment",
];

/// Fields of a row that a draft says, or that follow from its product and tax.
const OF_A_ROW: &[&str] = &[
    "mk_row_id",
    "mk_id",
    "code",
    "count_code",
    "type",
    "name",
    "name_desc",
    "doc_desc",
    "unit",
    "amount",
    "price",
    "price_with_tax",
    "discount",
    "tax",
    "tax_factor",
    "tax_desc",
];

/// A document that is to be rewritten, with what its record does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewriteBase {
    /// The document.
    pub document: Document,
    /// Head fields to repeat as they are, by the ERP's names.
    pub kept: BTreeMap<&'static str, Canonical>,
    /// What each line has besides, in the order of the lines.
    pub rows: Vec<RowBase>,
    /// What a rewrite would lose, by the ERP's names.
    pub lost: Vec<String>,
}

/// What a row has besides its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowBase {
    /// The product's number.
    pub number: Option<Canonical>,
    /// Its own description; the description of its line may be the product's.
    pub description: Option<Canonical>,
    /// The product's description as the row shows it.
    pub product_description: Option<Canonical>,
}

impl Client {
    /// A document with all that a rewrite of it must say again, and the names of what it cannot say.
    pub async fn rewrite_base(&self, kind: DocumentKind, id: ErpId) -> Result<RewriteBase, ErpError> {
        let body = self.body(|object: &mut Object<'_>| {
            object.text("doc_type", kind.erp_name());
            object.id("doc_id", Some(id));
            whole(object, kind);
            object.text("show_attachments", "true");
        });
        self.ask(&GET_DOCUMENT, body, |answer| {
            let found = answer.read::<wire::Document<'_>>()?;
            if found.mk_id.raw().is_empty() {
                return Err(answer.inconsistent("a document without an id"));
            }
            let refused = |refusal| answer.refused(refusal);
            let read = document(&found, Some(kind), At::Root).map_err(refused)?;
            let rows = found.product_list.objects().map(row).collect::<Result<_, _>>().map_err(refused)?;
            let mut lost = unsaid(answer)?;
            lost.extend(read.sums.paid.filter(|paid| !paid.is_zero()).map(|_| "sum_paid".to_owned()));
            Ok(RewriteBase { kept: kept(&found).map_err(refused)?, rows, lost, document: read })
        })
        .await
    }
}

fn row(row: &wire::Row<'_>) -> Result<RowBase, Refusal> {
    Ok(RowBase {
        number: At::Root.field("count_code", row.count_code).text()?,
        description: At::Root.field("doc_desc", row.doc_desc).text()?,
        product_description: At::Root.field("name_desc", row.name_desc).text()?,
    })
}

fn kept_fields<'a>(d: &wire::Document<'a>) -> [(&'static str, wire::Text<'a>); 11] {
    [
        ("sales_pricelist_code", d.sales_pricelist_code),
        ("purchase_pricelist_code", d.purchase_pricelist_code),
        ("prepayment_value", d.prepayment_value),
        ("prepayment_percent", d.prepayment_percent),
        ("discount_value", d.discount_value),
        ("duo_payment_days", d.duo_payment_days),
        ("valid_days", d.valid_days),
        ("inquiry_num", d.inquiry_num),
        ("pariteta", d.pariteta),
        ("doc_created_email", d.doc_created_email),
        ("commercialist_email", d.commercialist_email),
    ]
}

fn kept(document: &wire::Document<'_>) -> Result<BTreeMap<&'static str, Canonical>, Refusal> {
    let read = |(name, text)| Ok(At::Root.field(name, text).text()?.map(|value| (name, value)));
    kept_fields(document).into_iter().map(read).filter_map(Result::transpose).collect()
}

/// The names of members that hold something and that no rewrite says.
fn unsaid(answer: &AnswerOf<'_>) -> Result<Vec<String>, ErpError> {
    let kept = kept_fields(&wire::Document::default()).map(|(name, _)| name);
    let of_head = |name: &str| {
        SAID.contains(&name)
            || OWN.contains(&name)
            || kept.contains(&name)
            || ["opr_", "sum_tax"].iter().any(|prefix| name.starts_with(prefix))
            // Judged by its value.
            || name == "sum_paid"
    };
    let mut lost = Vec::new();
    let mut walk = || -> Outcome<()> {
        let mut rows = None;
        Reader::new(answer.bytes)?.members(|reader, key| {
            let value = reader.value()?;
            let name = key.trim_matches('"');
            if name == "product_list" {
                rows = Some(value);
            } else if says_something(value) && !of_head(name) {
                lost.push(name.to_owned());
            }
            Ok(())
        })?;
        let Some(rows) = rows else { return Ok(()) };
        let mut reader = Reader::of(rows);
        if reader.peek()? == b'[' {
            reader.elements(|reader| row_unsaid(reader, &mut lost))
        } else {
            row_unsaid(&mut reader, &mut lost)
        }
    };
    walk().map_err(|source| ErpError::Malformed { call: GET_DOCUMENT.name(), source })?;
    Ok(lost)
}

fn row_unsaid(reader: &mut Reader<'_>, lost: &mut Vec<String>) -> Outcome<()> {
    if reader.peek()? != b'{' {
        return reader.value().map(|_| ());
    }
    reader.members(|reader, key| {
        let value = reader.value()?;
        let name = key.trim_matches('"');
        if says_something(value) && !OF_A_ROW.contains(&name) {
            lost.push(format!("product_list.{name}"));
        }
        Ok(())
    })
}

fn says_something(raw: &str) -> bool {
    !matches!(raw, "null" | "\"\"" | "[]" | "{}")
}
