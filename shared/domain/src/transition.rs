//! Which actions a document allows, by its kind and status, and with which inputs.
//!
//! Decides from the document alone, as data. A status that is shown without its
//! key is not known: it allows nothing that depends on it. Must not know what
//! became of an action.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::action::{ComplaintDeed, Deed, DeedKind, MAX_FILE, MAX_PAYMENT_NOTES, PaymentDeed, PaymentMode};
use crate::{Document, DocumentKind, Status};

/// The first day that a deed may name.
const FIRST_DAY: Date = date(2000, 1, 1);
/// The largest amount that is taken, whatever is said.
const LARGEST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
/// The most characters of a text.
const MAX_TEXT: usize = 1_000;
/// The most characters of a name, a key or a number.
const MAX_NAME: usize = 100;
/// The most lines of a complaint.
const MAX_LINES: usize = 100;

/// What an input looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// A decimal.
    Amount,
    /// A day.
    Date,
    /// A text.
    Text,
    /// Yes or no.
    Flag,
    /// One of the choices.
    Choice,
    /// Products and amounts.
    Lines,
    /// A file, in base64.
    File,
}

/// An input of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputField {
    /// Its name in the request.
    pub name: &'static str,
    /// What it looks like.
    pub kind: InputKind,
    /// It must be there.
    pub required: bool,
    /// What can be chosen.
    pub choices: &'static [&'static str],
}

const fn input(name: &'static str, kind: InputKind, required: bool) -> InputField {
    InputField { name, kind, required, choices: &[] }
}

/// What an action asks of the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// Nothing.
    Nothing,
    /// It is known and has none of these keys.
    KnownAndNot(&'static [&'static str]),
}

/// An action that documents of some kinds allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What it is.
    pub deed: DeedKind,
    kinds: &'static [DocumentKind],
    needs: Needs,
    /// Its inputs.
    pub inputs: &'static [InputField],
}

use DocumentKind::{SalesBillCreditNote, SalesBillDomestic, SalesBillForeign, SalesBillRetail, SalesOffer, SalesOrder};

const INVOICES: &[DocumentKind] = &[SalesBillDomestic, SalesBillForeign, SalesBillRetail];
const ORDER: &[DocumentKind] = &[SalesOrder];
const BEFORE_INVOICE: &[DocumentKind] = &[SalesOffer, SalesOrder];

const fn payment(kinds: &'static [DocumentKind], modes: &'static [InputField]) -> Transition {
    Transition { deed: DeedKind::Payment, kinds, needs: Needs::Nothing, inputs: modes }
}

const PAYMENT_BEFORE: &[InputField] = &payment_inputs(&["payment", "prepayment", "return"]);
const PAYMENT_AFTER: &[InputField] = &payment_inputs(&["payment", "return"]);

const fn payment_inputs(modes: &'static [&'static str]) -> [InputField; 6] {
    [
        InputField { name: "mode", kind: InputKind::Choice, required: true, choices: modes },
        input("payment_type", InputKind::Text, true),
        input("date", InputKind::Date, true),
        input("amount", InputKind::Amount, true),
        input("notes", InputKind::Text, false),
        input("over", InputKind::Flag, false),
    ]
}

/// All of them.
const TRANSITIONS: &[Transition] = &[
    payment(BEFORE_INVOICE, PAYMENT_BEFORE),
    payment(INVOICES, PAYMENT_AFTER),
    Transition {
        deed: DeedKind::Status,
        kinds: &[SalesOrder, SalesBillDomestic, SalesBillForeign, SalesBillRetail, SalesBillCreditNote],
        needs: Needs::KnownAndNot(&[]),
        inputs: &[input("key", InputKind::Text, true)],
    },
    Transition {
        deed: DeedKind::Cancel,
        kinds: ORDER,
        needs: Needs::KnownAndNot(&[
            "canceled",
            "shipped",
            "completed",
            "manually_closed",
            "package_returned",
            "group",
        ]),
        inputs: &[],
    },
    Transition {
        deed: DeedKind::Ship,
        kinds: ORDER,
        needs: Needs::KnownAndNot(&[
            "shipped",
            "completed",
            "canceled",
            "manually_closed",
            "package_returned",
            "duplicate",
            "draft",
            "group",
        ]),
        inputs: &[input("on", InputKind::Date, true)],
    },
    Transition {
        deed: DeedKind::OrderFromOffer,
        kinds: &[SalesOffer],
        needs: Needs::KnownAndNot(&["canceled", "duplicate", "rejected"]),
        inputs: &[input("buyer_order", InputKind::Text, false)],
    },
    Transition {
        deed: DeedKind::Complaint,
        kinds: ORDER,
        needs: Needs::KnownAndNot(&["draft", "canceled", "duplicate", "group"]),
        inputs: &[
            InputField {
                name: "claim",
                kind: InputKind::Choice,
                required: true,
                choices: &["reclamation", "return", "replacement"],
            },
            input("user_email", InputKind::Text, true),
            input("reason", InputKind::Text, false),
            input("description", InputKind::Text, false),
            input("lines", InputKind::Lines, true),
        ],
    },
    Transition {
        deed: DeedKind::Attachment,
        kinds: &DocumentKind::ALL,
        needs: Needs::Nothing,
        inputs: &[input("file_name", InputKind::Text, true), input("content", InputKind::File, true)],
    },
];

/// Why an action is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Barred {
    /// A stable code.
    pub code: &'static str,
    /// The input that is wrong, if it is one.
    pub input: Option<&'static str>,
    /// What is wrong.
    pub reason: &'static str,
}

const fn invalid(input: &'static str, reason: &'static str) -> Barred {
    Barred { code: "invalid_request", input: Some(input), reason }
}

/// The actions that a document allows.
pub fn allowed(kind: DocumentKind, status: &Status) -> impl Iterator<Item = &'static Transition> + use<'_> {
    TRANSITIONS.iter().filter(move |t| t.kinds.contains(&kind) && t.needs.are_met(status))
}

impl Needs {
    fn are_met(self, status: &Status) -> bool {
        match (self, &status.key) {
            (Self::Nothing, _) => true,
            (Self::KnownAndNot(barred), Some(key)) => !barred.contains(&key.as_str()),
            // Without a label there is no status; with one, its key is not known.
            (Self::KnownAndNot(_), None) => status.label.is_none(),
        }
    }
}

/// The inputs of a deed, with every choice that a kind of document has.
pub fn inputs(deed: DeedKind) -> &'static [InputField] {
    TRANSITIONS.iter().find(|t| t.deed == deed).map_or(&[], |t| t.inputs)
}

/// Whether `document` allows `deed` with these inputs. `today` is the day of the request.
///
/// # Errors
///
/// What stands in the way.
pub fn check(document: &Document, deed: &Deed, today: Date) -> Result<(), Barred> {
    let found = allowed(document.kind, &document.status).find(|t| t.deed == deed.kind());
    let transition = found.ok_or(Barred {
        code: "action_not_allowed",
        input: None,
        reason: "the document's kind or status does not allow it",
    })?;
    match deed {
        Deed::Payment(payment) => check_payment(document, payment, transition, today),
        Deed::Status { key } => short("key", key.as_str()),
        Deed::Cancel => Ok(()),
        Deed::Ship { on } => in_range("on", *on, today),
        Deed::OrderFromOffer { buyer_order } => {
            if document.partner.is_none() || document.lines.is_empty() {
                return Err(Barred {
                    code: "action_not_allowed",
                    input: None,
                    reason: "the offer has no partner or no lines",
                });
            }
            buyer_order.as_ref().map_or(Ok(()), |order| short("buyer_order", order.as_str()))
        }
        Deed::Complaint(complaint) => check_complaint(document, complaint),
        Deed::Attachment { file_name, bytes, .. } => {
            let odd = |c: char| matches!(c, '/' | '\\') || c.is_control();
            if file_name.as_str().chars().any(odd) {
                return Err(invalid("file_name", "a path or a control character in it"));
            }
            let fits = *bytes > 0 && usize::try_from(*bytes).is_ok_and(|n| n <= MAX_FILE);
            if !fits {
                return Err(invalid("content", "empty or larger than 4 MiB"));
            }
            short("file_name", file_name.as_str())
        }
    }
}

fn check_payment(document: &Document, payment: &PaymentDeed, t: &Transition, today: Date) -> Result<(), Barred> {
    let mode = match payment.mode {
        PaymentMode::Payment => "payment",
        PaymentMode::Prepayment => "prepayment",
        PaymentMode::Return => "return",
    };
    let modes = t.inputs.iter().find(|i| i.name == "mode").map_or(&[][..], |i| i.choices);
    if !modes.contains(&mode) {
        return Err(invalid("mode", "not possible for this kind of document"));
    }
    short("payment_type", payment.payment_type.as_str())?;
    in_range("date", payment.date, today)?;
    if payment.notes.as_ref().is_some_and(|n| n.as_str().chars().count() > MAX_PAYMENT_NOTES) {
        return Err(invalid("notes", "longer than 75 characters"));
    }
    positive("amount", payment.amount)?;
    if payment.amount.normalize().scale() > 2 {
        return Err(invalid("amount", "more than two decimals"));
    }
    let paid = document.sums.paid.unwrap_or_default();
    let open = match payment.mode {
        PaymentMode::Return => paid,
        PaymentMode::Payment | PaymentMode::Prepayment => document.sums.gross.unwrap_or_default() - paid,
    };
    if payment.amount > open && !payment.over {
        let reason = "more than what is open; say `over` when it is meant";
        return Err(Barred { code: "amount_over_open", input: Some("amount"), reason });
    }
    Ok(())
}

fn check_complaint(document: &Document, complaint: &ComplaintDeed) -> Result<(), Barred> {
    if !(1..=MAX_LINES).contains(&complaint.lines.len()) {
        return Err(invalid("lines", "not 1 to 100"));
    }
    for line in &complaint.lines {
        positive("lines", line.amount)?;
        if !document.lines.iter().any(|own| own.product == Some(line.product)) {
            return Err(invalid("lines", "a product that the order does not have"));
        }
    }
    let long = |text: &crate::Text| text.as_str().chars().count() > MAX_TEXT;
    if complaint.description.as_ref().is_some_and(long) {
        return Err(invalid("description", "longer than 1000 characters"));
    }
    if complaint.reason.as_ref().is_some_and(long) {
        return Err(invalid("reason", "longer than 1000 characters"));
    }
    crate::Email::parse(complaint.user_email.as_str()).map_err(|_| invalid("user_email", "no e-mail address"))?;
    Ok(())
}

fn positive(input: &'static str, amount: Decimal) -> Result<(), Barred> {
    if amount <= Decimal::ZERO {
        return Err(invalid(input, "not above zero"));
    }
    if amount > LARGEST { Err(invalid(input, "above a thousand million")) } else { Ok(()) }
}

fn short(input: &'static str, text: &str) -> Result<(), Barred> {
    if text.chars().count() > MAX_NAME { Err(invalid(input, "longer than 100 characters")) } else { Ok(()) }
}

fn in_range(input: &'static str, day: Date, today: Date) -> Result<(), Barred> {
    let last = today.tomorrow().unwrap_or(today);
    if (FIRST_DAY..=last).contains(&day) { Ok(()) } else { Err(invalid(input, "not between 2000 and tomorrow")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::ClaimType;
    use crate::{Currency, ErpId, Line, PartyRef, Sums, Text};

    const TODAY: Date = date(2026, 3, 10);

    fn text(s: &str) -> Text {
        Text::required(s).expect("text")
    }

    fn line() -> Line {
        Line {
            erp_id: Some(ErpId::new(1)),
            product: Some(ErpId::new(2)),
            code: None,
            name: None,
            description: None,
            unit: None,
            amount: Decimal::ONE,
            price: None,
            price_with_tax: None,
            discounts: Vec::new(),
            tax: None,
            making: crate::Making::default(),
        }
    }

    fn document(kind: DocumentKind, key: Option<&str>) -> Document {
        let status = Status { label: key.map(|_| text("Neki")), key: key.map(text) };
        Document {
            erp_id: ErpId::new(9),
            kind,
            number: text("1"),
            date: None,
            title: None,
            notes: None,
            status,
            partner: Some(PartyRef { erp_id: ErpId::new(3), name: None, address: None }),
            receiver: None,
            buyer_order: None,
            currency: Currency::EUR,
            warehouse: None,
            delivery_type: None,
            payment_method: None,
            due_date: None,
            valid_to: None,
            service_from: None,
            service_to: None,
            issued: false,
            discount_percent: None,
            lines: vec![line()],
            sums: Sums { gross: Some(Decimal::new(100, 0)), paid: Some(Decimal::new(40, 0)), ..Sums::default() },
            payments: Vec::new(),
            links: Vec::new(),
            delivery_events: Vec::new(),
            installments: Vec::new(),
            tracking: crate::Tracking::default(),
            particulars: [].into(),
            extra: [].into(),
            meta: [].into(),
        }
    }

    fn paid(mode: PaymentMode, amount: Decimal, date: Date) -> Deed {
        let payment_type = text("Gotovina");
        Deed::Payment(PaymentDeed { mode, payment_type, date, amount, notes: None, over: false })
    }

    fn kinds_of(document: &Document) -> Vec<&'static str> {
        allowed(document.kind, &document.status).map(|t| t.deed.name()).collect()
    }

    #[test]
    fn what_is_allowed_follows_kind_and_status() {
        let order = |key| kinds_of(&document(SalesOrder, key));
        assert_eq!(order(Some("created")), ["payment", "status", "cancel", "ship", "complaint", "attachment"]);
        assert_eq!(order(Some("shipped")), ["payment", "status", "complaint", "attachment"]);
        assert_eq!(order(Some("canceled")), ["payment", "status", "attachment"]);
        assert_eq!(order(None), ["payment", "status", "cancel", "ship", "complaint", "attachment"]);
        assert_eq!(kinds_of(&document(SalesOffer, None)), ["payment", "order_from_offer", "attachment"]);
        assert_eq!(kinds_of(&document(SalesBillForeign, None)), ["payment", "status", "attachment"]);
        assert_eq!(kinds_of(&document(SalesBillCreditNote, None)), ["status", "attachment"]);
    }

    #[test]
    fn a_status_whose_key_is_not_known_allows_only_what_does_not_depend_on_it() {
        let mut order = document(SalesOrder, None);
        order.status.label = Some(text("Odpremljen"));
        assert_eq!(kinds_of(&order), ["payment", "attachment"]);
        assert_eq!(check(&order, &Deed::Cancel, TODAY).expect_err("unknown").code, "action_not_allowed");
    }

    #[test]
    fn a_payment_is_above_zero_and_not_more_than_what_is_open_unless_it_is_meant() {
        let invoice = document(SalesBillDomestic, None);
        let code = |deed: &Deed| check(&invoice, deed, TODAY).map_err(|b| (b.code, b.input));
        let pay = |n: i64| paid(PaymentMode::Payment, Decimal::new(n, 2), TODAY);
        assert_eq!(code(&pay(6000)), Ok(()));
        assert_eq!(code(&pay(6001)), Err(("amount_over_open", Some("amount"))));
        for wrong in [0, -1, i64::MAX] {
            assert_eq!(code(&pay(wrong)), Err(("invalid_request", Some("amount"))), "{wrong}");
        }
        let fine = paid(PaymentMode::Payment, Decimal::new(1001, 3), TODAY);
        assert_eq!(code(&fine), Err(("invalid_request", Some("amount"))), "less than a cent");
        let Deed::Payment(over) = pay(6001) else { panic!("a payment") };
        assert_eq!(code(&Deed::Payment(PaymentDeed { over: true, ..over.clone() })), Ok(()));
        let huge = PaymentDeed { over: true, amount: Decimal::new(i64::MAX, 0), ..over };
        assert_eq!(code(&Deed::Payment(huge)), Err(("invalid_request", Some("amount"))), "whatever is said");
        let back = |n: i64| code(&paid(PaymentMode::Return, Decimal::new(n, 2), TODAY));
        assert_eq!((back(4000), back(4001)), (Ok(()), Err(("amount_over_open", Some("amount")))));
        let before = paid(PaymentMode::Prepayment, Decimal::ONE, TODAY);
        assert_eq!(code(&before), Err(("invalid_request", Some("mode"))));
        assert_eq!(check(&document(SalesOrder, None), &before, TODAY), Ok(()));
    }

    #[test]
    fn a_day_is_between_2000_and_tomorrow() {
        let order = document(SalesOrder, Some("created"));
        for (day, fits) in [
            (date(1900, 1, 1), false),
            (date(1999, 12, 31), false),
            (FIRST_DAY, true),
            (date(2026, 3, 11), true),
            (date(2026, 3, 12), false),
            (date(2100, 1, 1), false),
        ] {
            let pay = paid(PaymentMode::Payment, Decimal::ONE, day);
            assert_eq!(check(&order, &pay, TODAY).is_ok(), fits, "{day}");
            assert_eq!(check(&order, &Deed::Ship { on: day }, TODAY).is_ok(), fits, "{day}");
        }
    }

    #[test]
    fn a_complaint_is_about_goods_of_the_order() {
        let order = document(SalesOrder, Some("shipped"));
        let complaint = |product, amount| {
            Deed::Complaint(ComplaintDeed {
                claim: ClaimType::Return,
                user_email: text("ana@example.com"),
                reason: None,
                description: None,
                lines: vec![crate::action::ComplaintLine { product: ErpId::new(product), amount }],
            })
        };
        assert_eq!(check(&order, &complaint(2, Decimal::ONE), TODAY), Ok(()));
        assert!(check(&order, &complaint(5, Decimal::ONE), TODAY).is_err());
        assert!(check(&order, &complaint(2, Decimal::ZERO), TODAY).is_err());
    }

    #[test]
    fn every_input_that_a_deed_needs_is_listed() {
        for t in TRANSITIONS {
            for input in t.inputs {
                assert_eq!(input.kind == InputKind::Choice, !input.choices.is_empty(), "{:?}", t.deed);
            }
        }
    }
}
