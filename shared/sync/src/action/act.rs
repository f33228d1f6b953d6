//! The machine of one action.
//!
//! Decides each next effect. It writes down that it may send before it sends,
//! and never sends again before a lost answer's time is up and two looks at the
//! document found nothing of ours. An interpreter that stops anywhere leaves a
//! row from which the next one goes on.

use domain::action::Deed;
use domain::day::day_of;
use domain::transition;
use jiff::{SignedDuration, Timestamp};

use super::judge::{Seen, Verdict, View, baseline, judge};
use super::{Action, How, PATIENCE, Stage, Why};
use crate::twoway::{Outcome, Timing};
use domain::ActionId;

/// The longest that looks which say nothing are apart, in waits.
const MAX_WAITS: u32 = 30;

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Load the action, consistently, and what stands before it.
    Load(ActionId),
    /// Read the document, and what the action would leave.
    Look(Box<Action>),
    /// Write the action if it is still at the version before and the lease is still held.
    Save(Box<Action>),
    /// Send it, if the window since `since` is open by both clocks; else answer `NotSent`.
    Send {
        /// What.
        action: Box<Action>,
        /// When it was allowed.
        since: Timestamp,
    },
    /// That is all for now.
    Done(Ended),
}

/// What the machine is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Begin.
    Begin,
    /// The action that was asked for.
    Loaded {
        /// It.
        action: Option<Box<Action>>,
        /// When to look again at another action on the same document that may be under way in the ERP: one at a time.
        behind: Option<Timestamp>,
    },
    /// What the look brought.
    Looked(Seen),
    /// It is written.
    Saved,
    /// It is at another version; nothing was written.
    Moved,
    /// How the send ended.
    Sent(Outcome),
}

/// How a visit to an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is over.
    Over,
    /// It waits.
    Waits,
    /// Somebody else wrote it: look again.
    Moved,
    /// The ERP refuses everything at present.
    NoAccess,
}

#[derive(Debug)]
enum Step {
    Idle,
    Loading,
    /// The look before the first send.
    Before,
    /// The look after a lost answer.
    After,
    /// The look for what was made, when the ERP said that it was.
    Made,
    /// The look when the ERP said that such a record is there already.
    Taken,
    Allowing,
    Sending,
    Saving(Ended),
}

/// One visit to an action.
#[derive(Debug)]
pub struct Act {
    id: ActionId,
    timing: Timing,
    step: Step,
    action: Option<Box<Action>>,
}

impl Act {
    /// A visit to the action of this id.
    pub const fn new(id: ActionId, timing: Timing) -> Self {
        Self { id, timing, step: Step::Idle, action: None }
    }

    /// Takes an input and says what is to be done next. Inputs that it does not wait for end the visit.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Effect {
        let step = std::mem::replace(&mut self.step, Step::Idle);
        match (step, input) {
            (Step::Idle, Input::Begin) => {
                self.step = Step::Loading;
                Effect::Load(self.id)
            }
            (Step::Loading, Input::Loaded { action, behind }) => self.begin(action, behind, now),
            (Step::Before, Input::Looked(seen)) => self.before(seen, now),
            (Step::After, Input::Looked(seen)) => self.after(seen, now),
            (Step::Made, Input::Looked(seen)) => self.made(&seen),
            (Step::Taken, Input::Looked(seen)) => self.taken(seen, now),
            (Step::Allowing, Input::Saved) => self.send(),
            (Step::Sending, Input::Sent(outcome)) => self.sent(outcome, now),
            (Step::Saving(ended), Input::Saved) => Effect::Done(ended),
            _ => Effect::Done(Ended::Moved),
        }
    }

    fn begin(&mut self, action: Option<Box<Action>>, behind: Option<Timestamp>, now: Timestamp) -> Effect {
        let Some(mut action) = action else { return Effect::Done(Ended::Over) };
        if action.is_over() {
            return Effect::Done(Ended::Over);
        }
        if action.due.is_some_and(|due| due > now) {
            return Effect::Done(Ended::Waits);
        }
        if action.is_sending() {
            return self.look(action, Step::After);
        }
        if let Some(behind) = behind {
            action.due = Some(behind.max(self.later(now, 1)));
            return self.save(action, Step::Saving(Ended::Waits));
        }
        if now.duration_since(action.at) > PATIENCE {
            return self.end(action, Stage::Person { why: Why::NeverSent });
        }
        self.look(action, Step::Before)
    }

    fn before(&mut self, seen: Seen, now: Timestamp) -> Effect {
        let Some(mut action) = self.action.take() else { return Effect::Done(Ended::Moved) };
        let view = match seen {
            Seen::CannotTell => {
                action.due = Some(self.later(now, 1));
                return self.save(action, Step::Saving(Ended::Waits));
            }
            Seen::Gone => return self.end(action, rejected("document_missing")),
            Seen::There(view) => view,
        };
        let status = view.document.status.key.as_ref().map(domain::Text::as_str);
        if status.is_some() && status == action.deed.target() {
            return self.end(action, Stage::Done { how: How::Already, made: None });
        }
        if let Err(barred) = transition::check(&view.document, &action.deed, day_of(action.at)) {
            return self.end(action, rejected(barred.code));
        }
        match baseline(&action, &view) {
            Ok(baseline) => action.baseline = Some(baseline),
            Err(code) => return self.end(action, rejected(code)),
        }
        self.allow(action, 1, now)
    }

    /// Writes down that it may be sent; the send follows when that is written.
    fn allow(&mut self, mut action: Box<Action>, attempt: u32, now: Timestamp) -> Effect {
        action.stage = Stage::Sending { attempt, since: now, absent: 0, unclear: 0 };
        action.due = Some(self.later(now, 1));
        self.save(action, Step::Allowing)
    }

    fn send(&mut self) -> Effect {
        let Some(action) = self.action.clone() else { return Effect::Done(Ended::Moved) };
        let Stage::Sending { since, .. } = action.stage else { return Effect::Done(Ended::Moved) };
        self.step = Step::Sending;
        Effect::Send { action, since }
    }

    fn sent(&mut self, outcome: Outcome, now: Timestamp) -> Effect {
        let Some(mut action) = self.action.take() else { return Effect::Done(Ended::Moved) };
        match outcome {
            Outcome::Done { erp_id } => match action.deed {
                // The ERP answers without an id.
                Deed::Complaint(_) => self.look(action, Step::Made),
                Deed::OrderFromOffer { .. } => self.end(action, Stage::Done { how: How::Answered, made: Some(erp_id) }),
                _ => self.end(action, Stage::Done { how: How::Answered, made: None }),
            },
            // It was not executed, and nothing was sent before it: somebody else's.
            Outcome::Duplicate { .. } if matches!(action.stage, Stage::Sending { attempt: 1, .. }) => {
                self.end(action, rejected("buyer_order_taken"))
            }
            Outcome::Duplicate { .. } => self.look(action, Step::Taken),
            Outcome::Rejected { code } => self.end(action, Stage::Rejected { code }),
            // The row says when to look.
            Outcome::Unknown => Effect::Done(Ended::Waits),
            Outcome::NotSent | Outcome::NoAccess => {
                let ended = if outcome == Outcome::NoAccess { Ended::NoAccess } else { Ended::Waits };
                // Of a later sending the earlier one may still be open: only the first is taken back.
                if matches!(action.stage, Stage::Sending { attempt: 1, .. }) {
                    action.stage = Stage::Planned;
                    action.baseline = None;
                    action.due = Some(self.later(now, 1));
                }
                self.save(action, Step::Saving(ended))
            }
        }
    }

    fn made(&mut self, seen: &Seen) -> Effect {
        let Some(action) = self.action.take() else { return Effect::Done(Ended::Moved) };
        let made = match seen {
            Seen::There(view) => match judge(&action, view) {
                Verdict::Ours(made) => made,
                _ => None,
            },
            _ => None,
        };
        self.end(action, Stage::Done { how: How::Answered, made })
    }

    /// The ERP did not execute it, for such a record is there: an earlier sending of ours, or somebody else's.
    fn taken(&mut self, seen: Seen, now: Timestamp) -> Effect {
        let Some(action) = self.action.take() else { return Effect::Done(Ended::Moved) };
        let Seen::There(view) = seen else { return self.unclear(action, now) };
        match judge(&action, &view) {
            Verdict::Ours(made) => self.end(action, Stage::Done { how: How::Found, made }),
            Verdict::Person(why) => self.end(action, Stage::Person { why }),
            Verdict::Absent | Verdict::Unproven => self.end(action, rejected("buyer_order_taken")),
        }
    }

    fn after(&mut self, seen: Seen, now: Timestamp) -> Effect {
        let Some(action) = self.action.take() else { return Effect::Done(Ended::Moved) };
        let view = match seen {
            Seen::CannotTell => return self.unclear(action, now),
            // It may have been done before the document was deleted.
            Seen::Gone => return self.end(action, Stage::Person { why: Why::Gone }),
            Seen::There(view) => view,
        };
        match judge(&action, &view) {
            Verdict::Ours(made) => self.end(action, Stage::Done { how: How::Found, made }),
            Verdict::Person(why) => self.end(action, Stage::Person { why }),
            Verdict::Unproven => self.unclear(action, now),
            Verdict::Absent => self.absent(action, &view, now),
        }
    }

    fn absent(&mut self, mut action: Box<Action>, view: &View, now: Timestamp) -> Effect {
        let settled = action.settled_at(&self.timing).unwrap_or(Timestamp::MAX);
        if now < settled {
            // What was sent may still appear.
            action.due = Some(settled);
            return self.save(action, Step::Saving(Ended::Waits));
        }
        let Stage::Sending { attempt, absent, .. } = &mut action.stage else { return Effect::Done(Ended::Moved) };
        *absent += 1;
        let (attempt, absent) = (*attempt, *absent);
        if absent < self.timing.probes {
            action.due = Some(now.saturating_add(self.timing.between_probes).unwrap_or(Timestamp::MAX));
            return self.save(action, Step::Saving(Ended::Waits));
        }
        if attempt >= self.timing.attempts {
            return self.end(action, Stage::Person { why: Why::GivenUp });
        }
        // Proven absent: what is sent now must still be what was meant.
        if let Err(barred) = transition::check(&view.document, &action.deed, day_of(action.at)) {
            return self.end(action, rejected(barred.code));
        }
        self.allow(action, attempt + 1, now)
    }

    /// The look says nothing. After a day a person has to look.
    fn unclear(&mut self, mut action: Box<Action>, now: Timestamp) -> Effect {
        let Stage::Sending { since, unclear, .. } = &mut action.stage else { return Effect::Done(Ended::Moved) };
        if now.duration_since(*since) > PATIENCE {
            return self.end(action, Stage::Person { why: Why::CannotTell });
        }
        *unclear += 1;
        let waits = (*unclear).min(MAX_WAITS);
        action.due = Some(self.later(now, waits));
        self.save(action, Step::Saving(Ended::Waits))
    }

    fn end(&mut self, mut action: Box<Action>, stage: Stage) -> Effect {
        action.stage = stage;
        action.due = None;
        self.save(action, Step::Saving(Ended::Over))
    }

    fn save(&mut self, mut action: Box<Action>, then: Step) -> Effect {
        action.version += 1;
        self.step = then;
        self.action = Some(action.clone());
        Effect::Save(action)
    }

    fn look(&mut self, action: Box<Action>, then: Step) -> Effect {
        self.step = then;
        self.action = Some(action.clone());
        Effect::Look(action)
    }

    fn later(&self, now: Timestamp, waits: u32) -> Timestamp {
        let wait = self.timing.retry.checked_mul(i32::try_from(waits).unwrap_or(1)).unwrap_or(SignedDuration::MAX);
        now.saturating_add(wait).unwrap_or(Timestamp::MAX)
    }
}

fn rejected(code: &str) -> Stage {
    Stage::Rejected { code: code.to_owned() }
}
