//! Passes: one walk over one list of the ERP. Which reads it takes, and when it is complete.

use domain::{ContentHash, DocumentKind, ErpId, Object, Record, Warehouse};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many stock products are asked for at a time: with three warehouses and a lot each, an answer stays under 1,000 rows.
pub const STOCK_BATCH: usize = 250;
/// How many contacts or missing records are looked up between two commits.
pub const LOOKUP_BATCH: usize = 20;
/// Pages without a difference after which the position is saved all the same.
pub const CHECKPOINT_PAGES: u32 = 25;
/// How often a walk starts again because the total moved, before its window is halved or it gives up.
pub const WALK_ATTEMPTS: u32 = 3;

/// Which documents of a kind are walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// All, by id. Complete only when the total stood still and as many distinct ids came.
    All,
    /// Changed in a closed window of the past, by id.
    Window {
        /// Start, included.
        from: Timestamp,
        /// End, included.
        to: Timestamp,
    },
    /// The newest first, until a page holds nothing new.
    Newest,
    /// Those with an open amount.
    Unpaid,
}

/// A product that a webhook named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The product's id.
    pub erp_id: ErpId,
    /// Its visible number, by which an unknown product is looked up.
    pub number: Option<String>,
}

/// What a pass walks over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "walk")]
pub enum PassKind {
    /// The warehouses, one list.
    Warehouses,
    /// All products, in pages.
    Products,
    /// Products that webhooks named and that we do not know.
    UnknownProducts {
        /// Which.
        hints: Vec<Hint>,
    },
    /// The stock of all products that we know.
    Stock,
    /// The stock of products that webhooks named.
    StockOf {
        /// Which.
        hints: Vec<Hint>,
    },
    /// Documents of a kind.
    Documents {
        /// The kind.
        kind: DocumentKind,
        /// Which of them.
        filter: Filter,
    },
    /// Records of the object type that a complete sweep did not meet: looked up one by one.
    Missing {
        /// The object type.
        object: Object,
    },
    /// Contacts, looked up one by one: those met in documents, and of those we know all, some or none.
    Contacts {
        /// How many of those we know are refreshed.
        refresh: Refresh,
    },
}

/// How many known contacts a pass refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refresh {
    /// None: only those met in documents.
    None,
    /// The next few, round and round.
    Some(u32),
    /// All.
    All,
}

/// Where a pass is. Persisted with every commit.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the walk; none excludes another")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// Rows passed (documents, products).
    pub offset: u64,
    /// The last id (documents, stock, contacts, missing).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<ErpId>,
    /// The total when the walk began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Distinct ids met in this walk.
    pub distinct: u64,
    /// How often it started again.
    pub attempt: u32,
    /// The total grew on the way: nothing was skipped, but the walk proves no absence.
    #[serde(default)]
    pub grew: bool,
    /// The set never stood still: rows may have been skipped.
    #[serde(default)]
    pub gave_up: bool,
    /// It is over.
    #[serde(default)]
    pub done: bool,
    /// A short page is being confirmed by reading on after it.
    #[serde(default)]
    pub confirming: bool,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
}

/// A pass and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// What it walks over.
    pub kind: PassKind,
    /// Where it is.
    #[serde(default)]
    pub walk: Walk,
}

impl Pass {
    /// A pass that has not begun.
    pub fn new(kind: PassKind) -> Self {
        Self { kind, walk: Walk::default() }
    }

    /// The object type that it counts for.
    pub const fn object(&self) -> Object {
        match &self.kind {
            PassKind::Products | PassKind::UnknownProducts { .. } => Object::Products,
            PassKind::Warehouses | PassKind::Stock | PassKind::StockOf { .. } => Object::Stock,
            PassKind::Documents { kind, .. } => kind.object(),
            PassKind::Missing { object } => *object,
            PassKind::Contacts { .. } => Object::Contacts,
        }
    }

    /// Whether it needs the whole index before it begins.
    pub const fn needs_whole_index(&self) -> bool {
        matches!(
            &self.kind,
            PassKind::Products
                | PassKind::Stock
                | PassKind::Documents { filter: Filter::All, .. }
                | PassKind::Missing { .. }
                | PassKind::Contacts { .. }
        )
    }
}

/// One record to look up, with what each kind of lookup needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupItem {
    /// Its id.
    pub erp_id: ErpId,
    /// Its visible number (products are found by it).
    pub number: Option<String>,
    /// Its code (products without a number are found by it).
    pub code: Option<String>,
    /// Its kind (documents are found by kind and id).
    pub kind: Option<DocumentKind>,
}

/// A read of the ERP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The warehouses.
    Warehouses,
    /// A page of products.
    Products {
        /// Rows to pass over.
        offset: u64,
    },
    /// The stock of these products, whole.
    Stock {
        /// The products.
        products: Vec<ErpId>,
    },
    /// A page of documents.
    Documents {
        /// Their kind.
        kind: DocumentKind,
        /// Which of them.
        filter: Filter,
        /// Rows to pass over.
        offset: u64,
    },
    /// These contacts, one by one.
    Contacts {
        /// Which.
        ids: Vec<ErpId>,
    },
    /// These products or documents, one by one.
    Lookup {
        /// The object type.
        object: Object,
        /// Which.
        items: Vec<LookupItem>,
    },
}

/// A row of a page, not read yet: what tells it, and whether it is as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The record's id.
    pub erp_id: ErpId,
    /// Hash of its text as it came.
    pub text: ContentHash,
    /// The contacts that it names.
    pub contacts: Vec<ErpId>,
}

/// What a row turned out to be when it was read.
#[derive(Clone, Debug, PartialEq)]
pub enum RowOutcome {
    /// A record.
    Record(Record),
    /// Not to be understood: where, and why.
    Odd {
        /// Where in the record.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

/// What a read brought. Only a whole, consistent answer becomes a page; all else is a failure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// How many rows the ERP has for this filter, where it says so.
    pub total: Option<u64>,
    /// How many rows a full page has.
    pub page_size: u64,
    /// The rows.
    pub rows: Vec<Row>,
    /// Of the records looked up one by one: those that the ERP said it does not have.
    pub gone: Vec<ErpId>,
    /// The warehouses.
    pub warehouses: Vec<Warehouse>,
}
