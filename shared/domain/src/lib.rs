//! The words of the product as pure values: ids, canonical values, contacts, products, stock, documents.
//!
//! Decides what a well-formed value is and when two values are equal. Must not
//! read a clock, the environment or anything random, and knows nothing of the
//! wire formats of either side.

pub mod action;
pub mod api_key;
pub mod availability;
pub mod budget;
pub mod category;
pub mod change;
pub mod contact;
pub mod day;
pub mod derived;
pub mod document;
pub mod document_type;
pub mod error;
pub mod fields;
pub mod file;
pub mod ids;
pub mod index;
pub mod object;
pub mod pricing;
pub mod product;
pub mod record;
pub mod registers;
pub mod run;
pub mod settings;
pub mod stock;
pub mod totals;
pub mod transition;
pub mod value;
pub mod workorder;

pub use action::{Acted, ActionEnd, Deed, DeedKind};
pub use api_key::{ApiKey, ApiKeyId, ApiKeys, KeySecret, TooManyKeys};
pub use availability::{Availability, Enough};
pub use budget::{Allowance, DayCalls};
pub use category::CategoryId;
pub use contact::{Address, AddressKind, Contact, Person};
pub use derived::{Derived, derive};
pub use document::{
    DeliveryEvent, Document, DocumentLink, Installment, Line, Listing, PartyRef, Payment, Status, Sums, Tracking,
};
pub use document_type::{Delete, DocumentKind, DocumentType, Feed, Marker, Put, Update};
pub use error::ValueError;
pub use fields::{Fields, Owner, PieceError, missing_to_create};
pub use file::{BlobHash, FileKind, FileRefusal, MAX_FILE_BYTES};
pub use ids::{ActionId, EndpointId, ErpId, EventEndpointId, RecordId, RunId, TenantId};
pub use index::{IndexEntry, IndexPage, PAGE_ENTRIES};
pub use object::{Object, ObjectType};
pub use product::{Price, Product};
pub use record::{ContentHash, Record};
pub use registers::{Mapping, Meaning, Meanings, Registers};
pub use run::{Cadence, Counts, Mode, Parked, Run, RunError, RunState, Trigger};
pub use settings::{Direction, ObjectSettings, PrintLanguage, Reports, Rule, Settings, SettingsError};
pub use stock::{Incoming, Stock, StockLevel, Warehouse};
pub use totals::{NoTotals, Totals, totals};
pub use value::{Country, Currency, Email, Phone, TaxNumber, Text};
pub use workorder::{Input, Making};
