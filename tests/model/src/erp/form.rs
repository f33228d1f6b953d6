//! One version of an ERP record: as pieces, and as the record that a run reads.
//!
//! Neither form is made before it is asked for.

use crate::values::TRANSFER;
use domain::{ContentHash, ErpId, Fields, Object, Record};
use serde_json::json;
use std::cell::OnceCell;

/// One version of an ERP record.
#[derive(Clone, Debug)]
pub struct Snap {
    /// Its id.
    pub erp_id: ErpId,
    /// Its object type.
    pub object: Object,
    /// Stands for the text that the ERP sends: another one for every version.
    pub text: ContentHash,
    fields: OnceCell<Fields>,
    record: OnceCell<Record>,
    /// The ERP lists the lines the other way round.
    turned: bool,
}

impl Snap {
    /// A version of these pieces.
    pub fn new(object: Object, erp_id: ErpId, fields: Fields, text: u64, turned: bool) -> Self {
        let text = ContentHash(text << 1);
        Self { erp_id, object, text, fields: OnceCell::from(fields), record: OnceCell::new(), turned }
    }

    /// What a row's bytes say.
    pub fn of_record(record: Record) -> Self {
        let (object, erp_id) = (record.object(), record.erp_id());
        let (fields, record) = (OnceCell::new(), OnceCell::from(record));
        Self { erp_id, object, text: ContentHash(0), fields, record, turned: false }
    }

    /// Its pieces, by the ERP's names.
    pub fn fields(&self) -> &Fields {
        self.fields.get_or_init(|| self.record.get().map(Fields::of).unwrap_or_default())
    }

    /// The record.
    pub fn record(&self) -> &Record {
        self.record.get_or_init(|| record_of(self.object, self.erp_id, self.fields(), self.turned))
    }
}

fn record_of(object: Object, erp_id: ErpId, fields: &Fields, turned: bool) -> Record {
    if object == Object::Stock {
        let levels = fields.get("levels").cloned().unwrap_or_default();
        let whole = json!({ "type": "stock", "erp_id": erp_id.to_string(), "levels": levels });
        return serde_json::from_value(whole).expect("the model counts whole pieces");
    }
    let mut record = Record::of_fields(object, None, erp_id, fields).expect("the model's ERP holds whole records");
    if let (Record::Document(document), true) = (&mut record, turned) {
        document.lines.reverse();
    }
    record
}

/// What the ERP fills in when a record is made.
pub fn filled(object: Object, id: ErpId) -> Fields {
    let document = |kind: &str| {
        vec![("kind", json!(kind)), ("currency", json!("EUR")), ("issued", json!(false)), ("sums", json!({}))]
    };
    let mut pieces = match object {
        Object::Contacts => vec![
            ("company", json!(true)),
            ("foreign", json!(false)),
            ("buyer", json!(true)),
            ("supplier", json!(false)),
        ],
        Object::Products => vec![
            ("unit", json!("kos")),
            ("service", json!(false)),
            ("sales", json!(true)),
            ("purchasing", json!(true)),
            ("active", json!(true)),
            ("webshop", json!(false)),
        ],
        Object::Orders => document("sales_order"),
        Object::Offers => document("sales_offer"),
        Object::WorkOrders => document("workorder"),
        Object::WarehouseDocuments => document(TRANSFER),
        _ => Vec::new(),
    };
    pieces.push(("number", json!(format!("N-{id}"))));
    Fields::from_iter(pieces)
}
