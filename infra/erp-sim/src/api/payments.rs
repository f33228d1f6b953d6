//! put_transaction, which is also json/put_transaction and json/add_payment.

use super::documents::{kind_of, locate};
use super::{Call, Done, Refusal, author};
use crate::model::{DocType, Payment};
use crate::wire::json::Obj;
use crate::wire::time::day;
use rust_decimal::Decimal;

/// One more payment; sent twice it is paid twice, as in the ERP.
pub(crate) fn put(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let kind = kind_of(call)?;
    let payable = kind.is_bill() || matches!(kind, DocType::SalesOffer | DocType::SalesOrder);
    if !payable {
        return Err(Refusal::invalid(format!("Unknown document type : {}", kind.name())));
    }
    let id = if body.has("mk_id") {
        locate(call, kind, "mk_id")?
    } else if let Some(code) = body.text("count_code") {
        let found = call.company.by_count_code(kind, &code);
        found.ok_or_else(|| Refusal::invalid(format!("Document with count_code {code} not found")))?
    } else if kind == DocType::SalesOrder {
        locate(call, kind, "mk_id")?
    } else {
        return Err(Refusal::invalid("One of mk_id, count_code must be set"));
    };
    let payment_type = body.text("payment_type").unwrap_or_default();
    if !call.company.registers.payment_types.contains(&payment_type) {
        return Err(Refusal::invalid(format!("Dinamični šifrant : payment type {payment_type} must be set")));
    }
    let amount = body.decimal("price").ok_or_else(|| Refusal::invalid("Polje price je obvezno."))?;
    let back = match body.text("payment_mode").as_deref() {
        None | Some("payment" | "prepayment") => false,
        Some("return") => true,
        Some(other) => {
            return Err(Refusal::invalid(format!(
                "Paramether 'payment_mode' has invalid value : {other}. Valid values : payment,prepayment,return"
            )));
        }
    };
    let notes = body.text("notes");
    if notes.as_ref().is_some_and(|notes| notes.chars().count() > 100) {
        return Err(Refusal::invalid("Field notes is longer than 100 characters"));
    }
    let date = match body.text("date") {
        Some(text) => body
            .date("date")
            .ok_or_else(|| Refusal::invalid(format!("Paramether 'date' has invalid value : {text}")))?,
        None => day(call.now),
    };
    let amount = if back { -amount.abs() } else { amount };
    if amount == Decimal::ZERO {
        return Err(Refusal::invalid("Polje price je obvezno."));
    }
    let user = call.user();
    let payment = Payment { payment_type, date, amount, notes };
    call.company.edit_document(id, author(&user, call.now, None), |doc| doc.payments.push(payment));
    Ok(())
}
