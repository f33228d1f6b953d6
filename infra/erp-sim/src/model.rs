//! What one simulated company knows: plain values, no wire format, no behaviour.
//!
//! Numbers are decimals and times are instants here; how they look on the wire
//! (comma decimals, the literal `+02:00`) is decided in `wire`.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// An id of the simulated ERP: one growing counter for documents, rows, partners, addresses, contacts.
pub type Id = u64;

/// A partner (Metakocka's word for a contact of any kind).
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the ERP's own flags")]
pub struct Partner {
    /// Internal id.
    pub mk_id: Id,
    /// Visible number.
    pub count_code: String,
    /// Display name: a company's or a person's.
    pub customer: String,
    /// A company (true) or a person.
    pub business_entity: bool,
    /// Liable for VAT; `None` is "never set" and is missing on the wire.
    pub taxpayer: Option<bool>,
    /// From outside Slovenia.
    pub foreign: bool,
    /// Tax number as typed by the user, with or without `SI`.
    pub tax_id: Option<String>,
    /// Register number.
    pub registration_number: Option<String>,
    /// Buys from the company.
    pub buyer: bool,
    /// Sells to the company.
    pub supplier: bool,
    /// Addresses; the first is the main one (`Račun`).
    pub addresses: Vec<Address>,
    /// Contact persons, each hanging on an address.
    pub contacts: Vec<ContactPerson>,
    /// Discounts by category.
    pub discounts: Vec<PartnerDiscount>,
}

/// An address of a partner.
#[derive(Clone, Debug, PartialEq)]
pub struct Address {
    /// Internal id.
    pub mk_id: Id,
    /// `Račun`, `Dobava` or `Poslovna enota`.
    pub address_type: String,
    /// Street and house number.
    pub street: String,
    /// Postal code.
    pub post_number: String,
    /// City.
    pub city: String,
    /// Province, mostly empty.
    pub province: Option<String>,
    /// Country by its Slovenian name, as the ERP returns it.
    pub country: String,
    /// Days to pay.
    pub payment_due_days: Option<u32>,
    /// Language register value, `Slovenski` ...
    pub language: Option<String>,
    /// ISO code.
    pub currency: Option<String>,
}

/// A person or mailbox at a partner.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactPerson {
    /// Internal id.
    pub mk_id: Id,
    /// The address it hangs on.
    pub address_id: Id,
    /// Name.
    pub name: Option<String>,
    /// Mobile phone.
    pub gsm: Option<String>,
    /// Land line.
    pub phone: Option<String>,
    /// Fax.
    pub fax: Option<String>,
    /// E-mail.
    pub email: Option<String>,
}

/// A discount a partner has on categories.
#[derive(Clone, Debug, PartialEq)]
pub struct PartnerDiscount {
    /// Category path, outermost first.
    pub categories: Vec<String>,
    /// Percent.
    pub percent: Decimal,
    /// Replaces the price list's own discount.
    pub override_existing: bool,
}

/// A product or service.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the ERP's own flags")]
pub struct Product {
    /// Internal id.
    pub mk_id: Id,
    /// Visible number.
    pub count_code: String,
    /// The seller's code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Description, may hold HTML.
    pub name_desc: Option<String>,
    /// Unit of measure.
    pub unit: String,
    /// EAN.
    pub barcode: Option<String>,
    /// A service: no stock.
    pub service: bool,
    /// Can be sold.
    pub sales: bool,
    /// Can be bought.
    pub purchasing: bool,
    /// Not retired.
    pub activated: bool,
    /// Offered in the web shop.
    pub eshop_sync: bool,
    /// Kilograms.
    pub weight: Option<Decimal>,
    /// Least stock wanted.
    pub min_stock: Option<Decimal>,
    /// Category path, outermost first.
    pub categories: Vec<String>,
    /// Prices by list and tier.
    pub prices: Vec<Price>,
    /// Custom fields.
    pub extra_column: Vec<(String, String)>,
    /// Name and description in other languages: (language, name, description).
    pub localization: Vec<(String, String, Option<String>)>,
    /// Customs code.
    pub customs_fee: Option<String>,
    /// Country of origin, ISO-2.
    pub country: Option<String>,
}

/// One price: a list and a tier of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// The list's code.
    pub pricelist_code: String,
    /// The list's title.
    pub pricelist_title: String,
    /// The one customer that the list is for, by name.
    pub buyer: Option<String>,
    /// `true` for a sales list, `false` for a purchase list.
    pub sales: bool,
    /// ISO code.
    pub currency: String,
    /// Valid from.
    pub valid_from: Option<Date>,
    /// Valid to.
    pub valid_to: Option<Date>,
    /// Least amount of the tier.
    pub amount_from: Option<Decimal>,
    /// Largest amount of the tier.
    pub amount_to: Option<Decimal>,
    /// Net price.
    pub price: Decimal,
    /// Percent.
    pub discount: Option<Decimal>,
    /// The tax code.
    pub tax: String,
}

/// A warehouse.
#[derive(Clone, Debug, PartialEq)]
pub struct Warehouse {
    /// Internal id.
    pub mk_id: Id,
    /// The code used in documents.
    pub mark: String,
    /// Name.
    pub name: String,
    /// Street.
    pub street: String,
    /// Postal code.
    pub post: String,
    /// City.
    pub place: String,
    /// The main one.
    pub main: bool,
    /// In use.
    pub active: bool,
}

/// Stock of a product in a warehouse at one place (micro-location, lot): several rows may share product and warehouse.
#[derive(Clone, Debug, PartialEq)]
pub struct StockRow {
    /// The warehouse.
    pub warehouse: Id,
    /// The product.
    pub product: Id,
    /// Place in the warehouse.
    pub microlocation: Option<String>,
    /// Lot.
    pub lot_number: Option<String>,
    /// What is there; negative amounts are normal.
    pub amount: Decimal,
}

/// The kinds of document that the simulator keeps, by their wire name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocType {
    /// `sales_offer`
    SalesOffer,
    /// `sales_order`
    SalesOrder,
    /// `sales_bill_domestic`
    SalesBillDomestic,
    /// `sales_bill_foreign`
    SalesBillForeign,
    /// `sales_bill_retail`
    SalesBillRetail,
    /// `sales_bill_prepaid`
    SalesBillPrepaid,
    /// `sales_bill_credit_note`
    SalesBillCreditNote,
    /// `purchase_bill_domestic`
    PurchaseBillDomestic,
    /// `purchase_bill_foreign`
    PurchaseBillForeign,
    /// `purchase_order`
    PurchaseOrder,
    /// `warehouse_delivery_note`
    WarehouseDeliveryNote,
    /// `warehouse_packing_list`
    WarehousePackingList,
    /// `warehouse_receiving_note`
    WarehouseReceivingNote,
    /// `warehouse_acceptance_note`
    WarehouseAcceptanceNote,
    /// `transfer_order`
    TransferOrder,
    /// `workorder`
    Workorder,
    /// `complaint`
    Complaint,
}

/// A document with its rows and payments.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Internal id.
    pub mk_id: Id,
    /// Its kind.
    pub doc_type: DocType,
    /// Visible number.
    pub count_code: String,
    /// Date of the document.
    pub doc_date: Date,
    /// Title.
    pub title: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// Whom it is for.
    pub partner: Option<Id>,
    /// The partner's address on it.
    pub partner_address: Option<Id>,
    /// Who receives the goods, when different.
    pub receiver: Option<Id>,
    /// The customer's own order number.
    pub buyer_order: Option<String>,
    /// ISO code.
    pub currency: String,
    /// Key of the status register (`shipped`); the label is in the register.
    pub status: Option<String>,
    /// Warehouse.
    pub warehouse: Option<Id>,
    /// Key of the delivery type register.
    pub delivery_type: Option<String>,
    /// Value of the payment method register.
    pub method_of_payment: Option<String>,
    /// `duo_payment` on the wire.
    pub due_date: Option<Date>,
    /// Service period of a bill.
    pub service_from: Option<Date>,
    /// Service period of a bill.
    pub service_to: Option<Date>,
    /// Validity of an offer.
    pub valid_to: Option<Date>,
    /// Discount on the whole, percent.
    pub discount_percent: Option<Decimal>,
    /// Rows.
    pub rows: Vec<Row>,
    /// Payments, oldest first.
    pub payments: Vec<Payment>,
    /// Custom fields.
    pub extra_column: Vec<(String, String)>,
    /// Free key-value pairs.
    pub meta_data: Vec<(String, String)>,
    /// Linked documents.
    pub links: Vec<Id>,
    /// Attachments: (file name, source url).
    pub attachments: Vec<(String, String)>,
    /// When a bill was issued; `None` is a draft.
    pub published: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub last_change: Timestamp,
    /// Who changed it last.
    pub last_change_user: String,
    /// The audit log the ERP returns as `document_info`.
    pub log: Vec<LogEntry>,
    /// Carrier events: (code, Ljubljana's wall clock, text). At midnight the ERP shows the day only.
    pub delivery_events: Vec<(String, DateTime, String)>,
    /// Type-specific fields that the simulator stores and returns as they came (work orders, complaints, transfers).
    pub other: BTreeMap<String, serde_json::Value>,
}

/// A row of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Row id.
    pub mk_row_id: Id,
    /// The product; rows without one exist.
    pub product: Option<Id>,
    /// Name on the document.
    pub name: String,
    /// Description on the document.
    pub doc_desc: Option<String>,
    /// Unit.
    pub unit: String,
    /// Amount.
    pub amount: Decimal,
    /// Net price of one unit.
    pub price: Decimal,
    /// Successive percentages.
    pub discount: Vec<Decimal>,
    /// The tax code.
    pub tax: String,
}

/// A payment of a document; the wire has no id for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Payment {
    /// Value of the payment type register.
    pub payment_type: String,
    /// Day.
    pub date: Date,
    /// Amount in the document's currency.
    pub amount: Decimal,
    /// Notes.
    pub notes: Option<String>,
}

/// One line of a document's audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// Who.
    pub user_email: String,
    /// `NEW`, `CHANGE`, `CUSTOM`, `DOCUMENT_STATUS_CHANGE`.
    pub operation: String,
    /// Before.
    pub previous: Option<String>,
    /// After.
    pub new: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Notes.
    pub notes: Option<String>,
}

/// The company's registers.
#[derive(Clone, Debug, PartialEq)]
pub struct Registers {
    /// Statuses of orders: (key, label).
    pub order_status: Vec<(String, String)>,
    /// Statuses of warehouse documents: (key, label).
    pub warehouse_status: Vec<(String, String)>,
    /// Statuses of bills and offers: (key, label).
    pub bill_status: Vec<(String, String)>,
    /// Taxes: (code, factor, percent text).
    pub taxes: Vec<(String, Decimal, String)>,
    /// Delivery types.
    pub delivery_types: Vec<String>,
    /// Payment types.
    pub payment_types: Vec<String>,
    /// Units.
    pub units: Vec<String>,
}

/// What seeding makes of a company: everything, sorted by id.
#[derive(Clone, Debug, PartialEq)]
pub struct Seeded {
    /// Name of the company.
    pub name: String,
    /// Registers.
    pub registers: Registers,
    /// Partners; each is the partner of at least one sales document.
    pub partners: Vec<Partner>,
    /// Products.
    pub products: Vec<Product>,
    /// Warehouses.
    pub warehouses: Vec<Warehouse>,
    /// Stock.
    pub stock: Vec<StockRow>,
    /// Documents.
    pub documents: Vec<Document>,
    /// The first free id.
    pub next_id: Id,
}
