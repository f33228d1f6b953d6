//! Bank statements and the cash journal: derived from the payments on documents.

use super::{Call, Done, Refusal};
use crate::model::{DocType, Document, Payment};
use crate::state::company::Company;
use crate::wire::json::Obj;
use crate::wire::number::dot;
use crate::wire::time::{SlovenianDate, WireDate};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const PAGE: usize = 100;
const CASH: &str = "Gotovina";
const COMPENSATION: &str = "Kompenzacija";
const ACCOUNT: &str = "SI56 0231 1160 3190 647";

type Day<'a> = Vec<(&'a Document, &'a Payment)>;

/// Payments by day; `wanted` chooses the kind of payment.
fn days<'a>(company: &'a Company, wanted: impl Fn(&str) -> bool) -> BTreeMap<Date, Day<'a>> {
    let mut days: BTreeMap<Date, Day<'a>> = BTreeMap::new();
    for doc in company.documents.values() {
        for payment in doc.payments.iter().filter(|payment| wanted(&payment.payment_type)) {
            days.entry(payment.date).or_default().push((doc, payment));
        }
    }
    days
}

/// Money in is positive; what a purchase bill pays goes out.
fn signed(doc: &Document, payment: &Payment) -> Decimal {
    let out = matches!(doc.doc_type, DocType::PurchaseBillDomestic | DocType::PurchaseBillForeign);
    if out { -payment.amount } else { payment.amount }
}

struct Window {
    from: Date,
    to: Date,
    offset: usize,
    limit: usize,
    doc: Option<String>,
}

fn window(call: &Call<'_>) -> Result<Window, Refusal> {
    let body = call.body;
    for key in ["doc_date", "doc_date_from", "doc_date_to"] {
        if let Some(text) = body.text(key)
            && body.date(key).is_none()
        {
            return Err(Refusal::invalid(format!("Paramether '{key}' has invalid value : {text}")));
        }
    }
    let day = body.date("doc_date");
    Ok(Window {
        from: day.or_else(|| body.date("doc_date_from")).unwrap_or(Date::MIN),
        to: day.or_else(|| body.date("doc_date_to")).unwrap_or(Date::MAX),
        offset: body.number("offset").unwrap_or(0),
        limit: body.number("limit").unwrap_or(PAGE).min(PAGE),
        doc: body.text("doc_id"),
    })
}

/// One statement per day: its number, state before and after.
struct Statement<'a> {
    number: usize,
    date: Date,
    before: Decimal,
    after: Decimal,
    day: Day<'a>,
}

impl Statement<'_> {
    /// Statements have no row of their own; the id follows from the day.
    fn id(&self) -> String {
        format!("1600{:04}{:02}{:02}", self.date.year(), self.date.month(), self.date.day())
    }
}

fn statements_of(company: &Company, wanted: impl Fn(&str) -> bool) -> Vec<Statement<'_>> {
    let mut state = Decimal::ZERO;
    let list = days(company, wanted).into_iter().enumerate().map(|(at, (date, day))| {
        let before = state;
        state += day.iter().map(|(doc, payment)| signed(doc, payment)).sum::<Decimal>();
        Statement { number: at + 1, date, before, after: state, day }
    });
    list.collect()
}

fn page<'a>(all: Vec<Statement<'a>>, window: &Window) -> Vec<Statement<'a>> {
    let fits = |statement: &Statement<'_>| {
        statement.date >= window.from
            && statement.date <= window.to
            && window.doc.as_ref().is_none_or(|id| *id == statement.id())
    };
    all.into_iter().filter(fits).skip(window.offset).take(window.limit).collect()
}

fn write_transactions(obj: &mut Obj<'_>, company: &Company, statement: &Statement<'_>) {
    obj.list("transactions", company.plain_list(), &statement.day, |obj, (doc, payment)| {
        let amount = signed(doc, payment);
        let advance = if doc.doc_type == DocType::SalesOrder { " - avans" } else { "" };
        let kind = if amount.is_sign_negative() { "Izdatek" } else { "Prejemek" };
        obj.text("type", &format!("{kind}{advance}"));
        let partner = doc.partner.and_then(|id| company.partners.get(&id));
        obj.opt("partner", partner.map(|partner| partner.customer.as_str()));
        obj.text("document", &doc.count_code);
        obj.opt("description", payment.notes.as_deref());
        obj.show("amount", dot(amount.abs()));
        obj.text("payment_type", &payment.payment_type);
        obj.show_opt("partner_id", doc.partner);
        obj.show("doc_id", doc.mk_id);
    });
}

/// Statements of the bank account: every payment that is neither cash nor set off.
pub(crate) fn statements(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let window = window(call)?;
    let company = &*call.company;
    let list = page(statements_of(company, |kind| kind != CASH && kind != COMPENSATION), &window);
    obj.show("limit", window.limit);
    obj.show("offset", window.offset);
    obj.show("result_count", list.len());
    obj.list("result", company.plain_list(), list, |obj, statement| {
        obj.show("doc_date", WireDate(statement.date));
        obj.show("code", statement.number);
        obj.show("initial_state", dot(statement.before));
        obj.show("final_state", dot(statement.after));
        write_transactions(obj, company, &statement);
        obj.text("currency", "EUR");
        obj.text("bank_account", ACCOUNT);
        obj.text("doc_id", &statement.id());
    });
    Ok(())
}

/// The cash register day by day.
pub(crate) fn cash_journal(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let window = window(call)?;
    let company = &*call.company;
    let list = page(statements_of(company, |kind| kind == CASH), &window);
    obj.show("limit", window.limit);
    obj.show("offset", window.offset);
    obj.show("cash_register_journal_count", list.len());
    obj.list("cash_register_journal_list", company.plain_list(), list, |obj, statement| {
        obj.show("doc_date", WireDate(statement.date));
        obj.show("code", statement.number);
        obj.text("cash_register", "Blagajna 1");
        obj.show("initial_state", dot(statement.before));
        obj.show("final_state", dot(statement.after));
        write_transactions(obj, company, &statement);
    });
    Ok(())
}

/// Bills that were set off against each other.
pub(crate) fn compensations(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let window = window(call)?;
    let company = &*call.company;
    let list = page(statements_of(company, |kind| kind == COMPENSATION), &window);
    obj.show("result_count", list.len());
    obj.list("result", company.plain_list(), list, |obj, statement| {
        obj.show("doc_date", WireDate(statement.date));
        obj.text("doc_id", &statement.id());
        obj.show("confirmation_date", WireDate(statement.date));
        obj.text("confirmed", "true");
        let sum: Decimal = statement.day.iter().map(|(_, payment)| payment.amount).sum();
        obj.show("compensation_amount", dot(sum));
        obj.show("count_code", format_args!("BK-{}", statement.number));
        obj.list("sales_bill_list", company.plain_list(), &statement.day, |obj, (doc, payment)| {
            obj.show("mk_id", doc.mk_id);
            obj.text("count_code", &doc.count_code);
            obj.show("doc_date", WireDate(doc.doc_date));
            obj.show("compensation_amount", dot(payment.amount));
        });
    });
    Ok(())
}

/// The last state of the account.
#[expect(clippy::unnecessary_wraps, reason = "handlers share one signature")]
pub(crate) fn status(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let company = &*call.company;
    let last = statements_of(company, |kind| kind != CASH && kind != COMPENSATION).pop();
    obj.list("statement_list", company.plain_list(), last, |obj, statement| {
        obj.text("opr_code", "0");
        obj.text("opr_time_ms", "0");
        obj.text("ttr", ACCOUNT);
        obj.text("currency", "EUR");
        obj.show("last_statement_count_code", statement.number);
        obj.show("last_statement_date", SlovenianDate(statement.date));
        obj.show("finished_state", dot(statement.after));
    });
    Ok(())
}
