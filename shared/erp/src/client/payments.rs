//! Payments.

use domain::{DocumentKind, ErpId, Text as Canonical};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Client, ErpError, call::PUT_TRANSACTION, documents::done};

/// A payment to book. Booked twice when it is sent twice; the ERP gives it no id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentDraft {
    /// The kind of the document.
    pub document_kind: DocumentKind,
    /// The document.
    pub document: ErpId,
    /// What the payment is.
    pub mode: PaymentMode,
    /// Payment type, a register value.
    pub kind: Canonical,
    /// Cash register, for cash.
    pub cash_register: Option<Canonical>,
    /// Day.
    pub date: Date,
    /// Amount.
    pub amount: Decimal,
    /// Notes, at most 100 characters.
    pub notes: Option<Canonical>,
}

/// What a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentMode {
    /// A payment.
    Payment,
    /// A payment before there is an invoice.
    Prepayment,
    /// Money given back.
    Return,
}

impl Client {
    /// Books a payment.
    pub async fn put_payment(&self, payment: &PaymentDraft) -> Result<(), ErpError> {
        let body = self.body(|object| {
            object.text("doc_type", payment.document_kind.erp_name());
            object.id("mk_id", Some(payment.document));
            object.text(
                "payment_mode",
                match payment.mode {
                    PaymentMode::Payment => "payment",
                    PaymentMode::Prepayment => "prepayment",
                    PaymentMode::Return => "return",
                },
            );
            object.text("payment_type", payment.kind.as_str());
            object.maybe("cash_register", payment.cash_register.as_ref());
            object.date("date", Some(payment.date));
            object.decimal("price", Some(payment.amount));
            object.maybe("notes", payment.notes.as_ref());
        });
        self.ask(&PUT_TRANSACTION, body, done).await
    }
}
