//! A small ERP that loses answers, saves late and forgets, and workers that die between any two effects.

use domain::action::{ClaimType, ComplaintDeed, ComplaintLine, Deed, PaymentDeed, PaymentMode, tagged};
use domain::{
    ActionId, Currency, Document, DocumentKind, ErpId, Line, Object, PartyRef, Payment, RecordId, Status, Sums, Text,
};
use jiff::{SignedDuration, Timestamp, civil::date};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{
    Act, Action, Baseline, ComplaintSeen, Effect, Ended, FileContent, FileSeen, How, Input, Seen, Stage, View, Why,
};
use crate::twoway::{Outcome, Timing, gate_open};

const DEEDS: usize = 5;
/// The hash of what an attachment attaches.
const OURS: &str = "ours";

/// What becomes of a call that writes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Answered,
    Lost,
    /// It is done so many seconds after it was sent, and nobody is told.
    Late(i64),
    Never,
    NotSent,
}

impl Fate {
    fn of(n: u8) -> Self {
        match n % 8 {
            1 => Self::Lost,
            2 => Self::Late(30),
            3 => Self::Late(150 + 600),
            4 => Self::Never,
            5 => Self::NotSent,
            _ => Self::Answered,
        }
    }
}

/// A way to build the machine wrongly.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bad {
    Nothing,
    NoSettleWait,
    NoLookBeforeResend,
    NoBaseline,
}

fn text(s: &str) -> Text {
    Text::required(s).expect("text")
}

fn line(product: u64) -> Line {
    Line {
        erp_id: None,
        product: Some(ErpId::new(product)),
        code: None,
        name: None,
        description: None,
        unit: None,
        amount: Decimal::ONE,
        price: None,
        price_with_tax: None,
        discounts: Vec::new(),
        tax: None,
        making: domain::Making::default(),
    }
}

fn document(kind: DocumentKind, id: u64) -> Document {
    Document {
        erp_id: ErpId::new(id),
        kind,
        number: text("1"),
        date: None,
        title: None,
        notes: None,
        status: Status { label: Some(text("Ustvarjen")), key: Some(text("created")) },
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
        lines: vec![line(2)],
        sums: Sums { gross: Some(Decimal::from(1000)), ..Sums::default() },
        payments: Vec::new(),
        links: Vec::new(),
        delivery_events: Vec::new(),
        installments: Vec::new(),
        tracking: domain::Tracking::default(),
        particulars: [].into(),
        extra: [].into(),
        meta: [].into(),
    }
}

fn file(url: &str, content: FileContent) -> FileSeen {
    FileSeen { url: url.to_owned(), address: url.to_owned(), content }
}

fn ours() -> FileContent {
    FileContent::Hash(OURS.to_owned())
}

fn payment(notes: Option<String>) -> Payment {
    Payment {
        kind: Some(text("Gotovina")),
        date: Some(date(2026, 3, 10)),
        amount: Some(Decimal::TEN),
        notes: notes.map(|n| text(&n)),
    }
}

fn action(which: usize) -> Action {
    let at: Timestamp = "2026-03-10T09:00:00Z".parse().expect("a time");
    let order = DocumentKind::SalesOrder;
    let (kind, deed) = match which % DEEDS {
        0 => {
            let (payment_type, amount) = (text("Gotovina"), Decimal::TEN);
            let mode = PaymentMode::Payment;
            let date = date(2026, 3, 10);
            (order, Deed::Payment(PaymentDeed { mode, payment_type, date, amount, notes: None, over: false }))
        }
        1 => (order, Deed::Status { key: text("paused") }),
        2 => {
            let file_name = text("a.pdf");
            (order, Deed::Attachment { file_name, bytes: 3, hash: OURS.to_owned() })
        }
        3 => (DocumentKind::SalesOffer, Deed::OrderFromOffer { buyer_order: None }),
        _ => {
            let lines = vec![ComplaintLine { product: ErpId::new(2), amount: Decimal::ONE }];
            let claim = ClaimType::Return;
            let user_email = text("ana@example.com");
            (order, Deed::Complaint(ComplaintDeed { claim, user_email, reason: None, description: None, lines }))
        }
    };
    let tenant = format!("t_{:0>20}", 1).parse().expect("a tenant id");
    let id = ActionId::new(uuid::Uuid::from_u128(77));
    let record = RecordId::for_erp(&tenant, Object::Orders, ErpId::new(9));
    Action::planned(id, record, (kind, ErpId::new(9)), deed, "ana".to_owned(), at)
}

struct World {
    now: Timestamp,
    /// The row.
    row: Action,
    /// The ERP, and how often the deed was done in it.
    view: View,
    first_view: Option<View>,
    done: u32,
    late: Vec<Timestamp>,
    choices: Vec<u8>,
    at: usize,
    bad: Bad,
    timing: Timing,
}

impl World {
    fn new(which: usize, choices: Vec<u8>, bad: Bad) -> Self {
        let row = action(which);
        let mut document = document(row.kind, 9);
        document.payments.push(payment(Some("prej".to_owned())));
        document.sums.paid = Some(Decimal::TEN);
        let before = ComplaintSeen { erp_id: ErpId::new(50), description: Some(text("prej")) };
        let (complaints, files) = (vec![before], vec![file("https://erp.example/1", FileContent::Unread)]);
        let view = View { document, orders: Vec::new(), complaints, files, control: true };
        let settle = if bad == Bad::NoSettleWait { SignedDuration::ZERO } else { Timing::STANDARD.settle };
        let timing = Timing { settle, ..Timing::STANDARD };
        Self { now: row.at, row, view, first_view: None, done: 0, late: Vec::new(), choices, at: 0, bad, timing }
    }

    /// The next choice; when there are none left, nothing goes wrong any more.
    fn choose(&mut self) -> u8 {
        self.at += 1;
        self.choices.get(self.at - 1).copied().unwrap_or(0)
    }

    fn apply(&mut self) {
        let n = self.done;
        self.done += 1;
        let view = &mut self.view;
        match &self.row.deed {
            Deed::Payment(_) => {
                view.document.payments.push(payment(Some(tagged(None, self.row.id))));
                view.document.sums.paid = view.document.sums.paid.map(|paid| paid + Decimal::TEN);
            }
            Deed::OrderFromOffer { .. } => {
                view.orders.push(document(DocumentKind::SalesOrder, 100 + u64::from(n)));
            }
            Deed::Complaint(_) => view.complaints.push(ComplaintSeen {
                erp_id: ErpId::new(100 + u64::from(n)),
                description: Some(text(&tagged(None, self.row.id))),
            }),
            Deed::Attachment { .. } => view.files.push(file(&format!("https://erp.example/new/{n}"), ours())),
            deed => view.document.status.key = deed.target().map(text),
        }
    }

    fn pass(&mut self, by: SignedDuration) {
        self.now = self.now.checked_add(by).expect("in range");
        let now = self.now;
        let due = self.late.iter().filter(|at| **at <= now).count();
        self.late.retain(|at| *at > now);
        (0..due).for_each(|_| self.apply());
    }

    /// Somebody else books the same sum on the same day, with notes of their own.
    fn somebody_else_pays(&mut self) {
        self.view.document.payments.push(payment(Some("od kupca".to_owned())));
        self.view.document.sums.paid = self.view.document.sums.paid.map(|paid| paid + Decimal::TEN);
    }

    fn send(&mut self, since: Timestamp) -> Outcome {
        if !gate_open(since, self.now, self.now.duration_since(since), &self.timing) {
            return Outcome::NotSent;
        }
        match Fate::of(self.choose()) {
            Fate::Answered => {
                self.apply();
                Outcome::Done { erp_id: ErpId::new(100) }
            }
            Fate::Lost => {
                self.apply();
                Outcome::Unknown
            }
            Fate::Late(seconds) => {
                self.late.push(self.now + SignedDuration::from_secs(seconds));
                Outcome::Unknown
            }
            Fate::Never => Outcome::Unknown,
            Fate::NotSent => Outcome::NotSent,
        }
    }

    fn look(&mut self) -> Seen {
        let first = self.first_view.get_or_insert_with(|| self.view.clone());
        let blind = self.bad == Bad::NoLookBeforeResend && self.row.is_sending();
        let view = if blind { first.clone() } else { self.view.clone() };
        if self.choose() % 8 == 7 { Seen::CannotTell } else { Seen::There(Box::new(view)) }
    }

    fn save(&mut self, action: Action) -> bool {
        if action.version != self.row.version + 1 {
            return false;
        }
        self.row = action;
        if self.bad == Bad::NoBaseline && self.row.baseline.is_some() {
            self.row.baseline = Some(match self.row.baseline.take() {
                Some(Baseline::Files { .. }) => Baseline::Files { urls: Vec::new() },
                Some(other) => other,
                None => Baseline::Nothing,
            });
        }
        true
    }

    /// One visit; the worker may die before or after any effect, or stand still in between.
    fn visit(&mut self) -> Option<Ended> {
        let mut act = Act::new(self.row.id, self.timing);
        let mut input = Input::Begin;
        loop {
            let effect = act.step(input, self.now);
            let dies = self.choose() % 16;
            if dies == 15 {
                return None;
            }
            if dies == 14 {
                self.pass(SignedDuration::from_secs(70));
            }
            input = match effect {
                Effect::Done(ended) => return Some(ended),
                Effect::Load(_) => Input::Loaded { action: Some(Box::new(self.row.clone())), behind: None },
                Effect::Look(_) => Input::Looked(self.look()),
                Effect::Save(action) => {
                    if self.save(*action) {
                        Input::Saved
                    } else {
                        Input::Moved
                    }
                }
                Effect::Send { since, .. } => Input::Sent(self.send(since)),
            };
            if dies == 13 {
                return None;
            }
        }
    }

    /// Until it is over; what is wrong, if something is.
    fn run(&mut self, others: bool) -> Result<(), String> {
        for visit in 0.. {
            if visit > 200 {
                return Err(format!("it does not end: {:?}", self.row));
            }
            if visit == 1 && others {
                self.somebody_else_pays();
            }
            self.visit();
            if self.row.is_over() {
                break;
            }
            let due = self.row.due.ok_or("nothing is due and it is not over")?;
            let wait = due.duration_since(self.now).max(SignedDuration::from_secs(61));
            self.pass(wait);
        }
        // What was sent may still come.
        self.pass(SignedDuration::from_hours(2));
        let wanted = match &self.row.stage {
            Stage::Done { .. } => 1,
            Stage::Person { why: Why::GivenUp } => 0,
            other => return Err(format!("{other:?}, done {} times", self.done)),
        };
        // A set that is sent twice is the same.
        let is_set = self.row.deed.target().is_some();
        let fits = if is_set && wanted == 1 { self.done >= 1 } else { self.done == wanted };
        if fits { Ok(()) } else { Err(format!("{:?}, done {} times", self.row.stage, self.done)) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]
    #[test]
    fn whatever_is_lost_late_or_dies_it_is_done_once_and_ends(
        which in 0..DEEDS,
        choices in proptest::collection::vec(any::<u8>(), 0..40),
        others in any::<bool>(),
    ) {
        let mut world = World::new(which, choices, Bad::Nothing);
        prop_assert_eq!(world.run(others), Ok(()));
    }
}

/// Every way in which the first three sendings can end, without a worker that dies.
fn wrongs(bad: Bad) -> Vec<String> {
    let mut wrongs = Vec::new();
    for which in 0..DEEDS {
        for n in 0..6u8 * 6 * 6 {
            let fates = [n % 6, n / 6 % 6, n / 36];
            let mut world = World::new(which, Vec::new(), bad);
            // Load, its death, look, what it says, its death, save, send: the fate's place is found by running.
            let mut sent = 0;
            let wrong = loop {
                let before = world.at;
                world.visit_with(&fates, &mut sent);
                if world.row.is_over() || world.at - before == 0 || world.at > 2_000 {
                    break world.finish();
                }
                let due = world.row.due.unwrap_or(world.now);
                let wait = due.duration_since(world.now).max(SignedDuration::from_secs(1));
                world.pass(wait);
            };
            wrongs.extend(wrong.err());
        }
    }
    wrongs
}

impl World {
    /// A visit in which the `sent`th sending has the fate that is listed for it.
    fn visit_with(&mut self, fates: &[u8], sent: &mut usize) {
        let mut act = Act::new(self.row.id, self.timing);
        let mut input = Input::Begin;
        loop {
            input = match act.step(input, self.now) {
                Effect::Done(_) => return,
                Effect::Load(_) => Input::Loaded { action: Some(Box::new(self.row.clone())), behind: None },
                Effect::Look(_) => Input::Looked(self.look()),
                Effect::Save(action) => {
                    if self.save(*action) {
                        Input::Saved
                    } else {
                        Input::Moved
                    }
                }
                Effect::Send { since, .. } => {
                    self.choices = vec![0; self.at];
                    self.choices.push(fates.get(*sent).copied().unwrap_or(0));
                    *sent += 1;
                    Input::Sent(self.send(since))
                }
            };
        }
    }

    fn finish(&mut self) -> Result<(), String> {
        if !self.row.is_over() {
            return Err("it does not end".to_owned());
        }
        self.run(false)
    }
}

#[test]
fn the_machine_is_right_however_three_sendings_end() {
    assert_eq!(wrongs(Bad::Nothing), Vec::<String>::new());
}

#[test]
fn a_machine_that_does_not_wait_for_what_is_late_is_caught() {
    assert!(!wrongs(Bad::NoSettleWait).is_empty());
}

#[test]
fn a_machine_that_does_not_look_before_it_sends_again_is_caught() {
    assert!(!wrongs(Bad::NoLookBeforeResend).is_empty());
}

#[test]
fn a_machine_that_forgets_what_was_there_before_is_caught() {
    assert!(!wrongs(Bad::NoBaseline).is_empty());
}

/// The stage after a lost answer, when `change` happens before the look and nothing of ours arrives.
fn after_lost(which: usize, change: impl Fn(&mut World)) -> Stage {
    let mut world = World::new(which, Vec::new(), Bad::Nothing);
    world.visit_with(&[4], &mut 0);
    change(&mut world);
    let hour = SignedDuration::from_mins(20);
    for _ in 0..3 {
        if !world.row.is_over() && !matches!(world.row.stage, Stage::Sending { attempt: 2, .. }) {
            world.pass(hour);
            world.visit_with(&[4, 4, 4], &mut 0);
        }
    }
    world.row.stage
}

#[test]
fn an_equal_payment_of_somebody_else_is_not_taken_for_ours_and_one_without_notes_is_for_a_person() {
    let other = after_lost(0, World::somebody_else_pays);
    assert!(matches!(other, Stage::Sending { attempt: 2, .. }), "{other:?}");
    let bare = after_lost(0, |w| w.view.document.payments.push(payment(None)));
    assert_eq!(bare, Stage::Person { why: Why::Ambiguous });
}

#[test]
fn a_status_that_somebody_changed_meanwhile_is_not_overwritten() {
    let other = after_lost(1, |w| w.view.document.status.key = Some(text("problem")));
    assert_eq!(other, Stage::Person { why: Why::Changed });
}

#[test]
fn a_new_file_is_ours_by_its_bytes_alone() {
    let with = |content: FileContent| after_lost(2, |w| w.view.files.push(file("a", content.clone())));
    assert!(matches!(with(ours()), Stage::Done { how: How::Found, .. }));
    let (foreign, other) = (with(FileContent::Foreign), with(FileContent::Hash("somebody's".to_owned())));
    assert_eq!(foreign, Stage::Person { why: Why::Ambiguous }, "the ERP may have made it of ours");
    assert_eq!(other, foreign);
    assert!(matches!(with(FileContent::Unread), Stage::Sending { attempt: 1, .. }), "nothing is proven");
    let beside = after_lost(2, |w| w.view.files.extend([file("a", FileContent::Foreign), file("b", ours())]));
    assert!(matches!(beside, Stage::Done { how: How::Found, .. }));
    let gone = after_lost(2, |w| w.view.files.clear());
    assert_eq!(gone, Stage::Person { why: Why::Ambiguous });
}

#[test]
fn a_payment_that_no_longer_fits_is_not_sent_again() {
    let full = after_lost(0, |w| {
        w.view.document.payments.push(Payment { amount: Some(Decimal::from(985)), ..payment(Some("vse".to_owned())) });
        w.view.document.sums.paid = Some(Decimal::from(995));
    });
    assert_eq!(full, Stage::Rejected { code: "amount_over_open".to_owned() });
}

#[test]
fn what_nobody_can_reach_for_a_day_is_for_a_person_and_was_never_sent() {
    let mut world = World::new(0, Vec::new(), Bad::Nothing);
    world.pass(SignedDuration::from_hours(25));
    world.visit();
    assert_eq!((&world.row.stage, world.done), (&Stage::Person { why: Why::NeverSent }, 0));
}

#[test]
fn one_action_at_a_time_is_under_way_on_a_document() {
    let world = World::new(1, Vec::new(), Bad::Nothing);
    let mut act = Act::new(world.row.id, world.timing);
    act.step(Input::Begin, world.now);
    let behind = world.now + SignedDuration::from_mins(10);
    let waits = act.step(Input::Loaded { action: Some(Box::new(world.row)), behind: Some(behind) }, world.now);
    let Effect::Save(action) = waits else { panic!("{waits:?}") };
    assert_eq!((action.due, &action.stage), (Some(behind), &Stage::Planned));
}

#[test]
fn a_day_that_was_tomorrow_in_ljubljana_when_it_was_asked_for_is_still_taken() {
    let mut planned = action(0);
    planned.at = "2026-03-10T23:30:00Z".parse().expect("a time");
    let Deed::Payment(payment) = &mut planned.deed else { panic!("a payment") };
    // In Ljubljana it is the 11th.
    payment.date = date(2026, 3, 12);
    let mut act = Act::new(planned.id, Timing::STANDARD);
    let now = planned.at;
    act.step(Input::Begin, now);
    act.step(Input::Loaded { action: Some(Box::new(planned)), behind: None }, now);
    let document = document(DocumentKind::SalesOrder, 9);
    let view = View { document, orders: Vec::new(), complaints: Vec::new(), files: Vec::new(), control: true };
    let Effect::Save(saved) = act.step(Input::Looked(Seen::There(Box::new(view))), now) else { panic!("a save") };
    assert!(matches!(saved.stage, Stage::Sending { attempt: 1, .. }), "{:?}", saved.stage);
}
