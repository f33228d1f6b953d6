//! One record of the ERP as it is now, by a direct look.
//!
//! Decides when a record is absent: only the ERP's own "not found" says so.
//! Products have no call that asks by id, so one that no number and no code
//! finds is absent only when the same call finds another one.

use std::collections::BTreeSet;

use domain::{DocumentKind, ErpId, Fields, Object, Product, Record};
use erp::ErpError;
use erp::client::{PartnerKey, ProductQuery, StockQuery};
use sync::twoway::Side;

use super::Writer;

/// What a record is looked up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lookup {
    object: Object,
    erp_id: ErpId,
    kind: Option<DocumentKind>,
    numbers: BTreeSet<String>,
    codes: BTreeSet<String>,
}

/// What a look brought.
enum Seen {
    Record(Box<Record>, Option<jiff::Timestamp>),
    Absent,
    Unclear,
}

impl Lookup {
    /// A record by its id and by what it was last seen with.
    pub(crate) fn of(object: Object, erp_id: ErpId, known: Option<&Record>) -> Self {
        let mut lookup = Self {
            object,
            erp_id,
            kind: DocumentKind::of(object).next(),
            numbers: BTreeSet::new(),
            codes: BTreeSet::new(),
        };
        match known {
            Some(Record::Document(document)) => lookup.kind = Some(document.kind),
            Some(Record::Product(product)) => {
                lookup.numbers.extend(product.number.iter().map(|number| number.as_str().to_owned()));
                lookup.codes.insert(product.code.as_str().to_owned());
            }
            _ => {}
        }
        lookup
    }

    /// The same for a document of a kind, where the record as it was last seen does not say it.
    pub(crate) fn of_kind(mut self, kind: Option<DocumentKind>) -> Self {
        self.kind = kind.or(self.kind);
        self
    }

    /// The same for a record that was made with this marker and was never seen: a product has it as number and code.
    pub(crate) fn marked(mut self, marker: &str) -> Self {
        self.numbers.insert(marker.to_owned());
        self.codes.insert(marker.to_owned());
        self
    }
}

impl Writer<'_> {
    /// A record as the ERP has it now.
    pub(crate) async fn side(&self, lookup: &Lookup) -> (Side, Option<Record>) {
        let seen = match lookup.object {
            Object::Contacts => self.see_contact(lookup.erp_id).await,
            Object::Products => self.see_product(lookup).await,
            Object::Stock => Ok(Seen::Unclear),
            _ => self.see_document(lookup).await,
        };
        match seen {
            Ok(Seen::Record(record, changed_at)) => {
                // An issued document is the tax office's, too. Nothing else forbids a change.
                let locked = matches!(&*record, Record::Document(document) if document.issued);
                (Side::Present { fields: Fields::of(&record), changed_at, locked }, Some(*record))
            }
            Ok(Seen::Absent) => (Side::Absent, None),
            Ok(Seen::Unclear) => (Side::Unknown, None),
            Err(error) => {
                tracing::warn!(code = error.code(), "a record of the ERP could not be read");
                (Side::Unknown, None)
            }
        }
    }

    async fn see_document(&self, lookup: &Lookup) -> Result<Seen, ErpError> {
        let Some(kind) = lookup.kind else { return Ok(Seen::Unclear) };
        match self.client.document_with_time(kind, lookup.erp_id).await {
            Ok((document, changed_at)) => Ok(Seen::Record(Box::new(Record::Document(Box::new(document))), changed_at)),
            Err(ErpError::NotFound { .. }) => Ok(Seen::Absent),
            Err(error) => Err(error),
        }
    }

    async fn see_contact(&self, erp_id: ErpId) -> Result<Seen, ErpError> {
        let found = self.client.partners(PartnerKey::Id(erp_id)).await?;
        let is_empty = found.is_empty();
        let contact = found.into_iter().flatten().find(|contact| contact.erp_id == erp_id);
        Ok(match contact {
            Some(contact) => Seen::Record(Box::new(Record::Contact(Box::new(contact))), None),
            None if is_empty => Seen::Absent,
            // Another partner, or one that cannot be read.
            None => Seen::Unclear,
        })
    }

    async fn see_product(&self, lookup: &Lookup) -> Result<Seen, ErpError> {
        if let Some(product) = self.product_by(lookup.erp_id, &lookup.numbers, &lookup.codes).await? {
            return Ok(product_seen(product));
        }
        // Renumbered perhaps. The stock is listed by id, and says what the product is called now.
        let query = StockQuery { products: vec![lookup.erp_id], ..StockQuery::default() };
        let rows = self.client.stock(&query).await?.rows;
        let codes: BTreeSet<String> =
            rows.into_iter().flatten().filter_map(|row| row.code).map(|code| code.as_str().to_owned()).collect();
        if !codes.is_empty() {
            let found = self.product_by(lookup.erp_id, &BTreeSet::new(), &codes).await?;
            return Ok(found.map_or(Seen::Unclear, product_seen));
        }
        let asked = !lookup.numbers.is_empty() || !lookup.codes.is_empty();
        Ok(if asked && self.finds_another().await? { Seen::Absent } else { Seen::Unclear })
    }

    async fn product_by(
        &self,
        erp_id: ErpId,
        numbers: &BTreeSet<String>,
        codes: &BTreeSet<String>,
    ) -> Result<Option<Product>, ErpError> {
        let by_number = numbers.iter().map(|n| ProductQuery { number: Some(n.clone()), ..ProductQuery::default() });
        let by_code = codes.iter().map(|c| ProductQuery { code: Some(c.clone()), ..ProductQuery::default() });
        for query in by_number.chain(by_code) {
            let page = self.client.products(&query).await?;
            for row in page.rows {
                match row {
                    Ok(product) if product.erp_id == erp_id => return Ok(Some(product)),
                    Err(odd) if odd.erp_id.is_none_or(|id| id == erp_id) => {
                        return Err(ErpError::Inconsistent { call: "product_list", what: "a row that cannot be used" });
                    }
                    _ => {}
                }
            }
        }
        Ok(None)
    }

    /// Whether the list of products finds one that is there, by its code.
    async fn finds_another(&self) -> Result<bool, ErpError> {
        let first = self.client.products(&ProductQuery { limit: Some(1), ..ProductQuery::default() }).await?;
        let Some(Ok(other)) = first.rows.into_iter().next() else { return Ok(false) };
        let codes = BTreeSet::from([other.code.as_str().to_owned()]);
        Ok(self.product_by(other.erp_id, &BTreeSet::new(), &codes).await?.is_some())
    }
}

fn product_seen(product: Product) -> Seen {
    Seen::Record(Box::new(Record::Product(Box::new(product))), None)
}
