//! Pages of content hashes: what tells "unchanged" without reading a record.
//!
//! Decides nothing: how pages split is the planner's choice, and they are
//! written by commits only.

use domain::{ErpId, IndexPage, Object};

use crate::error::StoreError;
use crate::item::{Attributes, Draft, Fields, binary};
use crate::key::padded;
use crate::reading::{Query, Sort};
use crate::tenant::Tenant;
use crate::write::Write;

fn page(item: Attributes) -> Result<IndexPage, StoreError> {
    let fields = Fields::new(item, "index page");
    let first: u64 = fields.parsed("sk")?;
    IndexPage::unpack(ErpId::new(first), fields.binary("b")?).ok_or(fields.corrupt())
}

impl Tenant {
    /// All pages of an object type in the order of their ids, consistently.
    pub async fn index_pages(&self, object: Object) -> Result<Vec<IndexPage>, StoreError> {
        let query = Query::new(self.keys.index_pages(object), Sort::All);
        self.calls().query(&query).await?.into_iter().map(page).collect()
    }

    /// The page whose range `erp_id` falls into, consistently; `None` when it is below every page.
    pub async fn index_page_of(&self, object: Object, erp_id: ErpId) -> Result<Option<IndexPage>, StoreError> {
        let mut query = Query::new(self.keys.index_pages(object), Sort::UpTo(padded(erp_id)));
        query.backward = true;
        let row = self.calls().query_first(&query, 1).await?.pop();
        row.map(page).transpose()
    }

    // Hashes do not compress, so a page is stored as it is packed.
    pub(crate) fn index_write(&self, object: Object, page: &IndexPage) -> Write {
        let key = self.keys.index_page(object, page.first);
        Write::put(Draft::new(key).with("b", binary(page.pack())))
    }
}
