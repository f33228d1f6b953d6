//! The words of the product as pure values: ids, canonical values, contacts, products, stock, documents.
//!
//! Decides what a well-formed value is and when two values are equal. Must not
//! read a clock, the environment or anything random, and knows nothing of the
//! wire formats of either side.

pub mod availability;
pub mod category;
pub mod change;
pub mod contact;
pub mod document;
pub mod error;
pub mod fields;
pub mod ids;
pub mod index;
pub mod object;
pub mod pricing;
pub mod product;
pub mod record;
pub mod run;
pub mod settings;
pub mod stock;
pub mod value;

pub use availability::{Availability, Enough};
pub use category::CategoryId;
pub use contact::{Address, AddressKind, Contact, Person};
pub use document::{Document, DocumentKind, DocumentLink, Line, PartyRef, Payment, Status, Sums};
pub use error::ValueError;
pub use fields::{Fields, Owner, PieceError, missing_to_create};
pub use ids::{EndpointId, ErpId, RecordId, RunId, TenantId};
pub use index::{IndexEntry, IndexPage, PAGE_ENTRIES};
pub use object::Object;
pub use product::{Price, Product};
pub use record::{ContentHash, Record};
pub use run::{Cadence, Counts, Mode, Parked, Run, RunError, RunState, Trigger};
pub use settings::{Direction, ObjectSettings, Rule, Settings, SettingsError};
pub use stock::{Incoming, Stock, StockLevel, Warehouse};
pub use value::{Country, Currency, Email, Phone, TaxNumber, Text};
