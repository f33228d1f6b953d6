//! ERP records that could not be understood, set aside for a person.
//!
//! Decides that the time of the first setting aside stays while a record is
//! set aside again and again. Written by commits only.

use domain::{Object, Parked};

use crate::error::StoreError;
use crate::item::{Attributes, Fields, binary, pack_json, time};
use crate::reading::{Query, Sort};
use crate::tenant::Tenant;
use crate::write::Write;

fn parked(item: Attributes) -> Result<Parked, StoreError> {
    let fields = Fields::new(item, "parked record");
    Ok(Parked { since: fields.time("si")?, ..fields.json("b")? })
}

impl Tenant {
    /// At most `limit` parked records, of one object type or of all, in the order of type and ERP id.
    pub async fn parked(&self, object: Option<Object>, limit: usize) -> Result<Vec<Parked>, StoreError> {
        let sort = object.map_or(Sort::All, |object| Sort::StartsWith(format!("{object}#")));
        let query = Query::new(self.keys.parked_records(), sort);
        self.calls().query_first(&query, limit).await?.into_iter().map(parked).collect()
    }

    pub(crate) fn park_write(&self, parked: &Parked) -> Result<Write, StoreError> {
        let key = self.keys.parked(parked.object, parked.erp_id);
        Ok(Write::update(key, "SET b = :b, si = if_not_exists(si, :si)")
            .value(":b", binary(pack_json(parked, "parked record")?))
            .value(":si", time(parked.since)))
    }
}
